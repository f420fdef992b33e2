"""Processes know each other by their rows, and no two live under one id."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from congress.conf.lease import Timing
from congress.db import leases, nodes, punctual
from congress.db.leases import Contender
from congress.server.membership import Membership, NodeIdInvalid, NodeIdTaken
from congress.telemetry.status import StatusItems
from tests.waiting import until

TIMING = Timing(duration=2.0, renew=0.1, margin=0.05)
NEVER = threading.Event()


def unknown(_other: Contender) -> bool:
    """Whether a process on another host has ended cannot be told."""
    return False


class Town:
    """Makes members over one database, and stops them."""

    def __init__(self, url: str) -> None:
        self.engine = punctual.connect(url, 5.0)
        self.members: list[Membership] = []
        self.replaced: list[str] = []

    def member(
        self, node: str, host: str = "elsewhere", has_ended: Callable[[Contender], bool] = unknown, **status: Any
    ) -> Membership:
        items = StatusItems()
        for name, value in status.items():
            items.add(name, lambda value=value: value)
        me = Contender(f"{len(self.members):032}", node, host, "", 4711, 1)
        found = Membership(
            self.engine, me, roles=("api", "policy-engine"), version="12", status=items, timing=TIMING,
            on_replaced=self.replaced.append, has_ended=has_ended,
        )  # fmt: skip
        self.members.append(found)
        return found

    def live(self, node: str, **status: Any) -> Membership:
        member = self.member(node, **status)
        member.join(NEVER)
        member.start()
        return member


@pytest.fixture
def town(url: str) -> Iterator[Town]:
    found = Town(url)
    yield found
    for member in found.members:
        member.stop()
    found.engine.dispose()


def states(member: Membership) -> dict[str, str]:
    return {node["id"]: node["state"] for node in member.view()["nodes"]}


def test_each_knows_all(town: Town) -> None:
    one, two = town.live("one", policy_revision=7), town.live("two")
    until(lambda: states(one) == states(two) == {"one": "up", "two": "up"})
    seen = {node["id"]: node for node in two.view()["nodes"]}["one"]
    assert seen["status"] == {"policy_revision": 7}
    assert (seen["host"], seen["pid"], seen["roles"]) == ("elsewhere", 4711, ["api", "policy-engine"])
    two.stop()
    until(lambda: states(one) == {"one": "up"})


def test_a_second_process_under_the_same_id_is_refused_and_told_who_has_it(town: Town) -> None:
    town.live("one")
    with pytest.raises(NodeIdTaken, match=r"in use by process 4711 on host elsewhere, which took it 20\d\d-\d\d-\d\d"):
        town.member("one", host="here").join(NEVER)


def test_the_id_of_a_process_that_vanished_can_be_taken(town: Town) -> None:
    gone, witness = town.member("one"), town.live("two")
    gone.join(NEVER)  # and never gives a sign of life
    until(lambda: states(witness).get("one") == "silent")
    town.live("one")
    until(lambda: states(witness).get("one") == "up")


def test_what_a_killed_process_had_sent_is_no_sign_of_life(town: Town) -> None:
    """The database does its last renewal after the next process saw that it has ended, and before that one takes it."""
    gone = town.member("one")
    gone.join(NEVER)
    late = [gone.me.instance]

    def has_ended(_other: Contender) -> bool:
        while late:
            with punctual.statements(town.engine) as session:
                assert leases.renew(session, "node:one", late.pop(), 1)
        return True

    here = town.member("one", has_ended=has_ended)
    here.join(NEVER)
    assert not late
    here.start()
    until(lambda: states(here) == {"one": "up"})


def test_a_process_whose_id_was_taken_stops(town: Town) -> None:
    frozen = town.member("one")
    frozen.join(NEVER)
    town.live("one")
    assert not town.replaced
    frozen.start()
    until(lambda: town.replaced)
    assert "has taken the node id one" in town.replaced[0]


def test_a_row_that_vanished_is_written_again(town: Town) -> None:
    one, two = town.live("one"), town.live("two")
    with punctual.statements(town.engine) as session:
        for each in nodes.every(session):
            nodes.remove(session, each.id, each.instance)
    until(lambda: states(one) == states(two) == {"one": "up", "two": "up"})


def test_nobody_waits_for_a_database_that_is_gone(town: Town) -> None:
    one = town.live("one")
    member = Membership(
        punctual.connect("postgresql+psycopg://nobody@127.0.0.1:1/none", 0.5), one.me, roles=(), version="1",
        status=StatusItems(), timing=TIMING,
    )  # fmt: skip
    member.start()
    until(lambda: member.silence() > 0.5)
    assert states(member) == {"one": "up"}
    member.stop()


@pytest.mark.parametrize("node", ["", "x" * 201, "a\nb"])
def test_ids_that_cannot_be_used_are_refused(node: str) -> None:
    me = Contender("x", node, "host", "", 1, 1)
    with pytest.raises(NodeIdInvalid, match="--node-id"):
        Membership(
            punctual.connect("sqlite://", 1.0), me, roles=(), version="1", status=StatusItems(), timing=TIMING
        )
