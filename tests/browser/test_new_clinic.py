"""A new clinic with its doors shut: its path to the first patient, and how its screens and people are cut off."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conditions import ticket, too_wide
from tests.browser.conftest import PHONE, STAFF, TABLET, TV, Screens
from tests.browser.server import Clinic
from tools.begin import DESK, SAMS, walk

FIVE_SECONDS = 5000


@dataclass
class New:
    """The clinic after that path, and the browsers of it."""

    clinic: Clinic
    screens: Screens
    manager: Page
    tablet: Page
    tv: Page
    desk: Page
    seconds: float


@pytest.fixture(scope="module")
def new(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[New]:
    clinic = Clinic(tmp_path_factory.mktemp("new"), template="", OPEN_DOORS="").start()
    screens, opened = Screens(browser), []
    (secret,) = re.findall(r"/first/(\S+)", Path(clinic.log).read_text())

    def open_browser(size: tuple[int, int]) -> Page:
        kind = {"viewport": {"width": size[0], "height": size[1]}, "has_touch": size != DESK}
        opened.append(screens.open(f"{clinic.url}/healthz", kind))
        return opened[-1]

    began = time.monotonic()
    try:
        tablet, tv, desk = walk(open_browser, clinic.url, f"{clinic.url}/first/{secret}", lambda _page, _name: None)
        yield New(clinic, screens, opened[0], tablet, tv, desk, time.monotonic() - began)
        screens.close()
    finally:
        clinic.stop()


def test_it_takes_a_machine_seconds_and_so_leaves_people_minutes(new: New) -> None:
    assert new.seconds < 60


def test_a_patient_checks_in_and_sam_calls_them(new: New) -> None:
    new.tablet.locator("#check-in").tap()
    new.tablet.locator("#service-doctor").tap()
    new.tablet.locator("#get-number").tap()
    expect(new.tablet.locator("#number")).to_have_text(ticket("A 01"))
    expect(new.tv.locator("#wait-A-01")).to_be_visible()
    expect(new.desk.locator("tbody")).to_contain_text(ticket("A 01"))


def test_staff_see_each_screen_with_its_name_and_place(new: New) -> None:
    new.manager.goto(f"{new.clinic.url}/staff/screens")
    expect(new.manager.locator("#tv-1")).to_contain_text("TV by the window")
    expect(new.manager.locator("#tv-1")).to_contain_text("Waiting room")
    expect(new.manager.locator("#tablet-1")).to_contain_text("Tablet by the door")
    new.manager.locator("#tv-1 summary").click()
    expect(new.manager.get_by_role("button", name="Yes, take it away").first).to_be_visible()


def test_the_menu_says_who_is_signed_in_and_their_name_is_the_one_that_patients_read(new: New) -> None:
    expect(new.desk.locator("#menu summary")).to_have_text("Sam Okafor")
    new.desk.locator("#menu summary").click()
    expect(new.desk.locator("#who")).to_have_value("Sam")
    expect(new.desk.locator("#sign-out")).to_be_visible()
    expect(new.desk.locator("#to-accounts")).to_have_count(0)
    new.desk.locator("#menu summary").click()


PAGES = {
    "/staff/accounts": STAFF, "/staff/screens": STAFF, "/staff/me": STAFF, "/": STAFF,
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_the_manager_s_pages_are_accessible(new: New, path: str, lang: str) -> None:
    new.manager.goto(f"{new.clinic.url}{path}?lang={lang}")
    for details in new.manager.locator("details").all():
        details.evaluate("one => { one.open = true; }")
    assert violations(new.manager) == []
    new.manager.set_viewport_size({"width": 390, "height": 844})
    assert not too_wide(new.manager)
    new.manager.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_console_s_menu_is_accessible(new: New, lang: str) -> None:
    new.manager.goto(f"{new.clinic.url}/staff?lang={lang}")
    new.manager.locator("#menu summary").click()
    assert violations(new.manager) == []


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [("/login", PHONE), ("/kiosk", TABLET), ("/display", TV), ("/desk", STAFF), ("/first/none", PHONE)],
)
def test_what_a_stranger_sees_is_accessible(new: New, path: str, kind: dict[str, object], lang: str) -> None:
    page = new.screens.open(f"{new.clinic.url}{path}?lang={lang}", dict(kind))
    assert violations(page) == []
    assert not too_wide(page)
    if page.locator(".code").count():
        box = page.locator(".code bdi").bounding_box()
        assert box
        assert box["width"] > 0.4 * page.evaluate("innerWidth")
    page.context.close()


def test_a_tv_that_is_taken_away_is_cut_off_within_five_seconds(new: New) -> None:
    closed: list[float] = []
    with new.tv.expect_websocket() as opened:
        new.tv.reload()
    opened.value.on("close", lambda _socket: closed.append(time.monotonic()))
    expect(new.tv.locator("body")).to_have_attribute("data-live", "live", timeout=FIVE_SECONDS)
    new.manager.goto(f"{new.clinic.url}/staff/screens")
    new.manager.locator("li", has_text="TV by the window").locator("summary").click()
    began = time.monotonic()
    new.manager.get_by_role("button", name="Yes, take it away").locator("visible=true").click()
    expect(new.tv.locator(".code")).to_be_visible(timeout=3 * FIVE_SECONDS)
    assert closed
    assert closed[0] - began < 5
    assert new.tv.locator(".tv-call").count() == 0
    expect(new.manager.locator("#screen-list")).not_to_contain_text("TV by the window")


def test_an_account_that_has_ended_is_out_within_five_seconds(new: New) -> None:
    closed: list[float] = []
    with new.desk.expect_websocket() as opened:
        new.desk.goto(f"{new.clinic.url}/staff")
    opened.value.on("close", lambda _socket: closed.append(time.monotonic()))
    expect(new.desk.locator("body")).to_have_attribute("data-live", "live", timeout=FIVE_SECONDS)
    new.manager.goto(f"{new.clinic.url}/staff/accounts")
    person = new.manager.locator(".person", has_text="Sam Okafor")
    person.locator("summary", has_text="End account").click()
    began = time.monotonic()
    person.get_by_role("button", name="Yes, end this account").click()
    expect(new.desk).to_have_url(re.compile("/login"), timeout=3 * FIVE_SECONDS)
    assert closed
    assert closed[0] - began < 5
    new.desk.get_by_label("Name to sign in with").fill("sam")
    new.desk.get_by_label("Password").fill(SAMS)
    new.desk.get_by_role("button", name="Sign in").click()
    expect(new.desk.get_by_role("alert")).to_be_visible()
