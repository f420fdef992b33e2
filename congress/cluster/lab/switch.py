"""The power switch of the laboratory, and what holds it together: a process in mount and network namespaces of its own.

Nodes are its children and die with it; networks, disks and nodes' files are seen in its namespaces only and are gone
with it, however it ends. Run as `python -m congress.cluster.lab.switch DIRECTORY`.

It listens on sockets: one for people, one for each node, as a management controller that is reached beside the
networks. A request is a line with a JSON list of words, an answer a line with `{"is": ...}` or `{"error": ...}`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from congress.cluster.lab import boot
from congress.cluster.lab.links import Networks
from congress.cluster.lab.site import Places, Site, from_json


class Node:
    """One machine: off without a process."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name, self.directory = name, directory
        self.process: subprocess.Popen[bytes] | None = None
        self.booting: threading.Timer | None = None
        self.entered = False
        """Whether its namespaces show its own files. Before that, what enters them would change this machine's."""
        self.reachable = True
        """Whether it reaches the power switch."""

    @property
    def on(self) -> bool:
        """Whether it has power."""
        return self.process is not None and self.process.poll() is None

    @property
    def first(self) -> int:
        """Its first process, as this machine numbers it. Raises LookupError when it is off."""
        if self.process is None or self.process.poll() is not None or not self.entered:
            raise LookupError(f"{self.name} is off")
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])


