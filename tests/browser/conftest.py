"""What every browser test starts from: Chromium, the real server, and screens that may only talk to that server."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocket, expect, sync_playwright

from tests.browser.server import Clinic

# The shell without windows is the same engine, and opens a device at a tenth of the work.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    # as the TV's own browser is started: it chimes though nobody touched it
    "--autoplay-policy=no-user-gesture-required",
]
TABLET = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
TV = {"viewport": {"width": 1920, "height": 1080}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
STAFF = {"viewport": {"width": 1440, "height": 900}}

expect.set_options(timeout=5000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's own Chromium. Without one the tests fail: a clinic's screens are not to be taken on trust."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert found, "The browser tests need Chromium: sudo apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The server that the tests share."""
    clinic = Clinic(tmp_path_factory.mktemp("clinic")).start()
    yield clinic
    clinic.stop()


@pytest.fixture
def clinic(building: Clinic) -> Clinic:
    """A walk-in practice whose day has just begun: nobody is here yet."""
    building.new_day()
    return building


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Callable[..., Clinic]]:
    """Start a clinic of its own for a test that breaks it, or that wants another beginning."""
    clinics: list[Clinic] = []

    def start(**settings: str) -> Clinic:
        folder = tmp_path / str(len(clinics))
        folder.mkdir()
        clinics.append(Clinic(folder, **settings))
        return clinics[-1].start()

    yield start
    for clinic in clinics:
        clinic.stop()


class Screens:
    """The devices of one test. Each has a browser profile of its own, and everything it asked for is looked at."""

    def __init__(self, browser: Browser):
        self.wrong: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def open(self, address: str, kind: dict[str, Any], clock: bool = False, **options: Any) -> Page:
        """A device of this kind with this page open. `clock`: its timers can be wound on."""
        context = self._browser.new_context(**{**kind, **options})
        self._contexts.append(context)
        self._watch(context, urlsplit(address).netloc)
        context.set_default_timeout(8000)
        page = context.new_page()
        if clock:
            page.clock.install()
        page.goto(address)
        return page

    def tablet(self, clinic: Clinic, path: str = "/kiosk", **options: Any) -> Page:
        """A tablet by the door."""
        return self.open(clinic.url + path, TABLET, **options)

    def tv(self, clinic: Clinic, path: str = "/display", **options: Any) -> Page:
        """The waiting room's TV."""
        return self.open(clinic.url + path, TV, **options)

    def phone(self, clinic: Clinic, path: str, **options: Any) -> Page:
        """A patient's phone."""
        return self.open(clinic.url + path, PHONE, **options)

    def staff(self, clinic: Clinic, path: str = "/staff", **options: Any) -> Page:
        """The console at the desk."""
        return self.open(clinic.url + path, STAFF, **options)

    def close(self) -> None:
        """Put the devices away, and complain about what they did wrong."""
        for context in self._contexts:
            context.close()
        assert not self.wrong, "\n".join(self.wrong)

    def _watch(self, context: BrowserContext, ours: str) -> None:
        def asked(url: str) -> None:
            parts = urlsplit(url)
            if parts.scheme not in ("data", "blob", "about") and parts.netloc != ours:
                self.wrong.append(f"A request left the clinic: {url}")

        def said(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text:
                self.wrong.append(f"Against the content security policy: {message.text}")

        def opened(page: Page) -> None:
            page.on("websocket", lambda socket: asked_socket(socket))

        def asked_socket(socket: WebSocket) -> None:
            asked(socket.url)

        context.on("request", lambda request: asked(request.url))
        context.on("page", opened)
        context.on("console", said)
        context.on("weberror", lambda problem: self.wrong.append(f"A script failed: {problem.error}"))


@pytest.fixture
def screens(browser: Browser) -> Iterator[Screens]:
    """Opens the devices of a test; fails it when one asks another host, breaks the policy, or meets a script error."""
    screens = Screens(browser)
    yield screens
    screens.close()
