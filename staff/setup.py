"""The set-up in the fields of its form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from itertools import count, takewhile
from typing import Any

from clinic.names import clean_name
from clinic.needs import CALL_ME
from clinic.setup import KEPT_MOST, KEPT_YEARS, LETTERS, READY, Clinician, Place, Problem, Service, Setup
from forms import yes
from settings import zones
from words import LANGUAGES

ROOM_SLOTS = 12
BREAKS = 2
"""Breaks a day that a room can plan."""

AROUND = ("water", "toilets", "wifi")
"""Where things are for who waits, in the clinic's own words."""

ID_LENGTH = 64
"""As long as a program may send one (forms.text)."""


def read_setup(fields: Mapping[str, Any], before: Setup) -> tuple[Setup, list[Problem]]:
    """The set-up in a form's fields, as far as it can be read, and what could not be.

    Hours, clinicians, how appointments are found, how long names and days are kept, what people have ready and what is
    around them stay as `before` where an older form or a program leaves them out.
    """
    wrong = []
    services = []
    for letter in LETTERS:
        name = _line(fields, f"service-{letter}")
        if name:
            minutes = _number(fields, f"minutes-{letter}", 0)
            service_id = _line(fields, f"id-{letter}", ID_LENGTH) or f"service-{letter.lower()}"
            others = {code: _line(fields, f"service-{letter}-{code}") for code in LANGUAGES}
            named = {code: other for code, other in others.items() if other}
            kept = before.service(service_id) or Service(service_id, letter, name, minutes)
            kept = replace(kept, letter=letter, name=name, minutes=minutes, names=named)
            services.append(replace(kept, **_ready(fields, letter), **_call_me(fields, letter)))
    rooms: list[Place] = []
    for slot in range(ROOM_SLOTS):
        name = _line(fields, f"room-{slot}")
        if name:
            served = tuple(service.id for service in services if yes(fields, f"serves-{slot}-{service.letter}"))
            room_id = _line(fields, f"room-id-{slot}", ID_LENGTH) or _free_id(fields, rooms, slot)
            rooms.append(replace(_hours(fields, slot, before.room(room_id)), id=room_id, name=name, services=served))
    zone = _line(fields, "timezone")
    if zone not in zones():
        wrong.append(Problem("timezone", "timezone_unknown"))
    inches, metres = _number(fields, "tv_inches", 0), _number(fields, "tv_metres", 0)
    if not (10 <= inches <= 200 and 0.5 <= metres <= 50):
        wrong.append(Problem("tv_inches", "sizes_wrong"))
    spoken = _line(fields, "language")
    sound, unheard = _sound(fields, before)
    kept_hours = _whole(fields, "kept_hours", before.kept_hours, KEPT_MOST)
    if kept_hours is None:
        wrong.append(Problem("kept_hours", "kept_hours_wrong"))
    kept_years = _whole(fields, "kept_years", before.kept_years, KEPT_YEARS)
    if kept_years is None:
        wrong.append(Problem("kept_years", "kept_years_wrong"))
    return replace(
        sound,
        name=_line(fields, "name"),
        language=spoken if spoken in LANGUAGES else "en",
        timezone=zone if zone in zones() else "UTC",
        phone=_line(fields, "phone"),
        seating=_line(fields, "seating"),
        **_around(fields),
        services=tuple(services),
        rooms=tuple(rooms),
        clinicians=_clinicians(fields, before, services),
        also_called=_names(fields, "also_called", before.also_called),
        early=_number(fields, "early", before.early),
        late=_number(fields, "late", before.late),
        late_after=_number(fields, "late_after", 20),
        walk_in_after=_number(fields, "walk_in_after", 0),
        kept_hours=kept_hours or before.kept_hours,
        kept_years=kept_years or before.kept_years,
        names_on_tv=yes(fields, "names_on_tv"),
        tv_inches=inches or Setup.tv_inches,
        tv_metres=metres or Setup.tv_metres,
        px_per_mm=_number(fields, "px_per_mm", Setup.px_per_mm),
    ), [*wrong, *unheard]


def _sound(fields: Mapping[str, Any], before: Setup) -> tuple[Setup, list[Problem]]:
    """How the TV sounds, and what of it could not be read; as `before` where the form does not ask."""
    if "volume" not in fields:
        return before, []
    wrong = []
    volume, sent = _number(fields, "volume", -1), (_line(fields, "quiet_from"), _line(fields, "quiet_until"))
    quiet = _quiet_hours(*sent)
    if not (0 <= volume <= 100 and volume == int(volume)):
        wrong.append(Problem("volume", "volume_wrong"))
    if quiet is None:
        wrong.append(Problem("quiet", "quiet_wrong"))
    kept = int(volume) if 0 <= volume <= 100 else before.volume
    begins, ends = quiet or sent
    return replace(before, voice=yes(fields, "voice"), volume=kept, quiet_from=begins, quiet_until=ends), wrong


