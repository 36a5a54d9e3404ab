"""How long until me: what must be true of every estimate, whatever the day is like."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic.estimate import LONGEST, PRIOR, CannotSay, Estimate, History, estimates, learn, service_minutes
from clinic.events import (
    Called,
    CheckedIn,
    Entry,
    Fact,
    Finished,
    Held,
    RoomClosed,
    RoomOpened,
    RoomPaused,
    Started,
    Transferred,
)
from clinic.events import Undone as NotSo
from clinic.line import Line, waiting
from clinic.setup import Place, Service, Setup
from tests.clinic.given import SETUP, after, called, came, given, inside, numbered, only, then

NOW = after(60)
NONE = History()


def likely(line: Line, visit: str, now: datetime = NOW) -> float:
    found = estimates(line, NONE, now)[visit]
    assert isinstance(found, Estimate)
    return found.likely


def states(room: str) -> st.SearchStrategy[Fact]:
    """What a room may be doing."""
    ends = st.none() | st.integers(30, 180).map(after)
    paused: st.SearchStrategy[Fact] = ends.map(lambda until: RoomPaused(after(0), room, until))
    return paused | st.just(RoomOpened(after(0), room)) | st.just(RoomClosed(after(0), room))


@st.composite
def clinics(draw: st.DrawFn, setup: Setup = SETUP) -> list[Fact]:
    """A line at ten o'clock: people inside and on the way, people waiting and away, rooms doing anything."""
    services = [service.id for service in setup.services]
    facts: list[Fact] = []
    for n in range(draw(st.integers(0, 10))):
        facts.append(came(f"p{n}", draw(st.integers(0, 59)), draw(st.sampled_from(services))))
        room = draw(st.sampled_from(setup.rooms)).id
        minute = draw(st.integers(0, 60))
        gone: list[tuple[Fact, ...]] = [(), (), (), inside(f"p{n}", minute, room), (called(f"p{n}", minute, room),)]
        facts += draw(st.sampled_from([*gone, (Held(after(59), f"p{n}"),)]))
    return facts + [draw(states(room.id)) for room in setup.rooms]


@for_all(facts=clinics(), now=st.integers(0, 300))
def test_low_is_not_above_likely_and_likely_not_above_high(facts: list[Fact], now: int) -> None:
    line = given(*facts)

    for found in estimates(line, NONE, after(now)).values():
        if isinstance(found, Estimate):
            assert 0 <= found.low <= found.likely <= found.high


@for_all(facts=clinics())
def test_everybody_who_waits_and_nobody_else_has_an_estimate_in_calling_order(facts: list[Fact]) -> None:
    line = given(*facts)

    assert list(estimates(line, NONE, NOW)) == [visit.id for visit in waiting(line)]


@for_all(facts=clinics())
def test_there_is_a_number_exactly_when_a_room_will_take_them(facts: list[Fact]) -> None:
    line = given(*facts)

    for visit, found in estimates(line, NONE, NOW).items():
        mine = [line.room(room.id) for room in SETUP.rooms if line.visits[visit].service in room.services]
        if any(room.state == "open" or room.until for room in mine):
            assert isinstance(found, Estimate)
        else:
            paused = any(room.state == "paused" for room in mine)
            assert found == CannotSay("rooms_paused" if paused else "no_room")


def test_who_comes_to_an_empty_clinic_with_a_free_room_is_called_now() -> None:
    assert estimates(given(came("ana", 60)), NONE, NOW) == {"ana": Estimate(0, 0, 0)}


def test_the_second_one_for_a_room_waits_for_the_first() -> None:
    line = given(came("ana", 1), came("bo", 2), setup=only("doctor", rooms=1))

    found = estimates(line, NONE, NOW)["bo"]

    assert isinstance(found, Estimate)
    assert found.likely == 12
    assert 0 < found.low < 12 < found.high < 24


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

    assert likely(line, "bo", after(300)) == 3


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


# Where rooms differ neither of the next two holds, in the clinic as in the estimate: see the two tests after them.


