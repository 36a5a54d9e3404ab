"""The short forms of `make faults`: networks that break, clients that never read or never finish, a server gone."""

from pathlib import Path

import pytest

from faults import network
from faults.outcome import Size


@pytest.mark.parametrize("fault", network.LOOPS)
def test_what_the_network_does_harms_nobody(tmp_path: Path, fault: str) -> None:
    outcome = network.LOOPS[fault](tmp_path, Size.SHORT)

    assert outcome.held, outcome
    assert outcome.times > 0
    assert not outcome.lost
    assert not outcome.doubled
