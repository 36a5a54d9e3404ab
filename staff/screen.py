"""The console: rooms, the line in calling order, and what a person must answer now. Pure.

The only screen that joins the names from the register.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.line import Help, Line, Visit, in_order, next_for, places, present, visits_in, waiting
from clinic.told import minutes_over, wait

LATE_STEPS = (60, 30, 15)
"""Minutes past the first told window: speak to them; apologise; tell them (EXPERIENCE section 2)."""

MISSED_AFTER = timedelta(minutes=5)
STALE_DAY = timedelta(hours=16)


@dataclass(frozen=True)
class Row:
    """One person in the list. `late` is 0, 15, 30 or 60; `next_in` names the free rooms that call them next."""

    id: str
    ticket: str
    name: str
    service: str
    service_id: str
    status: str
    room: str
    since: datetime
    arrived: datetime
    waited: int
    told: tuple[datetime, datetime] | None
    over: int
    late: int
    next_in: tuple[str, ...]
    priority: str | None
    call_me: str
    calls: int
    overdue: bool


@dataclass(frozen=True)
class Card:
    """One room: what it does, who is inside or on the way, who is next and why."""

    id: str
    name: str
    state: str
    until: datetime | None
    inside: tuple[Row, ...]
    next: Row | None
    why: str
    waiting: int


@dataclass(frozen=True)
class Console:
    """Everything the staff page shows. `silent_since`: nothing was recorded for so long that no time can be told."""

    clinic: str
    now: datetime
    is_open: bool
    is_old_day: bool
    cards: tuple[Card, ...]
    rows: tuple[Row, ...]
    waiting: int
    late: int
    by_service: tuple[tuple[str, str, int], ...]
    helps: tuple[Help, ...]
    longest: Row | None
    overdue: tuple[Row, ...]
    silent_since: datetime | None


def screen(line: Line, now: datetime, names: Mapping[str, str]) -> Console:
    """The console at `now`, in the clinic's zone."""
    following = _following(line)
    rows = {visit.id: _row(line, visit, now, names, following.get(visit.id, ())) for visit in _listed(line)}
    in_line = waiting(line)
    longest = min(in_line, key=lambda visit: visit.arrived, default=None)
    return Console(
        clinic=line.setup.name,
        now=now,
        is_open=line.opened_at is not None,
        is_old_day=line.opened_at is not None and now - line.opened_at > STALE_DAY,
        cards=tuple(_card(line, place.id, rows, now) for place in line.setup.rooms),
        rows=tuple(rows.values()),
        waiting=len(in_line),
        late=sum(row.late > 0 for row in rows.values()),
        by_service=tuple(
            (service.id, service.name, sum(visit.service == service.id for visit in in_line))
            for service in line.setup.services
        ),
        helps=tuple(asked for asked in line.helps.values() if asked.taken_at is None),
        longest=rows[longest.id] if longest else None,
        overdue=tuple(row for row in rows.values() if row.overdue),
        silent_since=_silent_since(line, in_line, now),
    )


def _silent_since(line: Line, in_line: list[Visit], now: datetime) -> datetime | None:
    """Since when nothing was recorded, where that is so long that people can be told no time."""
    silent = any(visit.told and visit.told.why == "not_heard" for visit in in_line)
    return line.heard.astimezone(now.tzinfo) if silent and line.heard else None


def _listed(line: Line) -> list[Visit]:
    """Called people first, then the line in calling order, then who stepped out, missed or is in a room."""
    return [
        *sorted(present(line, "called"), key=lambda visit: visit.call),
        *waiting(line),
        *in_order(line, present(line, "on_hold", "no_show")),
        *sorted(present(line, "in_room"), key=lambda visit: visit.call),
    ]


def _row(line: Line, visit: Visit, now: datetime, names: Mapping[str, str], next_in: tuple[str, ...]) -> Row:
    service = line.setup.service(visit.service)
    room = line.setup.room(visit.room or "")
    over = minutes_over(visit, now) if visit.status == "waiting" else 0
    told = None
    if visit.told and visit.told.low and visit.told.high:
        told = (visit.told.low.astimezone(now.tzinfo), visit.told.high.astimezone(now.tzinfo))
    since = visit.since or visit.arrived
    return Row(
        id=visit.id,
        ticket=visit.ticket,
        name=names.get(visit.id, ""),
        service=service.name if service else "",
        service_id=visit.service,
        status=visit.status,
        room=room.name if room else "",
        since=since.astimezone(now.tzinfo),
        arrived=visit.arrived.astimezone(now.tzinfo),
        waited=max(0, int((now - visit.arrived).total_seconds() // 60)),
        told=told,
        over=over,
        late=next((step for step in LATE_STEPS if over >= step), 0),
        next_in=next_in,
        priority=visit.priority,
        call_me=visit.call_me,
        calls=visit.calls,
        overdue=visit.status == "called" and now - (visit.called_at or now) >= MISSED_AFTER,
    )


def _following(line: Line) -> dict[str, tuple[str, ...]]:
    """For each visit that is next somewhere, the names of the open rooms that call it next."""
    found: dict[str, tuple[str, ...]] = {}
    for place in line.setup.rooms:
        visit = next_for(line, place.id) if line.room(place.id).state == "open" else None
        if visit:
            found[visit.id] = (*found.get(visit.id, ()), place.name)
    return found


def _card(line: Line, room: str, rows: Mapping[str, Row], now: datetime) -> Card:
    place = line.setup.room(room)
    assert place  # only rooms of the set-up have cards
    state = line.room(room)
    following = next_for(line, room)
    return Card(
        id=room,
        name=place.name,
        state=state.state,
        until=state.until.astimezone(now.tzinfo) if state.until else None,
        inside=tuple(rows[visit.id] for visit in visits_in(line, room)),
        next=rows[following.id] if following else None,
        why=_why(following) if following else "",
        waiting=len(waiting(line, room)),
    )


def _why(visit: Visit) -> str:
    """Why this person is next, as the order rule has it."""
    if visit.priority:
        return visit.priority
    if visit.returned:
        return "back"
    return "booked" if visit.booked else "first"


def line_facts(line: Line, now: datetime, names: Mapping[str, str]) -> dict[str, object]:
    """The day's whole line as plain values for programs of the staff."""
    ahead = places(line)
    visits = []
    for visit in line.visits.values():
        left = wait(visit, now)
        low, high = (left.low, left.high) if left else (None, None)
        visits.append(
            {
                "id": visit.id,
                "ticket": visit.ticket,
                "name": names.get(visit.id),
                "service": visit.service,
                "room": visit.room,
                "status": visit.status,
                "place": ahead.get(visit.id),
                "low": low,
                "high": high,
            }
        )
    return {
        "seq": line.seq,
        "services": [{"id": s.id, "letter": s.letter, "name": s.name} for s in line.setup.services],
        "rooms": [
            {"id": r.id, "name": r.name, "state": line.room(r.id).state, "services": list(r.services)}
            for r in line.setup.rooms
        ],
        "visits": visits,
    }
