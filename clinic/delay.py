"""How late we are for somebody who waits, and what they are owed for it. Pure.

Late counts from the booked time for who has waited since then or longer; for everybody else from the end of the first
window they were told. Nobody who waits is called late by the minutes they came late themselves, or were away.
"""

from datetime import datetime, timedelta

from clinic.events import Apologised, DelayNoted
from clinic.line import Line, Visit
from clinic.minutes import full_five
from clinic.order import waiting

TELL, SORRY, SPEAK = 15, 30, 60
"""Minutes late from which they are told; get an apology with a reason; are spoken to by a person."""

REASONS = ("more_time", "urgent_care", "room_closed", "short_of_staff", "technical")
"""Why a delay may be said to be; each has one neutral sentence."""

SORRY_SHOWN = timedelta(minutes=30)
"""How long an apology stands on their page."""

SPEAK_WITHIN = timedelta(minutes=10)


def late_from(visit: Visit) -> datetime | None:
    """From when on we are late for this waiting person; None where they were given no time to be late for."""
    if visit.status != "waiting":
        return None
    if visit.booked and (visit.since or visit.arrived) <= visit.booked:
        return visit.booked
    return visit.first_told.high if visit.first_told else None


def minutes_over(visit: Visit, now: datetime) -> int:
    """Whole minutes that we are late for this person; 0 while we are not."""
    since = late_from(visit)
    return max(0, int((now - since).total_seconds() // 60)) if since else 0


def minutes_said(visit: Visit, now: datetime) -> int:
    """The same as we say it to them, in quarters of an hour: nobody hears from us by themselves every five minutes."""
    return minutes_over(visit, now) // TELL * TELL


def step(visit: Visit, now: datetime) -> int:
    """The step that their delay has reached: 0, `TELL`, `SORRY` or `SPEAK`."""
    over = minutes_over(visit, now)
    return next((one for one in (SPEAK, SORRY, TELL) if over >= one), 0)


def owed_apology(line: Line, now: datetime, service: str | None = None) -> list[Visit]:
    """Who waits so long that we owe them an apology and has had none yet, in calling order: of all or one service."""
    late = (visit for visit in waiting(line) if service in (None, visit.service))
    return [visit for visit in late if step(visit, now) >= SORRY and visit.apologised is None]


def to_speak_to(line: Line, now: datetime) -> list[Visit]:
    """Who waits so long that a person must speak to them, and nobody has, in calling order."""
    return [visit for visit in waiting(line) if step(visit, now) == SPEAK and visit.spoken_at is None]


def speak_by(visit: Visit) -> datetime | None:
    """By when we say that somebody will speak to this person, on a full five minutes."""
    since = late_from(visit)
    return full_five(since + timedelta(minutes=SPEAK) + SPEAK_WITHIN) if since else None


def apology(visit: Visit, now: datetime) -> Apologised | None:
    """The apology that this waiting person reads now, if any."""
    sorry = visit.apologised
    return sorry if sorry and visit.status == "waiting" and now < sorry.at + SORRY_SHOWN else None


def notes(line: Line, now: datetime) -> tuple[DelayNoted, ...]:
    """The delay notes that stand now, the latest first."""
    return tuple(note for note in reversed(line.delays) if now < note.until)


def note_for(line: Line, visit: Visit, now: datetime) -> DelayNoted | None:
    """The latest delay note that is about this person's service or about everybody."""
    return next((note for note in notes(line, now) if not note.services or visit.service in note.services), None)
