"""`congress fmt` brings files into one layout and keeps comments."""

from __future__ import annotations

from tests.cli.authoring.conftest import CommandLine

UGLY = "// why\nerror(x):-nova:servers(id=x),not known( x );\nknown('a').\n"
PRETTY = '// why\nerror(x) :- nova:servers(id=x), not known(x)\nknown("a")\n'


def test_files_are_rewritten_once(congress: CommandLine) -> None:
    congress.write({"p.congress": UGLY})
    said = congress("fmt")
    assert (said.code, said.out) == (0, "reformatted p.congress\n")
    assert (congress.place / "p.congress").read_text() == PRETTY
    said = congress("fmt")
    assert (said.code, said.out) == (0, "")


def test_a_check_changes_nothing(congress: CommandLine) -> None:
    congress.write({"p.congress": UGLY})
    said = congress("fmt", "--check", "--json")
    assert (said.code, said.data) == (1, {"ok": False, "changed": ["p.congress"], "written": False})
    assert (congress.place / "p.congress").read_text() == UGLY


def test_a_difference_is_shown(congress: CommandLine) -> None:
    congress.write({"p.congress": UGLY})
    assert "+error(x) :- nova:servers(id=x), not known(x)" in congress("fmt", "--diff").out


def test_a_file_with_mistakes_is_left_alone(congress: CommandLine) -> None:
    congress.write({"p.congress": "error(x :- y(x)\n"})
    said = congress("fmt")
    assert said.code == 3 and "p.congress:1:9" in said.err
    assert (congress.place / "p.congress").read_text() == "error(x :- y(x)\n"
