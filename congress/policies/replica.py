"""One engine's copy of the stored program: writes on top of what it shows, and follows what others wrote.

The database is the truth. A change is looked up, made and evaluated in the workspace, and stored by a short transaction
that counts it on top of the revision that the workspace shows; if that is not the revision any longer, the change is
undone, the others' changes are taken over, and it is tried again. So every stored program was accepted as a whole.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from oslo_db.exception import DBDeadlock, DBError
from sqlalchemy.orm import Session

from congress.db import datasources as stored_datasources
from congress.db import program as stored_program
from congress.db import revision as stored_revision
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database, OutcomeUnknown
from congress.engine.workspace import TableChange, Transaction
from congress.errors import CongressError
from congress.policies.errors import TooManyWriters
from congress.policies.judging import Columns, Verdicts, insert, judge
from congress.policies.live import Live
from congress.policies.parking import Parked, Parking
from congress.policies.state import Difference, ShownPolicy, State, Target, difference

LOG = logging.getLogger(__name__)
CONTENTION_SECONDS = 10.0
"""How long a change is tried again because others were faster."""

Seen = TypeVar("Seen")
Made = TypeVar("Made")


@dataclass(slots=True)
class Write:
    """A change in the making. Its maker puts it into the workspace by `change`, says by `store` how it is stored, and
    by `state` what the workspace shows then."""

    change: Transaction
    revision: int
    state: State
    stores: list[Callable[[Session], None]] = field(default_factory=list)
    in_effect: list[str] = field(default_factory=list)
    """Rules that may have been set aside, and are in effect or gone now."""
    frees: bool = False
    """Whether something is taken away, or a datasource comes, so that rules set aside may become acceptable."""

    def store(self, function: Callable[[Session], None]) -> None:
        """Have something stored when the change was accepted."""
        self.stores.append(function)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Whom a replica tells, outside its locks: `on_advanced` the revision that a change made here got; `on_policies`
    names of policies whose rules changed; `on_datasources` that some were created or deleted by another node."""

    on_advanced: Callable[[int], None] = lambda _revision: None
    on_policies: Callable[[list[str]], None] = lambda _names: None
    on_datasources: Callable[[], None] = lambda: None


class _Behind(Exception):
    """Others changed the program meanwhile."""


class _NeedsJudgement(Exception):
    """A stored rule was not accepted as a step from what is shown: all of them are looked at together."""


class Undone(Exception):
    """Leaves a trial's transaction, which undoes it."""

    def __init__(self, changes: tuple[TableChange, ...]) -> None:
        super().__init__("a trial is always undone")
        self.changes = changes


@dataclass(frozen=True, slots=True)
class _Stored:
    """What was read of the database at one moment; `rules` of the policies that changed, or of all."""

    revision: int
    policies: list[stored_program.StoredPolicy]
    datasources: Mapping[str, DatasourceRecord]
    rules: Mapping[str, list[stored_program.StoredRule]]


