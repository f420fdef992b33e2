"""Doing the actions of steps through a Runner."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath

from congress.cluster import secrets
from congress.cluster.apply import looking
from congress.cluster.apply.runner import Outcome, Runner
from congress.cluster.pacemaker.cib import configuration_element
from congress.cluster.plan.desired import Secret
from congress.cluster.plan.elements import filled
from congress.cluster.plan.splicing import merged, spliced
from congress.cluster.plan.steps import Action, Install, Load, Note, Remove, Script, UnitAction, Write
from congress.cluster.services.contract import File

REPLACED_WITHIN = 30.0


def do(runner: Runner, action: Action, secret: Secret) -> Outcome:
    """How it went. Secrets get to the node by standard input."""
    match action:
        case Install(node, packages):
            return runner.install(node, packages)
        case Write(node, file):
            return runner.run(node, _write(file), stdin=secrets.filled(file.content, secret))
        case Remove(node, path):
            return runner.run(node, f"rm -f {shlex.quote(path)}")
        case UnitAction(node, verb, unit):
            done = runner.unit(node, verb, unit)
            # A unit that is not there is disabled enough; the step's conditions tell.
            return Outcome(0) if verb == "disable" else done
        case Script(node, text, user, timeout):
            text = looking.script(secrets.filled(text, secret))
            return runner.run(node, looking.shell(user), stdin=text, timeout=timeout)
        case Note(node, reader, version):
            command = f"mkdir -p {looking.READ} && cat >{looking.READ}/{shlex.quote(reader)}"
            return runner.run(node, command, stdin=f"{version}\n")
        case Load():
            return _load(runner, action, secret)


def _write(file: File) -> str:
    """A file is seen whole or not at all, and never by those who may not see it. Where it cannot be exchanged because
    something is mounted there, it is written over."""
    path = shlex.quote(file.path)
    new = shlex.quote(f"{file.path}.congress-cluster")
    directory = shlex.quote(str(PurePosixPath(file.path).parent))
    owner = shlex.quote(f"{file.owner}:{file.group}")
    return (
        f"set -e; mkdir -p {directory}; (umask 077; cat >{new}); chown {owner} {new}; chmod {file.mode:04o} {new}; "
        f"mv -fT {new} {path} 2>/dev/null || {{ cat {new} >{path}; rm {new}; "
        f"chown {owner} {path}; chmod {file.mode:04o} {path}; }}"
    )


def _load(runner: Runner, action: Load, secret: Secret) -> Outcome:
    live = runner.run(action.node, "cibadmin --query --scope configuration", timeout=REPLACED_WITHIN)
    if not live:
        return live
    wanted = filled(configuration_element(action.configuration), secret)
    command = "cibadmin --replace --scope configuration --xml-pipe"
    put = spliced if action.rest == "removed" else merged
    return runner.run(action.node, command, stdin=put(live.output, wanted), timeout=REPLACED_WITHIN)


def without_secrets(text: str, names: frozenset[str], secret: Secret) -> str:
    """What a program said, with the values of secrets replaced by their names."""
    for name in names:
        text = text.replace(secret(name), f"<secret {name}>")
    return text
