"""A desk that nobody is at, a screen that was taken away, and what is left on them (TRUST A15, A17, A23, S10)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conditions import too_wide
from tests.browser.conftest import STAFF, TABLET, TV, Screens
from tests.browser.server import until
from tests.browser.shut import Shut
from tests.doors.house import PIN

WARNED, LOCKED = 271_000, 31_000
"""Milliseconds without a hand: until the question stands, and from then until the screen is locked."""

LOCKED_PAGE = re.compile("/staff/unlock")
CODE = re.compile(r"^[BCDFGHJ-NP-TV-XZ]{4}-[BCDFGHJ-NP-TV-XZ]{4}$")
CUT_OFF = 5_000
SCREENS: dict[str, tuple[str, dict[str, Any]]] = {"tv": ("/display", TV), "tablet": ("/kiosk", TABLET)}


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Shut]:
    """A practice with shut doors, whose manager waits to sign in; Ana is in the line."""
    clinic = Shut(tmp_path_factory.mktemp("shut")).start()
    manager = browser.new_context()
    clinic.make_manager(manager.request)
    clinic.sends(manager.request, "/staff/check-in", name="Ana Canary", service="doctor", request="ana")
    manager.close()
    yield clinic
    clinic.stop()


@pytest.fixture
def manager(browser: Browser, shut: Shut) -> Iterator[BrowserContext]:
    """A manager's browser elsewhere in the house."""
    context = browser.new_context()
    shut.sign_in(context.request)
    yield context
    context.close()


@pytest.fixture
def desk(screens: Screens, shut: Shut) -> Callable[..., Page]:
    """Open the console where the manager is signed in, with a PIN; its page's time is in the test's hand."""

    def open_desk(path: str = "/staff") -> Page:
        page = screens.open(shut.url + "/login", STAFF, clock=True)
        shut.sign_in(page.context.request)
        shut.make_desk(page.context.request)
        page.goto(shut.url + path)
        return page

    return open_desk


def live(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-live", "live")


def test_who_is_away_is_asked_and_then_no_name_and_no_typed_word_is_left(desk: Callable[..., Page]) -> None:
    page = desk()
    expect(page.locator("#people-scroll")).to_contain_text("Ana Canary")
    page.locator("#new").click()
    page.locator("#new-name").fill("Half Typed")
    page.clock.fast_forward(WARNED)
    question = page.get_by_role("alertdialog", name="This screen locks in 30 seconds")
    expect(question.get_by_role("button", name="Keep it open")).to_be_focused()
    assert violations(page) == []
    page.clock.fast_forward(LOCKED)
    expect(page).to_have_url(LOCKED_PAGE)
    assert_empty(page)
    expect(page.locator("input[name=pin]")).to_be_focused()
    page.go_back()
    page.wait_for_load_state()
    assert_empty(page)
    page.go_forward()
    page.locator("input[name=pin]").fill(PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#people-scroll")).to_contain_text("Ana Canary")
    assert "Half Typed" not in page.content()


def assert_empty(page: Page) -> None:
    held = page.content() + page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.title])")
    held += "".join(page.locator("input").evaluate_all("nodes => nodes.map(node => node.value)"))
    assert "Canary" not in held
    assert "Half Typed" not in held


def test_any_key_keeps_it_open_and_does_nothing_else(desk: Callable[..., Page]) -> None:
    page = desk()
    page.clock.fast_forward(WARNED)
    question = page.locator("dialog.locking")
    expect(question).to_be_visible()
    page.keyboard.press("c")
    expect(question).to_be_hidden()
    expect(page.locator("#dialog")).to_be_hidden()
    page.clock.fast_forward(WARNED)
    expect(question).to_be_visible()
    page.mouse.move(50, 50)
    page.mouse.move(90, 90)
    page.clock.fast_forward(1_000)
    expect(question).to_be_hidden()
    page.clock.fast_forward(LOCKED + WARNED - 60_000)
    expect(page).not_to_have_url(LOCKED_PAGE)


def test_the_server_hears_at_most_once_a_minute_that_somebody_is_there(desk: Callable[..., Page]) -> None:
    page = desk()
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url) if request.url.endswith("/staff/awake") else None)
    for _ in range(6):
        page.keyboard.press("Shift")
        page.clock.fast_forward(20_000)
    until(lambda: heard, 5, "It is told")
    assert 1 <= len(heard) <= 2


def test_the_names_go_at_once_while_the_server_is_away(desk: Callable[..., Page]) -> None:
    page = desk()
    page.context.set_offline(True)
    page.clock.fast_forward(WARNED)
    page.clock.fast_forward(LOCKED)
    expect(page.locator("main")).to_contain_text("This screen is locked")
    expect(page.locator("main")).to_contain_text("The server does not answer.")
    assert_empty(page)
    page.context.set_offline(False)
    page.clock.run_for(4_000)
    expect(page).to_have_url(LOCKED_PAGE)


def test_every_window_of_a_browser_locks_and_comes_back_with_the_others(desk: Callable[..., Page], shut: Shut) -> None:
    first = desk()
    second = first.context.new_page()
    second.goto(shut.url + "/staff/day-in-pictures")
    expect(second.locator("h1")).to_be_visible()
    first.keyboard.press("l")
    for page in (first, second):
        expect(page).to_have_url(LOCKED_PAGE)
    live(second)
    first.locator("input[name=pin]").fill(PIN)
    first.keyboard.press("Enter")
    expect(first).to_have_url(shut.url + "/staff")
    expect(second).to_have_url(shut.url + "/staff/day-in-pictures")


def test_the_server_locks_a_console_whose_own_scripts_do_not(desk: Callable[..., Page], shut: Shut) -> None:
    page = desk()
    live(page)
    shut.later(minutes=6)
    expect(page).to_have_url(LOCKED_PAGE)
    assert_empty(page)


