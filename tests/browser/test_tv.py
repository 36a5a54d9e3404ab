"""The waiting room's TV: everybody finds themselves, nobody is cut off, and a call is heard once."""

import re
import shutil
from collections.abc import Callable
from functools import partial
from itertools import product

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conditions import all_live, keep, ticket, were_kept
from tests.browser.conftest import Screens
from tests.browser.server import Clinic, until

PAGE_TURN, WITHIN = 9_000, 45_000
LINE_TURN = 11_000
REPEAT = 15_000

# Every line of text that can be seen, where its letters leave the screen or a box that cuts off what does not fit.
# A line's own box is higher than its letters: those stand within 0.36 em of its middle.
CUT = """() => {
    const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode, range = document.createRange();
        if (!text.data.trim() || !text.parentElement.checkVisibility({visibilityProperty: true})) continue;
        const half = 0.36 * parseFloat(getComputedStyle(text.parentElement).fontSize);
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) {
            const middle = (box.top + box.bottom) / 2;
            let clips = [[0, 0, innerWidth, innerHeight]];
            for (let node = text.parentElement; node; node = node.parentElement) {
                const edge = node.getBoundingClientRect();
                if (getComputedStyle(node).overflowX !== "visible") {
                    clips.push([edge.left, edge.top, edge.right, edge.bottom]);
                }
            }
            for (const [left, top, right, bottom] of clips) {
                if (box.left < left - 2 || box.right > right + 2 || middle - half < top || middle + half > bottom) {
                    found.add(text.data.trim());
                }
            }
        }
    }
    for (const row of document.querySelectorAll(".tv-page li, .tv-call, .tv-help p")) {
        if (row.checkVisibility() && row.scrollWidth > row.clientWidth + 1) found.add(`too wide: ${row.textContent}`);
    }
    return [...found];
}"""


def tickets(page: Page) -> set[str]:
    """The waiting tickets that can be read now."""
    shown = page.locator(".tv-page li:not(.more) strong:visible").all_inner_texts()
    return {text.replace("\u202f", " ") for text in shown}


def fill(clinic: Clinic, waiting: int = 40, calls: int = 2) -> set[str]:
    """So many people wait and so many are called. The tickets that wait."""
    for number in range(waiting + calls):
        clinic.check_in("nurse" if number % 2 else "doctor", name=f"Patient {number}")
    for room in ("room-1", "room-3", "room-2")[:calls]:
        clinic.staff("call-next", room=room)
    return {visit["ticket"] for visit in clinic.line()["visits"] if visit["status"] == "waiting"}


def test_everybody_finds_themselves_within_45_seconds(screens: Screens, clinic: Clinic) -> None:
    waiting = fill(clinic)
    tv = screens.tv(clinic, clock=True)
    all_live([tv])
    seen, passed = tickets(tv), 0
    assert seen, "the first page is there at once"
    while passed + PAGE_TURN < WITHIN:
        tv.clock.fast_forward(PAGE_TURN)
        passed += PAGE_TURN
        assert tickets(tv)
        seen |= tickets(tv)
        # what is called never leaves
        expect(tv.locator(".tv-call:visible")).to_have_count(2)
    assert seen == waiting
    tv.clock.fast_forward(PAGE_TURN)
    expect(tv.locator("#page-0")).to_be_visible()


