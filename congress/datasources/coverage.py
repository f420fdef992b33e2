"""Writes which actions of the original there are: `python -m congress.datasources.coverage > FILE`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import NamedTuple

import yaml

from congress.datasources.actions import ChosenAction, CloudAction, by_name
from congress.datasources.cloud import CloudDriver
from congress.datasources.contract import Driver
from congress.datasources.registry import drivers
from congress.errors import CongressError

INTRODUCTION = """\
# Actions of the original

<!-- Written by `python -m congress.datasources.coverage`; a test fails when this page is out of date. -->

The original called whatever its client libraries had, listed or not. Here every action is declared: one request whose
arguments are checked before it is sent, and whose outcome is kept in the [ledger](../actions.md). This page says of
each action that the original listed whether there is one of the same name, and if not, why.
[Drivers](drivers.md) describes arguments, and the actions that are new.

Arguments have the names and the order of the original, as far as the API still takes them. Rules know texts and numbers
only, so that

- `'True'`, `'False'` and `'None'` stand for what JSON has for them; `'None'` leaves an optional argument out,
- lists may be texts with commas between them,
- objects, such as the `body` of Neutron's actions, may be their JSON or YAML text,
- attributes are keys and values alternately: `execute[neutronv2:update_resource_attrs("port", id, "name", "new")]`.

