"""What a name that is being typed could become."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from congress.languageserver.hover import builtin_text, column_text
from congress.languageserver.knowledge import BUILTIN, Knowledge
from congress.languageserver.places import call_at, is_silent, typed_before

Kind: TypeAlias = Literal["column", "table", "source", "builtin", "word"]


class Proposal(NamedTuple):
    """`text` takes the place of what was typed; `detail` stands beside it, `about` is markdown."""

    label: str
    text: str
    kind: Kind
    detail: str = ""
    about: str = ""


def proposals(known: Knowledge, text: str, offset: int) -> list[Proposal]:
    """The proposals at a place, best first: columns among arguments, else tables, builtins and words."""
    if is_silent(text, offset):
        return []
    typed = typed_before(text, offset)
    call = call_at(text, offset)
    if call is not None:
        columns = known.columns(known.table(call.table)) or ()
        free = [column for column in columns if column.name not in call.columns or column.name == typed]
        return [
            Proposal(column.name, f"{column.name}=", "column", column.type, column_text(column))
            for column in free
            if column.name.startswith(typed)
        ]
    return [each for each in _names(known) if each.text.startswith(typed)]


def _names(known: Knowledge) -> Iterator[Proposal]:
    for table, found in sorted(known.definitions.items()):
        if "[" not in table.name:
            name = table.name if table.policy == known.policy else str(table)
            yield Proposal(name, name, "table", found[0].head)
    for datasource, tables in sorted(known.schemas.items()):
        yield Proposal(datasource, f"{datasource}:", "source", f"{len(tables)} tables")
        for name, columns in sorted(tables.items()):
            listed = ", ".join(column.name for column in columns)
            yield Proposal(f"{datasource}:{name}", f"{datasource}:{name}", "table", listed)
    for builtin in known.builtins():
        about = builtin_text(builtin)
        if known.kind != "z3":
            yield Proposal(builtin.name, builtin.name, "builtin", builtin.signature, about)
        prefixed = f"{BUILTIN}:{builtin.name}"
        yield Proposal(prefixed, prefixed, "builtin", builtin.signature, about)
    for word in ("not", "execute"):
        yield Proposal(word, word, "word")
