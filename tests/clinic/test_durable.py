"""Durable before told: what was answered survives, what failed never was."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.utils import sqlite3

from clinic import commands, log, register
from clinic.desk import Desk
from clinic.events import Undone
from clinic.line import present, replay
from clinic.setup import TEMPLATES
from clinic.store import Store, Unavailable
from tests.clinic.at_the_desk import Restart, arrive, busy_morning, everything
from tests.clinic.given import ROOMS, SETUP, after
from tests.conftest import FakeClock


def test_nobody_is_told_before_it_is_on_disk(desk: Desk) -> None:
    seen: list[tuple[int, int]] = []

    def look() -> None:
        other = sqlite3.connect(str(desk.store.folder / "kindline.db"))
        seen.append((other.execute("select max(seq) from event").fetchone()[0], desk.line.seq))
        other.close()

    desk.listeners.append(look)
    arrive(desk, "ana")
    desk.do(commands.call_next, by="staff", room="room-1")

    assert seen == [(desk.line.seq - 1, desk.line.seq - 1), (desk.line.seq, desk.line.seq)]


KILLED = """
import os, signal, sys
from pathlib import Path
from clinic import commands
from clinic.clock import Clock
from clinic.desk import Desk
from clinic.setup import TEMPLATES
from clinic.store import Store

desk = Desk(Store(Path(sys.argv[1])), Clock())
desk.set_up(TEMPLATES["walk-in"])
desk.open_day("setup", ("room-1",))
desk.listeners.append(lambda: os.kill(os.getpid(), signal.SIGKILL))
desk.do(commands.check_in, by="kiosk", visit="ana", service="doctor", name="Ana", request="r1")
"""


def test_a_killed_program_has_kept_what_anybody_was_told(tmp_path: Path, clock: FakeClock) -> None:
    here = str(Path(__file__).parents[2])
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=here, check=False)
    assert killed.returncode == -signal.SIGKILL

    desk = Desk(Store(tmp_path), clock)

    assert [visit.ticket for visit in present(desk.line, "waiting")] == ["A 01"]
    assert desk.names(["ana"]) == {"ana": "Ana"}
    assert desk.visit_of(desk.links.secret("ana")) == "ana"
    desk.close()


def test_after_a_restart_everybody_is_still_in_place(desk: Desk, clock: FakeClock, reopened: Restart) -> None:
    busy_morning(desk, clock)
    line = desk.line

    again = reopened()

    assert again.line == line
    assert again.entries == desk.entries
    assert again.is_set_up


def test_the_line_is_the_replay_of_what_is_in_the_log(desk: Desk, clock: FakeClock) -> None:
    busy_morning(desk, clock)

    with desk.store.read() as db:
        entries = log.today(db)
    assert entries == desk.entries
    assert replay(entries, SETUP) == desk.line


def test_an_undo_at_the_desk_leaves_the_fact_out(desk: Desk, reopened: Restart) -> None:
    arrive(desk, "ana")
    before = desk.line
    desk.do(commands.call_next, by="staff", room="room-1")

    done = desk.do(commands.undo, by="staff", visit="ana")

    assert isinstance(done.facts[0].fact, Undone)
    assert desk.line == replace(before, seq=desk.line.seq)
    assert reopened().line == replace(before, seq=done.line.seq)


class FullDisk:
    """A log that writes its first row and then finds the disk full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        write = log.append

        def fail(db: Any, entries: Any, request: str | None = None) -> None:
            write(db, list(entries)[:1], request)
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(log, "append", fail)


CHANGES: dict[str, Callable[[Desk], Any]] = {
    "check-in": lambda desk: desk.do(
        commands.check_in, by="kiosk", request="r9", name="Cy", visit="cy", service="doctor"
    ),
    "call": lambda desk: desk.do(commands.call_next, by="staff", request="r9", room="room-1"),
    "undo": lambda desk: desk.do(commands.undo, by="staff", request="r9", visit="bo"),
    "closing": lambda desk: desk.do(commands.close_day, by="staff", confirm=True),
    "telling": lambda desk: desk.tell(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_write_that_fails_leaves_line_and_database_as_they_were(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    arrive(desk, "ana")
    arrive(desk, "bo", name="Bo")
    desk.do(commands.hold, by="staff", visit="bo")
    clock.time = after(1 if change == "undo" else 45)
    kept, line, entries = everything(desk), desk.line, list(desk.entries)
    heard: list[int] = []
    desk.listeners.append(lambda: heard.append(1))

    with monkeypatch.context() as broken:
        FullDisk(broken)
        with pytest.raises(Unavailable, match="disk is full"):
            CHANGES[change](desk)

    assert desk.line is line
    assert (everything(desk), desk.entries, heard) == (kept, entries, [])
    CHANGES[change](desk)
    assert desk.line.seq > line.seq
    assert replay(desk.entries, SETUP) == desk.line


def test_an_answer_that_cannot_be_kept_undoes_the_whole_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, line = everything(desk), desk.line

    def fail(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(register, "save_answer", fail)
    with pytest.raises(Unavailable):
        desk.do(commands.check_in, by="kiosk", request="r1", name="Ana", visit="ana", service="doctor")

    assert desk.line is line
    assert everything(desk) == kept


def test_a_day_that_could_not_be_opened_stays_closed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.do(commands.close_day, by="staff")
    line = desk.line

    with monkeypatch.context() as broken:
        FullDisk(broken)
        with pytest.raises(Unavailable):
            desk.open_day("staff", ROOMS)

    assert desk.line is line
    desk.open_day("staff", ROOMS)
    assert desk.line.opened_at is not None


def test_a_setup_that_cannot_be_written_is_not_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(register, "save_setup", fail)
    with pytest.raises(Unavailable):
        desk.set_up(TEMPLATES["blood-tests"])

    assert desk.line.setup == SETUP
