"""The driver rabbitmq, over a cluster of three real nodes, and over what clusters in odd states said."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

from congress.datasources.contract import CloudUnreachable, DriverError
from congress.datasources.rabbitmq import RabbitMqDriver
from tests.databases import free_port
from tests.datasources.tables import by, seen
from tests.rabbitmq import PASSWORD, USER, Rabbit
from tests.waiting import until

RECORDED = Path(__file__).parent / "recorded"
ACCOUNT, SECRET = "watcher", "canary-of-the-watcher"
NODES = {f"r{number}@localhost" for number in (1, 2, 3)}


def call(broker: Rabbit, path: str, body: Any) -> None:
    url = f"http://127.0.0.1:{broker.nodes[0].management_port}/api/{path}"
    requests.put(url, json=body, auth=(USER, PASSWORD), timeout=10).raise_for_status()


@pytest.fixture(scope="module")
def broker() -> Iterator[Rabbit]:
    broker = Rabbit(3, management=True)
    try:
        broker.start()
        for node in broker.nodes:
            until(node.manages, f"{node.name} has no management", seconds=60)
        call(broker, f"users/{ACCOUNT}", {"password": SECRET, "tags": "monitoring"})
        call(broker, f"permissions/%2F/{ACCOUNT}", {"configure": "", "write": "", "read": ""})
        call(broker, "queues/%2F/orders", {"durable": True, "arguments": {"x-queue-type": "quorum"}})
        call(broker, "queues/%2F/mirrored", {"durable": True})
        call(broker, "queues/%2F/single", {"auto_delete": True, "arguments": {"x-expires": 3600000}})
        definition = {"ha-mode": "nodes", "ha-params": ["r1@localhost", "r2@localhost"]}
        call(broker, "policies/%2F/mirrors", {"pattern": "^mir", "apply-to": "queues", "definition": definition})
        yield broker
    finally:
        broker.stop()


def driver(broker: Rabbit, **config: str) -> RabbitMqDriver:
    urls = ",".join(f"http://127.0.0.1:{node.management_port}" for node in broker.nodes)
    return RabbitMqDriver("rabbitmq", {"urls": urls, "username": ACCOUNT, "password": SECRET, **config})


def queue(broker: Rabbit, name: str) -> dict[str, object]:
    return by(seen(driver(broker), "queues")["queues"], "name")[name]


def copies(broker: Rabbit, queue: str) -> dict[str, str]:
    return {row["node"]: row["online"] for row in seen(driver(broker))["queue_members"] if row["queue"] == queue}


def test_nodes_queues_and_policies_are_told_to_an_account_that_may_monitor(broker: Rabbit) -> None:
    until(lambda: len(copies(broker, "mirrored")) == 2)
    # A node that has just come up says nothing of itself for some seconds.
    until(lambda: {row["memory_alarm"] for row in seen(driver(broker), "nodes")["nodes"]} == {"False"})
    # A queue tells the policy that it follows some seconds after it follows it.
    until(lambda: queue(broker, "mirrored")["policy"] == "mirrors")
    until(lambda: len(copies(broker, "orders")) == len(NODES))
    tables = seen(driver(broker))
    nodes = by(tables["nodes"], "name")
    assert set(nodes) == NODES
    for row in nodes.values():
        assert (row["running"], row["type"], row["memory_alarm"], row["disk_alarm"]) == (
            "True",
            "disc",
            "False",
            "False",
        )
        assert row["version"] == tables["cluster"][0]["version"] != "None"
        assert row["net_ticktime"] == 60
    assert tables["partitions"] == []
    queues = by(tables["queues"], "name")
    assert {name: row["type"] for name, row in queues.items()} == {
        "orders": "quorum", "mirrored": "classic", "single": "classic"
    }  # fmt: skip
    assert (queues["single"]["auto_delete"], queues["single"]["expires"]) == ("True", 3600000)
    assert (queues["orders"]["durable"], queues["orders"]["expires"]) == ("True", "None")
    assert queues["mirrored"]["policy"] == "mirrors"
    assert queues["single"]["policy"] == "None"
    assert copies(broker, "orders") == dict.fromkeys(NODES, "True")
    assert copies(broker, "mirrored") == {"r1@localhost": "True", "r2@localhost": "True"}
    assert len(copies(broker, "single")) == 1
    policies = {row["key"]: (row["name"], row["applies_to"], row["value"]) for row in tables["policies"]}
    assert policies == {
        "ha-mode": ("mirrors", "queues", "nodes"),
        "ha-params": ("mirrors", "queues", '["r1@localhost", "r2@localhost"]'),
    }


def test_a_node_that_is_gone_takes_its_copies_with_it_and_another_one_tells(broker: Rabbit) -> None:
    broker.nodes[0].kill()
    try:
        until(lambda: copies(broker, "orders").get("r1@localhost") == "False", seconds=60)
        # Between two leaders there is none.
        until(lambda: queue(broker, "orders")["leader"] in NODES - {"r1@localhost"})
        tables = seen(driver(broker))
        assert {name: row["running"] for name, row in by(tables["nodes"], "name").items()} == {
            "r1@localhost": "False", "r2@localhost": "True", "r3@localhost": "True"
        }  # fmt: skip
        assert by(tables["nodes"], "name")["r1@localhost"]["version"] == "None"
        assert tables["cluster"][0]["asked"] == "r2@localhost"
    finally:
        broker.nodes[0].start()
    until(lambda: copies(broker, "orders") == dict.fromkeys(NODES, "True"), seconds=60)


def test_a_wrong_password_is_said_and_not_shown(broker: Rabbit) -> None:
    with pytest.raises(CloudUnreachable, match=r"the login was refused \(401\)") as caught:
        driver(broker, password="a-wrong-password").fetch("nodes")  # noqa: S106 - wrong on purpose
    assert "a-wrong-password" not in str(caught.value)


def test_an_account_without_the_tag_is_refused(broker: Rabbit) -> None:
    call(broker, "users/nobody", {"password": SECRET, "tags": ""})
    with pytest.raises(CloudUnreachable, match="check username, password and rights"):
        driver(broker, username="nobody").fetch("nodes")


class Recorded(BaseHTTPRequestHandler):
    """Answers with files that hold what a cluster said."""

    def do_GET(self) -> None:  # noqa: N802 - the library's name for it
        file = RECORDED / f"rabbitmq-{self.path.removeprefix('/api/').partition('?')[0]}.json"
        content = file.read_bytes() if file.exists() else b"<html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def recorded() -> Iterator[RabbitMqDriver]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorded)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    yield RabbitMqDriver("rabbitmq", {"urls": url, "username": ACCOUNT, "password": SECRET})
    server.shutdown()
    server.server_close()


def test_partitions_alarms_and_the_copies_that_are_left_are_told(recorded: RabbitMqDriver) -> None:
    tables = seen(recorded, "nodes") | seen(recorded, "queues")
    assert [(row["node"], row["other"]) for row in tables["partitions"]] == [("r2@localhost", "r3@localhost")]
    assert {name: row["memory_alarm"] for name, row in by(tables["nodes"], "name").items()} == {
        "r1@localhost": "False", "r2@localhost": "True", "r3@localhost": "False"
    }  # fmt: skip
    assert by(tables["queues"], "name")["orders"]["state"] == "running", "so a broker says of a queue without majority"
    online = {row["node"]: row["online"] for row in tables["queue_members"] if row["queue"] == "orders"}
    assert online == {"r1@localhost": "True", "r2@localhost": "False", "r3@localhost": "False"}


def test_an_answer_of_somebody_else_is_said(recorded: RabbitMqDriver) -> None:
    with pytest.raises(CloudUnreachable, match="the answer is not JSON; is the URL that of the API"):
        recorded.fetch("policies")


def test_nodes_that_nobody_runs_are_unreachable() -> None:
    lost = RabbitMqDriver("rabbitmq", {"urls": f"http://127.0.0.1:{free_port()}", "username": "a", "password": "b"})
    with pytest.raises(CloudUnreachable, match="Connection refused"):
        lost.fetch("nodes")


@pytest.mark.parametrize(
    ("urls", "message"), [("", "urls: none is given; write"), ("mq1:15672", "urls: 'mq1:15672' is no URL; write")]
)
def test_a_configuration_that_means_nothing_is_refused(urls: str, message: str) -> None:
    with pytest.raises(DriverError, match=message):
        RabbitMqDriver("rabbitmq", {"urls": urls, "username": "a", "password": "b"})
