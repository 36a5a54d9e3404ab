"""The disk fails under the clinic: it is full, may only be read, makes errors, or another program holds the file.

What the clinic promises then: who checks in is told within seconds that nothing was saved, and where to go; what is
there is shown; staff see an alarm; and once the disk does its work again, so does the clinic, without a restart.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bench.figures import percentile
from clinic.store import TROUBLES, look_into
from faults.kill import Asked, compare
from faults.outcome import Loop, Outcome, Size, not_shown
from tests.browser.server import Clinic, until

HANG = 2.0
"""Seconds within which everything is answered on a disk that is full or may only be read."""
HELD_UP = 5.0
"""Seconds within which a write is done or refused while another program holds the file."""
SOON = 5.0
"""Seconds within which all is as before once the disk works again."""
MARGIN = {Size.FULL: 0.0, Size.SHORT: 6.0}
"""Seconds more for each of these in the tests, which share the machine with others."""
READ = {Size.FULL: 0.1, Size.SHORT: 0.9}
"""Seconds that a read may take longer because another program holds the file; a write waits for one."""

PACE = 0.5
"""Seconds between two people at the tablet: all who were refused come in once it works again, and wait from then on."""

STEADY = 2.0
"""Seconds in which the server tries twice whether the disk works again."""

ROOM = 300_000
"""Bytes that are left when people begin to fill the disk."""

PRELOAD = tuple(Path("/usr/lib/fiu") / name for name in ("fiu_run_preload.so", "fiu_posix_preload.so"))
"""What makes calls of a program fail: Debian's fiu-utils."""
NO_FIU = "needs fiu-ctrl (apt install fiu-utils)"
CALLS = ("posix/io/rw/pwrite", "posix/io/sync/fsync", "posix/io/rw/ftruncate")
"""The calls that nobody but SQLite makes here: sockets and the server's own log use others."""
READ_ONLY = 30
"""The system's number for "Read-only file system"."""

HOLDS = """
import sys
from sqlite_utils.utils import sqlite3
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=5)
db.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
db.execute("rollback")
"""


@dataclass
class Tablet:
    """Checks people in and counts what came of it.

    `margin`: seconds that everything may take longer here; `slowest`: seconds for any answer, refusals too.
    """

    clinic: Clinic
    margin: float
    asked: Asked = field(default_factory=Asked)
    slowest: float = 0.0

    def check_in(self, request: str) -> int:
        """One tap. The status; 503 must say where to go."""
        began = time.monotonic()
        self.asked.told.setdefault(request, None)
        status, said = self.clinic.ask("POST", "/kiosk/check-in", {"service": "doctor", "request": request})
        self.slowest = max(self.slowest, time.monotonic() - began)
        answer = json.loads(said)
        if status == 201:
            self.asked.told[request] = answer["ticket"]
        else:
            assert status == 503, said
            assert "Come to the desk" in answer["message"]
        return status

    def is_in(self, request: str) -> bool:
        """One tap; whether it was answered with a number."""
        return self.check_in(request) == 201

    def refused(self) -> list[str]:
        """The requests that nobody was told a number for."""
        return [request for request, ticket in self.asked.told.items() if ticket is None]

    def until_refused(self, most: int) -> None:
        """Check people in until one is refused."""
        for _ in range(most):
            if self.check_in(uuid.uuid4().hex) == 503:
                return
        raise AssertionError(f"{most} people were checked in, and nothing was refused")

    def shows(self, kind: str) -> None:
        """What is there is shown, the alarm too, and the server says that it is not well."""
        began = time.monotonic()
        assert self.clinic.ask("GET", "/display")[0] == 200
        assert self.clinic.ask("GET", "/staff")[0] == 200
        self.slowest = max(self.slowest, (time.monotonic() - began) / 2)
        # It tells how things were up to a second ago.
        until(lambda: self.clinic.ask("GET", "/healthz")[0] == 503, SOON + self.margin, "The server is not well")
        until(lambda: self.alarmed(kind), SOON + self.margin, f"The console shows the alarm {kind}")

    def alarmed(self, kind: str = "") -> bool:
        """Whether the console shows this alarm, or any that says that nothing is saved."""
        page = self.clinic.ask("GET", "/staff")[1].decode()
        return any(f'id="alarm-{one}"' in page for one in ([kind] if kind else TROUBLES))

    def goes_on(self) -> None:
        """The disk works again: so does the clinic, by itself, and who was refused is checked in with the same tap."""
        for request in self.refused():
            until(partial(self.is_in, request), SOON + self.margin, "Check-ins work again")
        until(lambda: not self.alarmed(), SOON + self.margin, "The alarm is gone")
        until(lambda: self.clinic.ask("GET", "/healthz")[0] == 200, SOON + self.margin, "The server is well again")

    def kept(self, data: Path) -> int:
        """How many the file holds whom nobody told a number: "nothing was changed" was not true for them."""
        with look_into(data) as db:
            rows = db.execute("select count(*) from event where kind = 'CheckedIn' and request is not null").fetchone()
        return int(rows[0]) - self.asked.acknowledged


