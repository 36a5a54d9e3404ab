"""After the visit in a real browser: feedback in three touches, follow-ups with the keyboard, pictures on any desk."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conditions import all_live, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def seen(clinic: Clinic, **finish: str) -> str:
    """Somebody came and was seen; the path of their phone page."""
    ana = clinic.check_in(name="Ana")
    clinic.staff("call", visit=ana["visit"], room="room-1")
    clinic.staff("finish", visit=ana["visit"], **finish)
    return "/t/" + str(ana["url"]).rsplit("/", 1)[1]


def fine(page: Page) -> None:
    """Nothing sticks out, and nothing is out of anybody's reach."""
    assert not too_wide(page)
    found = violations(page)
    assert not found, "\n".join(found)


def fine_by_day_and_night(phone: Page) -> None:
    """Fine in light colours and in dark ones."""
    for scheme in SCHEMES:
        phone.emulate_media(color_scheme=scheme)
        fine(phone)


def test_feedback_takes_three_touches(screens: Screens, clinic: Clinic) -> None:
    phone = screens.phone(clinic, seen(clinic, step="book"))
    all_live([phone])
    expect(phone.locator("#next-step")).to_have_text("Book your next appointment at the desk.")

    phone.locator("#good").tap()
    phone.locator("#as_said-yes").tap()
    phone.locator("#send").tap()

    expect(phone.locator("#thanks")).to_be_visible()
    expect(phone.locator("#good")).to_have_count(0)
    manager = screens.staff(clinic, "/staff/day-in-pictures")
    expect(manager.locator("section[aria-labelledby=said]")).to_contain_text("1 of 1")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_every_page_of_the_question_is_within_reach(screens: Screens, clinic: Clinic, lang: str) -> None:
    path = seen(clinic, step="results")
    phone = screens.phone(clinic, f"{path}?lang={lang}")
    all_live([phone])
    fine_by_day_and_night(phone)
    small = phone.locator(".question .button").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).filter(box => box.height < 60 || box.width < 300).length"
    )
    assert small == 0
    phone.locator("#very-poor").tap()
    expect(phone.locator("#asks")).to_be_visible()
    fine_by_day_and_night(phone)
    phone.locator("#asks").tap()
    phone.locator("#contact").fill("555 0100")
    phone.locator("#send").tap()
    expect(phone.locator("#thanks")).to_be_visible()
    fine_by_day_and_night(phone)


def test_the_question_works_without_scripts_on_a_small_phone(screens: Screens, clinic: Clinic) -> None:
    phone = screens.phone(clinic, seen(clinic), java_script_enabled=False, viewport={"width": 320, "height": 568})

    phone.locator("#poor").tap()
    phone.locator("#comment").fill("Too long in the hall.")
    phone.locator("#send").tap()

    expect(phone.locator("#thanks")).to_be_visible()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic of this file's own: the shared one has turned away hundreds by now."""
    clinic = Clinic(tmp_path_factory.mktemp("quiet")).start()
    yield clinic
    clinic.stop()


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_nobody_is_forgotten_until_somebody_marks_them(
    screens: Screens, quiet: Clinic, lang: str, size: tuple[int, int]
) -> None:
    clinic = quiet
    ana = clinic.check_in(name="Wolfeschlegelsteinhausenbergerdorff Keihanaikukauakahihuliheekahaunaele")
    clinic.staff("leave", visit=ana["visit"])
    viewport = {"width": size[0], "height": size[1]}
    staff = screens.staff(clinic, f"/staff/follow-ups?lang={lang}", viewport=viewport)
    row = staff.locator(f"#owed-{ana['visit']}")
    expect(row).to_be_visible()
    fine(staff)

    row.locator("[name=owner]").fill("Sam")
    staff.keyboard.press("Enter")
    expect(row.locator("[name=owner]")).to_have_value("Sam")
    expect(staff.locator("html")).to_have_attribute("lang", lang)
    staff.locator(f"#contacted-{ana['visit']}").focus()
    staff.keyboard.press("Enter")

    expect(row).to_have_count(0)
    expect(staff.locator(f"#again-{ana['visit']}")).to_be_visible()
    fine(staff)


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_pictures_fit_any_desk(screens: Screens, clinic: Clinic, lang: str) -> None:
    seen(clinic)
    staff = screens.staff(clinic)
    for page in ("day-in-pictures?", "day-in-pictures?weeks=8&", "feedback?"):
        staff.goto(f"{clinic.url}/staff/{page}lang={lang}")
        for width, height in ((1440, 900), (1024, 768), (390, 844)):
            staff.set_viewport_size({"width": width, "height": height})
            fine(staff)


def test_what_we_did_fits_the_tv_beside_the_list(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found(SPEED="30")  # so that its minute comes within seconds
    clinic.staff("we-did", **{"line-1": "You asked for water. " * 5 + "Here it is now."})
    for _ in range(3):
        clinic.check_in()
    tv = screens.tv(clinic)
    all_live([tv])
    expect(tv.locator(".we-did")).to_be_visible()
    box, band = tv.locator(".we-did").bounding_box(), tv.locator(".tv-band").bounding_box()
    assert box
    assert band
    assert box["y"] >= band["y"]
    assert box["y"] + box["height"] <= band["y"] + band["height"] + 1, "a long line does not run into the list"
