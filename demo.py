"""Kindline with a simulated day: `python demo.py`. A clinic that breathes, to look at and to try things on.

It starts serve.py on a database that is thrown away at the end, with a clock that runs faster, and does there what
people in a clinic do, through the same HTTP commands. Whoever tries the screens meanwhile takes part: who checks in
on the tablet is called and seen like the others. `Day` is the simulation and touches nothing; `Clinic` is the server.
"""

import argparse
import contextlib
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from clinic.setup import TEMPLATES
from settings import local_zone

TEMPLATE = "urgent-care"
SETUP = TEMPLATES[TEMPLATE]
ROOMS = {room.id: room.name for room in SETUP.rooms}
SERVICES = {service.id: service for service in SETUP.services}
BY_LETTER = {service.letter: service.id for service in SETUP.services}

MINUTE = 60.0
LENGTH = 515 * MINUTE  # from 08:55 to 17:30
AT_THE_DOOR = ("doctor", "nurse", "doctor", "x-ray", "nurse", "doctor", "nurse") * 2
SHARES = {"doctor": 45, "nurse": 44, "x-ray": 11}
BUSY = (1.1, 1.2, 1.2, 1.0, 0.8, 0.9, 1.1, 1.0, 0.8)
"""How many come in each hour of the day, as a share of the usual."""

REASONS = ("needs_care_sooner", "small_child", "unwell")
LANGUAGES = {"en": 60, "es": 25, "ar": 15}
NAMES = {
    "en": (
        "Maya Okafor", "Siân Llewellyn", "王 秀英", "Nguyễn Thị Hoa", "Дмитрий Соколов", "Ελένη Παππά", "प्रिया शर्मा",
        "김 민준", "佐藤 陽子", "Zoë Müller", "Łukasz Wójcik", "አበበ ተስፋዬ", "תמר לוי", "Aoife O'Sullivan", "สมชาย ใจดี",
    ),
    "es": ("María-José Núñez", "Íñigo Etxeberria", "Lucía Peña Ortiz", "Andrés Quispe", "Begoña Güell"),
    "ar": ("فاطمة الزهراء", "يوسف حداد", "مريم الخطيب", "عمر بن سالم", "ليلى منصور"),
}  # fmt: skip

Answer = dict[str, Any]
Life = Iterator[float]
"""What somebody does, one step after the other: runs until it yields for how many seconds it waits."""


@dataclass
class Person:
    """Somebody in the line. `stops`: the services they go on to; `comes`: whether they answer the next call."""

    visit: str
    ticket: str
    service: str
    stops: tuple[str, ...] = ()
    comes: bool = True


