"""The tablet's one optional page: what would help, how to be called, and in which language an interpreter speaks."""

from dataclasses import replace
from typing import Any

import pytest

from clinic.needs import Needs
from tests.faces import Page, Practice, say
from tests.kiosk.booked import MAYA, book, check_in, find, looks, press


def ticked(*needs: str) -> dict[str, Any]:
    """The fields of these."""
    return {f"need-{need}": "yes" for need in needs}


def details(practice: Practice, service: str = "doctor", **typed: str) -> Page:
    return Page(practice.client.post("/kiosk/details", data={"service": service, **typed}).text)


def needs_of(practice: Practice, name: str = "") -> tuple[str, Needs | None]:
    """How the last who came is called, and what helps them."""
    visit = max(practice.desk.line.visits.values(), key=lambda one: one.seq)
    return visit.call_me, practice.desk.needs([visit.id]).get(visit.id)


def chosen(page: Page) -> set[str]:
    """What is ticked on this page."""
    return {one.get("id", "") for one in page.every("input") if "checked" in one.attrib}


def fixed(practice: Practice, way: str) -> None:
    services = (replace(one, call_me=way) for one in practice.desk.line.setup.services)
    practice.change(services=tuple(services))


def test_nobody_has_to_answer_what_would_help(practice: Practice) -> None:
    press(practice, details(practice), "get-number")
    assert needs_of(practice) == ("number", None)


def test_a_walk_in_says_what_would_help_on_one_page_more(practice: Practice) -> None:
    page = press(practice, details(practice), "helpful", name="Maya Okafor")
    assert page.says("wishes-title") == say("Would any of these help?")
    assert chosen(page) == {"way-number"}
    all_but_one = ticked("large_text", "read_aloud", "more_time", "quiet", "wheelchair")
    ticket = press(practice, page, "get-number", call_me="fetch", **all_but_one)
    assert say("We'll come and get you.") in ticket.says("told")
    assert needs_of(practice) == ("fetch", Needs(("large_text", "read_aloud", "more_time", "quiet", "wheelchair")))
    assert practice.desk.names(practice.desk.line.visits) == {next(iter(practice.desk.line.visits)): "Maya Okafor"}


def test_back_keeps_what_was_typed_and_chosen(practice: Practice) -> None:
    page = press(practice, details(practice), "helpful", name="Maya")
    back = press(practice, page, "back", call_me="fetch", **ticked("quiet"))
    assert back.find("name").get("value") == "Maya"  # type: ignore[union-attr]
    assert say("We'll come and get you.") in back.says("details")
    again = press(practice, back, "helpful")
    assert chosen(again) == {"way-fetch", "need-quiet"}
    press(practice, press(practice, again, "back"), "get-number")
    assert needs_of(practice) == ("fetch", Needs(("quiet",)))


def test_who_needs_an_interpreter_is_asked_for_their_language(practice: Practice) -> None:
    page = press(practice, details(practice), "helpful")
    asked = press(practice, page, "get-number", **ticked("interpreter"))
    assert asked.says("spoken-title") == say("Which language do you speak?")
    assert practice.desk.line.visits == {}
    press(practice, asked, "get-number", spoken="ur")
    assert needs_of(practice) == ("number", Needs(("interpreter",), "ur"))


def test_another_language_is_typed_or_left_open(practice: Practice) -> None:
    page = press(practice, details(practice), "helpful")
    asked = press(practice, page, "get-number", **ticked("interpreter"))
    press(practice, asked, "get-number", spoken_also="  Tigrinya\u202e ")
    assert needs_of(practice)[1] == Needs(("interpreter",), "Tigrinya")

    page = press(practice, details(practice), "helpful")
    asked = press(practice, page, "get-number", **ticked("interpreter"))
    press(practice, asked, "get-number")
    assert needs_of(practice)[1] == Needs(("interpreter",))


def test_the_language_of_the_page_is_offered_first(practice: Practice) -> None:
    fields = {"service": "doctor", "language": "ar", "lang": "ar", "request": "tap", "need-interpreter": "yes"}
    asked = Page(practice.client.post("/kiosk/check-in", data=fields).text)
    assert chosen(asked) == {"spoken-ar"}
    assert asked.find("spoken-en") is None, "the clinic's own language needs no interpreter"


