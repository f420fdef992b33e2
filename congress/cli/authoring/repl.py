"""`congress repl`: ask policies questions, line by line."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from congress.authoring.session import Session
from congress.cli.authoring.command import Command, Exit, Result
from congress.cli.authoring.given import policy_option, world, world_options


def _options(parser: ArgumentParser) -> None:
    world_options(parser)
    policy_option(parser)


def _run(given: Namespace) -> Result:
    found = world(given)
    names = [each.name for each in found.project.policies]
    first = found.asked(given.policy) if given.policy or found.project.manifest.main else names[0]
    session = Session(found.workspace(), first, found.limits)
    told, is_well = [], True
    for line in _lines(session):
        answer = session.answer(line)
        is_well &= answer.ok
        told.append({"input": line, "ok": answer.ok, "lines": list(answer.lines)})
        if not given.json:
            for text in answer.lines:
                print(text if answer.ok else f"! {text}", flush=True)
        if session.is_over:
            break
    return Result("", {"answers": told}, Exit.FINE if is_well or sys.stdin.isatty() else Exit.FOUND)


def _lines(session: Session) -> Iterator[str]:
    """What is typed, with completion and history on a terminal; what is piped in otherwise."""
    if not sys.stdin.isatty():
        yield from (line.rstrip("\n") for line in sys.stdin)
        return
    _complete(session)
    print(f"questions are asked in {session.policy}; .help says what else can be said")
    while True:
        try:
            yield input(f"{session.policy}> ")
        except EOFError:
            print()
            return


def _complete(session: Session) -> None:
    try:
        import readline
    except ImportError:  # a Python without it still reads lines
        return
    found: list[str] = []

    def complete(_word: str, number: int) -> str | None:
        if number == 0:
            found[:] = session.complete(readline.get_line_buffer()[: readline.get_endidx()])
        return found[number] if number < len(found) else None

    readline.set_completer_delims(" \t\n(),!+-=[]\"'")
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")


COMMAND = Command(
    "repl",
    "ask policies questions, line by line",
    _options,
    _run,
    "Lines are queries, or words that begin with a dot; `.help` lists them. Changes last as long as the conversation. "
    "What is piped in is answered in turn; the exit code is 1 when a line could not be answered.",
    {
        "answers": "each with `input`, `ok`, `lines`",
    },
)
