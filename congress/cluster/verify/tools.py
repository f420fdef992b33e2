"""What the tools that will read the generated files say about them.

Files are judged as `congress.cluster.render.tree` has them, without secrets; where a tool insists on a key or a
certificate, it gets one that is worth nothing.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from congress.cluster.verify.certificate import worthless
from congress.cluster.verify.programs import Done, MissingProgram, run

HARMLESS = ("Blind faith", "Support for require-all", "Warnings found during check", "notice:")
"""Of crm_verify: that it was told not to fence nodes it never saw; that `require-all` will go one day; notices."""


@dataclass(frozen=True, slots=True)
class ToolCheck:
    """`tool` as people call it, `of`: the file. `accepted`: None where the tool is not installed; `said`: its words."""

    tool: str
    of: str
    accepted: bool | None
    said: str = ""


def tool_checks(tree: Mapping[str, str]) -> tuple[ToolCheck, ...]:
    """Show each file of a rendered deployment to the tool that knows it."""
    with tempfile.TemporaryDirectory(prefix="congress-verify-") as place:
        return tuple(_checks(tree, Path(place)))


def _checks(tree: Mapping[str, str], place: Path) -> Iterator[ToolCheck]:
    for path, content in tree.items():
        for pattern, tool, ask in TOOLS:
            if re.fullmatch(pattern, path):
                try:
                    yield ToolCheck(tool, path, *ask(content, place))
                except MissingProgram as error:
                    yield ToolCheck(tool, path, None, str(error))
    if "ansible/site.yaml" in tree:
        yield _playbook(tree, place)


def _cib(content: str, place: Path) -> tuple[bool, str]:
    # Nodes that were never seen would be fenced first, which crm_verify calls a warning.
    option = '<nvpair id="unseen" name="startup-fencing" value="false" /></cluster_property_set>'
    done = _asked(place / "cib.xml", content.replace("</cluster_property_set>", option, 1), "crm_verify", "-V", "-x")
    said = [line for line in _words(done).splitlines() if not any(text in line for text in HARMLESS)]
    return not said, "\n".join(said)


def _haproxy(content: str, place: Path) -> tuple[bool, str]:
    if " crt " in content or " ca-file " in content:
        pem = place / "worthless.pem"
        if not pem.exists():
            pem.write_text(worthless())
        content = re.sub(r" (crt|ca-file) \S+", lambda match: f" {match[1]} {pem}", content)
    done = _asked(place / "haproxy.cfg", content, "haproxy", "-c", "-f")
    return done.code == 0 and "[WARNING]" not in done.err, _words(done)


def _corosync(content: str, place: Path) -> tuple[bool, str]:
    key = place / "authkey"
    key.write_bytes(b"k" * 256)
    # corosync judges a file only on a machine that is in it.
    content = re.sub(r"(?m)^( *name: ).*$", rf"\g<1>{os.uname().nodename}", content, count=1)
    content = content.replace("to_stderr: no", "to_stderr: yes")
    content = content.replace("totem {\n", f"totem {{\n    keyfile: {key}\n", 1)
    done = _asked(place / "corosync.conf", content, "corosync", "-t", "-c")
    return done.code == 0, _words(done)


def _mariadb(content: str, place: Path) -> tuple[bool, str]:
    file = place / "server.cnf"
    file.write_text(content)
    # It does not start: it says what its settings would be, and which of them it does not know.
    done = run(["mariadbd", f"--defaults-file={file}", "--help", "--verbose", "--user=root"])
    return done.code == 0, "\n".join(line for line in done.err.splitlines() if "[ERROR]" in line)


def _playbook(tree: Mapping[str, str], place: Path) -> ToolCheck:
    for path, content in tree.items():
        if path.startswith("ansible/"):
            file = place / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
    inventory, site = place / "ansible/inventory.yaml", place / "ansible/site.yaml"
    env = {**os.environ, "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_NOCOLOR": "1"}
    try:
        done = run(["ansible-playbook", "--syntax-check", "-i", str(inventory), str(site)], env=env)
    except MissingProgram as error:
        return ToolCheck("ansible-playbook", "ansible/site.yaml", None, str(error))
    return ToolCheck("ansible-playbook", "ansible/site.yaml", done.code == 0, _words(done))


def _asked(file: Path, content: str, *command: str) -> Done:
    file.write_text(content)
    return run([*command, str(file)])


def _words(done: Done) -> str:
    return f"{done.out}{done.err}".strip()


TOOLS: tuple[tuple[str, str, Callable[[str, Path], tuple[bool, str]]], ...] = (
    (r"clusters/[^/]+/cib\.xml", "crm_verify", _cib),
    (r"nodes/[^/]+/.*/haproxy[^/]*\.cfg", "haproxy", _haproxy),
    (r"nodes/[^/]+/.*/corosync\.conf", "corosync", _corosync),
    (r"nodes/[^/]+/etc/mysql/mariadb\.conf\.d/[^/]+\.cnf", "mariadbd", _mariadb),
)
