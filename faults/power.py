"""The power is cut: no write is answered before it is on the disk, by the record of what the system was asked for.

Each write carries a number of its own, which is in the request, in the pages of the database, and so in the record.
Between its request and the first byte of its answer there must stand the pages with that number, and after them a
flush of the same file that succeeded. So it is shown of each write, also where many are written at once.
"""

import re
import shutil
import subprocess
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from faults.hands import EIGHT, Caller, hands
from faults.outcome import Loop, Outcome, Size, not_shown
from settings import ASYNC_MODES
from tests.browser.server import Clinic, until

ENGINES = {Size.FULL: ASYNC_MODES, Size.SHORT: ASYNC_MODES[:1]}
VISITS = {Size.FULL: 32, Size.SHORT: 1}
"""How many people each of eight clients brings in and sees; one client alone does as much as they together."""

STEPS = (("start", "finish"), ("hold", "leave"))
"""What comes after the check-in and the call, by turns."""

FLUSHES, WRITES = ("fsync", "fdatasync"), ("pwrite64", "write")
RECEIVED, SENT = ("recvfrom", "recvmsg"), ("sendto", "sendmsg", "write")
RECORDER = (
    "strace", "-D", "-f", "-q", "--seccomp-bpf", "-e", "signal=none", "-s", "4500",
    "-e", f"trace={','.join({*FLUSHES, *WRITES, *RECEIVED, *SENT})}",
)  # fmt: skip
"""The server stays our own child; whole pages are written down."""

BEGUN = re.compile(r"(\d+) +(\w+)\((\d+)(.*)")
RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
UNFINISHED = "<unfinished ...>"
ASKED = re.compile(r'request\\": \\"([0-9a-f]{32})')


@dataclass(frozen=True)
class Call:
    """One call of the system: its name, the handle, what was read or written; the lines where it began and ended."""

    name: str
    handle: int
    text: str
    began: int
    ended: int | None

    @property
    def succeeded(self) -> bool:
        """Whether the system says so."""
        return self.text.rpartition(" = ")[2].strip() == "0"


@dataclass
class Write:
    """A write that is not answered yet. written: by handle, the line at which its number first was."""

    handle: int
    written: dict[int, int] = field(default_factory=dict)
    is_on_disk: bool = False


def cut(folder: Path, size: Size) -> Outcome:
    """Every write is on the disk before its answer: people come, are called, seen or not, and days end and begin."""
    done = f"each write on the disk before its answer, by strace, {' and '.join(ENGINES[size])}"
    if why := _cannot_record(folder):
        return not_shown("F3", done, why)
    kinds: Counter[str] = Counter()
    answered, early, hang = 0, 0, 0.0
    for engine in ENGINES[size]:
        home = folder / engine
        home.mkdir()
        record = home / "record"
        clinic = Clinic(home, ASYNC=engine)
        clinic.under = (*RECORDER, "-o", str(record))
        clinic.start()
        sent: dict[str, str] = {}
        for count, visits in ((1, VISITS[size] * EIGHT), (EIGHT, VISITS[size])):
            with hands(clinic.port, count) as staff:
                for wrote in staff.at_once(*[partial(_days_work, visits=visits)] * count):
                    sent |= wrote
                hang = max(hang, staff.slowest)
        with hands(clinic.port, 1) as one:
            sent |= _new_day(one.callers[0], clinic)
        clinic.stop()
        until(partial(_is_whole, record), 60, "The record is whole")
        on_disk = flushed_first(record)
        early += sum(not on_disk.get(request, False) for request in sent)
        answered, kinds = answered + len(sent), kinds + Counter(sent.values())
        record.unlink()
    told = ", ".join(f"{name} {count:,}" for name, count in kinds.items())
    return Outcome(
        "F3", done, answered, early == 0, answered, early, None, hang, f"1 client, then {EIGHT} at once: {told}"
    )


def _cannot_record(folder: Path) -> str:
    """Why nothing can be recorded here; empty where it can."""
    if shutil.which(RECORDER[0]) is None:
        return "strace is not installed"
    tried = subprocess.run([*RECORDER, "-o", str(folder / "tried"), "true"], capture_output=True, text=True, timeout=20)
    return f"strace cannot follow a program here: {tried.stderr.strip()}" if tried.returncode else ""


def _days_work(caller: Caller, visits: int) -> dict[str, str]:
    """So many people check in, are called and seen, or leave. By request, the command."""
    sent: dict[str, str] = {}

    def give(path: str, **fields: object) -> str:
        request = uuid.uuid4().hex
        visit = str(caller.must(path, request=request, **fields)["visit"])
        sent[request] = path.rpartition("/")[2]
        return visit

    for number in range(visits):
        give("/kiosk/check-in", service="doctor")
        called = give("/staff/call-next", room="room-1")
        for step in STEPS[number % len(STEPS)]:
            give(f"/staff/{step}", visit=called)
    return sent


def _new_day(caller: Caller, clinic: Clinic) -> dict[str, str]:
    """The day is closed and another opened. By request, the command."""
    close, opening = uuid.uuid4().hex, uuid.uuid4().hex
    told = [visit["id"] for visit in clinic.line()["visits"]]
    caller.must("/staff/close-day", request=close, confirm=True, told=told)
    caller.must("/staff/open-day", request=opening, rooms=["room-1"])
    return {close: "close-day", opening: "open-day"}


def _is_whole(record: Path) -> bool:
    """Whether the server's end is written down: its first thread goes last."""
    with record.open("rb") as file:
        first = file.readline().split()[0].decode()
        file.seek(-min(record.stat().st_size, 200), 2)
        return re.search(rf"^{first} +\+\+\+ exited", file.read().decode(errors="replace"), re.MULTILINE) is not None


def flushed_first(record: Path) -> dict[str, bool]:
    """By request that was answered, whether its own bytes were on the disk before the answer began."""
    waiting: dict[str, Write] = {}
    found: dict[str, bool] = {}
    for call in calls(record):
        if call.ended is None:
            for request in [one for one, write in waiting.items() if write.handle == call.handle]:
                found[request] = waiting.pop(request).is_on_disk
        elif call.name in RECEIVED:
            waiting |= {request: Write(call.handle) for request in ASKED.findall(call.text)}
        elif call.name in WRITES:
            for request, write in waiting.items():
                if request in call.text:
                    write.written.setdefault(call.handle, call.ended)
        elif call.name in FLUSHES and call.succeeded:
            for write in waiting.values():
                write.is_on_disk |= write.written.get(call.handle, call.began) < call.began
    return found


def calls(record: Path) -> Iterator[Call]:
    """Every call when it has ended, in that order; what sends also when it begins, then without an end."""
    begun: dict[str, Call] = {}
    with record.open(errors="replace") as lines:
        for number, line in enumerate(lines):
            if start := BEGUN.match(line):
                thread, name, handle, text = start.groups()
                call = Call(name, int(handle), text, number, None)
                if name in SENT:
                    yield call
                if text.endswith(UNFINISHED):
                    begun[thread] = call
                else:
                    yield Call(name, call.handle, text, number, number)
            elif (end := RESUMED.match(line)) and end[1] in begun:
                call = begun.pop(end[1])
                yield Call(call.name, call.handle, call.text + end[2], call.began, number)


LOOPS: dict[str, Loop] = {"F3": cut}
