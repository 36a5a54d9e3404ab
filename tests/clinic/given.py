"""Words for the tests of the core: people who came, a line made of facts, and a refusal with its code.

Everybody's ticket is their letter and the minute after nine at which they came: `came("ana", 3)` is A 03.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic.commands import Refused
from clinic.estimate import History
from clinic.events import Called, CheckedIn, Entry, Fact, Opened, RoomOpened, Started, undone
from clinic.line import Line, apply, replay
from clinic.setup import Place, Service, Setup

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

SETUP = Setup(
    name="Hill Practice",
    services=(Service("doctor", "A", "Doctor", 12), Service("nurse", "H", "Nurse", 10)),
    rooms=(
        Place("room-1", "Room 1", ("doctor",)),
        Place("room-2", "Room 2", ("doctor", "nurse")),
        Place("room-3", "Room 3", ("nurse",)),
    ),
)

ROOMS = tuple(room.id for room in SETUP.rooms)

LETTER = {service.id: service.letter for service in SETUP.services}


def after(minutes: float) -> datetime:
    """That many minutes after nine."""
    return NINE + timedelta(minutes=minutes)


def came(visit: str, minute: int = 0, service: str = "doctor", booked: float | None = None) -> CheckedIn:
    """This person checked in at that minute, perhaps with an appointment at another."""
    ticket = f"{LETTER[service]} {minute:02d}"
    return CheckedIn(after(minute), visit, service, ticket, booked=None if booked is None else after(booked))


def called(visit: str, minute: int = 0, room: str = "room-1") -> Called:
    return Called(after(minute), visit, room)


def inside(visit: str, minute: int = 0, room: str = "room-1") -> tuple[Called, Started]:
    """This person was called and entered the room."""
    return called(visit, minute, room), Started(after(minute), visit)


def numbered(facts: Any, first: int = 1) -> list[Entry]:
    """These facts as the log would number them."""
    return [Entry(first + n, fact) for n, fact in enumerate(facts)]


def day(*facts: Fact, setup: Setup = SETUP) -> list[Entry]:
    """The entries of a day that opened at nine with every room, and then went like this."""
    rooms = (RoomOpened(NINE, room.id) for room in setup.rooms)
    return numbered([Opened(NINE), *rooms, *facts])


def given(*facts: Fact, setup: Setup = SETUP) -> Line:
    """The line after such a day."""
    return replay(day(*facts, setup=setup), setup)


def then(line: Line, *facts: Fact) -> Line:
    """The line after these facts more; not for an undo."""
    for fact in facts:
        line = apply(line, Entry(line.seq + 1, fact))
    return line


def only(service: str, rooms: int, minutes: float = 12, **more: Any) -> Setup:
    """A clinic with one service and so many rooms, all alike."""
    places = tuple(Place(f"room-{n}", f"Room {n}", (service,)) for n in range(1, rooms + 1))
    found = Service(service, LETTER.get(service, "L"), service.title(), minutes)
    return replace(SETUP, services=(found,), rooms=places, **more)


def learn(entries: Iterable[Entry], setup: Setup) -> History:
    """What these facts teach, without what was undone."""
    entries = tuple(entries)
    left_out, history = undone(entries), History(setup)
    for entry in entries:
        if entry.seq not in left_out:
            history.teach(entry)
    return history


@contextmanager
def refused(code: str, **params: Any) -> Iterator[None]:
    """The clinic's rules say no, with this code and with these words' parts."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code
    assert caught.value.params == params
