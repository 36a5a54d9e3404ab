"""The clinic's own past days, from its log."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from clinic import events as e
from clinic.minutes import minute
from clinic.past.days import Past, PastVisit, RoomChange, first, problem
from clinic.setup import Setup


def from_log(entries: Iterable[e.Entry], setup: Setup) -> Past:
    """The clinic's own days as its log has them, what was undone left out.

    A wait ends with the first call. Who stepped out before it left the line then, and joined it anew when back. Who
    goes on to their next appointment waits anew, under that appointment's id.
    """
    entries = e.straight(entries)
    left_out = e.undone(entries)
    zone = setup.timezone
    days = _Days({}, {}, [], {})
    for entry in entries:
        if entry.seq not in left_out:
            days.add(entry.fact, minute(entry.fact.at, zone), zone)
    visits = [visit for visit in days.visits.values() if problem(visit) is None]
    visits.sort(key=first)
    groups: dict[str, list[str]] = {}
    for service in setup.services:
        groups.setdefault(min(setup.neighbours(service.id)), []).append(service.id)
    order = {"rule": "booked_or_arrival", "late_after_minutes": setup.late_after,
             "walk_in_after_minutes": setup.walk_in_after}  # fmt: skip
    usual = min((service.minutes for service in setup.services), default=15)
    clinic = {"tick_seconds": 300, "expected_minutes": usual, "line": "by_service_group", "groups": groups,
              "order": order}  # fmt: skip
    return Past(visits, days.changes, clinic, setup=setup)


@dataclass
class _Days:
    """What was gathered from the log: each visit's wait, whose wait is `now` going on under which id, and the rooms.

    `stops`: the later appointments that somebody's check-in served.
    """

    visits: dict[str, PastVisit]
    now: dict[str, str]
    changes: list[RoomChange]
    stops: dict[str, tuple[str, ...]]

    def add(self, fact: e.Fact, at: float, zone: str) -> None:
        """One more fact, at this minute."""
        match fact:
            case e.RoomOpened(_, room, until, back):
                self.changes.append(RoomChange(at, room, "open", _minute(until, zone), _minute(back, zone)))
            case e.RoomPaused(_, room, until):
                self.changes.append(RoomChange(at, room, "pause", _minute(until, zone)))
            case e.RoomClosed(_, room):
                self.changes.append(RoomChange(at, room, "close", None))
            case e.SignedIn(_, room, clinician, services):
                self.changes.append(RoomChange(at, room, "sign_in", None, None, clinician, services))
            case e.Booked(_, id_, service, booked, assigned, clinician):
                self.visits[id_] = PastVisit(
                    id_, service, None, None, None, "", None, "", minute(booked, zone), assigned or "", clinician or ""
                )
            case e.Cancelled(_, id_):
                self.visits.pop(id_, None)
            case e.CheckedIn(_, id_) as came:
                due = _minute(came.booked, zone)
                level = "" if came.level is None else str(came.level)
                self._waits(PastVisit(
                    id_, came.service, at, None, None, "", None, level, due, came.assigned or "", came.clinician or ""
                ), id_)  # fmt: skip
                self.stops[id_] = came.stops
            case e.Transferred(_, id_, service, stop) as on if stop:
                due = _minute(on.booked, zone)
                before = self._visit(id_)
                if before and before.called is not None and before.finished is None:
                    before.finished = at
                priority = before.priority if before else ""
                self._waits(PastVisit(
                    stop, service, at, None, None, "", None, priority, due, on.assigned or "", on.clinician or ""
                ), id_)  # fmt: skip
            case e.Left(_, id_, why) if id_ not in self.now and why != "missed":
                self.visits.pop(id_, None)  # they told us, or we closed before their time: nobody failed to come
            case _:
                visit = self._visit(getattr(fact, "visit", ""))
                if visit is not None:
                    self._went_on(visit, fact, at)
                if isinstance(fact, e.Finished):
                    for stop in self.stops.get(fact.visit, ()):  # their visit ended without these
                        if stop in self.visits and self.visits[stop].arrived is None:
                            del self.visits[stop]

    def _visit(self, id_: str) -> PastVisit | None:
        return self.visits.get(self.now.get(id_, ""))

    def _waits(self, visit: PastVisit, who: str) -> None:
        """This is the wait that is going on for them now."""
        self.visits[visit.id], self.now[who] = visit, visit.id

    def _went_on(self, visit: PastVisit, fact: e.Fact, at: float) -> None:
        waits = visit.called is None and visit.left is None
        match fact:
            case e.Called(_, _, room) if waits:
                visit.called, visit.server = at, room
            case e.Transferred(_, _, service) if waits:
                visit.service, visit.assigned, visit.clinician = service, "", ""
            case e.Assigned(_, _, clinician) if waits:
                visit.assigned, visit.clinician = "", clinician or ""
            case e.Finished() | e.Transferred() if visit.called is not None and visit.finished is None:
                visit.finished = at
            case e.Left() | e.Held() if waits:
                visit.left = at
            case e.Resumed(_, id_) if visit.left is not None:
                self._waits(replace(visit, id=f"{visit.id}, back", arrived=at, left=None), id_)
            case _:
                pass


def _minute(at: datetime | None, zone: str) -> float | None:
    return None if at is None else minute(at, zone)
