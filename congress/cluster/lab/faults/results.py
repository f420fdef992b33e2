"""Results in a file, for machines and for the next call."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from congress.cluster.lab.clients.observation import Outage
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.faults.breaking import Result
from congress.cluster.lab.faults.catalogue import faults
from congress.cluster.lab.faults.working import Kept


def to_json(results: Iterable[Result]) -> str:
    """Everything, with what is concluded from it."""
    promises = {fault.name: fault.promise for fault in faults()}
    whole = [
        dataclasses.asdict(each)
        | {"promise": dict(promises[each.fault]), "broken_promises": each.broken(promises[each.fault])}
        for each in results
    ]
    return json.dumps(whole, indent=2) + "\n"


def write(file: Path, results: Iterable[Result]) -> None:
    """The whole file; it is never seen half written."""
    new = file.with_name(file.name + ".new")
    new.write_text(to_json(results))
    new.replace(file)


def read(file: Path) -> tuple[Result, ...]:
    """What was written. Raises LaboratoryError for a file of something else."""
    try:
        return tuple(_result(told) for told in json.loads(file.read_text()))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LaboratoryError(f"{file} has no results of faults: {error}; remove it, or name another one") from error


def _result(told: dict[str, Any]) -> Result:
    fields = {field.name: told[field.name] for field in dataclasses.fields(Result)}
    fields["outages"] = {name: _outage(each) for name, each in told["outages"].items()}
    fields["kept"] = {name: Kept(**each) for name, each in told["kept"].items()}
    return Result(**fields | {"otherwise": tuple(told["otherwise"])})


def _outage(told: dict[str, Any]) -> Outage:
    return Outage(**told | {"gaps": tuple(told["gaps"])})
