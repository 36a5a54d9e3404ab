"""Past days: read from a folder of visits.csv[.gz], rooms.csv[.gz] (optional) and clinic.json, or made from the log.

A row that cannot be used is left out and named with its line; a folder that cannot be used raises BadFolder with one
sentence. Times are local times without a zone and become minutes on one running clock (see clinic.estimate.scene).
"""

import csv
import gzip
import json
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import StringIO
from math import isfinite
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from clinic import events as e
from clinic.setup import Setup

# Only a zero of the running clock, which is local time without a zone.
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
DAY = 1440.0

NEEDED = ("visit_id", "service", "arrived_at", "called_at", "finished_at", "server", "left_at")
MORE = ("priority", "appointment_at", "assigned")
OF_ROOMS = ("at", "server", "state", "until")
STATES = ("open", "pause", "resume", "close")
RULES = ("arrival", "booked_or_arrival", "priority_then_arrival")
LINES = ("one", "by_assigned", "by_service_group", "unknown")

YEARS = range(1980, 2101)
MOST_ROWS = 5_000_000
LONGEST_LINE = 65_536
LINES_OF_A_ROW = 20
"""A quoted text may run over so many lines; beyond that its closing quote is missing."""

SESSION_GAP = 60.0
"""Minutes without a call that end a session, for data without arrivals."""


class BadFolder(Exception):
    """The folder cannot be used; the message says in one sentence what is wrong, where, and what to do."""


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
    """Everything usable, in time order; `refused` says which rows were not, each with file, line and reason.

    `setup`: where these are the clinic's own days, as its log has them, how it is set up.
    """

    visits: list[PastVisit]
    changes: list[RoomChange]
    clinic: dict[str, Any]
    refused: list[str] = field(default_factory=list)
    setup: Setup | None = None

    @property
    def span(self) -> tuple[float, float]:
        """The first and the last minute at which somebody came, was called or was expected."""
        return _first(self.visits[0]), _first(self.visits[-1])


def clock(minute: float) -> datetime:
    """The local time of a minute of the running clock, to the second."""
    return EPOCH + timedelta(seconds=round(minute * 60))


def read(folder: Path) -> Past:
    """The folder's days. Raises BadFolder."""
    if not folder.exists():
        raise BadFolder(f"There is no folder {folder}: give the one that holds visits.csv and clinic.json.")
    if not folder.is_dir():
        raise BadFolder(f"{folder} is a file: give the folder that holds visits.csv and clinic.json.")
    clinic = _clinic(folder / "clinic.json")
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


def from_log(entries: Iterable[e.Entry], setup: Setup) -> Past:
    """The clinic's own days as its log has them, what was undone left out.

    A wait ends with the first call. Who stepped out before it left the line then, and joined it anew when back.
    """
    entries = tuple(entries)
    undone = {entry.fact.seq for entry in entries if isinstance(entry.fact, e.Undone)}
    zone = ZoneInfo(setup.timezone)
    days = _Days({}, {}, [])
    for entry in entries:
        if entry.seq not in undone:
            days.add(entry.fact, _minute(entry.fact.at, zone), zone)
    visits = [visit for visit in days.visits.values() if _problem(visit) is None]
    visits.sort(key=_first)
    groups: dict[str, list[str]] = {}
    for service in setup.services:
        groups.setdefault(min(setup.neighbours(service.id)), []).append(service.id)
    order = {"rule": "booked_or_arrival", "late_after_minutes": setup.late_after,
             "walk_in_after_minutes": setup.walk_in_after}  # fmt: skip
    usual = min((service.minutes for service in setup.services), default=15)
    clinic = {"tick_seconds": 300, "expected_minutes": usual, "line": "by_service_group", "groups": groups,
              "order": order}  # fmt: skip
    return Past(visits, days.changes, clinic, setup=setup)


