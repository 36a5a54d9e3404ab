"""The rules of the line said once more, plainly and slowly, to hold the real ones against."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from clinic import events as e
from clinic.setup import Setup

STATUS = {
    e.Called: "called", e.Recalled: "called", e.MarkedNoShow: "no_show", e.Started: "in_room", e.Finished: "done",
    e.Held: "on_hold", e.Resumed: "waiting", e.Transferred: "waiting", e.Left: "left",
}  # fmt: skip


def without_undone(entries: Iterable[e.Entry]) -> list[e.Entry]:
    """The entries without those that did not happen and those that say so."""
    entries = list(entries)
    undone = {entry.fact.seq for entry in entries if isinstance(entry.fact, e.Undone)}
    return [entry for entry in entries if entry.seq not in undone and not isinstance(entry.fact, e.Undone)]


def history(entries: Iterable[e.Entry]) -> dict[str, list[Any]]:
    """For everybody who came since the day opened, what happened to them, in order."""
    facts: dict[str, list[Any]] = {}
    for entry in without_undone(entries):
        if isinstance(entry.fact, e.Opened):
            facts = {}
        elif hasattr(entry.fact, "visit"):
            facts.setdefault(entry.fact.visit, []).append(entry.fact)
    return facts


def status(facts: list[Any]) -> str:
    """Where this person is, by the last thing that says so."""
    return next((STATUS[type(fact)] for fact in reversed(facts) if type(fact) in STATUS), "waiting")


def service(facts: list[Any]) -> str:
    """What this person is here for by now."""
    return next(fact.service for fact in reversed(facts) if isinstance(fact, e.CheckedIn | e.Transferred))


def room(facts: list[Any]) -> str | None:
    """The room this person was last called to."""
    return next((fact.room for fact in reversed(facts) if isinstance(fact, e.Called)), None)


def was_called_before(facts: list[Any]) -> bool:
    """Whether this person was called for their present service and did not get in."""
    before = ""
    missed = False
    for n, fact in enumerate(facts):
        missed = missed or (isinstance(fact, e.Held) and before == "called")
        missed = missed or (isinstance(fact, e.Resumed) and before == "no_show")
        missed = missed and not isinstance(fact, e.Transferred)
        before = status(facts[: n + 1])
    return missed


def turn(facts: list[Any], setup: Setup, came_as: int) -> tuple[Any, ...]:
    """Who has the smaller turn is called first: urgent, then called before, then by due time, then by arrival."""
    came = facts[0]
    urgent = any(isinstance(fact, e.Prioritised) for fact in facts)
    if came.booked is None:
        due = came.at + timedelta(minutes=setup.walk_in_after)
    elif came.at - came.booked > timedelta(minutes=setup.late_after):
        due = came.at
    else:
        due = came.booked
    return (0 if urgent else 1, 0 if was_called_before(facts) else 1, due, came_as)


def order(people: dict[str, list[Any]], setup: Setup, room: str | None = None) -> list[str]:
    """Who of these people waits, in calling order: for all rooms, or for this one."""
    served = [service.id for service in setup.services]
    if room is not None:
        served = [one for place in setup.rooms if place.id == room for one in place.services]
    turns = {
        visit: turn(facts, setup, n) for n, (visit, facts) in enumerate(people.items())
        if status(facts) == "waiting" and service(facts) in served
    }  # fmt: skip
    return sorted(turns, key=lambda visit: turns[visit])
