"""`congress eval`, `explain` and `simulate` answer about rows from anywhere."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.api.server_process import Client, ServerProcess
from tests.cli.authoring.conftest import CommandLine
from tests.databases import free_port

RECORDED = Path(__file__).parents[3] / "demo" / "cloud" / "recordings" / "before.json"
ROWS = {
    "nova:servers": [{"id": "s1", "user_id": "u1"}, {"id": "s2", "user_id": "u2"}],
    "neutronv2": {"ports": [{"device_id": "s1", "network_id": "n1"}, {"device_id": "s2", "network_id": "n1"}]},
}


@pytest.fixture
def cloud(shop: CommandLine) -> CommandLine:
    """The shop, with two servers on its network, one of them a stranger's."""
    shop.write({"rows.json": json.dumps(ROWS)})
    return shop


def test_violations_are_shown_and_counted(cloud: CommandLine) -> None:
    said = cloud("eval", "--rows", "rows.json")
    assert (said.code, said.out) == (0, 'shop:error("s2")\nshop:error: 1\n')
    said = cloud("eval", "--rows", "rows.json", "--fail", "--json")
    assert (said.code, said.data) == (1, {"ok": False, "tables": {"shop:error": [["s2"]]}})


def test_a_query_is_answered(cloud: CommandLine) -> None:
    said = cloud("eval", "--rows", "rows.json", "--query", 'nova:servers(id=x, user_id="u1")')
    assert (said.code, said.out) == (0, 'nova:servers(id="s1", user_id="u1")\n')
    assert cloud("eval", "--rows", "rows.json", "--query", "error(x), member(x, y)").out == "no answers\n"


def test_rows_named_in_the_manifest_are_taken(cloud: CommandLine) -> None:
    cloud.write({"congress.yaml": "rows: [rows.json]\n"})
    assert cloud("eval").out.startswith('shop:error("s2")')


def test_a_row_that_holds_is_explained(cloud: CommandLine) -> None:
    said = cloud("explain", 'error("s2")', "--rows", "rows.json")
    assert said.code == 0
    assert 'shop:error("s2")  (by error(vm) :- nova:servers(' in said.out
    assert 'not member("u2", "shop")  (nothing matches)' in said.out


def test_a_row_that_does_not_hold_is_explained_too(cloud: CommandLine) -> None:
    said = cloud("explain", 'shop:error("s1")', "--rows", "rows.json", "--json")
    assert (said.code, said.data["holds"]) == (1, False)
    assert said.data["explanation"]["failures"][0]["failing"] == 'not member("u1", "shop")'


def test_a_simulation_shows_what_comes_and_goes(cloud: CommandLine) -> None:
    said = cloud(
        "simulate", "error(x)", 'member+("u2", "shop") member-("u1", "shop")', "--delta", "--rows", "rows.json"
    )
    assert (said.code, said.out) == (0, 'error+("s1")\nerror-("s2")\n')
    assert "Updating with" in cloud("simulate", "error(x)", 'member+("u2", "shop")', "--trace").out


def test_actions_of_an_action_policy_are_simulated(cloud: CommandLine) -> None:
    cloud.write(
        {
            "act.congress": 'action("let_in")\nresult(x) :- let_in(x)\nmember+(x, "shop") :- let_in(x)\n',
            "congress.yaml": "main: shop\nrows: [rows.json]\n"
            "policies: [shop.congress, {file: act.congress, kind: action}]\n",
        }
    )
    said = cloud("simulate", "error(x)", 'let_in("u2")', "--action-policy", "act", "--delta")
    assert (said.code, said.out) == (0, 'error-("s2")\n')
    assert cloud("test", "--tests", "none_test.yaml").code == 3


def test_rows_come_from_csv_with_numbers_where_the_column_holds_some(congress: CommandLine) -> None:
    congress.write(
        {
            "p.congress": "error(id) :- nova:flavors(id=id, vcpus=n), builtin:gt(n, 3), cmdb:limit(most=m), gt(m, n)\n",
            "nova.flavors.csv": "id,vcpus\nf1,4\nf2,2\n",
            "limits.csv": "most:number\n16\n",
        }
    )
    said = congress("eval", "--rows", "nova.flavors.csv", "--rows", "cmdb:limit=limits.csv")
    assert (said.code, said.out) == (0, 'p:error("f1")\np:error: 1\n')


def test_rows_come_from_sqlite(congress: CommandLine) -> None:
    congress.write({"p.congress": "error(name) :- cmdb:host(name=name, rack=r), gt(r, 3)\n"})
    with sqlite3.connect(congress.place / "cmdb.db") as database:
        database.execute("CREATE TABLE host (name TEXT, rack INTEGER)")
        database.executemany("INSERT INTO host VALUES (?, ?)", [("a", 4), ("b", 1), ("c", None)])
    assert congress("eval", "--rows", "cmdb=cmdb.db").out == 'p:error("a")\np:error: 1\n'


def test_rows_come_from_yaml_and_may_be_facts_of_a_policy(congress: CommandLine) -> None:
    congress.write({"p.congress": "error(x) :- known(x)\n", "rows.yaml": "p: {known: [[a], [7]]}\n"})
    assert congress("eval", "--rows", "rows.yaml").out == 'p:error(7)\np:error("a")\np:error: 2\n'


