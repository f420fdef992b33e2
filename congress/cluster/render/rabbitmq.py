"""definitions.json of the message bus: the accounts that all services want of it (RabbitMQ's "Schema Definition Export
and Import"). Who begins a bus reads it when it starts; later each member imports it when it changed.
"""

from __future__ import annotations

import json

from congress.cluster.deployment import Cluster, Deployment, Node
from congress.cluster.secrets import mark
from congress.cluster.services.contract import BrokerAccount, File

SERVICE = "messaging"
PATH = "/etc/rabbitmq/definitions.json"
READER = "rabbitmq-definitions"


def accounts(deployment: Deployment) -> tuple[BrokerAccount, ...]:
    """Of all services, by name."""
    found = {
        (account.name, account.virtual_host): account
        for cluster in deployment.clusters
        for placed in cluster.services
        for account in placed.declaration.broker_accounts
    }
    return tuple(found[key] for key in sorted(found))


def files(deployment: Deployment, cluster: Cluster, node: Node) -> tuple[File, ...]:
    """The file on a member of the bus; nothing elsewhere."""
    if not any(placed.service == SERVICE and node.name in placed.nodes for placed in cluster.services):
        return ()
    return (File(PATH, definitions(accounts(deployment)), 0o640, group="rabbitmq", notify=(READER,)),)


def definitions(wanted: tuple[BrokerAccount, ...]) -> str:
    """Accounts, virtual hosts, and that each account may do all in its own, or nothing but look."""
    users = {account.name: account for account in wanted}
    hosts = sorted({"/", *(account.virtual_host for account in wanted)})
    return (
        json.dumps(
            {
                "users": [
                    {
                        "name": name,
                        "password": mark(account.password),
                        "tags": "monitoring" if account.monitors else "",
                    }
                    for name, account in users.items()
                ],
                "vhosts": [{"name": host} for host in hosts],
                "permissions": [
                    {"user": account.name, "vhost": account.virtual_host, **_rights(account)} for account in wanted
                ],
            },
            indent=2,
        )
        + "\n"
    )


def _rights(account: BrokerAccount) -> dict[str, str]:
    """Names of queues and exchanges that an account may configure, write and read, as regular expressions."""
    return dict.fromkeys(("configure", "write", "read"), "" if account.monitors else ".*")
