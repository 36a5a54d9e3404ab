"""A real server whose doors are shut and whose real time goes on when a test says so; its people and its screens."""

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import APIRequestContext, Page
from sqlite_utils.utils import sqlite3

from tests.browser.server import Clinic
from tests.doors.house import PASSWORD, PIN

CODE = re.compile(r"[BCDFGHJ-NP-TV-XZ]{4}-[BCDFGHJ-NP-TV-XZ]{4}")


class Shut(Clinic):
    """One clinic with shut doors. Its first manager is "owner", with the password and PIN of `tests.doors.house`."""

    program = ("-m", "tests.browser.moved")

    def __init__(self, folder: Path, **settings: str):
        super().__init__(folder, **{"OPEN_DOORS": "", "HOST": "127.0.0.1", **settings})
        self._moved = timedelta(0)

    def later(self, **by: float) -> None:
        """Real time goes by at the server: `minutes=5`."""
        self._moved += timedelta(**by)
        (self.folder / "moved").write_text(str(self._moved.total_seconds()))

    def make_manager(self, browser: APIRequestContext) -> None:
        """The link that the console printed makes the first manager, who is then signed in there."""
        found = re.search(r"/first/[\w-]+", self.log.read_text())
        assert found
        typed = {"login": "owner", "name": "Olga Owner", "password": PASSWORD, "again": PASSWORD}
        self.sends(browser, found[0], **typed)

    def sign_in(self, browser: APIRequestContext) -> None:
        """The manager signs in at this browser."""
        self.sends(browser, "/login", login="owner", password=PASSWORD)

    def make_desk(self, browser: APIRequestContext) -> None:
        """This browser becomes a desk that staff share, where the manager has a PIN."""
        self.sends(browser, "/staff/pair-here", name="Front desk")
        self.sends(browser, "/staff/my-pin", password=PASSWORD, pin=PIN)

    def sends(self, browser: APIRequestContext, path: str, **fields: Any) -> None:
        """What a form of this browser sends, which must be taken."""
        answer = browser.post(self.url + path, form=fields, max_redirects=0)
        assert answer.status in (200, 201, 303), f"{path}: {answer.status} {answer.text()}"

    def pair(self, manager: APIRequestContext, screen: Page, role: str, name: str) -> None:
        """Staff type the code that this screen shows; it lets itself in within seconds."""
        code = CODE.search(screen.locator(".code").inner_text())
        assert code
        self.sends(manager, "/staff/pair", code=code[0], role=role, name=name, place="Hall")

    def device(self, name: str) -> str:
        """The id of the screen with this name."""
        with closing(sqlite3.connect(f"file:{self.folder}/data/kindline.db?mode=ro", uri=True)) as db:
            found = db.execute("select id from device where name = ?", [name]).fetchone()
        assert found
        return str(found[0])
