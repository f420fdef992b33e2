"""What the configuration files of the services say: pure, from the addresses of a cloud to sections of options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from tests import canaries

Sections: TypeAlias = Mapping[str, Mapping[str, Any]]

PASSWORD = f"{canaries.MARK}of-the-cloud"
REGION = "RegionOne"
HOSTS = ("compute-1", "compute-2", "compute-3")
"""Hosts that may have a hypervisor; a cloud uses the first ones. The first one also has everything else."""


class Endpoint(NamedTuple):
    """A service of the catalog: type, name, and the path behind host and port."""

    type: str
    name: str
    path: str = ""


ENDPOINTS = (
    Endpoint("identity", "keystone", "/v3"),
    Endpoint("placement", "placement"),
    Endpoint("image", "glance"),
    Endpoint("compute", "nova", "/v2.1"),
    Endpoint("network", "neutron"),
    Endpoint("block-storage", "cinder", "/v3"),
    Endpoint("orchestration", "heat", "/v1/%(tenant_id)s"),
    Endpoint("alarm", "aodh"),
    Endpoint("object-store", "swift", "/v1/AUTH_%(tenant_id)s"),
)
DATABASES = ("keystone", "placement", "glance", "nova_api", "nova_cell0", "nova", "neutron", "cinder", "heat", "aodh")


@dataclass(frozen=True)
class Layout:
    """Where the parts of one cloud are. `ports`: of the APIs by name; `database`: URL with `{name}` for its name."""

    place: Path
    installed: Path
    ports: Mapping[str, int]
    database: str
    transport: str

    def url(self, service: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.ports[service]}{path}"

    def file(self, service: str) -> Path:
        """The configuration file of a service."""
        return self.place / service / ("glance-api.conf" if service == "glance" else f"{service}.conf")

    def hypervisor(self, host: str) -> Path:
        """The file of what is different about Nova on a host."""
        return self.place / host / "nova-compute.conf"


def text(sections: Sections) -> str:
    """The sections as oslo.config reads them."""
    return "\n".join(
        "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in options.items()), ""])
        for name, options in sections.items()
    )


def files(layout: Layout) -> dict[Path, str]:
    """Every configuration file of the cloud with its content."""
    makers = (_keystone, _placement, _glance, _nova, _neutron, _cinder, _heat, _aodh)
    found = {layout.file(maker.__name__.strip("_")): text(maker(layout)) for maker in makers}
    hypervisors = {layout.hypervisor(host): text(_hypervisor(layout, host)) for host in HOSTS}
    return found | hypervisors | {layout.place / "neutron" / "ml2.ini": text(_ML2)}


def login(layout: Layout, user: str) -> dict[str, Any]:
    """The options with which one service logs in to others."""
    return {
        "auth_type": "password",
        "auth_url": layout.url("keystone", "/v3"),
        "username": user,
        "password": PASSWORD,
        "project_name": "service",
        "user_domain_id": "default",
        "project_domain_id": "default",
        "region_name": REGION,
    }


def _served(layout: Layout, name: str, **defaults: Any) -> dict[str, dict[str, Any]]:
    """What all services have in common: log, bus, notifications, database, and whom they ask about tokens."""
    place = layout.place / name
    return {
        "DEFAULT": {
            "log_file": place / "log",
            "state_path": place,
            "transport_url": layout.transport,
            "host": HOSTS[0],
            **defaults,
        },
        "database": {"connection": layout.database.format(name=name), "max_pool_size": 5},
        "oslo_concurrency": {"lock_path": place / "locks"},
        "oslo_messaging_notifications": {"driver": "messagingv2"},
        "keystone_authtoken": {
            "www_authenticate_uri": layout.url("keystone"),
            "service_token_roles_required": "true",
            **login(layout, name),
        },
        "service_user": {"send_service_user_token": "true", **login(layout, name)},
    }


def _keystone(layout: Layout) -> Sections:
    place = layout.place / "keystone"
    return {
        "DEFAULT": {"log_file": place / "log", "transport_url": layout.transport},
        "database": {"connection": layout.database.format(name="keystone")},
        "oslo_messaging_notifications": {"driver": "messagingv2"},
        "token": {"provider": "fernet"},
        "fernet_tokens": {"key_repository": place / "keys"},
        "fernet_receipts": {"key_repository": place / "keys"},
        "credential": {"key_repository": place / "credential-keys"},
        "cache": {"enabled": "false"},
        # The smallest number of rounds: what is stored need not resist anybody, and the machine may be slow.
        "identity": {"password_hash_rounds": 4, "list_limit": 3000},
    }


def _placement(layout: Layout) -> Sections:
    return {
        **_served(layout, "placement"),
        "api": {"auth_strategy": "keystone"},
        "placement_database": {"connection": layout.database.format(name="placement")},
    }


def _glance(layout: Layout) -> Sections:
    place = layout.place / "glance"
    return {
        **_served(layout, "glance", enabled_backends="files:file", worker_self_reference_url=layout.url("glance")),
        "glance_store": {"default_backend": "files"},
        "files": {"filesystem_store_datadir": place / "images"},
        "os_glance_staging_store": {"filesystem_store_datadir": place / "staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": place / "tasks"},
        "paste_deploy": {
            "flavor": "keystone",
            "config_file": layout.installed / "etc/glance/glance-api-paste.ini",
        },
    }


def _nova(layout: Layout) -> Sections:
    return {
        **_served(layout, "nova", compute_driver="fake.FakeDriver", my_ip="127.0.0.1", concurrency_backend="threading"),
        "api": {"auth_strategy": "keystone"},
        "wsgi": {"api_paste_config": layout.installed / "etc/nova/api-paste.ini"},
        "api_database": {"connection": layout.database.format(name="nova_api")},
        "conductor": {"workers": 1},
        "scheduler": {"workers": 1},
        "notifications": {"notification_format": "both", "notify_on_state_change": "vm_and_task_state"},
        "placement": login(layout, "nova"),
        "glance": login(layout, "nova"),
        "neutron": login(layout, "nova"),
        "cinder": {**login(layout, "nova"), "catalog_info": "block-storage::publicURL"},
    }


def _hypervisor(layout: Layout, host: str) -> Sections:
    """A host's name, and where it remembers that it is this host."""
    return {"DEFAULT": {"host": host, "state_path": layout.place / host}}


