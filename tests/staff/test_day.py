"""The day opens and closes by a person's hand, and nobody is forgotten at its end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinic import commands
from clinic.appointments import Appointment
from messages import REFUSED
from tests.clinic.given import after
from tests.faces import Practice, say, say_many, shown, text


def as_it_came(practice: Practice) -> dict[str, str]:
    """What the form that closes the day sends when nobody changes anything."""
    form = next(one for one in practice.page("/staff/day").every("form") if one.get("action") == "/staff/close-day")
    sent = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    for select in form.iter("select"):
        (chosen,) = (one.get("value", "") for one in select.iter("option") if "selected" in one.attrib)
        sent[select.get("name", "")] = chosen
    return sent


def books(practice: Practice, visit: str, minutes: float, **more: Any) -> None:
    """Somebody is expected in so many minutes."""
    at = practice.clock.time + timedelta(minutes=minutes)
    practice.desk.do(commands.book, by="test", **{"visit": visit, "service": "doctor", "booked": at, **more})


def sign_up(practice: Practice, *names: str) -> list[str]:
    """These clinicians join the set-up."""
    return [practice.desk.clinician(name) for name in names]


def outcomes(practice: Practice) -> Mapping[str, tuple[str, str | None]]:
    """How everybody's visit ended."""
    return {visit.id: (visit.status, visit.left_why) for visit in practice.desk.line.visits.values()}


def test_a_day_opens_with_the_rooms_that_were_ticked(practice: Practice) -> None:
    practice.does("close-day")
    answer = practice.client.post("/staff/open-day", data={"rooms": ["room-1", "room-3"]})
    assert (answer.status_code, answer.location) == (303, "/staff")
    states = [practice.desk.line.room(room).state for room in ("room-1", "room-2", "room-3")]
    assert states == ["open", "closed", "open"]


def test_a_program_opens_a_day_too(practice: Practice) -> None:
    practice.does("close-day")
    assert practice.does("open-day", rooms=["room-2"]) == {"seq": practice.desk.line.seq, "status": "open"}
    assert practice.desk.line.room("room-2").state == "open"
    practice.does("close-day")
    practice.does("open-day")
    assert practice.desk.line.rooms == {}


def test_numbers_begin_again_with_the_day(practice: Practice) -> None:
    practice.crowd(3)
    practice.does("close-day", confirm=True)
    practice.does("open-day", rooms=["room-1"])
    assert practice.arrives()["ticket"] == "A 01"
    assert len(practice.desk.line.visits) == 1


def test_closing_with_people_here_names_them_and_asks(practice: Practice) -> None:
    practice.arrives("Ana Diaz")
    practice.does("call", visit=practice.arrives("Bo Quagga", service="nurse")["visit"], room="room-3")
    answer = practice.staff("close-day")
    assert answer.status_code == 409
    assert answer.json == {
        "code": "people_waiting",
        "message": say(
            "These people are still here: %(tickets)s. See them first, or close and tell each one.",
            tickets="A 01, H 01",
        ),
    }
    assert practice.desk.line.opened_at is not None
    page = practice.page("/staff/day")
    assert [page.says(f"of-{one.id}") for one in practice.desk.line.visits.values()] == [
        "A 01 Ana Diaz waiting", "H 01 Bo Quagga called",
    ]  # fmt: skip
    words = ("%(n)s person is still here. Talk to them before you close.",
             "%(n)s people are still here. Talk to each before you close.")  # fmt: skip
    assert say_many(*words, 2) in shown(practice.get("/staff/day"))


def test_closing_confirmed_gives_everybody_an_end(practice: Practice) -> None:
    waiting, called, inside, away = practice.crowd(4)
    practice.calls(called)
    practice.calls(inside, room="room-2")
    practice.does("start", visit=inside["visit"])
    practice.does("hold", visit=away["visit"])
    assert practice.does("close-day", confirm=True) == {"seq": practice.desk.line.seq, "status": "closed"}
    assert [practice.visit(one).status for one in (waiting, called, inside, away)] == ["left", "left", "done", "left"]
    assert practice.desk.line.opened_at is None
    assert say("The day is closed.") in shown(practice.get("/staff"))


