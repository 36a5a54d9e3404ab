"""The one place that knows the time. A simulated day runs its clock faster.

A computer's clock can be wrong: without a battery it begins in 1970 or where it was switched off, until the network or
a person sets it. So it is held against a steady count of seconds that nobody can set. A clock that is set by little is
simply followed. One that falls far back is not: the time goes on from what was known. One that leaps far ahead is
followed, but is in doubt for a while, in which nothing is erased.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

FAR = timedelta(minutes=90)
"""Who sets a clock by more than this does not correct it: an hour is what summer time gets wrong."""

AWAY = timedelta(days=60)
"""No clinic is closed for longer, so a clock that says so at the start is in doubt."""

PROVEN = timedelta(hours=1)
"""A clock that leapt ahead is believed when it has run on for so long and nobody set it back."""


def real_time() -> datetime:
    """What this computer's own clock says, whatever pace the clinic's clock has."""
    return datetime.now(UTC)


def steady() -> float:
    """Seconds that only go on: nobody can set them, and a computer that slept counts them all the same."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class Clock:
    """The clinic's time: real, or from `start` at `speed` times the real pace."""

    speed: float = 1.0
    start: datetime | None = None
    _since: float = field(default_factory=time.monotonic)
    wall: Callable[[], datetime] = real_time
    steady: Callable[[], float] = steady

    def __post_init__(self) -> None:
        self._known = self._leapt = (self.wall(), self.steady())

    def now(self) -> datetime:
        """The clinic's time now, in UTC."""
        return self.moment()[0]

    def real_now(self) -> datetime:
        """The real time as far as it is known, whatever pace the clinic's clock has: for doors and machines."""
        wall, seconds = self.wall(), self.steady()
        known = _on(self._known, seconds)
        if wall < known - FAR:
            return known
        if wall > known + FAR:
            if abs(wall - _on(self._leapt, seconds)) > FAR:
                self._leapt = (wall, seconds)
            if seconds - self._leapt[1] < PROVEN.total_seconds():
                return wall
        self._known = self._leapt = (wall, seconds)
        return wall

    def seconds(self) -> float:
        """The clinic's seconds since some moment; they only go on, at the clinic's pace, whoever sets the clock."""
        return self.steady() if self._is_real else (time.monotonic() - self._since) * self.speed

    def moment(self) -> tuple[datetime, float]:
        """The time and the seconds of one and the same moment: read apart, a fast clock would have run on between."""
        seconds = self.seconds()
        return (self.real_now() if self._is_real else self._after(seconds)), seconds

    def go_on_from(self, latest: datetime) -> None:
        """Begin after this moment, which was. A clock that is far from it is in doubt from the start."""
        wall = self.wall()
        known = latest if wall < latest - FAR or wall > latest + AWAY else wall
        self._known = (known, self.steady())

    @property
    def doubt(self) -> str:
        """What is wrong with this computer's clock: "clock_behind", "clock_ahead", or empty where nothing is.

        In doubt nothing is done that cannot be undone.
        """
        if not self._is_real:
            return ""
        self.real_now()
        ahead = self.wall() - _on(self._known, self.steady())
        return "clock_behind" if ahead < -FAR else "clock_ahead" if ahead > FAR else ""

    def believe(self) -> None:
        """A person says that this computer's clock is right."""
        self._known = (self.wall(), self.steady())

    def real_seconds(self, clinic_seconds: float) -> float:
        """How long that much of the clinic's time takes."""
        return clinic_seconds / self.speed

    def _after(self, seconds: float) -> datetime:
        return (self.start or _STARTED).astimezone(UTC) + timedelta(seconds=seconds)

    @property
    def _is_real(self) -> bool:
        return self.start is None and self.speed == 1


class Onward:
    """A time that never goes back: for sessions, links and tries, so that no set clock makes them last longer."""

    def __init__(self, now: Callable[[], datetime], steady: Callable[[], float] = steady):
        self._now, self._steady = now, steady
        self._last = (now(), steady())

    def now(self) -> datetime:
        """The time, or what it has come to by steady seconds where the clock was set back."""
        last, since = self._last
        seconds = self._steady()
        self._last = (max(self._now(), last + timedelta(seconds=max(0.0, seconds - since))), seconds)
        return self._last[0]


def _on(known: tuple[datetime, float], seconds: float) -> datetime:
    """The time had nobody set the clock since it was known."""
    at, since = known
    return at + timedelta(seconds=seconds - since)


_STARTED = real_time()
