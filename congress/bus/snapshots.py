"""Whole tables for engines that need them: cut into packed chunks when asked for, held as short as possible.

An engine opens a pull and then asks for one chunk after the other, so it decides the pace, and neither side ever holds
more than one chunk beside the rows themselves. Engines that pull the same state of a table share the packed chunks.
"""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from congress.bus import codec
from congress.bus.publications import TableKey, TableState
from congress.datalog.values import Row
from congress.errors import CongressError

_CHUNK = 2_000_000
"""Characters of cells in a chunk, about; packed it is about a third."""
_MOST_ROWS = 20_000
_KEPT_CHUNKS = 4
_MOST_PULLS = 64


class UnknownPull(CongressError):
    """The pull is over: another one of the same node began, it was not used for long, or the publisher has changed."""


class Cut:
    """One state of one table, in chunks."""

    def __init__(self, state: TableState, content: frozenset[Row], chunk: int = _CHUNK) -> None:
        self.state, self.content = state, content
        sample = [sum(len(str(cell)) + 3 for cell in row) for row in itertools.islice(content, 100)]
        self._step = max(1, min(_MOST_ROWS, chunk * len(sample) // max(1, sum(sample)))) if sample else 1
        self._lock = threading.Lock()
        self._rows: tuple[Row, ...] | None = None
        self._packed: OrderedDict[int, str] = OrderedDict()

    @property
    def chunks(self) -> int:
        return -(-len(self.content) // self._step)

    def chunk(self, number: int) -> str:
        """The packed rows of chunk `number`, from 0. Raises UnknownPull when there is no such chunk."""
        if not 0 <= number < self.chunks:
            raise UnknownPull(f"there is no chunk {number} of {self.chunks}")
        with self._lock:  # an engine that asks for the same chunk meanwhile gets it from the kept ones
            if number not in self._packed:
                if self._rows is None:
                    self._rows = tuple(self.content)
                self._packed[number] = codec.pack_rows(self._rows[number * self._step : (number + 1) * self._step])
                while len(self._packed) > _KEPT_CHUNKS:
                    self._packed.popitem(last=False)
            return self._packed[number]


@dataclass(slots=True)
class _Pull:
    id: str
    cuts: list[Cut]
    used: float


class Pulls:
    """The pulls that are under way, one of each node. Safe to call from any thread."""

    def __init__(self, timeout: float = 30.0, chunk: int = _CHUNK, clock: Callable[[], float] = time.monotonic) -> None:
        """`timeout`: seconds after which a pull that nobody continued is dropped; `chunk`: characters of a chunk."""
        self._timeout, self._chunk, self._clock = timeout, chunk, clock
        self._lock = threading.Lock()
        self._pulls: dict[str, _Pull] = {}
        self._cuts: WeakValueDictionary[tuple[TableKey, tuple[int, int]], Cut] = WeakValueDictionary()

    def open(self, node: str, tables: Mapping[TableKey, tuple[TableState, frozenset[Row]]]) -> tuple[str, list[Cut]]:
        """Begin a pull of these tables; answers its id and the tables' cuts, in the order of `tables`."""
        with self._lock:
            self._expire()
            self._pulls.pop(node, None)
            while len(self._pulls) >= _MOST_PULLS:
                del self._pulls[min(self._pulls, key=lambda each: self._pulls[each].used)]
            cuts = [self._cut(key, state, content) for key, (state, content) in tables.items()]
            pull = _Pull(uuid.uuid4().hex, cuts, self._clock())
            if cuts:
                self._pulls[node] = pull
            return pull.id, cuts

    def chunk(self, node: str, pull: str, table: int, number: int) -> str:
        """A packed chunk of the table at this place of the pull. Raises UnknownPull."""
        with self._lock:
            found = self._pulls.get(node)
            if found is None or found.id != pull or not 0 <= table < len(found.cuts):
                raise UnknownPull(f"there is no pull {pull} of node {node}; begin a new one")
            found.used = self._clock()
            cut = found.cuts[table]
        return cut.chunk(number)

    def close(self, node: str, pull: str) -> None:
        """Forget a pull whose end was reached."""
        with self._lock:
            found = self._pulls.get(node)
            if found is not None and found.id == pull:
                del self._pulls[node]

    def expire(self) -> None:
        """Forget pulls that nobody continued."""
        with self._lock:
            self._expire()

    def clear(self) -> None:
        with self._lock:
            self._pulls.clear()

    def _cut(self, key: TableKey, state: TableState, content: frozenset[Row]) -> Cut:
        cut = self._cuts.get((key, state.version))
        if cut is None:
            cut = self._cuts[key, state.version] = Cut(state, content, self._chunk)
        return cut

    def _expire(self) -> None:
        late = self._clock() - self._timeout
        for node in [node for node, pull in self._pulls.items() if pull.used < late]:
            del self._pulls[node]
