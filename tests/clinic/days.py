"""Words for the tests of past days: days of a small made-up clinic, and a folder that holds them."""

import csv
import json
import random
from pathlib import Path
from typing import Any

from clinic.minutes import clock
from clinic.past import Past
from clinic.past import read as read_folder

TIMES = ["arrived_at", "called_at", "finished_at"]
HEAD = ["visit_id", "service", *TIMES, "server", "left_at", "priority", "appointment_at", "assigned"]
CLINIC = {"tick_seconds": 300, "expected_minutes": 12, "line": "one", "order": {"rule": "arrival"}}
ZERO = 29_000_160
"""A midnight on the running clock, in 2025."""


def stamp(minute: float) -> str:
    """The time so many minutes after the first midnight, as the files have it."""
    return clock(ZERO + minute).isoformat()


def row(id_: str, arrived: float, called: float | None, finished: float | None = None, **more: str) -> dict[str, str]:
    """One visit."""
    times = ["" if at is None else stamp(at) for at in (arrived, called, finished)]
    found = dict(zip(HEAD, [id_, "doctor", *times, "R1", "", "", "", ""], strict=True))
    return {**found, **more}


def days(count: int = 3, seed: int = 1, people: int = 30) -> list[dict[str, str]]:
    """One doctor, people about every eleven minutes from nine, ten minutes each."""
    chance = random.Random(seed)
    rows = []
    for day in range(count):
        free = arrived = day * 1440.0 + 540
        for n in range(people):
            arrived += chance.expovariate(1 / 11)
            start = max(free + 0.5, arrived)
            free = start + chance.lognormvariate(2.2, 0.4)
            rows.append(row(f"{day}-{n}", arrived, start, free))
    return rows


def folder(path: Path, rows: list[dict[str, str]], clinic: Any = CLINIC, rooms: str = "") -> Path:
    """These days in a folder."""
    path.mkdir(exist_ok=True)
    with (path / "visits.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, HEAD)
        writer.writeheader()
        writer.writerows(rows)
    (path / "clinic.json").write_text(json.dumps(clinic))
    if rooms:
        (path / "rooms.csv").write_text(rooms)
    return path


def read(path: Path, rows: list[dict[str, str]], clinic: Any = CLINIC, rooms: str = "") -> Past:
    """These days, by way of a folder."""
    return read_folder(folder(path, rows, clinic, rooms))
