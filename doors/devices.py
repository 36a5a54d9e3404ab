"""Devices: the tablets, TVs, desks and programs that belong to the house.

A new screen shows eight letters. Somebody of the staff types them in their own browser and says what the screen is;
then it is given a secret of its own, for that one role, which lasts until it is taken away here (the manner of
RFC 8628, without OAuth).
"""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from clinic.commands import Refused
from clinic.names import clean_name
from clinic.register import CODE_ALPHABET, hash_of, typed_code
from clinic.store import Store, Unavailable
from doors.tries import minutes
from doors.who import DEVICES, Device
from forms import BadInput

CODE_LENGTH = 8
CODE_LIVES = timedelta(minutes=10)
NAME_LENGTH = 40

FROM_ONE, FROM_ALL = 20, 200
"""Screens of one address, and altogether, that may wait to be paired; beyond that the oldest wait in vain."""

WRONG_CODES = 5
"""Codes that an account may get wrong within the life of one (TRUST A11)."""

KEPT_EVERY = timedelta(minutes=10)
"""How often it is written down that a device was there."""

log = logging.getLogger("kindline.doors")

COLUMNS = "id, role, name, place, paired, paired_by, seen, ended"


@dataclass(frozen=True)
class Waiting:
    """A screen that shows its code. `chosen`: what staff said it is, until it comes for its secret."""

    code: str
    role: str
    address: str
    since: datetime
    chosen: Device | None = None


