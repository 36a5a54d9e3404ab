"""How we kept our word: of the last people we told a window, how many were called inside it. Pure.

A promise is the first window somebody was told since they joined the line, or joined it again (`Visit.first_told`).
The call ends it, and so does stepping out or leaving. Who is not called by its end was let down at that moment,
whatever comes after; who goes before its end counts in nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from clinic.events import Called, CheckedIn, Entry, Held, Left, Told, Transferred, straight, undone
from clinic.line import Line, present
from clinic.setup import Setup

LAST = 200
"""How many promises are looked at."""

ENOUGH = 20
"""Fewer promises say nothing about a clinic."""

ENOUGH_OF_A_PART = 10
"""Fewer say nothing about one service or one hour."""

AIM, LOWEST = 80, 70
"""Percent inside the window: what the estimate is made for, and what calls for somebody to look."""

ALARM_OVER = 100
"""How many of the last promises the alarm looks at; it is silent until there are so many."""

MOVED_BY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Promise:
    """The window told at `at`; `how` it went: inside, earlier or later. `moved`: its end was moved to much later."""

    visit: str
    service: str
    at: datetime
    low: datetime
    high: datetime
    moved: bool = False
    how: str = ""


def promises(entries: Iterable[Entry]) -> list[Promise]:
    """The promises in these facts that were kept or broken, in the order in which they ended."""
    entries = straight(entries)
    left_out = undone(entries)
    service: dict[str, str] = {}
    given: dict[str, Promise] = {}
    found = []
    for entry in entries:
        if entry.seq in left_out:
            continue
        match entry.fact:
            case CheckedIn(_, visit, name) | Transferred(_, visit, name):
                service[visit] = name
                if visit in given:
                    given[visit] = replace(given[visit], service=name)
            case Told(visit=visit) as told if visit in given:
                given[visit] = replace(given[visit], moved=given[visit].moved or _moved(given[visit].high, told))
            case Told(at, visit, low, high) if low and high and visit in service:
                given[visit] = Promise(visit, service[visit], at, low, high)
            case Called(at, visit) if visit in given:
                promise = given.pop(visit)
                found.append(replace(promise, how=_how(promise, at)))
            case Held(at, visit) | Left(at, visit) if visit in given:
                promise = given.pop(visit)
                if at > promise.high:
                    found.append(replace(promise, how="later"))
    return found


def overdue(line: Line, now: datetime) -> list[Promise]:
    """The promises that broke already: of people who still wait past the end of their window."""
    found = []
    for visit in present(line, "waiting"):
        first = visit.first_told
        if first and first.low and first.high and now > first.high:
            moved = visit.told is not None and _moved(first.high, visit.told)
            found.append(Promise(visit.id, visit.service, first.at, first.low, first.high, moved, "later"))
    return sorted(found, key=lambda promise: promise.high)


def _how(promise: Promise, called: datetime) -> str:
    return "earlier" if called < promise.low else "later" if called > promise.high else "inside"


def _moved(high: datetime, told: Told) -> bool:
    return told.high is not None and told.high - high > MOVED_BY


@dataclass(frozen=True, slots=True)
class Count:
    """How some promises went."""

    inside: int = 0
    earlier: int = 0
    later: int = 0

    @property
    def all(self) -> int:
        """How many they are."""
        return self.inside + self.earlier + self.later

    @property
    def percent(self) -> int:
        """How many of a hundred were kept; rounded down, since a promise half kept is none."""
        return 100 * self.inside // self.all if self.all else 0


@dataclass(frozen=True, slots=True)
class Record:
    """How the last promises went: all, by service in the set-up's order, by hour of the day they were given in.

    `moved`: how many of them were later moved. `recent`: the ones the alarm looks at.
    """

    count: Count
    moved: int
    services: tuple[tuple[str, Count], ...]
    hours: tuple[tuple[int, Count], ...]
    recent: Count

    @property
    def is_enough(self) -> bool:
        """Whether there are enough to say anything."""
        return self.count.all >= ENOUGH

    @property
    def is_alarm(self) -> bool:
        """Whether so few promises are kept that somebody needs to look."""
        return self.recent.all >= ALARM_OVER and self.recent.percent < LOWEST


def record(ended: Sequence[Promise], setup: Setup, zone: tzinfo | None) -> Record:
    """What these promises, the latest at the end, say; hours are those of `zone`."""
    last = ended[-LAST:]
    hours = sorted({_hour(promise, zone) for promise in last})
    services = [service.id for service in setup.services if any(p.service == service.id for p in last)]
    return Record(
        count=_count(last),
        moved=sum(promise.moved for promise in last),
        services=tuple((name, _count(p for p in last if p.service == name)) for name in services),
        hours=tuple((hour, _count(p for p in last if _hour(p, zone) == hour)) for hour in hours),
        recent=_count(last[-ALARM_OVER:]),
    )


def _hour(promise: Promise, zone: tzinfo | None) -> int:
    return promise.at.astimezone(zone).hour


def _count(some: Iterable[Promise]) -> Count:
    how = [promise.how for promise in some]
    return Count(how.count("inside"), how.count("earlier"), how.count("later"))
