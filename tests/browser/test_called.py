"""What would help, by touch and by keyboard; and who cannot hear a call is fetched, without a word on the TV."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conditions import all_live, ticket, too_high, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic
from tests.browser.test_tablet import (
    APART,
    CLOSE_TOGETHER,
    CUT,
    SIZES,
    SMALL_TARGETS,
    SMALL_TEXT,
    SMALLEST_TEXT,
    TARGET,
    UNREACHABLE,
    step,
    tab_to,
    to_details,
)  # isort: skip # fmt: skip


def touch(page: Page, name: str) -> None:
    """Touch the choice whose box has this id."""
    page.locator("label", has=page.locator(f"#{name}")).tap()


def test_who_cannot_hear_a_call_is_fetched(screens: Screens, clinic: Clinic) -> None:
    tv, staff, tablet = screens.tv(clinic), screens.staff(clinic), screens.tablet(clinic)
    all_live([tv, staff, tablet])
    to_details(tablet)
    tablet.locator("#helpful").tap()
    step(tablet, "needs")
    touch(tablet, "way-fetch")
    tablet.locator("#get-number").tap()
    step(tablet, "ticket")
    expect(tablet.locator("#told")).to_contain_text("We'll come and get you.")

    path = clinic.people()[0]["id"]
    expect(staff.locator("#do-room-1")).to_contain_text("in person")
    phone = screens.phone(clinic, staff_link(staff, path))
    expect(phone.locator("#ticket")).to_contain_text("We'll come and get you.")
    staff.locator("#do-room-1").click()
    expect(staff.locator("#room-room-1")).to_contain_text("Fetching")
    expect(staff.locator("#recall-room-1")).to_have_count(0)
    expect(phone.locator("#called")).to_contain_text("We are coming to get you. You can stay where you are.")
    clinic.check_in()
    clinic.staff("call-next", room="room-2")
    expect(tv.locator(".tv-call")).to_contain_text(ticket("A 02"))  # so the TV has heard of the call before
    assert ticket("A 01") not in tv.locator("#tv").inner_html()


def staff_link(staff: Page, visit: str) -> str:
    """The address of this patient's phone page, as staff find it."""
    staff.locator(f"#menu-{visit}").click()
    address = staff.locator("dialog a", has_text="Their phone page").get_attribute("href") or ""
    staff.keyboard.press("Escape")
    return "/t/" + address.rpartition("/")[2]


def test_what_would_help_needs_no_pointer(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    to_details(tablet)
    tab_to(tablet, "name")
    tablet.keyboard.type("Maya")
    tab_to(tablet, "helpful")
    tablet.keyboard.press("Enter")
    step(tablet, "needs")
    for box in ("need-interpreter", "need-quiet"):
        for _ in range(30):
            tablet.keyboard.press("Tab")
            if tablet.evaluate("document.activeElement.id") == box:
                break
        tablet.keyboard.press("Space")
        expect(tablet.locator(f"#{box}")).to_be_checked()
    tab_to(tablet, "get-number")
    tablet.keyboard.press("Enter")
    step(tablet, "spoken")
    tab_to(tablet, "spoken-also")
    tablet.keyboard.type("Tigrinya")
    tablet.keyboard.press("Enter")
    step(tablet, "ticket")
    found = clinic.line()["visits"][0]
    assert (found["needs"], found["spoken"], found["name"]) == (["interpreter", "quiet"], "Tigrinya", "Maya")


def test_enter_in_the_name_still_gets_the_number(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    to_details(tablet)
    tablet.locator("#name").fill("Maya")
    tablet.keyboard.press("Enter")
    step(tablet, "ticket")


def test_who_wants_large_letters_has_them_at_once(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    to_details(tablet)
    tablet.locator("#helpful").tap()
    touch(tablet, "need-large-text")
    expect(tablet.locator("html")).to_have_class("kiosk large")
    touch(tablet, "need-large-text")
    expect(tablet.locator("html")).to_have_class("kiosk normal")
    touch(tablet, "need-large-text")
    tablet.locator("#get-number").tap()
    step(tablet, "ticket")
    expect(tablet.locator("html")).to_have_class("kiosk large")


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_pages_of_what_helps_fit_any_finger_and_any_reader(
    screens: Screens, clinic: Clinic, lang: str, width: int, height: int
) -> None:
    tablet = screens.tablet(clinic, f"/kiosk?lang={lang}", viewport={"width": width, "height": height})
    to_details(tablet)
    tablet.locator("#name").fill("Maya Okafor")
    tablet.locator("#helpful").tap()
    step(tablet, "needs")
    for at in ("needs", "spoken"):
        assert not too_high(tablet), at
        assert not too_wide(tablet), at
        assert tablet.evaluate(SMALL_TARGETS.replace(", input", ", input:not(.option input)"), TARGET) == [], at
        assert tablet.evaluate(SMALL_TEXT, SMALLEST_TEXT) == [], at
        assert tablet.evaluate(CLOSE_TOGETHER, APART) == [], at
        assert tablet.evaluate(CUT) == [], at
        assert violations(tablet) == [], at
        assert tablet.evaluate(UNREACHABLE) == [], at
        if at == "needs":
            touch(tablet, "need-interpreter")
            tablet.locator("#get-number").tap()
            step(tablet, "spoken")
