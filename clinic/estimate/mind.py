"""What an estimator has learned and is waiting to learn: the mix, the interval, and predictions still open.

The mix corrects the forward look by what delay histories say (LES, HOL: Ibrahim & Whitt 2009; the weighing by what has
worked: Bassamboo & Ibrahim 2021).
"""

from dataclasses import dataclass, field
from math import inf

from clinic.estimate.interval import CHECK_IN, EARLY, HIGH, LATE, LOW, Interval
from clinic.estimate.linear import Linear
from clinic.estimate.look import Turn, look
from clinic.estimate.scene import Person, Scene
from clinic.estimate.times import ENOUGH, Mean, Times
from clinic.minutes import DAY

FREE, UP, DOWN = (-inf, inf), (0.0, inf), (-inf, 0.0)
MIX = (
    # what, weight to begin with, bounds that keep the estimate growing with the number of people ahead
    ("usual minutes", 0.0, FREE),
    ("forward look", -0.3, (-1.0, inf)),
    ("people ahead x recent gap between calls", 0.0, UP),
    ("HOL", 0.0, UP),
    ("LES", 0.0, FREE),
    ("mean of recent waits", 0.0, FREE),
    ("until the booked time", 0.0, FREE),
    ("planned breaks", 0.0, UP),
    ("until the first room works", 0.0, UP),
    ("nobody ahead", 0.0, DOWN),
    ("past the booked time", 0.0, FREE),
    ("recent lateness", 0.0, FREE),
    ("people ahead x mean visit / rooms", 0.3, UP),
    ("waited so far", 0.0, FREE),
    ("forward look x urgency of others", 0.0, UP),
)
START, BOUNDS = tuple(weight for _, weight, _ in MIX), tuple(bounds for _, _, bounds in MIX)


@dataclass(slots=True)
class Said:
    """One prediction and what it was made from, kept until the outcome is known."""

    at: float
    likely: float
    low: float
    high: float
    usual: float
    scale: float
    look: float
    x: list[float]
    phase: int
    groups: tuple[str, str]
    mixed: float
    missed: bool = False


@dataclass(slots=True)
class Queue:
    """What delays in one queue were lately."""

    last_wait: float = 0.0
    usual_wait: Mean = field(default_factory=lambda: Mean(0.97))
    last_call: float = 0.0
    gap: Mean = field(default_factory=lambda: Mean(0.8))
    day: float = -1.0
    late: Mean = field(default_factory=lambda: Mean(0.8))


class Mind:
    """Everything learned. `say` changes nothing; `ask` also remembers what was said, to learn from the outcome."""

    def __init__(self) -> None:
        self.times = Times()
        self.mixes = [Linear(START, BOUNDS, 0.01, 0.9998), Linear(START, BOUNDS, 0.01, 0.9999)]
        self.interval = Interval()
        self.queues: dict[str, Queue] = {}
        self.open: dict[str, list[Said]] = {}
        self.losses = [(Mean(0.99), Mean(0.99)), (Mean(0.997), Mean(0.997))]
        self.calls = 0

    def queue(self, name: str) -> Queue:
        """What delays in this queue were lately."""
        return self.queues.get(name) or _NEW

    def say(self, scene: Scene, wanted: frozenset[str] | None = None) -> dict[str, Said]:
        """A prediction for everybody (or `wanted`) whose turn can be foreseen. Minutes from now."""
        turns = look(self.times, scene)
        heads: dict[str, float] = {}
        for person in scene.people:
            if person.chance >= 1:
                heads[person.group] = max(heads.get(person.group, 0.0), scene.now - person.arrived)
        found = {}
        for person in scene.people:
            if person.id in turns and (wanted is None or person.id in wanted):
                found[person.id] = self._said(scene, person, turns[person.id], heads[person.group])
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
        queue = self.queues.setdefault(person.group, Queue())
        if queue.day == now // DAY and 0 <= now - queue.last_call < 120:
            queue.gap.add(now - queue.last_call)
        if queue.day != now // DAY:
            queue.late = Mean(0.8)
        queue.day, queue.last_call, queue.last_wait = now // DAY, now, wait
        queue.usual_wait.add(wait)
        if person.booked is not None:
            queue.late.add(now - person.booked)
        self.times.waited += wait
        self.calls += 1

    def left(self, person: Person, now: float) -> None:
        """Somebody gave up: their predictions have no outcome, unless they were broken before."""
        for said in self.open.pop(person.id, ()):
            self._passed(said, now)
        self.times.left += 1
        self.times.waited += now - person.arrived

    def _passed(self, said: Said, now: float) -> None:
        if not said.missed and now > said.at + said.high:
            said.missed = True
            self.interval.came_true(said.phase, said.groups, HIGH, missed=True)

    def _outcome(self, said: Said, now: float) -> None:
        true = now - said.at
        self._passed(said, now)
        if not said.missed:
            self.interval.came_true(said.phase, said.groups, HIGH, missed=False)
        self.interval.came_true(said.phase, said.groups, LOW, true < said.low)
        self.interval.learn(said.phase, said.likely, said.usual, true - said.likely)
        # Weights by 1/|error| make least squares follow the median, which is what is promised (IRLS).
        alone, both = self.losses[min(1, said.phase)]
        alone.add(abs(true - said.look))
        both.add(abs(true - said.mixed))
        mix = self.mixes[min(1, said.phase)]
        y = (true - said.look) / said.scale
        off = abs(y - mix.at(said.x))
        mix.learn(said.x, y, said.scale / (2 * said.usual) / max(0.1, off) * (1.0 if said.phase == 0 else 0.5))

    def _said(self, scene: Scene, person: Person, turn: Turn, head: float) -> Said:
        now = scene.now
        queue = self.queue(person.group)
        waited = max(0.0, now - person.arrived)
        usual = max(0.05, scene.usual.get(person.service, 10.0))
        phase = CHECK_IN if waited <= 1e-6 else EARLY if waited < 2 * usual else LATE
        seen = turn.minutes
        scale = seen + usual / 2
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
        if self.times.tells and turn.before < turn.idle:
            mixed = min(mixed, seen)  # a room is free: it is their turn now, and who is called at once teaches no wait
        # The mix speaks when it has been nearer than the look alone of late.
        alone, both = self.losses[min(1, phase)]
        likely = mixed if self.calls >= ENOUGH and both.total <= 1.03 * alone.total else seen
        groups = (f"{int(now % DAY) // 60} h", person.service)
        low, high = self.interval.ends(phase, groups, likely, usual, turn.back, turn.sure)
        return Said(now, likely, low, high, usual, scale, seen, x, phase, groups, mixed)


_NEW = Queue()
