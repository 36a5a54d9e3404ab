"""Upgrades: a database of every released format comes with all that is in it, also when they are cut short."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic import copies, opening, schema
from clinic.commands import check_in
from clinic.copies import BEFORE, found, newest_good
from clinic.desk import Desk
from clinic.opening import StoreError
from clinic.schema import SCHEMA, SECURE, migrations
from clinic.store import Store
from tests.conftest import FakeClock

FIXTURES = sorted((Path(__file__).parents[1] / "upgrade").glob("format-*.sql"))
FORMATS = [int(path.stem.partition("-")[2]) for path in FIXTURES]

CANARY = "Canary-7F3A"

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=FORMATS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> int:
    """A folder with a database of this format."""
    found = int(request.param)
    make_old(tmp_path, found)
    return found


def make_old(folder: Path, version: int) -> None:
    with closing(sqlite3.connect(str(folder / "kindline.db"), isolation_level=None)) as connection:
        connection.executescript(FIXTURES[FORMATS.index(version)].read_text())
    (folder / "kindline.key").write_bytes(bytes(range(32)))


def rows_of(folder: Path) -> Rows:
    """Every row of every table."""
    with closing(sqlite3.connect(str(folder / "kindline.db"))) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        db = Database(connection)
        return {table: list(db.query(f"select * from {table}")) for table in tables if table[0] not in "_"}


def version_of(folder: Path) -> int:
    with closing(sqlite3.connect(str(folder / "kindline.db"))) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


def assert_all_there(before: Rows, folder: Path) -> None:
    after = rows_of(folder)
    for table, rows in before.items():
        # An upgrade may add columns, and takes none away.
        assert [{name: row[name] for name in old} for row, old in zip(after[table], rows, strict=True)] == rows, table


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put the name of a migration in it, and that one is not finished; a real kill is in `faults/backup.py`."""
    at: list[str] = []
    for migration in migrations._migrations:

        def run(db: Database, fn: Any = migration.fn, name: str = migration.name) -> None:
            fn(db)
            if name in at:
                raise sqlite3.DatabaseError("the plug is pulled")

        monkeypatch.setattr(migration, "fn", run)
    return at


def test_there_is_a_database_of_every_format() -> None:
    assert list(range(1, len(FORMATS) + 1)) == FORMATS
    assert len(FORMATS) >= SCHEMA - 1  # the present one is only released with the next


def test_a_database_of_every_format_is_upgraded_with_everything_in_it(
    old: int, tmp_path: Path, clock: FakeClock
) -> None:
    before = rows_of(tmp_path)
    assert len(before["event"]) > 40
    assert len(before["person"]) == 12

    opened = Store(tmp_path)
    desk = Desk(opened, clock)
    assert [visit.ticket for visit in desk.line.visits.values() if visit.ticket] == [f"A {n:02d}" for n in range(1, 13)]
    assert len(desk.names(desk.line.visits)) == 12
    opened.close()

    assert version_of(tmp_path) == SCHEMA
    assert_all_there(before, tmp_path)


def test_after_an_upgrade_the_day_goes_on(old: int, tmp_path: Path, clock: FakeClock) -> None:
    opened = Store(tmp_path)
    desk = Desk(opened, clock)
    service = desk.line.setup.services[0].id

    done = desk.do(check_in, by="kiosk", visit="another", service=service)

    assert done.line.visits["another"].ticket == "A 13"
    opened.close()


def test_an_upgrade_keeps_a_backup_that_the_older_program_can_read(old: int, tmp_path: Path) -> None:
    before = rows_of(tmp_path)

    Store(tmp_path).close()

    kept_before = found(tmp_path, BEFORE)
    assert len(kept_before) == (old < SCHEMA)
    for one in kept_before:
        assert one.path.name.startswith(f"before-format-{SCHEMA}-")
        one.path.rename(tmp_path / "kindline.db")
        assert version_of(tmp_path) == old
        assert rows_of(tmp_path) == before
    assert found(tmp_path) == []  # it is none of the schedule


