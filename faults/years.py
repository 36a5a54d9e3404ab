"""Ten years of data: everything is as quick as on the first day, and what is old is forgotten while people check in."""

import json
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import tenyears, years
from bench.figures import table
from clinic import log
from clinic.clock import Clock
from clinic.desk import Desk
from clinic.register import KEY_FILE, Links
from clinic.store import Store, look_into
from clinic.years import years as so_many
from doors.audit import Audit
from doors.chain import Proof, go_on
from faults.outcome import Loop, Outcome, Size
from retention import AUDIT_YEARS, FACTS
from tests.browser.server import Clinic

VISITS = {Size.FULL: years.MILLION, Size.SHORT: 3000}
A_DAY = {Size.FULL: tenyears.A_DAY, Size.SHORT: 2}

AUDIT_KEPT = so_many(AUDIT_YEARS)

CLIENTS = 4

SECONDS = {Size.FULL: 130.0, Size.SHORT: 3.0}
"""Of check-ins while old days are forgotten: that is done for a second a minute."""

PARTS = 300
"""Parts of which each is timed by itself."""

A_PART, A_WAIT = 0.05, 0.5
"""Seconds that one part, and anybody who checks in meanwhile, may take."""


@dataclass
class Told:
    """Who was told a number, and how long each waited for it."""

    visits: set[str] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)
    refused: int = 0


def ten_years(folder: Path, size: Size) -> Outcome:
    """A million visits: start, pages, and forgetting under load; the short form forgets a little, and times nothing."""
    data = folder / "data"
    made = tenyears.make(data, VISITS[size], datetime.now(UTC), A_DAY[size])
    slow: list[str] = []
    parts: list[float] = []
    if size is Size.FULL:
        figures = years.measure(data)
        print(table(figures), file=sys.stderr)
        slow = [figure.name for figure in figures if figure.passed is False]
        parts = _parts(data)
    before = _facts(data)
    told = _under_load(folder, SECONDS[size])
    went, changed = _compare(before, data)
    lost = len(told.visits - _checked_in(data))
    is_proved = _is_proved(data)
    longest = max(told.waits)
    is_quick = not slow and all(part <= A_PART for part in parts) and (size is Size.SHORT or longest <= A_WAIT)
    note = f"{went:,} old facts went under load, {changed} of the others changed"
    if parts:
        note += f"; {len(parts)} parts, the longest {max(parts) * 1000:.0f} ms"
    if slow:
        note += f"; too slow: {', '.join(slow)}"
    return Outcome(
        "F25", f"{made.visits:,} visits, old days forgotten while {CLIENTS} check in", 1,
        held=is_quick and went > 0 and changed == lost == told.refused == 0 and is_proved,
        acknowledged=len(told.visits), lost=lost, hang=longest, note=note,
    )  # fmt: skip


def _parts(data: Path) -> list[float]:
    """Seconds of each part by which old facts and rows are forgotten, in the midst of nothing else."""
    store, times = Store(data), []
    try:
        desk, audit = Desk(store, Clock()), Audit(store, Links(data), lambda: datetime.now(UTC))
        facts, rows = desk.old_facts(), audit.old_rows(AUDIT_KEPT)
        for _ in range(PARTS):
            for part in (lambda: desk.forget(facts, FACTS), lambda: audit.forget(rows)):
                began = time.monotonic()
                part()
                times.append(time.monotonic() - began)
    finally:
        store.close()
    return times


def _under_load(folder: Path, seconds: float) -> Told:
    """Clients check in, one after the other each, while the server forgets what is old."""
    told = Told()
    clinic = Clinic(folder, template="").start()
    try:
        rooms = [room.id for room in tenyears.SETUP.rooms]
        status, said = clinic.ask("POST", "/staff/open-day", {"rooms": rooms, "request": uuid.uuid4().hex})
        assert status == 200 or json.loads(said)["code"] == "day_open", said  # who measured it has opened it
        end = time.monotonic() + seconds

        def come() -> None:
            while time.monotonic() < end:
                began = time.monotonic()
                status, said = clinic.ask("POST", "/kiosk/check-in", {"service": "doctor", "request": uuid.uuid4().hex})
                told.waits.append(time.monotonic() - began)
                if status == 201:
                    told.visits.add(json.loads(said)["visit"])
                else:
                    told.refused += 1
                time.sleep(0.2)

        clients = [threading.Thread(target=come) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    finally:
        clinic.stop()
    return told


def _facts(data: Path) -> dict[int, Any]:
    """Every row of the log by its number, as a digest: a million visits are much to remember."""
    with look_into(data) as db:
        return {row[0]: hash(row) for row in db.execute("select * from event")}


def _compare(before: dict[int, Any], data: Path) -> tuple[int, int]:
    """How many facts went, all of them at the beginning, and how many of the others are not what they were."""
    after = _facts(data)
    with look_into(data) as db:
        mark = log.forgotten(db)
    kept = {seq: row for seq, row in before.items() if seq > mark}
    changed = sum(after.get(seq) != row for seq, row in kept.items()) + sum(seq <= mark for seq in after)
    return len(before) - len(kept), changed


def _checked_in(data: Path) -> set[str]:
    with look_into(data) as db:
        return {visit for (visit,) in db.execute("select visit from event where kind = 'CheckedIn'")}


def _is_proved(data: Path) -> bool:
    """Whether the audit is whole from where it begins now."""
    assert (data / KEY_FILE).is_file()
    key, proof = Links(data).key_for("audit"), Proof()
    with look_into(data) as db:
        while not proof.done:
            proof = go_on(db, key, proof)
    return proof.broken is None and proof.cut > 0


LOOPS: dict[str, Loop] = {"F25": ten_years}
