"""`congress deps`: which table follows which."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from congress.authoring import drawing, graph, loading
from congress.authoring.errors import InputUnusable, QuestionUnclear
from congress.cli.authoring.command import Command, Result
from congress.cli.authoring.given import policy_option, project_options, project_with_schemas
from congress.datalog.core import TableId

FORMATS = {"text": graph.as_text, "dot": graph.as_dot, "svg": drawing.as_svg}


def _options(parser: ArgumentParser) -> None:
    project_options(parser)
    policy_option(parser)
    parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="how it is shown (default: text)")
    parser.add_argument("--table", metavar="TABLE", help="only this table, policy:table, and what it follows")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there instead")


def _run(given: Namespace) -> Result:
    project, schemas = project_with_schemas(given)
    workspace = loading.loaded(project, schemas)
    names = [each.name for each in project.policies if given.policy in (None, each.name)]
    if not names:
        raise QuestionUnclear(f"there is no policy {given.policy}")
    rules = [rule for name in names for rule in workspace.rules(name)]
    heads = {rule.table for rule in rules}
    facts = [TableId(name, table) for name in names for table in workspace.defined(name)]
    found = graph.graph(rules, [table for table in facts if table not in heads], schemas)
    if given.table is not None:
        table = TableId(*given.table.split(":", 1)) if ":" in given.table else TableId(names[0], given.table)
        if table not in found.kinds:
            raise QuestionUnclear(f"no rule mentions {table}; there are: {', '.join(map(str, sorted(found.kinds)))}")
        found = found.below(table)
    text = FORMATS[given.format](found)
    if given.output is None:
        return Result(text, found.to_data())
    try:
        given.output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputUnusable(f"{given.output} cannot be written: {error.strerror}") from error
    return Result("", {**found.to_data(), "written": str(given.output)})


COMMAND = Command(
    "deps",
    "show which table follows which",
    _options,
    _run,
    "As a tree, for Graphviz, or as a drawing. `not` marks tables of which nothing may match, `all of` those that are "
    "counted or summed up.",
    {
        "tables": "each with `table`, `kind`, `rules`",
        "edges": "each with `head`, `body`, `negated`, `aggregated`",
        "written": "the file; with `--output`",
    },
)
