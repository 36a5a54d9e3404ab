"""How the database file is opened and closed: held by one program, looked through, brought up to date, noted as closed.

What cannot be opened is told with the newest good backup and the command that goes back to it; nothing is changed then.
"""

import fcntl
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic import copies
from clinic.clock import real_time
from clinic.copies import BEFORE, DATABASE
from clinic.register import KEY_FILE
from clinic.schema import SCHEMA, SECURE, migrations

WAL_FIXED = (3, 51, 3)
"""Before this version two connections of one WAL file could lose a write (TRUST section 1.2)."""

BUSY = 0.02
"""Seconds that SQLite itself waits for another program, and everybody with it."""

AT_ONCE = 1_000_000_000
"""Bytes that are looked through at a start; of a larger file the long tables are, beside the work that has begun."""

LONG = ("event", "audit")
"""The tables of which only the end is ever needed at once."""


class StoreError(Exception):
    """The database cannot be used; the text says what to do."""


def told(folder: Path, problem: Exception) -> StoreError:
    """What is said where it cannot be opened: a sentence with what to do."""
    if isinstance(problem, StoreError):
        return problem
    if isinstance(problem, OSError):
        return StoreError(
            f"The folder {folder} cannot be written ({problem.strerror}). "
            "Give this user the right to write there, or set KINDLINE_DATA to another folder."
        )
    path = folder / DATABASE
    return StoreError(f"{path} cannot be opened ({problem}). {_advice(path)} {_as_it_is(path)}")


def hold(folder: Path) -> IO[str]:
    """A lock file that one program at a time can hold; the system frees it when that program ends. Raises OSError."""
    # Nobody else on this machine has anything to look for in it.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = (folder / "kindline.lock").open("a")
    for path in folder.glob("kindline.*"):
        path.chmod(0o600)
    return _locked(held, folder)


def hold_to_read(folder: Path) -> IO[str] | None:
    """The lock of a folder that cannot be written; None where there is none, and so nobody can hold it."""
    path = folder / "kindline.lock"
    return _locked(path.open(), folder) if path.exists() else None


def _locked(held: IO[str], folder: Path) -> IO[str]:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        held.close()
        raise StoreError(
            f"Another Kindline already runs on {folder}. Stop that one, or set KINDLINE_DATA to another folder."
        ) from problem
    return held


def open_to_write(path: Path) -> Database:
    """The database, sound and brought up to date. Raises StoreError, sqlite3.Error."""
    made = not path.exists() or path.stat().st_size == 0
    if made and (path.parent / KEY_FILE).exists():
        raise StoreError(
            f"{path} is gone or empty, but there was a clinic here. {_advice(path)} "
            "To start anew, move the whole folder away."
        )
    if copies.lost_its_log(path.parent):
        raise StoreError(
            f"Kindline did not stop properly, and {path}-wal is gone: what was written last is not in {path}. "
            f"{_advice(path)} {_as_it_is(path)}"
        )
    if not made:
        _is_sound(path)
    db = connect(path)
    if made:
        path.chmod(0o600)
    try:
        version = _version(db, path)
        if 0 < version < SCHEMA:
            _keep_before(path.parent, db.conn)
        if 0 < version < SECURE:
            # What was deleted by then may still stand in the file. It may be larger than a small machine's memory.
            # First, so that who is killed here begins with it again.
            db.execute("pragma temp_store = file")
            db.execute("vacuum")
            db.execute("pragma wal_checkpoint(truncate)")
            db.execute("pragma temp_store = memory")
        migrations.apply(db)
        # Where that cannot be noted nothing can be written either: there is nothing that could be lost.
        with suppress(OSError):
            copies.mark_open(path.parent)
    except BaseException:
        db.close()
        raise
    return db


