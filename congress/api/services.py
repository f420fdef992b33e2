"""What the handlers work with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from congress.api.streams import Streams
from congress.dashboard.login import Login
from congress.datasources.ages import Ages
from congress.datasources.contract import Driver
from congress.datasources.service import DatasourceService
from congress.datasources.webhooksecrets import WebhookSecrets
from congress.outgoing.targets import Webhooks
from congress.policies.actions.ledger import Ledger
from congress.policies.bundles.installed import Bundles
from congress.policies.events import EventLog
from congress.policies.history import History
from congress.policies.library import Library
from congress.policies.live import Live
from congress.policies.service import PolicyService
from congress.policies.synchronisation import Synchroniser
from congress.policies.violations import Violations
from congress.telemetry.readiness import Readiness


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running server. `readiness` says whether it should get requests, `liveness` whether it should be
    replaced; `system_status` describes all nodes without waiting for anything. Who lets a request wait takes one of the
    `waiting_places` for it, since the threads are for other requests too. `mask` takes secrets out of a text."""

    policies: PolicyService
    library: Library
    bundles: Bundles
    datasources: DatasourceService
    webhook_secrets: WebhookSecrets
    mask: Callable[[str], str]
    live: Live
    ages: Ages
    synchroniser: Synchroniser
    ledger: Ledger
    history: History
    violations: Violations
    events: EventLog
    streams: Streams
    event_webhooks: Webhooks
    drivers: Mapping[str, type[Driver]]
    readiness: Readiness
    liveness: Readiness
    system_status: Callable[[], dict[str, Any]]
    login: Login
    execute_enabled: bool = True
    waiting_places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(8))
