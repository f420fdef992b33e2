"""Values of the parameters of a policy, as the facts that they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from congress.authoring.errors import InputUnusable
from congress.authoring.project import PolicySource
from congress.policies.parameters import ParameterInvalid, declared, values


def with_values(source: PolicySource, given: Mapping[str, Any]) -> PolicySource:
    """The policy with the facts of these values of its parameters, and of the defaults. Raises InputUnusable."""
    try:
        chosen = values(declared(source.parameters), given)
        facts = tuple([fact for parameter, value in chosen for fact in parameter.facts(value)])
    except ParameterInvalid as error:
        raise InputUnusable(f"{source.origin}: {source.name}: {error}") from error
    return replace(source, facts=facts, values=dict(given))
