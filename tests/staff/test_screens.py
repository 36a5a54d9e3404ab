"""Staff and the clinic's screens: which can be heard, which are lost, a test call, and how loud the TV is."""

from typing import Any

import pytest

from tests.faces import Page, Practice, say, shown
from tests.staff.test_front import filled


def hello(practice: Practice, kind: str = "display", **fields: Any) -> Any:
    """A TV, or with `kiosk` a tablet, says that it is on."""
    word = {"id": f"{kind} one", "number": None, "sound": "on", "version": "old", **fields}
    answer = practice.client.post(f"/{kind}/hello", json=word)
    assert answer.status_code == 200, answer.text
    return answer.json


def needs(practice: Practice) -> str:
    return practice.page("/staff").says("needs-list")


def test_a_screen_is_told_its_number(practice: Practice) -> None:
    assert hello(practice) == {"number": 1}
    assert hello(practice, id="display two") == {"number": 2}
    assert hello(practice, "kiosk") == {"number": 1}


def test_staff_see_that_a_tv_has_no_sound_and_that_it_has_again(practice: Practice) -> None:
    hello(practice, sound="blocked")
    assert say("TV %(n)s has no sound", n=1) in needs(practice)
    assert say("TV %(n)s has no sound", n=1) in shown((practice.live.current("staff/main/en") or {})["html"])
    hello(practice, sound="on")
    assert needs(practice) == say("Nobody needs you right now.")


def test_staff_see_which_screen_is_lost_since_when(practice: Practice) -> None:
    hello(practice)
    hello(practice, "kiosk")
    practice.later(minutes=2)
    assert needs(practice) == say("Nobody needs you right now.")
    practice.later(seconds=1)
    assert say("TV %(n)s has been silent since %(time)s", n=1, time="09:00") in needs(practice)
    assert say("Tablet %(n)s has been silent since %(time)s", n=1, time="09:00") in needs(practice)
    for screen in ("tv-1", "tablet-1"):
        practice.does("forget-screen", screen=screen)
    assert needs(practice) == say("Nobody needs you right now.")


def test_many_lost_screens_do_not_hide_what_else_staff_are_needed_for(practice: Practice) -> None:
    for number in range(5):
        hello(practice, id=f"display {number}")
    practice.later(minutes=3)
    page = practice.page("/staff")
    assert [page.find(f"lost-tv-{number}") is not None for number in range(1, 6)] == [True] * 3 + [False] * 2
    assert page.says("all-screens") == say("Screens and devices")
    practice.does("forget-screen", screen="tv-1")
    practice.does("forget-screen", screen="tv-2")
    page = practice.page("/staff")
    assert (page.find("lost-tv-5") is not None, page.find("all-screens")) == (True, None)


def test_when_the_day_is_closed_a_tv_may_be_off(practice: Practice) -> None:
    hello(practice)
    practice.does("close-day")
    practice.later(minutes=5)
    assert "silent" not in practice.page("/staff").says("console")


def test_the_page_of_screens_says_all_of_each(practice: Practice) -> None:
    assert say("No screen is on yet. Open the TV or the tablet from the front door.") in practice.page(
        "/staff/screens"
    ).says("screen-list")
    (body,) = practice.page("/display").every("body")
    hello(practice, version=body.get("data-version"))
    hello(practice, id="display two", sound="none")
    hello(practice, id="display three", sound="muted")
    hello(practice, "kiosk", sound="blocked")
    page = practice.page("/staff/screens")
    older = say("Shows an older page. Load it again.")
    assert say("Sound on") in page.says("tv-1")
    assert older not in page.says("tv-1")
    assert older in page.says("tv-2")
    assert say("No sound: this browser has none") in page.says("tv-2")
    assert say("Muted in the set-up, or in quiet hours") in page.says("tv-3")
    assert say("No sound until somebody touches it") in page.says("tablet-1")
    assert say("Last heard at %(time)s", time="09:00") in page.says("tablet-1")
    assert (page.find("test-tv-1") is None, page.find("test-tablet-1") is None) == (False, True)


