"""How long until me: for each waiting visit a range of minutes, or why we cannot say.

A forward look (`look`) over what was learned of this clinic's times (`times`), corrected by a small linear mix and
given a calibrated interval (`mind`). The desk's line comes in through `watch`, past days through `clinic.replay`: both
make the same `Scene`, so the figures of `make evaluate` are about the code that runs. Estimating changes nothing;
learning is a fold over the log, one fact at a time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clinic.estimate.mind import Mind
from clinic.estimate.times import LONGEST, PRIOR, SHORTEST
from clinic.estimate.watch import follow, scene_of
from clinic.events import CheckedIn, Entry, Finished, Opened, Started, Transferred, Undone
from clinic.line import Line, apply, waiting
from clinic.setup import Setup

__all__ = ("LONGEST", "PRIOR", "CannotSay", "Estimate", "History", "estimates", "learn", "service_minutes")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Minutes from now until called: 10% sooner than `low`, 10% later than `high`."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class CannotSay:
    """No honest number: `why` is no_room (none open for this service) or rooms_paused (no end known)."""

    why: str


@dataclass(frozen=True)
class History:
    """What the log taught: the latest observed minutes of each service of past days, and the estimator's mind.

    The mind moves on with `watch`; without one (a clinic's first minute, most tests) the estimate is the forward look
    alone. Two histories are equal when their minutes are.
    """

    minutes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    mind: Mind | None = field(default=None, compare=False, repr=False)
    asked: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def watch(self, line: Line, entry: Entry) -> None:
        """Learn from one more fact; `line` is the line before it."""
        if self.mind is not None:
            follow(self.mind, self.asked, line, entry)


def learn(entries: Iterable[Entry], setup: Setup | None = None, keep: int = 200) -> History:
    """The history in the facts of past days. With the clinic's `setup` the mind is taught too."""
    entries = tuple(entries)
    undone = {entry.fact.seq for entry in entries if isinstance(entry.fact, Undone)}
    real = [entry for entry in entries if entry.seq not in undone]
    if setup is None:
        return History(_minutes(real, keep))
    history = History(_minutes(real, keep), Mind())
    line = Line(setup)
    for entry in real:
        # A log read from the middle of a day tells of visits whose beginning it does not know.
        visit = getattr(entry.fact, "visit", None)
        if isinstance(entry.fact, CheckedIn | Opened) or visit is None or visit in line.visits:
            history.watch(line, entry)
            line = apply(line, entry)
    return history


def _minutes(entries: Iterable[Entry], keep: int) -> dict[str, tuple[float, ...]]:
    """The last `keep` times from `Started` to `Finished`, by service."""
    service: dict[str, str] = {}
    begun: dict[str, datetime] = {}
    minutes: dict[str, list[float]] = {}
    for entry in entries:
        match entry.fact:
            case CheckedIn(_, visit, name) | Transferred(_, visit, name):
                service[visit] = name
                begun.pop(visit, None)
            case Started(at, visit):
                begun[visit] = at
            case Finished(at, visit) if visit in begun and visit in service:
                took = (at - begun.pop(visit)).total_seconds() / 60
                minutes.setdefault(service[visit], []).append(took)
    return {name: tuple(seen[-keep:]) for name, seen in minutes.items()}


def service_minutes(line: Line, history: History) -> dict[str, float]:
    """Mean minutes of a visit by service: what was seen, shrunk to what was configured."""
    seen = {service.id: list(history.minutes.get(service.id, ())) for service in line.setup.services}
    for visit in line.visits.values():
        if visit.status == "done" and visit.started_at and visit.ended_at and visit.service in seen:
            seen[visit.service].append((visit.ended_at - visit.started_at).total_seconds() / 60)
    means = {}
    for service in line.setup.services:
        good = [m for m in seen[service.id] if SHORTEST <= m <= LONGEST * service.minutes]
        means[service.id] = (PRIOR * service.minutes + sum(good)) / (PRIOR + len(good))
    return means


def estimates(line: Line, history: History, now: datetime) -> dict[str, Estimate | CannotSay]:
    """For each waiting visit, in calling order, when it will be called."""
    scene = scene_of(line, now)
    if history.mind is None:
        scene.usual = service_minutes(line, history)
    said = (history.mind or Mind()).say(scene)
    found: dict[str, Estimate | CannotSay] = {}
    for visit in waiting(line):
        mine = said.get(visit.id)
        found[visit.id] = Estimate(mine.low, mine.likely, mine.high) if mine else CannotSay(_why(line, visit.service))
    return found


def _why(line: Line, service: str) -> str:
    paused = any(
        line.room(place.id).state == "paused" for place in line.setup.rooms if service in place.services
    )  # fmt: skip
    return "rooms_paused" if paused else "no_room"
