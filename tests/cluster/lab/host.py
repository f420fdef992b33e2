"""What a laboratory must leave alone of the machine that it is on: files, networks, mounts, settings of the kernel."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from congress.cluster.lab.provision import DATA, LOGS

TREES = ("/etc", "/usr/local", "/usr/lib/ocf", "/usr/sbin", *DATA, *LOGS)
"""Where nodes write on their own disks, and would on this machine's."""
SETTINGS = "/proc/sys/net/ipv4", "/proc/sys/kernel", "/proc/sys/vm", "/proc/sys/fs"
COUNTERS = ("/proc/sys/kernel/ns_last_pid",)
PLACES = ("/var/lib", "/var/log", "/run")
"""Where nothing new may be called like what nodes have."""
THEIRS = ("corosync", "pacemaker", "crm", "mysqld", "rabbitmq", "haproxy", "memcached", "keystone", "congress", "lab")

LARGE = 1 << 20


@dataclass(frozen=True, slots=True)
class Host:
    """`files`: path -> what stands for its content and access; `networks`: interfaces, addresses and routes."""

    files: dict[str, str]
    names: frozenset[str]
    networks: str
    mounts: frozenset[str]
    settings: dict[str, str]

    def differences(self, later: Host) -> list[str]:
        """What is not as it was."""
        found = [f"{path} changed" for path in _unlike(self.files, later.files)]
        found += [f"{path} changed" for path in _unlike(self.settings, later.settings)]
        found += [f"{path} is new" for path in sorted(later.names - self.names)]
        found += [f"{mount} is mounted" for mount in sorted(later.mounts - self.mounts)]
        return found + ([f"the networks are {later.networks}"] if later.networks != self.networks else [])


def host() -> Host:
    """This machine now."""
    return Host(
        files=dict(_files()),
        names=frozenset(f"{place}/{name}" for place in PLACES for name in _names(place)),
        networks="".join(_told("ip", "-o", kind, "show") for kind in ("link", "address", "route")),
        mounts=frozenset(line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()),
        settings=dict(_settings()),
    )


def inhabitants(process: int) -> dict[int, str]:
    """All processes that share a namespace with one that a laboratory consists of: number -> when it started."""
    spaces = {_space(process, kind) for kind in ("mnt", "net")}
    grown = True
    found: dict[int, str] = {}
    while grown:
        grown = False
        for each in _processes() - set(found):
            own = {_space(each, kind) for kind in ("mnt", "net", "pid")}
            parent = _stat(each)[1] if _stat(each) else ""
            if own & spaces or (parent.isdigit() and int(parent) in found):
                found[each] = _born(each)
                spaces |= own - _mine()
                grown = True
    return {number: born for number, born in found.items() if born}


def left(inhabitants: dict[int, str]) -> list[int]:
    """Those that still run."""
    return [number for number, born in inhabitants.items() if _born(number) == born and _stat(number)[0] != "Z"]


def _files() -> Iterator[tuple[str, str]]:
    for tree in TREES:
        for directory, _, names in os.walk(tree):
            for path in (directory, *(f"{directory}/{name}" for name in names)):
                yield path, _fingerprint(Path(path))


def _fingerprint(path: Path) -> str:
    try:
        seen = path.lstat()
        access = f"{seen.st_mode:o} {seen.st_uid}:{seen.st_gid}"
        if not stat.S_ISREG(seen.st_mode):
            # What is in a directory is looked at by itself; tools make files in it that they remove again.
            return access
        return f"{access} {hashlib.sha256(path.read_bytes()).hexdigest() if seen.st_size < LARGE else seen.st_mtime_ns}"
    except OSError:
        return "unreadable"


def _names(place: str) -> Iterator[str]:
    if Path(place).exists():
        yield from (name for name in os.listdir(place) if any(word in name for word in THEIRS))


def _settings() -> Iterator[tuple[str, str]]:
    for tree in SETTINGS:
        for path in Path(tree).rglob("*"):
            if str(path) not in COUNTERS and path.is_file() and path.stat().st_mode & 0o200:
                try:
                    yield str(path), path.read_text()
                except OSError:
                    continue


def _told(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout  # noqa: S603 - ip


def _unlike(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(key for key in {*one, *other} if one.get(key) != other.get(key))


def _processes() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def _space(process: int, kind: str) -> str:
    try:
        return os.readlink(f"/proc/{process}/ns/{kind}")
    except OSError:
        return ""


def _mine() -> set[str]:
    return {"", *(_space(os.getpid(), kind) for kind in ("mnt", "net", "pid"))}


def _stat(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _born(process: int) -> str:
    fields = _stat(process)
    return fields[19] if fields else ""
