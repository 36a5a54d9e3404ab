"""Past days: read from a folder of visits.csv[.gz], rooms.csv[.gz] (optional) and clinic.json, or made from the log.

A row that cannot be used is left out and named with its line; a folder that cannot be used raises BadFolder with one
sentence. Times are local times without a zone and become minutes of the running clock (`clinic.minutes`).
"""

from datetime import datetime
from pathlib import Path

from clinic.minutes import DAY, minute
from clinic.past.days import BadFolder, Past, PastVisit, RoomChange, first, problem
from clinic.past.own import from_log
from clinic.past.rows import rows_of
from clinic.past.rules import rules_of

__all__ = ("BadFolder", "Past", "PastVisit", "RoomChange", "from_log", "read")

NEEDED = ("visit_id", "service", "arrived_at", "called_at", "finished_at", "server", "left_at")
MORE = ("priority", "appointment_at", "assigned")
OF_ROOMS = ("at", "server", "state", "until")
STATES = ("open", "pause", "resume", "close")
YEARS = range(1980, 2101)

SESSION_GAP = 60.0
"""Minutes without a call that end a session, for data without arrivals."""


def read(folder: Path) -> Past:
    """The folder's days. Raises BadFolder."""
    if not folder.exists():
        raise BadFolder(f"There is no folder {folder}: give the one that holds visits.csv and clinic.json.")
    if not folder.is_dir():
        raise BadFolder(f"{folder} is a file: give the folder that holds visits.csv and clinic.json.")
    clinic = rules_of(folder / "clinic.json")
    refused: list[str] = []
    ahead = clinic.get("virtual_check_in_places_ahead")
    visits = _visits(folder, refused, virtual=bool(ahead))
    if not visits:
        why = f" The first: {refused[0]}" if refused else ""
        raise BadFolder(f"{folder} holds no visit that can be used, {len(refused):,} rows were refused.{why}")
    changes = _changes(folder, refused)
    if ahead:
        _virtual_arrivals(visits, ahead)
    return Past(visits, changes, clinic, refused)


def _visits(folder: Path, refused: list[str], virtual: bool) -> list[PastVisit]:
    visits = []
    seen: set[str] = set()
    # One text in memory for each service and server, however many rows name it.
    same: dict[str, str] = {}
    for place, row in rows_of(folder, "visits.csv", NEEDED, MORE, refused):
        id_, service, arrived, called, finished, server, left, priority, booked, assigned = row
        try:
            visit = PastVisit(
                id_, same.setdefault(service, service), _time("arrived_at", arrived), _time("called_at", called),
                _time("finished_at", finished), same.setdefault(server, server), _time("left_at", left),
                same.setdefault(priority, priority), _time("appointment_at", booked),
                same.setdefault(assigned, assigned),
            )  # fmt: skip
        except ValueError as sentence:
            refused.append(f"{place}: {sentence}")
            continue
        wrong = problem(visit)
        if not id_:
            wrong = "visit_id is empty."
        elif id_ in seen:
            wrong = f"visit_id {id_[:40]} was there before; every visit needs its own."
        elif wrong is None and visit.arrived is None and visit.called is not None and not virtual:
            wrong = "called_at without arrived_at; nobody knows how long they waited."
        if wrong:
            refused.append(f"{place}: {wrong}")
            continue
        seen.add(id_)
        visits.append(visit)
    visits.sort(key=first)
    return visits


def _changes(folder: Path, refused: list[str]) -> list[RoomChange]:
    changes = []
    for place, (at, server, state, until) in rows_of(folder, "rooms.csv", OF_ROOMS, (), refused):
        try:
            when, end = _time("at", at), _time("until", until)
        except ValueError as wrong:
            refused.append(f"{place}: {wrong}")
            continue
        if when is None or not server:
            refused.append(f"{place}: {'at' if when is None else 'server'} is empty.")
        elif state not in STATES:
            refused.append(f"{place}: the state {state[:20]!r} is not known; use {', '.join(STATES)}.")
        else:
            changes.append(RoomChange(when, server, state, end))
    changes.sort(key=lambda change: change.at)
    return changes


def _time(column: str, text: str) -> float | None:
    """This text as a minute of the running clock. Raises ValueError with a sentence."""
    if not text:
        return None
    try:
        # A date alone, or a week number, is read by Python too and would mean midnight.
        at = datetime.fromisoformat(text) if len(text) >= 16 and text[10] in "T " else None
    except ValueError:
        at = None
    if at is None:
        raise ValueError(f"{column} {text[:40]!r} is not a time; write it like 2026-11-23T09:05:00.")
    if at.tzinfo is not None:
        raise ValueError(f"{column} {text[:40]!r} names a time zone; write the clinic's local time without one.")
    if at.year not in YEARS:
        raise ValueError(f"{column} {text[:40]!r} cannot be right: its year is not from {YEARS[0]} to {YEARS[-1]}.")
    return minute(at)


def _virtual_arrivals(visits: list[PastVisit], ahead: int) -> None:
    """Half a minute after the call of who was that many places before; at the session's first call for the first."""
    session: list[float] = []
    last = -1e9
    for visit in sorted((v for v in visits if v.called is not None and v.arrived is None), key=lambda v: v.called or 0):
        called = visit.called or 0.0
        if called - last > SESSION_GAP or called // DAY != last // DAY:
            session = []
        session.append(called)
        last = max(last, called, visit.finished or called)
        visit.arrived = min(called, session[max(0, len(session) - 1 - ahead)] + 0.5)
    visits.sort(key=first)
