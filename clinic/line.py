"""The line: who is here, in which room, and who is expected. A fold of the day's facts. Its order is in `order`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from clinic import events as e
from clinic.setup import Setup

HERE = ("waiting", "called", "in_room", "on_hold", "no_show")
"""The statuses of people who are in the clinic, or whose place is kept."""

APART = timedelta(minutes=3)
"""Calls closer together than this count as one when somebody is said to have missed their turn."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's stay today. `seq` is the fact that began it, `last` the latest fact that staff may undo.

    status: expected, waiting, called, in_room, on_hold, no_show, done or left. Who is expected, or was and did not
    come, has no ticket yet, and `arrived` is their booked time. `call` is the seq of the latest call; `asked`: how many
    of the calls since they last waited were `APART`, the last of these at `asked_at`. `party`: whom they came with.
    `stops`: the later appointments of the same person today; these are `joined` to this visit. `gone_on`: from how many
    of their appointments today they went on to the next. `missed`: how often they were called and did not come.
    `coming_at`: when they answered this call. Who has stepped out is back in the line by themselves at `away_until`, or
    was asked to be back by `back_by`.
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
    clinician: str | None = None
    party: str | None = None
    stops: tuple[str, ...] = ()
    joined: str | None = None
    gone_on: int = 0
    level: int | None = None
    priority: str | None = None
    returned: bool = False
    room: str | None = None
    calls: int = 0
    call: int = 0
    asked: int = 0
    asked_at: datetime | None = None
    called_at: datetime | None = None
    coming_at: datetime | None = None
    missed: int = 0
    away_until: datetime | None = None
    back_by: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    left_why: str | None = None
    next_step: str | None = None
    first_told: e.Told | None = None
    told: e.Told | None = None
    apologised: e.Apologised | None = None
    spoken_at: datetime | None = None
    last: int = 0
    last_at: datetime | None = None

    @property
    def is_here(self) -> bool:
        """Whether they have checked in, and are in the clinic or their place is kept."""
        return self.status in HERE and bool(self.ticket)

    @property
    def is_expected(self) -> bool:
        """Whether they have yet to check in; not who comes to this from another appointment of today."""
        return self.status == "expected" and self.joined is None


@dataclass(frozen=True, slots=True)
class Room:
    """What a room is doing: open, paused or closed, `since` when.

    `until`: the planned end of a pause, or the next planned break (`back`: its end) or closing of an open room.
    `freed`: when a visit last ended in it today. `clinician`: who works there today. `services`: what they give there,
    where that is not what the room is set up for.
    """

    state: str = "closed"
    until: datetime | None = None
    since: datetime | None = None
    freed: datetime | None = None
    back: datetime | None = None
    clinician: str | None = None
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Help:
    """A wish for a person: asked somewhere, perhaps taken by somebody, and perhaps answered.

    `about`, `asker`: as in the fact `HelpAsked`; `answer`: as in `HelpAnswered`, empty until then.
    """

    id: str
    place: str
    asked_at: datetime
    about: str = ""
    asker: str | None = None
    taken_at: datetime | None = None
    taken_by: str = ""
    answered_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True)
class Line:
    """The whole state of the clinic's day after the fact numbered `seq`.

    `closing`: what people are told of it, if anything. `delays`: the delay notes that nobody ended, the latest last;
    each also ends at its time. `over`: the appointments of today whose people came before this day was opened again, or
    that were another's stops and had their time: no list makes anybody expected for them again. `restored`: when the
    clinic was last put back to an earlier state today. `heard`: when people last did anything.
    """

    setup: Setup = field(default_factory=Setup)
    seq: int = 0
    opened_at: datetime | None = None
    visits: Mapping[str, Visit] = field(default_factory=dict)
    rooms: Mapping[str, Room] = field(default_factory=dict)
    helps: Mapping[str, Help] = field(default_factory=dict)
    issued: Mapping[str, int] = field(default_factory=dict)
    closing: e.ClosingTold | None = None
    delays: tuple[e.DelayNoted, ...] = ()
    over: frozenset[str] = frozenset()
    restored: e.Restored | None = None
    heard: datetime | None = field(default=None, compare=False)

    @cached_property
    def ongoing(self) -> tuple[Visit, ...]:
        """The visits that have not ended, those expected included, in no order: `clinic.order` knows the order."""
        return tuple(visit for visit in self.visits.values() if visit.status not in ("done", "left"))

    @cached_property
    def worked_out(self) -> dict[Any, Any]:
        """What others have worked out of this line, each once: all screens ask the same of it."""
        return {}

    def room(self, room: str) -> Room:
        """What this room is doing; a room nobody has opened today is closed."""
        return self.rooms.get(room, _CLOSED)

    @cached_property
    def _services(self) -> dict[str, tuple[str, ...]]:
        return {place.id: self.room(place.id).services or place.services for place in self.setup.rooms}

    @cached_property
    def _serving(self) -> dict[str, tuple[str, ...]]:
        given = {service for services in self._services.values() for service in services}
        return {one: tuple(room for room, services in self._services.items() if one in services) for one in given}

    def services(self, room: str) -> tuple[str, ...]:
        """What this room gives today."""
        return self._services.get(room, ())

    def serving(self, service: str) -> tuple[str, ...]:
        """The rooms that give this service today, whatever they are doing now."""
        return self._serving.get(service, ())

    def rooms_of(self, clinician: str | None) -> tuple[str, ...]:
        """The rooms where this clinician works today."""
        return tuple(p.id for p in self.setup.rooms if clinician and self.room(p.id).clinician == clinician)


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
    # What we told somebody says nothing about whether people still use the system, and neither does a clock.
    return after if isinstance(entry.fact, e.Told | e.ClockSet) else replace(after, heard=entry.fact.at)


