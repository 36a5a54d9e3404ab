"""A clinic with its doors shut, as it starts: what its screens keep in their browsers (TRUST A16), the page of the
audit, and a flood of live connections (TRUST A24).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
import websocket
from playwright.sync_api import Browser, Page

from doors.limits import SOCKETS
from tests.browser.axe import violations
from tests.browser.conftest import PHONE, STAFF, TABLET, TV, Screens
from tests.browser.server import Clinic, until

PASSWORD = "seven quiet herons wade"
NAME = "Canary-7F3A"

KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, await indexedDB.databases(), await caches.keys(), document.cookie,
  document.title, location.href, document.referrer, history.state, window.name])"""
"""All that this page keeps, or that the browser shows of it elsewhere."""


class House:
    """The clinic, with the browser of its manager."""

    def __init__(self, clinic: Clinic, screens: Screens):
        self.clinic, self.screens = clinic, screens
        first = re.search(r"/first/[\w-]+", clinic.log.read_text())
        assert first
        self.manager = screens.staff(clinic, first[0])
        for label, value in {"login": "owner", "name": "Olga Owner", "password": PASSWORD, "again": PASSWORD}.items():
            self.manager.fill(f"[name={label}]", value)
        self.manager.click("main form button")
        self.manager.wait_for_url("**/staff*")

    def asks(self, path: str, **fields: Any) -> dict[str, Any]:
        """The manager does this."""
        answer = self.manager.request.post(self.clinic.url + path, data=fields)
        assert answer.ok, answer.text()
        return dict(answer.json()) if "json" in answer.headers["content-type"] else {}

    def paired(self, path: str, role: str, kind: dict[str, Any]) -> Page:
        """A new screen of the house, once its code was typed."""
        page = self.screens.open(self.clinic.url + path, kind)
        code = page.locator(".code").inner_text().strip()
        self.asks("/staff/pair", code=code, role=role, name=f"The {role}", place="Hall")
        page.goto(self.clinic.url + path)
        return page


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    clinic = Clinic(tmp_path_factory.mktemp("shut"), OPEN_DOORS="").start()
    screens = Screens(browser)
    yield House(clinic, screens)
    screens.close()
    clinic.stop()


def test_no_screen_keeps_a_name_in_its_browser(house: House) -> None:
    tablet = house.paired("/kiosk", "tablet", TABLET)
    tv = house.paired("/display", "tv", TV)
    tablet.goto(house.clinic.url + "/kiosk/details?service=doctor")
    tablet.fill("[name=name]", NAME)
    with tablet.expect_response(lambda answer: answer.url.endswith("/kiosk/check-in")):
        tablet.press("[name=name]", "Enter")
    line = house.manager.request.get(house.clinic.url + "/staff/line.json").json()["visits"]
    visit = next(one for one in line if one["name"] == NAME)
    at_desk = house.asks("/staff/check-in", service="doctor", name="Canary-5D1E", request=uuid4().hex)
    house.asks("/staff/call", visit=visit["id"], room="room-1")
    phone = house.screens.phone(house.clinic, "/" + at_desk["url"].split("/", 3)[3])
    house.manager.goto(house.clinic.url + "/staff")
    house.manager.get_by_text(NAME).first.wait_for()
    house.manager.fill("#search", "canary")
    console = house.manager.content()
    kept = {name: page.evaluate(KEPT) for name, page in
            {"tablet": tablet, "tv": tv, "phone": phone, "staff": house.manager}.items()}  # fmt: skip
    for address in (f"/staff/visit/{visit['id']}", "/staff/audit", "/staff/follow-ups", "/staff/paper"):
        house.manager.goto(house.clinic.url + address)
        kept[address] = house.manager.evaluate(KEPT)
    tablet.goto(house.clinic.url + "/kiosk")

    assert NAME in console
    assert {where: what for where, what in kept.items() if "canary" in what.casefold()} == {}
    for page in (tablet, tv, phone):
        assert "canary" not in page.content().casefold()


@pytest.mark.parametrize("kind", [STAFF, PHONE], ids=["staff", "phone"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_page_of_the_audit_is_for_everybody(house: House, lang: str, kind: dict[str, Any]) -> None:
    page = house.manager
    page.set_viewport_size(kind["viewport"])
    page.goto(f"{house.clinic.url}/staff/audit?lang={lang}")
    assert page.locator("tbody tr").count() > 3
    assert page.locator("#proof.sound").count() == 1
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def opens(clinic: Clinic) -> websocket.WebSocket | None:
    """One more websocket of a stranger, who says nothing on it; None where it is refused."""
    with suppress(websocket.WebSocketBadStatusException):
        return websocket.create_connection(
            f"ws://127.0.0.1:{clinic.port}/socket.io/?EIO=4&transport=websocket", timeout=10
        )
    return None


def test_one_address_opens_so_many_websockets_and_the_rest_of_the_clinic_goes_on(house: House) -> None:
    found = [opens(house.clinic) for _ in range(500)]
    sockets = [one for one in found if one]
    try:
        assert SOCKETS - 50 < len(sockets) <= SOCKETS
        assert house.manager.request.get(house.clinic.url + "/staff").ok
    finally:
        for one in sockets:
            one.close()

    def again() -> bool:
        one = opens(house.clinic)
        if one:
            one.close()
        return one is not None

    until(again, 20, "Closed connections make room")
