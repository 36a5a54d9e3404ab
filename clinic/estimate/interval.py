"""The range around an estimate: calibrated so that 10% are called sooner and 10% later, by what came of earlier ones.

Residuals of like situations are kept, and their levels move by adaptive conformal inference (Gibbs & Candes 2021). A
broken promise counts when it breaks, not when the person is called at last.
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable
from math import inf, sqrt

TAIL = 0.10
SPREAD = 0.85
"""Standard deviation of a service time as a share of its mean, before it is known.

Clinics lie between 0.4 and 0.8; the rest is for configured minutes and hours that are only roughly right.
"""

BAND = 1.2816
"""Standard deviations on each side that hold the middle 80% of a normal spread: used until residuals are known."""

STEP = (0.01, 0.002)
"""How far one outcome moves a tail's level: at check-in, while waiting."""

SHIFT = (0.03, 0.003)
"""How far one outcome moves the tails of its service and its hour, in units of the usual error."""

KEEP, NEAR = 1500, 40
EDGES, KNOTS = (0.5, 1.2, 2.5, 4.5), (0.25, 0.8, 1.7, 3.4, 6.0)
"""Waits are compared with waits of like length, in times the usual minutes: between these, around those."""

ALL = -1
CHECK_IN, EARLY, LATE = range(3)
"""Phases of a wait."""

LOW, HIGH = range(2)
"""Sides of a range."""


class Residuals:
    """What errors were in one kind of situation, in units of the usual one: the latest, also in order of size."""

    __slots__ = ("ordered", "values")

    def __init__(self, values: Iterable[float] = ()):
        self.values = deque(values)
        self.ordered = sorted(self.values)

    def add(self, value: float) -> None:
        """One more; the oldest goes."""
        self.values.append(value)
        insort(self.ordered, value)
        if len(self.values) > KEEP:
            del self.ordered[bisect_left(self.ordered, self.values.popleft())]

    def at(self, level: float) -> float:
        """The residual below which this share of them lies (with the finite-sample step of conformal prediction)."""
        n = len(self.ordered)
        # The few outermost of a small sample say nothing about one in a hundred.
        least = min(0.1, 3 / (n + 1))
        place = min(max(level, least), 1 - least) * (n + 1) - 1
        if place <= 0:
            return self.ordered[0]
        if place >= n - 1:
            return self.ordered[-1]
        i = int(place)
        return self.ordered[i] + (place - i) * (self.ordered[i + 1] - self.ordered[i])


class Interval:
    """What is known of errors, by phase of the wait, its length, the service and the hour (the `groups`)."""

    def __init__(self) -> None:
        self.residuals: dict[tuple[int, int], Residuals] = {}
        self.levels = [[TAIL, TAIL], [TAIL, TAIL], [TAIL, TAIL]]
        self.shifts: dict[tuple[int, str], list[float]] = {}

    def ends(
        self, phase: int, groups: tuple[str, ...], likely: float, usual: float, back: float = 0.0, sure: float = inf
    ) -> tuple[float, float]:
        """Both ends around `likely`, in minutes. Both grow with it: more people ahead never make an end earlier.

        `usual`: the configured minutes of a visit; `back`: minutes until a room works at all, as planned; `sure`:
        until so many free rooms work that one is left for them, give or take a visit.
        """
        pooled = self.residuals.get((phase, ALL))
        if pooled is None or len(pooled.values) < NEAR:
            low = likely - BAND * SPREAD * sqrt(max(0.0, likely - back) * usual)
            # The upper end leaves `back` out: else a room opened now, which lowers `back`, would make it later.
            high = likely + BAND * SPREAD * sqrt(likely * usual)
            return max(low, min(back, likely), 0.0), min(high, max(likely, sure + usual))
        below, above = self.levels[phase]
        down, up = (sum(self._shift(phase, group)[side] for group in groups) for side in (LOW, HIGH))
        low = usual * self._end(phase, below, -down, likely / usual)
        high = usual * self._end(phase, 1 - above, up, likely / usual)
        return min(low, likely), max(high, likely)

    def learn(self, phase: int, likely: float, usual: float, error: float) -> None:
        """Somebody was called so many minutes later (earlier: negative) than likely."""
        ratio = likely / usual
        for bucket in (bisect_right(EDGES, ratio), ALL):
            self.residuals.setdefault((phase, bucket), Residuals()).add(error / (usual * _unit(ratio)))

    def came_true(self, phase: int, groups: tuple[str, ...], side: int, missed: bool) -> None:
        """One side of a range held, or was missed."""
        waiting = min(1, phase)
        level = self.levels[phase][side] + STEP[waiting] * (TAIL - missed)
        self.levels[phase][side] = min(0.3, max(0.005, level))
        for group in groups:
            shift = self.shifts.setdefault((waiting, group), [0.0, 0.0])
            # Shrinking lets a group that is like the others go back to them.
            shift[side] = shift[side] * 0.999 + SHIFT[waiting] * (missed - TAIL)

    def _shift(self, phase: int, group: str) -> list[float]:
        return self.shifts.get((min(1, phase), group), [0.0, 0.0])

    def _end(self, phase: int, level: float, shift: float, ratio: float) -> float:
        """One end of the range at this many times the usual minutes, between knots at which it was learned."""
        pooled = self.residuals[phase, ALL]
        x0, y0 = 0.0, 0.0
        for bucket, x1 in enumerate(KNOTS):
            residuals = self.residuals.get((phase, bucket), pooled)
            if len(residuals.values) < NEAR:
                residuals = pooled
            slope = residuals.at(level) + shift
            if bucket == 0:
                y0 = max(0.0, slope * _unit(0.0))
            y1 = max(y0, x1 + _unit(x1) * slope)
            if ratio <= x1:
                return y0 + (y1 - y0) * (ratio - x0) / (x1 - x0)
            x0, y0 = x1, y1
        return max(y0, ratio + _unit(ratio) * slope)


def _unit(ratio: float) -> float:
    """How errors grow with the wait, in times the usual minutes: as those of a sum of independent visits."""
    return sqrt(ratio + 0.25)
