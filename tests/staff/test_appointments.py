"""The day's appointments on the staff page: what has become of each, and what one tap does."""

import csv
import io
from typing import Any

import pytest

from tests.faces import Page, Practice, say, text
from tests.staff.lists import as_list, booked, brings, row, states


@pytest.fixture
def expecting(practice: Practice) -> Practice:
    """Three people are booked: at 9:20, at 10:20, and a nurse's at 11."""
    brings(
        practice,
        as_list(
            row(1, "09:20", "Ana Ruiz", needs="wheelchair"),
            row(2, "10:20", "Bo Lind"),
            row(3, "11:00", "Cy Moe", service="Nurse", clinician=""),
        ),
    )
    return practice


def acts(practice: Practice, command: str, name: str, **more: Any) -> dict[str, Any]:
    """Staff do this for the person of this name, with the page open; what our own page is answered."""
    answer = practice.client.post(
        f"/staff/{command}", json={"visit": booked(practice, name)["visit"], **more},
        headers={"X-Kindline-Screen": "staff/appointments/en"},
    )  # fmt: skip
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json or {})


def line_of(practice: Practice, name: str) -> Any:
    """The row of this person on the page."""
    page = practice.page("/staff/appointments")
    return page.find("row-" + booked(practice, name)["visit"])


def buttons(practice: Practice, name: str) -> dict[str, bool]:
    """What can be done for this person, and whether by now."""
    return {text(one): one.get("disabled") is None for one in line_of(practice, name).iter("button")}


def test_the_page_explains_how_to_bring_a_list_in_where_there_is_none(practice: Practice) -> None:
    page = practice.page("/staff/appointments")
    assert page.find("bring").get("open") is not None  # type: ignore[union-attr]  # the page has it
    assert len(page.classed("empty")) == 1


def test_each_row_says_when_who_what_with_whom_and_what_helps(expecting: Practice) -> None:
    said = text(line_of(expecting, "Ana Ruiz"))
    for word in ("09:20", "Ana Ruiz", "Doctor", "Dr Ruiz", "Expected", "Wheelchair"):
        assert word in said


def test_a_minute_past_the_booked_time_they_are_late(expecting: Practice) -> None:
    expecting.later(minutes=20)
    assert "late" not in line_of(expecting, "Ana Ruiz").get("class").split()

    expecting.later(minutes=5)
    assert say("%(n)s min late", n=5) in text(line_of(expecting, "Ana Ruiz"))
    assert booked(expecting, "Ana Ruiz")["state"] == "expected"


def test_one_tap_checks_somebody_in_with_their_name_language_and_booked_time(expecting: Practice) -> None:
    said = acts(expecting, "check-in", "Ana Ruiz")
    assert (said["ticket"], "A 01" in said["screen"]["html"].replace("\u202f", " ")) == ("A 01", True)

    visit = expecting.desk.line.visits[said["visit"]]
    assert (visit.booked, expecting.desk.names([visit.id])) == (visit.booked, {visit.id: "Ana Ruiz"})
    assert booked(expecting, "Ana Ruiz")["state"] == "waiting"
    again = expecting.staff("check-in", visit=visit.id)
    assert (again.status_code, (again.json or {})["code"]) == (409, "already_checked_in")


def test_who_has_a_later_appointment_goes_on_to_it(practice: Practice) -> None:
    brings(practice, as_list(row(1, "09:20", "Ana Ruiz", clinician=""), row(2, "11:00", "Ana Ruiz", service="Nurse", clinician="")))  # fmt: skip  # noqa: E501
    first, later = practice.json("/staff/appointments.json")["appointments"]
    practice.staff("check-in", visit=first["visit"])
    found = practice.json("/staff/appointments.json")["appointments"]
    assert [(one["ticket"], one["state"]) for one in found] == [("A 01", "waiting")] * 2

    practice.does("call", visit=first["visit"], room="room-1")
    practice.does("finish", visit=first["visit"])
    found = practice.json("/staff/appointments.json")["appointments"]
    assert [one["ticket"] for one in found] == ["A 01", "A 01"]
    assert later["visit"] not in practice.desk.line.visits


TWICE = ("09:20", "Doctor"), ("11:00", "Nurse")


def test_who_goes_home_before_a_later_appointment_is_done_with_it_too(practice: Practice) -> None:
    both = (row(n, at, "Ana Ruiz", service=what, clinician="") for n, (at, what) in enumerate(TWICE))
    brings(practice, as_list(*both))
    first, later = practice.json("/staff/appointments.json")["appointments"]
    practice.staff("check-in", visit=first["visit"])
    practice.does("call", visit=first["visit"], room="room-1")
    practice.does("finish", visit=first["visit"], end=True)
    practice.later(minutes=180)

    found = practice.json("/staff/appointments.json")["appointments"]
    assert [(one["ticket"], one["state"]) for one in found] == [("A 01", "done")] * 2
    page = practice.page("/staff/appointments")
    assert page.find(f"in-{later['visit']}") is None
    assert "Ana Ruiz" not in practice.page("/staff/paper").says("sheet")


