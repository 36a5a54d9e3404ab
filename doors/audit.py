"""The audit: who saw a name, who changed what, when, from which device. Rows are only added, each sealed with the one
before by a key beside the database, so that a row changed, taken out or cut off at the end shows.

`python -m doors.audit` proves the chain, or names the first row that breaks it. It keeps no name of a patient: a visit
is its id, a member of staff their account.
"""

import hmac
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from clinic.register import Links
from clinic.shell import data_folder
from clinic.store import Store, StoreError, look_into
from doors.who import Who

ABOUT_LENGTH = 4000
BATCH = 5000


@dataclass(frozen=True)
class Row:
    """One line of the audit. `account` and `device` are ids or empty; `what` and `about` are plain words of ours."""

    seq: int
    at: str
    account: str
    device: str
    address: str
    what: str
    about: str
    seal: str


@dataclass(frozen=True)
class Proof:
    """What came of a look at the whole chain: how many rows are sound, and the first that is not with why."""

    sound: int
    broken: int | None = None
    why: str = ""


class Audit:
    """The audit of one clinic. `now` is the real time."""

    def __init__(self, store: Store, links: Links, now: Callable[[], datetime]):
        self._store, self._now, self._key = store, now, links.key_for("audit")

    def write(self, who: Who, what: str, about: Iterable[str] = ()) -> None:
        """Add one row; it is on disk when this returns. Raises Unavailable, and then nothing may happen either."""
        text = " ".join(about)[:ABOUT_LENGTH]
        account, device = (who.account.id if who.account else ""), (who.device.id if who.device else "")
        with self._store.write() as db:
            last = db.execute("select seq, seal from audit order by seq desc limit 1").fetchone() or (0, "")
            fields = (last[0] + 1, self._now().isoformat(), account, device, who.address, what, text)
            seal = _seal(self._key, last[1], fields)
            db.execute("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?)", [*fields, seal])
            # The end is sealed as well: otherwise the last rows could be cut off without a trace.
            head = _seal(self._key, "the end", (*fields, seal))
            kept = "on conflict (name) do update set value = excluded.value"
            db.execute(f"insert into setting values ('audit_end', ?) {kept}", [head])  # noqa: S608 - a fixed text

    def rows(self, *, account: str = "", about: str = "", day: str = "", before: int | None = None,
             limit: int | None = 200) -> list[Row]:  # fmt: skip
        """The newest rows first: of this account, about this visit or thing, of this day (UTC), before this number."""
        where = """(? = '' or account = ?) and (? = '' or instr(about, ?) or instr(what, ?))
            and (? = '' or substr(at, 1, 10) = ?) and (? is null or seq < ?)"""
        values = [account, account, about, about, about, day, day, before, before, -1 if limit is None else limit]
        with self._store.read() as db:
            query = f"select * from audit where {where} order by seq desc limit ?"  # noqa: S608 - a fixed text
            return [Row(*row) for row in db.execute(query, values)]

    def prove(self) -> Proof:
        """Look at every row."""
        with self._store.read() as db:
            return _prove(db, self._key)


def _seal(key: bytes, before: str, fields: tuple[object, ...]) -> str:
    return hmac.new(key, json.dumps([before, *fields]).encode(), "sha256").hexdigest()


def _prove(db: Database, key: bytes) -> Proof:
    before, seq, fields = "", 0, None
    while rows := db.execute("select * from audit where seq > ? order by seq limit ?", [seq, BATCH]).fetchall():
        for row in rows:
            if row[0] != seq + 1:
                return Proof(seq, seq + 1, "it is gone")
            if not hmac.compare_digest(_seal(key, before, tuple(row[:-1])), row[-1]):
                return Proof(seq, row[0], "it was changed")
            seq, before, fields = row[0], row[-1], tuple(row)
    end = db.execute("select value from setting where name = 'audit_end'").fetchone()
    if (end is None) != (fields is None):
        return Proof(seq, seq + 1, "the end is gone")
    if fields and not hmac.compare_digest(_seal(key, "the end", fields), end[0]):
        return Proof(seq, seq + 1, "the end is gone")
    return Proof(seq)


def main() -> int:
    """Prove the chain of the clinic in KINDLINE_DATA, also while it runs. 0: sound, 1: broken, 2: nothing to prove."""
    folder = data_folder()
    try:
        with look_into(folder) as db:
            found = _prove(db, Links(folder).key_for("audit"))
    except StoreError as problem:
        print(problem, file=sys.stderr)
        return 2
    if found.broken is not None:
        print(f"BROKEN at row {found.broken}: {found.why}. The {found.sound} rows before it are sound.")
        return 1
    print(f"Sound: {found.sound} rows, each as it was written, and none is missing.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
