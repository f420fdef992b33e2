"""A laboratory from outside: to ask its switch, to run commands in its nodes and at its clients' place."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from congress.cluster.apply.runner import Machines
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.site import MAXIMUM_PATH, Places, Site, from_json

DEFAULT = Path("/tmp/congress-lab")  # noqa: S108 - a name that people can remember; made for its owner only
NAMESPACES = ("--mount", "--uts", "--ipc", "--net", "--pid")
PROCESS = "holder"
"""The file with the number of the switch's process, and when it started."""


BREAKING = "breaking"
"""The file that a process holds while it breaks the laboratory, with its number."""


class Laboratory:
    """One that runs. Raises LaboratoryError when the switch does not answer."""

    def __init__(self, directory: Path) -> None:
        self.places = Places(directory)
        if not self.places.site.exists():
            raise LaboratoryError(f"no laboratory is in {directory}: start one with `congress-cluster lab up`")
        self.site: Site = from_json(self.places.site.read_text())

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of all nodes."""
        return tuple(self.site.links)

    def ask(self, *words: str) -> Any:
        """What the switch answers."""
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(90.0)
                link.connect(str(self.places.socket))
                link.sendall(json.dumps(words).encode() + b"\n")
                answer = json.loads(link.makefile().readline() or '{"error": "it ended"}')
        except OSError as error:
            raise LaboratoryError(f"the switch of {self.places.directory} does not answer: {error}") from error
        if "error" in answer:
            raise LaboratoryError(f"the switch does not do {' '.join(words)}: {answer['error']}")
        return answer["is"]

    def entering(self, node: str) -> tuple[str, ...]:
        """The command before a command that runs it in a node."""
        return ("nsenter", "--target", str(self.ask("first", node)), *NAMESPACES, "--")

    def outside(self) -> tuple[str, ...]:
        """The command before a command that runs it where clients are: on all networks, in no node."""
        return ("nsenter", "--target", str(self.holder()), "--net", "--")

    def holder(self) -> int:
        """The process of the switch."""
        return int((self.places.directory / PROCESS).read_text().split()[0])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Break it within the block. Raises LaboratoryError when another process does: neither would know what its own
        faults have done."""
        with (self.places.directory / BREAKING).open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise LaboratoryError(
                    f"process {file.read().strip() or 'of another'} breaks {self.places.directory} already; "
                    "wait for its end, or stop it"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def machines(self) -> Machines:
        """To run commands in nodes as on machines; `systemctl` is the laboratory's there."""
        return Machines(self.entering, quoted=False)

    def run(self, node: str, command: str, timeout: float = 30.0) -> subprocess.CompletedProcess[str]:
        """Run a command by `sh -c` in a node. Raises LaboratoryError when the node is off."""
        # What waits for a node that is gone would go on in its namespace, alone, when only `nsenter` were killed.
        limit = ("timeout", "--kill-after=1", f"{timeout:g}")
        words = [*self.entering(node), *limit, "sh", "-c", command]
        try:
            return subprocess.run(words, capture_output=True, text=True, timeout=timeout + 5.0, check=False)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(words, 124, "", f"no answer within {timeout:g} s")


def build(directory: Path, site: Site) -> Laboratory:
    """Start the switch with nodes that are off. Raises LaboratoryError."""
    if os.geteuid():
        raise LaboratoryError("the laboratory makes namespaces and networks: start it as root")
    if len(str(directory)) > MAXIMUM_PATH:
        raise LaboratoryError(f"{directory} is too long for the paths of sockets: take a shorter --directory")
    if directory.exists():
        raise LaboratoryError(f"{directory} exists: `congress-cluster lab down` removes what is left of a laboratory")
    places = Places(directory)
    # Accounts of services enter their nodes' parts, and nobody lists what is in it.
    directory.mkdir(mode=0o711, parents=True)
    places.site.write_text(site.to_json())
    for name in site.links:
        for part in ("log", "power"):
            (places.node(name) / part).mkdir(parents=True)
    with places.log.open("ab") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "--net", sys.executable, "-m", "congress.cluster.lab.switch", str(directory)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (directory / PROCESS).write_text(f"{process.pid} {_born(process.pid)}")
    laboratory = Laboratory(directory)
    deadline = time.monotonic() + 15.0
    while True:
        try:
            laboratory.ask("power")
            return laboratory
        except LaboratoryError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise LaboratoryError(f"the switch did not start:\n{places.log.read_text()[-2000:]}") from None
            time.sleep(0.05)


def remove(directory: Path) -> str:
    """End whatever is left of a laboratory, and remove its files; answers what was done. Raises LaboratoryError."""
    if not (directory / PROCESS).exists() and not (directory / "site.json").exists():
        if directory.exists():
            raise LaboratoryError(f"{directory} holds no laboratory; nothing was removed")
        return f"nothing is in {directory}"
    told = (directory / PROCESS).read_text().split() if (directory / PROCESS).exists() else []
    ended = "it had ended by itself"
    if told and _born(int(told[0])) == told[1]:
        os.kill(int(told[0]), 15)
        deadline = time.monotonic() + 20.0
        while _born(int(told[0])) == told[1]:
            if time.monotonic() > deadline:
                os.kill(int(told[0]), 9)
            time.sleep(0.05)
        ended = "its nodes and networks ended"
    shutil.rmtree(directory)
    return f"removed {directory}; {ended}"


def _born(process: int) -> str:
    """When a process was started, which tells it from a later one of the same number; empty when there is none."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