def test_large_text_makes_the_next_pages_large(practice: Practice) -> None:
    page = press(practice, details(practice), "helpful")
    ticket = press(practice, page, "get-number", **ticked("large_text"))
    assert ticket.every("html")[0].get("class") == "kiosk large"


def test_by_name_is_offered_only_with_a_name_and_where_the_clinic_allows_it(practice: Practice) -> None:
    assert press(practice, details(practice), "helpful").find("way-name") is None
    assert press(practice, details(practice), "helpful", name="Maya").find("way-name") is not None
    practice.change(names_on_tv=False)
    assert press(practice, details(practice), "helpful", name="Maya").find("way-name") is None


@pytest.mark.parametrize(
    ("way", "said", "name", "called"),
    [
        ("number", "name", "Maya", "number"), ("name", "number", "Maya", "name"), ("name", "number", "", "number"),
        ("name", "name", "", "number"), ("fetch", "number", "", "fetch"), ("number", "fetch", "", "fetch"),
    ],
)  # fmt: skip
def test_a_service_decides_how_its_people_are_called_but_come_to_me_wins(
    practice: Practice, way: str, said: str, name: str, called: str
) -> None:
    fixed(practice, way)
    assert practice.visit(practice.arrives(name, call_me=said)).call_me == called


def test_a_service_that_fetches_everybody_says_so_and_asks_nothing(practice: Practice) -> None:
    fixed(practice, "fetch")
    page = details(practice)
    assert say("We'll come and get you.") in page.says("details")
    assert press(practice, page, "helpful").find("way-number") is None


def test_a_name_too_long_is_said_where_it_was_typed(practice: Practice) -> None:
    page = press(practice, details(practice), "helpful", 422, name="x" * 81)
    assert page.find("name-problem") is not None
    assert page.find("name").get("value") == "x" * 81  # type: ignore[union-attr]


def test_what_a_list_says_is_taken_along_and_never_shown(practice: Practice) -> None:
    book(practice, needs=("fetch", "interpreter", "wheelchair"), language="es")
    found = looks(practice, day="27", month="3", letter="O")
    page = press(practice, found, "helpful")
    assert chosen(page) == {"way-number"}
    press(practice, page, "get-number", **ticked("quiet"))
    assert needs_of(practice) == ("fetch", Needs(("interpreter", "quiet", "wheelchair"), "es"))


def test_back_from_an_appointment_finds_it_again_with_what_was_chosen(practice: Practice) -> None:
    book(practice)
    page = press(practice, looks(practice, day="27", month="3", letter="O"), "helpful")
    found = press(practice, page, "back", call_me="fetch", **ticked("more_time"))
    assert found.says("question") == say("Is that you?")
    press(practice, found, "yes")
    assert needs_of(practice) == ("fetch", Needs(("more_time",)))


def test_all_appointments_of_a_person_bring_their_needs(practice: Practice) -> None:
    book(practice, at=20, needs=("quiet",), person="maya")
    book(practice, at=60, needs=("wheelchair",), person="maya", service="nurse")
    check_in(practice, find(practice, **MAYA)["token"])
    assert needs_of(practice)[1] == Needs(("quiet", "wheelchair"))


def test_programs_say_it_too(practice: Practice) -> None:
    wishes: dict[str, Any] = {"need-interpreter": True, "spoken": "Tigrinya", "need-fetch": True}
    practice.arrives("Ana", **wishes)
    assert needs_of(practice) == ("fetch", Needs(("interpreter",), "Tigrinya"))


def test_what_helps_somebody_stands_in_no_address_and_no_page_of_theirs(practice: Practice) -> None:
    ana = practice.arrives("Ana", **{"need-wheelchair": "yes", "spoken": "ur"})
    page = press(practice, details(practice), "helpful")
    assert {form.get("method") for form in page.every("form")} == {"post"}
    practice.calls(ana)
    for seen in (practice.get(practice.phone(ana)), practice.get("/kiosk/place?letter=A&number=1")):
        assert not any(word in seen.lower() for word in ("wheelchair", "interpreter", "urdu"))
