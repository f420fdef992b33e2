from __future__ import annotations

import pytest
import requests

from tests.api.server_process import Client

JSON = "application/json"


def send(client: Client, data: bytes, content_type: str | None = JSON, verb: str = "POST") -> requests.Response:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return client.request(verb, "/v1/policies", data=data, headers=headers)


@pytest.mark.parametrize(
    ("data", "content_type", "text"),
    [
        (b"{}", None, "Unsupported Content-Type; must be 'application/json'"),
        (b"{}", "text/plain", "Unsupported Content-Type; must be 'application/json'"),
        (b"{}", "", "Unsupported Content-Type; must be 'application/json'"),
        (b"{}", "application/json; charset=latin-1", "Unsupported charset: must be 'UTF-8'"),
        (b"", JSON, "Failed to parse body as application/json: "),
        (b"{", JSON, "Failed to parse body as application/json: "),
        (b"{'name': 1}", JSON, "Failed to parse body as application/json: "),
        (b'{"name": "\xff"}', JSON, "Failed to parse body as application/json: "),
        (b'{"name": NaN}', JSON, "NaN is not a JSON value"),
        (b'{"name": -Infinity}', JSON, "-Infinity is not a JSON value"),
        (b'{"name": "\\ud800"}', JSON, "half a surrogate pair"),
        (b'{"\\ud800": "x"}', JSON, "half a surrogate pair"),
        (b'{"name": "a\\u0000"}', JSON, "NUL"),
        (b"[" * 100_000, JSON, "nested deeper than 64"),
        (b'{"a":' * 100_000, JSON, "nested deeper than 64"),
        (b"[" * 65 + b"]" * 65, JSON, "nested deeper than 64"),
        (b'{"name": ' + b"9" * 5000 + b"}", JSON, "Failed to parse body as application/json: "),
    ],
)
def test_bodies_that_are_not_json_are_refused(client: Client, data: bytes, content_type: str | None, text: str) -> None:
    answer = send(client, data, content_type)
    error = answer.json()["error"]
    assert (answer.status_code, error["error_code"]) == (400, 400)
    assert text in error["message"]


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
def test_json_may_name_its_charset(client: Client, content_type: str) -> None:
    assert send(client, b"{}", content_type).json()["error"]["error_code"] == 1010


def test_brackets_inside_strings_are_not_nesting(client: Client) -> None:
    answer = send(client, b'{"name": "' + b"[" * 100 + b'\\"["}')
    assert "is not a valid tablename" in answer.text


def test_a_huge_body_is_refused_before_it_is_read(client: Client) -> None:
    answer = send(client, b" " * (16 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["error_code"] == 413


def test_actions_may_come_without_content_type(client: Client) -> None:
    data = b'{"query": "p(x)", "sequence": "", "action_policy": "action"}'
    answer = client.request("POST", "/v1/policies/classification?action=simulate", data=data)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/v1/policies/%ff%fe", "/v1/policies/%00", "/v1/policies/%ed%a0%80/tables/x/rows"])
def test_paths_that_are_not_unicode_name_nothing(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_methods_nobody_knows_are_not_supported(client: Client) -> None:
    for verb in ("HEAD", "TRACE", "FOO"):
        assert client.request(verb, "/v1/policies").status_code in (400, 501)
