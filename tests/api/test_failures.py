"""Which answer an exception becomes when nothing more is known."""

from __future__ import annotations

import pytest
from oslo_db.exception import DBConnectionError, DBDuplicateEntry

from congress import datalog
from congress.api.failures import answer_for
from congress.datalog import DatalogError
from congress.errors import CongressError


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DBConnectionError(), 503),
        (DBDuplicateEntry(), 409),
        (CongressError("general"), 400),
        (RuntimeError("secret detail"), 500),
        (RecursionError(), 500),
    ],
)
def test_every_exception_has_an_answer(error: Exception, status: int) -> None:
    answer = answer_for(error)
    assert answer.status == status
    assert "secret detail" not in answer.message


def test_language_errors_are_rule_errors() -> None:
    with pytest.raises(DatalogError) as caught:
        datalog.parse_statement("p(")
    assert (answer_for(caught.value).status, answer_for(caught.value).code) == (400, 1002)
