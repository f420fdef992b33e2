"""Arguments in whatever order they are written: options before, between and behind names of files and nodes."""

from __future__ import annotations

import sys
from argparse import REMAINDER, Action, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Sequence
from typing import Any


class Parser(ArgumentParser):
    """Python's own takes an argument that may be absent for absent when an option comes before it."""

    def __init__(self, **words: Any) -> None:
        # A part of an option's name would mean another one as soon as there are two that begin with it.
        super().__init__(allow_abbrev=False, **words)
        self._within = False

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """As argparse's own, which parents call for the parsers of their commands, too; but whoever is given too much
        says so, with its own usage."""
        words = list(sys.argv[1:] if args is None else args)
        if self._within or not all(map(_plain, self._get_positional_actions())) or {"-h", "--help"} & {*words}:
            return super().parse_known_args(words, namespace)
        self._within = True
        try:
            found, more = self.parse_known_intermixed_args(words, namespace)
        finally:
            self._within = False
        if more:
            self.error(f"nobody asked for {' '.join(more)}; see {self.prog} --help")
        return found, []


def _plain(action: Action) -> bool:
    """Neither a command with arguments of its own, nor all that is left."""
    return not isinstance(action, _SubParsersAction) and action.nargs != REMAINDER
