"""`/` and `/v1`: which versions of the API there are."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import answers
from congress.api.errors import bare

_VERSION = {"id": "v1", "status": "CURRENT", "updated": "2013-08-12T17:42:13Z"}
_DOCUMENTATION = "http://congress.readthedocs.org/"


class Root:
    """All versions, whatever the verb; clients probe with several."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        if _is_browser(request):
            response.status, response.location = 303, "dashboard"
            return
        self._list(request, response)

    def _list(self, request: falcon.Request, response: falcon.Response) -> None:
        answers.compact(response, {"versions": [_described(request, "/v1/")]})

    on_put = on_post = on_delete = on_patch = on_options = _list

    def on_head(self, _request: falcon.Request, response: falcon.Response) -> None:
        response.content_type = answers.CONTENT_TYPE


class Version:
    """Version 1."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        version = _described(request, "/v1/")
        version["links"].append({"rel": "describedby", "type": "text/html", "href": _DOCUMENTATION})
        answers.compact(response, {"version": version})


def elsewhere(req: falcon.Request, resp: falcon.Response, **_path: str) -> None:
    """Any path that no route takes: nothing below `/v1`, otherwise a hint that the API is there."""
    if req.path == "/v1" or req.path.startswith("/v1/"):
        raise bare(404, "The resource could not be found.")
    resp.status = 300
    answers.compact(resp, {"choices": [_described(req, "/v1" + falcon.uri.encode(req.path))]})


def _is_browser(request: falcon.Request) -> bool:
    """Whether a page is asked for; clients of the API take anything, or JSON."""
    return "text/html" in (request.get_header("Accept") or "")


def _described(request: falcon.Request, path: str) -> dict[str, Any]:
    return {**_VERSION, "links": [{"rel": "self", "href": request.prefix + path}]}
