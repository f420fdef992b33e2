"""`congress deps`, `bench` and `repl`: looking at policies from other sides."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from congress.authoring.drawing import ordered
from congress.authoring.graph import Edge, Graph
from congress.datalog.core import TableId
from tests.cli.authoring.conftest import CommandLine
from tests.waiting import until

RULES = """\
error(x) :- reach("a", x), not known(x)
reach(x, y) :- cmdb:link(x, y)
reach(x, z) :- reach(x, y), cmdb:link(y, z)
links(x, count(y)) :- cmdb:link(x, y)
known("b")
"""
MANIFEST = "datasources: {cmdb: {tables: {link: [from, to]}}}\nrows: [rows.json]\n"
ROWS = {"cmdb:link": [["a", "b"], ["b", "c"], ["c", "d"]]}


@pytest.fixture
def net(congress: CommandLine) -> CommandLine:
    congress.write({"net.congress": RULES, "congress.yaml": MANIFEST, "rows.json": json.dumps(ROWS)})
    return congress


def test_the_graph_is_shown_as_a_tree(net: CommandLine) -> None:
    assert net("deps").out == (
        "net:error  (1 rule)\n"
        "  not net:known  (facts)\n"
        "  net:reach  (2 rules)\n"
        "    cmdb:link  (datasource)\n"
        "    net:reach  (2 rules, see above)\n"
        "net:links  (1 rule)\n"
        "  all of cmdb:link  (datasource)\n"
    )


def test_the_graph_is_shown_for_one_table_only(net: CommandLine) -> None:
    assert net("deps", "--table", "net:links").out.splitlines()[0] == "net:links  (1 rule)"
    said = net("deps", "--table", "gone")
    assert said.code == 2 and "no rule mentions net:gone; there are: cmdb:link, net:error" in said.err


def test_the_graph_is_written_for_graphviz(net: CommandLine) -> None:
    dot = net("deps", "--format", "dot").out
    assert '  "net:known" -> "net:error" [style=dashed, label="not"];' in dot
    assert '  "cmdb:link" [shape=cylinder];' in dot


def test_the_graph_is_drawn(net: CommandLine) -> None:
    assert net("deps", "--format", "svg", "--output", "net.svg").code == 0
    drawing = ElementTree.parse(net.place / "net.svg").getroot()  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    assert sorted(each.text or "" for each in drawing.iter(f"{space}text") if each.get("class") == "t") == [
        "cmdb:link", "net:error", "net:known", "net:links", "net:reach",
    ]  # fmt: skip
    boxes = [[float(each.get(name, "")) for name in ("x", "y", "width")] for each in drawing.iter(f"{space}rect")]
    for x, y, width in boxes:
        others = [other for other in boxes if other[1] == y and other != [x, y, width]]
        assert all(x + width < other[0] or other[0] + other[2] < x for other in others)


def test_a_drawing_puts_tables_near_those_that_they_follow() -> None:
    tables = {name: TableId("p", name) for name in ("a", "b", "c", "x", "y", "z")}
    pairs = [("x", "c"), ("y", "b"), ("z", "a")]
    edges = tuple([Edge(tables[head], tables[body], False, False) for head, body in pairs])
    found = Graph(dict.fromkeys(tables.values(), "derived"), {}, edges)
    lower, upper = ordered(found)
    reader = {body: head for head, body in pairs}
    assert [table.name for table in upper] == [reader[table.name] for table in lower]


def test_costs_are_told_rule_by_rule_with_their_indexes(net: CommandLine) -> None:
    said = net("bench", "--json")
    rules = {each["rule"]: each for each in said.data["rules"]}
    assert len(rules) == 4
    assert rules["reach(x, z) :- reach(x, y), cmdb:link(y, z)"]["rows"] == 3
    (step,) = [each for each in rules["reach(x, z) :- reach(x, y), cmdb:link(y, z)"]["steps"] if each["index"]]
    assert step["index"] in (["from"], ["column 1"])
    assert [each["seconds"] for each in said.data["rules"]] == sorted(
        (each["seconds"] for each in said.data["rules"]), reverse=True
    )
    shown = net("bench", "--top", "1").out
    assert "walk through 3" in shown or "look up" in shown or "index on" in shown
    assert shown.splitlines()[-1].startswith("4 rules over 3 rows; everything from scratch: ")


def piped(congress: CommandLine, monkeypatch: pytest.MonkeyPatch, text: str, *words: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    said = congress("repl", *words)
    return said.code, said.out


def test_a_conversation_answers_line_by_line(net: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        'reach("a", x)',
        '.why error("c")',
        '.if known+("c") => error(x)',
        '.add known("d")',
        ".violations",
        '.remove known("d")',
        ".rows net:links",
        ".policies",
        ".quit",
        "never(reached)",
    ]
    code, out = piped(net, monkeypatch, "\n".join(lines))
    assert code == 0
    assert 'reach("a", "b")\nreach("a", "c")\nreach("a", "d")\n3 answers in ' in out
    assert 'net:error("c")  (by error(x) :- reach("a", x), not known(x))' in out
    assert 'error-("c")\n' in out
    assert 'added known("d")\n  - net:error("d")\nnet:error("c")\nremoved\n  + net:error("d")\n' in out
    assert 'net:links("a", 1)' in out and "cmdb  (datasource)" in out
    assert "never" not in out


def test_a_conversation_goes_on_after_a_mistake(net: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out = piped(net, monkeypatch, "reach(x\n.gone\n.why x\n.policy gone\n.if x\nknown(x)\n", "--json")
    answers = json.loads(out)["answers"]
    assert code == 1
    assert [each["ok"] for each in answers] == [False, False, False, False, False, True]
    assert ".violations" in answers[1]["lines"][0]
    assert answers[5]["lines"][0] == 'known("b")'


def test_help_names_every_word(net: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    _code, out = piped(net, monkeypatch, ".help\n")
    assert all(word in out for word in (".policies", ".tables", ".rows", ".why", ".if", ".add", ".remove", ".quit"))


def test_a_conversation_on_a_terminal_completes_words(net: CommandLine) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "congress.cli.authoring.main", "repl"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "TERM": "dumb"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=net.place, env=environment)  # noqa: S603
    os.close(theirs)
    os.set_blocking(ours, False)
    said = bytearray()

    def shows(text: bytes) -> bool:
        with contextlib.suppress(BlockingIOError):
            said.extend(os.read(ours, 4096))
        return text in said

    try:
        until(lambda: shows(b"net> "), lambda: f"no prompt: {bytes(said)!r}", seconds=120)
        os.write(ours, b'rea\t("a", "d")\n')
        until(lambda: shows(b"answers in"), lambda: f"no answer: {bytes(said)!r}", seconds=120)
        assert b'reach("a", "d")\r\n1 answers' in said
        os.write(ours, b"\x04")
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
