"""Ten years of a clinic's own data, made in minutes: the facts, links, answers and audit as the product writes them.

A day of it is lived by a small simulation: people come, are told a time, are called, seen, or leave. Everything goes
through the product's own tables, fact classes and seals; only waiting for the disk at each change is left out.
"""

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from argon2 import PasswordHasher
from sqlite_utils import Database

from clinic import events as e
from clinic import feedback, log, register
from clinic.clock import Clock
from clinic.desk import Desk
from clinic.setup import TEMPLATES, Place, Setup
from clinic.store import Store
from doors.accounts import Accounts
from doors.chain import END, end_seal, seal

A_DAY = 275
"""Visits: with 3,650 days a million."""

LENGTH, OPENS = 500, 8
"""Minutes from the first arrival to the last; the hour at which the day is opened."""

WEEKS, ANSWERED = 8, 30
"""Feedback is there of the latest weeks: so many a day."""

TAPS = timedelta(days=7)
"""Answers to taps are there of so long."""

MANAGER = "owner"
PASSWORD = "seven quiet herons wade"  # noqa: S105 - of a clinic that is none

MINUTE = timedelta(minutes=1)

template = TEMPLATES["urgent-care"]
SETUP: Setup = replace(
    template, rooms=(*template.rooms, *(Place(f"room-{n}", f"Room {n}", ("doctor", "nurse")) for n in (6, 7, 8)))
)

Row = Sequence[Any]


@dataclass
class Made:
    """How much there is: visits, facts about them, rows of the audit. `MANAGER` may come in with `PASSWORD`."""

    visits: int = 0
    facts: int = 0
    rows: int = 0


def make(folder: Path, visits: int, until: datetime, a_day: int = A_DAY, seed: int = 1) -> Made:
    """A clinic in `folder` that had so many visits, every day so many up to the day before `until`."""
    rng, made = Random(seed), Made()
    store = Store(folder)
    try:
        links = register.Links(folder)
        with store.write() as db:
            register.save_setup(db, SETUP)
        owner, others = _accounts(store, until)
        days = math.ceil(visits / a_day)
        with _quick(store.db) as db:
            audit = _Audit(db, links.key_for("audit"))
            for ago in range(days, 0, -1):
                day = (until - timedelta(days=ago)).replace(hour=OPENS, minute=0, second=0, microsecond=0)
                with store.write():
                    lived = _Day(rng, day, min(a_day, visits - made.visits), made.facts + 1, [owner, *others])
                    db.executemany(log.INSERT, lived.rows)
                    if ago == 1:
                        for one in lived.visits:
                            links.save(store.db, one)
                    if until - day <= TAPS:
                        _answers(db, rng, lived)
                    if ago <= WEEKS * 7:
                        _said(db, rng, day)
                    made.rows = audit.day(lived, [owner, *others], rng)
                made.visits, made.facts = made.visits + len(lived.visits), made.facts + len(lived.rows)
        Desk(store, Clock()).keep_learned()
    finally:
        store.close()
    return made


@contextmanager
def _quick(db: Database) -> Iterator[Any]:
    """The connection, without waits for the disk and with more memory than the clinic takes."""
    usual = db.execute("pragma synchronous").fetchone()[0]
    db.execute("pragma synchronous = off")
    db.execute("pragma cache_size = -1000000")
    try:
        yield db.conn
    finally:
        db.execute(f"pragma synchronous = {int(usual)}")
        db.execute("pragma wal_checkpoint(truncate)")