def _apply(line: Line, entry: e.Entry) -> Line:
    match entry.fact:
        case e.Opened(at, over):
            return Line(line.setup, entry.seq, at, over=frozenset(over))
        case e.Closed():
            return replace(line, seq=entry.seq, opened_at=None, closing=None, delays=())
        case e.RoomOpened(at, room, until, back):
            return _with_room(line, entry.seq, room, state="open", until=until, back=back, since=at)
        case e.RoomPaused(at, room, until):
            return _with_room(line, entry.seq, room, state="paused", until=until, back=None, since=at)
        case e.RoomClosed(at, room):
            return replace(line, seq=entry.seq,
                           rooms={**line.rooms, room: Room(since=at, freed=line.room(room).freed)})  # fmt: skip
        case e.SignedIn(_, room, clinician, services):
            return _with_room(line, entry.seq, room, clinician=clinician, services=services)
        case e.ClosingTold():
            return replace(line, seq=entry.seq, closing=None if entry.fact.message == "none" else entry.fact)
        case e.DelayNoted(services=services) as note:
            others = (one for one in line.delays if one.services != services)
            return replace(line, seq=entry.seq, delays=(*others, note))
        case e.DelayEnded(_, note_id):
            return replace(line, seq=entry.seq, delays=tuple(one for one in line.delays if one.note != note_id))
        case e.HelpAsked(at, help_id, place, about, asker):
            known_help = line.helps.get(help_id)  # who says later what it is about has waited since they asked
            since = known_help.asked_at if known_help else at
            return _with_help(line, entry.seq, Help(help_id, place, since, about, asker))
        case e.HelpTaken(at, help_id):
            return _with_help(line, entry.seq, replace(line.helps[help_id], taken_at=at, taken_by=entry.by))
        case e.HelpAnswered(at, help_id, answer):
            asked = line.helps[help_id]
            if asked.taken_at is None:
                asked = replace(asked, taken_at=at, taken_by=entry.by)
            return _with_help(line, entry.seq, replace(asked, answered_at=at, answer=answer))
        case e.Booked(at, visit_id, service, booked, assigned, clinician):
            known = line.visits.get(visit_id)
            visit = Visit(
                visit_id, "", service, booked, entry.seq, "expected", at, booked=booked, assigned=assigned,
                clinician=clinician, joined=known.joined if known else None,
            )  # fmt: skip
            return _with_visit(line, entry.seq, visit)
        case e.Cancelled(_, visit_id):
            return replace(line, seq=entry.seq, visits=_without(line.visits, visit_id))
        case e.CheckedIn() as fact:
            visit = Visit(
                fact.visit, fact.ticket, fact.service, fact.at, entry.seq, since=fact.at, last=entry.seq,
                last_at=fact.at, language=fact.language, call_me=fact.call_me, booked=fact.booked,
                assigned=fact.assigned, level=fact.level, clinician=fact.clinician, party=fact.party, stops=fact.stops,
            )  # fmt: skip
            line = _issued(line, fact.ticket)
            return _joined(_with_visit(line, entry.seq, visit), fact.stops, fact.visit)
        case e.ClockSet(_, seconds):
            return _counted_anew(replace(line, seq=entry.seq), timedelta(seconds=seconds))
        case e.Restored(given=given) as fact:
            return replace(_issued(line, *given), seq=entry.seq, restored=fact)
        case e.Undone() | e.FollowedUp():  # whom we follow up may have come on another day
            return replace(line, seq=entry.seq)
        case fact:
            visit = line.visits[fact.visit]
            ends = isinstance(fact, e.Finished) or (isinstance(fact, e.Transferred) and fact.stop is not None)
            if ends and visit.room:
                line = replace(line, rooms={**line.rooms, visit.room: replace(line.room(visit.room), freed=fact.at)})
            if isinstance(fact, e.Transferred) and fact.stop:
                line = _over(line, (fact.stop,))
            if isinstance(fact, e.Finished):
                line = _over(line, tuple(stop.id for stop in stops_of(line, visit)))
            if isinstance(fact, e.Resumed) and visit.status == "left":
                line = _joined(line, [stop for stop in visit.stops if _is_free(line, stop)], visit.id)
            if isinstance(fact, e.Left):  # their later appointments are their own again
                line = _joined(line, visit.stops, None)
            return _with_visit(line, entry.seq, replace(visit, **_changes(visit, fact, entry.seq)))


