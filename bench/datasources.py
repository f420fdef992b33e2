"""Measures how a large cloud is followed: `python -m bench.datasources [servers] [polls] [seconds]`.

A process of its own serves that many servers as Nova does, 1000 to a page; the driver `nova` reads them here, 0.1 % of
them change between two polls, and an engine in this process holds one rule over them. Prints CPU seconds and bytes of
each poll on the node that reads, the memory over all polls, and how long a change takes until a violation is shown when
a notification tells of it, over a RabbitMQ that is started for it. After so many `seconds` no more polls are begun.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kombu
import requests

from bench.measure import Clock, resident
from congress.bus.updates import TableUpdate
from congress.datasources.notifications import Hearing
from congress.datasources.nova import NovaDriver
from congress.datasources.runner import DatasourceRunner
from congress.engine.workspace import Workspace
from congress.policies.feed import Feed
from congress.policies.live import Live, watching
from tests.rabbitmq import Rabbit
from tests.waiting import until

CHANGED = 0.001
PROMISED_SECONDS = 1.0
RULE = 'error(x) :- nova:servers(id=x, status="SHUTOFF")'


@contextmanager
def cloud(servers: int) -> Iterator[str]:
    """The URL of a process that serves them."""
    command = [sys.executable, "-m", "tests.datasources.makeshift_cloud", str(servers)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def engine() -> tuple[Live, Any]:
    """An engine with one rule, and what publishes into it."""
    live = Live(Workspace(watch=watching(["error"])))
    columns = {table: tuple(one.name for one in each) for table, each in NovaDriver.tables().items()}
    with live.transaction() as change:
        change.set_datasource("nova", columns)
        change.create_policy("p")
        change.insert_rules("p", [RULE])

    feed = Feed(live)

    def publish(updates: tuple[TableUpdate, ...]) -> None:
        feed.apply(updates, lambda: None)

    return live, publish


def notify(url: str, changed: str) -> None:
    """Say, as Nova does, that a server was changed."""
    payload = {"nova_object.name": "InstanceUpdatePayload", "nova_object.data": {"uuid": changed}}
    message = {
        "event_type": "instance.update",
        "payload": payload,
        "priority": "INFO",
        "publisher_id": "nova-compute:h",
    }
    with kombu.Connection(url) as connection:
        exchange = kombu.Exchange("nova", type="topic", durable=False)
        producer = connection.Producer(exchange=exchange)
        body = {"oslo.version": "2.0", "oslo.message": json.dumps(message)}
        producer.publish(body, routing_key="versioned_notifications.info", declare=[exchange])


def main() -> None:
    servers = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    polls = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else math.inf
    with cloud(servers) as url:
        login = {"auth_url": f"{url}/v3", "username": "u", "password": "p", "project_name": "admin", "poll_time": "0"}
        live, publish = engine()
        runner = DatasourceRunner("nova", NovaDriver("nova", login), publish)
        with Clock() as first:
            assert runner.poll(), runner.status()
        print(f"{servers} servers; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"first poll: {first.cpu:.2f} s CPU, {first.wall:.2f} s; {resident() / 2**20:.0f} MB resident")
        measure_polls(url, runner, servers, polls, time.monotonic() + seconds)
        measure_notifications(url, runner, live)
        runner.stop()


def measure_polls(url: str, runner: DatasourceRunner, servers: int, polls: int, end: float) -> None:
    cpu, sizes, memory = [], [], []
    for number in range(polls):
        if number and time.monotonic() > end:
            break
        requests.post(f"{url}/change", params={"count": max(1, int(servers * CHANGED))}, timeout=60)
        before = requests.post(f"{url}/sent", timeout=60).json()[0]
        with Clock() as clock:
            assert runner.poll(), runner.status()
        cpu.append(clock.cpu)
        sizes.append(requests.post(f"{url}/sent", timeout=60).json()[0] - before)
        memory.append(resident() / 2**20)
        if number == 0 or (number + 1) % 5 == 0:
            print(f"poll {number + 1}: {cpu[-1]:.2f} s CPU, {sizes[-1]:,} bytes, {memory[-1]:.0f} MB", flush=True)
    tail = memory[len(memory) // 10 :]
    print(f"{len(memory)} of {polls} polls; load of the machine {os.getloadavg()[0]:.1f}")
    print(f"CPU seconds of a poll: {statistics.median(cpu):.2f}; bytes of a poll: {int(statistics.median(sizes)):,}")
    print(f"memory after the first tenth of the polls: {min(tail):.0f} to {max(tail):.0f} MB")


def measure_notifications(url: str, runner: DatasourceRunner, live: Live) -> None:
    broker = Rabbit().start()
    try:
        amqp = broker.transport_url.replace("rabbit://", "amqp://") + "/"
        with kombu.Connection(amqp) as connection:
            kombu.Exchange("nova", type="topic", durable=False)(connection.channel()).declare()
        hearing = Hearing(broker.transport_url)
        hearing.join("nova", None, runner.hint, runner.request_refresh)
        listener = next(iter(hearing._listeners.values()))
        until(lambda: "nova" in listener.bound, "no connection to the broker")
        seconds = []
        for _each in range(20):
            before = live.workspace.rows("p", "error")
            changed = requests.post(f"{url}/change", params={"count": 1}, timeout=60).json()[0]
            started = time.monotonic()
            notify(amqp, changed)
            until(lambda before=before: live.workspace.rows("p", "error") != before, "the change was not noticed")
            seconds.append(time.monotonic() - started)
        hearing.leave("nova")
        slowest = max(seconds)
        print(
            f"change to violation by notification: median {statistics.median(seconds):.3f} s, slowest {slowest:.3f} s"
        )
        print("as promised" if slowest < PROMISED_SECONDS else f"more than the promised {PROMISED_SECONDS:g} s")
    finally:
        broker.stop()


if __name__ == "__main__":
    main()
