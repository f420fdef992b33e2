"""A node without an API tells its health without being told where; others only where the configuration says."""

from __future__ import annotations

import pytest
from oslo_config import cfg

import congress.conf
from congress.conf import healthcheck


def port(*roles: str, configured: int | None = None) -> int:
    conf = congress.conf.register(cfg.ConfigOpts())
    conf(list(roles), project="congress", default_config_files=[])
    if configured is not None:
        conf.set_override("port", configured, group="healthcheck")
    return healthcheck.port(conf)


def test_datasources_alone_answer_where_the_cluster_s_agent_asks() -> None:
    assert port("--datasources") == port("--datasources", "--policy-engine") == 1790


@pytest.mark.parametrize("roles", [(), ("--api",), ("--api", "--datasources"), ("--api", "--policy-engine")])
def test_where_an_api_answers_there_is_no_other_socket_by_default(roles: tuple[str, ...]) -> None:
    assert port(*roles) == 0


def test_a_configured_port_counts_and_nought_is_none() -> None:
    assert port("--datasources", configured=0) == 0
    assert port("--datasources", configured=8790) == port("--api", configured=8790) == 8790
