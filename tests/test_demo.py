"""`make demo`: a whole simulated day goes by the clinic's rules, and a newcomer soon sees a clinic breathe."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app import create_app
from settings import Settings
from simulated import MINUTE, NAMES, Day
from tests.conftest import FakeClock

ROOT = Path(__file__).resolve().parent.parent
MORNING = datetime.fromisoformat("2026-11-23T08:55:00+00:00")
EVERY_NAME = [name for names in NAMES.values() for name in names]


class Rehearsal:
    """The demo's day against the product itself, without a server and without waiting."""

    def __init__(self, folder: Path):
        app = create_app(Settings(data=folder, async_mode="threading", template="urgent-care", start=MORNING))
        self.desk, self.client = app.extensions["desk"], app.test_client()
        self.desk.clock = self.clock = FakeClock(MORNING)
        self.sent: set[str] = set()
        self.said: list[str] = []
        self.waiting: list[int] = []
        self.day = Day(self.post, lambda _, what: self.said.append(what), Random(1), 0)

    def post(self, path: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        answer = self.client.post(path, json={**fields, "request": uuid.uuid4().hex})
        assert answer.status_code in (200, 201, 409), f"{path} {fields}: {answer.text}"
        self.sent.add(path.rpartition("/")[2])
        return None if answer.status_code == 409 else answer.json

    def wait_until(self, when: float) -> None:
        self.clock.time = MORNING + timedelta(seconds=when)
        if MINUTE < when < self.day.closing:
            self.waiting.append(sum(visit.status == "waiting" for visit in self.desk.line.visits.values()))


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.day.play(rehearsal.wait_until)
    yield rehearsal
    rehearsal.desk.close()


def test_a_simulated_day_uses_every_command_and_ends_with_the_next_one_open(rehearsal: Rehearsal) -> None:
    assert rehearsal.sent == {
        "check-in", "call-next", "recall", "start", "finish", "no-show", "resume", "hold", "leave", "prioritise",
        "transfer", "pause-room", "open-room", "help", "take-help", "close-day", "open-day",
    }  # fmt: skip
    assert rehearsal.said[-2:] == ["The day is closed", "The next day begins"]
    assert rehearsal.day.now < rehearsal.day.closing + 120 * MINUTE, "somebody was forgotten"
    assert rehearsal.desk.line.opened_at
    assert not rehearsal.desk.line.visits


def test_the_waiting_room_is_neither_empty_nor_overrun(rehearsal: Rehearsal) -> None:
    assert min(rehearsal.waiting) >= 3
    assert max(rehearsal.waiting) <= 25


def test_what_the_demo_prints_holds_no_name(rehearsal: Rehearsal) -> None:
    assert not [line for line in rehearsal.said if any(name in line for name in EVERY_NAME)]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """The demo as `make demo` starts it, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "demo.py", "--speed", "120", "--seed", "1", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}) as process:
        yield process, f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)


def read(address: str) -> Any:
    """What stands there; nothing while nobody serves."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return {}


def within(seconds: float, found: Callable[[], Any]) -> Any:
    """What is found, as soon as there is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        it = found()
        if it:
            return it
        time.sleep(0.05)
    pytest.fail(f"Not within {seconds} s.")


def test_a_newcomer_sees_a_living_clinic_and_its_data_goes_when_it_ends(
    demo: tuple["subprocess.Popen[bytes]", str], tmp_path: Path
) -> None:
    process, address = demo

    def lively() -> Any:
        visits = read(f"{address}/staff/line.json").get("visits", [])
        statuses = {visit["status"] for visit in visits}
        return visits if len(visits) >= 8 and {"called", "waiting", "in_room"} <= statuses else None

    visits = within(10, lively)
    tv = read(f"{address}/display/line.json")
    assert tv["called"]
    assert tv["waiting"]
    names = {visit["name"] for visit in visits if visit["name"]}
    assert names
    assert not [name for name in names if name in json.dumps(tv, ensure_ascii=False)]
    assert not any("name" in one for one in tv["waiting"])
    assert list(tmp_path.glob("kindline-demo-*"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not list(tmp_path.iterdir())
