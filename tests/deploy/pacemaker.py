"""A real Pacemaker with one host, in namespaces of its own: nothing of it is seen outside, and it ends with its first
process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.deploy.agent import AGENT
from tests.waiting import until

SECONDS = 120.0
HOST = "host1"

# What the host does when it is switched on. Everything that the cluster writes goes to the directory given.
_INIT = r"""
set -eu
directory=$1
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mkdir -p /run/resource-agents /run/crm /run/lock
for each in etc/corosync var/lib/pacemaker var/lib/corosync var/log; do mount --bind "$directory/$each" "/$each"; done
mount --bind "$directory/resource.d" /usr/lib/ocf/resource.d
mount --bind "$directory/hosts" /etc/hosts
hostname host1
ip link set lo up
ip address add 192.0.2.1/24 dev lo
corosync -f > "$directory/corosync.out" 2>&1 &
until corosync-cfgtool -s > /dev/null 2>&1; do sleep 0.1; done
export PCMK_logfile=/var/log/pacemaker/pacemaker.log PCMK_logfacility=none
pacemakerd -f > "$directory/pacemakerd.out" 2>&1 &
while :; do wait; sleep 1; done
"""
_COROSYNC = """\
totem {
  version: 2
  cluster_name: congress
  transport: knet
  crypto_cipher: none
  crypto_hash: none
}
system {
  sched_rr: no
}
nodelist {
  node {
    ring0_addr: 192.0.2.1
    name: host1
    nodeid: 1
  }
}
quorum {
  provider: corosync_votequorum
}
logging {
  to_stderr: yes
  to_syslog: no
}
"""
_CIB = """\
<cib validate-with="pacemaker-3.0" epoch="1" num_updates="0" admin_epoch="1"><configuration><crm_config>
<cluster_property_set id="options">
<nvpair id="options-stonith" name="stonith-enabled" value="false"/>
<nvpair id="options-dc" name="dc-deadtime" value="2s"/>
</cluster_property_set></crm_config><nodes/><resources/><constraints/></configuration><status/></cib>
"""


class Cluster:
    """Use as a context manager. `directory` must be empty."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for name in ("etc/corosync", "var/lib/corosync", "var/log/pacemaker", "var/log/crmsh", "var/lib/pacemaker/cib",
                     "var/lib/pacemaker/pengine", "var/lib/pacemaker/cores", "var/lib/pacemaker/blackbox"):  # fmt: skip
            (directory / name).mkdir(parents=True)
        (directory / "etc/corosync/corosync.conf").write_text(_COROSYNC)
        (directory / "var/lib/pacemaker/cib/cib.xml").write_text(_CIB)
        (directory / "hosts").write_text("127.0.0.1 localhost\n192.0.2.1 host1\n")
        for path in (directory / "var/lib/pacemaker", *(directory / "var/lib/pacemaker").rglob("*")):
            shutil.chown(path, "hacluster", "haclient")
        shutil.chown(directory / "var/log/pacemaker", "hacluster", "haclient")
        install_agent(directory / "resource.d")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Cluster:
        command = ["unshare", "--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--kill-child=SIGKILL"]
        command += ["--mount-proc", "sh", "-c", _INIT, "init", str(self.directory)]
        with (self.directory / "console").open("wb") as console:
            self._process = subprocess.Popen(command, stdout=console, stderr=console, stdin=subprocess.DEVNULL)  # noqa: S603
        try:
            self.until(lambda: "* Online: [ host1 ]" in self.run("crm_mon", "-1"), "online")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._first(), signal.SIGKILL)  # with it ends everything in its namespace
            self._process.wait(20)

    def _first(self) -> int:
        """The first process of the host, as it is seen from outside."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        self.until(lambda: children.read_text().split(), "switched on")
        return int(children.read_text().split()[0])

    def entering(self) -> list[str]:
        """What a command begins with to run on the host."""
        return ["nsenter", "-t", str(self._first()), "--mount", "--uts", "--ipc", "--net", "--pid", "--"]

    def run(self, *words: str) -> str:
        """What a command prints that runs on the host, errors too."""
        done = subprocess.run([*self.entering(), *words], capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        return done.stdout + done.stderr

    def until(self, condition: Callable[[], object], what: str) -> None:
        ended = lambda: self._process is None or self._process.poll() is not None  # noqa: E731
        until(condition, lambda: f"the host is not {what}:\n{self.log()}", seconds=SECONDS, ended=ended)

    def log(self) -> str:
        """What was said last, by everybody."""
        files = [self.directory / name for name in ("console", "corosync.out", "pacemakerd.out")]
        files.append(self.directory / "var/log/pacemaker/pacemaker.log")
        return "\n".join(
            f"-- {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in files if file.exists()
        )

    def configure(self, text: str) -> None:
        """Load resources as `crm configure load update` does."""
        (self.directory / "loaded.crm").write_text(text)
        said = self.run("crm", "--force", "configure", "load", "update", str(self.directory / "loaded.crm"))
        assert "ERROR" not in said, said


def install_agent(resources: Path) -> None:
    """Copy the installed agents to a directory, with ours among them."""
    shutil.copytree("/usr/lib/ocf/resource.d", resources, symlinks=True)
    (resources / "openstack").mkdir(exist_ok=True)
    shutil.copy(AGENT, resources / "openstack" / "congress-datasource")
