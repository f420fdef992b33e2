"""Mutates policies for as long as it is told, looking for a text that the language mishandles.

    python -m tests.fuzz.fuzz_parser --seconds 600 --seed 1

For every text: nothing but DatalogError is raised, by parsing, formatting or checking; each of these takes no longer
than a second for 100 kB; what was parsed prints to a text that parses to the same. The first finding is printed, ends
the run, and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections.abc import Iterable

import yaml

from congress import datalog
from congress.datalog.syntax.ast import Statement
from tests.datalog.strategies import WORDS
from tests.datalog.test_diagnostics import CASES
from tests.datalog.world import KINDS, World

SEEDS = [
    *[case["text"] for case in CASES],
    "error(id) :- nova:servers(id=id, status=s), not allowed(s), lt(len, 5) // why\n",
    "execute[nova:servers.pause(x)] :- error(x), true. p+(1) q-('a', -1.5)\n",
    "vm_count(t, count(v)) :- nova:servers(id=v, tenant_id=t); total(sum(n)) :- vm_count(t, n).\n",
    'p("""a\nb""", \'c\', e"\\u00e9\\n", r"\\d+", 0x1F, 1e-3) /* done */\n',
    "act(x), option(1) :- result(x), builtin:plus(x, 1, y), datetime_lt(x, '2014-01-05').",
]
LARGE = 200
"""Greatest factor by which a piece is repeated."""
SECONDS_PER_CHARACTER = 1.0 / 100_000
KEEP_EVERY, KEPT = 20, 200
"""Every so many mutants one is kept to be mutated again, up to so many."""
GRACE = 0.5
"""Seconds that any text may take, so that a busy machine is not a finding."""


def mutate(random_: random.Random, text: str) -> str:
    """A text near the given one: pieces cut out, doubled, swapped, or replaced by words of the language."""
    for _ in range(random_.randint(1, 6)):
        start = random_.randint(0, len(text))
        end = min(len(text), start + random_.randint(0, 12))
        piece = random_.choice(
            [
                "",
                random_.choice(WORDS),
                chr(random_.choice([random_.randint(0, 127), random_.randint(0, 0x10FFFF)])),
                text[start:end] * random_.choice([2, 3, random_.randint(2, LARGE)]),
                random_.choice(SEEDS),
            ]
        )
        text = text[:start] + piece + text[random_.choice([start, end]) :]
    return text


def examine(text: str) -> None:
    """Raises AssertionError, or whatever the language let through."""
    started = time.process_time()
    try:
        program = datalog.parse(text)
    except datalog.DatalogError as error:
        assert error.diagnostics, "a refusal without diagnostics"
    else:
        _examine_program(program.statements, datalog.format_text(text))
    for ask in (
        lambda: datalog.check_query(text, "pol", World()),
        lambda: datalog.check_sequence(text, "pol", "action", World()),
    ):
        try:
            ask()
        except datalog.DatalogError as error:
            assert str(error), "a refusal without words"
    spent = time.process_time() - started
    assert spent < GRACE + 10 * len(text) * SECONDS_PER_CHARACTER, f"{spent:.2f} s for {len(text)} characters"


def _examine_program(statements: Iterable[Statement], formatted: str) -> None:
    assert datalog.parse(formatted).statements == tuple(statements), "formatting changed the meaning"
    assert datalog.format_text(formatted) == formatted, "formatting is not final"
    rules = []
    for statement in statements:
        assert datalog.parse_statement(datalog.print_statement(statement)) == statement, "printing changed the meaning"
        for policy, kind in KINDS.items():
            try:
                rules.append(datalog.check_rule(statement, policy, kind, World()))
            except datalog.DatalogError as error:
                assert str(error), "a refusal without words"
    try:
        datalog.check_program(rules, rules, World())
    except datalog.DatalogError as error:
        assert str(error), "a refusal without words"


def run(seconds: float, seed: int) -> str | None:
    """The first text that is mishandled, or None."""
    random_ = random.Random(seed)  # noqa: S311 - repeatable on purpose
    kept = [""] * KEPT
    tried = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        text = mutate(random_, random_.choice(SEEDS if random_.random() < 0.5 else kept))[:100_000]
        tried += 1
        try:
            examine(text)
        except Exception:
            traceback.print_exc()
            return text
        if tried % KEEP_EVERY == 0:
            kept[tried // KEEP_EVERY % KEPT] = text[:2000]
    print(f"{tried} texts, no finding")
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = run(options.seconds, options.seed)
    if found is None:
        return 0
    print(f"finding with seed {options.seed}:\n{yaml.safe_dump({'text': found})}\n{found!r}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
