"""Times that contradict each other are refused, with the law that they break."""

from __future__ import annotations

import pytest
from oslo_config import cfg

import congress.conf
from congress.conf import lease


def configured(**values: float) -> cfg.ConfigOpts:
    conf = congress.conf.register(cfg.ConfigOpts())
    conf([], project="congress", default_config_files=[])
    for name, value in values.items():
        conf.set_override(name, value, group="lease")
    return conf


def test_the_defaults_are_in_order() -> None:
    assert lease.timing(configured()) == lease.Timing(10.0, 2.0, 2.0)
    assert lease.timing(configured()).valid == 8.0
    assert lease.node_timing(configured()).duration == 5.0


@pytest.mark.parametrize(
    ("values", "law"),
    [
        ({"renew": 4.0}, "not less than a third"),
        ({"duration": 6.0}, "not less than a third"),
        ({"margin": 0.5}, "less than a tenth"),
        ({"margin": 6.5}, "two renewals that fail"),
    ],
)
def test_a_lease_that_could_flap_or_be_held_twice_is_refused(values: dict[str, float], law: str) -> None:
    with pytest.raises(lease.TimingInvalid, match=law):
        lease.timing(configured(**values))


def test_processes_that_are_only_slow_are_not_taken_for_gone() -> None:
    with pytest.raises(lease.TimingInvalid, match="three times node_refresh"):
        lease.node_timing(configured(node_timeout=2.0))