class Replica:
    """Safe to call from any thread."""

    def __init__(
        self,
        database: Database,
        live: Live,
        columns: Callable[[DatasourceRecord], Columns] = lambda _record: {},
        listeners: Listeners | None = None,
    ) -> None:
        """`columns` says which tables a stored datasource has."""
        self.database, self.live = database, live
        self.listeners = listeners or Listeners()
        self.parking = Parking()
        self.state = State()
        self._columns = columns
        self._changing = threading.RLock()
        self._is_loaded = False
        self._is_doubtful = False
        """Whether all rules have to be looked at together, the next time."""

    # -- writing

    def write(
        self, look: Callable[[Session], Seen], do: Callable[[Write, Seen], Made], *, is_trial: bool = False
    ) -> Made:
        """Make a change: `look` reads what it needs, `do` makes it; both are called again when others were faster.

        What either raises undoes the change. A trial is always undone, by Undone. Raises TooManyWriters,
        OutcomeUnknown.
        """
        deadline, pause = time.monotonic() + CONTENTION_SECONDS, 0.002
        while True:
            try:
                with self._changing:
                    write, made = self._attempt(look, do, is_trial)
                break
            except (_Behind, DBDeadlock) as error:
                if time.monotonic() > deadline:
                    raise TooManyWriters from error
            except OutcomeUnknown:
                self.listeners.on_advanced(self.live.revision + 1)
                raise
            time.sleep(random.uniform(0, pause))  # noqa: S311
            pause = min(2 * pause, 0.1)
            self.synchronise()
        self.listeners.on_advanced(write.revision)
        if self._is_doubtful:
            try:
                self.synchronise()
            except (DBError, CongressError) as error:  # the change is made, and that is what was asked for
                LOG.warning("rules that are set aside are tried later: %s", error)
        return made

    def _attempt(
        self, look: Callable[[Session], Seen], do: Callable[[Write, Seen], Made], is_trial: bool
    ) -> tuple[Write, Made]:
        before, token = self.live.revision, str(uuid.uuid4())
        with self.database.snapshot() as session:
            if stored_revision.current(session) != before:
                raise _Behind
            seen = look(session)
        with self.live.transaction() as change:
            write = Write(change, before + 1, self.state)
            made = do(write, seen)
            if is_trial:
                raise Undone(change.preview())
            # Nothing slow happens while the database holds the others back.
            is_stored = partial(stored_revision.decided, before=before, token=token)
            with self.database.certain_writer(is_stored) as session:
                if not stored_revision.advance(session, before, token):
                    raise _Behind
                for store in write.stores:
                    store(session)
            self.live.showing(write.revision)
        came_and_went = set(write.state.datasources) ^ set(self.state.datasources)
        self._is_doubtful |= write.frees and self.parking.conflicts()
        self._is_doubtful |= bool(came_and_went) and (bool(self.parking) or write.state.mentions(came_and_went))
        self.state = write.state
        self.parking.forget(write.in_effect)
        return write, made

    # -- following

    def synchronise(self) -> str:
        """Take over what others wrote, as one transaction; answers what was done. Raises DBError, CongressError."""
        with self._changing:
            shown = self.state
            done = self._follow(judged=self._is_doubtful)
            created_or_deleted = self.state.datasources != shown.datasources
            names = [
                policy.name for key, policy in self.state.policies.items() if shown.policies.get(key) is not policy
            ]
        if names:
            self.listeners.on_policies(names)
        if created_or_deleted:
            self.listeners.on_datasources()
        return done

    def _follow(self, judged: bool) -> str:
        try:
            with self.database.snapshot() as session:
                number = stored_revision.current(session)
                if number == self.live.revision and self._is_loaded and not judged:
                    return f"no change: revision {number} is shown"
                stored = self._read(session, number, judged)
            self._show(stored, judged)
        except _NeedsJudgement:
            return self._follow(judged=True)
        return f"shows revision {number}"

    def _read(self, session: Session, number: int, judged: bool) -> _Stored:
        shown = self.state.policies
        if number < self.live.revision:
            LOG.error("the database went back from revision %s to %s", self.live.revision, number)
            judged = True
        policies = stored_program.policies(session)
        wanted = [
            policy.id
            for policy in policies
            if judged or policy.id not in shown or shown[policy.id].revision != policy.revision
        ]
        datasources = {record.name: record for record in stored_datasources.every(session)}
        return _Stored(number, policies, datasources, stored_program.rules(session, wanted))

    def _show(self, stored: _Stored, judged: bool) -> None:
        verdicts = self._verdicts(stored) if judged else Verdicts()
        target = self._target(stored, verdicts, judged)
        steps = difference(self.state, target)
        if not judged and self._may_free(steps):
            raise _NeedsJudgement
        with self.live.transaction() as change:
            costly = self._take(change, steps, judged)
            self.live.showing(stored.revision)
        self._note(stored, target, costly, verdicts if judged else None)
        self.live.show(stored.revision)

    def _verdicts(self, stored: _Stored) -> Verdicts:
        columns = {name: self._columns(record) for name, record in stored.datasources.items()}
        return judge(columns, stored.policies, stored.rules)

    def _target(self, stored: _Stored, verdicts: Verdicts, judged: bool) -> Target:
        policies: dict[str, ShownPolicy] = {}
        for policy in stored.policies:
            if policy.id in verdicts.policies:
                continue
            found = stored.rules.get(policy.id)
            if found is None:
                policies[policy.id] = self.state.policies[policy.id]
                continue
            rules = {
                rule.id: rule.text
                for rule in found
                if rule.enabled
                and rule.id not in verdicts.rules
                and (judged or not self.parking.holds(rule.id, rule.text))
            }
            policies[policy.id] = ShownPolicy(policy.name, policy.kind, policy.abbreviation, policy.revision, rules)
        return Target(policies, stored.datasources)

    def _may_free(self, steps: Difference) -> bool:
        """Whether rules that are set aside may become acceptable by these steps, or rules in effect unacceptable."""
        changed = {*steps.datasources_gone, *(record.name for record in steps.datasources_new)}
        if changed and (self.parking or self.state.mentions(changed)):
            return True
        return bool(steps.rules_gone or steps.policies_gone) and self.parking.conflicts()

    def _take(self, change: Transaction, steps: Difference, judged: bool) -> dict[str, str]:
        """Take the steps. Answers the rules that could not be evaluated, and why; raises _NeedsJudgement instead when
        it may be that they are not acceptable."""
        try:
            for name, texts in steps.rules_gone:
                change.delete_rules(name, texts)
            for name in steps.policies_gone:
                change.delete_policy(name)
            for name in steps.datasources_gone:
                change.remove_datasource(name)
            for record in steps.datasources_new:
                change.set_datasource(record.name, self._columns(record))
            for policy in steps.policies_new:
                change.create_policy(policy.name, policy.kind, policy.abbreviation)
            for name, abbreviation in steps.abbreviations:
                change.abbreviate(name, abbreviation)
            if not judged:
                for name, rules in steps.rules_new:
                    change.insert_rules(name, list(rules.values()))
                return {}
        except CongressError as error:
            if judged:
                raise
            raise _NeedsJudgement from error
        costly: dict[str, str] = {}
        for name, rules in steps.rules_new:
            costly.update({key: str(error) for key, error in insert(change, name, rules).items()})
        return costly

    def _note(self, stored: _Stored, target: Target, costly: Mapping[str, str], verdicts: Verdicts | None) -> None:
        """Remember what is shown, and what is set aside."""
        known = {rule.id: (key, rule.text) for key, rules in stored.rules.items() for rule in rules if rule.enabled}
        if verdicts is None:
            ids = {policy.id for policy in stored.policies}
            self.parking.keep(
                lambda key, entry: (
                    entry.policy_id in ids
                    and (entry.policy_id not in stored.rules or known.get(key) == (entry.policy_id, entry.text))
                )
            )
        else:
            parked = {key: Parked(key, "", reason, False) for key, reason in verdicts.policies.items()}
            parked |= {key: Parked(*known[key], reason, False) for key, reason in verdicts.rules.items()}
            self.parking.replace(parked | {key: Parked(*known[key], reason, True) for key, reason in costly.items()})
        policies = {
            key: replace(policy, rules={rule: text for rule, text in policy.rules.items() if rule not in costly})
            if costly
            else policy
            for key, policy in target.policies.items()
        }
        self.state = State(policies, {name: record.id for name, record in target.datasources.items()})
        self._is_doubtful, self._is_loaded = False, True
