"""What one room would change: the longest wait, the promises, and who could be given a time; or nothing at all."""

from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic.commands import open_room, pause_room
from clinic.estimate import CannotSay, Estimate, History, estimates
from clinic.events import Closed, Fact, RoomClosed, RoomPaused, Told
from clinic.line import Line
from clinic.told import tell
from clinic.whatif import PAUSE, WhatIf, change, what_if
from tests.clinic.given import after, came, given, inside, only, then

NONE = History()
TWO = only("doctor", rooms=2)


def queue(people: int, *facts: Fact, rooms: int = 2) -> Line:
    """So many people wait since nine, each told a window, in front of rooms of 12 minutes a visit."""
    line = given(*(came(f"p{n}") for n in range(people)), setup=only("doctor", rooms=rooms))
    line = then(line, *facts)
    return then(line, *tell(line, NONE, after(0)))


def longest(line: Line) -> int:
    """The longest likely wait from nine, as it is told: rounded up to full five minutes."""
    likely = (one.likely for one in estimates(line, NONE, after(0)).values() if isinstance(one, Estimate))
    return max(5, ceil(max(likely) / 5) * 5)


def test_pausing_a_room_makes_the_longest_wait_longer_and_breaks_promises() -> None:
    line = queue(8)

    look = what_if(line, NONE, after(0))["room-1"]

    assert (look.change, look.before) == ("pause", longest(line))
    assert look.after
    assert look.after > longest(line)
    assert look.breaks > 0
    assert look.silent == 0
    assert look == what_if(line, NONE, after(0))["room-2"]


def test_opening_a_room_makes_the_longest_wait_shorter() -> None:
    line = queue(8, RoomClosed(after(0), "room-2"))

    look = what_if(line, NONE, after(0))["room-2"]

    assert (look.change, look.before, look.silent) == ("open", longest(line), 0)
    assert look.after
    assert look.after < longest(line)


def test_opening_a_room_keeps_promises_that_would_break() -> None:
    line = then(queue(8), RoomPaused(after(0), "room-2", after(120)))

    look = what_if(line, NONE, after(0))["room-2"]

    assert look.breaks < 0
    assert look.breaks == broken(then(line, *open_room(line, after(0), "room-2"))) - broken(line)


def broken(line: Line) -> int:
    """How many told windows end before the call, as the line is."""
    found = estimates(line, NONE, after(0))
    ends = {visit: told.high for visit in found if (told := line.visits[visit].told)}
    sure = {visit: one.likely for visit, one in found.items() if isinstance(one, Estimate)}
    return sum(bool(end) and end < after(sure[visit]) for visit, end in ends.items() if end and visit in sure)


@for_all(people=st.integers(1, 12), rooms=st.integers(1, 3))
def test_what_is_foreseen_is_what_the_button_would_do(people: int, rooms: int) -> None:
    line = queue(people, rooms=rooms)
    looks = what_if(line, NONE, after(0))

    paused = then(line, *pause_room(line, after(0), "room-1", minutes=30))

    if "room-1" in looks:
        assert looks["room-1"].after == longest(paused)
        assert looks["room-1"].breaks == broken(paused) - broken(line)
    else:
        assert broken(paused) == broken(line)


def test_opening_the_only_room_gives_so_many_people_a_time_again() -> None:
    line = queue(5, RoomClosed(after(0), "room-1"), rooms=1)

    opened = then(line, *open_room(line, after(0), "room-1"))
    assert what_if(line, NONE, after(0))["room-1"] == WhatIf("open", None, longest(opened), 0, -5)


def test_who_could_be_given_no_time_is_counted_and_no_promise_of_theirs_is_called_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where pausing takes the last room away, nobody knows whether those promises hold."""
    line = then(queue(4, rooms=1), Told(after(0), "p3", after(0), after(5)))

    def silent_while_paused(line: Line, history: History, now: object) -> dict[str, Estimate | CannotSay]:
        if line.room("room-1").state == "paused":
            return {visit: CannotSay("rooms_paused") for visit in line.visits}
        return estimates(line, history, after(0))

    monkeypatch.setattr("clinic.whatif.estimates", silent_while_paused)

    assert what_if(line, NONE, after(0))["room-1"] == WhatIf("pause", longest(line), None, 0, 4)


def test_a_wait_beyond_a_day_is_no_time() -> None:
    line = queue(3, RoomPaused(after(0), "room-1", after(5 * 1440)), rooms=1)

    opened = then(line, *open_room(line, after(0), "room-1"))
    assert what_if(line, NONE, after(0))["room-1"] == WhatIf("open", None, longest(opened), 0, -3)


def test_where_nobody_waits_there_is_nothing_to_say() -> None:
    assert what_if(given(setup=TWO), NONE, after(0)) == {}
    assert what_if(given(came("ana"), *inside("ana")), NONE, after(1)) == {}


def test_on_a_closed_day_there_is_nothing_to_say() -> None:
    assert what_if(then(queue(3), Closed(after(1))), NONE, after(1)) == {}


def test_a_room_that_would_change_nothing_is_left_out() -> None:
    """Nobody waits for the nurse, so her own room changes nothing."""
    line = given(*(came(f"p{n}", n) for n in range(6)))

    assert set(what_if(line, NONE, after(6))) == {"room-1", "room-2"}


def test_only_the_rooms_that_are_asked_for_are_looked_at() -> None:
    assert set(what_if(queue(8), NONE, after(0), {"room-2"})) == {"room-2"}
    assert what_if(queue(8), NONE, after(0), set()) == {}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [(None, "pause"), (RoomPaused(after(0), "room-1"), "open"), (RoomClosed(after(0), "room-1"), "open")],
)
def test_an_open_room_may_be_paused_and_any_other_opened(fact: Fact | None, expected: str) -> None:
    line = queue(1, *([fact] if fact else []))

    assert change(line, "room-1") == expected


def test_looking_changes_nothing() -> None:
    line = queue(8)
    before = replace(line)

    what_if(line, NONE, after(0))

    assert line == before
    assert PAUSE.total_seconds() == 1800
