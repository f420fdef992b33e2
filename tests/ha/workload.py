"""Clients that write, push and read all the while, and note what they were told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, cycle
from typing import Any, Literal

import requests

from tests.ha.history import Event, History, Outcome

REVISION, MINIMUM = "X-Congress-Revision", "X-Congress-Min-Revision"
TIMEOUT = (3.0, 20.0)
WINDOW = 120
"""How many numbers a push holds: a row stays for so many pushes."""
STRIDE = 4
"""Each push brings a number that is so much higher, so that most come before the writers do, and enter `error`."""
_NUMBERS = count(1)


class Answer:
    """What came back, or that nothing did (status 0)."""

    def __init__(self, answer: requests.Response | None) -> None:
        self.status = 0 if answer is None else answer.status_code
        revision = None if answer is None else answer.headers.get(REVISION)
        self.revision = None if revision is None else int(revision)
        self.body: Any = None
        if answer is not None and answer.ok and answer.content:
            self.body = answer.json()

    @property
    def outcome(self) -> Outcome:
        if 200 <= self.status < 300:
            return "ok"
        return "refused" if 400 <= self.status < 500 else "unknown"


class Client:
    """One session: what it writes and reads, one after the other."""

    def __init__(self, name: str, history: History) -> None:
        self.name, self._history = name, history
        self._session = requests.Session()

    def ask(self, method: str, url: str, body: Any = None, minimum: int | None = None) -> Answer:
        """One request. Connections that broke are no exceptions but answers of status 0."""
        headers = {} if minimum is None else {MINIMUM: str(minimum)}
        try:
            return Answer(self._session.request(method, url, json=body, headers=headers, timeout=TIMEOUT))
        except (requests.RequestException, ValueError):
            return Answer(None)

    def note(
        self,
        kind: Literal["rule", "rows", "read"],
        url: str,
        do: Callable[[], Answer],
        *,
        retries: int = 1,
        **about: Any,
    ) -> Answer:
        """Do it, again when no answer came or none that says anything, and note the outcome."""
        began = time.monotonic()
        answer, attempts = do(), 1
        while answer.outcome == "unknown" and attempts <= retries:
            answer, attempts = do(), attempts + 1
        outcome = answer.outcome
        if kind == "rule" and attempts > 1 and answer.status == 409:
            outcome = "ok"  # the first attempt had succeeded
        if kind == "read" and answer.outcome == "ok":
            about["numbers"] = tuple(row["data"][0] for row in answer.body["results"])
        self._history.add(
            Event(
                self.name,
                kind,
                began,
                time.monotonic(),
                outcome,
                status=answer.status,
                revision=answer.revision if answer.outcome == "ok" else None,
                through=url,
                attempts=attempts,
                **about,
            )
        )
        return answer


class Workload:
    """Policies, a datasource and clients of its own, so that several can follow each other at one site.

    `numbers_<n>_<k>` holds the facts of the k-th writer of the n-th workload; `watch_<n>` compares them with the rows
    that are pushed. All numbers of a workload are between `base` and the next one's.
    """

    def __init__(
        self,
        proxy: str,
        replicas: Mapping[str, str],
        *,
        writers: int = 2,
        journal: str = "",
        pauses: tuple[float, float, float] = (0.1, 0.25, 0.1),
    ) -> None:
        """`proxy`, `replicas`: where the service is, behind HAProxy and node by node. `pauses`: seconds between two
        requests of a writer, of the pusher, of a reader."""
        self.proxy, self.replicas, self.history = proxy, dict(replicas), History()
        self._journal = journal
        self._pauses = pauses
        self._number = next(_NUMBERS)
        self.watch, self.feed = f"watch_{self._number}", f"feed_{self._number}"
        self.policies = [f"numbers_{self._number}_{k}" for k in range(1, writers + 1)]
        self.base = self._number * 1_000_000
        self._facts = count(self.base + 1)
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.faults_of_clients: list[str] = []

    # -- what there is to work on

    def owns(self, row: str) -> bool:
        """Whether a number is one of this workload."""
        return row.isdigit() and self.base < int(row) < self.base + 1_000_000

    def rules(self) -> list[str]:
        """The rules of policy `watch`."""
        return [
            *(f"written(x) :- {policy}:written(x)" for policy in self.policies),
            f"error(x) :- {self.feed}:data(x), not written(x)",
            *([f"execute[probe:mark(x)] :- {self.feed}:data(x)"] if self._journal else []),
        ]

    def prepare(self, seconds: float = 60.0) -> None:
        """Make policies and datasources, whatever it takes."""
        feed = {"name": self.feed, "driver": "push", "config": {"description": "numbers", "columns": "number"}}
        self._insist("POST", "/v1/data-sources", feed, seconds)
        if self._journal:
            probe = {"name": "probe", "driver": "probe", "config": {"journal": self._journal}}
            self._insist("POST", "/v1/data-sources", probe, seconds)
        for policy in self.policies:
            self._insist("POST", "/v1/policies", {"name": policy, "rules": [{"rule": "written(0)"}]}, seconds)
        watch = {"name": self.watch, "rules": [{"rule": rule} for rule in self.rules()]}
        self._insist("POST", "/v1/policies", watch, seconds)

    def remove(self, seconds: float = 60.0) -> None:
        """Take away what `prepare` made, but the probe."""
        for policy in (self.watch, *self.policies):
            self._insist("DELETE", f"/v1/policies/{policy}", None, seconds)
        self._insist("DELETE", f"/v1/data-sources/{self._id()}", None, seconds)

    def _id(self) -> str:
        listing = Client("setup", self.history).ask("GET", f"{self.proxy}/v1/data-sources")
        found = [each["id"] for each in (listing.body or {}).get("results", []) if each["name"] == self.feed]
        return found[0] if found else self.feed

    def _insist(self, method: str, path: str, body: Any, seconds: float) -> None:
        client, deadline = Client("setup", self.history), time.monotonic() + seconds
        done = (200, 201, 204, 409) if method == "POST" else (200, 204, 404)
        while (answer := client.ask(method, self.proxy + path, body)).status not in done:
            assert time.monotonic() < deadline, f"{method} {path} is answered {answer.status} for {seconds:g} s"
            self.stopping.wait(0.2)

    # -- the clients

    def start(self) -> None:
        """Begin to work."""
        for policy in self.policies:
            self._run(self._write, policy)
        self._run(self._push)
        self._run(self._read_in_a_session)
        self._run(self._read_everywhere)

    def stop(self) -> None:
        """End when each has its last answer. Raises AssertionError when a client was told something impossible."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), f"client {thread.name} hangs"
        assert not self.faults_of_clients, self.faults_of_clients

    def _run(self, work: Callable[..., None], *arguments: Any) -> None:
        def guarded() -> None:
            try:
                work(*arguments)
            except Exception as error:  # a client that died silently would prove nothing
                self.faults_of_clients.append(f"{work.__name__}: {error!r}")

        thread = threading.Thread(target=guarded, name=work.__name__, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _rounds(self, pause: float) -> Iterator[int]:
        for turn in count(1):
            if self.stopping.is_set():
                return
            yield turn
            self.stopping.wait(pause)

    def _through(self) -> Iterator[str]:
        return cycle([self.proxy, *self.replicas.values()])

    def _write(self, policy: str) -> None:
        """Facts through the proxy; after every fourth the own facts, through whatever replica."""
        client, through, known = Client(policy, self.history), self._through(), 0
        for turn in self._rounds(self._pauses[0]):
            number = next(self._facts)
            url, body = f"{self.proxy}/v1/policies/{policy}/rules", {"rule": f"written({number})"}
            wrote = client.note("rule", self.proxy, lambda: client.ask("POST", url, body), number=number)  # noqa: B023
            known = max(known, wrote.revision or 0) if wrote.outcome == "ok" else known
            if turn % 4 == 0:
                known = self._read(client, policy, next(through), known)

    def _read(self, client: Client, policy: str, through: str, minimum: int) -> int:
        url = f"{through}/v1/policies/{policy}/tables/written/rows"
        read = client.note("read", through, lambda: client.ask("GET", url, minimum=minimum), minimum=minimum)
        return max(minimum, read.revision or 0)

    def _push(self) -> None:
        """All numbers of a window that moves on by one each time."""
        client = Client("pusher", self.history)
        url = f"{self.proxy}/v1/data-sources/{self.feed}/tables/data/rows"
        for turn in self._rounds(self._pauses[1]):
            numbers = [self.base + STRIDE * each for each in range(max(1, turn - WINDOW + 1), turn + 1)]
            rows: Sequence[list[int]] = [[number] for number in numbers]
            client.note("rows", self.proxy, lambda: client.ask("PUT", url, rows), numbers=tuple(numbers))  # noqa: B023

    def _read_in_a_session(self) -> None:
        """Through the proxy, with its cookie and nothing else."""
        client = Client("session", self.history)
        url = f"{self.proxy}/v1/policies/{self.policies[0]}/tables/written/rows?limit=1"
        for _turn in self._rounds(self._pauses[2]):
            client.note("read", self.proxy, lambda: client.ask("GET", url))

    def _read_everywhere(self) -> None:
        """Through every replica in turn, asking for what was seen last."""
        client, through, known = Client("wanderer", self.history), self._through(), 0
        for _turn in self._rounds(self._pauses[2]):
            known = self._read(client, self.policies[-1], next(through), known)
