"""`/dashboard`: the web page's files, and its login. Nothing here needs a token."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import falcon

from congress.api import answers, bodies, etags
from congress.api.errors import ApiError, bare
from congress.api.schemas import dashboard as schemas
from congress.dashboard import files
from congress.dashboard.login import KeystoneAway, Login, LoginRefused, Wanted

INDEX = "index.html"


class Files:
    """The page itself, and what it loads. Everything but these very files is answered with 404."""

    def __init__(self) -> None:
        self._files = files.load()

    def on_get(self, request: falcon.Request, response: falcon.Response, file: str | None = None) -> None:
        if file == "":  # the page's addresses are relative to the one without a slash
            response.status, response.location = 303, "../dashboard"
            return
        found = None if file == INDEX else self._files.get(file or INDEX)
        if found is None:
            raise bare(404, "The resource could not be found.")
        response.set_headers(files.HEADERS)
        if not etags.is_known(request, response, found.tag):
            response.content_type, response.data = found.type, found.content


class Session:
    """What the page needs to know before anybody has logged in."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        version = importlib.metadata.version("congress")
        answers.compact(response, {"auth": self._login.strategy, "version": version})


class LogIn:
    """A token for a name and a password. Neither is ever logged; `congress.api.middleware` logs the path alone."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        body: dict[str, Any] = bodies.read(request)
        try:
            bodies.validate(body, schemas.LOGIN, "login")
        except ApiError:
            # The message about a value that does not fit would repeat it.
            raise bare(400, "a login is an object with user and password, and perhaps domain and project") from None
        wanted = Wanted(body["user"], body["password"], body.get("domain") or "Default", body.get("project") or None)
        response.set_header("Cache-Control", "no-store")
        try:
            answers.compact(response, self._login.token(wanted)._asdict())
        except LoginRefused as error:
            raise bare(401, str(error)) from error
        except KeystoneAway as error:
            raise bare(503, str(error)) from error
