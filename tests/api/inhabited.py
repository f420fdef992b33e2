"""What exists on a server, learned from its answers; aims generated requests at it, since chance hardly ever would."""

from __future__ import annotations

import itertools
import re
from typing import Any

from schemathesis import Case

from congress.api import openapi
from congress.api.freshness import MIN_REVISION

_HARDLY_EVER_MET = (MIN_REVISION, "If-Match", "If-None-Match")
_NARROWING = ("marker", "limit", "since", "library_policy", "column.0")
_RULES = (
    "q({})",
    "p(x) :- q(x), gt(x, {})",
    "error(x) :- p(x), not r(x, {})",
    "execute[nova:stop(x)] :- q(x), lt(x, {})",
)
_DATASOURCE = {"driver": "push", "config": {"description": "alarms", "columns": "host,state"}}
_TABLES = {"policies": "q", "data-sources": "data"}
_QUESTIONS: dict[str, dict[str, dict[str, Any] | None]] = {
    "/v1/policies/{policy}": {
        "simulate": {"query": "q(x)", "sequence": "q+(1)", "action_policy": "action"},
        "explain": {"table": "q", "row": [1]},
    },
    "/v1/data-sources/{datasource}": {"request-refresh": None},
}
_ELEMENT = re.compile(r"(/v1/.*)/{(\w+)}")
_COLLECTIONS = {
    found.group(1): found.group(2) for path, _, _ in openapi.operations() if (found := _ELEMENT.fullmatch(path))
}
"""The path of a collection -> what the name of an element is called in paths."""


class Inhabited:
    """The elements that requests created and did not delete, by collection."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._rules = itertools.cycle(_RULES)
        self._elements: dict[str, list[dict[str, str]]] = {}

    def learn(self, case: Case, status: int, body: Any) -> None:
        """Note what this answer says has come or gone."""
        names = dict(case.path_parameters or {})
        if case.method == "POST" and status == 201:
            elements = self._elements.setdefault(case.path, [])
            for item in [body] if "id" in body else body["rules"]:
                elements.append({**names, _COLLECTIONS[case.path]: item["id"]})
        elif case.method == "DELETE" and status == 200 and not (isinstance(body, dict) and "preview" in body):
            for collection, elements in self._elements.items():
                self._elements[collection] = [each for each in elements if not names.items() <= each.items()]

    def aim(self, case: Case) -> None:
        """Of four requests change three, so that they are about what exists and say what has a meaning.

        What an answer linked to stays while it exists.
        """
        number = next(self._numbers)
        case.query.pop("wait", None)  # would only make the test slow
        if number % 8:
            for header in _HARDLY_EVER_MET:
                case.headers.pop(header, None)
        if number % 4 == 0:
            return
        for parameter in _NARROWING:
            case.query.pop(parameter, None)
        case.path_parameters = self._existing(case.path, dict(case.path_parameters or {}), number)
        self._fill(case, number)

    def _existing(self, path: str, names: dict[str, str], number: int) -> dict[str, str]:
        for collection in _COLLECTIONS:  # those above others come before them
            elements = self._elements.get(collection)
            if not f"{path}/".startswith(f"{collection}/{{") or not elements:
                continue
            if not any(each.items() <= names.items() for each in elements):
                names |= elements[number % len(elements)]
        if "table" in names:
            names["table"] = _TABLES[path.split("/")[2]]
        if "driver" in names:
            names["driver"] = "nova"
        return names

    def _fill(self, case: Case, number: int) -> None:
        """Give the request a body that is accepted."""
        questions = _QUESTIONS.get(case.path, {})
        if case.method == "POST" and questions:
            case.query["action"], case.body = list(questions.items())[number % len(questions)]
        elif "datasource" in (case.path_parameters or {}):
            if case.path.endswith(("/webhook", "/rows")) and case.method in ("POST", "PUT"):
                case.body = [[f"host{number}", "down"]]
        elif isinstance(case.body, dict):
            self._reword(case.path, case.body, number)

    def _reword(self, path: str, body: dict[str, Any], number: int) -> None:
        if path == "/v1/policies/{policy}":
            body.clear()
            body["description"] = f"changed {number}"
        elif path in ("/v1/policies", "/v1/data-sources") or path.startswith("/v1/librarypolicies"):
            body["name"] = f"made{number}"
        for key in ("parameters", "depends-on"):
            body.pop(key, None)
        for key, value in {"kind": "nonrecursive", "abbreviation": "made"}.items():
            if key in body:
                body[key] = value
        if "driver" in body:
            body |= _DATASOURCE
        for rule in [body, *(body.get("rules") or ())]:
            if isinstance(rule, dict) and "rule" in rule:
                rule["rule"] = next(self._rules).format(number)
