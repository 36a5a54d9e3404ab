"""Two appointments on one day are one visit, and what is over stays over, whatever list or restart comes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic import commands
from clinic.appointments import Appointment
from clinic.desk import Desk
from clinic.diary import is_here
from clinic.line import expected
from clinic.setup import Clinician
from tests.clinic.at_the_desk import Restart, rows
from tests.clinic.given import SETUP, after, refused
from tests.conftest import FakeClock

TWO = (
    Appointment("first", after(10), "doctor", name="Ana Ruiz", person="ana"),
    Appointment("second", after(60), "nurse", name="Ana Ruiz", person="ana"),
)


def visits(desk: Desk) -> tuple[str, str]:
    """The visits of her two appointments."""
    first, second = sorted(desk.bookings(), key=lambda one: one.start)
    return first.visit, second.visit


def seen_for_the_first(desk: Desk, end: bool = False) -> tuple[str, str]:
    """She checked in once for both, and was seen for the first."""
    desk.bring_in(TWO, "list")
    first, second = visits(desk)
    desk.do(commands.check_in, by="kiosk", visit=first, stops=(second,))
    desk.do(commands.call_next, by="staff", room="room-1")
    desk.do(commands.finish, by="staff", visit=first, end=end)
    return first, second


@pytest.mark.parametrize("end", [False, True])
def test_an_appointment_that_is_over_is_not_expected_again_after_a_restart(
    desk: Desk, clock: FakeClock, reopened: Restart, end: bool
) -> None:
    _, second = seen_for_the_first(desk, end)
    assert desk.line.visits[visits(desk)[0]].status == ("done" if end else "waiting")

    again = reopened()
    clock.time += timedelta(minutes=5)
    again.tell()

    assert expected(again.line) == []
    assert is_here(again.line, second)


def test_an_appointment_that_is_over_is_not_expected_again_when_a_list_moves_it(desk: Desk) -> None:
    seen_for_the_first(desk)

    brought = desk.bring_in([replace(TWO[1], start=after(90))], "list")

    assert brought.here == ["second"]
    assert expected(desk.line) == []


def test_what_staff_decided_about_somebody_expected_stands_after_a_restart(
    desk: Desk, clock: FakeClock, reopened: Restart
) -> None:
    desk.set_up(replace(SETUP, clinicians=(Clinician("dr-ruiz", "Dr Ruiz"),)))
    desk.bring_in(TWO[:1], "list")
    (one,) = desk.bookings()
    desk.do(commands.assign, by="staff", visit=one.visit, clinician="dr-ruiz")

    again = reopened()
    clock.time += timedelta(minutes=5)
    again.tell()

    assert again.line.visits[one.visit].clinician == "dr-ruiz"
    assert sum("Booked" in str(tuple(row)) for row in rows(again)) == 1


def test_a_visit_ended_by_mistake_is_undone_with_its_later_appointment(desk: Desk) -> None:
    first, second = seen_for_the_first(desk, end=True)
    assert second not in desk.line.visits

    desk.do(commands.undo, by="staff", visit=first)

    assert desk.line.visits[second].joined == first
    desk.do(commands.finish, by="staff", visit=first)
    assert (desk.line.visits[first].service, desk.line.visits[first].booked) == ("nurse", after(60))


def test_there_is_nothing_to_undo_about_who_only_is_expected(desk: Desk, clock: FakeClock) -> None:
    desk.bring_in(TWO[:1], "list")
    (one,) = desk.bookings()
    with refused("not_here_yet", at=after(10)):
        commands.undo(desk.line, clock.time, one.visit)

    clock.time = after(11)
    desk.do(commands.mark_no_show, by="staff", visit=one.visit)
    with refused("not_here_yet", at=after(10)):
        commands.undo(desk.line, after(13), one.visit)
    desk.do(commands.undo, by="staff", visit=one.visit)
    assert [visit.id for visit in expected(desk.line)] == [one.visit]


def test_who_came_on_their_own_is_not_swept_along_when_the_first_visit_s_leaving_is_undone(desk: Desk) -> None:
    desk.bring_in(TWO, "list")
    first, second = visits(desk)
    desk.do(commands.check_in, by="kiosk", visit=first, stops=(second,))
    desk.do(commands.leave, by="staff", visit=first)
    desk.do(commands.check_in, by="kiosk", visit=second)
    desk.do(commands.undo, by="staff", visit=first)
    desk.do(commands.call, by="staff", visit=first, room="room-1")

    desk.do(commands.finish, by="staff", visit=first)

    assert [desk.line.visits[one].status for one in (first, second)] == ["done", "waiting"]


def test_a_later_appointment_of_who_is_here_is_not_left_on_its_own(desk: Desk) -> None:
    desk.bring_in(TWO, "list")
    first, second = visits(desk)
    desk.do(commands.check_in, by="kiosk", visit=first, stops=(second,))

    for command in (commands.leave, commands.mark_no_show, commands.check_in):
        with refused("already_checked_in", ticket="A 01"):
            command(desk.line, after(70), second)


def test_a_day_opened_again_on_the_same_date_expects_who_did_not_come_and_nobody_else(
    desk: Desk, clock: FakeClock, reopened: Restart
) -> None:
    first, second = seen_for_the_first(desk)
    desk.bring_in([Appointment("third", after(30), "doctor", name="Bo Lee")], "list")
    desk.do(commands.call, by="staff", visit=first, room="room-3")
    desk.do(commands.finish, by="staff", visit=first)
    for _ in range(2):
        clock.time += timedelta(minutes=45)
        desk.do(commands.close_day, by="staff", confirm=True)
        desk.open_day("staff")
    bo = next(one.visit for one in desk.bookings() if one.name == "Bo Lee")
    assert [visit.id for visit in expected(desk.line)] == [bo]

    assert desk.bring_in([replace(TWO[0], start=after(200))], "list").here == ["first"]
    again = reopened()
    again.tell()
    assert [visit.id for visit in expected(again.line)] == [bo]
    assert again.line.over == {first, second}