@dataclass
class _Days:
    """What was gathered from the log: each visit's wait, whose wait is `now` going on under which id, and the rooms."""

    visits: dict[str, PastVisit]
    now: dict[str, str]
    changes: list[RoomChange]

    def add(self, fact: e.Fact, at: float, zone: ZoneInfo) -> None:
        """One more fact, at this minute."""
        match fact:
            case e.RoomOpened(_, room, until) | e.RoomPaused(_, room, until):
                state = "open" if isinstance(fact, e.RoomOpened) else "pause"
                self.changes.append(RoomChange(at, room, state, _minute(until, zone) if until else None))
            case e.RoomClosed(_, room):
                self.changes.append(RoomChange(at, room, "close", None))
            case e.Booked(_, id_, service, booked, assigned):
                self.visits[id_] = PastVisit(
                    id_, service, None, None, None, "", None, "", _minute(booked, zone), assigned or ""
                )
            case e.CheckedIn(_, id_) as came:
                due = _minute(came.booked, zone) if came.booked else None
                level = "" if came.level is None else str(came.level)
                self.now[id_] = id_
                self.visits[id_] = PastVisit(
                    id_, came.service, at, None, None, "", None, level, due, came.assigned or ""
                )
            case _:
                visit = self.visits.get(self.now.get(getattr(fact, "visit", ""), ""))
                if visit is not None:
                    self._went_on(visit, fact, at)

    def _went_on(self, visit: PastVisit, fact: e.Fact, at: float) -> None:
        waits = visit.called is None and visit.left is None
        match fact:
            case e.Called(_, _, room) if waits:
                visit.called, visit.server = at, room
            case e.Transferred(_, _, service) if waits:
                visit.service, visit.assigned = service, ""
            case e.Finished() | e.Transferred() if visit.called is not None and visit.finished is None:
                visit.finished = at
            case e.Left() | e.Held() if waits:
                visit.left = at
            case e.Resumed(_, id_) if visit.left is not None:
                back = replace(visit, id=f"{visit.id}, back", arrived=at, left=None)
                self.now[id_] = back.id
                self.visits[back.id] = back
            case _:
                pass


def _minute(at: datetime, zone: ZoneInfo) -> float:
    return (at.astimezone(zone).replace(tzinfo=None) - EPOCH).total_seconds() / 60


def _first(visit: PastVisit) -> float:
    return next((at for at in (visit.arrived, visit.called, visit.booked) if at is not None), 0.0)


def _problem(visit: PastVisit) -> str | None:
    """Why this row cannot be used, if so."""
    arrived, called, left = visit.arrived, visit.called, visit.left
    if called is not None and left is not None:
        return "both called_at and left_at are set; leave left_at empty for who was called."
    if left is not None and (arrived is None or left < arrived):
        return "left before they arrived." if arrived is not None else "left_at without arrived_at."
    if arrived is None and called is None and visit.booked is None:
        return "neither an arrival nor an appointment."
    if arrived is not None and called is None and left is None:
        return "neither called nor left: nobody knows how long they waited."
    if arrived is not None and called is not None and called < arrived:
        return "called before they arrived."
    if visit.finished is not None and (called is None or visit.finished < called):
        return "finished before they were called." if called is not None else "finished_at without called_at."
    if arrived is not None and (called or left or 0) - arrived > DAY:
        return "waited more than a day."
    if visit.finished is not None and called is not None and visit.finished - called > DAY:
        return "the visit took more than a day."
    return None


def _visits(folder: Path, refused: list[str], virtual: bool) -> list[PastVisit]:
    visits = []
    seen: set[str] = set()
    # One text in memory for each service and server, however many rows name it.
    same: dict[str, str] = {}
    for place, row in _rows(folder, "visits.csv", NEEDED, MORE, refused):
        id_, service, arrived, called, finished, server, left, priority, booked, assigned = row
        try:
            visit = PastVisit(
                id_, same.setdefault(service, service), _time("arrived_at", arrived), _time("called_at", called),
                _time("finished_at", finished), same.setdefault(server, server), _time("left_at", left),
                same.setdefault(priority, priority), _time("appointment_at", booked),
                same.setdefault(assigned, assigned),
            )  # fmt: skip
        except ValueError as wrong:
            refused.append(f"{place}: {wrong}")
            continue
        problem = _problem(visit)
        if not id_:
            problem = "visit_id is empty."
        elif id_ in seen:
            problem = f"visit_id {id_[:40]} was there before; every visit needs its own."
        elif problem is None and visit.arrived is None and visit.called is not None and not virtual:
            problem = "called_at without arrived_at; nobody knows how long they waited."
        if problem:
            refused.append(f"{place}: {problem}")
            continue
        seen.add(id_)
        visits.append(visit)
    visits.sort(key=_first)
    return visits