def _accounts(store: Store, now: datetime) -> tuple[str, list[str]]:
    """A manager and five of the staff, all with a password; their ids."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(store, lambda: now, quick)
    ids = []
    for login, role in ((MANAGER, "manager"), *((f"staff-{n}", "reception") for n in range(1, 6))):
        one = accounts.add(login, login.title(), role)
        ids.append(accounts.accept(accounts.invite(one.id), PASSWORD, "", "", "").id)
    return ids[0], ids[1:]


class _Day:
    """One day: `rows` for the log in their order, the ids of its `visits`, and the `taps` that made facts."""

    def __init__(self, rng: Random, opened: datetime, visits: int, first: int, staff: Sequence[str]):
        self.rng, self.opened, self.staff = rng, opened, staff
        self.visits = [f"{rng.getrandbits(128):032x}" for _ in range(visits)]
        self.taps: list[tuple[str, datetime, str]] = []
        moments: list[tuple[datetime, e.Fact, str]] = [(opened, e.Opened(opened), "open")]
        moments += [(opened, e.RoomOpened(opened, room.id), "") for room in SETUP.rooms]
        free = {room.id: opened for room in SETUP.rooms}
        numbers = dict.fromkeys((service.letter for service in SETUP.services), 0)
        came = sorted(opened + timedelta(minutes=rng.uniform(0, LENGTH)) for _ in self.visits)
        for visit, at in zip(self.visits, came, strict=True):
            service = rng.choices(SETUP.services, (4, 5, 2))[0]
            numbers[service.letter] += 1
            moments += self._lived(visit, at, service.id, f"{service.letter} {numbers[service.letter]:02d}", free)
        moments.sort(key=lambda one: one[0])
        end = max(moments[-1][0], opened + timedelta(minutes=LENGTH)) + 5 * MINUTE
        moments.append((end, e.Closed(end), "close"))
        self.rows = []
        for n, (at, fact, tap) in enumerate(moments):
            request = f"{rng.getrandbits(128):032x}" if tap else None
            by = "kiosk" if tap == "tablet" else rng.choice(staff) if tap else "clock"
            self.rows.append(log.row(e.Entry(first + n, fact, by), request))
            if request:
                self.taps.append((request, at, getattr(fact, "visit", "")))

    def _lived(
        self, visit: str, at: datetime, service: str, ticket: str, free: dict[str, datetime]
    ) -> Iterator[tuple[datetime, e.Fact, str]]:
        """What became of one visit: who is tapped for has the word of who tapped with it."""
        rng = self.rng
        yield at, e.CheckedIn(at, visit, service, ticket), "tablet"
        room = min(SETUP.serving(service), key=lambda one: free[one])
        begins = max(at, free[room]) + rng.uniform(0.5, 2) * MINUTE
        yield at, e.Told(at, visit, begins - 5 * MINUTE, begins + 12 * MINUTE), ""
        for part in (0.4, 0.8)[: 2 if begins - at > 25 * MINUTE else 1]:
            then = at + (begins - at) * part
            yield then, e.Told(then, visit, begins - 4 * MINUTE, begins + 8 * MINUTE), ""
        chance = rng.random()
        if chance < 0.02:
            gone = at + (begins - at) * 0.9
            yield gone, e.Left(gone, visit), "phone"
            return
        if chance < 0.04:
            yield at + (begins - at) * 0.3, e.Held(at + (begins - at) * 0.3, visit), "staff"
            yield at + (begins - at) * 0.7, e.Resumed(at + (begins - at) * 0.7, visit), "staff"
        called = max(at, begins - MINUTE)
        yield called, e.Called(called, visit, room), "staff"
        if chance > 0.98:
            missed, gone = begins + 4 * MINUTE, begins + 20 * MINUTE
            yield begins + MINUTE, e.Recalled(begins + MINUTE, visit), "staff"
            yield missed, e.MarkedNoShow(missed, visit), "staff"
            yield gone, e.Left(gone, visit), "staff"
            free[room] = missed
            return
        ends = begins + max(2.0, rng.lognormvariate(2.3, 0.4)) * MINUTE
        yield begins, e.Started(begins, visit), "staff"
        yield ends, e.Finished(ends, visit), "staff"
        free[room] = ends


def _answers(db: Any, rng: Random, lived: _Day) -> None:
    """What each tap of the latest days was answered."""
    db.executemany("insert into answer values (?, ?, ?, ?)", [
        (request, f"{rng.getrandbits(256):064x}", json.dumps({"visit": visit, "place": 3}), at.isoformat())
        for request, at, visit in lived.taps
    ])  # fmt: skip


def _said(db: Any, rng: Random, day: datetime) -> None:
    """What some said after their visit on that day."""
    for _ in range(ANSWERED):
        rating = rng.choice(feedback.RATINGS)
        asks = rating in feedback.PUT_RIGHT and rng.random() < 0.05
        service = rng.choice(SETUP.services).id
        row = (f"{rng.getrandbits(64):016x}", day.date().isoformat(), rng.randrange(8, 17), service, rating,
               "They were kind, and it took longer than we were told.", "yes", "", int(asks), "", "")  # fmt: skip
        db.execute("insert into feedback values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


class _Audit:
    """The audit of these days, sealed row by row as `doors.audit` does."""

    def __init__(self, db: Any, key: bytes):
        self._db, self._key, self._last = db, key, (0, "")

    def day(self, lived: _Day, staff: Sequence[str], rng: Random) -> int:
        """Who signed in, whom they saw, what they did. The number of the last row."""
        rows: list[Row] = []
        for n, one in enumerate(staff):
            rows.append(self._row(lived.opened + n * MINUTE, one, "door signed-in", ""))
        for row in lived.rows:
            _seq, at, kind, visit, room, by, _request, _data = row
            moment = datetime.fromisoformat(at)
            if kind == "CheckedIn":
                rows.append(self._row(moment, rng.choice(staff), "saw staff/main/", visit))
            elif kind in ("Called", "Started", "Finished", "Held", "Resumed", "MarkedNoShow") and by != "clock":
                about = f"{visit} room={room}" if room else visit
                rows.append(self._row(moment, by, f"did staff.{kind.lower()}", about))
        self._db.executemany("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        sealed = end_seal(self._key, tuple(rows[-1]))
        kept = "on conflict (name) do update set value = excluded.value"
        self._db.execute(f"insert into setting values ('{END}', ?) {kept}", [sealed])  # noqa: S608 - a fixed text
        return int(rows[-1][0])

    def _row(self, at: datetime, account: str, what: str, about: str) -> Row:
        fields = (self._last[0] + 1, at.isoformat(), account, "", "192.168.1.20", what, about)
        self._last = (self._last[0] + 1, seal(self._key, self._last[1], fields))
        return (*fields, self._last[1])
