"""The whole deployment: databases, brokers, API nodes with engines, datasource nodes, a proxy."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pymysql
import requests

from demo.ha import galera, rabbitmq
from demo.ha.galera import Database
from demo.ha.haproxy import Proxy
from demo.ha.machines import Machine, Process
from demo.ha.network import Network
from demo.ha.nodes import Node
from demo.ha.rabbitmq import Broker
from demo.ha.templates import filled

DATABASES = ("db1", "db2", "db3")
BROKERS = ("mq1", "mq2", "mq3")
ENGINES = ("api1", "api2", "api3")
DRIVERS = ("ds1", "ds2")
PROXY = "proxy"
_NUMBERS = {name: number for number, name in enumerate((PROXY, *DATABASES, *BROKERS, *ENGINES, *DRIVERS), 11)}


def loopback_at(prefix: str) -> Callable[[str], Machine]:
    """Machines that share the loopback interface; `prefix`: the first three numbers of their addresses."""
    return lambda name: Machine(name, f"{prefix}.{_NUMBERS[name]}")


loopback = loopback_at("127.0.77")
"""Where the demo runs."""


def namespaces(network: Network) -> Callable[[str], Machine]:
    """Machines that are namespaces of a network."""
    return lambda name: network.machine(name, _NUMBERS[name])


class Site:
    """Start it with `start`, and stop exactly what was started with `stop`."""

    def __init__(
        self,
        directory: Path,
        machine: Callable[[str], Machine],
        settings: str = "",
        env: Callable[[str], Mapping[str, str]] = lambda _name: {},
    ) -> None:
        """`settings`: more lines for every congress.conf; `env`: more environment for a node's process, by name."""
        self._env = env
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o711)  # the database's account passes through it
        self.machines = {name: machine(name) for name in _NUMBERS}
        self._variables = self._choose_variables()
        self.databases = self._make_databases()
        self.services = self._name_services()
        self.brokers = self._make_brokers()
        self.nodes = {name: self._node(name, settings) for name in (*ENGINES, *DRIVERS)}
        self.proxy = Proxy(self.machines[PROXY], directory / PROXY, self._variables)

    def _choose_variables(self) -> dict[str, str]:
        """What `deploy/ha/site.env` holds for this site, without what differs from machine to machine."""
        chosen = {"VIP": self.machines[PROXY].address}
        chosen |= {"AUTH_STRATEGY": "noauth", "KEYSTONE_URL": "http://keystone.invalid"}
        for kind, names in (("DATABASE", DATABASES), ("BROKER", BROKERS), ("API", ENGINES)):
            chosen |= {f"{kind}_{number}": self.machines[name].address for number, name in enumerate(names, 1)}
        for number, name in enumerate(BROKERS, 1):
            chosen[f"RABBIT_{number}"] = rabbitmq.node_name(number, self.machines[name].address)
        passwords = ("DATABASE_PASSWORD", "BROKER_PASSWORD", "KEYSTONE_PASSWORD")
        return chosen | {name: secrets.token_hex(12) for name in passwords}

    def _variables_of(self, name: str) -> dict[str, str]:
        address = self.machines[name].address
        return {**self._variables, "NAME": name, "ADDRESS": address, "DATASOURCES_HEALTH": address}

    def _make_databases(self) -> dict[str, Database]:
        made = {}
        for name in DATABASES:
            machine, directory = self.machines[name], self.directory / name
            check = [sys.executable, "-m", "congress.cli.galera_check", "--bind-host", machine.address]
            check += ["--socket", str(directory / "socket")]
            made[name] = Database(machine, directory, self._variables_of(name), check)
        return made

    def _name_services(self) -> list[Process]:
        hosts: dict[str | None, list[Machine]] = {}
        for name in BROKERS:
            hosts.setdefault(self.machines[name].namespace, []).append(self.machines[name])
        return [rabbitmq.name_service(machines, self.directory / "epmd") for machines in hosts.values()]

    def _make_brokers(self) -> dict[str, Broker]:
        return {
            name: Broker(self.machines[name], number, self.directory / name, self._variables_of(name))
            for number, name in enumerate(BROKERS, 1)
        }

    def _node(self, name: str, settings: str) -> Node:
        role = "api.conf" if name in ENGINES else "datasources.conf"
        variables = self._variables_of(name)
        own = f"\n[DEFAULT]\nencryption_key_path = {self.directory / 'keys'}\n{settings}"
        files = {"congress.conf": filled("congress.conf", variables) + own, role: filled(role, variables)}
        roles = ("--api", "--policy-engine") if name in ENGINES else ("--datasources",)
        return Node(self.machines[name], self.directory / name, roles, files, self._env(name))

    # -- life ----------------------------------------------------------------------------------------------------

    def start(self, say: Callable[[str], None] = lambda _text: None) -> None:
        """Start everything in parallel where it can be, and wait until all of it is ready. Raises NotStarted."""
        began = time.monotonic()
        with ThreadPoolExecutor() as pool:
            brokers = pool.submit(self.start_brokers)
            self.start_databases()
            say(f"three Galera nodes after {time.monotonic() - began:.0f} s")
            self.proxy.start()
            brokers.result()
        say(f"three RabbitMQ nodes after {time.monotonic() - began:.0f} s")
        self.start_nodes()
        say(f"three API nodes and two datasource nodes after {time.monotonic() - began:.0f} s")

    def start_brokers(self) -> None:
        """Start the brokers; the first forms the cluster, so that none of them founds another."""
        for service in self.services:
            service.start()
        first, *others = self.brokers.values()
        first.start()
        first.await_ready()
        for broker in others:
            broker.start()
        for broker in others:
            broker.await_ready()
        first.set_policies()

    def start_databases(self) -> None:
        """Found the cluster on its first node, let the others join, make the service's database and account."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(Database.create, self.databases.values()))
        first, *others = self.databases.values()
        first.start(bootstrap=True)
        first.await_synced()
        for statement in filled("database.sql", self._variables).split(";\n"):
            if statement.strip():
                first.query(statement)
        for number, database in enumerate(others, 2):
            database.start()
            database.await_synced(number)

    def start_nodes(self) -> None:
        """Start all processes of Congress, and wait until they are ready and get requests."""
        first = next(iter(self.nodes.values()))
        first.make_tables()
        self._start_nodes()

    def _start_nodes(self) -> None:
        for node in self.nodes.values():
            node.start()
        for node in self.nodes.values():
            node.await_ready()
        self.proxy.await_up(ENGINES)

    def stop(self) -> None:
        """Stop everything, in the reverse order."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: node.process.stop(), self.nodes.values()))
            self.proxy.process.stop(5.0)
            list(pool.map(lambda broker: broker.process.stop(), self.brokers.values()))
            checks = [database.check for database in self.databases.values()]
            list(pool.map(Process.stop, [*checks, *self.services]))
            list(pool.map(lambda database: database.process.stop(), self.databases.values()))

    def kill(self) -> None:
        """The whole site loses its power."""
        everything = [*(node.process for node in self.nodes.values()), self.proxy.process]
        everything += [broker.process for broker in self.brokers.values()]
        everything += [each for database in self.databases.values() for each in (database.process, database.check)]
        for process in [*everything, *self.services]:
            process.kill()

    def restart(self) -> None:
        """Power is back: the database node that had come furthest founds the cluster again, everything else starts."""
        furthest = max(self.databases.values(), key=Database.position)
        furthest.may_found()
        with ThreadPoolExecutor() as pool:
            brokers = pool.submit(self._restart_brokers)
            furthest.start(bootstrap=True)
            furthest.await_synced()
            for number, database in enumerate((one for one in self.databases.values() if one is not furthest), 2):
                database.start()
                database.await_synced(number)
            self.proxy.start()
            brokers.result()
        self._start_nodes()

    def _restart_brokers(self) -> None:
        for service in self.services:
            service.start()
        for broker in self.brokers.values():
            broker.start()
        for broker in self.brokers.values():
            broker.await_ready()

    # -- questions -----------------------------------------------------------------------------------------------

    def active(self) -> str:
        """The datasource node that works at the moment; the other one waits. Raises LookupError when there is none."""
        for node in self.status()["nodes"]:
            if node["state"] == "up" and node["status"].get("lease", {}).get("role") == "active":
                return str(node["id"])
        raise LookupError("no datasource node works at the moment")

    def writer(self) -> str:
        """The database node that the proxy sends clients to."""
        counting = "SELECT COUNT(*) FROM information_schema.processlist WHERE user='congress'"
        for name in DATABASES:
            with suppress(pymysql.err.Error):  # one that is gone has no clients
                if int(self.databases[name].query(counting)[0][0]):
                    return name
        raise LookupError("no database node has clients")

    def status(self) -> Any:
        """What `/v1/system/status` says, through the proxy."""
        answer = requests.get(f"{self.proxy.url}/v1/system/status", timeout=10)
        answer.raise_for_status()
        return answer.json()


__all__ = ["BROKERS", "DATABASES", "DRIVERS", "ENGINES", "Site", "galera", "loopback", "loopback_at", "namespaces"]
