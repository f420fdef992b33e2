"""How strings are written: plain quotes keep every backslash; the form e"…" can hold any string at all."""

from __future__ import annotations

import re

# What cannot stand between plain double quotes: a quote or a lone backslash at the end, and characters that would end
# the line or that not every channel carries.
_PLAIN = {quote: re.compile(rf"(?:[^{quote}\\\n\r\0\ud800-\udfff]|\\[^\n\r\0\ud800-\udfff])*+") for quote in ('"', "'")}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f\ud800-\udfff]')
_LETTERS = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "r": "\r", "t": "\t"}
_NAMES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class EscapeError(ValueError):
    """A backslash that introduces nothing known, `offset` characters into the string."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def quote(text: str) -> str:
    """The string as it is written in a policy: in double quotes where they can hold it, else single, else e"…"."""
    for mark, pattern in _PLAIN.items():
        if pattern.fullmatch(text):
            return f"{mark}{text}{mark}"
    return 'e"' + _SPECIAL.sub(_escape, text) + '"'


def unescape(body: str) -> str:
    """The string that the body of an e"…" form means. Raises EscapeError."""
    return _ESCAPE.sub(_unescape, body)


def _escape(match: re.Match[str]) -> str:
    return _NAMES.get(match[0]) or f"\\u{ord(match[0]):04x}"


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        if int(code, 16) > 0x10FFFF:
            raise EscapeError(f"Unknown character \\U{code}", match.start())
        return chr(int(code, 16))
    if match[3] not in _LETTERS:
        raise EscapeError(f"Unknown escape \\{match[3]}", match.start())
    return _LETTERS[match[3]]
