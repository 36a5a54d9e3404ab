"""Closing: what people are told, how many can still be seen, and an outcome for everybody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic import commands
from clinic.closing import outlook
from clinic.estimate import History
from clinic.events import Booked, ClosingTold, Fact, Finished, Left, MarkedNoShow, RoomClosed
from clinic.line import Line, expected
from clinic.outcomes import absent, usual
from tests.clinic.given import SETUP, after, came, given, inside, refused, then

HOURS = replace(SETUP, rooms=tuple(replace(room, opens="08:00", closes="10:00") for room in SETUP.rooms))
CLOSES = after(60)
NONE = History()


def day(*facts: Fact) -> Line:
    """A day that closes at ten."""
    return given(*facts, setup=HOURS)


def test_staff_choose_the_true_message_and_may_take_it_back() -> None:
    line = day()
    assert commands.tell_closing(line, after(10), "none") == []
    told = commands.tell_closing(line, after(10), "all")
    assert told == [ClosingTold(after(10), "all", CLOSES)]
    line = then(line, *told)
    assert line.closing == told[0]
    assert commands.tell_closing(line, after(11), "all") == []
    line = then(line, *commands.tell_closing(line, after(12), "some"))
    assert line.closing
    assert line.closing.message == "some"
    for minute in (13, 90):
        assert then(line, *commands.tell_closing(line, after(minute), "none")).closing is None


def test_without_a_closing_time_ahead_there_is_nothing_to_tell() -> None:
    for line, minute in ((given(), 10), (day(), 60)):
        with refused("no_closing_time"):
            commands.tell_closing(line, after(minute), "all")
    with refused("unknown_message"):
        commands.tell_closing(day(), after(10), "maybe")


def test_a_new_day_tells_nothing_of_closing() -> None:
    line = then(day(), ClosingTold(after(10), "some", CLOSES))
    line = then(line, *commands.close_day(line, after(70)))
    assert then(line, *commands.open_day(line, after(80))).closing is None


@pytest.mark.parametrize(("minute", "shown"), [(-1, False), (0, True), (59, True), (60, False)])
def test_the_last_hour_is_looked_at_and_no_other(minute: int, shown: bool) -> None:
    assert (outlook(day(), NONE, after(minute)) is not None) == shown


def test_without_hours_nothing_is_said_of_closing() -> None:
    assert outlook(given(came("ana", 1)), NONE, after(10)) is None


def test_who_is_likely_called_before_closing_can_still_be_seen() -> None:
    people = [came(f"visit-{n}", n, "nurse") for n in range(1, 9)]
    line = then(day(*people), RoomClosed(after(9), "room-2"))
    seen = []
    for minute in (10, 35, 55):
        found = outlook(line, NONE, after(minute))
        assert found
        assert found.waiting == 8
        seen.append(found.seen)
    # a nurse takes ten minutes a visit in one room
    assert seen == [5, 3, 1]


def test_who_has_no_room_open_is_not_counted_as_seen() -> None:
    line = then(day(came("ana", 1, "nurse")), RoomClosed(after(2), "room-2"), RoomClosed(after(2), "room-3"))
    found = outlook(line, NONE, after(10))
    assert found
    assert (found.waiting, found.seen) == (1, 0)


def test_a_room_that_closes_sooner_counts_until_its_own_closing() -> None:
    early = replace(HOURS, rooms=(*HOURS.rooms[:2], replace(HOURS.rooms[2], closes="09:30")))
    line = given(*(came(f"visit-{n}", n, "nurse") for n in range(1, 9)), setup=early)
    line = then(line, RoomClosed(after(9), "room-2"))
    found = outlook(line, NONE, after(10))
    assert found
    assert found.closes == CLOSES
    assert found.seen == 2


def test_who_is_yet_to_come_before_closing_is_counted() -> None:
    booked = [Booked(after(-30), f"booked-{at}", "doctor", after(at)) for at in (-30, 0, 30, 75)]
    found = outlook(day(*booked), NONE, after(10))
    assert found
    assert found.expected == 2


def test_by_itself_everybody_gets_the_likely_outcome() -> None:
    line = day(came("ana", 1), *inside("ana", 2), came("bo", 3), Booked(after(-9), "cy", "doctor", after(20)),
               Booked(after(-9), "di", "doctor", after(300)), MarkedNoShow(after(40), "cy"))  # fmt: skip
    assert {visit.id: usual(visit, after(60)) for visit in line.visits.values()} == {
        "ana": "seen", "bo": "another_day", "cy": "missed", "di": "another_day",
    }  # fmt: skip
    assert [visit.id for visit in absent(line, after(60))] == ["cy", "di"]
    with refused("people_waiting", tickets=["A 01", "A 03"]):
        commands.close_day(line, after(60), confirm=False)
    ends = commands.close_day(line, after(60), confirm=True, outcomes={"bo": "seen", "di": "seen"})
    assert ends[:-1] == [
        Finished(after(60), "ana"), Finished(after(60), "bo"), Left(after(60), "cy", "missed"),
        Left(after(60), "di", "closed"),
    ]  # fmt: skip


def test_an_outcome_that_nobody_knows_is_refused() -> None:
    with refused("unknown_outcome"):
        commands.close_day(day(came("ana", 1)), after(60), confirm=True, outcomes={"ana": "vanished"})


def test_who_has_stops_left_leaves_none_of_them_without_an_outcome() -> None:
    line = day(Booked(after(-9), "ana", "doctor", after(5)), Booked(after(-9), "later", "nurse", after(50)))
    line = then(line, *commands.check_in(line, after(1), "ana", stops=("later",)))
    line = then(line, *commands.close_day(line, after(60), confirm=True))
    assert {visit.id: visit.status for visit in line.visits.values()} == {"ana": "left", "later": "left"}


def test_a_day_closed_late_leaves_the_next_day_s_people_to_the_next_day() -> None:
    booked = Booked(after(-9), "ana", "doctor", after(20))
    tomorrow = after(24 * 60)
    line = day(booked, came("bo", 3), Booked(tomorrow - timedelta(hours=8), "cy", "doctor", tomorrow))
    assert [visit.id for visit in absent(line, tomorrow)] == ["ana"]
    line = then(
        line, *commands.close_day(line, tomorrow, confirm=True, told=[], outcomes={"ana": "missed", "bo": "left"})
    )
    assert [visit.left_why for visit in line.visits.values()] == ["missed", "left", None]
    assert [visit.id for visit in expected(line)] == ["cy"]
