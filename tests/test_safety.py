"""Safekeeping while the clinic works: backups by the hour, names that leave them, alarms, and a restore under way."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import safety as safekeeping
from clinic import copies, earlier
from clinic.copies import BEFORE, NoRoom, found, names_anybody
from clinic.desk import Desk
from clinic.restore import CannotRestore, restore
from doors.audit import Search
from doors.chain import Proof
from doors.who import Who
from messages import ALARMS
from safety import AGAIN, EVERY, LATEST, NIGHTLY, Safety
from upkeep import Upkeep

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CANARY = "Canary-7F3A"


class Here:
    """The whole product, with the real time, the seconds of the machine and the jobs in the test's hand."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch):
        self.app, self.client = app, app.test_client()
        self.desk: Desk = app.extensions["desk"]
        self.upkeep: Upkeep = app.extensions["upkeep"]
        self.safety: Safety = app.extensions["safety"]
        self.folder = self.desk.store.folder
        self.time, self.seconds, self.came = NOON, 1e6, 0
        self.upkeep.now = lambda: self.time
        monkeypatch.setattr(safekeeping.time, "monotonic", lambda: self.seconds)
        monkeypatch.setattr(safekeeping, "QUIET", 0.0)
        self.safety = Safety(self.desk, self.upkeep, app.extensions["live"])

    def pass_by(self, real: bool = True, **time: float) -> None:
        """So much time passes; `real`: on the computer's clock too."""
        self.seconds += timedelta(**time).total_seconds()
        if real:
            self.time += timedelta(**time)

    def jobs(self) -> None:
        self.safety.look()
        self.safety.keep()
        self.safety.check()

    def somebody_comes(self, name: str = "") -> dict[str, Any]:
        self.came += 1
        said = {"service": "doctor", "name": name, "request": f"request{self.came}"}
        return dict(self.client.post("/kiosk/check-in", json=said).get_json())

    def visit(self, ticket: str) -> str:
        return next(one.id for one in self.desk.line.visits.values() if one.ticket == ticket)

    def tickets(self) -> list[str]:
        return [visit.ticket for visit in self.desk.line.visits.values()]

    def alarms(self) -> list[str]:
        return [one.kind for one in self.upkeep.alarms()]

    def bytes_of_backups(self) -> bytes:
        return b"".join(one.read_bytes() for one in self.folder.glob("backups/*"))

    def restore(self, source: Path) -> str:
        """`make restore` in another program, while the jobs of this one go on."""
        said: list[str] = []

        def command() -> None:
            try:
                said.append(restore(self.folder, source))
            except CannotRestore as why:
                said.append(f"refused: {why}")

        other = threading.Thread(target=command)
        other.start()
        while other.is_alive():
            self.safety.look()
            other.join(0.01)
        return said[0]


