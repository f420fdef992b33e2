"""Hides secrets in the log, whoever writes them: libraries log what they send and what was answered."""

from __future__ import annotations

import logging
from collections.abc import Callable

Mask = Callable[[str], str]


class MaskingFormatter(logging.Formatter):
    """Formats as another formatter does, and hides secrets in the result, tracebacks included."""

    def __init__(self, inner: logging.Formatter, mask: Mask) -> None:
        super().__init__()
        self._inner, self._mask = inner, mask

    def format(self, record: logging.LogRecord) -> str:
        text = self._inner.format(record)
        return self._mask(text) if isinstance(text, str) else text


def install(mask: Mask) -> None:
    """Have all handlers that the configuration set up hide what `mask` hides, in addition to what they hide so far."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(MaskingFormatter(handler.formatter or logging.Formatter(), mask))
