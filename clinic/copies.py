"""The backups as files: whole, checked copies of the database, whose names say when they were made and nothing else.

What they must not hold any more is left out of them; old ones go by a schedule, and sooner where room is short. Nothing
here yields to other work or writes a log: it runs in a thread of the system's, beside the clinic.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from sqlite_utils.utils import sqlite3

from clinic.kept import TABLES
from clinic.register import KEY_FILE
from clinic.schema import SCHEMA

FOLDER, DATABASE = "backups", "kindline.db"
"""The folder of the backups in the data folder, and the database there."""

OPEN = "kindline.open"
"""There while the database is open, and after it was not closed."""

WANTED, SAID = "kindline-restore.db", "kindline-restore.txt"
"""A checked copy that the running clinic is to go on with, in the data folder, and what it says came of that."""

STAMP = "%Y%m%dT%H%M%SZ"
BEFORE, REPLACED = "before-format-", "kindline-replaced-"
"""How the copies begin that no schedule takes away: of before an upgrade, and of what a restore replaced."""

PART = ".part"
"""How a file ends that is still being written. One that is found is of a program that was killed."""

HOURLY, DAILY, UPGRADES = 48, 30, 3
"""So many backups are kept, the first one of so many days, and so many from before an upgrade."""

RESERVE = 200_000_000
"""Bytes of the disk that no backup takes; the size of the database where that is more."""

WRONG = timedelta(hours=1)
"""A backup from further in the future was made while the clock was wrong, or it is wrong now."""


class Damaged(Exception):
    """This database, or its copy, is not whole; the text is SQLite's."""


class NoRoom(Exception):
    """The disk has no room for another copy."""


@dataclass(frozen=True)
class Backup:
    """One copy. `at`: when it was made, in UTC; `kind`: "" of the schedule, else how its name begins."""

    path: Path
    at: datetime
    kind: str = ""


def found(folder: Path, *kinds: str) -> list[Backup]:
    """The copies of this data folder, the newest first; of these kinds, or those of the schedule."""
    kept = [_named(path) for where in (folder / FOLDER, folder) for path in where.glob("*.db")]
    return sorted((one for one in kept if one and one.kind in (kinds or ("",))), key=lambda one: one.at, reverse=True)


def _named(path: Path) -> Backup | None:
    kind = next((start for start in (BEFORE, REPLACED) if path.name.startswith(start)), "")
    try:
        at = datetime.strptime(path.stem.removeprefix(kind).rpartition("-")[2], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Backup(path, at, kind)


def stamp(now: datetime) -> str:
    """This time as it stands in a name."""
    return now.astimezone(UTC).strftime(STAMP)


@contextmanager
def reading(path: Path) -> Iterator[Any]:
    """A connection that only reads this file, while another program may be writing; makes and changes no file.

    Whatever is done in the block raises Damaged where the file turns out not to be whole.
    """
    with path.open("rb") as file:
        in_wal = file.read(19)[18:] == b"\2"
    # Without a writer a database in WAL mode has no log beside it; reading it would make one.
    idle = in_wal and not path.with_name(path.name + "-wal").exists()
    address = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if idle else ''}"
    try:
        with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=5)) as connection:
            yield connection
    except sqlite3.DatabaseError as problem:
        if getattr(problem, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Damaged(str(problem)) from problem
        raise


def check(connection: Any, table: str = "") -> None:
    """Raise Damaged where this database, or this table of it, is not whole. Half a second for 400 MB."""
    what = f"'{table}'" if table else "1"
    (sound,) = connection.execute(f"pragma quick_check({what})").fetchone()
    if sound != "ok":
        raise Damaged(str(sound))


def copy(source: Any, path: Path) -> None:
    """Write a checked copy of an open database to this file, whole or not at all.

    Raises Damaged, OSError, sqlite3.Error. Where there is no write-ahead log, nobody writes to `source` meanwhile.
    """
    _whole(path, partial(_as_it_is, source))


def _as_it_is(source: Any, part: Path) -> None:
    with closing(sqlite3.connect(str(part), isolation_level=None)) as made:
        made.execute("pragma synchronous = off")  # it is brought to the disk as a whole
        source.backup(made)
        made.execute("pragma journal_mode = delete")  # one file, that leaves nothing beside it where it is read


def rebuild(source: Any, path: Path) -> None:
    """As `copy`, but written anew, row by row: mends what is only wrong in an index, or between the tables."""
    _whole(path, partial(_row_by_row, source))


def _row_by_row(source: Any, part: Path) -> None:
    parts = source.execute("select type, name, sql from sqlite_master where sql is not null order by rowid").fetchall()
    with closing(sqlite3.connect(str(part), isolation_level=None)) as made:
        made.execute("pragma synchronous = off")
        for kind, name, sql in parts:
            if kind == "table" and name != "sqlite_sequence":
                made.execute(sql)
                rows = source.execute(f"select * from {name} not indexed")  # noqa: S608 - a name of the file's own
                marks = ", ".join("?" for _ in rows.description)
                made.execute("begin")
                made.executemany(f"insert into {name} values ({marks})", rows)  # noqa: S608 - likewise
                made.execute("commit")
        for kind, _name, sql in parts:
            if kind != "table":
                made.execute(sql)
        (version,) = source.execute("pragma user_version").fetchone()
        made.execute(f"pragma user_version = {version}")


def strip(path: Path) -> None:
    """Write this copy anew without anything that identifies a person.

    Raises NoRoom, Damaged, OSError, sqlite3.Error.
    """
    if shutil.disk_usage(path.parent).free < path.stat().st_size:
        raise NoRoom
    _whole(path, partial(_without_people, path))
    # A write-ahead log that was kept with a replaced file is in the new one now.
    for left in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + left).unlink(missing_ok=True)


