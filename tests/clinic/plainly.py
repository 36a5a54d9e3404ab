"""The rules of the line said once more, plainly, to hold the real ones against."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic import events as e
from clinic.setup import Setup

AFTER = {
    e.Called: "called", e.Recalled: "called", e.MarkedNoShow: "no_show", e.Started: "in_room", e.Finished: "done",
    e.Held: "on_hold", e.Resumed: "waiting", e.Left: "left",
}  # fmt: skip


@dataclass
class Person:
    """Somebody who came today, as the last number of the arrivals so far."""

    came: e.CheckedIn
    number: int
    service: str
    status: str = "waiting"
    room: str | None = None
    assigned: str | None = None
    missed: bool = False
    urgent: bool = False

    def live(self, fact: e.Fact) -> None:
        """Go on by one fact. Who stepped out is away until back, whatever is planned for them."""
        if isinstance(fact, e.Held):
            self.missed = self.missed or self.status == "called"
        if isinstance(fact, e.Resumed):
            self.missed = self.missed or self.status == "no_show"
        if isinstance(fact, e.Called):
            self.room = fact.room
        if isinstance(fact, e.Prioritised):
            self.urgent = True
        if isinstance(fact, e.Transferred):
            self.service, self.assigned, self.missed = fact.service, None, False
            self.status = "on_hold" if self.status == "on_hold" else "waiting"
        self.status = AFTER.get(type(fact), self.status)

    def turn(self, setup: Setup) -> tuple[int, int, int, datetime, int]:
        """The smaller is called first: urgent, then by level, then called before, then by due time, then by arrival."""
        if self.came.booked is None:
            due = self.came.at + timedelta(minutes=setup.walk_in_after)
        elif self.came.at - self.came.booked > timedelta(minutes=setup.late_after):
            due = self.came.at
        else:
            due = self.came.booked
        level = self.came.level or 99
        return (0 if self.urgent else 1, level, 0 if self.missed else 1, due, self.number)

    def rooms(self, setup: Setup) -> list[str]:
        """Where they may be called to."""
        return [self.assigned] if self.assigned else serving(setup, self.service)


def without_undone(entries: Iterable[e.Entry]) -> list[e.Entry]:
    """The entries without those that did not happen and those that say so."""
    entries = list(entries)
    undone = {entry.fact.seq for entry in entries if isinstance(entry.fact, e.Undone)}
    return [entry for entry in entries if entry.seq not in undone and not isinstance(entry.fact, e.Undone)]


def people(entries: Iterable[e.Entry]) -> dict[str, Person]:
    """Everybody who came since the day opened, and how it went with them. Who is only expected is not here."""
    found: dict[str, Person] = {}
    for entry in without_undone(entries):
        fact = entry.fact
        if isinstance(fact, e.Opened):
            found = {}
        elif isinstance(fact, e.CheckedIn):
            found[fact.visit] = Person(fact, len(found), fact.service, assigned=fact.assigned)
        elif hasattr(fact, "visit") and fact.visit in found:
            found[fact.visit].live(fact)
    return found


def serving(setup: Setup, service: str) -> list[str]:
    """The rooms where this service is given."""
    return [room.id for room in setup.rooms if service in room.services]


def order(here: dict[str, Person], setup: Setup, room: str | None = None) -> list[str]:
    """Who of these people waits, in calling order: for all rooms, or for this one."""
    turns = {
        visit: one.turn(setup) for visit, one in here.items()
        if one.status == "waiting" and (room is None or room in one.rooms(setup))
    }  # fmt: skip
    return sorted(turns, key=lambda visit: turns[visit])


def place(here: dict[str, Person], setup: Setup, visit: str, opened: Iterable[str]) -> int:
    """How many the room that will call this person calls first: of the open ones that serve it, the soonest."""
    mine, mind = here[visit].turn(setup), here[visit].rooms(setup)
    before = [one for one in here.values() if one.status == "waiting" and one.turn(setup) < mine]
    rooms = [room for room in mind if room in opened] or mind
    return min((sum(room in one.rooms(setup) for one in before) for room in rooms), default=0)
