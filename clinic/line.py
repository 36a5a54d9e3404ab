"""The line: who is here, in what order, in which room. A fold of the day's facts, and the one rule of the order.

Everybody who shows or changes an order asks `waiting` here, so "next", the TV, the phone and the estimate agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from clinic import events as e
from clinic.setup import Place, Setup

HERE = ("waiting", "called", "in_room", "on_hold", "no_show")
"""The statuses of people who are in the clinic, or whose place is kept."""

NOT_URGENT = 9
"""The level of who was given none."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's stay today. `seq` is the fact that began it, `last` the latest fact that staff may undo.

    status: expected, waiting, called, in_room, on_hold, no_show, done or left. Who is expected has no ticket yet, and
    `arrived` is their booked time. `call` is the seq of the latest call.
    """

    id: str
    ticket: str
    service: str
    arrived: datetime
    seq: int
    status: str = "waiting"
    since: datetime | None = None
    language: str = "en"
    call_me: str = "number"
    booked: datetime | None = None
    assigned: str | None = None
    level: int | None = None
    priority: str | None = None
    returned: bool = False
    room: str | None = None
    calls: int = 0
    call: int = 0
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    left_why: str | None = None
    first_told: e.Told | None = None
    told: e.Told | None = None
    last: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What a room is doing: open, paused or closed, `since` when.

    `until`: the planned end of a pause, or the next planned break or closing of an open room. `freed`: when a visit
    last ended in it today.
    """

    state: str = "closed"
    until: datetime | None = None
    since: datetime | None = None
    freed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """A wish for a person: asked somewhere, and perhaps taken by somebody."""

    id: str
    place: str
    asked_at: datetime
    taken_at: datetime | None = None
    taken_by: str = ""


@dataclass(frozen=True)
class Line:
    """The whole state of the clinic's day after the fact numbered `seq`. `heard`: when people last did anything."""

    setup: Setup = field(default_factory=Setup)
    seq: int = 0
    opened_at: datetime | None = None
    visits: Mapping[str, Visit] = field(default_factory=dict)
    rooms: Mapping[str, Room] = field(default_factory=dict)
    helps: Mapping[str, Help] = field(default_factory=dict)
    issued: Mapping[str, int] = field(default_factory=dict)
    heard: datetime | None = field(default=None, compare=False)

    @cached_property
    def ongoing(self) -> tuple[Visit, ...]:
        """The visits that have not ended, those expected included, in the order they came."""
        return tuple(visit for visit in self.visits.values() if visit.status not in ("done", "left"))

    def room(self, room: str) -> Room:
        """What this room is doing; a room nobody has opened today is closed."""
        return self.rooms.get(room, _CLOSED)


_CLOSED = Room()

_STATUS: dict[type[e.Fact], str] = {
    e.Called: "called",
    e.Recalled: "called",
    e.MarkedNoShow: "no_show",
    e.Started: "in_room",
    e.Finished: "done",
    e.Held: "on_hold",
    e.Resumed: "waiting",
    e.Transferred: "waiting",
    e.Left: "left",
}


def replay(entries: Iterable[e.Entry], setup: Setup) -> Line:
    """The line after `entries`, which start at the day's `Opened` and are in order of `seq`."""
    entries = tuple(entries)
    left_out = e.undone(entries)
    line = Line(setup)
    for entry in entries:
        line = replace(line, seq=entry.seq) if entry.seq in left_out else apply(line, entry)
    return line


def apply(line: Line, entry: e.Entry) -> Line:
    """The line after one more fact. An `Undone` only moves `seq`: leaving a fact out is for `replay`."""
    after = _apply(line, entry)
    # What we told somebody says nothing about whether people still use the system.
    return after if isinstance(entry.fact, e.Told) else replace(after, heard=entry.fact.at)


def _apply(line: Line, entry: e.Entry) -> Line:
    match entry.fact:
        case e.Opened(at):
            return Line(line.setup, entry.seq, at)
        case e.Closed():
            return replace(line, seq=entry.seq, opened_at=None)
        case e.RoomOpened(at, room, until):
            return _with_room(line, entry.seq, room, "open", until, at)
        case e.RoomPaused(at, room, until):
            return _with_room(line, entry.seq, room, "paused", until, at)
        case e.RoomClosed(at, room):
            return _with_room(line, entry.seq, room, "closed", None, at)
        case e.HelpAsked(at, help_id, place):
            return replace(line, seq=entry.seq, helps={**line.helps, help_id: Help(help_id, place, at)})
        case e.HelpTaken(at, help_id):
            taken = replace(line.helps[help_id], taken_at=at, taken_by=entry.by)
            return replace(line, seq=entry.seq, helps={**line.helps, help_id: taken})
        case e.Booked(at, visit_id, service, booked, assigned):
            visit = Visit(visit_id, "", service, booked, entry.seq, "expected", at, booked=booked, assigned=assigned)
            return _with_visit(line, entry.seq, visit)
        case e.CheckedIn() as fact:
            visit = Visit(
                fact.visit, fact.ticket, fact.service, fact.at, entry.seq, since=fact.at, last=entry.seq,
                last_at=fact.at, language=fact.language, call_me=fact.call_me, booked=fact.booked,
                assigned=fact.assigned, level=fact.level,
            )  # fmt: skip
            letter, number = fact.ticket.split()
            return replace(_with_visit(line, entry.seq, visit), issued={**line.issued, letter: int(number)})
        case e.Undone():
            return replace(line, seq=entry.seq)
        case fact:
            visit = line.visits[fact.visit]
            if isinstance(fact, e.Finished) and visit.room:
                line = replace(line, rooms={**line.rooms, visit.room: replace(line.room(visit.room), freed=fact.at)})
            return _with_visit(line, entry.seq, replace(visit, **_changes(visit, fact, entry.seq)))


