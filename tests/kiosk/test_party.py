"""A mother with two children has one page for all three numbers, and it speaks and acts only for them."""

from dataclasses import replace
from typing import Any

import pytest

from clinic import commands
from tests.faces import Page, Practice, say, say_many, shown, text

LANGUAGES = ["en", "es", "ar"]


def family(practice: Practice, service: str = "doctor") -> list[dict[str, Any]]:
    """A mother, and two children who are checked in with her."""
    mother = practice.arrives("Maya Okafor", service)
    secret = practice.phone(mother)[3:]
    return [mother, *(practice.arrives(name, service, **{"with": secret}) for name in ("Bo", "Cy"))]


def cards(page: Page) -> list[str]:
    """The numbers of the others, in the order they stand."""
    return [
        next(part for part in card.iter("bdi")).text or "" for card in page.classed("other")
    ]  # fmt: skip


def plain(number: str) -> str:
    return number.replace("\u202f", " ")


def state(page: Page) -> dict[str, str]:
    ticket = page.find("ticket")
    assert ticket is not None
    return {name: ticket.get(f"data-{name}", "") for name in ("state", "call", "title")}


def form_of(page: Page, button: str) -> tuple[str, dict[str, str]]:
    """Where this button's form goes, and what it sends."""
    form = next(one for one in page.every("form") if one.find(f".//button[@id='{button}']") is not None)
    return form.get("action", ""), {one.get("name", ""): one.get("value", "") for one in form.iter("input")}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_page_follows_everybody_of_the_party_with_the_links_own_number_first(practice: Practice, lang: str) -> None:
    practice.crowd(2)
    mother, bo, cy = family(practice)
    page = practice.page(practice.phone(mother, lang))

    assert page.says("place") == say_many("There is %(n)s person before you.", "There are %(n)s people before you.",
                                          2, lang)  # fmt: skip
    assert [plain(number) for number in cards(page)] == [bo["ticket"], cy["ticket"]]
    assert say("Still on time.", lang) in page.says("state-A-04")
    assert page.says("place-A-05") == say_many("There is %(n)s person before you.",
                                               "There are %(n)s people before you.", 4, lang)  # fmt: skip
    told = practice.visit(cy).told
    assert told
    assert told.high
    assert say("Most likely by %(time)s.", lang, time=f"{told.high:%H:%M}") in page.says("estimate-A-05")

    child = practice.page(practice.phone(cy, lang))
    assert [plain(number) for number in cards(child)] == [mother["ticket"], bo["ticket"]]
    assert state(child)["title"] == cy["ticket"]


def test_who_came_alone_sees_no_other_numbers(practice: Practice) -> None:
    family(practice)
    html = practice.get(practice.phone(practice.arrives()))
    assert say("Your other numbers") not in shown(html)
    assert Page(html).classed("other") == []


def test_a_party_s_page_shows_numbers_and_nothing_else_of_anybody(practice: Practice) -> None:
    mother, bo, cy = family(practice)
    html = practice.get(practice.phone(mother))
    for private in ("Maya", "Okafor", "Bo", "Cy", "Doctor", mother["visit"], bo["visit"], cy["visit"]):
        assert private not in shown(html), private
    for visit in (mother, bo, cy):
        assert visit["visit"] not in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_call_of_anybody_takes_the_whole_page_and_says_whose_number_it_is(practice: Practice, lang: str) -> None:
    mother, bo, cy = family(practice)
    practice.calls(bo, "room-2")
    page = practice.page(practice.phone(mother, lang))

    assert state(page)["state"] == "called"
    assert state(page)["title"] == say("It's your turn", lang)
    assert say("%(ticket)s: please come to %(room)s.", lang, ticket="A\u202f02", room="Room 2") in page.says("called")
    assert [plain(number) for number in cards(page)] == [mother["ticket"], cy["ticket"]]
    assert [one.get("id") for one in page.every(role="alert")] == ["called"]


def test_several_who_are_called_at_once_are_all_shown_and_each_call_rings_once(practice: Practice) -> None:
    mother, bo, cy = family(practice)
    calls = []
    for visit, room in ((bo, "room-1"), (cy, "room-2")):
        practice.calls(visit, room)
        calls.append(int(state(practice.page(practice.phone(mother)))["call"]))
    page = practice.page(practice.phone(mother))
    said = page.says("called")

    assert calls[0] < calls[1], "a second call rings again"
    assert "Room 1" in said
    assert "Room 2" in said
    assert said.count("Take the time you need.") == 1
    practice.does("start", visit=cy["visit"])
    assert int(state(practice.page(practice.phone(mother)))["call"]) == calls[0], "who goes in rings nobody"
    practice.does("recall", visit=bo["visit"])
    assert int(state(practice.page(practice.phone(mother)))["call"]) > calls[1]


def test_each_number_has_its_own_buttons_and_a_tap_is_for_that_number_alone(practice: Practice) -> None:
    mother, bo, cy = family(practice)
    for visit in (bo, cy):
        practice.does("hold", visit=visit["visit"])
    path = practice.phone(mother)
    action, fields = form_of(practice.page(path), "here-A-03")

    assert practice.client.post(action, data=fields).status_code == 303
    assert [practice.visit(one).status for one in (mother, bo, cy)] == ["waiting", "on_hold", "waiting"]

    way = practice.page(path).find("leave-A-02")
    assert way is not None
    ask = practice.page(way.get("href", ""))
    assert bo["ticket"] in shown(practice.get(way.get("href", ""))).replace("\u202f", " ")
    action, fields = form_of(ask, "leave-now")
    assert practice.client.post(action, data=fields).status_code == 303
    assert [practice.visit(one).status for one in (mother, bo, cy)] == ["waiting", "left", "waiting"]


