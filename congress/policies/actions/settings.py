"""What an operator may set about actions, checked when the server starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from congress.policies.actions.errors import ActionSettingInvalid


@dataclass(frozen=True, slots=True)
class Settings:
    """`enabled`: whether anything is done at all. Seconds, except `concurrency` (actions at a time), `attempts` (for
    one entry, as long as the cloud did not do it), `rate` (starts of one action in `rate_period`; 0: no limit) and
    `failures` (in a row, after which an action rests for `rest` seconds; 0: never).

    `data_age`: how old data may be that an action follows from, 0: no limit; `data_ages` for single datasources.
    Actions are named `datasource:action`, with wildcards in `at_least_once` and `rates`.
    """

    enabled: bool = True
    concurrency: int = 4
    attempts: int = 3
    retry_delay: float = 2.0
    data_age: float = 600.0
    data_ages: Mapping[str, float] = field(default_factory=dict)
    at_least_once: Sequence[str] = ()
    rate: int = 60
    rates: Mapping[str, int] = field(default_factory=dict)
    rate_period: float = 60.0
    failures: int = 5
    rest: float = 300.0
    expiry: float = 86_400.0

    def repeats(self, name: str) -> bool:
        """Whether an action of unknown outcome is done again."""
        return any(fnmatchcase(name, pattern) for pattern in self.at_least_once)

    def rate_of(self, name: str) -> int:
        """How often an action may be started in `rate_period`."""
        return next((rate for pattern, rate in self.rates.items() if fnmatchcase(name, pattern)), self.rate)

    def age_of(self, datasource: str) -> float:
        """How old the datasource's data may be."""
        return self.data_ages.get(datasource, self.data_age)


def pairs(option: str, texts: Sequence[str], number: Callable[[str], float]) -> dict[str, float]:
    """`name=number` pairs of a list option, in order. Raises ActionSettingInvalid."""
    found = {}
    for text in texts:
        name, _, value = text.rpartition("=")
        try:
            found[name.strip()] = number(value)
            if not name.strip() or found[name.strip()] < 0:
                raise ValueError
        except ValueError as error:
            raise ActionSettingInvalid(
                f"option `{option}` in group `actions` has '{text}'; give name=number, the number 0 or more"
            ) from error
    return found
