"""When rooms are planned to work: from opening to closing on their days, but for their breaks. Pure.

Plans are times on the wall of the clinic's own zone, so a day on which the clocks change is planned as people read it.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from clinic.setup import Place, Setup


def day_of(setup: Setup, at: datetime) -> date:
    """The date of this moment on the clinic's own calendar."""
    return at.astimezone(ZoneInfo(setup.timezone)).date()


def works_on(place: Place, day: date) -> bool:
    """Whether this room has hours on this day; without hours nothing is planned for it."""
    return bool(place.opens and place.closes) and (not place.days or day.weekday() in place.days)


def closing(setup: Setup, place: Place, day: date) -> datetime | None:
    """When this room is planned to close on this day."""
    return _at(setup, day, place.closes) if works_on(place, day) else None


def day_closes(setup: Setup, now: datetime) -> datetime | None:
    """When the last room is planned to close today; None where no room has hours."""
    today = day_of(setup, now)
    return max((at for place in setup.rooms if (at := closing(setup, place, today))), default=None)


def breaks(setup: Setup, place: Place, day: date) -> list[tuple[datetime, datetime]]:
    """The planned breaks of this room on this day, in order."""
    if not works_on(place, day):
        return []
    return sorted((_at(setup, day, begins), _at(setup, day, ends)) for begins, ends in place.breaks)


def next_stop(setup: Setup, place: Place, now: datetime) -> tuple[datetime, datetime | None] | None:
    """The next planned break of this room with its end, or its closing with None; None when nothing is ahead today."""
    today = day_of(setup, now)
    for begins, ends in breaks(setup, place, today):
        if begins > now:
            return begins, ends
    closes = closing(setup, place, today)
    return (closes, None) if closes and closes > now else None


def current_break(setup: Setup, place: Place, now: datetime) -> tuple[datetime, datetime] | None:
    """The planned break of this room that has begun and not ended."""
    today = day_of(setup, now)
    return next(((begins, ends) for begins, ends in breaks(setup, place, today) if begins <= now < ends), None)


def _at(setup: Setup, day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(setup.timezone))
