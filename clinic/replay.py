"""Past days lived again: a folder's rows become the facts that the clinic's own log would hold, in time order.

Nothing later than the moment is in the line. Of events at the same second a visit's end comes first, then rooms,
arrivals and ticks, and calls last: an estimate made then has not seen the call. Where the folder does not say when
rooms work, a server counts as working for ten minutes after it was last seen.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
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
    SignedIn,
    Started,
    Told,
)
from clinic.line import Line, Visit, apply, visits_in
from clinic.minutes import DAY, minute, moment
from clinic.order import may_call, waiting
from clinic.past import Past, PastVisit, RoomChange
from clinic.setup import Place, Service, Setup
from clinic.told import tell

FINISH, ROOM, ARRIVE, TICK, LEAVE, CALL, IDLE = range(7)
"""What happens at the same second happens in this order."""

WORKING = 10.0
"""Minutes for which an unrecorded server counts as working after it was last seen."""

ROLLING = 240.0
"""Minutes over which clinics average waits."""

CONFIGURED = 6
"""As how many visits the configured minutes count in QL's mean."""


@dataclass(slots=True)
class Guess:
    """What a usual method says: minutes left, and where it has one, its range."""

    likely: float
    low: float | None = None
    high: float | None = None


@dataclass(slots=True)
class Asked:
    """What one person would have been said at one moment; minutes from `at`. `told`: what stands on the screens then.

    first: at check-in. place: how many are before them in their line, None where lines are not known. guesses: what
    the usual methods say, by name.
    """

    visit: PastVisit
    at: float
    first: bool
    place: int | None
    said: Estimate | CannotSay
    told: Told | None
    guesses: dict[str, Guess]


@dataclass
class Delays:
    """What waits were lately in one line: what clinics go by today."""

    last: float | None = None
    recent: deque[tuple[float, float]] = field(default_factory=deque)
    total: float = 0.0
    count: int = 0

    def add(self, at: float, wait: float) -> None:
        """Somebody was called after waiting so long."""
        self.last = wait
        self.recent.append((at, wait))
        self.total, self.count = self.total + wait, self.count + 1

    def since(self, at: float) -> list[float]:
        """The waits that ended after this minute, by length."""
        while self.recent and self.recent[0][0] < at:
            self.recent.popleft()
        return sorted(wait for _, wait in self.recent)


def setup_of(past: Past, setup: Setup | None = None) -> Setup:
    """The clinic of these days: its services, and the rules of its line. Rooms join as they are seen.

    `setup`: how the clinic is set up as far as that is known; its services keep their minutes.
    """
    order = past.clinic["order"]
    base = past.setup or setup or Setup(name="Past days")
    known = {service.id for service in base.services}
    names = sorted({visit.service for visit in past.visits} - known)
    new = tuple(Service(name, "A", name, past.clinic["expected_minutes"]) for name in names)
    booked = order["rule"] == "booked_or_arrival"
    return replace(
        base, services=(*base.services, *new), timezone="UTC", late_after=order.get("late_after_minutes", 20),
        walk_in_after=order.get("walk_in_after_minutes", 0) if booked else 0,
    )  # fmt: skip


