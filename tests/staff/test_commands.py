"""Every command of the staff: what a program is answered, and each way in which the clinic's rules say no."""

from collections.abc import Callable
from typing import Any

import pytest

from messages import REFUSED
from tests.faces import Practice, say, shown

Setting = Callable[[Practice], dict[str, Any]]


def waits(practice: Practice) -> dict[str, Any]:
    return practice.arrives("Ana")


def after(*commands: str) -> Setting:
    """Somebody with whom staff have done this."""

    def set_up(practice: Practice) -> dict[str, Any]:
        ana = practice.arrives("Ana")
        for command in commands:
            practice.does(command, visit=ana["visit"], **({"room": "room-1"} if command == "call" else {}))
        return ana

    return set_up


WORKS = [
    ("call-next", waits, {"room": "room-1"}, "called", "room-1"),
    ("call", waits, {"room": "room-2"}, "called", "room-2"),
    ("recall", after("call"), {}, "called", "room-1"),
    ("start", after("call"), {}, "in_room", "room-1"),
    ("finish", after("call"), {}, "done", "room-1"),
    ("finish", after("call", "start"), {}, "done", "room-1"),
    ("no-show", after("call"), {}, "no_show", "room-1"),
    ("hold", waits, {}, "on_hold", None),
    ("hold", after("call"), {}, "on_hold", None),
    ("resume", after("hold"), {}, "waiting", None),
    ("resume", after("call", "no-show"), {}, "waiting", None),
    ("transfer", waits, {"service": "nurse"}, "waiting", None),
    ("transfer", after("call", "start"), {"service": "nurse"}, "waiting", None),
    ("prioritise", waits, {"reason": "small_child"}, "waiting", None),
    ("leave", waits, {}, "left", None),
    ("undo", after("call"), {}, "waiting", None),
    ("undo", after("call", "start"), {}, "called", "room-1"),
]


@pytest.mark.parametrize(("command", "given", "fields", "status", "room"), WORKS)
def test_a_command_about_a_person_is_answered_with_five_facts(
    practice: Practice, command: str, given: Setting, fields: dict[str, Any], status: str, room: str | None
) -> None:
    ana = given(practice)
    who = {} if command == "call-next" else {"visit": ana["visit"]}
    assert practice.does(command, request="tap-x", **who, **fields) == {
        "ticket": "A 01",
        "visit": ana["visit"],
        "room": room,
        "status": status,
        "seq": practice.desk.line.seq,
    }
    assert practice.visit(ana).status == status


@pytest.mark.parametrize(
    ("before", "command", "state"),
    [("close-room", "open-room", "open"), (None, "pause-room", "paused"), (None, "close-room", "closed"),
     (None, "open-room", "open"), ("close-room", "close-room", "closed")],
)  # fmt: skip
def test_a_command_about_a_room_is_answered_with_the_same_five(
    practice: Practice, before: str | None, command: str, state: str
) -> None:
    if before:
        practice.does(before, room="room-2")
    assert practice.does(command, room="room-2") == {
        "ticket": None,
        "visit": None,
        "room": "room-2",
        "status": state,
        "seq": practice.desk.line.seq,
    }
    assert practice.desk.line.room("room-2").state == state


@pytest.mark.parametrize(("command", "given", "fields", "status", "room"), WORKS)
def test_a_tap_that_arrives_twice_is_done_once(
    practice: Practice, command: str, given: Setting, fields: dict[str, Any], status: str, room: str | None
) -> None:
    ana = given(practice)
    practice.crowd(2)
    who = {} if command == "call-next" else {"visit": ana["visit"]}
    first = practice.does(command, request="tap-x", **who, **fields)
    line = practice.desk.line
    assert practice.does(command, request="tap-x", **who, **fields) == first
    assert practice.desk.line == line


def test_a_tap_s_number_used_for_something_else_is_refused(practice: Practice) -> None:
    ana, bo = practice.crowd(2)
    practice.does("call", visit=ana["visit"], room="room-1", request="tap-x")
    for command, fields in [
        ("call", {"visit": bo["visit"], "room": "room-1"}),
        ("call", {"visit": ana["visit"], "room": "room-2"}),
        ("start", {"visit": ana["visit"]}),
        ("check-in", {"service": "doctor"}),
    ]:
        answer = practice.staff(command, request="tap-x", **fields)
        assert (answer.status_code, (answer.json or {})["code"]) == (409, "request_reused")


