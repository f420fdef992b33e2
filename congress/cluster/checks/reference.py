"""The page about all checks, from the checks: `python -m congress.cluster.checks.reference`."""

from __future__ import annotations

from congress.cluster.checks.check import Severity
from congress.cluster.checks.registry import checks

HEAD = """\
# Checks of a control plane

<!-- Written by `python -m congress.cluster.checks.reference`; a test fails when this page is out of date. -->

`congress-cluster check` looks at a description and at all that follows from it, without touching a machine. A finding
names file, line and field, says what is wrong and what to write instead, and has one of these codes;
`congress-cluster check --explain CODE` prints the explanation. Errors make the command fail; a warning is for you to
weigh. What is no description at all (a name that names nothing, a field that does not exist) is told without a code.

Promised times: a virtual address moves within 8 s of its node's crash, an API answers again within 15 s.

| Code | What must hold | |
|---|---|---|
"""


def reference() -> str:
    """The page in Markdown."""
    rows = [f"| [{one.code}](#{one.code.lower()}) | {one.title} | {one.severity.value} |" for one in checks()]
    parts = [HEAD + "\n".join(rows) + "\n"]
    for one in checks():
        weight = "" if one.severity is Severity.ERROR else " A warning."
        parts.append(f"## {one.code}\n\n**{one.title}.**{weight} {one.explanation}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(reference(), end="")
