"""Events on their way to webhooks: in order, again after failures and deaths, and a dead letter in the end."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from congress.db import changelog as log
from congress.db import eventtargets as stored
from congress.db import migration
from congress.db.changelog import Change
from congress.db.eventtargets import Target
from congress.db.session import Database
from congress.outgoing import webhook
from congress.outgoing.errors import LetterNotFound, NotDelivered, WebhookInvalid, WebhookNotFound
from congress.outgoing.sending import Patience, Sender
from congress.outgoing.targets import Webhooks
from congress.policies.events import EventLog


class Plainly:
    """A cipher that hides nothing."""

    def encrypt(self, text: str) -> str:
        return f"({text})"

    def decrypt(self, stored: str) -> str:
        return stored.strip("()")


class Post:
    """What a receiver was sent, and whether it takes what comes next."""

    def __init__(self) -> None:
        self.now, self.epoch = 0.0, 1
        self.bodies: list[dict[str, Any]] = []
        self.refuses: Callable[[dict[str, Any]], bool] = lambda _body: False
        self.before: Callable[[], None] = lambda: None

    def __call__(self, _target: Target, body: str, _delivery: str) -> None:
        self.before()
        content = json.loads(body)
        if self.refuses(content):
            raise NotDelivered("answered with 500")
        self.bodies.append(content)

    @property
    def ids(self) -> list[int]:
        return [int(event["id"]) for body in self.bodies for event in body["events"]]


class World:
    def __init__(self, database: Database) -> None:
        self.database, self.post = database, Post()
        self.webhooks = Webhooks(database, Plainly())
        self.number = 0
        self.sender = self.another()

    def another(self) -> Sender:
        """The sender of a node that takes over."""
        return Sender(
            self.database, EventLog(self.database), self.post, lambda: self.post.epoch, Patience(3, 5.0),
            run=lambda work: work(), clock=lambda: self.post.now,
        )  # fmt: skip

    def happen(self, times: int, policy: str = "p", at: datetime | None = None) -> None:
        moment = at or datetime.now(UTC).replace(tzinfo=None)
        with self.database.writer() as session:
            changes = []
            for _ in range(times):
                self.number += 1
                row = log.written([self.number])
                digest = log.digest(policy, "error", row)
                changes.append(Change(digest, policy, "error", row, 1, True, (1, 1, 1, 0), moment, "a"))
            log.record(session, changes)

    def rounds(self, number: int = 20, seconds: float = 1000.0) -> None:
        for _ in range(number):
            self.sender.round()
            self.post.now += seconds

    def wipe(self) -> None:
        with self.database.writer() as session:
            for target in stored.every(session):
                stored.remove(session, target.id)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('sending')}/congress.sqlite")
    migration.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    migration.upgrade(database)
    yield World(database)
    database.close()


def test_a_webhook_gets_what_happens_after_it_was_made(world: World) -> None:
    world.happen(2)
    world.webhooks.create("http://receiver/", "", None, None)
    world.happen(3)
    world.rounds()
    assert world.post.ids == [3, 4, 5]
    assert [event["row"] for body in world.post.bodies for event in body["events"]] == [[3], [4], [5]]


def test_a_webhook_gets_only_what_it_asked_for(world: World) -> None:
    target, _secret = world.webhooks.create("http://receiver/", "", "q", "error")
    world.happen(2, "p")
    world.happen(1, "q")
    world.happen(2, "p")
    world.rounds()
    assert world.post.ids == [3]
    assert world.webhooks.webhook(target.id)[0].position == 5


def test_what_is_not_taken_is_sent_again_later_and_nothing_overtakes_it(world: World) -> None:
    target, _secret = world.webhooks.create("http://receiver/", "", None, None)
    world.happen(1)
    world.post.refuses = lambda _body: True
    world.rounds(5, seconds=0.0)
    assert (world.webhooks.webhook(target.id)[0].attempts, world.post.ids) == (1, [])
    world.happen(1)
    world.post.refuses = lambda _body: False
    world.rounds(1, seconds=5.0)
    assert world.post.ids == []
    world.rounds(2)
    assert world.post.ids == [1, 2]
    assert world.webhooks.webhook(target.id)[0].attempts == 0


def test_what_is_never_taken_becomes_a_dead_letter_and_can_be_sent_again(world: World) -> None:
    target, _secret = world.webhooks.create("http://receiver/", "", None, None)
    world.happen(2)
    world.post.refuses = lambda body: [event["id"] for event in body["events"]] == ["1", "2"]
    world.rounds(5)
    world.happen(1)
    world.rounds(1)
    assert world.post.ids == [3]
    (letter,) = world.webhooks.letters(target.id)
    assert (letter.first, letter.last, letter.attempts) == (1, 2, 3)
    assert world.webhooks.every()[0][1] == 1
    world.webhooks.send_again(target.id, letter.id)
    world.rounds(1)
    assert world.webhooks.letters(target.id)[0].attempts == 1
    world.post.refuses = lambda _body: False
    world.webhooks.send_again(target.id, letter.id)
    world.rounds(1)
    assert world.post.ids == [3, 1, 2]
    assert world.webhooks.letters(target.id) == []


def test_a_dead_letter_can_be_given_up(world: World) -> None:
    target, _secret = world.webhooks.create("http://receiver/", "", None, None)
    world.happen(1)
    world.post.refuses = lambda _body: True
    world.rounds(5)
    (letter,) = world.webhooks.letters(target.id)
    world.webhooks.delete_letter(target.id, letter.id)
    with pytest.raises(LetterNotFound):
        world.webhooks.send_again(target.id, letter.id)


def test_a_webhook_that_was_deleted_gets_nothing_more(world: World) -> None:
    target, _secret = world.webhooks.create("http://receiver/", "", None, None)
    world.happen(150)
    world.post.before = lambda: world.webhooks.every() and world.webhooks.delete(target.id) and None
    world.rounds()
    assert world.post.ids == list(range(1, 101))
    with pytest.raises(WebhookNotFound):
        world.webhooks.letters(target.id)


def test_who_lost_the_lease_sends_nothing_more(world: World) -> None:
    world.webhooks.create("http://receiver/", "", None, None)
    world.happen(150)

    def lose() -> None:
        world.post.epoch = None  # type: ignore[assignment]

    world.post.before = lose
    world.rounds()
    assert world.post.ids == list(range(1, 101))


def test_a_webhook_that_slept_too_long_is_told_what_it_missed(world: World) -> None:
    world.webhooks.create("http://receiver/", "", None, None)
    world.happen(1, at=datetime(2020, 1, 1))
    with world.database.writer() as session:
        (change,) = log.after(session, 0, 10)
        gone = Change(change.digest, "p", "error", change.row, 2, False, (1, 2, 1, 0), datetime(2020, 1, 2), "a")
        log.record(session, [gone])
    with world.database.writer() as session:
        assert log.purge(session, datetime(2020, 2, 1)) == 3
    world.happen(1)
    world.rounds()
    assert world.post.ids == [3]
    assert world.post.bodies[0]["missed"] == {"after": "0", "until": "2"}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_nothing_is_lost_or_out_of_order_whatever_fails_and_whoever_dies(
    database: Database, data: st.DataObject
) -> None:
    world = World(database)
    world.wipe()
    world.webhooks.create("http://receiver/", "", None, None)
    with database.reader() as session:
        begin = log.reach(session).latest
    world.number = begin
    world.post.refuses = lambda _body: data.draw(st.booleans())

    def die() -> None:
        if data.draw(st.sampled_from([True, False, False])):
            raise RuntimeError("the process is gone")

    world.post.before = die
    for _step in range(data.draw(st.integers(1, 6))):
        world.happen(data.draw(st.integers(0, 130)))
        world.rounds(1, seconds=data.draw(st.sampled_from([0.0, 1000.0])))
        if data.draw(st.booleans()):
            world.sender = world.another()
    world.post.before = lambda: None
    world.post.refuses = lambda _body: False
    world.post.now += 1000.0
    world.rounds(5)
    (target,) = [each for each, _dead in world.webhooks.every()]
    dead = [number for letter in world.webhooks.letters(target.id) for number in range(letter.first, letter.last + 1)]
    assert sorted({*world.post.ids, *dead}) == list(range(begin + 1, world.number + 1))
    firsts = list(dict.fromkeys(world.post.ids))
    assert firsts == sorted(firsts)


# -- what is sent ------------------------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_documented_recipe() -> None:
    said = dict(part.split("=") for part in webhook.signature("s3cret", b'{"events":[]}', 1_700_000_000.9).split(","))
    expected = hmac.new(b"s3cret", b'1700000000.{"events":[]}', hashlib.sha256).hexdigest()
    assert said == {"t": "1700000000", "v1": expected}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/", "http://", "host", "http://user:secret@host/", "http://169.254.169.254/", "http://[fe80::1]/",
        "https://host:port/", "http://h/" + "x" * 2000,
    ],
)  # fmt: skip
def test_addresses_that_nothing_is_sent_to_are_refused(world: World, url: str) -> None:
    with pytest.raises(WebhookInvalid) as refused:
        world.webhooks.create(url, "", None, None)
    assert "secret" not in str(refused.value)


def test_a_name_that_leads_to_a_refused_address_is_not_sent_to() -> None:
    with pytest.raises(NotDelivered):
        webhook.Poster(2.0).post("http://0.0.0.0:9/", "s", "{}", "d")


def test_the_wait_between_attempts_doubles_up_to_a_limit() -> None:
    patience = Patience(delay=5.0, longest=600.0)
    assert [patience.after(attempts) for attempts in (1, 2, 3, 9, 50)] == [5.0, 10.0, 20.0, 600.0, 600.0]


def test_old_dead_letters_are_forgotten(world: World) -> None:
    target, _secret = world.webhooks.create("http://receiver/", "", None, None)
    world.happen(1)
    world.post.refuses = lambda _body: True
    world.rounds(5)
    with world.database.writer() as session:
        assert stored.purge(session, datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)) == 1
    assert world.webhooks.letters(target.id) == []
