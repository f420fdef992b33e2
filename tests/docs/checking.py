"""What each language of a block means for its check, where no test runs the block with its page."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import entry_points
from typing import Any

import yaml
from keystoneauth1.loading import get_auth_common_conf_options, get_plugin_options

from congress.datalog import parse, print_statement
from congress.datasources.registry import drivers
from congress.engine.workspace import Transaction, Workspace

SHELL = frozenset({"console", "sh"})
"""Languages that only a test of the page can check, since only it knows what is there before the first command."""
SHOWN = frozenset({"text", "http", "sql", "lua", "lisp", "apache", "systemd"})
"""Languages of what is shown and is nothing of ours: output, drawings, files of other programs."""
LIBRARIES = {
    *("congress", "congress-agent", "keystonemiddleware.auth_token", "oslo.db", "oslo.log", "oslo.messaging"),
    *("oslo.middleware.cors", "oslo.middleware.http_proxy_to_wsgi", "oslo.policy"),
}
"""Who reads congress.conf, by the names of entry points for oslo-config-generator."""


def datalog(text: str) -> None:
    """Statements that the engine takes over the tables of all drivers; tables of other datasources may have any."""
    statements = [print_statement(each) for each in parse(text).statements]
    kind = "action" if re.search(r"(?m)^\w+[+-]\(", text) else "nonrecursive"
    with page_with_drivers(kind) as change:
        change.insert_rules("page", statements, wait_for_schema=True)


@contextmanager
def page_with_drivers(kind: str = "nonrecursive") -> Iterator[Transaction]:
    """A change in a workspace with an empty policy `page`, and a datasource for each driver, under its name."""
    with Workspace().transaction() as change:
        change.create_policy("page", kind=kind)
        for name, driver in drivers().items():
            tables = driver.tables()
            change.set_datasource(name, {table: [column.name for column in tables[table]] for table in tables})
        yield change


def as_json(text: str) -> None:
    """JSON in which `…` stands for what is left out."""
    whole = re.sub(r"([{\[])\s*…\s*(?=[}\]])", r"\1", text)
    json.loads(re.sub(r",\s*…(?=\s*[}\]])", "", whole))


def as_yaml(text: str) -> None:
    yaml.safe_load(text)


def as_toml(text: str) -> None:
    tomllib.loads(text)


def ini(text: str) -> None:
    """A piece of congress.conf: every group and option is one that the service, or a library in it, reads."""
    read = configparser.ConfigParser(interpolation=None, strict=False, default_section="")
    read.read_string(text)
    known = _options()
    for group in read.sections():
        unknown = set(read[group]) - known[group]
        assert not unknown, f"[{group}] has no options {sorted(unknown)}"


@cache
def _options() -> Mapping[str, set[str]]:
    """Group -> its options, with the words that keystoneauth takes for a login by password."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in entry_points(group="oslo.config.opts"):
        if entry.name in LIBRARIES:
            for group, options in entry.load()():
                found[str(getattr(group, "name", group) or "DEFAULT")] |= {option.dest for option in options}
    for group in ("keystone_authtoken", "congress"):
        found[group] |= {option.dest for option in (*get_auth_common_conf_options(), *get_plugin_options("password"))}
    return found


def python(text: str, known: dict[str, Any]) -> None:
    """Code that runs after that of the blocks before it on its page."""
    exec(compile(text, "<page>", "exec"), known)  # noqa: S102 - our own pages


CHECKS: dict[str, Callable[[str], None]] = {
    "datalog": datalog,
    "json": as_json,
    "yaml": as_yaml,
    "toml": as_toml,
    "ini": ini,
}
