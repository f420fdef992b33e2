"""The policy revision: a number that grows with every change of policies, rules and datasources, whoever makes it.

A change counts only on top of the revision that its maker has seen (compare-and-swap), so no two engines can make
changes that are each right and together wrong. It needs no lock that lasts longer than the transaction, and works on
clusters whose nodes take writes side by side: there the later of two commits fails.
"""

from __future__ import annotations

import uuid

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from congress.db import models

REMEMBERED = 10_000
"""Changes of which it can be told who made them."""


def current(session: Session) -> int:
    """The number now."""
    return session.scalars(select(models.PolicyRevision.number)).one_or_none() or 0


def advance(session: Session, before: int, token: str) -> bool:
    """Count one change on top of revision `before`; False when that is not the revision any longer.

    The first statement of a transaction, and so the moment from which the rest of it is alone. `token` names the
    change, for `decided`.
    """
    number = models.PolicyRevision.number
    counted = session.execute(update(models.PolicyRevision).where(number == before).values(number=before + 1))
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        return False
    session.execute(insert(models.RevisionToken).values(number=before + 1, token=token))
    session.execute(delete(models.RevisionToken).where(models.RevisionToken.number == before + 1 - REMEMBERED))
    return True


def decided(session: Session, before: int, token: str) -> bool | None:
    """Whether the change `token` on top of `before` is stored; False: it never will be; None: ask again.

    A commit whose connection was lost may still be under way, even on another node of a cluster. So it is not enough
    to look: an empty change is counted in its place. Either that fails because the change is there, or it is stored,
    and then the lost one cannot be any longer. The caller commits.
    """
    if advance(session, before, str(uuid.uuid4())):
        return False
    if current(session) <= before:  # a node that has not heard of the change below ours
        return None
    made = select(models.RevisionToken.token).where(models.RevisionToken.number == before + 1)
    return session.scalars(made).one_or_none() == token
