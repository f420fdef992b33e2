"""What services are told about the deployment that they are part of."""

from __future__ import annotations

import pytest

from congress.cluster.errors import DescriptionError
from congress.cluster.model.loading import parse
from congress.cluster.placement import Layout, Placement
from congress.cluster.services.contract import Database, HeldAddress, Service
from tests.cluster.stand_ins import DESCRIPTION, SERVICES, WITH_COMPUTES, Agent, Broker

WEB = Database("web", "web", "web.database")
NAMED: dict[str, type[Service]] = {**SERVICES, "messaging": Broker, "memcached": Agent}


def site(text: str = DESCRIPTION, *, cluster: str = "control", service: str = "web") -> Placement:
    return Placement(Layout(parse(text), NAMED), cluster, service)


def with_bus(text: str = DESCRIPTION) -> str:
    return text.replace(
        "      broker:\n", "      messaging: {nodes: [node1, node3]}\n      memcached: {nodes: [node2]}\n"
    )


def refusal(text: str, ask: str, *arguments: str) -> str:
    with pytest.raises(DescriptionError) as raised:
        getattr(site(text), ask)(*arguments)
    return str(raised.value)


def in_version_6(text: str) -> str:
    return text.replace("10.0.0.0/24", "2001:db8::/64").replace("10.0.0.", "2001:db8::")


def test_nodes_and_their_addresses() -> None:
    asked = site()
    assert (asked.nodes, asked.first) == (("node1", "node2", "node3"), "node1")
    assert asked.address("node2") == "10.0.0.12"
    assert asked.interface("node2") == "eth0"


def test_networks_that_a_node_is_not_in() -> None:
    assert refusal(DESCRIPTION, "address", "node2", "public") == (
        "cluster.yaml:7: nodes.node2.addresses: it has no address in 'public'; add `public: ADDRESS`"
    )
    assert "it has no interface in 'public'; add `public: NAME`" in refusal(DESCRIPTION, "interface", "node2", "public")


def test_remote_nodes_are_for_those_that_want_them() -> None:
    assert site(WITH_COMPUTES).nodes == ("node1", "node2", "node3")
    assert site(WITH_COMPUTES, service="agent").nodes == ("compute1", "compute2")


def test_what_is_in_the_deployment_and_what_is_here() -> None:
    text = DESCRIPTION.replace("fencing:\n", "  edge1: {addresses: {internal: 10.0.0.31}}\nfencing:\n", 1)
    asked = site(text + "  edge: {nodes: [edge1], services: {agent: }}\n")
    assert (asked.has("agent"), asked.here("agent"), asked.here("database")) == (True, False, True)
    assert asked.members("agent") == (("edge1", "10.0.0.31"),)


def test_services_are_found_at_their_addresses() -> None:
    asked = site()
    assert asked.endpoint("web", 80, path="/v1") == "http://10.0.0.100:80/v1"
    assert asked.endpoint("database", 3306, scheme="db") == "db://10.0.0.101:3306"
    assert (asked.virtual_ip("web"), asked.virtual_ip("db")) == ("10.0.0.100", "10.0.0.101")


def test_with_certificates_by_https() -> None:
    asked = site(DESCRIPTION + "tls: {certificate: a, key: b, authority: c}\n")
    assert asked.endpoint("web", 80) == "https://10.0.0.100:80"
    assert asked.authority is not None
    assert site().authority is None


def test_addresses_that_nobody_described() -> None:
    text = DESCRIPTION.replace("  api: {address: 10.0.0.100}\n", "")
    assert "'web' needs the virtual IP 'web'; add `web: {address: ...}`, or `api`" in refusal(text, "virtual_ip", "web")
    assert "it has to know where 'horizon' is, which is in no cluster" in refusal(text, "endpoint", "horizon", "80")


def test_all_members_of_the_message_bus_are_in_its_url() -> None:
    assert site(with_bus()).broker_url("web", "web.broker") == (
        "rabbit://web:${secret:web.broker}@10.0.0.11:5672,web:${secret:web.broker}@10.0.0.13:5672/"
    )
    assert site(with_bus()).broker_url("web", "web.broker", "a/b").endswith("/a%2Fb")


def test_the_database_and_the_caches() -> None:
    assert site().database_url(WEB) == "mysql+pymysql://web:${secret:web.database}@10.0.0.101:3306/web?charset=utf8mb4"
    assert (site(with_bus()).caches(), site().caches()) == ("10.0.0.12:11211", "")


def test_addresses_of_version_6_in_urls() -> None:
    asked = site(in_version_6(with_bus()))
    assert asked.endpoint("web", 80) == "http://[2001:db8::100]:80"
    assert "@[2001:db8::101]:3306/" in asked.database_url(WEB)
    assert "@[2001:db8::13]:5672/" in asked.broker_url("web", "web.broker")
    assert asked.caches() == "[2001:db8::12]:11211"


def test_addresses_that_others_move() -> None:
    text = DESCRIPTION.replace("10.0.0.100}", "10.0.0.100, by: keepalived}")
    assert site(text).held() == (HeldAddress("api", "10.0.0.100", 24, "internal", "loadbalancer"),)
    assert [held.name for held in site(text).held("pacemaker")] == ["db"]


def test_a_service_may_say_what_is_wrong_with_its_options() -> None:
    error = site().wrong("threads", "there are too many", "write fewer")
    assert str(error) == (
        "cluster.yaml:29: clusters.control.services.web.options.threads: there are too many; write fewer"
    )
