"""Clients: each asks for one thing again and again, through the addresses that clients of a cloud use.

A probe gives what it was told when it was served, and raises any exception when it was not.
"""

from __future__ import annotations

import http.client
import json
import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

CONNECT_SECONDS = 2.0
"""Limit for connections; an answer may take longer."""
ANSWER_SECONDS = 5.0


class Probe(ABC):
    """`interval`: seconds from the begin of a request to the next one's."""

    name: ClassVar[str]
    interval: ClassVar[float] = 0.2

    @abstractmethod
    def ask(self) -> str:
        """One request."""


class AddressProbe(Probe):
    """Whether an address is anywhere, with a proxy behind it."""

    name = "address"
    interval = 0.1

    def __init__(self, address: str, port: int) -> None:
        self._where = (address, port)

    def ask(self) -> str:
        with socket.create_connection(self._where, timeout=0.5):
            return ""


class HttpProbe(Probe):
    """Whether an API answers as it should. Each request is a new connection: a new client."""

    def __init__(self, address: str, port: int, path: str, statuses: Sequence[int] = (200,)) -> None:
        self._where, self._path, self._statuses = (address, port), path, statuses

    def ask(self) -> str:
        return str(_request(*self._where, "GET", self._path, self._statuses)[0])


class CatalogueProbe(HttpProbe):
    """Keystone's API."""

    name = "keystone"


class LoginProbe(Probe):
    """Logging in: an API and the database behind it. Remembers the last token."""

    name = "login"
    interval = 2.0

    def __init__(self, address: str, port: int, password: str) -> None:
        self._where = (address, port)
        domain = {"name": "Default"}
        user = {"name": "admin", "domain": domain, "password": password}
        project = {"name": "admin", "domain": domain}
        identity = {"methods": ["password"], "password": {"user": user}}
        self._body = json.dumps({"auth": {"identity": identity, "scope": {"project": project}}})
        self.token = ""

    def ask(self) -> str:
        _, self.token = _request(*self._where, "POST", "/v3/auth/tokens", (201,), self._body)
        return ""


class PolicyProbe(Probe):
    """Congress's API, with a token."""

    name = "congress"

    def __init__(self, address: str, port: int, login: LoginProbe) -> None:
        self._where, self._login = (address, port), login

    def ask(self) -> str:
        headers = {"X-Auth-Token": self._login.token}
        return str(_request(*self._where, "GET", "/v1/policies", (200,), headers=headers)[0])


class DatabaseProbe(Probe):
    """Writes rows with rising numbers; what it gives is the number that was acknowledged."""

    name = "database"

    def __init__(self, address: str, port: int, password: str) -> None:
        self._where, self._password = (address, port), password
        self._link: Any = None
        self._number = 0

    def ask(self) -> str:
        import pymysql  # not everybody who has the tools has the clients

        self._number += 1
        try:
            if self._link is None:
                self._link = pymysql.connect(
                    host=self._where[0],
                    port=self._where[1],
                    user="lab",
                    password=self._password,
                    database="lab",
                    autocommit=True,
                    connect_timeout=int(CONNECT_SECONDS),
                    read_timeout=int(ANSWER_SECONDS),
                    write_timeout=int(ANSWER_SECONDS),
                )
            with self._link.cursor() as cursor:
                cursor.execute("INSERT INTO written (number) VALUES (%s)", (self._number,))
        except Exception:
            self._link = None
            raise
        return str(self._number)


class BusProbe(Probe):
    """Publishes numbered messages to a quorum queue and waits for the broker's word that it has them."""

    name = "bus"
    queue = "lab"

    def __init__(self, hosts: Sequence[str], port: int, account: str, password: str) -> None:
        self._hosts, self._port, self._account, self._password = list(hosts), port, account, password
        self._link: Any = None
        self._channel: Any = None
        self._number = 0
        self.host = ""

    def ask(self) -> str:
        import amqp  # comes with oslo.messaging

        self._number += 1
        try:
            if self._link is None:
                self._connect()
            message = amqp.Message(str(self._number), delivery_mode=2)
            self._channel.basic_publish(message, routing_key=self.queue, timeout=ANSWER_SECONDS)
        except Exception:
            self._drop()
            raise
        return str(self._number)

    def _connect(self) -> None:
        import amqp

        host = self._hosts[0]
        self._link = amqp.Connection(
            f"{host}:{self._port}",
            userid=self._account,
            password=self._password,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
            confirm_publish=True,
        )
        self._link.connect()
        self._channel = self._link.channel()
        self._channel.queue_declare(self.queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        self.host = host

    def _drop(self) -> None:
        """Try the next member next time, as clients with a list of them do."""
        link, self._link = self._link, None
        self._hosts.append(self._hosts.pop(0))
        if link is not None and getattr(link, "transport", None) is not None:
            link.transport.close()


def _request(
    address: str,
    port: int,
    method: str,
    path: str,
    statuses: Sequence[int],
    body: str | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, str]:
    """Status and token of an answer. Raises OSError, ValueError."""
    link = http.client.HTTPConnection(address, port, timeout=ANSWER_SECONDS)
    try:
        given = {"Content-Type": "application/json", **(headers or {})}
        link.request(method, path, body, given)
        answer = link.getresponse()
        told = answer.read()
        if answer.status not in statuses:
            raise ValueError(f"{answer.status} {told[:120]!r}")
        return answer.status, answer.getheader("X-Subject-Token", "")
    except http.client.HTTPException as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
    finally:
        link.close()
