"""The short form of `make faults`: random walks, whose steps are really counted."""

from pathlib import Path

import pytest

from faults import walks
from faults.outcome import Size
from tests.clinic.test_rules import Clinic


def test_random_walks_break_nothing(tmp_path: Path) -> None:
    outcome = walks.walked(tmp_path, Size.SHORT)

    assert outcome.held, outcome
    assert outcome.times >= walks.STEPS[Size.SHORT]


def test_a_walk_that_breaks_something_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def do(_self: Clinic, _command: object, **_params: object) -> None:
        raise AssertionError("somebody is lost")

    monkeypatch.setattr(Clinic, "do", do)

    outcome = walks.walked(tmp_path, Size.SHORT)

    assert outcome.held is False
    assert "somebody is lost" in outcome.note
