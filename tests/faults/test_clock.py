"""The short forms of `make faults` about the clock. They need no library: the clinic's own clock begins there."""

from functools import partial
from pathlib import Path

import pytest

from faults import clock
from faults.outcome import Size


def test_people_who_come_as_summer_ends_are_all_there_in_order(tmp_path: Path) -> None:
    edge = "summer ends in Berlin"

    outcome = clock.several(
        "F19", edge, tmp_path, [(edge, partial(clock.passed, edge=edge, make=clock.by_its_own_clock))]
    )

    assert (outcome.held, outcome.lost, outcome.doubled) == (True, 0, 0), outcome
    assert (outcome.acknowledged or 0) > 20


def test_five_people_wait_over_midnight_and_the_day_is_the_same(tmp_path: Path) -> None:
    outcome = clock.midnight(tmp_path, Size.SHORT)

    assert outcome.held, outcome


def test_a_line_with_a_number_below_0_would_be_noticed() -> None:
    assert list(clock.below_zero({"visits": [{"low": -3, "name": "-4"}], "seq": 2})) == [("low", -3)]


def test_where_nothing_can_set_a_clock_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "LIBRARIES", [])

    outcome = clock.set_clocks(tmp_path, Size.SHORT)

    assert outcome.held is None
    assert "libfaketime" in outcome.note
