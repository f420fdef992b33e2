"""What is waited for, and what is not."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from oslo_db.exception import DBConnectionError, DBDeadlock
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from congress.db import waiting
from congress.db.session import DatabaseUnavailable
from congress.errors import CongressError
from tests.databases import MariaDb, PostgreSql, free_port


@pytest.mark.parametrize(
    "url", ["mysql+pymysql://root:canary@127.0.0.1:{}/x", "postgresql+psycopg://u:canary@127.0.0.1:{}/x"]
)
def test_a_server_that_is_not_there_yet_is_waited_for(url: str) -> None:
    stopping, said = threading.Event(), list[str]()

    def say(sentence: str) -> None:
        said.append(sentence)
        if len(said) == 3:
            stopping.set()

    with pytest.raises(waiting.Stopped):
        waiting.connect(url.format(free_port()), {}, stopping, say)
    assert said[0].startswith("waiting for the database ")
    assert "canary" not in "".join(said)


def test_what_waiting_does_not_mend_is_not_waited_for(mariadb: MariaDb, postgresql: PostgreSql) -> None:
    stranger = make_url(mariadb.url("mysql")).set(username="nobody", password="canary-x")  # noqa: S106
    wrong = [
        mariadb.url("no_such_database"),
        postgresql.url("no_such_database"),
        stranger.render_as_string(hide_password=False),
        "mysql+nosuchdriver://h/d",
    ]
    for url in wrong:
        with pytest.raises(DatabaseUnavailable) as caught:
            waiting.connect(url, {}, threading.Event())
        assert "canary" not in str(caught.value)


def test_a_server_that_is_there_is_used_at_once(mariadb: MariaDb, postgresql: PostgreSql, tmp_path: Path) -> None:
    for url in (mariadb.create(), postgresql.create(), f"sqlite:///{tmp_path}/x.sqlite"):
        waiting.connect(url, {}, threading.Event(), pytest.fail).close()


class Step:
    """Fails in one way after the other, and then is done."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)

    def __call__(self) -> str:
        if self._errors:
            raise self._errors.pop(0)
        return "done"


def test_a_step_is_done_again_while_the_database_is_absent_or_busy() -> None:
    said: list[str] = []
    unsure = CongressError("the outcome is not known")
    unsure.__cause__ = DBConnectionError()
    step = Step(DBConnectionError(OperationalError("SELECT", {}, Exception("WSREP"))), DBDeadlock(), unsure)
    assert waiting.done(step, "sqlite://", threading.Event(), said.append) == "done"
    assert len(said) == 3


@pytest.mark.parametrize("error", [CongressError("no"), ProgrammingError("SELECT", {}, Exception("no such table"))])
def test_a_step_that_fails_for_good_is_not_done_again(error: Exception) -> None:
    with pytest.raises(type(error)):
        waiting.done(Step(error), "sqlite://", threading.Event(), pytest.fail)
