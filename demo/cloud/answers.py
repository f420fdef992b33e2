"""What the replayed services answer with."""

from __future__ import annotations

from typing import Any, NamedTuple


class Answer(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


def failure(status: int, title: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": status, "title": title, "message": message}})


def unauthorized() -> Answer:
    return failure(401, "Unauthorized", "The request you have made requires authentication.")
