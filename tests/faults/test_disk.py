"""The short forms of `make faults`: a disk that is full, may only be read, makes errors, or is held by another program."""

from pathlib import Path

import pytest

from faults import disk
from faults.outcome import Size


@pytest.mark.parametrize("fault", disk.LOOPS)
def test_what_a_disk_does_loses_nobody_and_ends_by_itself(tmp_path: Path, fault: str) -> None:
    outcome = disk.LOOPS[fault](tmp_path, Size.SHORT)

    if outcome.held is None:
        pytest.skip(f"Not shown here: {outcome.note}")
    assert outcome.held, outcome
    assert (outcome.acknowledged or 0) > 0
