"""Looks at the clinic that cost more than a screen does: each is taken once in a while and shown until the next."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from clinic.after import After
from clinic.closing import Outlook
from clinic.desk import Desk
from clinic.follow_up import owed
from clinic.line import Line
from clinic.order import waiting
from clinic.setup import Setup
from clinic.trust import Record, record
from clinic.whatif import WhatIf, change

T = TypeVar("T")

RECORD_EVERY = timedelta(seconds=30)
WHAT_IF_EVERY = timedelta(seconds=5)
"""With 300 people waiting and many rooms it takes tenths of a second, in which nobody else is answered."""

OWED_EVERY = timedelta(seconds=5)
"""Read from two weeks of the log."""

CLOSING_EVERY = timedelta(seconds=5)


class Seldom(Generic[T]):
    """What `make` gives, made anew when it is asked for and older than `every` by the clinic's clock."""

    def __init__(self, every: timedelta, make: Callable[[], T]):
        self._every, self._make = every, make
        self._kept: tuple[datetime, T] | None = None

    def forget(self) -> None:
        """What was made is of a state that is no more."""
        self._kept = None

    def at(self, now: datetime) -> T:
        """What was made at most `every` ago."""
        if self._kept is None or not self._kept[0] <= now < self._kept[0] + self._every:
            self._kept = (now, self._make())
        return self._kept[1]


class Looks:
    """How we kept our word, how closing looks, and what each room would change, for the screens of one desk."""

    def __init__(self, desk: Desk, after: After):
        self._desk = desk
        self._owed = Seldom(OWED_EVERY, lambda: len(owed(after.unseen())) + len(after.asking()))
        self._promises = Seldom(RECORD_EVERY, desk.promises)
        self._rooms = Seldom(WHAT_IF_EVERY, desk.what_if)
        self._closing = Seldom(CLOSING_EVERY, desk.closing)
        desk.forgetting += [one.forget for one in (self._owed, self._promises, self._rooms, self._closing)]

    def record(self, now: datetime, setup: Setup) -> Record:
        """How the last promises went, for this set-up's services; hours in the zone of `now`."""
        return record(self._promises.at(now), setup, now.tzinfo)

    def owed(self, now: datetime) -> int:
        """How many people are to be followed up."""
        return self._owed.at(now)

    def closing(self, now: datetime) -> Outlook | None:
        """How closing looks in the last hour before it."""
        # That it is not the last hour costs nothing to say again, and must not be believed longer than it is true.
        return self._closing.at(now) or self._desk.closing()

    def rooms(self, now: datetime) -> Mapping[str, WhatIf]:
        """What each room would change. What was worked out for a room that is in another state by now is left out."""
        line = self._desk.line
        return _still_true(line, self._rooms.at(now)) if waiting(line) else {}

    def room(self, room: str) -> WhatIf | None:
        """What this room would change, looked at just now."""
        return self._desk.what_if({room}).get(room)


def _still_true(line: Line, looks: Mapping[str, WhatIf]) -> dict[str, WhatIf]:
    return {room: look for room, look in looks.items() if look.change == change(line, room)}
