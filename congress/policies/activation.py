"""Activation: from a library policy to the policies that are created, the ones that it depends on first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from congress.db.librarypolicies import LibraryRecord
from congress.errors import CongressError
from congress.policies.content import NewPolicy, NewRule
from congress.policies.library import Library
from congress.policies.parameters import ParameterInvalid, declared, values


class DependencyMissing(CongressError):
    """A library policy depends on a policy that neither exists nor is in the library."""

    def __init__(self, policy: str, missing: str) -> None:
        super().__init__(
            f"{policy} depends on {missing}, which is no policy and not in the library; "
            f"create a policy of this name or add it to the library"
        )


class Activation(NamedTuple):
    """A policy to create, with its rules."""

    policy: NewPolicy
    rules: list[NewRule]


def activation(item: LibraryRecord, given: Mapping[str, Any], name: str | None = None) -> Activation:
    """What an item becomes with these values of its parameters, under another `name` if one is given.

    The facts of the parameters come first, so that they are found at the top of the policy. Raises ParameterInvalid.
    """
    try:
        chosen = values(declared(item.parameters), given)
        rules = [
            NewRule(fact, f"parameter {parameter.name}"[:255]) for parameter, value in chosen
            for fact in parameter.facts(value)
        ]  # fmt: skip
    except ParameterInvalid as error:
        raise ParameterInvalid(f"library policy {item.name}: {error}") from error
    rules += [NewRule(str(rule["rule"]), rule.get("comment") or "", rule.get("name")) for rule in item.rules]
    policy = NewPolicy(item.name, item.kind, item.abbreviation, item.description)
    return Activation(policy if name is None else replace(policy, name=name), rules)


def activations(
    library: Library, item: LibraryRecord, given: Mapping[str, Any], name: str | None, exists: Callable[[str], bool]
) -> list[Activation]:
    """What must be created to activate an item, itself last. Policies it depends on get the defaults of their
    parameters; those that exist are left as they are. Raises ParameterInvalid, DependencyMissing."""
    found = {item.name: activation(item, given, name)}
    ordered: list[Activation] = []

    def visit(dependent: LibraryRecord) -> None:
        for needed in dependent.depends_on:
            if needed in found or exists(needed):
                continue
            dependency = library.named(needed)
            if dependency is None:
                raise DependencyMissing(dependent.name, needed)
            found[needed] = _with_defaults(dependency, dependent)
            visit(dependency)
            ordered.append(found[needed])

    visit(item)
    return [*ordered, found[item.name]]


def _with_defaults(item: LibraryRecord, dependent: LibraryRecord) -> Activation:
    try:
        return activation(item, {})
    except ParameterInvalid as error:
        raise ParameterInvalid(f"{dependent.name} depends on {item.name}; activate that first: {error}") from error
