"""The proof as one page that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from congress.cluster.verify.invariants import INVARIANTS
from congress.cluster.verify.picture import before_and_after
from congress.cluster.verify.proof import Proof, Story
from congress.cluster.verify.report import LIMITS, effort, headline, scenario_lines, summary, wrong
from congress.cluster.verify.scenarios import title
from congress.cluster.verify.tools import ToolCheck

STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fff; --faint: #f2f4f8; --line: #d5dbe5; --soft: #5c6675;
  --good: #1a7f46; --bad: #c22f2f; }
@media (prefers-color-scheme: dark) { :root { --ink: #dde3ec; --paper: #14181e; --faint: #1e242d; --line: #363f4c;
  --soft: #98a3b3; --good: #4cc38a; --bad: #ff7a7a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
  max-width: 68rem; padding: 2rem 1.2rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.6rem 0 .4rem; }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .4rem; } .soft, p.soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; }
td, th { padding: .35rem .9rem .35rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
td:last-child, th:last-child { padding-right: 0; }
@media (max-width: 32rem) { body { padding: 1.2rem .8rem 3rem; } td, th { padding-right: .45rem; } }
th { color: var(--soft); font-weight: 500; border: 0; } td.number, th.number { text-align: right; }
td.path { overflow-wrap: anywhere; width: 55%; }
.holds { color: var(--good); font-weight: 600; } .broken { color: var(--bad); font-weight: 600; }
a { color: inherit; } pre { background: var(--faint); padding: .7rem .9rem; overflow-x: auto; font-size: 13px;
  border-radius: 6px; white-space: pre-wrap; }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: 8px; padding: .45rem .9rem; }
summary { cursor: pointer; font-weight: 500; } .picture { overflow-x: auto; margin: .4rem 0 1rem; }
.key { white-space: nowrap; margin-right: 1em; }
.key i { display: inline-block; box-sizing: border-box; width: 1em; height: .8em; border-radius: 3px;
  margin-right: .35em; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .node { fill: #fff; font-weight: 600; }
svg .when { font-weight: 600; } svg .note, svg .arrow { fill: var(--soft); } svg .arrow { font-size: 22px; }
.up { fill: #1a7f46; } .down { fill: #6b7482; } .lost { fill: #c22f2f; } .wait { fill: #b07708; }
.none { fill: var(--faint); stroke: var(--line); } .started { fill: #4fae7b; background: #4fae7b; }
.promoted { fill: #1a7f46; background: #1a7f46; } .unpromoted { fill: #9ed8b8; background: #9ed8b8; }
.failed { fill: #c22f2f; background: #c22f2f; } .changed { stroke: #e08a00; stroke-width: 2.5; }
i.changed { border: 2px solid #e08a00; }
"""

MOST = 500
"""Of the scenarios that break something: one defect breaks thousands, and nobody reads them."""

KEYS = (
    ("started", "runs"),
    ("promoted", "promoted (P)"),
    ("unpromoted", "not promoted"),
    ("failed", "failed (!)"),
    ("changed", "not as before"),
)


def page(name: str, proofs: Sequence[Proof], tools: Sequence[ToolCheck]) -> str:
    """The whole of an HTML document."""
    bad = wrong(proofs, tools)
    verdict = '<span class="broken">not proven</span>' if bad else '<span class="holds">proven</span>'
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(name)}: the failure proof</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(name)}: {verdict}</h1><p class='soft'>{escape(summary(proofs, tools))}</p>",
            *_clusters(proofs),
            *_tools(tools),
            *(part for proof in proofs for part in _proof(proof)),
            f"<h2>What this does not tell</h2><ul>{''.join(f'<li>{escape(limit)}</li>' for limit in LIMITS)}</ul>",
            "</body></html>\n",
        )
    )


def _clusters(proofs: Sequence[Proof]) -> Iterator[str]:
    if len(proofs) < 2:
        return
    yield "<table><tr><th>cluster</th><th class='number'>nodes</th><th class='number'>scenarios</th>"
    yield "<th class='number'>pairs of failures</th><th></th></tr>"
    for proof in proofs:
        state = (
            f'<td class="broken">{len(proof.broken)} broken</td>' if proof.broken else '<td class="holds">holds</td>'
        )
        name = f'<a href="#{escape(proof.name)}">{escape(proof.name)}</a>'
        figures = (len(proof.base.nodes), len(proof.verdicts), proof.coverage.pairs)
        cells = "".join(f'<td class="number">{figure}</td>' for figure in figures)
        yield f"<tr><td>{name}</td>{cells}{state}</tr>"
    yield "</table>"


def _tools(tools: Sequence[ToolCheck]) -> Iterator[str]:
    if not tools:
        return
    names = {True: ("holds", "accepts it"), False: ("broken", "refuses it"), None: ("", "is not installed")}
    refused = sum(check.accepted is False for check in tools)
    asked = sum(check.accepted is not None for check in tools)
    words = f"{asked - refused} files accepted, {refused} refused, {len(tools) - asked} not shown to anybody"
    yield f"<h2>What the tools say about their files</h2><details{' open' if refused else ''}>"
    yield f"<summary>{words}</summary><table>"
    for check in sorted(tools, key=lambda check: check.accepted is not False):
        style, answer = names[check.accepted]
        said = f"<pre>{escape(check.said)}</pre>" if check.said and check.accepted is False else ""
        answer = f"<td class='{style}'>{answer}{said}</td>"
        yield f"<tr><td class='path'>{escape(check.of)}</td><td>{escape(check.tool)}</td>{answer}</tr>"
    yield "</table></details>"


def _proof(proof: Proof) -> Iterator[str]:
    yield f'<h2 id="{escape(proof.name)}">{escape(headline(proof))}</h2>'
    yield f"<p class='soft'>{escape(effort(proof))}.</p><table>"
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
        yield f"<details><summary>All {len(proof.broken)} scenarios that break something</summary><table>"
        for one in proof.broken[:MOST]:
            what = "<br>".join(escape(f"{finding.code}: {finding.what}") for finding in one.findings)
            yield f"<tr><td>{escape(title(one.failing))}</td><td>{what}</td></tr>"
        more = len(proof.broken) - MOST
        yield f"</table>{f'<p>And {more} more.</p>' if more > 0 else ''}</details>"
    keys = "".join(f'<span class="key"><i class="{style}"></i>{words}</span> ' for style, words in KEYS)
    yield f"<h3>What happens when</h3><p class='soft'>{keys}</p>"
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
