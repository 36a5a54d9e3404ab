"""The tablet by the door: few touches, large targets, nothing left behind, and never a person before a dead screen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conditions import Hand, Wire, all_live, all_say_so, keep, ticket, too_high, too_wide, were_kept
from tests.browser.conftest import Screens
from tests.browser.server import Clinic, until

MM = 5.9
TARGET, APART = 20 * MM - 1, 3 * MM - 1
SIZES = ((1280, 800), (1024, 768))
SMALLEST_TEXT = 42 * 0.98
IDLE, ASKING, RESULT, HELP = 45_000, 30_000, 20_000, 120_000

SMALL_TARGETS = """(smallest) => [...document.querySelectorAll("#screen :is(button, a, .option, input, .tile)")]
    .filter(node => node.checkVisibility({visibilityProperty: true}) && !node.matches(".option input, [type=hidden]"))
    .map(node => [node.id || node.textContent.trim(), node.getBoundingClientRect()])
    .filter(([, box]) => box.width < smallest || box.height < smallest)
    .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""

# The strip that tells of open doors is for who set the tablet up; with shut doors it is not there.
SMALL_TEXT = """(smallest) => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, holder = node.parentElement;
        if (!node.data.trim() || !holder.checkVisibility()) continue;
        if (holder.closest(".visually-hidden, script, .band")) continue;
        const size = parseFloat(getComputedStyle(holder).fontSize);
        if (size < smallest) found.push(`${node.data.trim()}: ${size}`);
    }
    return found; }"""

CUT = """[...document.querySelectorAll("#screen :is(button, a, h1, p, .number, .option, figcaption, strong)")]
    .filter(node => node.checkVisibility() && !node.matches(".visually-hidden")
        && node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline")
    .map(node => `${node.id || node.className || node.tagName}: ${node.scrollWidth} > ${node.clientWidth}`)"""

UNREACHABLE = """[...document.querySelectorAll("#screen :is(button, a, .option)")]
    .filter(node => node.checkVisibility()).filter(node => {
        node.scrollIntoView({block: "center"});
        const box = node.getBoundingClientRect();
        const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
        return !(top && (node.contains(top) || top.contains(node) && top.matches("label")));
    }).map(node => node.id || node.textContent.trim())"""

CLOSE_TOGETHER = """(apart) => {
    const boxes = [...document.querySelectorAll("#screen :is(button, a, .option, input:not(.option input))")]
        .filter(node => node.checkVisibility() && node.type !== "hidden")
        .map(node => [node.id || node.textContent.trim(), node.getBoundingClientRect()]);
    const found = [];
    for (const [name, one] of boxes) for (const [other, two] of boxes) {
        if (one === two || name >= other) continue;
        const across = Math.max(one.left, two.left) - Math.min(one.right, two.right);
        const down = Math.max(one.top, two.top) - Math.min(one.bottom, two.bottom);
        if (Math.max(across, down) < apart) found.push(`${name} and ${other}: ${Math.max(across, down)}`);
    }
    return found; }"""


def step(page: Page, name: str) -> None:
    """The tablet is at this step."""
    expect(page.locator("body")).to_have_attribute("data-step", name)


def to_services(page: Page) -> None:
    """From the start to what people are here for."""
    page.locator("#check-in").tap()
    step(page, "services")


def to_details(page: Page, service: str = "doctor") -> None:
    """From the start to the page where the name may be given."""
    page.locator("#check-in").tap()
    page.locator(f"#service-{service}").tap()
    step(page, "details")


def check_in(page: Page, service: str = "doctor") -> None:
    """From the start to a number."""
    to_details(page, service)
    page.locator("#get-number").tap()
    step(page, "ticket")


def to_place(page: Page) -> None:
    page.locator("#check-place").tap()
    step(page, "place")


def to_standing(page: Page) -> None:
    to_place(page)
    page.locator(".option", has_text="A").tap()
    page.locator("[data-digit='1']").tap()
    page.locator("#show-place").tap()
    step(page, "standing")