@for_all(data=st.data(), rooms=st.integers(1, 4))
def test_more_people_before_you_never_shorten_the_wait_where_rooms_are_alike(data: st.DataObject, rooms: int) -> None:
    setup = only("doctor", rooms)
    facts = data.draw(clinics(setup))
    without, more = given(*facts, setup=setup), given(came("eve", 0), *facts, setup=setup)

    for visit, found in estimates(without, NONE, NOW).items():
        if isinstance(found, Estimate):
            assert likely(more, visit) >= found.likely


@for_all(data=st.data(), rooms=st.integers(1, 4))
def test_opening_a_room_never_lengthens_the_wait_where_rooms_are_alike(data: st.DataObject, rooms: int) -> None:
    setup = only("doctor", rooms)
    line = given(*data.draw(clinics(setup)), setup=setup)
    opened = then(line, RoomOpened(after(60), "room-1"))

    for visit, found in estimates(line, NONE, NOW).items():
        if isinstance(found, Estimate):
            assert likely(opened, visit) <= found.likely


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


def seen(minutes: float, visit: str = "ana", service: str = "doctor", start: float = 0) -> list[Fact]:
    """A visit that took so long."""
    return [came(visit, 1, service), Called(after(start), visit, "room-1"), Started(after(start), visit),
            Finished(after(start + minutes), visit)]  # fmt: skip


def test_visits_seen_today_move_the_usual_minutes() -> None:
    line = given(*seen(20), *seen(28, "bo"))

    assert service_minutes(line, NONE)["doctor"] == (PRIOR * 12 + 20 + 28) / (PRIOR + 2)
    assert service_minutes(line, NONE)["nurse"] == 10


def test_visits_of_past_days_move_the_usual_minutes() -> None:
    assert service_minutes(given(), History({"nurse": (16.0,) * PRIOR}))["nurse"] == 13


@pytest.mark.parametrize("minutes", [0.2, 12 * LONGEST + 1, -5])
def test_forgotten_taps_are_no_visits(minutes: float) -> None:
    assert service_minutes(given(*seen(minutes)), NONE)["doctor"] == 12


def test_a_visit_finished_straight_from_the_call_teaches_nothing() -> None:
    line = given(came("ana", 1), called("ana", 2), Finished(after(30), "ana"))

    assert service_minutes(line, NONE)["doctor"] == 12


def learned(*facts: Any) -> dict[str, tuple[float, ...]]:
    return dict(learn(numbered(facts)).minutes)


def test_history_holds_the_minutes_of_past_visits_by_service() -> None:
    assert learned(*seen(20), *seen(9, "bo", "nurse"), *seen(14, "cy")) == {"doctor": (20.0, 14.0), "nurse": (9.0,)}


def test_history_keeps_the_latest_visits_only() -> None:
    facts = [fact for n in range(5) for fact in seen(10 + n, f"p{n}")]

    assert learn(numbered(facts), keep=2).minutes == {"doctor": (13.0, 14.0)}


def test_history_knows_the_service_a_visit_was_transferred_to() -> None:
    ana = [came("ana", 1), Transferred(after(2), "ana", "nurse"), called("ana", 3, "room-3"), Started(after(4), "ana")]

    assert learned(*ana, Finished(after(11), "ana")) == {"nurse": (7.0,)}


def test_history_does_not_add_the_minutes_of_two_services() -> None:
    """Seen by the doctor, sent to the nurse, finished there without a start: nobody knows how long the nurse took."""
    ana = [came("ana", 1), *inside("ana", 2), Transferred(after(20), "ana", "nurse"), called("ana", 30, "room-3")]

    assert learned(*ana, Finished(after(40), "ana")) == {}


def test_history_ignores_a_visit_of_which_it_saw_only_the_end() -> None:
    assert learned(Started(after(1), "ana"), Finished(after(9), "ana")) == {}


def test_history_does_not_learn_from_what_did_not_happen() -> None:
    facts = seen(2)
    wrong = NotSo(after(3), len(facts), "ana")

    assert learned(*facts, wrong, Finished(after(15), "ana")) == {"doctor": (15.0,)}


def test_history_of_no_days_is_empty() -> None:
    assert learn([]) == History() == learn([Entry(1, came("ana", 1))])
