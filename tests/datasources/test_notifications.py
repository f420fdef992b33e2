"""A change that a service tells its message bus of is known soon; over a real RabbitMQ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import kombu
import pytest

from congress.datasources.limits import Limits
from congress.datasources.notifications import Hearing, NotificationUrlInvalid, place, read
from congress.datasources.nova import NovaDriver
from congress.datasources.runner import DatasourceRunner
from tests.datasources.makeshift_cloud import Cloud, Handler, Servers, serving
from tests.rabbitmq import Rabbit
from tests.waiting import until


@pytest.fixture(scope="module")
def broker() -> Iterator[Rabbit]:
    started = Rabbit().start()
    yield started
    started.stop()


class World:
    """A cloud, a runner that polls it when asked only, and a broker between them."""

    def __init__(self, broker: Rabbit, cloud: Cloud, servers: Servers, **limits: int) -> None:
        self.broker, self.cloud, self.servers = broker, cloud, servers
        self.paths: list[str] = []
        """What the cloud was asked for."""
        driver = NovaDriver("nova", {**cloud.login, "poll_time": "0"})
        self.runner = DatasourceRunner("nova", driver, lambda _updates: None, limits=Limits(**limits))
        self.hearing = Hearing(broker.transport_url)
        self.hearing.join("nova", None, self.runner.hint, self.runner.request_refresh)
        self.listener = next(iter(self.hearing._listeners.values()))

    def ready(self) -> None:
        self.runner.start()
        until(lambda: self.runner.state() == "ok", lambda: str(self.runner.status()))
        self.declare()
        until(lambda: "nova" in self.listener.bound, "the exchange was not bound to")

    def stop(self) -> None:
        self.hearing.leave("nova")
        self.runner.stop()

    def declare(self) -> None:
        with self.connection() as connection:
            kombu.Exchange("nova", type="topic", durable=False)(connection.channel()).declare()

    def connection(self) -> Any:
        return kombu.Connection(self.broker.transport_url.replace("rabbit://", "amqp://") + "/")

    def tell(self, *ids: str, event: str = "instance.update", topic: str = "versioned_notifications") -> None:
        with self.connection() as connection:
            producer = connection.Producer(exchange=kombu.Exchange("nova", type="topic", durable=False))
            for each in ids:
                inner = {"event_type": event, "payload": {"nova_object.data": {"uuid": each}, "instance_id": each}}
                body = {"oslo.version": "2.0", "oslo.message": json.dumps(inner)}
                producer.publish(body, routing_key=f"{topic}.info")

    def status(self, identity: str) -> str | None:
        return next((str(row[3]) for row in self.runner.rows("servers") or () if row[0] == identity), None)


@pytest.fixture
def world(broker: Rabbit) -> Iterator[World]:
    servers = Servers(30)

    def answer(handler: Handler, path: str, query: dict[str, list[str]]) -> None:
        made.paths.append(path)
        servers.answer(handler, path, query)

    with serving(answer) as cloud:
        made = World(broker, cloud, servers, single_objects=5)
        made.ready()
        yield made
        made.stop()


def test_a_changed_object_alone_is_read_again(world: World) -> None:
    changed, unmentioned = world.servers.change(2)
    asked = world.cloud.asked
    world.tell(changed)
    until(lambda: world.status(changed) == "SHUTOFF", seconds=60)
    assert world.cloud.asked == asked + 1
    assert world.status(unmentioned) == "ACTIVE"


def test_the_older_form_of_notifications_is_heard_too(world: World) -> None:
    changed, *_others = world.servers.change(1)
    world.tell(changed, event="compute.instance.update", topic="notifications")
    until(lambda: world.status(changed) == "SHUTOFF", seconds=60)


def test_a_deleted_object_goes(world: World) -> None:
    gone = world.servers.items[0]["id"]
    del world.servers.places[gone]
    world.tell(gone, event="instance.delete.end")
    until(lambda: world.status(gone) is None, seconds=60)
    assert len(world.runner.rows("servers") or ()) == 29


def test_a_storm_leads_to_one_listing_and_not_to_a_request_for_each(world: World) -> None:
    changed = world.servers.change(30)
    asked = world.cloud.asked
    world.tell(*changed * 20)
    until(lambda: all(world.status(each) == "SHUTOFF" for each in changed), seconds=60)
    assert world.cloud.asked - asked < 60


def test_what_was_missed_while_the_connection_was_away_is_listed_when_it_is_back(world: World) -> None:
    node = world.broker.nodes[0]
    node.kill()
    until(lambda: not world.listener.listening.is_set(), seconds=60)
    changed, *_others = world.servers.change(1)
    node.start()
    until(lambda: world.status(changed) == "SHUTOFF", seconds=90)


def test_nothing_is_left_at_the_broker_when_nobody_listens(world: World) -> None:
    world.hearing.leave("nova")
    until(lambda: "congress-notifications" not in world.broker.nodes[0].control("list_queues", "name"), seconds=60)


def test_changes_are_known_by_their_notifications_without_a_listing(world: World) -> None:
    polls, changed = world.runner.status()["number_of_updates"], world.servers.change(5)
    del world.paths[:]
    for each in changed:
        world.tell(each)
        until(lambda each=each: world.status(each) == "SHUTOFF", seconds=60)
    assert world.paths == [f"/servers/{each}" for each in changed]
    assert world.runner.status()["number_of_updates"] == polls


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b'{"event_type": 1}', b'{"oslo.message": 1}', b"[" * 10**5]
)
def test_what_is_no_notification_is_passed_over(body: bytes) -> None:
    assert read(body) is None


def test_a_url_of_oslo_messaging_names_the_nodes_of_the_broker() -> None:
    found = place("rabbit://u:p%40w@one:5673,u:p@two/cloud?ssl=1&ssl_ca_file=/ca.pem")
    assert found.urls == ("amqp://u:p%40w@one:5673/cloud", "amqp://u:p@two:5672/cloud")
    assert found.ssl == {"ca_certs": "/ca.pem"}


@pytest.mark.parametrize("url", ["", "http://u:secret-of-url@h/", "rabbit://", "rabbit://u:secret-of-url@h:x/"])
def test_another_url_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(NotificationUrlInvalid) as refused:
        place(url)
    assert "secret-of-url" not in str(refused.value)