def closed_day(practice: Practice) -> dict[str, Any]:
    ana = practice.arrives()
    practice.does("close-day", confirm=True)
    return ana


def changed(practice: Practice) -> dict[str, Any]:
    ana = after("call")(practice)
    old = practice.visit(ana).last
    practice.does("start", visit=ana["visit"])
    return {**ana, "old": old}


def long_ago(practice: Practice) -> dict[str, Any]:
    ana = after("call")(practice)
    practice.later(seconds=61)
    return ana


def nurse_waits(practice: Practice) -> dict[str, Any]:
    return practice.arrives(service="nurse")


def room_does(command: str) -> Setting:
    def set_up(practice: Practice) -> dict[str, Any]:
        practice.does(command, room="room-1")
        return practice.arrives()

    return set_up


def nobody(practice: Practice) -> dict[str, Any]:
    return {"visit": ""}


ANA, OLD = "the visit", "the call before"
REFUSALS: list[tuple[str, str, Setting, dict[str, Any], dict[str, Any]]] = [
    ("day_open", "open-day", nobody, {"rooms": []}, {}),
    ("day_closed", "close-day", closed_day, {}, {}),
    ("day_closed", "call-next", closed_day, {"room": "room-1"}, {}),
    ("day_closed", "open-room", closed_day, {"room": "room-1"}, {}),
    ("day_closed", "check-in", closed_day, {"service": "doctor", "request": "1"}, {}),
    ("day_closed", "undo", closed_day, {"visit": ANA}, {}),
    ("people_waiting", "close-day", waits, {}, {"tickets": "A 01"}),
    ("unknown_visit", "start", nobody, {"visit": "nobody"}, {}),
    ("unknown_visit", "undo", nobody, {"visit": "nobody"}, {}),
    ("unknown_visit", "undo", nobody, {"seq": 987654321}, {}),
    ("unknown_visit", "undo", nobody, {"seq": 1}, {}),
    ("unknown_room", "call-next", waits, {"room": "room-9"}, {}),
    ("unknown_room", "call", waits, {"visit": ANA, "room": "room-9"}, {}),
    ("unknown_room", "pause-room", nobody, {"room": "room-9"}, {}),
    ("unknown_service", "transfer", waits, {"visit": ANA, "service": "surgery"}, {}),
    ("unknown_help", "take-help", nobody, {"help": "nothing"}, {}),
    ("nobody_waiting", "call-next", nobody, {"room": "room-1"}, {"room": "Room 1"}),
    ("nobody_waiting", "call-next", waits, {"room": "room-3"}, {"room": "Room 3"}),
    ("next_changed", "call-next", waits, {"room": "room-1", "visit": "another"}, {"ticket": "A 01"}),
    ("wrong_room", "call", nurse_waits, {"visit": ANA, "room": "room-1"}, {"ticket": "H 01", "room": "Room 1"}),
    ("same_service", "transfer", waits, {"visit": ANA, "service": "doctor"}, {"ticket": "A 01"}),
    ("room_closed", "call-next", room_does("close-room"), {"room": "room-1"}, {"room": "Room 1"}),
    ("room_closed", "pause-room", room_does("close-room"), {"room": "room-1"}, {"room": "Room 1"}),
    ("room_paused", "call", room_does("pause-room"), {"visit": ANA, "room": "room-1"}, {"room": "Room 1"}),
    ("room_in_use", "close-room", after("call"), {"room": "room-1"}, {"ticket": "A 01", "room": "Room 1"}),
    ("room_in_use", "close-room", after("call", "start"), {"room": "room-1"}, {"ticket": "A 01", "room": "Room 1"}),
    ("until_past", "pause-room", nobody, {"room": "room-1", "until": "09:00"}, {}),
    ("changed_since", "undo", changed, {"visit": ANA, "seq": OLD}, {"ticket": "A 01"}),
    ("nothing_to_undo", "undo", waits, {"visit": ANA}, {"ticket": "A 01"}),
    ("too_late_to_undo", "undo", long_ago, {"visit": ANA}, {"ticket": "A 01"}),
]


