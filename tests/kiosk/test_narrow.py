"""The companion's page: a second link that tells place, range and state of one visit, and nothing else."""

import re
from typing import Any

import pytest

from tests.faces import Page, Practice, say, say_many, shown
from tests.kiosk.test_phone import LANGUAGES, in_state

SENTENCES = {
    "waiting": ["They are waiting.", "Most likely by %(time)s."],
    "next": ["They are next.", "Nobody is before them."],
    "cannot_say": ["We can't give a fair time right now.", "We will update this by %(time)s."],
    "called": ["It's their turn."],
    "in_room": ["They are being seen."],
    "on_hold": ["They have stepped out.", "They keep their place."],
    "no_show": ["We called and did not find them.", "If you are with them, come to the desk."],
    "done": ["They have been seen."],
    "left": ["They have left the line."],
}


def path(practice: Practice, ana: dict[str, Any], lang: str = "en") -> str:
    """The address of this visit's companion page, as the share page gives it."""
    page = practice.page(practice.phone(ana) + "/share")
    address = page.find("address")
    assert address is not None
    return "/c/" + address.get("value", "").rsplit("/c/", 1)[1] + f"?lang={lang}"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", SENTENCES)
def test_every_state_has_its_sentence(practice: Practice, state: str, lang: str) -> None:
    ana = in_state(practice, state)
    told = practice.visit(ana).told
    by = f"{told.high:%H:%M}" if told and told.high else "09:20"
    html = practice.get(path(practice, ana, lang))
    for words in SENTENCES[state]:
        assert say(words, lang, **({"time": by} if "%(time)s" in words else {})) in shown(html), words
    assert Page(html).every("html")[0].get("dir") == ("rtl" if lang == "ar" else "ltr")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_place_and_range_are_those_that_the_patient_reads(practice: Practice, lang: str) -> None:
    ana = practice.crowd(4)[-1]
    page = practice.page(path(practice, ana, lang))
    words = ("There is %(n)s person before them.", "There are %(n)s people before them.")
    assert page.says("place") == say_many(*words, 3, lang)
    assert page.says("estimate") in practice.page(practice.phone(ana, lang)).says("estimate")


@pytest.mark.parametrize("state", SENTENCES)
def test_it_tells_nothing_else(practice: Practice, state: str) -> None:
    practice.change(name="Hill Practice", phone="555 0100", seating="By the window", wifi="Guest")
    practice.arrives("Maya Okafor", call_me="name")
    ana = in_state(practice, state)
    visit = practice.visit(ana)
    # Its own secret is of random letters, which may spell anything.
    html = practice.get(path(practice, ana)).replace(practice.desk.links.companion(visit.id), "")
    for told in (html, shown(html)):
        for private in (
            *("Maya", "Okafor", "Doctor", "doctor", "Room", "room-", "Hill", "555", "window", "Guest"),
            *(visit.id, visit.ticket, visit.ticket.replace(" ", "\u202f"), "A0", "A 0"),
            *(practice.desk.links.secret(visit.id), practice.desk.links.code(visit.id), "/t/", "/t?"),
        ):
            assert private not in told, private
    page = Page(html)
    assert not [*page.every("form"), *page.every("button"), *page.every("input")]
    assert {one.get("href") for one in page.every("a")} == {"?lang=es", "?lang=ar"}


def test_it_is_another_secret_and_neither_opens_the_other_s_page(practice: Practice) -> None:
    ana = practice.arrives()
    own, narrow = practice.phone(ana).rsplit("/", 1)[1], path(practice, ana).split("?")[0].rsplit("/", 1)[1]
    assert len(narrow) == 22
    assert own != narrow
    practice.get(f"/c/{own}", 404)
    for page in ("", "/leave", "/matters", "/share", "/feedback"):
        practice.get(f"/t/{narrow}{page}", 404)
    assert practice.live.current(f"companion/{narrow}/en") is not None
    for key in (f"companion/{own}/en", f"companion/{'x' * 22}/en", f"companion/{narrow}/xx", "companion//en",
                f"phone/{narrow}/en", f"ticket/{narrow}/en"):  # fmt: skip
        assert practice.live.current(key) is None, key


def test_it_can_do_nothing(practice: Practice) -> None:
    ana = practice.arrives()
    narrow = path(practice, ana).split("?")[0]
    before = practice.desk.line
    for way in ("", "/leave", "/here", "/share", "/feedback"):
        for address in (narrow, narrow.replace("/c/", "/t/")):
            answer = practice.client.post(address + way, data={"visit": ana["visit"], "rating": "good"})
            assert answer.status_code in (404, 405)
    assert practice.desk.line == before


def test_it_ends_with_the_visit_s_own_link(practice: Practice) -> None:
    ana = practice.arrives()
    narrow = path(practice, ana)
    practice.does("leave", visit=ana["visit"])
    practice.later(minutes=119)
    assert say("They have left the line.") in shown(practice.get(narrow))
    practice.later(minutes=2)
    ended = practice.get(narrow, 404)
    assert say("This page has ended.") in shown(ended)
    assert ended == practice.get("/c/" + "x" * 22 + "?lang=en", 404), "one that never was looks the same"
    assert practice.live.current(f"companion/{narrow[3:25]}/en") is None


def test_of_a_party_it_shows_the_link_s_own_visit(practice: Practice) -> None:
    ana = practice.arrives()
    practice.arrives(**{"with": practice.desk.links.secret(ana["visit"])})
    narrow = path(practice, ana)
    practice.calls(ana)
    html = practice.get(narrow)
    assert say("It's their turn.") in shown(html)
    assert say("They are waiting.") not in shown(html)
    assert len(Page(html).every("h1")) == 1


def test_without_scripts_it_loads_itself_again(practice: Practice) -> None:
    page = practice.page(path(practice, practice.arrives()))
    (again,) = [one for noscript in page.every("noscript") for one in noscript.iter("meta")]
    assert (again.get("http-equiv"), again.get("content")) == ("refresh", "30")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_share_page_says_what_they_will_see(practice: Practice, lang: str) -> None:
    ana = practice.arrives()
    page = practice.page(practice.phone(ana) + f"/share?lang={lang}")
    said = page.says("share")
    assert say("They see your place and time, and nothing else.", lang) in said
    assert len(page.classed("qr")) == 1
    address = page.find("address")
    assert address is not None
    assert re.fullmatch(r"http://[^/]+/c/[\w-]{22}", address.get("value", ""))
    assert practice.desk.links.companion(ana["visit"]) in address.get("value", "")
