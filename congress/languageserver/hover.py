"""What is said about a name that somebody points at, as markdown."""

from __future__ import annotations

from congress.authoring.schemas import ColumnInfo
from congress.datalog.builtins import NOW_NAME, Builtin
from congress.languageserver.knowledge import BUILTIN, Knowledge
from congress.languageserver.places import call_at, word_at

MOST_SHOWN = 12
"""Rules and facts of a table that are listed."""


def about(known: Knowledge, text: str, offset: int) -> str | None:
    """About the column, table, builtin or datasource at a place; None where nothing is known."""
    word = word_at(text, offset)
    if word is None:
        return None
    call = call_at(text, word.start)
    if call is not None and text[word.end :].lstrip().startswith("="):
        columns = known.columns(known.table(call.table)) or ()
        column = next((each for each in columns if each.name == word.text), None)
        return column_text(column) if column else None
    return _name(known, word.text) if call is None else None


def _name(known: Knowledge, name: str) -> str | None:
    table = known.table(name)
    columns = known.columns(table)
    if columns is not None:
        rows = "".join(f"| `{each.name}` | {each.type} | {_cell(each.description)} |\n" for each in columns)
        return f"**{table}**, a table of the datasource {table.policy}\n\n| column | type | |\n|---|---|---|\n{rows}"
    if name in known.schemas:
        tables = ", ".join(f"`{each}`" for each in sorted(known.schemas[name]))
        return f"**{name}**, a datasource with the tables {tables}"
    builtin = known.builtin(name)
    if builtin is not None:
        return builtin_text(builtin)
    if name in (NOW_NAME, f"{BUILTIN}:{NOW_NAME}"):
        return (
            "**now(x)**\n\nThe time in UTC, `YYYY-MM-DD hh:mm:ss`; rules with it are evaluated again as time goes on."
        )
    found = known.definitions.get(table, ())
    if not found:
        return None
    facts = sum(each.is_fact for each in found)
    listed = "".join(f"    {each.head}\n" for each in found[:MOST_SHOWN])
    more = f"\n... and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
    return f"**{table}**: {len(found) - facts} rules, {facts} facts\n\n{listed}{more}"


def builtin_text(builtin: Builtin) -> str:
    """About a builtin."""
    outputs = builtin.columns.split(", ")[builtin.inputs : builtin.arity]
    computed = f"; computes {', '.join(outputs)}" if outputs else ""
    return f"**{builtin.signature}** ({builtin.family}{computed})\n\n{builtin.doc}"


def column_text(column: ColumnInfo) -> str:
    """About a column."""
    kind = f" ({column.type})" if column.type else ""
    return f"**{column.name}**{kind}" + (f"\n\n{column.description}" if column.description else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
