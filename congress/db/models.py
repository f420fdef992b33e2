"""The tables of the database. Every change here needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.mysql import DATETIME, LONGBLOB, LONGTEXT, VARCHAR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_LONG_TEXT = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
# MySQL would take "error" and "Error" for one name; rules do not.
_NAME = String(255).with_variant(VARCHAR(255, collation="utf8mb4_bin"), "mysql", "mariadb")
_WORD = String(100).with_variant(VARCHAR(100, collation="utf8mb4_bin"), "mysql", "mariadb")
_BYTES = LargeBinary().with_variant(LONGBLOB(), "mysql", "mariadb")
_DIGEST = String(64)
_MOMENT = DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb")
# SQLite counts up by itself in columns of exactly the type INTEGER.
_COUNTED = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """The root of all models."""


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)  # columns hold UTC without saying so


class Policy(Base):
    """`revision`: of the last change of the policy or of its rules. `bundle`: whose activation brought it."""

    __tablename__ = "policies"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, unique=True)
    abbreviation: Mapped[str] = mapped_column(String(5))
    description: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime, default=_now)
    revision: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    enforcement: Mapped[str] = mapped_column(String(16), default="enforce", server_default=text("'enforce'"))
    bundle: Mapped[str | None] = mapped_column(_WORD)


class Rule(Base):
    """A rule as its author wrote it. `position` keeps the order of insertion, which is the order of loading; what is
    not `enabled` is kept and not in effect."""

    __tablename__ = "policy_rules"

    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    policy_id: Mapped[str] = mapped_column(ForeignKey("policies.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str] = mapped_column(_LONG_TEXT)
    name: Mapped[str | None] = mapped_column(String(255))
    comment: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime, default=_now)
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())


class PolicyRevision(Base):
    """One row: how many changes of policies, rules and datasources there have been."""

    __tablename__ = "policy_revision"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


class RevisionToken(Base):
    """Which change made a revision, so that a writer whose connection broke can tell whether it was its own."""

    __tablename__ = "policy_revision_tokens"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(String(36))


class WriteToken(Base):
    """A change that is not counted, for as long as its writer may have to ask whether it is stored."""

    __tablename__ = "write_tokens"

    token: Mapped[str] = mapped_column(String(36), primary_key=True)


class LibraryPolicy(Base):
    """`parameters` and `depends_on` are NULL for items that have none, and for those of older versions."""

    __tablename__ = "library_policies"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, unique=True)
    abbreviation: Mapped[str] = mapped_column(String(5))
    description: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    rules: Mapped[list[dict[str, str | None]]] = mapped_column(JSON)
    parameters: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    depends_on: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))


class BundleVersion(Base):
    """An archive of policies that was uploaded. `signer`: id of the trusted key whose signature was found."""

    __tablename__ = "bundle_versions"
    __table_args__ = (UniqueConstraint("bundle", "version", name="uq_bundle_versions_bundle_version"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    bundle: Mapped[str] = mapped_column(_WORD)
    version: Mapped[str] = mapped_column(_WORD)
    digest: Mapped[str] = mapped_column(_DIGEST)
    signer: Mapped[str | None] = mapped_column(_DIGEST)
    actor: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime.datetime] = mapped_column(_MOMENT)
    size: Mapped[int] = mapped_column(Integer)
    archive: Mapped[bytes] = mapped_column(_BYTES)


class BundleActivation(Base):
    """A change of the version that is active, NULL for none, by the policy revision that made it. `below`: to which of
    these a rollback leads; `levels`: enforcement of the bundle's policies there."""

    __tablename__ = "bundle_activations"

    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    bundle: Mapped[str] = mapped_column(_WORD, index=True)
    version: Mapped[str | None] = mapped_column(_WORD)
    digest: Mapped[str | None] = mapped_column(_DIGEST)
    below: Mapped[int | None] = mapped_column(BigInteger)
    levels: Mapped[dict[str, str]] = mapped_column(JSON)
    what: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime.datetime] = mapped_column(_MOMENT)


class Datasource(Base):
    """A configured datasource; in `config` the values of secret options are encrypted, `encrypted` names them."""

    __tablename__ = "datasources"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, unique=True)
    driver: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(default=True)
    config: Mapped[dict[str, str]] = mapped_column(JSON)
    encrypted: Mapped[list[str]] = mapped_column(JSON)


class PushedTable(Base):
    """What was last pushed into a table of a datasource that keeps it over restarts (`persist_data`); each push gets
    another `version`. `objects` is JSON, or the first part of it: see `PushedPart`."""

    __tablename__ = "pushed_tables"

    datasource_id: Mapped[str] = mapped_column(ForeignKey("datasources.id", ondelete="CASCADE"), primary_key=True)
    table_name: Mapped[str] = mapped_column(_NAME, primary_key=True)
    objects: Mapped[str] = mapped_column(_LONG_TEXT)
    version: Mapped[int] = mapped_column(BigInteger, default=1, server_default="1")


