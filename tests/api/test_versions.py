from __future__ import annotations

import pytest

from tests.api.server_process import Client


@pytest.mark.parametrize("verb", ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"])
def test_any_verb_on_the_root_lists_the_versions(client: Client, verb: str) -> None:
    answer = client.request(verb, "/")
    assert answer.status_code == 200
    assert answer.json()["versions"] == [
        {
            "id": "v1",
            "status": "CURRENT",
            "updated": "2013-08-12T17:42:13Z",
            "links": [{"rel": "self", "href": f"{client.url}/v1/"}],
        }
    ]


def test_head_on_the_root_answers_without_body(client: Client) -> None:
    answer = client.request("HEAD", "/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/v1", "/v1/"])
def test_the_version_links_to_itself_and_to_documentation(client: Client, path: str) -> None:
    version = client.get(path).json()["version"]
    assert [link["rel"] for link in version["links"]] == ["self", "describedby"]


@pytest.mark.parametrize("path", ["/foo", "/foo/bar", "/v2"])
def test_paths_outside_v1_hint_at_v1(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 300
    assert answer.json()["choices"][0]["links"][0]["href"] == f"{client.url}/v1{path}"


@pytest.mark.parametrize("path", ["/v1/nope", "/v1/policies/", "/v1/system", "/v1/policies/classification/schema"])
def test_unknown_paths_below_v1_are_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {
        "error": {"message": "The resource could not be found.", "error_code": 404, "error_data": None}
    }


def test_every_answer_carries_a_request_id(client: Client) -> None:
    answer = client.get("/v1/policies")
    assert answer.headers["X-Request-Id"].startswith("req-")
    assert answer.headers["X-Request-Id"] == answer.headers["X-OpenStack-Request-Id"]


def test_listings_are_indented_ascii_and_end_with_a_newline(client: Client) -> None:
    text = client.get("/v1/policies").text
    assert text.startswith('{\n  "results": [')
    assert text.endswith("}\n")


def test_health_is_reported_outside_the_api(client: Client) -> None:
    assert client.get("/healthcheck/live").json() == {"status": "ok"}
    assert client.get("/healthcheck/ready").json() == {"status": "ok"}
