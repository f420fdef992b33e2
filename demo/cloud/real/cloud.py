"""Start and stop the real services on loopback: cloud.py up | down | destroy.

`up` prepares databases on the first run (about two minutes) and only starts processes afterwards. Every process that
is started leaves a file in `run/`; `down` ends exactly those.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import configure
import register
import settings

HERE = Path(__file__).resolve().parent
DATABASES = ("keystone", "placement", "glance", "nova", "nova_api", "nova_cell0", "neutron", "cinder")


def wait(what: str, ready: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come up within {seconds:.0f} s; see the logs below {settings.ROOT}")
        time.sleep(0.2)


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(name: str, command: list[str], **options: object) -> None:
    settings.RUN.mkdir(parents=True, exist_ok=True)
    with (settings.RUN / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=settings.ROOT,
            **options,  # type: ignore[call-overload]
        )
    (settings.RUN / f"{name}.pid").write_text(str(process.pid))


def run(*command: str | Path) -> None:
    log = settings.RUN / "setup.log"
    with log.open("ab") as out:
        if subprocess.run([str(part) for part in command], stdout=out, stderr=out, cwd=settings.ROOT).returncode:  # noqa: S603
            raise SystemExit(f"{' '.join(map(str, command))} failed; see {log}")


def mariadb() -> None:
    data, port = settings.ROOT / "mariadb", settings.ports()["mariadb"]
    fresh = not data.exists()
    if fresh:
        data.mkdir(parents=True)
        shutil.chown(data, "mysql", "mysql")
        run(
            "mariadb-install-db",
            "--no-defaults",
            "--user=mysql",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )
    start(
        "mariadb",
        [
            "mariadbd",
            "--no-defaults",
            "--user=mysql",
            f"--datadir={data}",
            f"--socket={data}/socket",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            "--skip-log-bin",
            "--max-connections=500",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=128M",
        ],
    )
    wait("MariaDB", lambda: listening(port))
    if fresh:
        sql = ";".join(
            f"create database {name}; grant all on {name}.* to 'cloud'@'127.0.0.1' identified by 'cloud'"
            for name in DATABASES
        )
        run("mariadb", "--no-defaults", "-uroot", "-S", data / "socket", "-e", sql)


def rabbit() -> None:
    place, ports = settings.ROOT / "rabbit", settings.ports()
    for name in ("mnesia", "log", "home"):
        (place / name).mkdir(parents=True, exist_ok=True)
    (place / "rabbit.conf").write_text(f"listeners.tcp.default = 127.0.0.1:{ports['rabbit']}\n")
    (place / "plugins").write_text("[].")
    for path in [place, *place.iterdir()]:
        shutil.chown(path, "rabbitmq", "rabbitmq")
    environment = {
        "HOME": f"{place}/home",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "cloud@localhost",
        "RABBITMQ_DIST_PORT": str(ports["erlang"]),
        "RABBITMQ_MNESIA_BASE": f"{place}/mnesia",
        "RABBITMQ_LOG_BASE": f"{place}/log",
        "RABBITMQ_CONFIG_FILE": f"{place}/rabbit.conf",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{place}/plugins",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
    }
    start(
        "rabbit",
        ["sh", "/usr/lib/rabbitmq/bin/rabbitmq-server"],
        env=environment,
        user="rabbitmq",
        group="rabbitmq",
        extra_groups=[],
    )
    wait("RabbitMQ", lambda: listening(ports["rabbit"]))


def prepare() -> None:
    """Create every schema and the first identity; once."""
    done = settings.ROOT / "prepared"
    if done.exists():
        return
    configure.write_all()
    tool, conf = settings.BIN, configure.config_file
    keystone = [tool / "keystone-manage", "--config-file", conf("keystone")]
    nova = [tool / "nova-manage", "--config-file", conf("nova")]
    for name in ("fernet", "credential"):
        (settings.ROOT / "keystone" / name).mkdir(mode=0o700, exist_ok=True)
    run(*keystone, "db_sync")
    run(*keystone, "fernet_setup", "--keystone-user", "root", "--keystone-group", "root")
    run(*keystone, "credential_setup", "--keystone-user", "root", "--keystone-group", "root")
    run(
        *keystone,
        "bootstrap",
        "--bootstrap-password",
        settings.ADMIN_PASSWORD,
        "--bootstrap-region-id",
        settings.REGION,
        *(
            part
            for kind in ("admin", "internal", "public")
            for part in (f"--bootstrap-{kind}-url", settings.url("keystone"))
        ),
    )
    run(tool / "placement-manage", "--config-file", conf("placement"), "db", "sync")
    run(tool / "glance-manage", "--config-file", conf("glance"), "db_sync")
    run(*nova, "api_db", "sync")
    run(*nova, "cell_v2", "map_cell0", "--database_connection", settings.database("nova_cell0"))
    run(*nova, "db", "sync")
    run(*nova, "cell_v2", "create_cell", "--name", "cell1")
    run(
        tool / "neutron-db-manage",
        "--config-file",
        conf("neutron"),
        "--config-file",
        settings.ROOT / "neutron" / "ml2.ini",
        "upgrade",
        "heads",
    )
    run(tool / "cinder-manage", "--config-file", conf("cinder"), "db", "sync")
    done.touch()


def answers(service: str) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{settings.ports()[service]}/", timeout=5)  # noqa: S310 - loopback
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
    return True


def apis() -> None:
    for service in settings.APIS:
        start(
            service,
            [
                str(settings.BIN / "python"),
                str(HERE / "serve.py"),
                service,
                str(settings.ports()[service]),
                str(settings.ROOT / service),
            ],
        )
    for service in settings.APIS:
        wait(service, lambda name=service: answers(name))  # type: ignore[misc]


def daemons() -> None:
    for name, service in settings.DAEMONS.items():
        daemon(name, name, service)
    # NOTE: the fake hypervisor does not remember its node, and nova-compute refuses to start twice under one host name
    used = len(list((settings.ROOT / "nova").glob("compute-*.conf")))
    for number in range(used + 1, used + 1 + settings.COMPUTES):
        path = settings.ROOT / "nova" / f"compute-{number}.conf"
        path.write_text(f"[DEFAULT]\nhost = compute-{number}\n")
        daemon(path.stem, "nova-compute", "nova", "--config-file", str(path))


def daemon(name: str, program: str, service: str, *options: str) -> None:
    command = [str(settings.BIN / program), "--config-file", str(configure.config_file(service)), *options]
    log = settings.ROOT / service / f"{name}.log"
    start(name, [*command, "--log-file", str(log)], env={**os.environ, "PYTHONWARNINGS": "ignore"})


def up() -> None:
    began = time.monotonic()
    settings.RUN.mkdir(parents=True, exist_ok=True)
    mariadb()
    rabbit()
    prepare()
    apis()
    register.register()
    daemons()
    print(f"services are up after {time.monotonic() - began:.0f} s")


def down() -> None:
    """End the process groups that `up` started, databases last."""
    files = sorted(settings.RUN.glob("*.pid"), key=lambda path: path.stem in ("mariadb", "rabbit"))
    for path in files:
        try:
            os.killpg(int(path.read_text()), signal.SIGTERM)
        except ProcessLookupError:
            path.unlink()
    deadline = time.monotonic() + 20
    while (left := [path for path in settings.RUN.glob("*.pid") if _alive(path)]) and time.monotonic() < deadline:
        time.sleep(0.2)
    for path in left:
        os.killpg(int(path.read_text()), signal.SIGKILL)
    for path in settings.RUN.glob("*.pid"):
        path.unlink()
    environment = {**os.environ, "ERL_EPMD_PORT": str(settings.ports()["epmd"])}
    subprocess.run(["epmd", "-kill"], env=environment, check=False, capture_output=True)  # noqa: S607


def _alive(path: Path) -> bool:
    pid = int(path.read_text())
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        path.unlink()
        return False
    return True


def destroy() -> None:
    """Stop, and forget everything but the installed packages."""
    down()
    for path in settings.ROOT.iterdir():
        if path.name != "venv":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    {"up": up, "down": down, "destroy": destroy}[sys.argv[1]]()
