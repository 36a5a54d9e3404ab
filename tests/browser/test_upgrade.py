"""An upgrade: pages that were loaded before it come anew by themselves, once, and under nobody's hand (TRUST F27)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conditions import all_live
from tests.browser.conftest import Screens
from tests.browser.server import ROOT, Clinic

PARTS = ("*.py", "clinic", "display", "doors", "kiosk", "staff", "static", "templates")


class Upgraded(Clinic):
    """A clinic whose program is a copy, which a test may change."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.root = folder / "program"
        self.root.mkdir()
        for part in (found for pattern in PARTS for found in ROOT.glob(pattern)):
            if part.is_dir():
                shutil.copytree(part, self.root / part.name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(part, self.root)

    def upgrade(self, to: int) -> None:
        """Stop, bring in another version of a script, and start again."""
        self.stop()
        with (self.root / "static" / "live.js").open("a") as script:
            script.write(f"document.documentElement.dataset.script = {to};\n")
        self.start()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """A clinic of its own, of the first version."""
    clinic = Upgraded(tmp_path_factory.mktemp("office"))
    clinic.start()
    yield clinic
    clinic.stop()


def edition(page: Page) -> int:
    """Which version of the script this page runs."""
    return int(page.locator("html").get_attribute("data-script") or 1)


def loads(page: Page) -> list[str]:
    """Every load of this page from now on."""
    found: list[str] = []
    page.on("load", lambda one: found.append(one.url))
    return found


def runs(page: Page, version: int) -> None:
    """The page runs this version soon, and is live."""
    expect(page.locator("html")).to_have_attribute("data-script", str(version), timeout=15_000)
    all_live([page])


def test_pages_of_an_older_version_come_anew_once_nobody_is_disturbed(screens: Screens, office: Upgraded) -> None:
    visit = office.check_in()
    tablet, tv, staff = screens.tablet(office), screens.tv(office), screens.staff(office)
    phone, companion = screens.phone(office, visit["path"]), screens.staff(office, "/staff/appointments")
    all_live([tablet, tv, staff, phone, companion])

    # somebody is at the tablet, and somebody has a form open at the desk
    tablet.locator("#check-in").tap()
    tablet.get_by_role("button", name="Doctor").tap()
    expect(tablet.locator("#get-number")).to_be_visible()
    staff.locator("#new").click()
    expect(staff.locator("#dialog")).to_be_visible()
    counted = {page: loads(page) for page in (tablet, tv, staff, phone, companion)}

    office.upgrade(to=2)
    for page in (tv, phone, companion):
        runs(page, 2)
    expect(staff.locator("#newer")).to_have_text("A new version is ready. It loads when you are done.")
    assert (edition(tablet), edition(staff)) == (1, 1)

    # both finish what they began
    tablet.locator("#get-number").tap()
    expect(tablet.locator("#number")).to_be_visible()
    assert edition(tablet) == 1
    staff.locator("dialog [data-close]").first.click()
    runs(staff, 2)
    expect(staff.locator("#newer")).to_be_hidden()
    tablet.get_by_role("button", name="Done").or_(tablet.get_by_role("link", name="Done")).first.tap()
    runs(tablet, 2)
    assert {len(found) for found in counted.values()} == {1}, "each loaded once more"


def test_what_is_typed_is_not_lost(screens: Screens, office: Upgraded) -> None:
    staff = screens.staff(office)
    all_live([staff])
    staff.locator("#search").fill("Ana")
    before = edition(staff)
    office.upgrade(to=before + 1)
    expect(staff.locator("#newer")).to_be_visible(timeout=10_000)
    assert staff.locator("#search").input_value() == "Ana"
    staff.locator("#search").fill("")
    runs(staff, before + 1)


def test_a_page_that_stays_the_old_one_does_not_load_again_and_again(screens: Screens, office: Upgraded) -> None:
    base = office.root / "templates" / "base.html"
    base.write_text(base.read_text().replace("{{ edition() }}", "older"))  # as behind a cache that keeps pages
    office.stop()
    office.start()
    tv = screens.tv(office, clock=True)
    found = loads(tv)
    for _ in range(4):
        all_live([tv])
        tv.clock.fast_forward(6_000)
    all_live([tv])
    assert len(found) == 1