@pytest.mark.parametrize(("code", "command", "given", "fields", "values"), REFUSALS)
def test_a_refusal_says_why_and_changes_nothing(
    practice: Practice, code: str, command: str, given: Setting, fields: dict[str, Any], values: dict[str, Any]
) -> None:
    ana = given(practice)
    before = practice.desk.line
    known = {ANA: ana["visit"], OLD: ana.get("old")}
    sent = {name: known.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
    answer = practice.staff(command, **sent)
    assert answer.status_code == 409
    assert answer.json == {"code": code, "message": say(REFUSED[code], **values)}
    assert practice.desk.line == before


NOT_NOW = {
    "waiting": ["recall", "start", "finish", "no-show", "resume"],
    "called": ["call", "resume", "prioritise"],
    "in_room": ["call", "recall", "start", "no-show", "hold", "resume", "prioritise", "leave"],
    "on_hold": ["call", "recall", "start", "finish", "no-show", "hold"],
    "no_show": ["call", "recall", "start", "finish", "no-show", "hold"],
    "done": ["call", "recall", "start", "finish", "no-show", "hold", "resume", "transfer", "prioritise", "leave"],
    "left": ["call", "recall", "start", "finish", "no-show", "hold", "resume", "transfer", "prioritise", "leave"],
}
STEPS = {
    "waiting": (),
    "called": ("call",),
    "in_room": ("call", "start"),
    "on_hold": ("hold",),
    "no_show": ("call", "no-show"),
    "done": ("call", "start", "finish"),
    "left": ("leave",),
}
STATUS_WORDS = {
    "waiting": "waiting",
    "called": "called",
    "in_room": "in the room",
    "on_hold": "stepped out",
    "no_show": "missed",
    "done": "done",
    "left": "left",
}


@pytest.mark.parametrize(("status", "command"), [(status, one) for status, some in NOT_NOW.items() for one in some])
def test_what_does_not_fit_the_person_s_state_is_refused_with_that_state(
    practice: Practice, status: str, command: str
) -> None:
    ana = after(*STEPS[status])(practice)
    more = {"call": {"room": "room-2"}, "transfer": {"service": "nurse"}, "prioritise": {"reason": "other"}}
    answer = practice.staff(command, visit=ana["visit"], **more.get(command, {}))
    assert answer.status_code == 409
    assert answer.json == {
        "code": "wrong_status",
        "message": say(REFUSED["wrong_status"], ticket="A 01", status=say(STATUS_WORDS[status])),
    }


def test_the_staff_page_s_button_never_calls_somebody_else(practice: Practice) -> None:
    first, second = practice.crowd(2)
    practice.does("prioritise", visit=second["visit"], reason="unwell")
    answer = practice.staff("call-next", room="room-1", visit=first["visit"])
    assert answer.status_code == 409
    assert answer.json == {"code": "next_changed", "message": say(REFUSED["next_changed"], ticket="A 02")}
    assert practice.does("call-next", room="room-1", visit=second["visit"])["ticket"] == "A 02"


@pytest.mark.parametrize("command", ["call_next", "delete", "check_in", "CALL", "open", "line.json"])
def test_an_unknown_command_is_not_found(practice: Practice, command: str) -> None:
    answer = practice.staff(command, visit="x", room="room-1")
    assert answer.status_code == 404
    assert answer.json
    assert answer.json["code"] == "not_found"


@pytest.mark.parametrize("reason", ["vip", "UNWELL", "needs care sooner"])
def test_moving_up_needs_one_of_the_reasons(practice: Practice, reason: str) -> None:
    ana = practice.arrives()
    answer = practice.staff("prioritise", visit=ana["visit"], reason=reason)
    assert answer.status_code == 422
    assert answer.json
    assert (answer.json["code"], answer.json["field"]) == ("not_a_choice", "reason")
    assert "needs_care_sooner, booked_time, small_child, unwell, back_from_test, other" in answer.json["message"]


def test_undo_takes_back_one_step_after_another(practice: Practice) -> None:
    ana = practice.arrives()
    waiting = practice.visit(ana)
    practice.calls(ana)
    called = practice.visit(ana)
    practice.does("start", visit=ana["visit"])
    practice.does("undo", visit=ana["visit"])
    assert practice.visit(ana) == called
    practice.does("undo", visit=ana["visit"])
    assert (practice.visit(ana).status, practice.visit(ana).room) == (waiting.status, None)
    assert practice.staff("undo", visit=ana["visit"]).status_code == 409


def test_undo_by_the_number_of_the_fact(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    seq = practice.visit(ana).last
    assert practice.does("undo", seq=seq)["status"] == "waiting"
    again = practice.staff("undo", seq=seq)
    assert again.status_code == 409


def test_undo_by_person_and_number_only_while_that_is_the_latest(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    seq = practice.visit(ana).last
    practice.does("start", visit=ana["visit"])
    late = practice.staff("undo", visit=ana["visit"], seq=seq)
    assert (late.status_code, (late.json or {})["code"]) == (409, "changed_since")
    assert practice.does("undo", visit=ana["visit"], seq=str(practice.visit(ana).last))["status"] == "called"


def test_undo_is_there_for_a_minute(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.later(seconds=60)
    assert practice.does("undo", visit=ana["visit"])["status"] == "waiting"


def test_nobody_can_be_undone_by_nothing(practice: Practice) -> None:
    answer = practice.staff("undo")
    assert answer.status_code == 422
    assert answer.json
    assert (answer.json["code"], answer.json["field"]) == ("missing", "visit")


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"minutes": 15}, "09:15"),
        ({"minutes": "30"}, "09:30"),
        ({"until": "12:30"}, "12:30"),
        ({"until": "9:05"}, "09:05"),
        ({"until": "2026-11-23T10:00"}, "10:00"),
        ({"until": "2026-11-23T10:00:00+00:00"}, "10:00"),
        ({"until": "2026-11-23T12:00:00+02:00"}, "10:00"),
        ({}, None),
        ({"minutes": "", "until": ""}, None),
    ],
)
def test_a_room_pauses_until_when_it_was_told(practice: Practice, fields: dict[str, Any], until: str | None) -> None:
    practice.does("pause-room", room="room-1", **fields)
    room = practice.desk.line.room("room-1")
    assert room.state == "paused"
    card = practice.page("/staff").says("room-room-1")
    assert (say("Back at %(time)s", time=until) if until else say("Paused")) in card


