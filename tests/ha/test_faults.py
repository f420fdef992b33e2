"""Whatever breaks, nothing is lost, nothing is wrong, and everything comes back.

Clients work, one thing is broken and healed, and then all that clients were told is compared with all that is there.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ha import faults
from tests.ha.faults import Fault
from tests.ha.place import Place, place
from tests.ha.tap import Tap
from tests.ha.trial import trial

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def site() -> Iterator[Place]:
    with place() as found:
        yield found


@pytest.fixture(scope="module")
def tap(site: Place) -> Iterator[Tap]:
    with Tap(site.transport_url) as found:
        yield found


@pytest.mark.parametrize("fault", faults.singles(), ids=repr)
def test_nothing_is_lost_or_wrong_when_one_thing_breaks(site: Place, tap: Tap, fault: Fault) -> None:
    assert trial(site, tap, fault).problems == []
