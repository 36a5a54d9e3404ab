"""The server is killed, or told to stop, while people check in: nothing acknowledged is lost or doubled."""

import http.client
import json
import random
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from clinic.store import look_into
from faults.outcome import Loop, Outcome, Size
from tests.browser.server import Clinic, until

CLIENTS = 16

ROUNDS = {Size.FULL: 200, Size.SHORT: 2}
STOPS = {Size.FULL: 50, Size.SHORT: 1}

TOLD = 60, 150
"""A round ends when so many more have been told their number, whatever the machine's pace: 200 make over 20,000."""

FRESH = 4
"""Rounds that one clinic lives: a day on which many hundred wait is no clinic's."""

HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass
class Asked:
    """By request, what clients were told: their ticket, or nothing yet. slowest: seconds."""

    told: dict[str, str | None] = field(default_factory=dict)
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def acknowledged(self) -> int:
        """How many were told their ticket."""
        with self.lock:
            return sum(ticket is not None for ticket in self.told.values())

    def ask(self, port: int, request: str, connection: http.client.HTTPConnection | None = None) -> bool:
        """One check-in under this request; whether it was answered."""
        with self.lock:
            self.told.setdefault(request, None)
        own = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        began = time.monotonic()
        try:
            own.request("POST", "/kiosk/check-in", json.dumps({"service": "doctor", "request": request}), HEADERS)
            answer = own.getresponse()
            said = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            if connection is None:
                own.close()
        if answer.status != 201:
            return False
        with self.lock:
            self.told[request] = said["ticket"]
            self.slowest = max(self.slowest, time.monotonic() - began)
        return True


def killed(folder: Path, size: Size) -> Outcome:
    """kill -9 while 16 clients check in; the start after it knows everybody who was told a number."""
    return _ended(folder, ROUNDS[size], "F1", "kill -9 while 16 clients check in", lambda clinic: clinic.kill())


def stopped(folder: Path, size: Size) -> Outcome:
    """SIGTERM while 16 clients check in: as kill -9, and gone within five seconds."""
    return _ended(folder, STOPS[size], "F2", "SIGTERM while 16 clients check in", lambda clinic: clinic.stop())


def _ended(folder: Path, rounds: int, fault: str, done: str, end: Callable[[Clinic], None]) -> Outcome:
    acknowledged = lost = doubled = 0
    hang, longest_end = 0.0, 0.0
    dice = random.Random(7)
    for first in range(0, rounds, FRESH):
        home = folder / str(first)
        home.mkdir()
        clinic, asked = Clinic(home).start(), Asked()
        for _ in range(min(FRESH, rounds - first)):
            unanswered = _rush(clinic, asked, dice, end)
            longest_end = max(longest_end, unanswered[1])
            clinic.start()
            # Who was not answered tries again, as the tablet does, under the same request.
            for request in unanswered[0]:
                if not asked.ask(clinic.port, request):
                    raise RuntimeError("A server that has just started answers no check-in.")
        clinic.kill()
        missing, twice = compare(home / "data", asked)
        acknowledged, lost, doubled = acknowledged + asked.acknowledged, lost + missing, doubled + twice
        hang = max(hang, asked.slowest)
        so_far = f"{min(first + FRESH, rounds)} of {rounds} rounds: {acknowledged:,} acknowledged"
        print(f"      {so_far}, {lost} lost, {doubled} doubled", file=sys.stderr, flush=True)
    kept = lost == doubled == 0 and (fault == "F1" or longest_end <= 5)
    note = f"the slowest end took {longest_end:.2f} s" if fault == "F2" else ""
    return Outcome(fault, done, rounds, kept, acknowledged, lost, doubled, hang, note)


def _rush(
    clinic: Clinic, asked: Asked, dice: random.Random, end: Callable[[Clinic], None]
) -> tuple[list[str], float]:  # fmt: skip
    """Clients check in until the server ends; the requests that were not answered, and how long the end took."""
    over, before, enough = threading.Event(), set(asked.told), asked.acknowledged + dice.randint(*TOLD)

    def client() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", clinic.port, timeout=20)) as connection:
            while not over.is_set() and asked.ask(clinic.port, uuid.uuid4().hex, connection):
                pass

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    until(lambda: asked.acknowledged >= enough, 60, "So many have checked in")
    time.sleep(dice.uniform(0, 0.05))  # at any moment of the next check-ins
    began = time.monotonic()
    end(clinic)
    took = time.monotonic() - began
    over.set()
    for one in clients:
        one.join()
    return [request for request in asked.told.keys() - before if asked.told[request] is None], took


def compare(data: Path, asked: Asked) -> tuple[int, int]:
    """How many that were told a number the database does not know, and how many requests or numbers it has twice."""
    with look_into(data) as db:
        rows = db.execute(
            "select request, json_extract(data, '$.ticket') from event where kind = 'CheckedIn' and request is not null"
        ).fetchall()
    known = dict(rows)
    lost = sum(ticket is not None and known.get(request) != ticket for request, ticket in asked.told.items())
    requests, tickets = Counter(request for request, _ in rows), Counter(ticket for _, ticket in rows)
    return lost, sum(n - 1 for counted in (requests, tickets) for n in counted.values())


LOOPS: dict[str, Loop] = {"F1": killed, "F2": stopped}