def test_a_clock_time_is_that_of_the_clinic_s_zone(practice: Practice) -> None:
    practice.change(timezone="America/New_York")
    practice.does("pause-room", room="room-1", until="05:00")
    until = practice.desk.line.room("room-1").until
    assert until is not None
    assert until.isoformat() == "2026-11-23T05:00:00-05:00"


@pytest.mark.parametrize(
    "until", ["noon", "25:00", "12:60", "12.30", "12", "12:30Z", "2026-11-31T10:00", "99999-01-01", "::", "٠٩:٣٠x"]
)
def test_what_is_no_time_is_refused_with_an_example(practice: Practice, until: str) -> None:
    answer = practice.staff("pause-room", room="room-1", until=until)
    assert answer.status_code == 422
    assert answer.json == {
        "code": "not_a_time",
        "field": "until",
        "message": say("Write %(field)s as a time, for example 14:30.", field="until"),
    }
    assert practice.desk.line.room("room-1").state == "open"


@pytest.mark.parametrize("until", ["9999-12-31T23:59", "2027-01-01T09:00", "2026-11-24T09:01"])
def test_no_pause_is_longer_than_a_day(practice: Practice, until: str) -> None:
    """A slip in the year must not leave the whole clinic without a time."""
    practice.crowd(2)
    answer = practice.staff("pause-room", room="room-1", until=until)
    assert answer.status_code == 409
    assert answer.json == {"code": "until_too_late", "message": say(REFUSED["until_too_late"])}
    practice.does("pause-room", room="room-1", minutes=10**9)
    room = practice.desk.line.room("room-1")
    assert room.until is not None
    assert (room.until - practice.clock.time).days <= 1
    practice.does("close-room", room="room-2")
    practice.live.push()
    practice.arrives()


