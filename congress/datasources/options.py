"""The options of a datasource: declared by its driver, read and checked here.

An option's type is one of `oslo_config.types` or of the two below. Values arrive as text (from the command line) or as
JSON, are stored as text, and a driver finds them read in `Driver.settings`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from oslo_config import types

from congress.errors import CongressError

TEXT = types.String()
FLAG = types.Boolean()
URL = types.URI(schemes=("http", "https"))
LIST = types.List(types.String())


class OptionInvalid(CongressError):
    """The value of an option is not what it takes; the text says which option, what it takes and what it got."""


class Seconds(types.Float):
    """A time, from `min` seconds on."""

    def __init__(self, min: float = 0) -> None:
        super().__init__(min=min, max=10**9, type_name="seconds")


class Json(types.ConfigType):
    """An object or a list of any depth, given as such or as its JSON text."""

    def __init__(self, kind: type[dict[str, Any]] | type[list[Any]] = dict) -> None:
        super().__init__(type_name="JSON")
        self.kind = kind

    def __call__(self, value: Any) -> Any:
        found = json.loads(value) if isinstance(value, str) else value
        if not isinstance(found, self.kind):
            raise ValueError(f"this is {type(found).__name__}")
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Json) and other.kind is self.kind

    def __hash__(self) -> int:
        return hash(self.kind)

    def __repr__(self) -> str:
        return "Json"

    def _formatter(self, value: Any) -> str:
        return json.dumps(value)


class Option(NamedTuple):
    """One key of a datasource's `config`; `secret` ones are encrypted at rest and hidden. `default` is text, too."""

    name: str
    required: bool = False
    secret: bool = False
    description: str = ""
    type: types.ConfigType = TEXT
    default: str | None = None

    def text(self, raw: Any) -> str:
        """The text to store for a value of a request. Raises OptionInvalid."""
        if isinstance(raw, list) and isinstance(self.type, types.List) and not any("," in str(one) for one in raw):
            return ",".join(str(one) for one in raw)
        if isinstance(raw, dict | list) and isinstance(self.type, Json):
            return json.dumps(raw)
        if isinstance(raw, str | int | float):
            return str(raw)
        raise self._invalid(raw)

    def read(self, text: str) -> Any:
        """The value that a text says. Raises OptionInvalid."""
        try:
            found = self.type(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._invalid(text) from error
        if isinstance(found, float) and not math.isfinite(found):
            raise self._invalid(text)
        return found

    def of(self, config: Mapping[str, str]) -> Any:
        """The value in a configuration, the default where it says nothing; None without one. Raises OptionInvalid."""
        text = config.get(self.name) or self.default
        return None if text is None else self.read(text)

    def _invalid(self, raw: Any) -> OptionInvalid:
        shown = "what was given" if self.secret else repr(raw)[:200] if isinstance(raw, str) else _shown(raw)
        return OptionInvalid(f"config option {self.name} must be {described(self.type)}, not {shown}")


POLL_TIME = Option(
    "poll_time", description="Seconds between two polls; 0 polls on request only", type=Seconds(), default="10"
)
LAZY_TABLES = Option(
    "lazy_tables", description="Root tables that are not polled until somebody needs them", type=LIST, default=""
)
POLL_TIMES = Option(
    "poll_times",
    description="Root tables with seconds of their own between two polls, e.g. servers:30,flavors:3600",
    type=types.Dict(Seconds()),
    default="",
)
POLLING = (POLL_TIME, POLL_TIMES, LAZY_TABLES)
NOTIFICATION_URL = Option(
    "notification_url",
    secret=True,
    description="RabbitMQ to which the service sends notifications, instead of that of the configuration: "
    "rabbit://user:password@host:5672/vhost",
)
KEPT = Option(
    "persist_data",
    description="Accepted and without effect: what was told is kept over a restart",
    type=FLAG,
    default="True",
)
PERSIST_DATA = Option("persist_data", description="Whether the rows are kept over a restart", type=FLAG, default="True")


def settings(options: tuple[Option, ...], config: Mapping[str, str]) -> dict[str, Any]:
    """Option -> value, for all of them and those of polling. Raises OptionInvalid."""
    known = {option.name: option for option in (*POLLING, *options)}
    return {name: option.of(config) for name, option in known.items()}


def described(kind: types.ConfigType) -> str:
    """What a type takes, in words that go after "must be"."""
    if isinstance(kind, Json):
        return f"a JSON {'object' if kind.kind is dict else 'list'}"
    if isinstance(kind, types.Dict):
        return f"a list of key:value, separated by commas, each value {described(kind.value_type)}"
    if isinstance(kind, types.List):
        items = described(kind.item_type)
        return "a list, separated by commas" + ("" if items == "a string" else f", each item {items}")
    if isinstance(kind, types.Boolean):
        return "True or False"
    if isinstance(kind, types.URI):
        return f"a URL ({' or '.join(kind.schemes)})" if kind.schemes else "a URL"
    if isinstance(kind, types.HostAddress):
        return "the name or address of a host"
    choices = getattr(kind, "choices", None)
    if choices:
        return f"one of {', '.join(str(choice) for choice in choices)}"
    if isinstance(kind, types.Number):
        return _number(kind)
    return "a string" if isinstance(kind, types.String) else f"a {kind.type_name}"


def _number(kind: types.Number) -> str:
    name = "an integer" if isinstance(kind, types.Integer) else "a number"
    name = "a number of seconds" if isinstance(kind, Seconds) else name
    low, high = kind.min, kind.max
    if low is None:
        return name if high is None else f"{name}, {high:g} or less"
    return f"{name}, {low:g} or more" if high is None or isinstance(kind, Seconds) else f"{name} from {low} to {high}"


def _shown(raw: Any) -> str:
    return {dict: "an object", list: "a list", type(None): "nothing"}.get(type(raw), str(raw)[:200])
