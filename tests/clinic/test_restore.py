"""Starts that find something wrong say what to do and change nothing; `make restore` puts a stopped clinic back."""

import re
import shutil
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.utils import sqlite3

from clinic import backups, copies, earlier
from clinic import restore as restoring
from clinic.commands import Refused, check_in, close_day, open_day
from clinic.copies import REPLACED, Backup, exchange, found, make, reading
from clinic.desk import Desk
from clinic.earlier import MARGIN
from clinic.events import Entry, Restored
from clinic.line import Line, apply, replay
from clinic.opening import StoreError
from clinic.register import Links
from clinic.restore import CannotRestore, restore
from clinic.schema import SCHEMA
from clinic.store import Store
from tests.clinic.given import NINE, ROOMS, SETUP
from tests.conftest import FakeClock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clinic:
    """A clinic that is stopped and started in the test, and its backup."""

    def __init__(self, folder: Path):
        self.folder, self.clock = folder, FakeClock()
        self.path = folder / "kindline.db"
        self.came = 0
        self.start().open_day("front desk", ROOMS)
        self.stop()

    def start(self) -> Desk:
        self.desk = Desk(Store(self.folder), self.clock)
        if not self.desk.is_set_up:
            self.desk.set_up(SETUP)
        return self.desk

    def stop(self) -> None:
        self.desk.close()

    def kill(self) -> None:
        """As when somebody pulls the plug: what the files hold then is all there is."""
        aside = self.folder.with_name("killed")
        shutil.copytree(self.folder, aside)
        self.stop()
        shutil.rmtree(self.folder)
        aside.rename(self.folder)

    def somebody_comes(self, name: str = "") -> str:
        self.came += 1
        visit = f"visit{self.came}"
        line = self.desk.do(check_in, by="kiosk", visit=visit, service="doctor", name=name).line
        return line.visits[visit].ticket

    def people(self) -> list[str]:
        return [visit.ticket for visit in self.desk.line.visits.values()]

    def back_up(self, at: datetime = NOON) -> Backup:
        with reading(self.path) as source:
            return make(self.folder, source, at)


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path / "data")


def at_start(clinic: Clinic) -> str:
    """What the start says that is refused; it changes no file."""
    before = {path: path.read_bytes() for path in clinic.folder.rglob("*") if path.is_file()}
    with pytest.raises(StoreError) as refused:
        Store(clinic.folder)
    assert {path: path.read_bytes() for path in clinic.folder.rglob("*") if path.is_file()} == before
    return str(refused.value)


def overwrite(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * 3000)


WRONG: dict[str, Callable[[Path], object]] = {
    "corrupt header": lambda path: overwrite(path, 0),
    "corrupt second page": lambda path: overwrite(path, 4096),
    "corrupt page in the middle": lambda path: overwrite(path, path.stat().st_size // 2 // 4096 * 4096),
    "half copied": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100]),
    "empty": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_with_something_wrong_is_never_an_empty_line_and_the_way_out_is_named(
    clinic: Clinic, wrong: str
) -> None:
    clinic.start()
    clinic.somebody_comes()
    good = clinic.back_up()
    clinic.stop()
    WRONG[wrong](clinic.path)

    said = at_start(clinic)

    assert f"The newest good backup is of 2026-11-23 12:00 UTC: make restore FROM={good.path}" in said
    restore(clinic.folder, good.path)
    clinic.start()
    assert clinic.people() == ["A 01"]
    clinic.stop()


@pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 51, 3), reason="Without WAL there is no such file")
def test_a_clinic_that_was_killed_goes_on_but_not_without_the_file_of_its_last_writes(clinic: Clinic) -> None:
    clinic.start()
    good = clinic.back_up()
    clinic.somebody_comes()
    clinic.kill()
    log = clinic.folder / "kindline.db-wal"
    kept = log.read_bytes()
    assert kept
    log.unlink()

    said = at_start(clinic)

    assert "kindline.db-wal is gone" in said
    assert f"make restore FROM={good.path}" in said
    assert f"To go on with the file as it is: make restore FROM={clinic.path}" in said
    log.write_bytes(kept)
    clinic.start()
    assert clinic.people() == ["A 01"]
    clinic.stop()


@pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 51, 3), reason="Without WAL there is no such file")
def test_whoever_wants_so_goes_on_with_the_file_as_it_is_and_no_number_is_given_twice(clinic: Clinic) -> None:
    clinic.start()
    clinic.somebody_comes()
    clinic.stop()
    clinic.start()
    lost = clinic.somebody_comes()
    clinic.kill()
    (clinic.folder / "kindline.db-wal").unlink()
    assert at_start(clinic)

    assert "Done." in restore(clinic.folder, clinic.path)

    clinic.start()
    assert clinic.people() == ["A 01"]
    assert lost == "A 02"
    assert clinic.somebody_comes() == f"A {1 + MARGIN + 1}"
    clinic.stop()


def test_a_clinic_that_was_stopped_needs_no_file_of_last_writes(clinic: Clinic) -> None:
    clinic.start()
    clinic.somebody_comes()
    clinic.stop()

    assert not (clinic.folder / "kindline.db-wal").exists()
    assert not (clinic.folder / "kindline.open").exists()
    clinic.start()
    assert clinic.people() == ["A 01"]
    clinic.stop()


def test_a_file_that_is_wrong_only_in_an_index_can_be_gone_on_with(clinic: Clinic) -> None:
    clinic.start()
    clinic.somebody_comes()
    with clinic.desk.store.read() as db:
        (root,) = db.execute("select rootpage from sqlite_master where name = 'event_opened'").fetchone()
    clinic.stop()
    overwrite(clinic.path, (root - 1) * 4096)
    assert f"make restore FROM={clinic.path}" in at_start(clinic)

    said = restore(clinic.folder, clinic.path)

    assert "written anew" in said
    clinic.start()
    assert clinic.people() == ["A 01"]
    clinic.stop()


def test_a_file_that_cannot_be_read_is_not_gone_on_with(clinic: Clinic) -> None:
    good = clinic.back_up()
    overwrite(clinic.path, 0)

    with pytest.raises(CannotRestore, match=re.escape("is not whole (file is not a database). The newest good backup")):
        restore(clinic.folder, clinic.path)

    assert f"make restore FROM={good.path}" in at_start(clinic)
    assert list(clinic.folder.glob("kindline-*")) == []


def test_a_stopped_clinic_goes_back_and_what_it_had_is_kept_aside(clinic: Clinic) -> None:
    clinic.start()
    clinic.somebody_comes("Ann")
    good = clinic.back_up()
    clinic.somebody_comes("Bo")
    clinic.stop()

    said = restore(clinic.folder, good.path)

    (aside,) = found(clinic.folder, REPLACED)
    assert str(aside.path) in said
    assert earlier.look(aside.path).waiting == 2
    clinic.start()
    assert clinic.people() == ["A 01"]
    assert clinic.desk.names(["visit1"]) == {"visit1": "Ann"}
    assert clinic.desk.life
    assert good.path.exists()
    assert [path.name for path in clinic.folder.glob("kindline-*")] == [aside.path.name]
    clinic.stop()


def test_after_a_restore_no_number_is_given_that_somebody_has_on_paper(clinic: Clinic) -> None:
    clinic.start()
    clinic.somebody_comes()
    good = clinic.back_up()
    assert [clinic.somebody_comes() for _ in range(3)] == ["A 02", "A 03", "A 04"]
    clinic.stop()
    clinic.clock.time = datetime.now(UTC)

    restore(clinic.folder, good.path)

    clinic.start()
    assert clinic.somebody_comes() == "A 05"
    clinic.stop()


@pytest.mark.parametrize("damaged", [True, False])
def test_where_the_replaced_file_cannot_be_read_numbers_skip_ahead(clinic: Clinic, damaged: bool) -> None:
    clinic.start()
    clinic.somebody_comes()
    good = clinic.back_up()
    clinic.stop()
    if damaged:
        overwrite(clinic.path, 0)
    else:
        clinic.path.unlink()

    restore(clinic.folder, good.path)

    clinic.start()
    assert clinic.somebody_comes() == f"A {1 + MARGIN + 1}"
    clinic.stop()


