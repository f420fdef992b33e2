"""The WSGI application, assembled in code: a request passes the parts in the order of the list below."""

from __future__ import annotations

from typing import Any

import falcon
from oslo_config import cfg
from oslo_middleware import cors, http_proxy_to_wsgi

from congress.api import failures, routes
from congress.api.access import Access
from congress.api.authentication import Authentication
from congress.api.freshness import Revisions
from congress.api.measuring import Measuring
from congress.api.middleware import Application, Bookkeeping, Browsers, ErrorCatcher, RequestId, SizeLimit
from congress.api.rbac.enforcement import Enforcement
from congress.api.senders import Senders
from congress.api.services import Services
from congress.api.tracing import Tracing
from congress.conf import authentication


def build(conf: cfg.ConfigOpts, services: Services) -> Application:
    """The whole application. Raises KeystoneNotConfigured, PolicyFileInvalid.

    cors, http_proxy_to_wsgi, request_id, error catcher, size limit, authentication, routes with access. What stands
    outside the error catcher is small and well tried; what stands inside may fail and is answered properly with the
    request's id. Authentication finds out who sends a request; whether it may pass is decided by the route it takes.
    """
    application: Application = routed(conf, services)
    if authentication.strategy(conf) == authentication.KEYSTONE:
        application = Authentication(application, conf)
    application = SizeLimit(application, conf.api.max_body_size)
    application = ErrorCatcher(application)
    application = RequestId(application)
    if conf.oslo_middleware.enable_proxy_headers_parsing:
        application = http_proxy_to_wsgi.HTTPProxyToWSGI(application, conf)
    return Browsers(application, cors.CORS(application, conf))


def routed(conf: cfg.ConfigOpts, services: Services) -> falcon.App[Any, Any]:
    """The routes with what decides about each request. Raises PolicyFileInvalid."""
    middleware: list[Any] = [Tracing(), Measuring(), Bookkeeping(conf.api.max_body_depth)]
    if authentication.strategy(conf) == authentication.KEYSTONE:
        middleware.append(Access(Enforcement(conf), Senders(services.webhook_secrets.opens)))
    middleware.append(Revisions(services, conf.api.revision_wait))
    app = falcon.App(middleware=middleware)
    # Falcon has a handler of its own for its HTTPError, which would be preferred to one for Exception.
    handle = failures.handler(services.mask)
    app.add_error_handler(falcon.HTTPError, handle)
    app.add_error_handler(Exception, handle)
    routes.add_all(app, services)
    return app
