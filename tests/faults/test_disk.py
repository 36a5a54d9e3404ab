"""The short forms of `make faults`: a disk that is full, may only be read, makes errors, or is held by others."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from faults import disk
from faults.outcome import Outcome, Size

TIMED = "F18"
"""How long a read takes is measured while nothing else goes on."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[Outcome]]:
    """Each with a clinic of its own. They mostly wait, so they wait together."""
    folders = {fault: tmp_path_factory.mktemp("disk") for fault in disk.LOOPS}
    with ThreadPoolExecutor(len(disk.LOOPS)) as together:
        found = {
            fault: together.submit(loop, folders[fault], Size.SHORT)
            for fault, loop in disk.LOOPS.items()
            if fault != TIMED
        }
    with ThreadPoolExecutor(1) as alone:
        found[TIMED] = alone.submit(disk.LOOPS[TIMED], folders[TIMED], Size.SHORT)
    return found


@pytest.mark.parametrize("fault", disk.LOOPS)
def test_what_a_disk_does_loses_nobody_and_ends_by_itself(outcomes: dict[str, Future[Outcome]], fault: str) -> None:
    outcome = outcomes[fault].result()

    if outcome.held is None:
        pytest.skip(f"Not shown here: {outcome.note}")
    assert outcome.held, outcome
    assert (outcome.acknowledged or 0) > 0
