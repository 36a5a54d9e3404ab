"""What the estimator looks at: who waits, in calling order, and what each room is doing, made from the line.

All times are minutes of the running clock (`clinic.minutes`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.estimate.times import Times
from clinic.hours import next_stop
from clinic.line import Line, Room, Visit
from clinic.minutes import DAY, minute
from clinic.order import in_order, rooms_for
from clinic.setup import Place

SOON = 180.0
"""People booked so many minutes ahead are not yet counted."""

SESSION = 60.0
"""Minutes between two bookings that begin a new session."""


@dataclass(slots=True)
class Person:
    """One person in calling order. Expected people have `here_at` ahead and a `chance` below one to come at all.

    rooms: which may call them. group: whose waits are like theirs. rank: 0 for the most urgent.
    """

    id: str
    service: str
    rooms: frozenset[str]
    group: str
    arrived: float
    rank: int = 1
    booked: float | None = None
    here_at: float = 0.0
    chance: float = 1.0


@dataclass(slots=True)
class Chair:
    """One room. `state`: open, paused or closed; `until`: planned end of the pause; `stop`: next planned stop.

    `away`: minutes planned for that stop, None where nobody said.

    busy: service and minute of start (None: on the way) of everybody called to it and not finished.
    free_since: when its last visit ended today. begun: it was opened or paused today.
    """

    id: str
    state: str = "open"
    since: float = 0.0
    until: float | None = None
    stop: float | None = None
    away: float | None = None
    busy: tuple[tuple[str, float | None], ...] = ()
    free_since: float | None = None
    begun: bool = True


@dataclass(slots=True)
class Scene:
    """The clinic at one minute. `people` in calling order, those expected among them; `usual`: minutes configured."""

    now: float
    people: list[Person]
    chairs: list[Chair]
    usual: Mapping[str, float]


def person_of(line: Line, visit: Visit) -> Person:
    """A visit as the estimator sees it."""
    zone = line.setup.timezone
    # Among people given a level the most urgent are 0; without one everybody is 1, and who was moved up is 0.
    rank = 0 if visit.priority else 1 if visit.level is None else visit.level - 1
    # Who was sent on, or stepped out, has not waited in this line since they came.
    since = visit.since if visit.status == "waiting" and visit.since else visit.arrived
    return Person(
        visit.id, visit.service, frozenset(rooms_for(line, visit)), _group(line, visit), minute(since, zone), rank,
        minute(visit.booked, zone) if visit.booked else None,
    )  # fmt: skip


def scene_of(line: Line, now: datetime, times: Times, only: Visit | None = None) -> Scene:
    """The clinic as it stands in `line`; with `only`, as much of it as can matter to this visit."""
    zone = line.setup.timezone
    at = minute(now, zone)
    visits = [v for v in line.ongoing if v.status == "waiting" or _may_come(line, v, now)]
    near = _near(line, visits, only)
    if near is not None:
        visits = [v for v in visits if near.intersection(rooms_for(line, v))]
    people = _placed(line, in_order(line, visits), at, times)
    if not times.keeps_rule():
        people.sort(key=lambda p: (p.rank, p.here_at if p.chance < 1 else p.arrived))
    usual = {service.id: service.minutes for service in line.setup.services}
    return Scene(at, people, _chairs(line, now, near), usual)


def _may_come(line: Line, visit: Visit, now: datetime) -> bool:
    """Whether this is somebody expected within the next hours, or a little overdue."""
    if visit.status != "expected" or visit.booked is None:
        return False
    return now - line.setup.lateness < visit.booked < now + timedelta(minutes=SOON)


def _placed(line: Line, visits: Iterable[Visit], at: float, times: Times) -> list[Person]:
    """These visits with the time before which they cannot be called, and the chance that they come."""
    sessions: dict[str, list[float]] = {}
    people = []
    for visit in visits:
        person = person_of(line, visit)
        if person.booked is not None and visit.assigned and not times.tells:
            if visit.assigned not in sessions:
                sessions[visit.assigned] = _sessions(line, visit.assigned)
            starts = sessions[visit.assigned]
            person.here_at = max((start for start in starts if start <= person.booked), default=0.0)
        if visit.status == "expected" and person.booked is not None:
            person.here_at = max(person.booked + times.early, at + 1.0, person.here_at)
            person.chance = min(0.99, times.comes(at - person.booked))
        if person.chance > 0:
            people.append(person)
    return people


def _sessions(line: Line, room: str) -> list[float]:
    """Where nobody tells when rooms work: when the room's sessions begin; nobody is called before their own."""
    zone = line.setup.timezone
    booked = sorted(minute(v.booked, zone) for v in line.visits.values() if v.assigned == room and v.booked)
    return [b for a, b in zip([-DAY, *booked], booked, strict=False) if b - a > SESSION]


def _group(line: Line, visit: Visit) -> str:
    """People wait alike whose rooms serve the same services: named by the first of those services."""
    if visit.assigned or visit.clinician:
        return f"room {visit.assigned}" if visit.assigned else f"clinician {visit.clinician}"
    return min(line.setup.neighbours(visit.service))


def _near(line: Line, visits: Iterable[Visit], only: Visit | None) -> frozenset[str] | None:
    """The rooms that matter to this visit: its own, those of people who could take them, and so on; None for all."""
    if only is None:
        return None
    near = set(rooms_for(line, only))
    apart = {rooms_for(line, visit) for visit in visits}
    while more := [rooms for rooms in apart if not near.isdisjoint(rooms) and not near.issuperset(rooms)]:
        near.update(*more)
    return frozenset(near)


def _chairs(line: Line, now: datetime, near: Iterable[str] | None) -> list[Chair]:
    zone = line.setup.timezone
    busy: dict[str, list[tuple[str, float | None]]] = {}
    for visit in line.ongoing:
        if visit.room and visit.status in ("called", "in_room"):
            begun = minute(visit.started_at, zone) if visit.status == "in_room" and visit.started_at else None
            busy.setdefault(visit.room, []).append((visit.service, begun))
    chairs = []
    for place in line.setup.rooms:
        if near is not None and place.id not in near:
            continue
        room = line.room(place.id)
        until, back = _stop(line, place, room, now)
        chairs.append(Chair(
            place.id, room.state, minute(room.since, zone) if room.since else 0.0,
            until if room.state == "paused" else None, until if room.state == "open" else None,
            back - until if back is not None and until is not None else None,
            tuple(busy.get(place.id, ())), minute(room.freed, zone) if room.freed else None,
            room.since is not None,
        ))  # fmt: skip
    return chairs


def _stop(line: Line, place: Place, room: Room, now: datetime) -> tuple[float | None, float | None]:
    """When this room's pause ends or its next planned stop begins, and when that stop ends where it is a break.

    A break whose end has passed in an open room was worked through: the plan tells what is next.
    """
    until, back = room.until, room.back
    if room.state == "open" and back is not None and back <= now:
        until, back = next_stop(line.setup, place, now) or (None, None)
    zone = line.setup.timezone
    return minute(until, zone) if until else None, minute(back, zone) if back else None
