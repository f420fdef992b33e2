"""Members of a real message bus, started by the program that the deployment starts them with: they keep what they have.

They are on one machine, at ports of their own; what differs from a deployment is told by the environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import amqp
import pytest

from congress.cluster.declaring import running
from congress.cluster.render.rabbitmq import definitions
from congress.cluster.secrets import filled
from congress.cluster.services.contract import BrokerAccount
from tests.rabbitmq import PASSWORD, USER, Rabbit, RabbitNode
from tests.waiting import until

PROGRAMS = Path(running.__file__).parent
QUEUE = "orders"

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


class Bus(Rabbit):
    """Three members; the first may begin alone."""

    def command(self, node: RabbitNode) -> list[str]:
        return ["/bin/sh", str(PROGRAMS / "rabbitmq-member.sh")]

    def environment(self, node: RabbitNode) -> dict[str, str]:
        others = " ".join(f"127.0.0.1/{other.port}" for other in self.nodes if other is not node)
        return {
            **super().environment(node),
            "PATH": f"/usr/lib/rabbitmq/bin:{os.environ['PATH']}",
            "CONF": "/dev/null",
            "NODE": node.name,
            "OWN": f"127.0.0.1/{node.port}",
            "OTHERS": others,
            "BEGINS": "yes" if node is self.nodes[0] else "no",
            "DATA": str(self.data(node)),
            "RABBITMQ_STREAM_DIR": str(self.data(node).parent / "streams"),
            "DEFINITIONS": str(self.definitions),
            "SERVER": "/bin/sh /usr/lib/rabbitmq/bin/rabbitmq-server",
        }

    @property
    def definitions(self) -> Path:
        return self.directory / "definitions.json"

    def define(self, password: str) -> None:
        """Write the accounts as the deployment does."""
        accounts = (BrokerAccount(USER, "broker-password"), BrokerAccount("watcher", "watcher-password", monitors=True))
        self.definitions.write_text(filled(definitions(accounts), lambda name: password))

    def data(self, node: RabbitNode) -> Path:
        return node.directory / "data" / node.name

    def replicas(self, node: RabbitNode, *words: str) -> subprocess.CompletedProcess[str]:
        """What the program for replicas says on a member."""
        return subprocess.run(  # noqa: S603
            [sys.executable, str(PROGRAMS / "replicas_program.py"), *words],
            env=self.environment(node),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def waits(self, node: RabbitNode) -> bool:
        """Whether a member found nobody to join yet."""
        return "has no data and waits" in (node.directory / "log").read_text()

    def online(self, node: RabbitNode) -> int:
        """How many replicas of the queue take part, as a member sees it."""
        for line in node.control("list_queues", "name", "online").splitlines():
            name, _, members = line.partition("\t")
            if name == QUEUE:
                return members.count("@")
        return 0


@pytest.fixture(scope="module")
def bus() -> Iterator[Bus]:
    """Members that began without data, the first one last."""
    made = Bus(3)
    # Three begin at once, on whatever else the machine does.
    made.patience = 300.0
    try:
        made.prepare()
        made.define(PASSWORD)
        first, *late = made.nodes
        for node in late:
            node.launch()
        for node in late:
            until(partial(made.waits, node))
        assert not any(made.data(node).exists() for node in late)
        first.launch()
        for node in made.nodes:
            node.wait()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def queue(bus: Bus) -> Bus:
    """With a quorum queue and a stream on all members, and a message in the queue."""
    with connected(bus.nodes[0]) as connection:
        channel = connection.channel()
        for name, kind in ((QUEUE, "quorum"), ("events", "stream")):
            channel.queue_declare(name, durable=True, auto_delete=False, arguments={"x-queue-type": kind})
        channel.basic_publish(amqp.Message("kept", delivery_mode=2), routing_key=QUEUE)
    until(lambda: bus.online(bus.nodes[0]) == 3)
    return bus


def connected(node: RabbitNode, password: str = PASSWORD) -> amqp.Connection:
    connection = amqp.Connection(f"127.0.0.1:{node.port}", USER, password, confirm_publish=True)
    connection.connect()
    return connection


def test_members_without_data_wait_for_the_first_and_become_one_bus(bus: Bus) -> None:
    names = sorted(node.name for node in bus.nodes)
    for node in bus.nodes:
        assert bus.replicas(node, "members").stdout.split() == names


def test_the_first_begins_with_the_accounts_and_does_not_bring_back_an_old_password(bus: Bus) -> None:
    first, second, _ = bus.nodes
    assert "watcher\t[monitoring]" in second.control("list_users").splitlines()
    until(lambda: not Path(f"{bus.data(first)}.beginning").exists())
    bus.define("the next password")
    second.control("import_definitions", str(bus.definitions))
    bus.define(PASSWORD)
    first.kill()
    first.start()
    with pytest.raises(amqp.AccessRefused):
        connected(first)
    connected(first, "the next password").close()
    second.control("import_definitions", str(bus.definitions))
    connected(first).close()


def test_a_member_that_lost_its_power_has_its_replicas_again_by_itself(queue: Bus) -> None:
    survivor, _, killed = queue.nodes
    killed.kill()
    until(lambda: queue.online(survivor) == 2)
    with connected(survivor) as connection:
        connection.channel().basic_publish(amqp.Message("meanwhile", delivery_mode=2), routing_key=QUEUE)
    killed.start()
    until(lambda: queue.online(survivor) == 3, "it did not come back with its replicas", seconds=120)
    assert queue.replicas(killed, "check").returncode == 0


def test_a_bus_that_lost_its_power_everywhere_comes_back_with_what_was_acknowledged(queue: Bus) -> None:
    for node in queue.nodes:
        node.kill()
    for node in queue.nodes:
        node.launch()
    for node in queue.nodes:
        node.wait()
    until(lambda: queue.online(queue.nodes[0]) == 3, seconds=120)
    # Counts are told now and then.
    until(lambda: f"{QUEUE}\t2" in queue.nodes[0].control("list_queues", "name", "messages").split("\n"))


def test_a_member_that_lost_its_data_is_given_up_and_gets_replicas_as_a_new_one(queue: Bus) -> None:
    survivor, _, lost = queue.nodes
    lost.kill()
    shutil.rmtree(lost.directory / "data")
    assert queue.replicas(survivor, "forget", lost.name).returncode == 0
    assert lost.name not in queue.replicas(survivor, "members").stdout
    assert queue.replicas(survivor, "forget", lost.name).returncode == 0, "once more changes nothing"
    lost.start()
    told = queue.replicas(lost, "check")
    assert told.returncode == 1
    assert f"quorum {QUEUE} of / has no replica on {lost.name}" in told.stdout
    assert queue.replicas(lost, "grow").returncode == 0
    assert queue.replicas(lost, "check").returncode == 0
    until(lambda: queue.online(survivor) == 3, seconds=120)


def test_a_member_that_is_to_leave_gives_its_replicas_back_and_is_taken_out(queue: Bus) -> None:
    survivor, leaving, _ = queue.nodes
    assert queue.replicas(survivor, "drain", leaving.name).returncode == 0
    left = survivor.control("list_queues", "name", "members")
    assert "events" in left
    assert leaving.name not in left
    leaving.kill()
    assert queue.replicas(survivor, "forget", leaving.name).returncode == 0
    assert leaving.name not in queue.replicas(survivor, "members").stdout
