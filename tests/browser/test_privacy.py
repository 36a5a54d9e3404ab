"""What is kept of a person, read in a real browser; names erased with the keyboard alone."""

import pytest
from playwright.sync_api import expect

from kiosk.privacy import PARTS
from tests.browser.axe import violations
from tests.browser.conditions import all_live, ticket, too_high, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic, until
from tests.browser.test_after import fine, fine_by_day_and_night, seen
from tests.browser.test_tablet import (
    APART,
    ASKING,
    CLOSE_TOGETHER,
    CUT,
    IDLE,
    SIZES,
    SMALL_TARGETS,
    SMALL_TEXT,
    SMALLEST_TEXT,
    TARGET,
    UNREACHABLE,
    step,
    tab_to,
)


def test_all_of_it_is_read_at_the_tablet_without_a_pointer(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    tab_to(tablet, "privacy")
    tablet.keyboard.press("Enter")
    for part in PARTS:
        step(tablet, "privacy")
        expect(tablet.locator("#page-of")).to_have_text(f"{part}/{len(PARTS)}")
        tab_to(tablet, "next" if part != PARTS[-1] else "done")
        tablet.keyboard.press("Enter")
    step(tablet, "start")
    assert tablet.evaluate("history.length") <= 2, "nobody goes back to it"


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_every_part_fits_hands_eyes_and_a_small_tablet(screens: Screens, clinic: Clinic, language: str) -> None:
    tablet = screens.tablet(clinic)
    wrong: list[str] = []
    for part in PARTS:
        tablet.goto(f"{clinic.url}/kiosk/privacy?part={part}&lang={language}")
        wrong += [f"part {part}: {one}" for one in violations(tablet)]
        for width, height in SIZES:
            tablet.set_viewport_size({"width": width, "height": height})
            found = [*tablet.evaluate(SMALL_TARGETS, TARGET), *tablet.evaluate(SMALL_TEXT, SMALLEST_TEXT),
                     *tablet.evaluate(CLOSE_TOGETHER, APART), *tablet.evaluate(CUT)]  # fmt: skip
            found += ["scrolls sideways"] * too_wide(tablet) + ["scrolls down"] * too_high(tablet)
            wrong += [f"part {part} at {width} x {height}: {one}" for one in found]
        tablet.goto(f"{clinic.url}/kiosk/privacy?part={part}&lang={language}&size=large")
        wrong += [f"part {part} in large letters: {one}" for one in tablet.evaluate(UNREACHABLE)]
        wrong += [f"part {part} in large letters scrolls sideways"] * too_wide(tablet)
    assert not wrong, "\n".join(wrong)


def test_a_tablet_left_there_asks_and_then_welcomes_the_next(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic, clock=True)
    all_live([tablet])
    tablet.locator("#privacy").tap()
    step(tablet, "privacy")
    tablet.locator("#next").tap()
    expect(tablet.locator("#page-of")).to_have_text(f"2/{len(PARTS)}")

    tablet.clock.fast_forward(IDLE + 500)
    expect(tablet.locator("#idle")).to_be_visible()
    tablet.clock.fast_forward(ASKING + 500)

    step(tablet, "start")


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_phones_page_is_within_reach(screens: Screens, clinic: Clinic, language: str) -> None:
    path = clinic.check_in(name="Ana")["path"]
    phone = screens.phone(clinic, f"{path}?lang={language}")
    all_live([phone])
    fine_by_day_and_night(phone)

    phone.locator("#privacy").tap()

    expect(phone.locator(".privacy h2")).to_have_count(len(PARTS))
    expect(phone.locator("html")).to_have_attribute("lang", language)
    fine_by_day_and_night(phone)
    phone.set_viewport_size({"width": 320, "height": 568})
    assert not too_wide(phone)


def test_staff_erase_the_name_of_who_waits_with_the_keyboard(screens: Screens, clinic: Clinic) -> None:
    ana = clinic.check_in(name="Ana-Canary")
    staff = screens.staff(clinic)
    all_live([staff])
    expect(staff.locator("#screen")).to_contain_text("Ana-Canary")
    staff.locator(f"#menu-{ana['visit']}").press("Enter")
    expect(staff.locator("dialog h2")).to_contain_text("Ana-Canary")

    staff.locator("dialog summary", has_text="Erase their name now").press("Enter")
    expect(staff.locator("dialog")).to_contain_text("It cannot be undone.")
    assert violations(staff) == []
    staff.locator("#erase").press("Enter")

    expect(staff.locator("#toast")).to_contain_text(f"The name of {ticket(ana['ticket'])} is erased.")
    expect(staff.locator("#undo")).to_be_hidden()
    expect(staff.locator("#screen")).not_to_contain_text("Ana-Canary")
    expect(staff.locator(f"#row-{ana['visit']}")).to_contain_text("No name given")
    assert held(clinic) == []


def held(clinic: Clinic) -> list[str]:
    """The files of the running clinic in which the name stands."""
    files = (path for path in (clinic.folder / "data").rglob("*") if path.is_file())
    return [path.name for path in files if b"Canary" in path.read_bytes()]


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_staff_erase_everybody_who_has_gone_with_the_keyboard(screens: Screens, clinic: Clinic, lang: str) -> None:
    for name in ("Bo-Canary", "Cy-Canary"):
        visit = clinic.check_in(name=name)["visit"]
        clinic.staff("call", visit=visit, room="room-1")
        clinic.staff("finish", visit=visit)
    staff = screens.staff(clinic, f"/staff/privacy?lang={lang}")
    fine(staff)

    staff.locator("#all summary").press("Enter")
    expect(staff.locator("#erase-ended")).to_be_visible()
    fine(staff)
    staff.locator("#erase-ended").press("Enter")

    until(lambda: not held(clinic), 5, "The names are gone from every file")
    expect(staff.locator("#all")).to_have_count(0)
    expect(staff.locator("#kept")).not_to_contain_text("Canary")
    staff.set_viewport_size({"width": 390, "height": 844})
    fine(staff)


def test_what_is_erased_is_gone_from_the_phone_too(screens: Screens, clinic: Clinic) -> None:
    path = seen(clinic)
    clinic.staff("erase-ended")
    phone = screens.phone(clinic, path)
    all_live([phone])

    expect(phone.locator("body")).not_to_contain_text("Ana")
    expect(phone.locator("#state")).to_be_visible()
