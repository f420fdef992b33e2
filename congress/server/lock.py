"""Keeps a second server off an embedded database: two engines over one file would each miss what the other accepts."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from congress.errors import CongressError


class StateInUse(CongressError):
    """Another server works on the same state directory."""


def take(directory: Path) -> IO[str]:
    """Take the directory until the answered file is closed or the process ends. Raises StateInUse."""
    directory.mkdir(parents=True, exist_ok=True)
    file = (directory / "server.lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise StateInUse(
            f"another congress-server (process {owner}) uses {directory}; stop it, or give this one its own --state-dir"
        ) from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