def test_who_came_before_the_day_was_opened_again_is_not_late_and_cannot_be_checked_in(expecting: Practice) -> None:
    acts(expecting, "check-in", "Ana Ruiz")
    ana = booked(expecting, "Ana Ruiz")["visit"]
    expecting.does("call", visit=ana, room="room-1")
    expecting.does("finish", visit=ana)
    expecting.does("close-day", confirm=True)
    expecting.later(minutes=30)
    expecting.does("open-day", rooms=["room-1"])

    assert states(expecting) == {"Ana Ruiz": "over", "Bo Lind": "expected", "Cy Moe": "expected"}
    assert say("Was here earlier") in text(line_of(expecting, "Ana Ruiz"))
    assert buttons(expecting, "Ana Ruiz") == {}
    said = expecting.page("/staff/paper").says("sheet")
    assert ("Ana Ruiz" in said, "Bo Lind" in said) == (False, True)


def test_missed_is_possible_from_the_booked_time_on_and_brought_back_by_one_tap(expecting: Practice) -> None:
    assert buttons(expecting, "Ana Ruiz") == {"Check in": True, "Missed": False, "Not coming": True}
    early = expecting.staff("no-show", visit=booked(expecting, "Ana Ruiz")["visit"])
    assert (early.json or {})["code"] == "too_early_to_miss"

    expecting.later(minutes=20)
    said = acts(expecting, "no-show", "Ana Ruiz")
    assert say("The appointment at %(time)s is missed.", time="09:20") in said["said"]
    assert buttons(expecting, "Ana Ruiz") == {"Is here now": True, "Is expected again": True}
    acts(expecting, "resume", "Ana Ruiz")
    assert booked(expecting, "Ana Ruiz")["state"] == "expected"


def test_who_missed_it_and_comes_after_all_is_checked_in_by_one_tap(expecting: Practice) -> None:
    expecting.later(minutes=20)
    acts(expecting, "no-show", "Ana Ruiz")
    acts(expecting, "check-in", "Ana Ruiz")
    assert booked(expecting, "Ana Ruiz")["state"] == "waiting"


def test_who_lets_us_know_is_not_expected_and_it_can_be_undone(expecting: Practice) -> None:
    said = acts(expecting, "leave", "Bo Lind")
    assert say("Not coming") in text(line_of(expecting, "Bo Lind"))
    assert booked(expecting, "Bo Lind")["state"] == "left"

    expecting.does("undo", **said["undo"])
    assert booked(expecting, "Bo Lind")["state"] == "expected"
    acts(expecting, "leave", "Bo Lind")
    acts(expecting, "check-in", "Bo Lind")
    assert booked(expecting, "Bo Lind")["state"] == "waiting"


def test_a_called_person_who_missed_their_turn_is_back_with_the_place_kept(expecting: Practice) -> None:
    visit = acts(expecting, "check-in", "Cy Moe")["visit"]
    expecting.later(minutes=120)
    expecting.does("call", visit=visit, room="room-3")
    for _ in range(2):
        expecting.later(minutes=3)
        expecting.does("recall", visit=visit)
    acts(expecting, "no-show", "Cy Moe")
    assert buttons(expecting, "Cy Moe") == {"Is back": True}

    acts(expecting, "resume", "Cy Moe")
    assert (expecting.desk.line.visits[visit].returned, booked(expecting, "Cy Moe")["state"]) == (True, "waiting")


def test_every_state_is_in_the_json(expecting: Practice) -> None:
    head = "Appointment ID,Date,Time,Service,Patient Name,Status,Location"
    brings(expecting, as_list("3,2026-11-23,11:00,Nurse,Cy Moe,cancelled,", "9,2026-11-23,12:20,Doctor,Ed Oz,,Far House", "10,2026-11-23,12:20,Doctor,Fe Po,,Here", head=head), here="Here")  # fmt: skip  # noqa: E501
    acts(expecting, "check-in", "Ana Ruiz")
    acts(expecting, "leave", "Bo Lind")

    found = expecting.json("/staff/appointments.json")
    assert found["day"] == "2026-11-23"
    assert states(expecting) == {
        "Ana Ruiz": "waiting", "Bo Lind": "left", "Cy Moe": "cancelled", "Ed Oz": "other_place",
        "Fe Po": "expected",
    }  # fmt: skip
    one = found["appointments"][0]
    assert set(one) == {
        "id", "visit", "at", "minutes", "service", "clinician", "room", "place", "name", "state", "ticket", "needs",
        "code",
    }  # fmt: skip
    assert (one["service"], one["clinician"], one["needs"], one["minutes"]) == ("doctor", "Dr Ruiz", ["wheelchair"], 15)


def test_before_the_day_is_open_the_list_is_there_and_nobody_can_check_in(expecting: Practice) -> None:
    expecting.does("close-day", confirm=True)
    expecting.clock.time = expecting.clock.time.replace(day=24, hour=8)
    brings(expecting, as_list(row(4, "10:00", "Gil Qu", "2026-11-24")))

    assert states(expecting) == {"Gil Qu": "expected"}
    assert buttons(expecting, "Gil Qu") == {}
    assert expecting.staff("check-in", visit=booked(expecting, "Gil Qu")["visit"]).status_code == 409


