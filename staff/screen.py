"""The console: rooms, the line in calling order, and what a person must answer now. Pure.

The only screen that joins the names from the register, and what may help their people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.delay import minutes_over, notes, owed_apology, to_speak_to
from clinic.events import ClosingTold, DelayNoted
from clinic.hours import day_closes
from clinic.line import Line, Visit, present
from clinic.needs import Needs
from clinic.order import in_order, places, rooms_for, waiting
from clinic.outcomes import absent
from clinic.told import wait
from roll_call import Seen
from staff.cards import Card, card
from staff.helps import Asked, unsettled
from staff.rows import Row, following, is_forgotten, row

STALE_DAY = timedelta(hours=16)


@dataclass(frozen=True)
class Nowhere:
    """So many people wait for a clinician who is in no room, or for a room that is closed; `first` is their next.

    name: empty for a room that the set-up has no more.
    """

    id: str
    name: str
    is_room: bool
    waiting: int
    first: Row


@dataclass(frozen=True)
class Sorry:
    """A service that runs so late that these people are owed an apology."""

    id: str
    name: str
    owed: tuple[Row, ...]


@dataclass(frozen=True)
class Console:
    """Everything the staff page shows.

    silent_since: nothing was recorded for so long that no time can be told. closed_at: the last room was planned to
    close then, and the day is still open. forgotten: who is here since yesterday or longer; not_come: how many booked
    before today never came. closing: what people are told of it. sorry: by service, who is owed an
    apology; speak: who is to be spoken to; notes: the delay notes that stand, each with the services it is about.
    mute: TVs that cannot be heard; lost: screens that we have not heard of, while the day is open.
    """

    clinic: str
    now: datetime
    is_open: bool
    is_old_day: bool
    cards: tuple[Card, ...]
    rows: tuple[Row, ...]
    waiting: int
    late: int
    by_service: tuple[tuple[str, str, int], ...]
    helps: tuple[Asked, ...]
    nowhere: tuple[Nowhere, ...]
    longest: Row | None
    overdue: tuple[Row, ...]
    silent_since: datetime | None
    forgotten: tuple[Row, ...]
    not_come: int
    closing: ClosingTold | None
    closed_at: datetime | None
    sorry: tuple[Sorry, ...]
    speak: tuple[Row, ...]
    notes: tuple[tuple[DelayNoted, str], ...]
    mute: tuple[Seen, ...]
    lost: tuple[Seen, ...]


def screen(
    line: Line, now: datetime, names: Mapping[str, str], needs: Mapping[str, Needs], owners: Mapping[str, str],
    screens: Sequence[Seen] = (),
) -> Console:  # fmt: skip
    """The console at `now`, in the clinic's zone. names, needs: by visit.

    owners: the first names of who took calls for help. screens: the clinic's other screens, as the roll-call has them.
    """
    next_in = following(line)
    rows = {
        visit.id: row(line, visit, now, names, next_in.get(visit.id, ()), needs.get(visit.id, Needs()))
        for visit in _listed(line)
    }
    in_line = waiting(line)
    longest = min(in_line, key=lambda visit: visit.arrived, default=None)
    closes = day_closes(line.setup, now)
    return Console(
        clinic=line.setup.name,
        now=now,
        is_open=line.opened_at is not None,
        is_old_day=line.opened_at is not None and now - line.opened_at > STALE_DAY,
        cards=tuple(card(line, place, rows, now) for place in line.setup.rooms),
        rows=tuple(rows.values()),
        waiting=len(in_line),
        late=sum(one.late > 0 for one in rows.values()),
        by_service=tuple(
            (service.id, service.name, sum(visit.service == service.id for visit in in_line))
            for service in line.setup.services
        ),
        helps=unsettled(line, now, names, owners),
        nowhere=_nowhere(line, in_line, rows),
        longest=rows[longest.id] if longest else None,
        overdue=tuple(one for one in rows.values() if one.overdue),
        silent_since=_silent_since(line, in_line, now),
        forgotten=tuple(sorted((one for one in rows.values() if one.forgotten), key=lambda one: one.arrived)),
        not_come=sum(is_forgotten(line, visit, now) for visit in absent(line, now)),
        closing=line.closing,
        closed_at=closes if closes and closes <= now and line.opened_at and line.opened_at < closes else None,
        sorry=_sorry(line, rows, now),
        speak=tuple(rows[visit.id] for visit in to_speak_to(line, now)),
        notes=tuple((note, _services(line, note)) for note in notes(line, now)),
        mute=tuple(one for one in screens if one.has_no_sound),
        lost=tuple(one for one in screens if one.is_silent and line.opened_at),
    )


def _sorry(line: Line, rows: Mapping[str, Row], now: datetime) -> tuple[Sorry, ...]:
    owed = [rows[visit.id] for visit in owed_apology(line, now)]
    found = (Sorry(one.id, one.name, tuple(r for r in owed if r.service_id == one.id)) for one in line.setup.services)
    return tuple(one for one in found if one.owed)


def _services(line: Line, note: DelayNoted) -> str:
    known = (line.setup.service(service) for service in note.services)
    return ", ".join(service.name for service in known if service)


def _nowhere(line: Line, in_line: list[Visit], rows: Mapping[str, Row]) -> tuple[Nowhere, ...]:
    """For whom people wait whom no room calls, whatever is open otherwise."""
    working = {place.id for place in line.setup.rooms if line.room(place.id).state != "closed"}
    lost: dict[tuple[str, bool], list[Visit]] = {}
    for visit in in_line:
        bound = visit.assigned or visit.clinician
        if bound and working.isdisjoint(rooms_for(line, visit)):
            lost.setdefault((bound, visit.assigned is not None), []).append(visit)
    found = []
    for (bound, is_room), visits in lost.items():
        known = line.setup.room(bound) if is_room else line.setup.clinician(bound)
        found.append(Nowhere(bound, known.name if known else "", is_room, len(visits), rows[visits[0].id]))
    return tuple(found)


def _silent_since(line: Line, in_line: list[Visit], now: datetime) -> datetime | None:
    """Since when nothing was recorded, where that is so long that people can be told no time."""
    silent = any(visit.told and visit.told.why == "not_heard" for visit in in_line)
    return line.heard.astimezone(now.tzinfo) if silent and line.heard else None


def _listed(line: Line) -> list[Visit]:
    """Called people first, then the line in calling order, then who stepped out, missed or is in a room."""
    return [
        *sorted(present(line, "called"), key=lambda visit: visit.call),
        *waiting(line),
        *in_order(line, (visit for visit in present(line, "on_hold", "no_show") if visit.ticket)),
        *sorted(present(line, "in_room"), key=lambda visit: visit.call),
    ]


def line_facts(
    line: Line, now: datetime, names: Mapping[str, str], needs: Mapping[str, Needs]
) -> dict[str, object]:  # fmt: skip
    """The day's whole line as plain values for programs of the staff."""
    ahead = places(line)
    visits = []
    for visit in line.visits.values():
        left = wait(visit, now)
        low, high = (left.low, left.high) if left else (None, None)
        helps = needs.get(visit.id, Needs())
        visits.append(
            {
                "id": visit.id,
                "ticket": visit.ticket,
                "name": names.get(visit.id),
                "service": visit.service,
                "room": visit.room,
                "status": visit.status,
                "call_me": visit.call_me,
                "needs": list(helps.flags),
                "spoken": helps.spoken or None,
                "place": ahead.get(visit.id),
                "low": low,
                "high": high,
                "late": minutes_over(visit, now),
                "apologised": visit.apologised is not None,
                "spoken_to": visit.spoken_at is not None,
                "coming": visit.coming_at is not None,
                "away_until": _iso(visit.away_until, now),
                "back_by": _iso(visit.back_by, now),
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
        "helps": [
            {"id": one.id, "about": one.about, "ticket": one.ticket, "taken": one.taken}
            for one in unsettled(line, now, names, {})
        ],
    }


def _iso(at: datetime | None, now: datetime) -> str | None:
    return at.astimezone(now.tzinfo).isoformat() if at else None
