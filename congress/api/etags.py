"""Entity tags (RFC 9110): what a client has seen, so that it reads nothing twice and overwrites nothing unseen."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import falcon

from congress.api import answers
from congress.api.errors import bare


def tag(item: Any) -> str:
    """The tag of an item as it is shown; another one as soon as anything of it changes."""
    text = json.dumps(item, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def answer(request: falcon.Request, response: falcon.Response, item: Any, *, shown: Any = None) -> None:
    """Answer with an item and its tag, or 304 when the client has it already. `shown`: what of it was asked for."""
    if not is_known(request, response, tag(item)):
        answers.compact(response, item if shown is None else shown)


def is_known(request: falcon.Request, response: falcon.Response, found: str) -> bool:
    """Tell the tag of what is asked for; whether the client has it already, and is answered 304."""
    response.set_header("ETag", found)
    known = _names(request.get_header("If-None-Match"), found)
    if known:
        response.status = 304
    return known


def require(request: falcon.Request, item: Any) -> None:
    """Raises ApiError with 412 when the client wants to change something else than this."""
    wanted = request.get_header("If-Match")
    if wanted is not None and not _names(wanted, tag(item)):
        raise bare(412, "It has changed since you read it (If-Match names another ETag); read it again, then decide")


def _names(header: str | None, found: str) -> bool:
    if header is None:
        return False
    named = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in named or found in named
