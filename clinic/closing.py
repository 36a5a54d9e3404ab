"""The last hour before closing: how many wait, and how many of them can still be seen. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.estimate import Estimate, History, estimates
from clinic.hours import closing, day_closes, day_of
from clinic.line import Line, Visit, expected
from clinic.order import rooms_for, waiting

HOUR = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Outlook:
    """So many are `waiting`, so many of them are likely to be called before their rooms close, so many are yet to come.

    `closes`: when the last room is planned to close.
    """

    closes: datetime
    waiting: int
    seen: int
    expected: int


def outlook(line: Line, history: History, now: datetime) -> Outlook | None:
    """How closing looks from here; None where it is more than an hour away, past, or not planned."""
    closes = day_closes(line.setup, now)
    if line.opened_at is None or closes is None or not now < closes <= now + HOUR:
        return None
    said = estimates(line, history, now)
    turns = {visit: now + timedelta(minutes=one.likely) for visit, one in said.items() if isinstance(one, Estimate)}
    in_line = waiting(line)
    seen = sum(visit.id in turns and turns[visit.id] < _last_call(line, visit, closes) for visit in in_line)
    coming = sum(now - line.setup.lateness < visit.arrived < closes for visit in expected(line))
    return Outlook(closes, len(in_line), seen, coming)


def _last_call(line: Line, visit: Visit, closes: datetime) -> datetime:
    """When the last of their rooms that is not closed yet is planned to close."""
    places = (line.setup.room(room) for room in rooms_for(line, visit) if line.room(room).state != "closed")
    today = day_of(line.setup, closes)
    return max((closing(line.setup, place, today) or closes for place in places if place), default=closes)
