"""No secret comes out: watches all answers and all logs of the whole suite, and fails the test in which one shows.

Every secret that a test makes up begins with MARK; secrets that others make (tokens, keys) are told to `watch`. Watched
are: what `requests` and falcon's test client receive, what the application answers in this process, log records and
output of this process, and the logs and the output of every process of Congress.
"""

from __future__ import annotations

import base64
import logging
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import falcon.testing
import pytest
import requests

from congress.api import app

MARK = "canary-"
SHORTEST = 7
_OURS = re.compile(r"congress([._]\S*|-(server|db-manage|status|cfg-validator-agt))?|run\.py")


def written(secret: str) -> set[bytes]:
    """How a secret looks in texts: as it is, in URLs, and within anything that was encoded in base64."""
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode()}
    for before in range(3):
        # Characters that also depend on what stands before or behind the secret are left out.
        encoded = base64.b64encode(bytes(before) + raw)
        found.add(encoded[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6])
    return found


class Canaries:
    """What is looked for, where, and what was found since it was last asked."""

    def __init__(self) -> None:
        self._needles = frozenset(written(MARK))
        self._foreign: set[str] = set()
        self._permitted: set[bytes] = set()
        self._files: dict[Path, _Tail] = {}
        self._found: list[str] = []
        self._lock = threading.Lock()

    def watch(self, secret: str) -> str:
        """From now on, this must not be seen; answers it."""
        if len(secret) >= SHORTEST:
            self._needles |= written(secret)
        return secret

    def ignore(self, url: str) -> None:
        """Answers of this address are not ours: a Keystone tells tokens."""
        self._foreign.add(urlsplit(url).netloc)

    def permit(self, phrase: str) -> None:
        """These words, in which a secret stands, are said on purpose."""
        self._permitted.add(phrase.encode())

    def look(self, where: str, said: bytes | str) -> None:
        """Note the secrets in a text."""
        content = said.encode("utf-8", "replace") if isinstance(said, str) else said
        for phrase in self._permitted:
            content = content.replace(phrase, b"")
        for needle in self._needles:
            place = content.find(needle)
            if place >= 0:
                around = content[max(0, place - 120) : place + len(needle) + 40]
                with self._lock:
                    self._found.append(f"{where}: …{around.decode('utf-8', 'replace')}…")

    def answered(self, answer: requests.Response, *, whole: bool) -> None:
        """Look at an answer; `whole`: its body was read."""
        sent = answer.request
        parts = urlsplit(str(sent.url))
        if parts.netloc.rpartition("@")[2] in self._foreign:
            return
        where = f"{sent.method} {parts.path} answered {answer.status_code}"
        self.look(where, str(answer.headers))
        if not whole:
            return
        if sent.method == "POST" and parts.path.endswith("/webhook-secrets") and answer.status_code == 201:
            self.watch(answer.json()["secret"])  # the one answer that tells it
        else:
            self.look(where, answer.content)

    def follow(self, file: Path, offset: int, process: subprocess.Popen[Any]) -> None:
        """Look at what a process writes into a file."""
        self._files[file] = _Tail(file, offset, process)

    def catch_up(self) -> None:
        """Look at what processes wrote meanwhile."""
        for file, tail in list(self._files.items()):
            ended = tail.process.returncode is not None
            self.look(f"{file.name} of a process", tail.read())
            if ended:
                self._files.pop(file, None)

    def told(self) -> list[str]:
        """What was found since the last time."""
        self.catch_up()
        with self._lock:
            found, self._found = self._found, []
        return found


class _Tail:
    """The end of a file that grows, by whole lines."""

    def __init__(self, file: Path, offset: int, process: subprocess.Popen[Any]) -> None:
        self.process = process
        self._file, self._offset = file, offset

    def read(self) -> bytes:
        try:
            with self._file.open("rb") as opened:
                opened.seek(self._offset)
                content = opened.read()
        except FileNotFoundError:
            return b""
        if self.process.returncode is None:
            content = content[: content.rfind(b"\n") + 1]
        self._offset += len(content)
        return content


CANARIES = Canaries()
watch, ignore, permit = CANARIES.watch, CANARIES.ignore, CANARIES.permit


