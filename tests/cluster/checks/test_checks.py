"""Each check finds what it is for, and nothing in a good deployment."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from congress.cluster.checks.check import Severity
from congress.cluster.checks.reference import reference
from congress.cluster.checks.registry import checks, findings
from tests.cluster.checks.wrong import GOOD, KEY, TLS, WRONG, Wrong, subject
from tests.cluster.stand_ins import DESCRIPTION, WITH_COMPUTES

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cluster-checks.md"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.code} {wrong.name}")
def test_what_is_wrong_is_found(wrong: Wrong) -> None:
    found = [str(finding) for finding in findings(wrong.made()) if finding.check.code == wrong.code]
    assert any(wrong.told in text for text in found), found


@pytest.mark.parametrize("text", [DESCRIPTION, DESCRIPTION.replace("secrets:", TLS)], ids=["plain", "with TLS"])
def test_nothing_is_found_where_nothing_is_wrong(text: str) -> None:
    assert findings(subject(text, certificate=GOOD, key=KEY)) == ()


def test_computes_have_to_be_fenced_and_may_be_remote() -> None:
    found = findings(subject(WITH_COMPUTES))
    assert [finding.problem.field for finding in found] == ["nodes.compute1", "nodes.compute2"]
    assert {finding.check.code for finding in found} == {"CL003"}


def test_two_nodes_with_a_quorum_device_have_quorum() -> None:
    text = DESCRIPTION.replace("  node3: {addresses: {internal: 10.0.0.13}, host: rack3}\n", "")
    text = text.replace(
        "[node1, node2, node3]\n    services", "[node1, node2]\n    quorum_device: 10.0.0.9\n    services"
    )
    found = findings(subject(text.replace("[node1, node2, node3]", "[node1, node2]")))
    assert "CL001" not in {finding.check.code for finding in found}


def test_findings_say_where_and_errors_come_first() -> None:
    text = DESCRIPTION.replace("10.0.0.100}", "10.0.0.100, by: keepalived}").replace("host: rack2", "host: rack1")
    first, *_, last = findings(subject(text))
    assert str(first).startswith("cluster.yaml:7: CL006 error: nodes.node2.host: the machine 'rack1' carries")
    assert (last.check.severity, last.problem.line) == (Severity.WARNING, 15)


def test_every_check_is_tried_here() -> None:
    assert {check.code for check in checks()} == {wrong.code for wrong in WRONG}


def test_codes_are_used_once() -> None:
    assert [code for code, count in Counter(check.code for check in checks()).items() if count > 1] == []


def test_every_code_is_explained_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == reference(), "run: python -m congress.cluster.checks.reference > docs/reference/cluster-checks.md"
    for check in checks():
        assert f"## {check.code}\n\n**{check.title}.**" in page
        assert len(check.explanation) > 60
