"""Sessions: who is signed in at which browser. Each is a row here, its secret only in the browser's cookie, so it can
be ended here at once. It locks when its person does nothing for a while, and it ends.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from clinic.register import hash_of
from clinic.store import Store, Unavailable
from doors.who import Account, Session

LOCK, IDLE, WHOLE = timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=10)
"""Without a person's action the screen locks, and the session ends; after so long it ends in any case."""

PIN_TRIES = 10
"""Then only the password unlocks."""

KEPT_EVERY = timedelta(seconds=30)
"""How often it is written down that somebody is still there: a restart forgets at most that."""

AHEAD = timedelta(minutes=1)
"""Who was seen longer ahead than this was seen before a start with a clock set back: nobody knows how long ago."""

log = logging.getLogger("kindline.doors")

COLUMNS = "id, account, device, epoch, begun, seen, locked, pin_misses"


class Sessions:
    """The sessions of one clinic. `now` is the real time.

    A disk that is full keeps nobody from working on, from locking the screen or from signing out: what could not be
    written is known here until the next start.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]):
        self._store, self._now = store, now
        self._seen: dict[str, datetime] = {}
        self._kept: dict[str, datetime] = {}
        self._ended: set[str] = set()
        self._locked: set[str] = set()

    def forget(self) -> None:
        """What was not written down went with the database that could not take it."""
        self._seen, self._kept, self._ended, self._locked = {}, {}, set(), set()

    def begin(self, account: str, device: str, epoch: int, begun: datetime | None = None) -> str:
        """Sign this account in; the secret for the cookie. `begun`: it goes on from an earlier one."""
        secret, now = secrets.token_urlsafe(32), self._now()
        row = [hash_of(secret), account, device, epoch, (begun or now).isoformat(), now.isoformat()]
        with self._store.write() as db:
            db.execute("insert into session values (?, ?, ?, ?, ?, ?, 0, 0)", row)
            db.execute("delete from session where begun < ?", [(now - WHOLE).isoformat()])
            alive = {one for (one,) in db.execute("select id from session")}
        for known in (self._seen, self._kept):
            for gone in known.keys() - alive:
                known.pop(gone, None)
        return secret

    def find(self, secret: str) -> Session | None:
        """The session of this cookie, if it has not ended at the server."""
        with self._store.read() as db:
            row = db.execute(f"select {COLUMNS} from session where id = ?", [hash_of(secret)]).fetchone()  # noqa: S608 - a fixed text
        if row and datetime.fromisoformat(row[5]) > self._now() + AHEAD:
            self.end(row[0])
            return None
        return self._session(row) if row and row[0] not in self._ended else None

    def count(self, account: Account) -> int:
        """At how many browsers this account is signed in now; one behind a locked screen counts too."""
        query = f"select {COLUMNS} from session where account = ? and epoch = ?"  # noqa: S608 - a fixed text
        with self._store.read() as db:
            rows = db.execute(query, [account.id, account.epoch]).fetchall()
        return sum(not self.is_over(self._session(row), account) for row in rows)

    def _session(self, row: tuple[Any, ...]) -> Session:
        id, account, device, epoch, begun, seen, locked, misses = row  # noqa: A001 - the column's name
        self._kept[id] = datetime.fromisoformat(seen)
        last = max(self._kept[id], self._seen.get(id, self._kept[id]))
        is_locked = bool(locked) or id in self._locked
        return Session(id, account, device, epoch, datetime.fromisoformat(begun), last, is_locked, misses)

    def is_over(self, session: Session, account: Account) -> bool:
        """Whether this session of the account is too old, or was left alone too long: at a desk a PIN keeps it."""
        stays = bool(session.device and account.has_pin)
        age = self._now() - session.begun
        return not timedelta(0) <= age < WHOLE or (self._idle(session) >= IDLE and not stays)

    def is_locked(self, session: Session) -> bool:
        """Whether its person has to show again who they are."""
        return session.is_locked or self._idle(session) >= LOCK

    def _idle(self, session: Session) -> timedelta:
        """How long nobody was there. A clock that was set back since says nothing: it counts as long."""
        return abs(self._now() - session.seen)

    def touch(self, session: Session) -> None:
        """Its person did something."""
        now = self._now()
        self._seen[session.id] = now
        if now - self._kept.get(session.id, session.seen) >= KEPT_EVERY:
            self._try_to("update session set seen = ? where id = ?", now.isoformat(), session.id)

    def lock(self, session: Session) -> None:
        """Lock it now."""
        self._locked.add(session.id)
        if self._try_to("update session set locked = 1 where id = ?", session.id):
            self._locked.discard(session.id)

    def unlock(self, session: Session) -> str:
        """Its person is back: the same session under a new secret; the old one works no more."""
        self.end(session.id)
        return self.begin(session.account, session.device, session.epoch, session.begun)

    def try_pin(self, session: Session) -> int | None:
        """Count a try of the PIN, before it is looked at: how many are left then, or None when this one is too many."""
        with self._store.write() as db:
            counted = "update session set pin_misses = pin_misses + 1 where id = ? and pin_misses < ?"
            if not db.execute(counted, [session.id, PIN_TRIES]).rowcount:
                return None
            misses = db.execute("select pin_misses from session where id = ?", [session.id]).fetchone()[0]
        return PIN_TRIES - int(misses)

    def last_seen(self) -> dict[str, datetime]:
        """When each account that has been signed in of late last did anything: by its id."""
        with self._store.read() as db:
            rows = db.execute("select account, max(seen) from session group by account").fetchall()
        return {account: datetime.fromisoformat(at) for account, at in rows}

    def end(self, session: str) -> None:
        """End this one."""
        self._ended.add(session)
        if self._try_to("delete from session where id = ?", session):
            self._ended.discard(session)
        self._seen.pop(session, None)

    def end_of(self, *, account: str = "", device: str = "") -> None:
        """End all of this account, or all at this device."""
        with self._store.write() as db:
            db.execute("delete from session where account = ? or (device = ? and device <> '')", [account, device])

    def _try_to(self, statement: str, *values: str) -> bool:
        """Write this; False when that could not be done now."""
        try:
            with self._store.write() as db:
                db.execute(statement, values)
        except Unavailable as problem:
            log.error("What became of a session could not be written down: %s", problem)
            return False
        return True
