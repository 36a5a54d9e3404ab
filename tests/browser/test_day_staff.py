"""A day at the desk in Chromium: open with who works where, miss nobody too early, close with an outcome for each."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect

from clinic import commands
from clinic.desk import Desk
from clinic.store import Store
from tests.browser.axe import violations
from tests.browser.conditions import all_live, press_until, ticket, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic
from tests.conftest import FakeClock

HOURS = {f"{name}-{room}": clock for room in range(3) for name, clock in (("opens", "08:00"), ("closes", "17:00"))}
STAFF = {"clinician-0": "Dr Ruiz", "clinician-1": "Dr Okafor"}
RUIZ, OKAFOR = "clinician-1", "clinician-2"


def at(found: Callable[..., Clinic], clock: str, **settings: str) -> Clinic:
    """A clinic with hours and two clinicians whose clock shows this time."""
    clinic = found(START=f"2026-11-23T{clock}", **settings)
    clinic.new_day(**HOURS, **STAFF)
    return clinic


def booked(clinic: Clinic) -> str:
    """Somebody booked for nine is here, written to the clinic's own log while its server was away."""
    clinic.stop()
    nine = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    desk = Desk(Store(clinic.folder / "data"), FakeClock(nine))
    desk.do(commands.book, by="test", visit="ana", service="doctor", booked=nine)
    desk.do(commands.check_in, by="test", visit="ana", name="Ana Diaz")
    desk.close()
    clinic.start()
    return "ana"


