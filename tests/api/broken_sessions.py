"""Clients of a server whose database fails: each changes things of its own and remembers what it was told."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import requests

from tests.api.server_process import Client

T = TypeVar("T")
NOT_KNOWN = "is not known; look before trying again"


class Told:
    """What one client knows: each of its things is as it says, or, when the server did not know, one of several."""

    def __init__(self) -> None:
        self.policies: dict[str, list[frozenset[str] | None]] = {}
        """Name -> the possible sets of its rules; None stands for "there is no such policy"."""
        self.datasources: dict[str, list[bool]] = {}
        self.rows: dict[str, list[frozenset[int]]] = {}


class Session(threading.Thread):
    """Makes so many requests. Everything it creates has its `prefix`."""

    def __init__(self, url: str, prefix: str, requests_to_make: int, item_id: str) -> None:
        super().__init__(daemon=True)
        self._client, self.prefix, self._left = Client(url), prefix, requests_to_make
        self._random = random.Random(prefix)  # noqa: S311 - not a secret
        self._item_id = item_id
        self._number = 100
        self.told = Told()
        self.statuses: dict[int, int] = {}
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while self._left > 0:
                self._random.choice(self._activities)()
        except BaseException as error:
            self.failure = error

    # -- asking

    def _ask(self, verb: str, path: str, body: Any = None) -> requests.Response:
        self._left -= 1
        answer = self._client.request(verb, path, body)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        assert answer.status_code == 503 or answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text
        return answer

    @staticmethod
    def _note(known: dict[str, list[T]], name: str, answer: requests.Response, before: T, after: T) -> None:
        """Remember what a change did: it happened, or it did not, or nobody knows."""
        if answer.ok:
            known[name] = [after]
        elif answer.status_code == 503 and NOT_KNOWN in answer.text:
            known[name] = [before, after]
        else:
            known[name] = [before]

    def _new(self) -> str:
        self._number += 1
        return f"{self.prefix}{self._number}"

    def _some(self, of: dict[str, list[Any]]) -> str | None:
        """One of the things of which it is known that they are there."""
        there = [name for name, states in of.items() if len(states) == 1 and states[0] not in (None, False)]
        return self._random.choice(there) if there else None

    # -- what it does

    def _create(self) -> None:
        name, rules = self._new(), frozenset({"p(x) :- q(x)", "q(1)", "q(2)"})
        answer = self._ask("POST", "/v1/policies", {"name": name, "rules": [{"rule": rule} for rule in rules]})
        assert answer.status_code in (201, 503), answer.text
        self._note(self.told.policies, name, answer, None, rules)

    def _create_refused(self) -> None:
        name = self._new()
        answer = self._ask("POST", "/v1/policies", {"name": name, "rules": [{"rule": "q(1)"}, {"rule": "p(x)"}]})
        assert answer.status_code in (400, 503), answer.text
        self._note(self.told.policies, name, answer, None, frozenset())

    def _create_taken(self) -> None:
        if name := self._some(self.told.policies):
            assert self._ask("POST", "/v1/policies", {"name": name}).status_code in (409, 503)

    def _delete(self) -> None:
        if name := self._some(self.told.policies):
            [before] = self.told.policies[name]
            answer = self._ask("DELETE", f"/v1/policies/{name}")
            assert answer.status_code in (200, 503), answer.text
            self._note(self.told.policies, name, answer, before, None)

    def _insert(self, count: int = 1) -> None:
        if name := self._some(self.told.policies):
            [before] = self.told.policies[name]
            added = [f"q({self._number + each})" for each in range(count)]
            self._number += count
            items = [{"rule": text} for text in added]
            answer = self._ask("POST", f"/v1/policies/{name}/rules", {"rules": items} if count > 1 else items[0])
            assert answer.status_code in (201, 503), answer.text
            self._note(self.told.policies, name, answer, before, frozenset({*(before or ()), *added}))

    def _insert_several(self) -> None:
        self._insert(3)

    def _delete_rule(self) -> None:
        if name := self._some(self.told.policies):
            [before] = self.told.policies[name]
            answer = self._ask("GET", f"/v1/policies/{name}/rules")
            if not answer.ok or not before:
                assert answer.status_code in (200, 503), answer.text
                return
            there = answer.json()["results"]
            assert {rule["rule"] for rule in there} == before, name
            rule = self._random.choice(there)
            answer = self._ask("DELETE", f"/v1/policies/{name}/rules/{rule['id']}")
            assert answer.status_code in (200, 503), answer.text
            self._note(self.told.policies, name, answer, before, before - {rule["rule"]})

    def _activate(self) -> None:
        name = self._new()
        answer = self._ask("POST", f"/v1/policies?library_policy={self._item_id}", {"name": name})
        assert answer.status_code in (201, 503), answer.text
        rules = frozenset({"p(x) :- q(x)", "q(7)"})
        self._note(self.told.policies, name, answer, None, rules)

    def _create_datasource(self) -> None:
        name = self._new()
        config = {"description": "rows", "persist_data": "True"}
        answer = self._ask("POST", "/v1/data-sources", {"name": name, "driver": "push", "config": config})
        assert answer.status_code in (201, 503), answer.text
        self._note(self.told.datasources, name, answer, False, True)
        self.told.rows[name] = [frozenset()]

    def _delete_datasource(self) -> None:
        if self._random.random() < 0.5 and (name := self._some(self.told.datasources)):
            answer = self._ask("DELETE", f"/v1/data-sources/{name}")
            assert answer.status_code in (200, 503), answer.text
            self._note(self.told.datasources, name, answer, True, False)

    def _push(self) -> None:
        name = self._some(self.told.datasources)
        if name and len(self.told.rows[name]) == 1:
            [before] = self.told.rows[name]
            rows = frozenset(self._random.sample(range(100), 5))
            answer = self._ask("PUT", f"/v1/data-sources/{name}/tables/data/rows", [[row] for row in rows])
            assert answer.status_code in (200, 503), answer.text
            self._note(self.told.rows, name, answer, before, rows)

    def _read(self) -> None:
        if name := self._some(self.told.policies):
            answer = self._ask("GET", f"/v1/policies/{name}/tables/q/rows")
            assert answer.status_code in (200, 404, 503), answer.text
            if answer.ok:
                [rules] = self.told.policies[name]
                shown = {f"q({row['data'][0]})" for row in answer.json()["results"]}
                assert shown == {rule for rule in rules or () if rule.startswith("q")}, name

    def _list(self) -> None:
        assert self._ask("GET", "/v1/policies").status_code in (200, 503)

    @property
    def _activities(self) -> list[Callable[[], None]]:
        return [
            self._create, self._create_refused, self._create_taken, self._delete, self._insert, self._insert,
            self._insert_several, self._delete_rule, self._activate, self._create_datasource, self._delete_datasource,
            self._push, self._push, self._read, self._list,
        ]  # fmt: skip


def lists_of(client: Client) -> Callable[[str], list[dict[str, Any]]]:
    """For `snapshot`: the lists that a server answers with."""

    def results(path: str) -> list[dict[str, Any]]:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["results"]
        return found

    return results


def snapshot(results: Callable[[str], list[dict[str, Any]]]) -> dict[str, Any]:
    """Everything that a server shows, by name: rules and rows of each policy, rows of each datasource.

    `results` asks a path for its list.
    """
    found: dict[str, Any] = {"library": results("/v1/librarypolicies"), "bundles": results("/v1/bundles")}
    for kind in ("policies", "data-sources"):
        for item in results(f"/v1/{kind}"):
            place = f"/v1/{kind}/{item['name']}"
            found[item["name"]] = {
                "item": item,
                "rules": results(f"{place}/rules") if kind == "policies" else [],
                "rows": {
                    table["id"]: results(f"{place}/tables/{table['id']}/rows") for table in results(f"{place}/tables")
                },
            }
    return found


def check(told: Told, prefix: str, shown: dict[str, Any]) -> None:
    """Raises AssertionError when a server does not show what a session was told, or shows what it was not."""
    for name, states in told.policies.items():
        rules = frozenset(rule["rule"] for rule in shown[name]["rules"]) if name in shown else None
        assert rules in states, f"{name} was told to be {states}, and is {rules}"
        if rules is not None:
            rows = {f"q({row['data'][0]})" for row in shown[name]["rows"].get("q", [])}
            assert rows == {rule for rule in rules if rule.startswith("q")}, name
    for name, is_there in told.datasources.items():
        assert (name in shown) in is_there, f"{name} was told to be {is_there}"
        if name in shown:
            assert frozenset(row["data"][0] for row in shown[name]["rows"]["data"]) in told.rows[name], name
    assert {name for name in shown if name.startswith(prefix)} <= {*told.policies, *told.datasources}
