"""When rooms are planned to work: on the wall of the clinic's own zone, on their days, but for their breaks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic.hours import breaks, closing, current_break, day_closes, day_of, next_stop, works_on
from clinic.setup import Place, Setup, problems
from tests.clinic.given import SETUP

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""The days on which Berlin's clocks change, both Sundays: 23 and 25 hours long."""


def room(**hours: Any) -> Place:
    kept = {"opens": "08:30", "closes": "17:00", "breaks": (("12:00", "13:00"), ("10:15", "10:30")), **hours}
    return Place("room-1", "Room 1", ("doctor",), **kept)


def clinic(*rooms: Place, zone: str = "Europe/Berlin") -> Setup:
    return replace(SETUP, rooms=rooms, timezone=zone)


def at(clock: str, day: date = MONDAY) -> datetime:
    """That time on the clinic's wall."""
    return datetime.combine(day, time.fromisoformat(clock), BERLIN)


def stop(clock: str, place: Place | None = None, day: date = MONDAY) -> tuple[str, str | None] | None:
    """The next stop at that time, as it reads on the wall."""
    place = place or room()
    found = next_stop(clinic(place), place, at(clock, day))
    return found and (found[0].strftime("%H:%M"), found[1].strftime("%H:%M") if found[1] else None)


def test_a_room_works_on_its_days_and_every_day_when_none_is_named() -> None:
    weekdays = room(days=(0, 1, 2, 3, 4))
    assert [works_on(weekdays, MONDAY + timedelta(days=n)) for n in range(7)] == [True] * 5 + [False] * 2
    assert all(works_on(room(), MONDAY + timedelta(days=n)) for n in range(7))
    assert not works_on(Place("room-1", "Room 1", ("doctor",)), MONDAY)


def test_the_next_stop_is_the_next_break_and_then_closing() -> None:
    assert stop("08:00") == ("10:15", "10:30")
    assert stop("10:15") == ("12:00", "13:00")
    assert stop("12:30") == ("17:00", None)
    assert stop("17:00") is None
    assert stop("09:00", room(days=(5,))) is None


def test_a_break_has_begun_until_its_end() -> None:
    place = room()
    found = [current_break(clinic(place), place, at(clock)) for clock in ("11:59", "12:00", "12:59", "13:00")]
    assert [one is not None for one in found] == [False, True, True, False]


def test_the_day_closes_with_its_last_room() -> None:
    early, late = room(), replace(room(closes="19:30", days=(0,)), id="room-2", name="Room 2")
    assert day_closes(clinic(early, late), at("09:00")) == at("19:30")
    assert day_closes(clinic(early, late), at("09:00") + timedelta(days=1)) == at("17:00", date(2026, 11, 24))
    assert day_closes(clinic(Place("room-3", "Room 3", ())), at("09:00")) is None


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_hours_are_what_the_wall_says_also_when_the_clocks_change(day: date) -> None:
    place = room()
    assert closing(clinic(place), place, day) == datetime.combine(day, time(17), BERLIN)
    assert stop("09:00", place, day) == ("10:15", "10:30")
    offset = timedelta(hours=2 if day == SPRING else 1)
    assert closing(clinic(place), place, day) == datetime(day.year, day.month, day.day, 17, tzinfo=UTC) - offset


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 2), (AUTUMN, 4)])
def test_a_break_over_the_change_is_as_long_as_it_lasts(day: date, hours: int) -> None:
    place = room(opens="00:30", closes="06:00", breaks=(("01:00", "04:00"),))
    ((begins, ends),) = breaks(clinic(place), place, day)
    assert ends.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=hours)


def test_midnight_belongs_to_the_day_that_begins() -> None:
    setup = clinic(room())
    before = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)
    assert [day_of(setup, before), day_of(setup, before + timedelta(minutes=1))] == [MONDAY, MONDAY + timedelta(days=1)]
    found = day_closes(setup, before + timedelta(minutes=1))
    assert found == at("17:00", MONDAY + timedelta(days=1))


@for_all(st.integers(0, 365 * 24 * 60), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]))
def test_a_stop_is_ahead_and_on_the_same_date(minute: int, zone: str) -> None:
    place, now = room(days=(0, 2, 6)), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    setup = clinic(place, zone=zone)
    found = next_stop(setup, place, now)
    today = day_of(setup, now)
    if found is None:
        ends = closing(setup, place, today)
        assert ends is None or ends <= now
    else:
        begins, back = found
        assert now < begins
        assert day_of(setup, begins) == today
        assert back is None or begins < back < (closing(setup, place, today) or back)


@pytest.mark.parametrize(
    "hours",
    [
        {"opens": "08:30", "closes": ""},
        {"opens": "", "closes": "17:00"},
        {"opens": "", "closes": "", "breaks": (("12:00", "13:00"),)},
        {"opens": "17:00", "closes": "08:30", "breaks": ()},
        {"opens": "09:00", "closes": "09:00", "breaks": ()},
        {"breaks": (("08:00", "09:00"),)},
        {"breaks": (("12:00", "12:00"),)},
        {"breaks": (("12:00", "13:00"), ("12:30", "13:30"))},
        {"breaks": (("12:00", ""),)},
        {"opens": "half past"},
    ],
)
def test_hours_that_cannot_be_lived_are_marked_at_their_room(hours: dict[str, Any]) -> None:
    found = problems(replace(SETUP, rooms=(room(**hours), *SETUP.rooms[1:])))
    assert [(one.where, one.code) for one in found] == [("hours-room-1", "hours_wrong")]
