"""The driver haproxy, over a HAProxy that really runs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from congress.datasources.contract import CloudUnreachable, DriverError
from congress.datasources.haproxy import HaproxyDriver, rows_of, statistics
from congress.datasources.options import OptionInvalid
from tests.databases import free_port
from tests.datasources.tables import by, seen
from tests.haproxy import PASSWORD, USER, Haproxy
from tests.waiting import until

# Servers on their way down and up, one in maintenance and one that follows it, and one that is drained.
ODD = Path(__file__).parent / "recorded" / "haproxy-stat.csv"


@pytest.fixture(scope="module")
def haproxy() -> Iterator[Haproxy]:
    with Haproxy() as running:
        yield running


def driver(**config: str) -> HaproxyDriver:
    return HaproxyDriver("balancers", config)


def places(haproxy: Haproxy) -> dict[str, str]:
    """The three ways to ask the same process."""
    return {
        "socket": haproxy.socket,
        "tcp": f"tcp://127.0.0.1:{haproxy.ports['tcp']}",
        "page": f"{haproxy.url};csv",
    }


def servers(haproxy: Haproxy, proxy: str) -> dict[str, dict[str, object]]:
    found = seen(driver(instances=haproxy.socket))["servers"]
    return by([row for row in found if row["proxy"] == proxy], "server")


def test_each_way_to_ask_tells_the_same(haproxy: Haproxy) -> None:
    instances = ",".join(f"{name}={place}" for name, place in places(haproxy).items())
    asking = driver(instances=instances, username=USER, password=PASSWORD)
    until(lambda: by(seen(asking)["servers"], "instance", "server")["page", "db3"]["check"] != "INI")
    tables = seen(asking)
    assert {row["name"]: row["reachable"] for row in tables["instances"]} == {
        "socket": "True", "tcp": "True", "page": "True"
    }  # fmt: skip
    versions = by(tables["instances"], "name")
    assert versions["socket"]["version"] == versions["tcp"]["version"]
    assert versions["page"]["version"] == "None"

    def all_tell_the_same() -> bool:  # unless something happens from one to the next
        tables = seen(asking)
        told = [
            [
                {**row, "instance": ""}
                for table in ("frontends", "backends", "servers")
                for row in sorted(tables[table], key=str)
                if row["instance"] == name
            ]
            for name in places(haproxy)
        ]
        return told[0] == told[1] == told[2]

    until(all_tell_the_same)
    shown = {row["proxy"] for row in tables["frontends"] if row["instance"] == "page"}
    assert shown >= {"api", "database", "unchecked"}


def test_servers_are_up_in_reserve_in_maintenance_or_unchecked(haproxy: Haproxy) -> None:
    until(lambda: {(row["status"], row["check"]) for row in servers(haproxy, "database").values()} == {("UP", "L4OK")})
    database = servers(haproxy, "database")
    assert {name: row["backup"] for name, row in database.items()} == {"db1": "False", "db2": "True", "db3": "True"}
    assert database["db1"]["weight"] == 1
    assert (servers(haproxy, "api")["api3"]["status"], servers(haproxy, "api")["api3"]["up"]) == ("MAINT", "False")
    unchecked = servers(haproxy, "unchecked")["one"]
    assert (unchecked["status"], unchecked["up"], unchecked["check"]) == ("no check", "None", "None")


def test_a_server_that_ends_is_down_and_comes_back(haproxy: Haproxy) -> None:
    haproxy.servers["api2"].stop()
    until(lambda: servers(haproxy, "api")["api2"]["up"] == "False")
    lost = servers(haproxy, "api")["api2"]
    assert (lost["status"], lost["check"]) == ("DOWN", "L4CON")
    backend = by(seen(driver(instances=haproxy.socket))["backends"], "proxy")["api"]
    assert (backend["status"], backend["active"], backend["backup"], backend["algorithm"]) == ("UP", 1, 0, "leastconn")
    haproxy.servers["api2"].start()
    until(lambda: servers(haproxy, "api")["api2"]["up"] == "True")


def test_a_server_is_busy_while_somebody_is_connected(haproxy: Haproxy) -> None:
    until(lambda: servers(haproxy, "database")["db1"]["up"] == "True")
    assert servers(haproxy, "database")["db1"]["busy"] == "False"
    with socket.create_connection(("127.0.0.1", haproxy.ports["database"])):
        until(lambda: servers(haproxy, "database")["db1"]["busy"] == "True")
    until(lambda: servers(haproxy, "database")["db1"]["busy"] == "False")


def test_states_on_the_way_to_others_are_told_apart() -> None:
    rows = {
        (row["pxname"], row["svname"]): row for table, row in rows_of(statistics(ODD.read_text())) if table == "servers"
    }
    assert {name: (row["status"], row["up"]) for name, row in rows.items()} == {
        ("db", "db1"): ("UP", True),
        ("db", "db2"): ("MAINT", False),
        ("db", "db3"): ("DRAIN", False),
        ("db", "db4"): ("DOWN", False),
        ("other", "db2"): ("MAINT", False),
    }
    assert rows["db", "db2"]["backup"] and not rows["db", "db1"]["backup"]
    assert (rows["db", "db1"]["check_status"], rows["db", "db1"]["last_chk"]) == ("L4CON", "Connection refused")


def test_an_instance_that_does_not_answer_is_a_row_and_the_others_are_told(haproxy: Haproxy) -> None:
    tables = seen(driver(instances=f"here={haproxy.socket},gone=tcp://127.0.0.1:{free_port()}"))
    found = by(tables["instances"], "name")
    assert (found["gone"]["reachable"], found["gone"]["problem"]) == ("False", "Connection refused")
    assert {row["instance"] for row in tables["servers"]} == {"here"}


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("/no/such/socket", "No such file or directory"),
        ("admin:9999", "'admin:9999' is no place; write /path/of/socket, tcp://host:port or"),
        ("tcp://127.0.0.1", "is no place"),
    ],
)
def test_who_cannot_be_asked_is_said_with_the_reason(place: str, message: str) -> None:
    with pytest.raises(CloudUnreachable, match=message):
        driver(instances=place).fetch("instances")


def test_a_wrong_page_or_password_is_said(haproxy: Haproxy) -> None:
    with pytest.raises(CloudUnreachable, match=r"the login was refused \(401\)"):
        driver(instances=f"{haproxy.url};csv").fetch("instances")
    with pytest.raises(CloudUnreachable, match="does the URL of the page end with ;csv"):
        driver(instances=haproxy.url, username=USER, password=PASSWORD).fetch("instances")


def test_a_place_that_keeps_silent_is_not_waited_for_long() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(CloudUnreachable, match=r"no answer within 0\.2 s"),
    ):
        driver(instances=f"tcp://127.0.0.1:{silent.getsockname()[1]}", timeout="0.2").fetch("instances")


def test_a_configuration_that_means_nothing_is_refused() -> None:
    with pytest.raises(DriverError, match="instances is empty"):
        driver()
    with pytest.raises(OptionInvalid, match="timeout must be a number of seconds, 0.001 or more, not 'soon'"):
        driver(instances="/run/haproxy", timeout="soon")
