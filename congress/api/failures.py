"""Which answer an exception becomes when the handler of a route does not say otherwise."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import falcon
from oslo_db.exception import DBConnectionError, DBDuplicateEntry, DBError

from congress.api import answers
from congress.api.errors import ApiError, bare, plain, registered
from congress.datalog import DatalogError, MultipleRules
from congress.datasources.contract import BadPushedData, NoWebhook, UnknownTableGroup
from congress.datasources.errors import (
    DatasourceNameTaken,
    DatasourceNotFound,
    DatasourceNotRunning,
    DatasourceTableNotFound,
    TableNotPolled,
)
from congress.datasources.pushing import RowsChanged
from congress.datasources.validation import DatasourceInvalid
from congress.datasources.webhooksecrets import SecretNotFound, SecretsTaken
from congress.db.session import OutcomeUnknown
from congress.engine.workspace import InvalidPolicy, InvalidRow, LimitExceeded, UnknownPolicy, UnknownTable
from congress.errors import CongressError
from congress.outgoing.errors import LetterNotFound, TooManyWebhooks, WebhookInvalid, WebhookNotFound
from congress.policies import errors as policy_errors
from congress.policies.actions.errors import ActionDecided, ActionNotFound, EnforcementUnknown
from congress.policies.activation import DependencyMissing
from congress.policies.bundles.errors import BundleConflict, BundleNotFound, BundleRefused
from congress.policies.bundles.trust import KeysUnusable
from congress.policies.parameters import ParameterInvalid
from congress.policies.violations import ViolationNotFound

LOG = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[CongressError], int], ...] = (
    (policy_errors.PolicyNotFound, 404),
    (policy_errors.PolicyNameInvalid, 400),
    (policy_errors.UnknownKind, 400),
    (policy_errors.PolicyUnchangeable, 400),
    (policy_errors.LibraryPolicyNotFound, 404),
    (BundleNotFound, 404),
    (BundleRefused, 400),
    (BundleConflict, 409),
    (KeysUnusable, 503),
    (ViolationNotFound, 404),
    (WebhookNotFound, 404),
    (LetterNotFound, 404),
    (WebhookInvalid, 400),
    (TooManyWebhooks, 409),
    (ActionNotFound, 404),
    (ActionDecided, 409),
    (EnforcementUnknown, 400),
    (ParameterInvalid, 400),
    (DependencyMissing, 400),
    (UnknownPolicy, 404),
    (UnknownTable, 404),
    (InvalidPolicy, 400),
    (InvalidRow, 400),
    (LimitExceeded, 400),
    (DatasourceNameTaken, 409),
    (OutcomeUnknown, 503),
    (policy_errors.TooManyWriters, 503),
    (DatasourceTableNotFound, 404),
    (DatasourceInvalid, 400),
    (DatasourceNotRunning, 409),
    (TableNotPolled, 400),
    (UnknownTableGroup, 400),
    (NoWebhook, 400),
    (RowsChanged, 412),
    (SecretsTaken, 409),
    (SecretNotFound, 404),
    (BadPushedData, 400),
)


def answer_for(error: Exception) -> ApiError:
    """The answer to an exception. Anything unforeseen is logged with its traceback and answered without it."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, DatasourceNotFound):
        return bare(404, str(error))
    if isinstance(error, policy_errors.PolicyNameTaken):
        return bare(409, str(error))
    if isinstance(error, MultipleRules):
        return registered("multiple_rules", error)
    if isinstance(error, DatalogError):
        return registered("rule_syntax", error)
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return plain(status, error)
    if isinstance(error, falcon.HTTPMethodNotAllowed):
        return bare(501, "Method not supported")
    if isinstance(error, falcon.HTTPNotFound):
        return bare(404, "The resource could not be found.")
    if isinstance(error, falcon.HTTPError) and error.status_code < 500:
        return bare(error.status_code, error.description or error.title or "The request could not be understood.")
    if isinstance(error, DBDuplicateEntry):
        return plain(409, "another request took the same name or id meanwhile")
    if isinstance(error, DBError):
        is_unreachable = isinstance(error, DBConnectionError)  # which a hundred requests a second may meet
        LOG.error("the database did not do what was asked: %s", error, exc_info=not is_unreachable)
        return plain(503, "the database is not available; nothing was changed, try again later")
    if isinstance(error, CongressError):
        LOG.warning("answered with a general error: %s", error)
        return plain(400, error)
    LOG.exception("unexpected failure")
    return bare(500, "Internal server error")


def handler(mask: Callable[[str], str]) -> Callable[..., None]:
    """Falcon's error handler for all exceptions; `mask` hides secrets that a cloud or a driver put into its message."""

    def handle(_request: falcon.Request, response: falcon.Response, error: Exception, _params: dict[str, Any]) -> None:
        answer = answer_for(error)
        response.status = answer.status
        response.set_headers(answer.headers)
        answer.message = mask(answer.message)
        answers.compact(response, answer.body())

    return handle
