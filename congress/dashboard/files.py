"""The files of the web page, as they are served: read once, each with its type and a tag of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import NamedTuple

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""Ending of a file's name -> its type. Files of other types are not served."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the wavy lines below mistakes in the editor
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""The Content-Security-Policy: nothing comes from elsewhere, nothing is written inline, and, where browsers know
trusted types, no text can become HTML or script."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""Headers of every file. `no-cache`: a browser keeps a file and asks each time whether it is still the one."""


class File(NamedTuple):
    """A file: its content, its type, and its ETag."""

    content: bytes
    type: str
    tag: str


def load() -> Mapping[str, File]:
    """Name -> file, of all that the package brings."""
    folder = resources.files("congress.dashboard") / "static"
    return {entry.name: _file(entry.name, entry.read_bytes()) for entry in folder.iterdir() if _type(entry.name)}


def _file(name: str, content: bytes) -> File:
    return File(content, _type(name), f'"{hashlib.sha256(content).hexdigest()[:24]}"')


def _type(name: str) -> str:
    return TYPES.get(name[name.rfind(".") :], "")
