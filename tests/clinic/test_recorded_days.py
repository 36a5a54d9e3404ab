"""Days from every release, as they were written then: each must be read and replayed for ever.

A line of `tests/logs/<version>.jsonl` is one row of the log. Nothing in it tells who anybody was; the day of 0.1.0 is
a simulated one, made by that version's own commands.
"""

import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from clinic import log
from clinic.events import KINDS, Closed, Entry
from clinic.line import Line, apply, present, replay
from clinic.order import waiting
from clinic.setup import TEMPLATES
from clinic.store import Store
from tests.clinic.given import learn

LOGS = Path(__file__).parents[1] / "logs"
SETUP = TEMPLATES["walk-in"]
COLUMNS = ("seq", "at", "kind", "visit", "room", "by", "data")

EXPECTED: dict[str, dict[str, Any]] = {
    "0.1.0": {
        "facts": 693,
        "kinds": 20,
        "issued": {"A": 58, "H": 28},
        "ended": {"done": 84, "left": 2},
        "at noon": {"done": 49, "no_show": 1, "left": 1, "in_room": 2, "waiting": 1, "on_hold": 1},
        "learned": {"doctor": 47, "nurse": 33},
        "visits": 80,
    },
}


def rows(version: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (LOGS / f"{version}.jsonl").read_text().splitlines()]


def recorded(store: Store, version: str) -> list[Entry]:
    """That day's entries, read by way of the log."""
    with store.write() as db:
        for row in rows(version):
            values = [json.dumps(row[column]) if column == "data" else row[column] for column in COLUMNS]
            db.execute("insert into event (seq, at, kind, visit, room, by, data) values (?, ?, ?, ?, ?, ?, ?)", values)
    with store.read() as db:
        return log.today(db)


def test_every_recorded_day_is_tried() -> None:
    assert {path.stem for path in LOGS.glob("*.jsonl")} == set(EXPECTED)


@pytest.mark.parametrize("version", EXPECTED)
def test_a_recorded_day_replays_to_what_it_was(store: Store, version: str) -> None:
    entries, expected = recorded(store, version), EXPECTED[version]

    line = replay(entries, SETUP)

    assert len(entries) == expected["facts"]
    assert line.seq == entries[-1].seq
    assert line.opened_at is None
    assert line.issued == expected["issued"]
    assert Counter(visit.status for visit in line.visits.values()) == expected["ended"]
    assert len({visit.ticket for visit in line.visits.values()}) == sum(expected["issued"].values())


@pytest.mark.parametrize("version", EXPECTED)
def test_the_middle_of_a_recorded_day_is_as_it_was(store: Store, version: str) -> None:
    noon = datetime.fromisoformat("2026-11-23T12:00:00+00:00")
    line = replay([entry for entry in recorded(store, version) if entry.fact.at < noon], SETUP)

    assert Counter(visit.status for visit in line.visits.values()) == EXPECTED[version]["at noon"]
    assert all(visit.told for visit in waiting(line))
    assert len(present(line, "waiting")) == len(waiting(line))


@pytest.mark.parametrize("version", EXPECTED)
def test_a_recorded_day_holds_every_kind_of_fact_that_its_version_knew(store: Store, version: str) -> None:
    kinds = Counter(type(entry.fact).__name__ for entry in recorded(store, version))

    assert set(kinds) <= set(KINDS)
    assert len(kinds) == EXPECTED[version]["kinds"]
    assert kinds[Closed.__name__] == 1


@pytest.mark.parametrize("version", EXPECTED)
def test_a_recorded_day_teaches_what_it_taught(store: Store, version: str) -> None:
    times = learn(recorded(store, version), SETUP).mind.times

    assert {service: seen.count > 0 for service, seen in times.services.items()} == dict.fromkeys(
        EXPECTED[version]["learned"], True
    )
    assert times.count == EXPECTED[version]["visits"]


@pytest.mark.parametrize("version", EXPECTED)
def test_a_recorded_day_folds_one_fact_at_a_time_as_it_does_at_once(store: Store, version: str) -> None:
    entries = recorded(store, version)
    undone = {getattr(entry.fact, "seq", 0) for entry in entries}

    line = Line(SETUP)
    for entry in entries:
        if entry.seq not in undone:
            line = apply(line, entry)

    assert line == replay(entries, SETUP)


@pytest.mark.parametrize("version", EXPECTED)
def test_a_recorded_day_tells_nothing_about_anybody(version: str) -> None:
    for row in rows(version):
        assert set(row) == set(COLUMNS)
        assert row["visit"] is None or re.fullmatch("[0-9a-f]{32}", row["visit"])
        assert row["by"] in ("kiosk", "staff", "phone", "clock")
        assert set(row["data"]) <= {
            "service", "ticket", "language", "call_me", "booked", "low", "high", "why", "until", "reason", "seq",
            "help", "place",
        }  # fmt: skip