def test_a_test_call_stands_on_the_tvs_screen_for_ten_seconds_and_is_no_call(practice: Practice) -> None:
    hello(practice)
    answer = practice.client.post("/staff/test-call?lang=es", data={"screen": "tv-1", "from": "screens"})
    assert (answer.status_code, answer.location) == (303, "/staff/screens?lang=es")
    page = practice.page("/display")
    test = page.find("trial-1")
    assert test is not None
    assert (test.get("data-say"), "hidden" in test.attrib) == ("en/test", True)
    assert say("This is a test. Nobody is called.") in page.says("trial-1")
    assert page.classed("tv-call") == []
    assert practice.json("/display/line.json")["called"] == []
    assert say("Tested at %(time)s", time="09:00") in practice.page("/staff/screens").says("tv-1")
    practice.later(seconds=10)
    assert practice.page("/display").find("trial-1") is None


@pytest.mark.parametrize("command", ["test-call", "forget-screen"])
def test_a_screen_that_is_not_there_is_refused_with_words(practice: Practice, command: str) -> None:
    answer = practice.staff(command, screen="tv-7")
    assert (answer.status_code, (answer.json or {})["code"]) == (409, "unknown_screen")
    assert practice.staff(command).status_code == 422


def test_a_hello_that_cannot_be_read_is_refused(practice: Practice) -> None:
    assert practice.client.post("/display/hello", json={"sound": "on"}).status_code == 422
    assert practice.client.post("/kiosk/hello", json={"id": "x", "sound": "loud"}).status_code == 422
    assert practice.client.post("/kiosk/hello", data="{", content_type="application/json").status_code == 400
    cross = practice.client.post("/display/hello", json={"id": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403


def test_the_sound_is_set_up_on_the_front_page(practice: Practice) -> None:
    fields = filled(practice.page("/setup"))
    assert (fields["voice"], fields["volume"], fields["quiet_from"]) == ("on", "80", "")
    del fields["voice"]
    fields |= {"volume": "35", "quiet_from": "20:00", "quiet_until": "07:00"}
    assert practice.client.post("/setup", data=fields).status_code == 303
    setup = practice.desk.line.setup
    assert (setup.voice, setup.volume, setup.quiet_from, setup.quiet_until) == (False, 35, "20:00", "07:00")
    again = filled(practice.page("/setup"))
    assert {name: again[name] for name in again if name in fields} == fields
    older = {name: value for name, value in again.items() if name not in ("volume", "quiet_from", "quiet_until")}
    assert practice.client.post("/setup", data=older).status_code == 303
    assert practice.desk.line.setup == setup, "a form that does not ask changes nothing"


def test_quiet_hours_are_kept_in_one_form_however_they_are_written(practice: Practice) -> None:
    fields = filled(practice.page("/setup")) | {"quiet_from": "T20:00", "quiet_until": "07"}
    assert practice.client.post("/setup", data=fields).status_code == 303
    setup = practice.desk.line.setup
    assert (setup.quiet_from, setup.quiet_until) == ("20:00", "07:00")


@pytest.mark.parametrize(
    ("fields", "where", "sentence"),
    [({"volume": "101"}, "volume", "Write the volume as a whole number from 0 to 100."),
     ({"volume": "loud"}, "volume", "Write the volume as a whole number from 0 to 100."),
     ({"volume": "1.5"}, "volume", "Write the volume as a whole number from 0 to 100."),
     ({"quiet_from": "20:00"}, "quiet", "Write both quiet times, and make them differ, or leave both empty."),
     ({"quiet_from": "8", "quiet_until": "9"}, "quiet",
      "Write both quiet times, and make them differ, or leave both empty."),
     ({"quiet_from": "09:00", "quiet_until": "T09:00:30"}, "quiet",
      "Write both quiet times, and make them differ, or leave both empty."),
     ({"quiet_from": "09:00", "quiet_until": "09:00"}, "quiet",
      "Write both quiet times, and make them differ, or leave both empty.")],
)  # fmt: skip
def test_what_is_wrong_with_the_sound_is_said_beside_it(
    practice: Practice, fields: dict[str, str], where: str, sentence: str
) -> None:
    before = practice.desk.line.setup
    answer = practice.client.post("/setup", data=filled(practice.page("/setup")) | fields)
    assert answer.status_code == 422
    assert Page(answer.text).says(f"wrong-{where}") == say(sentence)
    assert practice.desk.line.setup == before
