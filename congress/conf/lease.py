"""Group lease: how soon a process that is gone is replaced, and how soon it notices that it was."""

from __future__ import annotations

from dataclasses import dataclass

from oslo_config import cfg

from congress.errors import CongressError

GROUP = "lease"

OPTIONS = [
    cfg.FloatOpt(
        "duration",
        default=10.0,
        min=0.1,
        help="Seconds after which a lease that is not renewed may be taken by another process: so long, and up to a "
        "second more, it takes until a standby of the datasources replaces one that vanished. Each holder's own value "
        "counts, so it can be changed process by process.",
    ),
    cfg.FloatOpt(
        "renew",
        default=2.0,
        min=0.01,
        help="Seconds between two renewals. Less than a third of `duration`.",
    ),
    cfg.FloatOpt(
        "margin",
        default=2.0,
        min=0.01,
        help="So many seconds before others may take its lease a process that could not renew it stops publishing and "
        "acting. At least a tenth of `duration`, and so little that two renewals may fail: "
        "`margin` + 2 * `renew` < `duration`.",
    ),
    cfg.FloatOpt(
        "node_refresh",
        default=1.0,
        min=0.01,
        help="Seconds between two signs of life of each process in the database.",
    ),
    cfg.FloatOpt(
        "node_timeout",
        default=5.0,
        min=0.1,
        help="Seconds without a sign of life after which a process counts as gone and its node id may be taken. "
        "At least three times `node_refresh`.",
    ),
]


class TimingInvalid(CongressError):
    """The times in group `lease` contradict each other; the text says which and how."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The times of one lease, in seconds. `margin` before `duration` is over its holder gives up."""

    duration: float
    renew: float
    margin: float

    @property
    def valid(self) -> float:
        """How long the holder trusts a renewal, from the moment at which it began."""
        return self.duration - self.margin


def timing(conf: cfg.ConfigOpts) -> Timing:
    """The times of the leases, checked. Raises TimingInvalid."""
    group = conf.lease
    found = Timing(group.duration, group.renew, group.margin)
    if not found.renew < found.duration / 3:
        raise _contradiction(
            f"renew = {found.renew} is not less than a third of duration = {found.duration}: one slow renewal would "
            "cost the lease"
        )
    if found.margin < found.duration / 10:
        raise _contradiction(
            f"margin = {found.margin} is less than a tenth of duration = {found.duration}: a holder might not have "
            "stopped when another one begins"
        )
    if not found.margin + 2 * found.renew < found.duration:
        raise _contradiction(
            f"margin = {found.margin} and twice renew = {found.renew} leave nothing of duration = {found.duration}: "
            "two renewals that fail would cost the lease"
        )
    return found


def node_timing(conf: cfg.ConfigOpts) -> Timing:
    """The times of the leases on node ids, checked. Raises TimingInvalid."""
    group = conf.lease
    if group.node_timeout < 3 * group.node_refresh:
        raise _contradiction(
            f"node_timeout = {group.node_timeout} is less than three times node_refresh = {group.node_refresh}: "
            "processes would be taken for gone that are only slow"
        )
    return Timing(group.node_timeout, group.node_refresh, group.node_refresh / 2)


def _contradiction(text: str) -> TimingInvalid:
    return TimingInvalid(f"group [lease]: {text}; see docs/configuration.md")
