"""The plain, erasable tables: the set-up, bookings, people's names, the secrets of their links, the answers given.

What identifies a person is here and nowhere else, keyed by visit.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from clinic.appointments import Booking
from clinic.needs import Needs
from clinic.setup import Setup, from_dict, to_dict

CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8
INVITATION_LENGTH = 10
KEY_FILE, KEY_LENGTH = "kindline.key", 32


@dataclass(frozen=True, slots=True)
class Identified:
    """A booking of which it is known whose it is. person: as in `Booking`."""

    visit: str
    day: str
    person: str


def load_setup(db: Database) -> Setup | None:
    """The clinic as set up, or None before the first visit."""
    row = db.execute("select value from setting where name = 'setup'").fetchone()
    return from_dict(json.loads(row[0])) if row else None


def save_setup(db: Database, setup: Setup) -> None:
    """Keep this set-up in place of the old one."""
    value = json.dumps(to_dict(setup))
    db.execute("insert into setting values ('setup', ?) on conflict do update set value = excluded.value", [value])


def load_learned(db: Database) -> tuple[int, str] | None:
    """What the estimate had learned, and from the facts up to which number."""
    row = db.execute("select value from setting where name = 'learned'").fetchone()
    if row is None:
        return None
    seq, _, text = row[0].partition("\n")
    return int(seq), text


def save_learned(db: Database, seq: int, text: str) -> None:
    """Keep what the estimate has learned from the facts up to this one."""
    value = f"{seq}\n{text}"
    db.execute("insert into setting values ('learned', ?) on conflict do update set value = excluded.value", [value])


def life(db: Database) -> str:
    """Which life of the clinic this is: another one each time it was put back to an earlier state."""
    return _setting(db, "life")


def erasures(db: Database) -> int:
    """How often anybody was erased by hand: a backup that knows of fewer is from before."""
    return int(_setting(db, "erasures") or 0)


def restored(db: Database) -> str:
    """When the clinic was put back, for as long as that is not in the audit; empty otherwise."""
    return _setting(db, "restored")


def save_restored(db: Database, at: datetime, life: str, erasures: int) -> None:
    """This is another life from now on, which knows of so many erasures and has yet to write down that it began."""
    for name, value in (("restored", at.isoformat()), ("life", life), ("erasures", str(erasures))):
        _set(db, name, value)


def forget_restored(db: Database) -> None:
    """It is in the audit now."""
    db.execute("delete from setting where name = 'restored'")


def count_erasure(db: Database) -> int:
    """Somebody is erased by hand; how often that was by now."""
    count = erasures(db) + 1
    _set(db, "erasures", str(count))
    return count


def _setting(db: Database, name: str) -> str:
    row = db.execute("select value from setting where name = ?", [name]).fetchone()
    return str(row[0]) if row else ""


def _set(db: Database, name: str, value: str) -> None:
    changed = "on conflict do update set value = excluded.value"
    db.execute(f"insert into setting values (?, ?) {changed}", [name, value])  # noqa: S608 - a fixed text


def save_name(db: Database, visit: str, name: str) -> None:
    """Keep the name of this visit's person."""
    if name:
        db.execute("insert into person values (?, ?) on conflict do update set name = excluded.name", [visit, name])


def names(db: Database, visits: Iterable[str]) -> dict[str, str]:
    """The names known for these visits."""
    wanted = set(visits)
    if not wanted:
        return {}
    rows = db.execute("select visit, name from person where visit in (select value from json_each(?))",
                      [json.dumps(sorted(wanted))])  # fmt: skip
    return dict(rows)


def save_needs(db: Database, visit: str, needs: Needs) -> None:
    """Keep what may help this visit's person, in place of what was kept."""
    if needs == Needs():
        db.execute("delete from need where visit = ?", [visit])
    else:
        row = [visit, " ".join(needs.flags), needs.spoken]
        db.execute("insert or replace into need (visit, flags, spoken) values (?, ?, ?)", row)


def needs(db: Database, visits: Iterable[str]) -> dict[str, Needs]:
    """What may help these visits' people, as far as anybody said."""
    wanted = json.dumps(sorted(set(visits)))
    rows = db.execute("select visit, flags, spoken from need where visit in (select value from json_each(?))", [wanted])
    return {visit: Needs(tuple(flags.split()), spoken) for visit, flags, spoken in rows}


