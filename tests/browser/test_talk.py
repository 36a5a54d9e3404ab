"""Talking back, on real screens: a wish rings at the desk within two seconds and its answer is read within two more."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Screens
from tests.browser.server import Clinic, until

RINGS = "() => { window.rings = []; window.chime = (loud) => { rings.push(loud); return true; }; }"
SOON = 2000


def press(phone: Page, button: str) -> None:
    """Press this button of the phone's page and come to the page that it leads to."""
    with phone.expect_navigation():
        phone.locator(f"#{button}").click()


def test_a_call_for_help_rings_the_desk_and_the_phone_says_who_comes(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    visit = clinic.check_in(name="Grace Okafor")
    staff, phone = screens.staff(clinic), screens.phone(clinic, visit["path"])
    expect(staff.locator("body")).to_have_attribute("data-live", "live")
    staff.evaluate(RINGS)
    staff.locator("#who").fill("Sam")

    press(phone, "help")

    expect(phone.locator("#said")).to_contain_text("We've told the team. Someone will come to you.", timeout=SOON)
    until(lambda: staff.evaluate("rings.length") == 1, 2, "The desk rings")
    card = staff.locator("[data-help]")
    expect(card).to_contain_text("Grace Okafor")
    card.get_by_role("button", name="I'll go").click()
    expect(phone.locator("#said")).to_have_text("Sam is coming.", timeout=SOON)
    expect(card).to_have_count(0)

    press(phone, "worse")
    until(lambda: staff.evaluate("rings.length") == 2, 2, "The desk rings again")
    first, worse = staff.evaluate("rings")
    assert worse > first, "who feels worse is the loudest"
    staff.reload()
    expect(staff.locator("#who")).to_have_value("Sam")


def test_a_call_that_nobody_takes_rings_again_and_louder(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()
    staff = screens.staff(clinic, clock=True)
    staff.evaluate(RINGS)
    clinic.ask("POST", visit["path"] + "/help", {"request": "louder"})
    until(lambda: staff.evaluate("rings.length") == 1, 2, "It rings at once")
    for times in (2, 3, 4, 5, 6):
        staff.clock.run_for(20000)
        assert staff.evaluate("rings.length") == times
    rings = staff.evaluate("rings")
    assert rings[:5] == sorted(set(rings)), "each louder than the one before"
    assert rings[4] == rings[5] <= 1.6, "up to a limit"
    clinic.staff("take-help", help="louder")
    expect(staff.locator("[data-help]")).to_have_count(0)
    staff.clock.run_for(60000)
    assert staff.evaluate("rings.length") == 6


def test_a_question_is_answered_with_a_sentence_in_two_clicks(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()
    staff, phone = screens.staff(clinic), screens.phone(clinic, visit["path"])
    press(phone, "question")
    press(phone, "about-payment")
    expect(phone.locator("#said")).to_contain_text("We've got your question.", timeout=SOON)
    card = staff.locator("[id^=help-]")
    card.get_by_role("button", name="I'll answer").click()
    expect(phone.locator("#said")).to_contain_text("Someone is looking into your question.", timeout=SOON)
    card.get_by_role("link", name="Answer").click()
    staff.get_by_role("button", name="There is nothing to pay today.").click()
    expect(phone.locator("#said")).to_contain_text("There is nothing to pay today.", timeout=SOON)
    expect(card).to_have_count(0)
    expect(staff.locator("#dialog")).not_to_be_visible()


def test_without_scripts_a_phone_answers_its_call_and_asks_for_more_time(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()
    clinic.check_in()
    staff = screens.staff(clinic)
    phone = screens.phone(clinic, visit["path"], java_script_enabled=False)
    clinic.staff("call", visit=visit["visit"], room="room-1")
    phone.reload()
    press(phone, "coming")
    expect(phone.locator("#known")).to_have_text("We know that you are coming.")
    expect(staff.locator("#room-room-1 .chip")).to_contain_text("is coming", timeout=SOON)
    press(phone, "more-time")
    expect(phone.locator("#state")).to_contain_text("Take your time. You are back in the line at")
    expect(staff.locator(f"#row-{visit['visit']}")).to_contain_text("Out until", timeout=SOON)
    expect(staff.locator("#room-room-1 .out")).to_contain_text("is out until", timeout=SOON)


def test_after_a_missed_call_i_am_here_makes_them_next(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()
    clinic.check_in()
    clinic.staff("call", visit=visit["visit"], room="room-1")
    clinic.staff("no-show", visit=visit["visit"])
    phone = screens.phone(clinic, visit["path"])
    press(phone, "here")
    expect(phone.locator("#state")).to_contain_text("You're next.", timeout=SOON)
    assert clinic.status_of("A 01") == "waiting"
    assert clinic.staff("call-next", room="room-1")["ticket"] == "A 01"
