"""The TV's voice, heard in a real browser: what it says, when, and what staff learn when it cannot."""

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conditions import all_live, ticket
from tests.browser.conftest import ARGS, CHROMIUM, Screens
from tests.browser.server import Clinic, until

# Every clip that is played, with the second at which it begins and how long it is.
LISTEN = """() => {
    window.played = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (at) {
        window.played.push([at, this.buffer.duration]);
        return start.call(this, at);
    };
}"""
CALL = "en/number en/A en/0 en/{0}|en/room en/{0}"
CLIPS = 6


@pytest.fixture
def tv(screens: Screens, clinic: Clinic) -> Callable[..., Page]:
    """Opens a TV whose voice is ready, and listens to it."""

    def open_tv(**options: Any) -> Page:
        page = screens.tv(clinic, **options)
        page.evaluate(LISTEN)
        all_live([page])
        expect(page.locator("body")).to_have_attribute("data-voice", "ready", timeout=15_000)
        return page

    return open_tv


@pytest.fixture
def hushed(browser: Browser) -> Iterator[Browser]:
    """A browser that plays nothing until somebody has touched the page, as every browser does by itself."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    args = [one for one in ARGS if not one.startswith("--autoplay")]
    hushed = browser.browser_type.launch(executable_path=found, args=args)
    yield hushed
    hushed.close()


def announcements(page: Page) -> int:
    return int(page.evaluate("Number(document.body.dataset.chimes || 0)"))


def played(page: Page) -> list[tuple[float, float]]:
    return [(at, seconds) for at, seconds in page.evaluate("window.played")]


def said_often(page: Page, times: int) -> bool:
    return announcements(page) == times


def said(page: Page) -> str:
    return str(page.evaluate("document.body.dataset.said || ''"))


def test_calls_are_spoken_one_after_another_with_silence_between(tv: Callable[..., Page], clinic: Clinic) -> None:
    clinic.check_in()
    clinic.check_in()
    page = tv()
    clinic.staff("call-next", room="room-1")
    clinic.staff("call-next", room="room-2")
    until(lambda: announcements(page) == 1, 3, "The first call is announced")
    assert said(page) == CALL.format(1)
    until(lambda: announcements(page) == 2, 12, "The second call is announced")
    assert said(page) == CALL.format(2)
    clips = played(page)
    assert len(clips) == 2 * CLIPS
    ends = [at + seconds for at, seconds in clips]
    begins = [at for at, _ in clips]
    assert all(begin >= end for begin, end in zip(begins[1:], ends, strict=False)), "no word into another"
    # the second chime begins a chime before its first word
    chime = float(page.evaluate("window.chime.seconds"))
    assert begins[CLIPS] - chime - ends[CLIPS - 1] >= 2


def test_a_call_is_said_three_times_and_no_more_once_it_is_answered(tv: Callable[..., Page], clinic: Clinic) -> None:
    clinic.check_in()
    page = tv(clock=True)
    clinic.staff("call-next", room="room-1")
    until(lambda: announcements(page) == 1, 3, "The call is said")
    for before, wait in ((1, 15_000), (2, 105_000)):
        page.clock.fast_forward(wait - 3000)
        assert announcements(page) == before, "not before its time"
        page.clock.fast_forward(3000)
        until(partial(said_often, page, before + 1), 3, "The call is said again")
    page.clock.fast_forward(300_000)
    assert announcements(page) == 3
    assert len(played(page)) == 3 * CLIPS

    for answered in clinic.people():
        clinic.staff("start", visit=answered["id"])
    bo = clinic.check_in()
    clinic.staff("call-next", room="room-2")
    until(lambda: announcements(page) == 4, 3, "Another call is said")
    clinic.ask("POST", bo["path"] + "/coming", {})
    expect(page.locator("[data-call][data-answered]")).to_have_count(1)
    page.clock.fast_forward(200_000)
    assert announcements(page) == 4


def test_a_reload_neither_loses_nor_repeats_a_call(tv: Callable[..., Page], clinic: Clinic) -> None:
    clinic.check_in()
    page = tv(clock=True)
    clinic.staff("call-next", room="room-1")
    until(lambda: announcements(page) == 1, 3, "The call is said")
    page.reload()
    all_live([page])
    page.clock.fast_forward(5000)
    assert announcements(page) == 0
    page.clock.fast_forward(15_000)
    until(lambda: announcements(page) == 1, 3, "It is said again, as long after its beginning as without a reload")


def test_without_its_clips_the_tv_chimes_and_shows_the_call(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    page = screens.tv(clinic, "/healthz")
    page.route("**/static/voice/**", lambda route: route.abort())
    page.goto(f"{clinic.url}/display")
    page.evaluate(LISTEN)
    expect(page.locator("body")).to_have_attribute("data-voice", "partly")
    clinic.staff("call-next", room="room-1")
    until(lambda: announcements(page) == 1, 3, "The call chimes")
    expect(page.locator(".tv-call")).to_contain_text(ticket("A 01"))
    assert played(page) == []


def test_without_voice_and_storage_the_tv_chimes_and_shows_the_call(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    page = screens.tv(clinic, "/healthz")
    page.route("**/static/voice.js*", lambda route: route.abort())
    for storage in ("sessionStorage", "localStorage"):
        page.add_init_script(f"Object.defineProperty(window, '{storage}', {{ get() {{ throw 0; }} }})")
    page.goto(f"{clinic.url}/display")
    all_live([page])
    clinic.staff("call-next", room="room-1")
    until(lambda: announcements(page) == 1, 3, "The call chimes")
    expect(page.locator(".tv-call")).to_contain_text(ticket("A 01"))


def test_a_call_that_stands_while_a_hundred_others_come_is_not_forgotten(screens: Screens, clinic: Clinic) -> None:
    page = screens.tv(clinic)
    page.evaluate("sessionStorage.heard = '{broken'")
    page.reload()
    all_live([page])
    clinic.check_in()
    clinic.staff("call-next", room="room-1")
    until(lambda: announcements(page) == 1, 3, "The call is said")
    page.evaluate("""() => {
        const node = document.querySelector("[data-call]");
        const first = Number(node.dataset.call);
        const look = (seq) => document.dispatchEvent(new CustomEvent("screen", { detail: { seq } }));
        const other = node.cloneNode(true);
        node.after(other);
        for (let call = first + 1; call < first + 120; call++) {
            other.dataset.call = call;
            look(call);
        }
        other.remove();
        look(first + 120);
    }""")
    heard = page.evaluate("JSON.parse(sessionStorage.heard)")
    first = page.locator("[data-call]").get_attribute("data-call")
    assert heard[first]["times"] == 1
    assert len(heard) == 1 + 100, "calls that are gone are not remembered for ever"


def test_two_windows_of_one_device_are_two_screens_and_a_new_start_keeps_the_number(
    screens: Screens, clinic: Clinic
) -> None:
    first = screens.tv(clinic)
    second = first.context.new_page()
    second.goto(f"{clinic.url}/display")
    numbers = []
    for page in (first, second):
        expect(page.locator("body")).to_have_attribute("data-number", re.compile(r"\d"))
        numbers.append(page.locator("body").get_attribute("data-number"))
    assert numbers[0] != numbers[1]
    first.close()
    again = second.context.new_page()
    again.goto(f"{clinic.url}/display")
    expect(again.locator("body")).to_have_attribute("data-number", numbers[0] or "")


def test_a_muted_tv_shows_the_call_and_plays_nothing(screens: Screens, clinic: Clinic) -> None:
    clinic.new_day(volume="0")
    clinic.check_in()
    page = screens.tv(clinic)
    all_live([page])
    clinic.staff("call-next", room="room-1")
    expect(page.locator(".tv-call")).to_be_visible()
    heard = "Object.values(JSON.parse(sessionStorage.heard))[0]?.times"
    until(lambda: page.evaluate(heard) == 1, 3, "Its time to be said has come")
    assert announcements(page) == 0


def test_staff_see_that_a_tv_is_blocked_until_somebody_touches_it(
    hushed: Browser, screens: Screens, clinic: Clinic
) -> None:
    staff = screens.staff(clinic)
    silent = Screens(hushed)
    page = silent.tv(clinic)
    expect(staff.locator("#needs-list")).to_contain_text("TV 1 has no sound", timeout=30_000)
    clinic.check_in()
    clinic.staff("call-next", room="room-1")
    expect(page.locator("body")).to_have_attribute("data-sound", "blocked")
    expect(page.locator(".tv-call")).to_be_visible()
    page.keyboard.press("Enter")
    expect(staff.locator("#needs-list")).not_to_contain_text("has no sound")
    silent.close()


def test_a_test_call_is_seen_and_heard_on_its_tv_only(
    tv: Callable[..., Page], screens: Screens, clinic: Clinic
) -> None:
    first = screens.tv(clinic)
    expect(first.locator("body")).to_have_attribute("data-number", "1")
    second = tv(clock=True)
    expect(second.locator("body")).to_have_attribute("data-number", "2")
    staff = screens.staff(clinic, "/staff/screens")
    staff.locator("#test-tv-2").click()
    expect(second.locator("#trial-2")).to_contain_text("Test: TV 2", timeout=2000)
    until(lambda: said(second) == "en/test", 2, "The test is said")
    assert len(played(second)) == 1
    expect(first.locator("#trial-2")).to_be_hidden()
    clinic.check_in()  # a push in between hides nothing
    expect(second.locator("#wait-A-01")).to_have_count(1)
    expect(second.locator("#trial-2")).to_be_visible()
    expect(staff.locator("#tv-2")).to_contain_text("Tested at")
    second.clock.fast_forward(10_000)
    expect(second.locator("#trial-2")).to_be_hidden()
    assert announcements(second) == 1
    assert announcements(first) == 0