def _with_visit(line: Line, seq: int, visit: Visit) -> Line:
    return replace(line, seq=seq, visits={**line.visits, visit.id: visit})


def _with_room(line: Line, seq: int, room: str, state: str, until: datetime | None, at: datetime) -> Line:
    return replace(line, seq=seq, rooms={**line.rooms, room: Room(state, until, at, line.room(room).freed)})


def _changes(visit: Visit, fact: Any, seq: int) -> dict[str, Any]:
    """What a fact about a visit changes in it."""
    if isinstance(fact, e.Told):
        return {"told": fact, "first_told": visit.first_told or (fact if fact.high else None)}
    changes: dict[str, Any] = {"last": seq, "last_at": fact.at}
    if isinstance(fact, e.Prioritised):
        return {**changes, "priority": fact.reason}
    changes |= {"status": _STATUS[type(fact)], "since": fact.at}
    if isinstance(fact, e.Transferred) and visit.status == "on_hold":
        changes["status"] = "on_hold"  # who has stepped out is not called before being back
    match fact:
        case e.Called(at, _, room):
            changes |= {"room": room, "calls": visit.calls + 1, "call": seq, "called_at": at}
        case e.Recalled(at):
            changes |= {"calls": visit.calls + 1, "call": seq, "called_at": at}
        case e.Started(at):
            changes |= {"started_at": at}
        case e.Finished(at):
            changes |= {"ended_at": at}
        case e.Left(at, _, why):
            changes |= {"ended_at": at, "left_why": why}
        case e.Held():
            changes |= {"room": None, "returned": visit.returned or visit.status == "called"}
        case e.Resumed():
            changes |= {"room": None, "returned": visit.returned or visit.status == "no_show"}
        case e.Transferred(_, _, service):
            changes |= {"service": service, "room": None, "assigned": None, "returned": False, "started_at": None}
    if changes["status"] == "waiting" and visit.status != "waiting":
        # What was told ended with the call, or when they stepped out: what comes next does not break that promise.
        changes |= {"told": None, "first_told": None}
    return changes


def due(visit: Visit, setup: Setup) -> datetime:
    """When it is this person's turn by right: the booked time unless they came too late for it, else the arrival."""
    if visit.booked is None:
        return visit.arrived + setup.walk_in_delay
    return visit.booked if visit.arrived <= visit.booked + setup.lateness else visit.arrived


def _turn(visit: Visit, setup: Setup) -> tuple[bool, int, bool, datetime, int]:
    """The order rule: moved up for a reason, then more urgent, then called before and back, then who is due first."""
    level = NOT_URGENT if visit.level is None else visit.level
    return (visit.priority is None, level, not visit.returned, due(visit, setup), visit.seq)


def in_order(line: Line, visits: Iterable[Visit]) -> list[Visit]:
    """These visits as the order rule puts them."""
    return sorted(visits, key=lambda visit: _turn(visit, line.setup))


def waiting(line: Line, room: str | None = None) -> list[Visit]:
    """Who waits and can be called, in calling order: for one room, or for all."""
    place = line.setup.room(room) if room else None
    visits = (v for v in line.ongoing if v.status == "waiting")
    return in_order(line, (v for v in visits if place is None or may_call(place, v)))


def may_call(place: Place, visit: Visit) -> bool:
    """Whether this room may call this visit: it is assigned to the room, or to none and the room gives its service."""
    return visit.assigned == place.id if visit.assigned else visit.service in place.services


def rooms_for(line: Line, visit: Visit) -> tuple[str, ...]:
    """The rooms that may call this visit, whatever they are doing now."""
    return (visit.assigned,) if visit.assigned else line.setup.serving(visit.service)


def next_for(line: Line, room: str) -> Visit | None:
    """Who is called next to this room."""
    return next(iter(waiting(line, room)), None)


def places(line: Line, visit: Visit | None = None) -> dict[str, int]:
    """For each waiting visit, and for `visit` if it has stepped out, in calling order: how many people are before it.

    Before you are those whom your next room would call first. With several rooms it is the one with the fewest.
    """
    others = [visit] if visit and visit.status != "waiting" else []
    called = {place.id: 0 for place in line.setup.rooms}
    open_rooms = {service.id: _open_or_all(line, line.setup.serving(service.id)) for service in line.setup.services}
    ahead = {}
    for one in in_order(line, [*waiting(line), *others]):
        mine = (one.assigned,) if one.assigned else open_rooms.get(one.service, ())
        ahead[one.id] = min((called.get(room, 0) for room in mine), default=0)
        if one.status == "waiting":
            for room in rooms_for(line, one):
                called[room] = called.get(room, 0) + 1
    return ahead


def ahead_of(line: Line, visit: Visit) -> int:
    """How many people are before this visit, which waits or has stepped out."""
    return places(line, visit)[visit.id]


def _open_or_all(line: Line, rooms: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these rooms that are open; all of them where none is."""
    return tuple(room for room in rooms if line.room(room).state == "open") or rooms


def present(line: Line, *statuses: str) -> list[Visit]:
    """The visits with one of these statuses, in the order they came."""
    return [visit for visit in line.visits.values() if visit.status in statuses]


def visits_in(line: Line, room: str) -> list[Visit]:
    """Who is called to this room or in it."""
    return [visit for visit in line.ongoing if visit.status in ("called", "in_room") and visit.room == room]
