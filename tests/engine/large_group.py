"""Ports whose owner shares no group with their server's owner, among 20 000 users of one group; prints what it took.

Run in a process of its own, so that the memory measured is the engine's.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from congress.engine.executors.compiled import CompiledExecutor
from congress.engine.workspace import Workspace

USERS = 20_000
RULES = [
    "same_group(x, y) :- keystone:members(user=x, group=g), keystone:members(user=y, group=g)",
    "error(port) :- neutron:ports(port, owner, server), nova:servers(server, other), not same_group(owner, other)",
]


def build() -> Workspace:
    """All users but the last two are in one group; each owns a server and a port on the next user's server."""
    workspace = Workspace()
    with workspace.transaction() as tx:
        tx.set_datasource("keystone", {"members": ("group", "user")})
        tx.set_datasource("neutron", {"ports": ("id", "owner", "server")})
        tx.set_datasource("nova", {"servers": ("id", "owner")})
        tx.insert_rows("keystone", "members", [("everybody", f"u{i}") for i in range(USERS - 2)])
        tx.insert_rows("nova", "servers", [(f"s{i}", f"u{i}") for i in range(USERS)])
        tx.insert_rows("neutron", "ports", [(f"p{i}", f"u{i}", f"s{(i + 1) % USERS}") for i in range(USERS)])
        tx.create_policy("p")
        tx.insert_rules("p", RULES)
    return workspace


def stored_rows(workspace: Workspace) -> dict[str, int]:
    """How many derived rows the engine keeps, by kind of table."""
    engine = workspace._engine
    assert isinstance(engine, CompiledExecutor)
    counts: dict[str, int] = {}
    for stored, relation in engine.relations.items():
        counts[stored.kind] = counts.get(stored.kind, 0) + len(relation.rows)
    return counts


def main() -> None:
    began = time.monotonic()
    workspace = build()
    found = {"first": [cells[0] for cells in workspace.rows("p", "error")], "seconds": time.monotonic() - began}
    found["stored"] = stored_rows(workspace)
    with workspace.transaction() as tx:
        tx.insert_rows("keystone", "members", [("everybody", f"u{USERS - 2}")])
    found["joined"] = [cells[0] for cells in workspace.rows("p", "error")]
    began = time.monotonic()
    with workspace.transaction() as tx:
        tx.delete_rows("keystone", "members", [("everybody", "u7")])
    found["left"] = [cells[0] for cells in workspace.rows("p", "error")]
    found["update"] = time.monotonic() - began
    # not from getrusage, where the greatest size of the process that started this one counts as well
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    found["megabytes"] = int(status["VmHWM"].split()[0]) / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main()
