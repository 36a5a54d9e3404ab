"""Checking in for an appointment by birthday: a match with a next step, or one neutral answer that leads on."""

import json
from datetime import timedelta
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer

import throttle
from tests.clinic.given import after
from tests.faces import Page, Practice, say, shown
from tests.kiosk.booked import MAYA, book, check_in, find, looks, press

LANGUAGES = ["en", "es", "ar"]
NOT_FOUND = [
    "We can't find your appointment yet.",
    "You have not done anything wrong.",
    "Check the date you entered, or ask us and we will sort it out.",
]
HOSTILE = [
    "'; drop table booking; --", "<b>x</b>", "{{7*7}}", "王", "ß", "ñ", "é", "1", "-", " ", "😀", "ع",
    "\u0301", "O\u0301",
]  # fmt: skip


def test_a_match_is_answered_with_when_and_what_for_and_never_with_who(practice: Practice) -> None:
    practice.change(timezone="America/New_York")
    book(practice)

    found = find(practice, **MAYA)

    assert list(found) == ["outcome", "token", "at", "service", "also"]
    assert (found["outcome"], found["service"], found["also"]) == ("matched", "doctor", [])
    assert found["at"] == "2026-11-23T04:20:00-05:00"
    assert "Maya" not in json.dumps(found)


def test_what_was_found_can_be_checked_in(practice: Practice) -> None:
    book(practice)

    told = check_in(practice, find(practice, **MAYA)["token"])

    assert list(told) == ["visit", "ticket", "place", "low", "high", "by", "url"]
    assert (told["ticket"], practice.visit(told).booked) == ("A 01", after(20))
    assert practice.desk.names([told["visit"]]) == {told["visit"]: "Maya Okafor"}


def test_one_appointment_is_checked_in_once(practice: Practice) -> None:
    book(practice)
    token = find(practice, **MAYA)["token"]
    check_in(practice, token)

    assert check_in(practice, token, status=409)["code"] == "already_checked_in"
    assert len(practice.desk.line.visits) == 1


def test_the_same_tap_sent_again_is_the_same_number(practice: Practice) -> None:
    book(practice)
    fields = {"token": find(practice, **MAYA)["token"], "request": "tap"}
    first, again = (practice.client.post("/kiosk/check-in", json=fields) for _ in range(2))

    assert (again.status_code, again.json) == (201, first.json)


@pytest.mark.parametrize("token", ["", "x", "WyJ4Il0.abc", "x" * 2001])
def test_a_made_up_token_checks_nobody_in(practice: Practice, token: str) -> None:
    book(practice)
    answer = practice.client.post("/kiosk/check-in", json={"token": token, "request": "1"})

    assert answer.status_code == 422
    assert [visit.status for visit in practice.desk.line.visits.values()] == ["expected"]


def test_a_token_sealed_in_another_way_checks_nobody_in(practice: Practice) -> None:
    book(practice)
    (visit,) = practice.desk.line.visits
    until = (practice.desk.clock.now() + timedelta(minutes=30)).isoformat()
    weaker = URLSafeSerializer(practice.desk.links.key_for("appointment")).dumps([until, visit])

    assert check_in(practice, weaker, status=422)["code"] == "token_old"


def test_a_token_ends_after_half_an_hour(practice: Practice) -> None:
    book(practice)
    token = find(practice, **MAYA)["token"]
    practice.later(minutes=31)

    assert check_in(practice, token, status=422)["code"] == "token_old"


def neutral(practice: Practice) -> None:
    """Somebody of each kind that a birthday must not find."""
    book(practice, "Una Early", at=90, birthday=(1, 1), letters="E")
    book(practice, "Una Late", at=-130, birthday=(2, 1), letters="L")
    book(practice, "Una Off", birthday=(3, 1), letters="O", cancelled=True)
    book(practice, "Una There", birthday=(4, 1), letters="T", place="Hill Road")


CASES = {"unknown": (9, "Z"), "early": (1, "E"), "late": (2, "L"), "cancelled": (3, "O"), "elsewhere": (4, "T")}


def from_another_tablet(practice: Practice, n: int, **fields: Any) -> tuple[int, str]:
    kind = fields.pop("kind")
    answer = practice.client.post(
        "/kiosk/find", **{kind: {"month": 1, **fields}}, environ_base={"REMOTE_ADDR": f"127.0.0.{n}"}
    )
    body = answer.text
    for value in ("day", "letter"):  # what they typed themselves stays on their own page
        body = body.replace(f'name="{value}" value="{fields[value]}"', f'name="{value}"')
    return answer.status_code, body


