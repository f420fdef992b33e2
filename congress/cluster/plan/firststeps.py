"""Steps of the first installation: those that services declare, and the schemas that they want of the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from congress.cluster.deployment import Deployment
from congress.cluster.plan.stages import Stage
from congress.cluster.plan.state import FirstStep
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Database, Once

DATABASE = "database"
"""The service that has schemas and accounts for all others."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A step at one place. `own`: it needs its own service to run."""

    key: FirstStep
    once: Once
    own: bool


def first_steps(deployment: Deployment, stage: Stage) -> tuple[Planned, ...]:
    """Those of one service, in the order in which they have to be done."""
    return (*_schemas(deployment, stage), *_declared(stage))


def _declared(stage: Stage) -> Iterator[Planned]:
    placed = stage.placed
    for once in placed.declaration.once:
        for node in placed.nodes if once.every_node else placed.nodes[:1]:
            own = placed.service in once.after
            yield Planned(FirstStep(stage.cluster.name, placed.service, once.name, node), once, own)


def _schemas(deployment: Deployment, stage: Stage) -> Iterator[Planned]:
    databases = stage.placed.declaration.databases
    if not databases:
        return
    for cluster in deployment.clusters:
        for placed in cluster.services:
            if placed.service == DATABASE:
                node = next(node for node in cluster.nodes if node.name == placed.nodes[0])
                for database in databases:
                    once = schema(database, node.addresses["internal"])
                    yield Planned(FirstStep(cluster.name, stage.placed.service, once.name, node.name), once, own=False)


def schema(database: Database, address: str) -> Once:
    """A schema and the account that may use it; done when the account can, with the password of now."""
    account = f"'{database.account}'@'%'"
    password = mark(database.password)
    statements = (
        f"CREATE DATABASE IF NOT EXISTS `{database.name}` CHARACTER SET utf8;",
        f"CREATE USER IF NOT EXISTS {account};",
        f"ALTER USER {account} IDENTIFIED BY '{password}';",
        f"GRANT ALL PRIVILEGES ON `{database.name}`.* TO {account};",
    )
    return Once(
        f"schema {database.name} for {database.account}",
        "\n".join(["mariadb <<'END'", *statements, "END"]),
        done=f"MYSQL_PWD='{password}' mariadb --host={address} --user={database.account} -e 'USE `{database.name}`'",
        after=(DATABASE,),
    )
