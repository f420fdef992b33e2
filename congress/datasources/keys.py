"""By which column the rows of a listed object are told from those of others."""

from __future__ import annotations

from collections.abc import Iterable

from congress.datasources.translate import Child, Parent, Root, Table, family


def keys(tables: Iterable[Table], member: str = "id") -> dict[str, int] | None:
    """Table -> position of the column that holds this member of the listed object, for the tables of one listing and
    those in them; None when there is one that has no such column."""
    found: dict[str, int] = {}
    for table in tables:
        if not _add(table, None, member, found):
            return None
    named = {one.name for table in tables for one in family(table)}
    return found if named == set(found) else None


def _add(table: Table, outer: str | None, member: str, found: dict[str, int]) -> bool:
    """Note the column of a table and of those in it; `outer`: name of the parent's column that is it."""
    whole = not table.walk and outer is None
    for place, field in enumerate(table.fields):
        source = field.column if field.source is None else field.source
        is_it = source == Root(member) or (whole and source in (member, (member,)))
        if field.convert is None and (is_it or (outer is not None and source == Parent(outer))):
            found[table.name] = place
            return all(_add(child, field.column, member, found) for child in table.children) and not any(
                isinstance(one.source, Child) for one in table.fields
            )
    return False
