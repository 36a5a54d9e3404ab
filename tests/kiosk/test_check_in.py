"""Checking in at the tablet: by a program, by the form, and what happens when something is not right."""

import re
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from tests.clinic.given import NINE, after
from tests.faces import Page, Practice, say, say_many, shown

CODE = re.compile(r"\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b")
FORM = {"service": "doctor", "request": "tap-form", "lang": "en", "language": "en"}


def test_a_program_is_answered_with_number_place_and_time_and_nothing_else(practice: Practice) -> None:
    practice.crowd(3)
    answer = practice.client.post("/kiosk/check-in", json={"service": "doctor", "name": "Ana", "request": "1"})
    assert answer.status_code == 201
    told = answer.json
    assert told is not None
    assert list(told) == ["visit", "ticket", "place", "low", "high", "by", "url"]
    assert told["ticket"] == "A 04"
    assert told["place"] == 3
    assert 0 <= told["low"] < told["high"]
    assert NINE < datetime.fromisoformat(told["by"]) <= after(told["high"])
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/t/[\w-]{22}", told["url"])


def test_with_no_room_open_a_program_is_told_the_place_only(practice: Practice) -> None:
    practice.does("close-room", room="room-3")
    told = practice.arrives(service="nurse")
    assert (told["place"], told["low"], told["high"], told["by"]) == (0, None, None, None)


def test_the_time_is_that_of_the_clinic_s_own_clock(practice: Practice) -> None:
    practice.change(timezone="America/New_York")
    told = practice.arrives()
    assert told["by"] == "2026-11-23T04:10:00-05:00"


def test_each_service_counts_its_own_numbers_from_one(practice: Practice) -> None:
    doctor, nurse, second = practice.arrives(), practice.arrives(service="nurse"), practice.arrives()
    assert [one["ticket"] for one in (doctor, nurse, second)] == ["A 01", "H 01", "A 02"]


def test_the_same_tap_sent_again_is_one_check_in_with_the_same_answer(practice: Practice) -> None:
    first = practice.arrives("Ana", request="tap-a")
    practice.crowd(2)
    practice.calls(first)
    practice.later(minutes=7)
    again = practice.client.post("/kiosk/check-in", json={"service": "doctor", "name": "Ana", "request": "tap-a"})
    assert (again.status_code, again.json) == (201, first)
    assert len(practice.desk.line.visits) == 3


def test_a_form_sent_again_leads_to_the_same_number(practice: Practice) -> None:
    first = practice.client.post("/kiosk/check-in", data=FORM)
    practice.arrives()
    again = practice.client.post("/kiosk/check-in", data=FORM)
    assert Page(first.text).says("number") == Page(again.text).says("number") == "A 01"
    assert len(practice.desk.line.visits) == 2


