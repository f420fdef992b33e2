"""`/v1/bundles`: sets of policies that come, change and go together."""

from __future__ import annotations

import datetime
from typing import Any

import falcon

from congress.api import answers, bodies, etags, paging, previews, queries
from congress.api.errors import bare
from congress.api.ledger import actor
from congress.api.schemas import bundles as schemas
from congress.api.services import Services
from congress.db.bundles import VersionRecord
from congress.policies.bundles import Opened
from congress.policies.bundles.installed import State, Switch

_TYPES = (schemas.ARCHIVE, "application/x-tar")


def shown(state: State) -> dict[str, Any]:
    """A bundle as the API lists it."""
    return {
        "id": state.name,
        "name": state.name,
        "active": state.active,
        "previous": state.before.version if state.before else None,
        "changed_at": _time(state.now.at) if state.now else None,
        "changed_by": state.now.actor if state.now else None,
        "policies": list(state.policies),
        "versions": [_version(state, each) for each in state.versions],
    }


def shown_with_history(state: State) -> dict[str, Any]:
    """A bundle as the API shows it by itself."""
    history = [
        {"revision": each.revision, "what": each.what, "version": each.version, "by": each.actor, "at": _time(each.at)}
        for each in state.history
    ]
    return shown(state) | {"history": history}


def _version(state: State, record: VersionRecord) -> dict[str, Any]:
    before = state.before.version if state.before else None
    named = {state.active: "active", before: "previous"} if before != state.active else {state.active: "active"}
    return {
        "version": record.version,
        "state": named.get(record.version, "stored"),
        "digest": record.digest,
        "signer": record.signer,
        "size": record.size,
        "uploaded_at": _time(record.at),
        "uploaded_by": record.actor,
    }


def _content(state: State, record: VersionRecord, opened: Opened) -> dict[str, Any]:
    bundle = opened.bundle
    return {
        "id": record.version,
        "bundle": record.bundle,
        **_version(state, record),
        "description": bundle.description,
        "signers": [each.key for each in opened.signatures],
        "policies": [policy.to_data() for policy in bundle.policies],
        "tests": sorted(bundle.tests),
        "datasources": {name: dict(tables) for name, tables in bundle.datasources.items()},
    }


def _time(at: datetime.datetime) -> str:
    return at.replace(tzinfo=datetime.UTC).isoformat()


class Bundles:
    """The collection."""

    def __init__(self, services: Services) -> None:
        self._bundles = services.bundles

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        paging.listing(request, response, [shown(each) for each in self._bundles.bundles()], schemas.FILTERS)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        if kind not in _TYPES:
            raise bare(400, f"Unsupported Content-Type; send the archive as '{schemas.ARCHIVE}'")
        data = request.bounded_stream.read(self._bundles.limits.size + 1)
        state, record, is_new = self._bundles.upload(data, actor(request))
        item = shown(state) | {"uploaded": record.version}
        if is_new:
            answers.created(request, response, item, state.name)
        else:
            answers.compact(response, item)


class Bundle:
    """One bundle."""

    def __init__(self, services: Services) -> None:
        self._bundles = services.bundles

    def on_get(self, request: falcon.Request, response: falcon.Response, bundle: str) -> None:
        etags.answer(request, response, shown_with_history(self._bundles.bundle(bundle)))

    def on_delete(self, request: falcon.Request, response: falcon.Response, bundle: str) -> None:
        state = self._bundles.delete(bundle, check=lambda found: etags.require(request, shown_with_history(found)))
        answers.compact(response, shown_with_history(state))


class Version:
    """One version of a bundle."""

    def __init__(self, services: Services) -> None:
        self._bundles = services.bundles

    def on_get(self, _request: falcon.Request, response: falcon.Response, bundle: str, version: str) -> None:
        answers.compact(response, _content(*self._bundles.version(bundle, version)))

    def on_delete(self, request: falcon.Request, response: falcon.Response, bundle: str, version: str) -> None:
        state = self._bundles.delete(bundle, version, lambda found: etags.require(request, shown_with_history(found)))
        answers.compact(response, shown_with_history(state))


class _Switching:
    """What changes the active version, or shows what that would do."""

    def __init__(self, services: Services) -> None:
        self._bundles = services.bundles

    def _answer(self, request: falcon.Request, response: falcon.Response, switch: Switch) -> None:
        etags.require(request, shown_with_history(switch.state))
        if queries.switched_on(request, "preview"):
            answers.compact(response, previews.shown(self._bundles.preview(switch)))
        else:
            etags.answer(request, response, shown_with_history(self._bundles.make(switch)))


class Activation(_Switching):
    """Makes a version active."""

    def on_post(self, request: falcon.Request, response: falcon.Response, bundle: str, version: str) -> None:
        body = bodies.read(request) if request.content_length else None
        asked = bodies.validate(body, schemas.ACTIVATION, "activation") or {}
        switch = self._bundles.activation(bundle, version, actor(request), asked.get("enforcement"))
        self._answer(request, response, switch)


class Rollback(_Switching):
    """Makes the version active that was so before."""

    def on_post(self, request: falcon.Request, response: falcon.Response, bundle: str) -> None:
        self._answer(request, response, self._bundles.rollback(bundle, actor(request)))


class Deactivation(_Switching):
    """Makes no version active."""

    def on_post(self, request: falcon.Request, response: falcon.Response, bundle: str) -> None:
        self._answer(request, response, self._bundles.deactivation(bundle, actor(request)))
