"""Listings that are one answer: the same answer again need not become rows again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TypeVar

from congress.datasources.contract import Unchanged

T = TypeVar("T")


class LastAnswers:
    """Of one datasource, by group."""

    def __init__(self) -> None:
        self._digests: dict[str, bytes] = {}

    def forget(self, group: str) -> None:
        """What a listing finds next is news: its rows were changed by something else."""
        self._digests.pop(group, None)

    def news(self, group: str, pages: Iterable[tuple[T, bytes | None]]) -> Iterator[T]:
        """The pages of a listing. With a page that is all of it stands the text of its answer; Unchanged is raised in
        its place when that is what the last listing was told. A listing that was not gone through is forgotten."""
        last, digest = self._digests.pop(group, None), None
        for page, text in pages:
            digest = None if text is None else hashlib.blake2b(text, digest_size=16).digest()
            if digest is not None and digest == last:
                self._digests[group] = digest
                raise Unchanged
            yield page
        if digest is not None:
            self._digests[group] = digest
