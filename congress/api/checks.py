"""`/v1/policies/<policy>/check` and `…/vocabulary`: for those who write rules, and for their editors."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import answers, bodies, etags
from congress.api.rules import answered
from congress.api.schemas import checks as schemas
from congress.api.services import Services
from congress.datalog.builtins import BUILTINS, Z3_BUILTINS
from congress.engine.checking import Checked, Problem
from congress.policies.errors import DatasourcePolicy


def shown(checked: Checked) -> dict[str, Any]:
    """A check as the API shows it."""
    return {
        "accepted": checked.is_accepted,
        "statements": [{"text": each.text, "start": each.start, "end": each.end} for each in checked.statements],
        "diagnostics": [_shown_problem(each) for each in checked.problems],
    }


def _shown_problem(problem: Problem) -> dict[str, Any]:
    diagnostic, span = problem.diagnostic, problem.diagnostic.span
    return {
        "severity": problem.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "start": span.start if span else 0,
        "end": span.end if span else 0,
        "line": span.line if span else 1,
        "column": span.column if span else 1,
    }


class Check:
    """Statements that are being written."""

    def __init__(self, services: Services) -> None:
        self._policies, self._workspace = services.policies, services.live.workspace

    def on_post(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        body = bodies.validate(bodies.read(request), schemas.CHECK, "check")
        replaced = body.get("replaces")
        with answered():
            if self._policies.is_datasource(policy):
                raise DatasourcePolicy(policy)
            name = self._policies.name_of(policy)
            without = [] if replaced is None else [self._policies.rule(policy, replaced).rule]
            checked = self._workspace.check(name, body["text"], without)
        answers.compact(response, shown(checked))


class Vocabulary:
    """Tables, columns and builtins. The ETag changes with any of them, so that an editor may ask often."""

    def __init__(self, services: Services) -> None:
        self._policies, self._datasources, self._live = services.policies, services.datasources, services.live

    def on_get(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        record = self._policies.policy(policy)
        builtins = Z3_BUILTINS if record.kind == "z3" else BUILTINS
        words = {
            "datasources": [
                {"name": source.name, "tables": self._tables(source.id)} for source in self._datasources.datasources()
            ],
            "policies": [{"name": each.name, "tables": self._own(each.name)} for each in self._policies.policies()],
            "builtins": [
                {"name": each.name, "signature": each.signature, "description": each.doc} for each in builtins.values()
            ],
        }
        etags.answer(request, response, words)

    def _tables(self, datasource: str) -> list[dict[str, Any]]:
        tables = self._datasources.schema(datasource)
        return [
            {"name": table, "columns": [{"name": one.name, "description": one.description} for one in columns]}
            for table, columns in tables.items()
        ]

    def _own(self, policy: str) -> list[str]:
        workspace = self._live.workspace
        return [table for table in workspace.tables(policy) if ":" not in table] if workspace.has_policy(policy) else []