VISIT_TIMES = (
    "since", "asked_at", "called_at", "coming_at", "away_until", "back_by", "started_at", "ended_at", "spoken_at",
    "last_at",
)  # fmt: skip
"""What a visit counts by the clock; who was not here yet has no `arrived` of their own, only a booked time."""


def _counted_anew(line: Line, by: timedelta) -> Line:
    """This line by a clock that was set so much on: everybody has waited for as long as before."""

    return replace(
        e.moved(line, by, "opened_at", "heard"),
        visits={name: _visit_anew(one, by) for name, one in line.visits.items()},
        rooms={name: e.moved(one, by, "since", "freed") for name, one in line.rooms.items()},
        helps={name: e.moved(one, by, "asked_at", "taken_at", "answered_at") for name, one in line.helps.items()},
        closing=line.closing and e.moved(line.closing, by, "at"),
        delays=tuple(e.moved(one, by, "at", "until") for one in line.delays),
    )


def _visit_anew(visit: Visit, by: timedelta) -> Visit:
    came = ("arrived",) if visit.ticket else ()
    said = {name: told for name in ("first_told", "told", "apologised") if (told := getattr(visit, name))}
    return replace(
        e.moved(visit, by, *VISIT_TIMES, *came), **{name: e.counted_anew(told, by) for name, told in said.items()}
    )


def _issued(line: Line, *tickets: str) -> Line:
    """With these tickets given: the numbers of their letters go on after them, and never back."""
    issued = dict(line.issued)
    for ticket in tickets:
        letter, number = ticket.split()
        issued[letter] = max(issued.get(letter, 0), int(number))
    return replace(line, issued=issued)


def _without(visits: Mapping[str, Visit], *gone: str) -> dict[str, Visit]:
    return {visit: one for visit, one in visits.items() if visit not in gone}


def _over(line: Line, stops: tuple[str, ...]) -> Line:
    """With these appointments, which were joined to a visit, over."""
    return replace(line, visits=_without(line.visits, *stops), over=line.over.union(stops)) if stops else line


def _is_free(line: Line, stop: str) -> bool:
    return stop in line.visits and line.visits[stop].is_expected


def _joined(line: Line, stops: Iterable[str], visit: str | None) -> Line:
    """With these later appointments joined to a visit, or to none any more."""
    known = {stop: replace(line.visits[stop], joined=visit) for stop in stops if stop in line.visits}
    return replace(line, visits={**line.visits, **known}) if known else line


def _with_visit(line: Line, seq: int, visit: Visit) -> Line:
    return replace(line, seq=seq, visits={**line.visits, visit.id: visit})


def _with_help(line: Line, seq: int, asked: Help) -> Line:
    return replace(line, seq=seq, helps={**line.helps, asked.id: asked})


def _with_room(line: Line, seq: int, room: str, **changes: Any) -> Line:
    return replace(line, seq=seq, rooms={**line.rooms, room: replace(line.room(room), **changes)})


