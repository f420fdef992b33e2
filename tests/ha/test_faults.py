"""Whatever breaks, nothing is lost, nothing is wrong, and everything comes back.

Clients work, one thing is broken and healed, and then all that clients were told is compared with all that is there.
`make test` breaks what breaks most often; `make ha-test` everything, in pairs too; `make soak` goes on for hours.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ha import faults
from tests.ha.faults import Fault
from tests.ha.place import Place, place
from tests.ha.tap import Tap
from tests.ha.trial import trial

pytestmark = pytest.mark.timeout(600)

OFTEN = (
    "engine killed",
    "engine frozen",
    "active driver killed",
    "active driver frozen",
    "active driver stopped",
    "broker killed",
    "database writer killed",
    "proxy killed",
    "active driver isolated",
    "clock of active driver an hour ahead",
)


@pytest.fixture(scope="module")
def site() -> Iterator[Place]:
    with place() as found:
        yield found


@pytest.fixture(scope="module")
def tap(site: Place) -> Iterator[Tap]:
    with Tap(site.transport_url) as found:
        yield found


@pytest.mark.parametrize("fault", [faults.single(name) for name in OFTEN], ids=repr)
def test_nothing_is_lost_or_wrong_when_what_breaks_often_breaks(site: Place, tap: Tap, fault: Fault) -> None:
    assert trial(site, tap, fault).problems == []


@pytest.mark.long
@pytest.mark.parametrize("fault", [fault for fault in faults.singles() if fault.name not in OFTEN], ids=repr)
def test_nothing_is_lost_or_wrong_when_anything_breaks(site: Place, tap: Tap, fault: Fault) -> None:
    assert trial(site, tap, fault).problems == []


@pytest.mark.long
@pytest.mark.parametrize("pair", faults.pairs(), ids=lambda pair: " + ".join(map(repr, pair)))
def test_nothing_is_lost_or_wrong_when_two_things_break(site: Place, tap: Tap, pair: tuple[Fault, Fault]) -> None:
    assert trial(site, tap, *pair).problems == []


@pytest.mark.long
def test_everything_comes_back_by_itself_when_the_power_does(site: Place, tap: Tap) -> None:
    assert trial(site, tap, faults.whole_site(), hold=1.0).problems == []
