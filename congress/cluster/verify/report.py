"""What was proven, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from textwrap import fill

from congress.cluster.verify.invariants import INVARIANTS
from congress.cluster.verify.proof import Proof, Story
from congress.cluster.verify.scenarios import title
from congress.cluster.verify.tools import ToolCheck
from congress.cluster.verify.trial import CHANGES, unlike

LIMITS = (
    "Fencing is believed to succeed, or where a scenario says so, not to: whether a device can be reached from where it"
    " is used is seen by `congress-cluster check`, the laboratory and the device itself.",
    "Time: how long a failure lasts is measured in the laboratory.",
    "Agents are believed to do what they are told, and those of databases to permit a promotion on each node that is"
    " there.",
    "Addresses that keepalived moves are not Pacemaker's, and not looked at.",
)
"""What the simulator cannot see."""


def text(proofs: Sequence[Proof], tools: Sequence[ToolCheck]) -> str:
    """For people."""
    parts = [_of_tools(tools)] if tools else []
    parts += [_of_proof(proof) for proof in proofs]
    parts.append("Not looked at, since the scheduler does not see it:\n" + "\n".join(map(_item, LIMITS)))
    parts.append(summary(proofs, tools))
    return "\n\n".join(parts) + "\n"


def as_json(proofs: Sequence[Proof], tools: Sequence[ToolCheck]) -> dict[str, object]:
    """For programs; made of what JSON knows."""
    return {
        "holds": not wrong(proofs, tools),
        "tools": [
            {"tool": check.tool, "of": check.of, "accepted": check.accepted, "said": check.said} for check in tools
        ],
        "clusters": [_cluster(proof) for proof in proofs],
    }


def wrong(proofs: Sequence[Proof], tools: Sequence[ToolCheck]) -> bool:
    """Whether anything is."""
    return any(proof.broken for proof in proofs) or any(check.accepted is False for check in tools)


def headline(proof: Proof) -> str:
    instances = sum(1 for instance in proof.base.instances if instance.active)
    return f"cluster {proof.name}: {len(proof.base.nodes)} nodes, {instances} instances of resources"


def effort(proof: Proof) -> str:
    """How much was tried, in a sentence."""
    coverage = proof.coverage
    known = f", {proof.cached} verdicts known from before" if proof.cached else ""
    doubles = ""
    if coverage.pairs:
        doubles = (
            f"; {coverage.pairs} pairs of failures: {coverage.tried} tried, {coverage.bunched} tried with others,"
            f" {coverage.alike} are like one that was, {coverage.same} lead to where another does,"
            f" {coverage.apart} have nothing to do with each other"
        )
    return (
        f"{len(proof.verdicts)} scenarios in {proof.calls} transitions of Pacemaker's scheduler,"
        f" {proof.seconds:.1f} s{known}{doubles}"
    )


def scenario_lines(story: Story) -> Iterator[str]:
    """What happened, moment by moment."""
    for number, moment in enumerate(story.moments, 1):
        events = " and ".join(map(str, moment.events))
        yield f"{number}. {events}{'' if moment.quorate else ' (no quorum is left)'}"
        for transition in moment.transitions:
            steps = [
                f"fence {step.node}" if step.kind == "fence" else f"{step.operation} {step.resource} on {step.node}"
                for step in transition.steps
                if step.kind == "fence" or step.operation in CHANGES
            ]
            if steps:
                yield f"   Pacemaker: {', '.join(steps)}"
            for error in transition.errors:
                yield f"   Pacemaker gives up: {error}"
        for resource, change in unlike(moment.start, moment.end).items():
            yield f"   {resource}: {change}"


def _item(sentence: str) -> str:
    return fill(sentence, 110, initial_indent="  - ", subsequent_indent="    ")


def _of_tools(tools: Sequence[ToolCheck]) -> str:
    lines = []
    for tool in dict.fromkeys(check.tool for check in tools):
        checks = [check for check in tools if check.tool == tool]
        absent = next((check for check in checks if check.accepted is None), None)
        if absent is not None:
            lines.append(f"{tool} was not asked: {absent.said}")
            continue
        refused = [check for check in checks if not check.accepted]
        lines.append(f"{tool} accepts {len(checks) - len(refused)} of {len(checks)} files")
        for check in refused:
            lines += [f"  {check.of}:", *(f"    {line}" for line in check.said.splitlines()[:12])]
    return "\n".join(lines)


def _of_proof(proof: Proof) -> str:
    lines = [headline(proof), fill(effort(proof), 110, initial_indent="  ", subsequent_indent="  ")]
    for invariant in INVARIANTS:
        count = sum(1 for v in proof.verdicts if any(f.code == invariant.code for f in v.findings))
        state = f"BROKEN by {count}" if count else "holds"
        lines.append(f"  {invariant.code:<4}{state:<16}{invariant.sentence}")
    for story in proof.stories:
        if story.findings:
            lines += ["", f"  The shortest scenario that breaks {', '.join(_codes(story))}: {title(story.scenario)}"]
            lines += [f"    {line}" for line in scenario_lines(story)]
            lines += [f"    {finding.code} is broken: {finding.what}" for finding in story.findings]
    return "\n".join(lines)


def _codes(story: Story) -> list[str]:
    return list(dict.fromkeys(finding.code for finding in story.findings))


def summary(proofs: Sequence[Proof], tools: Sequence[ToolCheck]) -> str:
    """The last word, in a sentence."""
    scenarios = sum(len(proof.verdicts) for proof in proofs)
    pairs = sum(proof.coverage.pairs for proof in proofs)
    seconds = sum(proof.seconds for proof in proofs)
    broken = sum(len(proof.broken) for proof in proofs)
    refused = sum(1 for check in tools if check.accepted is False)
    if broken or refused:
        parts = [f"{broken} scenarios break an invariant"] if broken else []
        parts += [f"{refused} files are refused by their own tools"] if refused else []
        return f"NOT PROVEN: {' and '.join(parts)} ({scenarios} scenarios, {seconds:.1f} s)"
    return f"Proven: {scenarios} scenarios and {pairs} pairs of failures keep every invariant ({seconds:.1f} s)"


def _cluster(proof: Proof) -> dict[str, object]:
    return {
        "name": proof.name,
        "digest": proof.digest,
        "nodes": list(proof.base.nodes),
        "scenarios": len(proof.verdicts),
        "transitions": proof.calls,
        "pairs": asdict(proof.coverage),
        "seconds": round(proof.seconds, 3),
        "known_from_before": proof.cached,
        "invariants": [
            {
                "code": invariant.code,
                "sentence": invariant.sentence,
                "holds": not any(f.code == invariant.code for v in proof.verdicts for f in v.findings),
            }
            for invariant in INVARIANTS
        ],
        "broken": [
            {
                "scenario": [[str(event) for event in moment] for moment in verdict.failing],
                "findings": [{"code": finding.code, "what": finding.what} for finding in verdict.findings],
            }
            for verdict in proof.broken
        ],
    }
