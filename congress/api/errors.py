"""Errors as clients of the v1 API know them: an HTTP status, a number, and a text.

Body: `{"error": {"message": str, "error_code": int, "error_data": any}}`. The numbers from 1000 on say which part of a
request was wrong, so that programs need not read the text.
"""

from __future__ import annotations

import http
from typing import Any, NamedTuple

from congress.errors import CongressError


class Code(NamedTuple):
    """A registered kind of error."""

    number: int
    status: int
    description: str


CODES = {
    "add_item_id": Code(1001, 400, "Add item does not support user-chosen ID"),
    "rule_syntax": Code(1002, 400, "Syntax error for rule"),
    "multiple_rules": Code(1003, 400, "Received string representing more than 1 rule"),
    "incomplete_simulate_args": Code(1004, 400, "Simulate requires parameters: query, sequence, action_policy"),
    "simulate_error": Code(1007, 400, "Error in simulate procedure"),
    "rule_already_exists": Code(1008, 409, "Rule already exists"),
    "policy_name_must_be_provided": Code(1010, 400, "A name must be provided when creating a policy"),
    "no_policy_update_owner": Code(1012, 400, "The policy owner_id cannot be updated"),
    "no_policy_update_kind": Code(1013, 400, "The policy kind cannot be updated"),
    "execute_error": Code(1016, 400, "Error in execution procedure"),
    "service_action_syntax": Code(1017, 400, "Incorrect action syntax. Requires: <service>:<action>"),
    "execute_action_args_syntax": Code(
        1018,
        400,
        "Incorrect argument syntax. Requires: {'positional': [<args>], 'named': {<key>:<value>,}}",
    ),
    "rule_not_permitted": Code(1019, 400, "Rules not permitted on non persisted policies."),
    "policy_not_exist": Code(1020, 404, "The specified policy does not exist."),
    "policy_abbreviation_error": Code(
        1022,
        400,
        "The policy abbreviation must be a string and the length of the string must be equal to or less than 5 "
        "characters.",
    ),
}


class ApiError(CongressError):
    """A request that is answered with an error. `status`, `code`, `data` and `headers` go into the answer."""

    def __init__(self, status: int, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.data = status, code, message, data
        self.headers: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        """The answer's body."""
        return {"error": {"message": self.message, "error_code": self.code, "error_data": self.data}}


def registered(name: str, text: object = "", data: Any = None) -> ApiError:
    """An error of `CODES`; `text` says what was wrong this time."""
    code = CODES[name]
    return ApiError(code.status, code.number, f"{code.description}::{text}" if text else code.description, data)


def plain(status: int, text: object = "", data: Any = None) -> ApiError:
    """An error whose number is its HTTP status."""
    phrase = _PHRASES.get(status) or http.HTTPStatus(status).phrase
    return ApiError(status, status, f"{phrase}::{text}" if text else phrase, data)


def bare(status: int, message: str, data: Any = None) -> ApiError:
    """As `plain`, but the text stands alone, for texts that programs compare."""
    return ApiError(status, status, message, data)


# The phrases are part of texts that clients have been reading for years; Python renames some of its own at times.
_PHRASES = {400: "Bad Request", 404: "Not Found", 409: "Conflict", 503: "Service Unavailable"}
