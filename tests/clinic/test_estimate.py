"""How long until me: what must be true of every estimate, whatever the day is like and whatever was learned."""

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from clinic.estimate import CannotSay, Estimate, History, estimates
from clinic.estimate.mind import BOUNDS
from clinic.estimate.times import Mean
from clinic.events import (
    Booked,
    CheckedIn,
    Fact,
    Finished,
    Held,
    Left,
    Opened,
    Prioritised,
    RoomClosed,
    RoomOpened,
    RoomPaused,
)
from clinic.line import Line, replay
from clinic.order import waiting
from clinic.setup import TEMPLATES, Place, Service, Setup
from tests.clinic.given import NINE, SETUP, after, called, came, given, inside, learn, numbered, only, then
from tests.clinic.lived import Habits, lived

NOW = after(60)
NONE = History()
LEARNED = pytest.mark.parametrize("learned", [False, True], ids=["nothing learned", "learned"])


def alike(rooms: int) -> Setup:
    """A clinic whose rooms all give both services."""
    places = tuple(Place(f"room-{n}", f"Room {n}", ("doctor", "nurse")) for n in range(1, rooms + 1))
    return replace(SETUP, rooms=places)


@cache
def taught(rooms: int) -> History:
    """Some days there: visits long and short, people who leave, bookings, breaks with a planned end and without."""
    setup = alike(rooms)
    return learn(lived(setup, days=5, seed=rooms, habits=Habits(every=8 / rooms, booked=0.4, patience=80)), setup)


@cache
def walk_in() -> History:
    """Some days of a practice where doctor and nurse have rooms of their own."""
    return learn(lived(TEMPLATES["walk-in"], days=3, habits=Habits(every=4)), TEMPLATES["walk-in"])


def history(rooms: int, learned: bool) -> History:
    return taught(rooms) if learned else NONE


def estimate(line: Line, visit: str, mind: History = NONE, now: datetime = NOW) -> Estimate:
    found = estimates(line, mind, now)[visit]
    assert isinstance(found, Estimate)
    return found


def likely(line: Line, visit: str, now: datetime = NOW) -> float:
    return estimate(line, visit, NONE, now).likely


def at_ten(facts: list[Fact], setup: Setup) -> Line:
    """The line after these facts, with somebody heard of just now."""
    return replace(replay(numbered([Opened(NINE), *facts]), setup), heard=NOW)


def states(room: str) -> st.SearchStrategy[list[Fact]]:
    """What a room may be doing, or that nobody opened it yet."""
    ends = st.none() | st.integers(30, 180).map(after)
    minutes = st.integers(0, 60)
    paused: st.SearchStrategy[list[Fact]] = st.builds(lambda at, to: [RoomPaused(after(at), room, to)], minutes, ends)
    others: list[list[Fact]] = [[RoomOpened(NINE, room)], [RoomClosed(NINE, room)], []]
    return paused | st.sampled_from(others)


@st.composite
def clinics(draw: st.DrawFn, setup: Setup) -> list[Fact]:
    """People inside, on the way, waiting, away, seen, urgent and expected; rooms doing anything."""
    services = [service.id for service in setup.services]
    facts: list[Fact] = []
    for n in range(draw(st.integers(0, 9))):
        visit, minute, service = f"p{n}", draw(st.integers(0, 59)), draw(st.sampled_from(services))
        booked = draw(st.none() | st.integers(-30, 100))
        if booked is not None and booked > 50:
            facts.append(Booked(NINE, visit, service, after(booked)))
            continue
        facts.append(replace(came(visit, minute, service, booked), level=draw(st.none() | st.integers(1, 3))))
        room, called_at = draw(st.sampled_from(setup.rooms)).id, draw(st.integers(minute, 60))
        entered = inside(visit, called_at, room)
        befell: list[tuple[Fact, ...]] = [
            (), (), (), entered, (called(visit, called_at, room),), (Held(after(59), visit),),
            (*entered, Finished(after(60), visit)), (Prioritised(after(59), visit, "other"),),
        ]  # fmt: skip
        facts += draw(st.sampled_from(befell))
    return [*facts, *(fact for room in setup.rooms for fact in draw(states(room.id)))]


