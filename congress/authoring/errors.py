"""What can be wrong with what an author hands in, beside what the language and the engine say."""

from __future__ import annotations

from congress.errors import CongressError


class InputUnusable(CongressError):
    """A file that is missing, cannot be read, or does not hold what it should; the text names file and cause."""


class QuestionUnclear(CongressError):
    """The words of a command do not fit what the project holds, such as a policy that it does not have."""


class ServerUnusable(CongressError):
    """A running Congress that was asked for rows cannot be reached, or refused; the text says how it answered."""