class Plugin:
    """Puts the canaries where secrets could come out."""

    def __init__(self, canaries: Canaries) -> None:
        self._canaries = canaries
        self._undo = pytest.MonkeyPatch()

    def pytest_configure(self) -> None:
        _watch_answers(self._canaries, self._undo)
        _watch_processes(self._canaries, self._undo)
        _watch_log(self._canaries, self._undo)
        logging.getLogger("congress").setLevel(logging.DEBUG)

    def pytest_unconfigure(self) -> None:
        self._undo.undo()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[Any]:
        report: pytest.TestReport = yield
        for title, said in report.sections:
            if title.endswith(f" {call.when}"):
                self._canaries.look(title, said)
        if found := self._canaries.told():
            text = "\n".join(["a secret came out:", *found[:10]])
            if report.passed:
                report.outcome, report.longrepr = "failed", text
            else:
                report.sections.append(("Secrets", text))
        return report


def _around(undo: pytest.MonkeyPatch, owner: Any, name: str, look: Callable[..., None]) -> None:
    """Have `look(result, *arguments, **named)` called after each call of a function."""
    original = getattr(owner, name)

    def wrapper(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        look(result, *arguments, **named)
        return result

    undo.setattr(owner, name, wrapper)


def _watch_log(canaries: Canaries, undo: pytest.MonkeyPatch) -> None:
    """Not a handler: whoever sets up logging removes those that there are."""
    formatter = logging.Formatter()

    def logged(_result: None, _logger: logging.Logger, record: logging.LogRecord) -> None:
        canaries.look(f"log of {record.name}", formatter.format(record))

    _around(undo, logging.Logger, "callHandlers", logged)


def _watch_answers(canaries: Canaries, undo: pytest.MonkeyPatch) -> None:
    def received(answer: requests.Response, *_: Any, **named: Any) -> None:
        canaries.answered(answer, whole=not named.get("stream"))

    def simulated(answer: Any, *_: Any, **_named: Any) -> None:
        canaries.look("the test client", str(answer.headers))
        canaries.look("the test client", answer.content)

    def captured(said: Any, *_: Any, **_named: Any) -> None:
        for stream in said:
            canaries.look("captured output", stream)

    _around(undo, requests.Session, "send", received)
    _around(undo, falcon.testing.TestClient, "simulate_request", simulated)
    _around(undo, pytest.CaptureFixture, "readouterr", captured)
    build = app.build
    undo.setattr(app, "build", lambda *given: Watched(canaries, build(*given)))


class Watched:
    """A WSGI application whose answers are looked at."""

    def __init__(self, canaries: Canaries, application: Any) -> None:
        self._canaries, self._application = canaries, application

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            self._canaries.look(f"{environ['PATH_INFO']} answered {status}", str(headers))
            return start(status, headers, *more)

        body = b"".join(self._application(environ, started))
        self._canaries.look(f"{environ['PATH_INFO']} answered", body)
        return [body]


def _watch_processes(canaries: Canaries, undo: pytest.MonkeyPatch) -> None:
    make = subprocess.Popen.__init__

    def init(process: subprocess.Popen[Any], command: Any, *more: Any, **named: Any) -> None:
        streams = [named.get("stdout"), named.get("stderr")]
        files = [(Path(one.name), one.tell()) for one in streams if isinstance(getattr(one, "name", None), str)]
        make(process, command, *more, **named)
        if _is_ours(command):
            for file, offset in files:
                canaries.follow(file, offset, process)

    def ended(_status: int, *_: Any, **_named: Any) -> None:
        canaries.catch_up()  # a second process may begin the same file anew

    def communicated(said: Any, process: subprocess.Popen[Any], *_: Any, **_named: Any) -> None:
        for stream in said:
            if stream and _is_ours(process.args):
                canaries.look("output of a process", stream)

    undo.setattr(subprocess.Popen, "__init__", init)
    _around(undo, subprocess.Popen, "wait", ended)
    _around(undo, subprocess.Popen, "communicate", communicated)


def _is_ours(command: Any) -> bool:
    words = [command] if isinstance(command, str) else [str(word) for word in command]
    return any(_OURS.fullmatch(Path(word).name) for word in words)
