"""One person in the console's list: what staff see of them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.delay import minutes_over, step
from clinic.hours import day_of
from clinic.line import Line, Visit
from clinic.missed import enough_calls, kept_until, next_call_counts, not_yet
from clinic.needs import Needs, flags_of
from clinic.order import next_for

MISSED_AFTER = timedelta(minutes=5)

FORGOTTEN_AFTER = timedelta(hours=6)
"""Who came yesterday and less long ago than this is here over midnight, not forgotten."""


@dataclass(frozen=True)
class Row:
    """One person in the list. `late`: the step of their delay, 0, 15, 30 or 60, that has come at `over` minutes.

    spoken_to: a person did what the last step asks for. next_in: the names of the free rooms that call them next.
    booked: the time they are booked for, None for a walk-in. waits_for: the clinician or room they are bound to.
    not_yet: why they cannot be said to have missed it, as in `clinic.missed`; asked: how many calls count for that.
    flags: what to know before they are called, as in `clinic.needs.flags_of`; spoken: the language of an interpreter.
    times_missed: how often they were called and did not come; kept_until: how long their number is kept then.
    overdue: they were called and it is time to do something. forgotten: here since yesterday or longer.
    coming_at: when they answered their call. Who has stepped out is back in the line at `away_until` by themselves, or
    was asked to be back by `back_by`; `not_back`: that has passed.
    """

    id: str
    ticket: str
    name: str
    service: str
    service_id: str
    status: str
    room: str
    since: datetime
    arrived: datetime
    booked: datetime | None
    waited: int
    told: tuple[datetime, datetime] | None
    over: int
    late: int
    spoken_to: bool
    next_in: tuple[str, ...]
    waits_for: str
    priority: str | None
    call_me: str
    flags: tuple[str, ...]
    spoken: str
    times_missed: int
    kept_until: datetime | None
    calls: int
    asked: int
    not_yet: str | None
    overdue: bool
    forgotten: bool
    coming_at: datetime | None
    away_until: datetime | None
    back_by: datetime | None
    not_back: bool


def row(
    line: Line, visit: Visit, now: datetime, names: Mapping[str, str], next_in: tuple[str, ...], needs: Needs
) -> Row:  # fmt: skip
    """This person at `now`, in the clinic's zone."""
    service = line.setup.service(visit.service)
    room = line.setup.room(visit.room or "")
    told = None
    if visit.told and visit.told.low and visit.told.high:
        told = (visit.told.low.astimezone(now.tzinfo), visit.told.high.astimezone(now.tzinfo))
    since, kept = visit.since or visit.arrived, kept_until(visit)
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
        booked=visit.booked.astimezone(now.tzinfo) if visit.booked else None,
        waited=max(0, int((now - visit.arrived).total_seconds() // 60)),
        told=told,
        over=minutes_over(visit, now),
        late=step(visit, now),
        spoken_to=visit.spoken_at is not None,
        next_in=next_in,
        waits_for=_bound_to(line, visit),
        priority=visit.priority,
        call_me=visit.call_me,
        flags=flags_of(visit.call_me, needs),
        spoken=needs.spoken,
        times_missed=visit.missed,
        kept_until=kept.astimezone(now.tzinfo) if kept else None,
        calls=visit.calls,
        asked=visit.asked,
        not_yet=not_yet(visit, now),
        overdue=_is_overdue(visit, now),
        forgotten=is_forgotten(line, visit, now),
        coming_at=visit.coming_at.astimezone(now.tzinfo) if visit.coming_at else None,
        away_until=visit.away_until.astimezone(now.tzinfo) if visit.away_until else None,
        back_by=visit.back_by.astimezone(now.tzinfo) if visit.back_by else None,
        not_back=visit.back_by is not None and now >= visit.back_by,
    )


def is_forgotten(line: Line, visit: Visit, now: datetime) -> bool:
    """Whether they came, or were booked, on an earlier date and not just before midnight."""
    earlier = day_of(line.setup, visit.arrived) < day_of(line.setup, now)
    return earlier and now - visit.arrived >= FORGOTTEN_AFTER


def following(line: Line) -> dict[str, tuple[str, ...]]:
    """For each visit that is next somewhere, the names of the open rooms that call it next."""
    found: dict[str, tuple[str, ...]] = {}
    for place in line.setup.rooms:
        visit = next_for(line, place.id) if line.room(place.id).state == "open" else None
        if visit:
            found[visit.id] = (*found.get(visit.id, ()), place.name)
    return found


def _bound_to(line: Line, visit: Visit) -> str:
    clinician, room = line.setup.clinician(visit.clinician or ""), line.setup.room(visit.assigned or "")
    return clinician.name if clinician else room.name if room else ""


def _is_overdue(visit: Visit, now: datetime) -> bool:
    if visit.status != "called":
        return False
    if not enough_calls(visit):
        return next_call_counts(visit, now)
    return now - (visit.called_at or now) >= MISSED_AFTER
