"""CL022: the proxy leaves a dead server in time, and nobody waits for less than those behind."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.checks.times import API_ANSWERS
from congress.cluster.errors import Problem
from congress.cluster.services.contract import Listener

ATTEMPTS = 4
"""HAProxy tries a server once and three times again before it gives the request up."""


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        for listener in placed.declaration.listeners:
            for what, instead in _wrong(listener):
                yield subject.problem(subject.service_path(placed), f"listener {listener.name!r}: {what}", instead)


def _wrong(listener: Listener) -> Iterator[tuple[str, str]]:
    check = listener.check
    again = check.interval if check.again is None else check.again
    if min(check.interval, again, check.timeout, check.rise, check.fall, listener.connect_timeout) <= 0:
        yield "a time or count of its check is not positive", "give seconds, and counts from 1"
        return
    hung = check.fall * (check.interval + check.timeout)
    if hung > API_ANSWERS:
        what = (
            f"a server that hangs is left after {hung:g} s only (fall x (interval + timeout)), not in {API_ANSWERS:g} s"
        )
        yield what, "lower the check's interval, timeout or fall"
    patience = listener.connect_timeout * ATTEMPTS
    if listener.client_timeout < patience:
        what = (
            f"its clients are sent away after {listener.client_timeout:g} s; trying other servers takes {patience:g} s"
        )
        yield what, "lower the connect timeout, or raise the client timeout"
    if listener.client_timeout < listener.server_timeout:
        what = (
            f"clients are sent away after {listener.client_timeout:g} s, servers may take {listener.server_timeout:g} s"
        )
        yield what, "raise the client timeout to the server's at least"
    if listener.tunnel_timeout is not None and listener.tunnel_timeout < listener.client_timeout:
        yield "its tunnel ends before its client's timeout", "raise the tunnel timeout"


CHECK = Check(
    "CL022",
    "The proxy leaves a dead server in time",
    "A server that hangs is left when `fall` checks have failed, each after interval and timeout; that has to be "
    "within the 15 s in which an API is promised to answer again. A client's timeout must leave time for connecting "
    "to another server, and for the slowest answer.",
    _find,
)
