"""CL066: the certificate does not end soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from congress.cluster.checks.certificate import read
from congress.cluster.checks.check import Check, Severity, Subject
from congress.cluster.errors import Problem

SOON = timedelta(days=30)


def _find(subject: Subject) -> Iterator[Problem]:
    text = subject.surroundings.certificate
    if subject.described.description.tls is None or text is None:
        return
    try:
        end = read(text).not_valid_after_utc
    except ValueError:
        return
    left = end - subject.surroundings.now
    if timedelta(0) < left < SOON:
        what = f"the certificate ends on {end:%Y-%m-%d}, in {left.days} days"
        yield subject.problem(("tls", "certificate"), what, "replace it in time")


CHECK = Check(
    "CL066",
    "The certificate does not end within 30 days",
    "A certificate ends at all addresses in the same second; no failover helps.",
    _find,
    Severity.WARNING,
)
