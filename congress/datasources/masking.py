"""Takes secrets out of texts that somebody will read: states of datasources, answers, lines of the log."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

from congress.datasources.contract import Driver

HIDDEN = "<hidden>"
SHORTEST = 8
"""Shorter secrets are not looked for in texts: hiding every `nova` would leave nothing to read."""
_LOGIN = re.compile(r"""(?<=://)[^/?#\s"']+@""")
_ANY_LOGIN = re.compile(r"://.*@")
_NAMED_LIKE_A_SECRET = re.compile(
    r"pass(word|wd|phrase)|(^|[-_])pass$|secret|token|credential|private|(api|access|auth|encryption)[-_]?key",
    re.IGNORECASE,
)


def secret_names(driver: type[Driver] | None, config: Mapping[str, str]) -> frozenset[str]:
    """Which options of a configuration hold secrets: those that the driver says do, and every URL with a login in it.

    Options that nobody declares (of another version's driver, or written by somebody's own SQL) do by their names.
    """
    declared = {option.name: option.secret for option in driver.options} if driver else {}
    return frozenset(
        name for name, text in config.items() if declared.get(name, looks_secret(name)) or _ANY_LOGIN.search(str(text))
    )


def looks_secret(name: str) -> bool:
    """Whether what is called so is probably a secret."""
    return _NAMED_LIKE_A_SECRET.search(name) is not None


def without_logins(text: str) -> str:
    """The text with what stands before the host in each of its URLs hidden."""
    return _LOGIN.sub(f"{HIDDEN}@", text) if "://" in text and "@" in text else text


class Mask:
    """Hides what it was told is secret. Safe to use from any thread."""

    def __init__(self) -> None:
        self._known: tuple[str, ...] = ()

    def remember(self, secret: str) -> None:
        """Hide this text from now on, also as URLs, JSON and Python write it."""
        if len(secret) < SHORTEST or secret in self._known:
            return
        written = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        # The longest first, since a secret may be a part of another one.
        self._known = tuple(sorted(written.union(self._known), key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return without_logins(text)
