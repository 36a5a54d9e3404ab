"""Checking in by the code on the invitation: at once, or a next step past what is in the way; never a dead end."""

import json
from typing import Any

import pytest

import throttle
from tests.clinic.given import after
from tests.faces import Practice, say
from tests.kiosk.booked import MAYA, book, check_in, code_of, find, looks, press

LANGUAGES = ["en", "es", "ar"]


@pytest.mark.parametrize("typed", ["{0}", "{0}-{1}", " {0} {1} ", "{0}–{1}"])
@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_the_code_finds_its_appointment_however_it_is_typed(practice: Practice, typed: str, case: Any) -> None:
    book(practice)
    code = code_of(practice)
    parts = (code, "") if "1" not in typed else (code[:5], code[5:])

    found = find(practice, code=case(typed.format(*parts)))

    assert (found["outcome"], found["at"], found["service"]) == ("matched", after(20).isoformat(), "doctor")
    assert check_in(practice, found["token"])["ticket"] == "A 01"


def test_a_code_of_the_list_s_own_works_too(practice: Practice) -> None:
    book(practice, code="HILL-2026-7781")
    assert find(practice, code="hill20267781")["outcome"] == "matched"


@pytest.mark.parametrize(
    ("when", "outcome", "has"),
    [
        ({"at": 200}, "early", ["outcome", "token", "at", "service", "also"]),
        ({"at": -130}, "late", ["outcome", "token", "at", "service", "also"]),
        ({"at": 1440}, "wrong_day", ["outcome", "at", "service"]),
        ({"place": "Hill Road"}, "wrong_place", ["outcome", "place"]),
        ({"cancelled": True}, "cancelled", ["outcome"]),
    ],
)
def test_a_program_is_told_what_is_in_the_way(
    practice: Practice, when: dict[str, Any], outcome: str, has: list[str]
) -> None:
    book(practice, code="ABCDEFGHIJ", **when)

    found = find(practice, code="ABCDEFGHIJ")

    assert (found["outcome"], list(found)) == (outcome, has)
    assert "Maya" not in json.dumps(found)


def test_who_is_here_already_is_told_so(practice: Practice) -> None:
    book(practice)
    check_in(practice, find(practice, **MAYA)["token"])

    assert find(practice, code=code_of(practice)) == {
        "outcome": "already_checked_in", "at": after(20).isoformat(), "service": "doctor",
    }  # fmt: skip


def test_who_went_on_to_their_second_appointment_is_still_known_by_its_code(practice: Practice) -> None:
    book(practice, code="FIRSTFIRST")
    book(practice, at=60, service="nurse", code="SECONDSECO")
    visit = check_in(practice, find(practice, code="FIRSTFIRST")["token"])
    practice.calls(visit)
    practice.does("finish", visit=visit["visit"])

    assert find(practice, code="SECONDSECO")["outcome"] == "already_checked_in"
    assert looks(practice, code="SECONDSECO").says("number").replace("\u202f", " ") == "A 01"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"at": 1440}, "Come back then, or ask us and we will sort it out."),
        ({"at": -1440}, "Ask us, and we will find the next best time."),
        ({"place": "Hill Road"}, "Ask us if you need help to get there."),
        ({"cancelled": True}, "This appointment was cancelled."),
    ],
)
def test_whatever_is_in_the_way_there_is_a_next_step_and_a_person(
    practice: Practice, when: dict[str, Any], words: str, lang: str
) -> None:
    book(practice, code="ABCDEFGHIJ", **when)
    page = looks(practice, code="ABCDEFGHIJ", lang=lang)

    assert say(words, lang) in page.says("instead")
    assert page.find("ask-help") is not None
    assert press(practice, page, "no-appointment").find("services") is not None


def test_the_wrong_day_and_place_are_named(practice: Practice) -> None:
    book(practice, at=1440 + 20, code="ANOTHERDAY")
    book(practice, "Al Foy", at=40, place="Hill Road Surgery", code="OTHERPLACE")

    assert "Tuesday, November 24, 2026 at 09:20" in looks(practice, code="ANOTHERDAY").says("instead")
    assert "Hill Road Surgery" in looks(practice, code="OTHERPLACE").says("instead")


def test_who_is_far_too_early_may_check_in_or_come_back(practice: Practice) -> None:
    book(practice, at=200)
    page = looks(practice, code=code_of(practice))

    assert say("You can check in now, or come back at %(time)s.", time="12:10") in page.says("found")
    assert press(practice, page, "yes").says("number").replace("\u202f", " ") == "A 01"


def test_who_is_far_too_late_is_told_what_happens(practice: Practice) -> None:
    book(practice, at=-130)
    page = looks(practice, code=code_of(practice))

    assert say("We now see you in the order people arrive.") in page.says("found")
    assert page.find("ask-help") is not None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unknown_code_is_kept_and_leads_to_a_person(practice: Practice, lang: str) -> None:
    book(practice)
    assert find(practice, code="BBBBBBBBBB") == {"outcome": "not_matched"}
    page = looks(practice, code="BBBB-BB", lang=lang)

    assert say("You have not done anything wrong.", lang) in page.says("instead")
    assert page.find("ask-help") is not None
    typed = press(practice, page, "again").find("code")
    assert typed is not None
    assert typed.get("value") == "BBBB-BB"


def test_an_empty_code_is_asked_for_next_to_its_field(practice: Practice) -> None:
    page = looks(practice, status=422, code="")
    assert say("Fill in the code on the invitation.") in page.says("code-problem")


def test_all_tablets_together_try_sixty_codes_a_minute(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr(throttle, "time", SimpleNamespace(monotonic=lambda: 7.0))
    book(practice)
    code = code_of(practice)

    def tries(n: int) -> int:
        at = {"REMOTE_ADDR": f"127.0.0.{n}"}
        return practice.client.post("/kiosk/find", json={"code": code}, environ_base=at).status_code

    assert [tries(n) for n in range(61)] == [200] * 60 + [429]
    assert find(practice, **MAYA)["outcome"] == "matched", "birthdays are still looked for"


def test_a_missed_code_counts_as_a_miss(practice: Practice) -> None:
    book(practice)
    for _ in range(5):
        find(practice, code="BBBBBBBBBB")
    assert practice.client.post("/kiosk/find", json={"code": code_of(practice)}).status_code == 429
    assert practice.client.post("/kiosk/find", json=MAYA).status_code == 429


@pytest.mark.parametrize("code", [7, ["x"], {"a": 1}, True, "x" * 65, "\u202e"])
def test_a_code_that_is_no_text_is_refused(practice: Practice, code: Any) -> None:
    assert practice.client.post("/kiosk/find", json={"code": code}).status_code == 422


def test_the_day_before_the_first_appointment_its_code_can_be_tried(practice: Practice) -> None:
    assert practice.page("/kiosk").find("appointment") is None
    book(practice, at=24 * 60, id="tomorrow")
    assert practice.page("/kiosk").find("appointment") is not None
    assert find(practice, code=practice.desk.links.invitation("tomorrow"))["outcome"] == "wrong_day"
