"""Reading the lists of appointments that other systems write: CSV, iCalendar, FHIR R4, plain JSON. Pure.

Forgiving with what is written differently, strict with what could be meant differently: a row is taken, or it is
refused and said why.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from clinic.appointments import Appointment
from clinic.lists.cells import cleaned
from clinic.lists.columns import FIELDS
from clinic.lists.dates import ORDERS, Written, order_of, split
from clinic.lists.fhir import bundle
from clinic.lists.fields import appointment
from clinic.lists.found import Choices, Found, Raw, Remark, Row, Unreadable
from clinic.lists.plain import objects
from clinic.lists.reading import NotTaken, Reading
from clinic.lists.table import BREATH, MOST_ROWS, table
from clinic.lists.text import LARGEST, text_of
from clinic.setup import Setup

__all__ = ("FIELDS", "LARGEST", "MOST_ROWS", "ORDERS", "Choices", "Found", "Remark", "Row", "Unreadable", "read")

_DATES = ("start", "date", "end", "birth")


def read(
    data: bytes,
    setup: Setup,
    languages: Mapping[str, str],
    now: datetime,
    choices: Choices = Choices(),  # noqa: B008 - frozen, so sharing it is safe
    breathe: Callable[[], None] = lambda: None,
) -> Found:
    """What this file holds. Raises Unreadable when the whole of it cannot be used.

    languages: by code of ours, a language's own name. now: aware. breathe: called at least every 100 rows, so that a
    server can answer others meanwhile.
    """
    text = text_of(data)
    kind, headers, columns, raws = _parts(text, choices, breathe)

    refused: list[Remark] = []
    usable: list[Raw] = []
    for number, raw in enumerate(raws):
        if not number % BREATH:
            breathe()
        try:
            if isinstance(raw, Remark):
                refused.append(raw)
            else:
                usable.append(cleaned(raw, columns))
        except NotTaken as reason:
            refused.append(reason.remark)

    order, ambiguous = _order(usable, choices, now.astimezone(ZoneInfo(setup.timezone)))
    reading = Reading(setup, languages, now, choices, columns, order)
    rows: list[Row] = []
    kept: list[Remark] = []
    taken = _Taken()
    for number, raw in enumerate(usable):
        if not number % BREATH:
            breathe()
        try:
            one, without = appointment(raw, reading)
            one = taken.told_apart(raw.line, one, without)
        except NotTaken as reason:
            refused.append(reason.remark)
        else:
            rows.append(Row(raw.line, one))
            kept += without
    places = Counter(row.appointment.place for row in rows if row.appointment.place)
    return Found(
        kind, _placed(rows, setup, choices), tuple(sorted(refused, key=lambda remark: remark.line)), tuple(kept),
        headers, columns, order, ambiguous, dict(places),
    )  # fmt: skip


def _parts(
    text: str, choices: Choices, breathe: Callable[[], None]
) -> tuple[str, tuple[str, ...], Mapping[str, str], list[Raw | Remark]]:
    """Which kind of list this text is, what names parts of a row, by field which of them holds it, and the rows."""
    if re.match(r"\s*BEGIN:V(CALENDAR|EVENT)\b", text, re.IGNORECASE):
        from clinic.lists.calendar import events  # here, as what reads calendars is the largest package of a start

        return ("ics", *events(text, choices.columns, breathe))
    if text.lstrip()[:1] not in ("{", "["):
        return ("csv", *table(text, choices.columns, breathe))
    whole = _json(text)
    breathe()
    if isinstance(whole, dict) and "resourceType" in whole:
        return "fhir", (), {}, bundle(whole, breathe)
    return ("json", *objects(whole, choices.columns, breathe))


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unreadable("list_json_broken") from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _order(raws: list[Raw], choices: Choices, now: datetime) -> tuple[str, bool]:
    """How the list writes dates, and whether that is a guess."""
    if choices.order in ORDERS:
        return choices.order, False
    written: list[Written] = []
    starts: list[Written] = []
    for raw in raws:
        for name in _DATES:
            if name in raw.cells and (found := split(raw.cells[name], year_needed=name != "birth")[0]):
                written.append(found)
                starts += [found] if name in ("start", "date") else []
    return order_of(written, starts, now.date())


class _Taken:
    """Which ids and codes a list has used so far, and where."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.codes: dict[str, int] = {}
        self.made: Counter[str] = Counter()

    def told_apart(self, line: int, one: Appointment, without: list[Remark]) -> Appointment:
        """The appointment with an id, its own or a made one. Raises NotTaken when the list had it before."""
        if not one.id:
            made = _made_id(one)
            self.made[made] += 1
            one = replace(one, id=made if self.made[made] == 1 else f"{made}#{self.made[made]}")
        if one.id in self.lines:
            raise NotTaken(Remark(line, "id", "list_id_twice", {"first": self.lines[one.id]}))
        self.lines[one.id] = line
        if one.cancelled:
            # It was only to know which one it is.
            one = replace(one, name="", letters="", birthday=None, person="")
        if one.code and self.codes.setdefault(one.code, line) != line:
            without.append(Remark(line, "code", "list_code_twice", {"first": self.codes[one.code]}))
            one = replace(one, code=None)
        return one


def _made_id(one: Appointment) -> str:
    """The same for the same person on the same day, so that importing the list again changes what is there.

    Who cannot be told by anything is told by the time.
    """
    who = [one.person, one.name.casefold(), one.letters, repr(one.birthday)]
    if not (one.person or one.name or one.letters or one.birthday):
        who = [f"{one.start:%H:%M}"]
    text = "\n".join([f"{one.start:%Y-%m-%d}", *who])
    return "made-" + hashlib.sha256(text.encode()).hexdigest()[:20]


def _placed(rows: list[Row], setup: Setup, choices: Choices) -> tuple[Row, ...]:
    """The rows with an empty place where that is this clinic."""
    here = {name.casefold() for name in (setup.name, *setup.also_called, *(choices.here or ()))}
    expected = [row.appointment.place.casefold() for row in rows if not row.appointment.cancelled]
    if choices.here is None and not setup.also_called and len(set(expected)) == 1:
        # A list that knows one place only is that place's own, until somebody has said what this place is called.
        here.add(expected[0])
    return tuple(
        Row(row.line, replace(row.appointment, place=""))
        if row.appointment.place and row.appointment.place.casefold() in here
        else row
        for row in rows
    )
