"""The audit: who saw a name, who changed what, when, from which device. Rows are only added; old ones are forgotten.

It keeps no name of a patient: a visit is its id, a member of staff their account. `what` is a kind and a thing of
`deeds.py`; `about` is what `about.py` lets through. `python -m doors.audit` proves the chain, or names the first row
that breaks it.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinic.opening import StoreError
from clinic.register import KEY_FILE, Links
from clinic.shell import data_folder
from clinic.store import Store, look_into
from clinic.years import old
from doors.chain import END, START, Proof, beginning, end_seal, go_on, seal, start_seal
from doors.who import Who

ABOUT_LENGTH = 4000
"""Characters of `about` in one row; what is longer goes on in the next row."""

SPAN = 10_000
"""Rows that are searched at once: meanwhile nobody can write."""

PATIENCE = 0.15
"""Seconds that one search may take; then who asks is told how far it came, and can go on from there."""

ALL = 2**62
"""More rows than there ever are."""

CUT = "delete from audit where seq <= ?"
"""The database lets it cut off only what is not after the beginning that the same transaction keeps."""

PART = 500
"""Rows that are cut off at once at most."""

STEP, MARKS = 100, 1000
"""To find what is old, a row in so many is looked at, or so many in all where that are fewer."""


@dataclass(frozen=True)
class Row:
    """One line of the audit. `account` and `device` are ids or empty; `at` is in UTC."""

    seq: int
    at: str
    account: str
    device: str
    address: str
    what: str
    about: str
    seal: str


@dataclass(frozen=True)
class Search:
    """Which rows are looked for; what is left empty is not asked. `since` and `until` are times in UTC, as in a row."""

    account: str = ""
    device: str = ""
    about: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Found:
    """The newest rows first, and the number before which the search goes on; None where it came to the beginning."""

    rows: list[Row]
    before: int | None


class Audit:
    """The audit of one clinic. `now` is the real time, which may be set: rows go by their number, and not by it."""

    def __init__(self, store: Store, links: Links, now: Callable[[], datetime]):
        self._store, self._now, self._key = store, now, links.key_for("audit")

    def write(self, who: Who, what: str, about: Iterable[str] = ()) -> int:
        """Add a row, on disk when this returns; its number. Raises Unavailable, and then nothing may happen either."""
        with self._store.write() as db:
            return self._add(db, who, what, about)

    def _add(self, db: Any, who: Who, what: str, about: Iterable[str]) -> int:
        account, device = (who.account.id if who.account else ""), (who.device.id if who.device else "")
        last = db.execute("select seq, seal from audit order by seq desc limit 1").fetchone() or (0, "")
        for text in _lines(about):
            fields = (last[0] + 1, self._now().isoformat(), account, device, who.address, what, text)
            row = (*fields, seal(self._key, last[1], fields))
            db.execute("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?)", row)
            last = (row[0], row[-1])
        # The end is sealed as well: otherwise the last rows could be cut off without a trace.
        _keep(db, END, end_seal(self._key, row))
        return int(row[0])

    def look(self, search: Search, before: int | None = None, limit: int = 200) -> Found:
        """So many of the rows that fit, before this number, as far as a search comes that keeps nobody waiting."""
        where, values = _where(search)
        # A day is found by its date; whatever else is looked for needs a look at each row.
        by_date = search.since and search.until
        span, found_by = (ALL, "indexed by audit_day") if by_date else (SPAN, "")
        with self._store.read() as db:
            first, last = _ends(db)
        end = min(last + 1, before or last + 1)
        found: list[Row] = []
        enough = time.monotonic() + PATIENCE
        while end > first and len(found) < limit and time.monotonic() < enough:
            query = f"select * from audit {found_by} where seq >= ? and seq < ? {where} order by seq desc limit ?"  # noqa: S608 - fixed texts
            with self._store.read() as db:
                part = db.execute(query, [end - span, end, *values, limit - len(found)]).fetchall()
            found += [Row(*row) for row in part]
            end = found[-1].seq if len(found) == limit else end - span
            time.sleep(0)  # others are answered
        return Found(found, end if end > first else None)

    def every(self, search: Search, page: int = 1000) -> Iterator[Row]:
        """All rows that fit, the newest first, a few at a time, so that who reads keeps nobody from writing."""
        before: int | None = None
        while True:
            found = self.look(search, before, page)
            yield from found.rows
            before = found.before
            if before is None:
                return

    def old_rows(self, kept: timedelta) -> int:
        """The number of the last row up to which all are older than `kept`, found by some of them; 0 where none is."""
        with self._store.read() as db:
            first, last = _ends(db)
            step = max(STEP, (last - first) // MARKS)
            looked_at = range(first + step - 1, last + 1, step)
            marks = db.execute(
                "select seq, at from audit where seq in (select value from json_each(?)) order by seq",
                [json.dumps(list(looked_at))],
            ).fetchall()
        return old([(seq, datetime.fromisoformat(at)) for seq, at in marks], self._now(), kept)

    def forget(self, until: int) -> int:
        """Cut off some of the oldest rows, none after number `until`, and write that down. How many went.

        The row that says so and the cut are one transaction. Raises Unavailable.
        """
        with self._store.write() as db:
            kept = db.execute("select value from setting where name = ?", [START]).fetchone()
            begins = beginning(self._key, kept and kept[0])
            if begins is None:
                return 0  # somebody changed what is kept of the beginning: that must stay to be seen
            last = db.execute("select seq, seal from audit where seq = ?", [min(until, begins[0] + PART)]).fetchone()
            if last is None or last[0] <= begins[0]:
                return 0
            self._add(db, Who(""), "door forgot", [f"row={last[0]}"])
            _keep(db, START, start_seal(self._key, *last))
            return int(db.execute(CUT, [last[0]]).rowcount)

    def prove(self, proof: Proof) -> Proof:
        """Look at some more rows than this proof has."""
        with self._store.read() as db:
            return go_on(db, self._key, proof)


def _ends(db: Any) -> tuple[int, int]:
    """The numbers of the first and of the last row; 1 and 0 where there is none."""
    # Each by itself: only then is none of the rows between looked at.
    (first,) = db.execute("select coalesce(min(seq), 1) from audit").fetchone()
    (last,) = db.execute("select coalesce(max(seq), 0) from audit").fetchone()
    return first, last


def _keep(db: Any, name: str, value: str) -> None:
    db.execute("insert into setting values (?, ?) on conflict do update set value = excluded.value", [name, value])


def _lines(about: Iterable[str]) -> list[str]:
    """These words as texts that fit into a row each: nobody who was seen is left out."""
    lines = [""]
    for word in about:
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= ABOUT_LENGTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _where(search: Search) -> tuple[str, list[str]]:
    """The search as fixed texts of SQL and the values bound to them."""
    asked = {
        "account = ?": search.account,
        "device = ?": search.device,
        "instr(about, ?)": search.about,
        "substr(what, 1, instr(what, ' ') - 1) = ?": search.kind,
        "at >= ?": search.since,
        "at < ?": search.until,
    }
    if search.since and search.until:
        asked |= {"substr(at, 1, 10) >= ?": search.since[:10], "substr(at, 1, 10) <= ?": search.until[:10]}
    wanted = {text: value for text, value in asked.items() if value}
    return "".join(f" and {text}" for text in wanted), list(wanted.values())


def main() -> int:
    """Prove the chain of the clinic in KINDLINE_DATA, also while it runs. 0: sound, 1: broken, 2: nothing to prove."""
    folder, proof = data_folder(), Proof()
    try:
        with look_into(folder) as db:
            if not (folder / KEY_FILE).is_file():
                raise StoreError(f"{folder / KEY_FILE} is gone, and with it what the rows were sealed with.")
            key = Links(folder).key_for("audit")
            while not proof.done:
                proof = go_on(db, key, proof)
    except StoreError as problem:
        print(problem, file=sys.stderr)
        return 2
    if proof.broken is not None:
        print(f"BROKEN at row {proof.broken}: {proof.why}. The {proof.sound} rows before it are sound.")
        return 1
    begins = f" They begin with row {proof.cut + 1}: what is older was forgotten." if proof.cut else ""
    print(f"Sound: {proof.sound} rows, each as it was written, and none is missing.{begins}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
