"""The database file: opened safely, held by one program, written whole or not at all."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic.copies import Damaged, check
from clinic.opening import WAL_FIXED, StoreError, is_large
from clinic.register import Links
from clinic.schema import SCHEMA, migrations
from clinic.store import Store, Unavailable, look_into


def beats(store: Store) -> int:
    with store.read() as db:
        return int(db.execute("select beats from health").fetchone()[0])


@contextmanager
def another_program(folder: Path) -> Iterator[Any]:
    """A second connection to the same file, as a backup or a curious person would have."""
    connection = sqlite3.connect(str(folder / "kindline.db"), isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def a_busy_disk(folder: Path) -> Iterator[None]:
    """Somebody else is writing, so that we cannot."""
    with another_program(folder) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")


def test_the_folder_is_made_when_it_is_missing(tmp_path: Path) -> None:
    store = Store(tmp_path / "a" / "b")

    assert (tmp_path / "a" / "b" / "kindline.db").is_file()
    store.close()


def test_what_is_written_is_on_disk_when_the_block_ends(store: Store) -> None:
    with store.write() as db:
        db.execute("update health set beats = 7")

    with another_program(store.folder) as other:
        assert other.execute("select beats from health").fetchone() == (7,)


def test_a_write_that_fails_half_way_changes_nothing(store: Store) -> None:
    def half_a_write() -> None:
        with store.write() as db:
            db.execute("update health set beats = 7")
            raise KeyError("a mistake")

    with pytest.raises(KeyError):
        half_a_write()

    assert beats(store) == 0
    with store.write() as db:
        db.execute("update health set beats = 8")
    assert beats(store) == 8


def test_a_write_that_is_interrupted_changes_nothing(store: Store) -> None:
    def interrupted() -> None:
        with store.write() as db:
            db.execute("update health set beats = 7")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert beats(store) == 0


def test_a_disk_that_does_not_take_a_write_is_told_apart_from_a_mistake(store: Store) -> None:
    def write(statement: str) -> None:
        with store.write() as db:
            db.execute(statement)

    with a_busy_disk(store.folder), pytest.raises(Unavailable, match="locked"):
        write("update health set beats = 7")
    with pytest.raises(sqlite3.IntegrityError):
        write("insert into health values (2, 0)")

    assert beats(store) == 0


def test_alive_means_that_a_row_was_written_and_read_back(store: Store) -> None:
    assert store.alive()
    assert beats(store) == 1
    assert store.alive()
    assert beats(store) == 2


def test_a_database_that_cannot_be_written_is_not_alive(store: Store) -> None:
    with a_busy_disk(store.folder):
        assert not store.alive()
    assert store.alive()


def test_a_power_cut_loses_nothing_that_was_answered(store: Store) -> None:
    safe_wal = sqlite3.sqlite_version_info >= WAL_FIXED
    with store.read() as db:
        journal = db.execute("pragma journal_mode").fetchone()[0]
        synchronous = db.execute("pragma synchronous").fetchone()[0]

    assert (journal, synchronous) == (("wal", 2) if safe_wal else ("truncate", 3))


def test_a_sqlite_with_the_old_fault_keeps_no_write_ahead_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.opening.WAL_FIXED", (99, 0, 0))
    store = Store(tmp_path)

    with store.read() as db:
        assert db.execute("pragma journal_mode").fetchone()[0] == "truncate"
        assert db.execute("pragma synchronous").fetchone()[0] == 3
    store.close()


def test_only_this_user_may_read_the_database(store: Store) -> None:
    assert store.alive()

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.folder.glob("kindline.db*")}
    assert set(modes.values()) == {0o600}


def test_a_second_program_on_the_same_folder_is_told_so(store: Store) -> None:
    with pytest.raises(StoreError, match=r"Another Kindline already runs on .*KINDLINE_DATA"):
        Store(store.folder)

    assert store.alive()


def test_the_folder_is_free_again_when_the_program_ends(tmp_path: Path) -> None:
    Store(tmp_path).close()

    again = Store(tmp_path)
    assert again.alive()
    again.close()


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, where the folder should be")

    with pytest.raises(StoreError, match=r"data cannot be written \(.+\)\. Give this user the right .*KINDLINE_DATA"):
        Store(tmp_path / "data")


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kindline.db").write_text("not a database " * 100)

    with pytest.raises(StoreError, match="is damaged"):
        Store(tmp_path)

    assert (tmp_path / "kindline.db").read_text() == "not a database " * 100


@pytest.mark.parametrize("left", [None, b""])
def test_a_lost_database_is_not_quietly_replaced_by_an_empty_one(tmp_path: Path, left: bytes | None) -> None:
    Store(tmp_path).close()
    Links(tmp_path)
    for path in tmp_path.glob("kindline.db*"):
        path.unlink()
    if left is not None:
        (tmp_path / "kindline.db").write_bytes(left)

    with pytest.raises(StoreError, match="gone or empty, but there was a clinic here"):
        Store(tmp_path)

    (tmp_path / "kindline.key").unlink()
    Store(tmp_path).close()


def test_a_database_of_a_newer_version_is_refused_and_the_folder_let_go(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with another_program(tmp_path) as other:
        other.execute(f"pragma user_version = {SCHEMA + 1}")

    for _ in range(2):
        with pytest.raises(StoreError, match=r"newer Kindline .*Start the newer version"):
            Store(tmp_path)

    with another_program(tmp_path) as other:
        assert other.execute("pragma user_version").fetchone() == (SCHEMA + 1,)
        other.execute(f"pragma user_version = {SCHEMA}")
    Store(tmp_path).close()


def test_a_database_is_brought_up_to_date_once(tmp_path: Path) -> None:
    for _ in range(2):
        Store(tmp_path).close()

    with another_program(tmp_path) as other:
        assert other.execute("pragma user_version").fetchone() == (SCHEMA,)
        names = [name for (name,) in other.execute("select name from _sqlite_migrations")]
    assert sorted(names) == ["after_the_visit", "bookings", "doors", "first_tables", "needs_and_companions", "years"]


def test_every_migration_raises_the_number_of_the_format() -> None:
    assert len(migrations.pending(Database(memory=True))) == SCHEMA


def test_no_table_takes_a_value_of_the_wrong_kind(store: Store) -> None:
    with store.read() as db:
        tables = {row[1]: row[5] for row in db.execute("pragma table_list") if row[2] == "table"}

    ours = {name: strict for name, strict in tables.items() if not name.startswith(("sqlite_", "_sqlite_"))}
    who = {"account", "invitation", "session", "try", "device", "audit"}
    said = {"feedback", "feedback_given", "follow_up", "need", "taker"}
    assert set(ours) == {"event", "answer", "setting", "person", "link", "health", "booking", *said, *who}
    assert set(ours.values()) == {1}


@pytest.mark.parametrize("mode", ["truncate", "wal"])
def test_who_only_looks_keeps_nobody_from_writing_and_leaves_no_file(tmp_path: Path, mode: str) -> None:
    store = Store(tmp_path)
    store.db.execute(f"pragma journal_mode = {mode}")
    with look_into(tmp_path) as seen:
        for n in (1, 2):
            assert store.alive()
            assert seen.execute("select beats from health").fetchall() == [(n,)]
        with pytest.raises(sqlite3.OperationalError):
            seen.execute("update health set beats = 0")
    store.close()
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    with look_into(tmp_path) as seen:
        assert seen.execute("select beats from health").fetchall() == [(2,)]

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == left


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "There is no clinic in"), (b"", "There is no clinic in"), (b"x" * 9999, "cannot be read")],
)
def test_looking_into_what_is_no_database_is_told_and_makes_nothing(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "kindline.db").write_bytes(content)
    before = sorted(tmp_path.iterdir())

    with pytest.raises(StoreError, match=words), look_into(tmp_path):
        pass

    assert sorted(tmp_path.iterdir()) == before


def test_looking_into_a_database_of_a_newer_version_is_refused(store: Store) -> None:
    store.db.execute(f"pragma user_version = {SCHEMA + 1}")

    with pytest.raises(StoreError, match="written by a newer Kindline"), look_into(store.folder):
        pass


def test_a_large_file_is_looked_through_beside_the_work_that_has_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sqlite3.sqlite_version_info < WAL_FIXED:
        pytest.skip("without a write-ahead log all of the file is looked through at the start")
    monkeypatch.setattr("clinic.opening.AT_ONCE", 0)
    store = Store(tmp_path)
    with store.write() as db:
        for seq in range(1, 2000):
            db.execute("insert into event (seq, at, kind, by, data) values (?, ?, 'Closed', '', '{}')", [seq, "x" * 60])
    (page,) = store.db.execute("select rootpage from sqlite_schema where name = 'event'").fetchone()
    store.close()
    with (tmp_path / "kindline.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)

    store = Store(tmp_path)
    assert is_large(tmp_path / "kindline.db")
    with look_into(tmp_path) as db, pytest.raises(Damaged):
        check(db.conn)
    store.close()


def test_what_changes_in_a_large_file_is_looked_at_before_anybody_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic.opening.AT_ONCE", 0)
    store = Store(tmp_path)
    (page,) = store.db.execute("select rootpage from sqlite_schema where name = 'booking'").fetchone()
    store.close()
    with (tmp_path / "kindline.db").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)

    with pytest.raises(StoreError, match=r"damaged|malformed"):
        Store(tmp_path)


def test_who_still_asks_while_the_server_stops_hears_that_it_cannot_be_done_now(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.close()

    with pytest.raises(Unavailable), store.read() as db:
        db.execute("select beats from health")
    with pytest.raises(Unavailable), store.write() as db:
        db.execute("update health set beats = beats + 1")
    assert store.trouble is None, "the disk is well"
