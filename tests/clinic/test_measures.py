"""The day in pictures, worked out by hand on small days."""

from datetime import UTC

from clinic.events import Booked, Called, Fact, Finished, Held, Left, MarkedNoShow, Resumed, Started, Told, Undone
from clinic.measures import Share, Stay, Waits, picture, stays, waits
from tests.clinic.given import after, called, came, day, inside


def told(visit: str, at: int, low: int, high: int) -> Told:
    return Told(after(at), visit, after(low), after(high))


def stay(*facts: Fact) -> Stay:
    (found,) = stays(day(*facts))
    return found


def test_a_wait_runs_from_arrival_to_the_first_call() -> None:
    ana = stay(came("ana", 2), called("ana", 14), Held(after(15), "ana"), Resumed(after(20), "ana"), called("ana", 30))

    assert (ana.waited, ana.room) == (12, "room-1")


def test_who_is_early_waits_from_their_booked_time_and_never_less_than_nothing() -> None:
    assert stay(came("ana", 5, booked=20), called("ana", 27)).waited == 7
    assert stay(came("ana", 5, booked=20), called("ana", 12)).waited == 0
    assert stay(came("ana", 25, booked=20), called("ana", 27)).waited == 2
    assert stay(came("ana", 5)).waited is None


def test_in_time_is_asked_only_of_who_came_by_their_booked_time() -> None:
    assert stay(came("ana", 5, booked=20), called("ana", 35)).in_time is True
    assert stay(came("ana", 5, booked=20), called("ana", 36)).in_time is False
    assert stay(came("ana", 21, booked=20), called("ana", 30)).in_time is None
    assert stay(came("ana", 5), called("ana", 6)).in_time is None


def test_every_visit_has_its_outcome() -> None:
    assert stay(came("ana", 1), *inside("ana", 2), Finished(after(9), "ana")).outcome == "seen"
    assert stay(came("ana", 1)).outcome == "here"
    assert stay(came("ana", 1), Left(after(9), "ana")).outcome == "left"
    assert stay(came("ana", 1), Left(after(9), "ana", "closed")).outcome == "left"
    assert stay(came("ana", 1), Left(after(9), "ana", "missed")).outcome == "missed"
    assert stay(Booked(after(0), "bo", "doctor", after(5)), MarkedNoShow(after(9), "bo")).outcome == "missed"


def test_who_has_yet_to_come_or_told_us_before_is_in_no_picture() -> None:
    booked = Booked(after(0), "bo", "doctor", after(60))
    assert stays(day(booked)) == stays(day(booked, Left(after(9), "bo"))) == []


def test_what_was_undone_did_not_happen() -> None:
    facts = (came("ana", 1), called("ana", 2))
    wrong = Undone(after(2), day(*facts)[-1].seq, "ana")
    assert stay(*facts, wrong).called is None


def test_a_stay_holds_the_first_window_and_what_came_of_it() -> None:
    late = stay(came("ana", 0), told("ana", 0, 10, 20), told("ana", 18, 25, 40), called("ana", 30))
    assert (late.low, late.high, late.promise, late.moved) == (after(10), after(20), "later", True)
    kept = stay(came("ana", 0), told("ana", 0, 10, 20), called("ana", 15))
    assert (kept.promise, kept.moved) == ("inside", False)


def test_median_and_ninety_are_waits_that_somebody_had() -> None:
    assert waits([]) is None
    assert waits([7, None]) == Waits(1, 7, 7)
    assert waits([20, 10]) == Waits(2, 10, 20)
    assert waits(range(1, 11)) == Waits(10, 5, 9)


def test_a_small_day_in_numbers() -> None:
    found = stays(day(
        came("ana", 0), told("ana", 0, 0, 10), called("ana", 4), Started(after(5), "ana"), Finished(after(9), "ana"),
        came("bo", 1), told("bo", 1, 5, 20), told("bo", 18, 20, 40), called("bo", 31), Finished(after(40), "bo"),
        came("cy", 2, "nurse", booked=70), Called(after(80), "cy", "room-3"), Finished(after(88), "cy"),
        came("di", 3), told("di", 3, 20, 40), Left(after(25), "di"),
        Booked(after(0), "eve", "nurse", after(30)), MarkedNoShow(after(50), "eve"),
    ))  # fmt: skip

    p = picture(found, ["doctor", "nurse", "dentist"], UTC)

    assert p.people == 5
    assert p.waits == Waits(3, 10, 30)  # waits of 4, 30 and 10 minutes
    assert p.services == (("doctor", Waits(2, 4, 30)), ("nurse", Waits(1, 10, 10)))
    assert p.hours == ((9, Waits(2, 4, 30)), (10, Waits(1, 10, 10)))
    assert p.in_time == Share(1, 1)
    assert p.kept == Share(1, 2)  # ana inside, bo later; who left before the end counts in nothing
    assert p.told_of_delay == Share(1, 1)
    assert (p.left, p.missed) == (Share(1, 5), Share(1, 5))
    assert p.weeks == (("2026-11-23", Waits(3, 10, 30), Share(1, 2)),)
    assert p.left.percent == 20


def test_without_anybody_there_is_a_picture_of_nothing() -> None:
    p = picture([], ["doctor"], UTC)

    assert (p.people, p.waits, p.services, p.kept) == (0, None, (), Share(0, 0))
    assert p.kept.percent == 0
