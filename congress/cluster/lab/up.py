"""From a description to a laboratory that serves: machines, what they have from the start, and the plan carried out."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from congress.cluster.apply.applying import Applying
from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.lab import rehearsal
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.laboratory import Laboratory, build
from congress.cluster.lab.provision import Environments, provide
from congress.cluster.lab.runner import Nodes
from congress.cluster.lab.secrets import made_up
from congress.cluster.lab.site import of_deployment
from congress.cluster.model.loading import Described, load
from congress.cluster.plan.desired import Desired, desired
from congress.cluster.services.registry import services

DESCRIPTION = "cluster.yaml"
"""The name that the description has in the laboratory's directory."""
ORIGIN = "origin"
"""The file with the directory that the files of the description, as certificates, are relative to."""

PROGRAMS = {
    "setpriv": "util-linux",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "curl": "curl",
    "socat": "socat",
    "runuser": "util-linux",
    "useradd": "passwd",
    "corosync": "corosync",
    "pacemakerd": "pacemaker",
    "crm_mon": "pacemaker-cli-utils",
    "haproxy": "haproxy",
    "mariadbd": "mariadb-server",
    "rsync": "rsync",
    "rabbitmqctl": "rabbitmq-server",
    "memcached": "memcached",
    "nc": "netcat-openbsd",
}
"""Programs of this machine that nodes run, and Debian's packages of them."""

Say = Callable[[str], None]


def up(description: Path, directory: Path, environments: Environments, boot_seconds: float, say: Say) -> Laboratory:
    """Build a laboratory and set it up. What was built stays when something fails, to be looked at; another call goes
    on from there.

    Raises LaboratoryError, DescriptionError, and congress.cluster.apply.errors.ApplyError."""
    began = time.monotonic()
    _complete(environments)
    if (directory / DESCRIPTION).exists():
        laboratory = Laboratory(directory)
        say(f"{_since(began)} going on with {directory}")
    else:
        laboratory = _built(description, directory, environments, boot_seconds)
        say(f"{_since(began)} {len(laboratory.nodes)} nodes in {directory}")
    described, _ = rehearsed_in(laboratory)
    steps = 0
    for applied in Applying(wanted_of(laboratory, described), Nodes(laboratory)).apply():
        steps += 1
        if applied.seconds >= SHOWN:
            say(f"{_since(began)} {applied.step.name} ({applied.seconds:.0f} s)")
    say(f"{_since(began)} up, after {steps} steps")
    return laboratory


def _built(description: Path, directory: Path, environments: Environments, boot_seconds: float) -> Laboratory:
    """Machines that are ready to be set up, and the description with them."""
    deployment = _deployed(load(description))
    laboratory = build(directory, of_deployment(deployment, boot_seconds, environments.unseen()))

    def switch_on(node: str) -> None:
        laboratory.ask("on", node)
        provide(Nodes(laboratory), node, rehearsal.accounts(deployment), environments)
        for unit in rehearsal.started_at_boot(deployment, node):
            Nodes(laboratory).unit(node, "enable", unit)

    with ThreadPoolExecutor() as threads:
        list(threads.map(switch_on, laboratory.nodes))
    remember(laboratory, description)
    return laboratory


def remember(laboratory: Laboratory, description: Path) -> None:
    """Note what a laboratory runs from now on, for those who ask it later."""
    directory = laboratory.places.directory
    (directory / ORIGIN).write_text(str(description.resolve().parent))
    (directory / DESCRIPTION).write_text(description.read_text())


SHOWN = 1.0
"""Steps that took so many seconds are worth a line."""


def wanted_of(laboratory: Laboratory, described: Described) -> Desired:
    """What plans for a laboratory aim at, with its own secrets. Raises DescriptionError."""
    return desired(_deployed(described), made_up(described, laboratory.places.directory))


def rehearsed_in(laboratory: Laboratory) -> tuple[Described, Deployment]:
    """What a laboratory was built from, and what it runs. Raises DescriptionError."""
    directory = laboratory.places.directory
    described = replace(load(directory / DESCRIPTION), directory=Path((directory / ORIGIN).read_text()))
    return described, _deployed(described)


def _deployed(described: Described) -> Deployment:
    return rehearsal.rehearsed(compose(described, services()))


def _complete(environments: Environments) -> None:
    lacking = _packages(name for name in PROGRAMS if shutil.which(name, path=SEARCHED) is None)
    if lacking:
        raise LaboratoryError(f"programs are missing that nodes run; install {lacking}, or say `make lab`")
    absent = environments.missing()
    if absent:
        named = ", ".join(map(str, absent))
        raise LaboratoryError(f"{named} are missing; `make lab` makes the environments that have them")


SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _packages(programs: Iterable[str]) -> str:
    return " ".join(sorted({PROGRAMS[name] for name in programs}))


def _since(began: float) -> str:
    return f"{time.monotonic() - began:6.1f} s"
