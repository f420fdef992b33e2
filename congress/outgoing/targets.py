"""The webhooks to which events are sent, and what they did not take."""

from __future__ import annotations

import datetime
import logging
import secrets
import uuid
from dataclasses import replace
from typing import Protocol

from sqlalchemy.orm import Session

from congress.db import certain
from congress.db import changelog as log
from congress.db import eventtargets as stored
from congress.db.eventtargets import Letter, Target
from congress.db.session import Database
from congress.outgoing import webhook
from congress.outgoing.errors import LetterNotFound, TooManyWebhooks, WebhookNotFound

LOG = logging.getLogger(__name__)
MOST = 100
"""Webhooks that there may be: each is a reader of the change log."""
BUS = "messages"
"""The id of the target that is no webhook: notifications through oslo.messaging."""


class Cipher(Protocol):
    """Encrypts what must not be read in the database."""

    def encrypt(self, text: str) -> str: ...

    def decrypt(self, stored: str) -> str: ...


def now() -> datetime.datetime:
    """The time, as it is stored."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


class Webhooks:
    """All methods are safe to call from any thread, in any process."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database, self._cipher = database, cipher

    def every(self) -> list[tuple[Target, int]]:
        """The webhooks, the oldest first, each with the number of its dead letters."""
        with self._database.reader() as session:
            dead = stored.count_letters(session)
            return [(each, dead.get(each.id, 0)) for each in stored.every(session) if each.id != BUS]

    def webhook(self, identity: str) -> tuple[Target, int]:
        """One of them. Raises WebhookNotFound."""
        with self._database.reader() as session:
            return _found(session, identity), stored.count_letters(session).get(identity, 0)

    def create(self, url: str, description: str, policy: str | None, table: str | None) -> tuple[Target, str]:
        """A webhook for what happens from now on, and the secret that signs it, which is told here and never again.

        Raises WebhookInvalid, TooManyWebhooks.
        """
        text = secrets.token_urlsafe(32)
        made = now()
        target = Target(
            str(uuid.uuid4()),
            webhook.checked(url),
            description,
            policy,
            table,
            self._cipher.encrypt(text),
            0,
            made,
            made,
        )
        with certain.writer(self._database) as session:
            if len(stored.every(session)) >= MOST:
                raise TooManyWebhooks(f"there are {MOST} webhooks already; delete one that nobody needs")
            target = replace(target, position=log.reach(session).latest)
            stored.add(session, target)
        LOG.info("events are sent to webhook %s", target.id)
        return target, text

    def delete(self, identity: str) -> Target:
        """Send nothing there any more. Raises WebhookNotFound."""
        with certain.writer(self._database) as session:
            found = _found(session, identity)
            stored.remove(session, identity)
        LOG.info("events are not sent to webhook %s any more", identity)
        return found

    def letters(self, identity: str) -> list[Letter]:
        """What the webhook did not take, the oldest first. Raises WebhookNotFound."""
        with self._database.reader() as session:
            _found(session, identity)
            return stored.letters(session, identity)

    def send_again(self, identity: str, letter: str) -> Letter:
        """Have a dead letter sent again soon. Raises WebhookNotFound, LetterNotFound."""
        with certain.writer(self._database) as session:
            again = replace(_letter(session, identity, letter), attempts=0)
            stored.put_letter(session, again)
        return again

    def delete_letter(self, identity: str, letter: str) -> Letter:
        """Give a dead letter up. Raises WebhookNotFound, LetterNotFound."""
        with certain.writer(self._database) as session:
            found = _letter(session, identity, letter)
            stored.remove_letter(session, letter)
        return found


def _found(session: Session, identity: str) -> Target:
    found = stored.get(session, identity)
    if found is None or identity == BUS:
        raise WebhookNotFound(identity)
    return found


def _letter(session: Session, identity: str, letter: str) -> Letter:
    _found(session, identity)
    for each in stored.letters(session, identity):
        if each.id == letter:
            return each
    raise LetterNotFound(letter)
