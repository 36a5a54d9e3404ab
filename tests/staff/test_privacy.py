"""Erasing names by hand: one person's, or all of who has gone; the hours for it; no name in titles or addresses."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faces import Page, Practice, say, say_many
from tests.kiosk.booked import book
from tests.kiosk.test_feedback import seen

CANARY = "Canary-7F3A"


def held(practice: Practice) -> list[str]:
    """The files of the data folder in which the name stands."""
    folder = practice.desk.store.folder
    return [path.name for path in folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def presses(practice: Practice, page: Page, button: str) -> Any:
    """Somebody presses this button of a page that stands by itself, without scripts."""
    (form,) = (one for one in page.every("form") if any(inner.get("id") == button for inner in one.iter()))
    fields = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    answer = practice.client.post(form.get("action", ""), data=fields)
    assert answer.status_code == 303, answer.text
    return answer


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_the_form_of_who_waits_erases_the_name_and_leaves_the_number(practice: Practice, lang: str) -> None:
    ana = practice.arrives(CANARY, call_me="name")
    form = practice.page(f"/staff/visit/{ana['visit']}?lang={lang}")
    assert say("The name is erased. It cannot be undone. They keep their number and their place.", lang) in "".join(
        " ".join("".join(one.itertext()).split()) for one in form.every("details")
    )

    presses(practice, form, "erase")

    console = practice.get("/staff")
    assert CANARY not in console
    assert say("No name given") in practice.page("/staff").says(f"row-{ana['visit']}")
    assert (practice.visit(ana).status, practice.visit(ana).call_me, held(practice)) == ("waiting", "number", [])
    assert practice.page(f"/staff/visit/{ana['visit']}").find("erase") is None, "there is nothing left to erase"


def test_a_program_is_told_and_nothing_offers_to_undo_it(practice: Practice) -> None:
    ana = seen(practice, CANARY)

    answer = practice.client.post(
        "/staff/erase", json={"visit": ana["visit"]}, headers={"X-Kindline-Screen": "staff/main/en"}
    ).json

    assert answer
    assert (answer["erased"], answer["undo"]) == (1, None)
    assert "A\u202f01" in answer["said"]
    assert held(practice) == []
    assert practice.staff("undo", visit=ana["visit"]).status_code == 200, "the finish can be undone, the erasing not"
    assert held(practice) == []


def test_a_screen_that_is_open_forgets_the_name_with_the_file(practice: Practice) -> None:
    ana = practice.arrives(CANARY, call_me="name")
    practice.calls(ana)
    tv = practice.app.extensions["live"].current("display/main/en")
    assert "Canary" in tv["html"]

    practice.does("erase", visit=ana["visit"])

    for key in ("display/main/en", "staff/main/en"):
        assert "Canary" not in practice.app.extensions["live"].current(key)["html"]


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_all_names_of_who_has_gone_go_in_one_go(practice: Practice, lang: str) -> None:
    seen(practice, CANARY)
    seen(practice, f"{CANARY} the second")
    here = practice.arrives("Bo-Who-Waits")
    page = practice.page(f"/staff/privacy?lang={lang}")
    assert len(page.classed("sheet")) == 3
    one, many = (
        "This erases the name of %(n)s person who has gone. It cannot be undone.",
        "This erases the names of %(n)s people who have gone. It cannot be undone.",
    )
    assert say_many(one, many, 2, lang) in page.says("all")

    assert presses(practice, page, "erase-ended").headers["Location"] == f"/staff/privacy?lang={lang}"

    assert held(practice) == []
    assert say("No name is kept of anybody who has gone.", lang) in practice.page(f"/staff/privacy?lang={lang}").says(
        "kept"
    )
    assert practice.desk.names([here["visit"]]) == {here["visit"]: "Bo-Who-Waits"}
    assert practice.does("erase-ended")["erased"] == 0


def test_whom_we_owe_a_word_keeps_the_name_unless_it_is_meant(practice: Practice) -> None:
    ana = practice.arrives(CANARY)
    practice.does("leave", visit=ana["visit"])
    assert practice.does("erase-ended")["erased"] == 0
    page = practice.page("/staff/privacy")
    assert say("To follow up") in page.says(f"kept-{ana['visit']}")
    assert page.find("erase-ended") is None

    presses(practice, page, f"erase-{ana['visit']}")

    assert held(practice) == []
    assert "A 01" in practice.page("/staff/follow-ups").says("owed").replace("\u202f", " "), (
        "the number is still owed a word"
    )


def test_who_missed_an_appointment_is_listed_too(practice: Practice) -> None:
    book(practice, CANARY, at=0)
    practice.later(minutes=60)
    (missed,) = practice.desk.bookings()
    practice.does("no-show", visit=missed.visit)
    practice.does("leave", visit=missed.visit)

    presses(practice, practice.page("/staff/privacy"), f"erase-{missed.visit}")

    assert held(practice) == []
    assert practice.get("/staff/appointments")
    assert practice.get("/staff/follow-ups")


def test_yesterdays_names_are_listed_today(practice: Practice) -> None:
    seen(practice, CANARY)
    practice.does("close-day")
    practice.later(minutes=20 * 60)
    practice.does("open-day", rooms=["room-1"])

    assert CANARY in practice.page("/staff/privacy").says("kept")
    assert practice.does("erase-ended")["erased"] == 1
    assert held(practice) == []


@pytest.mark.parametrize("command", ["", "close-day"])
def test_the_form_of_the_day_leads_to_the_names(practice: Practice, command: str) -> None:
    if command:
        practice.does(command)

    link = practice.page("/staff/day").find("kept-names")

    assert link is not None
    assert practice.get(link.get("href", ""))


@pytest.mark.parametrize("visit", ["nobody", ""])
def test_nobody_is_erased_by_mistake(practice: Practice, visit: str) -> None:
    answer = practice.staff("erase", visit=visit)

    assert answer.status_code == (409 if visit else 422)


# The setting


def saved(practice: Practice, **fields: str) -> Any:
    """The set-up is sent again as its page shows it, with these fields changed."""
    page = practice.page("/setup")
    sent = {one.get("name", ""): one.get("value", "") for one in page.every("input") if one.get("type") != "checkbox"}
    ticked = {one.get("name", ""): "on" for one in page.every("input", type="checkbox") if "checked" in one.attrib}
    return practice.client.post("/setup", data={**sent, **ticked, "timezone": "UTC", "language": "en", **fields})


@pytest.mark.parametrize("hours", ["1", "36", "72"])
def test_the_hours_are_chosen_in_the_set_up(practice: Practice, hours: str) -> None:
    assert practice.desk.line.setup.kept_hours == 24

    assert saved(practice, kept_hours=hours).status_code == 303

    assert practice.desk.line.setup.kept_hours == int(hours)
    (field,) = practice.page("/setup").every("input", name="kept_hours")
    assert field.get("value") == hours
    assert hours in practice.page("/staff/privacy").says("screen")


@pytest.mark.parametrize("hours", ["0", "73", "1.5", "-1", "a day", ""])
def test_hours_that_cannot_be_are_refused_by_name(practice: Practice, hours: str) -> None:
    answer = saved(practice, kept_hours=hours)

    assert answer.status_code == 422
    assert say("Write the hours that names are kept as a whole number from 1 to 72.") in answer.text
    assert practice.desk.line.setup.kept_hours == 24


def test_an_older_form_leaves_the_hours_as_they_were(practice: Practice) -> None:
    practice.change(kept_hours=5)
    page = practice.page("/setup")
    sent = {one.get("name", ""): one.get("value", "") for one in page.every("input") if one.get("type") != "checkbox"}
    ticked = {one.get("name", ""): "on" for one in page.every("input", type="checkbox") if "checked" in one.attrib}
    del sent["kept_hours"]

    assert practice.client.post("/setup", data={**sent, **ticked, "timezone": "UTC"}).status_code == 303

    assert practice.desk.line.setup.kept_hours == 5


# Titles and addresses


def pages(practice: Practice, ana: dict[str, Any]) -> Iterator[str]:
    """Every page on which somebody's name, number or link may have to do with what is shown."""
    secret = practice.phone(ana)
    yield from (
        "/",
        "/privacy",
        "/kiosk",
        "/kiosk/privacy",
        "/display",
        "/t",
        secret,
        f"{secret}/share",
        f"{secret}/leave",
    )
    yield from (
        f"/staff/{one}" for one in ("", "privacy", "appointments", "paper", "follow-ups", "feedback", "day", "new")
    )
    yield from (f"/staff/visit/{ana['visit']}", "/staff/trust", "/staff/screens", "/staff/day-in-pictures", "/setup")


