"""Ceilometer: polling and notifications on each node. The pollers share the work by redis, so none does it twice.

Measures are in gnocchi, alarms in aodh; its own API and its collector are no more.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.access import (
    broker_account,
    broker_settings,
    client_settings,
)
from congress.cluster.declaring.catalogue import registering, registration
from congress.cluster.declaring.settings import merged, private_file
from congress.cluster.services.contract import Declaration, File, Mode, Once, Service, Site
from congress.cluster.services.redis import url

BROKER = broker_account("ceilometer")
CONFIGURATION = "/etc/ceilometer/ceilometer.conf"
NAMES = ("ceilometer-agent-central", "ceilometer-agent-notification")
_POLLING = """\
sources:
  - name: all
    interval: {interval}
    meters:
      - "*"
"""


class Options(pydantic.BaseModel):
    """How often it asks."""

    model_config = pydantic.ConfigDict(extra="forbid")

    interval: int = pydantic.Field(300, ge=10, description="Seconds between two polls.")
    workers: int = pydantic.Field(2, ge=1, description="Processes for notifications on each node.")


class Ceilometer(Service):
    """What one poller had to do is done by the others when it is gone."""

    name = "ceilometer"
    title = "Telemetry (ceilometer)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("messaging", "keystone", "redis", "gnocchi")
    after: ClassVar = ("keystone", "redis", "gnocchi")
    entry: ClassVar = ("ceilometer-agent-central-clone", "ceilometer-agent-notification-clone")
    exit: ClassVar = (("ceilometer-agent-notification-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        settings = merged(
            {
                "DEFAULT": {"log_dir": "/var/log/ceilometer"},
                "coordination": {"backend_url": url(site)},
                "notification": {"workers": options.workers},
                "polling": {"cfg_file": "polling.yaml"},
            },
            broker_settings(site, BROKER),
            client_settings(site, "ceilometer", "service_credentials"),
        )
        clones = [running.everywhere(running.unit(name)) for name in NAMES]
        return Declaration(
            packages=(*NAMES, "python3-redis"),
            files=(
                private_file(CONFIGURATION, settings, "ceilometer", NAMES),
                File(
                    "/etc/ceilometer/polling.yaml",
                    polling(options.interval),
                    notify=("ceilometer-agent-central",),
                ),
                *registration(site, "ceilometer"),
            ),
            broker_accounts=(BROKER,),
            once=(
                registering("ceilometer"),
                Once(
                    "ceilometer: types of resources",
                    f"ceilometer-upgrade --config-file {CONFIGURATION} && touch /var/lib/ceilometer/upgraded",
                    done="test -e /var/lib/ceilometer/upgraded",
                    user="ceilometer",
                    after=("gnocchi",),
                ),
            ),
            units=tuple(running.packaged(name, "ceilometer") for name in NAMES),
            resources=tuple(clones),
            constraints=running.loosely(*(clone.id for clone in clones)),
            health=running.process_health("ceilometer-agent-notification"),
        )


def polling(interval: int) -> str:
    """What is measured, every so many seconds."""
    return _POLLING.format(interval=interval)
