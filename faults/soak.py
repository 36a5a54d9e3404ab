"""One server for hours at ten times a clinic's load, with screens that come and go: does it grow? `make soak`.

An hour, or as long as is said. Every ten seconds its memory, threads, handles and sockets are read from /proc. It
holds when, from the end of the warm-up to the end, memory grew by 5 % at most and threads and handles not at all; when
no socket is left after everybody is gone; and when nobody who was told a number is missing. Prints a table, and keeps
faults/results/soak.json with every sample and soak.svg, which draws them. Ends with 1 when it did not hold.
"""

import argparse
import asyncio
import http.client
import json
import random
import sys
import tempfile
import time
import uuid
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from bench.figures import machine
from faults.network import Tablet, counted
from faults.outcome import Outcome, plain, table
from faults.picture import draw
from faults.visitors import Visitors
from tests.browser.server import Clinic

RESULTS = Path(__file__).parent / "results"

ARRIVALS = 70.0
"""People a minute: a busy clinic has seven. As many are called, start and finish."""
PAGES = 60.0
"""Pages a minute, one after the other of those that people open."""
TVS, PHONES, CONSOLES = 50, 200, 10
WAITING = 30
"""How many wait when the day begins."""

DAY = 15.0
"""Minutes until the day is closed and a new one opened; a quarter of all where all is short."""
SAMPLE = 10.0
"""Seconds between two looks at the server."""
WARM_UP = 3.0
"""Minutes that are not judged, or a tenth of all where that is more."""

GROWTH = 1.05
"""The memory at the end, as a share of that after the warm-up."""
LEFT = 8
"""Sockets that the server may hold when everybody is gone: those it listens on, and the engine's own. It is 5."""


@dataclass(frozen=True)
class Sample:
    """The server at one moment: minutes since the start, megabytes, and how many of each."""

    minute: float
    memory: float
    threads: int
    handles: int
    sockets: int
    database: float


@dataclass
class Soak:
    """One run. `told`: by request the ticket that was answered; `failed`: what was not answered as it should be."""

    clinic: Clinic
    minutes: float
    dice: random.Random = field(default_factory=lambda: random.Random(26))
    told: dict[str, str] = field(default_factory=dict)
    phones: deque[str] = field(default_factory=lambda: deque(maxlen=PHONES))
    in_room: dict[str, str] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    days: int = 0
    began: float = field(default_factory=time.monotonic)

    async def run(self) -> tuple[Visitors, Sample]:
        """All of it, and how the server is when everybody has gone."""
        for _ in range(WAITING):
            await self._arrive()
        visitors = Visitors(self.clinic.port, self.dice)
        visitors.add(TVS, lambda: f"display/main/{self.dice.choice(('en', 'es', 'ar'))}")
        visitors.add(PHONES, lambda: f"phone/{self.dice.choice(self.phones)}/en")
        visitors.add(CONSOLES, lambda: "staff/main/en")
        day = min(DAY, self.minutes / 4)
        every = {self._arrive: 60 / ARRIVALS, self._see: 60 / ARRIVALS, self._look: 60 / PAGES,
                 self._sample: SAMPLE, self._next_day: day * 60}  # fmt: skip
        work = [asyncio.create_task(self._every(seconds, job)) for job, seconds in every.items()]
        done, _ = await asyncio.wait(work, timeout=self.minutes * 60, return_when=asyncio.FIRST_EXCEPTION)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        for task in done:
            task.result()
        await visitors.leave()
        await asyncio.sleep(15)  # the server asks twice before it takes a silent one for gone
        return visitors, self._now()

    async def _every(self, seconds: float, job: Any) -> None:
        """Do this again and again; who is late once does not come twice as often later."""
        while True:
            due = time.monotonic() + seconds
            await job()
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _ask(self, method: str, path: str, fields: Any = None, fine: tuple[int, ...] = (200, 201)) -> Any:
        """One request, and the answer where it is JSON."""
        try:
            status, said = await asyncio.to_thread(self.clinic.ask, method, path, fields, fields is None)
        except (OSError, http.client.HTTPException) as problem:
            status, said = 0, repr(problem).encode()
        if status not in fine:
            self.failed.append(f"{method} {path.split('/')[1]}: {status} {said[:100].decode(errors='replace')}")
        return json.loads(said) if status in (200, 201) and said.startswith(b"{") else {}

    async def _arrive(self) -> None:
        request = uuid.uuid4().hex
        service = self.dice.choice(("doctor", "doctor", "nurse"))
        said = await self._ask("POST", "/kiosk/check-in", {"service": service, "request": request, "name": "Ana Sol"})
        if said:
            self.told[request] = said["ticket"]
            self.phones.append(urlsplit(said["url"]).path.rpartition("/")[2])

    async def _see(self) -> None:
        """The next room finishes a visit and calls the next."""
        room = f"room-{self.dice.randint(1, 3)}"
        gone = self.in_room.pop(room, "")
        # A day may have been closed in between.
        fine = (200, 409)
        if gone:
            await self._ask("POST", "/staff/start", {"visit": gone, "request": uuid.uuid4().hex}, fine)
            await self._ask("POST", "/staff/finish", {"visit": gone, "request": uuid.uuid4().hex}, fine)
        said = await self._ask("POST", "/staff/call-next", {"room": room, "request": uuid.uuid4().hex}, fine)
        if said:
            self.in_room[room] = said["visit"]

    async def _look(self) -> None:
        pages = ("/kiosk", "/display", "/staff", "/staff/trust", "/healthz", f"/t/{self.dice.choice(self.phones)}")
        await self._ask("GET", self.dice.choice(pages))

    async def _next_day(self) -> None:
        if time.monotonic() - self.began < 60:
            return  # the first day has just begun
        await asyncio.to_thread(self.clinic.close_day)
        rooms = {"rooms": ["room-1", "room-2", "room-3"], "request": uuid.uuid4().hex}
        await self._ask("POST", "/staff/open-day", rooms)
        self.in_room.clear()
        self.days += 1

    async def _sample(self) -> None:
        self.samples.append(self._now())

    def _now(self) -> Sample:
        proc = Path("/proc") / str(self.clinic.pid)
        status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
        kinds = [_kind(path) for path in (proc / "fd").iterdir()]
        files = (self.clinic.folder / "data").glob("kindline.db*")
        return Sample(
            round((time.monotonic() - self.began) / 60, 2), int(status["VmRSS"].split()[0]) / 1024,
            int(status["Threads"]), len(kinds) - kinds.count("socket"), kinds.count("socket"),
            sum(path.stat().st_size for path in files) / 1e6,
        )  # fmt: skip


