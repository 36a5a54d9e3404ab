"""Missed appointments: a person says so, never too early, and one tap brings them back."""

import pytest

from clinic import commands
from clinic.commands import Refused
from clinic.line import Line
from clinic.missed import next_call_counts, not_yet
from clinic.order import waiting
from tests.clinic.given import after, called, came, given, then


def rung(*minutes: int, booked: float | None = 10) -> Line:
    """Ana, perhaps booked for ten past nine, was called at these minutes."""
    line = then(given(came("ana", 1, booked=booked)), called("ana", minutes[0]))
    for minute in minutes[1:]:
        line = then(line, *commands.recall(line, after(minute), "ana"))
    return line


@pytest.mark.parametrize(
    ("calls", "counted"),
    [((12,), 1), ((12, 13), 1), ((12, 14, 15), 2), ((12, 15, 18), 3), ((12, 13, 14, 15, 18), 3), ((12, 20, 21), 2)],
)
def test_calls_count_when_they_are_three_minutes_apart(calls: tuple[int, ...], counted: int) -> None:
    visit = rung(*calls).visits["ana"]
    assert (visit.calls, visit.asked) == (len(calls), counted)
    assert not_yet(visit, after(30)) == ("call_again" if counted < 3 else None)


def test_before_the_booked_time_nobody_has_missed_it() -> None:
    visit = rung(2, 5, 8).visits["ana"]
    assert [not_yet(visit, after(minute)) for minute in (9, 10)] == ["too_early", None]


def test_a_walk_in_has_missed_their_turn_when_staff_say_so() -> None:
    assert not_yet(rung(2, booked=None).visits["ana"], after(3)) is None


def test_the_next_call_counts_three_minutes_after_the_last_that_did() -> None:
    visit = rung(12, 13).visits["ana"]
    assert [next_call_counts(visit, after(minute)) for minute in (14, 15)] == [False, True]


def test_a_second_call_after_coming_back_begins_the_ladder_anew() -> None:
    line = rung(12, 15, 18)
    line = then(line, *commands.mark_no_show(line, after(18), "ana"))
    line = then(line, *commands.resume(line, after(25), "ana"))
    assert [visit.id for visit in waiting(line)] == ["ana"]
    line = then(line, called("ana", 26))
    with pytest.raises(Refused):
        commands.mark_no_show(line, after(27), "ana")


def test_the_place_is_kept_and_they_are_called_next() -> None:
    line = then(rung(12, 15, 18), came("bo", 2), came("cy", 3))
    line = then(line, *commands.mark_no_show(line, after(18), "ana"))
    assert [visit.id for visit in waiting(line)] == ["bo", "cy"]
    line = then(line, *commands.resume(line, after(19), "ana"))
    assert [visit.id for visit in waiting(line)] == ["ana", "bo", "cy"]
