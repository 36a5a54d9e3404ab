"""Words for the tests of lists: a clinic, a morning, and lists as short texts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clinic.appointments import Appointment
from clinic.lists import Choices, Found, Unreadable, read
from clinic.setup import Place, Service, Setup

FILES = Path(__file__).parents[2] / "lists"
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
LANGUAGES = {"en": "English", "es": "Español", "ar": "العربية"}

SETUP = Setup(
    name="Hill Practice",
    timezone="Europe/Madrid",
    services=(
        Service("doctor", "A", "Doctor", 12, {"es": "Médico", "ar": "الطبيب", "de": "Sprechstunde"}),
        Service("nurse", "H", "Nurse", 10, {"es": "Enfermería", "ar": "التمريض", "de": "Blutabnahme"}),
        Service("office-visit", "R", "Office Visit", 20),
    ),
    rooms=(
        Place("room-1", "Room 1", ("doctor", "office-visit")),
        Place("room-2", "Zimmer 2", ("nurse",)),
        Place("room-3", "Consulta 3", ("doctor", "nurse")),
    ),
    also_called=("Hill Practice Main Site",),
)


def found(data: str | bytes, setup: Setup = SETUP, breathe: Callable[[], None] = lambda: None, **choices: Any) -> Found:
    """What comes of this list on that morning."""
    data = data.encode() if isinstance(data, str) else data
    return read(data, setup, LANGUAGES, MORNING, Choices(**choices), breathe)


def found_in(name: str, **choices: Any) -> Found:
    """What comes of one of the files as other systems export them."""
    return found((FILES / name).read_bytes(), **choices)


def row(**cells: str) -> str:
    """A list of one row that has these cells, and else what an appointment needs."""
    cells = {"id": "1", "start": "2026-11-24 10:20", "service": "doctor", **cells}
    quoted = ('"{}"'.format(text.replace('"', '""')) for text in cells.values())
    return ",".join(cells) + "\n" + ",".join(quoted) + "\n"


def one(data: str | bytes, **choices: Any) -> Appointment:
    """The only appointment of this list, from which nothing was left out."""
    whole = found(data, **choices)
    assert (whole.refused, whole.kept) == ((), ())
    assert len(whole.rows) == 1
    return whole.rows[0].appointment


def why(data: str | bytes, **choices: Any) -> tuple[str, str, Mapping[str, Any]]:
    """Field, code and params of the remark that refuses the only row."""
    whole = found(data, **choices)
    assert (whole.rows, len(whole.refused)) == ((), 1)
    remark = whole.refused[0]
    return remark.field, remark.code, remark.params


def without(data: str | bytes, **choices: Any) -> tuple[Appointment, list[tuple[str, str]]]:
    """The only appointment of this list, and field and code of what it was taken without."""
    whole = found(data, **choices)
    assert (whole.refused, len(whole.rows)) == ((), 1)
    return whole.rows[0].appointment, [(remark.field, remark.code) for remark in whole.kept]


def unreadable(data: str | bytes) -> str:
    """The code of what is said of a file that cannot be used."""
    with pytest.raises(Unreadable) as caught:
        found(data)
    return caught.value.code


def by_line(whole: Found) -> dict[int, Appointment]:
    """The appointments by the line they stand on."""
    return {row.line: row.appointment for row in whole.rows}


def refusals(whole: Found) -> list[tuple[int, str, str]]:
    """Line, field and code of each refusal."""
    return [(remark.line, remark.field, remark.code) for remark in whole.refused]


def left_out(whole: Found) -> list[tuple[int, str, str]]:
    """Line, field and code of what was left out of rows that were taken."""
    return [(remark.line, remark.field, remark.code) for remark in whole.kept]
