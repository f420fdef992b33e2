"""congress-manage doctor says what is wrong and what to do; debug-bundle tells no secret."""

from __future__ import annotations

import datetime
import json
import socket
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.cli import manage
from congress.cli.doctor import processes, store
from congress.cli.doctor.examination import PARTS
from congress.datasources.secrets import Secrets
from congress.db.nodes import NodeRecord
from congress.server.healthserver import HealthServer
from congress.telemetry.readiness import Readiness
from tests.canaries import MARK, written
from tests.cli.installation import Installation
from tests.databases import free_port

SECRET = f"{MARK}of-the-doctor"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path)
    made.config.chmod(0o640)
    made.upgraded().close()
    Secrets(made.keys)
    return made


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


class Doctor:
    """The report for programs."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, place: Installation) -> tuple[int, list[dict[str, Any]]]:
        code = manage.main(["--config-file", str(place.config), "doctor", "--json"])
        told = json.loads(self._capsys.readouterr().out)
        assert {"well": 0, "attention": 1, "wrong": 2}[told["verdict"]] == code
        return code, told["findings"]


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(capsys)


def test_every_part_of_a_sound_installation_is_well(installation: Installation, doctor: Doctor) -> None:
    code, found = doctor(installation)
    assert (code, {each["state"] for each in found}) == (0, {"well"})
    assert [each["part"] for each in found] == [part for part, _look in PARTS]


@pytest.mark.parametrize(
    ("lines", "code", "said", "advice"),
    [
        (["[api]", "threads = many"], 2, "option threads of group api cannot be read", "Requests that are worked on"),
        (["bind_prot = 12"], 1, "nobody reads option bind_prot of group DEFAULT", "did you mean bind_port?"),
        (["datasources = true"], 1, "nobody reads option datasources of group DEFAULT", "did you mean"),
        (["[lease]", "renew = 9"], 2, "renew = 9.0 is not less than a third of duration", "correct it"),
        (["[lease]", "node_refresh = 9"], 2, "less than three times node_refresh", "correct it"),
        (["api_workers = 4"], 1, "option api_workers has no effect", "docs/migration.md"),
        (
            ["auth_strategy = noauth", "bind_host = 0.0.0.0"],
            1,
            "may do everything: auth_strategy is noauth",
            "keystone",
        ),
        (["role_datasources = true"], 2, "--datasources alone would read the clouds for nobody", "correct it"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_told_with_what_to_do(
    installation: Installation, doctor: Doctor, lines: list[str], code: int, said: str, advice: str
) -> None:
    installation.configure(*lines)
    status, found = doctor(installation)
    [one] = [each for each in found if said in each["said"]]
    assert (status, one["part"]) == (code, "configuration")
    assert advice in one["advice"]


def test_a_file_with_passwords_should_not_be_everybodys(installation: Installation, doctor: Doctor) -> None:
    installation.config.chmod(0o644)
    _code, found = doctor(installation)
    assert any("everybody on this machine may read" in each["said"] for each in found)


def test_a_key_file_without_a_key_is_wrong(installation: Installation, doctor: Doctor) -> None:
    (installation.keys / "aes_key").write_text("")
    code, found = doctor(installation)
    assert code == 2
    assert any("aes_key" in each["said"] and "backup" in each["advice"] for each in found)


@pytest.mark.parametrize(
    "url", ["mysql+pymysql://congress:{}@127.0.0.1:{}/c", "postgresql+psycopg://congress:{}@127.0.0.1:{}/c"]
)
def test_a_database_that_does_not_answer_is_wrong_and_its_password_is_not_told(
    installation: Installation, doctor: Doctor, url: str
) -> None:
    installation.url = url.format(SECRET, free_port())
    installation.configure()
    code, found = doctor(installation)
    [one] = [each for each in found if each["part"] == "database"]
    assert (code, one["state"]) == (2, "wrong")
    assert "does not answer" in one["said"] and "running" in one["advice"]
    assert {each["part"] for each in found}.isdisjoint({"clock", "nodes", "datasources"})


def test_a_database_that_is_not_upgraded_is_wrong(tmp_path: Path, doctor: Doctor) -> None:
    place = Installation(tmp_path)
    (tmp_path / "congress.sqlite").touch()
    code, found = doctor(place)
    [one] = [each for each in found if each["part"] == "database"]
    assert (code, one["advice"]) == (2, "back it up, then run congress-db-manage upgrade head")


def test_a_broker_that_lets_nobody_in_is_wrong_and_its_password_is_not_told(
    installation: Installation, doctor: Doctor
) -> None:
    port = free_port()
    installation.configure(f"transport_url = rabbit://congress:{SECRET}@127.0.0.1:{port}/")
    code, found = doctor(installation)
    [one] = [each for each in found if each["part"] == "broker"]
    assert (code, one["state"]) == (2, "wrong")
    assert f"127.0.0.1:{port} does not let us in" in one["said"]
    assert "is RabbitMQ running there" in one["advice"]


def test_datasources_at_whose_address_nothing_answers_are_named(
    installation: Installation, doctor: Doctor, listening: int
) -> None:
    gone = free_port()
    for name, port in (("here", listening), ("gone", gone)):
        config = {"auth_url": f"http://127.0.0.1:{port}/v3", "username": "congress"}
        installation.datasource(name, "nova", config)
    code, found = doctor(installation)
    told = [each["said"] for each in found if each["part"] == "datasources"]
    assert code == 2
    assert any(each.startswith(f"datasource gone: nothing answers at 127.0.0.1 port {gone}") for each in told)
    assert "2 datasources; at 1 of them somebody answers" in told


def test_a_datasource_whose_secret_cannot_be_read_is_wrong(
    installation: Installation, doctor: Doctor, tmp_path: Path
) -> None:
    stored = Secrets(tmp_path / "other").encrypt(SECRET)
    installation.datasource("one", "nova", {"username": "x", "password": stored}, "password")
    code, found = doctor(installation)
    assert code == 2
    assert any("datasource one: a stored secret cannot be decrypted" in each["said"] for each in found)


def test_the_server_is_asked_whether_it_is_ready(installation: Installation, doctor: Doctor) -> None:
    readiness, port = Readiness(), free_port()
    installation.configure("[healthcheck]", f"port = {port}")
    assert any("nothing answers at" in each["said"] for each in doctor(installation)[1])
    server = HealthServer("127.0.0.1", port, readiness, Readiness())
    server.start()
    try:
        assert doctor(installation)[0] == 0
        readiness.add("tables", lambda: "waiting for tables: nova:servers")
        code, found = doctor(installation)
    finally:
        server.stop()
    assert code == 2
    assert any(each["said"] == "it is not ready: waiting for tables: nova:servers" for each in found)


def node(name: str, generation: int, version: str = "12", **reasons: str) -> NodeRecord:
    started = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 - as stored
    return NodeRecord(name, "i", f"host-{name}", 1, ("api",), version, started, generation, {"reasons": reasons})


def test_nodes_without_a_sign_of_life_that_are_not_ready_or_of_other_versions_are_told() -> None:
    before = {"a": node("a", 1), "b": node("b", 1), "c": node("c", 1)}
    now = {"a": node("a", 2), "b": node("b", 1), "c": node("c", 2, "11", database="out of reach")}
    told = [(each.state, each.said) for each in processes.told(before, now)]
    assert told == [
        ("wrong", "node b on host-b gives no sign of life"),
        ("attention", "node c is not ready: out of reach"),
        ("attention", "nodes run versions 11, 12"),
        ("well", "2 of 3 nodes give signs of life"),
    ]
    assert [each.state for each in processes.told({}, {})] == ["wrong"]


def test_a_clock_that_differs_from_the_databases_wants_attention() -> None:
    assert store.skewed(30.0, 0.01).said == "this machine is 30.0 s ahead of the database"
    assert store.skewed(-30.0, 0.01).said == "this machine is 30.0 s behind the database"
    assert store.skewed(3.0, 2.0).state == "well", "the answer took so long that nobody can tell"


def test_people_read_what_to_do_below_what_is_wrong(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.configure("bind_prot = 12")
    assert manage.main(["--config-file", str(installation.config), "doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("configuration ATTENTION  nobody reads option bind_prot")
    assert lines[1].strip() == "do: did you mean bind_port?"


def bundled(installation: Installation, *words: str) -> dict[str, bytes]:
    output = installation.config.parent / "bundle.tar.gz"
    command = ["--config-file", str(installation.config), "debug-bundle", "--output", str(output), *words]
    assert manage.main(command) == 0
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    found = {}
    with tarfile.open(output) as archive:
        for entry in archive:
            content = archive.extractfile(entry)
            assert content is not None
            found[entry.name.removeprefix("congress-debug/")] = content.read()
    return found


def test_a_bundle_holds_what_helps_and_no_secret(installation: Installation, tmp_path: Path) -> None:
    installation.configure(
        f"transport_url = rabbit://congress:{SECRET}-broker@127.0.0.1:{free_port()}/",
        "[keystone_authtoken]",
        f"password = {SECRET}-keystone",
        f"memcache_secret_key = {SECRET}-memcache",
    )
    stored = Secrets(installation.keys).encrypt(f"{SECRET}-nova")
    config = {"auth_url": "http://127.0.0.1:1/", "username": "congress", "password": stored}
    installation.datasource("nova", "nova", config, "password")
    log = tmp_path / "congress.log"
    log.write_text(f"a library said {SECRET}-nova, {SECRET}-keystone and http://u:{SECRET}-url@host/\nand went on\n")
    found = bundled(installation, "--add-log", str(log))
    content = b"\n".join(found.values())
    assert not [needle for needle in written(MARK) if needle in content]
    assert stored.encode() not in content, "nor what is encrypted"
    assert b"and went on" in found["logs/1-congress.log"]
    assert json.loads(found["database.json"])["datasources"] == [
        {"name": "nova", "driver": "nova", "enabled": True, "options": ["auth_url", "password", "username"]}
    ]
    assert json.loads(found["doctor.json"])["findings"]
    assert b"[api] threads = " in found["options.txt"]
    assert b"[keystone_authtoken] password = <hidden>" in found["configuration.txt"]
    assert b"SQLAlchemy==" in found["versions.txt"]


def test_a_bundle_is_made_of_a_broken_installation_too(tmp_path: Path) -> None:
    place = Installation(tmp_path)
    place.url = f"mysql+pymysql://congress:{SECRET}@127.0.0.1:{free_port()}/c"
    place.configure()
    found = bundled(place)
    assert found["database.json"].startswith(b"not to be had: ")
    assert b"WRONG" in found["doctor.txt"]


def test_a_bundle_overwrites_nothing(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    output = installation.config.parent / "there"
    output.write_text("mine")
    assert manage.main(["--config-file", str(installation.config), "debug-bundle", "--output", str(output)]) == 1
    assert "File exists" in capsys.readouterr().err
    assert output.read_text() == "mine"
