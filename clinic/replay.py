"""Past days lived again: a folder's events in time order, the scene at each moment, and every prediction asked for.

Nothing later than the moment is in the scene. Of events at the same second a visit's end comes first, then rooms,
arrivals and ticks, and calls last: a prediction made then has not seen the call.
"""

from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from statistics import median

from clinic.estimate.mind import Mind, Said
from clinic.estimate.scene import Chair, Person, Scene
from clinic.estimate.times import DAY
from clinic.past import Past, PastVisit, RoomChange

FINISH, ROOM, ARRIVE, TICK, LEAVE, CALL = range(6)
WORKING = 10.0
"""Where rooms are not recorded, a server counts as working for so many minutes after it was last seen."""
SESSION = 60.0


def _came(person: Person) -> float:
    return person.here_at if person.chance < 1 else person.arrived


ORDERS: tuple[Callable[[tuple[tuple[float, float, str], Person]], tuple[float, ...]], ...] = (
    lambda pair: pair[0][:2],
    lambda pair: (pair[0][0], _came(pair[1])),
)
"""Orders a front desk may keep: the configured rule, and plain arrival."""


@dataclass(slots=True)
class Asked:
    """What the estimator and the baselines said to one person at one moment; minutes from `at`."""

    visit: PastVisit
    at: float
    first: bool
    place: int | None
    said: Said | None
    why: str
    baselines: dict[str, float]


