"""`congress bundle` packs a project with its tests, signs it, and refuses what was changed."""

from __future__ import annotations

import pytest

from congress.policies.bundles import unpack
from tests.cli.authoring.conftest import CommandLine

MANIFEST = "name: shop\nversion: '1.2.0'\ndescription: Rules of the shop\nparameters: {Big: {most: 8}}\n"
MANIFEST += "policies: [shop.congress, big.yaml]\n"
BIG = "name: Big\nparameters: [{name: most, type: number, default: 4}]\n"
BIG += "rules: [{rule: 'error(x) :- nova:flavors(id=x, vcpus=n), most(m), gt(n, m)', comment: too big}]\n"
TEST = "policy: Big\nrows: {nova:flavors: [{id: f1, vcpus: 9}, {id: f2, vcpus: 6}]}\n"
TEST += "tests: [{note: more than the parameter allows, want: {error: [[f1]]}}]\n"


@pytest.fixture
def project(shop: CommandLine) -> CommandLine:
    shop.write({"congress.yaml": MANIFEST, "big.yaml": BIG, "tests/big_test.yaml": TEST})
    return shop


@pytest.fixture
def built(project: CommandLine) -> CommandLine:
    assert project("bundle", "build").code == 0
    return project


def test_a_project_becomes_one_archive_with_all_that_it_needs(project: CommandLine) -> None:
    said = project("bundle", "build")
    assert (said.code, said.out) == (0, "shop-1.2.0.bundle: shop 1.2.0, 2 policies, 1 files of tests\n")
    bundle = unpack((project.place / "shop-1.2.0.bundle").read_bytes()).bundle
    shop, big = bundle.policies
    assert shop.rules[0]["comment"] == "Servers of strangers on networks of the shop."
    assert [rule["rule"] for rule in shop.rules[1:]] == ['net_owner("n1", "shop")', 'member("u1", "shop")']
    assert (big.values, big.rules[0]["comment"]) == ({"most": 8}, "too big")
    assert sorted(bundle.datasources) == ["neutronv2", "nova"]
    assert "vcpus" in bundle.datasources["nova"]["flavors"]


def test_the_same_project_gives_the_same_bytes(built: CommandLine) -> None:
    assert built("bundle", "build", ".", "--output", "again.bundle").code == 0
    assert (built.place / "again.bundle").read_bytes() == (built.place / "shop-1.2.0.bundle").read_bytes()


def test_the_tests_inside_are_run(built: CommandLine) -> None:
    said = built("bundle", "test", "shop-1.2.0.bundle")
    assert said.code == 0 and said.out.startswith("1 passed, 0 failed; 1 of 2 rules made use of")
    built.write({"tests/big_test.yaml": TEST.replace("f1]]", "f2]]")})
    built("bundle", "build")
    said = built("bundle", "test", "shop-1.2.0.bundle")
    assert said.code == 1 and 'missing: Big:error("f2")' in said.out


def test_what_was_signed_is_verified(built: CommandLine) -> None:
    assert built("bundle", "keygen", "ours").code == 0
    assert (built.place / "ours.pem").stat().st_mode & 0o777 == 0o600
    assert "exists already" in built("bundle", "keygen", "ours").err
    assert built("bundle", "sign", "shop-1.2.0.bundle", "--key", "ours.pem").code == 0
    said = built("bundle", "verify", "shop-1.2.0.bundle", "--key", "ours.pub.pem")
    assert said.code == 0 and ", signed by " in said.out
    built("bundle", "keygen", "theirs")
    said = built("bundle", "verify", "shop-1.2.0.bundle", "--key", "theirs.pub.pem")
    assert said.code == 1 and "none of which is trusted" in said.out
    said = built("bundle", "sign", "shop-1.2.0.bundle", "--key", "ours.pub.pem")
    assert said.code == 1 and "this is no private key" in said.out


def test_what_was_changed_or_is_not_signed_is_refused(built: CommandLine) -> None:
    built("bundle", "keygen", "ours")
    said = built("bundle", "verify", "shop-1.2.0.bundle", "--key", "ours.pub.pem", "--json")
    assert said.code == 1 and said.data["error"] == "bundle shop 1.2.0 is not signed"
    archive = built.place / "shop-1.2.0.bundle"
    archive.write_bytes(archive.read_bytes().replace(b"gt(n, m)", b"lt(n, m)"))
    said = built("bundle", "inspect", "shop-1.2.0.bundle")
    assert said.code == 1 and "its digest is another one" in said.out
    assert built("bundle", "inspect", "gone.bundle").code == 3


def test_an_archive_says_what_is_in_it(built: CommandLine) -> None:
    said = built("bundle", "inspect", "shop-1.2.0.bundle")
    assert said.out.startswith("shop 1.2.0: Rules of the shop\n  digest ")
    assert "  policy Big (nonrecursive), 1 rules\n    most = 8\n" in said.out
    assert "  reads nova:flavors\n" in said.out and said.out.endswith("  not signed\n")


def test_policies_with_mistakes_are_not_packed(project: CommandLine) -> None:
    project.write({"shop.congress": "error(x :- y(x)\n"})
    said = project("bundle", "build")
    assert said.code == 3 and "shop.congress:1:9" in said.err
    assert not list(project.place.glob("*.bundle"))


def test_a_bundle_needs_a_name_and_a_version(project: CommandLine) -> None:
    project.write({"congress.yaml": "policies: [shop.congress]\n"})
    said = project("bundle", "build")
    assert said.code == 3 and "a bundle needs `name` and `version`" in said.err
