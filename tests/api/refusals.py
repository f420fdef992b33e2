"""What an answer says that refuses a request."""

from __future__ import annotations

from typing import Any


def says(answer: Any, status: int, code: int, text: str = "") -> None:
    """The answer is an error with this status and code, and its message contains the text."""
    error = answer.json()["error"]
    assert (answer.status_code, error["error_code"]) == (status, code), answer.text
    assert text in error["message"], answer.text
    assert "Traceback" not in answer.text


def begins(answer: Any, status: int, code: int, text: str) -> None:
    """As `says`, and the message begins with the text."""
    says(answer, status, code, text)
    assert answer.json()["error"]["message"].startswith(text), answer.text
    assert answer.text.endswith("}\n")
