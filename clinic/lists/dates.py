"""Dates and times as lists write them: in three orders, with names of months, with or without a zone. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from datetime import time as time_of_day

ORDERS = ("year-first", "day-first", "month-first")
NEAR = 31
"""Days from today within which appointments of an undecided list are looked for."""

MONTHS = (
    "jan january januar enero ene janvier janv janeiro jänner يناير",
    "feb february februar febrero février fév fevereiro fev فبراير",
    "mar march märz mär mrz marzo mars março مارس",
    "apr april abril abr avril avr أبريل ابريل",
    "may mai mayo maio مايو",
    "jun june juni junio juin junho يونيو",
    "jul july juli julio juillet juil julho يوليو",
    "aug august agosto ago août aout أغسطس اغسطس",
    "sep sept september septiembre septembre setembro set سبتمبر",
    "oct october oktober okt octubre octobre outubro out أكتوبر اكتوبر",
    "nov november noviembre novembre novembro نوفمبر",
    "dec december dezember dez diciembre dic décembre déc dezembro ديسمبر",
)
MONTH = {name: number for number, names in enumerate(MONTHS, 1) for name in names.split()}

_ISO = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?!\d)\.?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?!\d)")
_LOCAL = re.compile(r"(\d{1,2})([-/. ])\s?(\d{1,2})\2\s?(\d{4}|\d\d)(?!\d)\.?")
_NO_YEAR = re.compile(r"(?:--)?(\d{1,2})[-/. ]\s?(\d{1,2})\.?$")
_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[-/. ]*(?:de )?([^\W\d_]{3,})\.?(?:[-/., ]+(?:de )?(\d{4}|\d\d)(?!\d))?"
)
_NAMED_FIRST = re.compile(r"([^\W\d_]{3,})\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4})(?!\d))?")
_WEEKDAY = re.compile(r"[^\W\d_]+\.?,? +")
_TIME = re.compile(
    r"[T,]?\s*(\d{1,2})(?:[:.hH]\s?(\d\d)(?:[:.](\d\d)(?:[.,]\d{1,9})?)?|(\d\d)(\d\d)?)?"
    r"\s*([aApP])?(?(6)\.?\s?[mM]\.?)\s*([صم])?\s*(Uhr|uhr|[hH]|hs|hrs)?\s*(Z|z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?$"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A date as written. order: "year-first", or "named" for one with its month in letters; empty: one cannot tell.

    one, two: day and month, in whichever order. short: of the year only two digits are there.
    """

    order: str
    one: int
    two: int
    year: int | None
    short: bool = False

    def could(self, order: str) -> bool:
        """Whether this is a date at all when the list writes them in this order."""
        return _real(self._full_year, *self._day_month(order))

    def day(self, order: str) -> tuple[int, int]:
        """Day and month, for a list in this order. Raises ValueError when there is no such day."""
        day, month = self._day_month(order)
        if order == "year-first" and not self.order and self.year is not None:
            raise ValueError
        if not _real(self._full_year, day, month):
            raise ValueError
        return day, month

    def date(self, order: str) -> date:
        """The date, likewise. Raises ValueError also without a year of four digits."""
        day, month = self.day(order)
        if self.year is None or self.short:
            raise ValueError
        return date(self.year, month, day)

    @property
    def _full_year(self) -> int | None:
        return None if self.short else self.year

    def _day_month(self, order: str) -> tuple[int, int]:
        return (self.two, self.one) if (self.order or order) in ("month-first", "year-first") else (self.one, self.two)


def _real(year: int | None, day: int, month: int) -> bool:
    try:
        date(2000 if year is None else year, month, day)
    except ValueError:
        return False
    return True


def split(text: str, year_needed: bool = True) -> tuple[Written | None, str]:
    """The date that this text begins with, and what comes after it; without one, the text as it is."""
    text = text.strip()
    word = _WEEKDAY.match(text)
    if word and word[0].strip(" .,").casefold() not in MONTH:
        text = text[word.end() :]
    for pattern in (_ISO, _COMPACT):
        if found := pattern.match(text):
            year, one, two = map(int, found.groups())
            return Written("year-first", one, two, year), text[found.end() :].strip()
    if found := _LOCAL.match(text):
        return _with_year("", int(found[1]), int(found[3]), found[4]), text[found.end() :].strip()
    if not year_needed and (found := _NO_YEAR.match(text)):
        return Written("year-first" if text.startswith("--") else "", int(found[1]), int(found[2]), None), ""
    for pattern, month_at, day_at in ((_NAMED, 2, 1), (_NAMED_FIRST, 1, 2)):
        found = pattern.match(text)
        month = MONTH.get(found[month_at].casefold()) if found else None
        if found and month and (found[3] or not year_needed):
            return _with_year("named", int(found[day_at]), month, found[3]), text[found.end() :].strip()
    return None, text


def _with_year(order: str, one: int, two: int, year: str | None) -> Written:
    return Written(order, one, two, int(year) if year else None, short=year is not None and len(year) == 2)


def clock(text: str) -> tuple[time_of_day, tzinfo | None] | None:
    """The time of day that this text is, and its zone if it names one."""
    found = _TIME.match(text.strip())
    if not found:
        return None
    minute, second = found[2] or found[4], found[3] or found[5]
    half = (found[6] or "").lower() or {"ص": "a", "م": "p"}.get(found[7] or "", "")
    hour = int(found[1])
    if (minute is None and not half and not found[8]) or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time_of_day(hour, int(minute or 0), int(second or 0)), _zone(found[9])
    except ValueError:
        return None


def _zone(text: str | None) -> tzinfo | None:
    """The zone of an offset such as +01:00. Raises ValueError for one that is a day or more."""
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(offset if text[0] == "+" else -offset)


def on(day: date, clock: tuple[time_of_day, tzinfo | None], zone: tzinfo) -> datetime:
    """This time on this day in the clinic's zone. Raises ValueError or OverflowError at the ends of the calendar."""
    at = datetime.combine(day, clock[0], clock[1] or zone)
    # By way of UTC: a time that summer time skips becomes one that there is.
    return at.astimezone(UTC).astimezone(zone)


def order_of(written: Iterable[Written], starts: Iterable[Written], today: date) -> tuple[str, bool]:
    """How a list writes dates, and whether that is a guess. written: all its dates; starts: those of appointments.

    Decided by dates that can be read in one way only, the more of them the surer; else by which order has all
    appointments near today. Else it is day-first, and a guess.
    """
    written = tuple(written)
    open_ones = [one for one in written if not one.order and one.one != one.two]
    day_first = sum(1 for one in open_ones if one.one > 12 >= one.two)
    month_first = sum(1 for one in open_ones if one.two > 12 >= one.one)
    if day_first != month_first:
        return ("day-first" if day_first > month_first else "month-first"), False
    if not open_ones:
        one_way = any(one.order == "year-first" for one in written) and all(one.order for one in written)
        return ("year-first" if one_way else "day-first" if written else ""), False
    undecided = [one for one in starts if not one.order]
    near = [order for order in ORDERS[1:] if undecided and all(_near(one, order, today) for one in undecided)]
    return (near[0], False) if len(near) == 1 else ("day-first", True)


def _near(one: Written, order: str, today: date) -> bool:
    try:
        return abs((one.date(order) - today).days) <= NEAR
    except ValueError:
        return False
