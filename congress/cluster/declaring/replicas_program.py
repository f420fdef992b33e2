#!/usr/bin/python3
"""Replicas of quorum queues and streams, on a member of RabbitMQ.

    replicas_program.py members | check | grow | drain NODE | forget NODE

`members` prints the names of the nodes that the broker consists of. `check` ends with 1 when a queue or stream has no
replica on this member; `grow` gives each one. `drain NODE` takes the replicas of a node that is to leave, while it
runs; `forget NODE` takes a node that is stopped out of the broker, and what is left of its replicas. Nothing but
RabbitMQ's own commands and Python; running one of them again changes nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ENVIRONMENT = "/etc/rabbitmq/rabbitmq-env.conf"
REPLICATED = ("quorum", "stream")


class Queue(NamedTuple):
    """A queue or stream with replicas. `members`: nodes by their full names."""

    virtual_host: str
    name: str
    kind: str
    members: tuple[str, ...]


def told(*command: str) -> Any:
    """What one of RabbitMQ's commands answers. Raises subprocess.CalledProcessError."""
    done = subprocess.run(  # noqa: S603
        [*command, "--quiet", "--formatter", "json"], stdout=subprocess.PIPE, check=True, text=True
    )
    # Warnings may stand before the answer.
    start = min((at for at in (done.stdout.find("["), done.stdout.find("{")) if at >= 0), default=0)
    return json.loads(done.stdout[start:] or "null")


def run(*command: str) -> None:
    """Raises subprocess.CalledProcessError."""
    subprocess.run([*command, "--quiet"], check=True)  # noqa: S603


def configured() -> str:
    """This member's name, as its server is told."""
    for line in Path(ENVIRONMENT).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name == "RABBITMQ_NODENAME":
            return value.strip()
    raise SystemExit(f"{ENVIRONMENT} does not say RABBITMQ_NODENAME")


def members() -> list[str]:
    """Nodes of the broker, those that are away too."""
    status = told("rabbitmqctl", "cluster_status")
    return sorted({*status["disk_nodes"], *status.get("ram_nodes", [])})


def queues() -> Iterator[Queue]:
    """All that have replicas, whoever leads them."""
    for host in told("rabbitmqctl", "list_vhosts", "name"):
        for queue in told("rabbitmqctl", "list_queues", "--vhost", host["name"], "name", "type", "members"):
            if queue["type"] in REPLICATED:
                yield Queue(host["name"], queue["name"], queue["type"], tuple(queue["members"] or ()))


def grow(node: str) -> None:
    for queue in queues():
        if node in queue.members:
            continue
        print(f"{queue.kind} {queue.name} of {queue.virtual_host} gets a replica on {node}")
        if queue.kind == "stream":
            run("rabbitmq-streams", "add_replica", queue.name, node, "--vhost", queue.virtual_host)
    # One command for all quorum queues; it leaves alone those that have one.
    run("rabbitmq-queues", "grow", node, "all")


def drain(node: str) -> None:
    """Of a stream, only a member that runs can give its replica back: one that is lost stays counted."""
    for queue in queues():
        if queue.kind != "stream" or node not in queue.members:
            continue
        try:
            run("rabbitmq-streams", "delete_replica", queue.name, node, "--vhost", queue.virtual_host)
        except subprocess.CalledProcessError:
            print(f"stream {queue.name} of {queue.virtual_host} still counts on {node}", file=sys.stderr)
    run("rabbitmq-queues", "shrink", node)


def forget(node: str) -> None:
    if node in members():
        drain(node)
        run("rabbitmqctl", "forget_cluster_node", node)


def main(words: Sequence[str]) -> int:
    """The exit status; 2 for other words than those above."""
    own = os.environ.get("RABBITMQ_NODENAME") or configured()
    match list(words):
        case ["members"]:
            print("\n".join(members()))
        case ["check"]:
            without = [queue for queue in queues() if own not in queue.members]
            for queue in without:
                print(f"{queue.kind} {queue.name} of {queue.virtual_host} has no replica on {own}")
            return 1 if without else 0
        case ["grow"]:
            grow(own)
        case ["drain", node]:
            drain(node)
        case ["forget", node]:
            forget(node)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd)} ended with {error.returncode}", file=sys.stderr)
        sys.exit(error.returncode or 1)