class Day:
    """One day of the clinic, on its own clock in seconds.

    `post` sends a command and gives its answer, or None when the clinic's rules said no; `say` tells what happened.
    """

    def __init__(
        self, post: Callable[[str, Answer], Answer | None], say: Callable[[float, str], None], rng: Random, now: float
    ):
        self.now, self.closing, self.over, self.resting = now, now + LENGTH, False, False
        self.waiting: set[str] = set()
        self.people: dict[str, Person] = {}
        self._agenda: list[tuple[float, int, Life]] = []
        self._post, self._say, self._rng, self._planned = post, say, rng, 0

    def play(self, wait_until: Callable[[float], None]) -> None:
        """Let everything happen at its time. A line at the door and full rooms come first, so there is much to see."""
        for service in AT_THE_DOOR:
            self.check_in(service, surely=True)
        for number, room in enumerate(ROOMS):
            self.plan(0, self.work(room, first=1 if number in (0, 2, 4) else 2 * MINUTE))
        for life in (self.arrivals(), self.helps(), self.end()):
            self.plan(0, life)
        while not self.over:
            self.now, _, life = heappop(self._agenda)
            wait_until(self.now)
            seconds = next(life, None)
            if seconds is not None:
                self.plan(seconds, life)

    def plan(self, seconds: float, life: Life) -> None:
        """Go on with this after so long; what is due at the same moment goes on in the order it was planned."""
        self._planned += 1
        heappush(self._agenda, (self.now + seconds, self._planned, life))

    def tell(self, command: str, said: str, **fields: Any) -> Answer | None:
        """Give a command of the staff and say what came of it; None when the rules said no."""
        answer = self._post(f"/staff/{command}", fields)
        if answer:
            change = self.waiting.add if answer.get("status") == "waiting" else self.waiting.discard
            change(answer.get("visit", ""))
            self._say(self.now, said.format(ticket=answer.get("ticket"), room=ROOMS.get(answer.get("room", ""))))
        return answer

    def arrivals(self) -> Life:
        """People come, at random, by the hour, and fewer when they see a full waiting room."""
        yield MINUTE
        while self.now < self.closing:
            self.check_in(self._rng.choices(list(SHARES), list(SHARES.values()))[0])
            hour = int((self.now - self.closing + LENGTH) / 3600)
            crowd = max(0.4, len(self.waiting) / 13) ** 1.5
            yield self._rng.expovariate(BUSY[hour] / (3.5 * crowd * MINUTE))

    def check_in(self, service: str, surely: bool = False) -> None:
        """One person at the tablet. What they will do later is decided now; `surely` they come when called."""
        rng = self._rng
        language = rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        fields = {"service": service, "language": language}
        if rng.random() < 0.7:
            fields |= {"name": rng.choice(NAMES[language]), "call_me": "name" if rng.random() < 0.14 else "number"}
        answer = self._post("/kiosk/check-in", fields)
        if answer:
            stops = ("x-ray", "doctor") if service == "doctor" and rng.random() < 0.1 else ()
            person = Person(answer["visit"], answer["ticket"], service, stops, surely or rng.random() > 0.06)
            self.people[person.visit] = person
            self.waiting.add(person.visit)
            self._say(self.now, f"{person.ticket} checked in, {len(self.waiting)} waiting")
            self.plan(0, self.whims(person.visit))

    def whims(self, visit: str) -> Life:
        """A few do not simply wait until they are called: they leave, step out, or are moved up."""
        roll, patience = self._rng.random(), self._rng.uniform(1, 2) * MINUTE
        yield patience * (20 if roll < 0.03 else 4 if roll < 0.07 else 2)
        if visit not in self.waiting:
            return
        if roll < 0.03:
            self.tell("leave", "{ticket} left", visit=visit)
        elif roll < 0.07 and self.tell("hold", "{ticket} stepped out", visit=visit):
            yield 10 * MINUTE
            self.tell("resume", "{ticket} is back", visit=visit)
        elif 0.07 <= roll < 0.1:
            self.tell("prioritise", "{ticket} is moved up", visit=visit, reason=self._rng.choice(REASONS))

    def work(self, room: str, first: float) -> Life:
        """A room calls and sees one person after the other, with a break now and then."""
        rest_at, answers_in = self.now + self._rng.uniform(50, 240) * MINUTE, first
        while True:
            if rest_at < self.now < self.closing and not self.resting:
                yield from self.rest(room)
                rest_at = self.now + self._rng.uniform(120, 240) * MINUTE
            called = self.tell("call-next", "{ticket} called to {room}", room=room)
            if called is None:  # nobody waits, or somebody at the screens closed the room: look again in a minute
                yield self._rng.uniform(40, 80)
                continue
            visit, ticket = called["visit"], called["ticket"]
            person = self.people.setdefault(visit, Person(visit, ticket, BY_LETTER[ticket[0]]))
            yield from self.see(person, answers_in) if person.comes else self.miss(person)
            answers_in = self._rng.uniform(20, 120)

    def see(self, person: Person, answers_in: float) -> Life:
        """They come in, stay about as long as such a visit takes, and some go on to another service."""
        yield answers_in
        if self.tell("start", "{ticket} is in {room}", visit=person.visit) is None:
            return
        yield SERVICES[person.service].minutes * MINUTE * min(2.5, self._rng.lognormvariate(-0.1, 0.45))
        if person.stops:
            person.service, person.stops = person.stops[0], person.stops[1:]
            self.tell("transfer", "{ticket} goes on elsewhere", visit=person.visit, service=person.service)
        else:
            self.tell("finish", "{ticket} is done", visit=person.visit)
        yield self._rng.uniform(10, 60)

    def miss(self, person: Person) -> Life:
        """They do not come, and are called once more; most turn up later."""
        yield 2.5 * MINUTE
        self.tell("recall", "{ticket} called again to {room}", visit=person.visit)
        yield 2.5 * MINUTE
        if self.tell("no-show", "{ticket} did not come", visit=person.visit):
            person.comes = True
            self.plan(0, self.turn_up(person.visit))
        yield MINUTE / 4

    def turn_up(self, visit: str) -> Life:
        """Who missed the call is back, or really gone."""
        yield 10 * MINUTE
        if self._rng.random() < 0.75:
            self.tell("resume", "{ticket} is back and comes next", visit=visit)
        else:
            self.tell("leave", "{ticket} is gone", visit=visit)

    def rest(self, room: str) -> Life:
        """A break of a quarter of an hour, announced with its end; one room at a time."""
        self.resting = True
        self.tell("pause-room", "{room} pauses", room=room, minutes=15)
        yield 15 * MINUTE
        self.tell("open-room", "{room} is open again", room=room)
        self.resting = False

    def helps(self) -> Life:
        """Now and then somebody at the tablet wants a person, who comes soon."""
        yield 9 * MINUTE
        while self.now < self.closing:
            asked = self._post("/kiosk/help", {"place": "tablet"})
            self._say(self.now, "Somebody asks for help at the tablet")
            yield self._rng.uniform(30, 90)
            if asked:
                self.tell("take-help", "Help is on the way", help=asked["help"])
            yield self._rng.uniform(25, 70) * MINUTE

    def end(self) -> Life:
        """When everybody was seen, and after two hours in any case, the day is closed and the next one opened."""
        yield LENGTH
        while not self.over:
            late = self.now > self.closing + 120 * MINUTE
            self.tell("close-day", "The day is closed", confirm=late)
            self.over = self.tell("open-day", "The next day begins", rooms=list(ROOMS)) is not None
            yield 2 * MINUTE


