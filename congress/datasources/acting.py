"""Has datasources do what the action ledger asks for."""

from __future__ import annotations

import time

from congress.datasources.contract import ArgumentsInvalid, DriverError, OutcomeUncertain, UnknownAction
from congress.datasources.control import RunnerElsewhere
from congress.datasources.errors import DatasourceNotFound, DatasourceNotRunning
from congress.datasources.service import DatasourceService
from congress.db.actions import Entry
from congress.policies.actions.outcomes import Outcome


class Acting:
    """An `Act` over the datasources that run at this node."""

    def __init__(self, datasources: DatasourceService) -> None:
        self._datasources = datasources

    def __call__(self, entry: Entry) -> Outcome:
        started = time.perf_counter()
        try:
            self._datasources.execute(entry.datasource, entry.action, entry.arguments, {})
        except (DatasourceNotFound, UnknownAction, ArgumentsInvalid) as error:
            return Outcome("hopeless", str(error))
        except (OutcomeUncertain, RunnerElsewhere) as error:
            return Outcome("uncertain", str(error))
        except (DatasourceNotRunning, DriverError) as error:
            return Outcome("refused", str(error))
        return Outcome("done", f"accepted after {time.perf_counter() - started:.3f} s")
