"""The short forms of `make faults` with many hands at the same instant."""

from pathlib import Path

from faults import races
from faults.hands import EIGHT
from faults.outcome import Size


def test_a_tap_that_comes_eight_times_and_the_next_day_has_one_result(tmp_path: Path) -> None:
    outcome = races.same_request(tmp_path, Size.SHORT)

    assert outcome.held, outcome
    assert outcome.acknowledged == 2 * EIGHT * outcome.times


def test_nobody_is_called_twice_and_of_two_staff_one_wins(tmp_path: Path) -> None:
    outcome = races.called_once(tmp_path, Size.SHORT)

    assert outcome.held, outcome
    assert (outcome.acknowledged or 0) > len(races.PAIRS)


def test_an_appointment_that_eight_tablets_check_in_is_one_visit(tmp_path: Path) -> None:
    outcome = races.one_appointment(tmp_path, Size.SHORT)

    assert outcome.held, outcome
    assert outcome.acknowledged == races.APPOINTMENTS[Size.SHORT]
