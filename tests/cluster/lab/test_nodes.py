"""The machines of a laboratory, without anything on them: two nodes, a network, a power switch."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.laboratory import Laboratory, build, remove
from congress.cluster.lab.provision import Environments, LabUnit, provide, write
from congress.cluster.lab.runner import Nodes
from congress.cluster.lab.site import Link, Site
from tests.waiting import until

SITE = Site(
    {name: (Link("internal", "eth0", f"10.77.0.{number}/24"),) for number, name in enumerate(("a", "b"), 1)},
    {"internal": "10.77.0.254/24"},
    boot_seconds=0.2,
)

PLACE = "of, programs: a\\b"
"""A directory below /tmp that nodes are shown."""


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with TemporaryDirectory(prefix="lab", dir="/tmp") as parent:  # noqa: S108 - paths of sockets must be short
        environments = Environments(Path(sys.prefix), Path(sys.prefix))
        place = Path(parent) / PLACE
        place.mkdir()
        (place / "program").write_text("of this machine")
        built = build(Path(parent) / "l", replace(SITE, seen=(str(place), *environments.unseen())))
        try:
            for node in SITE.links:
                built.ask("on", node)
                provide(Nodes(built), node, ["wanderer"], environments)
            yield built
        finally:
            remove(built.places.directory)


def _out(laboratory: Laboratory, node: str, command: str) -> str:
    return laboratory.run(node, command).stdout.strip()


def _power(laboratory: Laboratory, node: str) -> str:
    return str(laboratory.ask("power")[node])


def _entered(laboratory: Laboratory, node: str) -> bool:
    try:
        return laboratory.run(node, "test -e /run/lab/booted").returncode == 0
    except LaboratoryError:
        return False


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def test_each_node_is_a_machine_of_its_own(laboratory: Laboratory) -> None:
    assert _out(laboratory, "a", "hostname") == "a"
    assert "10.77.0.2/24" in _out(laboratory, "b", "ip -o address")
    assert _out(laboratory, "a", "ps -o pid= -p 1").split() == ["1"]
    until(lambda: laboratory.run("a", "ping -c 1 -W 1 10.77.0.2").returncode == 0, "nobody is there")


def test_programs_below_what_a_node_has_for_itself_are_shown_to_it(laboratory: Laboratory) -> None:
    place = laboratory.places.directory.parent / PLACE
    assert _out(laboratory, "a", f"cat {shlex.quote(str(place))}/*") == "of this machine"
    assert _out(laboratory, "a", f"ls {place.parent}") == PLACE, "and nothing else"
    laboratory.run("a", f"echo changed > {shlex.quote(str(place))}/program")
    assert _out(laboratory, "b", f"cat {shlex.quote(str(place))}/*") == "of this machine"
    assert (place / "program").read_text() == "of this machine"


def test_what_a_node_writes_is_seen_by_nobody_else_and_is_there_after_a_reboot(laboratory: Laboratory) -> None:
    laboratory.run("a", "echo mine > /etc/of-node-a; echo gone > /run/of-node-a")
    assert laboratory.run("b", "test -e /etc/of-node-a").returncode
    assert not Path("/etc/of-node-a").exists()

    laboratory.ask("reboot", "a")
    until(lambda: _entered(laboratory, "a"), "the node did not boot")

    assert _out(laboratory, "a", "cat /etc/of-node-a; test -e /run/of-node-a || echo fresh") == "mine\nfresh"


def test_accounts_are_the_nodes_own(laboratory: Laboratory) -> None:
    assert _out(laboratory, "a", "id -un wanderer") == "wanderer"
    assert "wanderer" not in Path("/etc/passwd").read_text()


def test_a_node_cannot_change_the_kernel_of_this_machine(laboratory: Laboratory) -> None:
    before = Path("/proc/sys/vm/swappiness").read_text()

    assert laboratory.run("a", "echo 1 > /proc/sys/vm/swappiness").returncode
    assert laboratory.run("a", "echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind").returncode == 0

    assert Path("/proc/sys/vm/swappiness").read_text() == before
    assert _out(laboratory, "b", "cat /proc/sys/net/ipv4/ip_nonlocal_bind") == "0"


def test_a_cut_network_lets_nothing_pass_until_it_is_mended(laboratory: Laboratory) -> None:
    laboratory.ask("cut", "a")
    assert laboratory.run("b", "ping -c 1 -W 1 10.77.0.1").returncode
    assert "LOWER_UP" in _out(laboratory, "a", "ip link show eth0")

    laboratory.ask("mend", "a")
    until(lambda: laboratory.run("b", "ping -c 1 -W 1 10.77.0.1").returncode == 0, "the network stayed cut")


def test_a_node_without_power_answers_nobody(laboratory: Laboratory) -> None:
    laboratory.ask("off", "b")
    assert _power(laboratory, "b") == "off"
    with pytest.raises(LaboratoryError, match="b is off"):
        laboratory.run("b", "true")

    laboratory.ask("on", "b")
    until(lambda: _entered(laboratory, "b"), "the node did not boot")


def test_a_machine_whose_kernel_ends_boots_by_itself(laboratory: Laboratory) -> None:
    first = laboratory.ask("first", "b")
    os.kill(first, 9)

    def again() -> bool:
        return _entered(laboratory, "b") and laboratory.ask("first", "b") != first

    until(again, "the node stayed down")


def test_a_node_fences_another_one_through_the_power_switch(laboratory: Laboratory) -> None:
    fence = "/usr/sbin/fence_lab"
    assert "fence_lab" in _out(laboratory, "a", f"{fence} -o metadata")
    assert laboratory.run("a", f"{fence} -o status -n b").returncode == 0
    assert _out(laboratory, "a", f"printf 'action=list\\n' | {fence}") == "a,\nb,"

    assert laboratory.run("a", f"printf 'action=off\\nport=b\\n' | {fence}").returncode == 0
    assert _power(laboratory, "b") == "off"
    assert laboratory.run("a", f"{fence} -o status -n b").returncode == 2

    assert laboratory.run("a", f"printf 'action=on\\nport=b\\n' | {fence}").returncode == 0
    assert _power(laboratory, "b") == "on"


def test_who_does_not_reach_the_power_switch_fences_nobody(laboratory: Laboratory) -> None:
    laboratory.ask("deaf", "a")
    assert laboratory.run("a", "/usr/sbin/fence_lab -o off -n b").returncode == 1
    assert laboratory.run("a", "/usr/sbin/fence_lab -o monitor").returncode == 1
    laboratory.ask("hearing", "a")

    assert _power(laboratory, "b") == "on"


def test_held_nodes_stay_off_until_they_are_released(laboratory: Laboratory) -> None:
    laboratory.ask("hold")
    laboratory.ask("reboot", "b")
    laboratory.ask("reboot", "a")
    laboratory.ask("on", "a")
    assert (_power(laboratory, "a"), _power(laboratory, "b")) == ("on", "off")

    laboratory.ask("release")

    until(lambda: _entered(laboratory, "b"), "the node stayed off")


def test_a_unit_is_started_watched_and_stopped(laboratory: Laboratory) -> None:
    unit = LabUnit("sleeper", "sleep 1000", user="wanderer", environment={"NIGHT": "a long one"}, stop_seconds=3)
    write(Nodes(laboratory), "a", [unit.file()])

    assert laboratory.run("a", "systemctl is-active sleeper").returncode == 3
    assert laboratory.run("a", "systemctl start sleeper").returncode == 0
    assert _out(laboratory, "a", "systemctl is-active sleeper") == "active"
    started = _out(laboratory, "a", "cut -d' ' -f1 /run/lab/sleeper.pid")
    assert _out(laboratory, "a", f"ps -o user= -p {started}") == "wanderer"
    assert "NIGHT=a long one" in _out(laboratory, "a", f"tr '\\0' '\\n' < /proc/{started}/environ")

    laboratory.run("a", f"kill -KILL {started}")
    until(lambda: laboratory.run("a", "systemctl is-active sleeper").returncode == 3, "a dead unit is active")

    laboratory.run("a", "systemctl start sleeper && systemctl stop sleeper")
    assert laboratory.run("a", "systemctl is-active sleeper").returncode == 3
    until(lambda: laboratory.run("a", "pgrep -u wanderer").returncode == 1, "processes are left")


def test_a_unit_that_nobody_else_watches_is_started_again(laboratory: Laboratory) -> None:
    write(Nodes(laboratory), "a", [LabUnit("stubborn", "sleep 998", restart=True).file()])
    laboratory.run("a", "systemctl start stubborn")
    first = _out(laboratory, "a", "pgrep -f -x 'sleep 998'")

    laboratory.run("a", f"kill -KILL {first}")

    until(lambda: _out(laboratory, "a", "pgrep -f -x 'sleep 998'") not in ("", first), "it was not started again")
    laboratory.run("a", "systemctl stop stubborn")


def test_what_is_enabled_starts_with_the_node(laboratory: Laboratory) -> None:
    write(Nodes(laboratory), "b", [LabUnit("early", "sleep 997").file()])
    laboratory.run("b", "systemctl enable early")
    assert _out(laboratory, "b", "systemctl is-enabled early") == "enabled"

    laboratory.ask("reboot", "b")

    until(
        lambda: _entered(laboratory, "b") and laboratory.run("b", "systemctl is-active early").returncode == 0,
        "it did not start",
    )
    assert laboratory.run("b", "systemctl disable early nobody-knows-it").returncode == 0


def _agent(laboratory: Laboratory, action: str, unit: str) -> int:
    agent = "/usr/lib/ocf/resource.d/lab/unit"
    given = (
        f"OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE={unit} OCF_RESKEY_unit={unit} OCF_RESKEY_CRM_meta_timeout=6000"
    )
    return laboratory.run("a", f"{given} {agent} {action}").returncode


def test_the_agent_waits_until_a_unit_works_and_then_watches_its_process(laboratory: Laboratory) -> None:
    slow = LabUnit("slow", "sh -c 'sleep 0.6; touch /run/works; sleep 1000'", health="test -e /run/works")
    write(Nodes(laboratory), "a", [slow.file()])

    assert _agent(laboratory, "monitor", "slow") == 7
    assert _agent(laboratory, "start", "slow") == 0
    assert laboratory.run("a", "test -e /run/works").returncode == 0
    assert _agent(laboratory, "monitor", "slow") == 0
    assert _agent(laboratory, "stop", "slow") == 0
    assert _agent(laboratory, "monitor", "slow") == 7


def test_the_agent_says_at_once_that_a_unit_ended_while_it_started(laboratory: Laboratory) -> None:
    write(Nodes(laboratory), "a", [LabUnit("broken", "sh -c 'sleep 0.2; exit 1'", health="false").file()])

    assert _agent(laboratory, "start", "broken") == 1


def test_clients_reach_all_nodes_and_are_none(laboratory: Laboratory) -> None:
    command = [*laboratory.outside(), "ping", "-c", "1", "-W", "1", "10.77.0.1"]

    until(lambda: _succeeds(command), "clients reach nobody")


def test_a_directory_that_is_taken_is_not_built_in(laboratory: Laboratory) -> None:
    with pytest.raises(LaboratoryError, match="exists"):
        build(laboratory.places.directory, SITE)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    directory = Path(f"/tmp/lab{os.getpid()}x")  # noqa: S108 - paths of sockets must be short
    built = build(directory, SITE)
    built.ask("on", "a")
    processes = {built.holder(), built.ask("first", "a")}

    assert "its nodes and networks ended" in remove(directory)

    assert not directory.exists()
    until(lambda: not any(map(_runs, processes)), "processes are left")
    assert "nothing is in" in remove(directory)
    (tmp_path / "mine").touch()
    with pytest.raises(LaboratoryError, match="nothing was removed"):
        remove(tmp_path)
