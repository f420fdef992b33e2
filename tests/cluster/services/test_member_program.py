"""What starts a member of the message bus, with a server that only says how it was started."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from congress.cluster.declaring import running
from tests.waiting import until

PROGRAM = Path(running.__file__).parent / "rabbitmq-member.sh"
READS = '-rabbit load_definitions "accounts.json"'


class Member:
    """`socket`: open while it takes clients; `peer`: the same of another member."""

    def __init__(self, directory: Path, link: socket.socket, peer: socket.socket) -> None:
        self.data = directory / "mnesia" / "rabbit@node1"
        self.marker = Path(f"{self.data}.beginning")
        self._own, self._peer = link, peer

    def start(self, *, begins: bool = True, seconds: float = 30.0) -> str:
        """The words that the server gets, and what the program says."""
        own, peer = (f"127.0.0.1/{link.getsockname()[1]}" for link in (self._own, self._peer))
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", str(PROGRAM)],
            env={
                "PATH": "/usr/bin:/bin",
                "CONF": "/dev/null",
                "NODE": "rabbit@node1",
                "OWN": own,
                "OTHERS": peer,
                "BEGINS": "yes" if begins else "no",
                "DATA": str(self.data),
                "DEFINITIONS": "accounts.json",
                "SERVER": "echo server",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
            check=True,
        )
        return done.stdout

    def serves(self) -> None:
        self._own.listen()

    def another_serves(self) -> None:
        self._peer.listen()

    def has_data(self) -> None:
        self.data.mkdir(parents=True)
        (self.data / "schema.DAT").touch()


@pytest.fixture
def member(tmp_path: Path) -> Iterator[Member]:
    with socket.socket() as own, socket.socket() as peer:
        for link in (own, peer):
            link.bind(("127.0.0.1", 0))
        yield Member(tmp_path, own, peer)


def test_who_begins_reads_the_accounts_until_it_has_served(member: Member) -> None:
    assert READS in member.start()
    assert READS in member.start(), "it died before it took clients"
    member.has_data()
    assert READS in member.start(), "it died with data, and without the accounts perhaps"
    member.serves()
    member.start()
    until(lambda: not member.marker.exists())
    assert member.start() == "server\n"


def test_who_has_data_reads_no_accounts(member: Member) -> None:
    member.has_data()
    assert member.start() == "server\n"


def test_who_joins_others_reads_no_accounts(member: Member) -> None:
    member.another_serves()
    assert member.start() == "server\n"


def test_who_may_not_begin_waits_for_another_and_reads_no_accounts(member: Member) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        member.start(begins=False, seconds=1.5)
    member.another_serves()
    assert member.start(begins=False).endswith("\nserver\n")


def test_who_lost_its_data_while_others_serve_reads_no_accounts(member: Member) -> None:
    member.start()
    assert member.marker.exists()
    member.another_serves()
    assert member.start() == "server\n"
    assert not member.marker.exists()
