"""Backups as files: whole or not there, kept by a schedule that no clock can upset, never without room, and without
the names that they must not hold any more."""

import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils.utils import sqlite3

from clinic import copies
from clinic.copies import (
    DAILY,
    HOURLY,
    Backup,
    Damaged,
    NoRoom,
    found,
    make,
    names_anybody,
    newest_good,
    reading,
    strip,
    too_many,
)
from clinic.kept import TABLES
from clinic.register import Links
from clinic.store import Store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CANARY = "Canary-7F3A"


@pytest.fixture
def folder(store: Store) -> Path:
    """A clinic with somebody in it, open."""
    with store.write() as db:
        for n in range(200):
            db.execute("insert into person values (?, ?)", [f"visit{n}", f"{CANARY} {n} " * (1 + n % 3 * 200)])
    return store.folder


def backup(folder: Path, at: datetime = NOON) -> Backup:
    with reading(folder / "kindline.db") as source:
        return make(folder, source, at)


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(str(path))) as connection:
        return connection.execute(query).fetchall()


def ago(*hours: float) -> list[Backup]:
    return [Backup(Path(f"{hour}"), NOON - timedelta(hours=hour)) for hour in hours]


def test_a_backup_is_the_whole_clinic_in_one_file_that_only_this_user_may_read(folder: Path) -> None:
    Links(folder)

    made = backup(folder)

    assert made.path == folder / "backups" / "20261123T120000Z.db"
    assert len(rows(made.path, "select * from person")) == 200
    assert rows(made.path, "pragma journal_mode") == [("delete",)]
    assert sorted(path.name for path in (folder / "backups").iterdir()) == ["20261123T120000Z.db", "kindline.key"]
    assert (folder / "backups/kindline.key").read_bytes() == (folder / "kindline.key").read_bytes()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder / "backups").iterdir()} == {0o600}
    assert stat.S_IMODE((folder / "backups").stat().st_mode) == 0o700


def test_a_backup_holds_what_was_written_before_it_began_and_keeps_nobody_from_writing(store: Store) -> None:
    with reading(store.folder / "kindline.db") as source:
        for n in (1, 2):
            assert store.alive()
            made = make(store.folder, source, NOON + timedelta(hours=n))
            assert rows(made.path, "select beats from health") == [(n,)]
    assert store.alive()


def test_a_clinic_that_is_stopped_can_be_copied_too_and_stays_as_it_is(store: Store) -> None:
    assert store.alive()
    store.close()
    before = (store.folder / "kindline.db").read_bytes()

    made = backup(store.folder)

    assert rows(made.path, "select beats from health") == [(1,)]
    assert (store.folder / "kindline.db").read_bytes() == before
    Store(store.folder).close()


def test_a_copy_that_is_not_whole_is_not_kept(folder: Path, store: Store) -> None:
    good = backup(folder)
    store.close()
    damage(folder / "kindline.db")

    with pytest.raises(Damaged):
        backup(folder, NOON + timedelta(hours=1))

    assert found(folder) == [good]
    assert [path.name for path in (folder / "backups").iterdir()] == [good.path.name]