@pytest.mark.parametrize("until", ["0001-01-01T00:00", "0001-01-01T00:00+23:59", "2026-11-22T12:00", "08:59"])
def test_no_pause_ends_before_it_begins(practice: Practice, until: str) -> None:
    answer = practice.staff("pause-room", room="room-1", until=until)
    assert answer.status_code in (409, 422)
    assert practice.desk.line.room("room-1").state == "open"


FORMS: list[tuple[str, Setting, dict[str, Any]]] = [
    *((command, given, fields) for command, given, fields, _, _ in WORKS),
    ("open-room", nobody, {"room": "room-1"}),
    ("pause-room", nobody, {"room": "room-1", "minutes": "10"}),
    ("close-room", nobody, {"room": "room-1"}),
    ("close-day", nobody, {}),
    ("check-in", nobody, {"service": "nurse", "request": "tap-f", "name": "Bo"}),
]


@pytest.mark.parametrize(("command", "given", "fields"), FORMS)
def test_a_form_leads_back_to_the_line(
    practice: Practice, command: str, given: Setting, fields: dict[str, Any]
) -> None:
    ana = given(practice)
    who = {} if command in ("call-next", "check-in", "close-day") or "room" in command else {"visit": ana["visit"]}
    before = practice.desk.line
    answer = practice.client.post(f"/staff/{command}", data={**who, **fields})
    assert (answer.status_code, answer.location) == (303, "/staff")
    assert practice.desk.line != before or command == "open-room"


def test_the_page_s_own_scripts_get_screen_words_and_undo_at_once(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    headers = {"Accept": "application/json", "X-Kindline-Screen": "staff/main/es"}
    answer = practice.client.post("/staff/call-next?lang=es", data={"room": "room-1"}, headers=headers)
    told = answer.json
    assert told is not None
    assert shown(told["said"]) == say("%(ticket)s is called to %(room)s.", "es", ticket="A 01", room="Room 1")
    assert told["undo"] == {"visit": ana["visit"], "seq": practice.visit(ana).last}
    assert told["screen"] == practice.live.current("staff/main/es")
    assert practice.does("undo", **told["undo"])["status"] == "waiting"


@pytest.mark.parametrize("key", ["phone/x/en", "display/main/en", "staff/other/en", "staff/main/xx", "", "staff/"])
def test_no_other_screen_can_be_had_with_a_command(practice: Practice, key: str) -> None:
    practice.arrives("Ana")
    answer = practice.client.post("/staff/call-next", json={"room": "room-1"}, headers={"X-Kindline-Screen": key})
    assert set(answer.json or {}) == {"ticket", "visit", "room", "status", "seq"}


def test_staff_check_somebody_in_on_their_behalf(practice: Practice) -> None:
    answer = practice.staff("check-in", service="nurse", name="Bo Quagga", language="ar", request="tap-c")
    assert answer.status_code == 201
    assert list(answer.json or {}) == ["visit", "ticket", "place", "low", "high", "by", "url"]
    assert (
        practice.staff("check-in", service="nurse", name="Bo Quagga", language="ar", request="tap-c").json
        == answer.json
    )
    (visit,) = practice.json("/staff/line.json")["visits"]
    assert (visit["name"], visit["ticket"], visit["service"]) == ("Bo Quagga", "H 01", "nurse")


def test_the_form_for_a_check_in_works_without_scripts(practice: Practice) -> None:
    page = practice.page("/staff/new")
    form = next(one for one in page.every("form") if one.get("action") == "/staff/check-in")
    fields = {one.get("name", ""): one.get("value", "") for one in form.iter("input") if one.get("type") == "hidden"}
    answer = practice.client.post("/staff/check-in", data={**fields, "service": "doctor", "name": "Ana"})
    assert answer.status_code == 303
    assert [one["name"] for one in practice.json("/staff/line.json")["visits"]] == ["Ana"]
