"""What a clinic that is put back gives nobody back: a session that ended, a right that was taken away."""

from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic import copies
from clinic.copies import DATABASE, WANTED
from clinic.desk import Desk
from clinic.restore import restore
from doors.cookies import SESSION
from tests.doors.house import PASSWORD, House

OTHER = "nine loud otters sleep"


class Past:
    """A state of the house, and the way back to it."""

    def __init__(self, house: House):
        self.house = house
        self.desk: Desk = house.app.extensions["desk"]
        with copies.reading(self.desk.store.folder / DATABASE) as source:
            self.backup = copies.make(self.desk.store.folder, source, house.time).path

    def comes_back(self) -> None:
        wanted = self.desk.store.folder / WANTED
        wanted.write_bytes(self.backup.read_bytes())
        self.desk.begin_another_life()
        self.desk.restore(wanted, self.house.time)


def test_everybody_signs_in_anew(house: House) -> None:
    nurse = house.add("reception")
    went, stays = house.client(), house.client()
    house.signs_in(nurse, went)
    house.signs_in(nurse, stays)
    past = Past(house)
    cookie = went.get_cookie(SESSION)
    assert cookie
    went.post("/logout")
    past.comes_back()

    went.set_cookie(SESSION, cookie.value)
    assert [one.get("/staff").status_code for one in (went, stays)] == [303, 303]
    assert house.signs_in(nurse, stays).status_code == 303
    assert stays.get("/staff").status_code == 200


def test_a_link_that_was_used_does_not_work_once_more(house: House) -> None:
    new = house.doors.accounts.add("newcomer", "New Comer", "reception")
    link = house.doors.accounts.invite(new.id)
    past = Past(house)
    house.doors.accounts.accept(link, PASSWORD, "", "", "")
    past.comes_back()

    assert house.client().get(f"/first/{link}").status_code == 404


def test_a_clinic_that_goes_back_to_before_its_first_manager_is_opened_by_the_link_of_its_start(
    house: House,
) -> None:
    with house.app.extensions["desk"].store.write() as db:
        db.execute("delete from account")
    link = str(house.doors.first_link()).rpartition("/")[2]
    past = Past(house)
    house.doors.accounts.accept(link, PASSWORD, "owner", "Olga Owner", "")
    assert house.client().get(f"/first/{link}").status_code == 404
    past.comes_back()

    assert house.client().get(f"/first/{link}").status_code == 200


def test_screens_that_were_paired_go_on(house: House) -> None:
    tablet, tv = house.as_role("tablet"), house.as_role("tv")
    past = Past(house)
    past.comes_back()

    assert [tablet.get("/kiosk").status_code, tv.get("/display").status_code] == [200, 200]


def test_a_screen_that_was_taken_away_stays_away(house: House) -> None:
    client = house.client()
    tablet = house.pairs(client, "tablet")
    past = Past(house)
    house.doors.devices.end(tablet.id)
    past.comes_back()

    assert client.get("/kiosk").status_code == 403
    assert [one.ended for one in house.doors.devices.everyone() if one.id == tablet.id] == [house.time]


def test_who_was_let_go_stays_out_and_who_has_other_rights_or_another_password_keeps_them(house: House) -> None:
    gone, less, safe = house.add("manager"), house.add("manager"), house.add("clinician")
    past = Past(house)
    house.doors.accounts.end(gone.id)
    house.doors.accounts.change(less.id, less.name, "reception")
    house.doors.accounts.set_password(safe.id, OTHER, "")
    past.comes_back()

    assert house.signs_in(gone).status_code == 401
    assert house.signs_in(less).status_code == 303
    after = house.doors.accounts.find(less.id)
    assert after
    assert after.role == "reception"
    assert house.signs_in(safe).status_code == 401
    assert house.signs_in(safe, password=OTHER).status_code == 303


def test_it_is_the_same_where_kindline_is_stopped(house: House) -> None:
    tablet = house.pairs(house.client(), "tablet")
    gone = house.add("reception")
    house.signs_in(gone)
    past = Past(house)
    house.doors.devices.end(tablet.id)
    house.doors.accounts.end(gone.id)
    past.desk.close()

    said = restore(past.desk.store.folder, past.backup)

    assert "Whoever was signed in signs in anew." in said
    assert _kept(past.desk.store.folder) == (0, 0, 1, 1)


def _kept(folder: Path) -> tuple[int, ...]:
    """Sessions, links for people, screens taken away, accounts that ended."""
    with copies.reading(folder / DATABASE) as db:
        counts = ("session", "invitation", "device where ended is not null", "account where ended is not null")
        return tuple(db.execute(f"select count(*) from {one}").fetchone()[0] for one in counts)


def test_a_file_that_cannot_be_read_keeps_nobody_from_going_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    past = Past(house)

    old, asked = past.desk.store.db, []

    def has_doors(db: Database) -> bool:
        asked.append(db)
        if db is old:
            raise sqlite3.DatabaseError("database disk image is malformed")
        return True

    monkeypatch.setattr("clinic.rights._has_doors", has_doors)
    past.comes_back()

    assert house.signs_in(house.owner).status_code == 303
    assert asked[0] is old
