"""What holds for every service, on one cluster with all others and on one of its own."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from congress.cluster.deployment import Cluster, Placed
from congress.cluster.pacemaker.resources import Clone, Colocation, Group, Order, Primitive, Resource
from congress.cluster.secrets import names
from congress.cluster.services.contract import Declaration
from congress.cluster.services.registry import services
from tests.cluster.services.descriptions import EVERYTHING, collapsed, composed, placed, segregated

QUICK = 10.0


@cache
def everywhere(architecture: str, service: str) -> tuple[Cluster, Placed]:
    return placed(composed({"collapsed": collapsed, "segregated": segregated}[architecture]()), service)


@pytest.fixture(params=["collapsed", "segregated"])
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=EVERYTHING)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def declaration(architecture: str, service: str) -> Declaration:
    return everywhere(architecture, service)[1].declaration


def primitives(resources: tuple[Resource, ...]) -> Iterator[Primitive]:
    for resource in resources:
        if isinstance(resource, Group):
            yield from resource.members
        else:
            yield resource.primitive if isinstance(resource, Clone) else resource


def test_what_waits_for_it_names_resources_that_it_has(service: str, declaration: Declaration) -> None:
    named = {*services()[service].entry, *(resource for resource, _ in services()[service].exit)}
    assert named <= {resource.id for resource in declaration.resources}


def test_constraints_name_resources_that_exist(declaration: Declaration) -> None:
    own = {resource.id for resource in declaration.resources}
    for constraint in declaration.constraints:
        if isinstance(constraint, Order):
            assert {constraint.first, constraint.then} <= own
        if isinstance(constraint, Colocation):
            assert {constraint.resource, constraint.with_} <= own


def test_no_order_to_what_runs_once_is_mandatory(declaration: Declaration) -> None:
    """A partition without quorum would wait for a stop on a node that it cannot fence, and keep what it has."""
    clones = {resource.id for resource in declaration.resources if isinstance(resource, Clone)}
    for constraint in declaration.constraints:
        if isinstance(constraint, Order) and constraint.then not in clones:
            assert constraint.kind == "Optional"


def test_clones_are_interleaved(declaration: Declaration) -> None:
    assert all(resource.interleave for resource in declaration.resources if isinstance(resource, Clone))


def test_every_resource_is_started_stopped_and_looked_at_often(declaration: Declaration) -> None:
    for primitive in primitives(declaration.resources):
        operations = Counter(operation.name for operation in primitive.operations)
        assert operations["start"] == operations["stop"] == 1
        assert operations["monitor"] >= 1
        assert all(operation.timeout >= QUICK for operation in primitive.operations)
        intervals = [operation.interval for operation in primitive.operations if operation.name == "monitor"]
        assert all(0 < interval <= QUICK for interval in intervals)
        assert len(set(intervals)) == len(intervals), "one monitor for each role, each at its own interval"


def test_what_systemd_runs_can_be_run_without_it(declaration: Declaration) -> None:
    wanted = {
        primitive.agent.removeprefix("systemd:")
        for primitive in primitives(declaration.resources)
        if primitive.agent.startswith("systemd:")
    }
    assert wanted <= {unit.name for unit in declaration.units}
    for unit in declaration.units:
        assert unit.command.startswith("/")


def test_the_proxy_asks_over_http_and_finds_what_listens(service: str, declaration: Declaration) -> None:
    listening = {port.number for port in declaration.ports if port.protocol == "tcp"}
    for listener in declaration.listeners:
        assert listener.check.http, f"{service}: a process that hangs still accepts connections"
        assert listener.check.interval * listener.check.fall <= QUICK
        assert {listener.server_port, listener.check.port or listener.server_port} <= listening
        assert listener.mode == "http" or listener.stickiness != "cookie"


def test_files_with_secrets_are_not_for_everybody(declaration: Declaration) -> None:
    for file in declaration.files:
        assert not (names(file.content) and file.mode & 0o007), file.path


def test_passwords_are_marks_wherever_they_are(declaration: Declaration) -> None:
    given = re.compile(r"^\s*(?:password|key|requirepass|masterauth|SECRET_KEY)(?: = | )(\S.*)$", re.M)
    for file in declaration.files:
        if not file.path.endswith((".py", ".sh", "congress-datasource")) or file.path.endswith("_90_cluster.py"):
            for value in given.findall(file.content):
                assert "${secret:" in value, f"{file.path}: {value}"


def test_commands_are_what_a_shell_understands(declaration: Declaration) -> None:
    commands = [command for once in declaration.once for command in (once.command, once.done)]
    if declaration.health:
        commands.append(declaration.health.command)
    for command in commands:
        done = subprocess.run(["/bin/sh", "-n", "-c", command], capture_output=True, text=True, check=False)  # noqa: S603
        assert not done.returncode, f"{command}: {done.stderr}"


def test_it_says_how_to_tell_whether_it_works(declaration: Declaration) -> None:
    assert declaration.health is not None
    assert declaration.health.command


def test_first_steps_can_be_told_apart(declaration: Declaration) -> None:
    assert len({once.name for once in declaration.once}) == len(declaration.once)


def test_no_two_services_of_a_node_take_one_port() -> None:
    (cluster,) = composed(collapsed()).clusters
    taken: dict[tuple[str, int, str, str], str] = {}
    for each in cluster.services:
        for port in each.declaration.ports:
            for node in each.nodes:
                place = (port.network, port.number, port.protocol, node)
                assert taken.setdefault(place, each.service) == each.service, place


def test_no_two_listeners_of_an_address_take_one_port() -> None:
    (cluster,) = composed(collapsed()).clusters
    listeners = [listener for each in cluster.services for listener in each.declaration.listeners]
    assert len({(listener.address, listener.port) for listener in listeners}) == len(listeners)
    assert len({listener.name for listener in listeners}) == len(listeners)


def test_everything_ends_together_at_the_same_place() -> None:
    """Both architectures have the same services with the same configuration but for the addresses."""
    for service in EVERYTHING:
        one, other = (everywhere(name, service)[1].declaration for name in ("collapsed", "segregated"))
        assert one.packages == other.packages
        assert {resource.id for resource in one.resources} == {resource.id for resource in other.resources}
        assert [listener.name for listener in one.listeners] == [listener.name for listener in other.listeners]
