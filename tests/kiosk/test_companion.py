"""Checking in a child, or several people in one go: each their number, and one page for all of them."""

from typing import Any

import pytest

from tests.faces import Page, Practice, say, say_many
from tests.kiosk.booked import book, check_in, find, looks, press

LANGUAGES = ["en", "es", "ar"]
CHILD: dict[str, Any] = {"day": "5", "month": "5", "letter": "B"}
SECOND: dict[str, Any] = {"day": "6", "month": "6", "letter": "B"}


def children(practice: Practice) -> None:
    book(practice, "Ada Bell", birthday=(5, 5))
    book(practice, "Bo Bell", at=40, birthday=(6, 6), service="nurse")


def both(practice: Practice, lang: str = "en") -> Page:
    """The page after the second child was checked in."""
    entry = press(practice, practice.page(f"/kiosk?lang={lang}"), "someone-else")
    first = press(practice, press(practice, entry, "next", **CHILD), "yes")
    return press(practice, press(practice, press(practice, first, "add-person"), "next", **SECOND), "yes")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_entry_asks_for_another_person_s_birthday(practice: Practice, lang: str) -> None:
    children(practice)
    entry = press(practice, practice.page(f"/kiosk?lang={lang}"), "someone-else")

    assert say("When were they born?", lang) in entry.says("born")
    assert say("First letter of their family name", lang) in entry.says("born")
    assert entry.find("no-appointment") is not None
    wrong = press(practice, entry, "next", status=422, day="40", month="3")
    assert say("Enter the day they were born, for example 27.", lang) in wrong.says("day-problem")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everybody_of_a_party_stands_on_one_page_with_one_link(practice: Practice, lang: str) -> None:
    children(practice)
    page = both(practice, lang)

    assert say_many("%(n)s person is checked in.", "%(n)s people are checked in.", 2, lang) in page.says("told")
    tickets = ["".join(one.itertext()).replace("\u202f", " ") for one in page.classed("number")]
    assert tickets == ["A 01", "H 01"]
    assert len(page.classed("qr")) == 1
    first = next(visit for visit in practice.desk.line.visits.values() if visit.ticket == "A 01")
    code = practice.desk.links.code(first.id)
    assert f"{code[:4]}-{code[4:]}" in page.says("ticket")
    second = next(visit for visit in practice.desk.line.visits.values() if visit.ticket == "H 01")
    assert second.party == first.id


def test_a_third_joins_the_first_and_not_the_second(practice: Practice) -> None:
    children(practice)
    book(practice, "Cy Bell", birthday=(7, 7))
    page = press(practice, both(practice), "add-person")
    page = press(practice, press(practice, page, "next", day="7", month="7", letter="B"), "yes")

    parties = {visit.party for visit in practice.desk.line.visits.values()}
    assert len(page.classed("number")) == 3
    assert len(parties) == 2, "None for the first, and the first for both others"


def test_the_party_s_page_is_kept_current(practice: Practice) -> None:
    children(practice)
    key = both(practice).every("body")[0].get("data-key", "")
    second = next(visit for visit in practice.desk.line.visits.values() if visit.ticket == "H 01")
    practice.does("call", visit=second.id, room="room-3")

    screen = practice.live.current(key)
    assert screen
    assert say("Please come to %(room)s.", room="Room 3") in Page(screen["html"]).says("told")


def test_somebody_without_an_appointment_joins_by_services_and_details(practice: Practice) -> None:
    children(practice)
    entry = press(practice, practice.page("/kiosk"), "someone-else")
    first = press(practice, press(practice, entry, "next", **CHILD), "yes")
    page = press(practice, press(practice, first, "add-person"), "no-appointment")
    details = press(practice, page, "service-nurse")
    assert press(practice, details, "back").find("services") is not None
    page = press(practice, details, "get-number", name="Bo")

    assert [visit.party is not None for visit in practice.desk.line.visits.values() if visit.ticket == "H 01"] == [True]
    assert len(page.classed("number")) == 2


def test_where_nobody_is_booked_a_companion_goes_straight_to_the_services(practice: Practice) -> None:
    page = press(practice, practice.page("/kiosk"), "someone-else")
    number = press(practice, press(practice, page, "service-doctor"), "get-number")
    again = press(practice, number, "add-person")
    assert again.find("services") is not None
    last = press(practice, press(practice, again, "service-doctor"), "get-number")
    assert len(last.classed("number")) == 2


def test_the_secret_of_the_first_goes_along_by_post_only(practice: Practice) -> None:
    children(practice)
    entry = press(practice, practice.page("/kiosk"), "someone-else")
    first = press(practice, press(practice, entry, "next", **CHILD), "yes")
    secret = practice.desk.links.secret(next(iter(practice.desk.line.visits)))
    pages = [press(practice, first, "add-person")]
    pages.append(press(practice, pages[0], "have-code"))
    pages.append(press(practice, pages[0], "next", day="9", month="9", letter="Q"))
    pages.append(press(practice, pages[0], "no-appointment"))
    pages.append(press(practice, pages[-1], "service-doctor"))
    for page in pages:
        carrying = [form for form in page.every("form") if any(one.get("name") == "with" for one in form.iter("input"))]
        assert carrying
        assert {form.get("method") for form in carrying} == {"post"}
        assert not any(secret in link.get("href", "") for link in page.every("a"))
    stolen = practice.client.get(f"/kiosk/services?with={secret}")
    assert secret not in stolen.text, "what stands in an address counts for nothing"


def test_a_program_names_whom_they_came_with(practice: Practice) -> None:
    children(practice)
    first = check_in(practice, find(practice, **CHILD)["token"])
    secret = first["url"].rsplit("/", 1)[1]
    second = check_in(practice, find(practice, **SECOND)["token"], **{"with": secret})

    assert practice.visit(second).party == first["visit"]
    lost = check_in(practice, find(practice, **CHILD)["token"], status=422, **{"with": "x" * 22})
    assert lost["code"] == "party_unknown"


def test_no_page_of_a_companion_names_anybody(practice: Practice) -> None:
    children(practice)
    for page in (looks(practice, other="yes", **CHILD), both(practice)):
        said = page.says("screen")
        assert not any(name in said for name in ("Ada", "Bell", "Bo "))