@pytest.mark.parametrize(
    "other", [{"name": "Bo"}, {"service": "nurse"}, {"language": "es"}, {"call_me": "name"}, {"name": ""}]
)
def test_the_same_tap_with_other_details_is_refused(practice: Practice, other: dict[str, str]) -> None:
    fields = {"service": "doctor", "name": "Ana", "request": "tap-a"}
    practice.client.post("/kiosk/check-in", json=fields)
    answer = practice.client.post("/kiosk/check-in", json={**fields, **other})
    assert answer.status_code == 409
    assert answer.json == {
        "code": "request_reused",
        "message": say("This was sent before with other details. Load the page again and send it once more."),
    }
    assert len(practice.desk.line.visits) == 1


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"service": "surgery"}, "service", "not_a_choice"),
        ({"service": "room-1"}, "service", "not_a_choice"),
        ({"name": "x" * 81}, "name", "name_too_long"),
        ({"name": "王" * 81}, "name", "name_too_long"),
        ({"call_me": "name"}, "name", "name_needed"),
        ({"call_me": "name", "name": "\u202e \t\0"}, "name", "name_needed"),
        ({"call_me": "loudly"}, "call_me", "not_a_choice"),
        ({"language": "tlh"}, "language", "not_a_choice"),
        ({"request": "x" * 101}, "request", "not_text"),
        ({"request": ""}, "request", "missing"),
        ({"service": ""}, "service", "missing"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(practice: Practice, wrong: dict[str, str], field: str, code: str) -> None:
    answer = practice.client.post("/kiosk/check-in", json={"service": "doctor", "request": "1", **wrong})
    assert answer.status_code == 422
    assert answer.json
    assert (answer.json["code"], answer.json["field"]) == (code, field)
    assert not practice.desk.line.visits


def test_a_choice_that_does_not_exist_is_answered_with_those_that_do(practice: Practice) -> None:
    answer = practice.client.post("/kiosk/check-in", json={"service": "surgery", "request": "1"})
    assert answer.json
    assert "doctor, nurse" in answer.json["message"]


def test_a_name_of_80_letters_fits_however_it_is_typed(practice: Practice) -> None:
    long = practice.arrives("ñ" * 80)
    decomposed = practice.arrives("n\u0303" * 80)
    assert practice.desk.names([long["visit"], decomposed["visit"]]) == {
        long["visit"]: "ñ" * 80,
        decomposed["visit"]: "ñ" * 80,
    }


def test_the_form_ends_with_number_place_time_code_and_link(practice: Practice) -> None:
    practice.crowd(3)
    answer = practice.client.post("/kiosk/check-in", data={**FORM, "name": "Ana"})
    assert answer.status_code == 200
    page, ana = Page(answer.text), practice.desk.line.visits[list(practice.desk.line.visits)[-1]]
    told = practice.json("/staff/line.json")["visits"][-1]
    assert page.says("number") == "A 04"
    words = page.says("told")
    assert say("You're checked in.") in words
    assert say_many("There is %(n)s person before you.", "There are %(n)s people before you.", 3) in words
    assert str(told["high"]) in words
    assert say("most likely by %(time)s.", time=f"{ana.told.high:%H:%M}" if ana.told and ana.told.high else "") in words
    assert len(page.classed("qr")[0].findall(".//svg")) == 1
    assert CODE.search(shown(answer.text))
    assert "127.0.0.1:8000/t" in shown(answer.text).replace("\u200b", "")
    assert page.find("done") is not None


def test_the_patient_s_link_stands_in_no_address_and_no_title(practice: Practice) -> None:
    answer = practice.client.post("/kiosk/check-in", data={**FORM, "name": "Ana"})
    secret = practice.desk.links.secret(next(iter(practice.desk.line.visits)))
    assert "Location" not in answer.headers
    page = Page(answer.text)
    assert [one for one in page.every("a") + page.every("form") if secret in str(one.attrib)] == []
    assert "Ana" not in answer.text
    assert [one.text for one in page.every("title")] == ["Walk-in practice"]


def test_the_code_on_the_ticket_leads_to_the_same_page_as_the_square(practice: Practice) -> None:
    page = practice.client.post("/kiosk/check-in", data=FORM).text
    found = CODE.search(shown(page))
    assert found
    secret = practice.desk.links.secret(next(iter(practice.desk.line.visits)))
    assert urlsplit(practice.client.post("/t", data={"code": found[0]}).location).path == f"/t/{secret}"


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_the_language_chosen_follows_the_person(practice: Practice, lang: str) -> None:
    answer = practice.client.post("/kiosk/check-in", data={**FORM, "language": lang, "lang": lang})
    page = Page(answer.text)
    assert page.every("html")[0].attrib["lang"] == lang
    assert page.every("html")[0].attrib["dir"] == ("rtl" if lang == "ar" else "ltr")
    assert say("You're checked in.", lang) in page.says("told")
    visit = next(iter(practice.desk.line.visits.values()))
    assert visit.language == lang
    phone = practice.page(f"/t/{practice.desk.links.secret(visit.id)}")
    assert phone.every("html")[0].attrib["lang"] == lang


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_what_was_typed_is_kept_when_the_form_comes_back(practice: Practice, lang: str) -> None:
    typed = {**FORM, "language": lang, "lang": lang, "name": " ".join(["Ana"] * 30), "call_me": "name", "size": "large"}
    answer = practice.client.post("/kiosk/check-in", data=typed)
    assert answer.status_code == 422
    page = Page(answer.text)
    name = page.find("name")
    assert name is not None
    assert name.get("value") == typed["name"]
    assert name.get("aria-invalid") == "true"
    assert "name-problem" in name.get("aria-describedby", "")
    assert say("Write the name with at most %(limit)s characters.", lang, limit=80) in page.says("name-problem")
    hidden = {one.get("name"): one.get("value") for one in page.every("input", type="hidden")}
    assert (hidden["request"], hidden["service"], hidden["size"]) == ("tap-form", "doctor", "large")
    assert hidden["language"] == lang
    assert [one.get("value") for one in page.every("input", name_="call_me") if "checked" in one.attrib] == ["name"]
    assert not practice.desk.line.visits


def test_the_form_corrected_is_taken(practice: Practice) -> None:
    practice.client.post("/kiosk/check-in", data={**FORM, "call_me": "name", "name": ""})
    answer = practice.client.post("/kiosk/check-in", data={**FORM, "call_me": "name", "name": "Ana Diaz"})
    assert Page(answer.text).says("number") == "A 01"


def test_before_the_number_only_service_and_time_are_shown(practice: Practice) -> None:
    practice.arrives("Ana Zebra", call_me="name")
    practice.arrives("Bo Quagga", service="nurse")
    page = practice.page("/kiosk/details?service=doctor")
    words = page.says("details")
    assert "Doctor" in words
    assert say_many("There is %(n)s person before you.", "There are %(n)s people before you.", 1) in words
    assert say("most likely by %(time)s.", time="09:10") in words
    for private in ("Zebra", "Quagga", "A 01", "H 01", "Nurse", "Room"):
        assert private not in words
    name = page.find("name")
    assert name is not None
    assert (name.get("value"), name.get("autocomplete"), name.get("dir")) == ("", "off", "auto")


def test_what_the_details_promise_is_what_the_ticket_says(practice: Practice) -> None:
    practice.crowd(5)
    before = shown(practice.get("/kiosk/details?service=doctor"))
    told = practice.arrives()
    by = datetime.fromisoformat(told["by"])
    assert say("most likely by %(time)s.", time=f"{by:%H:%M}") in before
    assert say_many("There is %(n)s person before you.", "There are %(n)s people before you.", told["place"]) in before


def test_looking_at_the_details_takes_no_number(practice: Practice) -> None:
    before = practice.desk.line
    for _ in range(3):
        practice.get("/kiosk/details?service=doctor")
    assert practice.desk.line == before


def test_an_unknown_service_leads_back_to_the_choice(practice: Practice) -> None:
    assert practice.page("/kiosk/details?service=surgery").find("services") is not None


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_on_a_closed_day_the_tablet_says_so_and_takes_nobody_in(practice: Practice, lang: str) -> None:
    practice.does("close-day")
    start = practice.page(f"/kiosk?lang={lang}")
    assert say("We are closed right now.", lang) in start.says("start")
    assert start.find("check-in") is None
    assert start.find("ask-help") is not None, "a person can be reached all the same"
    for path in ("/kiosk/services", "/kiosk/details?service=doctor"):
        assert practice.page(path).find("start") is not None
    as_program = practice.client.post("/kiosk/check-in", json={"service": "doctor", "request": "1"})
    sentence = say("We are closed right now. Come to the desk if you need help.")
    assert (as_program.status_code, as_program.json) == (409, {"code": "day_closed", "message": sentence})
    as_form = practice.client.post("/kiosk/check-in", data={**FORM, "language": lang})
    assert as_form.status_code == 409
    assert Page(as_form.text).every(role="alert")[0].text == say(
        "We are closed right now. Come to the desk if you need help.", lang
    )
    assert not practice.desk.line.visits


def test_the_first_screen_offers_everything_in_each_language_by_its_own_name(practice: Practice) -> None:
    page = practice.page("/kiosk")
    for name in ("check-in", "check-place", "ask-help", "text-size"):
        assert page.find(name) is not None, name
    assert [page.says(f"lang-{code}") for code in ("en", "es", "ar")] == ["English", "Español", "العربية"]


def test_a_walk_in_needs_four_touches_and_no_name(practice: Practice) -> None:
    """Start, service, number: the forms of each page lead on by themselves."""
    page, touches = practice.page("/kiosk"), 0
    for button in ("check-in", "service-doctor", "get-number"):
        form = next(one for one in page.every("form") if one.find(f".//button[@id='{button}']") is not None)
        fields = {
            one.get("name", ""): one.get("value", "") for one in form.iter("input") if one.get("type") == "hidden"
        }
        method = practice.client.post if form.get("method") == "post" else practice.client.get
        kind = "data" if form.get("method") == "post" else "query_string"
        page, touches = Page(method(form.get("action", ""), **{kind: fields}).text), touches + 1  # type: ignore[operator]
    assert page.says("number") == "A 01"
    assert touches <= 4


def test_larger_text_stays_on_all_the_way(practice: Practice) -> None:
    for path in ("/kiosk?size=large", "/kiosk/services?size=large", "/kiosk/details?service=doctor&size=large"):
        page = practice.page(path)
        assert "large" in page.every("html")[0].get("class", "").split()
        sizes = {one.get("value") for one in page.every("input", name_="size")}
        assert "large" in sizes
        assert path.startswith("/kiosk?") or sizes == {"large"}
    ticket = Page(practice.client.post("/kiosk/check-in", data={**FORM, "size": "large"}).text)
    assert "large" in ticket.every("html")[0].get("class", "").split()


@pytest.mark.parametrize(
    ("mm", "rule"), [("4.5", "4.50"), ("20", "20.00"), ("1.9", "5.90"), ("99", "5.90"), ("x", "5.90")]
)
def test_a_tablet_keeps_its_own_size_of_a_millimetre(practice: Practice, mm: str, rule: str) -> None:
    practice.client.get(f"/kiosk?mm={mm}")
    assert practice.get("/kiosk/sizes.css") == f":root{{--mm:{rule}px}}"
    assert practice.client.get("/kiosk/sizes.css").mimetype == "text/css"


def test_every_page_of_the_tablet_says_what_to_do_when_one_feels_worse(practice: Practice) -> None:
    worse = say("If you feel worse, tell us straight away.")
    practice.arrives()
    for path in ("", "/services", "/details?service=doctor", "/place", "/place?letter=A&number=1"):
        assert worse in shown(practice.get(f"/kiosk{path}")), path
    assert worse in shown(practice.client.post("/kiosk/check-in", data=FORM).text)
    assert worse in shown(practice.client.post("/kiosk/help", data={"request": "1"}).text)
