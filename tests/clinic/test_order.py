"""The one rule of the order, and that everybody who asks gets the same answer."""

from dataclasses import replace

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic.events import Booked, Fact, Held, Left, MarkedNoShow, Prioritised, Resumed, RoomClosed, Transferred
from clinic.line import here, party_of, present
from clinic.order import ahead_of, in_order, next_for, places, waiting
from clinic.setup import Setup
from tests.clinic import plainly
from tests.clinic.given import ROOMS, SETUP, after, called, came, day, given


def order(*facts: Fact, setup: Setup = SETUP, room: str | None = None) -> list[str]:
    return [visit.id for visit in waiting(given(*facts, setup=setup), room)]


def given_level(visit: str, minute: int, level: int) -> Fact:
    return replace(came(visit, minute), level=level)


def assigned(visit: str, minute: int, room: str) -> Fact:
    return replace(came(visit, minute), assigned=room)


def test_people_are_called_in_the_order_they_came() -> None:
    assert order(came("ana", 1), came("bo", 2), came("cy", 3)) == ["ana", "bo", "cy"]


def test_two_who_came_at_the_same_moment_are_called_in_the_order_they_checked_in() -> None:
    assert order(came("zoe", 1), came("ana", 1), came("moe", 1)) == ["zoe", "ana", "moe"]


def test_the_order_is_by_time_of_arrival_even_when_the_clock_was_put_back() -> None:
    assert order(came("ana", 30), came("bo", 5)) == ["bo", "ana"]


def test_an_urgent_person_comes_first() -> None:
    assert order(came("ana", 1), came("bo", 2), Prioritised(after(3), "bo", "unwell")) == ["bo", "ana"]


def test_two_urgent_people_are_called_in_the_order_they_came() -> None:
    urgent = (Prioritised(after(3), "cy", "unwell"), Prioritised(after(4), "bo", "other"))

    assert order(came("ana", 1), came("bo", 2), came("cy", 3), *urgent) == ["bo", "cy", "ana"]


def test_who_missed_a_call_and_is_back_comes_after_the_urgent_and_before_all_others() -> None:
    missed = (called("cy", 4), MarkedNoShow(after(5), "cy"), Resumed(after(6), "cy"))
    urgent = Prioritised(after(7), "bo", "unwell")

    assert order(came("ana", 1), came("bo", 2), came("cy", 3), *missed, urgent) == ["bo", "cy", "ana"]


def test_the_level_of_urgency_comes_before_everything_but_who_staff_moved_up() -> None:
    missed = (called("di", 5), MarkedNoShow(after(6), "di"), Resumed(after(7), "di"))
    people = (came("ana", 1), given_level("bo", 2, 2), given_level("cy", 3, 1), came("di", 4), came("eve", 5))

    assert order(*people) == ["cy", "bo", "ana", "di", "eve"]
    assert order(*people, *missed, Prioritised(after(8), "eve", "unwell")) == ["eve", "cy", "bo", "di", "ana"]


def test_who_is_expected_does_not_wait_until_they_are_here() -> None:
    eve = Booked(after(0), "eve", "doctor", after(2))

    assert order(came("ana", 5), eve) == ["ana"]
    assert order(came("ana", 5), eve, came("eve", 6, booked=2)) == ["eve", "ana"]
    assert [visit.id for visit in present(given(eve), "expected")] == ["eve"]


def test_who_was_expected_stands_among_the_others_as_they_came() -> None:
    eve = Booked(after(0), "eve", "doctor", after(30))
    along = (replace(came("eve", 6, booked=30), party="ana"), replace(came("bo", 7), party="ana"))
    line = given(eve, came("ana", 5), *along)

    assert [visit.id for visit in here(line)] == ["ana", "eve", "bo"]
    assert [visit.id for visit in present(line, "waiting")] == ["ana", "eve", "bo"]
    assert [visit.id for visit in party_of(line, line.visits["bo"])] == ["ana", "eve", "bo"]


def test_who_is_assigned_to_a_room_is_called_by_that_room_only_until_sent_on() -> None:
    people = (assigned("ana", 1, "room-2"), came("bo", 2))

    assert order(*people, room="room-1") == ["bo"]
    assert order(*people, room="room-2") == ["ana", "bo"]
    assert order(*people, Transferred(after(3), "ana", "nurse"), room="room-3") == ["ana"]
    assert places(given(*people, came("cy", 3))) == {"ana": 0, "bo": 0, "cy": 1}


def test_a_booked_person_is_taken_at_the_booked_time() -> None:
    assert order(came("ana", 5), came("bo", 6, booked=3), came("cy", 7, booked=20)) == ["bo", "ana", "cy"]


@pytest.mark.parametrize(("late", "expected"), [(20, ["bo", "ana"]), (21, ["ana", "bo"])])
def test_a_booked_person_who_is_more_than_20_minutes_late_waits_from_their_arrival(
    late: int, expected: list[str]
) -> None:
    assert order(came("ana", 25), came("bo", 10 + late, booked=10)) == expected


def test_how_late_is_too_late_is_a_setting() -> None:
    strict = replace(SETUP, late_after=5)

    assert order(came("ana", 12), came("bo", 16, booked=10), setup=strict) == ["ana", "bo"]


def test_walk_ins_may_be_placed_some_minutes_after_their_arrival() -> None:
    facts = (came("ana", 5), came("bo", 9, booked=9))

    assert order(*facts) == ["ana", "bo"]
    assert order(*facts, setup=replace(SETUP, walk_in_after=10)) == ["bo", "ana"]


def test_a_late_booked_person_is_not_delayed_as_a_walk_in() -> None:
    facts = (came("ana", 35), came("bo", 40, booked=5))

    assert order(*facts, setup=replace(SETUP, walk_in_after=10)) == ["bo", "ana"]


