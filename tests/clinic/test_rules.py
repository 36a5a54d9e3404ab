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

from clinic import commands, delay, inform, talk
from clinic.commands import CLOSING, REASONS, Refused
from clinic.estimate import History
from clinic.events import (
    KINDS,
    Apologised,
    Called,
    Cancelled,
    CheckedIn,
    ClockSet,
    Closed,
    Entry,
    Fact,
    Finished,
    Left,
    MarkedNoShow,
    Opened,
    Restored,
    Transferred,
    Undone,
)
from clinic.follow_up import HOW
from clinic.line import Line, apply, expected, present, replay, visits_in
from clinic.needs import CALL_ME
from clinic.order import ahead_of, next_for, places, waiting
from clinic.outcomes import OUTCOMES
from clinic.setup import Clinician
from clinic.told import tell
from tests.clinic import plainly
from tests.clinic.given import NINE, ROOMS, SETUP

HOURS = replace(SETUP.rooms[0], opens="06:00", closes="23:30", breaks=(("12:00", "12:30"),))
STAFFED = replace(
    SETUP, rooms=(HOURS, *SETUP.rooms[1:]),
    clinicians=(Clinician("dr-okafor", "Dr Okafor"), Clinician("dr-ruiz", "Dr Ruiz", ("doctor",))),
)  # fmt: skip
CLINICIANS = st.sampled_from(["dr-okafor", "dr-ruiz"])
SERVICES = st.sampled_from([service.id for service in SETUP.services])
A_ROOM = st.sampled_from(ROOMS)
ANYBODY = st.integers(0, 40)

ON_A_VISIT = (
    commands.recall, commands.mark_no_show, commands.start, commands.finish, commands.hold, commands.resume,
    commands.rejoin,
    commands.leave,
)  # fmt: skip