def no_longer(one: Estimate | CannotSay, other: Estimate | CannotSay) -> bool:
    """Neither end nor the middle of the one is later than the other's."""
    if isinstance(one, CannotSay) or isinstance(other, CannotSay):
        return True
    return all(a <= b + 1e-9 for a, b in zip(ends(one), ends(other), strict=True))


def ends(one: Estimate) -> tuple[float, float, float]:
    return one.low, one.likely, one.high


@LEARNED
@settings(max_examples=60)
@for_all(data=st.data(), rooms=st.integers(1, 3), now=st.integers(0, 300))
def test_low_is_not_above_likely_and_likely_not_above_high(
    learned: bool, data: st.DataObject, rooms: int, now: int
) -> None:
    line = replace(at_ten(data.draw(clinics(alike(rooms))), alike(rooms)), heard=None)

    for found in estimates(line, history(rooms, learned), after(now)).values():
        if isinstance(found, Estimate):
            assert 0 <= found.low <= found.likely <= found.high


# Where rooms differ neither of the next two holds, in the clinic as in the estimate: see the tests after them.


@LEARNED
@settings(max_examples=150)
@for_all(data=st.data(), rooms=st.integers(1, 3), service=st.sampled_from(["doctor", "nurse"]))
def test_more_people_before_you_never_shorten_the_wait_where_rooms_are_alike(
    learned: bool, data: st.DataObject, rooms: int, service: str
) -> None:
    setup, mind = alike(rooms), history(rooms, learned)
    facts = data.draw(clinics(setup))
    eve: list[Fact] = [came("eve", 0, service), Prioritised(after(59), "eve", "other")]
    more = estimates(at_ten([*eve, *facts], setup), mind, NOW)

    for visit, found in estimates(at_ten(facts, setup), mind, NOW).items():
        assert no_longer(found, more[visit]), visit


@LEARNED
@settings(max_examples=150)
@for_all(data=st.data(), rooms=st.integers(1, 3))
def test_opening_a_room_never_lengthens_the_wait_where_rooms_are_alike(
    learned: bool, data: st.DataObject, rooms: int
) -> None:
    setup, mind = alike(rooms), history(rooms, learned)
    line = at_ten(data.draw(clinics(setup)), setup)
    opened = estimates(then(line, RoomOpened(NOW, "room-1")), mind, NOW)

    for visit, found in estimates(line, mind, NOW).items():
        assert isinstance(opened[visit], Estimate)
        assert no_longer(opened[visit], found), visit


@settings(max_examples=100)
@for_all(data=st.data(), rooms=st.integers(2, 3))
def test_neither_does_so_however_the_mix_has_learned_to_weigh(data: st.DataObject, rooms: int) -> None:
    """Any weights that the bounds allow, where many give up."""
    setup, mind = alike(rooms), deepcopy(taught(rooms))
    mind.mind.times.left = 200
    mind.mind.losses = [(Mean(), Mean()), (Mean(), Mean())]
    bounds = [(max(low, -1.0), min(high, 1.0)) for low, high in BOUNDS]
    for mix in mind.mind.mixes:
        mix.weights = [data.draw(st.sampled_from((low, 0.0, high))) for low, high in bounds]
    facts = data.draw(clinics(setup))
    line = at_ten(facts, setup)
    eve: list[Fact] = [came("eve", 0), Prioritised(after(59), "eve", "other")]
    more = estimates(at_ten([*eve, *facts], setup), mind, NOW)
    opened = estimates(then(line, RoomOpened(NOW, "room-1")), mind, NOW)

    for visit, found in estimates(line, mind, NOW).items():
        assert no_longer(found, more[visit]), visit
        assert no_longer(opened[visit], found), visit


@settings(max_examples=60)
@for_all(facts=clinics(SETUP))
def test_everybody_who_waits_and_nobody_else_has_an_estimate_in_calling_order(facts: list[Fact]) -> None:
    line = at_ten(facts, SETUP)

    assert list(estimates(line, NONE, NOW)) == [visit.id for visit in waiting(line)]