class Switch:
    """Powers nodes and moves cables; all of it in one thread, whose end is the end of the nodes."""

    def __init__(self, places: Places, site: Site) -> None:
        self._places, self._site = places, site
        self._networks = Networks(site.clients)
        self._nodes = {name: Node(name, places.node(name)) for name in site.links}
        self._hold = False
        self._ended = threading.Event()
        # Nodes are told to die with the thread that started them.
        self._operator = ThreadPoolExecutor(1)
        self._log = places.log.open("a", buffering=1)

    def answer(self, words: list[str], asker: str | None) -> Any:
        """Do what is asked. `asker`: the node, or None for people. Raises LookupError, ValueError, OSError."""
        if asker is not None and not self._nodes[asker].reachable:
            raise OSError("the network of the power switch is cut")
        verb, *rest = words
        if verb == "power":
            return {name: "on" if node.on else "off" for name, node in self._nodes.items()}
        if verb == "first":
            return self._nodes[rest[0]].first
        return self._operator.submit(self._do, verb, rest, asker).result(60.0)

    def _do(self, verb: str, rest: list[str], asker: str | None) -> Any:
        """One action of the operator's."""
        actions: dict[str, Callable[[Node], None]] = {
            "on": self._on,
            "off": self._off,
            "reboot": self._reboot,
            "cut": lambda node: self._networks.cut(node.name),
            "mend": lambda node: self._networks.mend(node.name),
            "unplug": lambda node: self._networks.unplug(node.name),
            "deaf": lambda node: setattr(node, "reachable", False),
            "hearing": lambda node: setattr(node, "reachable", True),
        }
        self._log.write(f"{time.time():.3f} {asker or 'people'}: {verb} {' '.join(rest)}\n")
        if verb in ("hold", "release") and asker is None:
            self._hold = verb == "hold"
            for node in () if self._hold else self._nodes.values():
                if node.booting is not None:
                    self._on(node)
        elif verb in actions and rest and rest[0] in self._nodes:
            actions[verb](self._nodes[rest[0]])
        else:
            raise ValueError(f"the switch knows no {verb} of {rest}")
        return "done"

    def _on(self, node: Node) -> None:
        if node.booting is not None:
            node.booting.cancel()
            node.booting = None
        if node.on:
            return
        links = self._site.links[node.name]
        description = {
            "name": node.name,
            "disk": str(self._places.disks / node.name),
            "log": str(node.directory / "log"),
            "power": str(node.directory / "power"),
            "links": [{"interface": link.interface, "address": link.address} for link in links],
            "seen": list(self._site.seen),
        }
        path = node.directory / "boot.json"
        path.write_text(json.dumps(description))
        with (node.directory / "console").open("ab") as console:
            node.process = subprocess.Popen(
                [*_UNSHARE, sys.executable, "-I", "-S", str(Path(boot.__file__)), str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            )
        self._networks.plug(node.name, links, _other_network(node.process.pid))
        assert node.process.stdin is not None and node.process.stdout is not None
        node.process.stdin.write(b"plugged in\n")
        node.process.stdin.close()
        with node.process.stdout as told:
            if told.readline().strip().decode() != boot.ENTERED:
                raise OSError(f"{node.name} does not boot; see {node.directory / 'console'}")
        node.entered = True
        threading.Thread(target=self._watch, args=(node, node.process), daemon=True).start()

    def _off(self, node: Node) -> None:
        if node.booting is not None:
            node.booting.cancel()
            node.booting = None
        process, node.process, node.entered = node.process, None, False
        if process is not None:
            process.kill()
            process.wait(20)

    def _reboot(self, node: Node) -> None:
        self._off(node)
        self._boot_later(node)

    def _boot_later(self, node: Node) -> None:
        def ready() -> None:
            if not self._hold:
                self._operator.submit(self._on, node)

        node.booting = threading.Timer(self._site.boot_seconds, ready)
        node.booting.daemon = True
        node.booting.start()

    def _watch(self, node: Node, process: subprocess.Popen[bytes]) -> None:
        """A machine whose kernel ends boots again, unless its power was cut."""
        process.wait()

        def again() -> None:
            if node.process is process and not self._ended.is_set():
                self._log.write(f"{time.time():.3f} {node.name} went down by itself\n")
                node.process, node.entered = None, False
                self._boot_later(node)

        self._operator.submit(again)

    def run(self) -> None:
        """Answer until told to stop."""
        servers = [_server(self._places.socket, self, None)]
        servers += [_server(node.directory / "power" / "switch", self, node.name) for node in self._nodes.values()]
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        self._ended.wait()

    def stop(self) -> None:
        """End, and with it everything."""
        self._ended.set()


# The children of a process that is told to die with its parent's thread.
_UNSHARE = (
    *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--uts", "--ipc", "--net", "--pid"),
    *("--fork", "--kill-child=KILL"),
)


def _other_network(process: int) -> int:
    """The same process, once it has left our network namespace. Raises TimeoutError."""
    deadline = time.monotonic() + 10.0
    while os.readlink(f"/proc/{process}/ns/net") == os.readlink("/proc/self/ns/net"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {process} got no network namespace")
        time.sleep(0.01)
    return process


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


def _server(path: Path, switch: Switch, asker: str | None) -> _Server:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                words = json.loads(self.rfile.readline())
                if words == ["stop"] and asker is None:
                    switch.stop()
                answer = {"is": switch.answer(words, asker) if words != ["stop"] else "done"}
            except (LookupError, ValueError, OSError, subprocess.SubprocessError) as error:
                answer = {"error": str(error)}
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    path.unlink(missing_ok=True)
    return _Server(str(path), Handler)


def main(directory: Path) -> None:
    """Hold the laboratory until told to stop, by its socket or by a signal."""
    places = Places(directory)
    site = from_json(places.site.read_text())
    for name in site.links:
        for part in ("log", "power"):
            (places.node(name) / part).mkdir(parents=True, exist_ok=True)
    places.disks.mkdir(exist_ok=True)
    boot.mount("none", Path("/"), flags=boot.REC | boot.PRIVATE)
    boot.mount("disks", places.disks, "tmpfs", options="mode=755")
    switch = Switch(places, site)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: switch.stop())
    switch.run()
    # Threads that still run must not keep the nodes alive.
    os._exit(0)


if __name__ == "__main__":
    if shutil.which("ip") is None:
        sys.exit("the laboratory needs the program `ip` (Debian's iproute2)")
    main(Path(sys.argv[1]))
