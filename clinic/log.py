"""The append-only table of facts. A row is never changed; the number of a fact is its place in history for ever."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from clinic.events import KINDS, Entry, Fact, Opened, SignedIn

INSERT = "insert into event (seq, at, kind, visit, room, by, request, data) values (?, ?, ?, ?, ?, ?, ?, ?)"


def append(db: Database, entries: Iterable[Entry], request: str | None = None) -> None:
    """Write these facts inside the caller's transaction; `request` marks the first with the tap that asked for it."""
    for entry in entries:
        db.execute(INSERT, row(entry, request))
        request = None


def row(entry: Entry, request: str | None = None) -> list[Any]:
    """This fact as a row, for `INSERT`. What it does not say, as most facts leave most fields, takes no room."""
    said = _plain(entry.fact)
    at, visit, room = said.pop("at"), said.pop("visit", None), said.pop("room", None)
    data = json.dumps(said, separators=(",", ":"))
    return [entry.seq, at, type(entry.fact).__name__, visit, room, entry.by, request, data]


def today(db: Database) -> list[Entry]:
    """The facts from the last `Opened` on, in order; all of them when no day was ever opened."""
    (first,) = db.execute("select coalesce(max(seq), 0) from event where kind = ?", [Opened.__name__]).fetchone()
    return _entries(db, "seq >= ? order by seq", [first])


def lessons_after(db: Database, seq: int) -> list[Entry]:
    """The facts after `seq` that the estimate learns from, in order."""
    silent = "'Told', 'Recalled', 'Coming', 'Preferred', 'HelpAsked', 'HelpTaken', 'HelpAnswered', 'FollowedUp'"
    return _entries(db, f"seq > ? and kind not in ({silent}) order by seq", [seq])


def every(db: Database, page: int = 2000) -> Iterator[Entry]:
    """All facts, in order, a few at a time, so that who reads keeps nobody from writing. No day half cut off."""
    seq = 0
    if forgotten(db):
        (seq,) = db.execute("select coalesce(min(seq), 1) - 1 from event where kind = 'Opened'").fetchone()
    while entries := _entries(db, "seq > ? order by seq limit ?", [seq, page]):
        yield from entries
        seq = entries[-1].seq


def before_days(db: Database, days: int) -> int:
    """The number of the fact before the latest so many days; 0 when there were fewer."""
    found = db.execute(
        "select seq - 1 from event where kind = ? order by seq desc limit 1 offset ?", [Opened.__name__, days - 1]
    ).fetchone()
    return int(found[0]) if found else 0


def last_waits(db: Database, ends: int = 400, back: int = 100_000) -> list[Entry]:
    """What the visits whose waits ended last were told, and how it went: so many ends, among the latest `back` facts.

    Reads from the end of the log, so that it costs the same after ten years.
    """
    oldest = last_seq(db) - back
    ended = db.execute(
        "select seq, visit from event where seq > ? and kind in ('Called', 'Held', 'Left') order by seq desc limit ?",
        [oldest, ends],
    ).fetchall()
    if not ended:
        return []
    day = "select max(seq) from event where kind = 'Opened' and seq <= ?"
    (opened,) = db.execute(day, [ended[-1][0]]).fetchone()
    told = "kind in ('CheckedIn', 'Transferred', 'Told', 'Called', 'Held', 'Left', 'Undone', 'Opened', 'ClockSet')"
    theirs = "(visit is null or visit in (select value from json_each(?)))"
    visits = json.dumps(sorted({visit for _, visit in ended}))
    return _entries(db, f"seq >= ? and {told} and {theirs} order by seq", [max(opened or 0, oldest + 1), visits])


def went_unseen(db: Database, since: datetime) -> list[Entry]:
    """What happened to everybody who left or was missed since then, from the start of the day in which they were."""
    first = _day_of(db, since)
    gone = "select distinct visit from event where seq > ? and kind in ('Left', 'MarkedNoShow')"
    kinds = """kind in ('Booked', 'Cancelled', 'CheckedIn', 'MarkedNoShow', 'Left', 'Resumed', 'Finished', 'FollowedUp',
        'Undone')"""
    return _entries(db, f"seq > ? and {kinds} and visit in ({gone}) order by seq", [first, first])


def ended(db: Database, since: datetime, until: datetime) -> dict[str, datetime]:
    """The visits that ended after `since` and by `until`, and when they last did; read from the day before `since`."""
    opened = "select seq from event where kind = 'Opened' and at <= ? order by seq desc limit 1"
    first = db.execute(opened, [since.isoformat()]).fetchone()
    rows = db.execute(
        """select visit, max(at) from event
            where seq > ? and kind in ('Finished', 'Left') and at > ? and at <= ? group by visit""",
        [first[0] if first else 0, since.isoformat(), until.isoformat()],
    )
    return {visit: datetime.fromisoformat(at) for visit, at in rows}


