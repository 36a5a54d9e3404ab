"""How we kept our word, and what if: drawn in a real browser, in both directions, on paper, and open to everybody."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conditions import all_live, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic

PEOPLE, KEPT = 110, 10


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic that called nearly everybody far too early: it told a time, and did not keep it."""
    clinic = Clinic(tmp_path_factory.mktemp("hurried")).start()
    for n in range(PEOPLE):
        if n == KEPT:  # from now on there is a line, and who comes after it is told a time some way ahead
            for other in range(12):
                clinic.check_in("nurse" if other % 3 == 0 else "doctor")
        visit = clinic.check_in("nurse" if n % 3 == 0 else "doctor")["visit"]
        clinic.staff("call", visit=visit, room="room-3" if n % 3 == 0 else "room-1")
        clinic.staff("finish", visit=visit)
    for _ in range(8):
        clinic.check_in(name="Wolfeschlegelsteinhausenbergerdorff Keihanaikukauakahihuliheekahaunaele-Smith")
    clinic.staff("close-room", room="room-2")
    yield clinic
    clinic.stop()


def right_of(page: Page, one: str, other: str) -> bool:
    """Whether the first of these lies farther to the right."""
    boxes = [page.locator(where).first.bounding_box() for where in (one, other)]
    assert boxes[0]
    assert boxes[1]
    return boxes[0]["x"] > boxes[1]["x"]


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_alarm_leads_from_the_console_to_the_page_and_back(screens: Screens, hurried: Clinic, lang: str) -> None:
    staff = screens.staff(hurried, f"/staff?lang={lang}")
    all_live([staff])
    expect(staff.locator("#word")).to_be_visible()
    staff.locator("#trust").focus()
    staff.keyboard.press("Enter")

    all_live([staff])
    expect(staff.locator(".alarm")).to_be_visible()
    expect(staff.locator("html")).to_have_attribute("lang", lang)
    assert right_of(staff, ".all .earlier", ".all .inside") is (lang == "en"), "a bar begins where the line begins"
    bar, aim = staff.locator(".all .bar").bounding_box(), staff.locator(".all .aim").bounding_box()
    assert bar
    assert aim
    share = (aim["x"] + aim["width"] / 2 - bar["x"]) / bar["width"]
    assert share == pytest.approx(0.8 if lang == "en" else 0.2, abs=0.01)
    assert not too_wide(staff)
    found = violations(staff)
    assert not found, "\n".join(found)
    staff.emulate_media(media="print")
    expect(staff.locator(".all .bar")).to_be_visible()
    expect(staff.locator("#back")).to_be_hidden()
    staff.emulate_media(media="screen")
    staff.locator("#back").click()
    expect(staff.locator("#console")).to_be_visible()


def test_the_page_fits_any_desk(screens: Screens, hurried: Clinic) -> None:
    page = screens.staff(hurried, "/staff/trust")
    all_live([page])
    names = (
        "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent.trim())"
    )
    for width, height in ((1440, 900), (1024, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert not too_wide(page), width
        assert page.locator(".trust :is(td, th):not(.drawn)").evaluate_all(names) == [], width


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_who_asks_what_if_is_told_beside_each_room_and_can_go_on_working(
    screens: Screens, hurried: Clinic, lang: str
) -> None:
    staff = screens.staff(hurried, f"/staff?lang={lang}")
    all_live([staff])
    expect(staff.locator(".look")).to_have_count(0)
    staff.locator("#what-if").click()
    all_live([staff])
    expect(staff.locator("#room-room-1 .if")).to_be_visible()
    expect(staff.locator("#room-room-2 .if")).to_be_visible()
    assert not too_wide(staff)
    rooms = staff.locator(".room").all()
    heights = {round(box["height"]) for room in rooms if (box := room.bounding_box())}
    assert len(heights) == 1, "cards stay equal"
    found = violations(staff)
    assert not found, "\n".join(found)
    staff.keyboard.press("1")
    expect(staff.locator("#room-room-1 .chip.called")).to_be_visible()
    staff.keyboard.press("u")
    expect(staff.locator("#room-room-1 .chip.called")).to_have_count(0)
    staff.locator("#what-if").click()
    expect(staff.locator(".look")).to_have_count(0)


def test_a_new_clinic_is_told_how_many_people_it_takes(
    screens: Screens, found: Callable[..., Clinic]
) -> None:  # fmt: skip
    page = screens.staff(found(), "/staff/trust")
    all_live([page])
    expect(page.locator(".early")).to_contain_text("From 20 people on")
    assert violations(page) == []
