"""Beyond the original: a client knows how fresh an answer is, and overwrites nothing that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.api.server_process import Client, ServerProcess

Fresh = Callable[[str], str]


def _revision(answer: requests.Response) -> int:
    return int(answer.headers["X-Congress-Revision"])


def test_every_change_of_policies_and_rules_counts(client: Client, fresh: Fresh) -> None:
    before = _revision(client.get("/v1/policies"))
    policy = client.policy(fresh("counted"), "p(1)")
    rule = client.post(f"/v1/policies/{policy}/rules", {"rule": "p(2)"})
    assert _revision(rule) == before + 2
    path = f"/v1/policies/{policy}/rules/{rule.json()['id']}"
    assert _revision(client.put(path, {"rule": "p(3)"})) == before + 3
    assert _revision(client.patch(f"/v1/policies/{policy}", {"description": "d"})) == before + 4
    assert _revision(client.delete(path)) == before + 5
    assert _revision(client.delete(f"/v1/policies/{policy}")) == before + 6
    assert client.post("/v1/policies/nope/rules", {"rule": "p(2)"}).status_code == 404
    assert _revision(client.get("/v1/policies/classification/tables")) == before + 6


def test_the_revision_never_goes_back(own_server: ServerProcess) -> None:
    client = Client(own_server.url)
    client.policy("counted", "p(1)")
    known = _revision(client.get("/v1/policies"))
    own_server.kill()
    assert _revision(Client(own_server.start().url).get("/v1/policies")) == known


@pytest.fixture
def hasty_server(tmp_path: Path) -> Iterator[ServerProcess]:
    configuration = tmp_path / "hasty.conf"
    configuration.write_text("[DEFAULT]\nauth_strategy = noauth\n[api]\nrevision_wait = 0.05\n")
    process = ServerProcess(tmp_path / "state", "--config-file", str(configuration)).start()
    yield process
    process.close()


def test_who_knows_more_than_the_server_is_told_so(hasty_server: ServerProcess) -> None:
    client = Client(hasty_server.url)
    known = _revision(client.get("/v1/policies"))
    assert client.get("/v1/policies", headers={"X-Congress-Min-Revision": str(known)}).status_code == 200
    behind = client.get("/v1/policies", headers={"X-Congress-Min-Revision": str(known + 1)})
    assert (behind.status_code, behind.headers["Retry-After"]) == (503, "1")
    client.policy("counted")
    assert client.get("/v1/policies", headers={"X-Congress-Min-Revision": str(known + 1)}).status_code == 200


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "9" * 30])
def test_a_revision_that_is_no_number_is_refused(client: Client, text: str) -> None:
    assert client.get("/v1/policies", headers={"X-Congress-Min-Revision": text}).status_code == 400


def test_rows_tell_the_age_of_the_data_they_follow_from(client: Client, fresh: Fresh) -> None:
    source = fresh("source")
    client.post("/v1/data-sources", {"name": source, "driver": "fake_datasource"})
    policy = client.policy(fresh("aged"), f"p(x) :- r(x), {source}:fake_table(id=x)", "r(1)", "q(x) :- p(x)")

    def age(path: str) -> str | None:
        return client.get(path).headers.get("X-Congress-Data-Age")

    rows = f"/v1/policies/{policy}/tables/q/rows"
    assert age(f"/v1/policies/{policy}/tables/r/rows") is None
    assert age(rows) == "unknown"
    client.put(f"/v1/data-sources/{source}/tables/fake_table/rows", [{"id": 1, "name": "a"}])
    for path in (rows, f"/v1/data-sources/{source}/tables/fake_table/rows"):
        assert 0 <= float(age(path) or "nan") < 60
    question = {"query": "p(x)", "sequence": "", "action_policy": "action"}
    asked = client.post(f"/v1/policies/{policy}?action=simulate", question)
    assert 0 <= float(asked.headers["X-Congress-Data-Age"]) < 60
    asked = client.post(f"/v1/policies/{policy}?action=explain", {"table": "p", "row": [1]})
    assert 0 <= float(asked.headers["X-Congress-Data-Age"]) < 60


def _elements(client: Client, fresh: Fresh) -> list[str]:
    policy = client.policy(fresh("tagged"))
    rule = client.post(f"/v1/policies/{policy}/rules", {"rule": "p(1)"}).json()["id"]
    item = client.post("/v1/librarypolicies", {"name": fresh("tagged"), "rules": []}).json()["id"]
    source = client.post("/v1/data-sources", {"name": fresh("tagged"), "driver": "fake_datasource"}).json()["id"]
    return [
        f"/v1/policies/{policy}/rules/{rule}",
        f"/v1/policies/{policy}",
        f"/v1/librarypolicies/{item}",
        f"/v1/data-sources/{source}",
    ]


def test_what_a_client_has_is_not_sent_again(client: Client, fresh: Fresh) -> None:
    for path in _elements(client, fresh):
        tag = client.get(path).headers["ETag"]
        for known in (tag, f'"other", W/{tag}', "*"):
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_only_what_was_seen_is_deleted(client: Client, fresh: Fresh) -> None:
    for path in _elements(client, fresh):
        tag = client.get(path).headers["ETag"]
        assert client.delete(path, headers={"If-Match": '"other"'}).status_code == 412
        assert client.get(path).headers["ETag"] == tag
        assert client.delete(path, headers={"If-Match": tag}).status_code == 200


def test_of_two_who_change_the_same_rule_the_second_is_told(client: Client, fresh: Fresh) -> None:
    policy = client.policy(fresh("tagged"))
    path = f"/v1/policies/{policy}/rules/" + client.post(f"/v1/policies/{policy}/rules", {"rule": "p(1)"}).json()["id"]
    seen = client.get(path).headers["ETag"]
    first = client.put(path, {"rule": "p(2)"}, headers={"If-Match": seen})
    second = client.put(path, {"rule": "p(3)"}, headers={"If-Match": seen})
    assert (first.status_code, second.status_code) == (200, 412)
    assert client.rows(policy, "p") == [[2]]
    assert client.patch(path, {"comment": "c"}, headers={"If-Match": first.headers["ETag"]}).status_code == 200


def test_of_two_who_change_the_same_policy_or_item_the_second_is_told(client: Client, fresh: Fresh) -> None:
    policy, item = f"/v1/policies/{client.policy(fresh('tagged'))}", {"name": fresh("tagged"), "rules": []}
    seen = client.get(policy).headers["ETag"]
    assert client.patch(policy, {"description": "a"}, headers={"If-Match": seen}).status_code == 200
    assert client.patch(policy, {"description": "b"}, headers={"If-Match": seen}).status_code == 412
    path = "/v1/librarypolicies/" + client.post("/v1/librarypolicies", item).json()["id"]
    seen = client.get(path).headers["ETag"]
    assert client.put(path, item | {"description": "a"}, headers={"If-Match": seen}).status_code == 200
    assert client.put(path, item | {"description": "b"}, headers={"If-Match": seen}).status_code == 412
