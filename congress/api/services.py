"""What the handlers work with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from congress.datasources.contract import Driver
from congress.datasources.service import DatasourceService
from congress.datasources.webhooksecrets import WebhookSecrets
from congress.policies.library import Library
from congress.policies.live import Live
from congress.policies.service import PolicyService


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running server. `unready` says why it should get no requests now, None when it should.
    Who lets a request wait takes one of the `waiting_places` for it, since the threads are for other requests too.
    `mask` takes secrets out of a text."""

    policies: PolicyService
    library: Library
    datasources: DatasourceService
    webhook_secrets: WebhookSecrets
    mask: Callable[[str], str]
    live: Live
    drivers: Mapping[str, type[Driver]]
    unready: Callable[[], str | None]
    execute_enabled: bool = True
    waiting_places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(8))
