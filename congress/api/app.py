"""The WSGI application, assembled in code: a request passes the parts in the order of the list below."""

from __future__ import annotations

from typing import Any

import falcon
from oslo_config import cfg
from oslo_middleware import cors, http_proxy_to_wsgi, request_id

from congress.api import failures, routes
from congress.api.middleware import Application, Bookkeeping, ErrorCatcher, SizeLimit
from congress.api.services import Services


def build(conf: cfg.ConfigOpts, services: Services) -> Application:
    """The whole application.

    cors, http_proxy_to_wsgi, request_id, error catcher, size limit, routes. What stands outside the error catcher is
    small and well tried; what stands inside may fail and is answered properly with the request's id.
    """
    application: Application = _routed(conf, services)
    application = SizeLimit(application, conf.api.max_body_size)
    application = ErrorCatcher(application)
    application = request_id.RequestId(application)
    application = http_proxy_to_wsgi.HTTPProxyToWSGI(application, conf)
    return cors.CORS(application, conf)


def _routed(conf: cfg.ConfigOpts, services: Services) -> Any:
    app = falcon.App(middleware=[Bookkeeping(conf.api.max_body_depth)])
    # Falcon has a handler of its own for its HTTPError, which would be preferred to one for Exception.
    app.add_error_handler(falcon.HTTPError, failures.handle)
    app.add_error_handler(Exception, failures.handle)
    routes.add_all(app, services)
    return app
