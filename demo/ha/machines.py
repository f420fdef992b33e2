"""Where a server runs, and the process that it is: started, paused, killed, each by its own process group."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class NotStarted(Exception):
    """A server did not come up; the text says which and what it wrote last."""


@dataclass(frozen=True, slots=True)
class Machine:
    """An address of its own: in a network namespace, or, without one, on the loopback interface."""

    name: str
    address: str
    namespace: str | None = None

    def command(self, words: Sequence[str]) -> list[str]:
        """The command that runs these words there."""
        if self.namespace is None:
            return list(words)
        # A host name of its own, too: who shares one may look whether the other's process is still there.
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name]
        return ["ip", "netns", "exec", self.namespace, *named, *words]


class Process:
    """One server. All of its processes share a group of their own, which signals go to."""

    def __init__(
        self, machine: Machine, name: str, command: Sequence[str], directory: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.machine, self.name, self.directory = machine, name, directory
        self._command = list(command)
        self.env = dict(env or {})
        """What the process sees of it beside our own, from its next start on."""
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)
        self.log = directory / f"{name}.log"

    @property
    def running(self) -> bool:
        """Whether the started process has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def start(self) -> None:
        """Start it, without waiting for what it serves."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self.machine.command(self._command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**os.environ, **self.env},
                start_new_session=True,
            )

    def await_(self, what: str, is_so: Callable[[], bool], seconds: float) -> float:
        """Wait until something is so; answers how long it took. Raises NotStarted."""
        began = time.monotonic()
        while not is_so():
            if not self.running or time.monotonic() - began > seconds:
                how = "has ended" if not self.running else f"is not {what} after {seconds:g} s"
                raise NotStarted(f"{self.name} {how}; its log ends with:\n{self.tail()}")
            time.sleep(0.05)
        return time.monotonic() - began

    def tail(self, lines: int = 25) -> str:
        """What it wrote last."""
        if not self.log.exists():
            return "(nothing)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; nothing happens when it has ended."""
        if self.running:
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """As a crash: nothing is written or told any more."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(20)

    def pause(self) -> None:
        """Freeze it; its connections stay open."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on as if no time had passed."""
        self.signal(signal.SIGCONT)

    def stop(self, seconds: float = 20.0) -> float:
        """Ask it to end, and kill it when it does not; answers how long it took."""
        began = time.monotonic()
        if self._process is not None and self.running:
            self.resume()
            os.kill(self.pid, signal.SIGTERM)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
            self.signal(signal.SIGKILL)
        return time.monotonic() - began


def birth(pid: int) -> str:
    """When a process was started, as Linux counts it, which tells it from a later one; empty when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
