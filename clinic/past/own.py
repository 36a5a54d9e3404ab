"""The clinic's own past days, from its log."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from clinic import events as e
from clinic.minutes import minute
from clinic.past.days import Past, PastVisit, RoomChange, first, problem
from clinic.setup import Setup


def from_log(entries: Iterable[e.Entry], setup: Setup) -> Past:
    """The clinic's own days as its log has them, what was undone left out.

    A wait ends with the first call. Who stepped out before it left the line then, and joined it anew when back.
    """
    entries = tuple(entries)
    left_out = e.undone(entries)
    zone = setup.timezone
    days = _Days({}, {}, [])
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
    """What was gathered from the log: each visit's wait, whose wait is `now` going on under which id, and the rooms."""

    visits: dict[str, PastVisit]
    now: dict[str, str]
    changes: list[RoomChange]

    def add(self, fact: e.Fact, at: float, zone: str) -> None:
        """One more fact, at this minute."""
        match fact:
            case e.RoomOpened(_, room, until) | e.RoomPaused(_, room, until):
                state = "open" if isinstance(fact, e.RoomOpened) else "pause"
                self.changes.append(RoomChange(at, room, state, minute(until, zone) if until else None))
            case e.RoomClosed(_, room):
                self.changes.append(RoomChange(at, room, "close", None))
            case e.Booked(_, id_, service, booked, assigned):
                self.visits[id_] = PastVisit(
                    id_, service, None, None, None, "", None, "", minute(booked, zone), assigned or ""
                )
            case e.Cancelled(_, id_):
                self.visits.pop(id_, None)
            case e.CheckedIn(_, id_) as came:
                due = minute(came.booked, zone) if came.booked else None
                level = "" if came.level is None else str(came.level)
                self.now[id_] = id_
                self.visits[id_] = PastVisit(
                    id_, came.service, at, None, None, "", None, level, due, came.assigned or ""
                )
            case _:
                visit = self.visits.get(self.now.get(getattr(fact, "visit", ""), ""))
                if visit is not None:
                    self._went_on(visit, fact, at)

    def _went_on(self, visit: PastVisit, fact: e.Fact, at: float) -> None:
        waits = visit.called is None and visit.left is None
        match fact:
            case e.Called(_, _, room) if waits:
                visit.called, visit.server = at, room
            case e.Transferred(_, _, service) if waits:
                visit.service, visit.assigned = service, ""
            case e.Finished() | e.Transferred() if visit.called is not None and visit.finished is None:
                visit.finished = at
            case e.Left() | e.Held() if waits:
                visit.left = at
            case e.Resumed(_, id_) if visit.left is not None:
                back = replace(visit, id=f"{visit.id}, back", arrived=at, left=None)
                self.now[id_] = back.id
                self.visits[back.id] = back
            case _:
                pass