@pytest.mark.parametrize("kind", ["json", "data"])
def test_nobody_can_fish_for_who_is_a_patient_here(practice: Practice, kind: str) -> None:
    neutral(practice)
    answers = {
        from_another_tablet(practice, n, kind=kind, day=day, letter=letter)
        for n, (day, letter) in enumerate(CASES.values())
    }

    ((status, body),) = answers
    assert status == 200
    if kind == "json":
        assert json.loads(body) == {"outcome": "not_matched"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_not_found_says_what_to_do_keeps_what_was_typed_and_leads_to_a_person(practice: Practice, lang: str) -> None:
    page = looks(practice, day="27", month="3", letter="Q", lang=lang)

    assert all(say(words, lang) in page.says("instead") for words in NOT_FOUND)
    helped = page.find("ask-help")
    assert helped is not None
    assert "main" in helped.get("class", "").split()
    again = press(practice, page, "again")
    typed = {name: found.get("value") for name in ("day", "month", "letter") if (found := again.find(name)) is not None}
    assert typed == {"day": "27", "month": "3", "letter": "Q"}


def test_help_from_the_page_rings_the_staff(practice: Practice) -> None:
    press(practice, looks(practice, day="27", month="3", letter="Q"), "ask-help", request="one")

    assert [one.place for one in practice.desk.line.helps.values()] == ["tablet"]


def test_after_three_misses_a_person_helps(practice: Practice) -> None:
    page = looks(practice, day="27", month="3", letter="Q")
    for _ in range(2):
        page = press(practice, press(practice, page, "again"), "next")

    assert say("Let us look for it with you.") in page.says("instead")
    assert page.find("ask-help") is not None


def test_after_five_misses_a_tablet_pauses_until_ten_minutes_have_passed(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    now = SimpleNamespace(at=0.0)
    monkeypatch.setattr(throttle, "time", SimpleNamespace(monotonic=lambda: now.at))
    book(practice)
    for _ in range(5):
        assert find(practice, **{**MAYA, "letter": "Q"})["outcome"] == "not_matched"
        now.at += 10
    paused = practice.client.post("/kiosk/find", json=MAYA)
    assert (paused.status_code, (paused.json or {})["code"]) == (429, "too_many")
    page = looks(practice, status=429, **MAYA)
    assert say("This screen can't look for appointments for a few minutes.") in page.says("instead")
    assert page.find("ask-help") is not None
    other = practice.client.post("/kiosk/find", json=MAYA, environ_base={"REMOTE_ADDR": "127.0.0.99"})
    assert (other.json or {})["outcome"] == "matched", "another tablet goes on"
    now.at = 601
    assert find(practice, **MAYA)["outcome"] == "matched"


def test_what_is_found_or_mistyped_is_no_miss(practice: Practice) -> None:
    book(practice)
    for _ in range(8):
        assert find(practice, **MAYA)["outcome"] == "matched"
        assert practice.client.post("/kiosk/find", json={**MAYA, "day": 32}).status_code == 422
    assert find(practice, **MAYA)["outcome"] == "matched"


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"day": "32"}, "day", "Enter the day you were born, for example 27."),
        ({"day": ""}, "day", "Enter the day you were born, for example 27."),
        ({"day": "x"}, "day", "Enter the day you were born, for example 27."),
        ({"day": "31", "month": "4"}, "month", "Enter the month you were born, for example 3."),
        ({"month": "13"}, "month", "Enter the month you were born, for example 3."),
        ({"letter": ""}, "letter", "Enter the first letter of the family name."),
        ({"letter": "7"}, "letter", "Enter the first letter of the family name."),
        ({"year": "80"}, "year", "Enter the year you were born, with four digits."),
    ],
)
def test_what_is_wrong_is_said_next_to_its_field_and_the_rest_is_kept(
    practice: Practice, wrong: dict[str, str], field: str, words: str
) -> None:
    typed = {"day": "27", "month": "3", "letter": "O", **wrong}
    page = looks(practice, status=422, **typed)

    assert say(words) in page.says(f"{field}-problem")
    for name in ("day", "month", "letter", "year"):
        if (found := page.find(name)) is not None:
            assert found.get("value") == typed.get(name, "")
    marked = page.find(field)
    assert marked is not None
    assert (marked.get("aria-invalid"), marked.get("aria-describedby")) == ("true", f"{field}-problem")


