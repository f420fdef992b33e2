"""What pydantic found wrong, in the words of whoever wrote the description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from congress.cluster.errors import Problem
from congress.cluster.model.source import Path, Source


def problems_of(
    error: ValidationError, model: type[BaseModel], source: Source, before: Path = ()
) -> tuple[Problem, ...]:
    """One problem for each place, in the order of the lines. `model`: what the values should have been; `before`: the
    path to them."""
    found: dict[Path, Problem] = {}
    for detail in error.errors(include_url=False):
        path = (*before, *_written(detail["loc"], source, before))
        what, instead = _words(detail, _fields(model, detail["loc"][:-1]))
        found.setdefault(path, source.problem(path, what, instead))
    return tuple(sorted(found.values(), key=lambda problem: (problem.line, problem.field)))


def _written(location: Path, source: Source, before: Path) -> Path:
    """The location without what pydantic adds: names of a union's alternatives, `[key]`."""
    path: Path = ()
    for step in location:
        if (*before, *path, step) in source.lines:
            path = (*path, step)
    missing = location[-1] if location else None
    if path[-1:] != (missing,) and isinstance(missing, str) and missing.isidentifier() and missing.islower():
        path = (*path, missing)
    return path


def _words(detail: ErrorDetails, fields: Mapping[str, str]) -> tuple[str, str]:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    field = str(detail["loc"][-1]) if detail["loc"] else ""
    match kind:
        case "missing":
            meaning = fields.get(field, "").split(". ")[0].rstrip(".")
            return "it is missing", f"add `{field}: ...`" + (f" ({meaning})" if meaning else "")
        case "extra_forbidden":
            return "there is no such field", _near(field, fields)
        case "literal_error":
            return f"{given!r} is not one of its words", f"write {context['expected']}"
        case "string_pattern_mismatch":
            pattern = str(context["pattern"])
            wanted = "lower-case letters, digits and `-`" if "a-z0-9-" in pattern else f"what matches {pattern}"
            return f"{given!r} is not a name as it is used here", f"write {wanted}"
        case "value_error":
            what, _, instead = detail["msg"].removeprefix("Value error, ").partition("; ")
            return what, instead or "see `congress-cluster schema` for what it takes"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"{given!r} is no mapping", "write `key: value` lines, further to the right"
        case "tuple_type" | "list_type":
            return f"{given!r} is no list", f"write [{given}]" if isinstance(given, str) else "write a list: [one, two]"
        case _:
            return f"{given!r}: {detail['msg'][:1].lower()}{detail['msg'][1:]}", _wanted(kind)


def _wanted(kind: str) -> str:
    for part, advice in (
        ("network", "write a range of addresses, as 10.0.0.0/24; the bits after the prefix are 0"),
        ("ip", "write an address, as 10.0.0.11"),
        ("bool", "write true or false"),
        ("int", "write a whole number"),
        ("float", "write a number"),
        ("greater", "write a larger number"),
        ("less", "write a smaller number"),
        ("too_short", "add one at least"),
        ("string", "write a text; quote what looks like a number or yes and no"),
    ):
        if part in kind:
            return advice
    return "see `congress-cluster schema` for what it takes"


def _near(field: str, known: Mapping[str, str]) -> str:
    close = get_close_matches(field, known, n=1)
    if close:
        return f"write `{close[0]}`, or remove it"
    return f"remove it; known are {', '.join(known)}" if known else "remove it"


def _fields(model: type[BaseModel], location: Path) -> dict[str, str]:
    """What the fields at a location are called and mean; nothing where there is no model."""
    kinds: list[Any] = [model]
    for step in location:
        # What pydantic adds to the location leads nowhere, and is passed over.
        kinds = [inner for kind in kinds for inner in _inside(kind, step)] or kinds
    models = [
        one for kind in kinds for one in _alternatives(kind) if isinstance(one, type) and issubclass(one, BaseModel)
    ]
    return {name: info.description or "" for one in models for name, info in one.model_fields.items()}


def _inside(kind: Any, step: str | int) -> Iterator[Any]:
    """What may be at a key or position of a value of a type."""
    for one in _alternatives(kind):
        if isinstance(one, type) and issubclass(one, BaseModel):
            if step in one.model_fields:
                yield one.model_fields[str(step)].annotation
        elif get_origin(one) is dict:
            yield get_args(one)[1]
        elif get_origin(one) is tuple and isinstance(step, int):
            yield get_args(one)[0]


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """The types of a union; the type alone otherwise."""
    arguments = get_args(kind)
    return arguments if arguments and get_origin(kind) not in (dict, tuple, list) else (kind,)
