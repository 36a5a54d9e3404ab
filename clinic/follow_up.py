"""Who went without being seen and has not been taken care of. Pure: derived from the log, only a person's word is kept.

On the list are who checked in and left unseen, who was missed twice and is not back, and who missed an appointment.
Who was seen after all is not, nor an appointment whose person told us before that they cannot come.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic import events as e

HOW = ("contacted", "no_need", "again")
"""What only a person can say of somebody on the list; "again" takes the word back."""

DAYS = timedelta(days=14)
"""How far back the list goes."""

WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class Unseen:
    """Somebody who went unseen `at`. why: left, closed, missed (when called) or missed_appointment.

    Who never checked in has no ticket. `how` they were taken care of, `handled` when; empty while nobody has.
    """

    visit: str
    ticket: str
    service: str
    at: datetime
    why: str
    booked: datetime | None = None
    how: str = ""
    handled: datetime | None = None


@dataclass(slots=True)
class _Person:
    ticket: str
    service: str
    booked: datetime | None
    missed: int = 0
    why: str = ""
    at: datetime | None = None
    how: str = ""
    handled: datetime | None = None


def unseen(entries: Iterable[e.Entry]) -> list[Unseen]:
    """Everybody in these facts who went unseen, taken care of or not, in the order in which they went."""
    entries = tuple(entries)
    left_out = e.undone(entries)
    people: dict[str, _Person] = {}
    stops: set[str] = set()
    for entry in entries:
        if entry.seq not in left_out:
            _live(people, stops, entry.fact)
    found = [
        Unseen(visit, one.ticket, one.service, one.at, one.why, one.booked, one.how, one.handled)
        for visit, one in people.items()
        # Whose later appointments went with them is on the list once.
        if one.why and one.at and (one.ticket or visit not in stops)
    ]
    return sorted(found, key=lambda one: one.at)


def _live(people: dict[str, _Person], stops: set[str], fact: e.Fact) -> None:
    match fact:
        case e.Booked(_, visit, service, booked):
            people[visit] = _Person("", service, booked)
        case e.Cancelled(_, visit):
            people.pop(visit, None)
        case e.CheckedIn():
            people[fact.visit] = _Person(fact.ticket, fact.service, fact.booked)
            stops.update(fact.stops)
        case e.MarkedNoShow(at, visit) if visit in people:
            one = people[visit]
            one.missed += 1
            if not one.ticket:
                one.why, one.at = "missed_appointment", at
            elif one.missed > 1:
                one.why, one.at = "missed", at
        case e.Left(at, visit, why) if visit in people:
            _left(people[visit], at, why)
        case e.Resumed(_, visit) | e.Finished(_, visit) if visit in people:
            people[visit].why = ""
        case e.FollowedUp(at, visit, how) if visit in people:
            people[visit].how, people[visit].handled = ("", None) if how == "again" else (how, at)


def _left(one: _Person, at: datetime, why: str) -> None:
    if one.ticket:
        one.why, one.at = why, at
    elif why == "missed":
        one.why, one.at = "missed_appointment", at


def owed(found: Iterable[Unseen]) -> list[Unseen]:
    """Those of them whom nobody has taken care of."""
    return [one for one in found if not one.how]


def due(day: date) -> date:
    """By when somebody who went unseen on this day is taken care of: the next working day."""
    after = day + timedelta(days=1)
    while after.weekday() in WEEKEND:
        after += timedelta(days=1)
    return after
