"""What patients are told about their wait: a window on the clock that is kept, or moved openly. Pure.

The rule (ESTIMATE section 3.5): round kindly; keep a told window while it holds; move it later, at once, when keeping
it has become less likely than not; move it earlier only for a gain worth hearing of.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil, floor

from clinic.delay import TELL, late_from, minutes_said
from clinic.estimate import CannotSay, Estimate, History, estimates
from clinic.events import Told
from clinic.line import Line, Visit, visits_in
from clinic.minutes import full_five
from clinic.order import before, overtaking, rooms_for, waiting, why_before

NARROWEST = timedelta(minutes=10)
WIDEST = timedelta(minutes=90)
FARTHEST = timedelta(days=1)
MINUTE = timedelta(minutes=1)
EARLIER_BY = timedelta(minutes=15)
SILENT_AT_MOST = timedelta(minutes=20)
QUIET = timedelta(minutes=10)
"""After their screens spoke of themselves nobody hears of another time sooner than this (EXPERIENCE M2)."""
STEP, LONG_STEP = 5, 10
LONG_VISIT = 1.5
"""A visit that takes more than so many times the usual minutes is why others wait longer."""

ROOM, MORE_ROOM = 0.5, 1.5
"""A told window ends later than the estimate by this share of the way from likely to high: moving it costs trust.

Better news must not be taken back: a window that moves earlier leaves more room than a first one.
"""

VAGUE, VAGUE_SHARE = 60, 1.5
"""A range of more minutes than this that is also wider than so many times the likely wait says nothing."""


SAID = {
    "moved_up": "needs_care_sooner", "more_urgent": "needs_care_sooner", "called_before": "called_before",
    "booked": "booked_sooner", "timed": "timed", "before_time": "before_time", "arrived": "came_sooner",
}  # fmt: skip
"""What a patient hears for each reason of the order rule: one neutral word, which never tells anybody's own reason."""


def tell(line: Line, history: History, now: datetime, only: Collection[str] | None = None) -> list[Told]:
    """The new statements that waiting patients are owed now: for all of them, or `only` for these visits.

    Among people who wait for the same rooms nobody is newly told an earlier end than somebody before them.
    """
    if only is not None and not any(visit in line.visits and line.visits[visit].status == "waiting" for visit in only):
        return []
    found = []
    ends: dict[tuple[str, ...], datetime] = {}
    said = estimates(line, history, now, only)
    for visit in waiting(line):
        rooms = rooms_for(line, visit)
        told = visit.told
        if visit.id in said:
            statement = restate(told, visit.id, said[visit.id], now, ends.get(rooms))
            if statement and told and _comes_too_soon(visit, told, statement):
                statement = None
            if statement and told and told.high and statement.high and statement.high > told.high:
                statement = replace(statement, because=_because(line, visit, told.at, now))
            if statement:
                found.append(statement)
                told = statement
        if told and told.high:
            ends[rooms] = max(told.high, ends.get(rooms, told.high))
    return found


def restate(
    told: Told | None, visit: str, estimate: Estimate | CannotSay, now: datetime, after: datetime | None = None
) -> Told | None:
    """The window this patient must be told now, or None while the last one, `told`, stands.

    The last one is said again, the same, when it is nearly 20 minutes old. A new one ends no earlier than `after`, what
    somebody before them was told, unless that would make it too wide.
    """
    new = _window(visit, estimate, now, after)
    if told is None or told.high is None or told.low is None or new.high is None:
        stands = told is not None and told.why == new.why and told.high == new.high and now < speak_again(told)
        return None if stands else new
    assert isinstance(estimate, Estimate)  # only an estimate makes a window
    broken = now >= told.high
    unlikely = now + timedelta(minutes=estimate.likely) > told.high
    if broken or unlikely:
        return new
    sooner = _window(visit, estimate, now, after, MORE_ROOM)
    if sooner.high is not None and told.high - sooner.high >= EARLIER_BY:
        return sooner
    # Nothing changed, and that is worth saying too: nobody is forgotten while they wait.
    return replace(told, at=now) if now >= speak_again(told) else None


def _comes_too_soon(visit: Visit, told: Told, statement: Told) -> bool:
    """Whether their screens spoke of themselves just now, or are about to and can say both in one.

    Not the answer to what they did themselves. A window that has passed has its successor at once all the same, and so
    has what staff do to rooms.
    """
    at = statement.at
    if told.high is not None and at >= told.high:
        return False
    about_times = {told.why, statement.why} <= {None, "too_uncertain"}
    of_ourselves = told.at > (visit.since or visit.arrived)
    just_said = of_ourselves and at - told.at < QUIET
    return about_times and (just_said or any(MINUTE <= abs(at - step) < QUIET for step in _steps(visit, at)))


