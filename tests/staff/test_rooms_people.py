"""Rooms and the people who work in them, breaks, the last hour, and appointments that are missed."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from clinic import commands
from clinic.appointments import Appointment
from clinic.register import load_setup
from tests.clinic.given import after
from tests.faces import Opens, Page, Practice, say, say_many, shown, text

HOURS = {"opens": "08:00", "closes": "17:00", "breaks": (("12:00", "12:45"),)}


def plans(practice: Practice, **hours: Any) -> None:
    """Every room works by these hours."""
    rooms = tuple(replace(room, **{**HOURS, **hours}) for room in practice.desk.line.setup.rooms)
    practice.change(rooms=rooms)


def until(practice: Practice, clock: str) -> None:
    """Time goes by until it is so late."""
    hour, minute = map(int, clock.split(":"))
    at = practice.clock.time.replace(hour=hour, minute=minute)
    practice.later(minutes=(at - practice.clock.time) / timedelta(minutes=1))


def books(practice: Practice, visit: str, minutes: float, **more: Any) -> None:
    """Somebody is expected in so many minutes, and checks in now."""
    at = practice.clock.time + timedelta(minutes=minutes)
    practice.desk.do(commands.book, by="test", visit=visit, service="doctor", booked=at, **more)
    practice.desk.do(commands.check_in, by="test", visit=visit)


def card(practice: Practice, room: str = "room-1") -> str:
    return practice.page("/staff").says(f"room-{room}")


def command(page: Page, button: str) -> dict[str, str]:
    """What the button with this id sends, and where to."""
    (form,) = (one for one in page.every("form") if any(each.get("id") == button for each in one.iter("button")))
    fields = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    return {"action": form.get("action", ""), **fields}


def press(practice: Practice, button: str, path: str = "/staff") -> None:
    """Somebody presses this button of the page."""
    sent = command(practice.page(path), button)
    answer = practice.client.post(sent.pop("action"), data=sent)
    assert answer.status_code == 303, answer.text


def test_a_clinician_signs_in_with_one_tap_and_the_card_says_so(practice: Practice) -> None:
    ruiz = practice.desk.clinician("Dr Ruiz")
    practice.does("close-room", room="room-1")
    forms = [one for one in practice.page("/staff/room/room-1").every("form") if one.get("action") == "/staff/sign-in"]
    sent = {one.get("name", ""): one.get("value", "") for one in forms[0].iter("input")}
    assert sent == {"life": "", "room": "room-1", "clinician": ruiz}
    assert practice.client.post("/staff/sign-in", data=sent).status_code == 303
    assert "Dr Ruiz" in card(practice)
    assert practice.desk.line.room("room-1").state == "open"
    practice.does("close-room", room="room-1")
    assert "Dr Ruiz" not in card(practice)


def test_a_new_name_signs_in_with_what_they_give_and_joins_the_set_up(practice: Practice) -> None:
    page = practice.page("/staff/room/room-1")
    ticked = [one.get("value") for one in page.every("input", name="services") if "checked" in one.attrib]
    assert ticked == ["doctor"]
    answer = practice.client.post(
        "/staff/sign-in", data={"room": "room-1", "name": "Lee", "services": ["nurse", "doctor"]}
    )
    assert answer.status_code == 303
    (lee,) = practice.desk.line.setup.clinicians
    assert (lee.name, practice.desk.line.services("room-1")) == ("Lee", ("doctor", "nurse"))
    practice.arrives(service="nurse")
    assert say("Next: %(ticket)s", ticket="H 01") in card(practice)


def test_programs_sign_in_by_id_or_by_name(practice: Practice) -> None:
    first = practice.does("sign-in", room="room-1", name="Dr Ruiz", request="tap-z")
    (ruiz,) = practice.desk.line.setup.clinicians
    assert first == {
        "room": "room-1", "clinician": ruiz.id, "services": ["doctor"], "status": "open", "seq": practice.desk.line.seq,
    }  # fmt: skip
    assert practice.does("sign-in", room="room-1", name="DR RUIZ", request="tap-z") == first
    assert practice.does("sign-in", room="room-2", clinician=ruiz.id, services=["nurse"])["services"] == ["nurse"]
    assert practice.staff("sign-in", room="room-1").status_code == 422
    assert practice.staff("sign-in", room="room-1", clinician=ruiz.id, services=["dentist"]).status_code == 422
    assert practice.staff("sign-in", room="room-1", clinician="nobody").status_code == 409
    assert practice.staff("sign-in", room="room-9", clinician=ruiz.id).status_code == 409


def test_a_refused_sign_in_leaves_the_set_up_as_it_was(practice: Practice) -> None:
    first = practice.does("sign-in", room="room-1", name="Dr Ruiz", request="tap-z")
    before = practice.desk.line.setup
    assert practice.staff("sign-in", room="room-9", name="Lee").status_code == 409
    assert practice.desk.line.setup == before

    practice.does("close-day")
    assert (practice.staff("sign-in", room="room-1", name="Lee").json or {})["code"] == "day_closed"
    assert practice.desk.line.setup == before
    assert practice.does("sign-in", room="room-1", name="Dr Ruiz", request="tap-z") == first


def test_a_clinic_is_not_set_up_by_signing_in(opens: Opens) -> None:
    bare = opens(template="")
    assert bare.staff("sign-in", room="room-1", name="Lee").status_code == 409
    assert not bare.desk.is_set_up
    with bare.desk.store.read() as db:
        assert load_setup(db) is None


def test_who_waits_for_a_clinician_in_no_room_is_pointed_out(practice: Practice) -> None:
    ruiz = practice.desk.clinician("Dr Ruiz")
    books(practice, "ana", 20, clinician=ruiz)
    books(practice, "bo", 30, clinician=ruiz)
    said = practice.page("/staff").says(f"nowhere-{ruiz}")
    many = ("%(n)s person waits for %(clinician)s", "%(n)s people wait for %(clinician)s")
    assert say_many(*many, 2, clinician="Dr Ruiz") in said
    assert say("%(clinician)s is in no room yet.", clinician="Dr Ruiz") in said
    press(practice, "any-ana")
    assert practice.desk.line.visits["ana"].clinician is None
    assert say_many(*many, 1, clinician="Dr Ruiz") in practice.page("/staff").says(f"nowhere-{ruiz}")
    rooms = [
        {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
        for form in practice.page(f"/staff/clinician/{ruiz}").every("form")
    ]
    assert rooms == [{"life": "", "room": room, "clinician": ruiz} for room in ("room-1", "room-2", "room-3")]
    assert practice.client.post("/staff/sign-in", data=rooms[1]).status_code == 303
    assert practice.page("/staff").find(f"nowhere-{ruiz}") is None
    assert practice.client.get("/staff/clinician/nobody").status_code == 404


def test_who_waits_for_a_closed_room_is_pointed_out(practice: Practice) -> None:
    ruiz = practice.desk.clinician("Dr Ruiz")
    books(practice, "ana", 20, assigned="room-3", clinician=ruiz)
    books(practice, "bo", 30, assigned="room-3")
    practice.does("pause-room", room="room-3")
    assert practice.page("/staff").find("closed-room-3") is None, "who pauses comes back"

    practice.does("close-room", room="room-3")
    one, many = "%(room)s is closed and %(n)s person waits for it", "%(room)s is closed and %(n)s people wait for it"
    assert say_many(one, many, 2, room="Room 3") in practice.page("/staff").says("closed-room-3")
    assert practice.page("/staff").find(f"nowhere-{ruiz}") is None

    practice.does("sign-in", room="room-1", clinician=ruiz)
    assert say_many(one, many, 1, room="Room 3") in practice.page("/staff").says("closed-room-3")
    press(practice, "any-bo")
    assert practice.page("/staff").find("closed-room-3") is None
    assert practice.desk.line.visits["bo"].assigned is None


def test_a_closed_room_for_which_people_wait_is_opened_from_there(practice: Practice) -> None:
    books(practice, "ana", 20, assigned="room-3")
    practice.does("close-room", room="room-3")
    press(practice, "open-room-3")
    assert practice.desk.line.room("room-3").state == "open"
    assert practice.page("/staff").find("closed-room-3") is None


def test_who_waits_for_a_room_that_is_gone_is_pointed_out(practice: Practice) -> None:
    practice.desk.bring_in([Appointment("7", after(20), "doctor", room="room-2")], "list")
    (ana,) = practice.desk.line.visits
    practice.change(rooms=tuple(room for room in practice.desk.line.setup.rooms if room.id != "room-2"))
    practice.desk.do(commands.check_in, by="test", visit=ana)
    words = ("%(n)s person waits for a room that is gone", "%(n)s people wait for a room that is gone")
    assert say_many(*words, 1) in practice.page("/staff").says("closed-room-2")
    press(practice, f"any-{ana}")
    assert practice.page("/staff").find("closed-room-2") is None


def test_a_room_that_somebody_waits_for_is_not_taken_away(practice: Practice) -> None:
    practice.desk.bring_in([Appointment("7", after(20), "doctor", room="room-2")], "list")
    (ana,) = practice.desk.line.visits
    practice.desk.do(commands.check_in, by="test", visit=ana)
    with pytest.raises(commands.Refused, match="setup_in_use"):
        practice.change(rooms=tuple(room for room in practice.desk.line.setup.rooms if room.id != "room-2"))


def test_whom_somebody_waits_for_is_changed_in_their_form_and_can_be_undone(practice: Practice) -> None:
    ruiz = practice.desk.clinician("Dr Ruiz")
    ana = practice.arrives()
    page = practice.page(f"/staff/visit/{ana['visit']}")
    choices = [one.get("value") for one in page.every("select", name="clinician")[0].iter("option")]
    assert choices == ["", ruiz]
    assert practice.does("assign", visit=ana["visit"], clinician=ruiz)["status"] == "waiting"
    assert "Dr Ruiz" in practice.page("/staff").says(f"row-{ana['visit']}")
    practice.does("undo", visit=ana["visit"])
    assert practice.visit(ana).clinician is None
    assert practice.staff("assign", visit=ana["visit"], clinician="nobody").status_code == 409


def test_the_list_says_the_booked_time_or_walk_in(practice: Practice) -> None:
    practice.change(timezone="Europe/Madrid")
    ana = practice.arrives()
    books(practice, "bo", 20)
    page = practice.page("/staff")
    cells = {
        visit: [text(one) for one in page.root.iter("td") if one.get("class") == "b"][n]
        for n, visit in enumerate(one.get("id", "").removeprefix("row-") for one in page.every("tr") if one.get("id"))
    }
    assert cells == {ana["visit"]: say("Walk-in"), "bo": "10:20"}
    practice.does("leave", visit=ana["visit"])
    said = card(practice)
    assert f"{say('Next: %(ticket)s', ticket='A 02')}, {say('booked %(time)s', time='10:20')}" in said


def test_a_break_shows_half_an_hour_ahead_and_is_one_tap_ten_minutes_ahead(practice: Practice) -> None:
    plans(practice)
    practice.arrives()
    for clock, shows, offers in (("11:29", False, False), ("11:30", True, False), ("11:50", False, True)):
        until(practice, clock)
        page = practice.page("/staff")
        assert (page.find("stop-room-1") is not None) == shows, clock
        assert (page.find("rest-room-1") is not None) == offers, clock
    assert (
        page.says("rest-room-1")
        == f"{say('Break until %(time)s', time='12:45')} {say('planned from %(time)s', time='12:00')}"
    )
    assert command(page, "do-room-1")["action"] == "/staff/call-next"
    until(practice, "12:00")
    page = practice.page("/staff")
    assert command(page, "do-room-1") == {
        "action": "/staff/pause-room", "life": "", "room": "room-1", "until": "12:45",
    }  # fmt: skip
    assert command(page, "call-room-1")["action"] == "/staff/call-next"
    press(practice, "do-room-1")
    assert say("Back at %(time)s", time="12:45") in card(practice)
    until(practice, "12:46")
    press(practice, "do-room-1")
    page = practice.page("/staff")
    assert page.find("stop-room-1") is None
    assert page.find("rest-room-2") is None


def test_who_is_inside_stays_while_the_room_goes_to_its_break(practice: Practice) -> None:
    plans(practice)
    until(practice, "11:55")
    ana = practice.arrives()
    practice.calls(ana)
    practice.does("start", visit=ana["visit"])
    press(practice, "rest-room-1")
    assert (practice.visit(ana).status, practice.desk.line.room("room-1").state) == ("in_room", "paused")
    assert command(practice.page("/staff"), "do-room-1")["action"] == "/staff/finish"


def test_a_room_says_when_it_closes_and_when_it_should_have(practice: Practice) -> None:
    plans(practice)
    until(practice, "16:29")
    assert practice.page("/staff").find("stop-room-1") is None
    until(practice, "16:30")
    assert practice.page("/staff").says("stop-room-1") == say("Closes at %(time)s", time="17:00")
    until(practice, "17:05")
    assert practice.page("/staff").says("stop-room-1") == say("Was to close at %(time)s", time="17:00")
    practice.does("close-room", room="room-1")
    assert practice.page("/staff").find("stop-room-1") is None


def rung(practice: Practice, *minutes: int) -> Page:
    """The console after Ana, booked for twenty past nine, was called at these minutes past nine."""
    books(practice, "ana", 20)
    practice.later(minutes=minutes[0])
    practice.does("call", visit="ana", room="room-1")
    for before, then in pairwise(minutes):
        practice.later(minutes=then - before)
        practice.does("recall", visit="ana")
    return practice.page("/staff")


@pytest.mark.parametrize(
    ("minutes", "why"),
    [
        ((10,), say("from %(time)s", time="09:20")),
        ((21,), say("%(n)s of 3 calls", n=1)),
        ((21, 22, 24), say("%(n)s of 3 calls", n=2)),
        ((21, 24, 27), ""),
    ],
)
def test_missed_explains_itself_until_it_may_be_said(practice: Practice, minutes: tuple[int, ...], why: str) -> None:
    page = rung(practice, *minutes)
    button = page.find("missed-room-1")
    assert button is not None
    assert text(button) == f"{say('Missed')} {why}".strip()
    assert (button.get("aria-disabled") == "true") == bool(why)
    sent = command(page, "missed-room-1")
    answer = practice.client.post(sent.pop("action"), data=sent)
    assert answer.status_code == (409 if why else 303)
    form = shown(practice.get("/staff/visit/ana"))
    assert not why or why in form


def test_calling_again_is_offered_when_it_counts(practice: Practice) -> None:
    rung(practice, 21)
    practice.later(minutes=2, seconds=59)
    assert practice.page("/staff").find("overdue-ana") is None
    practice.later(seconds=1)
    said = practice.page("/staff").says("overdue-ana")
    assert say("%(ticket)s has not come", ticket="A 01") in said
    assert say("%(n)s of 3 calls", n=1) in said
    press(practice, "again-ana")
    assert practice.page("/staff").find("overdue-ana") is None


def test_who_was_missed_is_back_with_one_tap_and_keeps_the_place(practice: Practice) -> None:
    rung(practice, 21, 24, 27)
    practice.arrives()
    practice.does("no-show", visit="ana")
    practice.does("undo", visit="ana")
    assert practice.desk.line.visits["ana"].status == "called"
    press(practice, "missed-room-1")
    assert say("Missed at %(time)s", time="09:27") in practice.page("/staff").says("row-ana")
    press(practice, "back-ana")
    said = card(practice)
    assert say("Next: %(ticket)s", ticket="A 01") in said
    assert say("Was called before and is back") in said


def test_who_was_booked_and_never_came_is_no_row_of_the_line(practice: Practice) -> None:
    at = practice.clock.time
    practice.desk.do(commands.book, by="test", visit="di", service="doctor", booked=at)
    practice.does("no-show", visit="di")
    assert practice.page("/staff").find("row-di") is None
    assert practice.client.get("/staff/visit/di").status_code == 404


def test_the_last_hour_says_how_many_can_still_be_seen(practice: Practice) -> None:
    plans(practice)
    until(practice, "15:59")
    practice.crowd(12, service="nurse")
    practice.desk.do(commands.book, by="test", visit="di", service="doctor",
                     booked=practice.clock.time + timedelta(minutes=30))  # fmt: skip
    assert practice.page("/staff").find("closing") is None
    until(practice, "16:00")
    said = practice.page("/staff").says("closing")
    assert say_many("We close in %(n)s minute", "We close in %(n)s minutes", 60) in said
    assert say_many("%(n)s person is waiting.", "%(n)s people are waiting.", 12) in said
    assert say_many("About %(n)s can still be seen.", "About %(n)s can still be seen.", 6) in said
    assert say_many("%(n)s more is booked.", "%(n)s more are booked.", 1) in said


def test_staff_choose_which_message_is_true_and_take_it_back(practice: Practice) -> None:
    plans(practice)
    until(practice, "16:10")
    practice.arrives()
    press(practice, "tell-all")
    assert say("People read: we will see everyone.") in practice.page("/staff").says("closing")
    press(practice, "tell-some")
    said = practice.page("/staff").says("closing")
    assert say("People read: we may not see everyone.") in said
    press(practice, "tell-none")
    assert practice.desk.line.closing is None
    answer = practice.does("tell-closing", message="some")
    assert answer == {"seq": practice.desk.line.seq, "message": "some"}
    until(practice, "17:20")
    page = practice.page("/staff")
    assert say("We were to close at %(time)s", time="17:00") in page.says("closing")
    assert say_many("%(n)s person is still here.", "%(n)s people are still here.", 1) in page.says("closing")
    assert page.find("to-close") is not None
    press(practice, "tell-none")
    assert practice.staff("tell-closing", message="all").status_code == 409
    assert practice.staff("tell-closing", message="maybe").status_code == 409


def test_a_clinic_without_hours_hears_nothing_of_closing(practice: Practice) -> None:
    practice.arrives()
    until(practice, "16:30")
    page = practice.page("/staff")
    assert page.find("closing") is None
    assert page.find("stop-room-1") is None
