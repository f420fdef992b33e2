"""What was wrong in former deployments cannot be said here, or is found. Each test has one of their defects."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from congress.cluster.checks.check import Severity, Subject, Surroundings
from congress.cluster.checks.registry import findings
from congress.cluster.declaring.settings import merged, text
from congress.cluster.deployment import Cluster, Deployment, Node
from congress.cluster.model.loading import parse
from congress.cluster.pacemaker.resources import Clone, Colocation, Configuration, Group, Location, Order
from congress.cluster.render.haproxy import configuration, listeners
from congress.cluster.render.node import node_files
from congress.cluster.services.contract import File
from congress.cluster.services.registry import services
from tests.cluster.services import known_options
from tests.cluster.services.descriptions import EVERYTHING, collapsed, composed, declared, placed, segregated

SECTIONS = re.compile(r"^\[", re.M)


@cache
def deployment(architecture: str) -> Deployment:
    return composed({"collapsed": collapsed, "segregated": segregated}[architecture]())


@pytest.fixture(params=["collapsed", "segregated"])
def everything(request: pytest.FixtureRequest) -> Deployment:
    return deployment(request.param)


def subject(changed: Deployment | None = None) -> Subject:
    described = parse(collapsed())
    return Subject(described, changed or deployment("collapsed"), services(), Surroundings())


def codes(changed: Deployment) -> set[str]:
    return {finding.check.code for finding in findings(subject(changed))}


def reconfigured(**changes: object) -> Deployment:
    """The collapsed deployment with other values in the configuration of its cluster."""
    whole = deployment("collapsed")
    (cluster,) = whole.clusters
    configured = replace(cluster.configuration, **changes)  # type: ignore[arg-type]
    return replace(whole, clusters=(replace(cluster, configuration=configured),))


def configured(deployment: Deployment) -> Configuration:
    return deployment.clusters[0].configuration


def known(configuration: Configuration) -> set[str]:
    found = {resource.id for resource in (*configuration.resources, *configuration.fencing)}
    for resource in configuration.resources:
        if isinstance(resource, Clone):
            found.add(resource.primitive.id)
        if isinstance(resource, Group):
            found |= {member.id for member in resource.members}
    return found


def files(deployment: Deployment) -> Iterator[tuple[Cluster, Node, File]]:
    for cluster in deployment.clusters:
        for node in cluster.nodes:
            for file in node_files(deployment, cluster, node):
                yield cluster, node, file


def settings(deployment: Deployment) -> Iterator[tuple[str, configparser.RawConfigParser]]:
    """All files of oslo.config's kind, read as strictly as possible."""
    seen = set()
    for _, _, file in files(deployment):
        ini = file.path.endswith((".conf", ".ini")) and SECTIONS.match(file.content)
        if not ini or file.path.startswith("/etc/systemd/") or (file.path, file.content) in seen:
            continue
        seen.add((file.path, file.content))
        # A section or an option that is there twice is an error, and so is a line that is no option.
        parser = configparser.RawConfigParser(strict=True, allow_no_value=False, delimiters=("=",), default_section="")
        parser.read_string(file.content)
        yield file.path, parser


def test_nothing_is_found_in_a_deployment_of_everything() -> None:
    errors = [str(finding) for finding in findings(subject()) if finding.check.severity is Severity.ERROR]
    assert errors == []


# Constraints that named resources which other files had called otherwise.


def test_constraints_name_what_exists(everything: Deployment) -> None:
    for cluster in everything.clusters:
        there = known(cluster.configuration)
        for constraint in cluster.configuration.constraints:
            match constraint:
                case Order():
                    assert {constraint.first, constraint.then} <= there
                case Colocation():
                    assert {constraint.resource, constraint.with_} <= there
                case Location():
                    assert constraint.resource in there


def test_a_constraint_that_names_nothing_is_found() -> None:
    dangling = Order("openstack-glance-fs-clone", "glance-api-clone")
    old = configured(deployment("collapsed")).constraints
    assert "CL051" in codes(reconfigured(constraints=(*old, dangling)))


# The proxy: a cookie where it is ignored, ports of two APIs exchanged, one port twice, the backend of another service,
# an address for nothing.


def test_cookies_are_only_where_the_proxy_sets_them(everything: Deployment) -> None:
    for cluster in everything.clusters:
        for listener, _ in listeners(everything, cluster):
            assert listener.stickiness != "cookie" or listener.mode == "http"


