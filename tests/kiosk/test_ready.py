"""While they wait people read what to have ready and where things are, and may write down what matters to them."""

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.faces import Page, Practice, say, shown, text
from tests.kiosk.test_phone import LANGUAGES, in_state
from words import language

AROUND = {"seating": "By the window.", "water": "At the <b>desk</b>", "toilets": "في نهاية الممر", "wifi": "Guest"}
READY = ("your insurance card", "your medicines")
WAITING = ("waiting", "next", "on_hold", "cannot_say")
PROMPTS = ("What matters most to me today?", "What do I want to ask?", "What should they know about me?")


def furnished(practice: Practice, **doctor: Any) -> None:
    first, *others = practice.desk.line.setup.services
    practice.change(services=(replace(first, **doctor), *others), **AROUND)


def bare(practice: Practice) -> None:
    """A clinic that has set nothing of this up."""
    practice.change(services=tuple(replace(one, ready=()) for one in practice.desk.line.setup.services))


def things(lang: str) -> str:
    """The list as it is said in one sentence."""
    return say("Please have ready: %(things)s.", lang, things=language(lang).listed(READY))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_ticket_says_what_to_have_ready(practice: Practice, lang: str) -> None:
    fields = {"service": "doctor", "lang": lang, "request": "tap"}
    page = Page(practice.client.post("/kiosk/check-in", data=fields).text)
    assert page.says("ready") == things(lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_so_does_the_place_at_the_tablet(practice: Practice, lang: str) -> None:
    practice.arrives()
    assert practice.page(f"/kiosk/place?letter=A&number=1&lang={lang}").says("ready") == things(lang)


def test_the_tablet_leaves_it_to_the_phone_where_there_is_no_room(practice: Practice) -> None:
    post = practice.client.post
    large = Page(post("/kiosk/check-in", data={"service": "doctor", "size": "large", "request": "a"}).text)
    assert large.find("ready") is None
    furnished(practice, ready_also="the yellow form that the front desk gave you last time, with both pages signed")
    page = Page(post("/kiosk/check-in", data={"service": "doctor", "request": "b"}).text)
    assert page.find("ready") is None
    ana = practice.arrives()
    assert "the yellow form" in practice.page(practice.phone(ana)).says("ready")


def test_the_tablet_s_list_follows_the_wire_and_goes_with_the_call(practice: Practice) -> None:
    ana = practice.arrives()
    key = "ticket/" + practice.desk.links.secret(ana["visit"]) + "/en"
    screen = practice.live.current(key)
    assert screen
    assert Page(screen["html"]).says("ready") == things("en")
    practice.calls(ana)
    screen = practice.live.current(key)
    assert screen
    assert Page(screen["html"]).find("ready") is None


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", WAITING)
def test_the_phone_shows_it_to_who_waits(practice: Practice, state: str, lang: str) -> None:
    furnished(practice, ready_also="Your red booklet.")
    page = practice.page(practice.phone(in_state(practice, state), lang))
    said = page.says("ready")
    for words in (*READY, "Please have ready"):
        assert say(words, lang) in said
    assert said.endswith("Your red booklet")
    (around,) = page.every("dl")
    labels = [say(words, lang) for words in ("Where to sit", "Water", "Toilets", "Wi-Fi")]
    assert [text(one) for one in around.iter("dt")] == labels
    assert [text(one) for one in around.iter("dd")] == list(AROUND.values())
    assert all(one.find("bdi[@dir='auto']") is not None for one in around.iter("dd"))


@pytest.mark.parametrize("state", ["called", "in_room", "no_show", "done", "left"])
def test_nobody_else_sees_it(practice: Practice, state: str) -> None:
    furnished(practice)
    page = practice.page(practice.phone(in_state(practice, state)))
    assert page.find("ready") is None
    assert page.find("while-waiting") is None
    assert (page.find("matters-page") is not None) is (state == "in_room"), "they find what they wrote in the room"


def test_where_nothing_is_set_nothing_is_shown(practice: Practice) -> None:
    bare(practice)
    ana = practice.arrives()
    page = practice.page(practice.phone(ana))
    assert page.find("ready") is None
    assert page.every("dl") == []
    assert practice.page("/kiosk/place?letter=A&number=1").find("ready") is None


def test_it_comes_after_all_that_is_about_their_turn(practice: Practice) -> None:
    furnished(practice)
    practice.arrives()
    page = practice.page(practice.phone(practice.arrives()))
    order = [one.get("id") for one in page.every() if one.get("id")]
    wanted = ["state", "place", "estimate", "leave", "ready", "while-waiting", "matters-page", "share-page"]
    assert [one for one in order if one in wanted] == wanted
    said = shown(practice.get(practice.phone(practice.arrives())))
    assert said.index("Updated") < said.index("Next:") < said.index("Please have ready")


def test_a_family_reads_one_list_for_those_who_wait(practice: Practice) -> None:
    doctor, nurse = practice.desk.line.setup.services
    practice.change(services=(replace(doctor, ready=("medicines",)), replace(nurse, ready=("glasses", "medicines"))))
    ana = practice.arrives()
    secret = practice.desk.links.secret(ana["visit"])
    child = practice.arrives(service="nurse", **{"with": secret})
    items = practice.page(practice.phone(ana)).every("ul", class_="things")
    assert [one.text for one in items[0]] == ["your medicines", "your glasses"]
    practice.does("leave", visit=child["visit"])
    items = practice.page(practice.phone(ana)).every("ul", class_="things")
    assert [one.text for one in items[0]] == ["your medicines"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_matters_is_asked_in_three_prompts_and_never_sent(practice: Practice, lang: str) -> None:
    ana = practice.arrives()
    page = practice.page(practice.phone(ana).split("?")[0] + f"/matters?lang={lang}")
    matters = page.find("matters")
    assert matters is not None
    assert [one.text for one in matters.iter("label")] == [say(words, lang) for words in PROMPTS]
    assert len(list(matters.iter("textarea"))) == 3
    assert not list(matters.iter("form"))
    assert not any(one.get("name") for one in matters.iter("textarea")), "no form could carry it"
    said = page.says("matters")
    assert say("This stays on your phone. We never see it.", lang) in said
    assert say("Ask us for paper and a pen, and write it there.", lang) in page.says("on-paper")


def test_who_writes_is_called_on_that_very_page(practice: Practice) -> None:
    ana = practice.arrives()
    path = practice.phone(ana)
    for page in ("/matters", "/share"):
        key = practice.page(path + page).every("body")[0].get("data-key")
        assert key == "phone/" + practice.desk.links.secret(ana["visit"]) + "/en"
    practice.calls(ana)
    assert say("Please come to %(room)s.", room="Room 1") in practice.page(path + "/matters").says("called")


def test_notes_end_with_the_link(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("leave", visit=ana["visit"])
    practice.later(minutes=121)
    html = practice.get(practice.phone(ana) + "/matters", 404)
    assert "data-ended" in html
    assert re.search(r"/static/matters\.js\?v=", html)
    assert Page(html).find("matters") is None