def test_a_button_says_aloud_for_whom_it_is(practice: Practice) -> None:
    mother, *_ = family(practice)
    page = practice.page(practice.phone(mother))
    assert plain(page.says("leave-A-02")) == "A 02: I can't wait"
    assert plain(page.says("leave")) == "A 01: I can't wait"


def test_where_several_are_called_each_button_shows_for_whom_it_is(practice: Practice) -> None:
    mother, bo, cy = family(practice)
    practice.calls(bo)
    practice.calls(cy, "room-2")
    page = practice.page(practice.phone(mother))
    for visit in (bo, cy):
        way = page.find("leave-" + visit["ticket"].replace(" ", "-"))
        assert way is not None
        assert plain(text(way)) == f"{visit['ticket']}: I can't wait"
        assert "visually-hidden" not in [part.get("class") for part in way.iter()]


def test_who_came_along_has_not_joined_after_you(practice: Practice) -> None:
    mother, *_ = family(practice)
    assert "joined after you" not in shown(practice.get(practice.phone(mother)))
    practice.arrives()
    assert "1 person has joined after you." in shown(practice.get(practice.phone(mother)))


@pytest.mark.parametrize("state", ["waiting", "called", "done"])
def test_a_party_s_page_says_when_it_was_updated(practice: Practice, state: str) -> None:
    mother, *_ = family(practice)
    if state != "waiting":
        practice.calls(mother)
    if state == "done":
        practice.does("finish", visit=mother["visit"])
    assert shown(practice.get(practice.phone(mother))).count("Updated 09:00.") == 1


@pytest.mark.parametrize("button", ["here", "leave"])
@pytest.mark.parametrize("named", ["id", "ticket"])
def test_a_link_acts_for_nobody_outside_its_party(practice: Practice, button: str, named: str) -> None:
    mother, *_ = family(practice)
    other = practice.arrives()
    practice.does("hold", visit=other["visit"])
    before = practice.desk.line
    who = {"id": other["visit"], "ticket": other["ticket"]}[named]
    path = practice.phone(mother)

    answer = practice.client.post(f"{path}/{button}", data={"visit": who, "request": "1"})

    unknown = practice.client.post(f"/t/{'x' * 22}/{button}", data={"visit": who, "request": "1"})
    assert (answer.status_code, answer.text) == (404, unknown.text)
    assert practice.client.post(f"{path}/{button}", json={"visit": who}).status_code == 404
    assert practice.client.get(f"{path}/leave", query_string={"visit": who}).status_code == 404
    assert practice.desk.line == before


def test_programs_may_name_the_visit_by_its_id(practice: Practice) -> None:
    mother, bo, _ = family(practice)
    assert practice.client.post(practice.phone(mother) + "/leave", json={"visit": bo["visit"]}).status_code == 303
    assert practice.visit(bo).status == "left"


def test_the_link_lives_until_two_hours_after_the_last_of_the_party(practice: Practice) -> None:
    mother, bo, cy = family(practice)
    practice.does("leave", visit=mother["visit"])
    practice.does("leave", visit=bo["visit"])
    practice.later(minutes=180)
    path = practice.phone(mother)
    key = f"phone/{path[3:]}/en"
    assert plain(cards(practice.page(path))[-1]) == cy["ticket"]
    practice.does("leave", visit=cy["visit"])
    practice.later(minutes=119, seconds=59)
    assert practice.live.current(key)
    practice.later(seconds=1)
    practice.get(path, 404)
    assert practice.live.current(key) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_load_of_a_large_party_is_at_most_60_kb_without_fonts(practice: Practice, lang: str) -> None:
    mother, *_ = family(practice)
    for _ in range(3):
        practice.arrives(**{"with": practice.phone(mother)[3:]})
    html = practice.get(practice.phone(mother, lang))
    page = Page(html)
    files = [one.get("href", "") for one in page.every("link") if one.get("rel") in ("stylesheet", "icon")]
    files += [one.get("src", "") for one in page.every("script")]
    size = len(html.encode()) + sum(len(practice.client.get(file, buffered=True).data) for file in files)
    assert size <= 60 * 1024


def test_every_id_on_a_party_s_page_is_there_once(practice: Practice) -> None:
    mother, bo, cy = family(practice)
    practice.calls(mother)
    practice.calls(cy, "room-2")
    practice.does("hold", visit=bo["visit"])
    for visit in (mother, bo, cy):
        ids = [one.get("id") for one in practice.page(practice.phone(visit)).every() if one.get("id")]
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("own", ["waiting", "called", "done"])
def test_that_we_close_is_said_once_to_a_party(practice: Practice, own: str) -> None:
    room, *others = practice.desk.line.setup.rooms
    practice.change(rooms=(replace(room, opens="08:00", closes="17:00"), *others))
    mother, *_ = family(practice)
    if own != "waiting":
        practice.calls(mother)
    if own == "done":
        practice.does("finish", visit=mother["visit"])
    practice.desk.do(commands.tell_closing, by="staff", message="all")

    assert shown(practice.get(practice.phone(mother))).count("We close at 17:00.") == 1
