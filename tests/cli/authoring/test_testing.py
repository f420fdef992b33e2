"""`congress test` runs tests beside policies, shows all failures with their reasons, and measures coverage."""

from __future__ import annotations

import pytest

from tests.cli.authoring.conftest import CommandLine

TESTS = """\
policy: shop
rows:
  neutronv2:ports: [{device_id: s1, network_id: n1}]
tests:
  - note: a stranger on the shop's network
    rows:
      nova:servers: [{id: s1, user_id: u2}]
    want: {error: [[s1]]}
  - note: a member may be there
    rows:
      nova:servers: [{id: s1, user_id: u1}]
    want: {}
  - note: a new member
    rows:
      nova:servers: [{id: s1, user_id: u2}]
      member: [[u2, shop]]
    want: {error: []}
  - note: what a query tells
    query: net_owner(x, "shop")
    answers: ['net_owner("n1","shop")']
  - note: letting somebody in mends it
    rows:
      nova:servers: [{id: s1, user_id: u2}]
    simulate: {query: error(x), sequence: 'member+("u2", "shop")', delta: true}
    answers: ['error-("s1")']
"""


def test_tests_that_pass_are_counted_with_the_rules_they_used(shop: CommandLine) -> None:
    shop.write({"shop_test.yaml": TESTS})
    said = shop("test")
    assert (said.code, said.out) == (0, "5 passed, 0 failed; 1 of 1 rules made use of (100 %)\n")


def test_every_failure_is_told_with_its_reason(shop: CommandLine) -> None:
    shop.write({"shop_test.yaml": TESTS.replace("want: {}", "want: {error: [[s1], [s9]]}").replace("[[s1]]", "[]")})
    said = shop("test")
    assert said.code == 1
    assert 'FAILED shop_test.yaml: a stranger on the shop\'s network\n  unexpected: shop:error("s1")' in said.out
    assert 'not member("u2", "shop")  (nothing matches)' in said.out
    assert '  missing: shop:error("s1")' in said.out and '  missing: shop:error("s9")' in said.out
    assert 'member("u1", "shop")' in said.out
    assert "3 passed, 2 failed" in said.out


def test_violations_that_nobody_wanted_fail_a_test(shop: CommandLine) -> None:
    shop.write({"shop_test.yaml": TESTS.replace("{error: [[s1]]}", "{member: [[u1, shop]]}")})
    assert "unexpected: shop:error" in shop("test").out


def test_rules_that_no_test_used_are_listed(shop: CommandLine) -> None:
    shop.write({"shop.congress": "error(x) :- nova:servers(id=x, name=n), odd(n)\nodd(n) :- nova:flavors(name=n)\n"})
    shop.write({"shop_test.yaml": "tests: [{note: nothing, want: {}, rows: {'nova:flavors': [{name: a}]}}]\n"})
    said = shop("test", "--coverage")
    assert said.code == 0
    assert "shop.congress:1: no test makes use of error(x) :- nova:servers(id=x, name=n), odd(n)" in said.out
    assert "1 of 2 rules made use of (50 %)" in said.out
    said = shop("test", "--min-coverage", "80", "--json")
    assert said.code == 1
    assert (said.data["failed"], said.data["coverage"]["percent"]) == (0, 50.0)


def test_some_tests_can_be_chosen(shop: CommandLine) -> None:
    shop.write({"shop_test.yaml": TESTS, "more.yaml": TESTS})
    assert shop("test", "--only", "member", "--json").data["passed"] == 2
    assert shop("test", "--tests", "more.yaml", "--json").data["tests"][0]["file"] == "more.yaml"
    assert shop("test", "shop.congress", "--json").data["passed"] == 5


def test_a_project_without_tests_does_not_pass(shop: CommandLine) -> None:
    said = shop("test")
    assert said.code == 1 and "there are no tests" in said.out


def test_parameters_are_given_by_tests(congress: CommandLine) -> None:
    congress.write(
        {
            "big.yaml": "name: Big\nparameters: [{name: most, type: number, default: 4}]\n"
            "rules: [{rule: 'error(x) :- nova:flavors(id=x, vcpus=n), most(m), gt(n, m)'}]\n",
            "big_test.yaml": "rows: {nova:flavors: [{id: f1, vcpus: 6}]}\ntests:\n"
            "  - {note: more than the default, want: {error: [[f1]]}}\n"
            "  - {note: more is allowed, parameters: {most: 8}, want: {}}\n"
            "  - {note: a value of another type, parameters: {most: many}, want: {}}\n",
        }
    )
    said = congress("test", "big.yaml")
    assert "2 passed, 1 failed" in said.out and "parameter most" in said.out


def test_time_is_told_by_tests(congress: CommandLine) -> None:
    congress.write(
        {
            "p.congress": "error(x) :- due(x, t), now(now), builtin:datetime_lt(t, now)\n"
            'due("a", "2030-01-01 00:00:00")\n',
            "p_test.yaml": "tests:\n  - {note: before, now: 2029-12-31 00:00:00, want: {}}\n"
            "  - {note: after, now: '2030-01-02 00:00:00', want: {error: [[a]]}}\n",
        }
    )
    said = congress("test")
    assert said.code == 3 and "test 'before'.now" in said.err  # YAML makes a date of what is not quoted
    tests = (congress.place / "p_test.yaml").read_text()
    congress.write({"p_test.yaml": tests.replace("2029-12-31 00:00:00", "'2029-12-31 00:00:00'")})
    assert "2 passed" in congress("test").out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tests: [{note: a}]", "test 'a'"),
        ("tests: [{note: a, want: {}, wnat: {}}]", "'wnat' was unexpected"),
        ("tests: [{note: a, query: ok(x)}]", "'answers' is a dependency of 'query'"),
        ("tests: 3", "tests: 3 is not of type 'array'"),
        ("policy: gone\ntests: []", "say with `policy` which policy is tested; there are: shop"),
    ],
)
def test_a_file_of_tests_that_cannot_be_used_is_told(shop: CommandLine, text: str, says: str) -> None:
    shop.write({"shop_test.yaml": text})
    said = shop("test")
    assert said.code == 3 and says in said.err
    assert "shop_test.yaml" in said.err


def test_a_test_over_rows_that_do_not_fit_fails_alone(shop: CommandLine) -> None:
    shop.write({"shop_test.yaml": TESTS + "  - {note: wrong, rows: {'nova:servers': [{idd: 1}]}, want: {}}\n"})
    said = shop("test")
    assert "5 passed, 1 failed" in said.out and "has no column idd" in said.out
