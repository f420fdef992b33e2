"""What the library takes in: policies whose rules are checked when they are activated, and their parameters now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from congress import datalog
from congress.db.librarypolicies import LibraryRecord
from congress.policies.content import NewPolicy
from congress.policies.errors import PolicyNameInvalid
from congress.policies.parameters import declared


@dataclass(frozen=True, slots=True)
class NewItem:
    """A policy for the library.

    `rules`: objects with `rule` and possibly `comment` and `name`. `parameters`: see `congress.policies.parameters`.
    `depends_on`: names of the library policies whose tables the rules read.
    """

    policy: NewPolicy
    rules: Sequence[dict[str, str | None]]
    parameters: Sequence[Mapping[str, Any]] = ()
    depends_on: Sequence[str] = ()


def record_of(item_id: str, new: NewItem) -> LibraryRecord:
    """The item as it is stored. Raises PolicyNameInvalid, ParameterInvalid."""
    policy = new.policy
    for name in (policy.name, *new.depends_on):
        if len(name) > 255 or not datalog.is_policy_name(name):
            raise PolicyNameInvalid(name)
    declared(new.parameters)
    return LibraryRecord(
        item_id,
        policy.name,
        policy.name[:5] if policy.abbreviation is None else policy.abbreviation,
        policy.description,
        policy.kind,
        tuple(new.rules),
        tuple(dict(parameter) for parameter in new.parameters),
        tuple(new.depends_on),
    )
