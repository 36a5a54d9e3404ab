"""The computer's clock is set, or passes an edge of the calendar, while people check in and staff call them.

libfaketime sets the clock of a real server alone: it tells the server another time, by a file that is written anew
while it runs. Debian's `faketime` has it. Its sleeps fail where it leaves the steady clock alone, as it has to here, so
the server runs on eventlet, which sleeps otherwise.
"""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from clinic.store import look_into
from faults.kill import Asked, compare
from faults.outcome import Loop, Outcome, Size, not_shown
from tests.browser.server import Clinic

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))

CLIENTS = 4
PAUSE = 0.05
"""Seconds between two check-ins of a client: what is tried is the clock, not how much the server bears."""

BEFORE, AFTER = 1.5, 3.0
"""Seconds of load before the clock is set or the edge comes, and after it."""

AHEAD = (12.0, 40.0)
"""Seconds that a server is started before an edge, by when it has to serve; where this computer is busy, more."""

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

C = TypeVar("C", bound=Clinic)

JUMPS: dict[str, timedelta] = {"-1 h": -HOUR, "+1 h": HOUR, "+1 day": DAY, "-1 day": -DAY}
STARTS: dict[str, datetime] = {
    "1970 at the start": datetime(1970, 1, 1, tzinfo=UTC),
    "a day back at the start": NOON - DAY,
}
EDGES: dict[str, tuple[str, datetime]] = {
    "summer begins in Berlin": ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    "summer ends in Berlin": ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "summer begins in New York": ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    "summer ends in New York": ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "midnight": ("Europe/Berlin", datetime(2026, 11, 23, 23, tzinfo=UTC)),
    "29 February begins": ("Europe/Berlin", datetime(2028, 2, 28, 23, tzinfo=UTC)),
    "29 February ends": ("Europe/Berlin", datetime(2028, 2, 29, 23, tzinfo=UTC)),
    "a year ends": ("Europe/Berlin", datetime(2026, 12, 31, 23, tzinfo=UTC)),
}

Round = Callable[[Path, "Seen"], Path]
"""Does something to a clinic of its own in this new folder, and says where its data is."""

Make = Callable[[Path, datetime], Clinic]
"""A clinic in this new folder, whose clock begins then."""

ROUNDS = {Size.FULL: 5, Size.SHORT: 1}


