"""Configuration files of the original can be used as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from oslo_config import cfg

import congress.conf
from congress.conf import former, paste

PASTE = """
[composite:congress]
use = egg:Paste#urlmap
/: congressversions
/v1: congress_api_v1

[pipeline:congressversions]
pipeline = cors http_proxy_to_wsgi catch_errors congressversionapp

[app:congressversionapp]
paste.app_factory = congress.api.versions:Versions.factory

[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
oslo_config_project = congress
"""


def configured(directory: Path, text: str) -> cfg.ConfigOpts:
    file = directory / "congress.conf"
    file.write_text(text)
    conf = congress.conf.register(cfg.ConfigOpts())
    conf(["--config-file", str(file)], project="congress")
    return conf


def test_nothing_is_said_about_a_file_without_former_options(tmp_path: Path) -> None:
    conf = configured(tmp_path, "[DEFAULT]\nbind_port = 1790\napi_workers = 1\n")
    assert former.warnings(conf) == []
    assert paste.explain(conf) == []


@pytest.mark.parametrize("each", former.FORMER, ids=lambda each: f"{each.group}.{each.option.name}")
def test_a_former_option_is_named_once_with_what_to_do(each: former.Former, tmp_path: Path) -> None:
    value = {"IntOpt": "7", "BoolOpt": "true"}.get(type(each.option).__name__, "canary-value")
    conf = configured(tmp_path, f"[{each.group}]\n{each.option.name} = {value}\n")
    (said,) = former.warnings(conf)
    assert str(each.option.name) in said
    assert each.advice in said
    assert "canary" not in said


def test_a_former_option_of_the_wrong_type_is_no_error(tmp_path: Path) -> None:
    assert len(former.warnings(configured(tmp_path, "[dse]\nping_timeout = soon\n"))) == 1


def test_the_classic_options_that_have_a_meaning_are_taken(tmp_path: Path) -> None:
    text = """[DEFAULT]
bind_host = 127.0.0.1
bind_port = 1790
tcp_keepalive = true
tcp_keepidle = 60
auth_strategy = noauth
disabled_drivers = nova,cinder
custom_driver_endpoints = mine=my.module:Driver
enable_execute_action = false
policy_library_path = /etc/congress/library
encryption_key_path = /etc/congress/keys
[database]
connection = sqlite://
max_pool_size = 5
"""
    conf = configured(tmp_path, text)
    assert former.warnings(conf) == []
    assert (conf.tcp_keepalive, conf.tcp_keepidle, conf.enable_execute_action) == (True, 60, False)
    assert conf.disabled_drivers == ["nova", "cinder"]


def test_an_unchanged_paste_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "api-paste.ini").write_text(PASTE)
    first, second = paste.explain(configured(tmp_path, ""))
    assert "not needed" in first
    assert second == "its filters are part of the program now: cors (group `cors`)"


def test_what_was_changed_in_a_paste_file_is_listed(tmp_path: Path) -> None:
    mine = "[filter:mine]\npaste.filter_factory = mine:factory\n[filter:authtoken]\npaste.filter_factory = other:f\n"
    (tmp_path / "other.ini").write_text(PASTE + "allowed_origin = x\n" + mine)
    said = paste.explain(configured(tmp_path, "[DEFAULT]\napi_paste_config = other.ini\n"))[-1]
    for part in ("allowed_origin of filter cors", "filter mine", "another factory for filter authtoken"):
        assert part in said


def test_a_paste_file_that_cannot_be_read_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "api-paste.ini").write_text("nonsense")
    (said,) = paste.explain(configured(tmp_path, ""))
    assert "cannot be read" in said
