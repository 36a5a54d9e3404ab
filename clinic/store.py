"""The database file: opened safely, held by one program at a time, brought up to date, written in whole transactions.

Only this file, `log`, `register` and those of `doors` that keep something know which database it is.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from sqlite_utils import Database, Migrations
from sqlite_utils.utils import sqlite3

SCHEMA = 5
"""Raised with each migration, so that an older program refuses a newer file."""

SECURE = 5
"""From this version on the bytes of what is deleted are overwritten."""

WAL_FIXED = (3, 51, 3)
"""Before this version two connections of one WAL file could lose a write (TRUST section 1.2)."""

migrations = Migrations("kindline")


class StoreError(Exception):
    """The database cannot be used; the text says what to do."""


class Unavailable(Exception):
    """The database did not take this write or answer this read; nothing was changed."""


@migrations()
def first_tables(db: Database) -> None:
    """The log, the plain tables of the register, and the answers already given."""
    for statement in (
        """create table event (
            seq integer primary key autoincrement, at text not null, kind text not null, visit text, room text,
            by text not null, request text unique, data text not null) strict""",
        """create trigger event_stays before update on event
            begin select raise(abort, 'the log is never rewritten'); end""",
        """create trigger event_is_kept before delete on event
            begin select raise(abort, 'the log is never cut here'); end""",
        "create index event_opened on event(seq) where kind = 'Opened'",
        """create table answer (request text primary key, body text not null, answer text not null,
            at text not null) strict""",
        "create table setting (name text primary key, value text not null) strict",
        "create table person (visit text primary key, name text not null) strict",
        "create table link (secret text primary key, code text unique, visit text not null unique) strict",
        "create table health (id integer primary key check (id = 1), beats integer not null) strict",
        "insert into health values (1, 0)",
    ):
        db.execute(statement)


@migrations()
def bookings(db: Database) -> None:
    """Appointments of today and days to come, under the id of the visit each will be."""
    for statement in (
        """create table booking (
            visit text primary key, id text not null, day text not null, start text not null,
            service text not null, minutes real, room text, clinician text, place text not null, name text not null,
            birthday text not null, year text not null, letters text not null, language text, needs text not null,
            person text not null, cancelled integer not null, code text unique) strict""",
        "create index booking_day on booking(day)",
        "create index booking_id on booking(id)",
    ):
        db.execute(statement)


@migrations()
def after_the_visit(db: Database) -> None:
    """What people said, without their visits, and who takes care of whom; rows are kept in no order of time."""
    for statement in (
        """create table feedback (
            id text primary key, day text not null, hour integer not null, service text not null, rating text not null,
            comment text not null, as_said text not null, told text not null, asks integer not null,
            contact text not null, how text not null) strict, without rowid""",
        "create table feedback_given (link text primary key, day text not null) strict, without rowid",
        "create table follow_up (id text primary key, name text not null, due text not null) strict, without rowid",
    ):
        db.execute(statement)


@migrations()
def needs_and_companions(db: Database) -> None:
    """What may help whom, who took a call for help, and the hash of a visit's narrower link."""
    for statement in (
        "create table need (visit text primary key, flags text not null, spoken text not null) strict, without rowid",
        "create table taker (help text primary key, name text not null) strict, without rowid",
        "alter table link add column companion text",
        "create unique index link_companion on link(companion)",
    ):
        db.execute(statement)


@migrations()
def doors(db: Database) -> None:
    """Who may come in: accounts, their sessions and tries, paired devices; and the audit, to which is only added."""
    for statement in (
        """create table account (
            id text primary key, login text not null unique, name text not null, role text not null,
            password text not null, pin text not null, epoch integer not null, made text not null,
            ended text) strict""",
        """create table invitation (
            secret text primary key, account text, until text not null, by text not null) strict""",
        """create table session (
            id text primary key, account text not null, device text not null, epoch integer not null,
            begun text not null, seen text not null, locked integer not null, pin_misses integer not null) strict""",
        """create table try (
            account text not null, source text not null, at text not null, good integer not null) strict""",
        "create index try_account on try(account, at)",
        "create index try_source on try(source, at)",
        """create table device (
            id text primary key, secret text unique, role text not null, name text not null, place text not null,
            paired text not null, paired_by text not null, seen text not null, ended text) strict""",
        """create table audit (
            seq integer primary key, at text not null, account text not null, device text not null,
            address text not null, what text not null, about text not null, seal text not null) strict""",
        """create trigger audit_stays before update on audit
            begin select raise(abort, 'the audit is never rewritten'); end""",
        """create trigger audit_is_kept before delete on audit
            begin select raise(abort, 'the audit is never cut'); end""",
        "create index audit_account on audit(account, seq)",
    ):
        db.execute(statement)


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
            raise StoreError(f"The database in {folder} cannot be opened ({problem}).") from problem
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

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self.db.close()
            self._held.close()


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
    if made and (path.parent / "kindline.key").exists():
        raise StoreError(
            f"{path} is gone or empty, but there was a clinic here. Put its copy back from a backup, "
            "or move the whole folder away to start anew."
        )
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
            "Start the newer version, or restore a backup from before."
        )
    (sound,) = connection.execute("pragma quick_check(1)").fetchone()
    if sound != "ok":
        connection.close()
        raise StoreError(f"{path} is damaged ({sound}). Put it back from a backup.")
    db = Database(connection)
    migrations.apply(db)
    if 0 < version < SECURE:
        # What was deleted by then may still stand in the file. It may be larger than the memory of a small machine.
        connection.execute("pragma temp_store = file")
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("pragma temp_store = memory")
    connection.execute(f"pragma user_version = {SCHEMA}")
    return db
