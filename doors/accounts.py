"""Accounts: who of the staff there is, as what, and how they prove it. Nobody's password is known to anybody else:
who is new, or forgot, gets a link that works once, and chooses one."""

import os
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError
from sqlite_utils import Database

from clinic.commands import Refused
from clinic.names import NAME_LENGTH, clean_name
from clinic.register import hash_of
from clinic.store import Store
from doors.who import PEOPLE, Account
from forms import BadInput

PASSWORD_LENGTH, PASSWORD_MOST = 15, 128
PIN_LENGTH = 6
LOGIN_LENGTH = 40
LINK_LIVES = timedelta(hours=24)

SMALL = 1_500_000_000
"""Bytes of memory under which a hash takes less of it: a Raspberry Pi has other work too (TRUST section 5)."""

EASY = (
    "password", "passwort", "contraseña", "contrasena", "letmein", "welcome", "admin", "kindline", "clinic", "qwerty",
    "azerty", "qwertz", "asdfgh", "zxcvbn", "iloveyou", "monkey", "dragon", "football", "sunshine", "princess",
    "0123456789", "1234567890", "9876543210", "abcdefghijklmnopqrstuvwxyz",
)  # fmt: skip
"""What most guessed passwords are made of. One that has little else is refused."""

COLUMNS = "id, login, name, role, password <> '', pin <> '', epoch, ended"


