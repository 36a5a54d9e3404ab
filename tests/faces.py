"""The whole product with its clock in the test's hand: what the tests of pages, programs and pushes start from.

The fixtures `opens` and `practice` come to a folder by its conftest.py, or to one module by an assignment.
"""

import os
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup
from werkzeug.test import TestResponse

import app as roof
import words
from clinic.desk import Desk
from clinic.line import Visit
from live import Live
from settings import Settings
from tests.conftest import FakeClock

VOID = frozenset(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"])


class Page(HTMLParser):
    """A page as a tree: `find("id")` is one element, `every("a")` all of a kind, `says` what stands in it."""

    def __init__(self, html: str):
        super().__init__()
        self._builder = ET.TreeBuilder()
        self._builder.start("page", {})
        self.feed(html)
        self._builder.end("page")
        self.root = self._builder.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self._builder.end(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._builder.start(tag, {name: value or "" for name, value in attrs})
        self._builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._builder.end(tag)

    def handle_data(self, data: str) -> None:
        self._builder.data(data)

    def find(self, name: str) -> ET.Element | None:
        return self.root.find(f".//*[@id='{name}']")

    def every(self, tag: str = "*", **attributes: str) -> list[ET.Element]:
        found = self.root.iter(None if tag == "*" else tag)
        return [one for one in found if all(one.get(name.rstrip("_")) == value for name, value in attributes.items())]

    def classed(self, name: str) -> list[ET.Element]:
        return [one for one in self.root.iter() if name in one.get("class", "").split()]

    def says(self, name: str) -> str:
        """What a person reads in the element with this id."""
        found = self.find(name)
        assert found is not None, f"nothing here is called {name}"
        return text(found)


def text(element: ET.Element) -> str:
    """What a person reads there, every space alike."""
    return " ".join("".join(element.itertext()).split())


def shown(html: str) -> str:
    """What a person reads of this page, every space alike."""
    return " ".join(str(Markup(html).striptags()).split())


def say(sentence: str, lang: str = "en", **values: Any) -> str:
    """This sentence as a page in that language shows it, every space alike."""
    return shown(str(words.language(lang).gettext(sentence, **values)))


def say_many(one: str, many: str, n: int, lang: str = "en", **values: Any) -> str:
    """The sentence for so many, likewise."""
    return shown(str(words.language(lang).ngettext(one, many, n, **values)))


class Practice:
    """A walk-in practice at nine on a Monday: a doctor in rooms 1 and 2, a nurse in room 3, all open."""

    def __init__(self, app: Flask, clock: FakeClock):
        self.app, self.clock = app, clock
        self.client: FlaskClient = app.test_client()
        self._taps = count(1)

    @property
    def desk(self) -> Desk:
        desk: Desk = self.app.extensions["desk"]
        return desk

    @property
    def live(self) -> Live:
        live: Live = self.app.extensions["live"]
        return live

    def later(self, minutes: float = 0, seconds: float = 0) -> None:
        """Time goes by, and the clock's own tick with it."""
        self.clock.time += timedelta(minutes=minutes, seconds=seconds)
        self.live.push()

    def get(self, path: str, status: int = 200) -> str:
        """The text of this page, which must be there."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def page(self, path: str, status: int = 200) -> Page:
        return Page(self.get(path, status))

    def json(self, path: str) -> Any:
        return self.client.get(path).json

    def arrives(self, name: str = "", service: str = "doctor", **more: Any) -> dict[str, Any]:
        """Somebody checks in at the tablet; what a program is answered."""
        fields = {"service": service, "name": name, "request": f"tap-{next(self._taps)}", **more}
        answer = self.client.post("/kiosk/check-in", json=fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def crowd(self, people: int, service: str = "doctor") -> list[dict[str, Any]]:
        return [self.arrives(service=service) for _ in range(people)]

    def staff(self, command: str, **fields: Any) -> TestResponse:
        """Staff send this command as a program does."""
        return self.client.post(f"/staff/{command}", json=fields)

    def does(self, command: str, **fields: Any) -> dict[str, Any]:
        """Staff do this, and nothing speaks against it."""
        answer = self.staff(command, **fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def calls(self, visit: dict[str, Any], room: str = "room-1") -> dict[str, Any]:
        return self.does("call", visit=visit["visit"], room=room)

    def visit(self, answer: dict[str, Any]) -> Visit:
        return self.desk.line.visits[answer["visit"]]

    def phone(self, answer: dict[str, Any], lang: str = "") -> str:
        """The path of this patient's own page."""
        path = "/t/" + answer["url"].rsplit("/", 1)[1]
        return f"{path}?lang={lang}" if lang else path

    def change(self, **setup: Any) -> None:
        """The clinic changes its set-up."""
        from dataclasses import replace

        self.desk.set_up(replace(self.desk.line.setup, **setup))


Opens = Callable[..., Practice]


@pytest.fixture
def opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opens]:
    """Opens practices, with settings that a test may choose."""
    opened: list[Practice] = []

    def open_one(**settings: Any) -> Practice:
        clock = FakeClock()
        monkeypatch.setattr(roof, "Clock", lambda speed, start: clock)
        monkeypatch.setattr(roof, "local_zone", lambda: "UTC")
        engine = os.environ.get("KINDLINE_ASYNC", "").strip() or "threading"
        folder = tmp_path / f"practice-{len(opened)}"
        usual: dict[str, Any] = {"host": "127.0.0.1", "async_mode": engine, "template": "walk-in"}
        values = {**usual, "data": folder, "open_doors": "loopback", **settings}
        app = roof.create_app(Settings(**values))
        app.testing = True
        opened.append(Practice(app, clock))
        return opened[-1]

    yield open_one
    for practice in opened:
        practice.desk.close()


@pytest.fixture
def practice(opens: Opens) -> Practice:
    """A walk-in practice whose day has just begun."""
    return opens()
