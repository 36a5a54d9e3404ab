"""The running clock of local time, in minutes: what the estimate and past days count in. `minute % DAY`: of the day.

A day is told by the clock on the wall, so an hour that comes twice in autumn is there twice. Pure.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (only the zero of a clock of local time, which has no zone)
DAY = 1440.0


def minute(at: datetime, zone: str = "UTC") -> float:
    """This time as a minute of the running clock in the zone; one that knows no zone is local time already."""
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if at.tzinfo else at
    return (local - EPOCH).total_seconds() / 60


def clock(minute: float) -> datetime:
    """The local time of a minute of the running clock, to the second, without a zone."""
    return EPOCH + timedelta(seconds=round(minute * 60))


def full_five(at: datetime) -> datetime:
    """The next full five minutes on the clock: a promised time is rounded up, never down."""
    beyond = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at if not beyond else at - beyond + timedelta(minutes=5)


def last_five(at: datetime) -> datetime:
    """The last full five minutes on the clock: for a time that somebody is asked to be back by."""
    return at - timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)


def moment(minute: float) -> datetime:
    """That minute of a running clock in UTC, as a time that knows its zone."""
    return (EPOCH + timedelta(minutes=minute)).replace(tzinfo=UTC)