def connect(path: Path) -> Database:
    """A connection for writing, as safe as this SQLite can be."""
    connection = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=BUSY)
    try:
        safe_wal = sqlite3.sqlite_version_info >= WAL_FIXED
        connection.execute(f"pragma journal_mode = {'wal' if safe_wal else 'truncate'}")
        connection.execute(f"pragma synchronous = {'full' if safe_wal else 'extra'}")
        connection.execute("pragma foreign_keys = on")
        # What is deleted is overwritten, and nothing of it goes through a file of its own.
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma temp_store = memory")
    except BaseException:
        connection.close()
        raise
    return Database(connection)


def open_to_read(path: Path) -> Database:
    """The database as it is, where nothing can be written. Raises StoreError, sqlite3.Error."""
    db = connect_to_read(path)
    try:
        if _version(db, path) < SCHEMA:
            raise StoreError(f"{path} has to be brought up to date, and its folder cannot be written. Make room there.")
        _is_sound(path)
    except BaseException:
        db.close()
        raise
    return db


def connect_to_read(path: Path) -> Database:
    """A connection that asks for nothing to be written."""
    # Without a log beside it, that it lies still has to be promised: SQLite would make the log.
    still = "" if path.with_name("kindline.db-wal").exists() else "&immutable=1"
    address = f"{path.resolve().as_uri()}?mode=ro{still}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY)
    # So that sqlite-utils asks nothing that is a write.
    return Database(connection, recursive_triggers=False)


def _version(db: Database, path: Path) -> int:
    version = int(db.execute("pragma user_version").fetchone()[0])
    if version > SCHEMA:
        raise StoreError(
            f"{path} was written by a newer Kindline (format {version}, this one knows {SCHEMA}). "
            f"Start the newer version, or go back to a backup from before. {_advice(path)}"
        )
    return version


def _is_sound(path: Path) -> None:
    """Raise StoreError for a file that is not whole, and change nothing in it: so before it is opened for writing.

    Of a large one only what changes is looked at.
    """
    try:
        try:
            with copies.reading(path) as source:
                _check(source, path)
        except sqlite3.OperationalError:
            # What was being written when the plug was pulled has to be taken back first, and that is a write.
            with closing(sqlite3.connect(str(path), isolation_level=None)) as source:
                _check(source, path)
    except copies.Damaged as problem:
        raise StoreError(f"{path} is damaged ({problem}). {_advice(path)} {_as_it_is(path)}") from problem


def _check(source: Any, path: Path) -> None:
    tables: list[str] = [""]
    if is_large(path):
        named = "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not in (?, ?)"
        tables = [name for (name,) in source.execute(named, LONG).fetchall()]
    for table in tables:
        copies.check(source, table)


def is_large(path: Path) -> bool:
    """Whether a start looks at a part of this file only: the rest has to be looked at beside the work."""
    # Without a write-ahead log nobody could write while somebody else looks through the file.
    return path.stat().st_size > AT_ONCE and sqlite3.sqlite_version_info >= WAL_FIXED


def _keep_before(folder: Path, connection: Any) -> None:
    """Make a backup that an older program can read. Raises StoreError."""
    try:
        copies.make(folder, connection, real_time(), f"{BEFORE}{SCHEMA}-")
        for old in copies.found(folder, BEFORE)[copies.UPGRADES :]:
            old.path.unlink()
    except copies.NoRoom:
        needed = (copies.size_of(connection) + copies.RESERVE) // 1_000_000
        raise StoreError(f"{folder} has no room for the backup before an upgrade. Free {needed} MB there.") from None


def close_well(db: Database, folder: Path) -> None:
    """Close the database, and know at the next start that it was closed."""
    try:
        is_whole = not db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    except sqlite3.DatabaseError:
        is_whole = False  # what it holds beside the file is read at the next start
    db.close()
    # Closing brings in what is beside the file, unless another program reads on: then that stays there.
    if is_whole or not (folder / f"{DATABASE}-wal").exists():
        copies.mark_closed(folder)


def _advice(path: Path) -> str:
    return copies.advice(path.parent, real_time())


def _as_it_is(path: Path) -> str:
    return f"To go on with the file as it is: make restore FROM={path}"