def to_help(page: Page) -> None:
    page.locator("#ask-help").tap()
    step(page, "help")


STEPS: dict[str, Callable[[Page], Any]] = {
    "services": to_services,
    "details": to_details,
    "ticket": check_in,
    "place": to_place,
    "standing": to_standing,
    "help": to_help,
}


def walk(page: Page, query: str) -> Iterator[str]:
    """Stop at every step once. Somebody must be in line as A 01."""
    address = page.url.partition("?")[0] + query
    page.goto(address)
    yield "start"
    page.locator("#check-in").tap()
    step(page, "services")
    yield "services"
    page.locator("#service-doctor").tap()
    step(page, "details")
    yield "details"
    page.locator("#name").fill("Maya Okafor")
    yield "details with a name"
    page.locator("#get-number").tap()
    step(page, "ticket")
    yield "ticket"
    page.goto(address)
    to_place(page)
    yield "place"
    page.locator(".option", has_text="A").tap()
    page.locator("#number-typed").fill("99")
    page.locator("#show-place").tap()
    expect(page.locator("#number-problem")).to_be_visible()
    yield "place not found"
    page.locator("#number-typed").fill("1")
    page.locator("#show-place").tap()
    step(page, "standing")
    yield "standing"
    page.locator("#ask-help").tap()
    step(page, "help")
    yield "help"


def tab_to(page: Page, target: str) -> None:
    """Press Tab until this has the keyboard, as somebody without a pointer does; it must be seen to have it."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == target:
            break
    here = page.locator(f"#{target}")
    expect(here).to_be_focused()
    assert here.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"


def test_a_walk_in_needs_no_pointer(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    tab_to(tablet, "check-in")
    tablet.keyboard.press("Enter")
    step(tablet, "services")
    tab_to(tablet, "service-nurse")
    tablet.keyboard.press("Space")
    step(tablet, "details")
    tab_to(tablet, "name")
    tablet.keyboard.type("Ñandú O'Brien")
    tablet.keyboard.press("Tab")
    expect(tablet.get_by_role("radio", name="By my number")).to_be_focused()
    tablet.keyboard.press("ArrowDown")
    expect(tablet.get_by_role("radio", name="By name on the TV")).to_be_checked()
    tab_to(tablet, "get-number")
    tablet.keyboard.press("Enter")
    step(tablet, "ticket")
    expect(tablet.locator("#number")).to_have_text(ticket("H 01"))
    tab_to(tablet, "done")
    tablet.keyboard.press("Space")
    step(tablet, "start")
    assert clinic.people()[0]["name"] == "Ñandú O'Brien"


def test_a_place_is_found_without_a_pointer(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in("nurse")
    tablet = screens.tablet(clinic)
    tab_to(tablet, "check-place")
    tablet.keyboard.press("Enter")
    step(tablet, "place")
    tablet.keyboard.press("Tab")
    tablet.keyboard.press("ArrowRight")
    expect(tablet.get_by_role("radio", name="H")).to_be_checked()
    tab_to(tablet, "number-typed")
    tablet.keyboard.type("1")
    tablet.keyboard.press("Enter")
    step(tablet, "standing")
    expect(tablet.locator("#number")).to_have_text(ticket("H 01"))


def test_the_next_person_finds_nothing_of_the_last(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    before = tablet.evaluate("history.length")
    keep([tablet])
    to_details(tablet)
    tablet.locator("#name").fill("Maya Okafor")
    tablet.locator("#get-number").tap()
    step(tablet, "ticket")
    code = tablet.locator("figcaption strong").inner_text()
    tablet.locator("#done").tap()
    step(tablet, "start")
    were_kept([tablet])
    assert tablet.evaluate("history.length") == before
    for go in (tablet.go_back, tablet.go_forward, tablet.reload):
        go()
        page = tablet.content()
        assert not any(word in page for word in ("A 01", ticket("A 01"), "Maya", code))


def test_reloading_a_result_shows_it_to_nobody(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    check_in(tablet)
    assert "/t/" not in tablet.url
    tablet.reload()
    step(tablet, "start")
    assert ticket("A 01") not in tablet.content()


@pytest.mark.parametrize("at", ["services", "details", "place"])
def test_a_forsaken_step_asks_and_then_clears(screens: Screens, clinic: Clinic, at: str) -> None:
    tablet = screens.tablet(clinic, clock=True)
    all_live([tablet])
    STEPS[at](tablet)
    tablet.clock.fast_forward(IDLE - 2_000)
    expect(tablet.locator("#idle")).to_be_hidden()
    tablet.clock.fast_forward(2_500)
    expect(tablet.locator("#idle")).to_be_visible()
    expect(tablet.locator("#idle")).to_contain_text("Touch anywhere to carry on.")
    tablet.clock.fast_forward(ASKING - 2_000)
    expect(tablet.locator("#idle")).to_be_visible()
    tablet.clock.fast_forward(2_500)
    step(tablet, "start")
    expect(tablet.locator("#idle")).to_be_hidden()


def test_a_touch_anywhere_carries_on_and_presses_nothing_beneath(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic, clock=True)
    to_details(tablet)
    tablet.locator("#name").fill("Maya")
    beneath = tablet.locator("#get-number").bounding_box()
    assert beneath
    for _ in range(3):
        tablet.clock.fast_forward(IDLE + 500)
        expect(tablet.locator("#idle")).to_be_visible()
        tablet.touchscreen.tap(beneath["x"] + beneath["width"] / 2, beneath["y"] + beneath["height"] / 2)
        expect(tablet.locator("#idle")).to_be_hidden()
    # time for a tap that fell through to be answered
    expect(tablet.locator("#busy")).to_be_hidden()
    step(tablet, "details")
    expect(tablet.locator("#name")).to_have_value("Maya")
    assert clinic.people() == []
    # the time begins anew
    tablet.clock.fast_forward(IDLE - 2_000)
    expect(tablet.locator("#idle")).to_be_hidden()


def at_details(screens: Screens, clinic: Clinic) -> tuple[Page, Wire]:
    """Somebody at the tablet, about to get their number; its clock and its wire are in the test's hand."""
    tablet = screens.tablet(clinic, clock=True)
    wire = Wire(tablet)
    tablet.reload()
    all_live([tablet])
    to_details(tablet)
    return tablet, wire


