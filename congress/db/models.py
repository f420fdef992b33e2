"""The tables of the database. Every change here needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Integer, String, Text, true
from sqlalchemy.dialects.mysql import LONGTEXT, VARCHAR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_LONG_TEXT = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
# MySQL would take "error" and "Error" for one name; rules do not.
_NAME = String(255).with_variant(VARCHAR(255, collation="utf8mb4_bin"), "mysql", "mariadb")


class Base(DeclarativeBase):
    """The root of all models."""


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)  # columns hold UTC without saying so


class Policy(Base):
    __tablename__ = "policies"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(_NAME, unique=True)
    abbreviation: Mapped[str] = mapped_column(String(5))
    description: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime, default=_now)


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
    """One row: how many changes of policies and rules there have been."""

    __tablename__ = "policy_revision"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)


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
    """What was last pushed into a table of a datasource that keeps it over restarts (`persist_data`)."""

    __tablename__ = "pushed_tables"

    datasource_id: Mapped[str] = mapped_column(ForeignKey("datasources.id", ondelete="CASCADE"), primary_key=True)
    table_name: Mapped[str] = mapped_column(_NAME, primary_key=True)
    objects: Mapped[str] = mapped_column(_LONG_TEXT)


class WebhookSecret(Base):
    """A secret with which a sender may push into a datasource; `digest` is all that is known of it."""

    __tablename__ = "webhook_secrets"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    datasource_id: Mapped[str] = mapped_column(ForeignKey("datasources.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime)


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
