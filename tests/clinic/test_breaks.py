"""Planned breaks are part of how long it takes: by their own length, from the first day on."""

from dataclasses import replace

import pytest

from clinic import commands
from clinic.estimate import Estimate, History, estimates
from clinic.events import Entry, Opened, RoomClosed
from clinic.line import Line, replay
from tests.clinic.given import NINE, after, came, inside, only, then

NONE = History()


def clinic(minutes: int, opened: int = 0) -> Line:
    """One room, a break of so many minutes at ten, closing at two. Four people wait since nine, ten minutes each."""
    setup = only("doctor", 1, minutes=10)
    breaks = (("10:00", f"{10 + minutes // 60:02d}:{minutes % 60:02d}"),) if minutes else ()
    setup = replace(setup, rooms=(replace(setup.rooms[0], opens="08:00", closes="14:00", breaks=breaks),))
    line = replay([Entry(1, Opened(NINE))], setup)
    line = then(line, *(came(f"visit-{n}", n) for n in range(1, 5)))
    return then(line, *commands.open_room(line, after(opened), "room-1"))


def likely(line: Line, minute: float, visit: str = "visit-4") -> float:
    found = estimates(line, NONE, after(minute))[visit]
    assert isinstance(found, Estimate)
    assert found.low <= found.likely <= found.high
    return found.likely


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_a_break_within_the_wait_lengthens_it_by_its_own_length(minutes: int) -> None:
    assert likely(clinic(minutes, opened=40), 40) - likely(clinic(0, opened=40), 40) == pytest.approx(minutes)


def test_a_break_after_their_turn_lengthens_nothing() -> None:
    assert likely(clinic(30, opened=40), 40, "visit-1") == likely(clinic(0, opened=40), 40, "visit-1")


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_who_is_called_as_planned_after_the_break_was_told_so(minutes: int) -> None:
    line = clinic(minutes, opened=40)
    found = estimates(line, NONE, after(40))["visit-4"]
    assert isinstance(found, Estimate)
    # two are seen before ten, the third right after the break, the fourth ten minutes later
    assert found.low <= 20 + minutes + 10 <= found.high


def test_a_paused_room_is_back_at_the_end_of_its_break() -> None:
    line = clinic(30, opened=40)
    line = then(line, *commands.pause_room(line, after(60), "room-1", until=after(90)))
    assert likely(line, 60, "visit-1") == pytest.approx(30, abs=1)
    line = then(line, *commands.open_room(line, after(92), "room-1"))
    # what is planned next is closing, four hours on
    assert line.room("room-1").until == after(300)
    assert likely(line, 92, "visit-1") < 5


def test_a_break_that_was_worked_through_is_not_waited_for() -> None:
    line = then(clinic(30, opened=40), *inside("visit-1", 75))
    with_break = likely(line, 91, "visit-3")
    without = likely(then(clinic(0, opened=40), *inside("visit-1", 75)), 91, "visit-3")
    assert with_break == without


def test_a_room_opened_during_its_break_works() -> None:
    line = clinic(30, opened=70)
    assert line.room("room-1").until == after(300)
    assert likely(line, 70, "visit-1") < 5


def test_a_room_that_closed_has_no_stop() -> None:
    line = then(clinic(30, opened=40), RoomClosed(after(50), "room-1"))
    assert line.room("room-1").until is None
