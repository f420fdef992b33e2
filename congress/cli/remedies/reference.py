"""Writes the page about errors by code: `python -m congress.cli.remedies.reference > docs/errors.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from congress.api.errors import CODES as NUMBERS
from congress.authoring.checking import OWN_CODES
from congress.cli.authoring.command import EXIT_MEANINGS
from congress.cli.markdown import table
from congress.cli.remedies import language, programs
from congress.cluster.checks.registry import checks
from congress.datalog.diagnostics import CODES
from congress.engine.checking import CODES as ENGINE_CODES

HEAD = """\
# Errors by code

<!-- Written by `python -m congress.cli.remedies.reference`; a test fails when this page is out of date. -->

Every error says what was wrong, where, and what to do. This page is for those who have only the code, or want an
example. Find the code with the search of your browser.

| the code looks like | it comes from |
|---|---|
| `unsafe-head` | [the policy language](#the-policy-language): the API, `congress check`, an editor |
| `undefined-table` | [`congress check`](#congress-check) |
| `1002` | [`error_code` of the REST API](#the-rest-api) |
| `404` | [a status of the REST API](#statuses-of-the-rest-api) |
| `CL010` | [`congress-cluster check`](#checks-of-a-control-plane) |
| `exit code 3` | [`congress`](#exit-codes-of-congress) |

A process that does not start, or a cloud that is not read, is best told by `congress-manage doctor`
([watch over Congress](observability.md)); a node that is not ready by [its reasons](health.md).
"""


def page() -> str:
    """The whole page, as markdown."""
    return "\n".join([HEAD, *_language(), *_check(), *_api(), *_cluster(), *_exit_codes()])


def _language() -> Iterator[str]:
    yield "## The policy language\n"
    for code, meaning in CODES.items():
        remedy = language.REMEDIES[code]
        yield f"### `{code}`\n\n{meaning} {remedy.do}\n"
        if remedy.wrong:
            yield f"Wrong:\n\n<!-- not run: it has the mistake -->\n\n```datalog\n{remedy.wrong}\n```\n"
            yield f"Right:\n\n```datalog\n{remedy.right}\n```\n"


def _check() -> Iterator[str]:
    yield "## `congress check`\n"
    found = {**ENGINE_CODES, **OWN_CODES}
    yield table(
        ("code", "cause", "what to do"), [(f"`{code}`", text, programs.CHECKS[code]) for code, text in found.items()]
    )


def _api() -> Iterator[str]:
    yield "## The REST API\n"
    yield 'The body of a refusal is `{"error": {"message": …, "error_code": …, "error_data": …}}`.\n'
    rows = [
        (str(one.number), str(one.status), one.description, programs.NUMBERS[name]) for name, one in NUMBERS.items()
    ]
    yield table(("error_code", "status", "cause", "what to do"), rows)
    yield "## Statuses of the REST API\n\nWhere there is no other number, `error_code` is the status.\n"
    yield table(("status", "cause", "what to do"), [(str(code), *told) for code, told in programs.STATUSES.items()])


def _cluster() -> Iterator[str]:
    yield "## Checks of a control plane\n\nThe link leads to the cause and to what to write instead.\n"
    rows = [(f"[{one.code}](reference/cluster-checks.md#{one.code.lower()})", one.title) for one in checks()]
    yield table(("code", "what does not hold"), rows)


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes of `congress`\n"
    yield table(("code", "meaning"), [(str(int(code)), meaning) for code, meaning in EXIT_MEANINGS.items()])


if __name__ == "__main__":
    sys.stdout.write(page())
