"""Everything that is broken, as data: who, how, and what is promised meanwhile.

`aim` finds out whom, `inject` breaks it, `lift` takes the cause away, `await_back` waits until all works again. Of two
faults each step is done for both before the next one: what is broken must not be asked for a victim, and what waits for
the other one would wait for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from demo.ha.galera import Database
from demo.ha.machines import NotStarted, Process
from demo.ha.site import BROKERS, DATABASES, DRIVERS, ENGINES
from tests import waiting
from tests.ha.place import Place

PATIENCE = 240.0
HOLD, HOLD_OF_LEASE = 6.0, 14.0


@dataclass(frozen=True, slots=True)
class Promise:
    """What clients may count on while a fault is there. `out`: seconds for which requests of a kind may fail or wait at
    most, from the fault on; kinds that are not named are not affected by more than a retry."""

    text: str
    out: Mapping[str, float] = field(default_factory=dict)


Act = Callable[[Place, str], Any]
"""Does something to a machine of this name."""


class Fault:
    """One thing that breaks. Use it for one site at a time."""

    def __init__(
        self,
        name: str,
        promise: Promise,
        whom: Callable[[Place], str],
        inject: Act,
        lift: Act,
        *,
        prepare: Act = lambda place, victim: None,
        await_back: Act | None = None,
    ) -> None:
        """`prepare` is done while all is well; `await_back` is `await_works` unless more is to be done."""
        self.name, self.promise = name, promise
        self._whom, self._prepare, self._inject, self._lift = whom, prepare, inject, lift
        self._await_back = await_works if await_back is None else await_back
        self.victim = ""
        self.hold = HOLD_OF_LEASE if "driver" in name and not name.startswith("standby") else HOLD
        """Seconds that it should be there, so that all that follows from it happens."""

    def aim(self, place: Place) -> None:
        """Find out whom exactly, while everything works; it stands in `victim` then."""
        self.victim = self._whom(place)
        self._prepare(place, self.victim)

    def inject(self, place: Place) -> None:
        """Break it."""
        self._inject(place, self.victim)

    def lift(self, place: Place) -> None:
        """Take away what breaks it, without waiting for what follows."""
        self._lift(place, self.victim)

    def await_back(self, place: Place) -> None:
        """Wait until it works as before."""
        self._await_back(place, self.victim)

    def __repr__(self) -> str:
        return self.name


# -- whom ------------------------------------------------------------------------------------------------------------


def until(what: str, answer: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first answer that is neither empty nor an error of the network. Raises AssertionError."""
    reason: object = "nothing"

    def asked() -> Any:
        nonlocal reason
        try:
            return answer()
        except (OSError, LookupError, ValueError) as error:
            reason = error
            return None

    return waiting.until(asked, lambda: f"{what} is not so after {seconds:g} s: {reason}", seconds=seconds, every=0.1)


def active_driver(place: Place) -> str:
    """The datasource node that holds the lease."""

    def holder() -> str | None:
        leases = place.site.status()["leases"]
        return next((lease["holder"] for lease in leases if lease["name"] == "datasources"), None)

    return str(until("a node holds the lease of the datasources", holder))


def standby_driver(place: Place) -> str:
    """The datasource node that waits."""
    active = active_driver(place)
    return next(name for name in DRIVERS if name != active)


def writing_database(place: Place) -> str:
    """The database node to which the proxy sends clients."""
    return str(until("a database node has clients", place.site.writer))


def other_database(place: Place) -> str:
    """A database node without clients."""
    writer = writing_database(place)
    return next(name for name in reversed(DATABASES) if name != writer)


def _fixed(name: str) -> Callable[[Place], str]:
    return lambda _place: name


_WHOM: Final[Mapping[str, Callable[[Place], str]]] = {
    "engine": _fixed(ENGINES[0]),
    "active driver": active_driver,
    "standby driver": standby_driver,
    "broker": _fixed(BROKERS[0]),
    "database writer": writing_database,
    "other database": other_database,
    "proxy": _fixed("proxy"),
}


# -- processes -------------------------------------------------------------------------------------------------------


def process(place: Place, name: str) -> Process:
    """The process of a machine."""
    site = place.site
    if name in site.nodes:
        return site.nodes[name].process
    if name in site.brokers:
        return site.brokers[name].process
    if name in site.databases:
        return site.databases[name].process
    return site.proxy.process


