"""The files of the sample deployment are complete and right, as the programs that read them see it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from oslo_config import cfg

import congress.conf
from congress.conf import healthcheck, lease
from congress.server.roles import chosen
from demo.ha.templates import TEMPLATES, filled
from tests.deploy.agent import ROOT

FILES = sorted(path.name for path in TEMPLATES.iterdir() if path.name != "site.env")


def site() -> dict[str, str]:
    """The variables of site.env."""
    return dict(re.findall(r"(?m)^([A-Z_0-9]+)=(\S+)$", (TEMPLATES / "site.env").read_text()))


def used(name: str) -> set[str]:
    return set(re.findall(r"\$\{?([A-Z][A-Z_0-9]*)\}?", (TEMPLATES / name).read_text())) - {"PCS", "RABBITMQCTL"}


def configured(*arguments: str, tmp_path: Path) -> cfg.ConfigOpts:
    role = "api.conf" if "--api" in arguments else "datasources.conf"
    files = []
    for name in ("congress.conf", role):
        (tmp_path / name).write_text(filled(name, site()))
        files += ["--config-file", str(tmp_path / name)]
    conf = congress.conf.register(cfg.ConfigOpts())
    conf([*files, *arguments], project="congress")
    return conf


def test_every_variable_has_a_value_and_every_value_is_used() -> None:
    assert set().union(*(used(name) for name in FILES)) == set(site())


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(".sh")])
def test_envsubst_and_the_demo_fill_in_the_same(name: str) -> None:
    with (TEMPLATES / name).open() as template:
        done = subprocess.run(  # noqa: S603
            ["envsubst"],  # noqa: S607
            env={**os.environ, **site()},
            stdin=template,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    assert done.stdout == filled(name, site())


def test_site_env_is_read_by_a_shell() -> None:
    line = f"set -a; . {TEMPLATES / 'site.env'}; printenv NAME ADDRESS"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603, S607
    assert done.stdout.split() == [site()["NAME"], site()["ADDRESS"]]


def test_haproxy_has_no_complaint(tmp_path: Path) -> None:
    env = {**os.environ, **site(), "HAPROXY_SOCKET": str(tmp_path / "socket")}
    command = ["haproxy", "-c", "-f", str(TEMPLATES / "haproxy.cfg")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
    assert "valid" in done.stdout


@pytest.mark.parametrize("line", ['bind "${VIP}:1789" ssl crt', "listeners.ssl.1 = ${ADDRESS}:5671"])
def test_tls_is_shown(line: str) -> None:
    assert any(line in (TEMPLATES / name).read_text() for name in FILES)


def test_haproxy_takes_the_line_with_tls(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert", tmp_path / "key"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=congress", "-days", "2"]
    make += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True, timeout=60)  # noqa: S603
    pem = tmp_path / "congress.pem"
    pem.write_text(certificate.read_text() + key.read_text())
    text = (TEMPLATES / "haproxy.cfg").read_text()
    plain = '    bind "${VIP}:1789"\n'
    assert plain in text
    text = text.replace(plain, "").replace("    # bind ", "    bind ").replace("/etc/haproxy/congress.pem", str(pem))
    (tmp_path / "haproxy.cfg").write_text(text)
    env = {**os.environ, **site(), "HAPROXY_SOCKET": str(tmp_path / "socket")}
    command = ["haproxy", "-c", "-f", str(tmp_path / "haproxy.cfg")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr


def test_an_api_node_answers_where_haproxy_asks(tmp_path: Path) -> None:
    conf = configured("--api", "--policy-engine", tmp_path=tmp_path)
    balancer = (TEMPLATES / "haproxy.cfg").read_text()
    assert (conf.bind_host, conf.healthcheck.bind_host) == (site()["ADDRESS"], site()["ADDRESS"])
    assert f'"${{API_1}}:{conf.bind_port}"' in balancer
    assert f"check port {healthcheck.port(conf)} " in balancer


def test_a_datasource_node_answers_where_the_agent_asks(tmp_path: Path) -> None:
    conf = configured("--datasources", tmp_path=tmp_path)
    assert not chosen(conf).api
    address = f"http://{conf.healthcheck.bind_host}:{healthcheck.port(conf)}/healthcheck/live"
    agent = (ROOT / "deploy" / "ocf" / "congress-datasource").read_text()
    assert f'OCF_RESKEY_health_url_default="{address}"' in agent


def test_all_processes_share_database_broker_and_key(tmp_path: Path) -> None:
    conf = configured("--datasources", tmp_path=tmp_path)
    assert conf.transport_url.count("@") == 3
    assert f"@{site()['VIP']}:3306/congress" in conf.database.connection
    assert conf.encryption_key_path == "/etc/congress/keys"
    assert conf.auth_strategy == "keystone"
    lease.timing(conf)


def test_the_database_keeps_what_it_acknowledged() -> None:
    settings = dict(re.findall(r"(?m)^(\w+) = (.+)$", filled("galera.cnf", site())))
    assert settings["innodb_flush_log_at_trx_commit"] == "1"
    assert settings["wsrep_cluster_address"].count(",") == 2
    assert "evs.suspect_timeout=PT1.5S" in settings["wsrep_provider_options"]


def test_only_one_database_node_gets_clients() -> None:
    part = (TEMPLATES / "haproxy.cfg").read_text().partition("listen database")[2]
    assert len(re.findall(r"(?m)^    server db\d .* backup$", part)) == 2
    assert "stick on dst_port" in part
