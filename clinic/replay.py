"""Past days lived again: a folder's rows become the facts that the clinic's own log would hold, in time order.

Nothing later than the moment is in the line. Of events at the same second a visit's end comes first, then rooms,
arrivals and ticks, and calls last: an estimate made then has not seen the call. Where the folder does not say when
rooms work, a server counts as working for ten minutes after it was last seen.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from clinic.estimate import CannotSay, Estimate, History, estimates
from clinic.events import (
    Booked,
    Called,
    CheckedIn,
    Entry,
    Fact,
    Finished,
    Left,
    Opened,
    RoomClosed,
    RoomOpened,
    RoomPaused,
    Started,
)
from clinic.line import Line, Visit, may_call, visits_in, waiting
from clinic.past import EPOCH, Past, PastVisit, RoomChange
from clinic.setup import Place, Service, Setup

FINISH, ROOM, ARRIVE, TICK, LEAVE, CALL, IDLE = range(7)
DAY = 1440.0
WORKING = 10.0
"""Minutes for which an unrecorded server counts as working after it was last seen."""


@dataclass(slots=True)
class Asked:
    """What the estimator and the baselines said to one person at one moment; minutes from `at`."""

    visit: PastVisit
    at: float
    first: bool
    place: int | None
    said: Estimate | CannotSay
    baselines: dict[str, float]


@dataclass
class Delays:
    """What waits were lately in one line: what clinics go by today."""

    last: float | None = None
    recent: deque[tuple[float, float]] = field(default_factory=deque)
    total: float = 0.0
    count: int = 0


def setup_of(past: Past, setup: Setup | None = None) -> Setup:
    """The clinic of this folder: its services, and the rules of its line. Rooms join as they are seen."""
    order = past.clinic["order"]
    known = set() if setup is None else {service.id for service in setup.services}
    names = sorted({visit.service for visit in past.visits} - known)
    new = tuple(Service(name, "A", name, past.clinic["expected_minutes"]) for name in names)
    base = setup or Setup(name="Past days")
    return replace(
        base, services=(*base.services, *new), timezone="UTC", late_after=order.get("late_after_minutes", 20),
        walk_in_after=order.get("walk_in_after_minutes", 0) if order["rule"] == "booked_or_arrival" else 0,
    )  # fmt: skip


class Replay:
    """One clinic's past, event by event; `history` learns as it goes."""

    def __init__(self, past: Past, history: History, ticks: bool = True):
        self.clinic, self.history, self.ticks = past.clinic, history, ticks
        self.history.set_up(setup_of(past, history.line.setup if history.line.setup.services else None))
        order = past.clinic["order"]
        self.rule = order["rule"]
        self.urgent = set(order.get("urgent_first", ()))
        self.head_start = order.get("head_start_minutes", {})
        self.groups: dict[str, str] = {s: str(g) for g, all_ in past.clinic.get("groups", {}).items() for s in all_}
        self.tick = past.clinic["tick_seconds"] / 60
        self.known = past.clinic["line"] != "unknown"
        self.recorded = bool(past.changes)
        self.by_server = past.clinic["line"] == "by_assigned"
        self.delays: dict[str, Delays] = {}
        self.served = (0.0, 0)
        self.day = -1.0
        self.bookings: dict[float, list[PastVisit]] = {}
        self.events: list[tuple[float, int, int, PastVisit | RoomChange | str]] = []
        for n, change in enumerate(past.changes):
            heappush(self.events, (change.at, ROOM, n, change))
        for n, visit in enumerate(past.visits):
            if visit.booked is not None and self.rule == "booked_or_arrival":
                self.bookings.setdefault(visit.booked // DAY, []).append(visit)
            if visit.arrived is not None:
                heappush(self.events, (visit.arrived, ARRIVE, n, visit))

    @property
    def line(self) -> Line:
        """The line at this moment."""
        return self.history.line

    def run(self, heard: Callable[[Asked], None], progress: Callable[[float], None] = lambda _at: None) -> None:
        """Live the days; `heard` gets every estimate as it is made."""
        while self.events:
            at, kind, number, what = heappop(self.events)
            if at // DAY != self.day:
                self._new_day(at)
                progress(at)
            if isinstance(what, RoomChange):
                self._room(what)
            elif isinstance(what, str):
                self._idle(at, what)
            else:
                for asked in self._visit(at, kind, number, what):
                    heard(asked)

    def _happens(self, fact: Fact) -> None:
        self.history.teach(Entry(self.line.seq + 1, fact, "past"))

    def _visit(self, at: float, kind: int, number: int, visit: PastVisit) -> Iterator[Asked]:
        here = self.line.visits.get(visit.id)
        if kind == ARRIVE:
            if visit.called is None and visit.left is None:
                return  # nobody knows what became of them
            self._arrive(at, visit)
            heappush(self.events, (visit.called, CALL, number, visit) if visit.called is not None
                     else (visit.left or at, LEAVE, number, visit))  # fmt: skip
            if self.ticks:
                yield self._ask(at, visit, True)
                heappush(self.events, (at + self.tick, TICK, number, visit))
        elif here is None:
            return  # the day they came on is over
        elif kind == TICK:
            if here.status == "waiting":
                yield self._ask(at, visit, False)
                heappush(self.events, (at + self.tick, TICK, number, visit))
        elif kind == LEAVE:
            self._happens(Left(_time(at), visit.id))
        elif kind == CALL:
            self._call(at, visit)
            if visit.finished is not None:
                heappush(self.events, (visit.finished, FINISH, number, visit))
        elif here.status == "in_room":
            self._happens(Finished(_time(at), visit.id))
            took, count = self.served
            self.served = (took + at - (visit.called or at), count + 1)
            if not self.recorded and not self.by_server:
                heappush(self.events, (at + WORKING, IDLE, number, visit.server or "?"))

    def _new_day(self, at: float) -> None:
        """A new day begins with nobody here; people may wait over midnight."""
        self.day = at // DAY
        if not waiting(self.line):
            self._happens(Opened(_time(at)))
        for visit in self.bookings.get(self.day, ()):
            if visit.id not in self.line.visits:
                assert visit.booked is not None
                assigned = (visit.assigned or visit.server) if self.by_server else None
                self._has_room(assigned, visit)
                self._happens(Booked(_time(at), visit.id, visit.service, _time(visit.booked), assigned))

    def _arrive(self, at: float, visit: PastVisit) -> None:
        assigned = (visit.assigned or visit.server) if self.by_server else None
        self._has_room(assigned, visit)
        level = 1 if visit.priority in self.urgent else None
        booked = visit.booked if self.rule == "booked_or_arrival" else None
        if self.rule == "priority_then_arrival":
            level = int(visit.priority) if visit.priority.isdigit() else None
        if visit.priority in self.head_start:  # counted as if they had come so much earlier
            booked = at - self.head_start[visit.priority]
        self._happens(CheckedIn(
            _time(at), visit.id, visit.service, f"A {len(self.line.visits) + 1}", assigned=assigned, level=level,
            booked=None if booked is None else _time(booked),
        ))  # fmt: skip

    def _call(self, at: float, visit: PastVisit) -> None:
        here = self.line.visits[visit.id]
        room = visit.server or "?"
        delays = self.delays.setdefault(self._line_of(here), Delays())
        wait = at - (visit.arrived or at)
        if wait > 0:
            delays.last = wait
            delays.recent.append((at, wait))
            delays.total, delays.count = delays.total + wait, delays.count + 1
        self._has_room(room, visit)
        for old in visits_in(self.line, room):  # calling again ends a visit whose end nobody recorded
            self._happens(Left(_time(at), old.id, "unrecorded"))
        self._happens(Called(_time(at), visit.id, room))
        if not self.recorded and self.line.room(room).state != "open":
            self._happens(RoomOpened(_time(at), room))
            for place in self.line.setup.rooms:
                self._idle(at, place.id)
        self._happens(Started(_time(at), visit.id))

    def _has_room(self, room: str | None, visit: PastVisit) -> None:
        """The clinic has this room, and it may call this visit; found out as it happens."""
        if room is None:
            return
        setup = self.line.setup
        place = setup.room(room)
        mine = tuple(s.id for s in setup.services if self._group(s.id) == self._group(visit.service))
        if place is None or place.services != mine:
            others = tuple(one for one in setup.rooms if one.id != room)
            self.history.set_up(replace(setup, rooms=(*others, Place(room, room, mine))))
        if self.by_server and self.line.room(room).state != "open":  # hours unknown: it counts as there
            self._happens(RoomOpened(_time(self.day * DAY), room))

    def _group(self, service: str) -> str:
        if self.clinic["line"] == "by_service_group":
            return self.groups.get(service, str(self.clinic.get("other_group", "")))
        return "line"

    def _line_of(self, visit: Visit) -> str:
        return visit.assigned or (self._group(visit.service) if self.known else visit.service)

    def _idle(self, at: float, room: str) -> None:
        """An unrecorded server that was not seen for a while has stopped, if another of its line works on."""
        place = self.line.setup.room(room)
        if place is None or self.line.room(room).state != "open" or visits_in(self.line, room):
            return
        freed = self.line.room(room).freed
        if freed and _time(at) - freed < timedelta(minutes=WORKING):
            return
        others = (one for one in self.line.setup.rooms if one.id != room and set(one.services) & set(place.services))
        if any(self.line.room(one.id).state == "open" for one in others):
            self._happens(RoomClosed(_time(at), room))

    def _room(self, change: RoomChange) -> None:
        services = tuple(service.id for service in self.line.setup.services)
        if self.line.setup.room(change.server) is None:
            rooms = (*self.line.setup.rooms, Place(change.server, change.server, services))
            self.history.set_up(replace(self.line.setup, rooms=rooms))
        at = _time(change.at)
        until = None if change.until is None else _time(change.until)
        if change.state == "pause":
            self._happens(RoomPaused(at, change.server, until))
        elif change.state == "close":
            self._happens(RoomClosed(at, change.server))
        else:
            self._happens(RoomOpened(at, change.server, until))

    def _ask(self, at: float, visit: PastVisit, first: bool) -> Asked:
        now = _time(at)
        here = self.line.visits[visit.id]
        if not self.known:
            return Asked(visit, at, first, None, CannotSay("place_unknown"), self._baselines(at, here, 0))
        said = estimates(self.line, self.history, now, {visit.id})[visit.id]
        line = self._line_of(here)
        ahead = [one.id for one in waiting(self.line) if self._line_of(one) == line]
        place = ahead.index(visit.id)
        return Asked(visit, at, first, place, said, self._baselines(at, here, place))

    def _baselines(self, at: float, visit: Visit, place: int) -> dict[str, float]:
        """Rolling mean of 4 hours, LES, HOL and QL, as remaining minutes."""
        usual = float(self.clinic["expected_minutes"])
        waited = at - _minute(visit.arrived)
        line = self._line_of(visit)
        delays = self.delays.setdefault(line, Delays())
        while delays.recent and delays.recent[0][0] < at - 240:
            delays.recent.popleft()
        # With nobody called for four hours the mean of all waits so far is the practice at its best.
        ever = delays.total / delays.count if delays.count else usual
        recent = [wait for _, wait in delays.recent]
        mean = sum(recent) / len(recent) if recent else ever
        heads = (at - _minute(v.arrived) for v in waiting(self.line) if self._line_of(v) == line)
        working = sum(self.line.room(r.id).state == "open" and may_call(r, visit) for r in self.line.setup.rooms)
        took, count = self.served
        return {
            "rolling": max(0.0, mean - waited),
            "LES": max(0.0, (ever if delays.last is None else delays.last) - waited),
            "HOL": max(0.0, max(heads, default=0.0) - waited),
            "QL": (place + 1) * (took + usual * 6) / (count + 6) / max(1, working),
        }


def _time(minute: float) -> datetime:
    return (EPOCH + timedelta(minutes=minute)).replace(tzinfo=UTC)


def _minute(at: datetime) -> float:
    return (at.replace(tzinfo=None) - EPOCH).total_seconds() / 60
