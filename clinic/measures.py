"""The day in pictures: what each visit came to, and the few numbers that tell a manager how the days went. Pure.

Nothing here tells who anybody is, nor whose hands they were in: days are compared, people are not.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

from clinic import events as e
from clinic.trust import Promise, promises

K = TypeVar("K")
V = TypeVar("V")

IN_TIME = timedelta(minutes=15)
"""Who came by their booked time and is called no later than this after it was seen in time."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One visit of somebody who came, or was expected and did not. outcome: seen, left, missed or here.

    `low` and `high`: the first window they were told. `room`: where they were called first. `promise`: how that window
    went: inside, earlier, later, or empty where it counts in nothing; `moved`: they were told a later one meanwhile.
    """

    service: str
    booked: datetime | None
    arrived: datetime | None
    low: datetime | None = None
    high: datetime | None = None
    called: datetime | None = None
    room: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    outcome: str = "here"
    promise: str = ""
    moved: bool = False

    @property
    def due(self) -> datetime | None:
        """When their wait began: when they came or, if that is later, at their booked time."""
        return max(self.arrived, self.booked or self.arrived) if self.arrived else None

    @property
    def waited(self) -> float | None:
        """The minutes until they were first called, 0 for who was called before their time; None if they never were."""
        if self.due is None or self.called is None:
            return None
        return max(0.0, (self.called - self.due).total_seconds() / 60)

    @property
    def in_time(self) -> bool | None:
        """Whether they were called within 15 minutes of their booked time; None for who had none, or came after it."""
        if self.booked is None or self.called is None or self.arrived is None or self.arrived > self.booked:
            return None
        return self.called <= self.booked + IN_TIME


def stays(entries: Iterable[e.Entry]) -> list[Stay]:
    """What came of everybody in the facts of one day, in the order in which they were heard of."""
    entries = e.straight(entries)
    left_out = e.undone(entries)
    found: dict[str, Stay] = {}
    for entry in entries:
        if entry.seq not in left_out:
            _live(found, entry.fact)
    for promise in promises(entries):
        if promise.visit in found:
            found[promise.visit] = _with(found[promise.visit], promise)
    # Who is expected and has time to come has no story yet.
    return [stay for stay in found.values() if stay.arrived or stay.outcome == "missed"]


def _live(found: dict[str, Stay], fact: e.Fact) -> None:
    visit = getattr(fact, "visit", "")
    match fact:
        case e.Booked(_, _, service, booked):
            found[visit] = Stay(service, booked, None)
        case e.Cancelled():
            found.pop(visit, None)
        case e.CheckedIn(at, _, service):
            found[visit] = Stay(service, fact.booked, at)
        case e.Told(_, _, low, high) if visit in found and found[visit].low is None:
            found[visit] = replace(found[visit], low=low, high=high)
        case e.Called(at, _, room) if visit in found and found[visit].called is None:
            found[visit] = replace(found[visit], called=at, room=room)
        case e.Started(at) if visit in found and found[visit].started is None:
            found[visit] = replace(found[visit], started=at)
        case e.Finished(at) if visit in found:
            found[visit] = replace(found[visit], ended=at, outcome="seen")
        case e.Left(at, _, why) if visit in found:
            found[visit] = replace(found[visit], ended=at, outcome="missed" if why == "missed" else "left")
        case e.MarkedNoShow() if visit in found:
            found[visit] = replace(found[visit], outcome="missed")
        case e.Resumed() if visit in found:
            found[visit] = replace(found[visit], outcome="here")


def _with(stay: Stay, promise: Promise) -> Stay:
    # Who was called, came back and was told anew has two promises: the first is the one they judge us by.
    return stay if stay.promise else replace(stay, promise=promise.how, moved=promise.moved)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long some people waited: of so many, the `median` and what 90 of 100 waited at most, in whole minutes."""

    people: int
    median: int
    ninety: int


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def percent(self) -> int:
        """In a hundred, rounded down."""
        return 100 * self.part // self.whole if self.whole else 0


@dataclass(frozen=True, slots=True)
class Picture:
    """Some days in numbers. `told_of_delay`: of those called after their window, who had been told a later one.

    `hours` are those in which the waits began, of the clinic's zone; `weeks` begin on the Monday named.
    """

    people: int
    waits: Waits | None
    in_time: Share
    kept: Share
    left: Share
    missed: Share
    told_of_delay: Share
    services: tuple[tuple[str, Waits], ...]
    hours: tuple[tuple[int, Waits], ...]
    weeks: tuple[tuple[str, Waits, Share], ...]


def picture(some: Sequence[Stay], services: Sequence[str], zone: tzinfo | None) -> Picture:
    """These visits in numbers: the services in this order, days and hours as in `zone`."""

    def _began(stay: Stay) -> datetime:
        at = stay.due or stay.booked
        assert at  # who never came was booked
        return at.astimezone(zone)

    began = [(_began(stay), stay, stay.waited) for stay in some]
    by_service = _grouped((stay.service, waited) for _, stay, waited in began)
    by_hour = _grouped((at.hour, waited) for at, _, waited in began)
    by_week = _grouped((at.date() - timedelta(days=at.weekday()), (stay, waited)) for at, stay, waited in began)
    return Picture(
        people=len(some),
        waits=waits(waited for _, _, waited in began),
        in_time=_share(some, lambda stay: stay.in_time),
        kept=_kept(some),
        left=_share(some, lambda stay: stay.outcome == "left"),
        missed=_share(some, lambda stay: stay.outcome == "missed"),
        told_of_delay=_share(some, lambda stay: stay.moved if stay.promise == "later" else None),
        services=tuple((one, w) for one in services if (w := waits(by_service.get(one, [])))),
        hours=tuple((hour, w) for hour, these in sorted(by_hour.items()) if (w := waits(these))),
        weeks=tuple(
            (week.isoformat(), w, _kept([stay for stay, _ in these]))
            for week, these in sorted(by_week.items()) if (w := waits(waited for _, waited in these))
        ),
    )  # fmt: skip


def waits(minutes: Iterable[float | None]) -> Waits | None:
    """How long people waited, of those who were called; None where nobody was."""
    known = sorted(waited for waited in minutes if waited is not None)
    if not known:
        return None
    return Waits(len(known), round(_rank(known, 50)), round(_rank(known, 90)))


def _rank(ordered: Sequence[float], percent: int) -> float:
    """The shortest of these waits that so many in a hundred did not exceed."""
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def _grouped(some: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = {}
    for key, value in some:
        found.setdefault(key, []).append(value)
    return found


def _kept(some: Iterable[Stay]) -> Share:
    return _share(some, lambda stay: stay.promise == "inside" if stay.promise else None)


def _share(some: Iterable[Stay], is_so: Callable[[Stay], bool | None]) -> Share:
    """Of those of whom it can be said, how many it is true of."""
    said = [answer for stay in some if (answer := is_so(stay)) is not None]
    return Share(sum(said), len(said))
