"""The first visit: a page to set the clinic up, and then a front door that leads to every screen."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conditions import all_live, ticket
from tests.browser.conftest import STAFF, Screens
from tests.browser.server import Clinic

NAME = "مركز الرعاية العاجلة"


def test_a_clinic_is_set_up_at_the_first_visit(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found(template="")
    page = screens.open(clinic.url + "/", STAFF)
    assert page.url == clinic.url + "/setup"
    page.get_by_role("link", name="Urgent care").click()
    expect(page.get_by_role("textbox", name="Service with letter R")).to_have_value("X-ray")
    expect(page.get_by_role("textbox", name="Name of room 5")).to_have_value("Room 5")
    page.get_by_label("Name, as the TV shows it").fill(NAME)
    page.get_by_label("Language of the TV and staff page").select_option("ar")
    page.get_by_label("Time zone").select_option("Africa/Cairo")
    page.get_by_role("button", name="Save and open the day").click()

    # the front door: four screens, each with its address and its code
    assert page.url == clinic.url + "/"
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    doors = page.locator(".door li a")
    assert [door.get_attribute("href") for door in doors.all()] == ["/kiosk", "/display", "/staff", "/t"]
    for door in doors.all():
        expect(door).to_contain_text(f"{clinic.url}{door.get_attribute('href')}")
        box = door.locator(".qr svg").bounding_box()
        assert box
        assert box["width"] >= 120

    # and the clinic is open
    tv, staff, tablet = screens.tv(clinic), screens.staff(clinic), screens.tablet(clinic)
    all_live([tv, staff, tablet])
    expect(tv.locator("html")).to_have_attribute("dir", "rtl")
    expect(tv.locator("h1")).to_have_text(NAME)
    expect(staff.locator(".room")).to_have_count(5)
    tablet.locator("#check-in").tap()
    tablet.locator("#service-x-ray").tap()
    tablet.locator("#get-number").tap()
    expect(tablet.locator("#number")).to_have_text(ticket("R 01"))
    expect(tv.locator("#wait-R-01")).to_be_visible()


def test_every_screen_leads_to_the_set_up_until_there_is_one(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found(template="")
    for path in ("/kiosk", "/display", "/staff"):
        page = screens.open(clinic.url + path, STAFF)
        expect(page.locator("body")).to_be_visible()
        assert "Traceback" not in page.content()


def test_what_is_wrong_in_the_set_up_is_kept_and_explained(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found(template="")
    page = screens.open(clinic.url + "/setup?template=blood-tests", STAFF)
    page.get_by_label("Name, as the TV shows it").fill(NAME)
    page.get_by_role("textbox", name="Service with letter L").fill("")
    page.get_by_label("Phone number for patients, if any").fill("+20 2 1234 5678")
    page.get_by_role("textbox", name="Name of room 1").fill("Chair 1")
    page.get_by_role("button", name="Save and open the day").click()
    expect(page.get_by_role("alert").first).to_have_text("Not saved yet. Look at what is marked below.")
    expect(page.get_by_text("Add at least one service that people come for.")).to_be_visible()
    expect(page.get_by_label("Name, as the TV shows it")).to_have_value(NAME)
    expect(page.get_by_label("Phone number for patients, if any")).to_have_value("+20 2 1234 5678")
    expect(page.get_by_role("textbox", name="Name of room 1")).to_have_value("Chair 1")

    # mended in the same form
    page.get_by_role("textbox", name="Service with letter L").fill("Blood test")
    page.get_by_role("textbox", name="Minutes of L").fill("0")
    for room in (0, 1):
        page.locator(f"[name=serves-{room}-L]").check()
    page.get_by_role("button", name="Save and open the day").click()
    expect(page.get_by_text("Write how many minutes a visit takes, from 1 to 480.")).to_be_visible()
    page.get_by_role("textbox", name="Minutes of L").fill("6")
    page.get_by_role("button", name="Save and open the day").click()
    expect(page.locator(".door li")).to_have_count(4)
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)


def test_a_tv_too_small_for_the_room_is_warned_of(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found(template="walk-in")
    page = screens.open(clinic.url + "/setup", STAFF)
    page.get_by_label("TV size in inches").fill("32")
    page.get_by_label("Farthest seat in metres").fill("6")
    page.get_by_role("button", name="Save").click()
    page.goto(clinic.url + "/setup")
    expect(page.get_by_text("On this TV the text cannot be large enough for that seat.")).to_be_visible()


def test_people_who_wait_keep_their_service(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found(template="walk-in")
    clinic.check_in("nurse")
    page = screens.open(clinic.url + "/setup", STAFF)
    page.get_by_role("textbox", name="Service with letter H").fill("")
    page.locator("[name=room-2]").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("H 01")).to_be_visible()
    assert clinic.people()[0]["service"] == "nurse"
