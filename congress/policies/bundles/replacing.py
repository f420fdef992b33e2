"""One version of a bundle in the place of another: what comes, what goes, what stays, in one change."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from sqlalchemy.orm import Session

from congress.db import policies as stored_policies
from congress.db import rules as stored_rules
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.policies import writing
from congress.policies.actions.enforcement import ENFORCE
from congress.policies.activation import Activation
from congress.policies.bundles.errors import BundleConflict
from congress.policies.content import distinct
from congress.policies.replica import Write

_NAMES = uuid.UUID("6a1c2ad2-0e2b-5c0e-9a55-3f6f2f6c0b1d")


class Filled(NamedTuple):
    """A policy and its rules, in their order."""

    record: PolicyRecord
    rules: Sequence[RuleRecord]


class Kept(NamedTuple):
    """A policy that stays, before and after."""

    before: Filled
    after: Filled


@dataclass(frozen=True, slots=True)
class Replacement:
    """What leads from the policies that a bundle brought to those that it is to bring."""

    gone: tuple[Filled, ...]
    new: tuple[Filled, ...]
    kept: tuple[Kept, ...]


def wanted(bundle: str, contents: Iterable[Activation], levels: Mapping[str, str]) -> list[Filled]:
    """The policies of a version as they are stored; `levels`: the enforcement of some of them, by name.

    Ids are made of names and texts: what two versions share keeps its id, and what comes back has the one it had.
    Raises PolicyNameInvalid, UnknownKind, EnforcementUnknown, DatalogError.
    """
    found = []
    for policy, rules in contents:
        made = replace(policy, enforcement=levels.get(policy.name, ENFORCE)).record()
        # Engines tell policies apart by their ids and do not look at the kind again.
        record = replace(made, id=_id(bundle, made.name, made.kind), bundle=bundle)
        found.append(Filled(record, [rule.record(_id(record.id, rule.rule)) for rule in distinct(rules)]))
    return found


def _id(*names: str) -> str:
    return str(uuid.uuid5(_NAMES, "\n".join(names)))


def of_bundle(session: Session, bundle: str) -> list[Filled]:
    """The policies that a bundle brought, as they are stored."""
    return [
        Filled(record, stored_rules.of_policy(session, record.id))
        for record in stored_policies.of_bundle(session, bundle)
    ]


def refuse_others(session: Session, bundle: str, policies: Iterable[Filled]) -> None:
    """Raises BundleConflict when somebody else has made a policy of one of these names."""
    names = [each.record.name for each in policies]
    for found in stored_policies.named(session, names):
        if found.bundle is None:
            raise BundleConflict(
                f"policy {found.name} exists and does not belong to bundle {bundle}; delete the policy, whose rules "
                f"would be lost otherwise, or give the bundle's another name"
            )
        if found.bundle != bundle:
            raise BundleConflict(
                f"policy {found.name} belongs to bundle {found.bundle}, not to {bundle}; deactivate that one first, or "
                "give the policy another name"
            )


def replacement(before: Sequence[Filled], after: Sequence[Filled]) -> Replacement:
    """What leads from one to the other; policies are the same when their ids are."""
    old, new = ({each.record.id: each for each in filled} for filled in (before, after))
    return Replacement(
        tuple(each for key, each in old.items() if key not in new),
        tuple(each for key, each in new.items() if key not in old),
        tuple(Kept(old[key], each) for key, each in new.items() if key in old),
    )


def replace_policies(write: Write, before: Sequence[Filled], after: Sequence[Filled]) -> list[str]:
    """Make a replacement; answers the names of the policies that got rules. Whatever goes does so first, so that it is
    in the way of nothing. Raises PolicyNameTaken, RuleExists, DatalogError, LimitExceeded."""
    in_force = [each for each in before if each.record.id in write.state.policies]
    # A policy that is set aside is in force nowhere, so it is made anew.
    for each in before:
        if each not in in_force:
            writing.delete(write, *each)
    steps = replacement(in_force, after)
    kept = [each for each in steps.kept if each.before != each.after]
    for was, becomes in kept:
        writing.take_out(write, was.record, _without(was.rules, becomes.rules))
    for gone in steps.gone:
        writing.delete(write, *gone)
    writing.create(write, steps.new)
    for was, becomes in kept:
        _change(write, was, becomes)
    return [each.record.name for each in steps.new] + [each.after.record.name for each in kept]


def _change(write: Write, was: Filled, becomes: Filled) -> None:
    record, added = becomes.record, _without(becomes.rules, was.rules)
    if added:
        writing.insert(write.change, record.name, added)
    writing.show(write, record, _without(was.rules, becomes.rules), added)
    if record.abbreviation != was.record.abbreviation:
        write.change.abbreviate(record.name, record.abbreviation)
    known = write.state.policies[record.id]
    in_effect = {rule.id: rule.rule for rule in becomes.rules if rule.id in known.rules}
    known = replace(known, abbreviation=record.abbreviation, rules=in_effect)
    write.state = write.state.with_policy(record.id, known)
    write.store(partial(stored_policies.replace, record=record))
    write.store(partial(stored_rules.replace_all, policy_id=record.id, records=becomes.rules))


def _without(rules: Sequence[RuleRecord], others: Sequence[RuleRecord]) -> list[RuleRecord]:
    """The rules whose text is not among the others'; what a rule is called or said about it has no effect."""
    known = {rule.id for rule in others}
    return [rule for rule in rules if rule.id not in known]
