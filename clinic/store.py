"""The database file: opened safely, held by one program at a time, brought up to date, written in whole transactions.

Only this file, `log`, `register` and those of `doors` that keep something know which database it is.
"""

import errno
import fcntl
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
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

BUSY, PAUSE, PATIENCE = 0.02, 0.02, 1.0
"""Seconds: SQLite itself waits for another program, and everybody with it; then others go on; and in all."""

ENOUGH = 1_000_000
"""Bytes that a full disk must have again: where a row of a few bytes finds room, a check-in may not."""

KINDS = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CANTOPEN: "read_only",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
"""What keeps a write from being done, by SQLite's number for it; whatever else there is, the disk fails."""

AT_ONCE = 1_000_000_000
"""Bytes that are looked through at a start; of a larger file the long tables are, beside the work that has begun."""

LONG = ("event", "audit")
"""The tables of which only the end is ever needed at once."""

TROUBLES = frozenset({*KINDS.values(), "failing"})
"""What `Store.trouble` may be."""

log = logging.getLogger("kindline.store")


class StoreError(Exception):
    """The database cannot be used; the text says what to do."""


class Unavailable(Exception):
    """The database did not take this write or answer this read; nothing was changed."""


class Store:
    """One open database. `write` is the only way to change it; `read` never waits for a change to be decided.

    `trouble`: why the last write could not be done ("full", "read_only", "busy", "failing"), None once one was; a file
    that is found damaged stays "damaged". Who may only read at the start may write as soon as the folder lets us.
    """

    def __init__(self, folder: Path):
        """Open or make `folder`/kindline.db. Raises StoreError with a sentence that says what to do."""
        self.folder = folder
        self.lock = threading.RLock()
        self.trouble: str | None = None
        self._using = threading.RLock()
        self._held: IO[str] | None = None
        self._may_only_read = False
        self._is_over = False
        self._tried = 0.0
        try:
            self._held = _hold(folder)
            self.db = _open(folder / "kindline.db")
        except (sqlite3.OperationalError, OSError) as problem:
            self._open_to_read(problem)
        except (sqlite3.Error, StoreError) as problem:
            self._let_go()
            raise _told(folder, problem) from problem

    def _open_to_read(self, problem: Exception) -> None:
        """Show at least what is there, where nothing can be written."""
        try:
            self._held = self._held or _hold_to_read(self.folder)
            self.db = _open_to_read(self.folder / "kindline.db")
        except (sqlite3.Error, OSError, StoreError) as worse:
            self._let_go()
            raise (worse if isinstance(worse, StoreError) else _told(self.folder, problem)) from problem
        self._may_only_read = True
        self._failed(problem)

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction, on disk when this block ends. Never yield to other work inside it, nor begin it in a read.

        Raises Unavailable. Where another program writes just now, it is waited for, and others read meanwhile.
        """
        with self.lock:
            self._not_over()
            self._begin()
            try:
                with self._honest():
                    try:
                        yield self.db
                        self.db.execute("commit")
                    except BaseException:
                        if self.db.conn.in_transaction:
                            self.db.execute("rollback")
                        raise
            finally:
                self._using.release()
            self._well()

    def _begin(self) -> None:
        """Begin a transaction and keep the connection for it."""
        # Who found it busy for that long already does not wait once more; the next write that is done ends that.
        end = time.monotonic() + (0 if self.trouble else PATIENCE)
        while True:
            self._using.acquire()
            try:
                with self._honest():
                    if self._may_only_read:
                        self._open_to_write()
                    # Waits for readers too where there is no write-ahead log: the commit need not.
                    self.db.execute("begin exclusive")
                    return
            except Unavailable as problem:
                self._using.release()
                if not _is_busy(problem.__cause__) or time.monotonic() >= end:
                    raise
            except BaseException:
                self._using.release()
                raise
            time.sleep(PAUSE)

    def _open_to_write(self) -> None:
        """Open the file anew if we may write by now. Not more than once a second."""
        if time.monotonic() - self._tried < 1:
            raise OSError(errno.EROFS, "the folder cannot be written")
        self._tried = time.monotonic()
        self._held = self._held or _hold(self.folder)
        # First, because two connections of one program share what they know of the file.
        self.db.close()
        try:
            self.db = _connect(self.folder / "kindline.db")
            self.db.execute("begin exclusive")
            # SQLite opens a file that may only be read as just that, and lets us begin; only a write is refused.
            self.db.execute("update health set beats = beats")
            self.db.execute("rollback")
        except BaseException:
            self.db = _connect_to_read(self.folder / "kindline.db")
            raise
        self._may_only_read = False

    @contextmanager
    def read(self) -> Iterator[Database]:
        """The database for reading, outside any transaction. Raises Unavailable."""
        with self._using:
            self._not_over()
            with self._honest():
                yield self.db

    def settle(self) -> bool:
        """Empty the file that changes are first written to, so that what was erased is in no file any more.

        Some milliseconds. False where another program reads just now, or nothing can be written: then once more, later.
        """
        if self._may_only_read:
            return False
        with self.lock, self._using, self._honest():
            return not self.db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]

    def look_through(self) -> str:
        """What is damaged, where the start looked at a part of the file only: seconds, on another thread.

        Nothing where it is sound. Raises StoreError where it cannot be read at all.
        """
        if not _is_large(self.folder / "kindline.db"):
            return ""
        with look_into(self.folder) as db:
            (sound,) = db.execute("pragma quick_check(1)").fetchone()
        return "" if sound == "ok" else str(sound)

    def is_damaged(self, how: str) -> None:
        """Remember that the file was found damaged."""
        log.error("The database is damaged: %s", how)
        self.trouble = "damaged"

    def alive(self) -> bool:
        """Whether a row can be written and read back now, and there is room for more."""
        try:
            with self.write() as db:
                before = db.execute("select beats from health").fetchone()[0]
                db.execute("update health set beats = ?", [before + 1])
            with self.read() as db:
                kept = bool(db.execute("select beats from health").fetchone()[0] == before + 1)
            return kept and self.trouble != "full"
        except Unavailable:
            return False

    def go_on_with(self, prepared: Path, now: datetime) -> None:
        """Close the file, keep it aside and go on with this checked one, in the same folder, in its place.

        Raises StoreError, sqlite3.Error, OSError; then everything is as it was.
        """
        with self.lock, self._using:
            if self._may_only_read:
                raise StoreError(f"{self.folder} cannot be written.")
            _close_well(self.db, self.folder)
            aside: Path | None = None
            try:
                aside = copies.exchange(self.folder, prepared, now)
                self.db = _open(self.folder / DATABASE)
                self.trouble = None
            except BaseException:
                if aside:
                    copies.put_back(self.folder, aside)
                self.db = _open(self.folder / DATABASE)
                raise

    def close(self) -> None:
        """Let go of the file. Who still asks is told that it cannot be done now."""
        with self.lock, self._using:
            self._is_over = True
            if self._may_only_read:
                self.db.close()
            else:
                _close_well(self.db, self.folder)
            self._let_go()

    def _not_over(self) -> None:
        if self._is_over:
            raise Unavailable("the server is stopping")

    def _let_go(self) -> None:
        if self._held:
            self._held.close()
            self._held = None

    @contextmanager
    def _honest(self) -> Iterator[None]:
        """Storage trouble as one kind of exception, whatever SQLite calls it; it is remembered which."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # a mistake of ours, not of the disk
        except (sqlite3.DatabaseError, OSError, StoreError) as problem:
            self._failed(problem)
            raise Unavailable(str(problem)) from problem

    def _failed(self, problem: Exception) -> None:
        kind = _kind(problem)
        if self.trouble not in (kind, "damaged"):
            self.trouble = kind
            log.error("Nothing can be saved: %s (%s)", kind, problem)

    def _well(self) -> None:
        if self.trouble in (None, "damaged") or (self.trouble == "full" and not self._has_room()):
            return
        log.warning("Everything is saved again.")
        self.trouble = None

    def _has_room(self) -> bool:
        try:
            return shutil.disk_usage(self.folder).free >= ENOUGH
        except OSError:  # who asks has just written, and that is what counts
            return True


