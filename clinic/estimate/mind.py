"""What an estimator has learned and is waiting to learn: the mix, the interval, and predictions still open.

The mix corrects the forward look by what delay histories say (LES, HOL: Ibrahim & Whitt 2009; the weighing by what has
worked: Bassamboo & Ibrahim 2021). The interval follows residuals of like situations, its levels move by adaptive
conformal inference (Gibbs & Candes 2021).
"""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from math import sqrt

from clinic.estimate.linear import Linear
from clinic.estimate.look import Turn, look
from clinic.estimate.scene import Person, Scene
from clinic.estimate.times import DAY, Mean, Times

TAIL = 0.10
BAND = 1.2816
"""Standard deviations on each side that hold the middle 80% of a normal spread: used until residuals are known."""

STEP = (0.01, 0.004)
"""How far one outcome moves a tail's level: at check-in, while waiting."""

SHIFT = (0.05, 0.015)
"""How far one outcome moves the tails of its service and its hour, in units of the usual error."""

KEEP, NEAR = 1500, 40
FEATURES = 15


@dataclass(slots=True)
class Said:
    """One prediction and what it was made from, kept until the outcome is known."""

    at: float
    likely: float
    low: float
    high: float
    scale: float
    wide: float
    look: float
    x: list[float]
    phase: int
    bucket: int
    groups: tuple[str, str]
    mixed: float
    missed: bool = False


class Residuals:
    """Relative residuals of one situation, sorted when asked."""

    __slots__ = ("fresh", "ordered", "values")

    def __init__(self) -> None:
        self.values: deque[float] = deque(maxlen=KEEP)
        self.ordered: list[float] = []
        self.fresh = 0

    def add(self, value: float) -> None:
        """One more residual; the oldest goes."""
        self.values.append(value)
        self.fresh += 1

    def at(self, level: float) -> float:
        """The residual below which this share of them lies (with the finite-sample step of conformal prediction)."""
        if self.fresh > len(self.ordered) // 50:
            self.ordered = sorted(self.values)
            self.fresh = 0
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


@dataclass(slots=True)
class Queue:
    """What delays in one queue were lately."""

    last_wait: float = 0.0
    usual_wait: Mean = field(default_factory=lambda: Mean(0.97))
    last_call: float = 0.0
    gap: Mean = field(default_factory=lambda: Mean(0.8))
    day: float = -1.0
    bias: Mean = field(default_factory=lambda: Mean(0.9))
    late: Mean = field(default_factory=lambda: Mean(0.8))


