"""Every route has a rule, and the rules allow each persona what the documentation says."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from unittest import mock

import falcon
import falcon.inspect
import falcon.testing
import pytest
from oslo_config import cfg
from oslo_context.context import RequestContext

from congress.api import access, app, failures, rbac, routes, versions
from congress.api.authentication import CONFIRMED
from congress.api.middleware import Bookkeeping
from congress.api.rbac import enforcement, reference
from congress.api.rbac.enforcement import Enforcement, PolicyFileInvalid
from congress.api.senders import Senders
from congress.conf import register
from tests.api.operations import Asked, guarded, needed

ROOT = Path(__file__).parents[2]

PERSONAS = {
    "admin of a project": RequestContext(user_id="u", project_id="p", roles=["admin", "member", "reader"]),
    "admin of the system": RequestContext(user_id="u", system_scope="all", roles=["admin", "member", "reader"]),
    "admin of a domain": RequestContext(user_id="u", domain_id="d", roles=["admin", "member", "reader"]),
    "member of the system": RequestContext(user_id="u", system_scope="all", roles=["member", "reader"]),
    "reader of the system": RequestContext(user_id="u", system_scope="all", roles=["reader"]),
    "manager of a project": RequestContext(user_id="u", project_id="p", roles=["manager", "member", "reader"]),
    "member of a project": RequestContext(user_id="u", project_id="p", roles=["member", "reader"]),
    "reader of a project": RequestContext(user_id="u", project_id="p", roles=["reader"]),
    "service": RequestContext(user_id="u", project_id="p", roles=["service"]),
    "without a role": RequestContext(user_id="u", project_id="p", roles=[]),
    "without a scope": RequestContext(user_id="u"),
}
MIGHT = {
    "admin of a project": {"anybody", "reader", "member", "admin"},
    "admin of the system": {"anybody", "reader", "member", "admin"},
    "member of the system": {"anybody", "reader", "member"},
    "reader of the system": {"anybody", "reader"},
    "admin of a domain": set(),
}
OPERATIONS = list(guarded())


def configured(directory: Path, policy: str | None = None) -> cfg.ConfigOpts:
    """A configuration over a policy file with this text; without one when there is none."""
    directory.mkdir(exist_ok=True)
    conf = cfg.ConfigOpts()
    lines = "[oslo_policy]\npolicy_file = policy.yaml\n" if policy is not None else ""
    (directory / "congress.conf").write_text(lines)
    if policy is not None:
        (directory / "policy.yaml").write_text(policy)
    conf(["--config-file", str(directory / "congress.conf")], project="congress")
    return conf


def rule_of(asked: Asked) -> str:
    action = asked.action.replace("-", "_") if asked.action else None
    return rbac.ROUTES[asked.path, asked.verb][action]


def check_that_rules_are_complete() -> None:
    asked = {(each.path, each.verb, each.action and each.action.replace("-", "_")) for each in guarded()}
    ruled = {(path, verb, action) for (path, verb), names in rbac.ROUTES.items() for action in names}
    assert asked == ruled


def test_every_operation_has_a_rule_and_every_rule_an_operation() -> None:
    check_that_rules_are_complete()


def test_an_operation_that_somebody_adds_without_a_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions.Version, "on_delete", Unguarded.on_get, raising=False)
    with pytest.raises(AssertionError, match="DELETE"):
        check_that_rules_are_complete()


def test_a_route_that_somebody_adds_without_a_rule_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    table = routes.routes(mock.MagicMock())
    monkeypatch.setattr(routes, "routes", lambda _services: (*table, ("/v1/forgotten", Unguarded())))
    with pytest.raises(AssertionError, match="/v1/forgotten"):
        check_that_rules_are_complete()


def test_the_application_has_no_routes_beside_those_of_the_table() -> None:
    conf = register(cfg.ConfigOpts())
    conf([], project="congress", default_config_files=[], default_config_dirs=[])
    application = app.routed(conf, mock.MagicMock())
    found = {route.path for route in falcon.inspect.inspect_routes(application)}
    assert found == {path for path, _handler in routes.routes(mock.MagicMock())}


@pytest.mark.parametrize("persona", PERSONAS)
def test_who_may_do_what(persona: str, tmp_path: Path) -> None:
    rules = Enforcement(configured(tmp_path))
    might = MIGHT.get(persona, {"anybody"})
    for asked in OPERATIONS:
        assert rules.allows(rule_of(asked), PERSONAS[persona]) == (needed(asked) in might), asked


def test_the_names_of_the_original_keep_their_effect(tmp_path: Path) -> None:
    operator = RequestContext(user_id="u", project_id="p", roles=["operator"])
    for number, line in enumerate(
        ('context_is_admin: "role:operator"', 'admin_only: "role:operator"', 'default: "role:operator"')
    ):
        rules = Enforcement(configured(tmp_path / str(number), line))
        assert all(rules.allows(rule_of(asked), operator) for asked in OPERATIONS)


def test_one_rule_can_be_given_to_others(tmp_path: Path) -> None:
    rules = Enforcement(configured(tmp_path, '"congress:policies:list": "role:auditor"'))
    auditor = RequestContext(user_id="u", project_id="p", roles=["auditor"])
    assert rules.allows("congress:policies:list", auditor)
    assert not rules.allows("congress:policies:list", PERSONAS["admin of a project"])
    assert not rules.allows("congress:policies:show", auditor)


def test_a_changed_file_is_followed_and_a_broken_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(enforcement, "_LOOK_AGAIN", 0.0)
    rules, guest = Enforcement(configured(tmp_path, "{}")), PERSONAS["without a role"]
    file = tmp_path / "policy.yaml"
    assert not rules.allows("congress:policies:list", guest)
    file.write_text('"congress:policies:list": "@"')
    assert rules.allows("congress:policies:list", guest)
    file.write_text('"congress:policies:list": "rule:misprint"')
    assert rules.allows("congress:policies:list", guest)
    file.write_text("not: [a policy")
    assert rules.allows("congress:policies:list", guest)
    assert caplog.text.count("stay in force") == 2
    file.unlink()
    assert rules.allows("congress:policies:list", guest)
    file.write_text("{}")
    assert not rules.allows("congress:policies:list", guest)


def test_files_in_policy_d_count_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enforcement, "_LOOK_AGAIN", 0.0)
    rules, guest = Enforcement(configured(tmp_path, "{}")), PERSONAS["without a role"]
    (tmp_path / "policy.d").mkdir()
    (tmp_path / "policy.d" / "more.yaml").write_text('"congress:policies:list": "@"')
    assert rules.allows("congress:policies:list", guest)


@pytest.mark.parametrize("text", ['"congress:policies:list": "rule:misprint"', "not: [a policy", '"a": "rule:a"'])
def test_a_server_does_not_start_with_a_file_that_it_cannot_use(tmp_path: Path, text: str) -> None:
    with pytest.raises(PolicyFileInvalid, match="policy.yaml"):
        Enforcement(configured(tmp_path, text))


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    conf = configured(tmp_path, "{}")
    (tmp_path / "policy.yaml").unlink()
    with pytest.raises(PolicyFileInvalid, match="names no file"):
        Enforcement(conf)


def test_a_misspelt_rule_is_named_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        Enforcement(configured(tmp_path, '"congress:polices:list": "@"'))
    assert "congress:polices:list, which guards nothing" in caplog.text


class Unguarded:
    """A handler that somebody forgot to write a rule for."""

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        response.text = "told"


@pytest.fixture
def unguarded(tmp_path: Path) -> falcon.testing.TestClient:
    guard = access.Access(Enforcement(configured(tmp_path)), Senders(lambda _datasource, _secret: False))
    app = falcon.App(middleware=[Bookkeeping(8), guard])
    app.add_error_handler(Exception, failures.handler(str))
    app.add_route("/v1/forgotten", Unguarded())
    return falcon.testing.TestClient(app)


ADMIN = {"X-User-Id": "u", "X-Roles": "admin", "X-Project-Id": "p"}


def test_a_route_without_a_rule_is_refused_to_administrators_too(unguarded: falcon.testing.TestClient) -> None:
    answer = unguarded.simulate_get("/v1/forgotten", headers=ADMIN, extras={CONFIRMED: True})
    assert answer.status_code == 403


def test_headers_alone_are_nobody(unguarded: falcon.testing.TestClient) -> None:
    for path in ("/v1/forgotten", "//v1/forgotten", "///v1/forgotten"):
        answer = unguarded.simulate_get(path, headers={**ADMIN, "X-Identity-Status": "Confirmed"})
        assert answer.status_code == 401, path


def test_a_token_without_a_user_is_refused(unguarded: falcon.testing.TestClient) -> None:
    answer = unguarded.simulate_get("/v1/forgotten", headers={"X-Roles": "admin"}, extras={CONFIRMED: True})
    assert (answer.status_code, answer.json["error"]["error_code"]) == (401, 401)


def test_the_sample_file_and_the_page_of_rules_are_up_to_date(tmp_path: Path) -> None:
    sample = tmp_path / "sample"
    generator = Path(sys.executable).with_name("oslopolicy-sample-generator")
    command = [str(generator), "--namespace", "congress", "--output-file", str(sample)]
    subprocess.run(command, check=True, timeout=60)  # noqa: S603
    assert sample.read_text() == (ROOT / "etc/congress/policy.yaml.sample").read_text(), "write it again: make docs"
    assert reference.page() == (ROOT / "docs/reference/rbac.md").read_text(encoding="utf-8"), "make docs"
