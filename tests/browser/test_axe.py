"""Every screen in every state, in English and Arabic: axe-core finds nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conditions import all_live
from tests.browser.conftest import PHONE, STAFF, TABLET, TV, Screens
from tests.browser.server import Clinic

LANGUAGES = ("en", "ar")


@dataclass
class House:
    """A quiet clinic, and a busy one in which everything happens at once, with a device of each kind."""

    quiet: Clinic
    busy: Clinic
    screens: Screens
    visits: dict[str, dict[str, Any]]
    pages: dict[tuple[str, int], Page] = field(default_factory=dict)

    def page(self, name: str, kind: dict[str, Any], address: str, clinic: Clinic | None = None, **options: Any) -> Page:
        """The device of this name, the same again in the next test, with this page open."""
        clinic = clinic or self.busy
        if (name, clinic.port) not in self.pages:
            self.pages[name, clinic.port] = self.screens.open(
                clinic.url + "/kiosk/sizes.css", kind, reduced_motion="reduce", **options
            )
        page = self.pages[name, clinic.port]
        page.goto(clinic.url + address)
        return page


def make_busy(clinic: Clinic) -> dict[str, dict[str, Any]]:
    """People in every state; the visits by their state."""
    clinic.new_day(template="urgent-care", phone="+44 20 7946 0000", seating="Take a seat by the window.")
    states = {
        "left": ["leave"],
        "done": ["call", "start", "finish"],
        "no_show": ["call", "no-show"],
        "on_hold": ["hold"],
        "in_room": ["call", "start"],
        "called": ["call"],
        "waiting": [],
    }
    visits = {}
    for number, (state, commands) in enumerate(states.items()):
        visits[state] = clinic.check_in(name="Maya Okafor", call_me="name" if number % 2 else "number")
        for command in commands:
            room = {"room": "room-1" if state != "called" else "room-2"} if command == "call" else {}
            clinic.staff(command, visit=visits[state]["visit"], **room)
    for number in range(24):
        clinic.check_in("nurse" if number % 2 else "x-ray", name="عائشة" if number % 3 else "")
    for name in ("family", "called family"):
        visits[name] = clinic.check_in("nurse")
        secret = visits[name]["path"].rpartition("/")[2]
        for child in [clinic.check_in("nurse", **{"with": secret}) for _ in range(2)]:
            command, room = ("hold", {}) if name == "family" else ("call", {"room": "room-4"})
            clinic.staff(command, visit=child["visit"], **room)
    urgent = clinic.check_in("nurse", name="Tom Whitfield")
    clinic.staff("prioritise", visit=urgent["visit"], reason="needs_care_sooner")
    clinic.staff("call-next", room="room-4")
    clinic.staff("pause-room", room="room-3", minutes=15)
    clinic.staff("close-room", room="room-5")
    clinic.post("/kiosk/help", place="tablet", request="axe-help")
    clinic.post("/display/hello", id="axe", sound="blocked")
    return visits


@pytest.fixture(scope="module")
def house(browser: Browser, building: Clinic, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    busy = Clinic(tmp_path_factory.mktemp("busy")).start()
    building.new_day()
    screens = Screens(browser)
    yield House(building, busy, screens, make_busy(busy))
    screens.close()
    busy.stop()


Reach = Callable[[House, str], Page]


def tablet(path: str, *taps: str, typed: str = "") -> Reach:
    """The tablet after these touches; what can be written in is written in."""

    def reach(house: House, language: str) -> Page:
        page = house.page("tablet", TABLET, f"{path}{'&' if '?' in path else '?'}lang={language}")
        for tap in taps:
            if tap in ("#name", "#number-typed"):
                page.locator(tap).fill(typed)
            else:
                page.locator(tap).tap()
        expect(page.locator("#busy")).to_be_hidden()
        return page

    return reach


def tv(path: str, *, quiet: bool = False) -> Reach:
    """The TV of the busy clinic, or of the quiet one."""

    def reach(house: House, language: str) -> Page:
        address = f"{path}{'&' if '?' in path else '?'}lang={language}"
        page = house.page("TV", TV, address, house.quiet if quiet else house.busy)
        all_live([page])
        return page

    return reach


def phone(visit: str, after: str = "", scheme: str = "light") -> Reach:
    """The phone page of the visit in this state, or this page."""

    def reach(house: House, language: str) -> Page:
        path = house.visits[visit]["path"] if visit in house.visits else visit
        return house.page("phone " + scheme, PHONE, f"{path}{after}?lang={language}", color_scheme=scheme)

    return reach


def staff(click: str = "", *, quiet: bool = False) -> Reach:
    """The console, and what opens with this click."""

    def reach(house: House, language: str) -> Page:
        page = house.page("staff", STAFF, f"/staff?lang={language}", house.quiet if quiet else house.busy)
        all_live([page])
        if click:
            page.locator(click.format(**{state: visit["visit"] for state, visit in house.visits.items()})).click()
            expect(page.locator("dialog h2")).to_be_visible()
        return page

    return reach


def front(path: str) -> Reach:
    """The pages of who installs Kindline."""
    return lambda house, language: house.page("front", STAFF, f"{path}{'&' if '?' in path else '?'}lang={language}")


PAGES: dict[str, Reach] = {
    "tablet start": tablet("/kiosk"),
    "tablet start, larger": tablet("/kiosk?size=large"),
    "tablet services": tablet("/kiosk/services"),
    "tablet details": tablet("/kiosk/details?service=doctor"),
    "tablet details, name": tablet("/kiosk/details?service=doctor", "#name", typed="Maya"),
    "tablet details, refused": tablet("/kiosk/details?service=doctor", "#name", "#get-number", typed="M" * 90),
    "tablet place": tablet("/kiosk/place"),
    "tablet place, not found": tablet("/kiosk/place", "#number-typed", "#show-place", typed="99"),
    "tablet standing": tablet("/kiosk/place", "#number-typed", "#show-place", typed="7"),
    "tablet ticket": tablet("/kiosk/details?service=x-ray", "#get-number"),
    "tablet help": tablet("/kiosk", "#ask-help"),
    "TV, nobody": tv("/display", quiet=True),
    "TV, busy": tv("/display"),
    "TV, large": tv("/display?mode=large"),
    "phone waiting": phone("waiting"),
    "phone waiting, dark": phone("waiting", scheme="dark"),
    "phone called": phone("called"),
    "phone called, dark": phone("called", scheme="dark"),
    "phone in the room": phone("in_room"),
    "phone missed": phone("no_show"),
    "phone missed, dark": phone("no_show", scheme="dark"),
    "phone stepped out": phone("on_hold"),
    "phone done": phone("done"),
    "phone left": phone("left"),
    "phone leave?": phone("waiting", "/leave"),
    "phone leave?, dark": phone("waiting", "/leave", scheme="dark"),
    "phone, a family": phone("family"),
    "phone, a family, dark": phone("family", scheme="dark"),
    "phone, a family, two called": phone("called family"),
    "phone, a family, two called, dark": phone("called family", scheme="dark"),
    "phone code": phone("/t"),
    "phone ended": phone("/t/AAAAAAAAAAAAAAAAAAAAAA"),
    "staff, nobody": staff(quiet=True),
    "staff, busy": staff(),
    "staff, somebody waiting": staff("#menu-{waiting}"),
    "staff, somebody called": staff("#menu-{called}"),
    "staff, a room": staff("#room-menu-room-1"),
    "staff, check in": staff("#new"),
    "staff, the day": staff("#day"),
    "staff, what if": front("/staff?what-if=on"),
    "staff, how we kept our word": front("/staff/trust"),
    "staff, the screens": front("/staff/screens"),
    "front door": front("/"),
    "set-up": front("/setup"),
    "not found": front("/nothing-here"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_screen_keeps_nobody_out(house: House, name: str, language: str) -> None:
    page = PAGES[name](house, language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    found = violations(page)
    assert not found, "\n".join(found)
