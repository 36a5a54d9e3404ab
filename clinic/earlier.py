"""An earlier state of the clinic: what a copy holds, and what is written into it before the clinic goes on with it."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic import copies, log, register
from clinic.copies import BEFORE, REPLACED, Damaged, found, reading
from clinic.events import Entry, Opened, Restored
from clinic.hours import day_of
from clinic.line import Line, here, replay
from clinic.rights import Rights, keep_rights
from clinic.setup import Setup

MARGIN = 50
"""So many numbers of each letter are passed over where nobody knows which were given."""


@dataclass(frozen=True)
class Inside:
    """What a backup holds. `last`: when its latest fact was; `waiting`: how many people were here then."""

    version: int
    last: datetime | None
    waiting: int


def look(path: Path) -> Inside:
    """What this file holds. Raises Damaged for one that is not whole or no clinic's, OSError, sqlite3.Error."""
    with reading(path) as source:
        copies.check(source)
        version = int(source.execute("pragma user_version").fetchone()[0])
        if not source.execute("select 1 from sqlite_master where name = 'event'").fetchone():
            raise Damaged("no clinic in it")
        db = Database(source, recursive_triggers=False)
        entries = log.today(db)
        line = replay(entries, register.load_setup(db) or Setup())
    return Inside(version, entries[-1].fact.at if entries else None, len(here(line)))


def on_paper(entries: Sequence[Entry], line: Line, at: datetime) -> dict[str, int]:
    """The highest number of each letter that people may hold on paper at `at`: none of a day that is over."""
    first = entries[0].fact if entries else None
    is_over = line.opened_at is None and not (
        isinstance(first, Opened) and day_of(line.setup, first.at) == day_of(line.setup, at)
    )
    return {} if is_over else dict(line.issued)


def given_in(db: Database, at: datetime) -> dict[str, int]:
    """As `on_paper`, of a database."""
    entries = log.today(db)
    return on_paper(entries, replay(entries, register.load_setup(db) or Setup()), at)


def make_ready(
    prepared: Path, at: datetime, given: Mapping[str, int] | None, life: str, erasures: int, rights: Rights
) -> None:  # fmt: skip
    """Write into this copy that the clinic goes on with it at `at`, in another `life`.

    given: the numbers people hold, by letter; None: nobody knows them. rights: who may do what now. Raises
    sqlite3.Error.
    """
    with closing(sqlite3.connect(str(prepared), isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma synchronous = full")
        db = Database(connection)
        db.execute("begin immediate")
        facts = [Restored(at, tuple(f"{one} {n:02d}" for one, n in sorted(_after(db, given).items())))]
        log.append(db, [Entry(log.last_seq(db) + 1, fact) for fact in facts])
        keep_rights(db, rights)
        register.save_restored(db, at, life, max(erasures, register.erasures(db)))
        db.execute("commit")


def _after(db: Database, given: Mapping[str, int] | None) -> Mapping[str, int]:
    if given is not None:
        return given
    setup = register.load_setup(db) or Setup()
    known = {service.letter: 0 for service in setup.services} | dict(replay(log.today(db), setup).issued)
    return {letter: n + MARGIN for letter, n in known.items()}


def erasures_of(folder: Path) -> int:
    """How many erasures by hand the copies of this folder know of."""
    return max((erasures_in(one.path) for one in found(folder, "", BEFORE, REPLACED)), default=0)


def erasures_in(path: Path) -> int:
    """How many erasures by hand this copy knows of; 0 where it cannot be read."""
    try:
        with reading(path) as source:
            return register.erasures(Database(source, recursive_triggers=False))
    except (sqlite3.Error, OSError, Damaged):
        return 0  # it is not whole, and is no backup that anybody goes back to
