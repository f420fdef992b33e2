"""Changes whose end is known even when the connection breaks during the commit.

Each writes a token beside what it changes. Who wants to know how a lost commit ended writes the same token: that fails
when the change is stored, and waits while it is still under way, even on another node of a cluster; when it succeeds,
the lost commit cannot any longer. A second token beside it says who wrote the first one, since the commit of the
question may be lost, too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from oslo_db.exception import DBDuplicateEntry
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from congress.db import models
from congress.db.session import Database


@contextmanager
def writer(database: Database) -> Iterator[Session]:
    """A session that is committed when the block ends. The block fails only when nothing was stored, or with
    OutcomeUnknown when the database stays out of reach. For changes that are not counted; others see `revision`."""
    token, given_up = str(uuid.uuid4()), str(uuid.uuid4())

    def is_stored(session: Session) -> bool:
        try:
            with session.begin_nested():
                session.execute(insert(models.WriteToken), [{"token": token}, {"token": given_up}])
        except (DBDuplicateEntry, IntegrityError):
            found = select(models.WriteToken.token).where(models.WriteToken.token == given_up)
            return session.scalars(found).one_or_none() is None
        return False

    with database.certain_writer(is_stored) as session:
        spent = database.spent_tokens()
        if spent:
            session.execute(delete(models.WriteToken).where(models.WriteToken.token.in_(spent)))
        session.execute(insert(models.WriteToken).values(token=token))
        yield session
    database.spend_token(token)