def test_after_a_quarter_of_an_hour_elsewhere_one_has_to_sign_in_again(
    screens: Screens, shut: Shut, manager: BrowserContext
) -> None:
    page = manager.new_page()
    page.goto(shut.url + "/staff/trust")
    live(page)
    shut.later(minutes=16)
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fstaff%2Ftrust"))
    shut.sign_in(manager.request)
    page.reload()
    expect(page).to_have_url(shut.url + "/staff/trust")


def test_who_goes_back_after_signing_out_sees_nothing(manager: BrowserContext, shut: Shut) -> None:
    page = manager.new_page()
    page.goto(shut.url + "/staff")
    expect(page.locator("main")).to_contain_text("Ana Canary")
    page.goto(shut.url + "/staff/trust")
    page.evaluate("fetch('/logout', {method: 'POST'})")
    expect(page).to_have_url(re.compile("/login"))
    page.go_back()
    expect(page).to_have_url(re.compile("/login"))
    assert "Canary" not in page.content()


def test_a_call_for_help_rings_and_stands_on_a_locked_desk_without_a_name(
    desk: Callable[..., Page], shut: Shut, screens: Screens, manager: BrowserContext
) -> None:
    page = desk()
    page.keyboard.press("l")
    expect(page).to_have_url(LOCKED_PAGE)
    live(page)
    page.evaluate("window.chime = Object.assign((loud) => { window.rang = loud; return true; }, window.chime)")
    tablet = screens.open(shut.url + "/kiosk", TABLET)
    shut.pair(manager.request, tablet, "tablet", "By the door")
    expect(tablet.locator("#screen")).to_be_visible(timeout=10_000)
    tablet.get_by_role("button", name="I need help from a person").click()
    expect(page.locator("#calls")).to_contain_text("Help at the tablet")
    assert page.evaluate("window.rang") == 0.5
    page.context.set_offline(True)
    expect(page.locator("#stale")).to_contain_text("Not live.", timeout=10_000)
    page.context.set_offline(False)
    live(page)
    for size in ((1440, 900), (720, 450), (390, 844), (320, 640)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for language in ("en", "ar"):
            page.goto(f"{shut.url}/staff/unlock?next=/staff&lang={language}")
            assert not too_wide(page), (size, language)
            assert violations(page) == [], (size, language)


def test_the_locked_page_works_without_scripts(browser: Browser, shut: Shut) -> None:
    context = browser.new_context(java_script_enabled=False)
    shut.sign_in(context.request)
    page = context.new_page()
    page.goto(shut.url + "/staff/trust")
    shut.sends(context.request, "/staff/lock")
    page.goto(shut.url + "/staff/trust")
    expect(page).to_have_url(LOCKED_PAGE)
    expect(page.locator("main")).to_contain_text("1 person is waiting.")
    page.get_by_role("button", name="Sign in as somebody else").click()
    expect(page).to_have_url(re.compile("/login"))
    context.close()


# --- screens that are taken away ---


@pytest.mark.parametrize("role", ["tv", "tablet"])
def test_a_screen_that_was_taken_away_shows_its_code_and_comes_back_once_it_is_paired_again(
    screens: Screens, shut: Shut, manager: BrowserContext, role: str
) -> None:
    path, kind = SCREENS[role]
    screen = screens.open(shut.url + path, kind)
    shut.pair(manager.request, screen, role, f"{role} one")
    live_soon(screen)
    if role == "tablet":
        screen.get_by_role("button", name="I don't have an appointment").click()
        screen.get_by_role("button", name="Doctor").click()
        screen.locator("#name").fill("Half Typed")
    loads: list[str] = []
    screen.on("load", lambda _page: loads.append(screen.url))
    shut.sends(manager.request, "/staff/end-device", device=shut.device(f"{role} one"))
    expect(screen.locator(".code")).to_have_text(CODE, timeout=CUT_OFF)
    assert_empty(screen)
    screen.reload()
    expect(screen.locator(".code")).to_have_text(CODE)
    assert_empty(screen)
    assert len(loads) <= 4, loads
    shut.pair(manager.request, screen, role, f"{role} two")
    live_soon(screen)
    assert_empty(screen)


def test_a_tap_on_a_tablet_that_was_taken_away_ends_at_its_code(
    screens: Screens, shut: Shut, manager: BrowserContext
) -> None:
    tablet = screens.open(shut.url + "/kiosk", TABLET)
    shut.pair(manager.request, tablet, "tablet", "Tablet three")
    live_soon(tablet)
    tablet.get_by_role("button", name="I don't have an appointment").click()
    tablet.get_by_role("button", name="Doctor").click()
    tablet.locator("#name").fill("Half Typed")
    tablet.context.clear_cookies()
    tablet.keyboard.press("Enter")
    expect(tablet.locator(".code")).to_have_text(CODE, timeout=CUT_OFF)
    assert_empty(tablet)


def test_a_page_that_may_not_be_watched_does_not_load_again_and_again(
    screens: Screens, shut: Shut, manager: BrowserContext
) -> None:
    """As when a page of somebody's asks for a screen that is not theirs."""
    page = manager.new_page()
    loads: list[str] = []
    page.on("load", lambda _page: loads.append(page.url))

    def with_another_key(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("page.dataset.key", '"kiosk/start-normal/en"'))

    page.route("**/static/live.js*", with_another_key)
    page.goto(shut.url + "/staff/trust")
    page.wait_for_timeout(4_000)
    assert len(loads) == 2


def live_soon(screen: Page) -> None:
    """It lets itself in within the five seconds of its next look."""
    expect(screen.locator("body")).to_have_attribute("data-live", "live", timeout=12_000)
