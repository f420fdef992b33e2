"""Writes the reference page of the drivers from their classes: `python -m congress.datasources.reference > FILE`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from congress.datasources.contract import Action, Column, Driver, Option
from congress.datasources.registry import drivers

INTRODUCTION = """\
# Drivers

<!-- Written by `python -m congress.datasources.reference`; a test fails when this page is out of date. -->

A datasource is a configured instance of a driver. Its tables are used in rules as `datasource:table(column=variable)`.
Booleans arrive as the strings `'True'` and `'False'`, an absent value as `'None'`; numbers stay numbers.
Tables under the same heading come from one list call, so that they always fit together.

Additional drivers are classes below `congress.datasources.contract.Driver`, named by an entry point in the group
`congress.datasource.drivers` or by the option `custom_driver_endpoints`; `disabled_drivers` hides drivers.

Otherwise than in the original Congress:

- Text keeps all its characters; the original dropped what was not ASCII.
- Actions are those listed here, each one request whose arguments are checked before it is sent. The original called
  whatever its client library had. Keystone's and Glance's are new.
- `nova:availability_zones` says `available` or `unavailable` in `state`.
- `glancev2:images` also lists community images.
- A failed poll is followed by another after a second, then ever more rarely, at most every minute or every `poll_time`.
- A table that cannot be listed keeps its rows and does not keep the others from being listed.
- `certificates`, `galera`, `haproxy`, `pacemaker` and `rabbitmq` are new. They ask each member of something redundant
  and say in a table who did not answer; [how they are set up](../control-plane-policy.md).
- `interface` and `cacert` are new options. `fake_datasource` needs no options.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([INTRODUCTION, *(line for name, driver in drivers().items() for line in _driver(name, driver))])


def _driver(name: str, driver: type[Driver]) -> Iterator[str]:
    yield from (f"## {name}", "", f"{driver.description}.", "")
    yield from _table("Option", (_option(one) for one in driver.options))
    tables = driver.tables()
    for root, members in driver.groups().items():
        yield from (f"### {name}: {root}", "")
        for table in members:
            yield from _columns(table, tables[table])
    if driver.actions():
        yield from (f"### {name}: actions", "")
        yield from _table("Action", (_action(one) for one in driver.actions()))


def _columns(table: str, columns: Iterable[Column]) -> Iterator[str]:
    rows = [(f"`{one.name}`", one.type if one.type != "Scalar" else "", one.description) for one in columns]
    if not rows:
        yield from (f"`{table}` has no columns of its own: rows are taken as they come.", "")
        return
    yield from (f"**`{table}`**", "", "| Column | Type | |", "|---|---|---|")
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _table(heading: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from (f"| {heading} | |", "|---|---|")
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _option(option: Option) -> tuple[str, str]:
    kind = ("required" if option.required else "optional") + (", secret" if option.secret else "")
    return f"`{option.name}`", f"{option.description} ({kind})"


def _action(action: Action) -> tuple[str, str]:
    arguments = "; ".join(f"`{one.name}`: {one.description}" for one in action.args)
    names = ", ".join(one.name for one in action.args)
    return f"`{action.name}({names})`", f"{action.description}. {arguments}".replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
