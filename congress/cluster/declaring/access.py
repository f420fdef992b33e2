"""How the services of OpenStack reach the database, the bus, the caches and keystone: the same options in each."""

from __future__ import annotations

from congress.cluster.declaring.settings import Settings, Value
from congress.cluster.secrets import mark
from congress.cluster.services.contract import BrokerAccount, Database, Site

REGION = "RegionOne"
SERVICE_PROJECT = "service"
KEYSTONE_PORT = 5000
CACHE_ANSWERS, DEAD_CACHE_RETRIED = 1, 30
"""Seconds that a cache may take, and for which one that took longer is left alone: who asks the cache of a node that is
off waits so long first, in each of the services that a request goes through."""


def database(name: str, schema: str | None = None) -> Database:
    """A service's schema and account."""
    return Database(schema or name, name, f"{name}-database")


def broker_account(name: str) -> BrokerAccount:
    """A service's account of the message bus."""
    return BrokerAccount(name, f"{name}-broker")


def database_settings(site: Site, wanted: Database, section: str = "database") -> Settings:
    """Through the database's address. Connections are tried for ever, and given up before the proxy gives them up."""
    return {
        section: {
            "connection": site.database_url(wanted),
            "max_retries": -1,
            "db_max_retries": -1,
            "connection_recycle_time": 600,
        }
    }


def broker_settings(site: Site, account: BrokerAccount) -> Settings:
    """All members of the bus, quorum queues, and heartbeats that find a silent member."""
    return {
        "DEFAULT": {"transport_url": site.broker_url(account.name, account.password, account.virtual_host)},
        "oslo_messaging_rabbit": {
            "rabbit_quorum_queue": True,
            "amqp_durable_queues": True,
            "heartbeat_timeout_threshold": 60,
            "heartbeat_rate": 3,
            "kombu_reconnect_delay": 0.5,
        },
    }


def notification_settings(site: Site) -> Settings:
    """Notifications are sent where somebody takes them; a queue that nobody reads would grow."""
    return {"oslo_messaging_notifications": {"driver": "messagingv2" if site.has("ceilometer") else "noop"}}


def cache_settings(site: Site) -> Settings:
    """oslo.cache over all memcached nodes. This backend goes on without one that is gone."""
    if not site.caches():
        return {"cache": {"enabled": False}}
    return {
        "cache": {
            "enabled": True,
            "backend": "oslo_cache.memcache_pool",
            "memcache_servers": site.caches(),
            "memcache_dead_retry": DEAD_CACHE_RETRIED,
            "memcache_socket_timeout": CACHE_ANSWERS,
        }
    }


def _password_options(site: Site, name: str) -> dict[str, Value]:
    trusted: dict[str, Value] = {"cafile": site.authority} if site.authority else {}
    return {
        "auth_type": "password",
        "auth_url": site.endpoint("keystone", KEYSTONE_PORT, path="/v3"),
        "username": name,
        "password": mark(f"{name}-keystone"),
        "user_domain_name": "Default",
        "project_name": SERVICE_PROJECT,
        "project_domain_name": "Default",
        **trusted,
    }


def token_settings(site: Site, name: str) -> Settings:
    """[keystone_authtoken]: how a service judges the tokens of its callers."""
    options: dict[str, Value] = {
        **_password_options(site, name),
        "www_authenticate_uri": site.endpoint("keystone", KEYSTONE_PORT, path="/v3"),
        "region_name": REGION,
        "service_token_roles_required": True,
    }
    if site.caches():
        options |= {
            "memcached_servers": site.caches(),
            "memcache_pool_dead_retry": DEAD_CACHE_RETRIED,
            "memcache_pool_socket_timeout": CACHE_ANSWERS,
        }
    return {"keystone_authtoken": options}


def client_settings(site: Site, name: str, section: str, region: str | None = "region_name") -> Settings:
    """A section by which a service speaks to others as itself. `region`: what the section calls the region, if it
    knows one."""
    where: dict[str, Value] = {region: REGION} if region else {}
    return {section: {**_password_options(site, name), **where}}
