"""The database file: opened safely, held by one program at a time, brought up to date, written in whole transactions.

Only this file, `log`, `register` and those of `doors` that keep something know which database it is.
"""

import errno
import fcntl
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic.schema import SCHEMA, SECURE, migrations

WAL_FIXED = (3, 51, 3)
"""Before this version two connections of one WAL file could lose a write (TRUST section 1.2)."""

BUSY, PAUSE, PATIENCE = 0.02, 0.02, 1.0
"""Seconds: SQLite itself waits for another program, and everybody with it; then others go on; and in all."""

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

    def look_through(self) -> None:
        """Look whether all of the file is sound, where the start looked at a part of it: seconds, on another thread.

        Raises StoreError where it cannot be read at all.
        """
        if _is_large(self.folder / "kindline.db"):
            with look_into(self.folder) as db:
                (sound,) = db.execute("pragma quick_check(1)").fetchone()
            if sound != "ok":
                log.error("The database is damaged: %s", sound)
                self.trouble = "damaged"

    def alive(self) -> bool:
        """Whether a row can be written and read back now."""
        try:
            with self.write() as db:
                before = db.execute("select beats from health").fetchone()[0]
                db.execute("update health set beats = ?", [before + 1])
            with self.read() as db:
                return bool(db.execute("select beats from health").fetchone()[0] == before + 1)
        except Unavailable:
            return False

    def close(self) -> None:
        """Let go of the file. Who still asks is told that it cannot be done now."""
        with self.lock, self._using:
            self._is_over = True
            self.db.close()
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
        if self.trouble not in (None, "damaged"):
            log.warning("Everything is saved again.")
            self.trouble = None


@contextmanager
def look_into(folder: Path) -> Iterator[Database]:
    """The database as it is, for reading only, while another program may be writing; makes and changes no file.

    Read little at a time: while a read lasts, the clinic cannot write. Raises StoreError with a sentence.
    """
    path = folder / "kindline.db"
    if not path.is_file() or path.stat().st_size == 0:
        raise StoreError(f"There is no clinic in {folder} yet. Set KINDLINE_DATA to the folder of its database.")
    with path.open("rb") as file:
        in_wal = file.read(19)[18:] == b"\2"
    # Without a writer a database in WAL mode has no log beside it; reading it would make one.
    idle = in_wal and not path.with_name("kindline.db-wal").exists()
    try:
        address = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if idle else ''}"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=5)) as connection:
            (version,) = connection.execute("pragma user_version").fetchone()
            if version > SCHEMA:
                raise StoreError(f"{path} was written by a newer Kindline. Use that version.")
            yield Database(connection, recursive_triggers=False)
    except sqlite3.DatabaseError as problem:
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
    return StoreError(f"The database in {folder} cannot be opened ({problem}).")


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
    if made and (path.parent / "kindline.key").exists():
        raise StoreError(
            f"{path} is gone or empty, but there was a clinic here. Put its copy back from a backup, "
            "or move the whole folder away to start anew."
        )
    db = _connect(path)
    if made:
        path.chmod(0o600)
    try:
        version = _version(db, path)
        _is_sound(db, path)
        migrations.apply(db)
        if 0 < version < SECURE:
            # What was deleted by then may still stand in the file. It may be larger than a small machine's memory.
            db.execute("pragma temp_store = file")
            db.execute("vacuum")
            db.execute("pragma wal_checkpoint(truncate)")
            db.execute("pragma temp_store = memory")
        db.execute(f"pragma user_version = {SCHEMA}")
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
        _is_sound(db, path)
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
            "Start the newer version, or restore a backup from before."
        )
    return version


def _is_sound(db: Database, path: Path) -> None:
    """Raise StoreError where the file is damaged; of a large one only what changes is looked at."""
    if _is_large(path):
        names = db.execute(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not in (?, ?)",
            LONG,
        ).fetchall()
        found = {db.execute(f"pragma quick_check('{name}')").fetchone()[0] for (name,) in names}
    else:
        found = {db.execute("pragma quick_check(1)").fetchone()[0]}
    if problem := "; ".join(found - {"ok"}):
        raise StoreError(f"{path} is damaged ({problem}). Put it back from a backup.")


def _is_large(path: Path) -> bool:
    # Without a write-ahead log nobody could write while somebody else looks through the file.
    return path.stat().st_size > AT_ONCE and sqlite3.sqlite_version_info >= WAL_FIXED