class PushedPart(Base):
    """What follows `objects` of a pushed table when that is longer than a database takes in one statement: its second,
    third, ... part, by `number` from 1."""

    __tablename__ = "pushed_parts"

    datasource_id: Mapped[str] = mapped_column(ForeignKey("datasources.id", ondelete="CASCADE"), primary_key=True)
    table_name: Mapped[str] = mapped_column(_NAME, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(_LONG_TEXT)


class WebhookSecret(Base):
    """A secret with which a sender may push into a datasource; `digest` is all that is known of it."""

    __tablename__ = "webhook_secrets"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    datasource_id: Mapped[str] = mapped_column(ForeignKey("datasources.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime)


class Lease(Base):
    """Who may do a thing that only one process may do at a time; see `congress.db.leases`."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(_NAME, primary_key=True)
    holder: Mapped[str | None] = mapped_column(String(32))
    node: Mapped[str] = mapped_column(String(255))
    host: Mapped[str] = mapped_column(String(255))
    scope: Mapped[str] = mapped_column(String(100))
    pid: Mapped[int] = mapped_column(BigInteger)
    pid_started: Mapped[int] = mapped_column(BigInteger)
    milliseconds: Mapped[int] = mapped_column(Integer)
    epoch: Mapped[int] = mapped_column(BigInteger)
    generation: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime.datetime] = mapped_column(DateTime)


class Node(Base):
    """A process of the service, and what it says of itself; `generation` grows as long as it lives."""

    __tablename__ = "nodes"

    id: Mapped[str] = mapped_column(_NAME, primary_key=True)
    instance: Mapped[str] = mapped_column(String(32))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(BigInteger)
    roles: Mapped[str] = mapped_column(String(255))
    version: Mapped[str] = mapped_column(String(64))
    generation: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(_LONG_TEXT)
    started_at: Mapped[datetime.datetime] = mapped_column(DateTime)


class WatchedRow(Base):
    """A row of a watched table as it was last recorded: whether it is `present`, and how often that has changed.

    `epoch` to `tick` are the position of the engine that saw it. `digest` is of policy, table and row.
    """

    __tablename__ = "watched_rows"

    digest: Mapped[str] = mapped_column(_DIGEST, primary_key=True)
    policy: Mapped[str] = mapped_column(_NAME, index=True)
    table_name: Mapped[str] = mapped_column(_LONG_TEXT)
    row: Mapped[str] = mapped_column(_LONG_TEXT)
    number: Mapped[int] = mapped_column(BigInteger)
    present: Mapped[bool]
    epoch: Mapped[int] = mapped_column(BigInteger)
    publication: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(BigInteger)
    tick: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime.datetime] = mapped_column(_MOMENT, index=True)


class RowChange(Base):
    """The change log: a row entered a watched table, or left it. `number` counts the changes of one row.

    `id` is the place in the log: it grows in the order in which changes are committed (`ChangeCounter`). `standing` of
    a row that entered is `open` until it leaves, then `closed`, with the change by which it left as `next_*`; of one
    that left it is `end`. `table_key` is made of the name of the table, which is too long for an index. `explanation`
    is JSON: why the row was there when it entered, or not when it left; NULL when nobody could tell in time.
    """

    __tablename__ = "row_changes"
    __table_args__ = (
        UniqueConstraint("digest", "number", name="uq_row_changes_digest_number"),
        Index("ix_row_changes_policy_id", "policy", "id"),
        Index("ix_row_changes_standing_id", "standing", "id"),
        Index("ix_row_changes_policy_standing_id", "policy", "standing", "id"),
        Index("ix_row_changes_key_standing_id", "table_key", "standing", "id"),
    )

    id: Mapped[int] = mapped_column(_COUNTED, primary_key=True, autoincrement=True)
    digest: Mapped[str] = mapped_column(_DIGEST)
    number: Mapped[int] = mapped_column(BigInteger)
    policy: Mapped[str] = mapped_column(_NAME)
    table_name: Mapped[str] = mapped_column(_LONG_TEXT)
    table_key: Mapped[str] = mapped_column(String(16), default="", server_default="")
    row: Mapped[str] = mapped_column(_LONG_TEXT)
    entered: Mapped[bool]
    epoch: Mapped[int] = mapped_column(BigInteger)
    publication: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(BigInteger)
    tick: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime.datetime] = mapped_column(_MOMENT, index=True)
    node: Mapped[str] = mapped_column(String(255))
    standing: Mapped[str] = mapped_column(String(8), default="end", server_default=text("'end'"))
    next_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    next_at: Mapped[datetime.datetime | None] = mapped_column(_MOMENT)
    next_revision: Mapped[int | None] = mapped_column(BigInteger)
    explanation: Mapped[str | None] = mapped_column(_LONG_TEXT)


class ChangeCounter(Base):
    """One row: the id of the last change in the log, and the highest id that has been forgotten."""

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    forgotten: Mapped[int] = mapped_column(BigInteger)


class EventTarget(Base):
    """Where events are sent: an outgoing webhook, or the message bus. `position` is the last event that is done with;
    `generation` grows with every change of it. `secret` is encrypted; it signs what is sent."""

    __tablename__ = "event_targets"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    policy: Mapped[str | None] = mapped_column(_NAME)
    table_name: Mapped[str | None] = mapped_column(_LONG_TEXT)
    secret: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(BigInteger)
    generation: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime.datetime] = mapped_column(_MOMENT)
    updated_at: Mapped[datetime.datetime] = mapped_column(_MOMENT)


class DeadLetter(Base):
    """A body that a target did not take, however often it was sent; kept until a person has it sent again or deletes
    it, or until it is too old."""

    __tablename__ = "dead_letters"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("event_targets.id", ondelete="CASCADE"), index=True)
    first_event: Mapped[int] = mapped_column(BigInteger)
    last_event: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(_LONG_TEXT)
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime.datetime] = mapped_column(_MOMENT, index=True)


class ActionEntry(Base):
    """The action ledger: a row that entered an `execute[...]` table, and what became of the action it asks for.

    `digest` and `number` say which change asked for it. `generation` grows with every change of state; `epoch` and
    `node` are those of the last claim.
    """

    __tablename__ = "action_entries"
    __table_args__ = (
        UniqueConstraint("digest", "number", name="uq_action_entries_digest_number"),
        Index("ix_action_entries_state_sequence", "state", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(_COUNTED, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    digest: Mapped[str] = mapped_column(_DIGEST)
    number: Mapped[int] = mapped_column(BigInteger)
    policy: Mapped[str] = mapped_column(_NAME, index=True)
    table_name: Mapped[str] = mapped_column(_LONG_TEXT)
    datasource: Mapped[str] = mapped_column(_NAME)
    action: Mapped[str] = mapped_column(_LONG_TEXT)
    row: Mapped[str] = mapped_column(_LONG_TEXT)
    state: Mapped[str] = mapped_column(String(16))
    generation: Mapped[int] = mapped_column(BigInteger)
    epoch: Mapped[int | None] = mapped_column(BigInteger)
    node: Mapped[str | None] = mapped_column(String(255))
    attempts: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(_LONG_TEXT)
    seen_epoch: Mapped[int] = mapped_column(BigInteger)
    seen_publication: Mapped[int] = mapped_column(BigInteger)
    seen_revision: Mapped[int] = mapped_column(BigInteger)
    seen_tick: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime.datetime] = mapped_column(_MOMENT)
    updated_at: Mapped[datetime.datetime] = mapped_column(_MOMENT, index=True)


class ActionEvent(Base):
    """The audit of the ledger: who or what brought an entry into which state, and why."""

    __tablename__ = "action_events"

    id: Mapped[int] = mapped_column(_COUNTED, primary_key=True, autoincrement=True)
    action_id: Mapped[str] = mapped_column(String(36), index=True)
    at: Mapped[datetime.datetime] = mapped_column(_MOMENT)
    state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(255))
    detail: Mapped[str] = mapped_column(_LONG_TEXT)


class ActionControl(Base):
    """One row: whether actions are paused everywhere, by whom and why; and the epoch that may act."""

    __tablename__ = "action_control"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    paused: Mapped[bool] = mapped_column(default=False, server_default=false())
    actor: Mapped[str] = mapped_column(String(255), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime.datetime | None] = mapped_column(_MOMENT)
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)


class DeletedPolicy(Base):
    """Archive: a policy that was deleted in the original Congress before this one took its database over."""

    __tablename__ = "policiesdeleted"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime)
    updated_at: Mapped[datetime.datetime | None] = mapped_column(DateTime)
    deleted_at: Mapped[datetime.datetime | None] = mapped_column(DateTime)
    name: Mapped[str] = mapped_column(String(255))
    abbreviation: Mapped[str] = mapped_column(String(5))
    description: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)


class DeletedRule(Base):
    """Archive: a rule that was deleted in the original Congress, or whose policy was."""

    __tablename__ = "policy_rules_deleted"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime)
    updated_at: Mapped[datetime.datetime | None] = mapped_column(DateTime)
    deleted_at: Mapped[datetime.datetime | None] = mapped_column(DateTime)
    policy_name: Mapped[str] = mapped_column(String(255))
    rule: Mapped[str] = mapped_column(_LONG_TEXT)
    name: Mapped[str | None] = mapped_column(String(255))
    comment: Mapped[str] = mapped_column(String(255))