def test_without_scripts_a_tap_comes_back_to_the_list(expecting: Practice) -> None:
    visit = booked(expecting, "Ana Ruiz")["visit"]
    for command in ("check-in", "hold"):
        answer = expecting.client.post(f"/staff/{command}", data={"visit": visit, "from": "appointments"})
        assert (answer.status_code, answer.location) == (303, "/staff/appointments")
    assert expecting.client.post("/staff/resume", data={"visit": visit, "from": "//evil"}).location == "/staff"


def test_the_console_leads_here_and_says_how_many_are_expected(expecting: Practice) -> None:
    assert expecting.page("/staff").says("expected-count") == "3"
    acts(expecting, "check-in", "Ana Ruiz")
    assert 'data-expected="2"' in expecting.live.current("staff/main/en")["html"]  # type: ignore[index]  # there it is


def test_the_list_is_on_the_wire_in_each_language_and_no_other(expecting: Practice) -> None:
    for key, there in (
        ("staff/appointments/ar", True),
        ("staff/appointments/xx", False),
        ("staff/elsewhere/en", False),
    ):
        assert (expecting.live.current(key) is not None) is there
    shown = expecting.live.current("staff/appointments/ar")
    assert shown
    assert "Ana Ruiz" in shown["html"]


FORMULAS = ("+1+1", "@SUM(A1)", "-2+3")


def test_the_csv_holds_no_formula(expecting: Practice) -> None:
    expecting.desk.bring_in([_named(f"n{at}", name) for at, name in enumerate(FORMULAS)], "staff")
    answer = expecting.client.get("/staff/appointments.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    assert answer.headers["Content-Disposition"] == "attachment; filename=appointments-2026-11-23.csv"
    assert {f"'{name}" for name in FORMULAS} <= {one["name"] for one in rows}
    assert all(not value.startswith(("=", "+", "-", "@", "\t", "\r")) for one in rows for value in one.values())
    ana = next(one for one in rows if one["name"] == "Ana Ruiz")
    assert (ana["service"], ana["needs"], len(ana["code"])) == ("Doctor", "wheelchair", 10)


def _named(number: str, name: str) -> Any:
    from clinic.appointments import Appointment
    from tests.clinic.given import after

    return Appointment(number, after(200), "doctor", name=name)


def test_an_invitation_carries_the_code_that_finds_the_appointment_and_nothing_more(expecting: Practice) -> None:
    one = booked(expecting, "Bo Lind")
    page = expecting.get(f"/staff/invitation/{one['visit']}")
    read = text(Page(page).root)

    assert f"{one['code'][:5]}-{one['code'][5:]}" in read
    assert all(word in read for word in ("10:20", "Doctor", "Bo Lind", "Walk-in practice"))
    assert "1984" not in page
    found = expecting.desk.booking_of_code(one["code"])
    assert found
    assert found.visit == one["visit"]
    assert expecting.client.get(f"/staff/invitation/{one['visit']}").headers["Cache-Control"] == "no-store"
    expecting.get("/staff/invitation/nobody", 404)


def test_a_list_with_codes_of_its_own_needs_no_invitation_of_ours(practice: Practice) -> None:
    head = "Appointment ID,Date,Time,Service,Patient Name,Code"
    brings(practice, as_list("1,2026-11-23,10:20,Doctor,Maya Okafor,THEIROWNCODE", head=head))
    one = booked(practice, "Maya Okafor")
    assert one["code"] is None
    practice.get(f"/staff/invitation/{one['visit']}", 404)


def test_of_very_many_appointments_those_that_are_over_come_last(practice: Practice) -> None:
    from clinic.appointments import Appointment
    from staff.booked import MOST_ROWS
    from tests.clinic.given import after

    many = [
        Appointment(str(n), after(n), "doctor", name=f"Person {n}", cancelled=n < 10) for n in range(MOST_ROWS + 20)
    ]
    practice.desk.bring_in(many, "staff")
    page = practice.page("/staff/appointments")
    rows = [one for one in page.every("tr") if one.get("id")]
    assert len(rows) == MOST_ROWS
    assert "Person 10" in text(rows[0])
    assert "20" in text(page.classed("more")[0])

    second = practice.page("/staff/appointments?page=2")
    rows = [one for one in second.every("tr") if one.get("id")]
    assert [text(rows[n]).split("Doctor")[0][6:] for n in (0, 9, 10, 19)] == [
        f"Person {n} " for n in (MOST_ROWS + 10, MOST_ROWS + 19, 0, 9)
    ]
    assert second.find(f"in-{str(rows[0].get('id'))[4:]}") is not None, "whoever is expected can be checked in"
    shown = practice.live.current("staff/appointments-2/en")
    assert shown
    assert f"Person {MOST_ROWS + 19}" in shown["html"]
    assert practice.live.current("staff/appointments-x/en") is None