def test_no_title_and_no_address_carries_a_name(practice: Practice) -> None:
    book(practice, CANARY)
    (booked,) = practice.desk.bookings()
    assert practice.staff("check-in", visit=booked.visit, request="tap").status_code == 201
    ana = {"visit": booked.visit, "url": f"http://x/t/{practice.desk.links.secret(booked.visit)}"}
    checked = 0
    for path in pages(practice, ana):
        html = practice.get(path.rstrip("/") or "/")
        title = re.search(r"<title>(.*?)</title>", html, re.S)
        addresses = re.findall(r'(?:href|src|action|formaction|data-key|data-title)="([^"]*)"', html)
        assert title
        assert CANARY not in title[1]
        assert not [one for one in addresses if "canary" in one.lower()], path
        checked += len(addresses)
    assert checked > 100


@pytest.mark.parametrize("years", ["1", "10"])
def test_how_long_days_of_the_line_are_kept_is_chosen_in_the_set_up(practice: Practice, years: str) -> None:
    assert practice.desk.line.setup.kept_years == 3

    assert saved(practice, kept_years=years).status_code == 303

    assert practice.desk.line.setup.kept_years == int(years)
    (field,) = practice.page("/setup").every("input", name="kept_years")
    assert field.get("value") == years


@pytest.mark.parametrize("years", ["0", "11", "2.5", ""])
def test_years_that_cannot_be_are_refused_by_name(practice: Practice, years: str) -> None:
    answer = saved(practice, kept_years=years)

    assert answer.status_code == 422
    assert say("Write the years that days are kept as a whole number from 1 to 10.") in answer.text
    assert practice.desk.line.setup.kept_years == 3


def test_erasing_all_where_nobody_has_gone_leaves_the_backups_alone(practice: Practice) -> None:
    practice.arrives(name="Ana")
    before = practice.desk.erasures

    answer = practice.client.post("/staff/erase-ended", json={})

    assert (answer.status_code, answer.get_json()["erased"]) == (200, 0)
    assert practice.desk.erasures == before, "nothing was erased, so nobody's name has to leave any copy"
