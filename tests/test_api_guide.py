"""The page "Working with the REST API" shows what a server really answers."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.api.server_process import ServerProcess
from tests.docs.pages import ANYTHING, ROOT, Step, blocks, steps

PAGE = ROOT / "docs" / "api-guide.md"
DEMO = "congress=http://localhost:1789"
END = "-- end of the answer --"


def examples(page: Path = PAGE) -> list[Step]:
    return [step for block in blocks(page) for step in steps(block)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("guide") / "state").start()
    yield process
    process.close()


def test_every_answer_is_as_the_page_shows_it(server: ServerProcess) -> None:
    known = examples()
    assert known[0].command == DEMO
    refuse_other_answers(known, [f"congress={server.url}"])


def refuse_other_answers(known: Sequence[Step], first: Sequence[str], **where: Any) -> None:
    """Raises AssertionError when a command, run after those before it, does not print what the page shows. `first` take
    the place of the first commands."""
    commands = [*first, *(each.command for each in known[len(first) :])]
    script = "".join(f"{command}\nprintf '\\n%s\\n' {shlex.quote(END)}\n" for command in commands)
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, check=True, **where)  # noqa: S603, S607
    answers = ended.stdout.split(f"\n{END}\n")
    assert len(answers) == len(known) + 1
    assert ended.stderr == ""
    for example, answer in zip(known, answers, strict=False):
        assert is_shown(read(example.printed), read(answer)), f"{example.command}\n{answer}"


def read(text: str) -> Any:
    """JSON as data, anything else as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def is_shown(shown: Any, found: Any) -> bool:
    """Whether the page shows this, where `…` stands for anything."""
    if shown == {ANYTHING: ANYTHING}:
        return isinstance(found, dict)
    if isinstance(shown, dict) and isinstance(found, dict):
        return list(shown) == list(found) and all(is_shown(shown[key], found[key]) for key in shown)
    if isinstance(shown, list) and isinstance(found, list):
        return len(shown) == len(found) and all(map(is_shown, shown, found))
    if isinstance(shown, str) and isinstance(found, str):
        pattern = ".*".join(map(re.escape, shown.split(ANYTHING)))
        return re.fullmatch(pattern, found, re.DOTALL) is not None
    return bool(shown == found)


def test_the_page_shows_what_there_is_to_see() -> None:
    text = " ".join(each.command for each in examples())
    told = ("preview=true", "If-Match", "If-None-Match", "X-Congress-Min-Revision", "limit=", "marker=", "column.")
    assert [name for name in told if name not in text] == []
