"""What people typed, in the sheets that staff open and in the log that an administrator reads (TRUST A4)."""

import csv
import io
import logging
from dataclasses import replace
from typing import Any

import pytest

from clinic.appointments import Appointment
from clinic.names import clean_name
from tests.clinic.given import after
from tests.faces import Practice
from tests.hostile import FORBIDDEN, NAMES

STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""With which a cell is a formula, in one sheet program or another."""


def cells(practice: Practice, path: str) -> list[str]:
    """Every cell of this sheet as a sheet program reads it."""
    answer = practice.client.get(path)
    assert answer.status_code == 200
    return [cell for row in csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))) for cell in row]


def as_read(found: list[str]) -> set[str]:
    """What staff read in these cells: a sheet keeps the mark of a text to itself."""
    return {*found, *(cell.removeprefix("'") for cell in found)}


def harmless(found: list[str]) -> bool:
    """Whether a sheet runs none of these, and shows all of them as they are."""
    return not any(cell.startswith(STARTS) or FORBIDDEN & set(cell) for cell in found)


def test_no_cell_of_the_appointments_is_a_formula(practice: Practice) -> None:
    booked = [
        Appointment(
            start=after(at), service="doctor", name=name, id=f"{name} {at}", clinician=name, letters="A",
            birthday=(1, 1), year=1980,
        ) for at, name in enumerate(map(clean_name, NAMES))
    ]  # fmt: skip
    practice.desk.bring_in(booked, "staff")
    found = cells(practice, "/staff/appointments.csv")
    assert harmless(found)
    assert {one.name for one in booked} <= as_read(found)


def test_no_cell_of_past_visits_is_a_formula(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.does("finish", visit=ana["visit"])
    setup = practice.desk.line.setup
    seen = set()
    for name in map(clean_name, NAMES):
        services = tuple(replace(one, name=name) for one in setup.services)
        rooms = (replace(setup.rooms[0], name=name), *setup.rooms[1:])
        practice.desk.set_up(replace(setup, services=services, rooms=rooms))
        found = cells(practice, "/staff/visits.csv")
        assert harmless(found)
        seen |= as_read(found)
    assert set(map(clean_name, NAMES)) <= seen


def test_nothing_that_is_typed_writes_a_line_of_the_log(practice: Practice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for name in NAMES:
        practice.arrives(name)
        practice.client.get(f"/kiosk/place?letter={name}&number=1&lang={name}")
        for path in ("/kiosk/find", "/staff/call", "/t"):
            practice.client.post(path, data={"code": name, "visit": name, "room": name, "lang": name})
    assert caplog.messages == []


def test_a_fault_of_ours_is_one_entry_that_quotes_nobody(
    practice: Practice, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_any: Any, **_more: Any) -> None:
        raise RuntimeError("a fault")

    practice.app.testing = False
    monkeypatch.setattr(practice.desk, "do", fails)
    for name in NAMES[::6]:
        caplog.clear()
        answer = practice.client.post("/kiosk/check-in", json={"service": "doctor", "request": "1", "name": name})
        assert answer.status_code == 500
        assert caplog.messages == ["A fault of ours at POST kiosk.arrive"]
        assert "pwned" not in caplog.text
