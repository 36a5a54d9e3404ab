"""What an estimate costs where many wait, in this process, with a history of busy days behind it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from bench.figures import Figure
from clinic.estimate import History, estimates
from clinic.events import Called, CheckedIn, Entry, Fact, Finished, Opened, RoomOpened, Started
from clinic.line import Line
from clinic.setup import TEMPLATES
from clinic.told import tell

SETUP = TEMPLATES["urgent-care"]
MORNING = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
WAITING, DAYS, ROUNDS = 300, 5, 20


def cost() -> list[Figure]:
    """Milliseconds for one check-in's estimate and for everybody's, with 300 waiting."""
    history = taught()
    line = crowded(history)
    now = MORNING + timedelta(days=DAYS, minutes=60)
    last = {f"late-{WAITING - 1}"}
    one = _milliseconds(lambda: estimates(line, history, now, last))
    everybody = _milliseconds(lambda: estimates(line, history, now))
    told = _milliseconds(lambda: tell(line, history, now))
    return [
        Figure(f"one estimate, {WAITING} waiting", one, "ms", target=2),
        Figure("  each, when everybody's is made", everybody / WAITING, "ms", target=2),
        Figure("  what everybody is told, worked out", told, "ms"),
    ]


def taught() -> History:
    """A clinic that has lived a few busy days. The same at each run."""
    chance, history = Random(1), History(SETUP)
    for day in range(DAYS):
        start = MORNING + timedelta(days=day)
        facts: list[tuple[datetime, Fact]] = [(start, Opened(start))]
        facts += [(start, RoomOpened(start, room.id)) for room in SETUP.rooms]
        for room in SETUP.rooms:
            free, service = start, room.services[0]
            for n in range(30):
                visit, came = f"{day}-{room.id}-{n}", start + timedelta(minutes=13 * n)
                begin = max(free, came)
                free = begin + timedelta(minutes=chance.lognormvariate(2.5, 0.5))
                facts += [
                    (came, CheckedIn(came, visit, service, f"A {n}")), (begin, Called(begin, visit, room.id)),
                    (begin, Started(begin, visit)), (free, Finished(free, visit)),
                ]  # fmt: skip
        for _, fact in sorted(facts, key=lambda pair: pair[0]):
            history.teach(Entry(history.line.seq + 1, fact))
    return history


def crowded(history: History) -> Line:
    """The next day, when so many people came and nobody was called yet."""
    start = MORNING + timedelta(days=DAYS)
    history.teach(Entry(history.line.seq + 1, Opened(start)))
    for room in SETUP.rooms:
        history.teach(Entry(history.line.seq + 1, RoomOpened(start, room.id)))
    for n in range(WAITING):
        at = start + timedelta(seconds=10 * n)
        service = SETUP.services[n % len(SETUP.services)].id
        history.teach(Entry(history.line.seq + 1, CheckedIn(at, f"late-{n}", service, f"A {n}")))
    return history.line


def _milliseconds(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)[len(took) // 2]
