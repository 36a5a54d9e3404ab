"""Tablet, TV, phone and staff page at once: one patient's way through the clinic, and a server that dies under it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conditions import (
    YELLOW,
    Hand,
    all_live,
    all_say_so,
    background,
    keep,
    press_until,
    ticket,
    were_kept,
)
from tests.browser.conftest import Screens
from tests.browser.server import Clinic, until


def test_a_patient_is_seen_on_all_four_screens_and_nobody_is_lost_when_the_server_is_killed(
    screens: Screens, found: Callable[..., Clinic]
) -> None:
    clinic = found()
    tablet, tv, staff, hand = screens.tablet(clinic), screens.tv(clinic), screens.staff(clinic), Hand()
    keep([tablet, tv, staff])

    # check in: at most four touches
    hand.tap(tablet.locator("#check-in"))
    hand.tap(tablet.get_by_role("button", name="Doctor"))
    hand.tap(tablet.locator("#get-number"))
    number = tablet.locator("#number")
    expect(number).to_have_text(ticket("A 01"))
    assert hand.touches <= 4
    expect(tablet.locator(".told")).to_contain_text("Nobody is before you.")

    visit = clinic.line()["visits"][0]["id"]
    phone = screens.phone(clinic, "/t/" + tablet.locator("figcaption strong").inner_text())
    keep([phone])
    all_four = [tablet, tv, phone, staff]
    all_live(all_four)
    expect(tv.locator("#wait-A-01")).to_be_visible()
    expect(staff.locator(f"#row-{visit}")).to_contain_text(ticket("A 01"))
    expect(phone.locator(".number")).to_have_text(ticket("A 01"))
    assert background(phone) != YELLOW

    # called: on the TV, on the phone, and on the tablet that still shows the number
    staff.get_by_role("button", name=f"Call {ticket('A 01')} to Room 1").click()
    band = tv.locator("[data-call]")
    expect(band).to_contain_text(ticket("A 01"))
    expect(band).to_contain_text("Room 1")
    expect(phone.locator("#called")).to_contain_text("Room 1")
    expect(phone).to_have_title("It's your turn")
    until(lambda: background(phone) == YELLOW, 2, "The phone turns yellow")
    expect(tablet.locator("#ticket")).to_contain_text("Please come to Room 1.")

    here = staff.locator("#do-room-1")
    press_until(here.click, lambda: clinic.status_of("A 01") == "in_room", "A 01 is here")
    expect(here).to_contain_text(f"Finish {ticket('A 01')}")
    expect(tv.locator(".tv-call")).to_contain_text("Room 1")

    _survives_a_killed_server(clinic, all_four)

    staff.get_by_role("button", name=f"Finish {ticket('A 01')}").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you for coming today.")
    assert background(phone) != YELLOW
    were_kept(all_four)


def _survives_a_killed_server(clinic: Clinic, all_four: list[Page]) -> None:
    tablet, tv, phone, staff = all_four
    waiting = clinic.check_in("nurse", name="王 秀英")
    before = clinic.people()
    clinic.kill()
    all_say_so(all_four)
    expect(tablet.locator("#stale")).to_contain_text("Please come to the desk.")
    expect(tv.locator("#stale")).to_contain_text("We are reconnecting.")
    expect(phone.locator("#stale")).to_contain_text("You keep your place.")
    expect(staff.locator("#stale")).to_contain_text("Not live.")

    clinic.start()
    all_live(all_four)
    assert clinic.people() == before
    expect(tv.locator("#wait-H-01")).to_be_visible()
    expect(staff.locator(f"#row-{waiting['visit']}")).to_contain_text("王 秀英")

    # and what happens now arrives as before
    clinic.check_in("nurse")
    expect(tv.locator("#wait-H-02")).to_be_visible()
    expect(staff.locator("tbody tr")).to_have_count(3)
