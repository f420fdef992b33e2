"""Measures how a large table reaches an engine that was just started: `python -m bench.replication [rows]`.

A publisher and an engine in two processes talk over a RabbitMQ of their own. The engine has declared the table and one
rule over it. Prints the seconds from its start until it shows all rows, and the memory of both.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import sys
import tempfile
import time
import uuid
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from congress.bus import oslo
from congress.bus.messaging import MessagingBus
from congress.bus.publications import table_epoch
from congress.bus.publisher import Publisher
from congress.bus.subscriber import Subscriber
from congress.bus.updates import TableUpdate
from congress.datalog.values import Row
from congress.engine.workspace import Workspace
from congress.policies.feed import Feed
from congress.policies.live import Live, watching
from tests.rabbitmq import Rabbit

COLUMNS = ("id", "tenant_id", "name", "network_id", "mac_address", "device_id", "status")
PROMISED_SECONDS, PROMISED_MEGABYTES = 30.0, 1500.0
KEY = ("neutron", "ports")


def ports(count: int) -> frozenset[Row]:
    """Rows as those of Neutron's ports: two columns of ids that are all different, two of ids that repeat."""
    chance = random.Random(7)
    tenants = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(1000)]
    networks = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(2000)]
    return frozenset(
        (
            str(uuid.UUID(int=chance.getrandbits(128))),
            chance.choice(tenants),
            f"port-{number}",
            chance.choice(networks),
            "fa:16:3e:" + ":".join(f"{byte:02x}" for byte in number.to_bytes(3)),
            str(uuid.UUID(int=chance.getrandbits(128))),
            chance.choice(("ACTIVE", "DOWN")),
        )
        for number in range(count)
    )


def publish(url: str, rows: int, ready: Event, done: Event, peak: Any, busy: Any) -> None:
    """The process of the datasource node."""
    bus = MessagingBus(oslo.transport(url, "datasources", Path(tempfile.gettempdir())), "datasources", "bench")
    bus.start()
    publisher = Publisher(bus)
    publisher.start()
    publisher.begin(1)
    content = ports(rows)
    publisher.publish((TableUpdate(*KEY, table_epoch(1, 1), 1, "snapshot", content, content=content),))
    publisher.step()
    before = time.process_time()
    ready.set()
    done.wait()
    peak.value, busy.value = megabytes(), time.process_time() - before
    publisher.stop()
    bus.stop()


def receive(url: str, rows: int, done: Event, seconds: Any, peak: Any, busy: Any) -> None:
    """The process of the engine."""
    started = time.monotonic()
    live = Live(Workspace(watch=watching(["error"])))
    with live.transaction() as change:
        change.set_datasource(KEY[0], {KEY[1]: COLUMNS})
        change.create_policy("p")
        change.insert_rules("p", ['error(id) :- neutron:ports(id=id, status="BROKEN")'])
    bus = MessagingBus(oslo.transport(url, "engine", Path(tempfile.gettempdir())), "engine", "bench")
    bus.start()
    subscriber = Subscriber(bus, Feed(live))
    subscriber.want([KEY])
    subscriber.start()
    while subscriber.missing([KEY]) or subscriber.position() is None:
        time.sleep(0.02)
    seconds.value, busy.value = time.monotonic() - started, time.process_time()
    assert live.workspace.count(*KEY) == rows
    peak.value = megabytes()
    subscriber.stop()
    bus.stop()
    done.set()


def megabytes() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(rows: int) -> list[float]:
    """Seconds; then megabytes and seconds of processor time of the engine, and the same of the publisher."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    results = [context.Value("d", 0.0) for _ in range(5)]
    broker = Rabbit()
    try:
        url = broker.start().transport_url
        sender = context.Process(target=publish, args=(url, rows, ready, done, *results[3:]), daemon=True)
        sender.start()
        ready.wait()
        receiver = context.Process(target=receive, args=(url, rows, done, *results[:3]), daemon=True)
        receiver.start()
        receiver.join()
        done.set()
        sender.join()
    finally:
        broker.stop()
    return [result.value for result in results]


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seconds, engine, engine_busy, publisher, publisher_busy = measure(rows)
    print(f"{rows} rows of {len(COLUMNS)} columns to an engine that was just started:")
    print(f"  {seconds:.1f} s (promise: {PROMISED_SECONDS:.0f} s)")
    print(f"  engine {engine:.0f} MB at most (promise: {PROMISED_MEGABYTES:.0f} MB), processor {engine_busy:.1f} s")
    print(f"  publisher {publisher:.0f} MB at most, processor {publisher_busy:.1f} s")


if __name__ == "__main__":
    main()
