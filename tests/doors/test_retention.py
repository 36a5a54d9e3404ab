"""Old days and old rows of the audit are forgotten beside the work of the clinic, and the audit can still be proved."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3

from clinic.clock import Clock
from clinic.years import years
from doors import audit, chain
from doors.audit import Search
from doors.chain import Proof
from doors.who import Who
from retention import Retention
from tests.conftest import FakeClock
from tests.doors.house import House

DAY = timedelta(days=1)


@pytest.fixture
def folder(house: House, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data of a clinic whose audit has a row a day of the last five years, the latest of today."""
    monkeypatch.setattr(audit, "STEP", 10)
    monkeypatch.setattr(audit, "PART", 10)
    monkeypatch.setattr("retention.BREATH", 0)
    monkeypatch.setattr("clinic.desk.DAYS_KEPT", 3)
    today = house.time
    (first,) = (row.seq for row in house.doors.audit.look(Search(), limit=1).rows)
    with house.app.extensions["desk"].store.write() as db:
        for ago in range(5 * 365, 0, -1):
            house.time = today - ago * DAY
            house.doors.audit._add(db, Who("192.0.2.1"), "saw staff.page", [f"{ago:032x}"])
    house.time = today
    assert first < 10
    found: Path = house.app.extensions["desk"].store.folder
    monkeypatch.setenv("KINDLINE_DATA", str(found))
    return found


def forget(house: House) -> None:
    """Look as often as there is something to forget."""
    for _ in range(3):
        Retention(house.app.extensions["desk"], house.doors.audit).look()


def rows(house: House) -> list[audit.Row]:
    return list(house.doors.audit.every(Search()))


def proved(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = audit.main()
    return code, capsys.readouterr().out


def tamper(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "kindline.db", timeout=10)) as db, db:
        for trigger in ("audit_stays", "audit_is_kept"):
            db.execute(f"drop trigger {trigger}")
        for statement in statements:
            db.execute(statement)


def test_rows_older_than_three_years_go_and_what_is_left_is_proved(
    house: House, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = rows(house)

    forget(house)

    after = rows(house)
    kept = [row for row in after if row.what != "door forgot"]
    assert kept == before[: len(kept)]
    assert timedelta() <= house.time - house.time.fromisoformat(kept[-1].at) - years(3) <= 2 * 10 * DAY
    code, said = proved(capsys)
    assert code == 0
    assert said == (
        f"Sound: {len(after)} rows, each as it was written, and none is missing. "
        f"They begin with row {after[-1].seq}: what is older was forgotten.\n"
    )


def test_each_cut_is_a_row_of_its_own(house: House, folder: Path) -> None:
    forget(house)

    cuts = [row for row in rows(house) if row.what == "door forgot"]
    assert [row.about for row in reversed(cuts)] == [f"row={10 * n}" for n in range(1, len(cuts) + 1)]
    assert rows(house)[-1].seq == 10 * len(cuts) + 1


@pytest.mark.parametrize(
    ("done", "where", "why"),
    [
        ("delete from audit where seq <= 800", "first", chain.GONE),
        ("delete from setting where name = 'audit_start'", "1", chain.GONE),
        ("update setting set value = '800' || substr(value, 4) where name = 'audit_start'", "1", chain.BEGINNING),
        ("insert into audit select 5, at, account, device, address, what, about, seal from audit where seq = 900", "5",
         chain.ADDED),
    ],
)  # fmt: skip
def test_a_cut_by_anybody_else_still_shows(
    house: House, folder: Path, capsys: pytest.CaptureFixture[str], done: str, where: str, why: str
) -> None:
    forget(house)
    first = rows(house)[-1].seq

    tamper(folder, done)

    code, said = proved(capsys)
    assert code == 1
    assert f"BROKEN at row {first if where == 'first' else where}: {why}." in said


def test_a_proof_that_is_under_way_goes_on_after_a_cut(house: House, folder: Path) -> None:
    proof = house.doors.audit.prove(Proof())
    assert proof.upto > 0

    forget(house)

    while not proof.done:
        proof = house.doors.audit.prove(proof)
    assert proof.broken is None
    assert (proof.cut, proof.sound) == (rows(house)[-1].seq - 1, len(rows(house)))


def test_the_page_says_from_which_row_on_it_goes(house: House, folder: Path) -> None:
    forget(house)
    house.signs_in(house.owner, house.manager)
    house.manager.get("/staff/audit")

    text = house.manager.get("/staff/audit").text
    assert f"Rows up to {rows(house)[-1].seq - 1} are forgotten" in text
    assert "Old rows of the audit were forgotten" in text


def test_a_clock_that_jumps_ahead_makes_nobody_forget(house: House, folder: Path) -> None:
    house.app.extensions["desk"].clock = FakeClock(house.time + years(30))
    house.time += years(30)
    forget(house)

    oldest = [row for row in rows(house) if row.what == "saw staff.page"][-1]
    assert house.time - years(30) - house.time.fromisoformat(oldest.at) > years(3) - 35 * DAY


def test_nothing_is_forgotten_where_the_beginning_was_changed(house: House, folder: Path) -> None:
    tamper(folder, "insert into setting values ('audit_start', '20 x y')")
    before = len(rows(house))

    forget(house)

    assert len(rows(house)) == before


def test_nothing_is_forgotten_while_the_clock_is_in_doubt(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(house)
    with monkeypatch.context() as wrong:
        wrong.setattr(Clock, "doubt", "clock_ahead")
        wrong.setattr(FakeClock, "doubt", "clock_ahead", raising=False)
        forget(house)
        assert rows(house) == before

    forget(house)
    assert rows(house) != before


def test_that_old_days_go_is_written_down_once_however_often_it_is_looked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = house.app.extensions["desk"]
    until = [700]
    monkeypatch.setattr(desk, "old_facts", lambda: until[0])
    monkeypatch.setattr(desk, "forget", lambda _until, _most: 0)
    monkeypatch.setattr("retention.REST", 0.0)
    monkeypatch.setattr("retention.BREATH", 0.0)
    retention = Retention(desk, house.doors.audit)

    def told() -> list[str]:
        return [row.about for row in rows(house) if row.what == "door forgot-days"]

    for _ in range(3):
        retention.look()
    assert told() == ["fact=700"]
    until[0] = 800  # the next day
    for _ in range(3):
        retention.look()
    assert told() == ["fact=800", "fact=700"]
    for forget_all in desk.forgetting:  # another database knows nothing of it
        forget_all()
    retention.look()
    assert told() == ["fact=800", "fact=800", "fact=700"]