@pytest.fixture
def here(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Here:
    return Here(app, monkeypatch)


def test_a_backup_is_made_at_the_start_and_each_hour(here: Here) -> None:
    here.jobs()
    assert [one.at for one in found(here.folder)] == [NOON]

    here.pass_by(minutes=59)
    here.jobs()
    assert len(found(here.folder)) == 1
    here.pass_by(minutes=1)
    here.jobs()
    assert [one.at for one in found(here.folder)] == [NOON + timedelta(hours=1), NOON]
    assert here.alarms() == []


def test_a_start_soon_after_a_backup_makes_none(here: Here) -> None:
    here.jobs()
    here.pass_by(minutes=10)

    again = Safety(here.desk, here.upkeep, here.app.extensions["live"])
    again.keep()

    assert len(found(here.folder)) == 1
    here.pass_by(minutes=60)
    again.keep()
    assert len(found(here.folder)) == 2


def test_backups_go_by_the_schedule(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "HOURLY", 4)
    for _ in range(14):
        here.jobs()
        here.pass_by(hours=1)

    kept = [(one.at - NOON) / timedelta(hours=1) for one in found(here.folder)]
    assert kept == [13, 12, 11, 10, 0]  # the first of the day before too


@pytest.mark.parametrize("jump", [timedelta(days=-20000), timedelta(days=1), timedelta(days=4000)])
def test_a_clock_that_jumps_takes_no_backup_away_and_keeps_none_from_being_made(here: Here, jump: timedelta) -> None:
    for _ in range(3):
        here.jobs()
        here.pass_by(hours=1)
    before = found(here.folder)

    here.time += jump
    here.jobs()
    here.time -= jump
    here.pass_by(hours=1)
    here.jobs()

    after = found(here.folder)
    assert set(before) < set(after)
    assert len(after) == len(before) + 2
    assert here.alarms() == []


def test_names_leave_a_backup_when_they_are_kept_no_longer(here: Here) -> None:
    here.somebody_comes(CANARY)
    here.jobs()
    assert CANARY.encode() in here.bytes_of_backups()

    here.pass_by(hours=23)
    with here.desk.store.write() as db:
        db.execute("delete from person")
    here.jobs()
    assert CANARY.encode() in here.bytes_of_backups()
    here.pass_by(hours=1)
    here.jobs()

    assert CANARY.encode() not in here.bytes_of_backups()
    assert earlier.look(found(here.folder)[-1].path).waiting == 1  # who goes on by number


def test_a_name_that_is_erased_by_hand_is_in_no_backup_a_second_later(here: Here) -> None:
    ticket = here.somebody_comes(CANARY)["ticket"]
    here.somebody_comes("Another")
    here.jobs()
    here.pass_by(hours=1)
    here.jobs()
    with copies.reading(here.folder / "kindline.db") as source:
        copies.make(here.folder, source, here.time, f"{BEFORE}5-")
    assert CANARY.encode() in here.bytes_of_backups()

    here.desk.erase([here.visit(ticket)], by="desk")
    here.pass_by(seconds=1)
    here.safety.look()

    assert CANARY.encode() not in here.bytes_of_backups()
    newest, *older = found(here.folder)
    assert newest.at == here.time  # a fresh one, with everybody else's name
    assert names_anybody(newest.path)
    assert len(older) == 2
    assert not any(names_anybody(one.path) for one in older)


def takes_long(here: Here, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None] = lambda: None) -> None:
    """From now on it takes minutes until the names have left one copy."""
    strip = copies.strip

    def slow(path: Path) -> None:
        strip(path)
        here.pass_by(minutes=2)
        meanwhile()

    monkeypatch.setattr(copies, "strip", slow)