def _quiet_hours(begins: str, ends: str) -> tuple[str, str] | None:
    """Both times as HH:MM, which is how they are compared; None when they cannot be quiet hours."""
    if begins == ends == "":
        return "", ""
    try:
        first, last = (f"{time.fromisoformat(one):%H:%M}" for one in (begins, ends))
    except ValueError:
        return None
    return (first, last) if first != last else None


def _ready(fields: Mapping[str, Any], letter: str) -> dict[str, Any]:
    """What the people of this service have ready, as a change to it; none where the form does not ask."""
    if f"ready-also-{letter}" not in fields:
        return {}
    ticked = tuple(code for code in READY if yes(fields, f"ready-{letter}-{code}"))
    return {"ready": ticked, "ready_also": _line(fields, f"ready-also-{letter}", 80)}


def _around(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Where things are, as a change to the set-up; none where the form does not ask."""
    return {name: _line(fields, name) for name in AROUND if name in fields}


def _call_me(fields: Mapping[str, Any], letter: str) -> dict[str, Any]:
    """How this service's people are called, as a change to it; none where the form does not ask."""
    if f"call-{letter}" not in fields:
        return {}
    chosen = _line(fields, f"call-{letter}")
    return {"call_me": chosen if chosen in CALL_ME else ""}


def _hours(fields: Mapping[str, Any], slot: int, before: Place | None) -> Place:
    """A room with the hours of this slot of the form."""
    if f"opens-{slot}" not in fields:
        return before or Place("", "", ())
    breaks = ((_line(fields, f"break-{slot}-{n}"), _line(fields, f"back-{slot}-{n}")) for n in range(BREAKS))
    days = tuple(day for day in range(7) if yes(fields, f"day-{slot}-{day}"))
    return Place(
        "", "", (), _line(fields, f"opens-{slot}"), _line(fields, f"closes-{slot}"),
        tuple((begins, ends) for begins, ends in breaks if begins or ends), () if len(days) == 7 else days,
    )  # fmt: skip


def _clinicians(fields: Mapping[str, Any], before: Setup, services: list[Service]) -> tuple[Clinician, ...]:
    """The clinicians of the form, then those of before whom it did not show: a list may have brought them since.

    One without an id is known by the name, or is new. Who was shown and has no name any more is taken away.
    """
    known = {service.id for service in services}
    if "clinician-0" not in fields:
        kept = before.clinicians
        return tuple(replace(one, services=tuple(each for each in one.services if each in known)) for one in kept)
    slots = list(takewhile(lambda slot: f"clinician-{slot}" in fields, count()))
    shown = {_line(fields, f"clinician-id-{slot}", ID_LENGTH) for slot in slots}
    taken = {one.id for one in before.clinicians} | shown
    found: list[Clinician] = []
    for slot in slots:
        name = _line(fields, f"clinician-{slot}")
        if not name:
            continue
        given = tuple(service.id for service in services if yes(fields, f"gives-{slot}-{service.letter}"))
        same = next((one.id for one in before.clinicians if one.name.casefold() == name.casefold()), "")
        own = _line(fields, f"clinician-id-{slot}", ID_LENGTH) or same
        own = own or next(each for n in count(1) if (each := f"clinician-{n}") not in taken)
        taken.add(own)
        found.append(Clinician(own, name, () if len(given) == len(services) else given))
    known_now = {one.id for one in found} | shown
    return (*found, *(one for one in before.clinicians if one.id not in known_now))


def _names(fields: Mapping[str, Any], name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """Names, one a line."""
    value = fields.get(name)
    if not isinstance(value, str):
        return otherwise
    return tuple(cleaned for line in value.splitlines() if (cleaned := clean_name(line)[:120]))


def _line(fields: Mapping[str, Any], name: str, length: int = 120) -> str:
    value = fields.get(name)
    return clean_name(value)[:length] if isinstance(value, str) else ""


def _number(fields: Mapping[str, Any], name: str, otherwise: float) -> float:
    try:
        value = float(str(fields.get(name, "")).replace(",", "."))
    except ValueError:
        return otherwise
    return value if 0 <= value < 10000 else otherwise


def _whole(fields: Mapping[str, Any], name: str, before: int, most: int) -> int | None:
    """A whole number from 1 to `most`; as `before` where the form does not ask, None where it cannot be read so."""
    number = _number(fields, name, before if name not in fields else -1)
    return int(number) if 1 <= number <= most and number == int(number) else None


def _free_id(fields: Mapping[str, Any], rooms: list[Place], slot: int) -> str:
    taken = {_line(fields, f"room-id-{n}") for n in range(ROOM_SLOTS)} | {room.id for room in rooms}
    return next(name for n in range(slot + 1, 100) if (name := f"room-{n}") not in taken)