@pytest.mark.parametrize("day", ["27", "٢٧", "۲۷", " 27 "])
def test_a_date_may_be_typed_in_any_digits(practice: Practice, day: str) -> None:
    book(practice)
    assert find(practice, **{**MAYA, "day": day})["outcome"] == "matched"


@pytest.mark.parametrize("day", [True, 27.0, [27], {"a": 1}, -27, 10**30, "2" * 60, "²"])
def test_a_day_that_is_none_is_refused_kindly(practice: Practice, day: Any) -> None:
    answer = practice.client.post("/kiosk/find", json={**MAYA, "day": day})
    assert (answer.status_code, (answer.json or {})["code"]) == (422, "birth_day")


@pytest.mark.parametrize("letter", HOSTILE)
def test_no_letter_breaks_anything(practice: Practice, letter: str) -> None:
    book(practice)
    answer = practice.client.post("/kiosk/find", data={**MAYA, "letter": letter})
    assert answer.status_code in (200, 422)
    assert "<b>x</b>" not in answer.text
    assert "49" not in shown(answer.text)


def test_accents_and_case_keep_nobody_out(practice: Practice) -> None:
    book(practice, "Zoë Öberg", letters="O")
    for letter in ("ö", "Ö", "o", "O\u0308"):
        assert find(practice, **{**MAYA, "letter": letter})["outcome"] == "matched", letter


def test_the_year_is_asked_only_when_two_match(practice: Practice) -> None:
    book(practice, "Maya Okafor")
    book(practice, "Omar Osman", year=1991, at=25)
    assert find(practice, **MAYA) == {"outcome": "which_year"}
    assert find(practice, **MAYA, year=1970) == {"outcome": "not_matched"}
    assert find(practice, **MAYA, year=1991)["at"] == after(25).isoformat()

    page = looks(practice, **MAYA)
    assert page.find("year") is not None
    assert page.says("born").count(say("Which year were you born?")) == 1
    assert "Okafor" not in page.says("born")
    found = press(practice, page, "next", year="1980")
    assert say("Is that you?") in found.says("found")


