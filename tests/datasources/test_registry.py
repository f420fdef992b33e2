"""Which drivers are offered."""

import pytest

from congress.datasources.pushed import PushDriver
from congress.datasources.registry import BadDriverEndpoint, drivers


def test_the_shipped_drivers_are_offered_under_their_ids():
    found = drivers()
    assert {"cinder", "fake_datasource", "glancev2", "keystonev3", "neutronv2", "nova", "push"} <= set(found)
    assert all(driver.id == name for name, driver in found.items())


def test_a_disabled_driver_is_hidden():
    assert "nova" not in drivers(disabled=["nova", "never-heard-of"])


def test_a_custom_driver_joins_under_its_name():
    assert drivers(custom=["mine=congress.datasources.pushed:PushDriver"])["mine"] is PushDriver


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("mine", "not of the form name=module:Class"),
        ("mine=module", "not of the form"),
        ("mine=no.such.module:Class", "cannot be loaded: No module named"),
        ("mine=congress.datasources.pushed:Nothing", "cannot be loaded"),
        ("mine=congress.datasources.pushed:LOG", "not a subclass of"),
    ],
)
def test_a_custom_driver_that_is_none_is_an_error(endpoint, message):
    with pytest.raises(BadDriverEndpoint, match=message):
        drivers(custom=[endpoint])


class Broken:
    """An installed entry point whose module makes a mistake."""

    name, value = "broken", "broken:Driver"

    def load(self):
        raise TypeError("a mistake")


def test_an_installed_driver_with_a_mistake_is_left_out(monkeypatch, caplog):
    monkeypatch.setattr("congress.datasources.registry.entry_points", lambda group: [Broken()])
    assert drivers() == {}
    assert "driver broken (broken:Driver) is not available: a mistake" in caplog.text