class Mind:
    """Everything learned. `say` changes nothing; `ask` also remembers what was said, to learn from the outcome."""

    def __init__(self) -> None:
        self.times = Times()
        self.mixes = [Linear(FEATURES, 0.01, 0.9998), Linear(FEATURES, 0.01, 0.9999)]
        self.scales = [Linear(6, 0.03, 0.9997), Linear(6, 0.03, 0.9999)]
        self.residuals: dict[tuple[int, int], Residuals] = {}
        self.levels: dict[int, list[float]] = {0: [TAIL, TAIL], 1: [TAIL, TAIL], 2: [TAIL, TAIL]}
        self.queues: dict[str, Queue] = {}
        self.open: dict[str, list[Said]] = {}
        self.shifts: dict[tuple[int, str], list[float]] = {}
        self.losses = [(Mean(0.99), Mean(0.99)), (Mean(0.997), Mean(0.997))]
        self.habits = [0.0, 0.0]
        self.calls = 0
        self.ranks: dict[int, Mean] = {}

    def queue(self, name: str) -> Queue:
        """What delays in this queue were lately."""
        return self.queues.get(name) or _NEW

    def say(self, scene: Scene, wanted: frozenset[str] | None = None) -> dict[str, Said]:
        """A prediction for everybody (or `wanted`) whose turn can be foreseen. Minutes from now."""
        if not scene.line_known:
            return {}
        turns = look(self.times, scene)
        heads: dict[str, float] = {}
        for person in scene.people:
            if person.chance >= 1:
                heads[person.queue] = max(heads.get(person.queue, 0.0), scene.now - person.arrived)
        found = {}
        for person in scene.people:
            if person.id in turns and (wanted is None or person.id in wanted):
                found[person.id] = self._said(scene, person, turns[person.id], heads[person.queue])
        return found

    def ask(self, scene: Scene, wanted: frozenset[str]) -> dict[str, Said]:
        """As `say`, remembered until called."""
        found = self.say(scene, wanted)
        for visit, said in found.items():
            mine = self.open.setdefault(visit, [])
            for old in mine:
                self._passed(old, scene.now)
            mine.append(said)
        return found

    def called(self, person: Person, now: float) -> None:
        """Somebody was called: every prediction made for them gets its outcome."""
        wait = now - person.arrived
        for said in self.open.pop(person.id, ()):
            # Who is called on arrival never waited: counting them would make the promises to who waits too narrow.
            if now > person.arrived:
                self._outcome(said, now)
        queue = self.queues.setdefault(person.queue, Queue())
        if queue.day == now // DAY and 0 <= now - queue.last_call < 120:
            queue.gap.add(now - queue.last_call)
        if queue.day != now // DAY:
            queue.bias, queue.late = Mean(0.9), Mean(0.8)
        queue.day, queue.last_call, queue.last_wait = now // DAY, now, wait
        queue.usual_wait.add(wait)
        if person.booked is not None:
            queue.late.add(now - person.booked)
        self.times.waited += wait
        self.calls += 1

    def left(self, person: Person, now: float) -> None:
        """Somebody gave up: their predictions have no outcome, unless they were broken before."""
        self.open.pop(person.id, None)
        self.times.left += 1
        self.times.waited += now - person.arrived

    def _passed(self, said: Said, now: float) -> None:
        if not said.missed and now > said.at + said.high:
            said.missed = True
            self._move(said, 1, True)

    def _move(self, said: Said, side: int, missed: bool) -> None:
        levels = self.levels[said.phase]
        step = STEP[min(1, said.phase)]
        levels[side] = min(0.3, max(0.005, levels[side] + step * (TAIL - missed)))
        for group in said.groups:
            shift = self.shifts.setdefault((min(1, said.phase), group), [0.0, 0.0])
            # Shrinking lets a group that is like the others go back to them.
            shift[side] = shift[side] * 0.999 + SHIFT[min(1, said.phase)] * (missed - TAIL)

    def _outcome(self, said: Said, now: float) -> None:
        true = now - said.at
        self._passed(said, now)
        if not said.missed:
            self._move(said, 1, False)
        self._move(said, 0, true < said.low)
        error = true - said.likely
        part = error / said.wide
        for key in ((said.phase, said.bucket), (said.phase, -1)):
            self.residuals.setdefault(key, Residuals()).add(part)
        # Weights by 1/|error| make least squares follow the median, which is what is promised (IRLS).
        alone, both = self.losses[min(1, said.phase)]
        alone.add(abs(true - said.look))
        both.add(abs(true - said.mixed))
        mix = self.mixes[min(1, said.phase)]
        y = (true - said.look) / said.scale
        off = abs(y - mix.at(said.x))
        mix.learn(said.x, y, said.scale / 30 / max(0.1, off) * (1.0 if said.phase == 0 else 0.5))
        scale = self.scales[min(1, said.phase)]
        features = self._scale_features(said.x)
        z = abs(error) / said.scale - 0.3
        scale.learn(features, z, min(3.0, 1.0 / (0.2 + said.wide / said.scale)))

    @staticmethod
    def _scale_features(x: list[float]) -> list[float]:
        return [1.0, x[0] * 5, x[7], x[8], x[9], x[12]]

    def _said(self, scene: Scene, person: Person, turn: Turn, head: float) -> Said:
        now = scene.now
        queue = self.queue(person.queue)
        waited = max(0.0, now - person.arrived)
        usual = max(0.05, scene.usual.get(person.service, 10.0))
        phase = 0 if waited <= 1e-6 else (1 if waited < 2 * usual else 2)
        seen = turn.minutes
        c = usual / 2
        scale = seen + c
        today = queue.day == now // DAY
        les = queue.last_wait if today else 0.0
        mean_wait = queue.usual_wait.value(usual, 2.0)
        gap = queue.gap.value(usual / max(1, turn.rooms), 3.0)
        to_booked = max(0.0, min(120.0, person.booked - now)) if person.booked is not None else 0.0
        past = max(0.0, min(60.0, now - person.booked)) if person.booked is not None else 0.0
        late = queue.late.value(0.0, 1.0) if person.booked is not None else 0.0
        mean = self.times.service(person.service, usual)
        by_place = (turn.before + 1) * mean / max(1, turn.rooms)
        x = [v / scale for v in (
            usual * 0.3, seen, turn.before * gap, head if turn.before > 0 else 0.0, max(0.0, les - waited),
            mean_wait - waited * 0.5, to_booked, min(turn.away, 90.0), min(turn.back, 90.0),
            usual * 0.3 * (turn.before < 1), past, late, by_place, waited,
            min(person.rank, 3) * seen * 0.3,
        )]  # fmt: skip
        mix = self.mixes[min(1, phase)]
        mixed = max(0.0, min(seen + mix.at(x) * scale, seen * 4 + 60))
        # The mix speaks when it has been nearer than the look alone of late.
        alone, both = self.losses[min(1, phase)]
        likely = mixed if self.calls >= 30 and both.total <= 1.03 * alone.total else seen
        likely = max(likely, min(turn.back, seen) if turn.back > 0 and self.calls < 30 else 0.0)
        wide = scale * max(0.08, 0.3 + self.scales[min(1, phase)].at(self._scale_features(x)))
        bucket = bisect_right((0.8, 2.2), likely / usual)
        groups = (f"{int(now % DAY) // 60} h", person.service)
        low, mid, high = self._band(phase, bucket, groups, likely, wide, turn)
        return Said(now, mid, low, high, scale, wide, seen, x, phase, bucket, groups, mixed)

    def _band(
        self, phase: int, bucket: int, groups: tuple[str, str], likely: float, wide: float, turn: Turn
    ) -> tuple[float, float, float]:
        residuals = self.residuals.get((phase, bucket))
        if residuals is None or len(residuals.values) < NEAR:
            residuals = self.residuals.get((phase, -1))
        if residuals is None or len(residuals.values) < NEAR:
            spread = BAND * sqrt(turn.variance)
            return max(turn.back, likely - spread, 0.0), likely, likely + spread
        below, above = self.levels[phase]
        shift = [sum(self.shifts.get((min(1, phase), group), _NONE)[side] for group in groups) for side in (0, 1)]
        low = max(0.0, likely + (residuals.at(below) - shift[0]) * wide)
        high = max(0.0, likely + (residuals.at(1 - above) + shift[1]) * wide)
        high = max(high, low)
        return low, min(max(likely, low), high), high


_NEW = Queue()
_NONE = (0.0, 0.0)
