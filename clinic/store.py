"""The database file: opened safely, held by one program at a time, brought up to date, written in whole transactions.

Only this file, `log`, `register` and those of `doors` that keep something know which database it is.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
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


class StoreError(Exception):
    """The database cannot be used; the text says what to do."""


class Unavailable(Exception):
    """The database did not take this write or answer this read; nothing was changed."""


class Store:
    """One open database. `write` is the only way to change it; `db` may be read under `lock`."""

    def __init__(self, folder: Path):
        """Open or make `folder`/kindline.db. Raises StoreError with a sentence that says what to do."""
        self.folder = folder
        self.lock = threading.RLock()
        self._held = _hold(folder)
        try:
            self.db = _open(folder / "kindline.db")
        except (sqlite3.Error, OSError) as problem:
            self._held.close()
            path = folder / DATABASE
            raise StoreError(f"{path} cannot be opened ({problem}). {_advice(path)} {_as_it_is(path)}") from problem
        except StoreError:
            self._held.close()
            raise

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction, on disk when this block ends. Never yield to other work inside it."""
        with self.lock, _honest():
            self.db.execute("begin immediate")
            try:
                yield self.db
                self.db.execute("commit")
            except BaseException:
                if self.db.conn.in_transaction:
                    self.db.execute("rollback")
                raise

    @contextmanager
    def read(self) -> Iterator[Database]:
        """The database for reading, outside any transaction."""
        with self.lock, _honest():
            yield self.db

    def settle(self) -> bool:
        """Empty the file that changes are first written to, so that what was erased is in no file any more.

        Some milliseconds. False where another program reads just now: then once more, later.
        """
        with self.lock, _honest():
            return not self.db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]

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

    def go_on_with(self, prepared: Path, now: datetime) -> None:
        """Close the file, keep it aside and go on with this checked one, in the same folder, in its place.

        Raises StoreError, sqlite3.Error, OSError; then everything is as it was.
        """
        with self.lock:
            _close_well(self.db, self.folder)
            aside: Path | None = None
            try:
                aside = copies.exchange(self.folder, prepared, now)
                self.db = _open(self.folder / DATABASE)
            except BaseException:
                if aside:
                    copies.put_back(self.folder, aside)
                self.db = _open(self.folder / DATABASE)
                raise

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            _close_well(self.db, self.folder)
            self._held.close()


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


@contextmanager
def _honest() -> Iterator[None]:
    """Storage trouble as one kind of exception, whatever SQLite calls it."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a mistake of ours, not of the disk
    except sqlite3.DatabaseError as problem:
        raise Unavailable(str(problem)) from problem


def _hold(folder: Path) -> IO[str]:
    """A lock file that one program at a time can hold; the system frees it when that program ends."""
    try:
        # Nobody else on this machine has anything to look for in it.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = (folder / "kindline.lock").open("a")
        for path in folder.glob("kindline.*"):
            path.chmod(0o600)
    except OSError as problem:
        raise StoreError(
            f"The folder {folder} cannot be written ({problem.strerror}). "
            "Give this user the right to write there, or set KINDLINE_DATA to another folder."
        ) from problem
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        held.close()
        raise StoreError(
            f"Another Kindline already runs on {folder}. Stop that one, or set KINDLINE_DATA to another folder."
        ) from problem
    return held


def _open(path: Path) -> Database:
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
    connection = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False, timeout=0.1)
    if made:
        path.chmod(0o600)
    safe_wal = sqlite3.sqlite_version_info >= WAL_FIXED
    connection.execute(f"pragma journal_mode = {'wal' if safe_wal else 'truncate'}")
    connection.execute(f"pragma synchronous = {'full' if safe_wal else 'extra'}")
    connection.execute("pragma foreign_keys = on")
    # What is deleted is overwritten, and nothing of it goes through a file of its own.
    connection.execute("pragma secure_delete = on")
    connection.execute("pragma temp_store = memory")
    version = connection.execute("pragma user_version").fetchone()[0]
    if version > SCHEMA:
        connection.close()
        raise StoreError(
            f"{path} was written by a newer Kindline (format {version}, this one knows {SCHEMA}). "
            f"Start the newer version, or go back to a backup from before. {_advice(path)}"
        )
    db = Database(connection)
    if 0 < version < SCHEMA:
        _keep_before(path.parent, connection)
    if 0 < version < SECURE:
        # What was deleted by then may still stand in the file. It may be larger than the memory of a small machine.
        # First, so that who is killed here begins with it again.
        connection.execute("pragma temp_store = file")
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("pragma temp_store = memory")
    migrations.apply(db)
    copies.mark_open(path.parent)
    return db


def _is_sound(path: Path) -> None:
    """Raise StoreError for a file that is not whole, and change nothing in it: so before it is opened for writing."""
    try:
        try:
            with copies.reading(path) as source:
                copies.check(source)
        except sqlite3.OperationalError:
            # What was being written when the plug was pulled has to be taken back first, and that is a write.
            with closing(sqlite3.connect(str(path), isolation_level=None)) as source:
                copies.check(source)
    except copies.Damaged as problem:
        raise StoreError(f"{path} is damaged ({problem}). {_advice(path)} {_as_it_is(path)}") from problem


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
    if is_whole:
        copies.mark_closed(folder)
    db.close()


def _advice(path: Path) -> str:
    return copies.advice(path.parent, real_time())


def _as_it_is(path: Path) -> str:
    return f"To go on with the file as it is: make restore FROM={path}"
