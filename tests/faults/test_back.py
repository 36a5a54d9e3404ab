"""The short form of `make faults`: a house full of screens loses its server."""

from pathlib import Path

from faults import back
from faults.outcome import Size


def test_all_screens_are_back_and_right_after_the_server_was_killed_or_stopped(tmp_path: Path) -> None:
    outcome = back.restarted(tmp_path, Size.SHORT)

    assert outcome.held, outcome
    assert 0 < (outcome.hang or 0) <= back.WITHIN
