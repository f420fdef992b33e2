"""Swift's proxy on each node, and the expirer on one, which deletes what has come to its end."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running, swift
from congress.cluster.declaring.access import token_settings
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.settings import Settings, private_file
from congress.cluster.services.contract import Check, Declaration, Listener, Mode, Port, Service, Site

PORT = 8080
_PIPELINE = (
    "catch_errors gatekeeper healthcheck proxy-logging cache listing_formats container_sync bulk tempurl ratelimit "
    "authtoken keystoneauth copy container-quotas account-quotas slo dlo versioned_writes proxy-logging proxy-server"
)


class Options(pydantic.BaseModel):
    """Processes, and how much the expirer does at a time."""

    model_config = pydantic.ConfigDict(extra="forbid")

    workers: int = pydantic.Field(4, ge=1, description="Processes of the proxy on each node.")
    expirer_concurrency: int = pydantic.Field(100, ge=1, description="Objects that the expirer deletes at a time.")


class SwiftProxy(Service):
    """Proxies know from the rings where things are, and ask the others when a storage node is silent."""

    name = "swift-proxy"
    title = "Object storage, its API (swift proxy)"
    mode = Mode.ACTIVE_PASSIVE
    needs: ClassVar = ("loadbalancer", "memcached", "keystone", "swift-storage")
    after: ClassVar = ("keystone", "swift-storage")
    default_address = "swift"
    entry: ClassVar = ("swift-proxy-clone", "swift-object-expirer")
    exit: ClassVar = (("swift-proxy-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        proxy = running.everywhere(running.unit("swift-proxy"))
        expirer = running.unit("swift-object-expirer")
        readers = ("swift-proxy", "swift-object-expirer")
        url = site.endpoint("swift-proxy", PORT, path="/v1/AUTH_%(project_id)s")
        return Declaration(
            packages=("swift-proxy", "swift-object-expirer", "python3-memcache", "curl"),
            files=(
                *swift.shared_files(site, readers),
                *(
                    private_file(
                        "/etc/swift/proxy-server.conf", _proxy(site, node, options), "swift", ("swift-proxy",), node
                    )
                    for node in site.nodes
                ),
                private_file(
                    "/etc/swift/object-expirer.conf", _expirer(site, options), "swift", ("swift-object-expirer",)
                ),
                *registration(site, "swift", (Entry("object-store", "swift", url),)),
            ),
            ports=(Port(PORT, "internal", "swift-proxy"),),
            once=(swift.making_rings("swift-proxy"), registering("swift")),
            units=(running.packaged("swift-proxy", "swift"), running.packaged("swift-object-expirer", "swift")),
            resources=(proxy, expirer),
            constraints=running.loosely(proxy.id, expirer.id),
            listeners=(
                Listener(
                    "swift-proxy",
                    "swift",
                    PORT,
                    PORT,
                    Check(http="/healthcheck"),
                    client_timeout=300.0,
                    server_timeout=300.0,
                ),
            ),
            health=running.http_health(
                f"http://$(sed -n 's/^bind_ip = //p' /etc/swift/proxy-server.conf):{PORT}/healthcheck"
            ),
        )


def _cache(site: Site) -> dict[str, str]:
    return {"use": "egg:swift#memcache", "memcache_servers": site.caches()}


def _proxy(site: Site, node: str, options: Options) -> Settings:
    token = token_settings(site, "swift")["keystone_authtoken"]
    return {
        "DEFAULT": {
            "bind_ip": site.address(node),
            "bind_port": PORT,
            "workers": options.workers,
            "user": "swift",
            "swift_dir": "/etc/swift",
        },
        "pipeline:main": {"pipeline": _PIPELINE},
        "app:proxy-server": {"use": "egg:swift#proxy", "account_autocreate": True},
        "filter:authtoken": {
            "paste.filter_factory": "keystonemiddleware.auth_token:filter_factory",
            **token,
            "delay_auth_decision": True,
        },
        "filter:keystoneauth": {"use": "egg:swift#keystoneauth", "operator_roles": "admin, member"},
        "filter:cache": _cache(site),
        **{f"filter:{name}": {"use": f"egg:swift#{egg}"} for name, egg in _FILTERS.items()},
    }


_FILTERS = {
    "catch_errors": "catch_errors",
    "gatekeeper": "gatekeeper",
    "healthcheck": "healthcheck",
    "proxy-logging": "proxy_logging",
    "listing_formats": "listing_formats",
    "container_sync": "container_sync",
    "bulk": "bulk",
    "tempurl": "tempurl",
    "ratelimit": "ratelimit",
    "copy": "copy",
    "container-quotas": "container_quotas",
    "account-quotas": "account_quotas",
    "slo": "slo",
    "dlo": "dlo",
    "versioned_writes": "versioned_writes",
}


def _expirer(site: Site, options: Options) -> Settings:
    return {
        "DEFAULT": {"user": "swift", "swift_dir": "/etc/swift"},
        "object-expirer": {"interval": 300, "concurrency": options.expirer_concurrency},
        "pipeline:main": {"pipeline": "catch_errors proxy-logging cache proxy-server"},
        "app:proxy-server": {"use": "egg:swift#proxy"},
        "filter:cache": _cache(site),
        "filter:catch_errors": {"use": "egg:swift#catch_errors"},
        "filter:proxy-logging": {"use": "egg:swift#proxy_logging"},
    }