def strong_hasher() -> PasswordHasher:
    """Argon2id as this machine can bear it: RFC 9106's second choice, or OWASP's smallest where memory is scarce."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if memory < SMALL:
        return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    return PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)


class Accounts:
    """The accounts of one clinic. `now` is the real time, whatever the clinic's clock says.

    `beside` does what takes long so that others are answered meanwhile: the start sets it, where the engine needs that.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], hasher: PasswordHasher):
        self._store, self._now, self._hasher = store, now, hasher
        self.beside: Callable[..., Any] = lambda work, *given: work(*given)

    @cached_property
    def _nobody(self) -> str:
        """What is checked where nobody has that login, so that the answer takes as long. Made when it is first needed:
        a hash is dear, and a start has to be quick.
        """
        return str(self.beside(self._hasher.hash, secrets.token_urlsafe()))

    def everyone(self) -> list[Account]:
        """All accounts, also the ended ones, by name."""
        with self._store.read() as db:
            return sorted(_accounts(db, "1", []), key=lambda one: (one.ended is not None, one.name.casefold()))

    def find(self, account: str) -> Account | None:
        """The account with this id."""
        with self._store.read() as db:
            return next(iter(_accounts(db, "id = ?", [account])), None)

    def has_manager(self) -> bool:
        """Whether anybody can let others in. Until then nobody comes in at all."""
        with self._store.read() as db:
            return bool(_accounts(db, "role = 'manager' and ended is null and password <> ''", []))

    def add(self, login: str, name: str, role: str) -> Account:
        """A new account, still without a password. Raises BadInput."""
        login, name, role = _login(login), _name(name), _role(role)
        one = Account(secrets.token_hex(8), login, name, role, False, False, 0, None)
        with self._store.write() as db:
            if _accounts(db, "login = ?", [login]):
                raise BadInput("login", "login_taken", login=login)
            values = [one.id, login, name, role, self._now().isoformat()]
            db.execute("insert into account values (?, ?, ?, ?, '', '', 0, ?, null)", values)
        return one

    def change(self, account: str, name: str, role: str) -> None:
        """Give this account that name and role. Raises BadInput; Refused when it is the last manager's."""
        name, role = _name(name), _role(role)
        with self._store.write() as db:
            one = _known(db, account)
            if role != "manager":
                _leaves_a_manager(db, one)
            changed = "update account set name = ?, role = ?, epoch = epoch + ? where id = ?"
            db.execute(changed, [name, role, int(role != one.role), one.id])
            if role != one.role:
                db.execute("delete from invitation where by = ?", [one.id])

    def end(self, account: str) -> None:
        """Let this account in no more; what it did stays known. Raises Refused when it is the last manager's."""
        with self._store.write() as db:
            one = _known(db, account)
            _leaves_a_manager(db, one)
            ended = "update account set password = '', pin = '', epoch = epoch + 1, ended = ? where id = ?"
            db.execute(ended, [self._now().isoformat(), one.id])
            # Nobody comes back in by a link that they made for somebody else.
            db.execute("delete from invitation where account = ? or by = ?", [one.id, one.id])

    def invite(self, account: str | None, by: str = "") -> str:
        """The secret of a link by which this person chooses a password; None: by which the first manager is made.

        It replaces any earlier one, and is over when the account that made it ends or changes. Raises Refused for an
        account that is not there or has ended.
        """
        secret = secrets.token_urlsafe(24)
        with self._store.write() as db:
            if account is not None:
                _known(db, account)
            db.execute("delete from invitation where account is ?", [account])
            until = (self._now() + LINK_LIVES).isoformat()
            db.execute("insert into invitation values (?, ?, ?, ?)", [hash_of(secret), account, until, by])
        return secret

    def invited(self, secret: str) -> tuple[bool, Account | None]:
        """Whether this link works still, and for whom: None is who becomes a manager by it."""
        with self._store.read() as db:
            return _invited(db, secret, self._now())

    def accept(self, secret: str, password: str, login: str, name: str, clinic: str) -> Account:
        """Who has this link chooses that password; `login` and `name` count where it makes a manager.

        Raises BadInput; Refused when the link works no more.
        """
        works, one = self.invited(secret)
        if not works:
            raise Refused("link_used")
        login, name = (one.login, one.name) if one else (_login(login), _name(name))
        hashed = self._hashed(password, (login, name, clinic))
        with self._store.write() as db:
            # Of two who open the same link only one gets in by it.
            works, one = _invited(db, secret, self._now())
            if not works:
                raise Refused("link_used")
            if one is None and _accounts(db, "login = ?", [login]):
                raise BadInput("login", "login_taken", login=login)
            db.execute("delete from invitation where secret = ?", [hash_of(secret)])
            if one is None:
                made = [secrets.token_hex(8), login, name, hashed, self._now().isoformat()]
                db.execute("insert into account values (?, ?, ?, 'manager', ?, '', 0, ?, null)", made)
            else:
                changed = "update account set password = ?, pin = '', epoch = epoch + 1 where id = ?"
                db.execute(changed, [hashed, one.id])
            return _accounts(db, "login = ?", [login])[0]

    def by_login(self, login: str) -> Account | None:
        """Who signs in by that name."""
        with self._store.read() as db:
            return next(iter(_accounts(db, "login = ? and ended is null", [login.strip().casefold()])), None)

    def check(self, login: str, password: str) -> Account | None:
        """Whose login and password these are. It takes as long where there is nobody with that login."""
        with self._store.read() as db:
            one = next(iter(_accounts(db, "login = ? and ended is null", [login.strip().casefold()])), None)
            kept = _secret_of(db, "password", "id = ?", one.id) if one else None
        if not self._is(kept or self._nobody, password) or not (one and kept):
            return None
        if self._hasher.check_needs_rehash(kept):
            again = self.beside(self._hasher.hash, _typed(password))
            with self._store.write() as db:
                db.execute("update account set password = ? where id = ? and password = ?", [again, one.id, kept])
        # As it was with that password: when it is changed meanwhile, what begins now is over at once.
        return one

    def check_password(self, account: str, password: str) -> bool:
        """Whether this is that account's password."""
        return self._checks("password", account, password)

    def check_pin(self, account: str, pin: str) -> bool:
        """Whether this is that account's PIN."""
        return self._checks("pin", account, pin)

    def set_password(self, account: str, password: str, clinic: str) -> None:
        """Choose another password, which ends everything begun with the old one. Raises BadInput."""
        one = self.find(account)
        hashed = self._hashed(password, (one.login, one.name, clinic) if one else ())
        with self._store.write() as db:
            db.execute("update account set password = ?, epoch = epoch + 1 where id = ?", [hashed, account])
            db.execute("delete from invitation where by = ?", [account])

    def set_pin(self, account: str, pin: str) -> None:
        """Choose the PIN that unlocks a paired desk; an empty one takes it away. Raises BadInput."""
        hashed = self.beside(self._hasher.hash, _pin(pin)) if pin else ""
        with self._store.write() as db:
            db.execute("update account set pin = ? where id = ?", [hashed, account])

    def _checks(self, kind: str, account: str, secret: str) -> bool:
        with self._store.read() as db:
            kept = _secret_of(db, kind, "id = ? and ended is null", account)
        return kept is not None and self._is(kept, secret)

    def _is(self, hashed: str, secret: str) -> bool:
        try:
            return bool(self.beside(self._hasher.verify, hashed, _typed(secret)))
        except (VerificationError, InvalidHashError):
            return False

    def _hashed(self, password: str, known: tuple[str, ...]) -> str:
        """Raises BadInput for a password that is too short, too long or too easy to guess."""
        if len(password) < PASSWORD_LENGTH:
            raise BadInput("password", "password_short", limit=PASSWORD_LENGTH)
        if len(password) > PASSWORD_MOST:
            raise BadInput("password", "password_long", limit=PASSWORD_MOST)
        if is_easy(password, known):
            raise BadInput("password", "password_easy")
        return str(self.beside(self._hasher.hash, _typed(password)))


