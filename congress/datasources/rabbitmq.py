"""RabbitMQ: nodes, partitions, queues and policies, as the management API tells them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from congress.datasources.contract import DriverError, Option
from congress.datasources.documents import Web
from congress.datasources.listed import TIMEOUT, ListedDriver, Objects
from congress.datasources.members import Member, ask_all
from congress.datasources.options import POLLING
from congress.datasources.translate import ENTRIES, ITEMS, KEY, SELF, Field, Root, Table


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


CLUSTER = Table(
    "cluster",
    (
        Field("name", "cluster_name", "Str", "name of the cluster"),
        Field("asked", "node", "Str", "the node that answered"),
        Field("version", "rabbitmq_version", "Str", "the release of that node"),
        Field("erlang_version", type="Str", description="the release of Erlang under it"),
    ),
)
NODES = Table(
    "nodes",
    (
        Field("name", type="Str", description="name of the node, such as rabbit@control1"),
        Field("running", type="Bool", description="whether it is there; the rest is None when it is not"),
        Field("type", type="Str", description="disc or ram"),
        Field("memory_alarm", "mem_alarm", "Bool", "whether publishers are held back, as it has too little memory"),
        Field("disk_alarm", "disk_free_alarm", "Bool", "the same for space on its disk"),
        Field("draining", "being_drained", "Bool", "whether it is in maintenance"),
        Field("net_ticktime", type="Int", description="seconds after which a silent node counts as lost"),
        Field("version", type="Str", description="its release"),
    ),
)
PARTITIONS = Table(
    "partitions",
    (
        Field("node", Root("name"), "Str", "a node"),
        Field("other", SELF, "Str", "one that it has lost, and does not trust again"),
    ),
    walk=("partitions", ITEMS),
)
QUEUES = Table(
    "queues",
    (
        Field("vhost", type="Str", description="the virtual host"),
        Field("name", type="Str", description="name of the queue"),
        Field("type", type="Str", description="classic, quorum or stream"),
        Field("durable", type="Bool", description="whether it outlives the broker"),
        Field("exclusive", type="Bool", description="whether it belongs to one connection, and ends with it"),
        Field("auto_delete", type="Bool", description="whether it ends with its last consumer"),
        Field(
            "expires", ("arguments", "x-expires"), "Int", "milliseconds without use after which it ends; None for never"
        ),
        Field("state", type="Str", description="running, idle, down, minority, crashed, ..."),
        Field("leader", type="Str", description="the node that works for it"),
        Field("policy", type="Str", description="the policy that applies to it"),
    ),
)
QUEUE_MEMBERS = Table(
    "queue_members",
    (
        Field("vhost", Root("vhost"), "Str", "the virtual host"),
        Field("queue", Root("name"), "Str", "name of the queue"),
        Field("node", type="Str", description="a node that holds it"),
        Field("online", type="Bool", description="whether its copy takes part at the moment"),
    ),
    walk=("copies", ITEMS),
)
POLICIES = Table(
    "policies",
    (
        Field("vhost", Root("vhost"), "Str", "the virtual host"),
        Field("name", Root("name"), "Str", "name of the policy"),
        Field("pattern", Root("pattern"), "Str", "which names it is for, a regular expression"),
        Field("applies_to", Root("apply-to"), "Str", "queues, exchanges, all, ..."),
        Field("key", KEY, "Str", "what it sets"),
        Field("value", SELF, "Str", "to what; lists as JSON", _text),
    ),
    walk=("definition", ENTRIES),
)
_NODE_MEMBERS = "name,running,type,mem_alarm,disk_free_alarm,being_drained,net_ticktime,partitions,applications"
_QUEUE_MEMBERS = (
    "vhost,name,type,durable,exclusive,auto_delete,arguments,state,node,leader,policy,members,online,"
    "slave_nodes,synchronised_slave_nodes"
)


class RabbitMqDriver(ListedDriver):
    """Any node that is there tells about all of them."""

    id = "rabbitmq"
    description = "Nodes, partitions, queues and policies of a RabbitMQ cluster"
    options = (
        Option(
            "urls",
            required=True,
            description="The management API of the nodes, such as http://control1:15672, separated by commas; the "
            "first that answers tells about all of them",
        ),
        Option("username", required=True, description="An account with the tag monitoring"),
        Option("password", required=True, secret=True, description="Its password"),
        Option("cacert", description="File with the certificates of the authorities that signed the nodes'"),
        TIMEOUT._replace(default="10"),
        *POLLING,
    )
    sights = ((CLUSTER,), (NODES, PARTITIONS), (QUEUES, QUEUE_MEMBERS), (POLICIES,))

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._broker = Member("rabbitmq", _urls(self.settings["urls"] or ""))
        self._web = Web(
            self.settings["timeout"],
            self.settings["cacert"],
            self.settings["username"],
            self.settings["password"],
        )

    def look(self, group: str) -> tuple[Objects]:
        if group == CLUSTER.name:
            return ({CLUSTER.name: [self._ask("overview", dict)]},)
        if group == NODES.name:
            nodes = [_node(one) for one in self._ask(f"nodes?columns={_NODE_MEMBERS}", list)]
            return ({NODES.name: nodes, PARTITIONS.name: nodes},)
        if group == POLICIES.name:
            return ({POLICIES.name: self._ask("policies", list)},)
        queues = [_queue(one) for one in self._ask(f"queues?columns={_QUEUE_MEMBERS}", list)]
        return ({QUEUES.name: queues, QUEUE_MEMBERS.name: queues},)

    def _ask(self, path: str, shape: type) -> Any:
        """What the API says, at the first node that answers. Raises DriverError."""

        def ask(_name: str, url: str) -> Any:
            found = self._web.json(f"{url.rstrip('/')}/api/{path}")
            if not isinstance(found, shape):
                raise DriverError(f"/api/{path.partition('?')[0]} is no {shape.__name__}; is this the management API?")
            return found

        (answer,) = ask_all(self.name, (self._broker,), ask)
        return answer.value


def _urls(text: str) -> tuple[str, ...]:
    """Raises DriverError."""
    found = tuple(filter(None, (url.strip() for url in text.split(","))))
    wrong = [url for url in found if urlsplit(url).scheme not in ("http", "https")]
    if wrong or not found:
        what = f"'{wrong[0]}' is no URL" if wrong else "none is given"
        raise DriverError(f"urls: {what}; write http://host:15672 or https://host:15671, separated by commas")
    return found


def _node(one: Mapping[str, Any]) -> dict[str, Any]:
    # The release is told by the list of applications, and only by nodes that run.
    found = {application.get("name"): application.get("version") for application in one.get("applications") or ()}
    return {**one, "version": found.get("rabbit")}


def _queue(one: Mapping[str, Any]) -> dict[str, Any]:
    """Queues of each type have other words for the nodes that hold them."""
    leader = one.get("leader") or one.get("node")
    return {**one, "leader": leader, "copies": list(_copies(one, leader))}


def _copies(one: Mapping[str, Any], leader: str | None) -> Iterator[dict[str, Any]]:
    if "members" in one:
        online = set(one.get("online") or ())
        yield from ({"node": node, "online": node in online} for node in one["members"])
        return
    up = one.get("state") not in ("down", "crashed", "stopped")
    mirrors = one.get("slave_nodes") or ()
    if leader:
        yield {"node": leader, "online": up}
    for node in mirrors if isinstance(mirrors, list) else ():
        yield {"node": node, "online": node in (one.get("synchronised_slave_nodes") or ())}
