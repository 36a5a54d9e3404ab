"""The short form of `make faults F25`: what is old is forgotten under load. Its times are not looked at here."""

from pathlib import Path

from faults import years
from faults.outcome import Size


def test_old_days_are_forgotten_while_people_check_in_and_nothing_else_changes(tmp_path: Path) -> None:
    outcome = years.ten_years(tmp_path, Size.SHORT)

    assert outcome.held, outcome
    assert (outcome.acknowledged or 0) > 10
