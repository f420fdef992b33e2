"""The one place where a request is let through to its handler, or not."""

from __future__ import annotations

import logging
from typing import Any

import falcon
from oslo_context.context import RequestContext

from congress.api import queries
from congress.api.authentication import CONFIRMED
from congress.api.errors import bare
from congress.api.rbac import ROUTES
from congress.api.rbac.enforcement import Enforcement
from congress.api.senders import Senders

LOG = logging.getLogger(__name__)

PUBLIC = frozenset(
    {
        "/", "/healthcheck/live", "/healthcheck/ready",
        "/dashboard", "/dashboard/session", "/dashboard/login", "/dashboard/{file}",
    }
)  # fmt: skip
"""Routes that need no token."""


class Access:
    """Falcon middleware: decides by the route that was found, so that no spelling of a path leads around it.

    A verb that a handler has but no rule guards is refused.
    """

    def __init__(self, enforcement: Enforcement, senders: Senders) -> None:
        self._enforcement, self._senders = enforcement, senders

    def process_resource(
        self, request: falcon.Request, _response: falcon.Response, resource: object, parameters: dict[str, Any]
    ) -> None:
        """Raises ApiError: 401 without identity, 403 when the rule does not allow it."""
        path = request.uri_template
        if path in PUBLIC:
            return
        names = ROUTES.get((path or "", request.method))
        if names and self._senders.admit(request, names.get(None), parameters):
            return
        context = identity(request)
        if names is None:
            if hasattr(resource, f"on_{request.method.lower()}"):
                LOG.error("no rule guards %s %s; it is refused to everybody", request.method, path)
                raise _forbidden("this operation")
            return  # the verb does not exist, which everybody may know
        name = names.get(None) or names.get(queries.action(request))
        if name is None:
            raise queries.unsupported()
        if not self._enforcement.allows(name, context):
            LOG.info("%s is not allowed to user %s", name, context.user_id)
            raise _forbidden(name)


def identity(request: falcon.Request) -> RequestContext:
    """Who sends the request, from now on also named in the log. Raises ApiError with 401."""
    if not request.env.get(CONFIRMED):
        raise bare(401, "The request needs authentication: a token of Keystone in the header X-Auth-Token.")
    context = RequestContext.from_environ(
        request.env,
        request_id=request.env.get("openstack.request_id"),
        global_request_id=request.env.get("openstack.global_request_id"),
    )
    if not context.user_id:
        raise bare(401, "The token names no user; get one for a user of Keystone.")
    return context


def _forbidden(name: str) -> Exception:
    # The first sentence has been in clients' logs for years.
    return bare(403, f"Policy doesn't allow {name} to be performed. The operator of this service says who may.")
