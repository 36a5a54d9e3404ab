"""The line and the day's list as they go on paper, for when the power or the server fails. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic.line import Line, Visit, present
from clinic.needs import Needs, flags_of
from clinic.order import in_order, waiting
from staff.booked import Row


@dataclass(frozen=True)
class Person:
    """Somebody who is here. `where`: the room they are called to or in, else whom or which room they wait for.

    needs: as `clinic.needs.flags_of` has them; spoken: the language of an interpreter.
    """

    ticket: str
    name: str
    service: str
    status: str
    where: str
    booked: datetime | None
    since: datetime
    needs: tuple[str, ...]
    spoken: str


@dataclass(frozen=True)
class Next:
    """The number that the next person on paper gets for this service."""

    service: str
    letter: str
    number: int


@dataclass(frozen=True)
class Paper:
    """Who is here, in calling order; who is expected, by time, and who missed theirs and may still come."""

    now: datetime
    is_open: bool
    here: tuple[Person, ...]
    expected: tuple[Row, ...]
    next: tuple[Next, ...]


def paper(
    line: Line, rows: Iterable[Row], names: Mapping[str, str], needs: Mapping[str, Needs], now: datetime
) -> Paper:  # fmt: skip
    """What goes on paper at `now`, in the clinic's zone. `rows`: the day's list; names, needs: by visit."""
    rows = list(rows)
    order = [
        *sorted(present(line, "called"), key=lambda visit: visit.call),
        *waiting(line),
        *in_order(line, [visit for visit in present(line, "on_hold", "no_show") if visit.is_here]),
        *sorted(present(line, "in_room"), key=lambda visit: visit.call),
    ]
    return Paper(
        now=now,
        is_open=line.opened_at is not None,
        here=tuple(_person(line, visit, names, needs.get(visit.id, Needs()), now) for visit in order),
        expected=tuple(row for row in rows if row.state in ("expected", "missed") and not row.ticket),
        next=tuple(
            Next(service.name, service.letter, line.issued.get(service.letter, 0) + 1)
            for service in line.setup.services
        ),
    )


def _person(line: Line, visit: Visit, names: Mapping[str, str], needs: Needs, now: datetime) -> Person:
    service = line.setup.service(visit.service)
    room = line.setup.room(visit.room or visit.assigned or "")
    clinician = line.setup.clinician(visit.clinician or "")
    return Person(
        ticket=visit.ticket,
        name=names.get(visit.id, ""),
        service=service.name if service else "",
        status=visit.status,
        where=room.name if room else clinician.name if clinician else "",
        booked=visit.booked.astimezone(now.tzinfo) if visit.booked else None,
        since=visit.arrived.astimezone(now.tzinfo),
        needs=flags_of(visit.call_me, needs),
        spoken=needs.spoken,
    )
