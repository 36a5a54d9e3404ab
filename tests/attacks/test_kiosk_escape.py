"""From the tablet and the TV nothing leads out, and nothing stays for the next person (TRUST A17, A18).

What the device itself must be told is in docs/kiosk.md. The way back, reloading and the idle time are tried by hand in
tests/browser/test_tablet.py and test_appointment_tablet.py.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faces import Page, Practice
from tests.kiosk.booked import MAYA, book, looks, press
from words import LANGUAGES, ROOT

WAYS_OUT = ("window.open", "print(", "showOpenFilePicker", "showSaveFilePicker", "requestFullscreen", "navigator.share")
OURS = re.compile(r"/(kiosk|static)(/|\?|$)")
TV_S = re.compile(r"/(display|static)(/|\?|$)")


def tablet_pages(practice: Practice, lang: str) -> Iterator[Page]:
    """Every page of the tablet: as found by address, and as its buttons lead there."""
    practice.change(phone="+44 20 7946 0000", seating="By the window.", wifi="guest")
    book(practice)
    start = practice.page(f"/kiosk?lang={lang}")
    yield start
    for path in ("/kiosk/services", "/kiosk/place", "/kiosk/appointment", "/kiosk/code", "/kiosk/nothing-here"):
        yield practice.page(f"{path}?lang={lang}", 404 if "nothing" in path else 200)
    details = practice.page(f"/kiosk/details?service=doctor&lang={lang}")
    yield details
    yield press(practice, details, "get-number", 422, name="M" * 90)
    wishes = press(practice, details, "helpful")
    yield wishes
    yield press(practice, wishes, "get-number", 200, **{"need-interpreter": "yes"})
    yield press(practice, details, "get-number", name="Maya")
    yield practice.page(f"/kiosk/place?letter=A&number=1&lang={lang}")
    yield looks(practice, lang=lang, **MAYA)
    yield looks(practice, lang=lang, **{**MAYA, "letter": "Q"})
    yield press(practice, start, "ask-help")


def leads(page: Page) -> list[str]:
    """Where the links, forms and files of this page lead."""
    found = [one.get(name) for one in page.every() for name in ("href", "action", "formaction", "src")]
    return [str(address) for address in found if address]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_page_of_the_tablet_leads_anywhere_else(practice: Practice, lang: str) -> None:
    pages = list(tablet_pages(practice, lang))
    assert len(pages) == 15
    for page in pages:
        assert [one for one in leads(page) if not OURS.match(one) and not one.startswith(("?", "#"))] == []
        stays_within(page)


def test_no_page_of_the_tv_leads_anywhere_else(practice: Practice) -> None:
    practice.calls(practice.arrives())
    for path in ("/display", "/display?mode=large", "/display/plain"):
        page = practice.page(path)
        assert [one for one in leads(page) if not TV_S.match(one) and not one.startswith("?")] == []
        assert page.every("a") == page.every("form") == page.every("button") == []
        stays_within(page)


def stays_within(page: Page) -> None:
    """It opens no window, hands out no file, takes none in, and shows no other page within it."""
    for one in page.every():
        assert not {"target", "download", "ping", "contenteditable"} & set(one.attrib), one.attrib
        assert one.tag not in ("iframe", "object", "embed", "video", "audio"), one.tag
    assert page.every("input", type="file") == []
    assert [one for one in page.every("meta") if "://" in one.get("content", "")] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_browser_is_told_to_remember_nothing_that_is_typed_at_the_tablet(practice: Practice, lang: str) -> None:
    fields = 0
    for page in tablet_pages(practice, lang):
        for one in page.every("input"):
            if one.get("type", "text") not in ("hidden", "radio", "checkbox"):
                assert one.get("autocomplete") == "off", one.attrib
                fields += 1
    assert fields >= 8


def scripts(path: str, practice: Practice) -> list[Path]:
    """The scripts of the page at this address."""
    found = [urlsplit(str(one.get("src"))).path for one in practice.page(path).every("script")]
    return [ROOT / one.removeprefix("/") for one in found]


@pytest.mark.parametrize("path", ["/kiosk", "/display"])
def test_no_script_of_the_tablet_or_the_tv_opens_a_window_a_dialog_or_a_file(practice: Practice, path: str) -> None:
    own = [one for one in scripts(path, practice) if "vendor" not in one.parts]
    assert len(own) >= 4
    for script in own:
        text = script.read_text("utf-8")
        assert [way for way in WAYS_OUT if way in text] == [], script.name
        assert not re.search(r"\b(alert|confirm|prompt)\(", text), script.name


@pytest.mark.parametrize("face", ["kiosk", "display"])
def test_a_long_press_selects_nothing_and_opens_no_menu(face: str) -> None:
    lines = (ROOT / "static" / f"{face}.css").read_text("utf-8").splitlines()
    rule = next(line for line in lines if line.startswith(f".{face} {{"))
    for wanted in (" -webkit-user-select: none", " user-select: none", " -webkit-touch-callout: none"):
        assert wanted in rule
    script = (ROOT / "static" / f"{face}.js").read_text("utf-8")
    assert 'document.addEventListener("contextmenu", (event) => event.preventDefault())' in script
