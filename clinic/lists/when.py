"""When an appointment is, how long it takes, and when its person was born. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from clinic.lists.dates import MONTH, Written, clock, on, split
from clinic.lists.found import Remark
from clinic.lists.reading import NotTaken, Reading, short

LONGEST_VISIT = 480
DAYS_AHEAD = 366
OLDEST = 130

_MINUTES = re.compile(
    r"(\d{1,4})(?:[.,]0*)?\s*(?:m|min|mins|min\.|minutes?|minutos?|minuten?|'|′|دقيقة)?", re.IGNORECASE
)
_HOURS = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d)?")
_ONLY_A_YEAR = re.compile(r"\d{4}(?:-\d\d)?")


def start_of(line: int, cells: Mapping[str, str], reading: Reading) -> datetime:
    """When it starts: the date of the first cell that has one, the time of the surest that has one."""
    parts = {name: split(cells[name]) for name in ("start", "date", "time") if cells.get(name)}
    written = next((parts[name][0] for name in ("start", "date") if name in parts and parts[name][0]), None)
    if written is None:
        text = cells.get("date") or cells.get("start")
        if not text:
            raise NotTaken(Remark(line, "start", "list_date_missing"))
        raise NotTaken(Remark(line, "start", "list_date_unreadable", {"text": short(text)}))
    text = short(cells.get("start") or cells.get("date", ""))
    if written.short:
        raise NotTaken(Remark(line, "start", "list_year_short", {"text": text}))
    try:
        day = written.date(reading.order)
    except ValueError:
        other = any(written.could(order) for order in ("day-first", "month-first"))
        if other:
            raise NotTaken(Remark(line, "start", "list_date_order", {"text": text})) from None
        raise NotTaken(Remark(line, "start", "list_date_unreadable", {"text": text})) from None
    rests = [parts[name][1] for name in ("time", "start", "date") if name in parts and parts[name][1]]
    times = [found for rest in rests if (found := clock(rest))]
    if not rests:
        raise NotTaken(Remark(line, "time", "list_time_missing"))
    if not times:
        raise NotTaken(Remark(line, "time", "list_time_unreadable", {"text": short(rests[0])}))
    # The time that is told has a zone where any of them does: never read as the clinic's what is somebody else's.
    try:
        start = on(day, times[0], reading.zone)
    except (ValueError, OverflowError):
        raise NotTaken(Remark(line, "start", "list_date_unreadable", {"text": text})) from None
    if start.date() < reading.today:
        raise NotTaken(Remark(line, "start", "past_day", {"day": start.date().isoformat()}))
    if start.date() > reading.today + timedelta(days=DAYS_AHEAD):
        raise NotTaken(Remark(line, "start", "list_day_far", {"day": start.date().isoformat()}))
    return start


def minutes_of(
    line: int, cells: Mapping[str, str], start: datetime, reading: Reading, kept: list[Remark]
) -> float | None:
    """How long it is booked for, from its length or else its end."""
    text = cells.get("minutes", "")
    minutes = 0.0
    if text:
        if found := _MINUTES.fullmatch(text):
            minutes = float(found[1])
        elif found := _HOURS.fullmatch(text):
            minutes = float(found[1]) * 60 + float(found[2])
    elif text := cells.get("end", ""):
        written, rest = split(text)
        end = clock(rest)
        try:
            day = written.date(reading.order) if written else start.date()
            minutes = (on(day, end, reading.zone) - start).total_seconds() / 60 if end else 0.0
        except (ValueError, OverflowError):
            minutes = 0.0
    else:
        return None
    if not 1 <= minutes <= LONGEST_VISIT:
        kept.append(Remark(line, "minutes", "list_minutes_unreadable", {"text": short(text)}))
        return None
    return minutes


def birth_of(
    line: int, cells: Mapping[str, str], reading: Reading, kept: list[Remark]
) -> tuple[tuple[int, int] | None, int | None]:
    """Day and month of birth, and the year where it is sure."""
    parts = [cells.get(part, "") for part in ("day", "month", "year")]
    text = cells.get("birth", "")
    if _ONLY_A_YEAR.fullmatch(text) or not (text or (parts[0] and parts[1])):
        return None, None
    try:
        day, month, year = _born(text, reading) if text else _born_in_parts(parts, reading)
    except ValueError:
        kept.append(Remark(line, "birth", "list_birth_unreadable", {"text": short(text or " ".join(parts))}))
        return None, None
    return (day, month), year


def _born(text: str, reading: Reading) -> tuple[int, int, int | None]:
    """Day, month, and year where it is sure. Raises ValueError."""
    written, _ = split(text, year_needed=False)
    if written is None:
        raise ValueError
    day, month = written.day(reading.order)
    return day, month, _sure_year(written.year, written.short, day, month, reading.today)


def _born_in_parts(parts: list[str], reading: Reading) -> tuple[int, int, int | None]:
    """The same from day, month and year by themselves."""
    day, month = int(parts[0]), MONTH.get(parts[1].casefold().strip(".")) or int(parts[1])
    year = int(parts[2]) if parts[2] else None
    Written("named", day, month, None).day(reading.order)
    return day, month, _sure_year(year, year is not None and year < 100, day, month, reading.today)


def _sure_year(year: int | None, short: bool, day: int, month: int, today: date) -> int | None:
    """The year, if any. Raises ValueError for one that cannot be."""
    if year is not None and short:
        # Two digits mean the last century where they cannot mean this one, and else nobody knows.
        year = 1900 + year if year > today.year % 100 else None
    if year is not None and not (
        today.year - OLDEST <= year and (year, month, day) <= (today.year, today.month, today.day)
    ):
        raise ValueError
    return year