def _changes(visit: Visit, fact: Any, seq: int) -> dict[str, Any]:
    """What a fact about a visit changes in it."""
    if isinstance(fact, e.Told):
        return {"told": fact, "first_told": visit.first_told or (fact if fact.high else None)}
    if isinstance(fact, e.Apologised):
        return {"apologised": fact}  # nothing that can be undone: it was read at once
    if isinstance(fact, e.Coming):  # theirs, so it keeps staff from undoing nothing
        return {"coming_at": fact.at} if visit.status == "called" else {}
    if isinstance(fact, e.Preferred):
        return {"call_me": fact.call_me}
    changes: dict[str, Any] = {"last": seq, "last_at": fact.at}
    if isinstance(fact, e.SpokenTo):
        return {**changes, "spoken_at": fact.at}
    if isinstance(fact, e.Prioritised):
        return {**changes, "priority": fact.reason}
    if isinstance(fact, e.Assigned):
        return {**changes, "clinician": fact.clinician, "assigned": None}
    changes |= {"status": _STATUS[type(fact)], "since": fact.at}
    changes |= {"coming_at": None, "away_until": None, "back_by": None}
    if isinstance(fact, e.Transferred) and visit.status == "on_hold":
        changes["status"] = "on_hold"  # who has stepped out is not called before being back
        changes |= {"away_until": visit.away_until, "back_by": visit.back_by}
    match fact:
        case e.Called(at, _, room):
            changes |= {"room": room, "calls": visit.calls + 1, "call": seq, "called_at": at}
            changes |= {"asked": 1, "asked_at": at}
        case e.Recalled(at):
            changes |= {"calls": visit.calls + 1, "call": seq, "called_at": at}
            if visit.asked_at and at - visit.asked_at >= APART:
                changes |= {"asked": visit.asked + 1, "asked_at": at}
        case e.Started(at):
            changes |= {"started_at": at}
        case e.Finished(at, _, step):
            changes |= {"ended_at": at, "next_step": step}
        case e.Left(at, _, why):
            changes |= {"ended_at": at, "left_why": why}
        case e.MarkedNoShow() if visit.ticket:
            changes |= {"missed": visit.missed + 1}
        case e.Held(_, _, until, back_by):
            changes |= {"away_until": until, "back_by": back_by}
            changes |= {"room": None, "returned": visit.returned or visit.status == "called"}
        case e.Resumed() if not visit.ticket:
            changes |= {"status": "expected"}
        case e.Resumed():
            changes |= {"room": None, "returned": visit.returned or visit.status == "no_show"}
            changes |= {"ended_at": None, "left_why": None}
        case e.Transferred(_, _, service, stop, booked, assigned, clinician):
            changes |= {"service": service, "room": None, "returned": False, "started_at": None, "missed": 0}
            changes |= {"assigned": assigned, "clinician": clinician}
            if stop:
                changes |= {"booked": booked, "stops": tuple(one for one in visit.stops if one != stop)}
                changes |= {"gone_on": visit.gone_on + 1}
    if changes["status"] == "waiting" and visit.status != "waiting":
        # What was told ended with the call, or when they stepped out: what comes next does not break that promise.
        # With it ended the delay that we said sorry for; a new one is owed new words.
        changes |= {"told": None, "first_told": None, "apologised": None, "spoken_at": None}
    return changes


def _as_they_came(visits: Iterable[Visit]) -> list[Visit]:
    """By when they checked in: somebody booked stands in the line's own order where they were first expected."""
    return sorted(visits, key=lambda visit: visit.seq)


def present(line: Line, *statuses: str) -> list[Visit]:
    """The visits with one of these statuses, in the order they came."""
    return _as_they_came(visit for visit in line.visits.values() if visit.status in statuses)


def here(line: Line) -> list[Visit]:
    """Who is in the clinic, or has a place kept, in the order they came."""
    return _as_they_came(visit for visit in line.visits.values() if visit.is_here)


def expected(line: Line) -> list[Visit]:
    """Who is expected and has yet to check in, by booked time."""
    return sorted((visit for visit in line.visits.values() if visit.is_expected), key=lambda visit: visit.arrived)


def party_of(line: Line, visit: Visit) -> list[Visit]:
    """Everybody who came together with this visit, itself included, in the order they came."""
    if "parties" not in line.worked_out:
        parties: dict[str, list[Visit]] = {}
        for one in line.visits.values():
            parties.setdefault(one.party or one.id, []).append(one)
        line.worked_out["parties"] = {head: _as_they_came(together) for head, together in parties.items()}
    return list(line.worked_out["parties"].get(visit.party or visit.id, []))


def stops_of(line: Line, visit: Visit) -> list[Visit]:
    """The later appointments of today that this visit still goes on to, in their order."""
    stops = (line.visits.get(stop) for stop in visit.stops)
    return [stop for stop in stops if stop and stop.joined == visit.id]


def visits_in(line: Line, room: str) -> list[Visit]:
    """Who is called to this room or in it."""
    return [visit for visit in line.ongoing if visit.status in ("called", "in_room") and visit.room == room]
