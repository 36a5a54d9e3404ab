"""The open database: written in whole transactions, read meanwhile; what trouble its disk is in.

Only this file, `opening`, `schema`, `log`, `register` and those of `doors` that keep something know which database
it is.
"""

import errno
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic import copies, opening
from clinic.copies import DATABASE
from clinic.opening import StoreError
from clinic.schema import SCHEMA

PAUSE, PATIENCE = 0.02, 1.0
"""Seconds in which others go on while another program writes, and in all until it is not waited for any more."""

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

TROUBLES = frozenset({*KINDS.values(), "failing"})
"""What `Store.trouble` may be."""

log = logging.getLogger("kindline.store")


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
            self._held = opening.hold(folder)
            self.db = opening.open_to_write(folder / "kindline.db")
        except (sqlite3.OperationalError, OSError) as problem:
            self._open_to_read(problem)
        except (sqlite3.Error, StoreError) as problem:
            self._let_go()
            raise opening.told(folder, problem) from problem

    def _open_to_read(self, problem: Exception) -> None:
        """Show at least what is there, where nothing can be written."""
        try:
            self._held = self._held or opening.hold_to_read(self.folder)
            self.db = opening.open_to_read(self.folder / "kindline.db")
        except (sqlite3.Error, OSError, StoreError) as worse:
            self._let_go()
            raise (worse if isinstance(worse, StoreError) else opening.told(self.folder, problem)) from problem
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
        self._held = self._held or opening.hold(self.folder)
        # First, because two connections of one program share what they know of the file.
        self.db.close()
        try:
            self.db = opening.connect(self.folder / "kindline.db")
            self.db.execute("begin exclusive")
            # SQLite opens a file that may only be read as just that, and lets us begin; only a write is refused.
            self.db.execute("update health set beats = beats")
            self.db.execute("rollback")
        except BaseException:
            self.db = opening.connect_to_read(self.folder / "kindline.db")
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
            opening.close_well(self.db, self.folder)
            aside: Path | None = None
            try:
                aside = copies.exchange(self.folder, prepared, now)
                self.db = opening.open_to_write(self.folder / DATABASE)
                self.trouble = None
            except BaseException:
                if aside:
                    copies.put_back(self.folder, aside)
                self.db = opening.open_to_write(self.folder / DATABASE)
                raise

    def close(self) -> None:
        """Let go of the file. Who still asks is told that it cannot be done now."""
        with self.lock, self._using:
            self._is_over = True
            if self._may_only_read:
                self.db.close()
            else:
                opening.close_well(self.db, self.folder)
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