class Ended(Exception):
    """The demo is over, with this exit status."""

    def __init__(self, status: int, why: str):
        super().__init__(why)
        self.status = status


class Clinic:
    """The running server as the simulation meets it: what it prints, its clock, and its answers to commands."""

    def __init__(self, process: "subprocess.Popen[bytes]", bell: socket.socket, port: str):
        self.process, self._bell, self._port = process, bell, port
        self._said, self._lines, self._sent, self._refused = b"", deque([0.0] * 4, maxlen=4), 0, 0

    def begin(self, start: datetime, speed: float) -> None:
        """Wait until it serves; its clock begins now."""
        while b"Ready." not in self._said:
            self.listen(60)
        self._began, self._start, self._speed = time.monotonic(), start, speed
        self._http = http.client.HTTPConnection("127.0.0.1", int(self._port), timeout=20)
        print(f"A simulated day at {speed:g} times the pace. Ctrl-C ends it and throws its data away.", flush=True)

    def listen(self, seconds: float) -> bool:
        """Pass on what it prints; False when that was nothing for so long. Raises Ended."""
        assert self.process.stdout  # started with a pipe
        output, bell = self.process.stdout.fileno(), self._bell.fileno()
        heard, _, _ = select.select([output, bell], [], [], seconds)
        if bell in heard:
            raise Ended(0, f"The demo is over: {self._sent} commands, {self._refused} of them refused by the rules.")
        if output in heard:
            said = os.read(output, 65536)
            if not said:
                why = "The server has ended, so the demo ends too." if self._sent else ""  # it has said itself why not
                raise Ended(abs(self.process.wait()) or 1, why)
            print(said.decode(errors="replace"), end="", flush=True)
            self._said = self._said[-100:] + said
        return bool(heard)

    def wait_until(self, when: float) -> None:
        """Until so many seconds have passed on its clock."""
        while self.listen(max(0.0, self._began + when / self._speed - time.monotonic())):
            pass

    def post(self, path: str, fields: Answer) -> Answer | None:
        """Send a command; its answer, or None when the rules say no. Raises Ended for any other answer."""
        status, said = self._ask(path, json.dumps({**fields, "request": str(uuid.uuid4())}))
        if status not in (200, 201, 409):
            raise Ended(1, f"{path} was answered with {status}: {said[:500]}")
        self._sent, self._refused = self._sent + 1, self._refused + (status == 409)
        return None if status == 409 else json.loads(said)

    def _ask(self, path: str, body: str) -> tuple[int, str]:
        for _ in range(2):  # a connection long idle may be closed by now; the same `request` twice is done once
            try:
                self._http.request("POST", path, body, {"Content-Type": "application/json"})
                answer = self._http.getresponse()
                return answer.status, answer.read().decode(errors="replace")
            except (http.client.HTTPException, OSError) as problem:
                self._http.close()
                why = f"{path} was not answered: {problem!r}"
        while self.listen(1):
            pass  # its last words, if it has ended
        raise Ended(1, why)

    def say(self, when: float, what: str) -> None:
        """One line of what happens; those beyond four in a second are left out."""
        if time.monotonic() - self._lines[0] >= 1:
            self._lines.append(time.monotonic())
            print(f"{self._start + timedelta(seconds=when):%H:%M}  {what}", flush=True)


