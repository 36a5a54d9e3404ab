"""What is kept of a person, in plain words: on the phone a page, on the tablet a part a page, nowhere on the TV."""

import pytest

from kiosk.privacy import PARTS
from tests.faces import Practice, say, say_many, shown

ERASED = (
    "We erase your name and what helps you %(n)s hour after your visit.",
    "We erase your name and what helps you %(n)s hours after your visit.",
)
LANGUAGES = ["en", "es", "ar"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("hours", [1, 24, 72])
def test_the_phone_says_what_is_kept_and_for_how_many_hours_here(practice: Practice, lang: str, hours: int) -> None:
    practice.change(kept_hours=hours, phone="555 0100")

    said = shown(practice.get(f"/privacy?lang={lang}"))

    assert say_many(*ERASED, hours, lang) in said
    for sentence in (
        "Your privacy",
        "What we keep, and why",
        "How long we keep it",
        "Who sees it",
        "What we don't do",
        "Ask us at the desk and we erase your name at once. You need not say why.",
        "We keep no list of phones or of their addresses.",
        "If we still want to reach you, we keep your name two weeks at most.",
    ):
        assert say(sentence, lang) in said
    assert say("You can also call us on %(phone)s.", lang, phone="555 0100") in said


def test_the_phone_speaks_its_own_language(practice: Practice) -> None:
    answer = practice.client.get("/privacy", headers={"Accept-Language": "ar"})

    assert 'lang="ar" dir="rtl"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_of_a_visit_leads_there(practice: Practice, lang: str) -> None:
    ana = practice.arrives("Ana")

    for path in (practice.phone(ana, lang), f"{practice.phone(ana)}/question?lang={lang}", f"/t?lang={lang}"):
        link = practice.page(path).find("privacy")
        assert link is not None
        assert link.get("href") == f"/privacy?lang={lang}"


def test_the_page_is_the_same_for_everybody_and_knows_nobody(practice: Practice) -> None:
    before = practice.get("/privacy")
    practice.arrives("Ana")

    assert practice.get("/privacy") == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tablet_says_the_same_a_part_a_page(practice: Practice, lang: str) -> None:
    phone = shown(practice.get(f"/privacy?lang={lang}"))

    for part in PARTS:
        page = practice.page(f"/kiosk/privacy?part={part}&lang={lang}")
        (told,) = page.classed("told")
        sentences = [shown("".join(one.itertext())) for one in told.iter("p")]
        assert len(sentences) >= 3
        assert all(one in phone for one in sentences)
        (body,) = page.every("body")
        assert body.get("data-step") == "privacy"
        assert page.find("back") is not None
        assert (page.find("next") is None) == (page.find("done") is not None) == (part == PARTS[-1])


@pytest.mark.parametrize("part", ["0", "6", "two", ""])
def test_a_part_that_is_none_is_the_first(practice: Practice, part: str) -> None:
    assert practice.get(f"/kiosk/privacy?part={part}") == practice.get("/kiosk/privacy?part=1")


def test_the_tablets_first_screen_leads_there_and_the_tv_does_not(practice: Practice) -> None:
    page = practice.page("/kiosk?lang=es")

    forms = [one for one in page.every("form", action="/kiosk/privacy") if one.get("method") == "get"]
    assert len(forms) == 1
    assert "privacy" not in practice.get("/display")


def test_who_wants_a_name_erased_can_ask_for_a_person_there(practice: Practice) -> None:
    page = practice.page(f"/kiosk/privacy?part={PARTS[-1]}")

    button = page.find("ask-help")
    assert button is not None
    assert button.get("form") == "help-form"