def save_taker(db: Database, help: str, name: str) -> None:
    """Keep the first name of who goes to that call for help, or sees to that question."""
    if name:
        db.execute("insert or replace into taker (help, name) values (?, ?)", [help, name])


def takers(db: Database, helps: Iterable[str]) -> dict[str, str]:
    """The first names of who took these calls for help, as far as they said."""
    wanted = json.dumps(sorted(set(helps)))
    return dict(db.execute("select help, name from taker where help in (select value from json_each(?))", [wanted]))


def forget_takers(db: Database) -> None:
    """Keep nobody's name of who took a call for help."""
    db.execute("delete from taker")


def erase_takers(db: Database, helps: Collection[str]) -> None:
    """Keep nobody's name of who took these calls for help."""
    db.execute("delete from taker where help in (select value from json_each(?))", [json.dumps(sorted(helps))])


def taken(db: Database) -> set[str]:
    """The calls for help of which it is known who took them."""
    return {help for (help,) in db.execute("select help from taker")}


def named(db: Database) -> set[str]:
    """The visits whose person's name is kept."""
    return {visit for (visit,) in db.execute("select visit from person")}


def needing(db: Database) -> set[str]:
    """The visits of which it is kept what may help their person."""
    return {visit for (visit,) in db.execute("select visit from need")}


def erase_people(db: Database, names: Collection[str], needs: Collection[str]) -> None:
    """Keep neither the name of those visits' people nor what may help these."""
    db.execute("delete from person where visit in (select value from json_each(?))", [json.dumps(sorted(names))])
    db.execute("delete from need where visit in (select value from json_each(?))", [json.dumps(sorted(needs))])


