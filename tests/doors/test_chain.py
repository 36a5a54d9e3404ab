"""The chain of the audit: what is done to its rows from outside shows, and nothing of ours can do it (TRUST A25)."""

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3

from clinic.register import KEY_FILE
from doors import audit, chain
from doors.chain import Proof
from doors.who import Who
from tests.doors.house import House

STAYS = ("audit_stays", "audit_is_kept")


@pytest.fixture
def folder(house: House, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data of a clinic whose audit has ten rows."""
    while len(house.doors.audit.look(audit.Search()).rows) < 10:
        house.doors.audit.write(Who("192.0.2.1"), "saw staff.page", ["0123456789abcdef0123456789abcdef"])
    found: Path = house.app.extensions["desk"].store.folder
    monkeypatch.setenv("KINDLINE_DATA", str(found))
    return found


def tamper(folder: Path, *statements: str) -> None:
    """Change the file behind the clinic's back, as who has the machine can."""
    with closing(sqlite3.connect(folder / "kindline.db", timeout=10)) as db, db:
        for trigger in STAYS:
            db.execute(f"drop trigger if exists {trigger}")
        for statement in statements:
            db.execute(statement)


def proved(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of `python -m doors.audit`, and what it says."""
    code = audit.main()
    said = capsys.readouterr()
    return code, said.out + said.err


def test_a_whole_audit_is_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert proved(capsys) == (0, "Sound: 10 rows, each as it was written, and none is missing.\n")


@pytest.mark.parametrize(
    ("done", "row", "why"),
    [
        (["update audit set what = 'saw staff.visits' where seq = 4"], 4, chain.CHANGED),
        (["update audit set at = '2020-01-01T00:00:00+00:00' where seq = 1"], 1, chain.CHANGED),
        (["update audit set account = 'nobody' where seq = 10"], 10, chain.CHANGED),
        (["delete from audit where seq = 4"], 4, chain.GONE),
        (["delete from audit where seq <= 3"], 1, chain.GONE),
        (["insert into audit select 11, at, account, device, address, what, about, seal from audit where seq = 10"], 11,
         chain.CHANGED),
        (["insert into audit select -1, at, account, device, address, what, about, seal from audit where seq = 1"], -1,
         chain.ADDED),
        (["update audit set seq = 100 where seq = 4", "update audit set seq = 4 where seq = 5",
          "update audit set seq = 5 where seq = 100"], 4, chain.CHANGED),
        (["delete from audit where seq = 10"], 10, chain.CUT),
        (["delete from audit where seq > 5", "delete from setting where name = 'audit_end'"], 6, chain.CUT),
        (["delete from setting where name = 'audit_end'"], 11, chain.CUT),
        (["delete from audit"], 1, chain.CUT),
        (["delete from audit", "delete from setting where name = 'audit_end'"], 1, chain.CUT),
    ],
)  # fmt: skip
def test_what_was_done_to_it_shows_and_the_first_break_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], done: list[str], row: int, why: str
) -> None:
    tamper(folder, *done)
    code, said = proved(capsys)

    assert code == 1
    assert said == f"BROKEN at row {row}: {why}. The {max(0, row - 1)} rows before it are sound.\n"


def test_rows_sealed_with_another_key_are_broken(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / KEY_FILE).write_bytes(b"k" * 32)
    assert proved(capsys)[0] == 1

    (folder / KEY_FILE).unlink()
    code, said = proved(capsys)
    assert code == 2
    assert "is gone" in said
    assert not (folder / KEY_FILE).exists()


def test_an_audit_that_was_never_begun_is_sound_and_no_clinic_is_nothing_to_prove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from clinic.register import Links
    from clinic.store import Store

    monkeypatch.setenv("KINDLINE_DATA", str(tmp_path / "none"))
    assert proved(capsys)[0] == 2
    Store(tmp_path / "new").close()
    Links(tmp_path / "new")
    monkeypatch.setenv("KINDLINE_DATA", str(tmp_path / "new"))
    assert proved(capsys) == (0, "Sound: 0 rows, each as it was written, and none is missing.\n")


def test_rows_written_while_it_is_proved_break_nothing(house: House, folder: Path) -> None:
    writing = threading.Event()

    def write() -> None:
        while not writing.is_set():
            house.doors.audit.write(Who("192.0.2.2"), "saw staff.page")
            time.sleep(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = []
        for _ in range(5):
            time.sleep(0.01)  # the other one writes
            found.append(audit.main())
    finally:
        writing.set()
        writer.join()

    assert found == [0] * 5


def test_a_row_written_between_two_looks_is_looked_at_too(house: House, folder: Path) -> None:
    proof = house.doors.audit.prove(Proof())
    house.doors.audit.write(Who("192.0.2.2"), "saw staff.page")
    proof = house.doors.audit.prove(proof)
    assert (proof.sound, proof.done) == (11, False)
    assert house.doors.audit.prove(proof).done


@pytest.mark.parametrize(
    "statement", ["update audit set what = ''", "delete from audit", "delete from audit where seq = 1"]
)
def test_the_database_itself_refuses_to_change_a_row(house: House, folder: Path, statement: str) -> None:
    store = house.app.extensions["desk"].store
    with pytest.raises(sqlite3.IntegrityError, match="the audit is never"), store.write() as db:
        db.execute(statement)
    assert len(house.doors.audit.look(audit.Search()).rows) == 10


def test_no_code_of_ours_takes_a_row_from_between_or_changes_it() -> None:
    root = Path(audit.__file__).parents[1]
    sources = [path for path in root.rglob("*.py") if not {"tests", ".venv"} & set(path.relative_to(root).parts)]
    text = "\n".join(path.read_text() for path in sources).lower()

    assert len(sources) > 50
    assert "insert into audit " in text
    words = ("update audit ", "replace into audit", "drop table audit")
    assert [word for word in words if word in text] == []
    # Only its oldest rows, when they are older than they are kept.
    assert (text.count("delete from audit"), text.count(audit.CUT)) == (1, 1)


def test_a_day_of_work_at_every_page_leaves_the_chain_whole(house: House) -> None:
    for rule in house.app.url_map.iter_rules():
        path = rule.build(dict.fromkeys(rule.arguments, "none"), append_unknown=False)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if path and rule.endpoint not in ("doors.sign_out", "doors.lock", "static"):
                house.manager.open(path[1], method=method, json={} if method == "POST" else None)
    proof = Proof()
    while not proof.done:
        proof = house.doors.audit.prove(proof)

    assert proof.broken is None
    assert proof.sound > 40


def test_the_page_says_where_the_chain_is_broken(house: House, folder: Path) -> None:
    assert "none is missing" in house.manager.get("/staff/audit").text
    house.later(hours=2)
    house.signs_in(house.owner, house.manager)
    tamper(folder, "update audit set what = 'saw staff.visits' where seq = 4")

    page = house.manager.get("/staff/audit").text
    assert "The audit is broken at row 4." in page
    assert "3 rows before it are as they were written" in page
    assert "none is missing" not in page