@pytest.mark.parametrize(
    ("version", "at"),
    [(version, one.name) for version in FORMATS for one in migrations._migrations[version:]],
)
def test_an_upgrade_killed_in_the_middle_goes_on(tmp_path: Path, killed: list[str], version: int, at: str) -> None:
    make_old(tmp_path, version)
    before = rows_of(tmp_path)
    half = [one.name for one in migrations._migrations].index(at)

    killed.append(at)
    with pytest.raises(StoreError, match="the plug is pulled"):
        Store(tmp_path)
    assert version_of(tmp_path) == half
    assert_all_there(before, tmp_path)
    killed.clear()
    Store(tmp_path).close()

    assert version_of(tmp_path) == SCHEMA
    assert_all_there(before, tmp_path)


def test_an_older_program_refuses_what_was_upgraded_half_and_names_the_backup_from_before(
    tmp_path: Path, killed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_old(tmp_path, 1)
    killed.append(migrations._migrations[2].name)
    with pytest.raises(StoreError, match="the plug is pulled"):
        Store(tmp_path)
    (from_before,) = found(tmp_path, BEFORE)

    monkeypatch.setattr(opening, "SCHEMA", 1)
    monkeypatch.setattr(copies.newest_good, "__defaults__", (1,))
    monkeypatch.setattr(copies.advice, "__defaults__", (1,))
    with pytest.raises(StoreError, match=rf"newer Kindline .*make restore FROM={from_before.path}"):
        Store(tmp_path)


@pytest.mark.parametrize("version", [one for one in FORMATS if one < SECURE])
def test_what_was_deleted_before_deleting_was_secure_is_gone_also_after_a_kill(
    tmp_path: Path, killed: list[str], version: int
) -> None:
    make_old(tmp_path, version)
    with closing(sqlite3.connect(str(tmp_path / "kindline.db"), isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = off")
        for n in range(300):
            connection.execute("insert into person values (?, ?)", [f"gone{n}", CANARY * 20])
        connection.execute("delete from person where visit like 'gone%'")
    assert CANARY.encode() in (tmp_path / "kindline.db").read_bytes()

    killed.append(migrations._migrations[-1].name)
    with pytest.raises(StoreError, match="the plug is pulled"):
        Store(tmp_path)
    killed.clear()
    Store(tmp_path).close()

    assert CANARY.encode() not in (tmp_path / "kindline.db").read_bytes()


def test_an_upgrade_without_room_for_its_backup_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_old(tmp_path, 3)
    before = rows_of(tmp_path)
    monkeypatch.setattr(copies, "RESERVE", 10**18)

    with pytest.raises(StoreError, match=r"no room for the backup before an upgrade. Free \d+ MB"):
        Store(tmp_path)

    assert version_of(tmp_path) == 3
    assert rows_of(tmp_path) == before
    monkeypatch.undo()
    Store(tmp_path).close()
    assert version_of(tmp_path) == SCHEMA


def test_each_migration_says_itself_which_format_the_file_has_from_then_on() -> None:
    db = Database(memory=True)

    for version, migration in enumerate(schema.migrations._migrations, start=1):
        after = schema.migrations._migrations[version].name if version < SCHEMA else None
        schema.migrations.apply(db, stop_before=after)
        assert db.execute("pragma user_version").fetchone() == (version,), migration.name


def test_every_table_about_people_is_left_out_of_a_copy_whatever_its_format(old: int, tmp_path: Path) -> None:
    Store(tmp_path).close()

    for one in found(tmp_path, BEFORE):
        assert copies.names_anybody(one.path)
        copies.strip(one.path)
        assert not copies.names_anybody(one.path)
        assert version_of_file(one.path) == old
        assert b"Example Walk-in" not in one.path.read_bytes()
        assert b"Example Person" not in one.path.read_bytes()
        assert newest_good(tmp_path, one.at) == one


def version_of_file(path: Path) -> int:
    with closing(sqlite3.connect(str(path))) as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])
