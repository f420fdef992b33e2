"""What a client was told is there after the worst kind of stop, and nothing that was only half done."""

from __future__ import annotations

import threading

import requests

from tests.api.server_process import Client, ServerProcess
from tests.waiting import until

ROUNDS = 3
RULES_PER_POLICY = 5


class Writer(threading.Thread):
    """Creates policies, adds facts and deletes every third policy until the server is gone; remembers the answers."""

    def __init__(self, url: str, prefix: str) -> None:
        super().__init__(daemon=True)
        self._client, self._prefix = Client(url), prefix
        self.created: set[str] = set()
        self.deleted: set[str] = set()
        self.facts: dict[str, set[str]] = {}
        self.touched: set[str] = set()

    def run(self) -> None:
        number = 0
        try:
            while True:
                number += 1
                self._one(f"{self._prefix}{number}", delete=number % 3 == 0)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return

    def _one(self, name: str, *, delete: bool) -> None:
        self.touched.add(name)
        rules = [{"rule": f"q({number})"} for number in range(RULES_PER_POLICY)]
        assert self._client.post("/v1/policies", {"name": name, "rules": rules}).status_code == 201
        self.created.add(name)
        for number in range(3):
            assert self._client.post(f"/v1/policies/{name}/rules", {"rule": f"r({number})"}).status_code == 201
            self.facts.setdefault(name, set()).add(f"r({number})")
        if delete:
            self.created.discard(name)  # whether it is still there is open until the deletion was answered
            assert self._client.delete(f"/v1/policies/{name}").status_code == 200
            self.deleted.add(name)


def test_kill_in_the_middle_of_writes_loses_nothing_acknowledged(own_server: ServerProcess) -> None:
    for lap in range(ROUNDS):
        writers = [Writer(own_server.url, f"w{lap}x{number}x") for number in range(3)]
        for writer in writers:
            writer.start()
        _wait_until_deletions(writers)
        own_server.kill()
        for writer in writers:
            writer.join(10)
        own_server.start()
        _check(Client(own_server.url), writers)


def _wait_until_deletions(writers: list[Writer]) -> None:
    until(lambda: all(len(writer.deleted) >= 2 for writer in writers), "the writers do not get on", seconds=60)


def _check(client: Client, writers: list[Writer]) -> None:
    there = {item["name"] for item in client.get("/v1/policies").json()["results"]}
    complete = {f"q({number})" for number in range(RULES_PER_POLICY)}
    for writer in writers:
        assert writer.created <= there
        assert not writer.deleted & there
        for name in writer.touched & there:
            rules = {item["rule"] for item in client.get(f"/v1/policies/{name}/rules").json()["results"]}
            assert complete <= rules, f"{name} came back half"
            assert writer.facts.get(name, set()) <= rules
            assert {f"q({row[0]})" for row in client.rows(name, "q")} == complete
            if any(rule.startswith("r") for rule in rules):
                assert {f"r({row[0]})" for row in client.rows(name, "r")} == rules - complete