def test_a_cookie_without_http_is_found() -> None:
    whole = deployment("collapsed")
    (cluster,) = whole.clusters
    changed = []
    for each in cluster.services:
        if each.service == "horizon":
            wrong = tuple(replace(listener, mode="tcp") for listener in each.declaration.listeners)
            each = replace(each, declaration=replace(each.declaration, listeners=wrong))  # noqa: PLW2901
        changed.append(each)
    assert "CL042" in codes(replace(whole, clusters=(replace(cluster, services=tuple(changed)),)))


@pytest.mark.parametrize(
    ("service", "wanted"),
    [
        ("keystone", {"keystone": 5000}),
        ("glance", {"glance-api": 9292}),
        ("cinder", {"cinder-api": 8776}),
        ("swift-proxy", {"swift-proxy": 8080}),
        ("neutron-server", {"neutron-api": 9696}),
        ("placement", {"placement-api": 8778}),
        ("nova", {"nova-api": 8774, "nova-api-metadata": 8775, "nova-novncproxy": 6080}),
        ("heat", {"heat-api": 8004, "heat-api-cfn": 8000}),
        ("gnocchi", {"gnocchi-api": 8041}),
        ("aodh", {"aodh-api": 8042}),
        ("horizon", {"horizon": 80}),
        ("congress", {"congress": 1789}),
        ("database", {"database": 3306}),
    ],
)
def test_each_api_is_at_its_own_port(service: str, wanted: dict[str, int]) -> None:
    found = {listener.name: listener.port for listener in declared(deployment("collapsed"), service).listeners}
    assert found == wanted


def test_the_catalogue_says_the_ports_at_which_the_proxy_listens() -> None:
    (cluster,) = deployment("collapsed").clusters
    listening = {listener.port for listener, _ in listeners(deployment("collapsed"), cluster)}
    for _, _, file in files(deployment("collapsed")):
        if file.path.endswith("/registration.json"):
            told = {int(port) for port in re.findall(r"://[0-9.]+:(\d+)", file.content)}
            assert told <= listening, file.path


def test_behind_a_listener_are_the_nodes_of_its_service_and_no_others(everything: Deployment) -> None:
    for service in EVERYTHING:
        for listener in declared(everything, service).listeners:
            holder = next(
                cluster
                for cluster in everything.clusters
                if any(one.name == listener.name for one, _ in listeners(everything, cluster))
            )
            shown = configuration(everything, holder, holder.nodes[0], holder.nodes)
            section = shown.split(f"listen {listener.name}\n")[1].split("\nlisten ")[0]
            addresses = {
                node.addresses["internal"]
                for cluster in everything.clusters
                for node in cluster.nodes
                if node.name in placed(everything, service)[1].nodes
            }
            assert set(re.findall(rf"server \S+ ([0-9.]+):{listener.server_port} ", section)) == addresses


def test_no_listener_is_there_twice(everything: Deployment) -> None:
    for cluster in everything.clusters:
        places = [(one.address, one.port) for one, _ in listeners(everything, cluster)]
        assert len(set(places)) == len(places)


# A part without quorum that went on, because a mandatory order made it wait for a single resource out of reach.


def test_nothing_waits_for_a_single_resource(everything: Deployment) -> None:
    for cluster in everything.clusters:
        single = {one.id for one in cluster.configuration.resources if not isinstance(one, Clone)}
        addresses = {name for name in single if name.startswith("vip-")}
        for constraint in cluster.configuration.constraints:
            if isinstance(constraint, Order) and constraint.then in single - addresses:
                assert constraint.kind == "Optional", constraint


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("cinder-scheduler-clone", "cinder-volume"),
        ("swift-proxy-clone", "swift-object-expirer"),
        ("congress-api-clone", "congress-datasource"),
    ],
)
def test_a_mandatory_order_to_a_single_resource_is_found(first: str, then: str) -> None:
    old = configured(deployment("collapsed")).constraints
    mandatory = tuple(one for one in old if (getattr(one, "first", ""), getattr(one, "then", "")) != (first, then))
    assert "CL052" in codes(reconfigured(constraints=(*mandatory, Order(first, then))))