def test_rows_come_from_a_recorded_cloud(congress: CommandLine) -> None:
    congress.write({"p.congress": 'error(name) :- nova:servers(name=name, status="SHUTOFF"), keystonev3:users(id=u)\n'})
    said = congress("eval", "--cloud", str(RECORDED), "--json")
    assert said.code == 0
    recorded = json.loads(RECORDED.read_text())
    (listed,) = [each["body"]["servers"] for each in recorded if each["path"].startswith("/v2.1/servers/detail")]
    off = sorted([one["name"]] for one in listed if one["status"] == "SHUTOFF")
    assert off and said.data["tables"] == {"p:error": off}


def test_a_table_that_was_not_recorded_is_told(congress: CommandLine) -> None:
    congress.write({"p.congress": "error(x) :- placement:resource_providers(uuid=x)\n"})
    said = congress("eval", "--cloud", str(RECORDED))
    assert said.code == 3 and "holds no answer of placement" in said.err


def test_rows_come_from_a_running_server(
    congress: CommandLine, server: ServerProcess, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post("/v1/data-sources", {"name": "cmdb", "driver": "fake_datasource"}).status_code == 201
    rows = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    assert client.put("/v1/data-sources/cmdb/tables/fake_table/rows", rows).status_code == 200
    congress.write({"p.congress": "error(name) :- cmdb:fake_table(id=2, name=name)\n"})
    assert congress("eval", "--server", server.url).out == 'p:error("b")\np:error: 1\n'
    clouds = congress.place / "clouds.yaml"
    clouds.write_text(f"clouds: {{mine: {{auth_type: none, auth: {{endpoint: '{server.url}'}}}}}}\n")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))
    assert congress("eval", "--os-cloud", "mine").out == 'p:error("b")\np:error: 1\n'
    said = congress("eval", "--os-cloud", "yours")
    assert said.code == 4 and "cloud yours" in said.err


def test_a_server_that_is_not_there_has_an_exit_code_of_its_own(shop: CommandLine) -> None:
    said = shop("eval", "--server", f"http://127.0.0.1:{free_port()}")
    assert said.code == 4 and "cannot be reached" in said.err


def test_time_stands_where_it_is_told_to(congress: CommandLine) -> None:
    congress.write({"p.congress": "error(t) :- now(t)\n"})
    assert congress("eval", "--now", "2030-01-02 03:04:05").out.startswith('p:error("2030-01-02 03:04:05")')


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("x.json", "[1]", "rows are an object"),
        ("x.json", "{", "is not JSON"),
        ("x.json", '{"nova:servers": [{"idd": 1}]}', "has no column idd"),
        ("x.json", '{"nova:serverz": []}', "there is no table nova:serverz"),
        ("x.json", '{"nova:servers": [["only one"]]}', "has 1 cells; the table has"),
        ("x.json", '{"nova:servers": [7]}', "no list of lists or objects"),
        ("x.json", '{"servers": []}', "give datasource:table"),
        ("nova.servers.csv", "id,name\na\n", "x:2: 1 cells where"),
        ("nova.flavors.csv", "id,vcpus\na,many\n", "is no number"),
        ("x.csv", "id\na\n", "say whose rows these are"),
        ("x.db", "no database", "cannot be read as SQLite"),
        ("x.txt", "", "of no known sort"),
    ],
)
def test_rows_that_cannot_be_used_are_told_with_their_place(shop: CommandLine, file: str, text: str, says: str) -> None:
    shop.write({file: text, "p.congress": "ok(x) :- nova:flavors(id=x)\n"})
    said = shop("eval", "--rows", file)
    assert said.code == 3 and said.out == ""
    assert says.replace("x:2", f"{file}:2") in said.err


def test_policies_with_mistakes_are_not_evaluated(congress: CommandLine) -> None:
    congress.write({"p.congress": "error(x) :- nova:servers(idd=x)\n"})
    said = congress("eval", "--json")
    assert said.code == 3 and said.data["codes"] == ["unknown-column"]


def test_limits_stop_an_evaluation(congress: CommandLine) -> None:
    facts = "\n".join(f"n({number})" for number in range(40))
    congress.write({"p.congress": f"{facts}\nerror(a, b, c) :- n(a), n(b), n(c)\n"})
    said = congress("eval", "--max-rows", "1000")
    assert said.code == 5 and "more than the allowed 1000 rows" in said.err


def test_a_question_says_which_policy_is_asked_when_there_are_several(congress: CommandLine) -> None:
    congress.write({"a.congress": "ok(1)\n", "b.congress": "ok(2)\n"})
    said = congress("eval", "--query", "ok(x)")
    assert said.code == 2 and "say with --policy in which policy to ask; there are: a, b" in said.err
    assert congress("eval", "--query", "ok(x)", "--policy", "b").out == "ok(2)\n"
    assert "there is no policy c" in congress("eval", "--query", "ok(x)", "--policy", "c").err
    congress.write({"congress.yaml": "main: a\n"})
    assert congress("eval", "--query", "ok(x)").out == "ok(1)\n"


def test_what_is_no_row_cannot_be_explained(shop: CommandLine) -> None:
    assert "is no row" in shop("explain", "error(x)").err
    assert shop("explain", "gone(1)").code == 2
