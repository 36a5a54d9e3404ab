"""What comes of people when the day is closed: everybody here or expected gets an outcome, nobody is dropped. Pure."""

from datetime import datetime

from clinic import events as e
from clinic.hours import day_of
from clinic.line import Line, Visit

OUTCOMES = ("seen", "another_day", "left", "missed")
"""What may have come of somebody; who is not here was not seen."""


def absent(line: Line, at: datetime) -> list[Visit]:
    """Who was expected and is not here, those included whom staff have said to have missed it.

    Where a day is closed on a later date, who is booked for that date is left out: the next day expects them again.
    """
    if line.opened_at is None:
        return []
    closes_on = day_of(line.setup, at)
    same_day = day_of(line.setup, line.opened_at) >= closes_on
    missing = (visit for visit in line.ongoing if not visit.ticket and visit.joined is None)
    return [visit for visit in missing if same_day or day_of(line.setup, visit.arrived) < closes_on]


def usual(visit: Visit, at: datetime) -> str:
    """The outcome of whom nobody says otherwise.

    Who is in a room was seen, who waits comes another day, who is said to have missed it or is late for it missed it.
    """
    if visit.status == "in_room":
        return "seen"
    if visit.status == "no_show":
        return "missed"
    return "another_day" if visit.ticket or visit.arrived > at else "missed"


def end(at: datetime, visit: Visit, outcome: str) -> e.Fact:
    """The fact that this outcome is."""
    if outcome == "seen" and visit.ticket:
        return e.Finished(at, visit.id)
    return e.Left(at, visit.id, {"left": "left", "missed": "missed"}.get(outcome, "closed"))
