"""CL072: configuration files are what their readers can read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem

SECTION = re.compile(r"\[[^\[\]]+\]\s*(#.*)?")
OPTION = re.compile(r"[^\s=:\[][^=:]*?\s*[=:]")


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        for file in placed.declaration.files:
            if not _is_ini(file.content) or not file.path.endswith(".conf"):
                continue
            for line, why in _malformed(file.content):
                what = f"{file.path}: line {line} {why}"
                yield subject.problem(subject.service_path(placed), what, "write `option = value` below a `[section]`")


def _is_ini(text: str) -> bool:
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";"))), "")
    return SECTION.fullmatch(first.strip()) is not None


def _malformed(text: str) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", ";")) or line[0].isspace():
            continue
        if SECTION.fullmatch(stripped):
            if stripped in seen:
                yield number, f"opens the section {stripped} a second time"
            seen.add(stripped)
        elif not OPTION.match(line):
            yield number, f"is no option: {stripped!r}"
        elif " " in re.split(r"\s*[=:]", line, maxsplit=1)[0]:
            yield number, f"has a blank in the option's name: {stripped!r}"


CHECK = Check(
    "CL072",
    "Configuration files can be read by whom they are for",
    "oslo.config takes a line without `=` for an error, or ignores an option with a blank in its name or in the wrong"
    " section: the service runs with a default that nobody chose.",
    _find,
)