def test_the_page_closes_the_day_for_those_it_named_and_for_nobody_else(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    sent = as_it_came(practice)
    late = practice.arrives("Bo")
    answer = practice.client.post("/staff/close-day", data=sent)
    assert answer.status_code == 409
    assert "A 02" in shown(answer.text)
    assert "A 01" not in shown(answer.text)
    assert {practice.visit(one).status for one in (ana, late)} == {"waiting"}
    practice.does("leave", visit=late["visit"])
    assert practice.client.post("/staff/close-day", data=sent).status_code == 303
    assert practice.visit(ana).status == "left"


def test_an_empty_day_closes_without_a_question(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("leave", visit=ana["visit"])
    said = shown(practice.get("/staff/day"))
    assert say("Nobody is waiting. The tablet stops taking people in.") in said
    assert practice.does("close-day")["status"] == "closed"


def test_closing_twice_by_one_tap_is_one_close(practice: Practice) -> None:
    first = practice.does("close-day", request="tap-z")
    assert practice.does("close-day", request="tap-z") == first


def test_opening_twice_by_one_tap_is_one_day(practice: Practice) -> None:
    practice.does("close-day")
    first = practice.does("open-day", rooms=["room-1"], request="tap-z")
    assert practice.does("open-day", rooms=["room-1"], request="tap-z") == first
    other = practice.staff("open-day", rooms=["room-2"], request="tap-z")
    assert (other.status_code, (other.json or {})["code"]) == (409, "request_reused")


def test_a_day_left_open_overnight_is_pointed_out(practice: Practice) -> None:
    note = say("This day has been open since yesterday. Close it and open a new one when everybody is seen.")
    practice.later(minutes=16 * 60)
    assert note not in shown(practice.get("/staff"))
    practice.later(minutes=1)
    assert note in shown(practice.get("/staff"))


def test_the_form_of_a_closed_day_offers_every_room(practice: Practice) -> None:
    practice.does("close-day")
    page = practice.page("/staff/day")
    rooms = [one.get("value") for one in page.every("input", type="checkbox") if "checked" in one.attrib]
    assert rooms == ["room-1", "room-2", "room-3"]


def test_everybody_here_or_expected_gets_an_outcome_in_one_form(practice: Practice) -> None:
    ana, bo, cy = practice.arrives("Ana"), practice.arrives("Bo"), practice.arrives("Cy")
    practice.calls(bo)
    practice.does("start", visit=bo["visit"])
    practice.calls(cy, room="room-2")
    practice.does("no-show", visit=cy["visit"])
    books(practice, "di", 5)
    books(practice, "ed", 30)
    practice.later(minutes=10)
    page = practice.page("/staff/day")
    assert page.says("of-di") == "09:05"
    sent = as_it_came(practice)
    assert sent == {
        "life": "", "confirm": "yes", f"outcome-{ana['visit']}": "another_day", f"outcome-{bo['visit']}": "seen",
        f"outcome-{cy['visit']}": "missed", "outcome-di": "missed", "outcome-ed": "another_day",
    }  # fmt: skip
    answer = practice.client.post("/staff/close-day", data=sent | {f"outcome-{ana['visit']}": "left"})
    assert (answer.status_code, answer.location) == (303, "/staff")
    assert outcomes(practice) == {
        ana["visit"]: ("left", "left"), bo["visit"]: ("done", None), cy["visit"]: ("left", "missed"),
        "di": ("left", "missed"), "ed": ("left", "closed"),
    }  # fmt: skip


def test_who_was_booked_and_did_not_come_is_named(practice: Practice) -> None:
    practice.desk.bring_in([Appointment("7", after(5), "doctor", name="Ana Ruiz")], "list")
    (ana,) = practice.desk.line.visits
    practice.later(minutes=10)
    assert practice.page("/staff/day").says(f"of-{ana}") == "09:05 Ana Ruiz"
    practice.later(minutes=15 * 60)
    assert practice.page("/staff/day").says(f"of-{ana}") == "09:05 Ana Ruiz", "after midnight too"


def test_nobody_can_have_missed_what_is_still_ahead(practice: Practice) -> None:
    books(practice, "di", 5)
    books(practice, "ed", 30)
    books(practice, "fe", 30)
    practice.desk.do(commands.check_in, by="test", visit="fe")
    practice.later(minutes=10)
    page = practice.page("/staff/day")
    offered = {one.get("name"): [each.get("value") for each in one.iter("option")] for one in page.every("select")}
    assert offered == {
        "outcome-di": ["missed", "another_day", "left"], "outcome-ed": ["another_day", "left"],
        "outcome-fe": ["seen", "another_day", "left"],
    }  # fmt: skip


def test_a_program_closes_with_the_outcomes_it_knows(practice: Practice) -> None:
    ana, bo = practice.arrives(), practice.arrives()
    answer = practice.does("close-day", confirm=True, outcomes={ana["visit"]: "left"}, request="tap-z")
    assert answer == {"seq": practice.desk.line.seq, "status": "closed"}
    assert outcomes(practice) == {ana["visit"]: ("left", "left"), bo["visit"]: ("left", "closed")}


def test_who_was_booked_and_is_without_an_outcome_is_named_by_their_time(practice: Practice) -> None:
    books(practice, "di", 5)
    answer = practice.staff("close-day")
    assert answer.status_code == 409
    assert (answer.json or {})["message"] == say(REFUSED["people_expected"], times="09:05")
    assert practice.staff("close-day", confirm=True, told=[]).status_code == 409
    practice.later(minutes=10)
    assert practice.does("close-day", confirm=True, outcomes={"di": "missed"})["status"] == "closed"


@pytest.mark.parametrize("given", [{"outcomes": ["seen"]}, {"outcomes": {"x": "vanished"}}, {"outcomes": {"x": 3}}])
def test_what_is_no_outcome_is_refused(practice: Practice, given: dict[str, Any]) -> None:
    answer = practice.staff("close-day", confirm=True, **given)
    assert answer.status_code == 422
    assert practice.desk.line.opened_at is not None


def test_who_was_missed_may_come_tomorrow(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("close-day", confirm=True, outcomes={ana["visit"]: "missed"})
    assert say("We called you and did not find you.") in shown(practice.get(practice.phone(ana)))
    practice.later(minutes=24 * 60)
    practice.does("open-day", rooms=["room-1"])
    assert practice.arrives()["ticket"] == "A 01"


def test_yesterday_s_people_are_shown_apart_and_nothing_is_dropped(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.later(minutes=90)
    bo = practice.arrives("Bo")
    books(practice, "cy", 60)
    assert practice.page("/staff").find("since-yesterday") is None
    practice.later(minutes=22 * 60)
    practice.desk.do(commands.book, by="clock", visit="today", service="doctor",
                     booked=practice.clock.time + timedelta(hours=1))  # fmt: skip
    new = practice.arrives("Di")
    page = practice.page("/staff")
    said = page.says("since-yesterday")
    assert say_many("Since yesterday: %(n)s person", "Since yesterday: %(n)s people", 3) in said
    for ticket, time in (("A 01", "09:00"), ("A 02", "10:30")):
        assert f"{ticket} {say('since %(day)s %(time)s', day='Monday', time=time)}" in said
    assert say_many("%(n)s booked person did not come.", "%(n)s booked people did not come.", 1) in said
    for visit, old in ((ana, True), (bo, True), (new, False)):
        row = page.find(f"row-{visit['visit']}")
        assert row is not None
        assert (say("Since yesterday") in text(row)) == old
    sent = as_it_came(practice)
    assert {name.removeprefix("outcome-") for name in sent} - {"confirm", "life"} == {
        ana["visit"], bo["visit"], new["visit"], "cy",
    }  # fmt: skip
    assert practice.client.post("/staff/close-day", data=sent).status_code == 303
    assert practice.visit(ana).status == practice.visit(bo).status == "left"
    assert practice.desk.line.visits["today"].status == "expected"


def test_who_comes_before_midnight_is_not_forgotten_after_it(practice: Practice) -> None:
    practice.later(minutes=14 * 60 + 50)
    practice.arrives("Ana")
    practice.later(minutes=20)
    assert practice.page("/staff").find("since-yesterday") is None


def test_the_day_opens_with_who_works_where(practice: Practice) -> None:
    ruiz, lee = sign_up(practice, "Dr Ruiz", "Lee")
    practice.does("close-day")
    answer = practice.client.post(
        "/staff/open-day",
        data={"rooms": ["room-1", "room-3"], "clinician-room-1": ruiz, "clinician-room-2": lee, "clinician-room-3": ""},
    )
    assert answer.status_code == 303
    line = practice.desk.line
    assert [(line.room(room).state, line.room(room).clinician) for room in ("room-1", "room-2", "room-3")] == [
        ("open", ruiz), ("closed", None), ("open", None),
    ]  # fmt: skip
    practice.does("close-day")
    first = practice.does("open-day", rooms=["room-2"], clinicians={"room-2": lee}, request="tap-z")
    assert practice.does("open-day", rooms=["room-2"], clinicians={"room-2": lee}, request="tap-z") == first
    assert practice.desk.line.rooms_of(lee) == ("room-2",)


@pytest.mark.parametrize("clinicians", [["room-1"], {"room-9": "clinician-1"}, {"room-2": "clinician-1"}])
def test_a_clinician_in_a_room_that_does_not_open_is_refused(practice: Practice, clinicians: Any) -> None:
    sign_up(practice, "Dr Ruiz")
    practice.does("close-day")
    assert practice.staff("open-day", rooms=["room-1"], clinicians=clinicians).status_code == 422
    assert practice.staff("open-day", rooms=["room-1"], clinicians={"room-1": "nobody"}).status_code == 409
    assert practice.desk.line.opened_at is None


def test_the_form_proposes_who_was_there_last_and_only_rooms_that_work_today(practice: Practice) -> None:
    ruiz, _lee = sign_up(practice, "Dr Ruiz", "Lee")
    rooms = practice.desk.line.setup.rooms
    practice.change(rooms=(*rooms[:2], replace(rooms[2], opens="08:00", closes="17:00", days=(1,))))
    practice.does("sign-in", room="room-2", clinician=ruiz)
    practice.does("close-day")
    page = practice.page("/staff/day")
    chosen = {
        one.get("name"): next((each.get("value") for each in one.iter("option") if "selected" in each.attrib), "")
        for one in page.every("select")
    }
    assert chosen == {"clinician-room-1": "", "clinician-room-2": ruiz, "clinician-room-3": ""}
    ticked = [one.get("value") for one in page.every("input", type="checkbox") if "checked" in one.attrib]
    assert ticked == ["room-1", "room-2"]
    practice.later(minutes=24 * 60)
    ticked = [one.get("value") for one in practice.page("/staff/day").every("input") if "checked" in one.attrib]
    assert ticked == ["room-1", "room-2", "room-3"]
