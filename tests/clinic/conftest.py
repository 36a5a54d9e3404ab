"""What the tests of the core share: a program that is stopped and started again."""

from collections.abc import Iterator

import pytest

from clinic.desk import Desk
from clinic.store import Store
from tests.clinic.at_the_desk import Restart


@pytest.fixture
def reopened(desk: Desk) -> Iterator[Restart]:
    """The same clinic after its program stopped and started again."""
    desks = [desk]

    def again() -> Desk:
        desks[-1].close()
        desks.append(Desk(Store(desk.store.folder), desk.clock))
        return desks[-1]

    yield again
    desks[-1].close()
