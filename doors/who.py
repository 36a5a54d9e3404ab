"""Who asks: the person signed in, the device it comes from, and the roles that both have. Deny by default: none."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from flask import Request, g, has_request_context

from settings import is_loopback

PEOPLE = ("reception", "clinician", "manager", "auditor")
DEVICES = ("tablet", "tv", "desk", "program")

PASSED_ON = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
"""Lines by which a server says that it passes on what others ask."""

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
        return self.account.id if self.account else self.device.id if self.device else STAFF

    @property
    def source(self) -> str:
        """A paired device, whatever address it has today; else the address, of which one house has many in IPv6."""
        return self.device.id if self.device else house_of(self.address)

    @property
    def first_name(self) -> str:
        """How the staff member who acts is called by patients; empty when nobody signed in."""
        return self.account.name.split()[0] if self.account else ""

    def locked(self) -> "Who":
        """The same person before a locked screen: nothing but to unlock it."""
        return replace(self, roles=(self.roles - frozenset(PEOPLE)) | {"locked"})


def house_of(address: str) -> str:
    """What counts as one source: an address, or in IPv6 the network of 2^64 of them that one house is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address) or found.ipv4_mapped or found.is_loopback:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))


def is_from_here(asked: Request) -> bool:
    """Whether a program on this very computer asks, with no server in between that may pass on what others want.

    It comes from this computer's own address and asks for it by that; and no line of it says that it was passed on.
    """
    lines = {name.lower() for name, _ in asked.headers}
    passed_on = any(name in PASSED_ON or name.startswith("x-forwarded-") for name in lines)
    name = urlsplit(f"//{asked.host}").hostname or ""
    return is_loopback(asked.remote_addr or "") and is_loopback(name) and not passed_on


def who() -> Who:
    """Who asks now. Outside a request it is the house itself."""
    found: Who | None = g.get("who") if has_request_context() else None
    return found or Who("")


def whom(ids: Iterable[str]) -> None:
    """Whose names the answer shows or changes: for the audit, where only the route knows."""
    if has_request_context():
        g.whom = sorted(ids)


def by() -> str:
    """How the log names who acts now."""
    return who().by
