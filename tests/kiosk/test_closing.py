"""When staff say that we may not see everyone, who walks in talks to a person instead of taking a number."""

import pytest

from tests.faces import Page, Practice, say
from tests.kiosk.booked import MAYA, book, looks, press


@pytest.fixture
def closing(practice: Practice) -> Practice:
    """A practice that closes at noon and has told people that it may not see everyone."""
    from dataclasses import replace

    from clinic import commands

    rooms = tuple(replace(room, opens="08:00", closes="12:00") for room in practice.desk.line.setup.rooms)
    practice.change(rooms=rooms)
    practice.desk.do(commands.tell_closing, by="staff", message="some")
    return practice


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_who_walks_in_is_told_and_led_to_a_person(closing: Practice, lang: str) -> None:
    page = press(closing, closing.page(f"/kiosk?lang={lang}"), "check-in")

    assert say("We may not see everyone before we close at %(time)s.", lang, time="12:00") in page.says("instead")
    assert say("Please talk to us now. We will find you the next best time.", lang) in page.says("instead")
    press(closing, page, "ask-help", request="one")
    assert len(closing.desk.line.helps) == 1


@pytest.mark.parametrize("path", ["/kiosk/services", "/kiosk/details?service=doctor"])
def test_no_page_on_the_way_gives_a_number_any_more(closing: Practice, path: str) -> None:
    assert closing.page(path).find("instead") is not None
    form = {"service": "doctor", "request": "1", "language": "en"}
    assert Page(closing.client.post("/kiosk/check-in", data=form).text).find("instead") is not None
    assert not closing.desk.line.visits


def test_who_has_an_appointment_still_checks_in(closing: Practice) -> None:
    book(closing)
    page = press(closing, looks(closing, **MAYA), "yes")
    assert page.says("number").replace("\u202f", " ") == "A 01"
