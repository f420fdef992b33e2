"""`congress-cfg-validator-agt`: runs on each host whose configuration files policies shall judge."""

from __future__ import annotations

import json
import logging
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any

from oslo_config import cfg
from oslo_log import log

from congress.agent import files, options
from congress.agent.sender import NotSent, Sender

LOG = logging.getLogger(__name__)


class Agent:
    """Reads the files again and again, and sends what they say when it changed or when it is time to repeat it."""

    def __init__(self, conf: cfg.ConfigOpts, sender: Sender) -> None:
        self._conf, self._sender = conf.agent, sender
        self._sent: str | None = None
        self.sent_at = 0.0
        self._stopped = threading.Event()

    def run(self) -> None:
        """Go on until `stop` is called."""
        self._stopped.wait(random.uniform(0, self._conf.max_delay))  # noqa: S311 - spreads load, guards nothing
        while not self._stopped.is_set():
            self.step()
            self._stopped.wait(self._conf.period)

    def stop(self) -> None:
        """End `run` soon."""
        self._stopped.set()

    def step(self) -> str:
        """Read once, and send if need be; answers the sentence that it logs."""
        report: dict[str, Any] = files.report(self._conf.host, self._conf.version, self._conf.services)
        content = json.dumps(report, sort_keys=True)
        if content == self._sent and time.monotonic() - self.sent_at < self._conf.resend_period:
            return "nothing changed"
        try:
            self._sender.send(report)
        except NotSent as error:
            LOG.error("%s; trying again in %s seconds", error, self._conf.period)
            return str(error)
        self._sent, self.sent_at = content, time.monotonic()
        told = f"sent {len(report['files'])} files and {sum(len(file['values']) for file in report['files'])} values"
        LOG.info("%s", told)
        return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; answers the exit status."""
    conf = options.register(cfg.ConfigOpts())
    given = sys.argv[1:] if arguments is None else arguments
    try:
        conf(given, project="congress", prog="congress-cfg-validator-agt")
        log.setup(conf, "congress-cfg-validator-agt")
        if not conf.agent.services:
            raise NotSent("nothing to read: name the files in the option `services` of group [agent]")
        agent = Agent(conf, Sender(conf))
    except (cfg.Error, NotSent) as error:
        print(f"congress-cfg-validator-agt: {error}", file=sys.stderr)
        return 1

    def stop(_signal: int, _frame: FrameType | None) -> None:
        agent.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    agent.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
