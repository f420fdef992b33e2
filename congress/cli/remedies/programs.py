"""What to do about codes that programs compare: numbers of the REST API, and codes of `congress check` of its own."""

from __future__ import annotations

CHECKS: dict[str, str] = {
    "rule-exists": "Delete one of the two.",
    "undefined-table": "Correct the name, or write the rules or facts of the table.",
    "refused-by-the-engine": "Read the message: it names the policies and what they do to each other.",
}
"""Code of `congress check` beside those of the language -> what to do."""

NUMBERS: dict[str, str] = {
    "add_item_id": "Leave `id` away; the answer has the new one.",
    "rule_syntax": "Read the message: it ends with a code of the language in brackets, see above.",
    "multiple_rules": "Send one statement in `rule`, or several in `rules`.",
    "incomplete_simulate_args": "Send `query`, `sequence` and `action_policy`.",
    "simulate_error": "Correct the query or the sequence as the message says; `action_policy` must exist.",
    "rule_already_exists": "Nothing: the policy holds the rule. Its id is in the list of rules.",
    "policy_name_must_be_provided": "Send a `name`.",
    "no_policy_update_owner": "Leave `owner_id` away.",
    "no_policy_update_kind": "Make a new policy of that kind, and move the rules.",
    "execute_error": "The cloud or the driver refused the action; the message has its words.",
    "service_action_syntax": "Name the action as `service:action`.",
    "execute_action_args_syntax": 'Send `{"name": …, "args": {"positional": […], "named": {…}}}`.',
    "rule_not_permitted": "Rules belong into policies; tables of datasources follow their cloud.",
    "policy_not_exist": "List the policies; look at the spelling. Somebody may have deleted it.",
    "policy_abbreviation_error": "Choose at most five characters.",
}
"""Name in `congress.api.errors.CODES` -> what to do."""

STATUSES: dict[int, tuple[str, str]] = {
    400: (
        "The request does not fit: its JSON, a parameter, a value.",
        "The message says which part, and what would fit.",
    ),
    401: ("It is not known who asks.", "Get a new token of Keystone ([authentication](authentication.md))."),
    403: ("It is known who asks, and not allowed.", "Ask the operator for a role ([access rules](reference/rbac.md))."),
    404: ("There is no such path, policy, rule, table or datasource.", "List what there is; names are case-sensitive."),
    405: ("The path does not take this method.", "The header `Allow` lists those that it takes."),
    406: ("The answer cannot be given in the form asked for.", "Accept `application/json`."),
    409: ("It exists already, or somebody changed it at the same moment.", "Read it again, then decide."),
    412: ("It has changed since you read it (`If-Match`).", "Read it again, then decide."),
    413: ("The body is too large.", "Send fewer rows or rules at a time; an operator can raise the limit."),
    415: ("The body is not JSON, or not said to be.", "Send `Content-Type: application/json`."),
    428: ("A condition is demanded and was not given.", "Send `If-Match` with the ETag that you read."),
    429: ("Too many requests.", "Wait as long as `Retry-After` says."),
    500: (
        "A mistake of ours.",
        "The log has it under the request id of the answer; send a [bundle](observability.md#a-bundle-for-a-report).",
    ),
    501: ("The path is known, what it is asked to do is not.", "Look at [the routes](api.md)."),
    503: (
        "The database, Keystone or newer data is away, or the server starts or stops.",
        "Try again, after `Retry-After` if it is given; `/healthcheck/ready` says why ([health](health.md)).",
    ),
}
"""HTTP status, which is also `error_code` where there is no number of its own -> cause, what to do."""