def damage(path: Path) -> None:
    """Overwrite all but the first page."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


def test_the_newest_good_backup_is_not_one_that_was_damaged_since(folder: Path) -> None:
    old, new = backup(folder), backup(folder, NOON + timedelta(hours=1))
    assert newest_good(folder, NOON) == new

    damage(new.path)

    assert newest_good(folder, NOON) == old
    assert f"make restore FROM={old.path}" in copies.advice(folder, NOON)
    damage(old.path)
    assert newest_good(folder, NOON) is None
    assert "no good backup" in copies.advice(folder, NOON)


def test_what_a_killed_program_was_still_writing_is_no_backup_and_goes_with_the_next_start(folder: Path) -> None:
    good = backup(folder)
    part = folder / "backups" / "20261123T130000Z.db.123.part"
    part.write_text(CANARY)
    (folder / "kindline-restore.db.copy").write_text(CANARY)

    assert found(folder) == [good]
    copies.clear(folder)

    assert not part.exists()
    assert not (folder / "kindline-restore.db.copy").exists()
    assert found(folder) == [good]


def test_48_backups_are_kept_and_the_first_of_each_of_30_days() -> None:
    hourly = ago(*range(24 * 60))

    kept = {int(one.path.name) for one in set(hourly) - set(too_many(hourly, NOON, UTC))}

    assert sorted(kept)[:HOURLY] == list(range(HOURLY))
    firsts = [12 + 24 * day for day in range(DAILY)]  # at noon, 12 hours ago was midnight
    assert kept == {*range(HOURLY), *firsts}


def test_a_day_is_the_clinics_own() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    hourly = ago(*range(24 * 5))

    kept = {int(one.path.name) for one in set(hourly) - set(too_many(hourly, NOON, tokyo))}

    assert kept == {*range(HOURLY), 69, 93, 117, 119}  # midnight in Tokyo was at 15:00 UTC; the last is all of its day


@pytest.mark.parametrize("jump", [timedelta(days=-20000), timedelta(days=1), timedelta(days=4000), timedelta(hours=-2)])
def test_a_clock_that_jumps_takes_no_backup_away_that_would_have_stayed(jump: timedelta) -> None:
    hourly = ago(*range(24 * 60))
    before = set(hourly) - set(too_many(hourly, NOON, UTC))

    wrong = [Backup(Path(f"wrong {n}"), NOON + jump + timedelta(hours=n)) for n in range(5)]
    during = {*before, *wrong}
    during -= set(too_many(during, NOON + jump, UTC))
    after = during - set(too_many(during, NOON, UTC))

    lost = before - after
    assert len(lost) <= len(wrong)  # as many as new ones came, and never more
    assert len(after) >= len(before)


@contextmanager
def a_disk_with(monkeypatch: pytest.MonkeyPatch, backups: float, folder: Path) -> Iterator[None]:
    """Room for so many backups beside the reserve; what is deleted becomes free."""
    with reading(folder / "kindline.db") as source:
        size = copies.size_of(source)
    there = len(list(folder.glob("backups/*.db")))
    all_of_it = int(copies.RESERVE + size * (there + backups))

    class Usage:
        def __init__(self, path: Path):
            self.free = all_of_it - sum(one.stat().st_size for one in folder.glob("backups/*.db"))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", Usage)
        yield


def test_where_room_is_short_the_oldest_go_for_a_new_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (backup(folder, NOON + timedelta(hours=n)) for n in range(3))

    with a_disk_with(monkeypatch, 0, folder):
        new = backup(folder, NOON + timedelta(hours=3))

    assert found(folder) == [new, third, second]
    assert not first.path.exists()


def test_where_there_is_no_room_at_all_none_is_made_and_the_newest_good_one_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (backup(folder, NOON + timedelta(hours=n)) for n in range(3))
    damage(third.path)

    with a_disk_with(monkeypatch, -3, folder), pytest.raises(NoRoom):
        backup(folder, NOON + timedelta(hours=3))

    assert found(folder) == [third, second, first]  # none goes for nothing


def test_many_backups_in_one_hour_push_no_hour_out() -> None:
    hourly = ago(*range(1, HOURLY + 1))
    many = ago(*(n / 50 for n in range(40)))

    assert not {*hourly[: HOURLY - 1]} & {*too_many([*many, *hourly], NOON, ZoneInfo("UTC"))}


def test_a_copy_that_a_killed_program_left_half_written_is_cleared_away(folder: Path) -> None:
    backup(folder)
    half = folder / f"{copies.REPLACED}20261123T120000Z.db{copies.PART}"
    half.write_text(CANARY)

    copies.clear(folder)

    assert not half.exists()
    assert len(found(folder)) == 1


def test_a_database_changes_places_where_the_disk_knows_no_second_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_names: Path) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("clinic.copies.os.link", refuse)
    home = tmp_path / "home"
    home.mkdir()
    (home / "kindline.db").write_text("old")
    (home / "kindline.db-wal").write_text("log")
    (home / "new.db").write_text("new")

    aside = copies.exchange(home, home / "new.db", NOON)

    assert aside
    assert (home / "kindline.db").read_text() == "new"
    assert (aside.read_text(), aside.with_name(aside.name + "-wal").read_text()) == ("old", "log")


def test_an_older_backup_is_written_anew_without_a_trace_of_anybody(folder: Path) -> None:
    made = backup(folder)
    assert CANARY.encode() in made.path.read_bytes()
    assert names_anybody(made.path)
    facts = rows(made.path, "select * from event")

    strip(made.path)

    assert CANARY.encode() not in made.path.read_bytes()
    assert not names_anybody(made.path)
    assert rows(made.path, "select * from event") == facts
    assert rows(made.path, "select name from sqlite_master where name in ('person', 'booking')")
    assert newest_good(folder, NOON) == made
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert [path.name for path in (folder / "backups").iterdir()] == [made.path.name]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_about_people_is_left_out(folder: Path, store: Store, table: str) -> None:
    with store.write() as db:
        db.execute("delete from person")
        columns = [(row[1], row[2]) for row in db.execute(f"pragma table_info({table})")]
        values = [7 if kind in ("INTEGER", "REAL") else CANARY for _name, kind in columns]
        db.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)
    made = backup(folder)
    assert CANARY.encode() in made.path.read_bytes()
    assert names_anybody(made.path)

    strip(made.path)

    assert CANARY.encode() not in made.path.read_bytes()
    assert not names_anybody(made.path)


def test_a_copy_without_room_to_write_it_anew_is_left_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = backup(folder)

    with a_disk_with(monkeypatch, -1e6, folder), pytest.raises(NoRoom):
        strip(made.path)

    assert names_anybody(made.path)