def _changes(folder: Path, refused: list[str]) -> list[RoomChange]:
    changes = []
    for place, (at, server, state, until) in _rows(folder, "rooms.csv", OF_ROOMS, (), refused):
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
    return (at - EPOCH).total_seconds() / 60


def _rows(
    folder: Path, name: str, needed: tuple[str, ...], more: tuple[str, ...], refused: list[str]
) -> Iterator[tuple[str, list[str]]]:
    """Where each row of this file is, and its values for the columns `needed` and `more`."""
    path = next((path for path in (folder / name, folder / f"{name}.gz") if path.exists()), folder / name)
    if not path.exists():
        if name == "visits.csv":
            raise BadFolder(f"{folder} has no visits.csv or visits.csv.gz: export one row for each visit there.")
        return
    try:
        with _text(path) as file:
            yield from _parsed(path, file, needed, more, refused)
    except UnicodeDecodeError:
        raise BadFolder(f"{path} is not text in UTF-8: save it again as CSV in UTF-8.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadFolder(f"{path} is damaged or cut short, nothing of it was used: pack or copy it again.") from None
    except IsADirectoryError:
        raise BadFolder(f"{path} is a folder: it must be a CSV file.") from None
    except OSError as problem:
        raise BadFolder(f"{path} cannot be read ({problem.strerror}): mend that and try again.") from None


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as raw:
        if raw.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise BadFolder(f"{path} is text in UTF-16: save it again as CSV in UTF-8.")
    if packed:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file


def _parsed(
    path: Path, file: TextIO, needed: tuple[str, ...], more: tuple[str, ...], refused: list[str]
) -> Iterator[tuple[str, list[str]]]:
    lines = _Lines(path, file)
    head, mark = _head(path, next(lines.records(), (1, ""))[1], needed)
    where = [head.index(column) if column in head else len(head) for column in (*needed, *more)]
    for number, text in lines.records():
        place = f"{path.name} line {number}"
        try:
            values = _values(text, mark)
        except csv.Error:
            lines.back(text)
            refused.append(f"{place}: a quotation mark is not closed, or stands where it may not.")
            continue
        if not any(values):
            continue
        if number > MOST_ROWS:
            raise BadFolder(f"{path} has more than {MOST_ROWS:,} rows: bring the latest years only.")
        extra = len(values) - len(head)
        if "\0" in text:
            refused.append(f"{place}: holds a zero byte; write it again as text.")
        elif extra > 0 and any(values[len(head) :]):
            refused.append(
                f"{place}: {len(values)} values for {len(head)} columns; put quotes around text with {mark!r}."
            )
        elif extra < 0 and len(values) <= max(at for at in where[: len(needed)]):
            refused.append(f"{place}: {len(values)} values for {len(head)} columns; the row is cut short.")
        else:
            values += [""] * (1 - min(extra, 0))
            yield place, [values[at].strip() if at < len(head) else "" for at in where]


def _head(path: Path, text: str, needed: tuple[str, ...]) -> tuple[list[str], str]:
    """The names of the columns, and the mark between them."""
    best: tuple[list[str], str] = ([], ",")
    for mark in ",;\t":
        try:
            names = [name.strip().casefold() for name in _values(text, mark)]
        except csv.Error:
            continue
        if len(set(names) & set(needed)) > len(set(best[0]) & set(needed)):
            best = names, mark
    missing = [column for column in needed if column not in best[0]]
    if len(missing) == len(needed):
        raise BadFolder(f"{path} is no CSV with a first line of column names: it must begin {','.join(needed)}.")
    if missing:
        raise BadFolder(f"{path} has no column {', '.join(missing)}: add it to the first line, empty where not known.")
    twice = [column for column in needed if best[0].count(column) > 1]
    if twice:
        raise BadFolder(f"{path} has the column {twice[0]} twice: keep one.")
    return best


def _values(text: str, mark: str) -> list[str]:
    if '"' not in text:
        return text.rstrip("\r\n").split(mark)
    rows = list(csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True))
    if len(rows) > 1:
        raise csv.Error
    return rows[0] if rows else []