class Replay:
    """One clinic's past, event by event; `mind` learns as it goes."""

    def __init__(self, past: Past, mind: Mind, ticks: bool = True):
        self.clinic, self.mind = past.clinic, mind
        order = past.clinic["order"]
        self.rule = order["rule"]
        self.urgent = set(order.get("urgent_first", ()))
        self.head_start = order.get("head_start_minutes", {})
        self.late_after = order.get("late_after_minutes", 20)
        self.walk_in_after = order.get("walk_in_after_minutes", 0)
        self.groups: dict[str, str] = {s: str(g) for g, all_ in past.clinic.get("groups", {}).items() for s in all_}
        self.tick = past.clinic["tick_seconds"] / 60
        self.ticks = ticks
        self.usual = dict.fromkeys({v.service for v in past.visits}, float(past.clinic["expected_minutes"]))
        self.known = past.clinic["line"] != "unknown"
        self.recorded = bool(past.changes)
        self.by_server = past.clinic["line"] == "by_assigned"
        # Rooms known from a history replayed before.
        self.chairs = {room: Chair(room, frozenset(("line",)), "closed") for room in mind.times.openings}
        self.last_seen: dict[str, float] = {}
        self.inside: dict[str, tuple[PastVisit, str]] = {}
        self.at_server: dict[str, list[str]] = {}
        self.waiting: list[tuple[tuple[float, float, str], Person]] = []
        self.by_id: dict[str, tuple[tuple[float, float, str], Person]] = {}
        self.bookings: dict[float, list[PastVisit]] = {}
        self.expected: dict[str, PastVisit] = {}
        self.starts: dict[str, list[float]] = {}
        self.day = -1.0
        self.recent: dict[str, deque[tuple[float, float]]] = {}
        self.les: dict[str, float] = {}
        self.early = -8.0
        self.waits, self.calls = 0.0, 0
        self.events: list[tuple[float, int, int, PastVisit | RoomChange]] = []
        for n, change in enumerate(past.changes):
            heappush(self.events, (change.at, ROOM, n, change))
        for n, visit in enumerate(past.visits):
            if visit.booked is not None:
                self.bookings.setdefault(visit.booked // DAY, []).append(visit)
            if visit.arrived is not None:
                heappush(self.events, (visit.arrived, ARRIVE, n, visit))

    def run(self, heard: Callable[[Asked], None], progress: Callable[[float], None] = lambda _at: None) -> None:
        """Live the days; `heard` gets every prediction as it is made."""
        while self.events:
            at, kind, number, what = heappop(self.events)
            if at // DAY != self.day:
                self._new_day(at // DAY)
                progress(at)
            if isinstance(what, RoomChange):
                self._room(what)
            else:
                for asked in self._visit(at, kind, number, what):
                    heard(asked)

    def _visit(self, at: float, kind: int, number: int, visit: PastVisit) -> Iterator[Asked]:
        if kind == ARRIVE:
            self._arrive(at, visit)
            if visit.called is not None:
                heappush(self.events, (visit.called, CALL, number, visit))
            elif visit.left is not None:
                heappush(self.events, (visit.left, LEAVE, number, visit))
            else:
                self._gone(visit.id)  # nobody knows what became of them
                return
            yield self._ask(at, visit, True)
            heappush(self.events, (at + self.tick, TICK, number, visit))
        elif kind == TICK:
            if visit.id in self.by_id:
                if self.ticks:
                    yield self._ask(at, visit, False)
                heappush(self.events, (at + self.tick, TICK, number, visit))
        elif kind == LEAVE:
            self.mind.left(self._gone(visit.id), at)
        elif kind == CALL:
            self._call(at, visit)
            if visit.finished is not None:
                heappush(self.events, (visit.finished, FINISH, number, visit))
        elif visit.id in self.inside:
            self._finish(at, visit)

    def _new_day(self, day: float) -> None:
        times = self.mind.times
        for _ in self.expected:
            times.kept(999.0)
        self.day = day
        times.new_day(day * DAY)
        self.expected = {v.id: v for v in self.bookings.get(day, ())}
        self.starts = {}
        for visit in self.expected.values():
            assert visit.booked is not None
            self.starts.setdefault(self._queue(visit), []).append(visit.booked)
        for name, booked in self.starts.items():
            booked.sort()
            self.starts[name] = [b for a, b in zip([-1e9, *booked], booked, strict=False) if b - a > SESSION]
        seen = [x for x in times.lateness if x < 900]
        if len(seen) >= 20:
            self.early = median(seen)
        # People may wait over midnight; a visit that never ended is forgotten.
        self.inside, self.at_server = {}, {}
        for chair in self.chairs.values():
            chair.state, chair.busy, chair.stop, chair.until = "closed", (), None, None
            chair.opened_today, chair.free_since = False, None

    def _queue(self, visit: PastVisit) -> str:
        line = str(self.clinic["line"])
        if line == "by_assigned":
            return str(visit.assigned or visit.server)
        if line == "by_service_group":
            return self.groups.get(visit.service, str(self.clinic.get("other_group", "")))
        return "line" if self.known else visit.service

    def _key(self, visit: PastVisit, arrived: float) -> tuple[float, float, str]:
        rank = 0.0 if visit.priority in self.urgent else 1.0
        due = arrived - self.head_start.get(visit.priority, 0.0)
        if self.rule == "priority_then_arrival":
            rank = float(visit.priority) if visit.priority.isdigit() else 9.0
        elif self.rule == "booked_or_arrival":
            if visit.booked is None:
                due = arrived + self.walk_in_after
            elif arrived <= visit.booked + self.late_after:
                due = visit.booked
        return (rank, due, visit.id)

    def _arrive(self, at: float, visit: PastVisit) -> None:
        if self.expected.pop(visit.id, None) and visit.booked is not None:
            self.mind.times.kept(at - visit.booked)
        key = self._key(visit, at)
        queue = self._queue(visit)
        person = Person(
            visit.id, visit.service, queue, at, int(key[0]), visit.booked, self._session(queue, visit.booked)
        )
        insort(self.waiting, (key, person), key=lambda pair: pair[0])
        self.by_id[visit.id] = (key, person)
        if self.by_server and queue not in self.chairs:
            self.chairs[queue] = Chair(queue, frozenset((queue,)), recorded=self.recorded)

    def _session(self, queue: str, booked: float | None) -> float:
        """Nobody is called before the session of their booking begins."""
        if not self.by_server or booked is None:
            return 0.0
        return max((start for start in self.starts.get(queue, ()) if start <= booked), default=0.0)

    def _gone(self, visit: str) -> Person:
        pair = self.by_id.pop(visit)
        self.waiting.remove(pair)
        return pair[1]

    def _call(self, at: float, visit: PastVisit) -> None:
        times = self.mind.times
        self._watch_order(visit.id)
        person = self._gone(visit.id)
        server = visit.server or "?"
        if self.known:
            chair = self.chairs.get(server)
            if chair is None:
                chair = self.chairs[server] = Chair(server, frozenset((person.queue,)), recorded=self.recorded)
            if not self.recorded:
                chair.takes = frozenset((person.queue,))
                chair.state = "open"
            free = chair.free_since
            waited_then = free is not None and person.arrived <= free and not self.at_server.get(server)
            if free is not None and waited_then and (person.booked is None or person.booked <= free + 30):
                times.called_after(server, at - free, free, self.recorded)
            if chair.stop is not None and at > chair.stop + 8:
                times.stopped(server, chair.stop, 0.0)
                chair.stop = None
            if not chair.opened_today and self.recorded and chair.state == "open":
                chair.opened_today = True
            for old in self.at_server.get(server, ()):
                self.inside.pop(old, None)
            self.at_server[server] = [visit.id]
            self.inside[visit.id] = (visit, server)
            chair.busy = ((visit.service, at),)
            self.last_seen[server] = at
        self.mind.called(person, at)
        self.les[person.queue] = at - person.arrived
        self.recent.setdefault(person.queue, deque()).append((at, at - person.arrived))
        self.waits += at - person.arrived
        self.calls += 1

    def _watch_order(self, called: str) -> None:
        """Staff may call otherwise than the rule says: count which of these orders told who would be next."""
        key, person = self.by_id[called]
        others = [pair for pair in self.waiting if pair[1].queue == person.queue and pair[0][0] == key[0]]
        if self.rule != "booked_or_arrival" or len(others) < 2:
            return
        told = [min(others, key=order)[1].id == called for order in ORDERS]
        if not all(told):
            kept = self.mind.habits
            self.mind.habits = [habit * 0.95 + hit for habit, hit in zip(kept, told, strict=True)]

    def _order(self) -> Callable[[tuple[tuple[float, float, str], Person]], tuple[float, ...]]:
        """The order staff keep: the rule, unless another has told the next call clearly better of late."""
        best = max(range(len(ORDERS)), key=lambda n: self.mind.habits[n])
        return ORDERS[best] if self.mind.habits[best] > 1.3 * self.mind.habits[0] + 2 else ORDERS[0]

    def _finish(self, at: float, visit: PastVisit) -> None:
        _, server = self.inside.pop(visit.id)
        if visit.called is not None:
            usual = self.usual.get(visit.service, 15.0)
            self.mind.times.took(visit.service, server, at - visit.called, usual, at)
        self.at_server[server] = [v for v in self.at_server.get(server, ()) if v != visit.id]
        chair = self.chairs[server]
        chair.busy, chair.free_since = (), at
        self.last_seen[server] = at

    def _room(self, change: RoomChange) -> None:
        times = self.mind.times
        chair = self.chairs.setdefault(change.server, Chair(change.server, frozenset(("line",)), "closed"))
        at = change.at
        if change.state == "open":
            times.opened(chair.id, at % DAY)
            chair.opened_today = True
        elif change.state == "resume" and chair.state == "paused":
            if chair.until is not None:
                times.overrun.add(max(-30.0, min(30.0, at - chair.until)))
            elif at - chair.since < 60:
                times.pause_lengths.append(at - chair.since)
        elif change.state == "pause" and change.until is not None and chair.stop is not None:
            times.stopped(chair.id, chair.stop, change.until - at)
        elif change.state == "close" and chair.stop is not None and at < chair.stop + 30:
            times.stopped(chair.id, chair.stop, DAY)
        chair.state = {"open": "open", "resume": "open", "pause": "paused", "close": "closed"}[change.state]
        chair.since = at
        chair.until = change.until if change.state == "pause" else None
        if change.state in ("open", "resume"):
            chair.stop = change.until
        elif change.until is not None or change.state == "close":
            chair.stop = None

    def _working(self, at: float) -> list[Chair]:
        if self.recorded or self.by_server:
            return list(self.chairs.values())
        working = [c for c in self.chairs.values() if c.busy or at - self.last_seen[c.id] <= WORKING]
        covered = {queue for chair in working for queue in chair.takes}
        today = [c for c in self.chairs.values() if self.last_seen.get(c.id, 0) // DAY == at // DAY]
        for queue in {q for c in today for q in c.takes} - covered:
            working.append(max((c for c in today if queue in c.takes), key=lambda c: self.last_seen[c.id]))
        for chair in working:
            chair.state = "open"
        return working

    def _not_away(self, at: float, chairs: list[Chair]) -> list[Chair]:
        """Who stays idle while people wait is away, as long as others of the same line work on."""
        kept = []
        for chair in chairs:
            idle = chair.free_since
            ignored = idle is not None and not chair.busy and at - idle > 3 * self.mind.times.turnover(chair.id) + 0.1
            others = any(other.busy and other.takes == chair.takes for other in chairs)
            if not (ignored and others and any(p.arrived < at and p.queue in chair.takes for _, p in self.waiting)):
                kept.append(chair)
        return kept

    def _scene(self, at: float, only: str | None) -> Scene:
        people = [pair for pair in self.waiting if only in (None, pair[1].queue)]
        for visit in self.expected.values():
            booked = visit.booked or 0.0
            queue = self._queue(visit)
            if only in (None, queue) and at - self.late_after < booked < at + 180:
                here = max(booked + self.early, at + 1.0, self._session(queue, booked))
                chance = min(0.99, self.mind.times.comes(at - booked))
                key = self._key(visit, booked)
                people.append((key, Person(visit.id, visit.service, queue, here, int(key[0]), booked, here, chance)))
        people.sort(key=self._order())
        if self.by_server:  # hours unknown: a provider counts as there
            for chair in self.chairs.values():
                chair.state = "open"
        chairs = [chair for chair in self._working(at) if only is None or only in chair.takes]
        if not self.recorded:
            chairs = self._not_away(at, chairs)
        return Scene(at, [person for _, person in people], chairs, self.usual, self.known)

    def _ask(self, at: float, visit: PastVisit, first: bool) -> Asked:
        # Where lines are apart the others do not touch this one.
        scene = self._scene(at, None if self.clinic["line"] == "one" else self._queue(visit))
        said = self.mind.ask(scene, frozenset((visit.id,))).get(visit.id)
        person = self.by_id[visit.id][1]
        ahead = [p for p in scene.people if p.chance >= 1 and p.queue == person.queue]
        place = ahead.index(person)
        why = "" if said else ("place_unknown" if not self.known else "no_room")
        return Asked(
            visit, at, first, place if self.known else None, said, why, self._baselines(at, person, place, scene)
        )

    def _baselines(self, at: float, person: Person, place: int, scene: Scene) -> dict[str, float]:
        """Rolling mean of 4 hours, LES, HOL and QL, as remaining minutes."""
        waited = at - person.arrived
        recent = self.recent.setdefault(person.queue, deque())
        while recent and recent[0][0] < at - 240:
            recent.popleft()
        usual = float(self.clinic["expected_minutes"])
        # With nobody called for four hours the mean of all waits so far is the practice at its best.
        ever = self.waits / self.calls if self.calls else usual
        mean = sum(wait for _, wait in recent) / len(recent) if recent else ever
        head = max((at - p.arrived for p in scene.people if p.chance >= 1 and p.queue == person.queue), default=0.0)
        times = self.mind.times
        rooms = sum(c.state == "open" and person.queue in c.takes for c in self._working(at))
        work = sum(m.total for m in times.services.values()) + usual * 6
        count = sum(m.count for m in times.services.values()) + 6
        return {
            "rolling": max(0.0, mean - waited),
            "LES": max(0.0, self.les.get(person.queue, usual) - waited),
            "HOL": max(0.0, head - waited),
            "QL": (place + 1) * work / count / max(1, rooms),
        }
