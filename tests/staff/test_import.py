"""A list of appointments comes in: at once for programs, after a look for people, and never twice."""

import io
from pathlib import Path
from typing import Any

import pytest

from tests.faces import Practice

HEAD = "Appointment ID,Date,Time,Minutes,Service,Clinician,Patient Name,Date of Birth,Needs"


def row(number: int, time: str = "10:20", name: str = "Maya Okafor", day: str = "2026-11-23", **more: str) -> str:
    cells = {"service": "Doctor", "clinician": "Dr Ruiz", "born": "1984-03-27", "needs": "", **more}
    return f"{number},{day},{time},15,{cells['service']},{cells['clinician']},{name},{cells['born']},{cells['needs']}"


def as_list(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *rows, ""]).encode()


def brings(practice: Practice, data: bytes, **fields: Any) -> dict[str, Any]:
    """A program brings this list in."""
    answer = practice.client.post("/staff/appointments", data={"file": (io.BytesIO(data), "list.csv"), **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def test_a_program_brings_a_list_in(practice: Practice) -> None:
    said = brings(practice, as_list(row(1), row(2, "25:99"), row(3, "11:00", "Bo")))
    assert (said["added"], said["updated"], said["cancelled"]) == (2, 0, 0)
    print(said)
    print(practice.json("/staff/appointments.json"))
