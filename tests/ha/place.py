"""A whole site to break: namespaces, disks that can be full, clocks that can jump, a journal of what was done."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.ha.network import Network, run
from demo.ha.site import DATABASES, DRIVERS, ENGINES, Site, namespaces

ROOT = Path(__file__).parents[2]
DISK_MEGABYTES = 700
FAKETIME = next(iter(sorted(Path("/usr").glob("lib*/**/faketime/libfaketimeMT.so.1"))), None)
ENVIRONMENT = {"PYTHONPATH": str(ROOT)}
"""With which servers find the driver of these tests."""
SETTINGS = """\
[DEFAULT]
custom_driver_endpoints = probe=tests.ha.probe_driver:ProbeDriver
enable_execute_action = true
[actions]
rate = 0
"""
QUICK = """\
[history]
grace = 2
"""
"""Times with which a test need not wait long. A lease as long as the default one bears a machine that is too busy."""


@dataclass(frozen=True)
class Place:
    """A running site, and what is there to break it with."""

    site: Site
    network: Network
    directory: Path

    @property
    def journal(self) -> Path:
        """Where the driver `probe` notes what it did."""
        return self.directory / "journal"

    @property
    def transport_url(self) -> str:
        """How processes of Congress reach the brokers."""
        for file in (self.site.directory / ENGINES[0]).glob("*.conf"):
            if found := re.search(r"^transport_url *= *(\S+)$", file.read_text(), re.MULTILINE):
                return found.group(1)
        raise LookupError("no congress.conf names the brokers")

    def filler(self, database: str) -> Path:
        """A file that takes whatever room the disk of a database node has left."""
        return self.site.databases[database].directory / "filler"

    def clock(self, name: str) -> Path:
        """The file that says by how many seconds the clock of a process is wrong, if it has one that can be set."""
        return self.directory / f"clock-{name}"

    def give_clock(self, name: str) -> None:
        """From its next start on, a process has a clock that can be set, all but the monotonic one."""
        assert FAKETIME, "libfaketime is missing; requirements/servers.sh installs it"
        self.clock(name).write_text("+0\n")
        self.site.nodes[name].process.env |= {
            "PYTHONPATH": f"{ROOT}:{Path(__file__).parent / 'clocks'}",
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock(name)),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def take_clock(self, name: str) -> None:
        """From its next start on, a process has the machine's clock again."""
        env = self.site.nodes[name].process.env
        env.clear()
        env.update(ENVIRONMENT)


@contextmanager
def disks(directory: Path, names: tuple[str, ...] = DATABASES) -> Iterator[None]:
    """A small disk of its own below `directory` for each name."""
    mounted: list[Path] = []
    try:
        for name in names:
            point = directory / name
            point.mkdir(parents=True)
            run("mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m,mode=755", "tmpfs", str(point))
            mounted.append(point)
        yield
    finally:
        for point in mounted:
            run("umount", "--lazy", str(point), check=False)


@contextmanager
def place(settings: str = QUICK, say: Callable[[str], None] = lambda _text: None) -> Iterator[Place]:
    """A started site in namespaces; stopped and removed at the end. `settings`: more lines for every congress.conf."""
    directory = Path(tempfile.mkdtemp(prefix="congress-ha-"))
    keep = os.environ.get("CONGRESS_HA_KEEP")
    try:
        with ExitStack() as stack:
            directory.chmod(0o711)
            stack.enter_context(disks(directory))
            network = stack.enter_context(Network())
            site = Site(directory, namespaces(network), SETTINGS + settings, lambda _name: ENVIRONMENT)
            stack.callback(site.stop)
            if keep:
                stack.callback(
                    shutil.copytree,
                    directory,
                    keep,
                    dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("data", "mnesia", "socket", "admin"),
                )
            site.start(say)
            yield Place(site, network, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


__all__ = ["DATABASES", "DRIVERS", "ENGINES", "Place", "place"]