def start(place: Place, name: str) -> None:
    """Start a machine's process that has ended."""
    site = place.site
    if name in site.databases:
        site.databases[name].start()
    elif name in site.brokers:
        site.brokers[name].start()
    elif name in site.nodes:
        site.nodes[name].start()
    else:
        site.proxy.start()


def _start_database(place: Place, name: str) -> None:
    """As an operator's supervisor does: again when it gives up."""
    database = place.site.databases[name]
    until(f"{name} is in the cluster", lambda: _joins(database), PATIENCE)


def _joins(database: Database) -> bool:
    if not database.process.running:
        database.start()
    try:
        database.await_synced(seconds=5.0)
    except NotStarted:
        return False
    return True


def await_works(place: Place, name: str) -> None:
    """Wait until a machine, or `all` of them, works as before; as a supervisor does, start what has ended: a node may
    have left because another one was in its place."""
    site = place.site
    if name == "all":
        for each in (*ENGINES, *DRIVERS, *BROKERS, *DATABASES):
            await_works(place, each)
    elif name in site.databases:
        _start_database(place, name)
    else:
        if not process(place, name).running:
            start(place, name)
        if name in site.nodes:
            site.nodes[name].await_ready(PATIENCE)
        elif name in site.brokers:
            site.brokers[name].await_back(PATIENCE)
        else:
            until("the proxy listens", site.proxy.listens)


_ENDINGS: Final[Mapping[str, tuple[Act, Act]]] = {
    "killed": (lambda place, name: process(place, name).kill(), start),
    "stopped": (lambda place, name: process(place, name).stop(), start),
    "frozen": (lambda place, name: process(place, name).pause(), lambda place, name: process(place, name).resume()),
}

_WRITES = ("rule", "rows")
_PROMISES: Final[Mapping[tuple[str, str], Promise]] = {
    ("engine", "killed"): Promise("no failed request after one retry, 2 s of raised latency", {"all": 2.0}),
    ("engine", "frozen"): Promise("out of rotation within 5 s", {"all": 5.0}),
    ("active driver", "killed"): Promise("a new epoch publishes within lease + 2 s", {"rows": 12.0}),
    ("active driver", "frozen"): Promise("a new epoch publishes within lease + 2 s", {"rows": 12.0}),
    ("broker", "killed"): Promise("updates flow again within 2 s, none is lost", {"rows": 2.0}),
    ("broker", "isolated"): Promise("updates flow again within 10 s, none is lost", {"rows": 10.0}),
    ("database writer", "killed"): Promise("writes succeed again within 5 s, none is lost", {"rule": 5.0, "rows": 5.0}),
    ("proxy", "killed"): Promise("refuses connections for less than 1 s after its start", {}),
}
_NOTHING_LOST: Final = Promise("nothing is lost, nothing is wrong")


def _promise(who: str, how: str) -> Promise:
    return _PROMISES.get((who, how), _NOTHING_LOST)


# -- networks --------------------------------------------------------------------------------------------------------


def _isolate(place: Place, name: str) -> None:
    place.network.isolate(name)


def _reconnect(place: Place, _name: str) -> None:
    place.network.heal()


def _cut(one: tuple[str, ...], others: tuple[str, ...] | None) -> Act:
    return lambda place, _name: place.network.cut(one, others)


_CUTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...] | None]]] = {
    "engines | brokers": (ENGINES, BROKERS),
    "drivers | brokers": (DRIVERS, BROKERS),
    "engines | database": (ENGINES, ("proxy", *DATABASES)),
    "drivers | database": (DRIVERS, ("proxy", *DATABASES)),
    "brokers | brokers": (BROKERS[:1], BROKERS[1:]),
    "a third | two thirds": (("db3", "mq3", "api3", "ds2"), None),
}


# -- everything else -------------------------------------------------------------------------------------------------


def _alarm(place: Place, name: str) -> None:
    place.site.brokers[name].control("set_vm_memory_high_watermark", "0.00001")


def _no_alarm(place: Place, name: str) -> None:
    place.site.brokers[name].control("set_vm_memory_high_watermark", "0.4")


def _fill(place: Place, name: str) -> None:
    with suppress(OSError), place.filler(name).open("wb", buffering=0) as file:
        while file.write(bytes(2**20)):
            pass


def _empty(place: Place, name: str) -> None:
    place.filler(name).unlink(missing_ok=True)


def _join_anew(place: Place, name: str) -> None:
    """As an operator does: a node that could not store what it received has left the cluster, and stays away."""
    place.site.databases[name].process.stop()
    await_works(place, name)


