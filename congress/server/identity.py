"""Who this process is among its peers, and whether a process of the same system is still there."""

from __future__ import annotations

import os
import platform
import time
import uuid
from pathlib import Path

from congress.db.leases import Contender


def myself(node: str) -> Contender:
    """This process, playing under a node id; another name at each call."""
    return Contender(uuid.uuid4().hex, node, platform.node(), _scope(), os.getpid(), _started(os.getpid()) or 0)


def clock() -> float:
    """Seconds on a clock that nobody can set, and that goes on while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def has_ended(other: Contender) -> bool:
    """Whether the process is known not to exist any more; False whenever that cannot be told from here.

    Names of hosts are not unique, and containers count their processes each on its own. So processes are only looked
    for in the same running kernel and the same process namespace.
    """
    if not other.scope or other.scope != _scope():
        return False
    started = _started(other.pid)
    return started is None or (other.pid_started > 0 and started != other.pid_started)


def _scope() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _started(pid: int) -> int | None:
    """When a process began, in ticks since the kernel did; None when there is no such process; 0 when it hides."""
    try:
        os.kill(pid, 0)  # unlike /proc, which systems may keep from other users, this always knows who is there
    except ProcessLookupError:
        return None
    except OSError:
        pass
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    threads, started = int(fields[16]), int(fields[18])
    # A process that was killed and not yet buried does nothing any more, when none of its threads is left.
    return None if state in "ZX" and threads <= 1 else started
