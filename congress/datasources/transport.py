"""The one way over HTTP to a cloud: refuses addresses that no cloud has, and takes no answer without end.

A cloud's answers name other addresses (redirects, catalogs, links), and a token goes wherever a request goes; so every
connection is checked at the moment it is made, by the address that is connected to and not by its name.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, ReadTimeoutError

from congress.datasources.contract import DriverError
from congress.datasources.masking import without_logins
from congress.datasources.revalidation import Revalidation

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_CHUNK: Final = 64 * 1024
_KEEP_ALIVE: Final = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
_LENGTHS: Final = frozenset({"content-length", "transfer-encoding"})
REFUSED: Final = ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "0.0.0.0/32", "::/128")
"""Link-local addresses, where a machine's own metadata and credentials are; and none, which means this machine."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`answer_bytes`: of one answer, unpacked; `answer_seconds`: until it is there as a whole; `refused`: networks."""

    answer_bytes: int = 32 * 2**20
    answer_seconds: float = 120.0
    refused: tuple[Network, ...] = tuple(ipaddress.ip_network(each) for each in REFUSED)

    def refuses(self, address: str) -> bool:
        """Whether nothing is sent to this address."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
        except ValueError:
            return False
        inner = getattr(found, "ipv4_mapped", None) or found
        return any(inner in network for network in self.refused)


_bounds = Bounds()


def bound(bounds: Bounds) -> None:
    """Set the bounds of all requests of this process from now on."""
    global _bounds  # noqa: PLW0603 - drivers are made without a server's configuration
    _bounds = bounds


def bounds() -> Bounds:
    """Those in force."""
    return _bounds


def session(known: Revalidation | None = None, seconds: float | None = None) -> requests.Session:
    """A session whose requests are guarded; see `guard`."""
    return guard(requests.Session(), known, seconds)


def guard(made: requests.Session, known: Revalidation | None = None, seconds: float | None = None) -> requests.Session:
    """Let a session send all its requests guarded; answers it. What is in `known` is asked for on condition that it has
    changed. `seconds`: until an answer is there as a whole, if that is less than what is in force."""
    for scheme in ("http://", "https://"):
        made.mount(scheme, GuardedAdapter(known, seconds))
    return made


class GuardedAdapter(HTTPAdapter):
    """Raises DriverError for an answer that is too large or takes too long; an address that is refused looks like one
    where nobody answers, with a text that says so."""

    def __init__(self, known: Revalidation | None = None, seconds: float | None = None) -> None:
        self._known, self._seconds = known or Revalidation(most_bytes=0), seconds
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **{"socket_options": _KEEP_ALIVE, **options})
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        url = str(request.url)
        if _bounds.refuses(urlsplit(url).hostname or ""):  # also behind a proxy, which resolves names itself
            raise requests.ConnectionError(_refusal(urlsplit(url).hostname or ""), request=request)
        seconds = min(_bounds.answer_seconds, self._seconds or _bounds.answer_seconds)
        asked, kept = (request, None) if stream else self._known.conditional(request)
        deadline = time.monotonic() + seconds
        response = super().send(asked, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies)
        if not stream:
            _read(response, deadline, seconds)
            self._known.settle(request, response, kept)
        return response


def _read(response: requests.Response, deadline: float, seconds: float) -> None:
    """Read the whole answer, unless it is endless or comes drop by drop."""
    found = bytearray()
    where = f"the answer of {without_logins(response.url.partition('?')[0])}"
    try:
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            found += chunk
            if len(found) > _bounds.answer_bytes:
                raise DriverError(
                    f"{where} has more than {_bounds.answer_bytes} bytes; the option answer_bytes of group "
                    "datasources says how many are taken"
                )
            if time.monotonic() > deadline:
                raise DriverError(f"{where} takes more than {seconds:g} s")
    except ReadTimeoutError as error:
        raise requests.ConnectionError(error, request=response.request) from error
    except HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error, request=response.request) from error
    else:
        if not found and response.status_code == 200 and not _LENGTHS.intersection(map(str.lower, response.headers)):
            raise requests.exceptions.ChunkedEncodingError(f"{where} broke off in its head", request=response.request)
        response._content, response._content_consumed = bytes(found), True  # type: ignore[attr-defined]
        response.raw.release_conn()
    finally:
        if not getattr(response, "_content_consumed", False):
            response.raw.close()


class _Guarded(HTTPConnection):
    """Connects only to addresses that are not refused, and waits only so long for the head of an answer."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            found = socket.getaddrinfo(name, self.port, 0, socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(self.host, self, reason) from error
        addresses = [str(each[4][0]) for each in found]
        taken = [address for address in dict.fromkeys(addresses) if not _bounds.refuses(address)]
        if not taken:
            raise NewConnectionError(self, _refusal(name))
        try:
            for place, address in enumerate(taken, 1):
                self._dns_host = address
                try:
                    return super()._new_conn()
                except NewConnectionError:
                    if place == len(taken):
                        raise
        finally:
            self._dns_host = name
        raise NewConnectionError(self, f"{name} has no address")

    def getresponse(self) -> Any:
        # The socket's own timeout begins anew with every byte.
        ended = threading.Event()
        ending = threading.Timer(_bounds.answer_seconds, _cut, (self.sock, ended))
        ending.daemon = True
        ending.start()
        try:
            found = super().getresponse()
        finally:
            ending.cancel()
        if ended.is_set():  # what had come of the head is taken for the whole of it otherwise
            raise ReadTimeoutError(self, self.host, f"{self.host} takes too long to begin to answer")  # type: ignore[arg-type]
        return found


class _SecurelyGuarded(_Guarded, HTTPSConnection):
    """The same with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecurelyGuarded


def _cut(connected: socket.socket | None, ended: threading.Event) -> None:
    ended.set()
    if connected is not None:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)


def _refusal(host: str) -> str:
    return f"{host} is an address that requests are not sent to; see the option refused_networks of group datasources"