def test_the_numbers_of_a_day_are_not_given_again_when_it_is_opened_after_a_restore_to_before_it() -> None:
    given = Restored(NINE, ("A 30", "B 02"))
    line = apply(Line(SETUP), Entry(1, given))

    facts = open_day(line, NINE + timedelta(hours=1))
    next_day = open_day(line, NINE + timedelta(days=1))

    opened = replay([Entry(2 + n, fact) for n, fact in enumerate(facts)], SETUP)
    assert opened.issued == {"A": 30, "B": 2}
    assert check_in(opened, NINE, "somebody", "doctor")[0].ticket == "A 31"  # type: ignore[union-attr]  # of a CheckedIn
    assert replay([Entry(2 + n, fact) for n, fact in enumerate(next_day)], SETUP).issued == {}
    again = apply(opened, Entry(9, close_day(opened, NINE + timedelta(hours=2), confirm=True)[-1]))
    assert open_day(again, NINE + timedelta(hours=3))[1:] == [Restored(NINE + timedelta(hours=3), given.given)]


def test_numbers_of_a_day_that_is_over_are_on_nobodys_paper(clinic: Clinic) -> None:
    desk = clinic.start()
    clinic.somebody_comes()
    entries, line = desk.entries, desk.line
    assert earlier.on_paper(entries, line, NINE + timedelta(days=3)) == {"A": 1}  # the day goes on
    closed = apply(line, Entry(99, close_day(line, NINE, confirm=True, told=["visit1"])[-1]))

    assert earlier.on_paper(entries, closed, NINE + timedelta(hours=2)) == {"A": 1}
    assert earlier.on_paper(entries, closed, NINE + timedelta(days=1)) == {}
    clinic.stop()


def test_a_backup_moves_to_another_computer_with_its_key(clinic: Clinic, tmp_path: Path) -> None:
    desk = clinic.start()
    clinic.somebody_comes()
    secret = desk.links.secret("visit1")
    good = clinic.back_up()
    clinic.stop()
    new = Clinic(tmp_path / "new computer")
    Links(new.folder)

    restore(new.folder, good.path)

    assert new.start().visit_of(secret) == "visit1"
    assert new.desk.links.secret("visit1") == secret
    assert len(list(new.folder.glob(f"{REPLACED}*.key"))) == 1
    new.stop()
    restore(tmp_path / "empty computer", good.path)
    assert (tmp_path / "empty computer/kindline.key").read_bytes() == (clinic.folder / "kindline.key").read_bytes()


def test_a_backup_without_its_key_says_what_is_lost(clinic: Clinic, tmp_path: Path) -> None:
    good = clinic.back_up()
    alone = tmp_path / "alone.db"
    good.path.rename(alone)

    assert "links on phones end" in restore(tmp_path / "new", alone)


def test_what_cannot_be_restored_changes_nothing(clinic: Clinic) -> None:
    newer, no_clinic = clinic.back_up(), clinic.folder / "other.db"
    with sqlite3.connect(str(newer.path)) as connection:
        connection.execute(f"pragma user_version = {SCHEMA + 1}")
    connection.close()
    other = sqlite3.connect(str(no_clinic))
    other.execute("create table a (b)")
    other.close()
    before = clinic.path.read_bytes()

    for source, words in (
        (newer.path, "newer Kindline"),
        (no_clinic, "no clinic in it"),
        (Path("nowhere.db"), "no file"),
    ):
        with pytest.raises(CannotRestore, match=words):
            restore(clinic.folder, source)

    assert clinic.path.read_bytes() == before
    assert list(clinic.folder.glob("kindline-*")) == []