def is_easy(password: str, known: tuple[str, ...] = ()) -> bool:
    """Whether little is left of this password without what everybody tries first and what is `known` of its owner."""
    left = "".join(password.casefold().split())
    words = {word for text in known for word in text.casefold().split() if len(word) > 2}
    for easy in sorted({*EASY, *words}, key=len, reverse=True):
        left = left.replace(easy, "")
    letters = "".join(c for c in left if c.isalpha())
    return len(set(password)) < 6 or len(set(left)) < 4 or (not letters and _counts(left))


def _counts(digits: str) -> bool:
    """Whether this only counts up, down or on the spot."""
    steps = {ord(b) - ord(a) for a, b in pairwise(digits)}
    return len(steps) <= 2


def _pin(pin: str) -> str:
    if len(pin) != PIN_LENGTH or not (pin.isascii() and pin.isdigit()):
        raise BadInput("pin", "pin_wrong", limit=PIN_LENGTH)
    if len(set(pin)) < 3 or _counts(pin) or pin[:3] == pin[3:]:
        raise BadInput("pin", "pin_easy")
    return pin


def _login(login: str) -> str:
    login = login.strip().casefold()
    if not (1 <= len(login) <= LOGIN_LENGTH) or not all(c.isalnum() or c in "._-@" for c in login):
        raise BadInput("login", "login_wrong", limit=LOGIN_LENGTH)
    return login


def _name(name: str) -> str:
    name = clean_name(name)
    if not name:
        raise BadInput("name", "own_name_missing")
    if len(name) > NAME_LENGTH:
        raise BadInput("name", "name_too_long", limit=NAME_LENGTH)
    return name


def _role(role: str) -> str:
    if role not in PEOPLE:
        raise BadInput("role", "not_a_choice", choices=", ".join(PEOPLE))
    return role


def _known(db: Database, account: str) -> Account:
    found = _accounts(db, "id = ? and ended is null", [account])
    if not found:
        raise Refused("unknown_account")
    return found[0]


def _leaves_a_manager(db: Database, one: Account) -> None:
    others = _accounts(db, "role = 'manager' and ended is null and password <> '' and id <> ?", [one.id])
    if one.role == "manager" and not others:
        raise Refused("last_manager")


def _invited(db: Database, secret: str, now: datetime) -> tuple[bool, Account | None]:
    row = db.execute("select account, until from invitation where secret = ?", [hash_of(secret)]).fetchone()
    if row is None or not timedelta(0) <= datetime.fromisoformat(row[1]) - now <= LINK_LIVES:
        return False, None
    return True, _known(db, row[0]) if row[0] else None


def _accounts(db: Database, where: str, values: list[str]) -> list[Account]:
    # Names and `where` are fixed texts of our own; every value is bound.
    rows = db.execute(f"select {COLUMNS} from account where {where}", values)  # noqa: S608 (see above)
    found = []
    for one, login, name, role, password, pin, epoch, ended in rows:
        gone = datetime.fromisoformat(ended) if ended else None
        found.append(Account(one, login, name, role, bool(password), bool(pin), epoch, gone))
    return found


def _secret_of(db: Database, kind: str, where: str, value: str) -> str | None:
    """The hash of the password or PIN; None where there is none. Texts are fixed, the value is bound."""
    row = db.execute(f"select {kind} from account where {where}", [value]).fetchone()  # noqa: S608 (see above)
    return str(row[0]) if row and row[0] else None


def _typed(secret: str) -> bytes:
    """A password the same from every keyboard: some send an accent as a letter of its own."""
    return unicodedata.normalize("NFKC", secret).encode("utf-8", "replace")
