"""Directed calls at the node that answers: handlers to answers, exceptions to what may leave the process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from congress.bus.contract import Handler, Message, RemoteError
from congress.errors import CongressError

LOG = logging.getLogger(__name__)


class Handlers:
    """The methods one node serves. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handlers: dict[str, Handler] = {}

    def add(self, handlers: Mapping[str, Handler]) -> None:
        with self._lock:
            self._handlers = {**self._handlers, **handlers}

    def answer(self, method: str, arguments: Message) -> dict[str, Any]:
        """`{"answer": …}` or `{"error": {"code": …, "text": …}}`. Never raises."""
        handler = self._handlers.get(method)
        if handler is None:
            return _error("UnknownMethod", f"this node does not serve '{method}'; it may be of an older version")
        try:
            return {"answer": handler(arguments)}
        except CongressError as error:
            return _error(error.code if isinstance(error, RemoteError) else type(error).__name__, str(error))
        except Exception:  # the caller gets an answer in every case, and no inner details
            LOG.exception("answering '%s' failed", method)
            return _error("InternalError", f"'{method}' failed; the log of the node that was asked says why")


def unwrapped(result: Mapping[str, Any]) -> Any:
    """The answer in what `Handlers.answer` made. Raises RemoteError."""
    error = result.get("error")
    if error is not None:
        raise RemoteError(str(error.get("code")), str(error.get("text")))
    return result.get("answer")


def _error(code: str, text: str) -> dict[str, Any]:
    return {"error": {"code": code, "text": text}}