@settings(max_examples=60)
@for_all(facts=clinics(SETUP))
def test_there_is_a_number_exactly_when_a_room_will_take_them(facts: list[Fact]) -> None:
    line = at_ten(facts, SETUP)

    for visit, found in estimates(line, NONE, NOW).items():
        mine = [line.room(room.id) for room in SETUP.rooms if line.visits[visit].service in room.services]
        if any(room.state == "open" or room.until for room in mine):
            assert isinstance(found, Estimate)
        else:
            paused = any(room.state == "paused" for room in mine)
            assert found == CannotSay("rooms_paused" if paused else "no_room")


@LEARNED
@settings(max_examples=40)
@for_all(data=st.data(), rooms=st.integers(1, 3))
def test_who_asks_alone_gets_the_same_answer_where_rooms_are_alike(
    learned: bool, data: st.DataObject, rooms: int
) -> None:
    line, mind = at_ten(data.draw(clinics(alike(rooms))), alike(rooms)), history(rooms, learned)

    for visit, found in estimates(line, mind, NOW).items():
        assert estimates(line, mind, NOW, {visit}) == {visit: found}


def test_what_happens_in_the_rooms_of_another_line_changes_nothing() -> None:
    """Both doctors are busy, ana waits for them. Then somebody is with the nurse, and somebody waits there."""
    eve, di = came("eve", 40), came("di", 41)
    doctors = (eve, *inside("eve", 50), di, *inside("di", 55, "room-2"), came("ana", 57))
    nurse = (came("bo", 45, "nurse"), *inside("bo", 52, "room-3"), came("cy", 58, "nurse"))
    one = given(*doctors, setup=TEMPLATES["walk-in"])
    both = then(one, *nurse)

    alone = estimates(one, walk_in(), NOW)["ana"]
    assert estimates(both, walk_in(), NOW)["ana"] == alone
    assert estimates(both, walk_in(), NOW, {"ana"})["ana"] == alone


def test_who_comes_to_an_empty_clinic_with_a_free_room_is_called_now() -> None:
    assert estimates(given(came("ana", 60)), NONE, NOW) == {"ana": Estimate(0, 0, 0)}


@pytest.mark.parametrize("rooms", [1, 2, 3])
def test_it_is_now_also_after_many_days_whether_the_room_was_used_today_or_not(rooms: int) -> None:
    fresh = given(came("ana", 60), setup=alike(rooms))
    used = given(came("eve", 1), *inside("eve", 1), Finished(after(20), "eve"), came("ana", 60), setup=alike(rooms))

    assert ends(estimate(fresh, "ana", taught(rooms)))[:2] == (0, 0)
    assert estimate(used, "ana", taught(rooms)).likely < 2
    assert estimate(used, "ana", taught(rooms)).low < 0.5


def test_the_second_one_for_a_room_waits_for_the_first() -> None:
    line = given(came("ana", 1), came("bo", 2), setup=only("doctor", rooms=1))

    found = estimate(line, "bo")

    assert found.likely == 12
    assert 0 <= found.low < 12 < found.high < 30


def test_with_two_rooms_the_line_moves_twice_as_fast() -> None:
    people = [came(f"p{n}", n) for n in range(9)]

    one, two = (likely(given(*people, setup=only("doctor", rooms)), "p8") for rooms in (1, 2))

    assert (one, two) == (96, 48)


def test_time_spent_inside_is_time_less_to_wait() -> None:
    line = given(came("ana", 1), came("bo", 2), *inside("ana", 50), setup=only("doctor", rooms=1))

    assert likely(line, "bo", after(50)) == 12
    assert likely(line, "bo", after(56)) == 6


def test_who_is_on_the_way_to_the_room_counts_as_a_whole_visit() -> None:
    line = given(came("ana", 1), came("bo", 2), called("ana", 50), setup=only("doctor", rooms=1))

    assert likely(line, "bo", after(55)) == 12


def test_a_visit_that_takes_longer_than_usual_never_makes_the_next_one_due_now() -> None:
    line = given(came("ana", 1), came("bo", 2), *inside("ana", 5), setup=only("doctor", rooms=1))

    assert likely(line, "bo", after(60)) == 3


