"""Actions of cloud drivers: a fixed list, each a single request whose path and body come from checked arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from congress.datasources.contract import Action, Argument, ArgumentsInvalid


class Call(NamedTuple):
    """One request to the service."""

    method: str
    path: str
    body: Any


Build = Callable[[Sequence[Any]], Call]


@dataclass(frozen=True, slots=True)
class CloudAction:
    """An action and the request it becomes. `open_ended` actions take more values after the declared arguments."""

    action: Action
    build: Build
    open_ended: bool = False

    def call(self, datasource: str, positional: Sequence[Any], named: Mapping[str, Any]) -> Call:
        """The request for these arguments. Raises ArgumentsInvalid when they do not fit the declaration."""
        names = [argument.name for argument in self.action.args]
        where = f"action '{self.action.name}' of datasource '{datasource}'"
        unknown = sorted(set(named) - set(names))
        if unknown:
            raise ArgumentsInvalid(f"{where} has no argument {', '.join(unknown)}; it takes {', '.join(names)}")
        if len(positional) > len(names) and not self.open_ended:
            raise ArgumentsInvalid(f"{where} takes {len(names)} arguments ({', '.join(names)}), not {len(positional)}")
        given = dict(zip(names, positional, strict=False))
        twice = sorted(set(given) & set(named))
        if twice:
            raise ArgumentsInvalid(f"{where} got {', '.join(twice)} by position and by name")
        given.update(named)
        missing = [name for name in names if name not in given]
        if missing:
            raise ArgumentsInvalid(f"{where} misses {', '.join(missing)}")
        return self.build([*(given[name] for name in names), *positional[len(names) :]])


def action(name: str, args: Sequence[str], description: str, build: Build, *, open_ended: bool = False) -> CloudAction:
    """Shorthand for a CloudAction; each of `args` is `name: description`."""
    arguments = tuple(Argument(one.partition(":")[0], one.partition(":")[2].strip()) for one in args)
    return CloudAction(Action(name, arguments, description), build, open_ended)


def path(*parts: Any) -> str:
    """A path whose parts cannot leave their place: an id with a slash or a question mark stays one part."""
    for part in parts:
        if not str(part) or str(part) in (".", ".."):
            raise ArgumentsInvalid(f"'{part}' is not an id; give the id of the object to act on")
    return "/" + "/".join(quote(str(part), safe="") for part in parts)


def document(raw: Any) -> Any:
    """A request body given as an object or, since rules have no objects, as its JSON text. Raises ArgumentsInvalid."""
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except ValueError as error:
        example = '{"port": {"name": "a"}}'
        raise ArgumentsInvalid(f"the body is not JSON: {error}; give an object such as {example}") from error


def pairs(values: Sequence[Any]) -> dict[str, Any]:
    """`key1, value1, key2, value2, …` as a dictionary. Raises ArgumentsInvalid for a key without a value."""
    if not values or len(values) % 2:
        raise ArgumentsInvalid("give keys and values alternately, at least one pair")
    return {str(key): one for key, one in zip(values[::2], values[1::2], strict=True)}