class Devices:
    """The devices of one clinic. `now` is the real time. Which screens wait to be paired is only in memory."""

    def __init__(self, store: Store, now: Callable[[], datetime]):
        self._store, self._now = store, now
        self._waiting: dict[str, Waiting] = {}
        self._seen: dict[str, datetime] = {}
        self._kept: dict[str, datetime] = {}
        self._wrong: dict[str, list[datetime]] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        """When each was there is what the database says; screens that wait go on waiting."""
        self._seen, self._kept = {}, {}

    def everyone(self) -> list[Device]:
        """All that are paired, and those taken away, by role and name."""
        with self._store.read() as db:
            rows = db.execute(f"select {COLUMNS} from device").fetchall()  # noqa: S608 - a fixed text
        found = [self._device(row) for row in rows]
        return sorted(found, key=lambda one: (one.ended is not None, DEVICES.index(one.role), one.name.casefold()))

    def find(self, secret: str) -> Device | None:
        """The device of this cookie or token, unless it was taken away."""
        return self._one("secret = ? and ended is null", hash_of(secret))

    def by_id(self, device: str) -> Device | None:
        """The device with this id, unless it was taken away."""
        return self._one("id = ? and ended is null", device)

    def touch(self, device: Device) -> None:
        """It was there."""
        now = self._now()
        self._seen[device.id] = now
        if now - self._kept.get(device.id, device.seen) >= KEPT_EVERY:
            try:
                with self._store.write() as db:
                    db.execute("update device set seen = ? where id = ?", [now.isoformat(), device.id])
            except Unavailable as problem:  # a full disk keeps no screen from what it shows
                log.error("That a device was there could not be written down: %s", problem)

    def wait(self, secret: str, role: str, address: str) -> tuple[str, Waiting]:
        """A screen without rights asks to be let in, under its waiting secret: that or a new one, and what it shows."""
        now = self._now()
        with self._lock:
            self._waiting = {one: w for one, w in self._waiting.items() if _is_young(w, now)}
            known = self._waiting.get(hash_of(secret))
            if known and known.role == role:
                return secret, known
            alike = [one for one, w in self._waiting.items() if w.address == address]
            for old in [*alike[: -FROM_ONE + 1], *list(self._waiting)[: -FROM_ALL + 1]]:
                self._waiting.pop(old, None)
            taken = {w.code for w in self._waiting.values()}
            code = next(code for code in iter(_new_code, "") if code not in taken)
            secret = secrets.token_urlsafe(32)
            self._waiting[hash_of(secret)] = Waiting(code, role, address, now)
            return secret, self._waiting[hash_of(secret)]

    def shows(self, code: str) -> Waiting | None:
        """The screen that shows this code now, as it is typed: case and dashes do not matter."""
        typed, now = typed_code(code), self._now()
        found = (w for w in self._waiting.values() if w.code == typed and _is_young(w, now))
        return next((w for w in found if w.chosen is None), None)

    def look_up(self, code: str, by: str) -> Waiting:
        """The screen that shows this code, for an account that may be wrong a few times. Raises BadInput."""
        with self._lock:
            return self._look_up(code, by)

    def _look_up(self, code: str, by: str) -> Waiting:
        now = self._now()
        wrong = [at for at in self._wrong.get(by, ()) if timedelta(0) <= now - at < CODE_LIVES]
        if len(wrong) >= WRONG_CODES:
            raise BadInput("code", "codes_wait", minutes=minutes(wrong[-WRONG_CODES] + CODE_LIVES - now))
        waiting = self.shows(code)
        if waiting is None:
            self._wrong[by] = [*wrong, now]
            raise BadInput("code", "code_unknown")
        return waiting

    def confirm(self, code: str, role: str, name: str, place: str, by: str) -> Device:
        """Staff say what the screen with this code is. It comes for its secret within seconds. Raises BadInput.

        Without a `role` it is what it says of itself.
        """
        with self._lock:
            waiting = self._look_up(code, by)
            if role and waiting.role != role:
                raise BadInput("role", "role_other")
            device = self._new(waiting.role, name, place, by)
            key = next(one for one, w in self._waiting.items() if w is waiting)
            self._waiting[key] = replace(waiting, chosen=device)
        return device

    def claim(self, secret: str) -> tuple[Device, str] | None:
        """Once staff have confirmed it, a waiting screen is paired: the device, and its secret for the cookie."""
        with self._lock:
            waiting = self._waiting.get(hash_of(secret))
            if waiting is None or waiting.chosen is None:
                return None
            made = self._keep(waiting.chosen)
            del self._waiting[hash_of(secret)]  # not before it is on disk: else the screen would have lost its turn
        return waiting.chosen, made

    def add(self, role: str, name: str, place: str, by: str) -> tuple[Device, str]:
        """Pair without a code: the desk that a signed-in person sits at, or a program. Raises BadInput."""
        device = self._new(role, name, place, by)
        return device, self._keep(device)

    def end(self, device: str) -> None:
        """Let this device in no more. Raises Refused when it is none of ours."""
        with self._store.write() as db:
            ended = "update device set ended = ?, secret = null where id = ? and ended is null"
            if not db.execute(ended, [self._now().isoformat(), device]).rowcount:
                raise Refused("unknown_device")

    def _new(self, role: str, name: str, place: str, by: str) -> Device:
        if role not in DEVICES:
            raise BadInput("role", "not_a_choice", choices=", ".join(DEVICES))
        name, place = clean_name(name), clean_name(place)
        if not name:
            raise BadInput("name", "device_name")
        if max(len(name), len(place)) > NAME_LENGTH:
            raise BadInput("name" if len(name) > NAME_LENGTH else "place", "name_too_long", limit=NAME_LENGTH)
        now = self._now()
        return Device(secrets.token_hex(8), role, name, place, now, by, now, None)

    def _keep(self, device: Device) -> str:
        secret = secrets.token_urlsafe(32)
        at = self._now().isoformat()
        row = [device.id, hash_of(secret), device.role, device.name, device.place, at, device.paired_by, at]
        with self._store.write() as db:
            db.execute("insert into device values (?, ?, ?, ?, ?, ?, ?, ?, null)", row)
        return secret

    def _one(self, where: str, value: str) -> Device | None:
        with self._store.read() as db:
            row = db.execute(f"select {COLUMNS} from device where {where}", [value]).fetchone()  # noqa: S608 - a fixed text
        return self._device(row) if row else None

    def _device(self, row: tuple[str, ...]) -> Device:
        id, role, name, place, paired, paired_by, seen, ended = row  # noqa: A001 - the column's name
        self._kept[id] = datetime.fromisoformat(seen)
        last = max(self._kept[id], self._seen.get(id, self._kept[id]))
        gone = datetime.fromisoformat(ended) if ended else None
        return Device(id, role, name, place, datetime.fromisoformat(paired), paired_by, last, gone)


def _is_young(waiting: Waiting, now: datetime) -> bool:
    """Whether its code counts still. A clock that was set back since says nothing."""
    return timedelta(0) <= now - waiting.since < CODE_LIVES


def _new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def spelled(code: str) -> str:
    """A code as it is shown: XXXX-XXXX."""
    return f"{code[:4]}-{code[4:]}"
