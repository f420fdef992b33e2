"""From a description and services to a deployment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from congress.cluster.compose import compose
from congress.cluster.deployment import Cluster, Deployment
from congress.cluster.errors import DescriptionError
from congress.cluster.model.loading import parse
from congress.cluster.pacemaker.resources import (
    INFINITY,
    Colocation,
    Constraint,
    FencingLevel,
    Location,
    Order,
    Primitive,
)
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Declaration
from tests.cluster.stand_ins import DESCRIPTION, SERVICES, WITH_COMPUTES, Web


def composed(text: str = DESCRIPTION) -> Deployment:
    return compose(parse(text), SERVICES)


def only(deployment: Deployment) -> Cluster:
    (cluster,) = deployment.clusters
    return cluster


def declared(deployment: Deployment, service: str) -> Declaration:
    return next(
        placed for cluster in deployment.clusters for placed in cluster.services if placed.service == service
    ).declaration


def orders(cluster: Cluster) -> dict[tuple[str, str], Order]:
    return {(order.first, order.then): order for order in cluster.configuration.constraints if isinstance(order, Order)}


def constraint_of(cluster: Cluster, kind: type[Constraint]) -> list[Constraint]:
    return [constraint for constraint in cluster.configuration.constraints if isinstance(constraint, kind)]


def primitive(cluster: Cluster, name: str) -> Primitive:
    every = (*cluster.configuration.resources, *cluster.configuration.fencing)
    return next(resource for resource in every if isinstance(resource, Primitive) and resource.id == name)


def refusal(text: str) -> str:
    with pytest.raises(DescriptionError) as raised:
        composed(text)
    return str(raised.value)


def test_services_are_on_the_cluster_with_their_files() -> None:
    deployment = composed()
    cluster = only(deployment)
    assert [placed.service for placed in cluster.services] == ["loadbalancer", "database", "broker", "web", "scheduler"]
    (file,) = (file for file in deployment.files(cluster, cluster.nodes[1]) if file.path == "/etc/web.conf")
    assert "bind = 10.0.0.12\nthreads = 2\n" in file.content


def test_all_secrets_that_are_named_anywhere_are_needed() -> None:
    assert composed().secrets == {"web.key", "web.broker", "power", "corosync.control"}


def test_orders_between_services_are_optional_but_for_promotions_on_the_same_nodes() -> None:
    found = orders(only(composed()))
    assert found["haproxy-clone", "web-clone"].kind == "Optional"
    assert found["galera-clone", "web-clone"].kind == "Mandatory"
    assert found["galera-clone", "web-clone"].first_action == "promote"


def test_nothing_single_waits_for_others_when_quorum_is_lost() -> None:
    found = orders(only(composed()))
    assert found["galera-clone", "scheduler"].kind == found["web-clone", "scheduler"].kind == "Optional"


def test_addresses_are_where_a_proxy_runs() -> None:
    cluster = only(composed())
    assert primitive(cluster, "vip-db").parameters == {"ip": "10.0.0.101", "cidr_netmask": "24", "nic": "eth0"}
    assert Colocation("vip-db", "haproxy-clone") in constraint_of(cluster, Colocation)
    assert orders(cluster)["vip-db", "haproxy-clone"].kind == "Optional"


def test_an_address_may_follow_what_is_promoted() -> None:
    text = DESCRIPTION.replace("db: {address: 10.0.0.101}", "db: {address: 10.0.0.101, follows: database}")
    cluster = only(composed(text))
    assert Colocation("vip-db", "galera-clone", with_role="Promoted") in constraint_of(cluster, Colocation)
    assert orders(cluster)["galera-clone", "vip-db"].first_action == "promote"


def test_addresses_of_keepalived_are_no_resources() -> None:
    deployment = composed(DESCRIPTION.replace("10.0.0.100}", "10.0.0.100, by: keepalived}"))
    assert [ip.by for ip in deployment.virtual_ips] == ["keepalived", "pacemaker"]
    assert "vip-api" not in {resource.id for resource in only(deployment).configuration.resources}


def test_listeners_are_at_the_own_address_or_at_the_common_one() -> None:
    deployment = composed()
    assert [listener.address for listener in declared(deployment, "database").listeners] == ["db"]
    assert [listener.address for listener in declared(deployment, "web").listeners] == ["api"]


def test_the_description_may_say_at_which_address_a_service_is() -> None:
    deployment = composed(DESCRIPTION.replace("      web:\n", "      web:\n        address: db\n"))
    assert [listener.address for listener in declared(deployment, "web").listeners] == ["db"]


def test_fencing_devices_know_their_nodes_and_levels() -> None:
    cluster = only(composed())
    device = primitive(cluster, "fence-power")
    assert device.agent == "stonith:fence_ipmilan"
    assert device.parameters["pcmk_host_list"] == "node1 node2 node3"
    assert device.parameters["password"] == mark("power")
    assert FencingLevel("node2", 1, ("fence-power",)) in cluster.configuration.levels


def test_devices_may_call_nodes_by_other_names() -> None:
    text = DESCRIPTION.replace("hosts: [node1, node2, node3]", "hosts: {node1: '4', node2: '5', node3: '6'}")
    assert primitive(only(composed(text)), "fence-power").parameters["pcmk_host_map"] == "node1:4;node2:5;node3:6"


def test_levels_are_as_described() -> None:
    text = DESCRIPTION.replace("host: rack1}", "host: rack1, fencing: [[power, plug]]}").replace(
        "fencing:\n  power", "fencing:\n  plug: {agent: fence_apc, hosts: [node1]}\n  power"
    )
    levels = only(composed(text)).configuration.levels
    assert FencingLevel("node1", 1, ("fence-power", "fence-plug")) in levels
    assert FencingLevel("node2", 1, ("fence-power",)) in levels


def test_fencing_is_waited_for_as_long_as_all_devices_of_a_level_take() -> None:
    text = DESCRIPTION.replace("host: rack1}", "host: rack1, fencing: [[power, plug]]}").replace(
        "fencing:\n  power", "fencing:\n  plug: {agent: fence_apc, hosts: [node1], timeout: 40}\n  power"
    )
    assert only(composed(text)).configuration.properties["stonith-timeout"] == "130s"


def test_fencing_is_never_given_up() -> None:
    """Whatever the node had waits for it; a switch that refuses ten times may take the eleventh."""
    assert only(composed()).configuration.properties["stonith-max-attempts"] == "INFINITY"


def test_remote_nodes_are_resources_that_only_services_of_computes_run_on() -> None:
    cluster = only(composed(WITH_COMPUTES))
    assert cluster.configuration.nodes == ("node1", "node2", "node3")
    assert primitive(cluster, "compute1").parameters["server"] == "10.0.0.21"
    banned = constraint_of(cluster, Location)
    assert Location("agent-clone", -INFINITY, attribute=("membership", "full"), discovery="never") in banned
    assert Location("web-clone", -INFINITY, attribute=("membership", "remote"), discovery="never") in banned
    assert Location("vip-api", -INFINITY, attribute=("membership", "remote"), discovery="never") in banned
    assert cluster.configuration.attributes["compute1"] == {"membership": "remote"}


def test_computes_do_not_wait_for_a_promotion_on_other_nodes() -> None:
    assert orders(only(composed(WITH_COMPUTES)))["galera-clone", "agent-clone"].kind == "Optional"


def test_a_service_may_be_on_some_of_the_nodes() -> None:
    cluster = only(composed(DESCRIPTION.replace("      scheduler:\n", "      scheduler: {nodes: [node3, node1]}\n")))
    assert cluster.services[-1].nodes == ("node1", "node3")
    assert Location("scheduler", -INFINITY, node="node2", discovery="never") in constraint_of(cluster, Location)


def test_nodes_alone_are_clusters_of_their_own() -> None:
    text = DESCRIPTION.replace("fencing:\n", "  edge1: {addresses: {internal: 10.0.0.31}}\nfencing:\n", 1)
    text += "  edge:\n    nodes: [edge1]\n    alone: true\n    services:\n      agent:\n"
    clusters = composed(text).clusters
    assert [cluster.name for cluster in clusters] == ["control", "edge-edge1"]


def test_any_mix_of_clusters() -> None:
    three = "".join(f"  data{number}: {{addresses: {{internal: 10.0.0.4{number}}}}}\n" for number in (1, 2, 3))
    text = DESCRIPTION.replace("collapsed", "mixed").replace("fencing:\n", three + "fencing:\n", 1)
    text = (
        text.replace("      database:\n", "")
        + "  data:\n    nodes: [data1, data2, data3]\n    services:\n      database:\n"
    )
    control, data = composed(text).clusters
    assert [placed.service for placed in data.services] == ["database"]
    assert ("galera-clone", "web-clone") not in orders(control)
    assert next(placed for placed in control.services if placed.service == "web").after == ("loadbalancer", "database")


def test_what_comes_before_a_service_may_be_in_another_cluster() -> None:
    text = DESCRIPTION.replace("fencing:\n", "  edge1: {addresses: {internal: 10.0.0.31}}\nfencing:\n", 1)
    text += "  edge:\n    nodes: [edge1]\n    services:\n      agent:\n"
    edge = composed(text).clusters[1]
    assert edge.services[0].after == ("web", "database")
    assert edge.configuration.constraints == ()


def test_an_unknown_service_is_refused_with_the_nearest_name() -> None:
    assert refusal(DESCRIPTION.replace("      database:", "      databse:")) == (
        "cluster.yaml:26: clusters.control.services.databse: there is no service 'databse'; write 'database'"
    )


def test_a_service_of_former_times_is_refused_with_the_reason() -> None:
    assert refusal(DESCRIPTION + "      fax:\n").endswith("fax cannot be had: nobody has paper; use web")


def test_a_service_without_what_it_needs_is_refused() -> None:
    text = DESCRIPTION.replace("      loadbalancer:\n", "").replace("10.0.0.100}", "10.0.0.100, follows: web}")
    assert "clusters.control.services.web: it needs loadbalancer; add loadbalancer to" in refusal(text)


def test_options_are_checked_where_they_are_written() -> None:
    assert refusal(DESCRIPTION.replace("threads: 2", "threads: 0")).startswith(
        "cluster.yaml:29: clusters.control.services.web.options.threads: 0: input should be greater"
    )
    assert "there is no such field; write `threads`, or remove it" in refusal(DESCRIPTION.replace("threads", "thread"))


def test_an_address_that_nobody_can_hold_is_refused() -> None:
    text = DESCRIPTION.replace("10.0.0.101}", "10.0.0.101, follows: redis}")
    assert "virtual_ips.db: it is not known which cluster holds it" in refusal(text)


def test_a_service_without_any_address_to_listen_on_is_refused() -> None:
    text = DESCRIPTION.replace("  api: {address: 10.0.0.100}\n", "")
    assert "its proxy listener 'web' has no virtual IP to listen on; add `web` or `api`" in refusal(text)


def test_two_resources_of_one_name_are_refused() -> None:
    class Twin(Web):
        name = "twin"

        def declare(self, site, options):  # type: ignore[no-untyped-def]
            return replace(super().declare(site, options), listeners=())

    with pytest.raises(DescriptionError, match="two of the cluster's resources have the id 'web-clone'"):
        compose(parse(DESCRIPTION + "      twin:\n"), {**SERVICES, "twin": Twin})
