"""The bundles of a service: uploaded, activated, rolled back. All engines see it as they see any change of policies.

What is active is a policy revision like any other: the policies of the new version, the place that it takes, and what a
rollback leads to are stored by one transaction, on top of what was looked at, or not at all.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from sqlalchemy.orm import Session

from congress.db import bundles as stored
from congress.db import policies as stored_policies
from congress.db.bundles import ActivationRecord, VersionRecord
from congress.db.repeating import repeated
from congress.db.session import Database
from congress.engine.workspace import TableChange, Workspace
from congress.policies.actions.enforcement import checked
from congress.policies.bundles import replacing
from congress.policies.bundles.activating import activations
from congress.policies.bundles.archive import Opened, unpack
from congress.policies.bundles.errors import BundleConflict, BundleNotFound, BundleRefused
from congress.policies.bundles.fitting import refuse_unfit
from congress.policies.bundles.replacing import Filled
from congress.policies.bundles.trust import Trust
from congress.policies.replica import Write
from congress.policies.service import PolicyService

ACTIVATED, ROLLED_BACK, DEACTIVATED = "activated", "rolled back", "deactivated"
_MOST_ACTOR = 255


@dataclass(frozen=True, slots=True)
class State:
    """A bundle as it is: its versions, the last uploaded first, what happened to it, the latest first, and the names of
    the policies that it brought."""

    name: str
    versions: tuple[VersionRecord, ...]
    history: tuple[ActivationRecord, ...]
    policies: tuple[str, ...]

    @property
    def now(self) -> ActivationRecord | None:
        """What happened last."""
        return self.history[0] if self.history else None

    @property
    def active(self) -> str | None:
        """The version that is active."""
        return self.now.version if self.now else None

    @property
    def before(self) -> ActivationRecord | None:
        """To what a rollback leads: the latest version below that is another one and has not been deleted."""
        known = {each.revision: each for each in self.history}
        there = {each.digest for each in self.versions if each.version != self.active}
        found = self.now and known.get(self.now.below or 0)
        while found is not None and found.digest not in there:
            found = known.get(found.below or 0)
        return found


class Limits(NamedTuple):
    """Bytes of an archive, and versions of one bundle."""

    size: int = 4_000_000
    versions: int = 50


@dataclass(frozen=True, slots=True)
class Switch:
    """A change of the version that is active, looked at and ready to be made: from `state` to `opened`, None for no
    version. `below`: the activation to which a rollback leads from there, and `levels_below` the enforcement of the
    policies there, None when that is what there is now. `level`: enforcement of policies that never were."""

    state: State
    opened: Opened | None
    what: str
    actor: str
    below: int | None
    levels_below: Mapping[str, str] | None
    level: str | None = None

    @property
    def is_needless(self) -> bool:
        """Whether it is so already."""
        return self.state.active == (self.opened.bundle.version if self.opened else None)


class Bundles:
    """All methods are safe to call from any thread."""

    def __init__(
        self,
        policies: PolicyService,
        database: Database,
        workspace: Workspace,
        trust: Trust,
        failures: Callable[[Opened], Sequence[str]],
        limits: Limits | None = None,
    ) -> None:
        """`failures` runs the tests in a bundle, and tells what is other than they want."""
        self._policies, self._database, self._workspace = policies, database, workspace
        self._trust, self._failures, self.limits = trust, failures, limits or Limits()

    # -- looking

    def bundles(self) -> list[State]:
        """All bundles, sorted by name, each with the last thing that happened to it."""
        with self._database.snapshot() as session:
            names = list(dict.fromkeys(each.bundle for each in stored.versions(session)))
            return [_state(session, name) for name in names]

    def bundle(self, name: str) -> State:
        """One bundle. Raises BundleNotFound."""
        with self._database.snapshot() as session:
            return _state(session, name)

    def version(self, name: str, version: str) -> tuple[State, VersionRecord, Opened]:
        """One version and what is in it. Raises BundleNotFound."""
        with self._database.snapshot() as session:
            state = _state(session, name)
            record = stored.find(session, name, version)
            data = stored.archive(session, record.id) if record else None
        if record is None or data is None:
            raise BundleNotFound(name, version)
        return state, record, unpack(data)

    def active(self) -> dict[str, str]:
        """Bundle -> the version that is active."""
        with self._database.reader() as session:
            return {name: each.version for name, each in stored.current(session).items() if each.version is not None}

    # -- keeping

    def upload(self, data: bytes, actor: str) -> tuple[State, VersionRecord, bool]:
        """Take an archive; also answers whether it is a new one. One that is there already may come again, also with
        other signatures. Raises BundleRefused, SignatureRefused, BundleConflict, KeysUnusable."""
        if len(data) > self.limits.size:
            raise BundleRefused(
                f"the archive has {len(data):,} bytes, and [bundles] max_size allows {self.limits.size:,}; make "
                "several bundles of it, or let the operator raise the limit"
            )
        opened = unpack(data)
        bundle = opened.bundle
        replacing.wanted(bundle.name, activations(bundle), {})  # whatever could not be stored is refused now
        record = VersionRecord(
            str(uuid.uuid4()), bundle.name, bundle.version, opened.digest, self._trust.signer(opened),
            actor[:_MOST_ACTOR], _now(), len(data),
        )  # fmt: skip
        return repeated(self._database, lambda session: self._keep(session, record, data))

    def _keep(self, session: Session, record: VersionRecord, data: bytes) -> tuple[State, VersionRecord, bool]:
        found = stored.find(session, record.bundle, record.version)
        if found is not None and found.digest != record.digest:
            raise BundleConflict(
                f"bundle {record.bundle} has a version {record.version} with another content (digest "
                f"{found.digest[:16]}…); raise the version in congress.yaml and build it again"
            )
        if found is None:
            if len(stored.versions(session, record.bundle)) >= self.limits.versions:
                raise BundleConflict(
                    f"bundle {record.bundle} has {self.limits.versions} versions; delete some that are not needed any "
                    "more, or raise [bundles] most_versions"
                )
            stored.add(session, record, data)
        elif stored.archive(session, found.id) != data:
            record = replace(record, id=found.id)
            stored.replace_archive(session, record, data)
        else:
            record = found
        return _state(session, record.bundle), record, found is None

    def delete(
        self, name: str, version: str | None = None, check: Callable[[State], None] = lambda _state: None
    ) -> State:
        """Delete a version, or a bundle with all its versions and its history; answers it as it was. `check` sees it
        before, and may refuse. Raises BundleNotFound, BundleConflict for what is active."""

        def look(session: Session) -> tuple[State, list[VersionRecord]]:
            state = _state(session, name)
            gone = [each for each in state.versions if version in (None, each.version)]
            if not gone:
                raise BundleNotFound(name, version)
            if state.active is not None and state.active in {each.version for each in gone}:
                raise BundleConflict(
                    f"version {state.active} of bundle {name} is active; activate another one or deactivate it first"
                )
            check(state)
            return state, gone

        def do(write: Write, seen: tuple[State, list[VersionRecord]]) -> State:
            state, gone = seen
            for each in gone:
                write.store(partial(stored.remove, version_id=each.id))
            if len(gone) == len(state.versions):
                write.store(partial(stored.forget, bundle=name))
            return state

        # A change of the policies although none changes: so nobody can activate meanwhile what is deleted.
        return self._policies.write(look, do)

    # -- switching

    def activation(self, name: str, version: str, actor: str, level: str | None = None) -> Switch:
        """The switch to a version, whose tests pass here; `level`: enforcement of policies that are new. Raises
        BundleNotFound, BundleConflict, SignatureRefused, EnforcementUnknown."""
        state, _record, opened = self.version(name, version)
        if level is not None:
            checked(level)
        now = state.now
        below: int | None = now.revision if now else None
        levels: Mapping[str, str] | None = None
        if now is not None and now.version is None:  # nothing is active: a rollback leads to what was before
            below, levels = now.below, now.levels
        switch = Switch(state, opened, ACTIVATED, actor, below, levels, level)
        if not switch.is_needless:
            self._trust.signer(opened)
            refuse_unfit(opened.bundle, self._workspace)
            self._refuse_failing(opened)
        return switch

    def rollback(self, name: str, actor: str) -> Switch:
        """The switch to the version that was active before. It was tried when it was activated. Raises BundleNotFound,
        BundleConflict when there was none."""
        state = self.bundle(name)
        target = state.before
        if target is None or target.version is None:
            raise BundleConflict(
                f"no earlier version of bundle {name} was active that is still there; deactivate the bundle to take "
                "its policies out, or activate another version"
            )
        _state, _record, opened = self.version(name, target.version)
        return Switch(state, opened, ROLLED_BACK, actor, target.below, target.levels)

    def deactivation(self, name: str, actor: str) -> Switch:
        """The switch to no version at all. Raises BundleNotFound."""
        state = self.bundle(name)
        return Switch(state, None, DEACTIVATED, actor, state.now.revision if state.now else None, None)

    def make(self, switch: Switch) -> State:
        """Make a switch; answers the bundle as it is then. Raises BundleConflict, when others made one meanwhile, too;
        PolicyNameTaken, DatalogError, LimitExceeded, OutcomeUnknown."""
        if switch.is_needless:
            return switch.state
        names, state = self._switch(self._policies, switch)
        self._policies.tell_tables(names)
        return state

    def preview(self, switch: Switch) -> tuple[TableChange, ...]:
        """What a switch would do to the watched tables. Raises as `make` does."""
        return () if switch.is_needless else self._policies.preview(lambda trial: self._switch(trial, switch))

    def _switch(self, policies: PolicyService, switch: Switch) -> tuple[list[str], State]:
        """Answers the names of the policies that got rules, and the bundle as it is then."""
        name, opened = switch.state.name, switch.opened
        version = opened.bundle.version if opened else None

        def look(session: Session) -> tuple[State, list[Filled], list[Filled]]:
            state = _state(session, name)
            if state.now != switch.state.now:
                raise BundleConflict(
                    f"the active version of bundle {name} was changed meanwhile; look at it, then decide again"
                )
            if opened is not None and opened.digest not in {each.digest for each in state.versions}:
                raise BundleNotFound(name, version)
            before = replacing.of_bundle(session, name)
            contents = activations(opened.bundle) if opened else []
            after = replacing.wanted(name, contents, _levels(switch, before))
            replacing.refuse_others(session, name, after)
            return state, before, after

        def do(write: Write, seen: tuple[State, list[Filled], list[Filled]]) -> tuple[list[str], State]:
            state, before, after = seen
            done = replacing.replace_policies(write, before, after)
            levels = {each.record.name: each.record.enforcement for each in before}
            record = ActivationRecord(
                write.revision, name, version, opened.digest if opened else None, switch.below,
                levels if switch.levels_below is None else switch.levels_below, switch.what,
                switch.actor[:_MOST_ACTOR], _now(),
            )  # fmt: skip
            write.store(partial(stored.add_activation, record=record))
            policies = tuple(sorted(each.record.name for each in after))
            return done, replace(state, history=(record, *state.history), policies=policies)

        return policies.write(look, do)

    def _refuse_failing(self, opened: Opened) -> None:
        failures = self._failures(opened)
        if failures:
            told = "\n".join(failures[:5])[:2000]
            raise BundleConflict(
                f"{len(failures)} tests of bundle {opened.bundle.name} {opened.bundle.version} fail, so it is not "
                f"activated; mend it, raise its version and upload it again:\n{told}"
            )


def _state(session: Session, name: str) -> State:
    versions = stored.versions(session, name)
    if not versions:
        raise BundleNotFound(name)
    policies = sorted(record.name for record in stored_policies.of_bundle(session, name))
    return State(name, tuple(versions), tuple(stored.activations(session, name)), tuple(policies))


def _levels(switch: Switch, before: Sequence[Filled]) -> dict[str, str]:
    """The enforcement of policies: what it is; for those that come what it was, else what is wished."""
    opened, now = switch.opened, switch.state.now
    wished = {} if opened is None or switch.level is None else {p.name: switch.level for p in opened.bundle.policies}
    return {**wished, **(now.levels if now else {}), **{each.record.name: each.record.enforcement for each in before}}


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
