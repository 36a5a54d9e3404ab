"""Events of a calendar program (iCalendar, RFC 5545), each by itself: a broken one refuses only itself. Pure."""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Component, Event, Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from clinic.lists.columns import match
from clinic.lists.found import Raw, Remark, Unreadable
from clinic.lists.table import BREATH, MOST_ROWS

WANTED = frozenset(
    ("UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "SUMMARY", "LOCATION", "CATEGORIES",
     "ORGANIZER", "DESCRIPTION", "STATUS")
)  # fmt: skip
"""All else in an event is not even looked at."""
ONLY_FROM_THE_EVENT = frozenset({"start", "date", "time", "end"})
LINES_OF_A_ZONE = 400
MOST_HEADERS = 200

_SAID = re.compile(r"\s*([^:\n]{1,60}?)\s*:\s+(.*\S)|\s*([^:\n]{1,60}?)\s*:(\S.*)")
_ZONE_NAME = re.compile(r';TZID=("[^"]*"|[^;:]*)', re.IGNORECASE)
# A yearly rule is what zones are made of; others could go on for billions of seconds.
_PLAIN_RULE = re.compile(
    r"RRULE:(?:(?:FREQ=YEARLY|(?:BYMONTH|BYDAY|BYMONTHDAY|UNTIL|COUNT|INTERVAL|WKST)=[\w,+-]+);?)+$", re.IGNORECASE
)

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
            if found and not depth:
                found[-1] += line[1:]
        elif line.upper().startswith("BEGIN:"):
            depth += 1
        elif line.upper().startswith("END:"):
            depth = max(0, depth - 1)
        elif not depth:
            found.append(line)
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
    kept, named = [], {}
    for text in _unfolded(lines):
        name = re.split("[;:]", text, maxsplit=1)[0].upper()
        if name in WANTED:
            tzid = _ZONE_NAME.search(text) if name.startswith(("DT", "REC")) else None
            if tzid:
                named[name] = tzid[1].strip('"')
                text = text[: tzid.start()] + text[tzid.end() :]
            kept.append(text)
    try:
        event = Event.from_ical("\r\n".join(("BEGIN:VEVENT", *kept, "END:VEVENT", "")))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
        return Remark(line, "", "list_event_broken"), {}
    if "RRULE" in event or "RDATE" in event:
        return Remark(line, "start", "list_repeating"), {}
    times = {}
    for name, field in (("DTSTART", "start"), ("DTEND", "end")):
        at = getattr(event.get(name), "dt", None)
        if name == "DTSTART" and at is None:
            return Remark(line, "start", "list_event_broken"), {}
        if at is not None and not isinstance(at, datetime):
            return Remark(line, "start", "list_all_day"), {}
        zone = zones.zone(named[name]) if name in named else None
        if at is not None and name in named and at.tzinfo is None:
            if zone is None:
                return Remark(line, "start", "list_zone_unknown", {"zone": named[name][:40]}), {}
            at = at.replace(tzinfo=zone)
        times[field] = at.isoformat() if at is not None else ""
    length = getattr(event.get("DURATION"), "dt", None)
    if isinstance(length, timedelta):
        times["minutes"] = f"{length.total_seconds() / 60:.0f}"
    cells = {
        "id": "/".join(filter(None, (_text(event, "UID"), _moment(event.get("RECURRENCE-ID"))))),
        "name": _text(event, "SUMMARY"),
        "place": _text(event, "LOCATION"),
        "service": "\n".join(_categories(event)),
        "clinician": _common_name(event),
        "status": "cancelled" if _text(event, "STATUS").upper() == "CANCELLED" else "",
        **times,
    }
    return Raw(line, cells), _said(_text(event, "DESCRIPTION"))


def _first(event: Component, name: str) -> Any:
    found = event.get(name)
    return found[0] if isinstance(found, list) and found else found


def _text(event: Component, name: str) -> str:
    return str(_first(event, name) or "")


def _moment(value: Any) -> str:
    at = getattr(value, "dt", None)
    return at.isoformat() if at is not None else ""


def _categories(event: Component) -> list[str]:
    found = event.get("CATEGORIES")
    return [str(one) for group in (found if isinstance(found, list) else [found]) for one in getattr(group, "cats", ())]


def _common_name(event: Component) -> str:
    return str(getattr(_first(event, "ORGANIZER"), "params", {}).get("CN", ""))


def _said(description: str) -> dict[str, str]:
    """What a description says line by line, as "Language: es"; programs on the web write it in HTML."""
    if "<" in description or "&" in description:
        lines = re.sub(r"<br\s*/?>|</(?:p|div|li)>", "\n", description, flags=re.IGNORECASE)
        description = html.unescape(re.sub(r"<[^<>]{0,500}>", "", lines))
    found: dict[str, str] = {}
    for line in description.split("\n"):
        if said := _SAID.match(line):
            found.setdefault(" ".join((said[1] or said[3]).split()), (said[2] or said[4]).strip())
    return found
