"""The options of the agent: group `agent` says what it reads, group `congress` where it sends it."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from keystoneauth1 import loading
from oslo_config import cfg, types
from oslo_log import log

_FORMER = "cfg_validator"
"""The name of the group in documents of the original."""


def _former(name: str) -> list[cfg.DeprecatedOpt]:
    return [cfg.DeprecatedOpt(name, group=_FORMER)]


AGENT = [
    cfg.StrOpt(
        "host",
        default=socket.gethostname(),
        sample_default="host name",
        deprecated_opts=_former("host"),
        help="The name of this host in the tables.",
    ),
    cfg.StrOpt(
        "version",
        default="",
        deprecated_opts=_former("version"),
        help="The release of the services of this host, such as 2026.1, for policies that tell releases apart.",
    ),
    cfg.IntOpt(
        "max_delay",
        default=10,
        min=0,
        deprecated_opts=_former("max_delay"),
        help="Waits up to so many seconds at the start, by chance, lest all hosts of a cloud send at once.",
    ),
    cfg.Opt(
        "services",
        type=types.Dict(value_type=types.Dict(bounds=True)),
        default={},
        deprecated_opts=_former("services"),
        help="What to read: service: {configuration file: template, ...}, ... A template is the configuration of "
        "oslo-config-generator for the service, which names the namespaces of its options.",
    ),
    cfg.IntOpt("period", default=30, min=1, help="Looks for changed files every so many seconds."),
    cfg.IntOpt(
        "resend_period",
        default=300,
        min=1,
        help="Sends everything every so many seconds, changed or not: so long it takes after a restart of Congress "
        "until the tables are filled again.",
    ),
]
CONGRESS = [
    cfg.URIOpt(
        "endpoint_override",
        schemes=["http", "https"],
        sample_default="found in the service catalog",
        help="Where Congress answers, such as http://controller:1789. Needed unless the agent logs in to Keystone.",
    ),
    cfg.StrOpt("datasource", default="config", help="The name of the datasource with the driver `config`."),
    cfg.StrOpt(
        "datasource_secret",
        secret=True,
        help="The webhook secret of the datasource, for agents that do not log in to Keystone.",
    ),
    cfg.StrOpt("service_type", default="policy", help="The type of Congress in the service catalog."),
]


def register(conf: cfg.ConfigOpts) -> cfg.ConfigOpts:
    """Make the agent's options, and those of the login to Keystone, known to `conf`, and answer `conf`."""
    log.register_options(conf)
    conf.register_opts(AGENT, "agent")
    conf.register_opts(CONGRESS, "congress")
    loading.register_auth_conf_options(conf, "congress")
    loading.register_session_conf_options(conf, "congress")
    return conf


def list_opts() -> list[tuple[str, Sequence[cfg.Opt]]]:
    """The agent's own options, for `oslo-config-generator`."""
    return [("agent", AGENT), ("congress", CONGRESS)]
