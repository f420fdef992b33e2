"""Bundles of a service come, change and go as one, and every engine sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from congress.datalog import DatalogError
from congress.db import migration
from congress.db.session import Database
from congress.policies.bundles import BundledPolicy, BundleRefused, SignatureRefused, key_id, pack, sign, unpack
from congress.policies.bundles.errors import BundleConflict, BundleNotFound, PolicyOfBundle
from congress.policies.bundles.installed import Limits
from congress.policies.bundles.trust import KeysUnusable, Trust
from congress.policies.content import NewPolicy, NewRule
from tests.policies.bundles.versions import Node, archive, bundle
from tests.policies.engines import oracle

ONE = archive("1.0", p=["error(x) :- q:t(x)"], q=["t(1)", "t(2)"])
TWO = archive("2.0", p=["error(x) :- q:t(x), gt(x, 1)"], q=["t(1)", "t(2)"], r=["u(1)"])


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    migration.prepare(database)
    return database


@pytest.fixture
def node(database: Database, tmp_path: Path) -> Node:
    return Node(database, tmp_path / "keys")


def stored(node: Node) -> object:
    """All that is stored of policies and rules, ids and order too."""
    return [(record, node.policies.rules(record.name)) for record in node.policies.policies()]


def test_an_activation_brings_all_policies_with_one_revision(node: Node) -> None:
    node.upload(ONE)
    before = node.live.revision
    assert node.live.workspace.has_policy("p") is False
    node.activate("1.0")
    assert node.live.revision == before + 1
    assert node.live.workspace.rows("p", "error") == [(1,), (2,)]
    assert {each.name: each.bundle for each in node.policies.policies()} == {
        "action": None, "classification": None, "p": "shop", "q": "shop",
    }  # fmt: skip


def test_another_version_takes_the_place_of_the_first_and_touches_nothing_else(node: Node) -> None:
    node.policies.create_policy(NewPolicy("own"), [NewRule("mine(x) :- p:error(x)")])
    node.upload(ONE, TWO)
    node.activate("1.0")
    own, ids = node.policies.rules("own"), {each.name: each.id for each in node.policies.policies()}
    node.activate("2.0")
    assert node.live.workspace.rows("own", "mine") == [(2,)]
    assert node.live.workspace.rows("r", "u") == [(1,)]
    assert node.policies.rules("own") == own
    assert {each.name: each.id for each in node.policies.policies()}.items() >= ids.items()


def test_only_what_differs_is_changed(node: Node) -> None:
    node.upload(ONE, TWO)
    node.activate("1.0")
    before = node.policies.rules("q")
    changes = node.bundles.preview(node.bundles.activation("shop", "2.0", "tester"))
    assert [(each.table.policy, each.inserted, each.deleted) for each in changes] == [("p", (), ((1,),))]
    node.activate("2.0")
    assert node.policies.rules("q") == before


def test_a_preview_changes_nothing(node: Node) -> None:
    node.upload(ONE)
    before, revision = stored(node), node.live.revision
    (change,) = node.bundles.preview(node.bundles.activation("shop", "1.0", "tester"))
    assert change.inserted == ((1,), (2,))
    assert (stored(node), node.live.revision, node.bundles.bundle("shop").active) == (before, revision, None)


def test_a_rollback_brings_back_exactly_what_was(node: Node) -> None:
    node.upload(ONE, TWO)
    node.activate("1.0")
    node.policies.update_policy("p", {"enforcement": "monitor"})
    before, shown = stored(node), node.program()
    node.activate("2.0")
    node.roll_back()
    assert (stored(node), node.program()) == (before, shown)
    state = node.bundles.bundle("shop")
    assert [each.what for each in state.history] == ["rolled back", "activated", "activated"]
    assert (state.active, state.before) == ("1.0", None)
    with pytest.raises(BundleConflict, match="no earlier version of bundle shop was active"):
        node.roll_back()


def activate_three(node: Node) -> None:
    """Versions 1.0, 2.0 and 3.0, one after the other."""
    node.upload(*[archive(f"{number}.0", p=[f"t({number})"]) for number in (1, 2, 3)])
    for number in (1, 2, 3):
        node.activate(f"{number}.0")


def test_each_rollback_goes_one_version_further_back(node: Node) -> None:
    activate_three(node)
    for number in (2, 1):
        node.roll_back()
        assert node.live.workspace.rows("p", "t") == [(number,)]
    node.activate("3.0")
    node.roll_back()
    assert node.bundles.bundle("shop").active == "1.0"


def test_a_rollback_passes_over_versions_that_were_deleted(node: Node) -> None:
    activate_three(node)
    node.bundles.delete("shop", "2.0")
    node.roll_back()
    assert node.bundles.bundle("shop").active == "1.0"


def test_a_rollback_never_leads_to_what_was_not_active(node: Node) -> None:
    activate_three(node)
    node.bundles.delete("shop", "2.0")
    node.upload(archive("2.0", p=["t(7)"]))
    node.roll_back()
    assert node.live.workspace.rows("p", "t") == [(1,)]
    for version in ("3.0", "1.0"):
        node.activate(version)
    node.bundles.delete("shop", "3.0")
    with pytest.raises(BundleConflict, match="no earlier version"):
        node.roll_back()


def test_what_was_deactivated_comes_back_with_its_enforcement(node: Node) -> None:
    node.upload(ONE)
    node.activate("1.0", level="propose")
    node.policies.update_policy("q", {"enforcement": "monitor"})
    before = stored(node)
    node.deactivate()
    assert {each.name for each in node.policies.policies()} == {"action", "classification"}
    node.roll_back()
    assert stored(node) == before
    node.deactivate()
    node.activate("1.0")
    assert stored(node) == before


def test_what_is_refused_leaves_the_last_good_version_active(node: Node) -> None:
    node.upload(ONE, archive("2.0", p=["error(x) :- q:t(x)"], q=["t(1)", "t(1, 2)"]))
    node.activate("1.0")
    before, revision = stored(node), node.live.revision
    with pytest.raises(DatalogError):
        node.activate("2.0")
    assert (stored(node), node.live.revision) == (before, revision)
    assert node.bundles.bundle("shop").active == "1.0"
    assert node.live.workspace.rows("p", "error") == [(1,), (2,)]


FAILING = "policy: p\ntests:\n  - {note: nothing is wrong, want: {error: []}}\n"
PASSING = "policy: p\ntests:\n  - {note: two are wrong, want: {error: [[1], [2]]}}\n"


def test_a_version_whose_own_tests_fail_is_not_activated(node: Node) -> None:
    node.upload(archive("1.0", {"p_test.yaml": PASSING}, p=["error(1)", "error(2)"]))
    node.upload(archive("2.0", {"p_test.yaml": FAILING}, p=["error(1)"]))
    node.activate("1.0")
    with pytest.raises(BundleConflict, match=r"(?s)1 tests of bundle shop 2\.0 fail.*nothing is wrong: unexpected"):
        node.activate("2.0")
    assert node.live.workspace.rows("p", "error") == [(1,), (2,)]


def test_tests_that_repeat_themselves_for_ever_are_refused(node: Node) -> None:
    lines = ["a0: &a0 [1]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    node.upload(archive("1.0", {"bomb.yaml": "\n".join(lines)}, p=["t(1)"]))
    with pytest.raises(BundleConflict, match="repeats itself to more than"):
        node.activate("1.0")


def test_policies_of_others_are_in_the_way(node: Node) -> None:
    node.policies.create_policy(NewPolicy("q"), [NewRule("t(7)")])
    node.upload(ONE)
    with pytest.raises(BundleConflict, match="policy q exists and does not belong to bundle shop; delete the policy"):
        node.activate("1.0")
    assert node.live.workspace.rows("q", "t") == [(7,)]
    node.policies.delete_policy("q")
    node.activate("1.0")
    node.upload(pack(bundle("1.0", name="other", p=["t(1)"])))
    with pytest.raises(BundleConflict, match="policy p belongs to bundle shop, not to other"):
        node.activate("1.0", "other")


def test_a_policy_of_a_bundle_is_changed_by_the_bundle_only(node: Node) -> None:
    node.upload(ONE)
    node.activate("1.0")
    rule = node.policies.rules("p")[0].id
    for change in (
        lambda: node.policies.insert_rule("p", NewRule("error(9)")),
        lambda: node.policies.delete_rule("p", rule),
        lambda: node.policies.update_rule("p", rule, lambda _old: NewRule("error(9)")),
        lambda: node.policies.delete_policy("p"),
        lambda: node.policies.update_policy("p", {"description": "mine"}),
    ):
        with pytest.raises(PolicyOfBundle, match="policy p belongs to bundle shop"):
            change()
    assert node.policies.update_policy("p", {"enforcement": "propose"}).enforcement == "propose"


def test_a_version_is_one_content(node: Node) -> None:
    node.upload(ONE)
    assert node.bundles.upload(ONE, "again")[2] is False
    with pytest.raises(BundleConflict, match=r"has a version 1\.0 with another content"):
        node.upload(archive("1.0", p=["t(9)"]))
    signed = sign(ONE, Ed25519PrivateKey.generate())
    assert node.bundles.upload(signed, "again")[2] is False
    assert len(node.bundles.version("shop", "1.0")[2].signatures) == 1


def test_so_many_versions_and_bytes_and_no_more(database: Database, tmp_path: Path) -> None:
    node = Node(database, tmp_path / "keys", limits=Limits(size=20_480, versions=2))
    node.upload(ONE, TWO)
    with pytest.raises(BundleConflict, match="has 2 versions; delete some"):
        node.upload(archive("3.0", p=["t(1)"]))
    with pytest.raises(BundleRefused, match="allows 20,480"):
        node.upload(archive("4.0", p=[f"t({number})" for number in range(1000)]))


def test_what_is_active_is_not_deleted(node: Node) -> None:
    node.upload(ONE, TWO)
    node.activate("1.0")
    for version in ("1.0", None):
        with pytest.raises(BundleConflict, match=r"version 1\.0 of bundle shop is active"):
            node.bundles.delete("shop", version)
    node.bundles.delete("shop", "2.0")
    node.deactivate()
    node.bundles.delete("shop")
    with pytest.raises(BundleNotFound):
        node.bundles.bundle("shop")
    assert node.bundles.bundles() == []


def test_datasources_and_policies_that_it_needs_must_be_there(node: Node) -> None:
    needs = replace(
        bundle("1.0", p=["error(x) :- cmdb:data(host=x)"]), datasources={"cmdb": {"data": ["host", "rack"]}}
    )
    needs = replace(needs, policies=(replace(needs.policies[0], depends_on=("base",)),))
    node.upload(pack(needs))
    with pytest.raises(BundleConflict, match="no datasource cmdb, create it first; policy p depends on policy base"):
        node.activate("1.0")
    node.policies.create_policy(NewPolicy("base"))
    node.push_datasource("cmdb", "host")
    with pytest.raises(BundleConflict, match="cmdb:data has no column rack"):
        node.activate("1.0")
    node.datasources.delete("cmdb")
    node.push_datasource("cmdb", "host", "rack")
    node.activate("1.0")


def test_a_rule_that_is_set_aside_is_replaced_and_brought_back(node: Node, tmp_path: Path) -> None:
    rules = ["error(x) :- cmdb:data(host=x)"]
    node.push_datasource("cmdb", "host")
    node.upload(archive("1.0", p=rules), archive("2.0", p=[*rules, "t(1)"]))
    node.activate("1.0")
    node.datasources.delete("cmdb")
    node.activate("2.0")
    assert node.live.workspace.rows("p", "t") == [(1,)]
    node.push_datasource("cmdb", "host")
    assert node.program() == oracle(node.database, tmp_path / "keys")
    node.roll_back()
    assert node.program() == oracle(node.database, tmp_path / "keys")
    assert node.program()[0]["p"][1] == rules


def test_another_engine_sees_an_activation(node: Node, database: Database, tmp_path: Path) -> None:
    other = Node(database, tmp_path / "keys")
    node.upload(ONE, TWO)
    for step in (lambda: node.activate("1.0"), lambda: node.activate("2.0"), node.roll_back, node.deactivate):
        step()
        other.replica.synchronise()
        assert other.program() == node.program()
        assert other.bundles.bundle("shop") == node.bundles.bundle("shop")
    assert node.bundles.active() == {}


def test_a_restart_brings_everything_back(node: Node, database: Database, tmp_path: Path) -> None:
    node.upload(ONE, TWO)
    node.activate("1.0")
    node.activate("2.0")
    again = Node(database, tmp_path / "keys")
    assert again.program() == node.program()
    assert again.bundles.active() == {"shop": "2.0"}
    again.roll_back()
    assert again.live.workspace.rows("p", "error") == [(1,), (2,)]


def test_of_two_activations_of_the_same_state_one_is_refused(node: Node, database: Database, tmp_path: Path) -> None:
    other = Node(database, tmp_path / "keys")
    node.upload(ONE, TWO)
    mine, theirs = (
        each.bundles.activation("shop", version, "tester") for each, version in ((node, "1.0"), (other, "2.0"))
    )
    node.bundles.make(mine)
    with pytest.raises(BundleConflict, match="was changed meanwhile; look at it, then decide again"):
        other.bundles.make(theirs)
    assert other.program() == node.program()


def test_kinds_of_policies_may_change(node: Node, tmp_path: Path) -> None:
    first = replace(bundle("1.0", p=["t(1)"]), policies=(BundledPolicy("p", ({"rule": "t(1)"},)),))
    second = replace(first, version="2.0", policies=(BundledPolicy("p", ({"rule": 'action("stop")'},), "action"),))
    node.upload(pack(first), pack(second))
    node.activate("1.0")
    node.activate("2.0")
    assert node.program()[0]["p"][0] == "action"
    assert node.program() == oracle(node.database, tmp_path / "keys")


# -- signatures


def public(key: Ed25519PrivateKey, place: Path) -> Path:
    place.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return place


def test_a_trusted_signature_is_required_when_the_operator_says_so(database: Database, tmp_path: Path) -> None:
    ours, theirs = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    node = Node(database, tmp_path / "keys", Trust([public(ours, tmp_path / "ours.pem")], required=True))
    with pytest.raises(SignatureRefused, match=r"shop 1\.0 is not signed; sign it with `congress bundle sign`"):
        node.upload(ONE)
    with pytest.raises(SignatureRefused, match="none of which is trusted; sign it"):
        node.upload(sign(ONE, theirs))
    node.upload(sign(ONE, ours))
    assert node.bundles.bundle("shop").versions[0].signer == key_id(ours.public_key())


def test_a_signature_that_does_not_fit_is_refused_even_if_none_is_required(database: Database, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    forged = pack(bundle("9.0", p=["t(1)"]), unpack(sign(ONE, key)).signatures)
    assert Trust().signer(unpack(forged)) is None
    node = Node(database, tmp_path / "keys", Trust([public(key, tmp_path / "ours.pem")]))
    with pytest.raises(SignatureRefused, match="was changed after it was signed"):
        node.upload(forged)


def test_a_key_that_is_trusted_no_longer_activates_nothing_and_rolls_back(database: Database, tmp_path: Path) -> None:
    key, keys = Ed25519PrivateKey.generate(), tmp_path / "trusted"
    keys.mkdir()
    file = public(key, keys / "ours.pem")
    public(Ed25519PrivateKey.generate(), keys / "others.pem")
    node = Node(database, tmp_path / "keys", Trust([keys], required=True))
    node.upload(*[sign(each, key) for each in (ONE, TWO, archive("3.0", p=["t(1)"]))])
    node.activate("1.0")
    node.activate("2.0")
    file.unlink()
    with pytest.raises(SignatureRefused):
        node.activate("3.0")
    node.roll_back()
    assert node.bundles.bundle("shop").active == "1.0"


def test_keys_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    for trust, said in (
        (Trust([tmp_path / "gone.pem"]), "gone.pem cannot be read"),
        (Trust([tmp_path / "x.pem"]), "no public key in PEM"),
        (Trust([], required=True), "trusted_keys names no key"),
    ):
        with pytest.raises(KeysUnusable, match=said):
            trust.keys()