class OtherTime(Clinic):
    """A clinic whose computer says another time than this one."""

    def __init__(self, folder: Path, at: datetime):
        folder.mkdir(parents=True)
        super().__init__(folder, ASYNC="eventlet")
        self._file = folder / "offset"
        self._environ |= {
            "LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
        }  # fmt: skip
        self.set_to(at)

    def set_to(self, at: datetime) -> None:
        """Its clock says this now; it is looked at within a second."""
        self._seconds = round((at - datetime.now(UTC)).total_seconds())
        self._write()

    def set_by(self, by: timedelta) -> None:
        """Its clock is set by so much."""
        self._seconds += round(by.total_seconds())
        self._write()

    def now(self) -> datetime:
        """What its clock says."""
        return datetime.now(UTC) + timedelta(seconds=self._seconds)

    def prove(self) -> None:
        """Raises RuntimeError where the server says another time in its answers: then nothing was tried here."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("GET", "/healthz")
            said = parsedate_to_datetime(connection.getresponse().headers["Date"])
        if abs(said - self.now()) > timedelta(seconds=10):
            raise RuntimeError(f"The server's clock says {said} and not {self.now()}.")

    def _write(self) -> None:
        # Replaced whole: the library may read it at any moment.
        written = self._file.with_suffix(".new")
        written.write_text(f"{self._seconds:+d}\n")
        written.replace(self._file)


@dataclass
class Seen:
    """What the load saw. below: numbers below 0 on a screen, among so many `lines`; failed: what was not answered."""

    asked: Asked = field(default_factory=Asked)
    below: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    lines: int = 0


class Load:
    """People check in, staff call and see them in one room, programs read what every screen says; until the end."""

    def __init__(self, clinic: Clinic, seen: Seen):
        self._clinic, self._seen, self._over = clinic, seen, threading.Event()
        jobs = [*[self._check_in] * CLIENTS, self._call, self._read]
        self._threads = [threading.Thread(target=job) for job in jobs]

    def __enter__(self) -> "Load":
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._over.set()
        for one in self._threads:
            one.join()

    def _check_in(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self._clinic.port, timeout=20)) as connection:
            while not self._over.wait(PAUSE):
                if not self._seen.asked.ask(self._clinic.port, uuid.uuid4().hex, connection):
                    self._seen.failed.append("a check-in was not answered")
                    return

    def _call(self) -> None:
        while not self._over.wait(PAUSE):
            status, said = self._post("call-next", room="room-1")
            if status == 409:
                continue
            self._expect("call-next", status)
            visit = json.loads(said)["visit"]
            for command in ("start", "finish"):
                self._expect(command, self._post(command, visit=visit)[0])

    def _read(self) -> None:
        while not self._over.wait(PAUSE):
            for path in ("/display/line.json", "/staff/line.json"):
                status, said = self._clinic.ask("GET", path)
                self._expect(path, status)
                self._seen.below += [f"{path}: {name} {n}" for name, n in below_zero(json.loads(said))]
                self._seen.lines += 1
            for path in ("/display", "/staff", "/staff/trust"):
                self._expect(path, self._clinic.ask("GET", path)[0])

    def _post(self, command: str, **fields: Any) -> tuple[int, bytes]:
        return self._clinic.ask("POST", f"/staff/{command}", fields)

    def _expect(self, what: str, status: int) -> None:
        if status != 200:
            self._seen.failed.append(f"{what} was answered with {status}")


def below_zero(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number below 0 in this, with its name."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from below_zero(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from below_zero(one, name)
    elif isinstance(value, int | float) and value < 0:
        yield name, value


def set_clocks(folder: Path, size: Size) -> Outcome:
    """The clock is set by an hour or a day, begins in 1970, or passes an edge of the calendar, under load."""
    done = "a clock set, wrong at the start, or passing an edge, under load"
    if not LIBRARIES:
        return not_shown("F19", done, "libfaketime is not installed (Debian: faketime)")
    kinds: dict[str, Round] = {
        **{name: partial(jumped, by=by) for name, by in JUMPS.items()},
        **{name: partial(wrong_at_start, at=at) for name, at in STARTS.items()},
        **{name: partial(passed, edge=name, make=OtherTime) for name in EDGES},
    }
    return several("F19", done, folder, [*kinds.items()] * ROUNDS[size])


def several(fault: str, done: str, folder: Path, rounds: Sequence[tuple[str, Round]]) -> Outcome:
    """What came of these rounds, each with a clinic of its own in a folder of its own."""
    acknowledged = lost = doubled = 0
    hang, lines = 0.0, 0
    wrong: list[str] = []
    for number, (name, do) in enumerate(rounds):
        seen = Seen()
        data = do(folder / str(number), seen)
        missing, twice = compare(data, seen.asked)
        acknowledged, lost, doubled = acknowledged + seen.asked.acknowledged, lost + missing, doubled + twice
        hang, lines = max(hang, seen.asked.slowest), lines + seen.lines
        wrong += [f"{name}: {what}" for what in [*seen.below, *seen.failed, *of_the_log(data)]]
    kept = lost == doubled == 0 and not wrong and acknowledged > 0
    note = (
        "; ".join(sorted(set(wrong))[:5]) if wrong else f"no number below 0 in {lines:,} lines of the TV and of staff"
    )
    return Outcome(fault, done, len(rounds), kept, acknowledged, lost, doubled, hang, note)


def of_the_log(data: Path) -> list[str]:
    """What is wrong in the log: people called out of the order in which they came, or a day opened by itself."""
    with look_into(data) as db:
        facts = db.execute("select seq, kind, visit from event order by seq").fetchall()
    came = {visit: seq for seq, kind, visit in facts if kind == "CheckedIn"}
    called = [came[visit] for _, kind, visit in facts if kind == "Called"]
    opened = sum(kind == "Opened" for _, kind, _ in facts)
    found = [] if called == sorted(called) else ["people were called out of their order"]
    # By the template, and by us.
    return found if opened == 2 else [*found, f"the day was opened {opened} times"]


@contextmanager
def running(clinic: C) -> Iterator[C]:
    """This clinic at work, until the end of what is done to it; whatever happens, its server does not stay."""
    try:
        clinic.start()
        yield clinic
        clinic.stop()
    finally:
        clinic.kill()


def jumped(folder: Path, seen: Seen, by: timedelta) -> Path:
    """Somebody sets the clock of the computer while it runs, and back."""
    with running(OtherTime(folder, NOON)) as clinic:
        clinic.new_day()
        with Load(clinic, seen):
            time.sleep(BEFORE)
            for one in (by, -by):
                clinic.set_by(one)
                time.sleep(AFTER)
                clinic.prove()
    return folder / "data"


def wrong_at_start(folder: Path, seen: Seen, at: datetime) -> Path:
    """The power goes; the computer begins in the past; then the network sets its clock."""
    with running(OtherTime(folder, NOON)) as clinic:
        clinic.new_day()
        with Load(clinic, seen):
            time.sleep(BEFORE)
        right = clinic.now()
        clinic.kill()
        clinic.set_to(at)
        clinic.start()
        clinic.prove()
        with Load(clinic, seen):
            time.sleep(AFTER)
            clinic.set_to(right + timedelta(minutes=3))
            time.sleep(AFTER)
            clinic.prove()
    return folder / "data"


def passed(folder: Path, seen: Seen, edge: str, make: Make) -> Path:
    """The clock passes this edge of the calendar by itself; people come before it and after it."""

    def over(clinic: Clinic, wait: float) -> None:
        time.sleep(wait - BEFORE)
        with Load(clinic, seen):
            time.sleep(BEFORE + AFTER)

    return before(folder, edge, make, over)


def by_its_own_clock(folder: Path, at: datetime) -> Clinic:
    """A clinic whose own clock begins then: for edges that need no computer's clock to be set."""
    folder.mkdir(parents=True)
    return Clinic(folder, START=at.isoformat())