def _steps(visit: Visit, now: datetime) -> list[datetime]:
    """The last time and the next at which the clock alone changes what this late person reads."""
    since = late_from(visit)
    if since is None or now < since + MINUTE:
        return []
    said = minutes_said(visit, now)
    return [since + (timedelta(minutes=said) if said else MINUTE), since + timedelta(minutes=said + TELL)]


def _because(line: Line, visit: Visit, since: datetime, now: datetime) -> str | None:
    """Why this patient's turn comes later than we thought then, if the line shows it."""
    rooms = [line.room(room) for room in rooms_for(line, visit)]
    if any(room.state != "open" and room.since and room.since > since for room in rooms):
        return "room_away"
    for other in before(line, visit):
        if other.last_at and other.last_at > since:
            return SAID[why_before(line, other, visit)]
    for room in rooms_for(line, visit):
        for inside in visits_in(line, room):
            service = line.setup.service(inside.service)
            begun = inside.started_at
            if service and begun and now - begun > timedelta(minutes=LONG_VISIT * service.minutes):
                return "longer_visit"
    return None


def goes_first(line: Line, visit: Visit) -> str | None:
    """Why somebody who came later than this waiting person is before them, as a word of `SAID`; None when nobody is."""
    reason = overtaking(line, visit)
    return SAID[reason] if reason else None


def speak_again(told: Told) -> datetime:
    """When somebody hears from us again at the latest: within 20 minutes, on a full five of the clock."""
    latest = told.at + SILENT_AT_MOST
    return latest - timedelta(minutes=latest.minute % STEP, seconds=latest.second, microseconds=latest.microsecond)


def _window(
    visit: str, estimate: Estimate | CannotSay, now: datetime, after: datetime | None, room: float = ROOM
) -> Told:
    if isinstance(estimate, CannotSay):
        return Told(now, visit, why=estimate.why)
    width = estimate.high - estimate.low
    vague = width > VAGUE and width > VAGUE_SHARE * estimate.likely
    if vague or width > WIDEST / MINUTE or estimate.low > FARTHEST / MINUTE:
        return Told(now, visit, why="too_uncertain")
    step = STEP if estimate.high <= 60 else LONG_STEP
    low = now + timedelta(minutes=floor(estimate.low / step) * step)
    high = full_five(max(now + timedelta(minutes=estimate.high), low + NARROWEST))
    if high - low > WIDEST:
        return Told(now, visit, why="too_uncertain")
    roomy = full_five(now + timedelta(minutes=estimate.high + room * (estimate.high - estimate.likely)))
    # Room, and keeping to the order, are a kindness: they never make a window so wide that we would rather be silent.
    kind = min(max(roomy, after or roomy), _clock_down(low + WIDEST))
    return Told(now, visit, low, max(high, kind))


def _clock_down(at: datetime) -> datetime:
    return at - timedelta(minutes=at.minute % STEP, seconds=at.second, microseconds=at.microsecond)


@dataclass(frozen=True, slots=True)
class Wait:
    """A told window as it reads now: minutes left, rounded, and the clock time of its end.

    `low` is 0 when it may be any moment. `by` is in the zone of the `now` it was asked for. `soon`: less than five
    minutes are left. `longer`: it ends later than the first window we told, or that one has passed.
    """

    low: int
    high: int
    by: datetime
    soon: bool
    longer: bool


def wait(visit: Visit, now: datetime) -> Wait | None:
    """What the screens show for this visit, the same on all of them; None when we cannot say."""
    told = visit.told
    if visit.status != "waiting" or told is None or told.low is None or told.high is None or now >= told.high:
        return None
    left = (told.high - now).total_seconds() / 60
    step = STEP if left <= 60 else LONG_STEP
    low = max(0, floor((told.low - now).total_seconds() / 60 / step) * step)
    high = ceil(left / STEP) * STEP
    return Wait(low, high, told.high.astimezone(now.tzinfo), high <= STEP, _is_longer(visit, now))


def _is_longer(visit: Visit, now: datetime) -> bool:
    first, told = visit.first_told, visit.told
    moved = bool(first and first.high and told and told.high and told.high > first.high)
    return moved or is_past(visit, now)


def is_past(visit: Visit, now: datetime) -> bool:
    """Whether the first window that this patient was told has passed, by a minute or more, while they wait.

    Who got another one as it passed reads both at once; who heard just before that it takes longer is not told again.
    """
    first, told = visit.first_told, visit.told
    if visit.status != "waiting" or first is None or first.high is None:
        return False
    if told and told.high != first.high and now - told.at < QUIET:
        return told.at >= first.high
    return now >= first.high + MINUTE


def is_repeated(visit: Visit) -> bool:
    """Whether what was first told still stands, and was told again since."""
    first, told = visit.first_told, visit.told
    return bool(first and told and told.high == first.high and told.at > first.at)
