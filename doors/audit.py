"""The audit: who saw a name, who changed what, when, from which device. Rows are only added.

It keeps no name of a patient: a visit is its id, a member of staff their account. `what` is a kind and a thing of
`deeds.py`; `about` is what `about.py` lets through. `python -m doors.audit` proves the chain, or names the first row
that breaks it.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from clinic.register import KEY_FILE, Links
from clinic.shell import data_folder
from clinic.store import Store, StoreError, look_into
from doors.chain import END, Proof, end_seal, go_on, seal
from doors.who import Who

ABOUT_LENGTH = 4000
"""Characters of `about` in one row; what is longer goes on in the next row."""

SPAN = 20_000
"""Rows that are searched at once: meanwhile nobody can write."""


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


class Audit:
    """The audit of one clinic. `now` is the real time."""

    def __init__(self, store: Store, links: Links, now: Callable[[], datetime]):
        self._store, self._now, self._key = store, now, links.key_for("audit")

    def write(self, who: Who, what: str, about: Iterable[str] = ()) -> int:
        """Add a row, on disk when this returns; its number. Raises Unavailable, and then nothing may happen either."""
        account, device = (who.account.id if who.account else ""), (who.device.id if who.device else "")
        with self._store.write() as db:
            last = db.execute("select seq, seal from audit order by seq desc limit 1").fetchone() or (0, "")
            for text in _lines(about):
                fields = (last[0] + 1, self._now().isoformat(), account, device, who.address, what, text)
                row = (*fields, seal(self._key, last[1], fields))
                db.execute("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?)", row)
                last = (row[0], row[-1])
            # The end is sealed as well: otherwise the last rows could be cut off without a trace.
            kept = "on conflict (name) do update set value = excluded.value"
            db.execute(f"insert into setting values ('{END}', ?) {kept}", [end_seal(self._key, row)])  # noqa: S608 - a fixed text
        return int(row[0])

    def rows(self, search: Search, before: int | None = None, limit: int = 200) -> list[Row]:
        """The newest rows first: so many of those that fit, before this number."""
        where, values = _where(search)
        with self._store.read() as db:
            (end,) = db.execute("select coalesce(max(seq), 0) + 1 from audit").fetchone()
        end = min(end, before or end)
        found: list[Row] = []
        while end > 1 and len(found) < limit:
            query = f"select * from audit where seq >= ? and seq < ? {where} order by seq desc limit ?"  # noqa: S608 - fixed texts
            with self._store.read() as db:
                part = db.execute(query, [end - SPAN, end, *values, limit - len(found)]).fetchall()
            found += [Row(*row) for row in part]
            end -= SPAN
        return found

    def every(self, search: Search, page: int = 1000) -> Iterator[Row]:
        """All rows that fit, the newest first, a few at a time, so that who reads keeps nobody from writing."""
        before: int | None = None
        while rows := self.rows(search, before, page):
            yield from rows
            before = rows[-1].seq

    def prove(self, proof: Proof) -> Proof:
        """Look at some more rows than this proof has."""
        with self._store.read() as db:
            return go_on(db, self._key, proof)


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
    print(f"Sound: {proof.sound} rows, each as it was written, and none is missing.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
