"""Reads whole tables from the publisher, one chunk after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from congress.bus import codec, demands, digest
from congress.bus.contract import VERSION, Bus
from congress.bus.demands import Wanted
from congress.bus.publications import Position, TableKey
from congress.bus.updates import TableUpdate
from congress.datalog.values import Row, Value

_MOST_SHARED = 200_000
"""Values that chunks share at most; more would cost more memory than they save."""


class Pulled(NamedTuple):
    """Tables in the state of one publication: those that were pulled, their digests, and those that are here anyway."""

    position: Position
    tables: dict[TableKey, TableUpdate]
    digests: dict[TableKey, int]
    same: frozenset[TableKey]


def pull(
    bus: Bus, node: str, have: Mapping[TableKey, tuple[int, int]], wanted: Wanted, timeout: float, *, once: bool = False
) -> Pulled:
    """Those of the wanted tables whose epoch and sequence are not those of `have`. `timeout`: seconds for each answer;
    `once`: the node that asks does not follow these tables.

    Raises BusTimeout, RemoteError, ValueError (rows that are not what the publisher says they are).
    """
    answer = bus.call(
        node,
        "stream.open",
        {
            "v": VERSION,
            "node": f"{bus.node}/once" if once else bus.node,
            "tables": demands.listed(wanted),
            "have": [[*key, *version] for key, version in have.items()],
            "once": once,
        },
        timeout,
    )
    reader = _Reader(bus, node, f"{bus.node}/once" if once else bus.node, answer["pull"], timeout)
    tables: dict[TableKey, TableUpdate] = {}
    digests: dict[TableKey, int] = {}
    for place, entry in enumerate(answer["tables"]):
        source, table, epoch, sequence, count, announced, content = entry[:7]
        rows = content if isinstance(content, frozenset) else reader.rows(place, content)
        if len(rows) != count:
            raise ValueError(f"table {source}:{table} came with {len(rows)} of {count} rows; it is read again")
        tables[source, table] = TableUpdate(source, table, epoch, sequence, "snapshot", rows)
        if not bus.local:
            digests[source, table] = value = reader.digest
            if announced not in ("", digest.text(value)):
                raise ValueError(f"table {source}:{table} came with other rows than announced; it is read again")
    if tables and not bus.local:
        bus.call(node, "stream.close", {"v": VERSION, "node": reader.me, "pull": reader.pull}, timeout)
    return Pulled(
        Position(int(answer["epoch"]), int(answer["number"])),
        tables,
        digests,
        frozenset((source, table) for source, table in answer["same"]),
    )


class _Reader:
    """Asks for chunks, for the next one while the last is unpacked; `digest` is that of the table read last."""

    def __init__(self, bus: Bus, node: str, me: str, pull: str, timeout: float) -> None:
        self._bus, self._node, self.me, self.pull, self._timeout = bus, node, me, pull, timeout
        self._shared: dict[Value, Value] = {}
        self.digest = digest.EMPTY

    def rows(self, table: int, chunks: int) -> frozenset[Row]:
        found: set[Row] = set()
        self.digest = digest.EMPTY
        for packed in self._packed(table, chunks):
            rows = codec.unpack_rows(packed, self._share)
            self.digest = digest.changed(self.digest, rows, ())
            found.update(rows)
        return frozenset(found)

    def _packed(self, table: int, chunks: int) -> Iterator[str]:
        if chunks == 0:
            return
        with ThreadPoolExecutor(1, thread_name_prefix="chunks") as asking:
            coming = asking.submit(self._chunk, table, 0)
            for following in range(1, chunks + 1):
                packed = coming.result()
                if following < chunks:
                    coming = asking.submit(self._chunk, table, following)
                yield packed

    def _chunk(self, table: int, number: int) -> str:
        arguments = {"v": VERSION, "node": self.me, "pull": self.pull, "table": table, "chunk": number}
        return str(self._bus.call(self._node, "stream.chunk", arguments, self._timeout)["rows"])

    def _share(self, value: Value, _default: Value) -> Value:
        if len(self._shared) >= _MOST_SHARED:
            return self._shared.get(value, value)
        return self._shared.setdefault(value, value)