An id that holds a slash, or is no id at all, is refused before anything is sent; so is a body that no JSON can carry.
"""

READS = "only reads, and its answer was thrown away"
PLUMBING = "concerns the client library, not the cloud"
RAW = "could be any request at all, which no list of allowed actions can contain"
LOGIN = "handles credentials"
CONFIDENTIAL = "takes secrets as arguments, which the ledger would keep"
ANSWER = "is useless without its answer, which an action does not have"
DATA = "moves data through the node"
RETIRED = "is no longer in the API of the service"
SEVERAL = "is several requests"


class Reason(NamedTuple):
    """Why actions whose whole name matches are gone; the first that matches counts."""

    names: str
    why: str
    driver: str = r"\w+"


_HOOKS = r"\w+\.(add_hook|run_hooks|(write_to_)?completion_cache|alternate_service_type|convert_into_with_meta)"
_OLD_NEUTRON = (
    r"(\w+_)?(gateway_devices?|network_gateways?|qos_queues?|lbaas_\w+|loadbalancers?|listeners?|pools?|members?|vips?"
    r"|health_monitors?|firewalls?|firewall_policy|firewall_rule|firewall_polic\w+_rule)(_\w+)?"
)
REASONS = (
    Reason(_HOOKS, PLUMBING),
    Reason(r"client\.authenticate", LOGIN, "cinder"),
    Reason(r"client\.\w+|servers\.transform_userdata", PLUMBING),
    Reason(r"authenticate|get_auth_info|get_token|get_raw_token\w*|\w*keyring|process_token|invalidate", LOGIN),
    Reason(r"get|put|post|patch|head|delete|list|request|do_request|retry_request", RAW, "keystonev3|neutronv2|tacker"),
    Reason(r"(create|delete|list|show|update)_ext", RAW, "neutronv2"),
    Reason(r"\w+", PLUMBING, "keystonev3"),
    Reason(r"(de)?serialize|extend_\w+|find_resource\w*|get_resource_plural|content_type|build_action", PLUMBING),
    Reason(r"get_attr_metadata", PLUMBING),
    Reason(r"servers\.(change_password|get_password)|volume_transfers\.accept|(create|update)_vim", CONFIDENTIAL),
    Reason(r"volumes\.initialize_connection|volume_transfers\.create|sessions\.configure", ANSWER),
    Reason(r"servers\.(get_\w*console\w*)", ANSWER),
    Reason(r"upload|download|upload_vnf_package|packages\.create|download_\w+|packages\.download", DATA),
    Reason(r"packages\.toggle_\w+", SEVERAL),
    Reason(r"agents\.\w+|servers\.reset_network|assisted_volume_snapshots\.\w+", RETIRED, "nova"),
    Reason(r"cgsnapshots\.update", RETIRED, "cinder"),
    Reason(r"(\w+\.)?(list|get|find|show|retrieve)(_\w+|all)?|\w+\.\w*_list", READS),
    Reason(r"validate_\w+|\w+\.validate|trunk_get_subports|\w+\.(defaults|default|statistics|uptime|search)", READS),
    Reason(r"servers\.(diagnostics|ips|topology)|volumes\.show_image_metadata|volume_backups\.export_record", READS),
    Reason(r"\w+\.(last_status|reports|filter)|stat|capabilities", READS),
    Reason(_OLD_NEUTRON, RETIRED, "neutronv2"),
)


class ActionUnexplained(CongressError):
    """An action of the original is not offered, and no reason covers it."""


def original() -> dict[str, list[str]]:
    """Driver -> names of the actions that the original advertised."""
    text = (files("congress.datasources.allowed") / "original.yaml").read_text(encoding="utf-8")
    found: dict[str, list[str]] = yaml.safe_load(text)
    return found


def reason(driver: str, action: str) -> str:
    """Why the action is gone. Raises ActionUnexplained."""
    for one in REASONS:
        if re.fullmatch(one.names, action) and re.fullmatch(one.driver, driver):
            return one.why
    raise ActionUnexplained(f"{driver}:{action} is neither offered nor explained; add a Reason to coverage.py")


def page() -> str:
    """The whole page as Markdown. Raises ActionUnexplained."""
    listed, found = original(), drivers()
    lines = [
        INTRODUCTION,
        "| Driver | Listed | Only read | Changed something | of these there are |",
        "|---|---|---|---|---|",
    ]
    offered = {name: _requests(found.get(name)) for name in listed}
    lines += [_counted(name, actions, offered[name]) for name, actions in listed.items()]
    lines += [
        "",
        "What concerned the client library, credentials or any request at all is counted with what only read.",
        "",
    ]
    return "\n".join([*lines, *(line for name in listed for line in _driver(name, listed[name], offered[name]))])


def _counted(name: str, actions: list[str], offered: Mapping[str, str]) -> str:
    gone = [reason(name, one) for one in actions if one not in offered]
    idle = sum(why in (READS, PLUMBING, RAW, LOGIN) for why in gone)
    return f"| {name} | {len(actions)} | {idle} | {len(actions) - idle} | {len(actions) - len(gone)} |"


def _driver(name: str, actions: list[str], offered: Mapping[str, str]) -> Iterator[str]:
    yield from (f"## {name}", "")
    if not actions:
        yield from ("The original listed none.", "")
        return
    if kept := [one for one in actions if one in offered]:
        yield from ("| There is | Request |", "|---|---|")
        yield from (f"| `{one}` | {offered[one]} |" for one in kept)
        yield ""
    gone: dict[str, list[str]] = {}
    for one in actions:
        if one not in offered:
            gone.setdefault(reason(name, one), []).append(one)
    if gone:
        yield from ("| Gone because it | |", "|---|---|")
        yield from (f"| {why} | {', '.join(f'`{one}`' for one in ones)} |" for why, ones in sorted(gone.items()))
        yield ""


def _requests(driver: type[Driver] | None) -> dict[str, str]:
    """Action -> how its request is written."""
    offered = by_name(driver.offered) if driver is not None and issubclass(driver, CloudDriver) else {}
    return {action: _request(one) for action, one in offered.items()}


def _request(one: object) -> str:
    if isinstance(one, CloudAction):
        return f"`{one.method} {one.path}`"
    if isinstance(one, ChosenAction):
        return f"one of several, by `{one.by}`"
    return "one of several, by its arguments"


if __name__ == "__main__":
    sys.stdout.write(page())