@contextlib.contextmanager
def running(bell: socket.socket, port: str, **chosen: str) -> Iterator[Clinic]:
    """A server on a throw-away folder; both are gone afterwards."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KINDLINE_")}
    command, here = [sys.executable, "serve.py"], Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory(prefix="kindline-demo-") as folder:
        chosen |= {"DATA": folder, "HOST": "127.0.0.1", "PORT": port, "TEMPLATE": TEMPLATE}
        environ |= {f"KINDLINE_{name}": value for name, value in chosen.items()}
        # A session of its own: Ctrl-C is for us, and we tell the server.
        with subprocess.Popen(  # noqa: S603 (our own program)
            command, cwd=here, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        ) as process:
            try:
                yield Clinic(process, bell, port)
            finally:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                process.kill()


def options() -> argparse.Namespace:
    """What was asked for; the server checks the values."""
    port, engine = (os.environ.get(f"KINDLINE_{name}") for name in ("PORT", "ASYNC"))
    parser = argparse.ArgumentParser(description="Kindline with a simulated day, on data that is thrown away.")
    parser.add_argument("--speed", type=float, default=30, help="times the real pace (30)")
    parser.add_argument("--port", default=port or "8000", help="where it serves (8000)")
    parser.add_argument("--seed", type=int, default=7, help="another number makes another day (7)")
    parser.add_argument("--async", dest="engine", default=engine or "eventlet", help="eventlet or threading")
    return parser.parse_args()


def main() -> int:
    """One day after another until told to stop. The exit status."""
    asked, (bell, button) = options(), socket.socketpair()
    button.setblocking(False)
    signal.set_wakeup_fd(button.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # it only rings the bell
    start = datetime.now(ZoneInfo(local_zone())).replace(hour=8, minute=55, second=0, microsecond=0)
    chosen = {"SPEED": str(asked.speed), "START": start.isoformat(), "ASYNC": asked.engine}
    rng, now = Random(asked.seed), 0.0
    try:
        with running(bell, asked.port, **chosen) as clinic:
            clinic.begin(start, asked.speed)
            while True:
                day = Day(clinic.post, clinic.say, rng, now)
                day.play(clinic.wait_until)
                now = day.now
    except Ended as end:
        print(end, end="\n" if str(end) else "", file=sys.stderr)
        return end.status


if __name__ == "__main__":
    sys.exit(main())
