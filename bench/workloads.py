"""The workloads W1 to W6: deterministic rows, rules and changes from fixed seeds.

W1 joins five tables of a small cloud, with negation; W2 changes single rows and batches of it; W3 asks about one
server; W4 is the transitive closure of a tree, of a dense random graph and of a chain; W5 simulates; W6 has 1 000
rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

Row = tuple[object, ...]
Tables = dict[str, list[Row]]
Change = tuple[str, int, Row]
"""(table, +1 or -1, row)"""

CLOUD_COLUMNS = {
    "servers": ("id", "owner", "status"),
    "ports": ("id", "server", "network"),
    "public": ("network",),
    "netowner": ("network", "group"),
    "member": ("user", "group"),
}
CLOUD_RULE = (
    "error(vm) :- cloud:servers(vm, owner, status), cloud:ports(p, vm, net), cloud:public(net), "
    "cloud:netowner(net, g), not cloud:member(owner, g)"
)


def uuid_like(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@dataclass(slots=True)
class Cloud:
    """Rows of W1, and valid changes to them in sequence (no row is touched twice within one batch)."""

    tables: Tables
    rng: random.Random
    servers: list[str]
    users: list[str]
    networks: list[str]
    groups: list[str]
    held: list[Row]
    live: dict[str, list[Row]] = field(init=False)
    members: set[Row] = field(init=False)

    def __post_init__(self) -> None:
        self.live = {name: list(self.tables[name]) for name in ("servers", "ports", "member")}
        self.members = set(self.tables["member"])

    def batch(self, size: int, keep: bool = True) -> list[Change]:
        """So many changes; `keep` makes them part of the state that later changes start from."""
        used: set[Row] = set()
        return [self._one(used, keep) for _ in range(size)]

    def _one(self, used: set[Row], keep: bool) -> Change:
        while True:
            table = self.rng.choice(("servers", "ports", "member"))
            change = self._delete(table, used, keep) if self.rng.random() < 0.5 else self._insert(table, used, keep)
            if change is not None:
                used.add(change[2])
                return change

    def _delete(self, table: str, used: set[Row], keep: bool) -> Change | None:
        rows = self.live[table]
        at = self.rng.randrange(len(rows))
        row = rows[at]
        if row in used:
            return None
        if keep:
            rows[at] = rows[-1]
            rows.pop()
            if table == "servers":
                self.held.append(row)
            self.members.discard(row)
        return (table, -1, row)

    def _insert(self, table: str, used: set[Row], keep: bool) -> Change | None:
        if table == "servers":
            at = self.rng.randrange(len(self.held))
            row = self.held[at]
            if keep and row not in used:
                self.held[at] = self.held[-1]
                self.held.pop()
        elif table == "ports":
            row = (uuid_like(self.rng), self.rng.choice(self.servers), self.rng.choice(self.networks))
        else:
            row = (self.rng.choice(self.users), self.rng.choice(self.groups))
        if row in used or row in self.members:
            return None
        if keep:
            self.live[table].append(row)
            if table == "member":
                self.members.add(row)
        return (table, 1, row)


def cloud(size: int) -> Cloud:
    """W1 with `size` servers, 1.2 times as many ports, a user for ten and a network for a hundred servers."""
    rng = random.Random(42)
    users = [f"{rng.getrandbits(128):032x}" for _ in range(max(10, size // 10))]
    networks = [uuid_like(rng) for _ in range(max(20, size // 100))]
    groups = [f"group-{i}" for i in range(20)]
    names = [uuid_like(rng) for _ in range(size)]
    servers: list[Row] = [(name, rng.choice(users), rng.choice(("ACTIVE", "SHUTOFF", "ERROR"))) for name in names]
    ports: list[Row] = [(uuid_like(rng), rng.choice(names), rng.choice(networks)) for _ in range(size * 12 // 10)]
    public: list[Row] = [(net,) for net in networks if rng.random() < 0.3]
    owners: set[Row] = {(net, rng.choice(groups)) for net in networks}
    owners |= {(net, rng.choice(groups)) for net in networks if rng.random() < 0.2}
    members: set[Row] = {(user, group) for user in users for group in rng.sample(groups, 3)}
    held = servers[-(size // 50) :]
    tables = {
        "servers": _fresh(servers[: -(size // 50)]),
        "ports": _fresh(ports),
        "public": _fresh(public),
        "netowner": _fresh(sorted(owners)),  # type: ignore[type-var]
        "member": _fresh(sorted(members)),  # type: ignore[type-var]
    }
    return Cloud(tables, rng, names, users, networks, groups, _fresh(held))


def _fresh(rows: list[Row]) -> list[Row]:
    """The rows with every string an object of its own, as after parsing an answer of a cloud's API."""
    return [tuple(["".join(list(cell)) if isinstance(cell, str) else cell for cell in row]) for row in rows]


CLOSURE_RULES = ["tc(x, y) :- graph:edge(x, y)", "tc(x, z) :- tc(x, y), graph:edge(y, z)"]


def edges(kind: str) -> list[Row]:
    """W4: `tree` (1e5 edges, random parents), `random` (1 000 nodes, 1e4 edges), or `chain` (1 500 edges)."""
    rng = random.Random(4)
    if kind == "tree":
        found = {(rng.randrange(i), i) for i in range(1, 100_001)}
    elif kind == "random":
        found = set()
        while len(found) < 10_000:
            found.add((rng.randrange(1000), rng.randrange(1000)))
    else:
        found = {(i, i + 1) for i in range(1500)}
    rows: list[Row] = sorted(found)  # type: ignore[assignment]
    rng.shuffle(rows)
    return rows


MANY_COLUMNS = {f"t{i}": ("a", "b", "c") for i in range(10)}


def many_rules(count: int = 1000) -> list[str]:
    """W6: joins of two tables with a constant; every tenth rule joins without one and negates an earlier rule."""
    rng = random.Random(6)
    rules = []
    for i in range(count):
        left, right = rng.sample(range(10), 2)
        constant = rng.randrange(100)
        form = i % 10
        if form <= 6:
            body = f"many:t{left}(x, y, {constant}), many:t{right}(y, z, w)"
        elif form <= 8:
            body = f"many:t{left}(x, y, w), many:t{right}(y, z, {constant})"
        else:
            other = rng.randrange(i)
            other -= other % 10 == 9
            body = f"many:t{left}(x, y, w), many:t{right}(y, z, v), not r{other}(x, z)"
        rules.append(f"r{i}(x, z) :- {body}")
    return rules


def many_rows(size: int = 10_000) -> tuple[Tables, Iterator[list[Change]]]:
    """W6: ten tables of `size` rows, and 200 single-row changes."""
    rng = random.Random(66)
    tables: Tables = {}
    for name in MANY_COLUMNS:
        rows: set[Row] = set()
        while len(rows) < size:
            rows.add((rng.randrange(size), rng.randrange(size), rng.randrange(100)))
        tables[name] = sorted(rows)  # type: ignore[type-var]
    live = {name: list(rows) for name, rows in tables.items()}
    changes = []
    while len(changes) < 200:
        name = f"t{rng.randrange(10)}"
        if rng.random() < 0.5:
            at = rng.randrange(len(live[name]))
            row = live[name][at]
            live[name][at] = live[name][-1]
            live[name].pop()
            changes.append([(name, -1, row)])
        else:
            row = (rng.randrange(size), rng.randrange(size), rng.randrange(100))
            live[name].append(row)
            changes.append([(name, 1, row)])
    return tables, iter(changes)


def again(rows: list[Row]) -> list[Row]:
    """The same rows as fresh objects, as when a table is fetched once more."""
    return _fresh(rows)
