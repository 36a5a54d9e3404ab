"""How long until me: for each waiting visit a range of minutes, or why we cannot say. Pure.

A forward look: every open room becomes free after the rest of its present visits, then takes the waiting people in
the order of the line. The spread of a turn grows with the number of visits before it, as the sum of independent
service times does; the range is the 80% band of that sum (a normal approximation, Wolff 1989, chapter 5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt

from clinic.events import CheckedIn, Entry, Finished, Started, Transferred, Undone
from clinic.line import Line, visits_in, waiting

PRIOR = 6
"""The configured minutes count as much as this many visits seen."""

SPREAD = 0.6
"""Standard deviation of a service time as a share of its mean; clinic visits lie between 0.4 and 0.8."""

BAND = 1.2816
"""Standard deviations on each side that hold the middle 80%."""

SHORTEST, LONGEST = 0.5, 6.0
"""Observed minutes below this, or beyond this many times the configured ones, are forgotten taps, not visits."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Minutes from now until called: 10% sooner than `low`, 10% later than `high`."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class CannotSay:
    """No honest number: `why` is no_room (none open for this service) or rooms_paused (no end known)."""

    why: str


@dataclass(frozen=True)
class History:
    """What past days taught: the latest observed minutes of each service."""

    minutes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def learn(entries: Iterable[Entry], keep: int = 200) -> History:
    """The history in the facts of past days: the last `keep` times from `Started` to `Finished`, by service."""
    entries = tuple(entries)
    undone = {entry.fact.seq for entry in entries if isinstance(entry.fact, Undone)}
    service: dict[str, str] = {}
    begun: dict[str, datetime] = {}
    minutes: dict[str, list[float]] = {}
    for entry in entries:
        if entry.seq in undone:
            continue
        match entry.fact:
            case CheckedIn(_, visit, name) | Transferred(_, visit, name):
                service[visit] = name
                begun.pop(visit, None)
            case Started(at, visit):
                begun[visit] = at
            case Finished(at, visit) if visit in begun and visit in service:
                took = (at - begun.pop(visit)).total_seconds() / 60
                minutes.setdefault(service[visit], []).append(took)
    return History({name: tuple(seen[-keep:]) for name, seen in minutes.items()})


def service_minutes(line: Line, history: History) -> dict[str, float]:
    """Mean minutes of a visit by service: what was seen, shrunk to what was configured."""
    seen = {service.id: list(history.minutes.get(service.id, ())) for service in line.setup.services}
    for visit in line.visits.values():
        if visit.status == "done" and visit.started_at and visit.ended_at and visit.service in seen:
            seen[visit.service].append((visit.ended_at - visit.started_at).total_seconds() / 60)
    means = {}
    for service in line.setup.services:
        good = [m for m in seen[service.id] if SHORTEST <= m <= LONGEST * service.minutes]
        means[service.id] = (PRIOR * service.minutes + sum(good)) / (PRIOR + len(good))
    return means


@dataclass(slots=True)
class _Free:
    """When a room can take the next person: minutes from now, and the variance of that. Never before `back`."""

    minutes: float
    variance: float
    back: float
    services: tuple[str, ...]


def estimates(line: Line, history: History, now: datetime) -> dict[str, Estimate | CannotSay]:
    """For each waiting visit, in calling order, when it will be called."""
    means = service_minutes(line, history)
    rooms = _free_rooms(line, means, now)
    found: dict[str, Estimate | CannotSay] = {}
    for visit in waiting(line):
        serving = [room for room in rooms if visit.service in room.services]
        if not serving:
            found[visit.id] = CannotSay(_why(line, visit.service))
            continue
        room = min(serving, key=lambda room: room.minutes)
        spread = BAND * sqrt(room.variance)
        found[visit.id] = Estimate(max(room.back, room.minutes - spread), room.minutes, room.minutes + spread)
        room.minutes += means[visit.service]
        room.variance += (SPREAD * means[visit.service]) ** 2
    return found


def _free_rooms(line: Line, means: Mapping[str, float], now: datetime) -> list[_Free]:
    """The rooms whose next free moment is known."""
    rooms = []
    for place in line.setup.rooms:
        room = line.room(place.id)
        if room.state == "open" or (room.state == "paused" and room.until):
            back = max(2.0, (room.until - now).total_seconds() / 60) if room.until else 0.0
            free = _Free(0.0, 0.0, back, place.services)
            for visit in visits_in(line, place.id):
                mean = means.get(visit.service, 0.0)
                begun = visit.started_at if visit.status == "in_room" else None
                age = max(0.0, (now - begun).total_seconds() / 60) if begun else 0.0
                free.minutes += max(mean - age, mean / 4)
                free.variance += (SPREAD * max(mean - age, mean / 2)) ** 2
            free.minutes = max(free.minutes, back)
            rooms.append(free)
    return rooms


def _why(line: Line, service: str) -> str:
    paused = any(
        line.room(place.id).state == "paused" for place in line.setup.rooms if service in place.services
    )  # fmt: skip
    return "rooms_paused" if paused else "no_room"
