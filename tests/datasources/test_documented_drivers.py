"""Drivers of services that do not run in the tests, against answers that their documentation shows.

The answers have pages whose links name a host that does not exist, objects without most of their members, and nulls.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from congress.datalog.values import row
from congress.datasources.contract import CloudUnreachable, DriverError
from congress.datasources.monasca import MonascaDriver
from congress.datasources.registry import drivers
from congress.datasources.translate import family, rows_by_table
from tests.datasources.documented_cloud import PLACE, SERVICES, documented_cloud
from tests.datasources.replayed_cloud import ReplayedCloud
from tests.datasources.tables import seen


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayedCloud]:
    with documented_cloud(tmp_path_factory.mktemp("documented")) as cloud:
        yield cloud


def driver(name, cloud, **config):
    return drivers()[name](name, {**cloud.login, **config})


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if service["rows"]])
def test_the_documented_answers_become_these_rows(documented, name):
    one = driver(name, documented)
    found = {table: rows for group in one.groups() for table, rows in one.fetch(group).items()}
    assert set(found) == set(one.tables())
    assert found == {table: frozenset(map(row, rows)) for table, rows in SERVICES[name]["rows"].items()}


@pytest.mark.parametrize("name", SERVICES)
def test_every_set_of_answers_names_its_document(name):
    assert "docs.openstack.org" in SERVICES[name]["source"] or "github.com/openstack/" in SERVICES[name]["source"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_is_not_there_is_unreachable(documented, name):
    documented.fail(name)
    one = driver(name, documented)
    try:
        for group in one.groups():
            with pytest.raises(CloudUnreachable, match="unreachable|not usable"):
                one.fetch(group)
    finally:
        documented.recover()


def test_dimensions_and_averages_carry_the_hashes_by_which_metrics_name_them(documented):
    monasca = MonascaDriver("monasca", documented.login, lambda: datetime(2014, 7, 18, 5, tzinfo=UTC))
    found = seen(monasca)
    named = {one["name"]: one["dimensions"] for one in found["metrics"]}
    assert {(one["id"], one["key"], one["value"]) for one in found["dimensions"]} == {
        (named["disk.space_used_perc"], "hostname", "devstack"),
        (named["disk.space_used_perc"], "service", "monitoring"),
    }
    (statistic,) = found["statistics"]
    assert statistic["name"] == "cpu.idle_perc"
    assert {(one["name"], one["value_col"]) for one in found["statistics.data"]} == {
        (statistic["statistics"], row([90.5])[0]),
        (statistic["statistics"], 87),
    }


def test_an_action_of_a_murano_object_is_called_by_its_name(documented):
    driver("murano", documented).execute("call_action", ["2fa5ab704749444bbeafe7991b412c33", "app-1", "restart"], {})
    sent = documented.report()["actions"][-1]
    assert (sent["method"], sent["path"]) == (
        "POST",
        "/v1/environments/2fa5ab704749444bbeafe7991b412c33/actions/app-1_restart",
    )


def test_an_action_that_a_murano_object_does_not_have_is_refused(documented):
    before = len(documented.report()["actions"])
    with pytest.raises(DriverError, match="object app-1 has 0 actions called 'explode'"):
        driver("murano", documented).execute(
            "call_action", ["2fa5ab704749444bbeafe7991b412c33", "app-1", "explode"], {}
        )
    assert len(documented.report()["actions"]) == before


@pytest.mark.parametrize(
    ("name", "action", "arguments", "method", "path"),
    [
        ("ironic", "node.set_power_state", ["n1", "off"], "PUT", "/v1/nodes/n1/states/power"),
        ("octavia", "loadbalancers.failover", ["lb"], "PUT", "/v2.0/lbaas/loadbalancers/lb/failover"),
        ("mistral", "executions.delete", ["e1"], "DELETE", "/v2/executions/e1"),
        ("designate", "zones.delete", ["z"], "DELETE", "/v2/zones/z"),
        ("barbican", "secrets.delete", ["s"], "DELETE", "/v1/secrets/s"),
        ("magnum", "clusters.delete", ["c"], "DELETE", "/v1/clusters/c"),
        ("manila", "shares.extend", ["s", 2], "POST", "/v2/shares/s/action"),
        ("masakari", "segments.delete", ["s"], "DELETE", "/v1/segments/s"),
        ("watcher", "action_plans.start", ["p"], "POST", "/v1/action_plans/p/start"),
        ("tacker", "delete_vnf", ["v"], "DELETE", "/v1.0/vnfs/v"),
        ("murano", "environments.delete", ["e"], "DELETE", "/v1/environments/e"),
        ("placement", "traits.delete", ["CUSTOM_A"], "DELETE", "/traits/CUSTOM_A"),
    ],
)
def test_an_action_reaches_the_api_of_its_service(documented, name, action, arguments, method, path):
    driver(name, documented).execute(action, arguments, {})
    sent = documented.report()["actions"][-1]
    assert (sent["service"], sent["method"], sent["path"]) == (name, method, path)


LISTINGS = [listing for name, one in drivers().items() if name in SERVICES for listing in one.listings]
MEMBERS = st.sampled_from(
    ["id", "uuid", "?", "type", "services", "properties", "mgmt_url", "extra", "internal_info", "secret_refs",
     "secret_ref", "dimensions", "statistics", "inventories", "links", "name", "actions", "labels"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("[[1]]"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(JSON, max_size=3))
def test_whatever_a_service_answers_becomes_rows_of_the_width_of_the_tables(objects):
    for listing in LISTINGS:
        width = {table.name: len(table.fields) for one in listing.tables for table in family(one)}
        for table, rows in rows_by_table(listing.tables, objects).items():
            assert {len(each) for each in rows} <= {width[table]}


# -- what the documents say


MEMBERS_OF = yaml.safe_load((PLACE / "members.yaml").read_text())


def documented_members(name: str, listed: str) -> set[str]:
    told = MEMBERS_OF[name]
    return {*told["members"][listed].split(), *told.get("beyond", {}).get(listed, ())}


@pytest.mark.parametrize("name", MEMBERS_OF)
def test_answers_have_no_member_that_their_document_does_not_know(name):
    known = 0
    for request, answer in SERVICES[name]["answers"].items():
        for listed, objects in answer.items():
            if listed in MEMBERS_OF[name]["members"]:
                known += 1
                for one in objects:
                    assert set(one) <= documented_members(name, listed), request
    assert known >= len(MEMBERS_OF[name]["members"])


@pytest.mark.parametrize("name", MEMBERS_OF)
def test_drivers_read_no_member_that_the_document_does_not_know(name):
    for listing in drivers()[name].listings:
        for table in listing.tables:
            first = table.walk[0] if table.walk else None
            read = {first} if isinstance(first, str) else set() if table.walk else set(_members(table))
            given = set(listing.given)
            assert read - given <= documented_members(name, listing.member), table.name


def _members(table):
    for field in table.fields:
        source = field.column if field.source is None else field.source
        source = source[0] if isinstance(source, tuple) else source
        if isinstance(source, str):
            yield source


def test_all_services_but_those_that_run_in_tests_and_murano_are_held_against_their_documents():
    """Placement runs; of Murano a document shows an environment, whose objects have members of their own types."""
    assert set(SERVICES) - set(MEMBERS_OF) == {"placement", "murano"}
