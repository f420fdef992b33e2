"""Beyond the original: a client knows how fresh an answer is, and overwrites nothing that it has not seen."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import falcon
import falcon.testing
import pytest
import requests

from congress.api import failures
from congress.api.freshness import Revisions
from congress.engine.workspace import Workspace
from congress.policies.live import Live
from tests.api.server_process import Client, ServerProcess
from tests.waiting import until

Fresh = Callable[[str], str]
REVISION_WAIT = 5.0  # the default


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


def test_who_asks_for_a_revision_that_nothing_has_had_is_told_so_at_once(client: Client, fresh: Fresh) -> None:
    known = _revision(client.get("/v1/policies"))
    assert client.get("/v1/policies", headers={"X-Congress-Min-Revision": str(known)}).status_code == 200
    for wanted in (str(known + 1), "9" * 18):
        behind = client.get("/v1/policies", headers={"X-Congress-Min-Revision": wanted})
        assert (behind.status_code, behind.headers["Retry-After"]) == (503, "1")
        assert behind.elapsed.total_seconds() < REVISION_WAIT
    client.policy(fresh("counted"))
    assert client.get("/v1/policies", headers={"X-Congress-Min-Revision": str(known + 1)}).status_code == 200


class Told:
    """A handler that answers at once."""

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        response.text = "told"


class Places(threading.Semaphore):
    """Places for waiting that tell when one is taken."""

    taken = 0

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        done = super().acquire(blocking, timeout)
        self.taken += done
        return done


class Behind:
    """An application whose database is at revision 5 and whose workspace is at 3, as a replica's may be."""

    def __init__(self, wait: float, places: int) -> None:
        self.live = Live(Workspace())
        self.live.advance(3)
        self._places = Places(places)
        services = mock.Mock(live=self.live, waiting_places=self._places)
        services.policies.stored_revision.return_value = 5
        services.synchroniser.reach = self.live.reach
        app = falcon.App(middleware=[Revisions(services, wait)])
        app.add_error_handler(Exception, failures.handler(str))
        app.add_route("/v1/policies", Told())
        self._client = falcon.testing.TestClient(app)

    def ask_with(self, headers: dict[str, str]) -> falcon.testing.Result:
        return self._client.simulate_get("/v1/policies", headers=headers)

    def ask(self, revision: int, *, cookie: bool = False) -> falcon.testing.Result:
        asked = {"Cookie": f"CONGRESS_REVISION={revision}"} if cookie else {"X-Congress-Min-Revision": str(revision)}
        return self.ask_with(asked)

    def asking(self, revision: int, *, cookie: bool = False) -> concurrent.futures.Future[falcon.testing.Result]:
        """The same in a thread of its own, which has a place for waiting by the time this returns."""
        before = self._places.taken
        answer = concurrent.futures.ThreadPoolExecutor(1).submit(self.ask, revision, cookie=cookie)
        until(lambda: self._places.taken != before, seconds=10)
        return answer


def test_a_request_is_held_back_until_the_server_has_caught_up() -> None:
    behind = Behind(wait=30.0, places=1)
    answer = behind.asking(5)
    behind.live.advance(4)
    assert not answer.done()
    behind.live.advance(5)
    assert (answer.result(10).text, answer.result().headers["X-Congress-Revision"]) == ("told", "5")


def test_a_cookie_holds_a_request_back_too() -> None:
    behind = Behind(wait=30.0, places=1)
    answer = behind.asking(5, cookie=True)
    behind.live.advance(5)
    told = answer.result(10)
    assert (told.text, told.headers["X-Congress-Revision"]) == ("told", "5")
    assert "Set-Cookie" not in told.headers


def test_a_cookie_from_before_the_database_was_set_back_is_overlooked() -> None:
    told = Behind(wait=30.0, places=1).ask(6, cookie=True)
    assert (told.text, told.headers["X-Congress-Revision"]) == ("told", "3")
    assert told.cookies["CONGRESS_REVISION"].value == "3"


@pytest.mark.parametrize("cookie", ["", "x", "-1", "³", "1" * 19])
def test_a_cookie_that_is_not_ours_is_overlooked(cookie: str) -> None:
    assert Behind(wait=30.0, places=1).ask_with({"Cookie": f"CONGRESS_REVISION={cookie}"}).text == "told"


def test_waiting_ends() -> None:
    answer = Behind(wait=0.02, places=1).ask(4)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "knows policy revision 3, not yet 4" in answer.json["error"]["message"]


def test_only_so_many_wait_and_the_rest_is_answered_at_once() -> None:
    behind = Behind(wait=30.0, places=2)
    waiting = [behind.asking(5), behind.asking(5)]
    assert behind.ask(5).status_code == 503
    assert behind.ask(3).status_code == 200
    behind.live.advance(5)
    assert [answer.result(10).status_code for answer in waiting] == [200, 200]
    assert behind.ask(5).status_code == 200


def test_a_stopping_server_lets_nobody_wait() -> None:
    behind = Behind(wait=30.0, places=1)
    answer = behind.asking(5)
    behind.live.answer_waiting()
    assert answer.result(10).status_code == 503


def test_those_who_wait_for_anything_leave_threads_to_the_others(tmp_path: Path) -> None:
    configuration = tmp_path / "congress.conf"
    configuration.write_text("[DEFAULT]\nauth_strategy = noauth\n[api]\nthreads = 1\n")
    process = ServerProcess(tmp_path / "state", "--config-file", str(configuration)).start()
    try:
        client = Client(process.url)
        policy = client.policy("waited")
        assert client.get(f"/v1/policies/{policy}/changes?wait=20").elapsed.total_seconds() < 10
    finally:
        process.close()


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
