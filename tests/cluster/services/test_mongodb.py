"""Who belongs to the replica set of MongoDB, with servers that are values and follow MongoDB's rules for a set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from congress.cluster.declaring.mongodb_program import WANTED, Document, Refused, ReplicaSet, Server, Wanted, main
from tests.cluster.services.descriptions import collapsed, composed, declared

MEMBERS = {f"node{number}": f"10.0.0.1{number}:27017" for number in (1, 2, 3)}
NO_SET_YET, NOT_WRITABLE, UNCOMMITTED, INVALID = 94, 10107, 308, 93


@dataclass
class Mongod:
    """`config`: None before it is in a set; `votes_left`: so many commands until it is elected."""

    config: dict[str, Any] | None = None
    primary: bool = False
    votes_left: int = 0
    copying: int = 0


@dataclass
class Network:
    """Servers by their addresses, those that are away too. `refusals`: codes of answers before one succeeds."""

    servers: dict[str, Mongod] = field(default_factory=lambda: {address: Mongod() for address in MEMBERS.values()})
    away: set[str] = field(default_factory=set)
    refusals: list[int] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    def connect(self, address: str) -> Server:
        return lambda command: self._answer(address, command)

    def _answer(self, address: str, command: Mapping[str, Any]) -> Document:
        if address in self.away or address not in self.servers:
            raise Refused(f"{address}: connection refused")
        server = self.servers[address]
        match next(iter(command)):
            case "hello":
                return self._hello(address, server)
            case "replSetGetConfig":
                if server.config is None:
                    raise Refused("no replset config has been received", NO_SET_YET)
                return {"config": server.config}
            case "replSetInitiate":
                server.config = {**command["replSetInitiate"], "version": 1}
                server.primary, server.votes_left = True, 2
                self.changes.append("initiate")
                return {}
            case "replSetReconfig":
                self._reconfigure(server, command["replSetReconfig"])
                return {}
        raise AssertionError(command)

    def _hello(self, address: str, server: Mongod) -> Document:
        if server.config is None:
            return {"isreplicaset": True, "isWritablePrimary": False, "secondary": False}
        server.votes_left = max(0, server.votes_left - 1)
        server.copying = max(0, server.copying - 1)
        primary = next((host for host, each in self.servers.items() if each.primary and not each.votes_left), None)
        return {
            "setName": server.config["_id"],
            "primary": primary,
            "isWritablePrimary": primary == address,
            "secondary": not server.primary and not server.copying,
        }

    def _reconfigure(self, server: Mongod, config: dict[str, Any]) -> None:
        if self.refusals:
            raise Refused("not now", self.refusals.pop(0))
        if not server.primary:
            raise Refused("not primary", NOT_WRITABLE)
        assert server.config is not None
        assert config["version"] == server.config["version"] + 1
        old, new = ({each["host"] for each in one["members"]} for one in (server.config, config))
        assert len(old ^ new) <= 2 and len({each["_id"] for each in config["members"]}) == len(config["members"])
        for host in new:
            joining = self.servers[host]
            joining.copying = 0 if host in old else 3
            joining.config = config
        self.changes.append(f"{len(new)} members")

    def on(self, node: str, members: Mapping[str, str] = MEMBERS) -> ReplicaSet:
        wanted = Wanted("control", node, members, "/etc/mongodb.key")
        return ReplicaSet(wanted, self.connect, patience=0.2, pause=0.001)

    def whole(self) -> Network:
        """With a set of all three."""
        self.on("node1").begin()
        for node in MEMBERS:
            self.on(node).join()
        return self


def test_the_first_begins_and_the_others_join() -> None:
    network = Network()
    assert not network.on("node1").begun()
    network.whole()
    assert network.on("node2").begun()
    assert network.on("node3").members() == ["node1", "node2", "node3"]
    assert all(network.on(node).joined() and network.on(node).works() for node in MEMBERS)
    assert network.changes == ["initiate", "2 members", "3 members"]


def test_once_more_changes_nothing() -> None:
    network = Network().whole()
    before = list(network.changes)
    network.whole()
    network.on("node1").forget("node9")
    assert network.changes == before


def test_a_server_works_before_there_is_a_set_and_not_while_it_copies() -> None:
    network = Network()
    assert network.on("node2").works()
    network.whole()
    network.servers[MEMBERS["node2"]].copying = 5
    assert not network.on("node2").works()
    network.away = {MEMBERS["node2"]}
    assert not network.on("node2").works()


def test_a_first_member_without_data_begins_no_second_set() -> None:
    network = Network().whole()
    lost = network.servers[MEMBERS["node1"]] = Mongod()
    network.servers[MEMBERS["node2"]].primary = True
    network.on("node1").begin()
    assert lost.config is None
    assert not network.on("node1").joined()


def test_nobody_begins_while_a_member_is_silent_that_may_have_a_set() -> None:
    network = Network(away={MEMBERS["node3"]})
    with pytest.raises(Refused, match="node3 cannot be asked for a replica set"):
        network.on("node1").begin()
    assert network.changes == []


def test_who_left_is_taken_out_and_another_one_takes_its_place() -> None:
    network = Network().whole()
    network.away = {MEMBERS["node3"]}
    network.on("node2").forget("node3")
    assert network.on("node1").members() == ["node1", "node2"]
    network.away = set()
    network.servers["10.0.0.14:27017"] = Mongod()
    network.on("node4", {**MEMBERS, "node4": "10.0.0.14:27017"}).join()
    config = network.servers[MEMBERS["node1"]].config
    assert config is not None
    assert [(each["_id"], each["tags"]["node"]) for each in config["members"]] == [
        (0, "node1"),
        (1, "node2"),
        (2, "node4"),
    ]


def test_a_member_with_another_address_is_found_there() -> None:
    network = Network().whole()
    network.servers["10.0.9.13:27017"] = network.servers.pop(MEMBERS["node3"])
    moved = network.on("node3", {**MEMBERS, "node3": "10.0.9.13:27017"})
    assert not moved.joined()
    moved.join()
    assert moved.members() == ["node1", "node2", "node3"]


def test_the_primary_is_found_though_it_is_not_wanted_any_more() -> None:
    network = Network().whole()
    network.on("node2", {node: MEMBERS[node] for node in ("node2", "node3")}).forget("node3")
    assert network.changes[-1] == "2 members"


def test_a_set_that_is_busy_is_asked_again() -> None:
    network = Network().whole()
    network.refusals = [UNCOMMITTED, NOT_WRITABLE]
    network.on("node1").forget("node3")
    assert network.on("node1").members() == ["node1", "node2"]


def test_a_change_that_is_refused_is_told() -> None:
    network = Network().whole()
    network.refusals = [INVALID]
    with pytest.raises(Refused, match="not now"):
        network.on("node1").forget("node3")


def test_a_set_without_primary_is_told_after_a_while() -> None:
    network = Network().whole()
    network.servers[MEMBERS["node1"]].primary = False
    with pytest.raises(Refused, match="no member is the primary of the set"):
        network.on("node2").forget("node3")


def test_the_commands_of_the_plan_are_those_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    network = Network().whole()
    service = declared(composed(collapsed()), "mongodb")
    files = [json.loads(file.content) for file in service.files if file.path == WANTED]
    assert [Wanted(**each).node for each in files] == ["control1", "control2", "control3"]
    assert Wanted(**files[0]).members["control2"] == "10.0.0.12:27017"
    assert service.membership is not None
    assert service.health is not None
    told = [service.health.command, service.membership.listed, service.membership.forget]
    told += [text for once in service.once for text in (once.command, once.done)]
    for text in told:
        program, *words = text.replace('"$NODE"', "node3").split()
        assert program == "/usr/local/sbin/mongodb-set"
        assert main(words, network.on("node2")) == 0, text
    assert "node1\nnode2\nnode3\n" in capsys.readouterr().out
    assert main(["what"], network.on("node2")) == 2
