"""The staff page: who is next and why, who waits how long, who is late, and what must be answered now."""

from datetime import timedelta
from typing import Any

import pytest

from clinic import commands
from tests.faces import Page, Practice, say, say_many, shown, text

NOT_AWAY = {"coming": False, "away_until": None, "back_by": None}
NOT_LATE = {"late": 0, "apologised": False, "spoken_to": False}
NOTHING_SAID: dict[str, Any] = {"call_me": "number", "needs": [], "spoken": None}


def rows(practice: Practice) -> list[str]:
    """The tickets of the list, from above."""
    body = practice.page("/staff").every("tbody")[0]
    return [text(one) for one in body.iter("th")]


def card(practice: Practice, room: str) -> str:
    return practice.page("/staff").says(f"room-{room}")


def over(practice: Practice, visit: dict[str, Any], minutes: float) -> None:
    """Time goes by until that many minutes past the end of the first window that this person was told."""
    told = practice.visit(visit).first_told
    assert told
    assert told.high
    practice.later(minutes=(told.high + timedelta(minutes=minutes) - practice.clock.time).total_seconds() / 60)


def test_programs_of_the_staff_read_the_whole_line(practice: Practice) -> None:
    ana, bo = practice.arrives("Ana"), practice.arrives("", service="nurse")
    practice.calls(ana)
    practice.does("pause-room", room="room-2")
    assert practice.json("/staff/line.json") == {
        "seq": practice.desk.line.seq,
        "services": [
            {"id": "doctor", "letter": "A", "name": "Doctor"},
            {"id": "nurse", "letter": "H", "name": "Nurse"},
        ],
        "rooms": [
            {"id": "room-1", "name": "Room 1", "state": "open", "services": ["doctor"]},
            {"id": "room-2", "name": "Room 2", "state": "paused", "services": ["doctor"]},
            {"id": "room-3", "name": "Room 3", "state": "open", "services": ["nurse"]},
        ],
        "visits": [
            {"id": ana["visit"], "ticket": "A 01", "name": "Ana", "service": "doctor", "room": "room-1",
             "status": "called", "place": None, "low": None, "high": None, **NOT_AWAY, **NOT_LATE, **NOTHING_SAID},
            {"id": bo["visit"], "ticket": "H 01", "name": None, "service": "nurse", "room": None,
             "status": "waiting", "place": 0, "low": bo["low"], "high": bo["high"], **NOT_AWAY, **NOT_LATE,
             **NOTHING_SAID},
        ],
        "helps": [],
    }  # fmt: skip


def test_staff_and_tv_read_the_same_places_and_times(practice: Practice) -> None:
    practice.crowd(7)
    practice.crowd(3, service="nurse")
    practice.later(minutes=3)
    told = {one["ticket"]: one for one in practice.json("/display/line.json")["waiting"]}
    for visit in practice.json("/staff/line.json")["visits"]:
        assert {name: visit[name] for name in ("ticket", "place", "low", "high")} == told[visit["ticket"]]


def test_a_free_room_names_whom_to_call_and_why(practice: Practice) -> None:
    practice.arrives("Ana")
    said = card(practice, "room-1")
    for words in (
        say("Free"),
        say("Next: %(ticket)s", ticket="A 01"),
        "Ana",
        say("Nobody else is waiting here"),
        say("Call %(ticket)s to %(room)s", ticket="A 01", room="Room 1"),
    ):
        assert words in said
    assert say("Nobody is waiting") in card(practice, "room-3")


def booked(practice: Practice) -> None:
    practice.arrives()
    at = practice.clock.time - timedelta(minutes=5)
    practice.desk.do(commands.check_in, by="test", visit="booked", service="doctor", booked=at)


def back(practice: Practice) -> None:
    ana = practice.arrives()
    second = practice.arrives()
    practice.does("call", visit=second["visit"], room="room-1")
    practice.does("no-show", visit=second["visit"])
    practice.does("resume", visit=second["visit"])
    assert practice.visit(ana).status == "waiting"


