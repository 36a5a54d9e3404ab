"""The short forms of `make faults`: the server is killed or told to stop under load."""

from pathlib import Path

from faults import kill
from faults.outcome import Size


def test_a_killed_server_forgets_nobody_who_was_told_a_number(tmp_path: Path) -> None:
    outcome = kill.killed(tmp_path, Size.SHORT)

    assert (outcome.held, outcome.lost, outcome.doubled) == (True, 0, 0)
    assert (outcome.acknowledged or 0) > 20


def test_a_server_that_is_told_to_stop_forgets_nobody_and_goes_soon(tmp_path: Path) -> None:
    outcome = kill.stopped(tmp_path, Size.SHORT)

    assert outcome.held, outcome
    assert (outcome.acknowledged or 0) > 10
