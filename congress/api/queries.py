"""Reads the query string of a request."""

from __future__ import annotations

import math

import falcon

from congress.api.errors import bare, plain


def text(request: falcon.Request, name: str) -> str | None:
    """A parameter, the last one when it is given several times."""
    value = request.params.get(name)
    return value[-1] if isinstance(value, list) else value


def switched_on(request: falcon.Request, name: str) -> bool:
    """Whether a switch is `true` or `1`, in any case of letters."""
    return (text(request, name) or "").lower() in ("true", "1")


def number(request: falcon.Request, name: str, largest: float) -> float:
    """A number from 0 up to `largest`; 0 when it is not given."""
    given = text(request, name)
    if not given:
        return 0.0
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise plain(400, f"parameter {name} must be a number, 0 or more")
    return min(value, largest)


def action(request: falcon.Request) -> str:
    """The action that a POST on an element asks for, with `_` for `-`."""
    value = request.params.get("action")
    if value is None or value == "":
        raise bare(400, "Missing required action parameter.")
    if isinstance(value, list):
        raise bare(400, "Action parameter may not be provided multiple times.")
    return str(value).replace("-", "_")


def unsupported() -> Exception:
    """The answer to an action that the element does not have."""
    return bare(501, "Method not supported")
