"""A disk that takes no writes: it is told which trouble it is, reads go on, and writing resumes by itself."""

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlite_utils.utils import sqlite3

from clinic import opening
from clinic import store as store_module
from clinic.opening import StoreError
from clinic.register import Links
from clinic.store import Store, Unavailable
from tests.clinic.test_store import a_busy_disk, another_program, beats


def write_much(store: Store) -> None:
    with store.write() as db:
        db.execute("insert or replace into setting values ('much', ?)", ["x" * 500_000])


@contextmanager
def a_full_disk(store: Store) -> Iterator[None]:
    """SQLite itself says that the disk is full: the file may not grow."""
    with store.read() as db:
        pages = db.execute("pragma page_count").fetchone()[0]
        usual = db.execute("pragma max_page_count").fetchone()[0]
        db.execute(f"pragma max_page_count = {pages}")
    yield
    with store.read() as db:
        db.execute(f"pragma max_page_count = {usual}")


@contextmanager
def a_folder_that_may_only_be_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a file system is that the system mounted for reading only. As root nothing else would keep us out."""

    def refuse(path: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    with monkeypatch.context() as change:
        change.setattr(opening, "hold", refuse)
        change.setattr(opening, "connect", refuse)
        yield


def test_a_full_disk_is_told_and_forgotten_once_there_is_room(store: Store) -> None:
    with a_full_disk(store):
        with pytest.raises(Unavailable, match="full"):
            write_much(store)
        assert store.trouble == "full"
        assert beats(store) == 0

    assert store.alive()
    assert store.trouble is None
    write_much(store)


def test_a_last_byte_of_room_is_no_end_of_a_full_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_full_disk(store), pytest.raises(Unavailable, match="full"):
        write_much(store)

    with monkeypatch.context() as change:
        change.setattr("clinic.store.shutil.disk_usage", lambda _folder: SimpleNamespace(free=8_192))
        assert not store.alive()
        assert beats(store) == 1  # a row of a few bytes was kept, as a check-in would not have been
        assert store.trouble == "full"

    assert store.alive()
    assert store.trouble is None


def test_another_program_that_writes_is_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[int] = []
    with another_program(store.folder) as other:
        other.execute("begin immediate")

        def let_go(_seconds: float) -> None:
            waited.append(beats(store))  # others read meanwhile
            other.execute("rollback")

        monkeypatch.setattr("clinic.store.time.sleep", let_go)
        assert store.alive()

    assert waited == [0]
    assert store.trouble is None


def test_who_waits_for_another_program_keeps_nobody_from_reading(store: Store) -> None:
    with a_busy_disk(store.folder):
        waits = threading.Thread(target=store.alive)
        waits.start()
        assert beats(store) == 0  # would wait for the writer if the connection were held
        assert waits.is_alive()
        waits.join()

    assert store.trouble == "busy"


def test_a_program_that_holds_on_is_waited_for_only_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(store_module, "PATIENCE", 0.5)
    monkeypatch.setattr("clinic.store.time.sleep", pauses.append)
    with a_busy_disk(store.folder):
        assert not store.alive()
        first = len(pauses)
        assert not store.alive()
        assert len(pauses) == first

    assert first > 0
    assert store.alive()
    assert store.trouble is None


def test_a_folder_that_may_only_be_read_shows_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Store(tmp_path)
    assert first.alive()
    first.close()

    with a_folder_that_may_only_be_read(monkeypatch):
        store = Store(tmp_path)
        assert store.trouble == "read_only"
        assert beats(store) == 1
        assert not store.alive()
        assert not store.settle()
    store._tried = -10.0  # the next look is due

    assert store.alive()
    assert store.trouble is None
    assert beats(store) == 2
    store.close()


def test_a_file_that_opens_but_takes_no_write_is_opened_anew_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path).close()
    with a_folder_that_may_only_be_read(monkeypatch):
        store = Store(tmp_path)
    with monkeypatch.context() as change:
        # What SQLite gives who asks for more than it can have.
        change.setattr(opening, "connect", opening.connect_to_read)
        assert not store.alive()
    store._tried = -10.0  # the next look is due

    assert store.alive()
    assert store.trouble is None
    store.close()


def test_the_key_of_the_links_is_read_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = Links(tmp_path).secret("ana")

    def refuse(path: Path, **_mode: int) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "touch", refuse)
    assert Links(tmp_path).secret("ana") == secret


def test_a_folder_that_may_only_be_read_is_still_held_by_one_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Store(tmp_path)
    with a_folder_that_may_only_be_read(monkeypatch), pytest.raises(StoreError, match="Another Kindline already runs"):
        Store(tmp_path)
    first.close()


def test_what_was_in_the_log_of_changes_is_shown_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Store(tmp_path)
    assert first.alive()
    killed = tmp_path / "killed"
    killed.mkdir()
    for path in tmp_path.glob("kindline.*"):
        (killed / path.name).write_bytes(path.read_bytes())
    first.close()

    with a_folder_that_may_only_be_read(monkeypatch):
        store = Store(killed)
        assert beats(store) == 1
        store.close()


def test_an_older_file_that_cannot_be_brought_up_to_date_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path).close()
    with another_program(tmp_path) as other:
        other.execute("pragma user_version = 1")

    with a_folder_that_may_only_be_read(monkeypatch), pytest.raises(StoreError, match="brought up to date"):
        Store(tmp_path)


def test_a_damaged_page_is_told_and_never_forgotten(store: Store) -> None:
    def corrupt() -> None:
        with store.read():
            problem = sqlite3.DatabaseError("database disk image is malformed")
            problem.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise problem

    with pytest.raises(Unavailable):
        corrupt()
    assert store.alive()

    assert store.trouble == "damaged"


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: OSError(errno.ENOSPC, "No space left on device"), "full"),
        (lambda: OSError(errno.EROFS, "Read-only file system"), "read_only"),
        (lambda: sqlite3.OperationalError("disk I/O error"), "failing"),
    ],
)
def test_each_trouble_has_its_name(store: Store, make: Callable[[], Exception], kind: str) -> None:
    def fail() -> None:
        with store.write():
            raise make()

    with pytest.raises(Unavailable):
        fail()

    assert store.trouble == kind
