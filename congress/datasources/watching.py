"""One list of a Kubernetes API, kept up to date: listed in parts, then watched, and listed again when it must be."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlencode

import requests

from congress.datasources.clusteraccess import Access
from congress.datasources.contract import DriverError, Unchanged
from congress.datasources.documents import LARGEST, read_json

PART: Final = 500
QUIET: Final = 240
"""Seconds after which the API server ends a watch, which then goes on from where it was."""
LONGEST_PAUSE: Final = 30.0


class Expired(DriverError):
    """The API server does not remember so far back; only a new list helps."""


class Watched:
    """`objects` is safe to call from any thread; the first call begins."""

    def __init__(self, access: Access, path: str, name: str) -> None:
        self._access, self._path = access, path
        self._lock = threading.Condition()
        self._objects: dict[str, Any] = {}
        self._listed = False
        self._version: str | None = None
        self._changes = self._told = 0
        self._problem: DriverError | None = None
        self._heard = False
        self._stopped = threading.Event()
        self._answer: requests.Response | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def objects(self) -> list[Any]:
        """What there is now; waits for the first list. Raises DriverError while the API server cannot be asked, and
        Unchanged when nothing changed since the last call."""
        with self._lock:
            if not self._thread.is_alive() and not self._stopped.is_set():
                self._thread.start()
            self._lock.wait_for(lambda: self._listed or self._problem or self._stopped.is_set(), 60.0)
            if self._problem is not None:
                self._told = -1
                raise type(self._problem)(str(self._problem))
            if not self._listed:
                raise DriverError("the first list is not complete yet")
            if self._told == self._changes:
                raise Unchanged
            self._told = self._changes
            return list(self._objects.values())

    def stop(self) -> None:
        """End the watch."""
        self._stopped.set()
        with self._lock:
            self._lock.notify_all()
            answer = self._answer
        if answer is not None:
            _cut(answer)

    # -- the thread

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            self._heard = False
            try:
                if self._version is None:
                    self._list()
                self._watch()
                failures = 0
            except Expired:
                self._version = None
                failures += 1
            except DriverError as error:
                failures = 1 if self._heard else failures + 1
                # One broken connection is how watches end when an API server is replaced.
                if failures > 1 or not self._listed:
                    self._fail(error)
            except Exception as error:  # an answer of a shape that nobody thought of must not end the thread
                failures += 1
                self._version = None
                self._fail(DriverError(f"{type(error).__name__}: {error}"))
            if not self._stopped.is_set():
                pause = min(LONGEST_PAUSE, 0.1 * 2.0 ** min(failures, 20))
                self._stopped.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    def _list(self) -> None:
        found: dict[str, Any] = {}
        token, seen = "", 0
        while True:
            query = {"limit": str(PART), **({"continue": token} if token else {})}
            answer = self._asked(query)
            items = answer.get("items")
            metadata = answer.get("metadata")
            if not isinstance(items, list) or not isinstance(metadata, dict):
                raise DriverError("the answer is no list of objects; is the URL that of an API server?")
            found.update((_key(each), each) for each in items)
            token, seen = str(metadata.get("continue") or ""), seen + 1
            if not token:
                break
            if seen > 10_000 or self._stopped.is_set():
                raise DriverError("the list does not end")
        with self._lock:
            self._version = str(metadata.get("resourceVersion") or "")
            self._objects, self._listed, self._problem = found, True, None
            self._changes += 1
            self._lock.notify_all()

    def _asked(self, query: dict[str, str]) -> dict[str, Any]:
        found = self._access.web().find(f"{self._access.url}{self._path}?{urlencode(query)}", told=(410,))
        answer = read_json(found.content)
        if not isinstance(answer, dict):
            raise DriverError("the answer is no list of objects; is the URL that of an API server?")
        _refuse(answer)
        return answer

    def _watch(self) -> None:
        query = {
            "watch": "1",
            "resourceVersion": self._version or "",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(QUIET),
        }
        # Bookmarks come once a minute, so silence for longer is a broken connection.
        web = self._access.web().patient(QUIET + 30.0)
        with web.answer(f"{self._access.url}{self._path}?{urlencode(query)}", told=(410,)) as answer:
            with self._lock:
                self._answer = answer
                self._problem = None
            try:
                if self._stopped.is_set():
                    return
                for line in _lines(answer):
                    self._take(read_json(line))
            finally:
                with self._lock:
                    self._answer = None

    def _take(self, event: Any) -> None:
        if not isinstance(event, dict) or not isinstance(event.get("object"), dict):
            raise DriverError("the watch tells something that is no event")
        thing, kind = event["object"], event.get("type")
        _refuse(thing)
        if kind == "ERROR":
            raise DriverError(f"the watch ends: {thing.get('message') or thing.get('reason')}")
        metadata = thing.get("metadata")
        version = metadata.get("resourceVersion") if isinstance(metadata, dict) else None
        self._heard = True
        with self._lock:
            if kind in ("ADDED", "MODIFIED"):
                self._objects[_key(thing)] = thing
                self._changes += 1
            elif kind == "DELETED":
                self._objects.pop(_key(thing), None)
                self._changes += 1
            if version:
                self._version = str(version)

    def _fail(self, error: DriverError) -> None:
        with self._lock:
            self._problem = error
            self._lock.notify_all()


def _key(thing: Any) -> str:
    metadata = thing.get("metadata") if isinstance(thing, dict) else None
    if not isinstance(metadata, dict):
        raise DriverError("the list has something in it that is no object")
    return str(metadata.get("uid") or (metadata.get("namespace"), metadata.get("name")))


def _refuse(answer: dict[str, Any]) -> None:
    """Raises Expired for a Status that says so, whether it comes as an answer or in a watch."""
    if answer.get("kind") == "Status" and answer.get("code") == 410:
        raise Expired(str(answer.get("message") or "the resource version is too old"))


def _lines(answer: requests.Response) -> Iterator[bytes]:
    """The lines of a stream, as they come."""
    waiting = b""
    while chunk := answer.raw.read1(65536, decode_content=True):
        *lines, waiting = (waiting + chunk).split(b"\n")
        yield from filter(None, lines)
        if len(waiting) > LARGEST:
            raise DriverError(f"a line of the watch has more than {LARGEST} bytes")


def _cut(answer: requests.Response) -> None:
    """Wake the thread that reads: closing alone does not, while it waits."""
    connection = getattr(answer.raw, "_connection", None) or getattr(answer.raw, "connection", None)
    connected = getattr(connection, "sock", None)
    if isinstance(connected, socket.socket):
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
