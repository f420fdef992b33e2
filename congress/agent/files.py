"""A host's configuration as one report: which options there are, and which values its files give them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oslo_config import cfg, iniparser

from congress.agent import namespaces
from congress.agent.namespaces import MASK, Declared, Namespace
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
Sections = dict[str, dict[str, list[str]]]


class FileUnreadable(CongressError):
    """A file is not there, or is no configuration file; the text says where, and never what stands there."""


def report(host: str, version: str, services: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Everything about a host, for the driver `config`. Files that cannot be read are left out, and logged.

    {host, version, namespaces: {name: {module, base_dir, options: [...]}},
     files: [{service, file, template, namespaces: [name], values: [[namespace, group, option, value]]}]}
    """
    known: dict[str, Namespace | None] = {}
    files = []
    for service, templates in services.items():
        for file, template in templates.items():
            try:
                names, sections = template_namespaces(template), parse(file)
            except FileUnreadable as error:
                LOG.error("%s of service %s is left out: %s", file, service, error)
                continue
            for name in names:
                if name not in known:
                    known[name] = namespaces.load(name)
            found = [one for name in names if (one := known[name]) is not None]
            values = [[one.name, *value] for one in found for value in bindings(one.options, file, sections)]
            files.append(
                {
                    "service": service,
                    "file": file,
                    "template": template,
                    "namespaces": [one.name for one in found],
                    "values": values,
                }
            )
    described = {
        one.name: {
            "module": one.module,
            "base_dir": one.base_dir,
            "options": [namespaces.described(declared) for declared in one.options],
        }
        for one in known.values()
        if one is not None
    }
    return {"host": host, "version": version, "namespaces": described, "files": files}


def template_namespaces(template: str) -> list[str]:
    """The namespaces that a configuration of oslo-config-generator names. Raises FileUnreadable."""
    return list(dict.fromkeys(parse(template).get("DEFAULT", {}).get("namespace", [])))


def parse(file: str) -> Sections:
    """Section -> option -> values as they are written. Raises FileUnreadable."""
    sections: Sections = {}
    try:
        cfg.ConfigParser(file, sections).parse()
    except iniparser.ParseError as error:  # its own text repeats the line, which may be a password
        raise FileUnreadable(f"{file}, line {error.lineno}: {error.msg}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(f"{file} cannot be read: {error.__class__.__name__}") from error
    return sections


def bindings(options: Sequence[Declared], file: str, sections: Sections) -> Iterator[tuple[str, str, Any]]:
    """(group, option, value) of those options that the file sets; a value that is not of its type stays text."""
    conf = _typed(options, file)
    for declared in options:
        written = _written(declared, sections)
        if written is None:
            continue
        option = declared.option
        if option.secret:
            yield declared.group, option.dest, MASK
        elif option.multi:
            yield from ((declared.group, option.dest, value) for value in written)
        else:
            yield declared.group, option.dest, _value(conf, declared, written[-1])


def _typed(options: Sequence[Declared], file: str) -> cfg.ConfigOpts:
    conf = cfg.ConfigOpts()
    # Parsed before the options are known, since a file that lacks a required one is to be reported all the same.
    conf([], default_config_files=[file], default_config_dirs=[], use_env=False)
    for group, option in options:
        try:
            conf.register_opt(option, None if group == "DEFAULT" else group)
        except cfg.DuplicateOptError:  # two namespaces declare it differently; the first one counts
            LOG.debug("option %s of group %s is declared twice", option.dest, group)
    return conf


def _value(conf: cfg.ConfigOpts, declared: Declared, written: str) -> Any:
    """The value with its type and with `$other` replaced; as it is written when that does not work, or when it is a
    list or dictionary."""
    try:
        group = conf if declared.group == "DEFAULT" else conf[declared.group]
        found = group[declared.option.dest]
    except (cfg.Error, ValueError, KeyError):
        return written
    return namespaces.cell(found) if isinstance(found, bool | int | float | str) else written


def _written(declared: Declared, sections: Sections) -> list[str] | None:
    """The values under any name that the option has or had."""
    option = declared.option
    places = [(declared.group, option.name), (declared.group, option.dest)]
    places += [(former.group or declared.group, former.name or option.dest) for former in option.deprecated_opts]
    for group, name in places:
        for spelling in (name, name.replace("-", "_")):
            values = sections.get(group, {}).get(spelling)
            if values is not None:
                return values
    return None
