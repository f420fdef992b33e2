"""What pydantic found wrong, in the words of whoever wrote the description."""

from __future__ import annotations

from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from congress.cluster.errors import Problem
from congress.cluster.model.source import Path, Source


def problems_of(
    error: ValidationError, source: Source, before: Path = (), model: type[BaseModel] | None = None
) -> tuple[Problem, ...]:
    """One problem for each place, in the order of the lines. `before`: the path to what was validated; `model`: of
    which class it was, for the fields that one can have (the description's own when None)."""
    found: dict[Path, Problem] = {}
    for detail in error.errors(include_url=False):
        path = (*before, *_written(detail["loc"], source, before))
        what, instead = _words(detail, model)
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


def _words(detail: ErrorDetails, model: type[BaseModel] | None) -> tuple[str, str]:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    field = detail["loc"][-1] if detail["loc"] else ""
    match kind:
        case "missing":
            return "it is missing", f"add `{field}: ...`{_meaning(field, model)}"
        case "extra_forbidden":
            return "there is no such field", _near(str(field), model)
        case "literal_error":
            return f"{given!r} is not one of its words", f"write {context['expected']}"
        case "string_pattern_mismatch":
            pattern = str(context["pattern"])
            wanted = "lower-case letters, digits and `-`" if "a-z0-9-" in pattern else f"what matches {pattern}"
            return f"{given!r} is not a name as it is used here", f"write {wanted}"
        case "value_error":
            return detail["msg"].removeprefix("Value error, ").split(";")[0], detail["msg"].split("; ")[-1]
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


def _near(field: str, model: type[BaseModel] | None) -> str:
    known = sorted(_fields(model))
    close = get_close_matches(field, known, n=1)
    if close:
        return f"write `{close[0]}`, or remove it"
    return "remove it" + (f"; known are {', '.join(known)}" if model is not None and known else "")


def _fields(model: type[BaseModel] | None) -> dict[str, str]:
    if model is not None:
        return {name: info.description or "" for name, info in model.model_fields.items()}
    from congress.cluster.model import description

    parts = [part for part in vars(description).values() if isinstance(part, type) and issubclass(part, BaseModel)]
    return {name: info.description or "" for part in parts for name, info in part.model_fields.items()}


def _meaning(field: str | int, model: type[BaseModel] | None) -> str:
    text = _fields(model).get(str(field), "")
    return f" ({text.split('. ')[0].rstrip('.')})" if text else ""
