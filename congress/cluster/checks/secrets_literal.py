"""CL064: passwords in what is generated are secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, primitives
from congress.cluster.errors import Problem
from congress.cluster.secrets import MARK

OPTION = re.compile(r"(?mi)^\s*([a-z0-9_.-]*(?:password|passwd|_secret|admin_token))\s*[=:]\s*(\S.*)$")
IN_URL = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")
NAME = re.compile(r"(?i)(password|passwd|secret|token)$")


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        path = subject.service_path(placed)
        for file in placed.declaration.files:
            named = [name for name, value in OPTION.findall(file.content) if not MARK.search(value)]
            for option in dict.fromkeys(named):
                what = f"{file.path} has a value for {option!r} that is no secret"
                yield subject.problem(path, what, "put the mark of a secret in its place")
            if any(not MARK.search(password) for password in IN_URL.findall(file.content)):
                what = f"{file.path} has a password in a URL that is no secret"
                yield subject.problem(path, what, "put the mark of a secret in its place")
        for primitive in primitives(placed.declaration.resources):
            for name, value in primitive.parameters.items():
                if NAME.search(name) and not MARK.search(value):
                    what = f"the parameter {name!r} of {primitive.id} is no secret"
                    yield subject.problem(path, what, "put the mark of a secret in its place")


CHECK = Check(
    "CL064",
    "Passwords in generated files are secrets, not literals",
    "A password that is the same in every deployment is none. What belongs to a secret is a mark in all that is "
    "rendered for reading, and is filled in only on its way to a node.",
    _find,
)
