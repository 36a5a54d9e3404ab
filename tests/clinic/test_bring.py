"""Bringing past days: they teach the estimate of the running clinic, all of them or none, and are said row by row."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clinic import commands, log, register
from clinic.bring import before, closed_days, first_day, main, names_of, renamed, teach
from clinic.desk import Desk
from clinic.estimate import Estimate, History, estimates
from clinic.minutes import EPOCH
from clinic.setup import Place, Service
from clinic.store import Store
from tests.clinic.at_the_desk import everything
from tests.clinic.days import CLINIC, days, folder, read, row, stamp
from tests.clinic.given import NINE, ROOMS, SETUP, after, came, day, given, inside
from tests.conftest import FakeClock

Files = dict[str, bytes]


@pytest.fixture
def clinic(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clinic that was set up, had a day with somebody in it, and is stopped."""
    desk.do(commands.check_in, by="kiosk", visit="ana", service="doctor")
    desk.close()
    monkeypatch.setenv("KINDLINE_DATA", str(desk.store.folder))
    return desk.store.folder


def learned(data: Path) -> History | None:
    store = Store(data)
    with store.read() as db:
        found = register.load_learned(db)
    store.close()
    return History.from_text(found[1], given()) if found else None


def files(data: Path) -> Files:
    return {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()}


def slow(count: int = 6) -> list[dict[str, str]]:
    """Days on which a visit to the doctor takes twenty minutes."""
    return [
        row(f"{n}-{k}", n * 1440 + 540 + k * 20, n * 1440 + 545 + k * 20, n * 1440 + 565 + k * 20, server="Room 1")
        for n in range(count)
        for k in range(20)
    ]


def test_past_days_teach_the_running_clinic(clinic: Path, tmp_path: Path, clock: FakeClock) -> None:
    assert main([str(folder(tmp_path / "days", slow()))]) == 0

    desk = Desk(Store(clinic), clock)
    assert desk.history.mind.times.work("doctor", "room-1", 12) > 18
    assert desk.history.mind.times.service("nurse", 10) == 10
    assert desk.line.visits["ana"].status == "waiting"
    assert [visit.id for visit in desk.history.line.visits.values()] in ([], ["ana"])
    desk.close()


def test_what_was_brought_changes_what_patients_are_told(tmp_path: Path) -> None:
    line = given(
        came("bo"), *inside("bo", 1), came("ana", 2), came("cy", 3), setup=replace(SETUP, rooms=SETUP.rooms[:1])
    )

    def likely(history: History) -> float:
        found = estimates(line, history, after(4))["cy"]
        assert isinstance(found, Estimate)
        return found.likely

    taught = teach(renamed(past := read(tmp_path, slow()), names_of(past, SETUP)), SETUP)

    assert likely(taught) > likely(History(SETUP)) + 8


def test_the_clinics_own_log_is_learned_after_the_folder(desk: Desk, clock: FakeClock, tmp_path: Path) -> None:
    for n in range(8):
        clock.time = after(n * 60)
        desk.do(commands.check_in, by="kiosk", visit=f"v{n}", service="nurse")
        desk.do(commands.call_next, by="staff", room="room-3")
        desk.do(commands.start, by="staff", visit=f"v{n}")
        clock.time = after(n * 60 + 30)
        desk.do(commands.finish, by="staff", visit=f"v{n}")
    desk.do(commands.close_day, by="staff", confirm=True)
    clock.time = after(1440)
    desk.open_day("staff", ROOMS)
    with desk.store.read() as db:
        own = closed_days(log.every(db))

    taught = teach(renamed(past := read(tmp_path / "days", slow()), names_of(past, SETUP)), SETUP, own)

    assert taught.mind.times.service("nurse", 10) > 15
    assert taught.mind.times.service("doctor", 12) > 15
    assert taught.line.seq == own[-1].seq


def test_bringing_the_same_days_again_teaches_the_same(clinic: Path, tmp_path: Path) -> None:
    here = str(folder(tmp_path / "days", slow()))

    assert main([here]) == 0
    once = learned(clinic)
    assert main([here]) == 0

    again = learned(clinic)
    assert once is not None
    assert again is not None
    assert once.to_text() == again.to_text()