@contextmanager
def look_into(folder: Path) -> Iterator[Database]:
    """The database as it is, for reading only, while another program may be writing; makes and changes no file.

    Read little at a time: while a read lasts, the clinic cannot write. Raises StoreError with a sentence.
    """
    path = folder / "kindline.db"
    if not path.is_file() or path.stat().st_size == 0:
        raise StoreError(f"There is no clinic in {folder} yet. Set KINDLINE_DATA to the folder of its database.")
    try:
        with copies.reading(path) as connection:
            (version,) = connection.execute("pragma user_version").fetchone()
            if version > SCHEMA:
                raise StoreError(f"{path} was written by a newer Kindline. Use that version.")
            yield Database(connection, recursive_triggers=False)
    except (sqlite3.DatabaseError, copies.Damaged) as problem:
        raise StoreError(f"{path} cannot be read ({problem}). Start Kindline once, then try again.") from problem


def _kind(problem: Exception) -> str:
    """What this trouble is called here."""
    if isinstance(problem, OSError):
        return "full" if problem.errno == errno.ENOSPC else "read_only"
    return KINDS.get(_code(problem), "failing")


def _code(problem: BaseException | None) -> int:
    """SQLite's own number for it, without its details; 0 where there is none."""
    return int(getattr(problem, "sqlite_errorcode", 0)) & 0xFF


def _is_busy(problem: BaseException | None) -> bool:
    return KINDS.get(_code(problem)) == "busy"


def _told(folder: Path, problem: Exception) -> StoreError:
    if isinstance(problem, StoreError):
        return problem
    if isinstance(problem, OSError):
        return StoreError(
            f"The folder {folder} cannot be written ({problem.strerror}). "
            "Give this user the right to write there, or set KINDLINE_DATA to another folder."
        )
    path = folder / DATABASE
    return StoreError(f"{path} cannot be opened ({problem}). {_advice(path)} {_as_it_is(path)}")


def _hold(folder: Path) -> IO[str]:
    """A lock file that one program at a time can hold; the system frees it when that program ends. Raises OSError."""
    # Nobody else on this machine has anything to look for in it.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = (folder / "kindline.lock").open("a")
    for path in folder.glob("kindline.*"):
        path.chmod(0o600)
    return _locked(held, folder)


def _hold_to_read(folder: Path) -> IO[str] | None:
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


def _open(path: Path) -> Database:
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
    db = _connect(path)
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


def _connect(path: Path) -> Database:
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


def _open_to_read(path: Path) -> Database:
    """The database as it is, where nothing can be written. Raises StoreError, sqlite3.Error."""
    db = _connect_to_read(path)
    try:
        if _version(db, path) < SCHEMA:
            raise StoreError(f"{path} has to be brought up to date, and its folder cannot be written. Make room there.")
        _is_sound(path)
    except BaseException:
        db.close()
        raise
    return db


def _connect_to_read(path: Path) -> Database:
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
    if _is_large(path):
        named = "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not in (?, ?)"
        tables = [name for (name,) in source.execute(named, LONG).fetchall()]
    for table in tables:
        copies.check(source, table)


def _is_large(path: Path) -> bool:
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


def _close_well(db: Database, folder: Path) -> None:
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