def test_a_running_clinic_that_does_not_answer_is_left_alone(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.start()
    clinic.somebody_comes()
    good = clinic.back_up()
    monkeypatch.setattr(restoring, "PATIENCE", 0.1)

    with pytest.raises(CannotRestore, match="does not answer"):
        restore(clinic.folder, good.path)

    assert list(clinic.folder.glob("kindline-*")) == []
    assert clinic.somebody_comes() == "A 02"
    clinic.stop()


def test_a_running_clinic_takes_no_backup_of_another_one(clinic: Clinic, tmp_path: Path) -> None:
    other = Clinic(tmp_path / "other")
    other.start()
    theirs = other.back_up()
    other.stop()
    clinic.start()

    with pytest.raises(CannotRestore, match="of another clinic"):
        restore(clinic.folder, theirs.path)

    assert list(clinic.folder.glob("kindline-*")) == []
    clinic.stop()


def test_a_restore_that_fails_on_the_way_leaves_everything_as_it_was(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = clinic.start()
    clinic.somebody_comes()
    wrong = clinic.folder / "wrong.db"
    wrong.write_bytes(clinic.back_up().path.read_bytes())
    with sqlite3.connect(str(wrong)) as connection:
        connection.execute(f"pragma user_version = {SCHEMA + 1}")
    connection.close()
    desk.begin_another_life()

    with pytest.raises(StoreError, match="newer Kindline"):
        desk.restore(wrong, NOON)

    assert desk.life == ""
    assert clinic.people() == ["A 01"]
    assert clinic.somebody_comes() == "A 02"
    clinic.stop()
    clinic.start()
    assert clinic.people() == ["A 01", "A 02"]
    clinic.stop()


def test_a_restore_without_room_leaves_the_life_of_the_clinic_as_it_was(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    desk = clinic.start()
    clinic.somebody_comes()
    monkeypatch.setattr("clinic.desk.earlier.make_ready", full)
    desk.begin_another_life()

    with pytest.raises(OSError, match="No space"):
        desk.restore(clinic.back_up().path, NOON)

    assert desk.life == ""
    assert clinic.people() == ["A 01"]
    clinic.stop()


def test_who_waits_for_the_desk_while_it_is_restored_is_told_so(clinic: Clinic) -> None:
    desk = clinic.start()
    good = clinic.back_up()
    said: list[Any] = []

    def waits() -> None:
        try:
            said.append(desk.do(check_in, by="kiosk", visit="late", service="doctor"))
        except Refused as refusal:
            said.append(refusal.code)

    late = threading.Thread(target=waits)
    with desk.store.lock:
        late.start()
        while not desk._taps:
            time.sleep(0)
        desk.begin_another_life()
        desk.restore(good.path, NOON)
    late.join()

    assert said == ["restored"]
    assert clinic.people() == []
    clinic.stop()


def test_what_replaced_files_know_of_erasures_is_not_forgotten(clinic: Clinic) -> None:
    desk = clinic.start()
    clinic.somebody_comes("Ann")
    good = clinic.back_up()
    desk.erase(["visit1"], by="desk")
    assert desk.erasures == 1
    clinic.back_up(NOON + timedelta(hours=1))
    clinic.stop()

    restore(clinic.folder, good.path)

    assert clinic.start().erasures == 1
    assert earlier.erasures_in(good.path) == 0
    clinic.stop()


def test_a_database_takes_anothers_place_under_both_names_until_it_is_there(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = clinic.folder / "prepared.db"
    prepared.write_bytes(clinic.back_up().path.read_bytes())
    old = clinic.path.read_bytes()

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            exchange(clinic.folder, prepared, NOON)

    assert clinic.path.read_bytes() == old
    clinic.start()
    clinic.stop()


def test_the_commands_say_what_they_did(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDLINE_DATA", str(clinic.folder))
    clinic.start()
    clinic.somebody_comes()

    assert restoring.main([]) == 2
    assert "There is no backup in" in capsys.readouterr().out
    assert backups.main([]) == 0
    assert backups.main([str(tmp_path / "stick")]) == 0
    assert capsys.readouterr().out.count("checked that it is whole") == 2
    clinic.stop()
    (here,), (there,) = found(clinic.folder), (tmp_path / "stick").glob("*.db")
    assert (tmp_path / "stick/kindline.key").exists()

    overwrite(clinic.back_up().path, 0)
    assert restoring.main([]) == 0
    listed = capsys.readouterr().out
    assert "1 people here, last change" in listed
    assert str(here.path) in listed
    assert "cannot be used (file is not a database)" in listed
    assert restoring.main([str(there)]) == 0
    assert restoring.main([here.path.name]) == 0  # its name is enough
    assert capsys.readouterr().out.count("Done.") == 2
    assert restoring.main(["nowhere"]) == 2
    assert "There is no file nowhere" in capsys.readouterr().err


def test_no_backup_is_made_where_there_is_no_clinic_or_no_room_or_only_damage(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDLINE_DATA", str(tmp_path / "nowhere"))
    assert backups.main([]) == 2
    assert "There is no clinic in" in capsys.readouterr().err

    monkeypatch.setenv("KINDLINE_DATA", str(clinic.folder))
    with monkeypatch.context() as patched:
        patched.setattr(copies, "RESERVE", 10**18)
        assert backups.main([]) == 2
    assert "has no room" in capsys.readouterr().err

    good = clinic.back_up()
    overwrite(clinic.path, 4096)
    assert backups.main([]) == 2
    assert f"make restore FROM={good.path}" in capsys.readouterr().err
