"""How often somebody may try to sign in. Kept in the database, so that a restart forgives nothing.

Tries count against where they come from, not against the account alone: who guesses at a colleague's password from
elsewhere shuts out only himself (TRUST A12).
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

from clinic.store import Store

Proof = TypeVar("Proof")

DAY = timedelta(days=1)
KNOWN_FOR = timedelta(days=90)
"""So long after somebody came in from somewhere we know that source of theirs."""

FREE = 3
"""Slips of the finger before the first pause."""

LONGEST = timedelta(minutes=15)
EACH, BY_SOURCE, BY_ACCOUNT = 20, 50, 100
"""Misses in a day: at one account from one source; from one source; at one account from sources that we do not know."""

BUSY = timedelta(seconds=30)
"""How long a stranger has to wait who comes while another try is looked at."""


class Tries:
    """The tries at signing in of one clinic. `account` is the login as typed, known or not.

    `fingerprint` makes of it what is kept: now and then that is a password, typed into the wrong field.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], fingerprint: Callable[[str], str]):
        self._store, self._now, self._fingerprint = store, now, fingerprint
        self._one = threading.Lock()

    def attempt(
        self, account: str, source: str, is_paired: bool, prove: Callable[[], Proof | None]
    ) -> tuple[timedelta, Proof | None]:
        """How long they have to wait, else what `prove` makes of it: something true counts as having come in.

        One at a time: many tries at once are no more tries than one after the other, and take no more memory. Who
        comes from where nobody came in before does not stand in line: what a hash costs is not to keep others out.
        """
        is_known = is_paired or self._knows(account, source)
        if not is_known and self._one.locked():
            return BUSY, None
        with self._one:
            wait = self.wait(account, source, is_paired)
            if wait:
                return wait, None
            proof = prove()
            if proof:
                self.hit(account, source)
            else:
                self.miss(account, source)
            return wait, proof

    def wait(self, account: str, source: str, is_paired: bool) -> timedelta:
        """How long until the next try from there; zero when it may be now."""
        now, name = self._now(), self._name(account)
        since = (now - DAY).isoformat()
        with self._store.read() as db:
            rows = db.execute(
                """select account, source, at from try where not good and at > ? and at <= ?
                    and (account = ? or source = ?) order by at""",
                [since, now.isoformat(), name, source],
            ).fetchall()
            good = db.execute(
                "select max(at) from try where good and account = ? and source = ?", [name, source]
            ).fetchone()[0]
        at_it = [at for account, where, at in rows if (account, where) == (name, source)]
        from_there = [at for _, where, at in rows if where == source]
        at_account = [at for account, _, at in rows if account == name]
        waits = [_until(at_it, EACH, now), _until(from_there, BY_SOURCE, now)]
        if not (good or is_paired):
            waits.append(_until(at_account, BY_ACCOUNT, now))
        slips = [at for at in at_it if at > (good or "")]
        if len(slips) > FREE:
            pause = min(LONGEST, timedelta(seconds=2.0 ** (len(slips) - FREE)))
            waits.append(datetime.fromisoformat(slips[-1]) + pause - now)
        return max(timedelta(0), *waits)

    def _knows(self, account: str, source: str) -> bool:
        """Whether they came in from there before."""
        with self._store.read() as db:
            asked = "select 1 from try where good and account = ? and source = ? limit 1"
            return db.execute(asked, [self._name(account), source]).fetchone() is not None

    def miss(self, account: str, source: str) -> None:
        """It was wrong."""
        self._keep(account, source, good=False)

    def hit(self, account: str, source: str) -> None:
        """They came in."""
        self._keep(account, source, good=True)

    def last_hits(self) -> Callable[[str], datetime | None]:
        """Tells when an account last came in, within the last three months."""
        with self._store.read() as db:
            rows = dict(db.execute("select account, max(at) from try where good group by account").fetchall())

        def last(account: str) -> datetime | None:
            at = rows.get(self._name(account))
            return datetime.fromisoformat(at) if at else None

        return last

    def _name(self, account: str) -> str:
        return self._fingerprint(account.strip().casefold())

    def _keep(self, account: str, source: str, good: bool) -> None:
        now = self._now()
        with self._store.write() as db:
            db.execute("insert into try values (?, ?, ?, ?)", [self._name(account), source, now.isoformat(), int(good)])
            old = [(now - DAY).isoformat(), (now - KNOWN_FOR).isoformat()]
            db.execute("delete from try where (not good and at < ?) or at < ?", old)


def minutes(wait: timedelta) -> int:
    """This wait as people are told it: whole minutes, the one that has begun counted."""
    return ceil(wait.total_seconds() / 60)


def _until(misses: list[str], limit: int, now: datetime) -> timedelta:
    """How long until fewer than `limit` of these are of the last day."""
    if len(misses) < limit:
        return timedelta(0)
    return datetime.fromisoformat(misses[-limit]) + DAY - now