def test_a_dry_run_writes_nothing(clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = files(clinic)

    assert main([str(folder(tmp_path / "days", slow())), "--dry-run"]) == 0

    assert files(clinic) == kept
    said = capsys.readouterr().out
    assert "120 rows read, 120 used, 0 refused" in said
    assert "Rooms known here: Room 1 is room-1." in said
    assert "nothing was changed" in said


def test_a_dry_run_without_a_clinic_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDLINE_DATA", str(tmp_path / "none"))

    assert main([str(folder(tmp_path / "days", slow())), "--dry-run"]) == 0
    assert "There is no clinic set up yet" in capsys.readouterr().out
    assert main([str(tmp_path / "days")]) == 2
    assert "start Kindline, set it up, stop it" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_while_the_clinic_runs_nothing_is_brought_but_a_dry_run_may_look(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KINDLINE_DATA", str(desk.store.folder))
    kept, here = everything(desk), str(folder(tmp_path / "days", slow()))

    assert main([here, "--dry-run"]) == 0
    assert main([here]) == 2

    assert "Another Kindline already runs" in capsys.readouterr().err
    assert everything(desk) == kept


@pytest.mark.parametrize("trouble", [RuntimeError("a bug"), KeyboardInterrupt(), MemoryError()])
def test_what_breaks_in_the_middle_changes_nothing(
    clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    assert main([str(folder(tmp_path / "first", slow(2)))]) == 0
    kept = learned(clinic)
    taught = 0
    real = History.teach

    def breaks(self: History, entry: Any) -> None:
        nonlocal taught
        taught += 1
        if taught == 200:
            raise trouble
        real(self, entry)

    monkeypatch.setattr(History, "teach", breaks)
    if isinstance(trouble, KeyboardInterrupt):
        assert main([str(folder(tmp_path / "days", slow()))]) == 130
    else:
        with pytest.raises(type(trouble)):
            main([str(folder(tmp_path / "days", slow()))])

    now = learned(clinic)
    assert kept is not None
    assert now is not None
    assert now.to_text() == kept.to_text()


def test_a_write_that_fails_changes_nothing(clinic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = register.save_learned

    def breaks(*args: Any) -> None:
        real(*args)
        raise OSError("No space left")

    monkeypatch.setattr(register, "save_learned", breaks)

    assert main([str(folder(tmp_path / "days", slow()))]) == 2
    assert learned(clinic) is None


def test_refused_rows_are_named_up_to_twenty_and_written_whole(
    clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [{**one, "visit_id": f"bad {n}", "called_at": "soon"} for n, one in enumerate(slow(2))]
    report = tmp_path / "refused.txt"

    assert main([str(folder(tmp_path / "days", [*slow(), *bad])), "--report", str(report)]) == 0

    said = capsys.readouterr().out
    assert "160 rows read, 120 used, 40 refused" in said
    assert said.count("visits.csv line ") == 20
    assert "... and 20 more" in said
    assert len(report.read_text().splitlines()) == 40
    assert "Learned from 120 visits" in said


def test_a_bad_folder_is_one_sentence_and_touches_nothing(
    clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = files(clinic)

    assert main([str(tmp_path / "nowhere")]) == 2

    assert capsys.readouterr().err.startswith("There is no folder ")
    assert files(clinic) == kept


def test_names_are_matched_by_id_or_name_in_any_language_and_case(tmp_path: Path) -> None:
    spanish = replace(SETUP.services[0], names={"es": "Médico"})
    setup = replace(SETUP, services=(spanish, *SETUP.services[1:]))
    rows = [
        {**row("a", 540, 550, server="ROOM 1"), "service": "MÉDICO"},
        {**row("b", 541, 560, server="room-2", assigned="Room 3"), "service": "Nurse"},
        {**row("c", 542, 570, server="R9"), "service": "x-ray"},
    ]
    past = read(tmp_path, rows, {**CLINIC, "groups": {"all": ["MÉDICO", "x-ray"]}})

    found = renamed(past, names_of(past, setup))

    assert [(v.service, v.server, v.assigned) for v in found.visits] == [
        ("doctor", "room-1", ""), ("nurse", "room-2", "room-3"), ("x-ray", "R9", "")
    ]  # fmt: skip
    assert found.clinic["groups"] == {"all": ["doctor", "x-ray"]}


def test_what_the_clinic_does_not_know_is_named(
    clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{**one, "service": "massage", "server": "Hut"} for one in slow()]

    assert main([str(folder(tmp_path / "days", rows))]) == 0

    said = capsys.readouterr().out
    assert "Services known here: none." in said
    assert "Services not known here, which teach the general pace only: massage." in said
    assert "Rooms not known here, which teach the general pace only: Hut." in said


def test_days_that_the_clinics_own_log_knows_are_not_learned_twice(tmp_path: Path) -> None:
    past = read(tmp_path, days(4))
    second = (past.visits[40].arrived or 0) // 1440

    assert {visit.id[0] for visit in before(past, second).visits} == {"0"}
    assert first_day([], SETUP) is None
    assert first_day(day(), replace(SETUP, timezone="Asia/Tokyo")) == (NINE.replace(tzinfo=None) - EPOCH).days


def test_a_folder_of_days_all_known_brings_nothing(
    clinic: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {**one, **{k: one[k].replace("2025", "2027") for k in ("arrived_at", "called_at", "finished_at")}}
        for one in slow(1)
    ]

    assert main([str(folder(tmp_path / "days", rows))]) == 2
    assert "the clinic's own log knows all of these days" in capsys.readouterr().err
    assert learned(clinic) is None


def test_a_clinic_with_more_services_than_the_folder_keeps_their_minutes(tmp_path: Path) -> None:
    setup = replace(
        SETUP, services=(*SETUP.services, Service("x-ray", "R", "X-ray", 40)),
        rooms=(*SETUP.rooms, Place("room-9", "Room 9", ("x-ray",))),
    )  # fmt: skip

    taught = teach(renamed(past := read(tmp_path, slow()), names_of(past, setup)), setup)

    assert taught.line.setup == setup
    assert taught.mind.times.service("x-ray", 40) == 40
    assert taught.mind.open == {}
    assert stamp(0).startswith("2025")
