"""Processes of services: started together, waited for, and stopped by their own ids."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class Processes:
    """Programs of one cloud; what they print goes to a file each in `logs`."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs, self._environment = logs, {**os.environ, **environment}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str | Path]) -> None:
        """Start a program in a session of its own, so that its workers end with it."""
        with (self._logs / f"{name}.out").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603
                [str(word) for word in command],
                env=self._environment,
                cwd=self._logs,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, command: Sequence[str | Path], seconds: float = 600.0) -> str:
        """Run a program to its end; answers what it printed. Fails when it failed."""
        words = [str(word) for word in command]
        done = subprocess.run(  # noqa: S603
            words, env=self._environment, cwd=self._logs, capture_output=True, text=True, timeout=seconds, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout[-2000:]} {done.stderr[-4000:]}"
        return done.stdout

    def ended(self) -> list[str]:
        """The programs that should run and do not."""
        return [name for name, one in self._running.items() if one.poll() is not None]

    def last_words(self, name: str) -> str:
        """The end of what a program printed."""
        return (self._logs / f"{name}.out").read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """End all of them and whatever they started; those that do not listen are killed."""
        for one in self._running.values():
            _send(one, signal.SIGTERM)
        for one in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.wait(5)
            _send(one, signal.SIGKILL)
            one.wait(10)
        self._running.clear()


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
