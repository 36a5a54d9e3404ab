"""The chain of the audit: each row is sealed with the one before by a key beside the database, and the end is sealed
as well, so that a row changed, moved, put in, taken out or cut off shows. The clinic itself cuts off what is old: then
the chain begins with the seal of the last row that went, sealed once more.
"""

import hmac
import json
from dataclasses import dataclass, replace
from typing import Any

from sqlite_utils import Database

BATCH = 1000
"""Rows that are looked at between two chances for others to write."""

END = "audit_end"
"""Under this name the seal of the last row's end is kept."""

START = "audit_start"
"""Under this name is kept where the chain begins once old rows were cut off: the number and the seal of the last one
that went, and the seal of both.
"""

CHANGED, GONE, ADDED, CUT = "it was changed", "it is gone", "it was put in", "from here on rows are gone"
BEGINNING = "what is kept of the beginning was changed"


@dataclass(frozen=True)
class Proof:
    """How far the chain was looked at: it is sound up to row `upto`; `broken` is the first row that is not, and `why`.

    `done`: there was nothing more to look at. `last` is the latest sound row, which the next one is sealed with. The
    rows up to `cut` are forgotten.
    """

    upto: int = 0
    cut: int = 0
    broken: int | None = None
    why: str = ""
    done: bool = False
    last: tuple[Any, ...] = ()

    @property
    def sound(self) -> int:
        """How many rows are as they were written."""
        return self.upto - self.cut


def seal(key: bytes, before: str, fields: tuple[Any, ...]) -> str:
    """The seal of a row with these fields after the row with the seal `before`."""
    return hmac.new(key, json.dumps([before, *fields]).encode(), "sha256").hexdigest()


def end_seal(key: bytes, row: tuple[Any, ...]) -> str:
    """The seal that says that this whole row is the last one."""
    return seal(key, "the end", row)


def start_seal(key: bytes, number: int, last: str) -> str:
    """What is kept of a beginning: the rows up to this number were cut off, and the last had that seal."""
    return f"{number} {last} {seal(key, 'the start', (number, last))}"


def beginning(key: bytes, kept: str | None) -> tuple[int, str] | None:
    """The number and the seal of the last row that was cut off; 0 and "" where none was; None where that was forged."""
    if kept is None:
        return 0, ""
    number, _, rest = kept.partition(" ")
    last = rest.partition(" ")[0]
    is_ours = number.isdecimal() and hmac.compare_digest(start_seal(key, int(number), last).encode(), kept.encode())
    return (int(number), last) if is_ours else None


def go_on(db: Database, key: bytes, proof: Proof, rows: int = BATCH) -> Proof:
    """Look at the next `rows` rows. Call it again until it is done or broken; meanwhile others may write."""
    after = "" if proof.upto == proof.cut else "where seq > ?"
    values = [proof.upto] if after else []
    # One statement, so that no row can be written between its look at the rows and its look at both ends.
    found = db.execute(
        f"""select audit.*, (select value from setting where name = '{START}'),
            (select value from setting where name = '{END}') from
            (select 1) left join (select * from audit {after} order by seq limit ?) as audit order by seq""",  # noqa: S608 - fixed texts
        [*values, rows],
    ).fetchall()
    *_, kept, end = found[0]
    begins = beginning(key, kept)
    if begins is None:
        return replace(proof, broken=proof.upto + 1, why=BEGINNING, done=True)
    if begins[0] > proof.upto or proof.upto == proof.cut:
        proof = Proof(begins[0], begins[0], last=begins[1:] if begins[0] else ())
    elif begins[0] > proof.cut:
        proof = replace(proof, cut=begins[0])
    for *row, _, _ in found:
        if row[0] is None:  # none is left
            return _ended(db, key, proof, end)
        if row[0] != proof.upto + 1:
            is_gone = row[0] > proof.upto + 1
            where, why = (proof.upto + 1, GONE) if is_gone else (row[0], ADDED)
            return replace(proof, broken=where, why=why, done=True)
        before = proof.last[-1] if proof.last else ""
        if not hmac.compare_digest(seal(key, before, tuple(row[:-1])), row[-1]):
            return replace(proof, broken=row[0], why=CHANGED, done=True)
        proof = replace(proof, upto=row[0], last=tuple(row))
    return proof


def _ended(db: Database, key: bytes, proof: Proof, end: str | None) -> Proof:
    if proof.last:
        is_end = end is not None and hmac.compare_digest(end_seal(key, proof.last), end)
    else:
        # An account begins with a link that was used, and that was written down.
        is_end = end is None and db.execute("select 1 from account limit 1").fetchone() is None
    return replace(proof, done=True) if is_end else replace(proof, broken=proof.upto + 1, why=CUT, done=True)
