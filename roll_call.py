"""The roll-call: which screens are on, and whether each can be heard. In memory: after a restart all come back by
themselves, each with the number that it was given before.

Its times are real seconds, whatever pace the clinic's clock has and whoever sets it: it is about machines on a wall.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from forms import BadInput, one_of, text, text_or_none, whole_number

KINDS = ("tv", "tablet")
SOUNDS = ("on", "blocked", "muted", "none")

EVERY = 10
"""Seconds between two words from a screen: its page says so to the script."""

SILENT = 120
"""Seconds without a word after which we no longer count on a screen."""

TRIAL = 10
"""Seconds that a test call stands."""

MOST = 64
"""Screens of one kind."""

ID_LENGTH = 64
VERSION_LENGTH = 32


@dataclass(frozen=True)
class Hello:
    """What a screen says of itself. `number`: the one it was given before; `device`, `title`: as what it is paired."""

    id: str
    kind: str
    number: int | None
    sound: str
    version: str
    device: str = ""
    title: str = ""


@dataclass(frozen=True)
class Screen:
    """A screen that we know, last heard at `heard`."""

    id: str
    kind: str
    number: int
    sound: str
    version: str
    heard: datetime
    device: str = ""
    title: str = ""


@dataclass(frozen=True)
class Seen:
    """What staff see of a screen. `is_silent`: lost. `tested`: when staff last let it say a test call.

    `device` is its id where it is paired, and `title` how staff called it then.
    """

    kind: str
    number: int
    sound: str
    version: str
    heard: datetime
    is_silent: bool
    tested: datetime | None = None
    device: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """What the addresses call it: "tv-1"."""
        return f"{self.kind}-{self.number}"

    @property
    def has_no_sound(self) -> bool:
        """Whether people are called there and cannot hear it. A tablet never calls anybody."""
        return self.kind == "tv" and not self.is_silent and self.sound in ("blocked", "none")


Roll = Mapping[str, Screen]
"""Every known screen, by its id."""


def enter(roll: Roll, hello: Hello, at: datetime, lost: frozenset[str]) -> Roll:
    """The roll after this word. A screen keeps its number where nobody else has it, else gets the lowest free one.

    A roll full of its kind takes a new screen only in the place of a lost one. Raises BadInput when there is none.
    """
    others = {one: screen for one, screen in roll.items() if one != hello.id}
    alike = {one: screen for one, screen in others.items() if screen.kind == hello.kind}
    if len(alike) >= MOST:
        gone = min(lost & alike.keys(), key=lambda one: alike[one].heard, default=None)
        if gone is None:
            raise BadInput("id", "too_many_screens", limit=MOST)
        del others[gone], alike[gone]
    taken = {screen.number for screen in alike.values()}
    known = roll.get(hello.id)
    wished = known.number if known and known.kind == hello.kind else hello.number
    if not wished or wished > MOST or wished in taken:
        wished = next(number for number in range(1, MOST + 1) if number not in taken)
    screen = Screen(hello.id, hello.kind, wished, hello.sound, hello.version, at, hello.device, hello.title)
    return {**others, hello.id: screen}


def read(kind: str, fields: Mapping[str, Any], device: str = "", title: str = "") -> Hello:
    """What a screen of this kind sent. Raises BadInput."""
    return Hello(
        text(fields, "id", ID_LENGTH), kind, whole_number(fields, "number"), one_of(fields, "sound", SOUNDS, "none"),
        text_or_none(fields, "version", VERSION_LENGTH) or "", device, title,
    )  # fmt: skip


class Pace(Protocol):
    """The clinic's clock, and how fast it goes."""

    def now(self) -> datetime:
        """The clinic's time now."""

    def seconds(self) -> float:
        """The clinic's seconds, which only go on, whoever sets the clock."""

    def real_seconds(self, clinic_seconds: float) -> float:
        """How long that much of it takes."""


class RollCall:
    """The roll of one running server. `changed` is called when staff would see something else."""

    def __init__(self, clock: Pace, changed: Callable[[], None]):
        self._clock, self._changed = clock, changed
        self._roll: Roll = {}
        self._heard: dict[str, float] = {}
        self._trials: dict[int, tuple[float, datetime]] = {}
        self._shown: tuple[tuple[Any, ...], ...] = ()
        self._lock = threading.Lock()

    def hello(self, kind: str, fields: Mapping[str, Any], device: str = "", title: str = "") -> dict[str, Any]:
        """A screen is there, a window of this paired device: the answer that it is to keep. Raises BadInput."""
        said, at = read(kind, fields, device, title), self._clock.now()
        with self._lock:
            lost = frozenset(one for one in self._roll if self._since(self._heard[one]) > SILENT)
            self._heard = {**self._heard, said.id: self._clock.seconds()}
            self._roll = enter(self._roll, said, at, lost)
            number = self._roll[said.id].number
        self._notice()
        return {"number": number}

    def seen(self) -> tuple[Seen, ...]:
        """Every screen as staff see it now: TVs first, by their numbers."""
        screens = sorted(self._roll.values(), key=lambda one: (KINDS.index(one.kind), one.number))
        return tuple(
            Seen(
                one.kind,
                one.number,
                one.sound,
                one.version,
                one.heard,
                self._since(self._heard[one.id]) > SILENT,
                self._trials[one.number][1] if one.kind == "tv" and one.number in self._trials else None,
                one.device,
                one.title,
            )
            for one in screens
        )

    def forget(self, name: str) -> bool:
        """Take this screen off the roll; False when it is not on it. One that is still on comes back by itself."""
        with self._lock:
            found = self._named(name)
            if found:
                self._roll = {one: screen for one, screen in self._roll.items() if one != found.id}
        self._notice()
        return found is not None

    def forget_device(self, device: str) -> None:
        """This device is no longer ours, and none of its screens."""
        with self._lock:
            self._roll = {one: screen for one, screen in self._roll.items() if screen.device != device}
        self._notice()

    def test(self, name: str) -> bool:
        """Let this TV show and say a test call; False when it is none of ours."""
        with self._lock:
            found = self._named(name)
            if found is None or found.kind != "tv":
                return False
            # Replaced whole, since others read it without the lock.
            self._trials = {**self._trials, found.number: (self._clock.seconds(), self._clock.now())}
        self._changed()
        return True

    def trials(self) -> dict[int, str]:
        """The TVs that show a test call now, each with what tells it from an earlier one."""
        tried = sorted(self._trials.items())
        return {number: at.isoformat() for number, (since, at) in tried if self._since(since) < TRIAL}

    def _named(self, name: str) -> Screen | None:
        return next((one for one in self._roll.values() if f"{one.kind}-{one.number}" == name), None)

    def _since(self, seconds: float) -> float:
        return self._clock.real_seconds(self._clock.seconds() - seconds)

    def _notice(self) -> None:
        """Wake who shows it, when somebody would see a difference: not for every word that all is well."""
        now = tuple((one.name, one.sound, one.version, one.is_silent) for one in self.seen())
        if now != self._shown:
            self._shown = now
            self._changed()
