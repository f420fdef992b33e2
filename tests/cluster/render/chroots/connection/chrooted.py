"""Ansible's connection to a node that is a directory: `ansible_host` is its path."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
    name: chrooted
    short_description: Nodes that are directories
    description: Runs commands with chroot(8), and copies files.
    options:
      remote_addr:
        description: The directory.
        default: inventory_hostname
        vars:
          - name: ansible_host
"""


class Connection(ConnectionBase):  # type: ignore[misc]
    transport = "chrooted"
    has_pipelining = True

    def _connect(self) -> Connection:
        return self

    @property
    def _root(self) -> Path:
        return Path(self.get_option("remote_addr"))

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, Any, Any]:  # noqa: ARG002, FBT
        words = ["chroot", str(self._root), "/bin/sh", "-c", f"cd / && {cmd}"]
        done = subprocess.run(words, input=in_data or b"", capture_output=True, check=False)  # noqa: S603
        return done.returncode, done.stdout, done.stderr

    def put_file(self, in_path: str, out_path: str) -> None:
        shutil.copyfile(in_path, self._root / out_path.lstrip("/"))

    def fetch_file(self, in_path: str, out_path: str) -> None:
        shutil.copyfile(self._root / in_path.lstrip("/"), out_path)

    def close(self) -> None:
        pass
