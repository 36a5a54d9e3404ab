"""Events of a calendar program (iCalendar, RFC 5545), each by itself: a broken one refuses only itself. Pure."""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Component, Parameters, Timezone, vDDDTypes
from icalendar.parser import Contentline
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from clinic.lists.columns import match
from clinic.lists.found import Raw, Remark, Unreadable
from clinic.lists.table import BREATH, MOST_HEADERS, MOST_ROWS

WANTED = frozenset(
    ("UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "SUMMARY", "LOCATION", "CATEGORIES",
     "ORGANIZER", "DESCRIPTION", "STATUS")
)  # fmt: skip
"""All else in an event is not even looked at."""
ONLY_FROM_THE_EVENT = frozenset({"start", "date", "time", "end"})
LINES_OF_A_ZONE = 400
LONGEST_PROPERTY = 10_000
LONGEST_NAME = 60

# A yearly rule is what zones are made of; others could go on for billions of seconds.
_PLAIN_RULE = re.compile(
    r"RRULE:(?:(?:FREQ=YEARLY|(?:BYMONTH|BYDAY|BYMONTHDAY|UNTIL|COUNT|INTERVAL|WKST)=[\w,+-]+);?)+$", re.IGNORECASE
)

# The package has no types for these two.
_line: Callable[[str], Any] = Contentline
_value: Callable[[str], Any] = vDDDTypes.from_ical

Chunk = tuple[int, list[str], bool]


def events(
    text: str, chosen: Mapping[str, str], breathe: Callable[[], None]
) -> tuple[tuple[str, ...], dict[str, str], list[Raw | Remark]]:
    """What the descriptions name, by field the name it is read from, and every event with the line it begins on."""
    lines = text.split("\n")
    method = next((line for line in lines if line[:7].upper() == "METHOD:"), "")
    zones = _Zones(chunk for _, chunk, whole in _chunks(lines, "VTIMEZONE") if whole)
    read: list[tuple[Raw | Remark, dict[str, str]]] = []
    headers: dict[str, None] = {}
    for line, chunk, whole in _chunks(lines, "VEVENT"):
        if len(read) == MOST_ROWS:
            raise Unreadable("list_too_long", limit=MOST_ROWS)
        if not len(read) % BREATH:
            breathe()
        found, said = _event(line, chunk, zones) if whole else (Remark(line, "", "list_event_broken"), {})
        read.append((found, said))
        headers |= dict.fromkeys(list(said)[: MOST_HEADERS - len(headers)])
    names = tuple(headers)
    columns = {field: names[at] for field, at in match(names, chosen).items() if field not in ONLY_FROM_THE_EVENT}
    cancelled = method.upper().strip() == "METHOD:CANCEL"
    return names, columns, [_merged(found, said, columns, cancelled) for found, said in read]


def _merged(found: Raw | Remark, said: Mapping[str, str], columns: Mapping[str, str], cancelled: bool) -> Raw | Remark:
    """The event with what its description says, which wins."""
    if isinstance(found, Remark):
        return found
    told = {field: said[name] for field, name in columns.items() if said.get(name)}
    cells = dict(found.cells)
    if "name" not in told and ("family" in told or "given" in told):
        # The title is about something else, then.
        cells.pop("name", None)
    return Raw(found.line, {**cells, **told, **({"status": "cancelled"} if cancelled else {})})


def _chunks(lines: Sequence[str], component: str) -> Iterator[Chunk]:
    """Each component of this name: the line it begins on, the lines within it, and whether it is ended."""
    begin, end = f"BEGIN:{component}", f"END:{component}"
    start: int | None = None
    for number, line in enumerate(lines, 1):
        word = line.strip().upper() if line[:1] in "BEbe" else ""
        if word in (begin, end, "END:VCALENDAR") and start is not None:
            yield start, list(lines[start : number - 1]), word == end
            start = None
        if word == begin:
            start = number
    if start is not None:
        yield start, list(lines[start:]), False


def _unfolded(lines: Sequence[str]) -> list[str]:
    """The properties, those that go on in the next line put together; what stands in components within is left out."""
    found: list[str] = []
    depth = 0
    for line in lines:
        if line[:1] in (" ", "\t"):
            if found and not depth and len(found[-1]) < LONGEST_PROPERTY:
                found[-1] += line[1:LONGEST_PROPERTY]
        elif line.upper().startswith("BEGIN:"):
            depth += 1
        elif line.upper().startswith("END:"):
            depth = max(0, depth - 1)
        elif not depth:
            found.append(line[:LONGEST_PROPERTY])
    return found