def test_a_clock_that_was_put_back_makes_nobody_wait_longer_than_a_whole_visit() -> None:
    line = given(came("ana", 1), came("bo", 2), *inside("ana", 50), setup=only("doctor", rooms=1))

    assert likely(line, "bo", after(0)) == 12


def test_when_no_room_is_open_we_cannot_say() -> None:
    line = given(came("ana", 1), RoomClosed(after(2), "room-1"), setup=only("doctor", rooms=1))

    assert estimates(line, NONE, NOW) == {"ana": CannotSay("no_room")}


def test_when_the_rooms_are_paused_and_nobody_knows_until_when_we_cannot_say() -> None:
    line = given(came("ana", 1), RoomPaused(after(2), "room-1"), setup=only("doctor", rooms=1))

    assert estimates(line, NONE, NOW) == {"ana": CannotSay("rooms_paused")}


def test_a_room_for_another_service_does_not_help() -> None:
    line = given(came("ana", 1), RoomClosed(after(2), "room-1"), RoomPaused(after(2), "room-2"))

    assert estimates(line, NONE, NOW) == {"ana": CannotSay("rooms_paused")}


@pytest.mark.parametrize("first", [(), (came("eve", 0), *inside("eve", 59)), (came("eve", 0), *inside("eve", 20))])
@settings(max_examples=40)
@for_all(until=st.integers(61, 240), people=st.integers(1, 5))
def test_nobody_is_called_before_the_planned_end_of_a_pause(first: tuple[Fact, ...], until: int, people: int) -> None:
    people_waiting = [came(f"p{n}", n) for n in range(1, people + 1)]
    paused = RoomPaused(after(60), "room-1", after(until))
    line = given(*first, *people_waiting, paused, setup=only("doctor", rooms=1))

    for found in estimates(line, NONE, NOW).values():
        assert isinstance(found, Estimate)
        assert NOW + timedelta(minutes=found.low) >= after(until) - timedelta(seconds=1)


def test_a_pause_that_lasts_longer_than_planned_does_not_make_anybody_due_now() -> None:
    line = given(came("ana", 1), RoomPaused(after(2), "room-1", after(30)), setup=only("doctor", rooms=1))

    assert likely(line, "ana") == 2


MIXED = Setup(
    services=(*SETUP.services, Service("blood-test", "L", "Blood test", 6)),
    rooms=(
        Place("spare", "Spare", ("blood-test",)),
        Place("all", "All", ("doctor", "nurse", "blood-test")),
        Place("one", "One", ("doctor",)),
    ),
)


def mixed(*people: Fact, spare: bool = False) -> Line:
    """The room for all is free, the doctor's own will be in three minutes, the spare one is open or not."""
    soon = (came("di", 1), *inside("di", 49, "one"))
    return given(*soon, *people, *(() if spare else (RoomClosed(after(59), "spare"),)), setup=MIXED)


def test_somebody_before_you_may_send_on_who_would_have_kept_your_room_busy() -> None:
    """Eve takes the room for all, so ana goes to the doctor's own and bo waits for eve's 10 minutes, not ana's 12."""
    ana, bo = came("ana", 10), came("bo", 11, "nurse")

    assert likely(mixed(ana, bo), "bo") == 12
    assert likely(mixed(came("eve", 9, "nurse"), ana, bo), "bo") == 10


def test_a_room_opened_for_others_may_let_somebody_into_yours() -> None:
    """Eve goes to the spare room, so ana takes the room for all, and bo waits for ana's 12 minutes, not eve's 6."""
    people = (blood_test("eve", 9), came("ana", 10), came("bo", 11, "nurse"))

    assert likely(mixed(*people), "bo") == 6
    assert likely(mixed(*people, spare=True), "bo") == 12


def blood_test(visit: str, minute: int) -> CheckedIn:
    return CheckedIn(after(minute), visit, "blood-test", f"L {minute:02d}")


