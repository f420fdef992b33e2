#!/usr/bin/python3
"""Who belongs to the replica set of MongoDB, asked and changed on one of its members.

    mongodb_program.py begin | begun | join | joined | works | members | forget NODE

`begin` makes a set of this member alone, unless one of the others has a set; `begun` ends with 1 when nobody has.
`join` brings this member into the set, or corrects its address there, and waits until it has the data; `joined` ends
with 1 when it is not there. `works` ends with 1 when the server does not answer, or is in the set and cannot serve.
`members` prints the names of the nodes in the set; `forget NODE` takes one out. Running one of them again changes
nothing.

Members know each other by a key, and so does this program know them (user `__system`), so that there is no account to
keep. It needs Python and Debian's python3-pymongo.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

WANTED = "/etc/mongodb-set.json"
SECONDS = 5
TRIED_AGAIN = frozenset((10107, 11602, 13435, 189, 109, 308))
"""Answers after which the same may succeed: NotWritablePrimary, InterruptedDueToReplStateChange,
NotPrimaryNoSecondaryOk, PrimarySteppedDown, ConfigurationInProgress, CurrentConfigNotCommittedYet (MongoDB, "Error
Codes")."""

Document = Mapping[str, Any]


class Refused(Exception):
    """What a server said in place of an answer; `code` is None when it said nothing."""

    def __init__(self, what: str, code: int | None = None) -> None:
        super().__init__(what)
        self.code = code


Server = Callable[[Mapping[str, Any]], Document]
"""Sends a command to the database `admin` of one server. Raises Refused."""


class Wanted(NamedTuple):
    """`name` of the set, this `node`, and where each member takes clients (HOST:PORT)."""

    name: str
    node: str
    members: Mapping[str, str]
    key: str


def named(member: Document, wanted: Wanted) -> str:
    """The node of a member of the set: its own word, or else who has its address."""
    told = member.get("tags", {}).get("node")
    return str(told or next((node for node, host in wanted.members.items() if host == member["host"]), member["host"]))


def with_member(config: Document, wanted: Wanted) -> Document:
    """The set with this node in it, at its address of now."""
    host = wanted.members[wanted.node]
    rest = [member for member in config["members"] if named(member, wanted) != wanted.node]
    mine = [member for member in config["members"] if named(member, wanted) == wanted.node]
    number = mine[0]["_id"] if mine else max((member["_id"] for member in rest), default=-1) + 1
    old = mine[0] if mine else {}
    member = {**old, "_id": number, "host": host, "tags": {**old.get("tags", {}), "node": wanted.node}}
    return {**config, "members": sorted([*rest, member], key=lambda each: each["_id"])}


def without_member(config: Document, wanted: Wanted, node: str) -> Document:
    return {**config, "members": [member for member in config["members"] if named(member, wanted) != node]}


class ReplicaSet:
    """`connect`: to the server at HOST:PORT; `patience`: seconds that an election or a first copy may take."""

    def __init__(
        self, wanted: Wanted, connect: Callable[[str], Server], *, patience: float, pause: float = 1.0
    ) -> None:
        self._wanted, self._connect = wanted, connect
        self._patience, self._pause = patience, pause

    def begun(self) -> bool:
        """Whether one of the members has a set. Raises Refused when none has and one does not answer: it may."""
        silent = []
        for node, address in self._wanted.members.items():
            told = self._told(address)
            if told is None:
                silent.append(node)
            elif told.get("setName"):
                return True
        if silent:
            raise Refused(f"{', '.join(silent)} cannot be asked for a replica set")
        return False

    def begin(self) -> None:
        if not self.begun():
            alone = with_member({"_id": self._wanted.name, "members": []}, self._wanted)
            self._own({"replSetInitiate": alone})
        self._primary()

    def join(self) -> None:
        self._change(lambda config: with_member(config, self._wanted))
        self._wait(self.joined, "it is in the set, and has not got its data yet")

    def joined(self) -> bool:
        told = self._told(self._wanted.members[self._wanted.node])
        if told is None or not told.get("setName"):
            return False
        config = self._config()
        return bool(_serves(told) and config["members"] == with_member(config, self._wanted)["members"])

    def works(self) -> bool:
        """One that is in no set yet works as well as it can."""
        told = self._told(self._wanted.members[self._wanted.node])
        return told is not None and (not told.get("setName") or _serves(told))

    def members(self) -> list[str]:
        return sorted(named(member, self._wanted) for member in self._config()["members"])

    def forget(self, node: str) -> None:
        self._change(lambda config: without_member(config, self._wanted, node))

    def _own(self, command: Document) -> Document:
        return self._connect(self._wanted.members[self._wanted.node])(command)

    def _told(self, address: str) -> Document | None:
        try:
            return self._connect(address)({"hello": 1})
        except Refused:
            return None

    def _config(self) -> Document:
        """As the first member says that answers and has one. Raises Refused."""
        said = "no member answers"
        for address in self._wanted.members.values():
            try:
                config: Document = self._connect(address)({"replSetGetConfig": 1})["config"]
            except Refused as refused:
                said = str(refused)
            else:
                return config
        raise Refused(f"nobody says who is in the set: {said}")

    def _primary(self) -> Server:
        """The one that takes changes. Raises Refused when none is elected in time."""
        found: list[str] = []

        def elected() -> bool:
            hosts = dict.fromkeys(self._wanted.members.values())
            for told in map(self._told, tuple(hosts)):
                # Who is primary may be a member that this node has not heard of.
                hosts |= dict.fromkeys([told["primary"]] if told and told.get("primary") else [])
            found[:] = [host for host in hosts if (told := self._told(host)) and told.get("isWritablePrimary")]
            return bool(found)

        self._wait(elected, "no member is the primary of the set")
        return self._connect(found[0])

    def _change(self, changed: Callable[[Document], Document]) -> None:
        """One member at a time: what the set takes without asking for more than a majority of before."""

        def done() -> bool:
            primary = self._primary()
            try:
                config = primary({"replSetGetConfig": 1})["config"]
                wanted = changed(config)
                if wanted["members"] != config["members"]:
                    primary({"replSetReconfig": {**wanted, "version": config["version"] + 1}})
            except Refused as refused:
                if refused.code in TRIED_AGAIN:
                    return False
                raise
            return True

        self._wait(done, "the set does not take a change of its members")

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + self._patience
        while not condition():
            if time.monotonic() > deadline:
                raise Refused(what)
            time.sleep(self._pause)


def _serves(told: Document) -> bool:
    return bool(told.get("isWritablePrimary") or told.get("secondary"))


def connecting(key: str) -> Callable[[str], Server]:
    """Connections of pymongo's, as the members themselves connect."""
    from pymongo import MongoClient  # noqa: PLC0415 - of Debian's, on the nodes
    from pymongo.errors import OperationFailure, PyMongoError  # noqa: PLC0415

    member = {"username": "__system", "password": "".join(key.split()), "authSource": "local"}
    times = dict.fromkeys(("serverSelectionTimeoutMS", "connectTimeoutMS"), SECONDS * 1000)

    def connect(address: str) -> Server:
        client = MongoClient(address, directConnection=True, authMechanism="SCRAM-SHA-256", **member, **times)

        def send(command: Document) -> Document:
            try:
                told: Document = client.admin.command(dict(command))
            except OperationFailure as error:
                raise Refused(f"{address}: {error}", error.code) from error
            except PyMongoError as error:
                raise Refused(f"{address}: {error}") from error
            return told

        return send

    return connect


def main(words: Sequence[str], replicas: ReplicaSet) -> int:
    """The exit status; 2 for other words than those above. Raises Refused."""
    match list(words):
        case ["begin"]:
            replicas.begin()
        case ["begun"]:
            return 0 if replicas.begun() else 1
        case ["join"]:
            replicas.join()
        case ["joined"]:
            return 0 if replicas.joined() else 1
        case ["works"]:
            return 0 if replicas.works() else 1
        case ["members"]:
            print("\n".join(replicas.members()))
        case ["forget", node]:
            replicas.forget(node)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    given = Wanted(**json.loads(Path(WANTED).read_text(encoding="utf-8")))
    secret = Path(given.key).read_text(encoding="utf-8")
    try:
        sys.exit(main(sys.argv[1:], ReplicaSet(given, connecting(secret), patience=600.0)))
    except Refused as refused:
        print(f"mongodb: {refused}", file=sys.stderr)
        sys.exit(1)
