"""Prints the page of all our options: `python -m congress.conf.reference > docs/configuration.md`."""

from __future__ import annotations

from collections.abc import Iterator

from oslo_config import cfg

from congress.conf import default, list_opts
from congress.conf.former import FORMER

_HEAD = """# Configuration

`congress-server` works without any configuration: it keeps a SQLite file in its state directory, listens on this
machine only, and plays all roles. Options stand in a file that `--config-file` names, or in `congress.conf` in
`~/.congress`, `~`, `/etc/congress` or `/etc`. Those marked *command line* can be given there too.

SIGHUP makes the server read its files again; of the options below none can change while it runs, of the libraries'
options the log level can (`debug`).

Callers need a token of Keystone as soon as there is a configuration file, unless it says `auth_strategy = noauth`;
[authentication](authentication.md) tells how to set it up. Without authentication everybody who can reach the port may
do everything. Therefore the server then listens on 127.0.0.1 unless `bind_host` says otherwise, and warns when it does.

Beside these there are the options of the libraries: group `database` of oslo.db (`connection`, `max_pool_size`,
`max_overflow`, `pool_timeout`), oslo.log's in `DEFAULT`, group `keystone_authtoken` of keystonemiddleware, group
`oslo_policy` of oslo.policy (`policy_file`, `policy_dirs`), group `cors` and group `oslo_middleware`
(`enable_proxy_headers_parsing`) of oslo.middleware. `connection` defaults to a SQLite file in the state directory,
which is brought up to date at each start; another database is brought up to date with
`congress-db-manage upgrade head`.

`etc/congress.conf.sample` shows all of them, also those of the libraries, with their defaults; `tox -egenconfig` or
`make docs` write it.

This page is written by `python -m congress.conf.reference`.
"""

_FORMER_HEAD = """
## Options of the original that have no effect

A configuration file of the original can be used as it is ([move from Congress](migration.md)). These options are
accepted; those that are set are named once in the log at start, and by `congress-status upgrade check`.
"""


def page() -> str:
    """The page, in Markdown."""
    groups: dict[str, list[cfg.Opt]] = {}
    for group, options in list_opts():
        groups.setdefault(group, []).extend(options)
    return _HEAD + "".join(_group(name, options) for name, options in groups.items()) + _former()


def _former() -> str:
    rows = "".join(f"| `{one.group}` | `{one.option.name}` | {one.advice} |\n" for one in FORMER)
    return f"{_FORMER_HEAD}\n| group | option | why, and what to do |\n|---|---|---|\n{rows}"


def _group(name: str, options: list[cfg.Opt]) -> str:
    rows = "".join(_row(option) for option in sorted(options, key=lambda option: str(option.dest)))
    return f"\n## [{name}]\n\n| option | default | meaning |\n|---|---|---|\n{rows}"


def _row(option: cfg.Opt) -> str:
    return f"| `{option.dest}` | {_default(option)} | {' '.join(_meaning(option))} |\n"


def _default(option: cfg.Opt) -> str:
    if option.sample_default is not None:
        return str(option.sample_default)
    if option.default in (None, [], ""):
        return "none"
    value = ",".join(option.default) if isinstance(option.default, list) else option.default
    return f"`{value}`"


def _meaning(option: cfg.Opt) -> Iterator[str]:
    yield str(option.help).replace("|", "\\|")
    choices = getattr(option.type, "choices", None)
    if choices:
        yield "; ".join(f"`{name}`: {text}" for name, text in choices.items()) + "."
    if _on_command_line(option):
        yield f"*Command line: `--{str(option.name).replace('_', '-')}`.*"


def _on_command_line(option: cfg.Opt) -> bool:
    return option in default.CLI_OPTIONS or option in default.ROLES


if __name__ == "__main__":
    print(page(), end="")