def days(db: Database, since: datetime, back: int = 1_000_000) -> list[tuple[int, datetime]]:
    """The number and the time of each `Opened` since then, among the latest `back` facts."""
    oldest = max(_day_of(db, since), last_seq(db) - back)
    rows = db.execute("select seq, at from event where kind = 'Opened' and seq > ? order by seq", [oldest])
    return [(seq, datetime.fromisoformat(at)) for seq, at in rows]


def measured(db: Database, first: int, end: int) -> list[Entry]:
    """The facts from number `first` to before `end` that tell what came of visits."""
    kinds = """kind in ('Booked', 'Cancelled', 'CheckedIn', 'Transferred', 'Told', 'Called', 'Started', 'Finished',
        'Held', 'Left', 'MarkedNoShow', 'Resumed', 'Undone', 'ClockSet')"""
    return _entries(db, f"seq >= ? and seq < ? and {kinds} order by seq", [first, end])


def _day_of(db: Database, since: datetime) -> int:
    """The number before the first `Opened` since then: all times in the log are UTC, so text sorts as they do."""
    found = "select min(seq) from event where kind = 'Opened' and at >= ?"
    (first,) = db.execute(found, [since.isoformat()]).fetchone()
    return last_seq(db) if first is None else int(first) - 1


def sign_ins(db: Database, back: int = 100_000) -> list[tuple[str, str]]:
    """The room and clinician of every sign-in among the latest `back` facts, in order."""
    entries = _entries(db, "seq > ? and kind = 'SignedIn' order by seq", [last_seq(db) - back])
    return [(one.fact.room, one.fact.clinician) for one in entries if isinstance(one.fact, SignedIn)]


def openings(db: Database) -> list[tuple[int, datetime]]:
    """Of every opening of a day, in order: the number of the last fact before it, and its time."""
    rows = db.execute("select seq - 1, at from event where kind = 'Opened' order by seq")
    return [(before, datetime.fromisoformat(at)) for before, at in rows]


def forget(db: Database, until: int, most: int) -> int:
    """Cut off the oldest facts, at most so many, and none after number `until`. How many went.

    In the caller's transaction: the database lets only what is not after the mark go.
    """
    (last,) = db.execute(
        "select max(seq) from (select seq from event where seq <= ? order by seq limit ?)", [until, most]
    ).fetchone()
    if last is None:
        return 0
    kept = "on conflict (name) do update set value = excluded.value"
    db.execute(f"insert into setting values ('forgotten', ?) {kept}", [str(last)])  # noqa: S608 - a fixed text
    return int(db.execute("delete from event where seq <= ?", [last]).rowcount)


def forgotten(db: Database) -> int:
    """The number of the last fact that was cut off; 0 where none was."""
    found = db.execute("select value from setting where name = 'forgotten'").fetchone()
    return int(found[0]) if found else 0


def latest(db: Database) -> datetime | None:
    """The time of the latest fact; None in an empty log."""
    found = db.execute("select at from event order by seq desc limit 1").fetchone()
    return datetime.fromisoformat(found[0]) if found else None


def last_seq(db: Database) -> int:
    """The number of the latest fact, 0 for an empty log."""
    return int(db.execute("select coalesce(max(seq), 0) from event").fetchone()[0])


def holds(db: Database, request: str) -> bool:
    """Whether this request was done, ever: its answer is forgotten sooner than its facts."""
    return db.execute("select 1 from event where request = ?", [request]).fetchone() is not None


def _entries(db: Database, where: str, values: Sequence[Any]) -> list[Entry]:
    # `where` is one of the fixed texts above; every value is bound.
    rows = db.execute(f"select seq, at, kind, visit, room, by, data from event where {where}", values).fetchall()  # noqa: S608 (see above)
    return [Entry(seq, _fact(kind, at, visit, room, data), by) for seq, at, kind, visit, room, by, data in rows]


def _plain(fact: Fact) -> dict[str, Any]:
    values = {field.name: getattr(fact, field.name) for field in fields(fact)}
    # None and () are what every field says that is not there, now and in any later version.
    said = {name: value for name, value in values.items() if value is not None and value != ()}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


def _fact(kind: str, at: str, visit: str | None, room: str | None, data: str) -> Fact:
    make: Callable[..., Fact] = KINDS[kind]
    values = {"at": at, "visit": visit, "room": room, **json.loads(data)}
    known = {}
    for field in fields(KINDS[kind]):
        if field.name in values:
            value = values[field.name]
            is_time = "datetime" in str(field.type) and isinstance(value, str)
            known[field.name] = (
                datetime.fromisoformat(value) if is_time else tuple(value) if isinstance(value, list) else value
            )
    return make(**known)
