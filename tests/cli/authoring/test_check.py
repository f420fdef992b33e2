"""`congress check` tells every mistake at its place."""

from __future__ import annotations

from tests.cli.authoring.conftest import CommandLine

FAULTY = """\
error(vm) :- nova:servers(idd=vm)
warning(x :- foo(x)
known(1)
ok(x) :- knwon(x)
"""


def test_a_faultless_policy_is_fine(shop: CommandLine) -> None:
    said = shop("check")
    assert (said.code, said.out) == (0, "1 policy: 0 mistakes, 0 warnings\n")


def test_every_mistake_is_told_with_file_line_column_code_and_hint(congress: CommandLine) -> None:
    congress.write({"shop.congress": FAULTY})
    said = congress("check", "shop.congress")
    assert said.code == 1
    assert (
        "shop.congress:1:27: In literal nova:servers(idd=vm) column name idd does not exist [unknown-column]"
        in said.out
    )
    assert "hint: did you mean id?" in said.out
    assert "shop.congress:2:11:" in said.out
    assert said.out.endswith("1 policy: 2 mistakes, 1 warning\n")


def test_programs_get_the_same_as_json(congress: CommandLine) -> None:
    congress.write({"shop.congress": FAULTY})
    said = congress("check", "--json")
    assert [(each["line"], each["code"], each["severity"]) for each in said.data["findings"]] == [
        (1, "unknown-column", "error"),
        (2, "unexpected-token", "error"),
        (4, "undefined-table", "warning"),
    ]
    assert (said.data["ok"], said.data["errors"], said.data["warnings"]) == (False, 2, 1)


def test_warnings_count_when_they_are_told_to(congress: CommandLine) -> None:
    congress.write({"p.congress": "ok(x) :- knwon(x)\n"})
    assert congress("check").code == 0
    assert congress("check", "--strict").code == 1


def test_policies_of_a_project_know_each_other_and_its_datasources(congress: CommandLine) -> None:
    congress.write(
        {
            "congress.yaml": "policies: [a.congress, {file: sub/b.congress, name: other}]\n"
            "datasources: {cmdb: {tables: {host: [name, rack]}}, compute: {driver: nova}}\n",
            "a.congress": "error(x) :- other:bad(x)\n",
            "sub/b.congress": "bad(x) :- cmdb:host(name=x), compute:servers(name=x)\n",
        }
    )
    said = congress("check")
    assert (said.code, said.out) == (0, "2 policies: 0 mistakes, 0 warnings\n")


def test_rules_of_a_library_file_are_told_with_their_lines(congress: CommandLine) -> None:
    rules = "name: Big\nrules:\n  - rule: ok(x) :- nova:servers(id=x)\n  - comment: why\n"
    rules += "    rule: |\n      bad(x, y) :-\n        nova:servers(id=x)\n"
    congress.write({"big.yaml": rules})
    said = congress("check", "big.yaml", "--json")
    assert [(each["line"], each["code"]) for each in said.data["findings"]] == [(6, "unsafe-head")]


def test_parameters_are_tables_of_the_policy(congress: CommandLine) -> None:
    congress.write(
        {
            "congress.yaml": "policies: [big.yaml]\nparameters: {Big: {most: three}}\n",
            "big.yaml": "name: Big\nparameters: [{name: most, type: number, default: 2}]\n"
            "rules: [{rule: 'error(x) :- nova:servers(id=x), most(m)'}]\n",
        }
    )
    said = congress("check")
    assert said.code == 3
    assert "parameter most" in said.err and "does not fit" in said.err
    congress.write({"congress.yaml": "policies: [big.yaml]\nparameters: {Big: {most: 3}}\n"})
    assert congress("check").code == 0


def test_a_parameter_without_values_is_no_table_that_was_forgotten(congress: CommandLine) -> None:
    policy = "name: p\nparameters: [{name: exempt, type: list of strings, default: []}]\n"
    congress.write(
        {"p.yaml": policy + "rules: [{rule: 'error(x) :- nova:servers(id=x), not exempt(x), not gone(x)'}]\n"}
    )
    said = congress("check", "p.yaml")
    assert said.code == 0 and "nothing defines p:gone" in said.out and "p:exempt" not in said.out


def test_what_cannot_be_read_is_told_apart_from_what_is_wrong(congress: CommandLine) -> None:
    said = congress("check", "gone.congress")
    assert said.code == 3 and "gone.congress cannot be read: No such file" in said.err
    assert congress("check").code == 3
    congress.write({"congress.yaml": "policys: []\n"})
    assert "policys" in congress("check").err
    congress.write({"congress.yaml": "policies: [../up.congress]\n"})
    assert "leads out of the project" in congress("check").err
    congress.write({"congress.yaml": "policies: [p.congress]\n", "p.congress": "ok(1)", "x-y.congress": "ok(1)"})
    assert "cannot be the name of a policy" in congress("check", "x-y.congress").err
    (congress.place / "b.congress").write_bytes(b"\xff\xfe")
    assert "is not text in UTF-8" in congress("check", "b.congress").err


def test_wrong_words_are_told_apart_too(congress: CommandLine) -> None:
    assert congress("chekc").code == 2
    assert congress("check", "--jsn").code == 2
