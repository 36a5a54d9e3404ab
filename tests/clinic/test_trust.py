"""How we kept our word: what counts as kept, what as broken, what as nothing, and when somebody needs to look."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic import commands, log
from clinic.desk import Desk
from clinic.events import Called, Closed, Fact, Held, Left, Opened, Resumed, Told, Transferred, Undone
from clinic.line import Line, apply
from clinic.store import Store
from clinic.trust import (
    AIM,
    ALARM_OVER,
    ENOUGH,
    LAST,
    LOWEST,
    Count,
    Promise,
    overdue,
    promises,
    record,
)
from tests.clinic.at_the_desk import arrive, busy_morning
from tests.clinic.given import NINE, SETUP, after, called, came, day, given, numbered, then
from tests.clinic.test_recorded_days import recorded
from tests.conftest import FakeClock

UTC = NINE.tzinfo


def told(visit: str, at: float, low: float, high: float) -> Told:
    """This person was told at that minute that they are called between these two."""
    return Told(after(at), visit, after(low), after(high))


def how(*facts: Fact) -> list[str]:
    """How the promises in a day with these facts went; ana came at one and was told ten to twenty past."""
    return [one.how for one in promises(day(came("ana", 1), told("ana", 1, 10, 20), *facts))]


@pytest.mark.parametrize(
    ("minute", "expected"), [(9, "earlier"), (10, "inside"), (15, "inside"), (20, "inside"), (21, "later")]
)
def test_a_call_is_held_against_the_window_that_was_told(minute: int, expected: str) -> None:
    assert how(called("ana", minute)) == [expected]


def test_the_first_window_counts_and_not_a_later_one() -> None:
    moved = told("ana", 18, 25, 40)

    assert how(moved, called("ana", 30)) == ["later"]
    assert how(moved, called("ana", 19)) == ["inside"]


@pytest.mark.parametrize(("high", "moved"), [(15, False), (25, False), (26, True)])
def test_an_end_that_was_moved_by_more_than_five_minutes_is_counted(high: int, moved: bool) -> None:
    (one,) = promises(day(came("ana"), told("ana", 1, 10, 20), told("ana", 5, 10, high), called("ana", 15)))

    assert one.moved is moved


def test_who_goes_before_the_end_counts_in_nothing_and_who_goes_after_it_was_let_down() -> None:
    for gone in (Left, Held):
        assert how(gone(after(20), "ana")) == []
        assert how(gone(after(21), "ana")) == ["later"]


def test_only_the_first_call_counts() -> None:
    assert how(called("ana", 12), Resumed(after(30), "ana"), called("ana", 50)) == ["inside"]


def test_who_is_back_in_line_is_given_a_new_promise() -> None:
    back = (called("ana", 12), Resumed(after(30), "ana"), told("ana", 30, 35, 45))

    assert how(*back, called("ana", 50)) == ["inside", "later"]


def test_who_goes_on_to_another_service_is_given_a_new_promise_there() -> None:
    entries = day(
        came("ana"), told("ana", 0, 10, 20), called("ana", 12), Transferred(after(20), "ana", "nurse"),
        told("ana", 20, 25, 35), called("ana", 24, "room-3"),
    )  # fmt: skip

    assert [(one.service, one.how) for one in promises(entries)] == [("doctor", "inside"), ("nurse", "earlier")]


def test_what_did_not_happen_is_left_out() -> None:
    entries = day(came("ana", 1), told("ana", 1, 10, 20), called("ana", 12))
    undone = [*entries, *numbered([Undone(after(13), entries[-1].seq, "ana"), called("ana", 22)], len(entries) + 1)]

    assert [one.how for one in promises(entries)] == ["inside"]
    assert [one.how for one in promises(undone)] == ["later"]


def test_who_was_told_no_window_was_promised_nothing() -> None:
    assert promises(day(came("bo"), Told(after(1), "bo", why="no_room"), called("bo", 5))) == []


def test_a_promise_stands_while_we_cannot_say_any_more() -> None:
    assert how(Told(after(5), "ana", why="rooms_paused"), called("ana", 30)) == ["later"]


def test_who_still_waits_when_the_window_is_over_was_let_down_already() -> None:
    line = given(came("ana", 1), told("ana", 1, 10, 20), came("bo", 2), told("bo", 2, 15, 30))

    assert overdue(line, after(20)) == []
    assert overdue(line, after(21)) == [
        Promise("ana", "doctor", after(1), after(10), after(20), moved=False, how="later")
    ]
    assert [one.visit for one in overdue(line, after(31))] == ["ana", "bo"]
    assert [one.moved for one in overdue(then(line, told("ana", 20, 20, 40)), after(21))] == [True]
    assert overdue(then(line, called("ana", 21)), after(22)) == []


@for_all(
    low=st.integers(0, 60), width=st.integers(10, 90), minute=st.integers(0, 200), is_called=st.booleans()
)  # fmt: skip
def test_nobody_is_counted_twice(low: int, width: int, minute: int, is_called: bool) -> None:
    """Overdue people leave that list when they are called, and are in the other one then."""
    facts: list[Fact] = [came("ana"), told("ana", 0, low, low + width)]
    if is_called:
        facts.append(called("ana", minute))

    counted = [*promises(day(*facts)), *overdue(given(*facts), after(minute))]

    assert len(counted) == (1 if is_called or minute > low + width else 0)


def went(*hows: str, service: str = "doctor", at: float = 0) -> list[Promise]:
    """Promises that went so."""
    return [Promise(str(n), service, after(at), after(at), after(at), False, one) for n, one in enumerate(hows)]


def test_only_the_last_two_hundred_are_looked_at() -> None:
    found = record([*went(*["later"] * 50), *went(*["inside"] * LAST)], SETUP, UTC)

    assert found.count == Count(inside=LAST)


def test_promises_are_counted_by_service_and_by_the_hour_they_were_given_in() -> None:
    some = [
        *went("inside", "later", at=59), *went("earlier", at=60),
        *went("inside", service="nurse", at=60), *went("later", service="closed long ago", at=60),
    ]  # fmt: skip

    found = record(some, SETUP, UTC)

    assert found.count == Count(2, 1, 2)
    assert found.services == (("doctor", Count(1, 1, 1)), ("nurse", Count(inside=1)))
    assert found.hours == ((9, Count(1, 0, 1)), (10, Count(1, 1, 1)))
    assert [hour for hour, _ in record(some, SETUP, timezone(timedelta(hours=-10))).hours] == [0, 23]


def test_moved_promises_are_counted() -> None:
    some = went("inside", "inside", "later")

    assert record([replace(some[0], moved=True), *some[1:]], SETUP, UTC).moved == 1


@pytest.mark.parametrize(("people", "enough"), [(0, False), (ENOUGH - 1, False), (ENOUGH, True)])
def test_a_few_people_say_nothing(people: int, enough: bool) -> None:
    assert record(went(*["later"] * people), SETUP, UTC).is_enough is enough


@pytest.mark.parametrize(
    ("kept", "broken", "alarm"), [(0, 99, False), (69, 31, True), (70, 30, False), (100, 0, False)]
)
def test_the_alarm_rings_under_seventy_of_the_last_hundred(kept: int, broken: int, alarm: bool) -> None:
    some = went(*["later"] * broken, *["inside"] * kept)

    assert record(some, SETUP, UTC).is_alarm is alarm
    assert record([*went(*["later"] * 100), *some], SETUP, UTC).is_alarm is (alarm or len(some) < ALARM_OVER)


def test_a_promise_half_kept_is_none() -> None:
    assert Count(inside=199, later=1).percent == 99
    assert Count().percent == 0
    assert LOWEST < AIM


def facts_of(desk: Desk) -> list[str]:
    with desk.store.read() as db:
        return [f"{type(entry.fact).__name__} {getattr(entry.fact, 'visit', '')}" for entry in log.last_waits(db)]


def test_the_desk_knows_how_its_promises_went(desk: Desk, clock: FakeClock, store: Store) -> None:
    arrive(desk, "ana")
    arrive(desk, "bo")
    desk.do(commands.call_next, by="staff", room="room-1")
    first = desk.line.visits["bo"].first_told
    assert first
    assert first.high
    assert [(one.visit, one.how) for one in desk.promises()] == [("ana", "inside")]

    clock.time = first.high + timedelta(minutes=1)

    assert [(one.visit, one.how) for one in desk.promises()] == [("ana", "inside"), ("bo", "later")]


def test_a_recorded_day_is_held_against_what_its_line_remembers(store: Store) -> None:
    """The promise that a call ends is the one that every screen counts lateness from: `Visit.first_told`."""
    entries = recorded(store, "0.1.0")
    undone = {getattr(entry.fact, "seq", 0) for entry in entries}
    line, remembered = Line(SETUP), {}
    for entry in entries:
        if entry.seq not in undone:
            if isinstance(entry.fact, Called):
                first = line.visits[entry.fact.visit].first_told
                if first:
                    remembered[entry.fact.visit, first.at] = (first.low, first.high)
            line = apply(line, entry)

    found = {(one.visit, one.at): (one.low, one.high) for one in promises(entries)}

    assert len(remembered) > 50
    assert {key: found[key] for key in remembered} == remembered
    assert all(one.how == "later" for one in promises(entries) if (one.visit, one.at) not in remembered)


def test_a_busy_morning_is_counted_as_its_line_remembers_it(desk: Desk, clock: FakeClock) -> None:
    busy_morning(desk, clock)

    with desk.store.read() as db:
        read = promises(log.last_waits(db))

    assert read == promises(desk.entries)
    assert read


def test_the_log_is_read_from_its_end(store: Store) -> None:
    """However long it is: the facts of the visits whose waits ended last, from the opening of their day."""
    one_day = [Opened(NINE), came("ana", 1), told("ana", 1, 5, 20), called("ana", 6), came("eve", 8), Closed(after(60))]
    entries = numbered([*one_day, *one_day, came("bo", 9), Called(after(9), "bo", "room-1")])
    with store.write() as db:
        log.append(db, entries)

    with store.read() as db:
        seen = [entry.seq for entry in log.last_waits(db, ends=2)]
        few = [entry.seq for entry in log.last_waits(db, ends=1)]
        near = log.last_waits(db, back=1)

    assert seen == [7, 8, 9, 10, 13, 14]
    assert few == [7, 13, 14]
    assert [entry.seq for entry in near] == [14]
    assert promises(near) == []


def test_an_empty_log_holds_no_promises(desk: Desk) -> None:
    assert facts_of(desk) == []
    assert desk.promises() == []