class _Lines:
    """The rows of a file as text, each with the number of its first line. A broken row costs no other its place."""

    def __init__(self, path: Path, file: TextIO):
        self._path = path
        self._file = file
        self._again: deque[str] = deque()
        self._number = 0

    def records(self) -> Iterator[tuple[int, str]]:
        """The rows that follow."""
        while text := self._next():
            first = self._number
            # An odd number of quotes: the row goes on in the next line, as a note of several lines may.
            while text.count('"') % 2 and self._number - first < LINES_OF_A_ROW and (more := self._next()):
                text += more
            yield first, text

    def back(self, text: str) -> None:
        """This row could not be read: only its first line was at fault, those after it come again."""
        rest = list(StringIO(text, newline=""))[1:]
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)

    def _next(self) -> str:
        text = self._again.popleft() if self._again else self._file.readline(LONGEST_LINE)
        self._number += bool(text)
        if len(text) == LONGEST_LINE:
            raise BadFolder(f"{self._path} line {self._number} is longer than any row: is it a CSV file?")
        return text


def _clinic(path: Path) -> dict[str, Any]:
    """What clinic.json says, with what it leaves out as usual; keys of which nothing is known do no harm."""
    try:
        clinic = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        usual = '{"line": "one", "order": {"rule": "arrival"}, "expected_minutes": 15}'
        raise BadFolder(f"{path} is missing: write how the clinic works there, for a start {usual}.") from None
    except OSError as problem:
        raise BadFolder(f"{path} cannot be read ({problem.strerror}): mend that and try again.") from None
    except (ValueError, RecursionError) as problem:
        where = f" (line {problem.lineno})" if isinstance(problem, json.JSONDecodeError) else ""
        raise BadFolder(f"{path} is not JSON in UTF-8{where}: mend it there.") from None
    if not isinstance(clinic, dict):
        raise BadFolder(f"{path} must be an object with line, order and expected_minutes.")
    known = _Known(path, clinic)
    known.one_of("line", LINES)
    known.number("tick_seconds", 300, 1, 86_400)
    known.number("expected_minutes", 15, 0.1, 1440)
    known.number("virtual_check_in_places_ahead", 0, 0, 1000)
    clinic["virtual_check_in_places_ahead"] = int(clinic["virtual_check_in_places_ahead"])
    known.shape("groups", {}, "an object with a list of services for each group", _is_groups)
    known.shape("order", {}, "an object with a rule", lambda value: isinstance(value, dict))
    order = _Known(path, clinic["order"], "order.")
    order.one_of("rule", RULES)
    order.number("late_after_minutes", 20, 0, 1440)
    order.number("walk_in_after_minutes", 0, 0, 1440)
    order.shape("urgent_first", [], "a list of priorities", _is_texts)
    order.shape("head_start_minutes", {}, "an object with minutes for each priority", _is_minutes)
    return clinic


@dataclass
class _Known:
    """One object of clinic.json being checked, what is missing put in."""

    path: Path
    values: dict[str, Any]
    before: str = ""

    def one_of(self, name: str, allowed: tuple[str, ...]) -> None:
        """A choice; the first is usual."""
        self.shape(name, allowed[0], f"one of {', '.join(allowed)}", lambda value: value in allowed)

    def number(self, name: str, usual: float, least: float, most: float) -> None:
        """A number between these."""
        self.shape(name, usual, f"a number from {least:g} to {most:g}", lambda value: _is_number(value, least, most))

    def shape(self, name: str, usual: Any, what: str, fits: Callable[[Any], bool]) -> None:
        """Whatever `fits`."""
        if self.values.get(name) is None:
            self.values[name] = usual
        if not fits(self.values[name]):
            raise BadFolder(f"{self.path}: {self.before}{name} must be {what}.")


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and least <= value <= most


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_groups(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_texts(services) for services in value.values())


def _is_minutes(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_number(minutes, -DAY, DAY) for minutes in value.values())


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
    visits.sort(key=_first)
