"""What each fact teaches: a fold over the log, one fact at a time, kept between days."""

from dataclasses import replace
from datetime import datetime, timedelta

from clinic.estimate.keep import from_text, to_text
from clinic.estimate.mind import Mind
from clinic.estimate.scene import person_of, scene_of
from clinic.estimate.times import NEVER
from clinic.events import (
    Assigned,
    Booked,
    Called,
    CheckedIn,
    ClockSet,
    Entry,
    Finished,
    Left,
    Opened,
    Resumed,
    RoomClosed,
    RoomOpened,
    RoomPaused,
    Transferred,
)
from clinic.line import Line, Visit, apply, visits_in
from clinic.minutes import DAY, minute
from clinic.order import in_order
from clinic.setup import Setup

AGAIN = 5.0
"""A waiting person is estimated again, to learn from, every so many minutes at the latest."""

SILENCE = 240.0
"""After so many minutes without a fact nothing is learned from the time between."""


class History:
    """What the log taught of this clinic: a fold. It follows the facts with a line of its own.

    Estimating reads it and changes nothing. It must not be taught a fact that may yet be undone.
    """

    def __init__(self, setup: Setup | None = None, mind: Mind | None = None):
        self.mind = mind or Mind()
        self.line = Line(setup or Setup())
        self.asked = 0.0

    def to_text(self) -> str:
        """What was learned, for `from_text`."""
        return to_text(self.mind, self.asked)

    @classmethod
    def from_text(cls, text: str, line: Line) -> "History | None":
        """What was learned up to this line; None when another version wrote it."""
        found = from_text(text)
        if found is None:
            return None
        history = cls(line.setup, found[0])
        history.line, history.asked = line, found[1]
        return history

    def set_up(self, setup: Setup) -> None:
        """From now on the clinic is set up like this."""
        self.line = replace(self.line, setup=setup)

    def teach(self, entry: Entry) -> None:
        """Learn from one more fact."""
        fact, line = entry.fact, self.line
        visit = getattr(fact, "visit", None)
        if visit is not None and visit not in line.visits and not isinstance(fact, CheckedIn | Booked):
            return  # a log read from the middle of a day tells of visits whose beginning it does not know
        if isinstance(fact, ClockSet):  # what was said by the old clock has no outcome
            self.mind.open, self.line = {}, apply(line, entry)
            return
        now = minute(fact.at, line.setup.timezone)
        self._ask_again(fact.at, now)
        self.mind.times.new_day(now)
        self._learn(entry, now)
        self.line = line = apply(line, entry)
        if isinstance(fact, CheckedIn):
            self._ask(fact.at, line.visits[fact.visit])

    def _learn(self, entry: Entry, now: float) -> None:
        line, times, mind = self.line, self.mind.times, self.mind
        match entry.fact:
            case Opened():
                for visit in line.ongoing:
                    if not visit.ticket and visit.joined is None:
                        times.kept(NEVER)
                mind.open = {}
            case CheckedIn(_, visit) as fact:
                if visit in line.visits and fact.booked is not None:
                    times.kept(now - minute(fact.booked, line.setup.timezone))
            # They wait in another line from now on: what was said of this one has no outcome.
            case (Resumed(_, visit) | Transferred(_, visit) | Assigned(_, visit)) as fact:
                mind.open.pop(visit, None)
                if isinstance(fact, Transferred) and fact.stop:  # this appointment of theirs is over
                    self._finished(line.visits[visit], now)
            case Called(_, visit, room) if line.visits[visit].status == "waiting":
                self._called(line.visits[visit], room, now)
            case Left(_, visit, why) if not line.visits[visit].ticket:
                if why == "missed":
                    times.kept(NEVER)
            case Left(_, visit, why):
                if line.visits[visit].status == "waiting" and why == "left":
                    mind.left(person_of(line, line.visits[visit]), now)
                else:
                    mind.open.pop(visit, None)
            case Finished(_, visit):
                self._finished(line.visits[visit], now)
            case RoomOpened() | RoomPaused() | RoomClosed() as fact:
                self._room(fact, now)
            case _:
                pass

    def _ask(self, at: datetime, only: Visit | None = None) -> None:
        """Estimate for everybody waiting, or for this visit, to learn from what comes of it."""
        wanted = [only] if only else [visit for visit in self.line.ongoing if visit.status == "waiting"]
        if wanted:
            self.mind.ask(scene_of(self.line, at, self.mind.times, only), frozenset(visit.id for visit in wanted))

    def _ask_again(self, at: datetime, now: float) -> None:
        """What waiting people would have been told at even times since the last fact: nothing happened since then."""
        usual = min((service.minutes for service in self.line.setup.services), default=AGAIN)
        every = min(AGAIN, usual / 4)
        if not 0 <= now - self.asked <= SILENCE:
            self.asked = now
        while self.asked + every <= now:
            self.asked += every
            self._ask(at - timedelta(minutes=now - self.asked))

    def _called(self, visit: Visit, room: str, now: float) -> None:
        line, times = self.line, self.mind.times
        zone = line.setup.timezone
        person = person_of(line, visit)
        self._watch_order(visit)
        state = line.room(room)
        if state.freed and not visits_in(line, room):
            free = minute(state.freed, zone)
            waited = person.arrived <= free and (person.booked is None or person.booked <= free + 30)
            # A break in between is no turnover; a room that nobody opened was working all along.
            away = state.state == "open" and state.since is not None and minute(state.since, zone) > free
            if waited and not away:
                times.called_after(room, max(0.0, now - free), free)
        if state.state == "open" and state.until and now > minute(state.until, zone) + 8:
            times.stopped(room, minute(state.until, zone), 0.0)
        if visit.returned:  # who was called before and came back did not wait all this time
            self.mind.open.pop(visit.id, None)
        else:
            self.mind.called(person, now)

    def _watch_order(self, called: Visit) -> None:
        """Staff may call otherwise than the rule says."""
        same = [v for v in self.line.ongoing if v.status == "waiting" and v.priority == called.priority
                and (v.assigned, v.clinician, v.level, v.service)
                == (called.assigned, called.clinician, called.level, called.service)]  # fmt: skip
        if called.booked is not None and len(same) > 1:
            rule = in_order(self.line, same)[0].id == called.id
            arrival = min(same, key=lambda v: v.arrived).id == called.id
            self.mind.times.order_was(rule, arrival)

    def _finished(self, visit: Visit, now: float) -> None:
        service = self.line.setup.service(visit.service)
        if visit.started_at and visit.room and service:
            took = now - minute(visit.started_at, self.line.setup.timezone)
            self.mind.times.took(service.id, visit.room, took, service.minutes, now)

    def _room(self, fact: RoomOpened | RoomPaused | RoomClosed, now: float) -> None:
        """Openings, pauses and planned stops, as they really come."""
        times, zone = self.mind.times, self.line.setup.timezone
        before = self.line.room(fact.room)
        since = minute(before.since, zone) if before.since else now
        until = minute(before.until, zone) if before.until else None
        match fact:
            case RoomOpened():
                if before.since is None:
                    times.opened(fact.room, now % DAY)
                elif before.state == "paused" and until is not None:
                    times.overrun.add(max(-30.0, min(30.0, now - until)))
                elif before.state == "paused" and now - since < 60:
                    times.pause_lengths.append(now - since)
                times.tells = times.tells or fact.until is not None
            case RoomPaused(_, room, ends):
                times.tells = True
                if ends is not None and until is not None and before.state == "open":
                    times.stopped(room, until, minute(ends, zone) - now)
            case RoomClosed(_, room):
                if until is not None and before.state == "open" and now < until + 30:
                    times.stopped(room, until, DAY)
