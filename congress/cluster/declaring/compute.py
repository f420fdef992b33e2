"""What nova's parts on controllers and on compute nodes have in common."""

from __future__ import annotations

from congress.cluster.declaring.access import (
    broker_account,
    broker_settings,
    cache_settings,
    client_settings,
    database,
    database_settings,
    notification_settings,
    token_settings,
)
from congress.cluster.declaring.settings import Settings, merged
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Site

DATABASE, API_DATABASE, CELL0 = database("nova"), database("nova", "nova_api"), database("nova", "nova_cell0")
BROKER = broker_account("nova")
METADATA_PORT = 8775
METADATA_SECRET = "neutron-metadata"  # noqa: S105 - the name of a secret


def nova_settings(site: Site, node: str) -> Settings:
    """nova.conf on controllers."""
    return merged(
        on_all_hosts(site, node),
        {
            "DEFAULT": {"enabled_apis": "osapi_compute,metadata", "metadata_workers": 2},
            "api": {"auth_strategy": "keystone"},
            "oslo_middleware": {"enable_proxy_headers_parsing": True},
            "neutron": {
                "service_metadata_proxy": True,
                "metadata_proxy_shared_secret": mark(METADATA_SECRET),
            },
        },
        database_settings(site, DATABASE),
        {
            "api_database": {
                "connection": site.database_url(API_DATABASE),
                "max_retries": -1,
                "connection_recycle_time": 600,
            }
        },
        token_settings(site, "nova"),
    )


def on_all_hosts(site: Site, node: str) -> Settings:
    """What a compute node needs too; it has no account of the database."""
    return merged(
        {
            "DEFAULT": {"log_dir": "/var/log/nova", "state_path": "/var/lib/nova", "my_ip": site.address(node)},
            "oslo_concurrency": {"lock_path": "/var/lib/nova/tmp"},
            "glance": {"api_servers": site.endpoint("glance", 9292)},
            "service_user": {"send_service_user_token": True},
        },
        broker_settings(site, BROKER),
        notification_settings(site),
        cache_settings(site),
        client_settings(site, "nova", "placement"),
        client_settings(site, "nova", "neutron"),
        client_settings(site, "nova", "service_user", None),
        client_settings(site, "nova", "cinder", "os_region_name") if site.has("cinder") else {},
    )