class _Zones:
    """The zones that events name: those everybody knows by name, else as the file describes them."""

    def __init__(self, chunks: Iterator[list[str]]):
        self._described: dict[str, list[str]] = {}
        for chunk in chunks:
            name = next((line[5:].strip() for line in chunk if line.upper().startswith("TZID:")), "")
            self._described.setdefault(name, chunk)
        self._found: dict[str, tzinfo | None] = {}

    def zone(self, name: str) -> tzinfo | None:
        """The zone of this name, None when nobody knows it."""
        if name not in self._found:
            self._found[name] = _public_zone(name) or _described_zone(self._described.get(name, ()))
        return self._found[name]


def _public_zone(name: str) -> tzinfo | None:
    """By its name in the public list, in Windows, or after the name of the program that wrote it."""
    parts = name.strip("/").split("/")
    for candidate in (name, WINDOWS_TO_OLSON.get(name, ""), "/".join(parts[-2:]), "/".join(parts[-3:])):
        try:
            if candidate and (candidate == name or "/" in candidate):
                return ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None


def _described_zone(lines: Sequence[str]) -> tzinfo | None:
    rules = [line for line in lines if line.upper().startswith(("RRULE", "RDATE", "EXRULE"))]
    if not lines or len(lines) > LINES_OF_A_ZONE or not all(_PLAIN_RULE.match(rule.strip()) for rule in rules):
        return None
    try:
        component = Component.from_ical("\r\n".join(("BEGIN:VTIMEZONE", *lines, "END:VTIMEZONE", "")))
        zone: tzinfo | None = component.to_tz(lookup_tzid=False) if isinstance(component, Timezone) else None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        return None
    return zone


def _event(line: int, lines: Sequence[str], zones: _Zones) -> tuple[Raw | Remark, dict[str, str]]:
    """The event by field, and what its description says by name."""
    try:
        event = _properties(lines)
        if "RRULE" in event or "RDATE" in event:
            return Remark(line, "start", "list_repeating"), {}
        start, end = (_moment(event, name) for name in ("DTSTART", "DTEND"))
        again = _moment(event, "RECURRENCE-ID")
        length = _value(event["DURATION"][1]) if "DURATION" in event else None
    except ValueError:
        return Remark(line, "", "list_event_broken"), {}
    if start is None:
        return Remark(line, "start", "list_date_missing"), {}
    times = {}
    for field, at, name in (("start", start, "DTSTART"), ("end", end, "DTEND")):
        if at is None:
            continue
        if not isinstance(at, datetime):
            return Remark(line, "start", "list_all_day"), {}
        zone = str(event[name][0].get("TZID", ""))
        if zone and at.tzinfo is None:
            if zones.zone(zone) is None:
                return Remark(line, "start", "list_zone_unknown", {"zone": zone[:40]}), {}
            at = at.replace(tzinfo=zones.zone(zone))
        times[field] = at.isoformat()
    if isinstance(length, timedelta):
        times["minutes"] = f"{length.total_seconds() / 60:.0f}"
    text = {name: value for name, (_, value) in event.items()}
    categories = text.get("CATEGORIES", "")
    cells = {
        "id": "/".join(filter(None, (text.get("UID", ""), again.isoformat() if again else ""))),
        "name": text.get("SUMMARY", ""),
        "place": text.get("LOCATION", ""),
        "service": "\n".join(dict.fromkeys([categories, *categories.split(",")])),
        "clinician": str(event["ORGANIZER"][0].get("CN", "")) if "ORGANIZER" in event else "",
        "status": "cancelled" if text.get("STATUS", "").strip().upper() == "CANCELLED" else "",
        **times,
    }
    return Raw(line, cells), _said(text.get("DESCRIPTION", ""))


def _properties(lines: Sequence[str]) -> dict[str, tuple[Parameters, str]]:
    """The parameters and the value of each property that is wanted, the first of each name. Raises ValueError."""
    found: dict[str, tuple[Parameters, str]] = {}
    for text in _unfolded(lines):
        if re.split("[;:]", text, maxsplit=1)[0].upper() in WANTED:
            name, parameters, value = _line(text).parts()
            found.setdefault(name.upper(), (parameters, value))
    return found


def _moment(event: Mapping[str, tuple[Parameters, str]], name: str) -> date | None:
    """This property as a time, or as a date if it is one, without the zone that it names. Raises ValueError."""
    if name not in event:
        return None
    at = _value(event[name][1].strip())
    if not isinstance(at, date):
        raise ValueError(f"{name} is no time")
    return at


def _said(description: str) -> dict[str, str]:
    """What a description says line by line, as "Language: es"; programs on the web write it in HTML."""
    if "<" in description or "&" in description:
        lines = re.sub(r"<br\s*/?>|</(?:p|div|li)>", "\n", description, flags=re.IGNORECASE)
        description = html.unescape(re.sub(r"<[^<>]{0,500}>", "", lines))
    found: dict[str, str] = {}
    for line in description.split("\n"):
        name, colon, value = line.partition(":")
        name = " ".join(name.split())
        if colon and 0 < len(name) <= LONGEST_NAME:
            found.setdefault(name, value.strip())
    return found
