"""The tablet for who has an appointment: few touches, by hand, keyboard or scanner, and nothing left behind."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.appointments import Appointment
from tests.browser.axe import violations
from tests.browser.booked import with_appointments
from tests.browser.conditions import Hand, all_live, ticket, too_high, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic
from tests.browser.test_tablet import (
    APART,
    ASKING,
    CLOSE_TOGETHER,
    CUT,
    IDLE,
    SIZES,
    SMALL_TARGETS,
    SMALL_TEXT,
    SMALLEST_TEXT,
    TARGET,
    UNREACHABLE,
    step,
    tab_to,
)  # isort: skip # fmt: skip
from tests.clinic.given import after
from tests.test_words import each_of, translations

LANGUAGES = ("en", "es", "ar")
READ_OUT = ("en", "ar")
"""The languages in which axe-core looks at each page: one each way."""
PEOPLE = 60
SURNAMES = "BCDFGHJKLM"


def born(n: int) -> tuple[str, str]:
    """The birthday of the n-th person, as two digits each."""
    return f"{n % 27 + 1:02d}", f"{n // 27 + 1:02d}"


def letter(n: int) -> str:
    return SURNAMES[n % len(SURNAMES)]


def code(n: int) -> str:
    return f"BCDF{n:04d}ZX"


def person(n: int, at: float = 8, **more: Any) -> Appointment:
    day, month = born(n)
    values = {"name": f"Person Number{n}", "birthday": (int(day), int(month)), "letters": letter(n), "code": code(n)}
    return Appointment(f"{n} at {at}", after(at), more.pop("service", "nurse"), **{**values, **more})


SPECIAL: dict[str, list[Appointment]] = {
    "early": [person(61, 50)],
    "late": [person(62, -15)],
    "very late": [person(63, -90)],
    "two": [person(64, 40, person="two"), person(64, 80, person="two", code="SECONDCODE", service="doctor")],
    "twins": [person(65, year=1980), person(65, 9, year=1991, code="TWINTWINTW")],
    "far too early": [person(66, 300)],
    "wrong day": [person(67, 3 * 1440)],
    "wrong place": [person(68, place="Hill Road Surgery")],
    "cancelled": [person(69, cancelled=True)],
}
EVERYBODY = [*(person(n) for n in range(PEOPLE)), *(one for each in SPECIAL.values() for one in each)]


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A practice where everybody has an appointment."""
    clinic = with_appointments(tmp_path_factory.mktemp("booked"), EVERYBODY).start()
    yield clinic
    clinic.stop()


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each language in turn, with all that is read in it."""
    return str(request.param)


@pytest.fixture(scope="module")
def fresh(language: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """One for the walks past everything in one language: all tablets of a clinic together try sixty codes a minute."""
    clinic = with_appointments(tmp_path_factory.mktemp("fresh"), EVERYBODY).start()
    yield clinic
    clinic.stop()


_people = count()


@pytest.fixture
def someone() -> Callable[[], int]:
    """The next person whom no test has checked in yet."""
    return lambda: next(_people)


def tap_date(page: Page, n: int, hand: Hand) -> None:
    for digit in "".join(born(n)):
        hand.tap(page.locator(f"[data-digit='{digit}']"))


def tap_letter(page: Page, n: int, hand: Hand) -> None:
    hand.tap(page.locator(f"[data-letter='{letter(n)}']"))


def enter(page: Page, n: int, hand: Hand) -> None:
    """Day, month and letter by touch."""
    step(page, "appointment")
    tap_date(page, n, hand)
    tap_letter(page, n, hand)


def scan(page: Page, text: str) -> None:
    """A scanner types the code faster than any hand, and Enter."""
    page.evaluate(
        """text => {
            const at = document.activeElement;
            for (const key of [...text, "Enter"])
                at.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def number(page: Page) -> str:
    step(page, "ticket")
    return page.locator("#number").inner_text().replace("\u202f", " ")


def test_an_appointment_is_checked_in_by_seven_touches(
    screens: Screens, practice: Clinic, someone: Callable[[], int]
) -> None:
    tablet, hand, n = screens.tablet(practice), Hand(), someone()
    hand.tap(tablet.locator("#appointment"))
    enter(tablet, n, hand)
    step(tablet, "found")
    expect(tablet.locator("h1")).to_have_text("09:08 today, Nurse.")
    expect(tablet.locator("#question")).to_have_text("Is that you?")
    hand.tap(tablet.locator("#yes"))
    assert number(tablet).startswith("H ")
    assert hand.touches <= 7


def test_a_day_of_one_digit_may_be_typed_alone(screens: Screens, practice: Clinic) -> None:
    tablet, hand = screens.tablet(practice, "/kiosk/appointment"), Hand()
    hand.tap(tablet.locator("[data-digit='3']"))
    expect(tablet.locator("#day")).to_have_attribute("data-current", "")
    hand.tap(tablet.locator("#next"))
    expect(tablet.locator("#month")).to_have_attribute("data-current", "")
    hand.tap(tablet.locator("[data-digit='1']"))
    hand.tap(tablet.locator("#next"))
    expect(tablet.locator("[data-letter='B']")).to_be_visible()
    tablet.locator("#change-date").tap()
    expect(tablet.locator("#day")).to_have_value("3")
    tablet.locator("[data-digit='4']").tap()
    expect(tablet.locator("#day")).to_have_value("4")
    expect(tablet.locator("#month")).to_have_attribute("data-current", "")
    tablet.locator("[data-digit='']").tap()
    tablet.locator("[data-digit='']").tap()
    expect(tablet.locator("#month")).to_have_value("")
    expect(tablet.locator("#day")).to_have_value("")


def test_a_scanned_code_needs_one_touch(screens: Screens, practice: Clinic, someone: Callable[[], int]) -> None:
    for start in ("/kiosk", "/kiosk/appointment", "/kiosk/code"):
        tablet, hand = screens.tablet(practice, start), Hand()
        scan(tablet, code(someone()))
        step(tablet, "found")
        hand.tap(tablet.locator("#yes"))
        number(tablet)
        assert hand.touches <= 2


def test_real_keys_of_a_scanner_find_too(screens: Screens, practice: Clinic, someone: Callable[[], int]) -> None:
    tablet, n = screens.tablet(practice, "/kiosk/code"), someone()
    tablet.locator("#code").focus()
    tablet.keyboard.type(code(n))
    tablet.keyboard.press("Enter")
    step(tablet, "found")


def test_a_scanner_disturbs_nobody_who_types(screens: Screens, practice: Clinic) -> None:
    tablet = screens.tablet(practice, "/kiosk/appointment")
    tablet.locator("#day").fill("27")
    for key in "BCDFGH":
        tablet.locator("#day").press(key)
        tablet.wait_for_timeout(80)
    tablet.locator("#day").fill("27")
    tablet.locator("#month").fill("3")
    tablet.keyboard.press("Enter")
    expect(tablet.locator("#letter")).to_be_focused()
    step(tablet, "appointment")


def test_a_code_is_typed_on_the_screen_s_own_keys(
    screens: Screens, practice: Clinic, someone: Callable[[], int]
) -> None:
    tablet, n = screens.tablet(practice), someone()
    tablet.locator("#appointment").tap()
    tablet.locator("#have-code").tap()
    step(tablet, "code")
    for key in code(n):
        if tablet.locator(f"[data-letter='{key}']").is_hidden():
            tablet.locator("#other-letters").tap()
        tablet.locator(f"[data-letter='{key}']").tap()
    expect(tablet.locator("#code")).to_have_value(code(n))
    tablet.locator("#find").tap()
    step(tablet, "found")


def test_a_child_takes_nine_touches_and_each_more_takes_seven(
    screens: Screens, practice: Clinic, someone: Callable[[], int]
) -> None:
    tablet, hand = screens.tablet(practice), Hand()
    hand.tap(tablet.locator("#someone-else"))
    expect(tablet.locator("h1")).to_have_text("When were they born?")
    enter(tablet, someone(), hand)
    hand.tap(tablet.locator("#yes"))
    numbers = [number(tablet)]
    assert hand.touches <= 9
    for children in (2, 3):
        before = hand.touches
        hand.tap(tablet.locator("#add-person"))
        enter(tablet, someone(), hand)
        hand.tap(tablet.locator("#yes"))
        step(tablet, "ticket")
        expect(tablet.locator(".party li")).to_have_count(children)
        assert hand.touches - before <= 7
    expect(tablet.locator(".party li").first).to_contain_text(ticket(numbers[0]))
    expect(tablet.locator(".qr")).to_have_count(1)


ENGLISH = "[...document.querySelectorAll('body :is(h1, h2, p, button, a, label, legend, li, figcaption, span)')]" \
          ".filter(n => n.checkVisibility() && !n.closest('.languages')).map(n => n.innerText.trim())"  # fmt: skip


@pytest.mark.parametrize("language", ["es", "ar"])
def test_another_language_costs_one_touch_and_shows_no_english(
    screens: Screens, practice: Clinic, someone: Callable[[], int], language: str
) -> None:
    english = {
        str(message.id) for message in each_of(translations(language)) if isinstance(message.id, str)
        and message.id not in ("No", "Error:")
    }  # fmt: skip
    tablet, hand, n = screens.tablet(practice), Hand(), someone()
    seen: list[str] = []

    def look() -> None:
        seen.extend(tablet.evaluate(ENGLISH))

    hand.tap(tablet.locator(f"#lang-{language}"))
    expect(tablet.locator("html")).to_have_attribute("lang", language)
    look()
    hand.tap(tablet.locator("#appointment"))
    step(tablet, "appointment")
    look()
    tap_date(tablet, n, hand)
    look()
    if language == "ar":
        tablet.locator("#other-letters").tap()
    tap_letter(tablet, n, hand)
    step(tablet, "found")
    look()
    hand.tap(tablet.locator("#yes"))
    step(tablet, "ticket")
    look()
    assert hand.touches <= 8
    assert sorted(english.intersection(seen)) == []


def test_an_appointment_needs_no_pointer(screens: Screens, practice: Clinic, someone: Callable[[], int]) -> None:
    tablet, n = screens.tablet(practice, has_touch=False), someone()
    day, month = born(n)
    tab_to(tablet, "appointment")
    tablet.keyboard.press("Enter")
    step(tablet, "appointment")
    tab_to(tablet, "day")
    tablet.keyboard.type(day)
    tablet.keyboard.press("Tab")
    tablet.keyboard.type(month)
    tablet.keyboard.press("Enter")
    expect(tablet.locator("#letter")).to_be_focused()
    tablet.keyboard.type(letter(n).lower())
    tablet.keyboard.press("Enter")
    step(tablet, "found")
    tab_to(tablet, "yes")
    tablet.keyboard.press("Enter")
    number(tablet)
    tab_to(tablet, "done")
    tablet.keyboard.press("Enter")
    step(tablet, "start")


def test_it_works_without_scripts(screens: Screens, practice: Clinic, someone: Callable[[], int]) -> None:
    tablet, n = screens.tablet(practice, java_script_enabled=False), someone()
    day, month = born(n)
    tablet.locator("#appointment").click()
    tablet.locator("#day").fill(day)
    tablet.locator("#month").fill(month)
    tablet.locator("#letter").fill(letter(n))
    tablet.locator("#next").click()
    tablet.locator("#yes").click()
    expect(tablet.locator("#number")).to_contain_text("H")
    tablet.locator("#add-person").click()
    expect(tablet.locator("h1")).to_have_text("When were they born?")
    assert "with" not in tablet.url


def test_the_next_person_finds_no_birthday_and_no_number(
    screens: Screens, practice: Clinic, someone: Callable[[], int]
) -> None:
    tablet, hand, n = screens.tablet(practice), Hand(), someone()
    length = tablet.evaluate("history.length")
    tablet.locator("#appointment").tap()
    enter(tablet, n, hand)
    tablet.locator("#yes").tap()
    given, short = number(tablet), tablet.locator("figcaption strong").inner_text()
    tablet.locator("#done").tap()
    step(tablet, "start")
    assert tablet.evaluate("history.length") == length
    for go in (tablet.go_back, tablet.go_forward, tablet.reload):
        go()
        page = tablet.content()
        assert not any(private in page for private in (ticket(given), short, f'value="{born(n)[0]}"', "Number"))


@pytest.mark.parametrize("half", ["date", "letter", "not found"])
def test_a_birthday_left_alone_is_cleared(screens: Screens, practice: Clinic, half: str) -> None:
    tablet, hand = screens.tablet(practice, clock=True), Hand()
    all_live([tablet])
    tablet.locator("#appointment").tap()
    step(tablet, "appointment")
    for digit in {"date": "2", "letter": "2703", "not found": "2712"}[half]:
        hand.tap(tablet.locator(f"[data-digit='{digit}']"))
    if half == "not found":
        tablet.locator("[data-letter='Q']").tap()
        step(tablet, "instead")
    tablet.clock.run_for(1_000)  # the finger is lifted
    tablet.clock.fast_forward(IDLE)
    expect(tablet.locator("#idle")).to_be_visible()
    tablet.clock.fast_forward(ASKING + 500)
    step(tablet, "start")
    assert 'value="27"' not in tablet.content()


def test_an_impatient_hand_looks_once(screens: Screens, practice: Clinic, someone: Callable[[], int]) -> None:
    tablet, hand, n = screens.tablet(practice, "/kiosk/appointment"), Hand(), someone()
    asked: list[str] = []
    tablet.on("request", lambda request: asked.append(request.url) if request.url.endswith("/find") else None)
    tap_date(tablet, n, hand)
    tablet.locator(f"[data-letter='{letter(n)}']").evaluate("key => { for (let i = 0; i < 4; i++) key.click(); }")
    step(tablet, "found")
    assert len(asked) == 1


def walk(page: Page, home: str, n: int) -> Iterator[str]:
    """Stop at every page once that who has an appointment may meet. Misses nobody, for the tablet would pause."""
    hand = Hand()

    def begin(way: str = "#appointment") -> None:
        page.goto(home)
        page.locator(way).tap()
        step(page, "appointment")

    def latin(letters: str) -> None:
        if page.locator(f"[data-letter='{letters}']").is_hidden():
            page.locator("#other-letters").tap()
        page.locator(f"[data-letter='{letters}']").tap()

    page.goto(home)
    yield "start"
    begin()
    yield "date"
    tap_date(page, n, hand)
    yield "letter"
    page.locator("#other-letters").tap()
    yield "other letters"
    begin()
    page.locator("#day").fill("45")
    page.locator("#month").fill("3")
    page.locator("#next").tap()
    latin("B")
    expect(page.locator("#day-problem")).to_be_visible()
    yield "problem"
    begin()
    page.locator("#have-code").tap()
    step(page, "code")
    yield "code"
    begin("#someone-else")
    yield "someone else"
    for name, theirs in SPECIAL.items():
        page.goto(home)
        if name == "twins":
            begin()
            tap_date(page, 65, hand)
            latin(letter(65))
            expect(page.locator("#year")).to_be_visible()
        else:
            scan(page, str(theirs[0].code))
            expect(page.locator("#found, #instead")).to_have_count(1)
        yield name
    page.goto(home)
    scan(page, code(n))
    page.locator("#yes").tap()
    step(page, "ticket")
    yield "ticket"
    page.locator("#add-person").tap()
    step(page, "appointment")
    scan(page, code(n + 1))
    page.locator("#yes").tap()
    expect(page.locator(".party li")).to_have_count(2)
    yield "party"
    page.goto(home)
    scan(page, code(n))
    step(page, "standing")
    yield "already checked in"


def test_every_page_fits_hands_eyes_and_a_small_tablet_and_keeps_nobody_out(
    screens: Screens, fresh: Clinic, language: str
) -> None:
    tablet = screens.tablet(fresh)
    wrong: list[str] = []
    for at in walk(tablet, f"{fresh.url}/kiosk?lang={language}", 0):
        expect(tablet.locator("html")).to_have_attribute("lang", language)
        for width, height in reversed(SIZES):
            tablet.set_viewport_size({"width": width, "height": height})
            found = [*tablet.evaluate(SMALL_TARGETS, TARGET), *tablet.evaluate(SMALL_TEXT, SMALLEST_TEXT),
                     *tablet.evaluate(CLOSE_TOGETHER, APART), *tablet.evaluate(CUT)]  # fmt: skip
            found += ["scrolls sideways"] * too_wide(tablet) + ["scrolls down"] * too_high(tablet)
            wrong += [f"{at} at {width} x {height}: {one}" for one in found]
        if language in READ_OUT:
            wrong += [f"{at}: {one}" for one in violations(tablet)]
    assert not wrong, "\n".join(wrong)


def test_larger_text_loses_nothing_and_keeps_the_main_action_in_view(
    screens: Screens, fresh: Clinic, language: str
) -> None:
    tablet = screens.tablet(fresh)
    wrong: list[str] = []
    for at in walk(tablet, f"{fresh.url}/kiosk?lang={language}&size=large", 2):
        expect(tablet.locator("html.large")).to_have_count(1)
        found = [*tablet.evaluate(SMALL_TARGETS, TARGET), *tablet.evaluate(CUT), *tablet.evaluate(UNREACHABLE)]
        found += ["scrolls sideways"] * too_wide(tablet)
        wrong += [f"{at}: {one}" for one in found]
        main = tablet.locator("#screen .button.main:visible").first
        if main.count():
            tablet.evaluate("scrollTo(0, 0)")
            expect(main).to_be_in_viewport(ratio=0.95)
    assert not wrong, "\n".join(wrong)
