"""One room on the console: what it does, who works there, who is next and why, and which stop is planned. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.hours import closing, current_break, day_of, next_stop
from clinic.line import Line, Visit, present, visits_in
from clinic.order import in_order, may_call, waiting, why_first
from clinic.setup import Place
from staff.rows import Row

STOP_SHOWN = timedelta(minutes=30)
PAUSE_OFFERED = timedelta(minutes=10)


@dataclass(frozen=True)
class Stop:
    """A planned stop near now. kind: break, closing, or past for a room that is open after its closing.

    until: the end of a break. offered: the pause until then is one tap; begun: it should have begun.
    """

    kind: str
    at: datetime
    until: datetime | None = None
    offered: bool = False
    begun: bool = False


@dataclass(frozen=True)
class Card:
    """One room. `why`: a reason that staff gave, one of `clinic.line.why_first`, or alone; empty without `next`.

    `out`: who has stepped out and would be next here.
    """

    id: str
    name: str
    state: str
    clinician: str
    until: datetime | None
    inside: tuple[Row, ...]
    next: Row | None
    why: str
    waiting: int
    stop: Stop | None
    out: Row | None


def card(line: Line, place: Place, rows: Mapping[str, Row], now: datetime) -> Card:
    """This room at `now`, in the clinic's zone."""
    state = line.room(place.id)
    in_line = waiting(line, place.id)
    is_open = line.opened_at is not None
    clinician = line.setup.clinician(state.clinician or "") if is_open else None
    return Card(
        id=place.id,
        name=place.name,
        state=state.state,
        clinician=clinician.name if clinician else "",
        until=state.until.astimezone(now.tzinfo) if state.until else None,
        inside=tuple(rows[visit.id] for visit in visits_in(line, place.id)),
        next=rows[in_line[0].id] if in_line else None,
        why=_why(line, in_line),
        waiting=len(in_line),
        stop=_stop(line, place, now) if is_open and state.state == "open" else None,
        out=_out(line, place.id, in_line, rows),
    )


def _out(line: Line, room: str, in_line: list[Visit], rows: Mapping[str, Row]) -> Row | None:
    """Who would be called next here by the order rule, had they not stepped out."""
    away = [visit for visit in present(line, "on_hold") if may_call(line, room, visit)]
    first = next(iter(in_order(line, [*in_line[:1], *away])), None)
    return rows[first.id] if first and first.status == "on_hold" else None


def _why(line: Line, in_line: list[Visit]) -> str:
    """Why the first of these goes before the second, as the order rule has it; the reason on record if moved up."""
    if not in_line:
        return ""
    first = in_line[0]
    because = why_first(line, first, in_line[1]) if len(in_line) > 1 else "alone"
    return first.priority or because if because in ("moved_up", "alone") else because


def _stop(line: Line, place: Place, now: datetime) -> Stop | None:
    setup = line.setup
    if resting := current_break(setup, place, now):
        return Stop("break", *resting, offered=True, begun=True)
    ahead = next_stop(setup, place, now)
    if ahead is None:
        closed = closing(setup, place, day_of(setup, now))
        return Stop("past", closed) if closed else None
    at, until = ahead
    if at - now > STOP_SHOWN:
        return None
    return Stop("break" if until else "closing", at, until, offered=bool(until) and at - now <= PAUSE_OFFERED)