def test_a_key_carries_on_where_it_was_and_presses_nothing(screens: Screens, clinic: Clinic) -> None:
    tablet, wire = at_details(screens, clinic)
    for place, key in (("name", "x"), ("get-number", "Enter"), ("get-number", "Space")):
        tablet.locator(f"#{place}").focus()
        wire.wind_on(IDLE)
        expect(tablet.locator("#carry-on")).to_be_focused()
        tablet.keyboard.press(key)
        expect(tablet.locator("#idle")).to_be_hidden()
        expect(tablet.locator(f"#{place}")).to_be_focused()
    expect(tablet.locator("#busy")).to_be_hidden()
    step(tablet, "details")
    assert clinic.people() == []


def test_the_keyboard_is_where_it_was_when_the_network_is_back(screens: Screens, clinic: Clinic) -> None:
    tablet, wire = at_details(screens, clinic)
    here = tablet.locator("#get-number")
    here.focus()
    for asked in (False, True):
        if asked:
            wire.wind_on(IDLE)
            expect(tablet.locator("#carry-on")).to_be_focused()
        tablet.context.set_offline(True)
        all_say_so([tablet])
        tablet.keyboard.press("Enter")
        expect(tablet.locator("#idle")).to_be_hidden()
        expect(here).not_to_be_focused()
        tablet.context.set_offline(False)
        all_live([tablet])
        expect(here).to_be_focused()
    step(tablet, "details")
    assert clinic.people() == []


