"""`congress-galera-check`: tells a load balancer over HTTP whether a MariaDB Galera node may be used.

200 when the node is synced in the primary component and takes writes, 503 with the reason otherwise. A plain
connection says neither: a node that lost its cluster still greets its clients.

A node that feeds another one counts as usable for some seconds: one that returns gets what it missed within them, and
its donor serves meanwhile; to send clients away, and end their sessions, would make a second outage of each return.
Who is sent everything takes longer, and blocks writes.
"""

from __future__ import annotations

import argparse
import configparser
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DEFAULT_PORT = 9200
DONOR_SECONDS = 5.0
SYNCED, DONOR = "4", "2"
_ASKED = "'wsrep_local_state', 'wsrep_local_state_comment', 'wsrep_cluster_status', 'wsrep_ready', 'read_only'"


def reason(state: Mapping[str, str], *, donor_serves: bool = False) -> str | None:
    """Why a node with these status variables should get no clients; None when it should."""
    if not state:
        return "the node does not replicate"
    if state.get("wsrep_cluster_status") != "Primary":
        return f"the node is in a {state.get('wsrep_cluster_status', 'missing')} component, without a majority"
    if state.get("wsrep_ready") != "ON":
        return "the node does not take queries"
    serving = {SYNCED, DONOR} if donor_serves else {SYNCED}
    if state.get("wsrep_local_state") not in serving:
        return f"the node is {state.get('wsrep_local_state_comment', 'in an unknown state')}, not Synced"
    if state.get("read_only") == "ON":
        return "the node is read only"
    return None


class Check:
    """Asks one node. `connection`: keywords of `pymysql.connect`; `donor_seconds`: for how long one that feeds another
    counts as usable."""

    def __init__(
        self,
        connection: Mapping[str, Any],
        *,
        donor_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection, self._patience, self._clock = dict(connection), donor_seconds, clock
        self._donor_since: float | None = None

    def __call__(self) -> str | None:
        """Why the node should get no clients; None when it should."""
        import pymysql

        try:
            with pymysql.connect(**self._connection) as link, link.cursor() as cursor:
                cursor.execute(f"SHOW GLOBAL STATUS WHERE Variable_name IN ({_ASKED})")
                state = dict(cursor.fetchall())
                cursor.execute("SHOW GLOBAL VARIABLES WHERE Variable_name = 'read_only'")
                state.update(cursor.fetchall())
        except pymysql.err.Error as error:
            return f"the node does not answer: {error}"
        return self.judged(state)

    def judged(self, state: Mapping[str, str]) -> str | None:
        """The same of status variables that were seen just now."""
        if state.get("wsrep_local_state") != DONOR:
            self._donor_since = None
            return reason(state)
        now = self._clock()
        since = self._donor_since = now if self._donor_since is None else self._donor_since
        return reason(state, donor_serves=now - since < self._patience)


def server(host: str, port: int, check: Check) -> ThreadingHTTPServer:
    """What answers the load balancer, not yet serving."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = check()
            text = ("the node may be used\n" if found is None else f"{found}\n").encode()
            self.send_response(200 if found is None else 503)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - named by the standard library

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: a load balancer asks every second."""

    return ThreadingHTTPServer((host, port), Handler)


def make_parser() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="congress-galera-check", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--bind-host", default="0.0.0.0", help="address to answer at (all)")  # noqa: S104
    parser.add_argument("--bind-port", type=int, default=DEFAULT_PORT, help="port to answer at (%(default)s)")
    parser.add_argument("--socket", help="the node's socket; or else --host and --port")
    parser.add_argument("--host", default="127.0.0.1", help="the node's address (%(default)s)")
    parser.add_argument("--port", type=int, default=3306, help="the node's port (%(default)s)")
    parser.add_argument("--user", default="congress-check", help="account to ask as (%(default)s); it needs no rights")
    parser.add_argument("--password-file", help="file with a section [client] and its option password")
    parser.add_argument("--timeout", type=int, default=2, help="seconds that the node may take (%(default)s)")
    parser.add_argument(
        "--donor-seconds",
        type=float,
        default=DONOR_SECONDS,
        help="for how long a node that feeds a joining one counts as usable (%(default)s; inf: always)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped."""
    given = make_parser().parse_args(arguments)
    where = {"unix_socket": given.socket} if given.socket else {"host": given.host, "port": given.port}
    times = {"connect_timeout": given.timeout, "read_timeout": given.timeout, "write_timeout": given.timeout}
    try:
        password = _password(given.password_file) if given.password_file else ""
        check = Check({**where, **times, "user": given.user, "password": password}, donor_seconds=given.donor_seconds)
        with server(given.bind_host, given.bind_port, check) as serving:
            serving.serve_forever()
    except KeyboardInterrupt:
        return 0
    except (OSError, configparser.Error) as error:
        print(f"congress-galera-check: {error}", file=sys.stderr)
        return 1
    return 0


def _password(file: str) -> str:
    """Raises OSError, configparser.Error."""
    parser = configparser.ConfigParser(interpolation=None)
    with open(file, encoding="utf-8") as opened:
        parser.read_file(opened)
    return parser.get("client", "password", fallback="")


if __name__ == "__main__":
    sys.exit(main())
