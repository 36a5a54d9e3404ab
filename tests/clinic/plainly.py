"""The rules of the line said once more, plainly, to hold the real ones against."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clinic import events as e
from clinic.setup import Setup

AFTER = {
    e.Called: "called", e.Recalled: "called", e.MarkedNoShow: "no_show", e.Started: "in_room", e.Finished: "done",
    e.Held: "on_hold", e.Resumed: "waiting", e.Left: "left",
}  # fmt: skip


@dataclass
class Person:
    """Somebody who came today, as the last number of the arrivals so far. `calls`: so many, 3 minutes apart."""

    came: e.CheckedIn
    number: int
    service: str
    booked: datetime | None = None
    status: str = "waiting"
    room: str | None = None
    assigned: str | None = None
    clinician: str | None = None
    missed: bool = False
    urgent: bool = False
    calls: int = 0
    called_at: datetime | None = None

    def live(self, fact: e.Fact) -> None:
        """Go on by one fact. Who stepped out is away until back, whatever is planned for them."""
        if isinstance(fact, e.Held):
            self.missed = self.missed or self.status == "called"
        if isinstance(fact, e.Resumed):
            self.missed = self.missed or self.status == "no_show"
        if isinstance(fact, e.Called):
            self.room, self.calls, self.called_at = fact.room, 1, fact.at
        if isinstance(fact, e.Recalled) and self.called_at and fact.at - self.called_at >= timedelta(minutes=3):
            self.calls, self.called_at = self.calls + 1, fact.at
        if isinstance(fact, e.Prioritised):
            self.urgent = True
        if isinstance(fact, e.Assigned):
            self.clinician, self.assigned = fact.clinician, None
        if isinstance(fact, e.Transferred):
            self.service, self.missed = fact.service, False
            self.assigned, self.clinician = fact.assigned, fact.clinician
            self.booked = fact.booked if fact.stop else self.booked
            self.status = "on_hold" if self.status == "on_hold" else "waiting"
        self.status = AFTER.get(type(fact), self.status)

    def turn(self, setup: Setup) -> tuple[int, int, int, datetime, int]:
        """The smaller is called first: urgent, then by level, then called before, then by due time, then by arrival."""
        if self.booked is None:
            due = self.came.at + timedelta(minutes=setup.walk_in_after)
        elif self.came.at - self.booked > timedelta(minutes=setup.late_after):
            due = self.came.at
        else:
            due = self.booked
        level = self.came.level or 99
        return (0 if self.urgent else 1, level, 0 if self.missed else 1, due, self.number)

    def may_be_missed(self, now: datetime) -> bool:
        """Who has an appointment is not missed before their time, nor before three calls apart."""
        return self.booked is None or (now >= self.booked and self.calls >= 3)


@dataclass
class Expected:
    """Somebody booked for today who has no number yet. `joined`: the visit whose check-in serves this as well."""

    service: str
    booked: datetime
    assigned: str | None
    clinician: str | None
    status: str = "expected"
    joined: str | None = None


@dataclass
class Day:
    """What happened since the day opened: to who came, to who is expected, and who works where with what."""

    setup: Setup
    people: dict[str, Person] = field(default_factory=dict)
    expected: dict[str, Expected] = field(default_factory=dict)
    clinicians: dict[str, str] = field(default_factory=dict)
    services: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def live(self, fact: e.Fact) -> None:
        """Go on by one fact."""
        visit = getattr(fact, "visit", "")
        if isinstance(fact, e.SignedIn):
            self.clinicians[fact.room] = fact.clinician
            self.services[fact.room] = fact.services
        elif isinstance(fact, e.RoomClosed):
            self.clinicians.pop(fact.room, None)
            self.services.pop(fact.room, None)
        elif isinstance(fact, e.Booked):
            joined = self.expected[visit].joined if visit in self.expected else None
            self.expected[visit] = Expected(fact.service, fact.booked, fact.assigned, fact.clinician, joined=joined)
        elif isinstance(fact, e.Cancelled):
            self.expected.pop(visit)
        elif isinstance(fact, e.CheckedIn):
            self.expected.pop(visit, None)
            for stop in fact.stops:
                self.expected[stop].joined = visit
            self.people[visit] = Person(
                fact, len(self.people), fact.service, fact.booked, assigned=fact.assigned, clinician=fact.clinician
            )  # fmt: skip
        elif visit in self.people:
            rejoins = isinstance(fact, e.Resumed) and self.people[visit].status == "left"
            self.people[visit].live(fact)
            self._stops(visit, fact)
            if rejoins:
                self._with_stops_again(visit)
        elif visit in self.expected:
            self._of_expected(self.expected[visit], fact)

    def _stops(self, visit: str, fact: e.Fact) -> None:
        """What happens to somebody happens to their later appointments: gone on to, over, or their own again."""
        mine = [stop for stop, one in self.expected.items() if one.joined == visit]
        if isinstance(fact, e.Transferred) and fact.stop:
            del self.expected[fact.stop]
        for stop in mine:
            if isinstance(fact, e.Finished):
                del self.expected[stop]
            if isinstance(fact, e.Left):
                self.expected[stop].joined = None

    def _with_stops_again(self, visit: str) -> None:
        """Who left by mistake comes for their later appointments too, but for what was decided about these since."""
        for stop in self.people[visit].came.stops:
            one = self.expected.get(stop)
            if one and one.joined is None and one.status == "expected":
                one.joined = visit

    def _of_expected(self, one: Expected, fact: e.Fact) -> None:
        if isinstance(fact, e.Assigned):
            one.clinician, one.assigned = fact.clinician, None
        if isinstance(fact, e.MarkedNoShow):
            one.status = "no_show"
        if isinstance(fact, e.Resumed):
            one.status = "expected"
        if isinstance(fact, e.Left):
            one.status = "left"

    def rooms(self, person: Person) -> list[str]:
        """Where they may be called to: their own room, those of their clinician, else any that gives their service."""
        if person.assigned or person.clinician:
            theirs = [room for room, clinician in self.clinicians.items() if clinician == person.clinician]
            return [*([person.assigned] if person.assigned and person.assigned not in theirs else []), *theirs]
        return [room.id for room in self.setup.rooms
                if person.service in (self.services.get(room.id) or room.services)]  # fmt: skip

    def order(self, room: str | None = None) -> list[str]:
        """Who waits, in calling order: for all rooms, or for this one."""
        turns = {
            visit: one.turn(self.setup) for visit, one in self.people.items()
            if one.status == "waiting" and (room is None or room in self.rooms(one))
        }  # fmt: skip
        return sorted(turns, key=lambda visit: turns[visit])

    def place(self, visit: str, opened: Iterable[str]) -> int:
        """How many the room that will call this person calls first: of the open ones of theirs, the soonest.

        Who waits for a clinician in no room yet has before them who waits for the same one, and for no room either.
        """
        me = self.people[visit]
        waiting = [one for one in self.people.values() if one.status == "waiting"]
        before = [one for one in waiting if one.turn(self.setup) < me.turn(self.setup)]
        mine = self.rooms(me)
        if not mine:
            return sum(one.clinician == me.clinician and not self.rooms(one) for one in before) if me.clinician else 0
        rooms = [room for room in mine if room in opened] or mine
        return min(sum(room in self.rooms(one) for one in before) for room in rooms)


def without_undone(entries: Iterable[e.Entry]) -> list[e.Entry]:
    """The entries without those that did not happen and those that say so."""
    entries = list(entries)
    undone = {entry.fact.seq for entry in entries if isinstance(entry.fact, e.Undone)}
    return [entry for entry in entries if entry.seq not in undone and not isinstance(entry.fact, e.Undone)]


def day(entries: Iterable[e.Entry], setup: Setup) -> Day:
    """Everything since the day opened."""
    found = Day(setup)
    for entry in without_undone(e.straight(entries)):
        if isinstance(entry.fact, e.Opened):
            found = Day(setup)
        found.live(entry.fact)
    return found
