"""What patients are told about their wait: a window on the clock that is kept, or moved openly. Pure.

The rule (ESTIMATE section 3.5): round kindly; keep a told window while it holds; move it later, at once, when keeping
it has become less likely than not; move it earlier only for a gain worth hearing of.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor

from clinic.estimate import CannotSay, Estimate, History, estimates
from clinic.events import Told
from clinic.line import Line, Visit

NARROWEST = timedelta(minutes=10)
WIDEST = timedelta(minutes=90)
FARTHEST = timedelta(days=1)
MINUTE = timedelta(minutes=1)
EARLIER_BY = timedelta(minutes=15)
SILENT_AT_MOST = timedelta(minutes=20)
STEP, LONG_STEP = 5, 10
ROOM, MORE_ROOM, UNSURE = 0.35, 1.0, 0.0
"""A told window ends later than the estimate by this share of the way from likely to high: moving it costs trust."""


def tell(line: Line, history: History, now: datetime, only: Collection[str] | None = None) -> list[Told]:
    """The new statements that waiting patients are owed now: for all of them, or `only` for these visits."""
    if only is not None and not any(visit in line.visits and line.visits[visit].status == "waiting" for visit in only):
        return []
    found = []
    for visit_id, estimate in estimates(line, history, now).items():
        if only is None or visit_id in only:
            statement = restate(line.visits[visit_id].told, visit_id, estimate, now)
            if statement:
                found.append(statement)
    return found


def restate(told: Told | None, visit: str, estimate: Estimate | CannotSay, now: datetime) -> Told | None:
    """The window this patient must be told now, or None while the last one, `told`, stands."""
    new = _window(visit, estimate, now)
    if told is None or told.high is None or told.low is None or new.high is None:
        stands = told is not None and told.why == new.why and told.high == new.high and now < speak_again(told)
        return None if stands else new
    assert isinstance(estimate, Estimate)  # only an estimate makes a window
    # The first estimate to pass the end is as a rule a little off: with this margin half of those windows do not hold.
    likely = now + timedelta(minutes=estimate.likely - UNSURE * (estimate.high - estimate.likely))
    broken = now >= told.high
    unlikely = likely > told.high
    if broken or unlikely:
        return new
    # Better news must not be taken back: a window that moves earlier leaves more room than a first one.
    sooner = _window(visit, estimate, now, MORE_ROOM)
    return sooner if sooner.high is not None and told.high - sooner.high >= EARLIER_BY else None


def speak_again(told: Told) -> datetime:
    """When somebody whom we could give no time hears from us again: within 20 minutes, on a full five of the clock."""
    latest = told.at + SILENT_AT_MOST
    return latest - timedelta(minutes=latest.minute % STEP, seconds=latest.second, microseconds=latest.microsecond)


def _window(visit: str, estimate: Estimate | CannotSay, now: datetime, room: float = ROOM) -> Told:
    if isinstance(estimate, CannotSay):
        return Told(now, visit, why=estimate.why)
    if estimate.high - estimate.low > WIDEST / MINUTE or estimate.low > FARTHEST / MINUTE:
        return Told(now, visit, why="too_uncertain")
    step = STEP if estimate.high <= 60 else LONG_STEP
    low = now + timedelta(minutes=floor(estimate.low / step) * step)
    high = _clock_up(max(now + timedelta(minutes=estimate.high), low + NARROWEST))
    if high - low > WIDEST:
        return Told(now, visit, why="too_uncertain")
    roomy = _clock_up(now + timedelta(minutes=estimate.high + room * (estimate.high - estimate.likely)))
    # The room is a kindness: it never makes a window so wide that we would rather be silent.
    return Told(now, visit, low, max(high, min(roomy, _clock_down(low + WIDEST))))


def _clock_up(at: datetime) -> datetime:
    """The next full five minutes on the clock: a promised time is rounded up, never down."""
    beyond = timedelta(minutes=at.minute % STEP, seconds=at.second, microseconds=at.microsecond)
    return at if not beyond else at - beyond + timedelta(minutes=STEP)


def _clock_down(at: datetime) -> datetime:
    return at - timedelta(minutes=at.minute % STEP, seconds=at.second, microseconds=at.microsecond)


@dataclass(frozen=True, slots=True)
class Wait:
    """A told window as it reads now: minutes left, rounded, and the clock time of its end.

    `low` is 0 when it may be any moment. `soon`: less than five minutes are left. `longer`: it ends later than the
    first window we told, or that one has passed.
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
    return Wait(low, high, told.high, high <= STEP, _is_longer(visit, now))


def _is_longer(visit: Visit, now: datetime) -> bool:
    first, told = visit.first_told, visit.told
    moved = bool(first and first.high and told and told.high and told.high > first.high)
    return moved or minutes_over(visit, now) > 0


def minutes_over(visit: Visit, now: datetime) -> int:
    """Whole minutes past the end of the first window this patient was told; 0 while it holds."""
    if visit.first_told is None or visit.first_told.high is None:
        return 0
    return max(0, floor((now - visit.first_told.high).total_seconds() / 60))