def _neutron(layout: Layout) -> Sections:
    return {
        **_served(
            layout,
            "neutron",
            core_plugin="ml2",
            service_plugins="router,qos",
            auth_strategy="keystone",
            api_paste_config=layout.installed / "etc/neutron/api-paste.ini",
            notify_nova_on_port_status_changes="false",
            notify_nova_on_port_data_changes="false",
            # No agent runs here; those in the table of agents are believed to be alive for as long as any test lasts.
            agent_down_time=2_000_000,
        )
    }


_ML2: Sections = {
    "ml2": {
        "type_drivers": "flat,vxlan",
        "tenant_network_types": "vxlan",
        "mechanism_drivers": "openvswitch",
        "extension_drivers": "port_security,qos",
    },
    "ml2_type_flat": {"flat_networks": "external"},
    "ml2_type_vxlan": {"vni_ranges": "1:1000"},
    "securitygroup": {"enable_security_group": "true"},
}


def _cinder(layout: Layout) -> Sections:
    etc = layout.installed / "etc/cinder"
    return {
        **_served(
            layout,
            "cinder",
            auth_strategy="keystone",
            api_paste_config=etc / "api-paste.ini",
            resource_query_filters_file=etc / "resource_filters.json",
            enabled_backends="pretended",
            rootwrap_config=etc / "rootwrap.conf",
        ),
        # Cinder's own driver for tests: it does as if there were volumes, and everything before it is real.
        "pretended": {
            "volume_driver": "cinder.tests.fake_driver.FakeLoggingVolumeDriver",
            "volume_backend_name": "pretended",
            "target_helper": "fake",
        },
        "coordination": {"backend_url": f"file://{layout.place / 'cinder'}"},
        "key_manager": {"backend": "cinder.keymgr.conf_key_mgr.ConfKeyManager", "fixed_key": "0" * 64},
    }


def _heat(layout: Layout) -> Sections:
    return {
        **_served(
            layout,
            "heat",
            num_engine_workers=1,
            deferred_auth_method="trusts",
            auth_encryption_key="0123456789abcdef0123456789abcdef",
            region_name_for_services=REGION,
            environment_dir=layout.installed / "etc/heat/environment.d",
            template_dir=layout.installed / "etc/heat/templates",
        ),
        "paste_deploy": {"api_paste_config": layout.installed / "etc/heat/api-paste.ini"},
        "trustee": login(layout, "heat"),
        "clients_keystone": {"auth_uri": layout.url("keystone")},
    }


def _aodh(layout: Layout) -> Sections:
    return {
        **_served(layout, "aodh"),
        "api": {"paste_config": layout.place / "aodh" / "api-paste.ini"},
        "service_credentials": login(layout, "aodh"),
    }
