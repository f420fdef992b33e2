"""Looks at the configuration: can it be read, does all of it mean something, do its parts agree?"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterator

from oslo_config import cfg

import congress.conf
from congress.cli.doctor import written
from congress.cli.doctor.findings import Finding
from congress.conf import authentication, former, lease, paste, paths
from congress.datasources.secrets import KeyFileUnusable, Secrets
from congress.errors import CongressError
from congress.server import roles

PART = "configuration"


def look(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """Values, names, laws between options, and who may read the files."""
    found = [*_values(conf), *_names(conf), *_former(conf), *_laws(conf), *_files(conf), *_keys(conf)]
    if not found:
        names = ", ".join(map(str, written.files(conf)))
        found = [Finding(PART, "well", names or "no file, defaults only")]
    yield from found


def _values(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    for group, options in congress.conf.list_opts():
        for option in options:
            try:
                (conf if group == "DEFAULT" else conf[group])[option.dest]
            except (ValueError, cfg.Error) as error:
                said = f"option {option.dest} of group {group} cannot be read"
                # What a secret was set to is nobody's business.
                said += "" if option.secret else f": {error}".splitlines()[0]
                yield Finding(PART, "wrong", said, f"write a value as docs/configuration.md says: {option.help}")


def _names(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """Options in groups that we know and that nobody reads, most of them misspelt."""
    for line in written.lines(conf):
        known, dest = _known(conf, line.group), line.name.replace("-", "_")
        if known and dest not in known:
            near = difflib.get_close_matches(dest, known, n=1)
            advice = f"did you mean {near[0]}?" if near else "remove it, or see docs/configuration.md"
            said = f"nobody reads option {line.name} of group {line.group} in {line.file}"
            yield Finding(PART, "attention", said, advice)


def _known(conf: cfg.ConfigOpts, group: str) -> set[str]:
    """The options that a group has, under present and former names; none for a group of another program's."""
    try:
        registered = {name for name in conf if not _is_group(conf, name)} if group == "DEFAULT" else set(conf[group])
    except cfg.NoSuchOptError:
        return set()
    former_names = {
        str(each.name)
        for name, options in congress.conf.list_opts()
        for option in options
        for each in option.deprecated_opts
        if name == group and each.name
    }
    return {name.replace("-", "_") for name in registered | former_names}


def _is_group(conf: cfg.ConfigOpts, name: str) -> bool:
    try:
        return isinstance(conf[name], cfg.ConfigOpts.GroupAttr)
    except (ValueError, cfg.Error):  # an option whose value cannot be read
        return False


def _former(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    for sentence in (*former.warnings(conf), *paste.explain(conf)):
        yield Finding(PART, "attention", sentence, "see docs/migration.md")


def _laws(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    for law in (lease.timing, lease.node_timing, roles.chosen):
        try:
            law(conf)
        except (CongressError, ValueError) as error:
            yield Finding(PART, "wrong", str(error), "a server does not start with this; correct it")
    open_to = paths.bind_host(conf)
    if authentication.strategy(conf) == authentication.NOAUTH and open_to not in ("127.0.0.1", "::1", "localhost"):
        said = f"everybody who can reach {open_to} port {conf.bind_port} may do everything: auth_strategy is noauth"
        yield Finding(PART, "attention", said, "set auth_strategy = keystone, or bind_host = 127.0.0.1")


def _files(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    for name in written.files(conf):
        mode = stat.S_IMODE(name.stat().st_mode)
        if mode & stat.S_IROTH and (conf.database.connection or conf.transport_url):
            said = f"everybody on this machine may read {name}, which holds passwords (mode {mode:o})"
            yield Finding(PART, "attention", said, f"chmod 640 {name}")


def _keys(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    directory = paths.key_dir(conf)
    if not directory.exists():
        return  # the first start makes it; whether somebody needs it is seen with the datasources
    try:
        Secrets(directory, create=False)
    except (KeyFileUnusable, OSError) as error:
        yield Finding(PART, "wrong", str(error), "bring the key file back from the backup, see docs/secrets.md")
