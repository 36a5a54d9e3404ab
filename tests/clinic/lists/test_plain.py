"""Appointments as plain JSON: a program that speaks no other format sends objects with the parts a table has."""

import json
from typing import Any

import pytest

from clinic.lists import Unreadable, read
from tests.clinic.given import NINE, SETUP

LANGUAGES = {"en": "English", "es": "Español"}
MAYA = {
    "id": "7", "at": "2026-11-23T10:20:00+00:00", "minutes": 15, "service": "nurse", "name": "Maya Okafor",
    "birth date": "1984-03-27", "needs": ["wheelchair", "more time"], "language": "es",
}  # fmt: skip


def reading(whole: Any) -> Any:
    return read(json.dumps(whole).encode(), SETUP, LANGUAGES, NINE)


@pytest.mark.parametrize("whole", [[MAYA], {"appointments": [MAYA]}], ids=["a list", "an object"])
def test_objects_are_read_as_rows_are(whole: Any) -> None:
    found = reading(whole)

    (one,) = [row.appointment for row in found.rows]
    assert (found.kind, found.refused, found.kept) == ("json", (), ())
    assert (one.id, one.service, one.minutes, one.name, one.birthday) == ("7", "nurse", 15, "Maya Okafor", (27, 3))
    assert (one.needs, one.language, f"{one.start:%H:%M}") == (("more_time", "wheelchair"), "es", "10:20")


def test_a_row_that_cannot_be_taken_is_named_by_its_number() -> None:
    found = reading([MAYA, {**MAYA, "id": "8", "service": "dentist"}])

    assert [(remark.line, remark.field, remark.code) for remark in found.refused] == [
        (2, "service", "list_service_unknown")
    ]


@pytest.mark.parametrize("whole", [[], [1, 2], [MAYA, None], {}, {"appointments": "none"}])
def test_json_without_appointments_is_refused_whole(whole: Any) -> None:
    with pytest.raises(Unreadable) as caught:
        reading(whole)

    assert caught.value.code == "list_no_bundle"
