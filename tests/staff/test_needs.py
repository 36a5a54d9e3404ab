"""What helps somebody and how they are called, as staff see and change it; and that no stranger reads it."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from clinic.needs import Needs
from tests.faces import Page, Practice, say, text
from tests.kiosk.booked import book, check_in, find

WISHES: dict[str, Any] = {
    "need-interpreter": True, "spoken": "ur", "need-quiet": True, "need-wheelchair": True, "call_me": "fetch",
}  # fmt: skip
TELLING = ("fetch", "interpreter", "urdu", "quiet", "wheelchair")


def flags(page: Page, visit: dict[str, Any]) -> list[str]:
    """The chips of this person's row."""
    row = page.find(f"row-{visit['visit']}")
    assert row is not None
    return [text(one) for one in row.iter() if "flag" in one.get("class", "").split()]


def kept(practice: Practice, visit: dict[str, Any]) -> Needs:
    return practice.desk.needs([visit["visit"]]).get(visit["visit"], Needs())


def test_a_row_shows_two_of_what_helps_and_the_rest_where_it_is_asked_for(practice: Practice) -> None:
    ana = practice.arrives("Ana", **WISHES)
    page = practice.page("/staff")
    assert flags(page, ana) == ["Fetch in person", "Interpreter: Urdu", "+2 Quiet place Wheelchair"]
    more = page.find(f"more-{ana['visit']}")
    assert more is not None
    assert more.get("tabindex") == "0"


def test_a_room_says_what_helps_who_is_next_before_the_call(practice: Practice) -> None:
    ana = practice.arrives("Ana", **WISHES)
    room = practice.page("/staff").says("room-room-1")
    for words in (say("Interpreter: %(language)s", language="Urdu"), say("Quiet place")):
        assert words in room
    assert practice.page("/staff").says("do-room-1").startswith(say("Fetch %(ticket)s in person", ticket="A 01"))

    practice.calls(ana)
    page = practice.page("/staff")
    assert say("Fetching %(ticket)s", ticket="A 01") in page.says("room-room-1")
    assert say("Interpreter: %(language)s", language="Urdu") in page.says("room-room-1")
    assert page.says("do-room-1").startswith(say("%(ticket)s is here", ticket="A 01"))
    assert page.find("recall-room-1") is None
    assert page.find("missed-room-1") is not None


def test_who_is_fetched_and_not_found_is_said_to_have_missed_it_not_called_again(practice: Practice) -> None:
    book(practice, at=0, needs=("fetch",))
    maya = check_in(practice, find(practice, day=27, month=3, letter="O")["token"])
    practice.calls(maya)
    practice.later(minutes=4)
    assert practice.page("/staff").find(f"overdue-{maya['visit']}") is None
    practice.later(minutes=1)
    page = practice.page("/staff")
    assert page.find(f"overdue-{maya['visit']}") is not None
    assert page.find(f"again-{maya['visit']}") is None
    practice.does("no-show", visit=maya["visit"])


def test_staff_change_what_helps_somebody_and_how_they_are_called(practice: Practice) -> None:
    ana = practice.arrives("Ana", **WISHES)
    form = practice.page(f"/staff/visit/{ana['visit']}")
    ticked = {one.get("name") for one in form.every("input", type="checkbox") if "checked" in one.attrib}
    assert ticked == {"need-interpreter", "need-quiet", "need-wheelchair"}
    assert form.find("spoken").get("value") == "Urdu"  # type: ignore[union-attr]

    practice.does("prefer", visit=ana["visit"], call_me="name", **{"need-interpreter": "yes", "spoken": "Urdu"})
    assert practice.visit(ana).call_me == "name"
    assert kept(practice, ana) == Needs(("interpreter",), "ur")
    practice.does("prefer", visit=ana["visit"], call_me="number")
    assert kept(practice, ana) == Needs(("interpreter",), "ur"), "a program that says nothing of it changes nothing"
    practice.does("prefer", visit=ana["visit"], spoken="")
    assert (practice.visit(ana).call_me, kept(practice, ana)) == ("number", Needs())


def test_nobody_is_called_by_a_name_that_we_do_not_know(practice: Practice) -> None:
    ana = practice.arrives()
    assert practice.staff("prefer", visit=ana["visit"], call_me="name").status_code == 422
    assert practice.staff("prefer", visit=ana["visit"], call_me="whistle").status_code == 422
    assert practice.staff("prefer", visit="nobody", call_me="fetch").status_code == 409
    options = practice.page(f"/staff/visit/{ana['visit']}").every("option")
    assert "name" not in [one.get("value") for one in options]


