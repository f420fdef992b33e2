"""The proof as one page that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from congress.cluster.verify.invariants import INVARIANTS
from congress.cluster.verify.picture import before_and_after
from congress.cluster.verify.proof import Proof, Story
from congress.cluster.verify.report import effort, headline, scenario_lines, wrong
from congress.cluster.verify.scenarios import title
from congress.cluster.verify.tools import ToolCheck

STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fff; --faint: #e6e9ef; --line: #c3cad6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #dde3ec; --paper: #161a20; --faint: #262c36; --line: #46505f; }
}
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 76rem; padding: 0 1rem; }
table { border-collapse: collapse; } td, th { padding: .25rem .8rem .25rem 0; text-align: left; vertical-align: top; }
tr + tr td { border-top: 1px solid var(--faint); }
.holds { color: #1a7f46; font-weight: 600; } .broken { color: #c22f2f; font-weight: 600; }
pre { background: var(--faint); padding: .6rem .8rem; overflow-x: auto; font-size: 13px; }
details { margin: .6rem 0; } summary { cursor: pointer; } .picture { overflow-x: auto; margin: .6rem 0; }
svg text { font: 11px system-ui, sans-serif; fill: var(--ink); } svg .node { fill: #fff; font-weight: 600; }
svg .when { font-weight: 600; }
svg .up { fill: #1a7f46; } svg .down { fill: #6b7482; } svg .lost { fill: #c22f2f; } svg .wait { fill: #b07708; }
svg .none { fill: var(--faint); } svg .started { fill: #56b883; } svg .promoted { fill: #1a7f46; }
svg .unpromoted { fill: #9ed8b8; } svg .failed { fill: #c22f2f; } svg .changed { stroke: #d98200; stroke-width: 2; }
"""

LEGEND = "green: runs (dark: promoted); red: failed; orange frame: not as before"


def page(name: str, proofs: Sequence[Proof], tools: Sequence[ToolCheck]) -> str:
    """The whole of an HTML document."""
    bad = wrong(proofs, tools)
    verdict = '<span class="broken">not proven</span>' if bad else '<span class="holds">proven</span>'
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(name)}: the failure proof</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(name)}: {verdict}</h1>",
            *_tools(tools),
            *(part for proof in proofs for part in _proof(proof)),
            "</body></html>\n",
        )
    )


def _tools(tools: Sequence[ToolCheck]) -> Iterator[str]:
    if not tools:
        return
    names = {True: ("holds", "accepts it"), False: ("broken", "refuses it"), None: ("", "is not installed")}
    yield "<h2>What the tools say about their files</h2><table>"
    for check in tools:
        style, words = names[check.accepted]
        said = f"<pre>{escape(check.said)}</pre>" if check.said and check.accepted is False else ""
        yield f"<tr><td>{escape(check.of)}</td><td>{escape(check.tool)}</td><td class='{style}'>{words}{said}</td></tr>"
    yield "</table>"


def _proof(proof: Proof) -> Iterator[str]:
    yield f"<h2>{escape(headline(proof))}</h2><p>{escape(effort(proof))}.</p><table>"
    for invariant in INVARIANTS:
        count = sum(1 for v in proof.verdicts if any(f.code == invariant.code for f in v.findings))
        state = f'<td class="broken">broken by {count}</td>' if count else '<td class="holds">holds</td>'
        yield f"<tr><td>{invariant.code}</td>{state}<td>{escape(invariant.sentence)}</td></tr>"
    yield "</table>"
    broken = [story for story in proof.stories if story.findings]
    if broken:
        yield "<h3>The shortest scenarios that break something</h3>"
        for story in broken:
            yield from _story(story, opened=True)
        yield "<details><summary>All scenarios that break something</summary><table>"
        for one in proof.broken:
            what = "<br>".join(escape(f"{finding.code}: {finding.what}") for finding in one.findings)
            yield f"<tr><td>{escape(title(one.failing))}</td><td>{what}</td></tr>"
        yield "</table></details>"
    yield f"<h3>What happens when</h3><p>{LEGEND}</p>"
    for story in proof.stories:
        if not story.findings:
            yield from _story(story, opened=False)


def _story(story: Story, *, opened: bool) -> Iterator[str]:
    yield f"<details{' open' if opened else ''}><summary>{escape(title(story.scenario))}</summary>"
    for finding in story.findings:
        yield f'<p class="broken">{finding.code}: {escape(finding.what)}</p>'
    for moment in story.moments:
        events = escape(" and ".join(map(str, moment.events)))
        note = "" if moment.quorate else " &ndash; no quorum is left"
        picture = before_and_after(moment.start, moment.end)
        yield f"<p><b>{events}</b>{note}</p><div class='picture'>{picture}</div>"
    yield f"<pre>{escape(chr(10).join(scenario_lines(story)))}</pre></details>"
