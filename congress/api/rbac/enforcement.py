"""Asks oslo.policy, and follows changes of the operator's policy file."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import TypeAlias

from oslo_config import cfg
from oslo_context.context import RequestContext
from oslo_policy import opts
from oslo_policy.policy import Enforcer

from congress.api.rbac import list_rules
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
_LOOK_AGAIN = 1.0  # seconds

_Stamp: TypeAlias = tuple[tuple[str, int, int], ...]


class PolicyFileInvalid(CongressError):
    """The operator's policy file cannot be used; the text says why."""


class Enforcement:
    """Decides by the rules of `congress.api.rbac` as the operator's files change them. Safe to use from any thread.

    A file that cannot be used keeps a server from starting, and is logged by one that runs: the rules that were read
    before stay in force, since neither opening nor closing everything is what a misprint should do.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        """Raises PolicyFileInvalid."""
        opts.set_defaults(conf)  # registers the options, too
        self._conf = conf
        self._stamp = _stamp(conf)
        self._enforcer = load(conf)
        self._looking = threading.Lock()
        self._look_at = time.monotonic() + _LOOK_AGAIN

    def allows(self, rule: str, context: RequestContext) -> bool:
        """Whether the caller may do what the registered rule guards."""
        self._follow()
        own = {"project_id": context.project_id, "user_id": context.user_id}
        return bool(self._enforcer.authorize(rule, own, context))

    def _follow(self) -> None:
        if time.monotonic() < self._look_at or not self._looking.acquire(blocking=False):
            return
        try:
            self._look_at = time.monotonic() + _LOOK_AGAIN
            stamp = _stamp(self._conf)
            if stamp != self._stamp:
                self._stamp = stamp
                self._enforcer = load(self._conf)
                LOG.info("the policy file was read again")
        except PolicyFileInvalid as error:
            LOG.error("%s; the rules that were read before stay in force", error)
        finally:
            self._looking.release()


def load(conf: cfg.ConfigOpts) -> Enforcer:
    """The rules as they are now, which never look at files again. Raises PolicyFileInvalid."""
    name = conf.oslo_policy.policy_file
    found = conf.get_location("policy_file", "oslo_policy")
    if conf.find_file(name) is None and found is not None and found.location.is_user_controlled:
        raise PolicyFileInvalid(f"[oslo_policy] policy_file = {name} names no file; create it, or leave the option out")
    enforcer = Enforcer(conf)
    enforcer.register_defaults(list_rules())
    try:
        enforcer.load_rules()
        enforcer.check_rules(raise_on_violation=True)
    except Exception as error:  # whatever the parsers for YAML and for rules come up with
        raise PolicyFileInvalid(f"the policy file {conf.find_file(name) or name} cannot be used: {error}") from error
    for unknown in sorted(set(enforcer.file_rules) - set(enforcer.registered_rules)):
        if unknown.startswith("congress:"):
            LOG.warning("the policy file has a rule %s, which guards nothing", unknown)
    # NOTE: load_rules() replaces rules one by one, so a request in another thread could meet half of them. Therefore
    # each reading makes an enforcer of its own, and none reads twice.
    enforcer.use_conf = False
    return enforcer


def _stamp(conf: cfg.ConfigOpts) -> _Stamp:
    """Differs when a policy file was changed, came or went."""
    places = [conf.oslo_policy.policy_file, *conf.oslo_policy.policy_dirs]
    found = [Path(path) for path in map(conf.find_file, places) if path]
    files = [file for path in found for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    return tuple(stamp for file in files if (stamp := _stamp_of(file)) is not None)


def _stamp_of(file: Path) -> tuple[str, int, int] | None:
    try:
        status = os.stat(file)
    except OSError:
        return None  # went meanwhile
    return str(file), status.st_mtime_ns, status.st_size


def get_enforcer() -> Enforcer:
    """An enforcer over the configuration files in their usual places, for oslo.policy's command line tools."""
    conf = cfg.CONF
    conf([], project="congress")
    opts.set_defaults(conf)
    return load(conf)
