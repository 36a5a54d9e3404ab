"""What one room would change: the forward look once more, on the line as it would be. Pure.

The change is the very fact that the button beside it would write, so nothing is guessed twice.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from clinic.estimate import CannotSay, Estimate, History, estimates
from clinic.events import Entry, RoomOpened, RoomPaused
from clinic.hours import next_stop
from clinic.line import Line, apply
from clinic.order import waiting
from clinic.told import FARTHEST, MINUTE, STEP

PAUSE = timedelta(minutes=30)

Outlook = Mapping[str, Estimate | CannotSay]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What `change` ("open" now, or "pause" for half an hour) would do to everybody who waits.

    `before` and `after`: the longest likely wait from now, in minutes rounded up to five; None where nobody can be
    given a time. `breaks`: how many more told windows would end before the call; below 0, so many fewer.
    `silent`: to how many more people we could give no time; below 0, so many fewer.
    """

    change: str
    before: int | None
    after: int | None
    breaks: int
    silent: int

    @property
    def says(self) -> bool:
        """Whether it changes anything worth a word."""
        return self.before != self.after or self.breaks != 0 or self.silent != 0


def what_if(line: Line, history: History, now: datetime, only: Collection[str] | None = None) -> dict[str, WhatIf]:
    """For each room, or each of `only`, what opening or pausing it would do; left out where that is nothing.

    Costs one forward look, and one more for each room.
    """
    if line.opened_at is None or not waiting(line):
        return {}
    today = estimates(line, history, now)
    found = {}
    for place in line.setup.rooms:
        if only is None or place.id in only:
            look = _look(line, history, now, place.id, today)
            if look.says:
                found[place.id] = look
    return found


def change(line: Line, room: str) -> str:
    """What can be done with this room now: an open one is paused, any other opened."""
    return "pause" if line.room(room).state == "open" else "open"


def _look(line: Line, history: History, now: datetime, room: str, today: Outlook) -> WhatIf:
    what = change(line, room)
    fact = RoomPaused(now, room, now + PAUSE) if what == "pause" else _opened(line, room, now)
    then = estimates(apply(line, Entry(line.seq + 1, fact)), history, now)
    # Only who has a time before and after tells whether a promise breaks by this.
    both = [visit for visit in today if _can_say(today[visit]) and _can_say(then[visit])]
    breaks = sum(_breaks(line, visit, then, now) - _breaks(line, visit, today, now) for visit in both)
    silent = sum(not _can_say(one) for one in then.values()) - sum(not _can_say(one) for one in today.values())
    return WhatIf(what, _longest(today), _longest(then), breaks, silent)


def _opened(line: Line, room: str, now: datetime) -> RoomOpened:
    place = line.setup.room(room)
    until, back = (next_stop(line.setup, place, now) if place else None) or (None, None)
    return RoomOpened(now, room, until, back)


def _can_say(one: Estimate | CannotSay) -> bool:
    return isinstance(one, Estimate) and one.likely <= FARTHEST / MINUTE


def _longest(outlook: Outlook) -> int | None:
    minutes = [one.likely for one in outlook.values() if isinstance(one, Estimate) and _can_say(one)]
    return max(STEP, ceil(max(minutes) / STEP) * STEP) if minutes else None


def _breaks(line: Line, visit: str, outlook: Outlook, now: datetime) -> bool:
    told, one = line.visits[visit].told, outlook[visit]
    if told is None or told.high is None or not isinstance(one, Estimate):
        return False
    return told.high < now + timedelta(minutes=one.likely)
