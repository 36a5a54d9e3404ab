"""That fact did not happen: the latest one of a visit, for a short while."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic import commands
from clinic.events import (
    Called,
    Closed,
    Entry,
    Fact,
    Finished,
    Held,
    Left,
    MarkedNoShow,
    Prioritised,
    Recalled,
    Resumed,
    Started,
    Told,
    Transferred,
    Undone,
)
from clinic.line import Line, replay
from tests.clinic.given import SETUP, after, called, came, day, given, inside, refused, then

DOINGS: dict[str, tuple[Fact, ...]] = {
    "a call": (called("ana", 2),),
    "a second call": (called("ana", 2), Recalled(after(3), "ana")),
    "a missed call": (called("ana", 2), MarkedNoShow(after(3), "ana")),
    "a start": (called("ana", 2), Started(after(3), "ana")),
    "a finish": (*inside("ana", 2), Finished(after(3), "ana")),
    "a hold": (Held(after(2), "ana"),),
    "a hold of who was called": (called("ana", 2), Held(after(3), "ana")),
    "a return": (Held(after(2), "ana"), Resumed(after(3), "ana")),
    "a transfer": (*inside("ana", 2), Transferred(after(3), "ana", "nurse")),
    "a priority": (Prioritised(after(2), "ana", "other"),),
    "a leaving": (Left(after(2), "ana"),),
}


def undone(line: Line, entries: list[Entry], facts: list[Fact]) -> Line:
    return replay([*entries, Entry(line.seq + 1, facts[0])], SETUP)


@pytest.mark.parametrize("doing", DOINGS)
def test_undo_leaves_the_line_as_if_that_had_not_happened(doing: str) -> None:
    facts = DOINGS[doing]
    entries = day(came("ana", 1), *facts)
    line = replay(entries, SETUP)

    answer = commands.undo(line, after(3), "ana")

    assert answer == [Undone(after(3), line.seq, "ana")]
    before = given(came("ana", 1), *facts[:-1])
    assert undone(line, entries, answer) == replace(before, seq=line.seq + 1)


def test_undo_reaches_past_what_happened_to_others_and_what_the_patient_was_told() -> None:
    entries = day(
        came("ana", 1), came("bo", 1), called("ana", 2), Told(after(2), "ana", why="no_room"), called("bo", 3)
    )
    line = replay(entries, SETUP)

    line = undone(line, entries, commands.undo(line, after(3), "ana"))

    assert (line.visits["ana"].status, line.visits["bo"].status) == ("waiting", "called")
    assert line.visits["ana"].told == Told(after(2), "ana", why="no_room")


def test_after_an_undo_the_fact_before_can_be_undone_too() -> None:
    entries = day(came("ana", 1), called("ana", 2), Started(after(2), "ana"))
    line = replay(entries, SETUP)
    start = line.seq
    (first,) = commands.undo(line, after(2), "ana")
    entries = [*entries, Entry(start + 1, first)]
    line = replay(entries, SETUP)

    second = commands.undo(line, after(2), "ana")

    assert second == [Undone(after(2), start - 1, "ana")]
    assert undone(line, entries, second).visits["ana"].status == "waiting"


def test_undo_of_what_the_screen_showed_as_latest() -> None:
    line = given(came("ana", 1), called("ana", 2))

    assert commands.undo(line, after(2), "ana", line.seq) == [Undone(after(2), line.seq, "ana")]


def test_undo_of_what_is_no_longer_the_latest_is_refused() -> None:
    line = given(came("ana", 1), called("ana", 2))
    seen = line.seq
    line = then(line, Started(after(2), "ana"))

    with refused("changed_since", ticket="A 01"):
        commands.undo(line, after(2), "ana", seen)


def test_a_check_in_is_not_undone_because_its_number_was_shown() -> None:
    with refused("nothing_to_undo", ticket="A 01"):
        commands.undo(given(came("ana", 1)), after(1), "ana")


def test_undo_is_for_a_short_while() -> None:
    line = given(came("ana", 1), called("ana", 2))
    last = after(2) + commands.UNDO_WITHIN

    assert commands.undo(line, last, "ana") == [Undone(last, line.seq, "ana")]
    with refused("too_late_to_undo", ticket="A 01"):
        commands.undo(line, last + timedelta(seconds=1), "ana")


def test_a_clock_that_was_put_back_does_not_forbid_an_undo() -> None:
    line = given(came("ana", 1), called("ana", 2))

    assert commands.undo(line, after(-60), "ana") == [Undone(after(-60), line.seq, "ana")]


def test_a_stranger_has_nothing_to_undo() -> None:
    with refused("unknown_visit"):
        commands.undo(given(), after(1), "cy")


def test_nothing_is_undone_on_a_closed_day() -> None:
    line = then(given(came("ana", 1), Left(after(2), "ana")), Closed(after(2)))

    with refused("day_closed"):
        commands.undo(line, after(2), "ana")


def test_an_undo_by_itself_only_moves_the_number_of_the_line() -> None:
    line = given(came("ana", 1), Called(after(2), "ana", "room-1"))

    assert then(line, Undone(after(2), line.seq, "ana")) == replace(line, seq=line.seq + 1)
