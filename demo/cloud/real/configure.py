"""Write the configuration of every service."""

from __future__ import annotations

import configparser
import shutil
from pathlib import Path

import settings

Sections = dict[str, dict[str, object]]


def login(service: str) -> dict[str, object]:
    return {
        "auth_url": settings.url("keystone"),
        "auth_type": "password",
        "username": service,
        "password": settings.SERVICE_PASSWORD,
        "project_name": "service",
        "user_domain_id": "default",
        "project_domain_id": "default",
        "region_name": settings.REGION,
    }


def authtoken(service: str) -> dict[str, object]:
    return {
        **login(service),
        "www_authenticate_uri": settings.url("keystone"),
        "service_token_roles_required": True,
        "service_token_roles": "service",
    }


def common(service: str) -> dict[str, object]:
    place = settings.ROOT / service
    return {"log_file": place / "api.log", "state_path": place / "state", "transport_url": settings.broker()}


def write(service: str, name: str, sections: Sections) -> None:
    parser = configparser.RawConfigParser(default_section="no default section")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    for section, options in sections.items():
        parser[section] = {key: str(value) for key, value in options.items()}
    path = settings.ROOT / service / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "state").mkdir(exist_ok=True)
    with path.open("w") as file:
        parser.write(file)


def shipped(service: str, *names: str) -> None:
    """Copy files that the packages install beside their code."""
    for name in names:
        shutil.copy(settings.ROOT / "venv" / "etc" / service / name, settings.ROOT / service / name)


def keystone() -> None:
    place = settings.ROOT / "keystone"
    keys = {"key_repository": place / "fernet"}
    write(
        "keystone",
        "keystone.conf",
        {
            "DEFAULT": {"log_file": place / "api.log"},
            "database": {"connection": settings.database("keystone")},
            "token": {"provider": "fernet", "expiration": 86400},
            "fernet_tokens": keys,
            "fernet_receipts": keys,
            "credential": {"key_repository": place / "credential"},
            "cache": {"enabled": False},
        },
    )


def placement() -> None:
    write(
        "placement",
        "placement.conf",
        {
            "DEFAULT": {"log_file": settings.ROOT / "placement" / "api.log"},
            "api": {"auth_strategy": "keystone"},
            "placement_database": {"connection": settings.database("placement")},
            "keystone_authtoken": authtoken("placement"),
        },
    )


def glance() -> None:
    place = settings.ROOT / "glance"
    write(
        "glance",
        "glance-api.conf",
        {
            "DEFAULT": {
                "log_file": place / "api.log",
                "enabled_backends": "files:file",
                "worker_self_reference_url": settings.url("glance"),
            },
            "database": {"connection": settings.database("glance")},
            "glance_store": {"default_backend": "files"},
            "files": {"filesystem_store_datadir": place / "images"},
            "os_glance_staging_store": {"filesystem_store_datadir": place / "staging"},
            "os_glance_tasks_store": {"filesystem_store_datadir": place / "tasks"},
            "paste_deploy": {
                "flavor": "keystone",
                "config_file": settings.ROOT / "venv/etc/glance/glance-api-paste.ini",
            },
            "keystone_authtoken": authtoken("glance"),
        },
    )


def nova() -> None:
    write(
        "nova",
        "nova.conf",
        {
            "DEFAULT": {
                **common("nova"),
                "host": "controller-1",
                "my_ip": "127.0.0.1",
                "compute_driver": "fake.FakeDriver",
                "block_device_allocate_retries_interval": 1,
            },
            "api": {"auth_strategy": "keystone"},
            "wsgi": {"api_paste_config": settings.ROOT / "nova" / "api-paste.ini"},
            "database": {"connection": settings.database("nova")},
            "api_database": {"connection": settings.database("nova_api")},
            "oslo_concurrency": {"lock_path": settings.ROOT / "nova" / "state"},
            "placement": login("placement"),
            "glance": {"api_servers": settings.url("glance")},
            "neutron": login("neutron"),
            "cinder": {**login("cinder"), "catalog_info": "block-storage::publicURL"},
            "service_user": {**login("nova"), "send_service_user_token": True},
            "quota": {"instances": -1, "cores": -1, "ram": -1},
            "filter_scheduler": {"enabled_filters": "ComputeFilter"},
            "keystone_authtoken": authtoken("nova"),
        },
    )
    shipped("nova", "api-paste.ini")


def neutron() -> None:
    place = settings.ROOT / "neutron"
    write(
        "neutron",
        "neutron.conf",
        {
            "DEFAULT": {
                **common("neutron"),
                "transport_url": "fake://",
                "core_plugin": "ml2",
                "service_plugins": "router",
                "auth_strategy": "keystone",
                "api_paste_config": place / "api-paste.ini",
                "notify_nova_on_port_status_changes": False,
                "notify_nova_on_port_data_changes": False,
            },
            "database": {"connection": settings.database("neutron")},
            "oslo_concurrency": {"lock_path": place / "state"},
            "quotas": {
                "quota_port": -1,
                "quota_network": -1,
                "quota_security_group": -1,
                "quota_security_group_rule": -1,
            },
            "keystone_authtoken": authtoken("neutron"),
        },
    )
    write(
        "neutron",
        "ml2.ini",
        {
            "ml2": {
                "type_drivers": "flat,vlan,vxlan",
                "tenant_network_types": "vxlan",
                "mechanism_drivers": "paper",
                "extension_drivers": "port_security",
            },
            "ml2_type_vxlan": {"vni_ranges": "1:1000"},
            "ml2_type_flat": {"flat_networks": "*"},
            "securitygroup": {"enable_security_group": True},
        },
    )
    shipped("neutron", "api-paste.ini")


def cinder() -> None:
    place = settings.ROOT / "cinder"
    write(
        "cinder",
        "cinder.conf",
        {
            "DEFAULT": {
                **common("cinder"),
                "auth_strategy": "keystone",
                "api_paste_config": place / "api-paste.ini",
                "resource_query_filters_file": place / "resource_filters.json",
                "enabled_backends": "paper",
                "default_volume_type": "standard",
                "host": "storage-1",
                "my_ip": "127.0.0.1",
                "glance_api_servers": settings.url("glance"),
            },
            "paper": {"volume_driver": "paper_backends.volumes.PaperVolumes", "volume_backend_name": "paper"},
            "database": {"connection": settings.database("cinder")},
            "oslo_concurrency": {"lock_path": place / "state"},
            "key_manager": {"backend": "cinder.keymgr.conf_key_mgr.ConfKeyManager", "fixed_key": "0" * 64},
            "service_user": {**login("cinder"), "send_service_user_token": True},
            "nova": login("nova"),
            "keystone_authtoken": authtoken("cinder"),
        },
    )
    shipped("cinder", "api-paste.ini", "resource_filters.json")


def write_all() -> None:
    for one in (keystone, placement, glance, nova, neutron, cinder):
        one()


def config_file(service: str) -> Path:
    names = {"glance": "glance-api.conf"}
    return settings.ROOT / service / names.get(service, f"{service}.conf")