class Replay:
    """One clinic's past, event by event; `history` learns as it goes.

    `ticks`: ask for everybody at check-in and while they wait, else only learn. `after`: the days before these, for
    what the usual methods know of them.
    """

    def __init__(self, past: Past, history: History, ticks: bool = True, after: "Replay | None" = None):
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
        # In the clinic's own days rooms, urgency and who was sent to which room are as its staff said.
        self.own = past.setup is not None
        self.own_rooms = {room.id for room in past.setup.rooms} if past.setup else set()
        self.delays: dict[str, Delays] = after.delays if after else {}
        self.served: tuple[float, int] = after.served if after else (0.0, 0)
        self.day = -1.0
        self.bookings: dict[float, list[PastVisit]] = {}
        for visit in past.visits:
            if visit.booked is not None and self.rule == "booked_or_arrival":
                self.bookings.setdefault(visit.booked // DAY, []).append(visit)
        self.arrivals = enumerate(visit for visit in past.visits if visit.arrived is not None)
        self.events: list[tuple[float, int, int, PastVisit | RoomChange | str]] = []
        for n, change in enumerate(past.changes):
            heappush(self.events, (change.at, ROOM, n, change))
        self._next_arrival()

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

    def _next_arrival(self) -> None:
        """One at a time, so that a million visits do not stand in line for the heap."""
        for n, visit in self.arrivals:
            assert visit.arrived is not None
            heappush(self.events, (visit.arrived, ARRIVE, n, visit))
            return

    def _happens(self, fact: Fact) -> None:
        self.history.teach(Entry(self.line.seq + 1, fact, "past"))

    def _visit(self, at: float, kind: int, number: int, visit: PastVisit) -> Iterator[Asked]:
        here = self.line.visits.get(visit.id)
        if kind == ARRIVE:
            self._next_arrival()
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
            self._happens(Left(moment(at), visit.id))
        elif kind == CALL:
            self._call(at, visit)
            if visit.finished is not None:
                heappush(self.events, (visit.finished, FINISH, number, visit))
        elif here.status == "in_room":
            self._happens(Finished(moment(at), visit.id))
            took, count = self.served
            self.served = (took + at - (visit.called or at), count + 1)
            if not self.recorded and not self.by_server:
                heappush(self.events, (at + WORKING, IDLE, number, visit.server or "?"))

    def _new_day(self, at: float) -> None:
        """A new day begins with nobody here; where people wait over midnight the day goes on without who has gone."""
        self.day = at // DAY
        if waiting(self.line):
            begun = moment(self.day * DAY)
            here = {v.id: v for v in self.line.ongoing if v.status != "expected" or (v.booked and v.booked >= begun)}
            self.history.line = replace(self.line, visits=here)
        else:
            self._happens(Opened(moment(at)))
        for visit in self.bookings.get(self.day, ()):
            if visit.id not in self.line.visits:
                assert visit.booked is not None
                assigned = self._assigned(visit)
                self._has_room(assigned, visit)
                self._happens(Booked(
                    moment(at), visit.id, visit.service, moment(visit.booked), assigned, visit.clinician or None
                ))  # fmt: skip

    def _assigned(self, visit: PastVisit) -> str | None:
        """The one room that sees them. With a line for each server it is whose line they stand in."""
        if self.by_server:
            return visit.assigned or visit.server
        return (visit.assigned or None) if self.own else None

    def _arrive(self, at: float, visit: PastVisit) -> None:
        assigned = self._assigned(visit)
        self._has_room(assigned, visit)
        level = 1 if visit.priority in self.urgent else None
        booked = visit.booked if self.rule == "booked_or_arrival" else None
        if self.own or self.rule == "priority_then_arrival":
            level = int(visit.priority) if visit.priority.isdecimal() and len(visit.priority) < 5 else None
        if visit.priority in self.head_start:  # counted as if they had come so much earlier
            booked = at - self.head_start[visit.priority]
        self._happens(CheckedIn(
            moment(at), visit.id, visit.service, f"A {len(self.line.visits) + 1}", assigned=assigned, level=level,
            booked=None if booked is None else moment(booked), clinician=visit.clinician or None,
        ))  # fmt: skip

    def _call(self, at: float, visit: PastVisit) -> None:
        here = self.line.visits[visit.id]
        room = visit.server or "?"
        delays = self.delays.setdefault(self._line_of(here), Delays())
        wait = at - (visit.arrived or at)
        if wait > 0:
            delays.add(at, wait)
        self._has_room(room, visit)
        for old in visits_in(self.line, room):  # calling again ends a visit whose end nobody recorded
            self._happens(Left(moment(at), old.id, "unrecorded"))
        self._happens(Called(moment(at), visit.id, room))
        if not self.recorded and self.line.room(room).state != "open":
            self._happens(RoomOpened(moment(at), room))
            for place in self.line.setup.rooms:
                self._idle(at, place.id)
        self._happens(Started(moment(at), visit.id))

    def _has_room(self, room: str | None, visit: PastVisit) -> None:
        """The clinic has this room, and it may call this visit; found out as it happens."""
        if room is None or room in self.own_rooms:
            return
        setup = self.line.setup
        place = setup.room(room)
        mine = tuple(s.id for s in setup.services if self._group(s.id) == self._group(visit.service))
        if place is None or place.services != mine:
            others = tuple(one for one in setup.rooms if one.id != room)
            self.history.set_up(replace(setup, rooms=(*others, Place(room, room, mine))))
        if self.by_server and self.line.room(room).state != "open":  # hours unknown: it counts as there
            self._happens(RoomOpened(moment(self.day * DAY), room))

    def _group(self, service: str) -> str:
        if self.clinic["line"] == "by_service_group":
            return self.groups.get(service, str(self.clinic.get("other_group", "")))
        return "line"

    def _line_of(self, visit: Visit) -> str:
        return visit.assigned or visit.clinician or (self._group(visit.service) if self.known else visit.service)

    def _idle(self, at: float, room: str) -> None:
        """An unrecorded server that was not seen for a while has stopped, if another of its line works on."""
        place = self.line.setup.room(room)
        if place is None or self.line.room(room).state != "open" or visits_in(self.line, room):
            return
        freed = self.line.room(room).freed
        if freed and moment(at) - freed < timedelta(minutes=WORKING):
            return
        others = (one for one in self.line.setup.rooms if one.id != room and set(one.services) & set(place.services))
        if any(self.line.room(one.id).state == "open" for one in others):
            self._happens(RoomClosed(moment(at), room))

    def _room(self, change: RoomChange) -> None:
        services = tuple(service.id for service in self.line.setup.services)
        if self.line.setup.room(change.server) is None:
            rooms = (*self.line.setup.rooms, Place(change.server, change.server, services))
            self.history.set_up(replace(self.line.setup, rooms=rooms))
        at = moment(change.at)
        until = None if change.until is None else moment(change.until)
        if change.state == "sign_in":
            self._happens(SignedIn(at, change.server, change.clinician, change.services))
        elif change.state == "pause":
            self._happens(RoomPaused(at, change.server, until))
        elif change.state == "close":
            self._happens(RoomClosed(at, change.server))
        else:
            back = None if change.back is None else moment(change.back)
            self._happens(RoomOpened(at, change.server, until, back))

    def _ask(self, at: float, visit: PastVisit, first: bool) -> Asked:
        now = moment(at)
        here = self.line.visits[visit.id]
        if not self.known:
            return Asked(visit, at, first, None, CannotSay("place_unknown"), None, self._guesses(at, here, None))
        said = estimates(self.line, self.history, now, {visit.id})[visit.id]
        for told in tell(self.line, self.history, now, {visit.id}):
            # What was told teaches nothing: the clinic's own estimate does not learn from it either.
            self.history.line = apply(self.line, Entry(self.line.seq + 1, told, "past"))
        line = self._line_of(here)
        place = [one.id for one in waiting(self.line) if self._line_of(one) == line].index(visit.id)
        stands = self.line.visits[visit.id].told
        return Asked(visit, at, first, place, said, stands, self._guesses(at, here, place))

    def _guesses(self, at: float, visit: Visit, place: int | None) -> dict[str, Guess]:
        """The rolling mean of 4 hours with its middle 80%, LES, HOL and, where lines are known, QL."""
        usual = float(self.clinic["expected_minutes"])
        waited = at - minute(visit.arrived)
        line = self._line_of(visit)
        delays = self.delays.setdefault(line, Delays())
        # With nobody called for four hours the mean of all waits so far is the practice at its best.
        ever = delays.total / delays.count if delays.count else usual
        recent = delays.since(at - ROLLING)
        rolling = Guess(max(0.0, sum(recent) / len(recent) - waited) if recent else max(0.0, ever - waited))
        if recent:
            rolling.low = max(0.0, recent[len(recent) // 10] - waited)
            rolling.high = max(0.0, recent[-1 - len(recent) // 10] - waited)
        heads = (at - minute(v.arrived) for v in waiting(self.line) if self._line_of(v) == line)
        guesses = {
            "rolling": rolling,
            "LES": Guess(max(0.0, (ever if delays.last is None else delays.last) - waited)),
            "HOL": Guess(max(0.0, max(heads, default=0.0) - waited)),
        }
        if place is not None:
            working = sum(
                self.line.room(r.id).state == "open" and may_call(self.line, r.id, visit) for r in self.line.setup.rooms
            )
            took, count = self.served
            mean = (took + usual * CONFIGURED) / (count + CONFIGURED)
            guesses["QL"] = Guess((place + 1) * mean / max(1, working))
        return guesses
