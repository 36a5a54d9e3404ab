"""How long things take here: visits, turnover, breaks, openings, patience. Learned online, from what was configured."""

from bisect import bisect_right, insort
from collections import deque
from math import exp

from clinic.minutes import DAY

PRIOR = 6
"""The configured minutes count as much as this many visits seen."""

LONGEST = 6.0
"""Beyond this many times the usual minutes an observation is a forgotten "finish", not a visit."""

SHORTEST = 0.5
NEVER = 900.0
SEEN = 400
REST = 25.0
"""A gap so long with somebody waiting is a rest, not a turnover."""

ENOUGH = 30
"""Visits seen before the shape of this clinic's own service times is used."""


class Mean:
    """A mean that forgets: total and count decay by `keep` at each value; `prior` counts as `strength` values."""

    __slots__ = ("count", "keep", "total")

    def __init__(self, keep: float = 0.995):
        self.keep = keep
        self.total = 0.0
        self.count = 0.0

    def add(self, value: float) -> None:
        """One more value."""
        self.total = self.total * self.keep + value
        self.count = self.count * self.keep + 1.0

    def value(self, prior: float, strength: float) -> float:
        """The mean, with `prior` counted as `strength` values."""
        return (self.total + prior * strength) / (self.count + strength)


class Times:
    """What was seen of this clinic's times."""

    def __init__(self) -> None:
        self.services: dict[str, Mean] = {}
        self.rooms: dict[str, Mean] = {}
        self.clinic_today = Mean(0.97)
        self.day = -1.0
        self.shape: list[float] = []
        self.recent: deque[float] = deque()
        self.turn: dict[str, Mean] = {}
        self.turns = Mean(0.998)
        self.pause_lengths: deque[float] = deque(maxlen=100)
        self.openings: dict[str, deque[float]] = {}
        self.stops: dict[tuple[str, int], deque[float]] = {}
        self.overrun = Mean(0.97)
        self.left = 0.0
        self.waited = 1.0
        self.rests: dict[int, Mean] = {}
        self.rest_length = Mean(0.98)
        self.rested: dict[str, float] = {}
        self.lateness: deque[float] = deque(maxlen=600)
        self.came: list[float] = []
        self.early = -8.0
        self.habits = [0.0, 0.0]
        self.tells = False
        self.count = 0

    def new_day(self, now: float) -> None:
        """Forget the pace of yesterday."""
        if now // DAY != self.day:
            self.day = now // DAY
            self.clinic_today = Mean(0.97)

    def took(self, service: str, room: str, minutes: float, usual: float, now: float) -> None:
        """A visit took so long."""
        self.new_day(now)
        mean = self.service(service, usual)
        if not min(SHORTEST, usual / 6) <= minutes <= LONGEST * max(mean, usual):
            return
        expected = max(0.05, mean * self.room(room))
        ratio = minutes / expected
        self.services.setdefault(service, Mean(0.998)).add(minutes / self.room(room))
        self.rooms.setdefault(room, Mean(0.995)).add(minutes / max(0.05, mean))
        self.clinic_today.add(ratio)
        self.recent.append(ratio)
        insort(self.shape, ratio)
        self.count += 1
        if len(self.recent) > SEEN:
            self.shape.pop(bisect_right(self.shape, self.recent.popleft()) - 1)

    def service(self, service: str, usual: float) -> float:
        """Mean minutes of a visit for this service."""
        seen = self.services.get(service)
        return seen.value(usual, PRIOR) if seen else usual

    def room(self, room: str) -> float:
        """How much slower than usual this room is, over the past days."""
        seen = self.rooms.get(room)
        return seen.value(1.0, 15.0) if seen else 1.0

    def work(self, service: str, room: str | None, usual: float) -> float:
        """Expected minutes of a visit today, in this room or in whichever it will be."""
        pace = self.clinic_today.value(1.0, 25.0)
        if room is None:
            return self.service(service, usual) * pace
        return self.service(service, usual) * self.room(room) * pace

    def turnover(self, room: str | None) -> float:
        """Minutes from a finish to the next call while somebody waits, in this room or in any."""
        clinic = self.turns.value(0.0, 4.0)
        seen = self.turn.get(room) if room else None
        return seen.value(clinic, 10.0) if seen else clinic

    def called_after(self, room: str, gap: float, free: float) -> None:
        """The room called somebody who had waited already when it became free, at `free`, `gap` minutes before.

        Where nobody records pauses a long gap is a rest that shows in no plan; a room takes one a day.
        """
        if gap < REST:
            self.turns.add(gap)
            self.turn.setdefault(room, Mean(0.995)).add(gap)
        if not self.tells and gap < DAY / 8 and self.rested.get(room) != free // DAY:
            self.rests.setdefault(int(free % DAY) // 30, Mean(0.995)).add(float(gap >= REST))
            if gap >= REST:
                self.rest_length.add(gap)
                self.rested[room] = free // DAY

    def tires(self, at: float) -> float:
        """The chance that a room which becomes free at this time rests before it goes on."""
        seen = self.rests.get(int(at % DAY) // 30)
        return seen.value(0.0, 10.0) if seen else 0.0

    def rest(self, age: float, work: float, share: float) -> float:
        """Minutes left of a visit that began `age` minutes ago; `share` in (0, 1) picks a quantile of the rest."""
        if self.count < ENOUGH:
            return max(work - age, work / 4)
        first = bisect_right(self.shape, age / work)
        beyond = len(self.shape) - first
        if beyond < 6:
            return work * (0.15 + 0.5 * share)
        return max(0.0, self.shape[first + int(share * beyond)] * work - age)

    def stopped(self, room: str, stop: float, minutes: float) -> None:
        """What came of a planned stop: minutes away, 0 when work went on, DAY when the room closed."""
        self.stops.setdefault((room, int(stop % DAY) // 30), deque(maxlen=9)).append(minutes)

    def away(self, room: str, stop: float) -> float:
        """Minutes a room stays away at this planned stop; DAY: for the rest of the day."""
        slot = int(stop % DAY) // 30
        seen = self.stops.get((room, slot))
        if not seen:
            seen = deque(m for (_, other), all_ in self.stops.items() if other == slot for m in all_)
        if not seen:
            return 45.0 if stop % DAY < 15 * 60 else 0.0
        return sorted(seen)[len(seen) // 2]

    def opened(self, room: str, at: float) -> None:
        """The room began its day at this minute of the day."""
        self.openings.setdefault(room, deque(maxlen=9)).append(at)

    def opening(self, room: str) -> float | None:
        """The minute of the day at which this room begins, as a rule."""
        seen = self.openings.get(room)
        return sorted(seen)[len(seen) // 2] if seen else None

    def pause_left(self, age: float) -> float | None:
        """Minutes left of a pause without a planned end, given its age; None when none was ever seen."""
        longer = [m - age for m in tuple(self.pause_lengths) if m > age]
        if len(self.pause_lengths) < 5:
            return None
        return max(2.0, sum(longer) / len(longer)) if longer else max(2.0, age / 2)

    def stays(self, minutes: float) -> float:
        """The share of people who have not given up after so many minutes more."""
        return exp(-minutes * self.left / (self.waited + 300.0))

    def comes(self, late: float) -> float:
        """The chance that somebody booked, not here `late` minutes after (before: negative) their time, still comes."""
        if len(self.lateness) < 20:
            return 0.85 if late < 20 else 0.3
        slot = max(-12, int(late // 5))
        still = len(self.came) - bisect_right(self.came, slot * 5)
        never = len(self.lateness) - len(self.came)
        return still / (still + never + 1)

    def order_was(self, rule: bool, arrival: bool) -> None:
        """Who was called next is who the order rule says, or who came first; counted only where these differ."""
        if rule != arrival:
            self.habits = [self.habits[0] * 0.95 + rule, self.habits[1] * 0.95 + arrival]

    def keeps_rule(self) -> bool:
        """Whether staff call by the order rule; else they have of late called by plain arrival."""
        return self.habits[1] <= 1.3 * self.habits[0] + 2

    def kept(self, late: float) -> None:
        """Somebody booked came so many minutes late (early: negative), or NEVER."""
        self.lateness.append(late)
        self.came = sorted(x for x in self.lateness if x < NEVER)
        if len(self.came) >= 20:
            self.early = self.came[len(self.came) // 2]
