"""`make ha-demo`: the whole deployment on loopback addresses of one machine, and how to break it. `run.py [stop]`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from demo.ha import contents
from demo.ha.contents import Cloud, Refused
from demo.ha.keeping import RESTART_SECONDS, Keeper
from demo.ha.machines import NotStarted, birth
from demo.ha.site import BROKERS, DATABASES, DRIVERS, ENGINES, PROXY, Site, loopback_at

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path(os.environ.get("DEMO_PLACE", ROOT / "var" / "ha-demo"))
NETWORK = os.environ.get("DEMO_NETWORK", "127.0.77")
RUNNING = PLACE / "running.json"


def say(text: str = "") -> None:
    print(text, flush=True)


def title(text: str) -> None:
    say(f"\n== {text}")


def pids(site: Site, cloud: Cloud) -> dict[str, int]:
    """The process group of each server."""
    found = {name: database.process.pid for name, database in site.databases.items()}
    found |= {name: broker.process.pid for name, broker in site.brokers.items()}
    found |= {name: node.process.pid for name, node in site.nodes.items()}
    return found | {PROXY: site.proxy.process.pid, "cloud": cloud.process.pid}


def addresses(site: Site, cloud: Cloud) -> None:
    title("Who is where (process groups in brackets)")
    known = pids(site, cloud)

    def line(what: str, names: tuple[str, ...], port: int) -> None:
        places = (f"{name} {site.machines[name].address}:{port} [{known[name]}]" for name in names)
        say(f"   {what:17} {'  '.join(places)}")

    line("load balancer", (PROXY,), 1789)
    line("API and engine", ENGINES, 1789)
    line("datasources", DRIVERS, 1790)
    line("RabbitMQ", BROKERS, 5672)
    line("MariaDB Galera", DATABASES, 3306)
    say(f"   {'replayed cloud':17} {cloud.login['control']} [{known['cloud']}]")
    say(f"   files and logs    {site.directory}")


def status(site: Site) -> None:
    title(f"How they are: curl -s {site.proxy.url}/v1/system/status")
    for node in sorted(site.status()["nodes"], key=lambda node: str(node["id"])):
        lease = node["status"].get("lease", {})
        does = f"{lease['role']}, epoch {lease['epoch']}" if lease.get("role") == "active" else lease.get("role", "")
        say(f"   {node['id']:6} {node['state']:8} ready: {str(node['status'].get('ready')):6} {does}")
    say(f"   clients of the database are on {site.writer()}")


def how_to_break_it(site: Site, cloud: Cloud) -> None:
    known, url, active = pids(site, cloud), site.proxy.url, site.active()
    control, violations = cloud.login["control"], f"{url}/v1/policies/{contents.POLICY}/tables/{contents.TABLE}/rows"
    title("Look at it, from another terminal")
    for what, command in (
        (
            "what clients see",
            f"while sleep 0.3; do curl -s -o /dev/null -m 9 -w '%{{http_code}} ' {url}/v1/policies; done",
        ),
        ("what is wrong", f"curl -s {violations}"),
        ("a new violation", f'curl -s -d \'{{"state": "after"}}\' {control}/state    # before: it goes away again'),
    ):
        say(f"   {what:17} {command}")
    title("Break it; this terminal tells what happens")
    for what, command, expected in (
        ("an engine dies", f"kill -9 -- -{known['api1']}", "others answer, no request fails that may be repeated"),
        ("an engine hangs", f"kill -STOP -- -{known['api2']}", "out of rotation within 5 s; -CONT lets it go on"),
        ("the reader dies", f"kill -9 -- -{known[active]}", "the other one takes the lease within 12 s"),
        ("the reader hangs", f"kill -STOP -- -{known[active]}", "the same; after -CONT it knows that it was replaced"),
        ("a broker dies", f"kill -9 -- -{known['mq1']}", "new violations still come through"),
        ("the writer dies", f"kill -9 -- -{known[site.writer()]}", "rules are accepted again within 5 s"),
    ):
        say(f"   {what:17} {command:24} {expected}")
    say(f"   What is killed is started again after {RESTART_SECONDS:g} s, as systemd would.")
    say("   Ctrl-C here or make ha-demo-stop end all of it.")


def demo() -> None:
    started, stopping = threading.Event(), threading.Event()

    def leave(_number: int, _frame: object) -> None:
        if not started.is_set() and not stopping.is_set():
            stopping.set()
            raise NotStarted("it was told to stop")
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    PLACE.mkdir(parents=True, exist_ok=True)
    with ExitStack() as cleanup:
        directory = Path(tempfile.mkdtemp(prefix="congress-ha-demo-"))
        cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
        RUNNING.write_text(json.dumps({"pid": os.getpid(), "birth": birth(os.getpid())}))
        cleanup.callback(RUNNING.unlink, missing_ok=True)
        title("Three database nodes, three brokers, three engines with APIs, two datasource nodes, a load balancer")
        site = Site(directory, loopback_at(NETWORK))
        cloud = Cloud(site.machines[PROXY], directory / "cloud")
        cleanup.callback(site.stop)
        cleanup.callback(cloud.process.stop)
        cloud.start()
        site.start(lambda text: say(f"   {text}"))
        revision = contents.fill(site.proxy.url, cloud)
        engines = [site.nodes[name].url for name in ENGINES]
        say(f"   every engine knows the cloud after {contents.await_known(engines, revision):.1f} s")
        addresses(site, cloud)
        status(site)
        how_to_break_it(site, cloud)
        started.set()
        title("What happens")
        keeper = Keeper(site)
        list(keeper.look())  # how it is now is told already
        while not stopping.wait(0.5):
            for sentence in keeper.look():
                say(f"   {time.strftime('%H:%M:%S')}  {sentence}")
        title("Stopping")
    say("   stopped, and nothing is left")


def stop(seconds: float = 90.0) -> str:
    """End a demo that runs; what there is to say about it."""
    try:
        running = json.loads(RUNNING.read_text())
    except FileNotFoundError:
        return "nothing was running"
    pid = int(running["pid"])
    if birth(pid) != running["birth"]:  # else the number may belong to somebody else by now
        RUNNING.unlink(missing_ok=True)
        return "nothing was running"
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while birth(pid) == running["birth"]:
        if time.monotonic() > deadline:
            return f"process {pid} was told to stop and has not within {seconds:g} s"
        time.sleep(0.1)
    return "stopped"


if __name__ == "__main__":
    if sys.argv[1:] == ["stop"]:
        say(stop())
    else:
        try:
            demo()
        except (NotStarted, Refused) as error:
            sys.exit(f"the demo cannot go on: {error}")
