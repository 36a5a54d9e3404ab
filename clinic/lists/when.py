"""When an appointment is, how long it takes, and when its person was born. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from clinic.lists.dates import MONTH, ORDERS, Written, clock, on, split
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
    """When it starts: the date of the first cell that has one, the time of the surest. Raises NotTaken."""
    parts = {name: split(cells[name]) for name in ("start", "date") if name in cells}
    if "time" in cells:
        parts["time"] = (None, cells["time"]) if clock(cells["time"]) else split(cells["time"])
    day = _day(line, [(cells[name], parts[name][0]) for name in ("start", "date") if name in parts], reading)
    rests = [parts[name][1] for name in ("time", "start", "date") if name in parts and parts[name][1]]
    if not rests:
        raise NotTaken(Remark(line, "time", "list_time_missing"))
    time = next((found for rest in rests if (found := clock(rest))), None)
    try:
        if time is None:
            raise ValueError
        start = on(day, time, reading.zone)
    except (ValueError, OverflowError):
        raise NotTaken(Remark(line, "time", "list_time_unreadable", {"text": short(rests[0])})) from None
    if start.date() < reading.today:
        raise NotTaken(Remark(line, "start", "past_day", {"day": f"{start:%Y-%m-%d}"}))
    if start.date() > reading.today + timedelta(days=DAYS_AHEAD):
        raise NotTaken(Remark(line, "start", "list_day_far", {"day": f"{start:%Y-%m-%d}"}))
    return start


def _day(line: int, dates: list[tuple[str, Written | None]], reading: Reading) -> date:
    """The first of these that is a date."""
    if not dates:
        raise NotTaken(Remark(line, "start", "list_date_missing"))
    text, written = next((one for one in dates if one[1]), dates[-1])
    text = short(text)
    if written is None:
        raise NotTaken(Remark(line, "start", "list_date_unreadable", {"text": text}))
    if written.short:
        raise NotTaken(Remark(line, "start", "list_year_short", {"text": text}))
    try:
        return written.date(reading.order)
    except ValueError:
        if any(written.could(order) for order in ORDERS):
            raise NotTaken(Remark(line, "start", "list_date_order", {"text": text})) from None
        raise NotTaken(Remark(line, "start", "list_date_unreadable", {"text": text})) from None


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
        written, rest = (None, text) if clock(text) else split(text)
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
    if text.isdecimal() and len(text) <= 2:
        # "Birth day" beside "birth month" is but a day.
        parts[0], text = text, ""
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