def _take_settable_clock(place: Place, name: str) -> None:
    """A clock that can be set is given to a process that starts; the datasource node that has it is to be active."""
    place.give_clock(name)
    _start_anew(place, name)
    if name in DRIVERS:
        _start_anew(place, next(other for other in DRIVERS if other != name))
        until(f"{name} is active", lambda: active_driver(place) == name)


def _jump(seconds: int) -> Act:
    return lambda place, name: place.clock(name).write_text(f"{seconds:+d}\n")


def _give_clock_back(place: Place, name: str) -> None:
    await_works(place, name)
    place.take_clock(name)
    _start_anew(place, name)


def _start_anew(place: Place, name: str) -> None:
    process(place, name).stop()
    await_works(place, name)


def _power_off(place: Place, _name: str) -> None:
    place.site.kill()


def _power_on(place: Place, _name: str) -> None:
    place.site.restart()


def _full(name: str, whom: Callable[[Place], str]) -> Fault:
    return Fault(name, _NOTHING_LOST, whom, _fill, _empty, await_back=_join_anew)


def _clock(name: str, whom: Callable[[Place], str], seconds: int) -> Fault:
    set_, right = _jump(seconds), _jump(0)
    take, give = _take_settable_clock, _give_clock_back
    return Fault(name, _NOTHING_LOST, whom, set_, right, prepare=take, await_back=give)


# -- all of them -------------------------------------------------------------------------------------------------------


def singles() -> list[Fault]:
    """Every single fault."""
    found = [
        Fault(f"{who} {how}", _promise(who, how), _WHOM[who], inject, heal)
        for how, (inject, heal) in _ENDINGS.items()
        for who in _WHOM
    ]
    found += [
        Fault(f"{who} isolated", _promise(who, "isolated"), _WHOM[who], _isolate, _reconnect)
        for who in _WHOM
        if who != "proxy"
    ]
    found += [
        Fault(f"cut {name}", _NOTHING_LOST, _fixed("all"), _cut(*groups), _reconnect) for name, groups in _CUTS.items()
    ]
    found += [
        Fault("broker memory alarm", _NOTHING_LOST, _fixed(BROKERS[0]), _alarm, _no_alarm),
        _full("disk of other database full", other_database),
        _full("disk of database writer full", writing_database),
        _clock("clock of engine an hour ahead", _fixed(ENGINES[-1]), 3600),
        _clock("clock of active driver an hour ahead", standby_driver, 3600),
        _clock("clock of active driver an hour behind", standby_driver, -3600),
    ]
    return found


def single(name: str) -> Fault:
    """The single fault of this name. Raises StopIteration."""
    return next(fault for fault in singles() if fault.name == name)


def ended(name: str, how: str) -> Fault:
    """That one machine's process is `killed`, `stopped` or `frozen`."""
    inject, heal = _ENDINGS[how]
    return Fault(f"{name} {how}", _NOTHING_LOST, _fixed(name), inject, heal)


def isolated(name: str) -> Fault:
    """That one machine's cable is pulled."""
    return Fault(f"{name} isolated", _NOTHING_LOST, _fixed(name), _isolate, _reconnect)


def whole_site() -> Fault:
    """The power of everything is gone, and comes back."""
    return Fault("whole site", Promise("everything comes back by itself"), _fixed("all"), _power_off, _power_on)


Pair = tuple[Fault, Fault]
_CHOSEN: Final = (
    ("engine killed", "active driver killed"),
    ("active driver killed", "broker killed"),
    ("active driver frozen", "database writer killed"),
    ("broker killed", "database writer killed"),
    ("engine frozen", "other database killed"),
    ("active driver isolated", "engine stopped"),
)


def pairs() -> list[Pair]:
    """The pairs that the tests try."""
    return [(single(one), single(other)) for one, other in _CHOSEN]


def all_pairs() -> list[Pair]:
    """All pairs of different victims that a site of three databases and brokers must bear."""
    names = [fault.name for fault in singles() if not fault.name.startswith(("cut", "disk"))]
    return [
        (single(one), single(other))
        for one, other in combinations(names, 2)
        if _kind(one) != _kind(other) and not {_kind(one), _kind(other)} <= {"database"}
    ]


def _kind(name: str) -> str:
    return next((kind for kind in ("database", "broker", "driver", "engine", "proxy") if kind in name), name)