def _without_people(path: Path, part: Path) -> None:
    with reading(path) as source:
        source.execute("vacuum into ?", [str(part)])  # pages that were left over stay behind
    with closing(sqlite3.connect(str(part), isolation_level=None)) as made:
        made.execute("pragma secure_delete = on")
        made.execute("pragma journal_mode = memory")
        for table in _personal(made):
            made.execute(f"delete from {table}")  # noqa: S608 - a name of our own
        made.execute("pragma journal_mode = delete")


def _whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Have a file written beside this one, check it, and put it in its place when it is on the disk."""
    part = path.with_name(f"{path.name}.{os.getpid()}{PART}")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        write(part)
        with reading(part) as made:
            check(made)
        sync(part)
        part.replace(path)
    finally:
        for left in ("", "-journal"):
            part.with_name(part.name + left).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Bring this file to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def names_anybody(path: Path) -> bool:
    """Whether this copy holds anything that identifies a person. Raises OSError, sqlite3.Error."""
    with reading(path) as source:
        return any(source.execute(f"select 1 from {table} limit 1").fetchone() for table in _personal(source))  # noqa: S608 - a name of our own


def _personal(connection: Any) -> list[str]:
    there = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    return [table for table in TABLES if table in there]


def make(folder: Path, source: Any, now: datetime, name: str = "") -> Backup:
    """A backup of this open database, checked, in the folder of the backups; `name`: how its name begins.

    Old ones go for it where room is short. Raises NoRoom, Damaged, OSError, sqlite3.Error.
    """
    where = folder / FOLDER
    where.mkdir(mode=0o700, exist_ok=True)
    make_room(folder, size_of(source), now)
    path = where / f"{name}{stamp(now)}.db"
    copy(source, path)
    keep_key(folder, where)
    return Backup(path, now.replace(microsecond=0), BEFORE if name else "")


def take_out(folder: Path, source: Any, now: datetime, where: Path) -> Path:
    """A backup in another folder, as on a stick: where it is. Raises as `make`; nothing there goes for it."""
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(where).free < size_of(source):
        raise NoRoom
    path = where / f"{stamp(now)}.db"
    copy(source, path)
    keep_key(folder, where)
    return path


def clear(folder: Path) -> None:
    """Leave nothing of what a program that was killed was still writing: it may hold names."""
    ours = (f"{WANTED}*", f"{REPLACED}*{PART}*")
    for part in [*(folder / FOLDER).glob(f"*{PART}*"), *(path for names in ours for path in folder.glob(names))]:
        part.unlink(missing_ok=True)


def size_of(source: Any) -> int:
    """How many bytes a copy of this open database takes."""
    pages, size = (source.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * size)


def make_room(folder: Path, size: int, now: datetime) -> None:
    """Let old backups go until this size has room beside the reserve; the newest good one stays. Raises NoRoom."""
    if _has_room(folder, size):
        return
    good = newest_good(folder, now)
    old = [one for one in found(folder)[::-1] if one != good]
    # Where something else has filled the disk none goes for nothing.
    if not _has_room(folder, size, sum(one.path.stat().st_size for one in old)):
        raise NoRoom
    for one in old:
        if _has_room(folder, size):
            return
        one.path.unlink()
    if not _has_room(folder, size):
        raise NoRoom


def _has_room(folder: Path, size: int, besides: int = 0) -> bool:
    return shutil.disk_usage(folder).free + besides >= size + max(RESERVE, size)


def keep_key(folder: Path, where: Path) -> None:
    """Keep the key file beside the backups: without it no link and no seal of them is worth anything."""
    key, kept = folder / KEY_FILE, where / KEY_FILE
    if key.exists() and not (kept.exists() and kept.read_bytes() == key.read_bytes()):
        part = kept.with_name(kept.name + PART)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_bytes(key.read_bytes())
        sync(part)
        part.replace(kept)


def too_many(backups: Collection[Backup], now: datetime, zone: tzinfo) -> list[Backup]:
    """Those of the schedule that have had their time, by what day it was in `zone`.

    They are counted and not aged, and those from the future are counted on their own: a clock that jumps, whichever
    way, takes none away that it would not have taken otherwise.
    """
    ahead = [one for one in backups if one.at > now + WRONG]
    past = [one for one in backups if one.at <= now + WRONG]
    return [*_over(past, zone), *_over(ahead, zone)]


def _over(backups: Collection[Backup], zone: tzinfo) -> list[Backup]:
    newest = sorted(backups, key=lambda one: one.at, reverse=True)
    # Of each day and hour the last to come, so the first made: more than one an hour push out no other.
    days = {one.at.astimezone(zone).date(): one for one in newest}
    hours = {(one.at.date(), one.at.hour): one for one in newest}
    kept = {*newest[:1], *list(hours.values())[:HOURLY], *list(days.values())[:DAILY]}
    return [one for one in newest if one not in kept]


def newest_good(folder: Path, now: datetime, version: int = SCHEMA) -> Backup | None:
    """The newest backup that is whole and that a program of this format can read, from before an upgrade too."""
    kept = sorted(found(folder, "", BEFORE), key=lambda one: (one.at <= now + WRONG, one.at), reverse=True)
    return next((one for one in kept if _is_good(one.path, version)), None)


def _is_good(path: Path, version: int) -> bool:
    try:
        with reading(path) as source:
            check(source)
            return bool(0 < source.execute("pragma user_version").fetchone()[0] <= version)
    except (sqlite3.Error, OSError, Damaged):
        return False


def exchange(folder: Path, prepared: Path, now: datetime) -> Path | None:
    """Put this file in the place of the database, which is closed; where that is kept aside. The folder is ours."""
    path, aside = folder / DATABASE, folder / f"{REPLACED}{stamp(now)}.db"
    while aside.exists():
        now += timedelta(seconds=1)
        aside = folder / f"{REPLACED}{stamp(now)}.db"
    if path.exists():
        # Both names until the other is in place: who is killed between finds the one or the other.
        _name_twice(path, aside)
    for left in ("-wal", "-journal", "-shm"):
        beside = folder / f"{DATABASE}{left}"
        if left == "-shm" or (beside.exists() and not beside.stat().st_size):
            beside.unlink(missing_ok=True)
        elif beside.exists():
            beside.rename(aside.with_name(aside.name + left))
    mark_closed(folder)
    prepared.replace(path)
    _sync_folder(folder)
    return aside if aside.exists() else None


def _name_twice(path: Path, also: Path) -> None:
    """Give a file another name too; a copy of it where the disk knows no two names of one file."""
    try:
        os.link(path, also)
    except OSError:
        part = also.with_name(also.name + PART)
        part.touch(mode=0o600)
        shutil.copyfile(path, part)
        sync(part)
        part.replace(also)


def put_back(folder: Path, aside: Path) -> None:
    """Undo an exchange that led nowhere."""
    for left in ("", "-wal", "-journal"):
        kept = aside.with_name(aside.name + left)
        if kept.exists():
            kept.replace(folder / f"{DATABASE}{left}")


def mark_open(folder: Path) -> None:
    """Note that the database is open from now on."""
    (folder / OPEN).touch(mode=0o600)
    _sync_folder(folder)


def mark_closed(folder: Path) -> None:
    """Note that everything stands in the database's own file."""
    (folder / OPEN).unlink(missing_ok=True)


@contextmanager
def holding(folder: Path) -> Iterator[bool]:
    """Hold this folder as the running clinic does: whether nobody else holds it."""
    with (folder / "kindline.lock").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def lost_its_log(folder: Path) -> bool:
    """Whether the database was not closed, and the file that held what was written last is gone."""
    path = folder / DATABASE
    if not (folder / OPEN).exists() or path.with_name(f"{DATABASE}-wal").exists() or not path.exists():
        return False
    with path.open("rb") as file:
        return file.read(19)[18:] == b"\2"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def advice(folder: Path, now: datetime, version: int = SCHEMA) -> str:
    """What to do where the database cannot be used: the newest good backup, and the exact command."""
    good = newest_good(folder, now, version)
    if good is None:
        return f"There is no good backup in {folder / FOLDER}; look for a copy elsewhere: make restore FROM=that file."
    day = good.at.strftime("%Y-%m-%d %H:%M UTC")
    return f"The newest good backup is of {day}: make restore FROM={good.path}"
