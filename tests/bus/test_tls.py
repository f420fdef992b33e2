"""The bus over TLS, as the guide to high availability says it is set up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from congress.bus import oslo
from congress.bus.contract import BusTimeout
from congress.bus.messaging import MessagingBus
from tests.authority import Authority
from tests.rabbitmq import Rabbit
from tests.waiting import until


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Rabbit]:
    found = Rabbit(authority=Authority(tmp_path))
    try:
        yield found.start()
    finally:
        found.stop()


def bus(broker: Rabbit, node: str, authority: Path) -> MessagingBus:
    settings = authority.with_suffix(".conf")
    settings.write_text(f"[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = {authority}\n")
    found = MessagingBus(
        oslo.transport(broker.transport_url, node, authority.parent, files=[str(settings)]), node, "tls"
    )
    found.start()
    return found


def test_nodes_that_trust_the_broker_hear_each_other_and_others_do_not(
    broker: Rabbit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert broker.authority is not None
    (tmp_path / "other").mkdir()
    a, b = (bus(broker, name, broker.authority.file) for name in "ab")
    stranger = bus(broker, "c", Authority(tmp_path / "other").file)
    try:
        b.serve({"who": lambda _arguments: "b"})
        until(lambda: a.connected and b.connected)
        assert a.call("b", "who", {}, 5) == "b"
        until(lambda: "certificate verify failed" in caplog.text)
        assert not stranger.connected
        with pytest.raises(BusTimeout):
            stranger.call("b", "who", {}, 1)
    finally:
        for each in (a, b, stranger):
            each.stop()