def full(folder: Path, size: Size) -> Outcome:
    """People check in until the disk is full; then room is made."""
    done, rounds = "disk full, then room again", 10 if size is Size.FULL else 1
    refusal = _mount_refused(folder)
    if refusal:
        return not_shown("F14", done, refusal)
    # A clinic of its own each time: a line of thousands is no clinic's, and slow for reasons of its own.
    homes = [folder / str(number) for number in range(rounds)]
    each = [_filled(home, done, size) for home in homes]
    return replace(
        each[0], times=rounds, held=all(one.held for one in each),
        acknowledged=sum(one.acknowledged or 0 for one in each),
        lost=sum(one.lost or 0 for one in each), doubled=sum(one.doubled or 0 for one in each),
        hang=max(one.hang or 0 for one in each), note="; ".join(filter(None, (one.note for one in each))),
    )  # fmt: skip


def _filled(folder: Path, done: str, size: Size) -> Outcome:
    folder.mkdir()
    with _disk(folder / "disk") as disk, _clinic(folder, disk, size) as tablet:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(disk).free - ROOM))
        tablet.until_refused(2000)
        tablet.shows("full")
        for request in [uuid.uuid4().hex for _ in range(5)] + tablet.refused():
            tablet.check_in(request)
        # It stays so: what finds a last byte of room must not end the alarm.
        assert _steady(tablet, "full", STEADY), "The alarm came and went while the disk was full"
        untold = tablet.kept(disk)
        ballast.unlink()
        tablet.goes_on()
        return _outcome("F14", done, 1, tablet, disk, HANG, untold)


def read_only(folder: Path, size: Size) -> Outcome:
    """The folder may only be read when the server starts, later it may be written."""
    done, rounds = "data folder read-only at the start, then writable", 10 if size is Size.FULL else 1
    refusal = _mount_refused(folder)
    if refusal:
        return not_shown("F15", done, refusal)
    with _disk(folder / "disk") as disk, _clinic(folder, disk, size) as tablet:
        clinic = tablet.clinic
        for number in range(rounds):
            tablet.check_in(uuid.uuid4().hex)
            before = clinic.people()
            # Once in a while it was no orderly end, and changes are still in SQLite's own log.
            (clinic.stop if number % 2 else clinic.kill)()
            _mount("-o", "remount,ro", str(disk))
            clinic.start()
            assert clinic.people() == before, "The line is not shown as it was"
            assert tablet.check_in(uuid.uuid4().hex) == 503
            tablet.shows("read_only")
            _mount("-o", "remount,rw", str(disk))
            tablet.goes_on()
        return _outcome("F15", done, rounds, tablet, disk, HANG)


def read_only_under_way(folder: Path, size: Size) -> Outcome:
    """All that SQLite writes is answered as on a file system that became read-only under way."""
    done, rounds = "read-only under way: every write gets EROFS (libfiu)", 20 if size is Size.FULL else 1
    if not _has_fiu():
        return not_shown("F15", done, NO_FIU)
    with _clinic(folder, folder / "data", size, Failing) as tablet:
        for _ in range(rounds):
            tablet.check_in(uuid.uuid4().hex)
            _fail(tablet.clinic, f"enable name={{}},failinfo={READ_ONLY}")
            tablet.until_refused(1)
            tablet.shows("failing")
            untold = tablet.kept(folder / "data")
            _fail(tablet.clinic, "disable name={}")
            tablet.goes_on()
        why = "a real remount is refused by the system while a file is open for writing"
        return _outcome("F15", done, rounds, tablet, folder / "data", HANG, untold, why)