def save_booking(db: Database, booking: Booking, day: str, code: str | None) -> None:
    """Keep this booking in place of what was kept of it. code: as it is typed.

    Where a list gives one code twice, it finds who had it first, unless that one is cancelled, past, or was this one.
    """
    hashed = hash_of(typed_code(code)) if code else None
    given_up = "update booking set code = null where code = ? and visit <> ? and (cancelled or day < ? or id = ?)"
    db.execute(given_up, [hashed, booking.visit, day, booking.id])
    taken = db.execute("select 1 from booking where code = ? and visit <> ?", [hashed, booking.visit]).fetchone()
    birthday = "{}-{}".format(*booking.birthday) if booking.birthday else ""
    db.execute(
        """insert or replace into booking (visit, id, day, start, service, minutes, room, clinician, place, name,
            birthday, year, letters, language, needs, person, cancelled, code)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            booking.visit, booking.id, day, booking.start.isoformat(), booking.service, booking.minutes, booking.room,
            booking.clinician, booking.place, booking.name, birthday, booking.year, booking.letters, booking.language,
            " ".join(booking.needs), booking.person, booking.cancelled, None if taken else hashed,
        ],
    )  # fmt: skip


def bookings_on(db: Database, day: str) -> list[Booking]:
    """All bookings of this day ("2026-11-24"), those cancelled or for another place too, in order of time."""
    return _bookings(db, "day = ? order by start, visit", [day])


def is_booked(db: Database, day: str) -> bool:
    """Whether any appointment is known for that day or later, those cancelled or for another place too."""
    return db.execute("select 1 from booking where day >= ? limit 1", [day]).fetchone() is not None


def booked_with(db: Database, clinician: str, day: str) -> bool:
    """Whether anybody is booked with this clinician on that day or later."""
    where = "clinician = ? and day >= ? and not cancelled and place = ''"
    return db.execute(f"select 1 from booking where {where} limit 1", [clinician, day]).fetchone() is not None  # noqa: S608 - a fixed text


def bookings_of(db: Database, ids: Iterable[str]) -> dict[str, list[Booking]]:
    """The bookings kept under each of these ids of another system."""
    found: dict[str, list[Booking]] = {}
    for one in _bookings(db, "id in (select value from json_each(?))", [json.dumps(sorted(ids))]):
        found.setdefault(one.id, []).append(one)
    return found


def bookings(db: Database, visits: Iterable[str]) -> list[Booking]:
    """What is kept of the bookings that became, or will be, these visits."""
    return _bookings(db, "visit in (select value from json_each(?))", [json.dumps(sorted(visits))])


def booking_of_code(db: Database, code: str) -> Booking | None:
    """Whose invitation carries this code, as typed: case and dashes do not matter."""
    found = _bookings(db, "code = ?", [hash_of(typed_code(code))])
    return found[0] if found else None


def invited(db: Database, codes: Mapping[str, str]) -> dict[str, str]:
    """Of these codes, by visit, those that find their booking: a list may have brought codes of its own."""
    hashes = json.dumps([hash_of(code) for code in codes.values()])
    rows = db.execute("select visit, code from booking where code in (select value from json_each(?))", [hashes])
    kept = dict(rows.fetchall())
    return {visit: code for visit, code in codes.items() if kept.get(visit) == hash_of(code)}


def has_code(db: Database, visit: str, code: str) -> bool:
    """Whether this code, as it is typed, is that of the booking."""
    kept = db.execute("select code from booking where visit = ?", [visit]).fetchone()
    return kept is not None and kept[0] == hash_of(typed_code(code))


def cancel_bookings(db: Database, visits: Iterable[str]) -> None:
    """Nobody is expected for these any more; their codes still say so."""
    db.execute("update booking set cancelled = 1 where visit in (select value from json_each(?))",
               [json.dumps(sorted(visits))])  # fmt: skip


def drop_booking(db: Database, visit: str) -> None:
    """Keep nothing of this booking."""
    db.execute("delete from booking where visit = ?", [visit])


def identified_bookings(db: Database, until: str) -> list[Identified]:
    """The bookings up to this day of which it is still known whose they are."""
    rows = db.execute("select visit, day, person from booking where day <= ? and id <> ''", [until])
    return [Identified(*row) for row in rows]


def erased_bookings(db: Database, visits: Collection[str]) -> set[str]:
    """Of these visits, those of whose booking it is not known any more whose it was."""
    chosen = "visit in (select value from json_each(?)) and id = ''"
    return {visit for (visit,) in db.execute(f"select visit from booking where {chosen}", [json.dumps(sorted(visits))])}  # noqa: S608 - a fixed text


def same_people(db: Database, visits: Collection[str]) -> set[str]:
    """All bookings of the people who have these bookings."""
    theirs = "select person from booking where visit in (select value from json_each(?))"
    rows = db.execute(f"select visit from booking where person in ({theirs})", [json.dumps(sorted(visits))])  # noqa: S608 - a fixed text
    return {visit for (visit,) in rows}


def erase_bookings(db: Database, visits: Collection[str]) -> None:
    """Keep nothing of these bookings' people, only which code was for when, to say so kindly.

    Each stays somebody's of their own: no two of them seem to be one person's.
    """
    db.execute(
        """update booking set name = '', birthday = '', year = '', letters = '', language = null, needs = '',
            person = visit, id = '' where visit in (select value from json_each(?))""",
        [json.dumps(sorted(visits))],
    )


def forget_codes(db: Database, before: str) -> None:
    """Keep nothing at all of bookings from before this day."""
    db.execute("delete from booking where day < ?", [before])


def typed_code(text: str) -> str:
    """A code as it counts: letters and digits, whatever was typed between them."""
    return "".join(c for c in text.upper() if c.isalnum())


def _bookings(db: Database, where: str, values: list[Any]) -> list[Booking]:
    names = [field.name for field in fields(Booking)]
    # Names and `where` are fixed texts of our own; every value is bound.
    rows = db.execute(f"select {', '.join(names)} from booking where {where}", values)  # noqa: S608 (see above)
    found = []
    for row in rows:
        kept = dict(zip(names, row, strict=True))
        day, _, month = kept["birthday"].partition("-")
        kept |= {
            "start": datetime.fromisoformat(kept["start"]), "birthday": (int(day), int(month)) if month else None,
            "needs": tuple(kept["needs"].split()), "cancelled": bool(kept["cancelled"]),
        }  # fmt: skip
        found.append(Booking(**kept))
    return found


def answered(db: Database, request: str) -> tuple[str, dict[str, Any]] | None:
    """The fingerprint and the answer of a request that was done before."""
    row = db.execute("select body, answer from answer where request = ?", [request]).fetchone()
    return (row[0], json.loads(row[1])) if row else None


def save_answer(db: Database, request: str, body: str, answer: dict[str, Any], at: datetime) -> None:
    """Remember what was answered, so that the same request again changes nothing."""
    db.execute("insert into answer values (?, ?, ?, ?)", [request, body, json.dumps(answer), at.isoformat()])


def forget_answers(db: Database, before: datetime) -> None:
    """Drop what was answered before this time."""
    db.execute("delete from answer where at < ?", [before.isoformat()])


class Links:
    """The patients' links. Secret and code follow from a key beside the database, so the table holds only hashes."""

    def __init__(self, folder: Path):
        path = folder / KEY_FILE
        # New, or cut short by a power cut before any link was given. One that is there may be all that can be read.
        if not path.exists() or path.stat().st_size < KEY_LENGTH:
            path.touch(mode=0o600)
            with path.open("wb") as file:
                file.write(secrets.token_bytes(KEY_LENGTH))
                file.flush()
                os.fsync(file.fileno())
        self._key = path.read_bytes()

    def secret(self, visit: str) -> str:
        """The 22 characters (128 bit) that open this visit's page on a phone."""
        digest = hmac.digest(self._key, b"secret " + visit.encode(), "sha256")
        return _base64(digest[:16])

    def companion(self, visit: str) -> str:
        """The 22 characters (128 bit) that open the narrower page for who came along: place and time, nothing else."""
        digest = hmac.digest(self._key, b"companion " + visit.encode(), "sha256")
        return _base64(digest[:16])

    def code(self, visit: str) -> str:
        """The 8 letters (34 bit) that open the same page when typed, for today only."""
        return _letters(hmac.digest(self._key, b"code " + visit.encode(), "sha256"), CODE_LENGTH)

    def visit(self, appointment: str, day: str) -> str:
        """The visit that this appointment of another system will be on that day: always the same one."""
        return hmac.new(self._key, f"visit {day} {appointment}".encode("utf-8", "replace"), "sha256").hexdigest()[:32]

    def invitation(self, appointment: str) -> str:
        """The 10 letters (43 bit) that find this appointment at the tablet, whatever day it is on or is moved to."""
        text = f"invitation {appointment}".encode("utf-8", "replace")
        return _letters(hmac.digest(self._key, text, "sha256"), INVITATION_LENGTH)

    def key_for(self, purpose: str) -> bytes:
        """A key of its own for signing what goes out and comes back."""
        return hmac.digest(self._key, b"key for " + purpose.encode(), "sha256")

    def fingerprint(self, text: str) -> str:
        """A digest that tells nothing about the text to who has only the database."""
        return hmac.new(self._key, b"asked " + text.encode("utf-8", "replace"), "sha256").hexdigest()

    def save(self, db: Database, visit: str) -> None:
        """Make this visit's link work. In the one case in a million that the code is taken, only the QR does."""
        code = hash_of(self.code(visit))
        taken = db.execute("select 1 from link where code = ?", [code]).fetchone()
        row = [hash_of(self.secret(visit)), None if taken else code, visit, hash_of(self.companion(visit))]
        # An appointment whose day was closed by mistake and opened again is checked in once more.
        again = "on conflict (visit) do update set code = excluded.code, companion = excluded.companion"
        db.execute(f"insert into link (secret, code, visit, companion) values (?, ?, ?, ?) {again}", row)  # noqa: S608 - a fixed text

    def end(self, db: Database) -> None:
        """Keep no link of earlier days: there is nothing any more that it could open."""
        db.execute("delete from link")

    def visit_of_secret(self, db: Database, secret: str) -> str | None:
        """Whose page this is."""
        row = db.execute("select visit from link where secret = ?", [hash_of(secret)]).fetchone()
        return row[0] if row else None

    def visit_of_companion(self, db: Database, secret: str) -> str | None:
        """Whose narrower page this is."""
        row = db.execute("select visit from link where companion = ?", [hash_of(secret)]).fetchone()
        return row[0] if row else None

    def visit_of_code(self, db: Database, code: str) -> str | None:
        """Whose code this is, as typed: case and dashes do not matter."""
        row = db.execute("select visit from link where code = ?", [hash_of(typed_code(code))]).fetchone()
        return row[0] if row else None


def _letters(digest: bytes, length: int) -> str:
    number = int.from_bytes(digest[:16])
    letters = []
    for _ in range(length):
        number, letter = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[letter])
    return "".join(letters)


def hash_of(text: str) -> str:
    """What is kept of a secret: enough to know it again, nothing to find it by."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