class Mouse:
    """A hand that counts its clicks."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, target: Locator) -> None:
        """One click."""
        target.click()
        self.clicks += 1


SMALL = """() => [...document.querySelectorAll("main :is(a.button, .dots, button), dialog[open] :is(a.button, button," +
    "select, summary, input:not([type=checkbox], [type=hidden]))")].filter(node => node.checkVisibility())
    .map(node => [node.getBoundingClientRect().height, node.id || node.textContent.trim()])
    .filter(([height]) => height < 47.5)"""
"""What can be pressed or filled in and is less than 48 px high."""


def test_the_clinic_opens_in_five_clicks_with_who_works_where(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = at(found, "08:00")
    clinic.staff("sign-in", room="room-2", clinician=RUIZ)
    clinic.close_day()
    staff, mouse = screens.staff(clinic), Mouse()
    all_live([staff])
    mouse.click(staff.locator("#open-day"))
    dialog = staff.locator("dialog")
    expect(dialog.get_by_label("Who works in Room 2")).to_have_value(RUIZ)
    dialog.get_by_label("Who works in Room 1").select_option(label="Dr Okafor")
    mouse.clicks += 2
    mouse.click(dialog.locator("#open-it"))
    expect(staff.locator("#room-room-1")).to_contain_text("Dr Okafor")
    expect(staff.locator("#room-room-2")).to_contain_text("Dr Ruiz")
    expect(staff.locator("#room-room-3")).to_contain_text("Free")
    assert mouse.clicks <= 5


def test_people_wait_for_their_clinician_who_signs_in_by_keyboard(
    screens: Screens, found: Callable[..., Clinic]
) -> None:
    clinic = at(found, "09:00")
    ana = clinic.check_in(name="Ana Diaz")
    clinic.staff("assign", visit=ana["visit"], clinician=RUIZ)
    staff = screens.staff(clinic)
    all_live([staff])
    need = staff.locator(f"#nowhere-{RUIZ}")
    expect(need).to_contain_text("1 person waits for Dr Ruiz")
    staff.locator(f"#sign-in-{RUIZ}").press("Enter")
    room = staff.locator("dialog").get_by_role("button", name="Room 2")
    expect(room).to_be_visible()
    room.press("Enter")
    expect(need).to_have_count(0)
    expect(staff.locator("#room-room-2")).to_contain_text("Dr Ruiz")
    expect(staff.locator("#do-room-2")).to_contain_text(f"Call {ticket('A 01')}")
    # another room cannot: it has nobody to call
    expect(staff.locator("#do-room-1")).to_be_disabled()


def test_a_missed_appointment_is_said_after_three_calls_apart(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = at(found, "09:00", SPEED="60")
    clinic.check_in(name="Bo Quagga")
    visit = booked(clinic)
    staff = screens.staff(clinic)
    all_live([staff])
    row = staff.locator(f"#row-{visit}")
    expect(row).to_contain_text("09:00")
    clinic.staff("call", visit=visit, room="room-1")
    missed = staff.locator("#missed-room-1")
    expect(missed).to_contain_text("1 of 3 calls")
    expect(missed).to_have_attribute("aria-disabled", "true")
    missed.press("Enter")
    expect(staff.locator("#problem")).to_contain_text("called 1 of 3 times")
    staff.locator("#understood").click()
    for calls in (2, 3):
        again = staff.locator(f"#again-{visit}")
        # three minutes of the clinic's clock are three seconds here
        expect(again).to_be_visible(timeout=15_000)
        again.click()
        words = f"{calls} of 3 calls" if calls < 3 else "Missed"
        expect(missed).to_contain_text(words)
    expect(missed).not_to_have_attribute("aria-disabled", "true")
    press_until(missed.click, lambda: row.get_by_text("Missed at").is_visible(), "They are missed")
    staff.locator(f"#back-{visit}").click()
    expect(staff.locator("#room-room-1")).to_contain_text("Was called before and is back")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_closing_is_said_and_gives_everybody_an_outcome(
    screens: Screens, found: Callable[..., Clinic], language: str
) -> None:
    clinic = at(found, "16:20")
    clinic.staff("sign-in", room="room-1", clinician=RUIZ)
    visits = [clinic.check_in(name=f"Patient {n}") for n in range(12)]
    clinic.staff("assign", visit=visits[5]["visit"], clinician=OKAFOR)
    clinic.staff("call-next", room="room-1")
    staff = screens.staff(clinic, f"/staff?lang={language}")
    all_live([staff])
    assert staff.evaluate(SMALL) == []
    found_wrong = violations(staff)
    assert not found_wrong, "\n".join(found_wrong)

    closing = staff.locator("#closing")
    expect(closing).to_contain_text("11")
    phone = screens.phone(clinic, visits[3]["path"] + "?lang=en")
    staff.locator("#tell-some").click()
    expect(phone.locator("#closing")).to_contain_text("We may not see everyone before we close at 17:00.")
    expect(staff.locator("#tell-some")).to_have_count(0)
    staff.locator("#tell-none").click()
    expect(phone.locator("#closing")).to_have_count(0)

    for opens in ("#room-menu-room-2", f"#sign-in-{OKAFOR}", f"#menu-{visits[3]['visit']}", "#day"):
        staff.locator(opens).click()
        expect(staff.locator("dialog h2")).to_be_visible()
        staff.locator("dialog details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        assert staff.evaluate(SMALL) == [], opens
        found_wrong = violations(staff)
        assert not found_wrong, "\n".join(found_wrong)
        if opens != "#day":
            staff.keyboard.press("Escape")
    staff.locator(f"[name=outcome-{visits[3]['visit']}]").select_option("left")
    staff.locator("#close-it").click()
    expect(staff.locator(".closed-day")).to_be_visible()
    expect(phone.locator("#ticket")).to_have_attribute("data-state", "left")
    assert {visit["status"] for visit in clinic.line()["visits"]} == {"left"}


def test_a_break_is_one_tap_and_the_call_stays_the_main_thing_before_it(
    screens: Screens, found: Callable[..., Clinic]
) -> None:
    clinic = found(START="2026-11-23T11:55")
    clinic.new_day(**HOURS, **{"break-0-0": "12:00", "back-0-0": "12:45"})
    clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])
    expect(staff.locator("#do-room-1")).to_contain_text(f"Call {ticket('A 01')}")
    staff.locator("#rest-room-1").click()
    expect(staff.locator("#room-room-1")).to_contain_text("Back at 12:45")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_hours_and_clinicians_in_the_set_up_keep_nobody_out(
    screens: Screens, found: Callable[..., Clinic], language: str
) -> None:
    clinic = at(found, "09:00")
    page = screens.staff(clinic, f"/setup?lang={language}")
    for folded in page.locator("details.hours").all():
        folded.locator("summary").press("Enter")
    page.locator("[name=closes-0]").fill("07:00")
    found_wrong = violations(page)
    assert not found_wrong, "\n".join(found_wrong)
    page.locator(".foot button").click()
    expect(page.locator("#wrong-hours-room-1")).to_be_visible()
    expect(page.locator("[name=closes-0]")).to_have_value("07:00")
    page.locator("[name=closes-0]").fill("18:00")
    page.locator(".foot button").click()
    expect(page.locator(".door")).to_be_visible()


def test_it_all_fits_at_twice_the_size(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = at(found, "16:20")
    ana = clinic.check_in(name="Ana Diaz")
    clinic.staff("assign", visit=ana["visit"], clinician=RUIZ)
    staff = screens.staff(clinic, viewport={"width": 720, "height": 450})
    all_live([staff])
    assert not too_wide(staff)
    staff.locator("#day").click()
    expect(staff.locator("dialog h2")).to_be_visible()
    assert staff.locator("dialog").evaluate("box => box.scrollWidth <= box.clientWidth")
    staff.goto(clinic.url + "/setup")
    assert not too_wide(staff)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """Nine people wait at twenty past four in a clinic that closes at five: every language is read there."""
    clinic = Clinic(tmp_path_factory.mktemp("evening"), START="2026-11-23T16:20").start()
    clinic.new_day(**HOURS, **STAFF)
    for n in range(9):
        clinic.check_in(name=f"Patient {n}")
    yield clinic
    clinic.stop()


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_tablet_s_place_page_holds_the_closing_words_too(screens: Screens, evening: Clinic, language: str) -> None:
    clinic, tablet = evening, screens.tablet(evening)
    for message in ("all", "some"):
        clinic.staff("tell-closing", message=message)
        for size in ("normal", "large"):
            tablet.goto(f"{clinic.url}/kiosk/place?letter=A&number=7&lang={language}&size={size}")
            for width, height in ((1280, 800), (1024, 768)):
                tablet.set_viewport_size({"width": width, "height": height})
                expect(tablet.locator("#closing")).to_contain_text("17:00")
                worse, footer = tablet.locator(".worse").bounding_box(), tablet.locator("footer").bounding_box()
                assert worse
                assert footer
                assert worse["y"] + worse["height"] <= footer["y"] + 1, f"{message}, {size}, {width}"
                assert footer["y"] + footer["height"] <= height, f"{message}, {size}, {width}"