def errors(folder: Path, size: Size) -> Outcome:
    """One call of SQLite in ten to one in three fails."""
    rounds, people = (5, 120) if size is Size.FULL else (1, 40)
    done = "10, 20 and 30 % of SQLite's writes and syncs fail (libfiu)"
    if not _has_fiu():
        return not_shown("F17", done, NO_FIU)
    refused = untold = 0
    with _clinic(folder, folder / "data", size, Failing) as tablet:
        for _ in range(rounds):
            for share in (0.1, 0.2, 0.3):
                _fail(tablet.clinic, f"enable_random name={{}},probability={share}")
                for _ in range(people // 3):
                    refused += tablet.check_in(uuid.uuid4().hex) == 503
            _fail(tablet.clinic, "disable name={}")
            untold = max(untold, tablet.kept(folder / "data"))
            tablet.goes_on()
        assert refused, "No error was met"
        tablet.clinic.stop()
        note = f"{refused} refused at first"
        return _outcome("F17", done, 3 * rounds, tablet, folder / "data", HELD_UP, untold, note)


def busy(folder: Path, size: Size) -> Outcome:
    """Another program holds the file, in each of the two ways there are."""
    seconds, rounds = (30.0, 3) if size is Size.FULL else (2.0, 1)
    done = f"another program holds the file for {seconds:g} s"
    with _clinic(folder, folder / "data", size) as tablet:
        usual = _reads(tablet.clinic, 2.0 if size is Size.FULL else 0.5)
        slowest = 0.0
        for _ in range(rounds):
            for way in ("begin immediate", "begin exclusive"):
                with _held(folder / "data" / "kindline.db", way):
                    end = time.monotonic() + seconds / 2
                    tablet.until_refused(1)
                    tablet.shows("busy")
                    while time.monotonic() < end:
                        tablet.check_in(uuid.uuid4().hex)
                        time.sleep(PACE)
                    slowest = max(slowest, _reads(tablet.clinic, seconds / 2))
                tablet.goes_on()
        note = f"reads p95 {slowest * 1000:.0f} ms, without it {usual * 1000:.0f} ms"
        outcome = _outcome("F18", done, 2 * rounds, tablet, folder / "data", HELD_UP, 0, note)
        return outcome if slowest <= usual + READ[size] else replace(outcome, held=False)


class Failing(Clinic):
    """A server whose calls of the system can be made to fail."""

    def __init__(self, folder: Path, **settings: str):
        super().__init__(folder, **settings)
        self._environ |= {
            "LD_PRELOAD": " ".join(map(str, PRELOAD)), "FIU_ENABLE": "", "FIU_CTRL_FIFO": str(folder / "fiu"),
        }  # fmt: skip


def _has_fiu() -> bool:
    return bool(shutil.which("fiu-ctrl")) and all(library.exists() for library in PRELOAD)


def _fail(clinic: Clinic, how: str) -> None:
    """Make SQLite's writes and syncs fail from now on, or no more. `how`: a command of fiu-ctrl."""
    orders = [word for call in CALLS for word in ("-c", how.format(call))]
    prefix = clinic.folder / "fiu"
    subprocess.run(["fiu-ctrl", "-f", str(prefix), *orders, str(clinic.pid)], check=True, timeout=20)


def _mount_refused(folder: Path) -> str:
    """Why this system lets us mount nothing; empty where it does."""
    try:
        with _disk(folder / "try"):
            return ""
    except OSError as problem:
        return f"needs root and a system that lets it mount ({problem})"


@contextlib.contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    """A small disk of its own there. Raises OSError where the system lets us mount none."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", "size=12m,mode=0700", "kindline-faults", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=20)


def _mount(*how: str) -> None:
    done = subprocess.run(["mount", *how], capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        raise OSError(done.stderr.strip().replace("\n", " "))


@contextlib.contextmanager
def _clinic(folder: Path, data: Path, size: Size, kind: type[Clinic] = Clinic) -> Iterator[Tablet]:
    """A clinic that keeps its data there, and a tablet in it."""
    clinic = kind(folder, DATA=str(data)).start()
    try:
        for page in ("/display", "/staff"):
            clinic.ask("GET", page)  # the first pages of a server take longer
        yield Tablet(clinic, MARGIN[size])
    finally:
        clinic.kill()


@contextlib.contextmanager
def _held(path: Path, way: str) -> Iterator[None]:
    """Another program holds this file."""
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(path), way], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout
    try:
        assert other.stdout.readline() == b"held\n"
        yield
    finally:
        other.communicate(b"\n", timeout=20)


def _steady(tablet: Tablet, kind: str, seconds: float) -> bool:
    """Whether the console shows this alarm all the time, whatever people try meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not tablet.alarmed(kind):
            return False
        tablet.check_in(tablet.refused()[0])
    return True


def _reads(clinic: Clinic, seconds: float) -> float:
    """The 95th percentile of how long the TV's page takes, in seconds."""
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        assert clinic.ask("GET", "/display")[0] == 200
        took.append(time.monotonic() - began)
        time.sleep(0.01)
    return percentile(took, 95)


def _outcome(
    fault: str, done: str, times: int, tablet: Tablet, data: Path, hang: float, untold: int = 0, note: str = ""
) -> Outcome:
    """What the file says in the end: nobody lost, nobody twice, and nobody kept who was told that they were not."""
    tablet.clinic.kill()
    lost, doubled = compare(data, tablet.asked)
    held = not lost and not doubled and not untold and tablet.slowest <= hang + tablet.margin
    told = f"{untold} kept though refused" if untold else ""
    notes = "; ".join(filter(None, (note, told)))
    return Outcome(fault, done, times, held, tablet.asked.acknowledged, lost, doubled, tablet.slowest, notes)


LOOPS: dict[str, Loop] = {
    "F14": full, "F15": read_only, "F15 UNDER-WAY": read_only_under_way, "F17": errors, "F18": busy,
}  # fmt: skip