@pytest.mark.parametrize(("at", "stays"), [("ticket", RESULT), ("standing", RESULT), ("help", HELP)])
def test_a_result_clears_by_itself_and_a_touch_keeps_it_longer(
    screens: Screens, clinic: Clinic, at: str, stays: int
) -> None:
    if at == "standing":
        clinic.check_in()
    tablet = screens.tablet(clinic, clock=True)
    all_live([tablet])
    STEPS[at](tablet)
    tablet.clock.fast_forward(stays - 2_000)
    all_live([tablet])
    step(tablet, at)
    tablet.locator("h1, #number").first.tap()
    tablet.clock.fast_forward(stays - 2_000)
    all_live([tablet])
    step(tablet, at)
    tablet.clock.fast_forward(2_500)
    step(tablet, "start")
    assert not any(number in tablet.content() for number in ("A 01", ticket("A 01")))


def test_a_language_is_for_one_person(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    tablet.locator("#lang-ar").tap()
    html = tablet.locator("html")
    expect(html).to_have_attribute("dir", "rtl")
    expect(html).to_have_attribute("lang", "ar")
    for at, target in (("start", "#check-in"), ("services", "#service-doctor"), ("details", "#get-number")):
        step(tablet, at)
        expect(tablet.locator(target)).to_be_visible()
        words = tablet.locator("h1").inner_text() if at != "details" else tablet.locator(target).inner_text()
        assert any("\u0600" <= letter <= "\u06ff" for letter in words), words
        tablet.locator(target).tap()
    step(tablet, "ticket")
    expect(html).to_have_attribute("dir", "rtl")
    assert tablet.locator("#number bdi").get_attribute("dir") == "ltr"
    tablet.locator("#done").tap()
    step(tablet, "start")
    expect(html).to_have_attribute("dir", "ltr")
    expect(tablet.locator("h1")).to_have_text("Welcome. Tell us you're here.")


def test_a_language_chosen_and_left_goes_back_by_itself(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic, clock=True)
    tablet.locator("#lang-es").tap()
    expect(tablet.locator("html")).to_have_attribute("lang", "es")
    tablet.clock.fast_forward(IDLE + 500)
    expect(tablet.locator("#idle")).to_be_visible()
    tablet.clock.fast_forward(ASKING + 500)
    expect(tablet.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_larger_text_loses_nothing(screens: Screens, clinic: Clinic, language: str) -> None:
    clinic.check_in()
    tablet = screens.tablet(clinic)
    for at in walk(tablet, f"?lang={language}&size=large"):
        assert tablet.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 65 * 0.98
        expect(tablet.locator("html.large")).to_have_count(1)
        assert not too_wide(tablet), at
        assert tablet.evaluate(CUT) == [], at
        assert tablet.evaluate(SMALL_TARGETS, TARGET) == [], at
        assert tablet.evaluate(UNREACHABLE) == [], at


def test_larger_text_is_for_one_person(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    tablet.locator("#text-size").tap()
    expect(tablet.locator("body")).to_have_attribute("data-size", "large")
    check_in(tablet)
    expect(tablet.locator("body")).to_have_attribute("data-size", "large")
    tablet.locator("#done").tap()
    step(tablet, "start")
    expect(tablet.locator("body")).to_have_attribute("data-size", "normal")
    expect(tablet.locator("html.large")).to_have_count(0)


def test_a_refused_name_stays_as_it_was_typed(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    to_details(tablet)
    name = tablet.locator("#name")
    long = " ".join(["Wolfeschlegel"] * 7)
    name.fill(long)
    tablet.locator("#get-number").tap()
    problem = tablet.locator("#name-problem")
    expect(problem).to_have_text("Error: Write the name with at most 80 characters.")
    expect(name).to_have_value(long)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    assert "name-problem" in (name.get_attribute("aria-describedby") or "")
    _stands_next_to(tablet, "#name-problem", "#name")

    # call by name chosen, and then the name taken out again
    name.fill("Maya")
    tablet.get_by_text("By name on the TV").tap()
    name.fill("")
    tablet.locator("#get-number").tap()
    expect(problem).to_contain_text("Write the name you want us to call, or choose your number.")
    _stands_next_to(tablet, "#name-problem", "#name")
    expect(tablet.get_by_role("radio", name="By my number")).to_be_visible()
    assert clinic.people() == []

    name.fill("عائشة")
    tablet.locator("#get-number").tap()
    step(tablet, "ticket")
    assert [person["name"] for person in clinic.people()] == ["عائشة"]


def _stands_next_to(page: Page, one: str, other: str) -> None:
    upper, lower = page.locator(one).bounding_box(), page.locator(other).bounding_box()
    assert upper
    assert lower
    assert 0 <= lower["y"] - upper["y"] - upper["height"] < 40


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_first_screen_offers_everything_at_once(screens: Screens, clinic: Clinic, language: str) -> None:
    tablet = screens.tablet(clinic, f"/kiosk?lang={language}")
    for width, height in SIZES:
        tablet.set_viewport_size({"width": width, "height": height})
        for target in ("check-in", "check-place", "ask-help", "text-size", "lang-en", "lang-es", "lang-ar"):
            expect(tablet.locator(f"#{target}")).to_be_in_viewport(ratio=1)
        assert not too_high(tablet)
        assert not too_wide(tablet)


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_targets_and_letters_are_large_enough_for_every_hand_and_eye(
    screens: Screens, clinic: Clinic, language: str
) -> None:
    clinic.check_in()
    tablet = screens.tablet(clinic)
    for at in walk(tablet, f"?lang={language}"):
        expect(tablet.locator("html")).to_have_attribute("lang", language)
        for width, height in SIZES:
            tablet.set_viewport_size({"width": width, "height": height})
            where = f"{at} at {width} x {height}"
            assert tablet.evaluate(SMALL_TARGETS, TARGET) == [], where
            assert tablet.evaluate(SMALL_TEXT, SMALLEST_TEXT) == [], where
            assert tablet.evaluate(CLOSE_TOGETHER, APART) == [], where
            assert tablet.evaluate(CUT) == [], where
            assert not too_wide(tablet), where


def test_the_number_is_as_high_as_a_thumb(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    check_in(tablet)
    size = tablet.locator("#number").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert size * 0.668 / MM >= 25
    for target in ("#number", ".place", ".estimate", ".qr", "figcaption strong", "#done"):
        expect(tablet.locator(target)).to_be_in_viewport(ratio=1)


def test_sizes_follow_the_device(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic, "/kiosk?mm=5.2", viewport={"width": 1024, "height": 768})
    tablet.goto(clinic.url + "/kiosk")
    box = tablet.locator("#lang-en").bounding_box()
    assert box
    assert 104 - 1 <= box["height"] < 20 * MM - 1


def test_a_place_is_checked_in_five_touches(screens: Screens, clinic: Clinic) -> None:
    for _ in range(12):
        clinic.check_in("nurse")
    tablet, hand = screens.tablet(clinic), Hand()
    hand.tap(tablet.locator("#check-place"))
    hand.tap(tablet.locator(".option", has_text="H"))
    hand.tap(tablet.locator("[data-digit='1']"))
    hand.tap(tablet.locator("[data-digit='2']"))
    hand.tap(tablet.locator("#show-place"))
    assert hand.touches <= 5
    expect(tablet.locator("#number")).to_have_text(ticket("H 12"))
    expect(tablet.locator(".place")).to_have_text("There are 11 people before you.")
    expect(tablet.locator(".estimate")).to_contain_text("most likely by")


def test_a_number_that_is_not_here_is_kept_to_be_mended(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in("nurse")
    tablet = screens.tablet(clinic)
    to_place(tablet)
    tablet.locator(".option", has_text="H").tap()
    tablet.locator("[data-digit='7']").tap()
    tablet.locator("#show-place").tap()
    expect(tablet.locator("#number-problem")).to_contain_text("We can't find this number today.")
    expect(tablet.locator("#number-typed")).to_have_value("7")
    expect(tablet.get_by_role("radio", name="H")).to_be_checked()
    tablet.locator("[data-digit='']").tap()
    tablet.locator("[data-digit='1']").tap()
    tablet.locator("#show-place").tap()
    step(tablet, "standing")


def test_help_rings_the_staff_and_the_patient_hears_that_somebody_comes(screens: Screens, clinic: Clinic) -> None:
    tablet, staff = screens.tablet(clinic), screens.staff(clinic)
    all_live([tablet, staff])
    tablet.locator("#ask-help").tap()
    asked = staff.locator("[data-help]")
    expect(asked).to_contain_text("Help at the tablet", timeout=2_000)
    expect(tablet.locator("h1")).to_have_text("We've told the team.")
    asked.get_by_role("button", name="I'll go").click()
    expect(tablet.locator("h1")).to_have_text("Someone is coming.")
    expect(asked).to_have_count(0)


def test_a_check_in_that_the_server_missed_goes_to_the_desk_and_counts_once(
    screens: Screens, found: Callable[..., Clinic]
) -> None:
    clinic = found()
    tablet = screens.tablet(clinic)
    all_live([tablet])
    keep([tablet])
    to_details(tablet)
    tablet.locator("#name").fill("Maya Okafor")
    clinic.kill()
    tablet.locator("#get-number").tap()
    expect(tablet.locator("#stale")).to_be_visible(timeout=4_000)
    expect(tablet.locator("#stale")).to_contain_text("Please come to the desk.")
    expect(tablet.locator("#number")).to_have_count(0)

    clinic.start()
    step(tablet, "ticket")
    expect(tablet.locator("#number")).to_have_text(ticket("A 01"))
    expect(tablet.locator("#stale")).to_be_hidden()
    were_kept([tablet])
    assert [person["name"] for person in clinic.people()] == ["Maya Okafor"]


def test_a_check_in_whose_answer_was_lost_counts_once(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    to_details(tablet)
    tablet.route("**/kiosk/check-in", lambda route: (route.fetch(), route.abort())[1], times=1)
    tablet.locator("#get-number").tap()
    step(tablet, "ticket")
    expect(tablet.locator("#number")).to_have_text(ticket("A 01"))
    assert len(clinic.people()) == 1


def test_an_impatient_hand_gets_one_number(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    to_details(tablet)
    tablet.locator("#get-number").evaluate("button => { for (let n = 0; n < 5; n++) button.click(); }")
    step(tablet, "ticket")
    expect(tablet.locator("#number")).to_have_text(ticket("A 01"))
    assert len(clinic.people()) == 1


def test_the_tablet_of_a_closed_clinic_still_offers_a_person(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    all_live([tablet])
    clinic.close_day()
    expect(tablet.locator("h1")).to_have_text("We are closed right now.")
    expect(tablet.locator("#check-in")).to_have_count(0)
    tablet.locator("#ask-help").tap()
    step(tablet, "help")


def test_the_day_closes_while_somebody_types(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    to_details(tablet)
    clinic.close_day()
    tablet.locator("#get-number").tap()
    expect(tablet.get_by_text("We are closed right now.")).to_be_visible()
    assert clinic.people() == []


def test_hands_never_have_to_hold_drag_or_pinch(screens: Screens, clinic: Clinic) -> None:
    tablet = screens.tablet(clinic)
    until(lambda: tablet.evaluate("document.readyState") == "complete", 5, "The page is there")
    scripts = tablet.evaluate("[...document.scripts].filter(s => !s.src.includes('vendor')).map(s => s.src)")
    for source in scripts:
        text = tablet.request.get(source).text()
        assert not any(word in text for word in ("touchmove", "dragstart", "gesturestart", "pointermove"))
