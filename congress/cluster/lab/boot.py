"""The first process of a node of the laboratory: builds its view of the file system, starts what is enabled, and reaps.

Run by path and with the standard library only, inside new mount, uts, ipc, net and pid namespaces, with the path of its
description as argument. A line on standard input tells that its network cables are plugged in; a line on standard
output tells that whoever enters the namespaces from then on sees the node's files, and no longer this machine's.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
READ_ONLY, REMOUNT, BIND, REC, PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
DETACH = 0x2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
OWN = ("/dev/shm", "/run", "/tmp")  # noqa: S108 - they are the node's
"""Directories that each node has for itself, in memory, empty at each boot."""
ENTERED = "entered"
ENABLED = Path("/etc/lab/enabled")
"""One empty file for each unit that starts with the node."""


def mount(source: str, target: Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2). Raises OSError."""
    words = [word.encode() if word else None for word in (source, str(target), kind)]
    if LIBC.mount(*words, flags, options.encode() if options else None):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(target))


def assemble(disk: Path, log: Path, power: Path, seen: list[str]) -> Path:
    """The node's root directory: this machine's files below, what the node changes on its disk, and nothing of what
    other processes of this machine run on. `seen`: directories that are needed as well, and would not be there."""
    root = disk / "root"
    mount("none", Path("/"), flags=REC | PRIVATE)
    lay(Path("/"), disk, root)
    mount("/dev", root / "dev", flags=BIND | REC)
    for path in OWN:
        mount("tmpfs", root / path.lstrip("/"), "tmpfs", options="mode=755" if path == "/run" else "mode=1777")
    for number, path in enumerate(seen):
        lay(Path(path), disk / f"seen{number}", root / path.lstrip("/"))
    mount("proc", root / "proc", "proc")
    mount("sysfs", root / "sys", "sysfs", READ_ONLY)
    mount(str(log), root / "var/log", flags=BIND)
    (root / "run/power").mkdir()
    mount(str(power), root / "run/power", flags=BIND)
    guard(root / "proc")
    return root


def lay(below: Path, disk: Path, target: Path) -> None:
    """Show a directory at a place, with the changes that a disk has. Raises OSError."""
    changes, work = disk / "changes", disk / "work"
    for directory in (changes, work, target):
        directory.mkdir(parents=True, exist_ok=True)
    mount("overlay", target, "overlay", options=f"lowerdir={_word(below)},upperdir={changes},workdir={work}")


def _word(path: Path) -> str:
    """A path among the options of an overlay."""
    return "".join(f"\\{each}" if each in "\\:," else each for each in str(path))


def guard(proc: Path) -> None:
    """Settings of the kernel that are not a network's are the machine's: a node neither sets them nor reboots it."""
    for path, flags in ((proc / "sys", READ_ONLY), (proc / "sys/net", 0)):
        mount(str(path), path, flags=BIND)
        mount("none", path, flags=BIND | REMOUNT | flags)
    if (proc / "sysrq-trigger").exists():
        mount("/dev/null", proc / "sysrq-trigger", flags=BIND)


def enter(root: Path) -> None:
    """Make the directory the root, for every process that enters the namespaces later, too."""
    os.chdir(root)
    if LIBC.syscall(PIVOT_ROOT[os.uname().machine], b".", b"."):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(root))
    LIBC.umount2(b".", DETACH)
    os.chdir("/")


def make_directories() -> None:
    """What Debian's units and tmpfiles make at each boot."""
    for path in ("resource-agents", "crm", "lock", "user", "mysqld", "rabbitmq", "lab", "haproxy", "memcached"):
        (Path("/run") / path).mkdir(exist_ok=True)
    os.chmod("/run/resource-agents", 0o1755)  # noqa: S103 - as Debian does
    accounts = {
        line.split(":")[0]: line.split(":")
        for line in Path("/etc/passwd").read_text().splitlines()
        if line.count(":") == 6
    }
    for path, owner in (("mysqld", "mysql"), ("rabbitmq", "rabbitmq"), ("haproxy", "haproxy"), ("crm", "hacluster")):
        if owner in accounts:
            os.chown(Path("/run") / path, int(accounts[owner][2]), int(accounts[owner][3]))


def apply_sysctl() -> None:
    """The settings of networks among those below /etc/sysctl.d."""
    for file in sorted(Path("/etc/sysctl.d").glob("*.conf")):
        for line in file.read_text().splitlines():
            name, is_setting, value = line.partition("=")
            path = Path("/proc/sys") / name.strip().lstrip("-").replace(".", "/")
            if is_setting and name.strip().startswith("net.") and path.exists():
                path.write_text(value.strip())


def configure(links: list[dict[str, str]]) -> None:
    """Addresses of the network interfaces."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for link in links:
        subprocess.run(["ip", "address", "add", link["address"], "dev", link["interface"]], check=True)
        subprocess.run(["ip", "link", "set", link["interface"], "up"], check=True)


def start_enabled() -> None:
    """Start the units that start with the node, the cluster's last."""
    order = ("corosync", "pacemaker")
    names = sorted((path.name for path in ENABLED.glob("*")), key=lambda name: (name in order, name))
    for name in names:
        subprocess.run(["/usr/local/bin/systemctl", "start", name], check=False)


def reap() -> None:
    """For ever: wait for whatever ends."""
    while True:
        try:
            os.wait()
        except OSError as error:
            if error.errno != errno.ECHILD:
                raise
            # Nobody is there; somebody may enter later.
            subprocess.run(["sleep", "1"], check=False)


def main(description: dict[str, Any]) -> None:
    """Be the node."""
    disk, log, power = (Path(description[name]) for name in ("disk", "log", "power"))
    root = assemble(disk, log, power, description["seen"])
    sys.stdin.readline()
    enter(root)
    print(ENTERED, flush=True)
    os.dup2(2, 1)
    subprocess.run(["hostname", description["name"]], check=True)
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    make_directories()
    configure(description["links"])
    apply_sysctl()
    Path("/run/lab/booted").touch()
    start_enabled()
    reap()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
