"""One machine for all the rules: it does anything at any time, and nobody is lost, doubled or overtaken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clinic import commands
from clinic.commands import REASONS, Refused
from clinic.estimate import History
from clinic.events import KINDS, Entry, Fact, Opened, Undone
from clinic.line import Line, ahead_of, apply, next_for, places, present, replay, visits_in, waiting
from clinic.outcomes import OUTCOMES
from clinic.setup import Clinician
from clinic.told import tell
from tests.clinic import plainly
from tests.clinic.given import NINE, ROOMS, SETUP

SERVICES = st.sampled_from([service.id for service in SETUP.services])
A_ROOM = st.sampled_from(ROOMS)
ANYBODY = st.integers(0, 40)

CLINICIANS = (Clinician("ruiz", "Dr Ruiz"), Clinician("lee", "Lee", ("nurse",)))
WHO = st.sampled_from(["ruiz", "lee"])
MAYBE_WHO = st.none() | WHO

ON_A_VISIT = (
    commands.recall, commands.mark_no_show, commands.start, commands.finish, commands.hold, commands.resume,
    commands.leave, commands.cancel,
)  # fmt: skip

FITS = {
    "called": (commands.recall, commands.mark_no_show, commands.start, commands.finish, commands.hold),
    "in_room": (commands.finish,),
    "on_hold": (commands.resume,),
    "no_show": (commands.resume,),
}


class Clinic(RuleBasedStateMachine):
    """A clinic where anything may be tried at any time.

    `entries` is the log of all days, `line` what it should fold to, `seen` the kinds of facts of all runs.
    """

    seen: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.now = NINE
        self.entries: list[Entry] = []
        self.came = 0
        self.folded: tuple[int, dict[str, plainly.Person]] = 0, {}
        self.who: dict[str, tuple[str, tuple[str, ...]]] = {}

    @initialize(walk_in_after=st.sampled_from([0, 15]))
    def the_first_day_opens(self, walk_in_after: int) -> None:
        rooms = tuple(replace(room, opens="08:00", closes="17:00") for room in SETUP.rooms)
        self.setup = replace(SETUP, walk_in_after=walk_in_after, rooms=rooms, clinicians=CLINICIANS)
        self.line = Line(self.setup)
        self.do(commands.open_day)
        self.everything_is_ready()

    def everything_is_ready(self) -> None:
        """Rooms are open and a few people are here, so that a short run gets somewhere."""
        for room in ROOMS:
            self.do(commands.open_room, room=room)
        for service in ("doctor", "nurse", "doctor"):
            self.somebody_comes(service, None)

    @rule(seconds=st.sampled_from([1, 30, 240, 900]) | st.integers(-600, 3600))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(service=SERVICES, booked=st.none() | st.integers(-60, 60))
    def somebody_comes(self, service: str, booked: int | None) -> None:
        self.came += 1
        at = None if booked is None else self.now + timedelta(minutes=booked)
        self.do(commands.check_in, visit=f"visit-{self.came}", service=service, booked=at)

    @rule(service=SERVICES, booked=st.integers(-60, 60), who=MAYBE_WHO, then=st.none() | MAYBE_WHO)
    def somebody_is_booked(self, service: str, booked: int, who: str | None, then: str | None) -> None:
        """Half an hour after it perhaps for something else."""
        self.came += 1
        at = self.now + timedelta(minutes=booked)
        self.do(commands.book, visit=f"visit-{self.came}", service=service, booked=at, clinician=who)
        if then:
            self.do(commands.book, visit=f"visit-{self.came}-stop", service="nurse",
                    booked=at + timedelta(minutes=30), clinician=then)  # fmt: skip

    @rule(who=ANYBODY)
    def somebody_booked_comes(self, who: int) -> None:
        booked = [visit for visit in self.line.visits.values() if not visit.ticket]
        if booked:
            visit = booked[who % len(booked)]
            facts = self.do(commands.check_in, visit=visit.id, stops=(f"{visit.id}-stop",))
            if isinstance(facts, Refused):
                assert facts.code == "already_checked_in" if visit.joined else facts.code == "day_closed"

    @rule(who=ANYBODY, clinician=MAYBE_WHO)
    def somebody_is_to_wait_for_a_clinician_or_for_any(self, who: int, clinician: str | None) -> None:
        self.do(commands.assign, visit=self.somebody(who), clinician=clinician)

    @rule(room=A_ROOM, clinician=WHO, services=st.none() | st.sets(SERVICES))
    def a_clinician_signs_in(self, room: str, clinician: str, services: set[str] | None) -> None:
        self.do(commands.sign_in, room=room, clinician=clinician, services=sorted(services or ()))

    @rule(message=st.sampled_from(commands.CLOSING))
    def people_are_told_of_closing(self, message: str) -> None:
        facts = self.do(commands.tell_closing, message=message)
        if not isinstance(facts, Refused):
            assert (self.line.closing.message if self.line.closing else "none") == message

    @rule(room=A_ROOM)
    def the_next_person_is_called(self, room: str) -> None:
        people = self.people()
        expected = plainly.order(people, self.setup, room, self.who)
        facts = self.do(commands.call_next, room=room)
        if isinstance(facts, Refused):
            is_open = self.line.opened_at is not None and self.line.room(room).state == "open"
            assert (facts.code == "nobody_waiting") == (is_open and not expected)
        else:
            assert [getattr(fact, "visit", None) for fact in facts] == expected[:1]

    @rule(room=A_ROOM, who=ANYBODY)
    def somebody_is_called_out_of_turn(self, room: str, who: int) -> None:
        self.do(commands.call, visit=self.somebody(who), room=room)

    @rule(who=ANYBODY, which=st.integers(0, 9))
    def a_called_or_absent_person_does_what_fits(self, who: int, which: int) -> None:
        visits = [visit for visit in present(self.line, *FITS) if visit.ticket]
        if visits:
            visit = visits[who % len(visits)]
            command = FITS[visit.status][which % len(FITS[visit.status])]
            may = command is not commands.mark_no_show or self.people()[visit.id].may_have_missed(self.now)
            assert isinstance(self.do(command, visit=visit.id), Refused) != may

    @rule(who=ANYBODY, command=st.sampled_from(ON_A_VISIT))
    def anything_is_tried_with_somebody(self, who: int, command: commands.Command) -> None:
        self.do(command, visit=self.somebody(who))

    @rule(who=ANYBODY, service=SERVICES)
    def somebody_goes_on_to_another_service(self, who: int, service: str) -> None:
        self.do(commands.transfer, visit=self.somebody(who), service=service)

    @rule(who=ANYBODY, reason=st.sampled_from(REASONS))
    def somebody_moves_up(self, who: int, reason: str) -> None:
        self.do(commands.prioritise, visit=self.somebody(who), reason=reason)

    @rule(who=ANYBODY, stale=st.booleans())
    def something_is_undone(self, who: int, stale: bool) -> None:
        visit = self.line.visits.get(self.somebody(who))
        seen = visit.last - 1 if visit and stale else None
        facts = self.do(commands.undo, visit=self.somebody(who), seq=seen)
        if not isinstance(facts, Refused):
            assert not stale
            left_out = plainly.without_undone(self.entries)
            assert self.line == replace(replay(since_opened(left_out), self.setup), seq=self.line.seq)

    @rule(room=A_ROOM, command=st.sampled_from([commands.open_room, commands.close_room]))
    def a_room_opens_or_closes(self, room: str, command: commands.Command) -> None:
        self.do(command, room=room)

    @rule(room=A_ROOM, minutes=st.none() | st.integers(-5, 60))
    def a_room_pauses(self, room: str, minutes: int | None) -> None:
        until = None if minutes is None else self.now + timedelta(minutes=minutes)
        self.do(commands.pause_room, room=room, until=until)

    @rule(help_id=st.sampled_from(["h1", "h2"]), take=st.booleans())
    def help_is_asked_for_or_taken(self, help_id: str, take: bool) -> None:
        if take:
            self.do(commands.take_help, help=help_id)
        else:
            self.do(commands.ask_help, help=help_id, place="Tablet 1")

    @rule()
    def people_are_told_their_wait(self) -> None:
        self.note(tell(self.line, History(), self.now))
        assert tell(self.line, History(), self.now) == []

    @rule(confirm=st.booleans(), told=st.none() | st.integers(0, 1), outcome=st.none() | st.sampled_from(OUTCOMES))
    @precondition(lambda self: self.came > 6)
    def the_day_closes(self, confirm: bool, told: int | None, outcome: str | None) -> None:
        here = {visit for visit, one in self.people().items() if one.status not in ("done", "left")}
        came = self.to_come()
        asked_for = here | {visit for visit in came if not self.line.visits[visit].joined}
        spoken_to = None if told is None else sorted(asked_for)[told:]
        asked = bool(asked_for) and (not confirm or (told == 1))
        outcomes = dict.fromkeys(sorted(asked_for)[1:], outcome) if outcome else {}
        facts = self.do(commands.close_day, confirm=confirm, told=spoken_to, outcomes=outcomes)
        if isinstance(facts, Refused):
            assert facts.code == "day_closed" or (facts.code in ("people_waiting", "people_expected") and asked)
        else:
            assert not asked
            assert {getattr(fact, "visit", None) for fact in facts} - {None} == here | came
            assert {visit.status for visit in self.line.visits.values()} <= {"done", "left"}

    @rule()
    def a_new_day_opens(self) -> None:
        if not isinstance(self.do(commands.open_day), Refused):
            self.everything_is_ready()

    @invariant()
    def replaying_the_log_gives_the_line(self) -> None:
        assert replay(since_opened(self.entries), self.setup) == self.line

    @invariant()
    def nobody_is_lost(self) -> None:
        assert {visit: (one.came.ticket, one.status, one.service) for visit, one in self.people().items()} == {
            visit.id: (visit.ticket, visit.status, visit.service)
            for visit in self.line.visits.values() if visit.ticket
        }  # fmt: skip
        absent = {visit.id for visit in self.line.visits.values() if not visit.ticket and visit.status != "left"}
        assert absent == self.to_come()

    @invariant()
    def nobody_is_there_twice(self) -> None:
        tickets = [visit.ticket for visit in self.line.visits.values() if visit.ticket]
        assert len(tickets) == len(set(tickets))
        called = present(self.line, "called", "in_room")
        for visit in called:
            assert [room for room in ROOMS if visit in visits_in(self.line, room)] == [visit.room]
            assert visit.room == self.people()[visit.id].room
        assert all(visit.room is None for visit in present(self.line, "waiting", "on_hold"))

    @invariant()
    def nobody_is_overtaken_but_by_the_rule(self) -> None:
        expected = plainly.order(self.people(), self.setup)
        assert [visit.id for visit in waiting(self.line)] == list(places(self.line)) == expected
        for room in ROOMS:
            found = next_for(self.line, room)
            assert ([found.id] if found else []) == plainly.order(self.people(), self.setup, room, self.who)[:1]
        opened = [room for room in ROOMS if self.line.room(room).state == "open"]
        for visit in present(self.line, "waiting", "on_hold"):
            assert ahead_of(self.line, visit) == plainly.place(self.people(), self.setup, visit.id, opened, self.who)

    def do(self, command: Callable[..., list[Fact]], **params: Any) -> list[Fact] | Refused:
        """Try it. A refusal changes nothing, and is the answer."""
        try:
            facts = command(self.line, self.now, **params)
        except Refused as refusal:
            return refusal
        self.note(facts)
        return facts

    def note(self, facts: Any) -> None:
        for fact in facts:
            self.seen.add(type(fact).__name__)
            entry = Entry(self.line.seq + 1, fact)
            self.entries.append(entry)
            undo = isinstance(fact, Undone)
            self.line = replay(since_opened(self.entries), self.setup) if undo else apply(self.line, entry)

    def somebody(self, who: int) -> str:
        """One of those who came today, or a stranger."""
        visits = list(self.line.visits)
        return visits[who % len(visits)] if visits else "stranger"

    def people(self) -> dict[str, plainly.Person]:
        """What happened to everybody today, folded once for each state of the log."""
        if self.folded[0] != len(self.entries):
            self.folded = len(self.entries), plainly.people(self.entries)
            self.who = plainly.works(self.entries)
        return self.folded[1]

    def to_come(self) -> set[str]:
        """Who is booked and has yet to come, for whichever of their appointments."""
        return plainly.to_come(self.entries)


def since_opened(entries: list[Entry]) -> list[Entry]:
    """The entries of the present day."""
    opened = [n for n, entry in enumerate(entries) if isinstance(entry.fact, Opened)]
    return entries[opened[-1] :] if opened else entries


def test_whatever_happens_nobody_is_lost_doubled_or_overtaken() -> None:
    Clinic.seen.clear()

    run_state_machine_as_test(Clinic, settings=settings(max_examples=250, stateful_step_count=60))

    # A machine that never reached some kind of fact would prove little.
    assert Clinic.seen == set(KINDS)
