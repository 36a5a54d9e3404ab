"""The day's appointments as staff see them: one row each, with what has become of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.appointments import Booking, visit_of
from clinic.line import Line, Visit
from clinic.needs import Needs, flags_of

MOST_ROWS = 400
"""More are on further pages: each costs a third of a millisecond at each change, for which everybody would wait."""

OVER = ("done", "left", "over", "cancelled", "other_place")
"""The states of appointments that nobody has to do anything about."""


@dataclass(frozen=True)
class Row:
    """One appointment of today. `at` is in the clinic's zone; `late`: whole minutes since then, for who is expected.

    state: expected, waiting, called, in_room, on_hold, missed, done, left, over, cancelled or other_place; over: they
    came before the day was opened again, and the line knows no more of it. ticket: of the visit that serves it, which
    may have begun with an earlier appointment of the same person. needs, spoken: as the list has it, and for who is
    here as they and staff said.
    """

    visit: str
    id: str
    at: datetime
    minutes: float | None
    service_id: str
    service: str
    clinician: str
    room_id: str | None
    room: str
    place: str
    name: str
    state: str
    late: int
    ticket: str
    came: bool
    seen_in: str
    needs: tuple[str, ...]
    spoken: str

    @property
    def kind(self) -> str:
        """What the filters tell apart: expected, late, missed, here or over."""
        if self.state == "expected":
            return "late" if self.late else "expected"
        return "missed" if self.state == "missed" else "over" if self.state in OVER else "here"


@dataclass(frozen=True)
class Booked:
    """The day's list: how many of each kind, and the rows of this page of so many `pages`; `more` are on others."""

    now: datetime
    is_open: bool
    rows: tuple[Row, ...]
    more: int
    page: int
    pages: int
    counts: Mapping[str, int]

    @property
    def everybody(self) -> int:
        """How many appointments there are today."""
        return len(self.rows) + self.more


def booked(line: Line, all_rows: Sequence[Row], now: datetime, page: int = 1) -> Booked:
    """The list at `now`, in the clinic's zone. Of very many rows those that are over are on the last pages."""
    counts = dict.fromkeys(("expected", "late", "missed", "here", "over"), 0)
    for row in all_rows:
        counts[row.kind] += 1
    pages = max(1, -(-len(all_rows) // MOST_ROWS))
    page = min(page, pages)
    ordered = sorted(all_rows, key=lambda row: row.kind == "over") if pages > 1 else all_rows
    kept = ordered[(page - 1) * MOST_ROWS : page * MOST_ROWS]
    return Booked(now, line.opened_at is not None, tuple(kept), len(all_rows) - len(kept), page, pages, counts)


def rows(line: Line, bookings: Iterable[Booking], needs: Mapping[str, Needs], now: datetime) -> list[Row]:
    """A row for each booking, in their order. needs: by visit."""
    bookings = list(bookings)
    by_person: dict[str, list[Booking]] = {}
    for one in bookings:
        by_person.setdefault(one.person, []).append(one)
    return [_row(line, one, visit_of(one, by_person[one.person], line), needs, now) for one in bookings]


def _row(line: Line, one: Booking, serves: Visit | None, needs: Mapping[str, Needs], now: datetime) -> Row:
    """serves: the visit of who came for it, if they did."""
    service = line.setup.service(one.service)
    room = line.setup.room(one.room or "")
    own = line.visits.get(one.visit)
    clinician = line.setup.clinician((own.clinician if own else one.clinician) or "")
    seen_in = line.setup.room((serves.room if serves else None) or "")
    state = _state(line, one, serves)
    helps = needs.get(serves.id, Needs()) if serves else Needs()
    over = int((now - one.start).total_seconds() // 60)
    return Row(
        visit=one.visit,
        id=one.id,
        at=one.start.astimezone(now.tzinfo),
        minutes=one.minutes,
        service_id=one.service,
        service=service.name if service else "",
        clinician=clinician.name if clinician else "",
        room_id=one.room,
        room=room.name if room else "",
        place=one.place,
        name=one.name,
        state=state,
        late=max(0, over) if state == "expected" else 0,
        ticket=serves.ticket if serves else "",
        came=serves is not None,
        seen_in=seen_in.name if seen_in else "",
        needs=flags_of(serves.call_me, helps) if serves and serves.is_here else one.needs,
        spoken=helps.spoken,
    )


def _state(line: Line, one: Booking, serves: Visit | None) -> str:
    if serves is not None:
        return "missed" if serves.status == "no_show" else serves.status
    if one.cancelled or one.place:
        return "cancelled" if one.cancelled else "other_place"
    if one.visit in line.over:
        return "over"
    own = line.visits.get(one.visit)
    if own is not None and (own.status == "no_show" or own.left_why == "missed"):
        return "missed"
    return own.status if own is not None else "expected"


FACTS = (
    "id", "visit", "at", "minutes", "service", "clinician", "room", "place", "name", "state", "ticket", "needs", "code",
)  # fmt: skip


def facts(row: Row, code: str | None) -> dict[str, Any]:
    """The row as plain values for programs: service and room by their ids, the clinician by name.

    code: what finds it at the tablet; None where the list brought a code of its own.
    """
    return {
        "id": row.id, "visit": row.visit, "at": row.at.isoformat(), "minutes": row.minutes, "service": row.service_id,
        "clinician": row.clinician or None, "room": row.room_id, "place": row.place or None, "name": row.name,
        "state": row.state, "ticket": row.ticket or None, "needs": list(row.needs), "code": code,
    }  # fmt: skip


def in_words(row: Row, code: str | None) -> dict[str, Any]:
    """The same for a sheet that people read, with the names of all."""
    return {**facts(row, code), "service": row.service, "room": row.room}