@pytest.mark.parametrize(
    ("at", "manner", "words"),
    [
        (60, "early", "You are early."),
        (10, "on_time", "You are on time."),
        (0, "on_time", "You are on time."),
        (-1, "kept", "You are a little late. You keep your place."),
        (-20, "kept", "You are a little late. You keep your place."),
        (-21, "late", "We now see you in the order people arrive."),
        (-120, "late", "Your time has passed. We will still see you today."),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_everybody_is_greeted_and_told_what_happens(
    practice: Practice, at: float, manner: str, words: str, lang: str
) -> None:
    book(practice, at=at)
    page = looks(practice, **MAYA, lang=lang)

    found = page.find("found")
    assert found is not None
    assert found.get("data-manner") == manner
    said = page.says("found")
    assert say(words, lang) in said
    assert f"{after(at):%H:%M}" in said
    assert say("Is that you?", lang) in said


def test_before_they_say_yes_the_page_shows_time_and_service_only(practice: Practice) -> None:
    practice.change(timezone="UTC")
    book(practice, clinician="Dr Ruiz", room="room-2")
    page = practice.client.post("/kiosk/find", data=MAYA).text

    assert "09:20" in shown(page)
    assert "Doctor" in shown(page)
    for private in ("Maya", "Okafor", "Ruiz", "Room", "room-2", "1980"):
        assert private not in page


def test_what_the_late_are_promised_is_what_their_ticket_says(practice: Practice) -> None:
    practice.crowd(4)
    book(practice, at=-30)
    page = looks(practice, **MAYA)
    before = page.says("what-next")
    number = press(practice, page, "yes")

    estimate = number.classed("estimate")[0]
    assert " ".join("".join(estimate.itertext()).split()) in before


def test_looking_at_what_was_found_takes_no_number(practice: Practice) -> None:
    book(practice)
    before = practice.desk.line
    looks(practice, **MAYA)
    assert practice.desk.line == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_appointments_are_one_check_in_and_the_journey_is_shown(practice: Practice, lang: str) -> None:
    book(practice, at=20)
    book(practice, at=60, service="nurse")
    found = find(practice, **MAYA)
    assert found["also"] == [{"at": after(60).isoformat(), "service": "nurse"}]

    page = looks(practice, **MAYA, lang=lang)
    journey = page.says("journey")
    service = practice.desk.line.setup.service
    names = [str(service(one).called(lang)) for one in ("doctor", "nurse")]  # type: ignore[union-attr]  # both are there
    assert [word in journey for word in ("09:20", "10:00", *names)] == [True] * 4
    number = press(practice, page, "yes")
    assert "10:00" in "".join(number.classed("then")[0].itertext())
    assert len([visit for visit in practice.desk.line.visits.values() if visit.ticket]) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_is_here_already_sees_their_number_and_help(practice: Practice, lang: str) -> None:
    book(practice)
    check_in(practice, find(practice, **MAYA)["token"])
    page = looks(practice, **MAYA, lang=lang)

    assert page.says("number").replace("\u202f", " ") == "A 01"
    assert say("You're already checked in.", lang) in page.says("standing")
    assert page.find("ask-help") is not None


@pytest.mark.parametrize(
    ("ends", "words"), [("finish", "You have been seen today."), ("leave", "You have left the line.")]
)
def test_who_was_seen_or_left_is_met_with_kind_words_and_a_person(practice: Practice, ends: str, words: str) -> None:
    book(practice)
    visit = check_in(practice, find(practice, **MAYA)["token"])
    if ends == "finish":
        practice.calls(visit)
    practice.does(ends, visit=visit["visit"])
    page = looks(practice, **MAYA)

    assert say(words) in page.says("standing")
    assert page.find("ask-help") is not None


def test_no_leads_back_with_what_was_typed(practice: Practice) -> None:
    book(practice)
    page = press(practice, looks(practice, **MAYA), "no")
    found = page.find("day")
    assert found is not None
    assert found.get("value") == "27"


def test_two_pages_at_once_end_in_one_number(practice: Practice) -> None:
    book(practice)
    one, other = looks(practice, **MAYA), looks(practice, **MAYA)
    assert press(practice, one, "yes").says("number").replace("\u202f", " ") == "A 01"
    second = press(practice, other, "yes", status=409)
    assert say("You're already checked in.") in second.says("standing")
    assert second.says("number").replace("\u202f", " ") == "A 01"


def test_a_closed_clinic_looks_for_nobody(practice: Practice) -> None:
    book(practice)
    practice.does("close-day", confirm=True)
    assert practice.page("/kiosk/appointment").find("start") is not None
    assert looks(practice, **MAYA).find("start") is not None
    assert practice.client.post("/kiosk/find", json=MAYA).status_code == 409


def test_the_start_page_asks_for_an_appointment_where_anybody_has_one(practice: Practice) -> None:
    start = practice.page("/kiosk")
    assert start.find("appointment") is None
    assert [start.find(name) is not None for name in ("check-in", "someone-else", "check-place", "ask-help")] == [
        True
    ] * 4
    book(practice)
    assert practice.page("/kiosk").find("appointment") is not None
    assert 'id="appointment"' in (practice.live.current("kiosk/start-normal/en") or {})["html"]


def test_nothing_of_a_birthday_stands_in_an_address(practice: Practice) -> None:
    """Every form that carries what was typed is posted."""
    page = looks(practice, day="27", month="3", letter="Q")
    for form in page.every("form"):
        names = {one.get("name") for one in form.iter("input")}
        if names & {"day", "month", "letter", "code", "token", "with"}:
            assert form.get("method") == "post"
    assert Page(practice.get("/kiosk/appointment?day=27&month=3")).find("day").get("value") == ""  # type: ignore[union-attr]
    assert practice.client.get("/kiosk/find?day=27&month=3&letter=O").status_code == 405


@pytest.mark.parametrize("path", ["/kiosk/appointment", "/kiosk/code"])
def test_its_pages_say_what_to_do_when_one_feels_worse_or_wants_a_person(practice: Practice, path: str) -> None:
    book(practice)
    said = shown(practice.get(path))
    assert path == "/kiosk/code" or say("If you feel worse, tell us straight away.") in said
    assert path == "/kiosk/code" or say("I need help from a person") in said