def test_names_leave_large_copies_one_after_the_other_and_staff_are_told_until_all_are_done(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = here.somebody_comes(CANARY)["ticket"]
    for _ in range(3):
        here.jobs()
        here.pass_by(hours=1)
    takes_long(here, monkeypatch)
    here.desk.erase([here.visit(ticket)], by="desk")
    named = []
    for _ in range(3):
        here.safety.look()
        named.append(sum(CANARY.encode() in one.path.read_bytes() for one in found(here.folder)))
        alarms = here.upkeep.alarms()
        assert [(one.kind, one.values["n"]) for one in alarms] == ([("names_going", named[-1])] if named[-1] else [])

    assert named == [2, 1, 0]
    assert len(found(here.folder)) == 4
    here.safety.look()
    assert len(found(here.folder)) == 4, "and no backup more than one is made for it"


def test_who_is_erased_while_another_s_copies_are_looked_through_leaves_all_of_them_too(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [here.somebody_comes(name)["ticket"] for name in (CANARY, "Other-9C1D")]
    for _ in range(2):
        here.jobs()
        here.pass_by(hours=1)
    takes_long(here, monkeypatch)
    for ticket in tickets:
        here.desk.erase([here.visit(ticket)], by="desk")
        here.safety.look()
    for _ in range(4):
        here.safety.look()

    assert not any(name in here.bytes_of_backups() for name in (CANARY.encode(), b"Other-9C1D"))
    assert here.alarms() == []


def test_who_erases_again_and_again_keeps_the_disk_from_no_other_work(here: Here) -> None:
    visits = [here.visit(here.somebody_comes(f"{CANARY} {n}")["ticket"]) for n in range(20)]
    here.somebody_comes("Another")
    here.jobs()
    made: list[datetime] = []
    for visit in visits:
        here.desk.erase([visit], by="desk")
        here.pass_by(seconds=2)
        here.safety.look()
        made.append(found(here.folder)[0].at)
    assert len(set(made)) == 1, "one backup for all of them within a minute"
    assert CANARY.encode() not in here.bytes_of_backups()

    here.pass_by(minutes=1)
    here.jobs()
    assert names_anybody(found(here.folder)[0].path), "and then one with everybody else's name"


def test_a_copy_that_had_its_time_while_others_were_looked_through_is_no_trouble(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = here.somebody_comes(CANARY)["ticket"]
    for _ in range(2):
        here.jobs()
        here.pass_by(hours=1)
    takes_long(here, monkeypatch, lambda: found(here.folder)[-1].path.unlink())
    here.desk.erase([here.visit(ticket)], by="desk")
    here.safety.look()
    here.safety.look()

    assert here.alarms() == []


def test_an_erasure_just_before_a_power_cut_is_made_good_by_the_next_start(here: Here) -> None:
    ticket = here.somebody_comes(CANARY)["ticket"]
    here.jobs()
    here.desk.erase([here.visit(ticket)], by="desk")

    Safety(here.desk, here.upkeep, here.app.extensions["live"]).keep()

    assert CANARY.encode() not in here.bytes_of_backups()


def test_a_file_that_a_restore_replaced_loses_its_names_too(here: Here) -> None:
    here.jobs()
    here.somebody_comes(CANARY)
    here.restore(found(here.folder)[0].path)
    replaced = next(here.folder.glob("kindline-replaced-*.db"))
    assert CANARY.encode() in replaced.read_bytes()

    here.pass_by(hours=24)
    here.jobs()

    assert CANARY.encode() not in replaced.read_bytes()
    assert here.alarms() == []


def test_names_that_cannot_be_taken_out_of_a_file_are_an_alarm(here: Here) -> None:
    (here.folder / "kindline-replaced-20261123T110000Z.db").write_bytes(b"not a database" * 100)

    here.jobs()
    assert here.alarms() == []  # it may still hold them
    here.pass_by(hours=24)
    here.jobs()

    (alarm,) = here.upkeep.alarms()
    assert (alarm.kind, alarm.values["file"]) == ("names_kept", "kindline-replaced-20261123T110000Z.db")
    (here.folder / "kindline-replaced-20261123T110000Z.db").unlink()
    here.pass_by(hours=1)
    here.jobs()
    assert here.alarms() == []


def test_without_room_no_backup_is_made_and_staff_are_told_until_there_is(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.jobs()
    here.pass_by(hours=1)
    with monkeypatch.context() as patched:

        def full(*_args: Any) -> None:
            raise NoRoom

        patched.setattr(copies, "make_room", full)
        here.jobs()
        assert here.alarms() == ["no_room"]
        here.pass_by(hours=3)
        here.jobs()
        assert here.alarms() == ["no_room", "no_backup"]
        assert len(found(here.folder)) == 1

    here.pass_by(seconds=AGAIN)
    here.jobs()
    assert here.alarms() == []
    assert len(found(here.folder)) == 2


def test_a_clinic_that_has_just_begun_is_not_told_of_three_hours_without_a_backup(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise NoRoom

    monkeypatch.setattr(copies, "make_room", full)
    here.jobs()
    here.pass_by(hours=2)
    here.jobs()
    assert here.alarms() == ["no_room"]

    here.pass_by(hours=1)
    here.jobs()
    assert here.alarms() == ["no_room", "no_backup"]


def test_damage_that_is_met_at_work_is_told_once_with_the_backup_to_go_back_to(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.jobs()
    (good,) = found(here.folder)
    looked: list[Path] = []
    newest = copies.newest_good
    monkeypatch.setattr(copies, "newest_good", lambda *args: looked.append(args[0]) or newest(*args))  # type: ignore[func-returns-value]  # None, so the backup
    here.desk.store.trouble = "damaged"
    for _ in range(3):
        here.safety.look()

    assert [(one.kind, dict(one.values)) for one in here.upkeep.alarms()] == [("not_whole", {"backup": good.path.name})]
    assert len(looked) == 1


def test_a_large_file_is_looked_through_right_after_the_start(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(safekeeping, "_check", looked.append)
    monkeypatch.setattr("clinic.opening.AT_ONCE", 0)
    monkeypatch.setattr("clinic.opening.WAL_FIXED", (0,))
    again = Safety(here.desk, here.upkeep, here.app.extensions["live"])

    again.check()
    again.check()

    assert looked == [here.folder]


def test_a_backup_that_fails_is_tried_again_and_told_after_three_hours(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.jobs()

    def fails(*_args: Any) -> None:
        raise OSError("the disk is away")

    monkeypatch.setattr(copies, "copy", fails)
    here.pass_by(seconds=EVERY)
    here.jobs()
    assert here.alarms() == []
    here.pass_by(hours=2)
    here.jobs()
    assert here.alarms() == ["no_backup"]


def test_data_that_are_found_damaged_at_night_are_an_alarm_that_names_the_newest_good_backup(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.jobs()
    (good,) = found(here.folder)
    looked: list[str] = []

    def damaged(_source: Any) -> None:
        looked.append("looked")
        raise copies.Damaged("page 7")

    with monkeypatch.context() as patched:
        patched.setattr(safekeeping, "_check", lambda folder: damaged(folder))
        here.time = NOON.replace(day=24, hour=3)
        here.safety.check()
        assert looked == []  # the start did it
        here.seconds += NIGHTLY
        here.safety.check()
        assert looked == ["looked"]
        here.safety.check()
        assert looked == ["looked"]

    assert [(one.kind, dict(one.values)) for one in here.upkeep.alarms()] == [("not_whole", {"backup": good.path.name})]


def test_data_are_looked_through_in_the_night_or_else_before_two_days_are_over(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[datetime] = []
    monkeypatch.setattr(safekeeping, "_check", lambda _folder: looked.append(here.time))
    here.seconds += NIGHTLY + 60
    here.safety.check()
    assert looked == []  # it is noon
    here.seconds += LATEST - NIGHTLY
    here.safety.check()
    assert looked == [here.time]


def test_without_a_good_backup_the_alarm_says_so(here: Here) -> None:
    here.safety._tell_of_damage()

    assert here.alarms() == ["not_whole_alone"]


def test_every_alarm_of_ours_has_its_sentence_on_the_console(here: Here) -> None:
    here.jobs()
    kinds = ("not_whole", "not_whole_alone", "no_backup", "no_room", "names_kept", "names_going")
    for kind in kinds:
        here.upkeep.alarm(kind, backup="20261123T120000Z.db", file="a.db", n=3)

    page = here.client.get("/staff").get_data(as_text=True)

    assert all(f'id="alarm-{kind}"' in page for kind in kinds)
    assert set(kinds) <= set(ALARMS)
    assert "The newest good backup is 20261123T120000Z.db." in page


def test_a_running_clinic_goes_back_and_everything_shows_the_restored_state(here: Here) -> None:
    assert here.somebody_comes("Ann")["ticket"] == "A 01"
    here.jobs()
    late = [here.somebody_comes(CANARY) for _ in range(3)]
    assert here.tickets() == ["A 01", "A 02", "A 03", "A 04"]

    said = here.restore(found(here.folder)[0].path)

    assert said.startswith("Done. Kindline goes on with that state, and every screen shows it.")
    assert here.tickets() == ["A 01"]
    assert CANARY not in here.client.get("/staff").get_data(as_text=True)
    assert here.client.get(late[0]["url"].partition("127.0.0.1:8000")[2]).status_code == 404
    assert here.somebody_comes()["ticket"] == "A 05"
    assert [path.name for path in here.folder.glob("kindline-re*") if "replaced" not in path.name] == []


def test_a_page_of_before_the_restore_can_change_nothing(here: Here) -> None:
    here.somebody_comes("Ann")
    here.jobs()
    old = here.client.get("/kiosk").get_data(as_text=True).partition('data-edition="')[2].partition(".")[0]
    assert old == ""
    here.restore(found(here.folder)[0].path)
    new = here.client.get("/kiosk").get_data(as_text=True).partition('data-edition="')[2].partition(".")[0]
    assert new == here.desk.life != ""
    seq = here.desk.line.seq

    def call(life: str) -> tuple[int, str]:
        said = {"room": "room-1", "request": f"call in {life}"}
        answer = here.client.post("/staff/call-next", json=said, headers={"Kindline-Life": life})
        return answer.status_code, answer.get_json().get("code", "")

    assert call(old) == (409, "restored")
    assert here.desk.line.seq == seq
    assert call(new)[0] == 200
    assert here.desk.line.seq > seq


def test_the_restore_is_the_first_new_row_of_the_restored_audit(here: Here) -> None:
    audit = here.app.extensions["doors"].audit
    with here.app.test_request_context():
        audit.write(Who("192.0.2.1"), "door signed-in")
        here.jobs()
        audit.write(Who("192.0.2.1"), "door signed-out")

    here.restore(found(here.folder)[0].path)

    rows = audit.every(Search())
    assert [row.what for row in rows] == ["door restored", "door signed-in"]
    assert audit.prove(Proof()).broken is None
    assert here.desk.restored() == ""


def test_screens_are_parted_so_that_they_come_back_to_the_restored_state(here: Here) -> None:
    here.jobs()
    socketio = here.app.extensions["socketio"]
    watcher = socketio.test_client(here.app, flask_test_client=here.client)
    parted: list[str] = []
    live = here.app.extensions["live"]
    live.part = lambda: parted.append("parted")

    here.restore(found(here.folder)[0].path)

    assert parted == ["parted"]
    watcher.disconnect()


def test_screens_are_parted_also_where_nothing_more_can_be_written(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    here.jobs()
    parted: list[str] = []
    here.app.extensions["live"].part = lambda: parted.append("parted")
    (here.folder / copies.WANTED).write_bytes(found(here.folder)[0].path.read_bytes())

    def full(path: Path, _text: str) -> int:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("safety.Path.write_text", full)
    with pytest.raises(OSError, match="No space"):
        here.safety.look()

    assert parted == ["parted"]


def test_a_copy_that_was_left_for_a_clinic_that_did_not_run_is_not_taken_in_at_the_next_start(here: Here) -> None:
    here.jobs()
    here.somebody_comes()
    (here.folder / copies.WANTED).write_bytes(found(here.folder)[0].path.read_bytes())

    again = Safety(here.desk, here.upkeep, here.app.extensions["live"])
    again.look()

    assert here.tickets() == ["A 01"]


def test_a_restore_that_cannot_be_done_is_told_and_the_clinic_goes_on(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.somebody_comes()
    here.jobs()
    here.somebody_comes()

    def fails(*_args: Any) -> None:
        raise OSError("no link can be made here")

    with monkeypatch.context() as patched:
        patched.setattr(copies, "exchange", fails)
        said = here.restore(found(here.folder)[0].path)

    assert said == "refused: Kindline could not do it (no link can be made here), and goes on as before."
    assert here.tickets() == ["A 01", "A 02"]
    assert here.somebody_comes()["ticket"] == "A 03"


def test_pages_of_the_demo_need_no_life_of_their_own(client: FlaskClient) -> None:
    said = {"service": "doctor", "request": "a program sends no life"}

    assert client.post("/kiosk/check-in", json=said).status_code == 201
