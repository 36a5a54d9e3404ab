"""The table of faults: what did not hold is said and counts, what could not be tried is never taken for held."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from faults import __main__ as program
from faults.outcome import Outcome, Size, not_shown, table

HELD = Outcome("F2", "SIGTERM", 50, True, 12_345, 0, 0, 0.25, "the slowest end took 0.62 s")
NOT_HELD = Outcome("F1", "kill -9", 200, False, 20_001, 1, 0)
NOT_SHOWN = not_shown("F3", "a power cut", "it needs strace")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the results of this run are kept."""
    monkeypatch.setattr(program, "RESULTS", tmp_path / "results" / "latest.json")
    monkeypatch.setattr(program, "ELSEWHERE", ())
    return tmp_path / "results" / "latest.json"


def run(monkeypatch: pytest.MonkeyPatch, *loops: object, asked: tuple[str, ...] = ()) -> int:
    """`make faults` with these loops, F1, F2 ... and what was asked for."""
    group = SimpleNamespace(LOOPS={f"F{number}": loop for number, loop in enumerate(loops, 1)})
    monkeypatch.setattr(program, "GROUPS", (group,))
    monkeypatch.setattr(sys, "argv", ["faults", *asked])
    return program.main()


def answers(outcome: Outcome) -> object:
    """A loop of which this comes."""

    def loop(_folder: Path, _size: Size) -> Outcome:
        """What it does."""
        return outcome

    return loop


def breaks_off(_folder: Path, _size: Size) -> Outcome:
    """It begins."""
    raise RuntimeError("no server\nits log")


def test_the_table_says_what_held_what_did_not_and_what_was_not_shown() -> None:
    lines = table([NOT_HELD, HELD, NOT_SHOWN]).splitlines()

    assert lines[1].split() == ["F1", "kill", "-9", "200", "20,001", "1", "0", "NOT", "HELD"]
    assert lines[2].split() == ["F2", "SIGTERM", "50", "12,345", "0", "0", "0.25", "s", "held"]
    assert lines[4:] == ["  F2: the slowest end took 0.62 s", "", "Not shown:", "  F3 a power cut: it needs strace"]


def test_one_fault_that_does_not_hold_is_enough_to_fail(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, answers(NOT_HELD), answers(HELD)) == 1
    assert [one["held"] for one in json.loads(kept.read_text())["outcomes"]] == [False, True]


def test_what_could_not_be_tried_fails_nothing_and_is_said(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, answers(NOT_SHOWN), answers(HELD)) == 0
    assert "F3 a power cut: it needs strace" in capsys.readouterr().out
    assert [one["held"] for one in json.loads(kept.read_text())["outcomes"]] == [True, None]


def test_a_loop_that_breaks_off_did_not_hold_and_the_others_are_done(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, breaks_off, answers(HELD)) == 1
    said = capsys.readouterr()
    assert "  F1: it broke off: no server\n" in said.out
    assert "12,345" in said.out
    assert "Traceback" in said.err


def test_only_the_faults_that_are_named_are_done(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, breaks_off, answers(HELD), asked=("f2",)) == 0
    assert [one["fault"] for one in json.loads(kept.read_text())["outcomes"]] == ["F2"]


def test_a_fault_that_nobody_knows_is_refused(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, answers(HELD), asked=("F99",)) == 2
    assert "No fault is called F99" in capsys.readouterr().err
    assert not kept.exists()
