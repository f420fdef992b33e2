"""How this process is, from its first moment on: checks, status items, probes, and the socket that tells them."""

from __future__ import annotations

import logging
import threading
from typing import Any

from oslo_config import cfg

from congress.conf import healthcheck
from congress.engine.workspace import Workspace
from congress.errors import CongressError
from congress.server.healthserver import HealthServer
from congress.server.probes import Probe, api_answers
from congress.telemetry import metrics
from congress.telemetry.readiness import Readiness
from congress.telemetry.status import StatusItems

LOG = logging.getLogger(__name__)

_UNREADY = metrics.observed("congress_unready", "1 for each readiness check that fails; none when ready.", "check")
_ENGINE_WAIT = metrics.observed(
    "congress_engine_wait_seconds", "For how long a reader has been waiting for the policy engine; 0 when it has not."
)


class HealthAddressUnavailable(CongressError):
    """The health socket cannot be bound; the text says why."""


class Health:
    """`readiness`, `liveness` and `status` are for everybody to add to. `state` is `starting`, `ready` or `stopping`,
    or a sentence that says what a start waits for."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf, self._port = conf.healthcheck, healthcheck.port(conf)
        self.readiness, self.liveness, self.status = Readiness(), Readiness("alive"), StatusItems()
        self.state = "starting"
        self.stopping = threading.Event()
        """Set when the process is to end."""
        self.left_because: str | None = None
        self._probes: list[Probe] = []
        self._server: HealthServer | None = None
        self.readiness.add("server", lambda: None if self.state == "ready" else f"the server is {self.state}")
        self.status.add("ready", lambda: not self.readiness.reasons())
        self.status.add("reasons", self.readiness.reasons)
        _UNREADY.follow(lambda: {(name,): 1.0 for name in self.readiness.reasons()})

    def say(self, sentence: str) -> None:
        """Say what a start waits for."""
        self.state = sentence

    def leave(self, sentence: str) -> None:
        """Have the process stop, since something happened with which it cannot go on."""
        self.left_because = sentence
        self.state = "stopping"
        self.stopping.set()

    def serve(self) -> None:
        """Answer on the socket of group `healthcheck`, if it has a port. Raises HealthAddressUnavailable."""
        host, port = self._conf.bind_host, self._port
        if not port:
            return
        try:
            self._server = HealthServer(host, port, self.readiness, self.liveness)
        except OSError as error:
            raise HealthAddressUnavailable(
                f"cannot answer health checks on {host} port {port}: {error}; see `bind_host` and `port` in group "
                "`healthcheck`"
            ) from error
        self._server.start()
        LOG.info("health is told on http://%s:%s", f"[{host}]" if ":" in host else host, port)

    def watch_engine(self, workspace: Workspace) -> None:
        """Notice when the policy engine lets nobody in."""
        probe = self._watch("policy engine", workspace.answers, self._conf.engine_seconds)
        _ENGINE_WAIT.follow(lambda: {(): probe.waiting()})

    def watch_api(self, address: tuple[str, int]) -> None:
        """Notice when the API answers nobody."""
        self._watch("API", api_answers(address), self._conf.api_seconds)

    def stop(self) -> None:
        """Watch and tell no more."""
        for probe in self._probes:
            probe.stop()
        if self._server is not None:
            self._server.stop()

    def _watch(self, name: str, ask: Any, limit: float) -> Probe:
        probe = Probe(f"the {name}", ask, limit=limit, stuck=self._conf.stuck_seconds)
        key = name.lower().replace(" ", "_")
        self.readiness.add(key, probe.unready)
        self.liveness.add(key, probe.dead)
        self._probes.append(probe)
        probe.start()
        return probe
