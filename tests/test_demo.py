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
from bookings import CLINICIANS, FAMILY, GIVEN, MINUTE, as_csv, booked_day
from clinic import log
from clinic.evaluate import main as evaluate
from clinic.events import (
    Apologised,
    Booked,
    Cancelled,
    CheckedIn,
    DelayNoted,
    Entry,
    Left,
    MarkedNoShow,
    Prioritised,
    SignedIn,
    SpokenTo,
    Transferred,
)  # fmt: skip
from clinic.line import here
from demo import form
from settings import Settings
from simulated import LATE, MISSING, NAMES, Day
from tests.conftest import FakeClock

ROOT = Path(__file__).resolve().parent.parent
MORNING = datetime.fromisoformat("2026-11-23T08:55:00+00:00")
EVERY_NAME = [*(name for names in NAMES.values() for name in names), *GIVEN, *FAMILY]


class Rehearsal:
    """The demo's day against the product itself, without a server and without waiting."""

    def __init__(self, folder: Path, seed: int = 1, bad: bool = False):
        app = create_app(
            Settings(data=folder, async_mode="threading", template="urgent-care", start=MORNING, open_doors="loopback")
        )
        self.desk, self.client = app.extensions["desk"], app.test_client()
        self.desk.clock = self.clock = FakeClock(MORNING)
        self.desk._load()  # as if it had begun by this clock: nobody set it
        self.sent: set[str] = set()
        self.said: list[str] = []
        self.waiting: list[int] = []
        self.day = Day(self.post, self.read, lambda _, what: self.said.append(what), Random(seed), 0, MORNING, bad)

    def post(self, path: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        if "file" in fields:
            kind, body = form(fields["file"])
            answer = self.client.post(path, data=body.encode(), content_type=kind,
                                      headers={"Accept": "application/json"})  # fmt: skip
            assert answer.status_code == 200, answer.text
            assert answer.json
            assert not answer.json["refused"], answer.json
        else:
            answer = self.client.post(path, json={**fields, "request": uuid.uuid4().hex})
        assert answer.status_code in (200, 201, 303, 409), f"{path} {fields}: {answer.text}"
        self.sent.add(path.rpartition("/")[2])
        return None if answer.status_code == 409 else answer.json or {}

    def read(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def facts(self) -> list[Entry]:
        with self.desk.store.read() as db:
            return list(log.every(db))

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
        "transfer", "pause-room", "open-room", "help", "take-help", "close-day", "open-day", "sign-in", "appointments",
        "find", "coming", "more-time", "step-out", "here", "answer", "apologise", "spoken-to",
    }  # fmt: skip
    assert rehearsal.said[-2:] == ["The day is closed", "The next day begins"]
    assert rehearsal.day.now < rehearsal.day.closing + 120 * MINUTE, "somebody was forgotten"
    assert rehearsal.desk.line.opened_at
    assert not here(rehearsal.desk.line)


def test_the_waiting_room_is_neither_empty_nor_overrun(rehearsal: Rehearsal) -> None:
    assert min(rehearsal.waiting) >= 3
    assert max(rehearsal.waiting) <= 25


def test_a_day_has_booked_people_of_every_kind(rehearsal: Rehearsal) -> None:
    facts = [entry.fact for entry in rehearsal.facts()]
    booked = {fact.visit for fact in facts if isinstance(fact, Booked)}
    came = {fact.visit: fact for fact in facts if isinstance(fact, CheckedIn)}
    doctors = [fact for fact in came.values() if fact.service == "doctor"]
    by_list = [fact for fact in doctors if fact.booked]
    late = [fact for fact in by_list if fact.booked and fact.at > fact.booked]
    gone_on = [fact for fact in facts if isinstance(fact, Transferred) and fact.stop]
    never = [fact for fact in facts if isinstance(fact, MarkedNoShow) and fact.visit not in came]

    assert 0.3 < len(by_list) / len(doctors) < 0.5
    assert {fact.clinician for fact in by_list} == {"clinician-1", "clinician-2"}
    assert late
    assert never
    assert {fact.visit for fact in never} <= booked
    assert {fact.visit for fact in never} <= {f.visit for f in facts if isinstance(f, Left) and f.why == "missed"}
    assert len([fact for fact in facts if isinstance(fact, Cancelled)]) == 1
    assert len(gone_on) == 2
    assert sorted(sum(one.party == head for one in came.values()) for head in came)[-1] == 2


@pytest.mark.parametrize("seed", [2, 3])
def test_other_days_go_by_without_an_unexpected_answer_too(tmp_path: Path, seed: int) -> None:
    other = Rehearsal(tmp_path, seed)
    other.day.play(other.wait_until)
    other.desk.close()

    assert other.said[-1] == "The next day begins"
    assert not here(other.desk.line)


def test_on_a_bad_day_everybody_late_hears_sorry_once_and_a_person_goes_to_who_waits_an_hour(tmp_path: Path) -> None:
    bad = Rehearsal(tmp_path, bad=True)
    bad.day.play(bad.wait_until)
    facts = [entry.fact for entry in bad.facts()]
    bad.desk.close()

    sorry = [fact.visit for fact in facts if isinstance(fact, Apologised)]
    assert len(sorry) >= 3
    assert any(isinstance(fact, SpokenTo) for fact in facts)
    assert [fact.reason for fact in facts if isinstance(fact, DelayNoted)] == ["short_of_staff"]
    assert any(isinstance(fact, Prioritised) and fact.reason == "needs_care_sooner" for fact in facts)
    late = next(fact for fact in facts if isinstance(fact, SignedIn) and fact.room == MISSING)
    assert late.at - MORNING >= timedelta(seconds=LATE)
    assert not here(bad.desk.line)


def test_the_estimate_can_be_tried_on_a_booked_day(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("KINDLINE_DATA", str(rehearsal.desk.store.folder))

    assert evaluate(["--plot", str(tmp_path / "plot.svg")]) == 0

    came = [entry.fact for entry in rehearsal.facts() if isinstance(entry.fact, CheckedIn)]
    said = capsys.readouterr().out
    predictions = int(said.partition("At check-in: ")[2].partition(" ")[0])
    assert 0.85 * len(came) < predictions < 1.2 * len(came), "who gave up early is left out, who came back is in twice"


def test_no_two_booked_people_are_found_by_the_same_birthday() -> None:
    people = booked_day(Random(5), 0, "day")

    assert len({(one.born.day, one.born.month) for one in people}) == len(people)
    assert [len(one.appointments) for one in people].count(2) == 2
    assert {appointment.clinician for one in people for appointment in one.appointments} == {*CLINICIANS.values(), ""}
    rows = as_csv(people, MORNING, "cancelled").splitlines()
    assert len(rows) == 1 + len(people) + 2
    assert rows[1].endswith(",cancelled")
    assert "2026-11-23 09:10" in rows[1]


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
