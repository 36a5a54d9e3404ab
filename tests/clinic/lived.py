"""Days that a clinic lives through, made up from a seed: what an estimate learns from in the tests."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from clinic.events import (
    Booked,
    Called,
    CheckedIn,
    Closed,
    Entry,
    Fact,
    Finished,
    Left,
    Opened,
    RoomClosed,
    RoomOpened,
    RoomPaused,
    Started,
)
from clinic.line import Line, apply, present, visits_in
from clinic.order import next_for
from clinic.setup import Setup
from tests.clinic.given import LETTER, NINE


@dataclass(frozen=True)
class Habits:
    """What days are like here. Times in minutes, chances as shares.

    every: between arrivals. shortest and longest: a visit in times the usual minutes. pauses: a room's breaks a day.
    """

    every: float = 9.0
    lasts: float = 300.0
    shortest: float = 0.4
    longest: float = 1.6
    turnover: float = 1.0
    booked: float = 0.0
    comes: float = 0.85
    patience: float = 240.0
    pauses: int = 1
    tells_end: float = 0.7


@dataclass
class _Day:
    """One day as it goes: what is still to come in `ahead`, and the facts so far."""

    line: Line
    begins: datetime
    name: str
    chance: random.Random
    habits: Habits
    facts: list[Fact] = field(default_factory=list)
    ahead: list[tuple[float, int, Fact | str]] = field(default_factory=list)
    count: int = 0

    def at(self, minute: float) -> datetime:
        return self.begins + timedelta(minutes=minute)

    def plan(self, minute: float, what: Fact | str) -> None:
        self.count += 1
        heappush(self.ahead, (minute, self.count, what))

    def happens(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.line = apply(self.line, Entry(self.line.seq + 1, fact))

    def live(self) -> None:
        self.happens(Opened(self.begins))
        self._people()
        for room in self.line.setup.rooms:
            self.happens(RoomOpened(self.begins, room.id))
            for _ in range(self.habits.pauses):
                self._pause(room.id)
        while self.ahead:
            minute, _, what = heappop(self.ahead)
            if isinstance(what, str):
                self._call(minute, what)
            elif not isinstance(what, Left) or self.line.visits[what.visit].status == "waiting":
                self.happens(what)
                if isinstance(what, Finished):
                    self.plan(minute + self.habits.turnover, self.line.visits[what.visit].room or "")
                else:
                    for room in self.line.setup.rooms:
                        free = self.line.room(room.id).freed
                        if free is None or free + timedelta(minutes=self.habits.turnover) <= self.at(minute):
                            self._call(minute, room.id)
        for visit in present(self.line, "waiting"):
            self.happens(Left(self.facts[-1].at, visit.id, "closed"))
        for room in self.line.setup.rooms:
            self.happens(RoomClosed(self.facts[-1].at, room.id))
        self.happens(Closed(self.facts[-1].at))

    def _people(self) -> None:
        minute = 0.0
        while (minute := minute + self.chance.expovariate(1 / self.habits.every)) < self.habits.lasts:
            visit = f"{self.name}-{self.count}"
            service = self.chance.choice(self.line.setup.services).id
            booked = self.at(5 * (minute // 5)) if self.chance.random() < self.habits.booked else None
            comes = minute
            if booked is not None:
                self.happens(Booked(self.begins, visit, service, booked))
                comes = max(0.1, minute + self.chance.uniform(-20, 10))
                if self.chance.random() > self.habits.comes:
                    continue
            ticket = f"{LETTER.get(service, 'L')} {self.count}"
            self.plan(comes, CheckedIn(self.at(comes), visit, service, ticket, booked=booked))
            goes = comes + self.chance.expovariate(1 / self.habits.patience)
            self.plan(goes, Left(self.at(goes), visit))

    def _pause(self, room: str) -> None:
        begins = self.chance.uniform(30, self.habits.lasts)
        planned = begins + self.chance.choice((10, 15, 30))
        ends = planned + self.chance.uniform(-3, 5)
        known = self.chance.random() < self.habits.tells_end
        self.plan(begins, RoomPaused(self.at(begins), room, self.at(planned) if known else None))
        self.plan(ends, RoomOpened(self.at(ends), room))

    def _call(self, minute: float, room: str) -> None:
        who = next_for(self.line, room)
        if who is None or self.line.room(room).state != "open" or visits_in(self.line, room):
            return
        self.happens(Called(self.at(minute), who.id, room))
        self.happens(Started(self.at(minute), who.id))
        service = self.line.setup.service(who.service)
        assert service is not None
        ends = minute + service.minutes * self.chance.uniform(self.habits.shortest, self.habits.longest)
        self.plan(ends, Finished(self.at(ends), who.id))


def lived(setup: Setup, days: int, seed: int = 1, habits: Habits = Habits()) -> Iterator[Entry]:
    """The log of so many days, the last of them the day before the 23rd."""
    chance = random.Random(seed)
    line = Line(setup)
    for n in range(days):
        day = _Day(line, NINE - timedelta(days=days - n), f"d{n}", chance, habits)
        day.live()
        for number, fact in enumerate(day.facts, line.seq + 1):
            yield Entry(number, fact)
        line = day.line
