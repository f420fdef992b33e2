"""From a bundle to the policies that are created."""

from __future__ import annotations

import uuid

from congress.db.librarypolicies import LibraryRecord
from congress.policies.activation import Activation, activation
from congress.policies.bundles.content import Bundle, BundledPolicy


def activations(bundle: Bundle) -> list[Activation]:
    """The policies of a bundle with their rules and the facts of their parameters, in the bundle's order.

    Raises ParameterInvalid.
    """
    return [activation(_record(policy), policy.values) for policy in bundle.policies]


def _record(policy: BundledPolicy) -> LibraryRecord:
    abbreviation = policy.name[:5] if policy.abbreviation is None else policy.abbreviation
    return LibraryRecord(
        str(uuid.uuid4()),
        policy.name,
        abbreviation,
        policy.description,
        policy.kind,
        tuple(dict(rule) for rule in policy.rules),
        tuple(dict(parameter) for parameter in policy.parameters),
        policy.depends_on,
    )
