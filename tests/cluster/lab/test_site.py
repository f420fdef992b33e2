from __future__ import annotations

from pathlib import Path

from congress.cluster.compose import compose
from congress.cluster.lab.site import Link, Site, from_json, of_deployment
from congress.cluster.model.loading import load
from congress.cluster.services.registry import services


def test_nodes_have_the_interfaces_of_the_description_and_clients_an_address_of_nobody() -> None:
    site = of_deployment(compose(load(Path("examples/small.yaml")), services()), boot_seconds=3.0)

    assert site.links["node2"] == (Link("internal", "eth0", "10.0.0.12/24"),)
    assert site.clients == {"internal": "10.0.0.254/24"}


def test_every_network_has_clients() -> None:
    site = of_deployment(compose(load(Path("examples/collapsed.yaml")), services()), boot_seconds=3.0)

    networks = {link.network for links in site.links.values() for link in links}
    assert networks == set(site.clients)
    addresses = {link.address for links in site.links.values() for link in links}
    assert not addresses & set(site.clients.values())


def test_the_switch_reads_what_was_written() -> None:
    site = Site({"a": (Link("internal", "eth0", "10.9.0.1/24"),)}, {"internal": "10.9.0.254/24"}, 1.5, ("/opt",))

    assert from_json(site.to_json()) == site
