"""What the tests ask of a page, in the words of the clinic."""

import time
from collections.abc import Callable, Iterable
from functools import partial

from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.browser.server import until

SAYS_SO = 10.0
"""Seconds within which a screen that is not live says so."""

RIGHT_AGAIN = 5.0
"""Seconds within which every screen is right again when the connection is back."""

STEP = 6_000
"""Milliseconds: less than the silence after which a page is stale."""

YELLOW = "rgb(255, 210, 63)"


class Hand:
    """A patient's hand on a touch screen, which counts."""

    def __init__(self) -> None:
        self.touches = 0

    def tap(self, target: Locator) -> None:
        """One touch."""
        target.tap()
        self.touches += 1


class Wire:
    """What a page hears from the server, from its next load on. Its timers are wound on without it going stale."""

    def __init__(self, page: Page):
        self.heard, self._page = 0, page
        page.on("websocket", self._opened)

    def wind_on(self, milliseconds: int) -> None:
        """Let this time pass, or a little more, in steps between which the page hears from the server."""
        for _ in range(milliseconds // STEP + 1):
            before = self.heard
            self._page.clock.fast_forward(STEP)
            self._page.evaluate("kindline.watch(document.body.dataset.key)")
            until(partial(self._heard_since, before), 3, "The server answers")

    def _heard_since(self, before: int) -> bool:
        self._page.evaluate("1")  # lets what the browser reports come in
        return self.heard > before

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, _frame: str | bytes) -> None:
        self.heard += 1


def by_its_end(end: float) -> float:
    """The milliseconds left until then; a little, when there are none."""
    return max(1.0, (end - time.monotonic()) * 1000)


def all_say_so(pages: Iterable[Page], seconds: float = SAYS_SO) -> None:
    """Every page says that it is not live, counted from now."""
    end = time.monotonic() + seconds
    for page in pages:
        expect(page.locator("#stale")).to_be_visible(timeout=by_its_end(end))


def all_live(pages: Iterable[Page], seconds: float = RIGHT_AGAIN) -> None:
    """Every page is live and says nothing else, counted from now."""
    end = time.monotonic() + seconds
    for page in pages:
        expect(page.locator("body")).to_have_attribute("data-live", "live", timeout=by_its_end(end))
        expect(page.locator("#stale")).to_be_hidden(timeout=by_its_end(end))


def keep(pages: Iterable[Page]) -> None:
    """Leave a mark that a reload would take away."""
    for page in pages:
        page.evaluate("window.kept = 1")


def were_kept(pages: Iterable[Page]) -> None:
    """No page was loaded again since `keep`."""
    assert [page.evaluate("window.kept") for page in pages] == [1 for _ in pages]


def background(page: Page) -> str:
    """The colour of the whole page."""
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def too_wide(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(page.evaluate("document.scrollingElement.scrollWidth > document.documentElement.clientWidth"))


def too_high(page: Page) -> bool:
    """Whether the page scrolls up and down."""
    return bool(page.evaluate("document.scrollingElement.scrollHeight > document.documentElement.clientHeight"))


def press_until(press: Callable[[], object], done: Callable[[], bool], what: str) -> None:
    """Press, and press again when nothing came of it: right after a command a room's card takes no second press."""
    end = time.monotonic() + 6
    while not done():
        assert time.monotonic() < end, f"{what}: pressing did not help"
        press()
        soon = time.monotonic() + 0.7
        while not done() and time.monotonic() < soon:
            time.sleep(0.03)


def ticket(number: str) -> str:
    """A ticket as the screens set it: with a narrow space that does not break."""
    return number.replace(" ", "\u202f")
