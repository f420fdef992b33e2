"""Rules, queries and sequences put together at random, most of them nonsense: each is answered, and never with 5xx.

The seed is fixed, so that a failure can be repeated.
"""

from __future__ import annotations

import random
from collections import Counter
from urllib.parse import quote

import pytest
import requests

from tests.api.server_process import Client

KINDS = ("nonrecursive", "action", "database", "z3", "materialized", "datasource")
ARITIES = {
    "p": 1, "q": 1, "r": 2, "other:q": 1, "d:fake_table": 2, "nope:t": 1, "lt": 2, "plus": 3, "builtin:minus": 3,
    "concat": 3, "len": 2, "now": 1, "builtin:lt": 2, "datetime_lt": 2, "p+": 1, "q-": 1, "other:q+": 1, "act": 1,
    "action": 1, "result": 1, "true": 0, "builtin:nosuch": 1,
}  # fmt: skip
TERMS = ("x", "x", "y", "z", "1", "2", "'a'", "1.5", "-1", "count(x)", "max(y)", "id=x", "0=y", "'ü'", "")


class Author:
    """Writes rules."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - not for secrets

    def atom(self) -> str:
        if self.dice.random() < 0.03:
            return self.dice.choice(("execute[nova:f(x)]", "insert[p(x)]", "p(", ")", "p(x) :-", "not", "\x00", '"'))
        table = self.dice.choice(list(ARITIES))
        arity = ARITIES[table] if self.dice.random() < 0.9 else self.dice.randint(0, 4)
        return f"{table}({', '.join(self.dice.choice(TERMS) for _ in range(arity))})"

    def rule(self) -> str:
        if self.dice.random() < 0.4:
            return self.atom()
        body = (self.dice.choice(("", "", "", "not ")) + self.atom() for _ in range(self.dice.randint(1, 3)))
        return f"{self.atom()} :- {', '.join(body)}"

    def sequence(self) -> str:
        return " ".join(self.rule() for _ in range(self.dice.randint(0, 3)))


def send_something(client: Client, author: Author, policy: str) -> requests.Response:
    dice, path = author.dice, f"/v1/policies/{policy}"
    chosen = dice.random()
    if chosen < 0.5:
        return client.post(f"{path}/rules", {"rule": author.rule()})
    if chosen < 0.8:
        question = {"query": author.rule(), "sequence": author.sequence(), "action_policy": "hostile_action"}
        switches = f"&trace={dice.choice((0, 1))}&delta={dice.choice((0, 1))}"
        return client.post(f"{path}?action=simulate{switches}", question)
    tables = [each["id"] for each in client.get(f"{path}/tables").json()["results"]] or ["p"]
    if chosen < 0.9:
        return client.get(f"{path}/tables/{quote(dice.choice(tables), safe='')}/rows?trace={dice.choice((0, 1))}")
    row = [dice.choice((1, 2, "a", 1.5, None, True)) for _ in range(dice.randint(0, 3))]
    return client.post(f"{path}?action=explain", {"table": dice.choice(tables), "row": row})


@pytest.mark.parametrize("seed", range(4))
def test_nonsense_is_answered(client: Client, seed: int) -> None:
    for kind in KINDS:
        client.post("/v1/policies", {"name": f"hostile_{kind}", "kind": kind})
    client.post("/v1/data-sources", {"name": "d", "driver": "fake_datasource"})
    client.put("/v1/data-sources/d/tables/fake_table/rows", [{"id": number, "name": "a"} for number in range(3)])
    author, statuses = Author(seed), Counter[int]()
    for _ in range(500):
        answer = send_something(client, author, f"hostile_{author.dice.choice(KINDS)}")
        statuses[answer.status_code] += 1
        sent = answer.request.body or answer.request.url
        assert answer.status_code < 500, f"{answer.request.url} {sent!r}: {answer.text}"
    assert {200, 201, 400} <= set(statuses)