def moved_up(reason: str) -> Any:
    def given(practice: Practice) -> None:
        practice.arrives()
        practice.does("prioritise", visit=practice.arrives()["visit"], reason=reason)

    return given


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (booked, "Earliest booked time"),
        (back, "Was called before and is back"),
        (moved_up("needs_care_sooner"), "Needs care sooner"),
        (moved_up("booked_time"), "Booked time"),
        (moved_up("small_child"), "Small child"),
        (moved_up("unwell"), "Feels unwell"),
        (moved_up("back_from_test"), "Back from a test"),
        (moved_up("other"), "Another reason"),
    ],
)
def test_who_goes_first_comes_with_the_reason(practice: Practice, given: Any, why: str) -> None:
    given(practice)
    said = card(practice, "room-1")
    assert say("Next: %(ticket)s", ticket="A 02") in said
    assert say(why) in said


def test_a_room_with_somebody_on_the_way_or_inside_says_so(practice: Practice) -> None:
    ana, _bo = practice.arrives("Ana"), practice.arrives("Bo")
    practice.calls(ana)
    said = card(practice, "room-1")
    assert say("Called %(ticket)s", ticket="A 01") in said
    assert "Ana" in said
    for words in ("%(ticket)s is here", "Call again", "Missed"):
        assert say(words, ticket="A 01") in said if "%" in words else say(words) in said
    practice.does("start", visit=ana["visit"])
    said = card(practice, "room-1")
    assert say("With %(ticket)s", ticket="A 01") in said
    assert say("Then %(ticket)s", ticket="A 02") in said
    assert say("Finish %(ticket)s", ticket="A 01") in said


