"""Options of the original Congress that mean nothing here: accepted, so that its configuration files can be used as
they are, and named once at start with what to do instead."""

from __future__ import annotations

from typing import NamedTuple

from oslo_config import cfg


class Former(NamedTuple):
    """An option that lost its meaning. `advice` says why, and what to do."""

    group: str
    option: cfg.Opt
    advice: str


FORMER = (
    Former(
        "DEFAULT",
        cfg.IntOpt("api_workers", default=1),
        "one process serves with threads; set `threads` in group `api`",
    ),
    Former("DEFAULT", cfg.ListOpt("drivers"), "all installed drivers are offered; hide some with `disabled_drivers`"),
    Former("DEFAULT", cfg.BoolOpt("fatal_exception_format_errors"), "messages are always formatted; remove it"),
    Former(
        "DEFAULT",
        cfg.IntOpt("max_simultaneous_requests"),
        "it never limited anything; set `threads` and `connections` in group `api`",
    ),
    Former("DEFAULT", cfg.StrOpt("tempdir"), "no temporary files are written; remove it"),
    Former("dse", cfg.BoolOpt("execute_action_retry"), "an action that fails is answered with the reason; ask again"),
    Former("dse", cfg.IntOpt("execute_action_retry_timeout"), "see `execute_action_retry`"),
    Former("dse", cfg.IntOpt("long_timeout"), "set `answer_timeout` in group `bus`"),
    Former(
        "dse", cfg.IntOpt("ping_timeout"), "nobody is asked whether he is there; set `answer_timeout` in group `bus`"
    ),
    Former("dse", cfg.IntOpt("time_to_resub"), "set `gap_patience` in group `bus`"),
)


def register(conf: cfg.ConfigOpts) -> None:
    """Let `conf` know the options, so that it can tell whether they are set."""
    for former in FORMER:
        conf.register_opt(former.option, group=None if former.group == "DEFAULT" else former.group)


def warnings(conf: cfg.ConfigOpts) -> list[str]:
    """A sentence for each of these options that is set to something; without values, which may be secret."""
    return [f"option {_written(one)} has no effect: {one.advice}" for one in FORMER if _is_set(conf, one)]


def _written(former: Former) -> str:
    return str(former.option.name) if former.group == "DEFAULT" else f"{former.option.name} in [{former.group}]"


def _is_set(conf: cfg.ConfigOpts, former: Former) -> bool:
    group = None if former.group == "DEFAULT" else former.group
    try:
        where = conf.get_location(former.option.name, group)
        value = (conf if group is None else conf[group])[former.option.name]
    except ValueError:  # what it is set to is not even of its type
        return True
    return where is not None and where.location.is_user_controlled and value != former.option.default
