"""A configuration file with every option of the original is accepted, and what is left out is what it was."""

from __future__ import annotations

from pathlib import Path

from oslo_config import cfg
from oslo_middleware import cors

import congress.conf
from congress.conf import authentication, paths

OPTIONS = """
[DEFAULT]
bind_host = 0.0.0.0
bind_port = 1789
max_simultaneous_requests = 1024
tcp_keepalive = False
tcp_keepidle = 600
api_workers = 1
api_paste_config = api-paste.ini
auth_strategy = keystone
drivers = congress.datasources.nova_driver.NovaDriver
disabled_drivers = plexxi
custom_driver_endpoints = mine=my.module:Driver
datasource_sync_period = 60
enable_execute_action = True
replicated_policy_engine = False
policy_library_path = /etc/congress/library
encryption_key_path = /etc/congress/keys
tempdir = /tmp
fatal_exception_format_errors = False
transport_url = rabbit://guest:guest@localhost
debug = False
log_dir = /var/log/congress
[dse]
bus_id = bus
ping_timeout = 5
long_timeout = 120
time_to_resub = 10
execute_action_retry = False
execute_action_retry_timeout = 600
[json_ingester]
enable = False
config_path = /etc/congress/json_ingesters
config_reusables_path = /etc/congress/config_reusables.yaml
db_connection = postgresql://localhost
[database]
connection = mysql+pymysql://congress@localhost/congress?charset=utf8
max_pool_size = 10
max_overflow = 20
pool_timeout = 10
[cors]
allowed_origin = http://horizon
[oslo_middleware]
enable_proxy_headers_parsing = True
"""


def read(tmp_path: Path, text: str) -> cfg.ConfigOpts:
    file = tmp_path / "congress.conf"
    file.write_text(text)
    conf = congress.conf.register(cfg.ConfigOpts())
    conf.register_opts(cors.CORS_OPTS, "cors")  # as the middleware does when it is made
    conf([], project="congress", default_config_files=[str(file)])
    return conf


def test_every_option_is_known(tmp_path: Path) -> None:
    conf = read(tmp_path, OPTIONS)
    group, names = "", []
    for line in OPTIONS.strip().splitlines():
        if line.startswith("["):
            group = line.strip("[]")
        else:
            names.append((group, line.partition(" =")[0]))
    unknown = [(group, name) for group, name in names if name not in (conf if group == "DEFAULT" else conf[group])]
    assert len(names) > 35
    assert unknown == []


def test_what_is_left_out_is_what_it_was(tmp_path: Path) -> None:
    conf = read(tmp_path, "")
    assert (conf.bind_port, conf.tcp_keepalive, conf.tcp_keepidle) == (1789, False, 600)
    assert (conf.enable_execute_action, conf.disabled_drivers, conf.custom_driver_endpoints) == (True, [], [])
    assert conf.api_paste_config == "api-paste.ini"
    assert set(conf.cors.allow_methods) == {"GET", "PUT", "POST", "DELETE", "PATCH"}
    assert set(conf.cors.expose_headers) == {
        *("X-Auth-Token", "X-OpenStack-Request-ID", "X-Subject-Token", "X-Service-Token"),
    }
    assert {"X-Auth-Token", "X-Roles", "X-Service-Catalog", "X-User-Id", "X-Tenant-Id"} <= set(conf.cors.allow_headers)


def test_without_a_word_in_the_file_the_server_listens_for_all_and_asks_keystone(tmp_path: Path) -> None:
    conf = read(tmp_path, "")
    assert paths.bind_host(conf) == "0.0.0.0"  # noqa: S104 - what the original does
    assert authentication.strategy(conf) == "keystone"