def test_nobody_waits_for_one_promotion_among_several() -> None:
    """Redis has one master. Instances on the other nodes would wait for ever."""
    for constraint in configured(deployment("collapsed")).constraints:
        if isinstance(constraint, Order) and constraint.first == "redis-clone" and constraint.then != "vip-redis":
            assert constraint.kind == "Optional"


# Settings that no program reads: two words before the sign, no section, values of another kind, unknown names.


@pytest.mark.parametrize(
    "wrong",
    [
        {"database": {"database max_retries": -1}},
        {"": {"type_drivers": "vxlan"}},
        {"DEFAULT": {"": "value"}},
        {"DEFAULT": {"option": "one\ntwo"}},
        {"two\nlines": {"option": "value"}},
    ],
)
def test_a_malformed_setting_cannot_be_written(wrong: dict[str, dict[str, str | int]]) -> None:
    with pytest.raises(ValueError, match=r"is not the name|does not fit"):
        text(wrong)


def test_an_option_with_two_values_cannot_be_written() -> None:
    with pytest.raises(ValueError, match=r"\[DEFAULT\] debug would be both"):
        merged({"DEFAULT": {"debug": True}}, {"DEFAULT": {"debug": False}})


def test_every_file_of_settings_is_well_formed(everything: Deployment) -> None:
    assert len([path for path, _ in settings(everything)]) > len(known_options.SAMPLES)


def test_every_option_is_one_that_the_program_knows() -> None:
    """`known_options.py` says how to look new ones up."""
    assert not known_options.ours() - known_options.recorded()


def test_drivers_are_names_of_drivers() -> None:
    for path, parser in settings(deployment("collapsed")):
        for section in parser.sections():
            for option, value in parser.items(section):
                if option.endswith(("_driver", "_drivers")):
                    assert value.lower() not in ("true", "false", ""), f"{path}: [{section}] {option}"


def test_the_networks_types_are_in_the_plugins_section() -> None:
    parser = dict(settings(deployment("collapsed")))["/etc/neutron/plugins/ml2/ml2_conf.ini"]
    assert parser["ml2"]["type_drivers"] == "flat,vlan,vxlan"


def test_tokens_are_judged_in_one_way_by_all() -> None:
    """Not by three generations of options at a time; and keystone is at its one port."""
    former = {"auth_host", "auth_port", "auth_protocol", "auth_uri", "identity_uri", "admin_user", "admin_password"}
    users = set()
    for path, parser in settings(deployment("collapsed")):
        for section in parser.sections():
            if section in ("keystone_authtoken", "filter:authtoken"):
                options = dict(parser.items(section))
                assert not former & set(options), path
                assert options["auth_url"] == options["www_authenticate_uri"] == "http://10.0.255.1:5000/v3"
                assert options["service_token_roles_required"] == "true"  # noqa: S105
                users.add(options["username"])
    assert users >= {"glance", "cinder", "nova", "neutron", "placement", "swift", "heat", "aodh", "gnocchi", "congress"}


def test_clones_of_everything_are_interleaved(everything: Deployment) -> None:
    for cluster in everything.clusters:
        assert all(one.interleave for one in cluster.configuration.resources if isinstance(one, Clone))


def test_a_clone_without_interleave_is_found() -> None:
    old = configured(deployment("collapsed")).resources
    wrong = tuple(
        replace(one, interleave=False) if isinstance(one, Clone) and one.id == "haproxy-clone" else one for one in old
    )
    assert "CL053" in codes(reconfigured(resources=wrong))


def test_fencing_devices_say_which_nodes_they_switch(everything: Deployment) -> None:
    for cluster in everything.clusters:
        for device in cluster.configuration.fencing:
            hosts = device.parameters.get("pcmk_host_list", "") + device.parameters.get("pcmk_host_map", "")
            assert all(node.name in hosts for node in cluster.nodes)


# Passwords that stood in the files.


def test_no_file_holds_a_password(everything: Deployment) -> None:
    literal = re.compile(r"^\s*[A-Za-z_]*(?:password|secret_key|auth_encryption_key|shared_secret)\s*=\s*(\S+)", re.M)
    url = re.compile(r"://[^/\s:@]*:([^@\s,/]+)@")
    for _, _, file in files(everything):
        if not file.path.endswith((".py", "congress-datasource")):
            for value in (*literal.findall(file.content), *url.findall(file.content)):
                assert "${secret:" in value, f"{file.path}: {value}"
