"""Booked people: expected, checked in once, bound to a clinician, going on to their next appointment, missed."""

from dataclasses import replace
from typing import Any

from clinic import commands
from clinic.events import Booked, Called, CheckedIn, Left, RoomOpened, SignedIn, Transferred
from clinic.line import Line, expected
from clinic.order import next_for, overtaking, places, rooms_for, waiting, why_first
from clinic.setup import Clinician
from tests.clinic.given import SETUP, after, came, given, inside, refused, then

STAFFED = replace(SETUP, clinicians=(Clinician("dr-okafor", "Dr Okafor"), Clinician("dr-ruiz", "Dr Ruiz")))


def booked(visit: str, at: float, service: str = "doctor", **more: Any) -> Booked:
    return Booked(after(-30), visit, service, after(at), **more)


def checks_in(line: Line, visit: str, at: float, **more: Any) -> Line:
    return then(line, *commands.check_in(line, after(at), visit, **more))


def test_who_is_booked_is_expected_and_gets_a_number_when_they_come() -> None:
    line = given(booked("ana", 20), booked("bo", 10))

    assert [visit.id for visit in expected(line)] == ["bo", "ana"]
    line = checks_in(line, "ana", 5)
    assert [visit.id for visit in expected(line)] == ["bo"]
    assert (line.visits["ana"].ticket, line.visits["ana"].booked) == ("A 01", after(20))


def test_one_appointment_is_checked_in_once() -> None:
    line = checks_in(given(booked("ana", 20)), "ana", 5)

    with refused("already_checked_in", ticket="A 01"):
        commands.check_in(line, after(6), "ana")


def test_two_appointments_are_one_visit_that_goes_on() -> None:
    line = given(booked("ana", 20), booked("later", 60, "nurse", assigned="room-3"))
    line = checks_in(line, "ana", 5, stops=("later",))
    with refused("already_checked_in", ticket="A 01"):
        commands.check_in(line, after(6), "later")
    line = then(line, *inside("ana", 20))

    (on,) = commands.finish(line, after(30), "ana")
    assert on == Transferred(after(30), "ana", "nurse", "later", after(60), "room-3")
    line = then(line, on)
    assert "later" not in line.visits
    assert rooms_for(line, line.visits["ana"]) == ("room-3",)
    line = then(line, *inside("ana", 60, "room-3"))
    assert [type(fact).__name__ for fact in commands.finish(line, after(70), "ana")] == ["Finished"]


def test_who_leaves_may_still_come_to_the_later_appointment() -> None:
    line = given(booked("ana", 20), booked("later", 60, "nurse"))
    line = then(checks_in(line, "ana", 5, stops=("later",)), Left(after(9), "ana"))

    assert [visit.id for visit in expected(line)] == ["later"]


def test_who_is_booked_with_a_clinician_waits_for_the_rooms_where_they_work() -> None:
    line = given(booked("ana", 20, clinician="dr-ruiz"), came("bo", 15), setup=STAFFED)
    line = checks_in(line, "ana", 5)
    assert rooms_for(line, line.visits["ana"]) == ()
    assert next_for(line, "room-1") == line.visits["bo"]

    line = then(line, *commands.sign_in(line, after(16), "room-2", "dr-ruiz"))
    assert rooms_for(line, line.visits["ana"]) == ("room-2",)
    assert next_for(line, "room-2") == line.visits["bo"]
    assert places(line)["ana"] == 1


def test_signing_in_opens_the_room() -> None:
    line = then(given(setup=STAFFED), *commands.close_room(given(setup=STAFFED), after(1), "room-1"))

    assert commands.sign_in(line, after(2), "room-1", "dr-ruiz") == [
        SignedIn(after(2), "room-1", "dr-ruiz"), RoomOpened(after(2), "room-1"),
    ]  # fmt: skip


def test_the_order_and_its_reason_come_from_one_place() -> None:
    line = given(booked("bo", 8), came("ana", 10))
    line = checks_in(line, "bo", 12)

    assert [visit.id for visit in waiting(line)] == ["bo", "ana"]
    assert why_first(line, line.visits["bo"], line.visits["ana"]) == "booked"
    assert overtaking(line, line.visits["ana"]) == "booked"
    assert overtaking(line, line.visits["bo"]) is None


