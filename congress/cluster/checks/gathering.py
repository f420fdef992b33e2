"""A description with all that checks look at, put together. Only here does checking read files and environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from congress.cluster.checks.check import Finding, Severity, Subject, Surroundings
from congress.cluster.checks.registry import findings
from congress.cluster.compose import compose
from congress.cluster.errors import UnsoundError
from congress.cluster.model.loading import Described
from congress.cluster.services.contract import Service
from congress.cluster.vault import SecretError, Vault


def subject(described: Described, services: Mapping[str, type[Service]]) -> Subject:
    """What there is to check. Raises DescriptionError."""
    deployment = compose(described, services)
    return Subject(described, deployment, services, _surroundings(Vault(described), deployment.secrets))


def require_sound(described: Described, services: Mapping[str, type[Service]]) -> tuple[Finding, ...]:
    """The warnings about a description without errors. Raises UnsoundError when a check finds one, DescriptionError."""
    found = findings(subject(described, services))
    errors = tuple(str(finding) for finding in found if finding.check.severity is Severity.ERROR)
    if errors:
        raise UnsoundError(errors)
    return found


def _surroundings(vault: Vault, needed: frozenset[str]) -> Surroundings:
    missing = {error.name: error.why for error in vault.missing(needed)}
    found = Surroundings(missing=missing, awkward=vault.awkward(needed))
    if "tls.certificate" in needed:
        found = replace(found, certificate=_text(vault, "tls.certificate"), key=_text(vault, "tls.key"))
    return found


def _text(vault: Vault, name: str) -> str | None:
    try:
        return vault(name)
    except SecretError:
        return None
