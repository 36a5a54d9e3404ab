"""Past days read from a folder: visits.csv[.gz], rooms.csv[.gz] (optional) and clinic.json.

Bad rows are left out and named with their line; a folder of which nothing can be used raises BadFolder with one
sentence. Times become minutes on one running clock of local time (see clinic.estimate.scene).
"""

import csv
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

# Only a zero of the running clock, which is local time without a zone.
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
NEEDED = ("visit_id", "service", "arrived_at", "called_at", "finished_at", "server", "left_at")
RULES = ("arrival", "booked_or_arrival", "priority_then_arrival")
LINES = ("one", "by_assigned", "by_service_group", "unknown")
SESSION_GAP = 60.0
"""Minutes without a call that end a session, for data without arrivals."""


class BadFolder(Exception):
    """The folder cannot be used; the message says why in one sentence."""


@dataclass(slots=True)
class PastVisit:
    """One row of visits.csv."""

    id: str
    service: str
    arrived: float | None
    called: float | None
    finished: float | None
    server: str
    left: float | None
    priority: str
    booked: float | None
    assigned: str


@dataclass(slots=True)
class RoomChange:
    """One row of rooms.csv."""

    at: float
    server: str
    state: str
    until: float | None


@dataclass
class Past:
    """Everything usable in a folder; `refused` says which rows were not, each with file and line."""

    visits: list[PastVisit]
    changes: list[RoomChange]
    clinic: dict[str, Any]
    refused: list[str] = field(default_factory=list)


def clock(minute: float) -> datetime:
    """The local time of a minute of the running clock."""
    return EPOCH + timedelta(minutes=minute)


def read(folder: Path) -> Past:
    """The folder's days. Raises BadFolder."""
    refused: list[str] = []
    clinic = _clinic(folder)
    visits = _visits(folder, refused)
    if not visits:
        raise BadFolder(f"{folder}: visits.csv has no row that can be used." + (f" {refused[0]}" if refused else ""))
    changes = _changes(folder, refused)
    ahead = clinic.get("virtual_check_in_places_ahead")
    if ahead:
        _virtual_arrivals(visits, int(ahead))
    return Past(visits, changes, clinic, refused)


def _clinic(folder: Path) -> dict[str, Any]:
    path = folder / "clinic.json"
    try:
        clinic = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BadFolder(f"{path} cannot be read: a folder needs visits.csv and clinic.json.") from None
    except ValueError:
        raise BadFolder(f"{path} is not JSON.") from None
    if not isinstance(clinic, dict):
        raise BadFolder(f"{path} must be an object with line, order and expected_minutes.")
    order = clinic.setdefault("order", {"rule": "arrival"})
    if clinic.setdefault("line", "one") not in LINES:
        raise BadFolder(f"{path}: line must be one of {', '.join(LINES)}.")
    if not isinstance(order, dict) or order.setdefault("rule", "arrival") not in RULES:
        raise BadFolder(f"{path}: order.rule must be one of {', '.join(RULES)}.")
    for name, usual in (("tick_seconds", 300), ("expected_minutes", 15)):
        value = clinic.setdefault(name, usual)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 100_000:
            raise BadFolder(f"{path}: {name} must be a number above 0.")
    return clinic


@contextmanager
def _open(folder: Path, name: str) -> Iterator[TextIO | None]:
    plain, packed = folder / name, folder / f"{name}.gz"
    if plain.exists():
        with plain.open(encoding="utf-8-sig", newline="") as file:
            yield file
    elif packed.exists():
        with gzip.open(packed, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    else:
        yield None


def _rows(folder: Path, name: str, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with _open(folder, name) as file:
            if file is None:
                return
            reader = csv.DictReader(file)
            missing = [column for column in needed if column not in (reader.fieldnames or ())]
            if missing:
                raise BadFolder(f"{folder / name} has no column {', '.join(missing)}.")
            for row in reader:
                yield reader.line_num, {key: value or "" for key, value in row.items() if isinstance(key, str)}
    except (OSError, EOFError, UnicodeDecodeError, csv.Error):
        raise BadFolder(f"{folder / name} cannot be read as CSV text.") from None


def _time(text: str) -> float | None:
    if not text:
        return None
    at = datetime.fromisoformat(text).replace(tzinfo=None)
    return (at - EPOCH).total_seconds() / 60


def _visits(folder: Path, refused: list[str]) -> list[PastVisit]:
    if not (folder / "visits.csv").exists() and not (folder / "visits.csv.gz").exists():
        raise BadFolder(f"{folder} has no visits.csv or visits.csv.gz.")
    visits = []
    seen: set[str] = set()
    for number, row in _rows(folder, "visits.csv", NEEDED):
        try:
            visit = PastVisit(
                row["visit_id"], row["service"], _time(row["arrived_at"]), _time(row["called_at"]),
                _time(row["finished_at"]), row["server"], _time(row["left_at"]), row.get("priority", ""),
                _time(row.get("appointment_at", "")), row.get("assigned", ""),
            )  # fmt: skip
        except (ValueError, KeyError):
            refused.append(f"visits.csv line {number}: a time is not an ISO time.")
            continue
        problem = _problem(visit, seen)
        if problem:
            refused.append(f"visits.csv line {number}: {problem}")
            continue
        seen.add(visit.id)
        visits.append(visit)
    visits.sort(key=lambda v: v.arrived or v.called or v.booked or 0.0)
    return visits


def _problem(visit: PastVisit, seen: set[str]) -> str | None:
    if not visit.id or visit.id in seen:
        return f"visit_id {visit.id} is there twice." if visit.id else "visit_id is empty."
    if visit.arrived is None and visit.called is None and visit.booked is None:
        return "no arrival, call or booking."
    if visit.arrived is not None and visit.called is not None and visit.called < visit.arrived:
        return "called before arrived."
    if visit.called is not None and visit.finished is not None and visit.finished < visit.called:
        return "finished before called."
    if visit.left is not None and (visit.called is not None or visit.arrived is None or visit.left < visit.arrived):
        return "left before arrived, or after being called."
    if visit.arrived is not None and visit.called is not None and visit.called - visit.arrived > 1440:
        return "waited more than a day."
    return None


def _changes(folder: Path, refused: list[str]) -> list[RoomChange]:
    changes = []
    for number, row in _rows(folder, "rooms.csv", ("at", "server", "state", "until")):
        try:
            at, until = _time(row["at"]), _time(row["until"])
        except (ValueError, KeyError):
            refused.append(f"rooms.csv line {number}: a time is not an ISO time.")
            continue
        if at is None or row["state"] not in ("open", "pause", "resume", "close"):
            refused.append(f"rooms.csv line {number}: no time, or a state that is not open, pause, resume or close.")
            continue
        changes.append(RoomChange(at, row["server"], row["state"], until))
    changes.sort(key=lambda change: change.at)
    return changes


def _virtual_arrivals(visits: list[PastVisit], ahead: int) -> None:
    """Half a minute after the call of who was that many places before; at the session's first call for the first."""
    session: list[float] = []
    last = -1e9
    for visit in sorted((v for v in visits if v.called is not None and v.arrived is None), key=lambda v: v.called or 0):
        called = visit.called or 0.0
        if called - last > SESSION_GAP or called // 1440 != last // 1440:
            session = []
        session.append(called)
        last = max(last, called, visit.finished or called)
        visit.arrived = min(called, session[max(0, len(session) - 1 - ahead)] + 0.5)
    visits.sort(key=lambda v: v.arrived or v.called or v.booked or 0.0)
