"""The process that is all clients: `python -m congress.cluster.lab.clients.run FILE`, where clients of a cloud are.

Standard input tells which clients there are; each request goes to FILE as a line. It works until standard input ends.
With `--drain` it takes all messages of the queue instead, and prints their numbers.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from congress.cluster.lab.clients.observation import Attempt
from congress.cluster.lab.clients.probes import ANSWER_SECONDS, CONNECT_SECONDS, BusProbe, Probe
from congress.cluster.lab.clients.wanted import probes


def work(probe: Probe, out: IO[str], lock: threading.Lock, ended: threading.Event) -> None:
    """Ask until told to end."""
    while not ended.is_set():
        began = time.time()
        try:
            served, told = True, probe.ask()
        except Exception as error:  # noqa: BLE001 - whatever it is, the client was not served
            served, told = False, f"{type(error).__name__}: {error}"[:200]
        attempt = Attempt(probe.name, began, time.time(), served, told)
        with lock:
            out.write(attempt.line())
            out.flush()
        ended.wait(max(0.02 if served else 0.1, probe.interval - (attempt.ended - began)))


def drain(given: Any) -> list[int]:
    """All messages that are in the queue."""
    import amqp

    hosts, port, account, password = given["bus"]
    for host in hosts:
        try:
            link = amqp.Connection(
                f"{host}:{port}",
                userid=account,
                password=password,
                connect_timeout=CONNECT_SECONDS,
                read_timeout=4 * ANSWER_SECONDS,
            )
            link.connect()
            channel = link.channel()
            channel.basic_qos(0, 1000, False)
            found = []
            while (message := channel.basic_get(BusProbe.queue, no_ack=True)) is not None:
                found.append(int(message.body))
            link.close()
            return found
        except OSError:
            continue
    raise SystemExit("no member of the message bus gives its messages")


def main() -> None:
    given = json.loads(sys.stdin.readline())
    if sys.argv[1] == "--drain":
        print(json.dumps(drain(given)))
        return
    ended, lock = threading.Event(), threading.Lock()
    with Path(sys.argv[1]).open("a") as out:
        threads = [threading.Thread(target=work, args=(probe, out, lock, ended)) for probe in probes(given)]
        for thread in threads:
            thread.start()
        sys.stdin.read()
        ended.set()
        for thread in threads:
            thread.join(30.0)


if __name__ == "__main__":
    main()
