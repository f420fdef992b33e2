"""Exchanges the key that the secrets of datasources and of outgoing webhooks are encrypted with."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from congress.datasources.contract import Driver
from congress.datasources.masking import secret_names
from congress.datasources.secrets import Secrets, SecretUnreadable
from congress.db import datasources as stored
from congress.db import eventtargets
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database
from congress.errors import CongressError


class RotationRefused(CongressError):
    """A secret cannot be read, so that its key must not go; the text names the datasources."""


def rotate(database: Database, secrets: Secrets, drivers: Mapping[str, type[Driver]]) -> int:
    """Encrypt all secrets with a new key; answers how many. Secrets that were stored in clear are encrypted too.

    Interrupted anywhere, all secrets stay readable, and it can be run again. Raises RotationRefused.
    """
    with database.reader() as session:
        _clear(stored.every(session), secrets)
        _webhooks(session, secrets)
    secrets.exchange()
    with database.writer() as session:
        number = _encrypt_again(session, secrets, drivers)
    secrets.forget()
    return number


def _encrypt_again(session: Session, secrets: Secrets, drivers: Mapping[str, type[Driver]]) -> int:
    webhooks = _webhooks(session, secrets)
    for identity, text in webhooks.items():
        eventtargets.set_secret(session, identity, secrets.encrypt(text))
    number = len(webhooks)
    records = stored.every(session)
    clear = _clear(records, secrets)
    for record in records:
        names = sorted(secret_names(drivers.get(record.driver), record.config).union(record.encrypted))
        encrypted = {name: secrets.encrypt(clear[record.id][name]) for name in names}
        stored.set_config(session, record.id, {**record.config, **encrypted}, names)
        number += len(names)
    return number


def _webhooks(session: Session, secrets: Secrets) -> dict[str, str]:
    """Outgoing webhook -> its secret in clear."""
    try:
        return {each.id: secrets.decrypt(each.secret) for each in eventtargets.every(session) if each.secret}
    except SecretUnreadable as error:
        raise RotationRefused(
            "the secret of a webhook for events cannot be read with the present key; bring its key file back, or "
            "delete the webhook, then rotate again"
        ) from error


def _clear(records: list[DatasourceRecord], secrets: Secrets) -> dict[str, dict[str, str]]:
    """Datasource id -> its configuration in clear."""
    found, unreadable = {}, []
    for record in records:
        try:
            found[record.id] = {
                name: secrets.decrypt(text) if name in record.encrypted else text
                for name, text in record.config.items()
            }
        except SecretUnreadable:
            unreadable.append(record.name)
    if unreadable:
        raise RotationRefused(
            f"secrets of {', '.join(unreadable)} cannot be read with the present key; bring its key file back, or "
            "delete these datasources, then rotate again"
        )
    return found