def test_no_room_shows_a_clock_on_the_person_inside(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.does("start", visit=ana["visit"])
    before = card(practice, "room-1")
    practice.later(minutes=25)
    assert card(practice, "room-1") == before


def test_the_rooms_stand_always_in_the_same_order(practice: Practice) -> None:
    practice.crowd(3)
    practice.does("close-room", room="room-1")
    practice.does("call-next", room="room-2")
    found = [one.get("id") for one in practice.page("/staff").classed("room")]
    assert found == ["room-room-1", "room-room-2", "room-room-3"]


def test_the_list_is_in_calling_order(practice: Practice) -> None:
    people = practice.crowd(6)
    practice.does("prioritise", visit=people[4]["visit"], reason="unwell")
    practice.does("hold", visit=people[1]["visit"])
    practice.calls(people[2])
    practice.does("start", visit=people[2]["visit"])
    practice.calls(people[3], room="room-2")
    assert rows(practice) == ["A 04", "A 05", "A 01", "A 06", "A 02", "A 03"]
    order = [one["ticket"] for one in practice.json("/display/line.json")["waiting"]]
    assert order == ["A 05", "A 01", "A 06"]


def test_sixty_people_are_all_listed_in_calling_order(practice: Practice) -> None:
    for _ in range(30):
        practice.arrives("A very long name that goes on and on until it is eighty letters long, and stops")
        practice.arrives(service="nurse")
    expected = [f"{letter} {n:02d}" for n in range(1, 31) for letter in "AH"]
    assert rows(practice) == expected
    page = practice.page("/staff")
    assert page.says("people-title") == say_many("%(n)s waiting", "%(n)s waiting", 60)
    assert page.says("filter-doctor").endswith("30")


@pytest.mark.parametrize(
    ("minutes", "chip"),
    [(14, None), (15, "late-15"), (29, "late-15"), (30, "late-30"), (59, "late-30"), (60, "late-60")],
)
def test_late_is_counted_from_the_end_of_what_was_first_told(
    practice: Practice, minutes: int, chip: str | None
) -> None:
    ana = practice.arrives()
    over(practice, ana, minutes)
    page = practice.page("/staff")
    row = page.find(f"row-{ana['visit']}")
    assert row is not None
    chips = [one for one in row.iter("span") if "late-" in one.get("class", "")]
    assert [one.get("class", "").split()[-1] for one in chips] == ([chip] if chip else [])
    words = "Speak to, %(n)s min" if chip == "late-60" else "%(n)s min late"
    assert [text(one) for one in chips] == ([say(words, n=minutes)] if chip else [])
    assert all(one.find("svg") is not None for one in chips), "never by colour alone"
    assert page.says("filter-late") == say("Late %(n)s", n=1 if chip else 0)


def test_who_waits_longest_is_named_whoever_is_next(practice: Practice) -> None:
    practice.arrives("Ana")
    practice.later(minutes=20)
    practice.does("prioritise", visit=practice.arrives("Bo")["visit"], reason="unwell")
    said = practice.page("/staff").says("longest")
    assert say("Waits longest: %(ticket)s", ticket="A 01") in said
    assert "Ana" in said
    assert say_many("%(n)s min", "%(n)s min", 20) in said


def test_a_call_that_nobody_answers_asks_for_an_answer_after_five_minutes(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.later(minutes=4, seconds=59)
    assert practice.page("/staff").find(f"overdue-{ana['visit']}") is None
    practice.later(seconds=1)
    said = practice.page("/staff").says(f"overdue-{ana['visit']}")
    assert say("%(ticket)s has not come", ticket="A 01") in said
    practice.does("recall", visit=ana["visit"])
    assert say("Nobody needs you right now.") in practice.page("/staff").says("needs-list")


STATES = {
    "called": (["call"], say("Called, %(room)s", room="Room 1")),
    "in_room": (["call", "start"], say("In %(room)s", room="Room 1")),
    "on_hold": (["hold"], say("Stepped out")),
    "no_show": (["call", "no-show"], say("Missed at %(time)s", time="09:00")),
    "waiting": ([], say("Next, %(room)s", room="Room 1")),
}


@pytest.mark.parametrize("status", STATES)
def test_every_state_has_its_word_and_its_icon(practice: Practice, status: str) -> None:
    steps, words = STATES[status]
    ana = practice.arrives()
    for command in steps:
        practice.does(command, visit=ana["visit"], **({"room": "room-1"} if command == "call" else {}))
    row = practice.page("/staff").find(f"row-{ana['visit']}")
    assert row is not None
    chip = next(one for one in row.iter("span") if "chip" in one.get("class", "").split())
    assert text(chip).startswith(words)
    assert chip.find("svg") is not None


@pytest.mark.parametrize("status", ["done", "left"])
def test_who_has_gone_is_off_the_list(practice: Practice, status: str) -> None:
    ana = practice.arrives()
    if status == "done":
        practice.calls(ana)
    practice.does("finish" if status == "done" else "leave", visit=ana["visit"])
    assert rows(practice) == []
    assert say("Nobody is here yet. People who check in appear here by themselves.") in practice.page("/staff").says(
        "console"
    )


def test_anybody_is_found_by_number_or_by_name(practice: Practice) -> None:
    ana = practice.arrives("Zoë O'Neill")
    row = practice.page("/staff").find(f"row-{ana['visit']}")
    assert row is not None
    for typed in ("a01", "a 01", "zoë", "o'neill"):
        assert typed in row.get("data-find", "")


def test_everything_to_press_can_be_told_apart_and_named(practice: Practice) -> None:
    ana, bo, *_ = practice.crowd(5)
    practice.calls(ana)
    practice.does("hold", visit=bo["visit"])
    practice.client.post("/kiosk/help", data={"request": "1"})
    for path in ("/staff", f"/staff/visit/{ana['visit']}", "/staff/new", "/staff/day", "/staff/room/room-1"):
        page: Page = practice.page(path)
        names = [one.get("id") for one in page.every() if one.get("id")]
        assert len(names) == len(set(names)), path
        for one in [*page.every("button"), *page.every("a")]:
            assert text(one) or one.get("aria-label"), path


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_the_page_speaks_the_clinic_s_language(practice: Practice, lang: str) -> None:
    practice.change(language=lang)
    practice.crowd(3)
    page = practice.page("/staff")
    assert page.every("html")[0].attrib["dir"] == ("rtl" if lang == "ar" else "ltr")
    assert page.says("people-title") == say_many("%(n)s waiting", "%(n)s waiting", 3, lang)


@pytest.mark.parametrize("path", ["/staff/visit/nobody", "/staff/room/room-9"])
def test_a_form_for_who_is_not_there_is_not_found(practice: Practice, path: str) -> None:
    assert practice.client.get(path).status_code == 404


def test_open_doors_are_said_aloud_on_the_page(practice: Practice) -> None:
    assert say("Open doors: everybody at this computer can act as staff.") in shown(practice.get("/staff"))


def test_when_nothing_was_recorded_for_long_nobody_is_told_a_time_and_staff_are_asked_to_look(
    practice: Practice,
) -> None:
    visit = practice.crowd(3)[2]
    practice.later(59)
    assert practice.page("/staff").find("silent") is None

    practice.later(3)

    assert practice.visit(visit).told.why == "not_heard"  # type: ignore[union-attr]  # everybody here was told
    assert say("Nothing recorded since %(time)s", time="09:00") in practice.page("/staff").says("silent")

    practice.arrives()
    practice.later(0)
    assert practice.page("/staff").find("silent") is None
