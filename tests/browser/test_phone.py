"""The patient's phone: useful without scripts, on the smallest screen, in the dark, and without a network."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conditions import (
    SAYS_SO,
    YELLOW,
    all_live,
    all_say_so,
    background,
    keep,
    ticket,
    too_wide,
    were_kept,
)
from tests.browser.conftest import Screens
from tests.browser.server import Clinic, until

LIMIT = 60 * 1024
SMALL: dict[str, Any] = {"viewport": {"width": 320, "height": 568}}
DOUBLED: dict[str, Any] = {"viewport": {"width": 195, "height": 422}, "device_scale_factor": 2}
"""A phone 390 wide whose owner reads at twice the size."""

STATES = {
    "waiting": (),
    "called": ("call-next",),
    "missed": ("call-next", "no-show"),
    "in the room": ("call-next", "start"),
    "stepped out": ("hold",),
    "done": ("call-next", "start", "finish"),
    "left": ("leave",),
}


def reach(clinic: Clinic, visit: str, commands: tuple[str, ...]) -> None:
    """Let staff do this with the visit."""
    for command in commands:
        clinic.staff(command, **({"room": "room-1"} if command == "call-next" else {"visit": visit}))


def state(page: Page, name: str) -> None:
    """The phone shows a ticket in this state."""
    expect(page.locator("#ticket")).to_have_attribute("data-state", name)


def test_without_scripts_the_page_tells_all_and_reloads(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    clinic.check_in()
    visit = clinic.check_in()
    phone = screens.phone(clinic, visit["path"], java_script_enabled=False)
    expect(phone.locator(".number")).to_have_text(ticket("A 03"))
    expect(phone.locator("#place")).to_have_text("There are 2 people before you.")
    expect(phone.locator("#estimate")).to_contain_text("minutes")
    expect(phone.locator("#estimate")).to_contain_text("Most likely by")
    expect(phone.locator(".fine")).to_contain_text("Updated")
    refresh = phone.locator("head meta[http-equiv=refresh]")
    assert refresh.count() == 1
    assert refresh.get_attribute("content") == "30"

    # leaving works without scripts too
    phone.locator("#leave").tap()
    expect(phone.get_by_role("heading")).to_have_text("Do you want to leave the line?")
    phone.locator("#leave-now").tap()
    expect(phone.get_by_role("heading")).to_have_text("You have left the line.")
    assert clinic.status_of("A 03") == "left"


def test_the_page_tells_things_in_the_order_a_worried_person_asks(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    phone = screens.phone(clinic, clinic.check_in(name="Maya Okafor")["path"])
    all_live([phone])
    parts = ("h1", ".number", "#place", "#estimate", ".fine")
    tops = [box["y"] for part in parts if (box := phone.locator(part).bounding_box())]
    assert len(tops) == len(parts)
    assert tops == sorted(tops)
    # number only: no name, no service
    page = phone.content()
    assert not any(word in page for word in ("Maya", "Okafor", "Doctor", "Nurse"))


def test_the_first_load_is_light(screens: Screens, clinic: Clinic) -> None:
    path = clinic.check_in()["path"]
    phone = screens.phone(clinic, path)
    all_live([phone])
    sizes = phone.evaluate("""performance.getEntries().filter(one => one.entryType === "resource" ||
        one.entryType === "navigation").map(one => [one.name, one.encodedBodySize])""")
    light = sum(size for name, size in sizes if ".woff2" not in name)
    assert light <= LIMIT, sizes


def test_a_call_fills_the_phone_and_is_taken_back_again(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()
    phone = screens.phone(clinic, visit["path"], color_scheme="dark")
    all_live([phone])
    before = background(phone)
    assert before != YELLOW
    clinic.staff("call-next", room="room-2")
    expect(phone.locator(".room")).to_contain_text("Room 2")
    until(lambda: background(phone) == YELLOW, 2, "The phone turns yellow, in the dark too")
    expect(phone).to_have_title("It's your turn")
    assert phone.locator("meta[name=theme-color]").get_attribute("content") == "#FFD23F"
    expect(phone.get_by_role("alert")).to_contain_text("Please come to Room 2.")
    size = phone.locator(".room span").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert size >= 64
    clinic.staff("undo", visit=visit["visit"])
    state(phone, "next")
    until(lambda: background(phone) == before, 2, "The phone is quiet again")
    assert "turn" not in phone.title()


RINGS = "window.rings = 0; navigator.vibrate = () => { window.rings += 1; return true; }"


def family(clinic: Clinic) -> list[dict[str, Any]]:
    """A mother and two children who checked in together."""
    mother = clinic.check_in()
    secret = mother["path"].rpartition("/")[2]
    return [mother, *(clinic.check_in(**{"with": secret}) for _ in range(2))]


def test_one_phone_rings_once_for_each_call_of_a_family_and_shows_whose_it_is(screens: Screens, clinic: Clinic) -> None:
    mother, bo, cy = family(clinic)
    phone = screens.phone(clinic, "/t")
    phone.add_init_script(RINGS)
    phone.goto(clinic.url + mother["path"])
    all_live([phone])
    clinic.staff("call", visit=bo["visit"], room="room-1")
    expect(phone.get_by_role("alert")).to_contain_text("please come to Room 1.")
    until(lambda: phone.evaluate("window.rings") == 1, 2, "It rings for the first call")
    clinic.staff("call", visit=cy["visit"], room="room-2")
    expect(phone.locator(".room")).to_have_count(2)
    until(lambda: phone.evaluate("window.rings") == 2, 2, "It rings for the second call")
    until(lambda: background(phone) == YELLOW, 2, "The phone is yellow")
    clinic.staff("start", visit=cy["visit"])
    expect(phone.locator(".room")).to_have_count(1)
    clinic.staff("start", visit=bo["visit"])
    state(phone, "next")
    assert phone.evaluate("window.rings") == 2
    expect(phone.locator("#other-A-02")).to_contain_text("You are being seen in Room 1.")


def test_a_child_s_button_is_for_the_child_alone(screens: Screens, clinic: Clinic) -> None:
    mother, bo, _ = family(clinic)
    clinic.staff("hold", visit=bo["visit"])
    phone = screens.phone(clinic, mother["path"], java_script_enabled=False)
    phone.locator("#here-A-02").tap()
    expect(phone.locator("#other-A-02")).to_have_attribute("data-state", "waiting")
    phone.locator("#leave-A-03").tap()
    expect(phone.locator(".number")).to_have_text(ticket("A 03"))
    phone.locator("#leave-now").tap()
    expect(phone.locator("#other-A-03")).to_contain_text("You have left the line.")
    assert [clinic.status_of(number) for number in ("A 01", "A 02", "A 03")] == ["waiting", "waiting", "left"]


def whole(phone: Page, what: str = "") -> None:
    """Nothing is cut off or sticks out, neither on a small phone nor where text is read at twice its size."""
    for size in (SMALL, DOUBLED):
        phone.set_viewport_size(size["viewport"])
        assert not too_wide(phone), f"{what} {size}"
        assert phone.evaluate(CUT) == [], f"{what} {size}"


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_nothing_of_a_family_is_cut_on_a_small_phone(screens: Screens, clinic: Clinic, language: str) -> None:
    mother, bo, cy = family(clinic)
    clinic.staff("hold", visit=cy["visit"])
    phone = screens.phone(clinic, f"{mother['path']}?lang={language}")
    whole(phone)
    clinic.staff("resume", visit=cy["visit"])
    for visit, room in ((bo, "room-1"), (cy, "room-2")):
        clinic.staff("call", visit=visit["visit"], room=room)
    phone.reload()
    expect(phone.locator(".room")).to_have_count(2)
    whole(phone)


def test_leaving_takes_two_touches_and_can_be_thought_over(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()
    phone = screens.phone(clinic, visit["path"])
    all_live([phone])
    phone.locator("#leave").tap()
    phone.locator("#stay").tap()
    all_live([phone])
    assert clinic.status_of("A 01") == "waiting"
    phone.locator("#leave").tap()
    phone.locator("#leave-now").tap()
    expect(phone.get_by_role("heading")).to_have_text("You have left the line.")
    assert clinic.status_of("A 01") == "left"


def test_who_missed_the_call_says_so_with_one_touch(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in()
    phone = screens.phone(clinic, visit["path"])
    all_live([phone])
    reach(clinic, visit["visit"], ("call-next", "no-show"))
    expect(phone.locator(".card")).to_contain_text("You have not lost your place.")
    phone.locator("#here").tap()
    state(phone, "next")
    assert clinic.status_of("A 01") == "waiting"


def test_offline_keeps_what_was_known_and_says_so(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    visit = clinic.check_in()
    phone = screens.phone(clinic, visit["path"])
    all_live([phone])
    keep([phone])
    phone.context.set_offline(True)
    all_say_so([phone], SAYS_SO)
    expect(phone.locator("#stale")).to_contain_text("You are offline. This page was last updated at")
    expect(phone.locator("#stale")).to_contain_text("You keep your place.")
    expect(phone.locator(".number")).to_have_text(ticket("A 02"))
    expect(phone.locator("#place")).to_have_text("There is 1 person before you.")
    clinic.staff("call-next", room="room-1")
    clinic.staff("call-next", room="room-2")
    phone.context.set_offline(False)
    all_live([phone])
    state(phone, "called")
    expect(phone.locator(".room")).to_contain_text("Room 2")
    were_kept([phone])


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_nothing_is_cut_on_a_small_phone(screens: Screens, clinic: Clinic, language: str) -> None:
    clinic.new_day(phone="+44 20 7946 0000", name="Kindness Community Health Centre")
    phone = screens.phone(clinic, "/t?lang=" + language)
    whole(phone, "the code's page")
    for name, commands in STATES.items():
        clinic.check_in("nurse")
        visit = clinic.check_in()
        reach(clinic, visit["visit"], commands)
        phone.goto(f"{clinic.url}{visit['path']}?lang={language}")
        whole(phone, name)
        if commands == ("call-next",):
            clinic.staff("finish", visit=visit["visit"])
        if not commands:
            phone.goto(f"{clinic.url}{visit['path']}/leave?lang={language}")
            whole(phone, "leave")
            clinic.staff("leave", visit=visit["visit"])


CUT = """[...document.querySelectorAll("main *, footer")].filter(node => {
    const box = node.getBoundingClientRect();
    return node.checkVisibility() && (box.left < -1 || box.right > innerWidth + 1);
}).map(node => node.id || node.className || node.tagName)"""


def test_a_code_that_is_not_known_is_kept_to_be_mended(screens: Screens, clinic: Clinic) -> None:
    phone = screens.phone(clinic, "/t")
    phone.locator("#code").fill("BCDF GHJK")
    phone.locator("#follow").tap()
    expect(phone.get_by_role("alert")).to_contain_text("We can't find this code today.")
    expect(phone.locator("#code")).to_have_value("BCDF GHJK")


def test_the_patients_language_comes_along(screens: Screens, clinic: Clinic) -> None:
    visit = clinic.check_in(language="ar")
    phone = screens.phone(clinic, visit["path"])
    all_live([phone])
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    phone.locator(".languages summary").tap()
    phone.get_by_role("link", name="Español").tap()
    expect(phone.locator("html")).to_have_attribute("lang", "es")
    all_live([phone])
    clinic.staff("call-next", room="room-1")
    state(phone, "called")
    expect(phone.locator("html")).to_have_attribute("lang", "es")
