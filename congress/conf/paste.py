"""Reads an `api-paste.ini` of the original Congress to say what became of it: nothing here is put together by Paste."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path

from oslo_config import cfg

GROUP = "DEFAULT"
OPTIONS = [
    cfg.StrOpt(
        "api_paste_config",
        default="api-paste.ini",
        help="A file of the original that put its API together. Here that is done in code; if the file is found beside "
        "the configuration, the log says once what became of its parts.",
    )
]

IN_CODE = {
    "cors": "group `cors`",
    "http_proxy_to_wsgi": "`enable_proxy_headers_parsing` in group `oslo_middleware`",
    "request_id": "always on",
    "catch_errors": "always on",
    "authtoken": "`auth_strategy` and group `keystone_authtoken`",
    "keystonecontext": "`auth_strategy`",
}
"""The original's filters, all of them part of the program now, and what governs them."""

_FACTORIES = {
    "cors": ("oslo_middleware",),
    "http_proxy_to_wsgi": ("oslo_middleware", "oslo.middleware"),
    "request_id": ("oslo_middleware", "oslo.middleware"),
    "catch_errors": ("oslo_middleware", "oslo.middleware"),
    "authtoken": ("keystonemiddleware",),
    "keystonecontext": ("congress.auth",),
}
_ORIGINAL_SETTINGS = {"paste.filter_factory", "oslo_config_project"}


def explain(conf: cfg.ConfigOpts) -> list[str]:
    """Sentences for the log on the file that `api_paste_config` names; none when there is no such file."""
    file = _find(conf)
    if file is None:
        return []
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error) as error:
        return [f"{file} is not needed and not used (it cannot be read either: {error})"]
    filters = [section.partition(":")[2] for section in parser.sections() if section.startswith("filter:")]
    known = [f"{name} ({IN_CODE[name]})" for name in filters if name in IN_CODE]
    said = [f"{file} is not needed and not used: the API is put together in code"]
    if known:
        said.append(f"its filters are part of the program now: {', '.join(known)}")
    changed = list(_changed(parser))
    if changed:
        said.append(
            f"what was changed in it has no effect: {', '.join(changed)}; put foreign filters into the web server or "
            "proxy before Congress, and settings into congress.conf"
        )
    return said


def _find(conf: cfg.ConfigOpts) -> Path | None:
    name = str(conf.api_paste_config)
    for file in conf.config_file or []:
        beside = Path(file).parent / name
        if beside.is_file():
            return beside
    located = conf.find_file(name)
    return Path(located) if located else None


def _changed(parser: configparser.ConfigParser) -> Iterator[str]:
    """Applications and filters that the original's file did not have, and settings that were added to its filters."""
    for section in parser.sections():
        kind, _, name = section.partition(":")
        if kind == "app" and not parser.get(section, "paste.app_factory", fallback="").startswith("congress."):
            yield f"application {name}"
        elif kind != "filter":
            continue
        elif name not in IN_CODE:
            yield f"filter {name}"
        elif not parser.get(section, "paste.filter_factory", fallback="").startswith(_FACTORIES[name]):
            yield f"another factory for filter {name}"
        else:
            added = [key for key in parser[section] if key not in _ORIGINAL_SETTINGS and key not in parser.defaults()]
            yield from (f"{key} of filter {name}" for key in added)