def _kind(handle: Path) -> str:
    try:
        return str(handle.readlink()).partition(":")[0]
    except FileNotFoundError:  # closed since we looked
        return "closed"


def judged(samples: list[Sample], minutes: float) -> tuple[list[Sample], list[Sample]]:
    """What is compared: the first and the last of what came after the warm-up, each a day or a third of it."""
    warm = [one for one in samples if one.minute >= max(WARM_UP, minutes / 10)]
    long = min(DAY, minutes / 4)
    count = max(1, min(len(warm) // 3, round(long * 60 / SAMPLE)))
    return warm[:count], warm[-count:]


def verdict(soak: Soak, visitors: Visitors, after: Sample) -> Outcome:
    """Whether it held."""
    first, last = judged(soak.samples, soak.minutes)
    memory = [median(one.memory for one in part) for part in (first, last)]
    threads = [max(one.threads for one in part) for part in (first, last)]
    handles = [max(one.handles for one in part) for part in (first, last)]
    lost, doubled = counted(soak.clinic, Tablet(soak.clinic.port, told=soak.told))
    held = (
        memory[1] <= memory[0] * GROWTH and threads[1] <= threads[0] and handles[1] <= handles[0]
        and after.sockets <= LEFT and not lost and not doubled and not soak.failed
    )  # fmt: skip
    done = f"{soak.minutes:g} min at ten times a clinic's load, {TVS + PHONES + CONSOLES} screens"
    note = (
        f"memory {memory[0]:.1f} to {memory[1]:.1f} MiB ({memory[1] / memory[0] - 1:+.1%}), threads {threads[0]} to "
        f"{threads[1]}, handles {handles[0]} to {handles[1]}, {after.sockets} sockets when all are gone, {soak.days} "
        f"days closed, {visitors.came} connections ({visitors.failed} failed), {visitors.shown} screens shown, "
        f"{len(soak.failed)} requests failed {soak.failed[:1]}"
    )
    return Outcome("F26", done, 1, held, len(soak.told), lost, doubled, note=note)


def main() -> int:
    """Run, print, keep, draw. The exit status: 0 when it held, 1 when not, 2 when it was too short to say."""
    parser = argparse.ArgumentParser(prog="python -m faults.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=1.0, help="how long; an hour where nothing is said")
    parser.add_argument("--minutes", type=float, help="how long, in minutes")
    asked = parser.parse_args()
    minutes = asked.minutes or 60 * asked.hours
    if minutes < 5:
        print("Say 5 minutes at least: the first three are not judged.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="kindline-soak-") as folder:
        clinic = Clinic(Path(folder)).start()
        try:
            soak = Soak(clinic, minutes)
            visitors, after = asyncio.run(soak.run())
            clinic.stop()
            outcome = verdict(soak, visitors, after)
        finally:
            clinic.kill()
    RESULTS.mkdir(exist_ok=True)
    samples = [asdict(one) for one in soak.samples]
    kept = {"machine": machine(), "outcome": plain([outcome])[0], "samples": samples}
    (RESULTS / "soak.json").write_text(json.dumps(kept, indent=1) + "\n")
    (RESULTS / "soak.svg").write_text(draw(samples, outcome.done))
    print(table([outcome]))
    return int(not outcome.held)


if __name__ == "__main__":
    sys.exit(main())