def before(folder: Path, edge: str, make: Make, over: Callable[[Clinic, float], None]) -> Path:
    """A clinic whose day is open seconds before this edge does what `over` does; where its data is.

    Raises RuntimeError where this computer is too busy for that.
    """
    zone, moment = EDGES[edge]
    for ahead in AHEAD:
        home, began = folder / f"{ahead:g} s ahead", time.monotonic()
        with running(make(home, moment - timedelta(seconds=ahead))) as clinic:
            clinic.new_day(timezone=zone)
            left = ahead - (time.monotonic() - began)
            if left > BEFORE:
                over(clinic, left)
                return home / "data"
    raise RuntimeError("This computer is too busy to start a server before the edge.")


def midnight(folder: Path, size: Size) -> Outcome:
    """Seconds before midnight five people wait; after it the same five do, and the day is still the same."""
    wrong: list[str] = []

    def over(clinic: Clinic, wait: float) -> None:
        began = time.monotonic()
        told = [clinic.check_in()["ticket"] for _ in range(5)]
        line = clinic.people()
        time.sleep(max(0.0, wait + AFTER - (time.monotonic() - began)))
        if clinic.people() != line or [one["ticket"] for one in line] != told:
            wrong.append("the line after midnight is another")
        wrong.extend(f"{name} {n}" for name, n in below_zero(clinic.line()))

    for number in range(ROUNDS[size]):
        wrong += of_the_log(before(folder / str(number), "midnight", by_its_own_clock, over))
    done = "midnight with five people waiting"
    return Outcome("F20", done, ROUNDS[size], not wrong, 5 * ROUNDS[size], note="; ".join(wrong[:5]))


LOOPS: dict[str, Loop] = {"F19": set_clocks, "F20": midnight}
