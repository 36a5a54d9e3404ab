"""Who asks: the person signed in, the device it comes from, and the roles that both have. Deny by default: none."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import g, has_request_context

PEOPLE = ("reception", "clinician", "manager", "auditor")
DEVICES = ("tablet", "tv", "desk", "program")

STAFF = "staff"
"""Who acts where nobody needs to sign in: with open doors."""


@dataclass(frozen=True)
class Account:
    """One of the staff. `epoch` rises with each change of rights or password, which ends what was begun before."""

    id: str
    login: str
    name: str
    role: str
    has_password: bool
    has_pin: bool
    epoch: int
    ended: datetime | None


@dataclass(frozen=True)
class Device:
    """A paired screen, desk or program. `place`: the room of the house that it is in; `ended`: since when it is out."""

    id: str
    role: str
    name: str
    place: str
    paired: datetime
    paired_by: str
    seen: datetime
    ended: datetime | None


@dataclass(frozen=True)
class Session:
    """One person signed in at one browser. `id`: the hash of its secret; `seen`: when that person last did anything."""

    id: str
    account: str
    device: str
    epoch: int
    begun: datetime
    seen: datetime
    is_locked: bool
    pin_misses: int


@dataclass(frozen=True)
class Who:
    """Who asks, from where. The table of the doors is asked with `roles`; tries are counted by `source`."""

    address: str
    account: Account | None = None
    device: Device | None = None
    session: Session | None = None
    roles: frozenset[str] = frozenset()

    @property
    def by(self) -> str:
        """How the log names who acts."""
        return self.account.id if self.account else STAFF

    @property
    def source(self) -> str:
        """A paired device, whatever address it has today; else the address."""
        return self.device.id if self.device else self.address

    @property
    def first_name(self) -> str:
        """How the staff member who acts is called by patients; empty when nobody signed in."""
        return self.account.name.split()[0] if self.account else ""

    def locked(self) -> "Who":
        """The same person before a locked screen: nothing but to unlock it."""
        return replace(self, roles=(self.roles - frozenset(PEOPLE)) | {"locked"})


def who() -> Who:
    """Who asks now. Outside a request it is the house itself."""
    found: Who | None = g.get("who") if has_request_context() else None
    return found or Who("")


def by() -> str:
    """How the log names who acts now."""
    return who().by
