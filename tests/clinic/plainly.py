"""The rules of the line said once more, plainly, to hold the real ones against."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic import events as e
from clinic.setup import Setup

AFTER = {
    e.Called: "called", e.Recalled: "called", e.MarkedNoShow: "no_show", e.Started: "in_room", e.Finished: "done",
    e.Held: "on_hold", e.Resumed: "waiting", e.Left: "left",
}  # fmt: skip


Works = Mapping[str, tuple[str, tuple[str, ...]]]
"""Who works in which room, and what they give there; nothing: what the room is set up for."""

NOBODY: Works = {}


@dataclass
class Person:
    """Somebody who came today, as the last number of the arrivals so far."""

    came: e.CheckedIn
    number: int
    service: str
    status: str = "waiting"
    room: str | None = None
    assigned: str | None = None
    clinician: str | None = None
    booked: datetime | None = None
    missed: bool = False
    urgent: bool = False
    rung: tuple[datetime, ...] = ()

    def live(self, fact: e.Fact) -> None:
        """Go on by one fact. Who stepped out is away until back, whatever is planned for them."""
        if isinstance(fact, e.Held):
            self.missed = self.missed or self.status == "called"
        if isinstance(fact, e.Resumed):
            self.missed = self.missed or self.status == "no_show"
        if isinstance(fact, e.Called):
            self.room, self.rung = fact.room, (fact.at,)
        if isinstance(fact, e.Recalled) and fact.at - self.rung[-1] >= timedelta(minutes=3):
            self.rung = (*self.rung, fact.at)
        if isinstance(fact, e.Assigned):
            self.assigned, self.clinician = None, fact.clinician
        if isinstance(fact, e.Prioritised):
            self.urgent = True
        if isinstance(fact, e.Transferred):
            self.service, self.assigned, self.clinician = fact.service, fact.assigned, fact.clinician
            self.missed, self.booked = False, fact.booked if fact.stop else self.booked
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

    def rooms(self, setup: Setup, who: Works) -> list[str]:
        """Where they may be called to."""
        if self.assigned or self.clinician:
            return [r.id for r in setup.rooms if r.id == self.assigned or self._works(who, r.id)]
        return [room.id for room in setup.rooms if self.service in (who.get(room.id, ("", ()))[1] or room.services)]

    def _works(self, who: Works, room: str) -> bool:
        return bool(self.clinician) and room in who and who[room][0] == self.clinician

    def may_have_missed(self, at: datetime) -> bool:
        """Whether staff may say so of somebody called: with an appointment after its time and three calls apart."""
        return self.booked is None or (at >= self.booked and len(self.rung) >= 3)


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
            found[fact.visit] = Person(
                fact, len(found), fact.service, assigned=fact.assigned, clinician=fact.clinician, booked=fact.booked
            )
        elif hasattr(fact, "visit") and fact.visit in found:
            found[fact.visit].live(fact)
    return found


def works(entries: Iterable[e.Entry]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Who works where since the day opened; closing a room signs out."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for entry in without_undone(entries):
        fact = entry.fact
        if isinstance(fact, e.Opened):
            found = {}
        elif isinstance(fact, e.SignedIn):
            found[fact.room] = fact.clinician, fact.services
        elif isinstance(fact, e.RoomClosed):
            found.pop(fact.room, None)
    return found


def to_come(entries: Iterable[e.Entry]) -> set[str]:
    """Who was booked since the day opened, not cancelled, and neither came nor was served by another's check-in."""
    found: set[str] = set()
    for entry in without_undone(entries):
        fact = entry.fact
        if isinstance(fact, e.Opened):
            found = set()
        elif isinstance(fact, e.Booked):
            found.add(fact.visit)
        elif isinstance(fact, e.Cancelled | e.CheckedIn | e.Left):
            found.discard(fact.visit)
        elif isinstance(fact, e.Transferred) and fact.stop:
            found.discard(fact.stop)
    return found


def order(here: dict[str, Person], setup: Setup, room: str | None = None, who: Works = NOBODY) -> list[str]:
    """Who of these people waits, in calling order: for all rooms, or for this one."""
    turns = {
        visit: one.turn(setup) for visit, one in here.items()
        if one.status == "waiting" and (room is None or room in one.rooms(setup, who))
    }  # fmt: skip
    return sorted(turns, key=lambda visit: turns[visit])


def place(here: dict[str, Person], setup: Setup, visit: str, opened: Iterable[str], who: Works = NOBODY) -> int:
    """How many the room that will call this person calls first: of the open ones that serve it, the soonest.

    Who waits for a clinician that is in no room is behind those who wait for the same one.
    """
    me = here[visit]
    mine, mind = me.turn(setup), me.rooms(setup, who)
    before = [one for one in here.values() if one.status == "waiting" and one.turn(setup) < mine]
    if not mind and me.clinician:
        return sum(one.clinician == me.clinician and not one.rooms(setup, who) for one in before)
    rooms = [room for room in mind if room in opened] or mind
    return min((sum(room in one.rooms(setup, who) for one in before) for room in rooms), default=0)
