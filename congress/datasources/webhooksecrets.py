"""Secrets with which senders push data into one datasource, in place of a token of Keystone."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import logging
import secrets
import uuid

from congress.datasources.errors import DatasourceNotFound
from congress.db import certain, webhooksecrets
from congress.db import datasources as stored
from congress.db.session import Database
from congress.db.webhooksecrets import SecretRecord
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
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
        with certain.writer(self._database) as session:
            found = stored.find(session, datasource)
            if found is None:
                raise DatasourceNotFound(datasource)
            webhooksecrets.lock(session, found.id)
            if len(webhooksecrets.of(session, found.id)) >= MOST:
                raise SecretsTaken(
                    f"datasource '{datasource}' has {MOST} secrets already; delete the one that no sender uses"
                )
            webhooksecrets.add(session, found.id, record)
        LOG.info("webhook secret %s of datasource %s is made", record.id, found.name)
        return record, text

    def delete(self, datasource: str, secret_id: str) -> SecretRecord:
        """Make a secret invalid from now on. Raises SecretNotFound."""
        with certain.writer(self._database) as session:
            found = stored.find(session, datasource)
            if found is None:
                raise DatasourceNotFound(datasource)
            for record in webhooksecrets.of(session, found.id):
                if record.id == secret_id:
                    webhooksecrets.remove(session, secret_id)
                    break
            else:
                raise SecretNotFound(f"datasource '{datasource}' has no secret '{secret_id}'")
        LOG.info("webhook secret %s of datasource %s is deleted", record.id, found.name)
        return record

    def opens(self, datasource: str, text: str) -> bool:
        """Whether the text is a valid secret of the datasource; False when there is no such datasource."""
        with self._database.reader() as session:
            found = stored.find(session, datasource)
            valid = webhooksecrets.of(session, found.id) if found else []
        shown = _digest(text)
        # Each is compared, and each in a time that does not depend on how much of it is right.
        fitting = [record.id for record in valid if hmac.compare_digest(shown, record.digest)]
        if fitting:
            LOG.info("a sender shows webhook secret %s of datasource %s", fitting[0], datasource)
        elif found:
            LOG.warning("a sender without a valid secret is refused at datasource %s", datasource)
        return bool(fitting)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
