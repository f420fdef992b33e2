"""What the handlers work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from congress.datasources.contract import Driver
from congress.datasources.service import DatasourceService
from congress.datasources.webhooksecrets import WebhookSecrets
from congress.policies.actions.ledger import Ledger
from congress.policies.history import History
from congress.policies.library import Library
from congress.policies.live import Live
from congress.policies.service import PolicyService
from congress.policies.synchronisation import Synchroniser
from congress.telemetry.readiness import Readiness


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running server. `readiness` says whether it should get requests, `liveness` whether it should be
    replaced; `system_status` describes all nodes without waiting for anything. `most_waiting` requests at a time
    may wait for changes; the threads are for other requests too."""

    policies: PolicyService
    library: Library
    datasources: DatasourceService
    webhook_secrets: WebhookSecrets
    live: Live
    synchroniser: Synchroniser
    ledger: Ledger
    history: History
    drivers: Mapping[str, type[Driver]]
    readiness: Readiness
    liveness: Readiness
    system_status: Callable[[], dict[str, Any]]
    execute_enabled: bool = True
    most_waiting: int = 8