def with_stop(*people: Fact, until: int) -> Line:
    """One room that plans a break at that minute; ana and bo wait."""
    open_until = RoomOpened(NINE, "room-1", after(until))
    return given(open_until, came("ana", 50), came("bo", 51), *people, setup=only("doctor", rooms=1))


def test_a_planned_break_comes_before_who_would_reach_it() -> None:
    """Nobody begins within five minutes of a break; until this clinic's breaks are known they last 45 minutes."""
    assert [likely(with_stop(until=until), "bo") for until in (100, 78, 76, 62)] == [12, 12, 57, 57]
    assert likely(with_stop(until=62), "ana") == 45


def test_who_is_expected_before_you_counts_with_their_chance_from_their_time_on() -> None:
    """Nothing is known yet: of a hundred booked 85 come, eight minutes before their time."""
    people = [came(f"p{n}", n, booked=0) for n in range(4)]
    bo = came("bo", 50, booked=55)
    setup = only("doctor", rooms=1)

    def with_booking(minute: int) -> float:
        return likely(given(*people, bo, Booked(NINE, "eve", "doctor", after(minute)), setup=setup), "bo")

    assert likely(given(*people, bo, setup=setup), "bo") == 48
    assert with_booking(54) == pytest.approx(48 + 0.85 * 12)
    assert with_booking(56) == 48


def test_who_is_expected_has_no_estimate_of_their_own_and_long_overdue_is_not_waited_for() -> None:
    line = given(came("ana", 1), Booked(NINE, "eve", "doctor", after(30)), Booked(NINE, "di", "doctor", after(90)))

    assert list(estimates(line, NONE, NOW)) == ["ana"]
    late = given(came("ana", 1), came("bo", 41, booked=40), Booked(NINE, "eve", "doctor", after(39)),
                 setup=only("doctor", rooms=1))  # fmt: skip
    assert likely(late, "bo") == 12


def test_who_is_assigned_to_a_room_waits_for_that_room_only() -> None:
    setup = only("doctor", rooms=2)
    ana = replace(came("ana", 50), assigned="room-1")
    bo = replace(came("bo", 51), assigned="room-2")
    cy = replace(came("cy", 52), assigned="room-1")
    line = given(came("eve", 1), *inside("eve", 58, "room-1"), ana, bo, cy, setup=setup)

    assert [likely(line, visit) for visit in ("ana", "bo", "cy")] == [10, 0, 22]
    closed = then(line, RoomClosed(NOW, "room-2"))
    assert estimates(closed, NONE, NOW)["bo"] == CannotSay("no_room")


def test_a_left_person_shortens_the_wait_of_who_is_behind() -> None:
    line = given(came("ana", 1), came("bo", 2), came("cy", 3), setup=only("doctor", rooms=1))

    assert likely(then(line, Left(NOW, "ana")), "cy") == 12


def test_more_urgent_people_are_called_first() -> None:
    urgent = replace(came("cy", 30), level=1)
    line = given(came("ana", 1), came("bo", 2), urgent, setup=only("doctor", rooms=1))

    assert [(visit, likely(line, visit)) for visit in estimates(line, NONE, NOW)] == [
        ("cy", 0),
        ("ana", 12),
        ("bo", 24),
    ]


@LEARNED
@settings(max_examples=60)
@for_all(rooms=st.integers(1, 3), gaps=st.lists(st.integers(0, 4), min_size=2, max_size=9), pause=st.booleans())
def test_nobody_behind_is_estimated_before_who_is_ahead_in_the_same_line_and_as_long_there(
    learned: bool, rooms: int, gaps: list[int], pause: bool
) -> None:
    """For one service, by arrival: all have waited less than two visits."""
    minutes = [42 + sum(gaps[:n]) for n in range(len(gaps)) if 42 + sum(gaps[:n]) < 60]
    facts: list[Fact] = [came(f"p{n}", minute) for n, minute in enumerate(minutes)]
    if pause:
        facts.append(RoomPaused(after(59), "room-1", after(75)))
    found = list(estimates(given(*facts, setup=alike(rooms)), history(rooms, learned), NOW).values())

    assert all(no_longer(one, behind) for one, behind in pairwise(found))
