"""Documents that others write, at URLs or in files, and how old they are."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from congress.datasources.contract import DriverError, OutcomeUncertain
from congress.datasources.revalidation import Revalidation
from congress.datasources.transport import session

LARGEST = 64 * 1024 * 1024


class Found(NamedTuple):
    """What is at a URL; the names of headers are told apart regardless of case."""

    content: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Web:
    """How URLs are asked: `timeout` in seconds, `cacert` the file with the authorities' certificates, `certificate` the
    files of our own and of its key."""

    timeout: float
    """For each part of an answer; a whole one may take four times as long."""
    cacert: str | None = None
    username: str | None = None
    password: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    certificate: tuple[str, str] | None = None
    known: Revalidation | None = field(default=None, compare=False)
    """Answers that need not be sent again when they are the same."""

    def get(self, url: str, limit: float | None = None) -> bytes:
        """What is at the URL. `limit`: seconds since its last change, where the server tells it. Raises DriverError."""
        return self.find(url, limit).content

    def find(self, url: str, limit: float | None = None, told: Collection[int] = ()) -> Found:
        """The same with its headers. `told`: states of failures whose answer is wanted. Raises DriverError."""
        with self._asked("GET", url, told, stream=False) as answer:
            _check_age(_age(answer.headers), limit)
            return Found(answer.content, answer.headers)

    def patient(self, timeout: float) -> Web:
        """The same, for answers of which parts may come this late."""
        return replace(self, timeout=timeout)

    def json(self, url: str) -> Any:
        """What is at the URL, as JSON. Raises DriverError."""
        return read_json(self.get(url))

    def send(self, method: str, url: str, body: Any = None) -> None:
        """Have something changed by a request with this body, as JSON. Raises DriverError: it was not done; and
        OutcomeUncertain."""
        try:
            with self._asked(method, url, body=body, stream=True):
                pass
        except DriverError as error:
            if _may_have_arrived(error.__cause__):
                raise OutcomeUncertain(f"{error}; the request may have arrived") from error
            raise

    def answer(self, url: str, told: Collection[int] = ()) -> AbstractContextManager[requests.Response]:
        """A good answer whose body was not read yet. What goes wrong with it inside the block is a DriverError, too."""
        return self._asked("GET", url, told, stream=True)

    @contextmanager
    def _asked(
        self, method: str, url: str, told: Collection[int] = (), *, body: Any = None, stream: bool
    ) -> Iterator[requests.Response]:
        login = (self.username, self.password or "") if self.username else None
        try:
            with (
                session(self.known, 4 * self.timeout) as asking,
                asking.request(
                    method,
                    url,
                    json=body,
                    # Else requests looks for a login in the home directory and forgets the header that is set.
                    auth=login or _as_it_is,
                    headers=dict(self.headers),
                    cert=self.certificate,
                    timeout=self.timeout,
                    verify=self.cacert or True,
                    stream=stream,
                    allow_redirects=False,
                ) as answer,
            ):
                if answer.status_code not in told:
                    _check(answer)
                yield answer
        except (requests.RequestException, HTTPError) as error:
            raise DriverError(_reason(error)) from error
        except OSError as error:  # a file of authorities that is not there
            raise DriverError(str(error)) from error


def read_json(text: bytes) -> Any:
    """The value that a text writes in JSON. Raises DriverError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DriverError("the answer is not JSON; is the URL that of the API?") from error


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def read_file(path: Path, limit: float | None = None) -> bytes:
    """A file that was written at most `limit` seconds ago. Raises DriverError."""
    try:
        with path.open("rb") as file:
            _check_age(time.time() - path.stat().st_mtime, limit)
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise DriverError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(content) > LARGEST:
        raise DriverError(f"{path} has more than {LARGEST} bytes")
    return content


def _check(answer: requests.Response) -> None:
    if answer.status_code in (401, 403):
        raise DriverError(f"the login was refused ({answer.status_code}); check username, password and rights")
    if answer.status_code // 100 != 2:
        raise DriverError(f"the answer is {answer.status_code} {answer.reason}; check the URL")


def _age(headers: Mapping[str, str]) -> float | None:
    try:
        return time.time() - parsedate_to_datetime(headers["Last-Modified"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None


def _check_age(age: float | None, limit: float | None) -> None:
    if age is not None and limit is not None and age > limit:
        raise DriverError(f"it was written {age:.0f} s ago, more than max_age ({limit:g} s); is it still written?")


def _may_have_arrived(error: BaseException | None) -> bool:
    """Whether a request that failed so may have been read by the other side all the same."""
    if not isinstance(error, requests.ConnectionError | requests.Timeout) or isinstance(error, requests.ConnectTimeout):
        return False
    inner = [getattr(one, "reason", one) for one in error.args]  # urllib3 keeps the first cause there
    refused = (NewConnectionError, ConnectTimeoutError, SSLError)
    return not any(isinstance(one, refused) for one in inner)


def _reason(error: Exception) -> str:
    """The innermost cause, without the addresses of objects that the libraries print."""
    found: BaseException = error
    while True:
        inner = getattr(found, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((one for one in found.args if isinstance(one, BaseException)), None)
        if inner is None:
            break
        found = inner
    return str(found).rpartition(">: ")[2] or type(found).__name__