def test_staff_check_somebody_in_with_what_helps_them(practice: Practice) -> None:
    fields = {"service": "doctor", "name": "Ana", "request": "tap", **WISHES}
    assert practice.client.post("/staff/check-in", json=fields).status_code == 201
    assert practice.json("/staff/line.json")["visits"][0]["needs"] == ["interpreter", "quiet", "wheelchair"]
    assert practice.json("/staff/line.json")["visits"][0]["spoken"] == "ur"
    assert practice.json("/staff/line.json")["visits"][0]["call_me"] == "fetch"
    assert practice.page("/staff/new").find("spoken") is not None


def test_paper_and_the_days_list_say_what_helps_who_is_here(practice: Practice) -> None:
    book(practice, needs=("fetch",))
    maya = check_in(practice, find(practice, day=27, month=3, letter="O")["token"], spoken="ur")
    for path in ("/staff/paper", "/staff/appointments"):
        page = practice.page(path)
        assert say("Interpreter: %(language)s", language="Urdu") in text(page.root), path
        assert say("Fetch in person") in text(page.root), path
    rows = practice.json("/staff/appointments.json")["appointments"]
    assert [row["needs"] for row in rows if row["visit"] == maya["visit"]] == [["fetch", "interpreter"]]


def test_no_stranger_reads_what_helps_somebody_or_that_they_are_fetched(
    practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ana, bo = practice.arrives("Ana", **WISHES), practice.arrives("Bo")
    practice.calls(ana)
    practice.calls(bo, "room-2")
    for path in ("/display", "/display?mode=large", "/display/plain", "/display/line.json"):
        seen = practice.get(path)
        assert "A\u202f02" in seen or "A 02" in seen, path
        assert not any(ticket in seen for ticket in ("A\u202f01", "A 01")), path
        assert not any(word in seen.lower() for word in TELLING), path
    assert not any(word in practice.get("/staff/visits.csv").lower() for word in TELLING)
    assert not any(word in caplog.text.lower() for word in ("wheelchair", "interpreter", "need-"))
    with practice.desk.store.read() as db:
        log = str(db.execute("select * from event").fetchall())
    assert not any(word in log for word in ("wheelchair", "interpreter", "quiet", '"ur"'))


def test_the_set_up_says_how_a_services_people_are_called(practice: Practice) -> None:
    page = practice.page("/setup")
    assert [one.get("id") for one in page.every("select") if one.get("name", "").startswith("call-")] == [
        "call-A", "call-H",
    ]  # fmt: skip
    form: dict[str, Any] = {
        "name": "Practice", "timezone": "UTC", "tv_inches": "50", "tv_metres": "4", "names_on_tv": "on",
        "service-A": "Doctor", "id-A": "doctor", "minutes-A": "12", "call-A": "fetch",
        "service-H": "Nurse", "id-H": "nurse", "minutes-H": "10", "call-H": "",
        "room-0": "Room 1", "room-id-0": "room-1", "serves-0-A": "on", "serves-0-H": "on",
    }  # fmt: skip
    assert practice.client.post("/setup", data=form).status_code == 303
    assert [one.call_me for one in practice.desk.line.setup.services] == ["fetch", ""]
    del form["call-A"]
    assert practice.client.post("/setup", data=form).status_code == 303
    assert [one.call_me for one in practice.desk.line.setup.services] == ["fetch", ""], "an older form leaves it"
    assert practice.client.post("/setup", data=form | {"call-A": "whistle"}).status_code == 303
    assert [one.call_me for one in practice.desk.line.setup.services] == ["", ""]


def test_an_interpreter_who_is_not_needed_after_all_is_unticked_with_the_language(practice: Practice) -> None:
    ana = practice.arrives("Ana", **{"need-interpreter": "yes", "need-quiet": "yes", "spoken": "es"})
    practice.does("prefer", visit=ana["visit"], **{"need-quiet": "yes", "spoken": "Spanish"})

    assert practice.desk.needs([ana["visit"]])[ana["visit"]] == Needs(("quiet",))


def test_who_goes_on_is_called_as_people_of_that_service_are(practice: Practice) -> None:
    doctor, nurse = practice.desk.line.setup.services[:2]
    practice.change(services=(doctor, replace(nurse, call_me="number"), *practice.desk.line.setup.services[2:]))
    ana = practice.arrives("Maria Lopez", call_me="name")
    bo = practice.arrives("Bo", call_me="fetch")
    for one in (ana, bo):
        practice.does("transfer", visit=one["visit"], service="nurse")

    assert [practice.visit(one).call_me for one in (ana, bo)] == ["number", "fetch"]
    practice.calls(ana, "room-3")
    assert "Maria" not in practice.get("/display")
    assert "Maria" not in practice.get("/display/line.json")
