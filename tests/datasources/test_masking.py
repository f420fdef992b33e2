"""Texts for people say nothing that is secret."""

from __future__ import annotations

import pytest

from congress.datasources.masking import Mask, secret_names, without_logins
from congress.datasources.nova import NovaDriver

SECRET = 'canary-"1/ü&'  # noqa: S105


@pytest.mark.parametrize(
    "written", [SECRET, "canary-%221%2F%C3%BC%26", 'canary-\\"1/\\u00fc&', f"x{SECRET}x", f"http://u:{SECRET}@h"]
)
def test_a_secret_is_hidden_however_it_is_written(written: str) -> None:
    mask = Mask()
    mask.remember(SECRET)
    assert "canary" not in mask(f"before {written} behind")
    assert mask("nothing to hide") == "nothing to hide"


def test_a_secret_within_another_one_leaves_nothing_of_it() -> None:
    mask = Mask()
    mask.remember("canary-1")
    mask.remember("canary-1-longer")
    assert mask("a canary-1-longer b canary-1") == "a <hidden> b <hidden>"


def test_short_secrets_do_not_make_texts_unreadable() -> None:
    mask = Mask()
    mask.remember("nova")
    mask.remember("")
    assert mask("datasource nova") == "datasource nova"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET http://u:canary-1@h:5000/v3 failed", "GET http://<hidden>@h:5000/v3 failed"),
        ("http://u:canary-@1@h/v3", "http://<hidden>@h/v3"),
        ("https://canary-1@h", "https://<hidden>@h"),
        ("http://h/v3?mail=a@b", "http://h/v3?mail=a@b"),
        ("http://h and a@b", "http://h and a@b"),
    ],
)
def test_the_login_in_an_address_is_hidden(text: str, shown: str) -> None:
    assert without_logins(text) == shown


def test_which_options_hold_secrets() -> None:
    config = {
        "password": "x", "Password": "x", "api_token": "x", "DB_PASSWD": "x", "admin_pass": "x", "privateKey": "x",
        "auth_url": "http://u:p@h", "endpoint": "http://u:p/q@h", "username": "x", "poll_time": "5", "monkey": "x",
    }  # fmt: skip
    harmless = {"username", "poll_time", "monkey"}
    assert secret_names(NovaDriver, config) == set(config) - harmless
    assert secret_names(None, {"password": "x", "region": "x"}) == {"password"}
