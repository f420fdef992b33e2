"""Real database servers, each with a data directory of its own and a free port, for as long as a test module needs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import count, cycle
from pathlib import Path
from typing import Self

import sqlalchemy
from sqlalchemy.exc import OperationalError

from tests.waiting import until

START_SECONDS = 60.0
PASSWORD = "canary-database"  # noqa: S105 - looked for where it must not be
_NAMES = count(1)


def _ports() -> Iterator[int]:
    """Ports below those that the kernel gives to whoever connects, so that nobody has them before a server does; each
    process that runs tests at the same time has its own, and begins somewhere among them."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    below = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    own = range(10_100 + worker, min(below, 32_768), workers)
    first = os.getpid() * 101 % len(own)
    return cycle((*own[first:], *own[:first]))


_PORTS = _ports()


def free_port() -> int:
    """A port of the loopback address that nobody listens on now, and that was not told here lately."""
    for port in _PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def program(name: str) -> str:
    """Where a program of a database server is; distributions keep some of them off the path."""
    places = [Path("/usr/sbin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name) or next((str(place / name) for place in places if (place / name).exists()), None)
    assert found, f"{name} is missing; requirements/servers.sh installs it"
    return found


class DatabaseServer(ABC):
    """A server process; subclasses say how it is made, started and addressed. As a context manager it runs inside."""

    account: str | None = None
    """Whom it runs as when the tests run as root."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="congress-db-"))
        self.port = free_port()
        # A server that starts deletes the temporary tables that it finds, be they another one's.
        self._environment = {**os.environ, "TMPDIR": str(self.directory)}
        if os.geteuid() == 0 and self.account:
            shutil.chown(self.directory, self.account)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None:
        """Make its files, start it, and wait until it answers."""

    def _run(self, command: Sequence[str]) -> None:
        user = self.account if os.geteuid() == 0 else None
        place, env = self.directory, self._environment
        subprocess.run(command, check=True, capture_output=True, user=user, timeout=120, cwd=place, env=env)  # noqa: S603

    def _start(self, command: Sequence[str]) -> None:
        user = self.account if os.geteuid() == 0 else None
        with (self.directory / "log").open("ab") as log:
            place, env = self.directory, self._environment
            self._process = subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd=place, env=env)  # noqa: S603
        process = self._process
        until(
            self._answers,
            lambda: (self.directory / "log").read_text(errors="replace"),
            seconds=START_SECONDS,
            ended=lambda: process.poll() is not None,
        )

    def _answers(self) -> bool:
        try:
            with self.admin().connect():
                return True
        except OperationalError:
            return False

    def admin(self) -> sqlalchemy.Engine:
        """An engine that may create databases."""
        return sqlalchemy.create_engine(self.url(self.first), isolation_level="AUTOCOMMIT")

    first = ""

    @abstractmethod
    def url(self, name: str) -> str:
        """The URL of a database on this server."""

    def create(self, options: str = "") -> str:
        """Make an empty database; answers its URL."""
        name = f"congress_{next(_NAMES)}"
        with self.admin().connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name} {options}"))
        return self.url(name)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)


class MariaDb(DatabaseServer):
    """A MariaDB server; `prepared` is a copy of the data of another one, `settings` are more options."""

    first = "mysql"

    def __init__(self, prepared: Path | None = None, settings: Sequence[str] = ()) -> None:
        super().__init__()
        self._prepared, self._settings = prepared, settings

    def start(self) -> None:
        data, mine = self.directory / "data", ["--user=root"] if os.geteuid() == 0 else []
        (self.directory / "account.sql").write_text(
            f"CREATE USER IF NOT EXISTS congress@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO congress@'%';\n"
        )
        if self._prepared:
            shutil.copytree(self._prepared, data)
        else:
            install = [program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db", *mine]
            self._run([*install, "--auth-root-authentication-method=normal"])
        self._start(
            [
                program("mariadbd"),
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={self.directory}/socket",
                f"--pid-file={self.directory}/pid",
                f"--init-file={self.directory}/account.sql",
                f"--port={self.port}",
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--innodb-buffer-pool-size=32M",
                "--innodb-flush-log-at-trx-commit=0",
                *self._settings,
                *mine,
            ]
        )

    def save(self, place: Path) -> None:
        """End it in an orderly way and leave a copy of its data, for others to be `prepared`."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(60)
        shutil.copytree(self.directory / "data", place)

    def url(self, name: str) -> str:
        return f"mysql+pymysql://congress:{PASSWORD}@127.0.0.1:{self.port}/{name}?charset=utf8mb4"

    def load(self, dump: Path, options: str = "CHARACTER SET utf8mb3") -> str:
        """Make a database from a dump; answers its URL."""
        url = self.create(options)
        command = [program("mariadb"), "--no-defaults", "-h127.0.0.1", f"-P{self.port}", "-uroot"]
        name = sqlalchemy.make_url(url).database
        with dump.open("rb") as file:
            subprocess.run([*command, str(name)], stdin=file, check=True, timeout=60)  # noqa: S603
        return url


class PostgreSql(DatabaseServer):
    """A PostgreSQL server, which refuses to run as root."""

    account = "postgres"
    first = "postgres"

    def start(self) -> None:
        data = str(self.directory / "data")
        self._run([program("initdb"), "-D", data, "-U", "congress", "-A", "trust", "-E", "UTF8", "--no-sync"])
        settings = [
            f"unix_socket_directories={self.directory}",
            "listen_addresses=127.0.0.1",
            "dynamic_shared_memory_type=mmap",  # in its own directory, so that nothing outlives a server that is killed
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        self._start([program("postgres"), "-D", data, "-p", str(self.port), *options])

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://congress:{PASSWORD}@127.0.0.1:{self.port}/{name}"