FITS = {
    "called": (commands.recall, commands.mark_no_show, commands.start, commands.finish, commands.hold, talk.coming),
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
        self.folded: tuple[int, plainly.Day] = -1, plainly.Day(STAFFED)
        self.looked = 0
        self.expected: set[str] = set()

    @initialize(walk_in_after=st.sampled_from([0, 15]))
    def the_first_day_opens(self, walk_in_after: int) -> None:
        self.setup = replace(STAFFED, walk_in_after=walk_in_after)
        self.line = Line(self.setup)
        self.do(commands.open_day)
        self.everything_is_ready()

    def everything_is_ready(self) -> None:
        """Rooms are open and a few people are here, so that a short run gets somewhere."""
        for room in ROOMS:
            self.do(commands.open_room, room=room)
        for service, booked in (("doctor", None), ("nurse", None), ("doctor", 0)):
            self.somebody_comes(service, booked)
        for service in ("doctor", "nurse"):
            self.somebody_is_booked(service, 0, None, None, None)

    @rule(seconds=st.sampled_from([1, 30, 240, 900, 3900, 7200]) | st.integers(-600, 3600))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(seconds=st.sampled_from([-86400, -3600, 3600, 86400]))
    def the_clock_is_set(self, seconds: int) -> None:
        """Nobody who has no booked time changes places with another for that."""
        walk_ins = self.walk_ins()
        self.now += timedelta(seconds=seconds)
        if self.line.opened_at:
            self.note([ClockSet(self.now, seconds)])
        assert self.walk_ins() == walk_ins

    def walk_ins(self) -> list[str]:
        return [visit.id for visit in waiting(self.line) if visit.booked is None]

    @rule(service=SERVICES, booked=st.none() | st.integers(-60, 60))
    def somebody_comes(self, service: str, booked: int | None) -> None:
        self.came += 1
        at = None if booked is None else self.now + timedelta(minutes=booked)
        self.do(commands.check_in, visit=f"visit-{self.came}", service=service, booked=at)

    @rule(
        service=SERVICES,
        minutes=st.integers(-60, 60),
        clinician=st.none() | CLINICIANS,
        room=st.none() | A_ROOM,
        again=st.none() | ANYBODY,
    )
    def somebody_is_booked(
        self, service: str, minutes: int, clinician: str | None, room: str | None, again: int | None
    ) -> None:
        """Or a booking is changed, whoever it is; who is here stays as they are."""
        self.came += 1
        visit = f"booked-{self.came}" if again is None else self.somebody(again)
        before = self.line.visits.get(visit)
        booked = self.now + timedelta(minutes=minutes)
        self.do(commands.book, visit=visit, service=service, booked=booked, assigned=room, clinician=clinician)
        if before and before.ticket:
            assert self.line.visits[visit] == before

    @rule(who=ANYBODY)
    def a_booking_is_cancelled(self, who: int) -> None:
        visit = self.somebody(who)
        one = self.day().expected.get(visit)
        stays = visit in self.day().people or (one is not None and one.status != "expected")
        self.do(commands.cancel, visit=visit)
        assert (visit in self.line.visits) == bool(stays)

    @rule(who=ANYBODY, later=st.lists(ANYBODY, max_size=2), party=st.none() | ANYBODY)
    def a_booked_person_checks_in(self, who: int, later: list[int], party: int | None) -> None:
        """Once, and for all they are booked for; perhaps with others."""
        known = self.somebody(who)
        stops = tuple(self.somebody(one) for one in later)
        free = [stop for stop in dict.fromkeys(stops) if stop != known and self.is_expected(stop)]
        booked = self.day().expected.get(known)
        here = None if party is None else self.somebody(party)
        facts = self.do(commands.check_in, visit=known, stops=tuple(dict.fromkeys(stops)), party=here)
        if isinstance(facts, Refused):
            taken = known in self.day().people or (booked is not None and booked.joined is not None)
            assert (facts.code == "already_checked_in") == (self.line.opened_at is not None and taken)
        else:
            assert booked
            (fact,) = facts
            assert isinstance(fact, CheckedIn)
            assert (fact.visit, fact.booked, list(fact.stops)) == (known, booked.booked, free)
            assert (fact.assigned, fact.clinician) == (booked.assigned, booked.clinician)

    @rule(room=A_ROOM, clinician=CLINICIANS, services=st.none() | st.lists(SERVICES, min_size=1, unique=True))
    def somebody_signs_in(self, room: str, clinician: str, services: list[str] | None) -> None:
        self.do(commands.sign_in, room=room, clinician=clinician, services=services)

    @rule(who=ANYBODY, clinician=st.none() | CLINICIANS)
    def somebody_waits_for_a_clinician(self, who: int, clinician: str | None) -> None:
        self.do(commands.assign, visit=self.somebody(who), clinician=clinician)

    @rule(who=ANYBODY, back=st.booleans())
    def somebody_expected_does_not_come_or_may_yet(self, who: int, back: bool) -> None:
        absent = [visit for visit, one in self.day().expected.items() if one.joined is None]
        if absent:
            self.do(commands.resume if back else commands.mark_no_show, visit=absent[who % len(absent)])

    @rule(room=A_ROOM)
    def the_next_person_is_called(self, room: str) -> None:
        order = self.day().order(room)
        facts = self.do(commands.call_next, room=room)
        if isinstance(facts, Refused):
            is_open = self.line.opened_at is not None and self.line.room(room).state == "open"
            assert (facts.code == "nobody_waiting") == (is_open and not order)
        else:
            (fact,) = facts
            assert isinstance(fact, Called)
            assert fact.visit == order[0]
            person = self.day().people[fact.visit]
            if person.assigned or person.clinician:
                assert room == person.assigned or person.clinician == self.day().clinicians.get(room)

    @rule(room=A_ROOM, who=ANYBODY)
    def somebody_is_called_out_of_turn(self, room: str, who: int) -> None:
        self.do(commands.call, visit=self.somebody(who), room=room)

    @rule(who=ANYBODY, which=st.integers(0, 9))
    def a_called_or_absent_person_does_what_fits(self, who: int, which: int) -> None:
        visits = present(self.line, *FITS)
        if visits:
            visit = visits[who % len(visits)]
            fitting = FITS[visit.status][which % len(FITS[visit.status])]
            person = self.day().people.get(visit.id)
            may = fitting is not commands.mark_no_show or person is None or person.may_be_missed(self.now)
            assert isinstance(self.do(fitting, visit=visit.id), Refused) != may

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

    @rule(who=ANYBODY, how=st.sampled_from(HOW), earlier=st.booleans())
    def somebody_unseen_is_taken_care_of(self, who: int, how: str, earlier: bool) -> None:
        before = self.line
        self.do(commands.follow_up, visit="of-an-earlier-day" if earlier else self.somebody(who), how=how)
        assert replace(self.line, seq=before.seq) == before

    @rule(room=A_ROOM, command=st.sampled_from([commands.open_room, commands.close_room]))
    def a_room_opens_or_closes(self, room: str, command: commands.Command) -> None:
        self.do(command, room=room)

    @rule(room=A_ROOM, minutes=st.none() | st.integers(-5, 60))
    def a_room_pauses(self, room: str, minutes: int | None) -> None:
        until = None if minutes is None else self.now + timedelta(minutes=minutes)
        self.do(commands.pause_room, room=room, until=until)

    @rule(help_id=st.sampled_from(["h1", "h2"]), what=st.sampled_from(["ask", "take", "answer"]))
    def help_is_asked_for_taken_or_answered(self, help_id: str, what: str) -> None:
        if what == "take":
            self.do(talk.take_help, help=help_id)
        elif what == "answer":
            self.do(talk.answer_help, help=help_id, words="at_desk")
        else:
            self.do(talk.ask_help, help=help_id, place="Tablet 1")

    @rule(who=ANYBODY, call_me=st.sampled_from(CALL_ME))
    def somebody_wants_to_be_called_otherwise(self, who: int, call_me: str) -> None:
        before = [one.id for one in waiting(self.line)]
        if not isinstance(self.do(talk.prefer, visit=self.somebody(who), call_me=call_me), Refused):
            assert [one.id for one in waiting(self.line)] == before

    @rule(who=ANYBODY, command=st.sampled_from([talk.coming, talk.more_time, talk.step_out]))
    def somebody_says_what_they_do(self, who: int, command: commands.Command) -> None:
        """On the way, ten more minutes, or stepped out: the place is kept, and nobody else's turn is."""
        visit = self.somebody(who)
        before = [one.id for one in waiting(self.line)]
        facts = self.do(command, visit=visit)
        if not isinstance(facts, Refused):
            assert [one.id for one in waiting(self.line)] == [one for one in before if one != visit or not facts]

    @rule()
    def who_had_more_time_is_back(self) -> None:
        facts = talk.back_again(self.line, self.now)
        self.note(facts)
        assert talk.back_again(self.line, self.now) == []

    @rule()
    def people_are_told_their_wait(self) -> None:
        self.note(tell(self.line, History(), self.now))
        assert tell(self.line, History(), self.now) == []

    @rule(who=ANYBODY, reason=st.sampled_from(delay.REASONS), everybody=st.booleans())
    def who_waits_long_is_told_that_we_are_sorry(self, who: int, reason: str, everybody: bool) -> None:
        """Once for a delay, and nobody who is not late for it."""
        owed = {visit.id for visit in delay.owed_apology(self.line, self.now)}
        wanted = None if everybody else [self.somebody(who)]
        facts = self.do(inform.apologise, reason=reason, visits=wanted)
        if isinstance(facts, Refused):
            closed, stranger = self.line.opened_at is None, bool({*(wanted or ())} - set(self.line.visits))
            assert closed or stranger or not owed.intersection(wanted or owed)
        else:
            told = {fact.visit for fact in facts if isinstance(fact, Apologised)}
            assert told == (owed if wanted is None else owed.intersection(wanted))
            assert all(self.line.visits[visit].status == "waiting" for visit in told)
            assert not told.intersection(visit.id for visit in delay.owed_apology(self.line, self.now))

    @rule(who=ANYBODY)
    def somebody_is_spoken_to(self, who: int) -> None:
        owed = delay.to_speak_to(self.line, self.now)
        visit = owed[who % len(owed)].id if owed else self.somebody(who)
        facts = self.do(inform.spoken_to, visit=visit)
        assert isinstance(facts, Refused) or visit not in [one.id for one in delay.to_speak_to(self.line, self.now)]

    @rule(reason=st.sampled_from(delay.REASONS), service=st.none() | SERVICES, minutes=st.none() | st.integers(0, 90))
    def a_delay_is_noted(self, reason: str, service: str | None, minutes: int | None) -> None:
        if not isinstance(self.do(inform.note_delay, reason=reason, service=service, minutes=minutes), Refused):
            assert delay.notes(self.line, self.now)[0].reason == reason

    @rule()
    def a_delay_is_over(self) -> None:
        for note in delay.notes(self.line, self.now):
            self.do(inform.end_delay, note=note.note)
        assert not delay.notes(self.line, self.now)

    @rule(message=st.sampled_from(CLOSING))
    def closing_is_told(self, message: str) -> None:
        facts = self.do(commands.tell_closing, message=message)
        if not isinstance(facts, Refused):
            assert (self.line.closing.message if self.line.closing else "none") == message

    @rule(
        confirm=st.booleans(),
        told=st.none() | st.integers(0, 1),
        outcomes=st.none() | st.lists(st.sampled_from(OUTCOMES), min_size=1),
    )
    @precondition(lambda self: self.came > 8)
    def the_day_closes(self, confirm: bool, told: int | None, outcomes: list[str] | None) -> None:
        """Everybody who is here or was expected gets an outcome, or the day stays open."""
        people = {visit for visit, one in self.day().people.items() if one.status not in ("done", "left")}
        absent = self.absent()
        everybody = sorted(people | absent)
        spoken_to = None if told is None else everybody[told:]
        given = None if outcomes is None else dict(zip(everybody, outcomes, strict=False))
        settled = set(everybody) if told is None else {*everybody[told:], *(given or {})}
        asked = bool(everybody) and (not confirm or not settled.issuperset(everybody))
        booked = {visit: one for visit, one in self.day().expected.items() if visit in absent}
        ahead = {visit for visit, one in booked.items() if one.status == "expected" and self.now < one.booked}
        too_early = any((given or {}).get(visit) == "missed" for visit in ahead)
        joined = {visit: one.joined for visit, one in self.day().expected.items() if one.joined}
        facts = self.do(commands.close_day, confirm=confirm, told=spoken_to, outcomes=given)
        if isinstance(facts, Refused):
            asking = facts.code in ("people_waiting", "people_expected") and asked
            assert facts.code == "day_closed" or asking or (facts.code == "too_early_to_miss" and too_early)
        else:
            assert not asked
            assert not too_early
            left = {fact.visit for fact in facts if isinstance(fact, Left)}
            stops = {stop for stop, visit in joined.items() if visit in left}
            assert {getattr(fact, "visit", None) for fact in facts} - {None} == set(everybody) | stops
            seen = {fact.visit for fact in facts if isinstance(fact, Finished)}
            assert seen <= people, "nobody was seen who never came"

    @rule(further=st.integers(0, 3))
    def the_clinic_is_put_back(self, further: int) -> None:
        """What went on after the backup is forgotten, but not which numbers people have on paper."""
        given = tuple(f"{letter} {n + further:02d}" for letter, n in self.line.issued.items())
        self.note([Restored(self.now, given)])
        assert all(f"{letter} {n:02d}" in given for letter, n in self.line.issued.items())

    @rule()
    def a_new_day_opens(self) -> None:
        if not isinstance(self.do(commands.open_day), Refused):
            self.everything_is_ready()

    @invariant()
    def replaying_the_log_gives_the_line(self) -> None:
        assert replay(since_opened(self.entries), self.setup) == self.line

    @invariant()
    def nobody_is_lost(self) -> None:
        day = self.day()
        here = {visit: (one.came.ticket, one.status, one.service) for visit, one in day.people.items()}
        absent = {visit: ("", one.status, one.service) for visit, one in day.expected.items()}
        assert here | absent == {
            visit.id: (visit.ticket, visit.status, visit.service) for visit in self.line.visits.values()
        }
        assert {visit.id: visit.joined for visit in self.line.visits.values() if visit.joined} == {
            visit: one.joined for visit, one in day.expected.items() if one.joined
        }

    @invariant()
    def who_is_expected_is_lost_only_by_coming_or_by_somebody_s_word(self) -> None:
        new = [entry.fact for entry in self.entries[self.looked :]]
        self.looked = len(self.entries)
        before, self.expected = self.expected, {visit.id for visit in expected(self.line)}
        if not any(isinstance(fact, Opened | Closed | Undone) for fact in new):
            why = {fact.visit for fact in new if isinstance(fact, Cancelled | CheckedIn | MarkedNoShow | Left)}
            why |= {stop for fact in new if isinstance(fact, CheckedIn) for stop in fact.stops}
            assert before - self.expected <= why

    @invariant()
    def an_appointment_is_one_visit_and_a_ticket_is_given_once(self) -> None:
        today = [entry.fact for entry in plainly.without_undone(since_opened(self.entries))]
        came = [fact for fact in today if isinstance(fact, CheckedIn)]
        assert len({fact.visit for fact in came}) == len({fact.ticket for fact in came}) == len(came)
        over = [fact.stop for fact in today if isinstance(fact, Transferred) and fact.stop]
        assert len(set(over)) == len(over)
        assert not {*over} & ({fact.visit for fact in came} | set(self.line.visits))

    @invariant()
    def nobody_is_there_twice(self) -> None:
        called = present(self.line, "called", "in_room")
        for visit in called:
            assert [room for room in ROOMS if visit in visits_in(self.line, room)] == [visit.room]
            assert visit.room == self.day().people[visit.id].room
        assert all(visit.room is None for visit in present(self.line, "waiting", "on_hold"))

    @invariant()
    def nobody_is_overtaken_but_by_the_rule(self) -> None:
        order = self.day().order()
        assert [visit.id for visit in waiting(self.line)] == list(places(self.line)) == order
        for room in ROOMS:
            found = next_for(self.line, room)
            assert ([found.id] if found else []) == self.day().order(room)[:1]
        opened = [room for room in ROOMS if self.line.room(room).state == "open"]
        for visit in present(self.line, "waiting", "on_hold"):
            assert ahead_of(self.line, visit) == self.day().place(visit.id, opened)

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
        """One of those who came or are expected today, somebody whose appointment is over, or a stranger."""
        visits = [*self.line.visits, *sorted(self.line.over)]
        return visits[who % len(visits)] if visits else "stranger"

    def absent(self) -> set[str]:
        """Who did not come to their appointment; on a later date, not who is booked for that one."""
        begun = self.line.opened_at.date() if self.line.opened_at else self.now.date()
        booked = {visit: one for visit, one in self.day().expected.items() if one.joined is None}
        return {
            visit for visit, one in booked.items()
            if one.status != "left" and (begun >= self.now.date() or one.booked.date() < self.now.date())
        }  # fmt: skip

    def is_expected(self, visit: str) -> bool:
        """Whether this is somebody's appointment to which nobody has come yet."""
        one = self.day().expected.get(visit)
        return one is not None and one.status == "expected" and one.joined is None

    def day(self) -> plainly.Day:
        """What happened to everybody today, folded once for each state of the log."""
        if self.folded[0] != len(self.entries):
            self.folded = len(self.entries), plainly.day(self.entries, self.setup)
        return self.folded[1]


def since_opened(entries: list[Entry]) -> list[Entry]:
    """The entries of the present day."""
    opened = [n for n, entry in enumerate(entries) if isinstance(entry.fact, Opened)]
    return entries[opened[-1] :] if opened else entries


def test_whatever_happens_nobody_is_lost_doubled_or_overtaken() -> None:
    Clinic.seen.clear()

    run_state_machine_as_test(Clinic, settings=settings(max_examples=250, stateful_step_count=60))

    # A machine that never reached some kind of fact would prove little.
    assert Clinic.seen == set(KINDS)
