"""A node whose database fails when the test wants it to."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import sqlalchemy
from falcon.testing import TestClient
from oslo_config import cfg

import congress.conf
from congress.db.session import Database
from congress.server import roles
from congress.server.node import Node
from tests.api.broken_sessions import snapshot


class Faults:
    """Makes the n-th statement of a SQLite database fail, or the n-th commit, before or after it is done.

    Counted are those of the thread that orders the fault; a database that is gone is gone for all.
    """

    def __init__(self, database: Database) -> None:
        dialect = database.engine.dialect
        self._done = (dialect.do_execute, dialect.do_executemany, dialect.do_commit)
        self._left = 0
        self._when, self._thread = "", 0
        self._is_gone = False
        dialect.do_execute = self._execute  # type: ignore[method-assign]
        dialect.do_executemany = self._executemany  # type: ignore[method-assign]
        dialect.do_commit = self._commit  # type: ignore[method-assign]

    def fail(self, number: int, when: str) -> None:
        """`when`: at a "statement", "before" or "after" a commit; with ", gone" nothing works from then on, with
        ", after" the next commit, which is that of a question, is done and not answered either."""
        self._left, self._when, self._thread = number, when, threading.get_ident()

    def end(self) -> bool:
        """Let everything work again; whether there was a fault."""
        reached, self._left, self._is_gone = self._left <= 0, 0, False
        return reached

    def _is_next(self, *, is_commit: bool) -> bool:
        if threading.get_ident() != self._thread:
            return self._is_gone
        self._left -= is_commit is not (self._when == "statement")
        return self._is_gone or (self._left == 0 and is_commit is not (self._when == "statement"))

    def _execute(self, *arguments: Any, **named: Any) -> None:
        if self._is_next(is_commit=False):
            raise sqlite3.OperationalError("disk I/O error")
        self._done[0](*arguments, **named)

    def _executemany(self, *arguments: Any, **named: Any) -> None:
        if self._is_next(is_commit=False):
            raise sqlite3.OperationalError("disk I/O error")
        self._done[1](*arguments, **named)

    def _commit(self, connection: Any) -> None:
        was_gone, is_next = self._is_gone, self._is_next(is_commit=True)
        is_second = self._when.endswith(", after") and self._left == -1 and threading.get_ident() == self._thread
        if not is_next or (self._when.startswith("after") and not was_gone):
            self._done[2](connection)
        if is_next or is_second:
            self._is_gone = self._when.endswith("gone")
            raise sqlite3.OperationalError("disk I/O error")


class FailingNode:
    """A node in this process over a SQLite file, whose `faults` can be ordered, and a client for it."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.node = self._started()
        self.faults = Faults(self.node.database)
        self._client = TestClient(self.node.application())

    def _started(self) -> Node:
        conf = congress.conf.register(cfg.ConfigOpts())
        conf(["--state-dir", str(self._place)], project="congress", default_config_files=[])
        conf.set_override("auth_strategy", "noauth")
        node = Node(conf, roles.chosen(conf))
        node.start()
        sqlalchemy.event.listen(node.database.engine, "connect", _hurry)
        node.database.engine.dispose()
        return node

    def close(self) -> None:
        self.node.stop()

    def ask(self, verb: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the body of an answer."""
        if isinstance(body, bytes):
            kind = "application/octet-stream"
            answer = self._client.simulate_request(verb, path, body=body, content_type=kind)
        else:
            answer = self._client.simulate_request(verb, path, json=body)
        assert "Traceback" not in answer.text
        return answer.status_code, answer.json if answer.text.strip() else None

    def settle(self) -> None:
        """Look at the database, as the node does by itself a little later."""
        self.node.judging.replica.synchronise()
        assert self.node.reading is not None
        self.node.reading.host.look()

    def shown(self) -> dict[str, Any]:
        """Everything that the node shows."""
        return snapshot(lambda path: self.ask("GET", path)[1]["results"])

    def shown_by_another(self) -> dict[str, Any]:
        """What a node shows that starts over the same database now."""
        other = self._started()
        try:
            client = TestClient(other.application())
            return snapshot(lambda path: client.simulate_get(path).json["results"])
        finally:
            other.stop()


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # nobody cuts the power here
