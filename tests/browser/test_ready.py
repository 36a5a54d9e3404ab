"""While people wait: what to have ready, notes that stay on the phone, and a page for who came along."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conditions import all_live, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic
from tests.browser.test_phone import CUT, DOUBLED, SMALL

WORDS = "My mother had the same"
FURNISHED = {
    "seating": "Take a seat by the window.", "water": "By the desk", "toilets": "Down the hall", "wifi": "Guest",
    "ready-A-insurance_card": "on", "ready-A-medicines": "on", "ready-also-A": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic of its own: what it says of water and toilets is not to stay on other tests' phones."""
    clinic = Clinic(tmp_path_factory.mktemp("furnished")).start()
    yield clinic
    clinic.stop()


@pytest.fixture
def furnished(apart: Clinic) -> Clinic:
    """That clinic on a new day."""
    apart.new_day(**FURNISHED)
    return apart


def narrow(phone: Page, clinic: Clinic, visit: dict[str, Any]) -> str:
    """Where the companion's page of this visit is, as its share page says."""
    phone.goto(clinic.url + visit["path"] + "/share")
    return "/c/" + phone.locator("#address").input_value().rsplit("/c/", 1)[1]


def kept(phone: Page) -> dict[str, Any]:
    """All that this phone keeps for our pages."""
    return dict(json.loads(phone.evaluate("JSON.stringify(localStorage)")))


def test_what_matters_stays_on_the_phone(screens: Screens, clinic: Clinic) -> None:
    ana, other = clinic.check_in(), clinic.check_in()
    phone = screens.phone(clinic, ana["path"])
    sent: list[str] = []
    phone.context.on("request", lambda one: sent.append(f"{one.url} {one.post_data}"))
    phone.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(str(data))))
    phone.locator("#matters-page").tap()
    all_live([phone])
    phone.locator("#note-most").fill(WORDS)
    expect(phone.locator("#kept")).to_have_text("Kept on this phone.")
    phone.reload()
    expect(phone.locator("#note-most")).to_have_value(WORDS)
    phone.locator("#show-notes").tap()
    expect(phone.locator("#read p[dir]").first).to_have_text(WORDS)
    expect(phone.locator("#write")).to_be_hidden()

    # it is this visit's alone, and a call reaches who writes
    phone.goto(clinic.url + other["path"] + "/matters")
    expect(phone.locator("#note-most")).to_have_value("")
    phone.goto(clinic.url + ana["path"] + "/matters")
    all_live([phone])
    expect(phone.locator("#screen")).to_be_hidden()
    clinic.staff("call", visit=ana["visit"], room="room-1")
    expect(phone.locator(".room")).to_contain_text("Room 1")
    expect(phone.locator("#note-most")).to_have_value(WORDS)

    phone.locator("#clear-notes").tap()
    phone.locator("#clear-now").tap()
    expect(phone.locator("#note-most")).to_have_value("")
    assert kept(phone) == {}
    assert len(sent) > 5
    assert not [one for one in sent if "mother" in one]


def test_old_notes_go_by_themselves(screens: Screens, clinic: Clinic) -> None:
    phone = screens.phone(clinic, clinic.check_in()["path"] + "/matters")
    phone.locator("#note-ask").fill(WORDS)
    (name,) = kept(phone)
    phone.evaluate("""name => {
        const notes = JSON.parse(localStorage.getItem(name));
        localStorage.setItem("kindline-notes-anotherday", JSON.stringify({...notes, at: notes.at - 25 * 3600 * 1000}));
        localStorage.setItem("kindline-notes-AAAAAAAA", JSON.stringify(notes));
    }""", name)  # fmt: skip
    phone.goto(clinic.url + "/t/AAAAAAAAAAAAAAAAAAAAAA")
    expect(phone.get_by_role("heading")).to_have_text("This page has ended.")
    assert set(kept(phone)) == {name}


def test_without_scripts_paper_is_offered(screens: Screens, clinic: Clinic) -> None:
    phone = screens.phone(clinic, clinic.check_in()["path"] + "/matters", java_script_enabled=False)
    expect(phone.locator("#on-paper")).to_be_visible()
    expect(phone.locator("textarea").first).to_be_hidden()


def test_a_companion_follows_a_call(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    ana = clinic.check_in()
    theirs = screens.phone(clinic, narrow(screens.phone(clinic, ana["path"]), clinic, ana))
    all_live([theirs])
    expect(theirs.locator("#place")).to_have_text("There is 1 person before them.")
    clinic.staff("call", visit=ana["visit"], room="room-2")
    expect(theirs.get_by_role("heading")).to_have_text("It's their turn.")
    expect(theirs.locator("#place")).to_have_count(0)
    assert not any(word in theirs.content() for word in ("Room", "A 02", "A\u202f02", "Doctor"))
    clinic.staff("start", visit=ana["visit"])
    expect(theirs.get_by_role("heading")).to_have_text("They are being seen.")


def test_the_address_is_copied_by_one_touch(screens: Screens, clinic: Clinic) -> None:
    phone = screens.phone(clinic, clinic.check_in()["path"] + "/share")
    phone.locator("#copy-it").tap()
    expect(phone.locator("#copied")).to_have_text("Copied. You can paste it in a message.")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nobody_is_kept_out_and_nothing_is_cut(screens: Screens, furnished: Clinic, language: str) -> None:
    furnished.check_in()
    ana = furnished.check_in()
    page = screens.phone(furnished, ana["path"])
    paths = [ana["path"] + page for page in ("", "/matters", "/share")]
    paths += [narrow(page, furnished, ana), "/c/" + "A" * 22]
    for size in ({}, SMALL, DOUBLED):
        phone = screens.phone(furnished, "/t", **size, color_scheme="dark" if size == SMALL else "light")
        for path in paths:
            phone.goto(f"{furnished.url}{path}?lang={language}")
            if path.endswith("matters"):
                phone.locator("#note-most").fill(WORDS)
            assert not too_wide(phone), path
            assert phone.evaluate(CUT) == [], path
            if size == DOUBLED:
                continue
            assert violations(phone) == [], path
            if path.endswith("matters"):
                phone.locator("#show-notes").tap()
                assert violations(phone) == [], "the large view"


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1024, 768)])
def test_the_list_fits_on_the_ticket(
    screens: Screens, furnished: Clinic, width: int, height: int, language: str
) -> None:
    furnished.check_in()
    tablet = screens.tablet(
        furnished, f"/kiosk/details?service=doctor&lang={language}", viewport={"width": width, "height": height}
    )
    tablet.locator("#get-number").tap()
    expect(tablet.locator("#ready")).to_be_visible()
    scrolls = "document.documentElement.scrollHeight > innerHeight"
    assert not tablet.evaluate(scrolls)
    for part in ("#ready", ".seating", "#done"):
        expect(tablet.locator(part)).to_be_in_viewport(ratio=1)
    tablet.goto(f"{furnished.url}/kiosk/place?letter=A&number=1&lang={language}")
    expect(tablet.locator("#ready")).to_be_visible()
    assert not tablet.evaluate(scrolls)
