"""Who reads while data change sees the state before or after a change, never a mixture."""

from __future__ import annotations

import threading

from tests.api.server_process import Client, ServerProcess

ROWS, UPDATES, READERS = 50, 100, 8


class Reader(threading.Thread):
    """Reads a derived table again and again; remembers answers that mix two generations of rows."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._client = Client(url)
        self.mixed: list[list[list[int]]] = []
        self.answers = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            rows = self._client.rows("reads", "p")
            self.answers += 1
            if len(rows) != ROWS or len({generation for _number, generation in rows}) != 1:
                self.mixed.append(rows)


def test_every_answer_is_one_committed_state(server: ServerProcess) -> None:
    client = Client(server.url)
    client.post("/v1/data-sources", {"name": "d", "driver": "fake_datasource"})
    client.policy("reads", "p(x, g) :- d:fake_table(id=x, name=g), d:fake_table(id=0, name=g)")
    path = "/v1/data-sources/d/tables/fake_table/rows"
    client.put(path, [{"id": number, "name": 0} for number in range(ROWS)])
    readers = [Reader(server.url) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for generation in range(1, UPDATES + 1):
        answer = client.put(path, [{"id": number, "name": generation} for number in range(ROWS)])
        assert answer.status_code == 200
    for reader in readers:
        reader.done.set()
        reader.join(10)
    assert all(reader.answers > 0 for reader in readers)
    assert [reader.mixed for reader in readers] == [[]] * READERS
