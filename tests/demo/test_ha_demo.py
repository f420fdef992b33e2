"""The highly available demo starts, survives what it proposes to break, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
NETWORK = f"127.0.{100 + os.getpid() % 150}"
SECONDS = 120.0


class Demo:
    """The demo in a terminal of its own."""

    def __init__(self, place: Path) -> None:
        self._output = place / "told"
        self.env = {**os.environ, "DEMO_PLACE": str(place), "DEMO_NETWORK": NETWORK}
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "demo.ha.run"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def told(self) -> str:
        return self._output.read_text()

    def await_told(self, pattern: str, count: int = 1) -> re.Match[str]:
        """The match of a pattern in what it prints, as soon as it has come so many times."""

        def found() -> bool:
            assert self.process.poll() is None, self.told()
            return len(re.findall(pattern, self.told())) >= count

        until(found, self.told, seconds=SECONDS)
        return list(re.finditer(pattern, self.told()))[count - 1]

    def group_of(self, name: str) -> int:
        return int(self.await_told(rf"{name} {NETWORK}\S+ \[(\d+)\]")[1])

    def stop(self) -> str:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "demo.ha.run", "stop"],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        return done.stdout


def left_over() -> list[str]:
    """Processes with an address of this demo."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{NETWORK}." in words:
            found.append(words)
    return found


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.terminate()
        made.process.wait(SECONDS)


def violations(url: str) -> list[str]:
    answer = requests.get(f"{url}/v1/policies/CrossProjectNetwork/tables/error/rows", timeout=30)
    return sorted(row["data"][1] for row in answer.json()["results"]) if answer.ok else []


def test_the_demo_keeps_its_promises_and_cleans_up(demo: Demo) -> None:
    demo.await_told("== What happens")
    replicas = [f"http://{NETWORK}.{number}:1789" for number in (18, 19, 20)]
    balanced = f"http://{NETWORK}.11:1789"
    for url in (*replicas, balanced):
        assert "lab-ml-stray" not in violations(url)
        assert violations(url)
    reader = demo.await_told(r"(ds\d) +up +ready: \S+ +active, epoch 1")[1]
    other = "ds2" if reader == "ds1" else "ds1"

    os.killpg(demo.group_of(reader), signal.SIGKILL)
    os.killpg(demo.group_of("mq1"), signal.SIGKILL)
    demo.await_told(rf"{other} holds the lease datasources, epoch 2")
    control = demo.await_told(r"replayed cloud +(http://\S+)")[1]
    requests.post(f"{control}/state", json={"state": "after"}, timeout=10).raise_for_status()
    for url in (*replicas, balanced):
        until(lambda url=url: "lab-ml-stray" in violations(url), demo.told, seconds=SECONDS)  # type: ignore[misc]
    demo.await_told(rf"{reader} is started again")
    demo.await_told("mq1 is started again")

    assert "stopped" in demo.stop()
    assert demo.process.wait(SECONDS) == 0, demo.told()
    assert left_over() == []
    directory = re.search(r"files and logs +(\S+)", demo.told())
    assert directory and not Path(directory[1]).exists()
    assert "nothing was running" in demo.stop()
