"""How long until me: for each waiting visit a range of minutes, or why we cannot say.

A forward look (`look`) over what was learned of this clinic's times (`times`), corrected by a small linear mix and
given a calibrated interval (`mind`). The line comes in through `scene`; `lessons` learns from the log, one fact at a
time. Past days from a folder become facts too (`clinic.replay`), so the figures of `make evaluate` are about the code
that runs.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.estimate.lessons import History
from clinic.estimate.scene import scene_of
from clinic.line import Line, Visit
from clinic.order import rooms_for, waiting

SILENT, SILENT_VISITS = 60.0, 4
"""Without a fact for so many minutes, and so many times the longest usual visit, the line is not believed any more."""

__all__ = ("CannotSay", "Estimate", "History", "estimates")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Minutes from now until called: 10% sooner than `low`, 10% later than `high`."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class CannotSay:
    """No honest number.

    `why`: no_room (none open for this), clinician_away (who sees them is in no room yet), rooms_paused (no end known),
    not_heard (nobody has told the system anything for long), place_unknown (past days of a clinic whose lines are not
    known).
    """

    why: str


def estimates(
    line: Line, history: History, now: datetime, only: Collection[str] | None = None
) -> dict[str, Estimate | CannotSay]:
    """For each waiting visit, or each of `only`, in calling order, when it will be called."""
    wanted = [visit for visit in waiting(line) if only is None or visit.id in only]
    if not wanted:
        return {}
    near = wanted[0] if len(wanted) == 1 else None
    scene = scene_of(line, now, history.mind.times, near)
    said = history.mind.say(scene, frozenset(visit.id for visit in wanted))
    found: dict[str, Estimate | CannotSay] = {}
    silent = _not_heard(line, now)
    for visit in wanted:
        mine = said.get(visit.id)
        if mine is None:
            found[visit.id] = CannotSay(_why(line, visit))
        elif silent:
            found[visit.id] = CannotSay("not_heard")
        else:
            found[visit.id] = Estimate(mine.low, mine.likely, mine.high)
    return found


def _not_heard(line: Line, now: datetime) -> bool:
    """Whether nobody has come, been called or finished for far longer than a visit takes."""
    usual = max((service.minutes for service in line.setup.services), default=0.0)
    silent = timedelta(minutes=max(SILENT, SILENT_VISITS * usual))
    return line.heard is not None and now - line.heard > silent


def _why(line: Line, visit: Visit) -> str:
    if not rooms_for(line, visit) and visit.clinician:
        return "clinician_away"
    paused = any(line.room(room).state == "paused" for room in rooms_for(line, visit))
    return "rooms_paused" if paused else "no_room"