def test_an_appointment_is_missed_only_after_three_calls_apart_and_never_before_its_time() -> None:
    line = checks_in(given(booked("ana", 20)), "ana", 5)
    line = then(line, Called(after(10), "ana", "room-1"))
    with refused("too_early_to_miss", at=after(20)):
        commands.mark_no_show(line, after(16), "ana")
    for minute in (11, 12, 14):
        line = then(line, *commands.recall(line, after(minute), "ana"))
    with refused("call_again_first", ticket="A 01", calls=2, enough=3):
        commands.mark_no_show(line, after(20), "ana")
    line = then(line, *commands.recall(line, after(20), "ana"))

    line = then(line, *commands.mark_no_show(line, after(20), "ana"))
    line = then(line, *commands.resume(line, after(25), "ana"))
    assert line.visits["ana"].returned


def test_who_never_came_is_missed_by_staff_and_expected_again_by_one_tap() -> None:
    line = given(booked("ana", 20))
    with refused("too_early_to_miss", at=after(20)):
        commands.mark_no_show(line, after(19), "ana")
    line = then(line, *commands.mark_no_show(line, after(20), "ana"))
    assert expected(line) == []

    line = then(line, *commands.resume(line, after(25), "ana"))
    assert [visit.id for visit in expected(line)] == ["ana"]


def test_an_appointment_that_changes_or_is_cancelled_never_moves_who_is_here() -> None:
    line = given(booked("ana", 20), booked("bo", 30))
    assert commands.book(line, after(1), "ana", "doctor", after(20)) == []
    line = then(line, *commands.book(line, after(1), "ana", "nurse", after(25)))
    assert (line.visits["ana"].service, line.visits["ana"].booked) == ("nurse", after(25))
    line = checks_in(line, "ana", 5)

    assert commands.cancel(line, after(6), "ana") == []
    assert commands.book(line, after(6), "ana", "doctor", after(50)) == []
    line = then(line, *commands.cancel(line, after(6), "bo"))
    assert list(line.visits) == ["ana"]


def test_a_check_in_keeps_what_was_booked() -> None:
    line = given(booked("ana", 20, assigned="room-2", clinician="dr-ruiz"), setup=STAFFED)

    (fact,) = commands.check_in(line, after(5), "ana")

    assert fact == CheckedIn(
        after(5), "ana", "doctor", "A 01", booked=after(20), assigned="room-2", clinician="dr-ruiz"
    )  # fmt: skip


def test_closing_gives_everybody_an_outcome() -> None:
    line = checks_in(given(booked("ana", 20), booked("bo", 30), booked("cy", 600)), "ana", 5)
    with refused("people_expected", times=[after(30), after(600)]):
        commands.close_day(line, after(500), confirm=True, told=["ana"])

    ends = commands.close_day(line, after(500), confirm=True, outcomes={"ana": "left"})[:-1]

    assert ends == [Left(after(500), "ana"), Left(after(500), "bo", "missed"), Left(after(500), "cy", "closed")]


def test_who_left_by_mistake_has_their_place_again_with_their_later_appointments() -> None:
    line = given(booked("ana", 20), booked("later", 60, "nurse"), came("bo", 30))
    line = then(checks_in(line, "ana", 5, stops=("later",)), Left(after(9), "ana"))

    line = then(line, *commands.rejoin(line, after(12), "ana"))

    assert [visit.id for visit in waiting(line)] == ["ana", "bo"]
    assert (line.visits["ana"].ended_at, line.visits["later"].joined) == (None, "ana")


def test_who_was_sent_home_at_closing_does_not_rejoin() -> None:
    line = then(given(came("ana", 1)), Left(after(9), "ana", "closed"))

    with refused("wrong_status", ticket="A 01", status="left"):
        commands.rejoin(line, after(10), "ana")


def test_an_appointment_that_is_ahead_is_not_missed_when_the_day_closes() -> None:
    line = given(booked("ana", 300))

    with refused("too_early_to_miss", at=after(300)):
        commands.close_day(line, after(10), confirm=True, outcomes={"ana": "missed"})


def test_a_later_appointment_that_is_cancelled_is_not_gone_on_to() -> None:
    line = given(booked("ana", 20), booked("later", 60, "nurse"))
    line = then(checks_in(line, "ana", 5, stops=("later",)), *inside("ana", 20))

    line = then(line, *commands.cancel(line, after(25), "later"))

    assert [type(fact).__name__ for fact in commands.finish(line, after(30), "ana")] == ["Finished"]
