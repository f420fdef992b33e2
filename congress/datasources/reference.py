"""Writes the reference page of the drivers from their classes: `python -m congress.datasources.reference > FILE`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from congress.datasources.celltypes import CELL_TYPES
from congress.datasources.cloud import STANDARD_OPTIONS
from congress.datasources.contract import Action, Column, Driver, Option
from congress.datasources.options import described
from congress.datasources.registry import drivers

INTRODUCTION = """\
# Drivers

<!-- Written by `python -m congress.datasources.reference`; a test fails when this page is out of date. -->

A datasource is a configured instance of a driver. Its tables are used in rules as `datasource:table(column=variable)`.
Booleans arrive as the strings `'True'` and `'False'`, an absent value as `'None'`; numbers stay numbers.
Tables under the same heading come from one list call, so that they always fit together.

The values of options are given as strings or as what they are in JSON; a list may be written with commas between its
items, an object as its JSON text. A value that an option does not take is refused when the datasource is created.

A cell that is not of its column's type is kept, and counted in the [status](../api.md) of its table.

Additional drivers are classes below `congress.datasources.contract.Driver`, named by an entry point in the group
`congress.datasource.drivers` or by the option `custom_driver_endpoints`; `disabled_drivers` hides drivers.
[How to write a driver](../write-a-driver.md).

Otherwise than in the original Congress:

- Text keeps all its characters; the original dropped what was not ASCII.
- Actions are those listed here, each one request whose arguments are checked before it is sent. The original called
  whatever its client library had; [what became of each of its actions](actions.md).
- `monasca:statistics.data` holds the averages as numbers, without their times.
- `murano:parent_types` holds what the model of an environment tells: an object's type, what it is as a part of the
  environment, and `io.murano.Object`.
- `ironic:ports` finds the virtual interface also where Ironic keeps it today.
- `nova:availability_zones` says `available` or `unavailable` in `state`.
- `glancev2:images` also lists community images.
- A failed poll is followed by another after a second, then ever more rarely, at most every minute or every `poll_time`.
- A table that cannot be listed keeps its rows and does not keep the others from being listed.
- `certificates`, `galera`, `haproxy`, `pacemaker` and `rabbitmq` are new. They ask each member of something redundant
  and say in a table who did not answer; [how they are set up](../control-plane-policy.md).
- `interface` and `cacert` are new options, and so is `columns` of `push`. `fake_datasource` needs no options.
- The original took any value for an option, and ended up with a datasource that could not run.
- `keystone` asks version 3 of Keystone, since clouds no longer offer version 2.
"""


SHARED = """\
## Options of OpenStack drivers

All drivers that log in to Keystone have them; what a driver has besides is listed with it.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield from ("## Types of columns", "")
    yield from _table(("Type", "What a cell is"), ((f"`{name}`", one.description) for name, one in CELL_TYPES.items()))
    yield SHARED
    yield from _options(STANDARD_OPTIONS)
    for name, driver in drivers().items():
        yield from _driver(name, driver)


def _driver(name: str, driver: type[Driver]) -> Iterator[str]:
    yield from (f"## {name}", "", f"{driver.description}.", "")
    own = [option for option in driver.options if option not in STANDARD_OPTIONS]
    if len(driver.options) - len(own) > len(STANDARD_OPTIONS) // 2:
        yield from (f"Options: {'these, and ' if own else ''}those [of OpenStack](#options-of-openstack-drivers).", "")
    else:
        own = list(driver.options)
    yield from _options(own)
    tables = driver.tables()
    for root, members in driver.groups().items():
        yield from (f"### {name}: {root}", "")
        for table in members:
            yield from _columns(table, tables[table])
    if driver.actions():
        yield from (f"### {name}: actions", "")
        yield from _table(("Action", ""), (_action(one) for one in driver.actions()))


def _columns(table: str, columns: Sequence[Column]) -> Iterator[str]:
    if not columns:
        yield from (f"`{table}` has no columns of its own: rows are taken as they come.", "")
        return
    yield from (f"**`{table}`**", "")
    yield from _table(("Column", "Type", ""), ((f"`{one.name}`", _type(one), one.description) for one in columns))


def _type(column: Column) -> str:
    name = column.type if column.type != "Scalar" else ""
    return name if column.nullable else f"{name}, never None".removeprefix(", ")


def _options(options: Sequence[Option]) -> Iterator[str]:
    if options:
        yield from _table(("Option", "Value", "Default", ""), (_option(one) for one in options))


def _option(option: Option) -> tuple[str, ...]:
    kind = [word for word, does in (("required", option.required), ("secret", option.secret)) if does]
    default = f"`{option.default}`" if option.default else ""
    about = f"{option.description} ({', '.join(kind)})" if kind else option.description
    return f"`{option.name}`", described(option.type), default, about


def _action(action: Action) -> tuple[str, ...]:
    arguments = "; ".join(f"`{one.name}`: {one.description}" for one in action.args)
    names = ", ".join(one.name for one in action.args)
    return f"`{action.name}({names})`", f"{action.description}. {arguments}"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    found = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    yield from (f"| {' | '.join(heading)} |", "|---" * len(heading) + "|", *(f"| {row} |" for row in found), "")


if __name__ == "__main__":
    sys.stdout.write(page())