def test_a_transferred_visit_is_placed_by_its_arrival_in_the_new_line() -> None:
    facts = (came("ana", 1), came("bo", 5, "nurse"), came("cy", 0, "nurse"), Transferred(after(9), "ana", "nurse"))

    assert order(*facts, room="room-3") == ["cy", "ana", "bo"]


def test_a_held_and_a_gone_person_are_not_in_the_way() -> None:
    line = given(came("ana", 1), came("bo", 2), came("cy", 3), Held(after(4), "ana"), Left(after(5), "bo"))

    assert places(line) == {"cy": 0}
    assert next_for(line, "room-1") == line.visits["cy"]


def test_before_you_are_those_whom_your_next_room_would_call_first() -> None:
    facts = (came("ana", 1), came("bo", 2, "nurse"), came("cy", 3), came("di", 4))

    assert places(given(*facts)) == {"ana": 0, "bo": 0, "cy": 1, "di": 2}


@pytest.mark.parametrize("closed", [(), ("room-1", "room-2", "room-3"), ("room-2", "room-3")])
def test_with_no_open_room_of_your_own_the_place_is_as_if_they_were_open(closed: tuple[str, ...]) -> None:
    shut = [RoomClosed(after(5), room) for room in closed]
    line = given(came("ana", 1), came("bo", 2, "nurse"), came("cy", 3), *shut)

    assert places(line) == {"ana": 0, "bo": 0, "cy": 1}


def test_where_only_the_shared_room_is_open_everybody_before_you_counts() -> None:
    shut = [RoomClosed(after(5), room) for room in ("room-1", "room-3")]

    assert places(given(came("ana", 1), came("bo", 2, "nurse"), came("cy", 3), *shut)) == {"ana": 0, "bo": 1, "cy": 2}


def test_nobody_is_before_you_for_what_no_room_gives() -> None:
    line = given(came("ana", 1), came("bo", 2), setup=replace(SETUP, rooms=SETUP.rooms[2:]))

    assert places(line) == {"ana": 0, "bo": 0}


def test_nobody_waits_for_a_room_that_is_not_ours() -> None:
    line = given()

    assert next_for(line, "room-1") is None
    assert waiting(line) == []


@st.composite
def mornings(draw: st.DrawFn) -> list[Fact]:
    """People who came at odd times, some with an appointment, a level or a room of their own, and what befell them."""
    facts: list[Fact] = []
    for n in range(draw(st.integers(0, 12))):
        visit, minute = f"p{n}", draw(st.integers(0, 40))
        booked = draw(st.none() | st.integers(-40, 60))
        service = draw(st.sampled_from(["doctor", "nurse"]))
        mine = draw(st.sampled_from([None, None, *(room.id for room in SETUP.rooms if service in room.services)]))
        if booked is not None:
            facts.append(Booked(after(0), visit, service, after(booked), mine))
            if draw(st.integers(0, 3)) == 0:
                continue
        level = draw(st.sampled_from([None, None, 1, 2]))
        facts.append(replace(came(visit, minute, service, booked), assigned=mine, level=level))
        befell: list[tuple[Fact, ...]] = [
            (), (Prioritised(after(50), visit, "other"),), (Held(after(50), visit),), (called(visit, 50),),
            (Held(after(50), visit), Resumed(after(51), visit)),
            (called(visit, 50), Held(after(51), visit), Resumed(after(52), visit)),
            (called(visit, 50), MarkedNoShow(after(51), visit), Resumed(after(52), visit)),
            (Transferred(after(50), visit, "nurse"),),
        ]  # fmt: skip
        facts += draw(st.sampled_from(befell))
    return facts


@for_all(facts=mornings(), walk_in_after=st.sampled_from([0, 15]))
def test_everybody_who_asks_gets_the_same_order(facts: list[Fact], walk_in_after: int) -> None:
    setup = replace(SETUP, walk_in_after=walk_in_after)
    line, plain = given(*facts, setup=setup), plainly.day(day(*facts, setup=setup), setup)
    everybody = [visit.id for visit in waiting(line)]

    assert everybody == plain.order()
    assert list(places(line)) == everybody
    for room in ROOMS:
        mine = [visit.id for visit in waiting(line, room)]
        assert mine == plain.order(room)
        assert mine == [visit for visit in everybody if visit in mine]
        assert next_for(line, room) == (line.visits[mine[0]] if mine else None)
    for visit in waiting(line):
        assert places(line)[visit.id] == ahead_of(line, visit) == plain.place(visit.id, ROOMS)


@for_all(facts=mornings(), closed=st.sets(st.sampled_from(ROOMS)))
def test_nobody_is_before_you_exactly_when_a_room_would_call_you_next(facts: list[Fact], closed: set[str]) -> None:
    line = given(*facts, *(RoomClosed(after(60), room) for room in closed))

    for visit in waiting(line):
        serving = [room.id for room in SETUP.rooms if visit.service in room.services]
        rooms = [visit.assigned] if visit.assigned else [room for room in serving if room not in closed] or serving
        assert (ahead_of(line, visit) == 0) == any(next_for(line, room) == visit for room in rooms)


@for_all(facts=mornings())
def test_the_place_of_who_stepped_out_is_the_one_they_come_back_to(facts: list[Fact]) -> None:
    line = given(*facts)

    for visit in present(line, "on_hold"):
        if not visit.returned:
            back = given(*facts, Resumed(after(60), visit.id))
            assert places(back)[visit.id] == ahead_of(line, visit)
    assert in_order(line, reversed(waiting(line))) == waiting(line)
