"""A real `congress-server` on a free port with a state directory of its own, and a client for it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from tests import canaries
from tests.api import conformance
from tests.waiting import until

START_SECONDS = 120.0
"""It takes one on an idle machine; a busy one that also has all modules to compile took more than thirty."""


class ServerProcess:
    """Starts a server over `state`; `log` holds what it said."""

    def __init__(self, state: Path, *options: str) -> None:
        self.state = state
        self.log = state / "server.log"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> ServerProcess:
        self.state.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "congress.cli.server", "--state-dir", str(self.state), "--bind-port", "0"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen([*command, *self._options], stderr=log, stdout=log)  # noqa: S603
        self.url = self._wait_for(r"serving on (http://\S+)\s")
        for file in (self.state / "keys").glob("aes_key*"):
            for key in file.read_text().split():
                canaries.watch(key)
        return self

    def _wait_for(self, pattern: str) -> str:
        said: list[str] = []

        def is_said() -> bool:
            said[:] = re.findall(pattern, self.log.read_text())
            return bool(said)

        def what() -> str:
            state = f"still runs after {START_SECONDS:.0f} s" if self.running else "ended"
            return f"the server {state} and did not say {pattern!r}:\n{self.log.read_text()}"

        try:
            until(is_said, what, seconds=START_SECONDS, ended=lambda: not self.running)
        except AssertionError:
            self.close()
            raise
        return said[0]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        assert self._process is not None
        return self._process.poll() is None

    def terminate(self, seconds: float = 10.0) -> int:
        """Stop it as an operator does; answers the exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(seconds)

    def kill(self) -> None:
        """Stop it as a power failure does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def close(self) -> None:
        if self._process is not None and self.running:
            self.kill()


def guarded_server(place: Path, section: str) -> ServerProcess:
    """A server with a configuration file, which says nothing about the strategy, and with a policy file."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "congress.conf").write_text(section)
    (place / "policy.yaml").write_text("{}")
    options = ("--config-file", str(place / "congress.conf"), "--bind-host", "127.0.0.1")
    return ServerProcess(place / "state", *options).start()


class Client:
    """Requests to one server, answers as requests.Response."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def request(self, verb: str, path: str, json: Any = None, **more: Any) -> requests.Response:
        if verb in ("POST", "PUT", "PATCH") and "data" not in more:
            more["json"] = json
        answer = self.session.request(verb, self.url + path, timeout=60, **more)
        conformance.check(answer)
        return answer

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.request("POST", path, json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.request("PUT", path, json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        return self.request("PATCH", path, json, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.request("DELETE", path, **more)

    def policy(self, name: str, *rules: str, kind: str = "nonrecursive") -> str:
        """Create a policy with rules; answers its name."""
        body = {"name": name, "kind": kind, "rules": [{"rule": rule} for rule in rules]}
        assert self.post("/v1/policies", body).status_code == 201
        return name

    def rows(self, policy: str, table: str) -> list[list[Any]]:
        """The rows of a policy's table."""
        answer = self.get(f"/v1/policies/{policy}/tables/{table}/rows")
        assert answer.status_code == 200, answer.text
        return [row["data"] for row in answer.json()["results"]]