def test_a_push_turns_no_page(screens: Screens, clinic: Clinic) -> None:
    fill(clinic, 20, 0)
    tv = screens.tv(clinic, clock=True)
    all_live([tv])
    tv.clock.fast_forward(PAGE_TURN)
    all_live([tv])
    expect(tv.locator("#page-1")).to_be_visible()
    clinic.check_in()
    expect(tv.locator("#page-1 .more")).to_contain_text("13 more")
    expect(tv.locator("#page-1")).to_be_visible()
    expect(tv.locator("#page-0")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_nothing_on_the_tv_is_cut_off(screens: Screens, clinic: Clinic, language: str) -> None:
    tv = screens.tv(clinic, f"/display?lang={language}")
    states = {
        "quiet": lambda: None,
        "waiting": lambda: fill(clinic, 40, 0),
        "one call": lambda: clinic.staff("call-next", room="room-1"),
        "two calls": lambda: clinic.staff("call-next", room="room-2"),
        "three calls": lambda: clinic.staff("call-next", room="room-3"),
    }
    calls = 0
    for state, reach in states.items():
        reach()
        calls += state.endswith(("call", "calls"))
        expect(tv.locator(".tv-call")).to_have_count(calls)
        expect(tv.locator(".tv-nobody")).to_have_count(1 if state == "quiet" else 0)
        for width, height in ((1920, 1080), (1280, 720), (3840, 2160)):
            tv.set_viewport_size({"width": width, "height": height})
            for line in "012":
                tv.evaluate("line => { document.body.dataset.line = line; }", line)
                assert tv.evaluate(CUT) == [], f"{state} at {width} x {height}"


def is_whole(tv: Page) -> bool:
    return bool(tv.evaluate(CUT) == [])


def test_nothing_is_cut_off_below_which_earlier_calls_stand(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found(SPEED="60")  # a call is over for the TV after a minute
    tvs = {language: screens.tv(clinic, f"/display?lang={language}") for language in ("en", "es", "ar")}
    states: dict[str, Callable[[], object]] = {
        "waiting": lambda: fill(clinic, 12, 0),
        "one note": lambda: clinic.staff("note-delay", reason="short_of_staff"),
        "two notes": lambda: clinic.staff("note-delay", reason="more_time", service="doctor"),
        "no time": lambda: [clinic.staff("close-room", room=f"room-{n}") for n in (1, 2, 3)],
    }
    for state, reach in states.items():
        reach()
        if state != "no time":
            called = clinic.staff("call-next", room="room-1")
            clinic.staff("finish", visit=called["visit"])
        for language, tv in tvs.items():
            expect(tv.locator(".tv-call")).to_have_count(0)
            expect(tv.locator(".tv-earlier")).to_be_visible()
            # At sixty times the pace a call ends while the next screen is already on its way.
            until(partial(is_whole, tv), 5, f"Nothing is cut off: {state} in {language}")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_call_can_be_read_whole_whatever_it_says(screens: Screens, clinic: Clinic, language: str) -> None:
    clinic.new_day(**{"room-0": "Consulting room 12", "room-1": "غرفة الفحص ٣"})
    clinic.check_in(name="Maya Okafor", call_me="name")
    clinic.check_in(name="عائشة الزهراء", call_me="name")
    tv = screens.tv(clinic, f"/display?lang={language}")
    for room in ("room-1", "room-2"):
        clinic.staff("call-next", room=room)
    expect(tv.locator(".tv-call")).to_have_count(2)
    assert tv.evaluate(CUT) == []


def test_an_empty_room_meets_a_calm_page(screens: Screens, clinic: Clinic) -> None:
    tv = screens.tv(clinic)
    all_live([tv])
    expect(tv.locator("#tv.quiet")).to_be_visible()
    expect(tv.locator("h2")).to_have_text("Welcome.")
    expect(tv.locator(".tv-nobody")).to_have_text("Nobody is waiting right now.")
    expect(tv.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    expect(tv.locator(".tv-help p:visible")).to_have_count(1)
    bands = [tv.locator(part).bounding_box() for part in (".tv-head", ".tv-band", ".tv-list", ".tv-help")]
    tops = [band["y"] for band in bands if band]
    assert len(tops) == 4
    clinic.check_in()
    clinic.staff("call-next", room="room-1")
    expect(tv.locator(".tv-call")).to_be_visible()
    expect(tv.locator("#tv.quiet")).to_have_count(0)
    # the bands stand where they stood
    again = [tv.locator(part).bounding_box() for part in (".tv-head", ".tv-band", ".tv-list", ".tv-help")]
    assert [band["y"] for band in again if band] == tops


OWED = f"Date.now() - Object.values(JSON.parse(sessionStorage.heard))[0].since < {REPEAT} ? 1 : 2"
"""How often the only call should have chimed by now, within two minutes of it."""


def rings(page: Page) -> int:
    """How often the TV has chimed since it was loaded."""
    return int(page.evaluate("Number(document.body.dataset.chimes || 0)"))


def test_a_call_chimes_once_and_not_again_after_a_reload(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()["visit"]
    clinic.check_in()
    tv = screens.tv(clinic)
    all_live([tv])
    assert rings(tv) == 0
    clinic.staff("call-next", room="room-1")
    until(lambda: rings(tv) == 1, 3, "The first call chimes")
    expect(tv.locator("body")).to_have_attribute("data-sound", "on")
    clinic.staff("call-next", room="room-2")
    until(lambda: rings(tv) == 2, 12, "The second call chimes, after the first")

    tv.reload()
    all_live([tv])
    clinic.check_in("nurse")
    expect(tv.locator("#wait-H-01")).to_be_visible()
    assert rings(tv) == 0

    clinic.staff("recall", visit=visit)
    until(lambda: rings(tv) == 1, 3, "A call repeated by staff chimes")


def test_a_call_is_repeated_until_it_is_answered(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()["visit"]
    tv = screens.tv(clinic, clock=True)
    all_live([tv])
    clinic.staff("call-next", room="room-1")
    until(lambda: rings(tv) == 1, 3, "The call chimes")
    tv.clock.fast_forward(REPEAT)
    until(lambda: rings(tv) == 2, 3, "It chimes again after 15 s")
    all_live([tv])
    clinic.staff("no-show", visit=visit)
    expect(tv.locator("[data-call]")).to_have_count(0)
    expect(tv.locator(".tv-call")).to_have_count(1)  # it stands for a minute
    tv.clock.fast_forward(120_000)
    all_live([tv])
    assert rings(tv) == 2


def test_a_call_is_not_chimed_again_when_the_connection_returns(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found()
    clinic.check_in()
    clinic.check_in()
    tv = screens.tv(clinic)
    all_live([tv])
    keep([tv])
    clinic.staff("call-next", room="room-1")
    until(lambda: rings(tv) == 1, 3, "The call chimes")
    clinic.kill()
    expect(tv.locator("#stale")).to_be_visible(timeout=10_000)
    clinic.start()
    all_live([tv])
    expect(tv.locator("[data-call]")).to_have_count(1)
    # once, or twice where a slow machine took longer than until the call is repeated
    until(lambda: rings(tv) == tv.evaluate(OWED), 1, "It chimed as often as without the break")
    # and what is called then is heard
    clinic.staff("call-next", room="room-2")
    until(lambda: "en/2|" in str(tv.evaluate("document.body.dataset.said")), 12, "The next call is said")
    were_kept([tv])


def test_a_tv_that_outlives_its_clinics_data_still_chimes(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found()
    for _ in range(12):
        clinic.check_in()
    clinic.staff("call-next", room="room-1")
    tv = screens.tv(clinic)
    all_live([tv])
    clinic.stop()
    shutil.rmtree(clinic.folder / "data")
    clinic.start()
    all_live([tv])
    expect(tv.locator(".tv-call")).to_have_count(0)
    before = rings(tv)
    clinic.check_in()
    clinic.staff("call-next", room="room-1")
    expect(tv.locator(".tv-call")).to_have_count(1)
    until(lambda: rings(tv) == before + 1, 3, "The first call of the new data chimes")


def test_feeling_worse_is_spoken_of_every_45_seconds(screens: Screens, clinic: Clinic) -> None:
    tv = screens.tv(clinic, clock=True)
    all_live([tv])
    lines = []
    for _ in range(WITHIN // LINE_TURN):
        lines.append(tv.locator(".tv-help p:visible").inner_text())
        tv.clock.fast_forward(LINE_TURN)
    assert "If you feel worse, tell us straight away." in lines
    assert len(set(lines)) == 3
    assert tv.locator(".tv-help p:visible").inner_text() == lines[1]


def test_a_name_is_shown_only_where_its_owner_chose_it(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in(name="Maya Okafor")
    clinic.check_in(name="Tom Whitfield", call_me="name")
    clinic.check_in("nurse", name="王 秀英")
    tv = screens.tv(clinic)
    all_live([tv])
    for room in ("room-1", "room-2", "room-3"):
        clinic.staff("call-next", room=room)
    expect(tv.locator(".tv-call")).to_have_count(3)
    expect(tv.locator(".tv-call", has_text="Room 2")).to_contain_text("Tom W")
    page = tv.content()
    assert not any(name in page for name in ("Maya", "Okafor", "Whitfield", "王", "秀英"))
    assert not any(service in page for service in ("Doctor", "Nurse"))
    # where the clinic allows no names, none is shown
    clinic.new_day(names_on_tv="")
    clinic.check_in(name="Tom Whitfield", call_me="name")
    clinic.staff("call-next", room="room-2")
    expect(tv.locator(".tv-call")).to_have_count(1)
    expect(tv.locator(".tv-call")).to_contain_text(ticket("A 01"))
    assert "Tom" not in tv.content()


@pytest.mark.parametrize(("inches", "metres"), [("50", "4"), ("43", "4"), ("55", "6")])
def test_letters_are_as_large_as_the_farthest_seat_needs(
    screens: Screens, clinic: Clinic, inches: str, metres: str
) -> None:
    clinic.new_day(tv_inches=inches, tv_metres=metres)
    fill(clinic, 12, 2)
    tv = screens.tv(clinic)
    all_live([tv])
    rule = tv.request.get(f"{clinic.url}/display/sizes.css").text()
    text, call = (float(re.findall(rf"--tv-{name}:(\d+)", rule)[0]) for name in ("text", "call"))
    sizes = """selector => [...document.querySelectorAll(selector)].filter(node => node.checkVisibility())
        .map(node => parseFloat(getComputedStyle(node).fontSize))"""
    for selector in (".tv-head h1", ".tv-head time", ".tv-page strong", ".estimate", ".tv-help p"):
        assert min(tv.evaluate(sizes, selector)) >= text * 0.99, selector
    for selector in (".tv-ticket", ".tv-room"):
        assert min(tv.evaluate(sizes, selector)) >= call * 0.99, selector
    assert tv.evaluate(CUT) == []


def test_the_large_mode_shows_the_calls_and_the_next_three(screens: Screens, clinic: Clinic) -> None:
    fill(clinic, 12, 2)
    tv = screens.tv(clinic, "/display?mode=large", clock=True)
    all_live([tv])
    seen, lines = set(), set()
    for _ in range(WITHIN // LINE_TURN):
        expect(tv.locator(".tv-call:visible")).to_have_count(2)
        assert tv.evaluate(CUT) == []
        seen |= tickets(tv)
        lines |= set(tv.locator(".tv-help p:visible").all_inner_texts())
        tv.clock.fast_forward(LINE_TURN)
    assert seen == {"A 02", "H 02", "A 03"}
    assert "If you feel worse, tell us straight away." in lines


def test_an_old_set_without_scripts_refreshes_itself(screens: Screens, clinic: Clinic) -> None:
    waiting = fill(clinic, 12, 1)
    page = screens.tv(clinic, "/display/plain", java_script_enabled=False)
    expect(page.locator(".tv-call")).to_contain_text("Room 1")
    assert tickets(page)
    assert tickets(page) <= waiting

    # its nine seconds are made one, so that nobody has to wait for them here
    def sooner(route: Route) -> None:
        answer = route.fetch()
        body, changed = re.subn(r'(http-equiv="refresh" content=")9\b', r"\g<1>1", answer.text())
        assert changed == 1, "the page refreshes itself"
        route.fulfill(response=answer, body=body)

    page.route(re.compile(r"/display(/plain)?(\?.*)?$"), sooner)
    # the page with scripts leads to the plain one when there are none
    page.goto(clinic.url + "/display")
    expect(page).to_have_url(re.compile("/display/plain"))
    expect(page.locator(".tv-call")).to_have_count(1)
    clinic.staff("call-next", room="room-3")
    expect(page.locator(".tv-call")).to_have_count(2)
    page.unroute_all(behavior="ignoreErrors")


def test_the_tv_says_when_it_was_right_the_last_time(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = found()
    fill(clinic, 4, 1)
    tv = screens.tv(clinic, clock=True)
    all_live([tv])
    clinic.kill()
    tv.clock.fast_forward(10_000)
    stale = tv.locator("#stale")
    expect(stale).to_have_text(re.compile(r"^Last updated \d\d:\d\d\. We are reconnecting\."))
    # estimates go after two minutes, the calls stay
    tv.clock.fast_forward(121_000)
    expect(tv.locator("body")).to_have_attribute("data-live", "lost")
    expect(tv.locator(".estimate").first).to_be_hidden()
    expect(tv.locator(".tv-call")).to_be_visible()
    expect(stale).to_be_visible()


def test_a_wait_of_hours_stays_in_its_column(screens: Screens, clinic: Clinic) -> None:
    for _ in range(5):
        clinic.check_in("nurse")
    clinic.staff("pause-room", room="room-3", minutes=90)
    tv = screens.tv(clinic)
    past = "rows => rows.filter(row => row.scrollWidth > row.clientWidth).map(row => row.innerText)"
    for language in ("en", "es", "ar"):
        tv.goto(f"{clinic.url}/display?lang={language}")
        all_live([tv])
        expect(tv.locator(".estimate").last).to_contain_text(re.compile(r"\d\d:\d\d"))
        assert tv.locator(".tv-page li:visible").evaluate_all(past) == [], language


def evening(found: Callable[..., Clinic]) -> Clinic:
    """A clinic at twenty past four that closes at five."""
    clinic = found(START="2026-11-23T16:20")
    clinic.new_day(**{"opens-0": "08:00", "closes-0": "17:00"})
    return clinic


def test_closing_words_can_be_read_whole_beside_calls_and_without(
    screens: Screens, found: Callable[..., Clinic]
) -> None:
    clinic = evening(found)
    fill(clinic, 20, 0)
    tv = screens.tv(clinic)
    for calls in (0, 2):
        for room in ("room-1", "room-3")[:calls]:
            clinic.staff("call-next", room=room)
        for message in ("all", "some"):
            clinic.staff("tell-closing", message=message)
            for language, mode in product(("en", "es", "ar"), ("main", "large")):
                tv.goto(f"{clinic.url}/display?lang={language}&mode={mode}")
                all_live([tv])
                expect(tv.locator(".tv-call")).to_have_count(calls)
                expect(tv.locator("#tv")).to_contain_text("17:00")
                for line in range(int(tv.locator("#tv").get_attribute("data-lines") or 0)):
                    tv.evaluate("line => { document.body.dataset.line = line; }", str(line))
                    assert tv.evaluate(CUT) == [], f"{tv.url}: {message}, {calls} calls, line {line}"


def test_closing_words_take_turns_and_leave_when_taken_back(screens: Screens, found: Callable[..., Clinic]) -> None:
    clinic = evening(found)
    fill(clinic, 4, 2)
    clinic.staff("tell-closing", message="some")
    tv = screens.tv(clinic, clock=True)
    all_live([tv])
    read = set()
    for _ in range(WITHIN // LINE_TURN):
        read |= set(tv.locator(".tv-help p:visible").all_inner_texts())
        tv.clock.fast_forward(LINE_TURN)
    assert read == {
        "If you feel worse, tell us straight away.",
        "We may not see everyone before we close at 17:00.",
        "We are very sorry. Please talk to us now.",
        "We will find you the next best time.",
    }
    expect(tv.locator(".tv-call:visible")).to_have_count(2)
    clinic.staff("tell-closing", message="none")
    expect(tv.locator("#line-1")).to_have_text("Waiting more than you expected? Please ask us.")
