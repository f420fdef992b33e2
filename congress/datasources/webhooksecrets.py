"""Secrets with which senders push data into one datasource, in place of a token of Keystone."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import secrets
import uuid

from congress.datasources.errors import DatasourceNotFound
from congress.db import datasources as stored
from congress.db import webhooksecrets
from congress.db.session import Database
from congress.db.webhooksecrets import SecretRecord
from congress.errors import CongressError

MOST = 2
"""Secrets of one datasource at a time: during a rotation the old one and the new one are valid."""


class SecretsTaken(CongressError):
    """The datasource has as many secrets as it may."""


class SecretNotFound(CongressError):
    """The datasource has no such secret."""


class WebhookSecrets:
    """All methods are safe to call from any thread; those that take a datasource raise DatasourceNotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def secrets(self, datasource: str) -> list[SecretRecord]:
        """The valid secrets, the oldest first."""
        with self._database.reader() as session:
            found = stored.find(session, datasource)
            if found is None:
                raise DatasourceNotFound(datasource)
            return webhooksecrets.of(session, found.id)

    def create(self, datasource: str) -> tuple[SecretRecord, str]:
        """A new secret and its text, which is told here and never again. Raises SecretsTaken."""
        # 256 random bits need neither salt nor a slow digest: nobody can try them all.
        text = secrets.token_urlsafe(32)
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
        record = SecretRecord(str(uuid.uuid4()), _digest(text), now)
        with self._database.writer() as session:
            found = stored.find(session, datasource)
            if found is None:
                raise DatasourceNotFound(datasource)
            webhooksecrets.lock(session, found.id)
            if len(webhooksecrets.of(session, found.id)) >= MOST:
                raise SecretsTaken(
                    f"datasource '{datasource}' has {MOST} secrets already; delete the one that no sender uses"
                )
            webhooksecrets.add(session, found.id, record)
        return record, text

    def delete(self, datasource: str, secret_id: str) -> SecretRecord:
        """Make a secret invalid from now on. Raises SecretNotFound."""
        with self._database.writer() as session:
            found = stored.find(session, datasource)
            if found is None:
                raise DatasourceNotFound(datasource)
            for record in webhooksecrets.of(session, found.id):
                if record.id == secret_id:
                    webhooksecrets.remove(session, secret_id)
                    return record
        raise SecretNotFound(f"datasource '{datasource}' has no secret '{secret_id}'")

    def opens(self, datasource: str, text: str) -> bool:
        """Whether the text is a valid secret of the datasource; False when there is no such datasource."""
        try:
            valid = self.secrets(datasource)
        except DatasourceNotFound:
            return False
        shown = _digest(text)
        # Each is compared, and each in a time that does not depend on how much of it is right.
        return sum(hmac.compare_digest(shown, record.digest) for record in valid) > 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
