"""`congress-cluster check`: what is wrong or unwise in a description, without touching a machine."""

from __future__ import annotations

import json
import sys
import textwrap
from argparse import ArgumentParser, Namespace
from collections import Counter

from congress.cli.cluster.command import Command, described, takes_description
from congress.cluster.checks.check import Finding, Severity
from congress.cluster.checks.gathering import subject
from congress.cluster.checks.registry import checks, findings
from congress.cluster.services.registry import services


def _arguments(parser: ArgumentParser) -> None:
    takes_description(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object for each finding")
    parser.add_argument("--strict", action="store_true", help="fail for warnings, too")
    parser.add_argument("--explain", metavar="CODE", help="say why there is a check, and do nothing else")


def _run(given: Namespace) -> int:
    if given.explain:
        return _explain(given.explain)
    whole = subject(described(given), services())
    found = findings(whole)
    for finding in found:
        print(json.dumps(_json(finding)) if given.json else finding)
    count = Counter(finding.check.severity for finding in found)
    if not given.json:
        nodes = sum(len(cluster.nodes) for cluster in whole.deployment.clusters)
        print(
            f"{given.description}: {_number(len(whole.deployment.clusters), 'cluster')}, {_number(nodes, 'node')}, "
            f"{len(checks())} checks: {_number(count[Severity.ERROR], 'error')}, "
            f"{_number(count[Severity.WARNING], 'warning')}"
        )
    return 1 if count[Severity.ERROR] or (given.strict and found) else 0


def _number(number: int, of_what: str) -> str:
    return f"{number} {of_what}{'' if number == 1 else 's'}"


def _json(finding: Finding) -> dict[str, str | int]:
    problem = finding.problem
    return {
        "code": finding.check.code,
        "severity": finding.check.severity.value,
        "file": problem.file,
        "line": problem.line,
        "field": problem.field,
        "what": problem.what,
        "instead": problem.instead,
    }


def _explain(code: str) -> int:
    for check in checks():
        if check.code == code.upper():
            print(f"{check.code} ({check.severity.value}): {check.title}\n")
            print(textwrap.fill(check.explanation, 100))
            return 0
    known = ", ".join(check.code for check in checks())
    print(f"there is no check {code}; there are {known}", file=sys.stderr)
    return 2


COMMAND = Command("check", "say what is wrong or unwise in a description", _arguments, _run)
