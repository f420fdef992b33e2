"""HAProxy: what each of its processes thinks of the servers behind it."""

from __future__ import annotations

import csv
import re
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from congress.datasources.contract import DriverError, Option
from congress.datasources.documents import LARGEST, Web
from congress.datasources.listed import TIMEOUT, ListedDriver, Objects
from congress.datasources.members import ask_all, members
from congress.datasources.options import POLLING
from congress.datasources.translate import Field, Table

INSTANCE = Field("instance", type="Str", description="name of the HAProxy, as in the option `instances`")
INSTANCES = Table(
    "instances",
    (
        Field("name", type="Str", description="name of the HAProxy, as in the option `instances`"),
        Field("place", type="Str", description="where it was asked"),
        Field("reachable", type="Bool", description="whether it answered"),
        Field("problem", type="Str", description="why it did not"),
        Field("version", type="Str", description="its release; None when asked over HTTP, which does not tell"),
    ),
)
FRONTENDS = Table(
    "frontends",
    (
        INSTANCE,
        Field("proxy", "pxname", "Str", "name of the frontend or listen section"),
        Field("mode", type="Str", description="http or tcp"),
        Field("status", type="Str", description="OPEN, FULL or STOP"),
    ),
)
BACKENDS = Table(
    "backends",
    (
        INSTANCE,
        Field("proxy", "pxname", "Str", "name of the backend or listen section"),
        Field("mode", type="Str", description="http or tcp"),
        Field("status", type="Str", description="UP or DOWN"),
        Field(
            "algorithm",
            "algo",
            "Str",
            "how requests are spread; a socket tells with level operator, a page with show-legends",
        ),
        Field("active", "act", "Int", "servers that are up, backups left out"),
        Field("backup", "bck", "Int", "backup servers that are up"),
    ),
)
SERVERS = Table(
    "servers",
    (
        INSTANCE,
        Field("proxy", "pxname", "Str", "name of the backend or listen section"),
        Field("server", "svname", "Str", "name of the server"),
        Field("address", "addr", "Str", "address and port, told as `algorithm` is"),
        Field("status", type="Str", description="UP, DOWN, NOLB, MAINT, DRAIN or no check"),
        Field("up", type="Bool", description="whether it is sent requests when its turn comes; None without a check"),
        Field("backup", type="Bool", description="whether it is used only when no other server is left"),
        Field("busy", type="Bool", description="whether clients have connections to it at the moment"),
        Field("weight", type="Int", description="its share"),
        Field("check", "check_status", "Str", "result of the last check: L7OK, L4TOUT, ...; None without a check"),
        Field("reason", "last_chk", "Str", "what the last check found"),
    ),
)
_KINDS = {"0": FRONTENDS.name, "1": BACKENDS.name, "2": SERVERS.name}
_NUMBERS = ("act", "bck", "weight")
_CHUNK = 65536
_VERSION = re.compile(r"(?m)^Version: (\S+)$")


class Told(NamedTuple):
    """What one process says: its release, and the lines of its statistics by the names of the columns."""

    version: str | None
    lines: list[dict[str, str]]


class HaproxyDriver(ListedDriver):
    """Reads the statistics socket or the statistics page as CSV."""

    id = "haproxy"
    description = "What HAProxy processes think of the servers behind them"
    options = (
        Option(
            "instances",
            required=True,
            description="Where each HAProxy tells its statistics: [name=]place, separated by commas. A place is the "
            "path of its statistics socket, tcp://host:port of a socket on the network, or the URL of the page as CSV, "
            "such as http://host:9300/status;csv",
        ),
        Option("username", description="User of the statistics page"),
        Option("password", secret=True, description="Password of the statistics page"),
        Option("cacert", description="File with the certificates of the authorities that signed the page's"),
        TIMEOUT,
        *POLLING,
    )
    sights = ((INSTANCES, FRONTENDS, BACKENDS, SERVERS),)

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._instances = members("instances", self.settings["instances"] or "")
        self._timeout: float = self.settings["timeout"]
        login = (self.settings["username"], self.settings["password"])
        self._web = Web(self._timeout, self.settings["cacert"], *login)

    def look(self, group: str) -> tuple[Objects]:
        answers = ask_all(self.name, self._instances, lambda _name, place: self._ask(place))
        found: dict[str, list[Mapping[str, Any]]] = {
            INSTANCES.name: [{**one.told(), "version": one.value.version if one.value else None} for one in answers]
        }
        for one in answers:
            for table, row in rows_of(one.value.lines if one.value else []):
                found.setdefault(table, []).append({"instance": one.name, **row})
        return (found,)

    def _ask(self, place: str) -> Told:
        """Raises DriverError."""
        if place.startswith(("http://", "https://")):
            return Told(None, statistics(self._web.get(place).decode(errors="replace")))
        version = _VERSION.search(ask_socket(place, "show info", self._timeout))
        return Told(version[1] if version else None, statistics(ask_socket(place, "show stat", self._timeout)))


def statistics(text: str) -> list[dict[str, str]]:
    """The lines of HAProxy's CSV. Raises DriverError."""
    if not text.startswith("# pxname,svname,"):
        raise DriverError("the answer is not HAProxy's statistics as CSV; does the URL of the page end with ;csv?")
    return list(csv.DictReader(text.removeprefix("# ").splitlines()))


def rows_of(lines: list[dict[str, str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Table and row for each frontend, backend and server."""
    for line in lines:
        table = _KINDS.get(line.get("type") or "")
        if table is not None:
            known: dict[str, Any] = {name: cell for name, cell in line.items() if cell}
            known |= {name: int(cell) for name in _NUMBERS if (cell := known.get(name, "")).isdigit()}
            yield table, known | (_server(known) if table == SERVERS.name else {})


def _server(line: Mapping[str, Any]) -> dict[str, Any]:
    # `UP 1/3` is up and may go down; `DOWN 1/2` is down and may come up; `MAINT (via x/y)` is another one's doing.
    status = re.split(r" (?=[\d(])", line.get("status", ""))[0]
    return {
        "status": status,
        "up": None if status == "no check" else status == "UP",
        "backup": line.get("bck") == 1,
        "busy": line.get("scur", "0") != "0",
        # An asterisk marks a check that is going on.
        "check_status": str(line["check_status"]).lstrip("* ") if "check_status" in line else None,
    }


def ask_socket(place: str, command: str, timeout: float) -> str:
    """What a statistics socket answers: of a path, or of tcp://host:port. Raises DriverError."""
    deadline = time.monotonic() + timeout
    try:
        with _connected(place, timeout) as link:
            link.sendall(f"{command}\n".encode())
            found = bytearray()
            while True:
                link.settimeout(max(deadline - time.monotonic(), 0.001))
                chunk = link.recv(_CHUNK)
                if not chunk:
                    return found.decode(errors="replace")
                found += chunk
                if len(found) > LARGEST:
                    raise DriverError(f"the answer has more than {LARGEST} bytes")
    except TimeoutError as error:
        raise DriverError(f"no answer within {timeout:g} s") from error
    except OSError as error:
        raise DriverError(error.strerror or str(error)) from error


def _connected(place: str, timeout: float) -> socket.socket:
    if place.startswith("/"):
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(timeout)
        try:
            link.connect(place)
        except BaseException:
            link.close()
            raise
        return link
    try:
        parts = urlsplit(place)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not (place.startswith("tcp://") and host and port):
        raise DriverError(f"'{place}' is no place; write /path/of/socket, tcp://host:port or http://host:port/path;csv")
    return socket.create_connection((host, port), timeout)
