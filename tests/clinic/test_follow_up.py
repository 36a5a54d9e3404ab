"""Who went unseen: on the list until somebody takes care of them."""

from datetime import date

import pytest

from clinic import commands
from clinic.events import (
    Booked,
    Cancelled,
    CheckedIn,
    Finished,
    FollowedUp,
    Left,
    MarkedNoShow,
    Resumed,
    Transferred,
    Undone,
)
from clinic.follow_up import due, owed, unseen
from tests.clinic.given import after, called, came, day, given, inside, refused, then


def listed(*facts: object) -> list[tuple[str, str]]:
    return [(one.visit, one.why) for one in owed(unseen(day(*facts)))]  # type: ignore[arg-type]


def booked(visit: str, minute: int = 30) -> Booked:
    return Booked(after(0), visit, "doctor", after(minute))


def test_who_leaves_without_being_seen_is_on_the_list_with_their_number() -> None:
    (ana,) = unseen(day(came("ana", 1), Left(after(20), "ana")))

    assert (ana.ticket, ana.service, ana.at, ana.why, ana.how) == ("A 01", "doctor", after(20), "left", "")


def test_who_still_waited_when_we_closed_is_on_the_list() -> None:
    assert listed(came("ana", 1), Left(after(60), "ana", "closed")) == [("ana", "closed")]


def test_missed_once_is_no_reason_yet_and_missed_twice_is() -> None:
    once = (came("ana", 1), called("ana", 2), MarkedNoShow(after(7), "ana"))
    assert listed(*once) == []

    twice = (*once, Resumed(after(9), "ana"), called("ana", 10), MarkedNoShow(after(15), "ana"))
    assert listed(*twice) == [("ana", "missed")]
    assert listed(*twice, Resumed(after(16), "ana")) == [], "they are here again"


def test_missed_once_and_gone_when_the_day_ended_is_on_the_list() -> None:
    gone = Left(after(60), "ana", "missed")
    assert listed(came("ana", 1), called("ana", 2), MarkedNoShow(after(7), "ana"), gone) == [("ana", "missed")]


@pytest.mark.parametrize("missed", [MarkedNoShow(after(45), "bo"), Left(after(60), "bo", "missed")])
def test_a_missed_appointment_is_on_the_list_with_its_time(missed: object) -> None:
    (bo,) = unseen(day(booked("bo"), missed))  # type: ignore[arg-type]

    assert (bo.ticket, bo.why, bo.booked) == ("", "missed_appointment", after(30))


def test_who_told_us_before_or_has_another_day_or_was_cancelled_is_not() -> None:
    assert listed(booked("bo"), Left(after(5), "bo")) == []
    assert listed(booked("bo"), Left(after(60), "bo", "closed")) == []
    assert listed(booked("bo"), MarkedNoShow(after(45), "bo"), Cancelled(after(46), "bo")) == []


def test_who_was_seen_after_all_is_not() -> None:
    came_late = CheckedIn(after(50), "bo", "doctor", "A 50", booked=after(30))
    late = (booked("bo"), MarkedNoShow(after(45), "bo"), Resumed(after(49), "bo"), came_late)
    assert listed(*late, *inside("bo", 55), Finished(after(60), "bo")) == []


def test_what_was_undone_did_not_happen() -> None:
    entries = day(came("ana", 1), Left(after(20), "ana"))
    wrong = Undone(after(20), entries[-1].seq, "ana")
    assert listed(came("ana", 1), Left(after(20), "ana"), wrong) == []


def test_whose_later_appointments_went_with_them_is_on_the_list_once() -> None:
    came_in = CheckedIn(after(25), "bo", "doctor", "A 25", booked=after(30), stops=("bo-2",))
    later = Booked(after(0), "bo-2", "nurse", after(90))
    gone = (Left(after(60), "bo", "closed"), Left(after(60), "bo-2", "missed"))
    assert listed(booked("bo"), later, came_in, *gone) == [("bo", "closed")]


def test_they_stay_until_a_person_says_otherwise_and_may_be_put_back() -> None:
    left = (came("ana", 1), Left(after(20), "ana"))
    done = FollowedUp(after(30), "ana", "contacted")
    (ana,) = unseen(day(*left, done))
    assert (ana.how, ana.handled) == ("contacted", after(30))
    assert listed(*left, done) == []
    assert listed(*left, done, FollowedUp(after(31), "ana", "again")) == [("ana", "left")]


def test_somebody_of_an_earlier_day_may_be_taken_care_of_and_the_line_stays_as_it_is() -> None:
    line = given(came("bo", 1))

    facts = commands.follow_up(line, after(5), "ana-of-last-week", "no_need")

    assert facts == [FollowedUp(after(5), "ana-of-last-week", "no_need")]
    assert then(line, *facts).visits == line.visits
    with refused("unknown_outcome"):
        commands.follow_up(line, after(5), "ana-of-last-week", "forgotten")


def test_due_is_the_next_working_day() -> None:
    assert due(date(2026, 11, 24)) == date(2026, 11, 25)
    assert due(date(2026, 11, 27)) == date(2026, 11, 30), "over the weekend"


def test_the_next_step_is_part_of_finishing_and_undone_with_it() -> None:
    line = given(came("ana", 1), *inside("ana", 2))

    facts = commands.finish(line, after(14), "ana", step="book")

    assert facts == [Finished(after(14), "ana", "book")]
    assert then(line, *facts).visits["ana"].next_step == "book"
    with refused("unknown_step"):
        commands.finish(line, after(14), "ana", step="take two pills")


def test_who_goes_on_has_no_next_step_yet() -> None:
    came_in = CheckedIn(after(25), "bo", "doctor", "A 25", booked=after(30), stops=("bo-2",))
    line = given(booked("bo"), Booked(after(0), "bo-2", "nurse", after(90)), came_in, *inside("bo", 30))

    (fact,) = commands.finish(line, after(40), "bo", step="book")

    assert isinstance(fact, Transferred)
