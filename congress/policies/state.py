"""What the workspace shows of the stored program, and the difference between that and what it should show."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from congress.db.datasources import DatasourceRecord


@dataclass(frozen=True, slots=True)
class ShownPolicy:
    """A policy in force; `rules`: id -> text of its rules in force, in the order of their insertion."""

    name: str
    kind: str
    abbreviation: str
    revision: int
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """`policies` by id; `datasources` by name, each with its id. Values, never changed."""

    policies: Mapping[str, ShownPolicy] = field(default_factory=dict)
    datasources: Mapping[str, str] = field(default_factory=dict)

    def with_policy(self, policy_id: str, policy: ShownPolicy) -> State:
        """The same with a policy added or changed."""
        return replace(self, policies={**self.policies, policy_id: policy})

    def without_policy(self, policy_id: str) -> State:
        """The same without a policy."""
        return replace(self, policies={key: policy for key, policy in self.policies.items() if key != policy_id})

    def with_datasource(self, name: str, datasource_id: str) -> State:
        """The same with a datasource added."""
        return replace(self, datasources={**self.datasources, name: datasource_id})

    def without_datasource(self, name: str) -> State:
        """The same without a datasource."""
        return replace(self, datasources={key: known for key, known in self.datasources.items() if key != name})

    def mentions(self, datasources: set[str]) -> bool:
        """Whether a rule may refer to one of these datasources."""
        names = [f"{name}:" for name in datasources]
        return any(
            name in text for policy in self.policies.values() for text in policy.rules.values() for name in names
        )


@dataclass(frozen=True, slots=True)
class Target:
    """What should be shown; `datasources` by name."""

    policies: Mapping[str, ShownPolicy]
    datasources: Mapping[str, DatasourceRecord]

    def state(self, without_rules: Collection[str]) -> State:
        """What is shown when the target was reached but for these rules."""
        policies = dict(self.policies)
        for key, policy in self.policies.items():
            if not policy.rules.keys().isdisjoint(without_rules):
                rules = {rule: text for rule, text in policy.rules.items() if rule not in without_rules}
                policies[key] = replace(policy, rules=rules)
        return State(policies, {name: record.id for name, record in self.datasources.items()})


@dataclass(frozen=True, slots=True)
class Difference:
    """Steps from a state to a target, in the order in which they are taken."""

    policies_gone: tuple[str, ...]
    """Names."""
    datasources_gone: tuple[str, ...]
    rules_gone: tuple[tuple[str, tuple[str, ...]], ...]
    """Policy's name, texts."""
    datasources_new: tuple[DatasourceRecord, ...]
    policies_new: tuple[ShownPolicy, ...]
    abbreviations: tuple[tuple[str, str], ...]
    rules_new: tuple[tuple[str, Mapping[str, str]], ...]
    """Policy's name, its new rules by id."""


def difference(shown: State, target: Target) -> Difference:
    """What leads from one to the other. A policy or datasource with another id is another one, whatever its name."""
    stays = {
        key: policy
        for key, policy in shown.policies.items()
        if key in target.policies and target.policies[key].name == policy.name
    }
    gone, new = [], []
    for key, wanted in target.policies.items():
        has = stays[key].rules if key in stays else {}
        out = tuple(text for rule, text in has.items() if wanted.rules.get(rule) != text)
        if out:
            gone.append((wanted.name, out))
        added = {rule: text for rule, text in wanted.rules.items() if has.get(rule) != text}
        if added:
            new.append((wanted.name, added))
    ids = {name: record.id for name, record in target.datasources.items()}
    return Difference(
        policies_gone=tuple(policy.name for key, policy in shown.policies.items() if key not in stays),
        datasources_gone=tuple(name for name, known in shown.datasources.items() if ids.get(name) != known),
        rules_gone=tuple(gone),
        datasources_new=tuple(r for n, r in target.datasources.items() if shown.datasources.get(n) != r.id),
        policies_new=tuple(policy for key, policy in target.policies.items() if key not in stays),
        abbreviations=tuple(
            (wanted.name, wanted.abbreviation)
            for key, wanted in target.policies.items()
            if key in stays and stays[key].abbreviation != wanted.abbreviation
        ),
        rules_new=tuple(new),
    )
