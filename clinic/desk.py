"""The desk: the one door for change. It locks, decides, writes, folds, and tells who listens.

A command's facts, its answer and the person's details are one transaction; the line moves on only when that is on
disk. Reading needs no lock: `line` is an immutable value, replaced whole.
"""

import json
import logging
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from clinic import commands, earlier, kept, log, register, talk
from clinic.appointments import Appointment, Booking
from clinic.closing import Outlook, outlook
from clinic.commands import Command, Refused
from clinic.diary import (
    Brought,
    Changes,
    bring_in,
    clinician_named,
    expect,
    is_here,
    local_date,
    with_clinicians,
)
from clinic.estimate import History
from clinic.events import ClockSet, Entry, Fact, HelpAsked, Told, Undone
from clinic.learning import Learning
from clinic.line import Line, apply, here, replay
from clinic.needs import Needs
from clinic.order import waiting
from clinic.rights import rights_in
from clinic.setup import Setup
from clinic.store import Store, Unavailable
from clinic.tap import Answer, Done, Tap, save
from clinic.told import tell
from clinic.trust import Promise, overdue, promises
from clinic.usual import usual_rooms
from clinic.whatif import WhatIf, what_if
from clinic.years import old, years

notes = logging.getLogger("kindline.desk")

ANSWERS_KEPT = timedelta(days=7)
"""How long the same request gets the same answer: a tablet may be switched off over a weekend."""


LINKS_AT_HAND = 5000
"""Links of open phone pages that are looked up only once."""

DAYS_KEPT = 100
"""So many of the latest days are never forgotten: pictures and follow-ups look back over weeks."""

ERASE_EVERY = timedelta(minutes=10)
"""How often it is looked whether anything about people has been kept long enough."""


GATHER = 0.05
"""In a rush, check-ins are looked at so many seconds apart: many share one look at the line and one write."""

CROWD = 200
"""Where more people wait than this, who comes in is told their time with everybody's next one, a moment later."""

SET_BY = 60.0
"""A clock that went back by fewer seconds than this is waited for: no fact is earlier than the one before it."""


class Times(Protocol):
    """Whatever tells the time."""

    def now(self) -> datetime:
        """The time now, aware of its zone."""

    def seconds(self) -> float:
        """Seconds that only go on, whoever sets the clock."""

    def moment(self) -> tuple[datetime, float]:
        """Both, of one moment."""

    def go_on_from(self, latest: datetime) -> None:
        """This moment was: a clock that is far from it may be wrong."""

    @property
    def doubt(self) -> str:
        """Why the time may be wrong, so that nothing is done that cannot be undone; empty where it is right."""


class Desk:
    """One clinic's desk on one open `Store`.

    `life`: which one of the clinic this is, another after each restore; `erasures`: how often anybody was erased by
    hand. Who remembers anything of the database forgets it by `forgetting` when the desk goes on with another one.
    """

    def __init__(self, store: Store, clock: Times):
        self.store = store
        self.clock = clock
        self.listeners: list[Callable[[], None]] = []
        self.forgetting: list[Callable[[], None]] = []
        self._taps: deque[Tap] = deque()
        self._gather_until = 0.0
        self._load()

    def _load(self) -> None:
        """Remember what the database holds, and nothing else."""
        store, clock = self.store, self.clock
        with store.read() as db:
            self.life, self.erasures = register.life(db), register.erasures(db)
            setup = register.load_setup(db)
            latest = log.latest(db)
            if latest:
                clock.go_on_from(latest)
            self.entries = log.today(db)
            self.line = replay(self.entries, setup or Setup())
            self.learning = Learning(db, self.entries, self.line.setup)
        # Learned before anybody is served: nothing slow stands in a request.
        self.learning.learn(clock.now())
        now, self._gap = self._moment()
        self._gap += max(timedelta(), (latest or now) - now).total_seconds()
        self.is_set_up = setup is not None
        self.links = register.Links(store.folder)
        self._expected_on = self._forgot_on = ""
        self._erased_at: datetime | None = None
        self._is_settled = False
        self._visits_of_links: dict[str, str] = {}

    @property
    def history(self) -> History:
        """What the estimate has learned."""
        return self.learning.history

    def do(
        self,
        command: Command,
        *,
        by: str,
        request: str | None = None,
        answer: Answer = lambda _line, _visit: {},
        name: str = "",
        needs: Needs | None = None,
        **params: Any,
    ) -> Done:
        """Carry out one command. Raises Refused when the rules say no, Unavailable when it could not be written.

        The same `request` again gets the same answer; with other parameters it is refused. `answer` makes the reply
        from the new line and the visit concerned. `name`: of who checks in, or who goes to a call for help; `needs`:
        what may help the visit's person, in place of what is kept.
        """
        tap = self._tap(command, params, by, request, answer, name, needs)
        self._taps.append(tap)
        time.sleep(self._gathering(command))  # also where that is no time: who checks in just now comes in too
        with self.store.lock:
            while not tap.is_over:
                self._do_all()
        return tap.outcome()

    def _tap(self, command: Command, params: dict[str, Any], by: str, request: str | None, answer: Answer,
             name: str = "", needs: Needs | None = None) -> Tap:  # fmt: skip
        body = self._fingerprint(command, name, {**params, "needs": needs} if needs else params)
        return Tap(command, params, by, request, body, answer, name, needs)

    def _gathering(self, command: Command) -> float:
        """Seconds to wait for others who check in just now: none where the last ones came one by one."""
        return max(0.0, self._gather_until - time.monotonic()) if command is commands.check_in else 0.0

    def _do_all(self) -> None:
        """Carry out the next tap, with the check-ins that follow on a check-in; what is refused is refused alone."""
        taps = [self._taps.popleft()]
        # Of a check-in nobody needs the line between it and the next. Of another command that is its answer.
        while taps[0].command is commands.check_in and self._taps and self._taps[0].command is commands.check_in:
            taps.append(self._taps.popleft())
        if taps[0].command is commands.check_in:
            self._gather_until = time.monotonic() + GATHER if len(taps) > 1 else 0.0
        try:
            self._carry_out(taps)
        except Exception as problem:  # each that waits for it hears of it
            _give_up(taps, problem)
        except BaseException:  # we are being stopped, and nothing was written
            _give_up(taps, Unavailable("the server is stopping"))
            raise

    def _carry_out(self, taps: list[Tap]) -> None:
        at = self._time()
        line = self.line
        entries: list[Entry] = []
        agreed: list[Tap] = []
        twins: list[Tap] = []
        for tap in taps:
            if tap.request and any(tap.request == other.request for other in agreed):
                twins.append(tap)
                continue
            try:
                tap.done = self._known(tap.request, tap.body)
                if tap.done is None:
                    line, entries = self._decide(tap, at, line, entries)
                    agreed.append(tap)
            except Refused as problem:
                tap.problem = problem
        if not agreed:
            return
        whose = {visit: tap for tap in agreed for visit in tap.touched}
        for told in tell(line, self.history, at, whose.keys()) if len(waiting(line)) <= CROWD else ():
            tap = whose[told.visit]
            line, entries = self._fold([told], tap.by, line, entries)
            tap.told.append(entries[-1])
        replies = [tap.answer(line, tap.visit) for tap in agreed]
        with self.store.write() as db:
            for tap, reply in zip(agreed, replies, strict=True):
                save(db, self.links, tap, reply, at)
            log.append(db, [told for tap in agreed for told in tap.told])
        self._settle(line, entries)
        for tap, reply in zip(agreed, replies, strict=True):
            tap.done = Done(line, (*tap.entries, *tap.told), reply)
        self._taps.extend(twins)  # they are known now; what could not be written is not tried once more behind them
        self._changed()

    def _decide(self, tap: Tap, at: datetime, line: Line, before: list[Entry]) -> tuple[Line, list[Entry]]:
        """The line after this tap, and all entries not yet written. Raises Refused, and then nothing came of it."""
        facts: list[Fact] = tap.command(line, at, **tap.params)
        tap.visit = next((fact.visit for fact in facts if hasattr(fact, "visit")), tap.params.get("visit"))
        line, entries = self._fold(facts, tap.by, line, before)
        self._has_its_place(line, tap.visit)
        tap.entries = entries[len(before) :]
        return line, entries

    def tell(self) -> None:
        """Write down the new statements that waiting people are owed by now; the screens show what was told."""
        with self.store.lock:
            now = self._time()
            self.learning.learn(now)
            if self.learning.is_due(now):
                self.keep_learned()
            is_new_date = self._expected_on != self._today(now)
            if not self.clock.doubt:  # a false date erases nothing
                self._erase_what_is_due(now)
            if not self._is_settled:
                self.settle()
            self._expected_on = self._today(now)
            if self.line.opened_at is None:
                return
            # Where a day goes on over midnight, the people booked for the new date are expected too.
            booked = [*self._not_yet(self.line, now), *self._expect(self.line, now)] if is_new_date else []
            line, entries = self._fold([*booked, *talk.back_again(self.line, now)], "clock")
            line, entries = self._fold(tell(line, self.history, now), "clock", line, entries)
            if entries:
                with self.store.write() as db:
                    log.append(db, entries)
                self._settle(line, entries)

    def open_day(
        self, by: str, rooms: tuple[str, ...] = (), request: str | None = None,
        clinicians: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Begin a new day with these rooms open, and these `clinicians` in some of them; old codes end.

        Who is booked for today is expected from now on. The answer is {seq, status}; the same `request` again gets the
        same.
        """
        signed = dict(clinicians or {})
        body = self._fingerprint(commands.open_day, "", {"rooms": rooms, **({"signed": signed} if signed else {})})
        with self.store.lock:
            known = self._known(request, body)
            if known:
                return known.answer
            at = self._time()
            with self.store.read() as db:
                booked = register.bookings_on(db, self._today(at))
            # A day may be opened again on the same date: who came already is not expected once more.
            came = [one.visit for one in booked if is_here(self.line, one.visit)]
            over = tuple(visit for visit in came if not self._sent_home(visit))
            opened = commands.open_day(self.line, at, over)
            # Who asks for a person at the tablet is not forgotten by a new day; numbers are other people's in it.
            waits = (one for one in self.line.helps.values() if one.taken_at is None and one.asker is None)
            asked = (HelpAsked(at, one.id, one.place, one.about) for one in waits)
            line, entries = self._fold(opened, by)
            for room in rooms:
                facts = commands.open_room(line, at, room)
                if room in signed:
                    facts = commands.sign_in(line, at, room, signed[room])
                line, entries = self._fold(facts, by, line, entries)
            line, entries = self._fold([*asked, *self._expect(line, at)], by, line, entries)
            answer = {"seq": line.seq, "status": "open"}
            with self.store.write() as db:
                log.append(db, entries, request)
                self.links.end(db)
                register.forget_takers(db)
                if not self.clock.doubt:
                    kept.erase(db, kept.what_is_due(db, line, at))
                    self._forget_days(db, at)
                if request:
                    register.save_answer(db, request, body, answer, at)
            self._visits_of_links.clear()
            self.learning.learn_all()
            self.entries = []
            self._settle(line, entries)
            self._expected_on = self._today(at)
        self._changed()
        return answer

    def bring_in(self, appointments: Sequence[Appointment], by: str) -> Brought:
        """Keep these appointments, and expect their people where they are for today. Done twice it changes nothing.

        One transaction, for so many as may keep others waiting: a list of thousands comes in parts. Raises Unavailable.
        """
        with self.store.lock:
            changes = self._bringing(appointments, by)
            setup = changes.line.setup
            with self.store.write() as db:
                log.append(db, changes.entries)
                if setup != self.line.setup:
                    register.save_setup(db, setup)
                for visit in changes.gone:
                    register.drop_booking(db, visit)
                register.cancel_bookings(db, changes.cancelled)
                for booking, code in changes.kept:
                    register.save_booking(db, booking, local_date(setup, booking.start), code)
            self.history.set_up(setup)
            self._settle(changes.line, changes.entries)
        self._changed()
        return changes.brought

    def would_bring_in(self, appointments: Sequence[Appointment]) -> Brought:
        """What `bring_in` would change by now, without a change."""
        with self.store.lock:
            return self._bringing(appointments, "").brought

    def others(self, days: Collection[str], wanted: Collection[str]) -> list[str]:
        """The visits booked on these days ("2026-11-24") for other ids than the `wanted`; nobody's who is here."""
        keep = {self.links.visit(one, day) for one in wanted for day in days}
        with self.store.read() as db:
            booked = [one for day in sorted(days) for one in register.bookings_on(db, day)]
        line = self.line
        return [one.visit for one in booked if one.stands and one.visit not in keep and not is_here(line, one.visit)]

    def cancel_bookings(self, visits: Collection[str], by: str) -> int:
        """Expect nobody for these any more, but for who is here by now. How many it was; parts as for `bring_in`."""
        with self.store.lock:
            lost = [visit for visit in visits if not is_here(self.line, visit)]
            at = self._time()
            facts = [fact for visit in lost for fact in commands.cancel(self.line, at, visit)]
            line, entries = self._fold(facts, by)
            with self.store.write() as db:
                log.append(db, entries)
                register.cancel_bookings(db, lost)
            self._settle(line, entries)
        self._changed()
        return len(lost)

    def bookings(self) -> list[Booking]:
        """Everybody booked for today, those cancelled or for another place too, and who is here or expected since then.

        A day that goes on over midnight goes on with its people.
        """
        with self.store.read() as db:
            today = register.bookings_on(db, self._today(self.clock.now()))
            known = {one.visit for one in today}
            line = self.line
            before = [v.id for v in line.ongoing if v.booked and v.id not in known] if line.opened_at else []
            return [*register.bookings(db, before), *today] if before else today

    def is_booked(self) -> bool:
        """Whether any appointment is known for today or a day to come. One look at an index."""
        with self.store.read() as db:
            return register.is_booked(db, self._today(self.clock.now()))

    def booked_names(self, visits: Collection[str]) -> dict[str, str]:
        """The names of whom lists booked for these visits, whether or not they came; also of a day gone by midnight."""
        with self.store.read() as db:
            return {one.visit: one.name for one in register.bookings(db, visits)}

    def invitations(self, ids: Mapping[str, str]) -> dict[str, str]:
        """By visit, the code that finds each of these appointments at the tablet; none where the list brought its own.

        ids: of the appointments, by visit.
        """
        with self.store.read() as db:
            return register.invited(db, {visit: self.links.invitation(one) for visit, one in ids.items()})

    def booking_of_code(self, code: str) -> Booking | None:
        """Whose invitation carries this code."""
        with self.store.read() as db:
            return register.booking_of_code(db, code)

    def set_up(self, setup: Setup) -> None:
        """Use this set-up from now on. Raises Refused when somebody here still needs a part that is gone."""
        with self.store.lock:
            self._keep_in_use(setup)
            with self.store.write() as db:
                register.save_setup(db, setup)
            self.is_set_up = True
            self._erased_at = None  # names may have to go sooner now
            self.line = replace(self.line, setup=setup)
            self.history.set_up(setup)
        self._changed()

    def kept_people(self) -> list[kept.Person]:
        """Whose visit is over and whose name is kept, the latest end first."""
        with self.store.read() as db:
            return kept.people(db, self.line, self.clock.now())

    def erase(self, visits: Collection[str], by: str) -> None:
        """Erase at once, and for good, what identifies these visits' people. Raises Refused, Unavailable.

        Who is here goes on with their number alone, and keeps what helps them. Who is expected is known by a list.
        """
        with self.store.lock:
            here = [visit for visit in visits if visit in self.line.visits and self.line.visits[visit].is_here]
            over = {one.visit for one in self.kept_people()}
            over |= {visit for visit in visits if visit in self.line.visits and self.line.visits[visit].ended_at}
            if not over.issuperset(set(visits) - set(here)):
                raise Refused("unknown_visit")
            by_name = [visit for visit in here if self.line.visits[visit].call_me == "name"]
            facts = [fact for visit in by_name for fact in talk.prefer(self.line, self._time(), visit, "number")]
            line, entries = self._fold(facts, by)
            with self.store.write() as db:
                log.append(db, entries)
                kept.erase(db, kept.all_of(db, line, visits))
                erasures = register.count_erasure(db)
            self.erasures = erasures
            self._is_settled = False
            self._settle(line, entries)
            try:
                self.settle()
            except Unavailable as problem:  # it is erased; the copies go with the next tick
                notes.warning("What was erased may still have copies in the files: %s", problem)
        self._changed()

    def settle(self) -> None:
        """Leave no copy in any file of what was erased; where that cannot be done now, the clock's tick does it."""
        self._is_settled = self.store.settle()

    def clock_was_set(self) -> bool:
        """Whether the clock was set since anything was last written, so that what people are told is no more true."""
        return abs(self._moment()[1] - self._gap) >= SET_BY

    def clinician(self, name: str) -> str:
        """The id of the clinician of this name, who joins the set-up if nobody there is called so."""
        with self.store.lock:
            setup = with_clinicians(self.line.setup, [name])
            if setup != self.line.setup:
                self.set_up(setup)
            found = clinician_named(setup, name)
            assert found  # every name that is not empty has its clinician now
            return found

    def sign_in(
        self, room: str, name: str, services: Collection[str] | None, by: str, request: str | None, answer: Answer
    ) -> Done:
        """Sign in who has this name, and join them to the set-up where they are new. by, request, answer: as for `do`.

        Raises as `do`; where it is refused, the set-up stays as it was.
        """
        with self.store.lock:
            setup = with_clinicians(self.line.setup, [name])
            if setup != self.line.setup:
                new = str(clinician_named(setup, name))
                commands.sign_in(replace(self.line, setup=setup), self.clock.now(), room, new, services)
            params = {"room": room, "clinician": self.clinician(name), "services": services}
            tap = self._tap(commands.sign_in, params, by, request, answer)
            # Ahead of all who wait for the lock: what was looked at just now still holds.
            self._carry_out([tap])
            return tap.outcome()

    def usual_rooms(self) -> dict[str, str]:
        """Who is likely to work in which room today, by who is booked and where they worked before."""
        booked = Counter(one.clinician for one in self.bookings() if one.stands and one.clinician)
        with self.store.read() as db:
            return usual_rooms(self.line.setup, log.sign_ins(db), booked)

    def closing(self) -> Outlook | None:
        """How closing looks within the last hour before it. Costs a forward look."""
        with self.store.lock:
            return outlook(self.line, self.history, self.clock.now())

    def would_tell(self, line: Line, now: datetime, visit: str) -> list[Told]:
        """What this visit would be told in a line that might be."""
        with self.store.lock:  # what is learned moves on in place
            return tell(line, self.history, now, {visit})

    def what_if(self, rooms: Collection[str] | None = None) -> dict[str, WhatIf]:
        """What opening or pausing each of these rooms, or of all, would do now."""
        with self.store.lock:
            return what_if(self.line, self.history, self.clock.now(), rooms)

    def keep_learned(self) -> None:
        """Write down what the estimate has learned, so that the next start need not learn it again."""
        with self.store.lock, self.store.write() as db:
            self.learning.keep(db, self.clock.now())

    def names(self, visits: Any) -> dict[str, str]:
        """The names of these visits' people: for staff, and for who chose to be called by name."""
        with self.store.read() as db:
            return register.names(db, visits)

    def needs(self, visits: Any) -> dict[str, Needs]:
        """What may help these visits' people, as far as anybody said: for staff only."""
        with self.store.read() as db:
            return register.needs(db, visits)

    def takers(self, helps: Any) -> dict[str, str]:
        """The first names of who took these calls for help, as far as they said."""
        with self.store.read() as db:
            return register.takers(db, helps)

    def promises(self) -> list[Promise]:
        """How the latest promises went, the ones that broke while their people still wait at the end."""
        with self.store.read() as db:
            return [*promises(log.last_waits(db)), *overdue(self.line, self.clock.now())]

    def visit_of(self, secret: str) -> str | None:
        """The visit whose link this is."""
        if secret in self._visits_of_links:
            return self._visits_of_links[secret]
        with self.store.read() as db:
            visit = self.links.visit_of_secret(db, secret)
        if visit:
            if len(self._visits_of_links) >= LINKS_AT_HAND:
                self._visits_of_links.clear()
            self._visits_of_links[secret] = visit
        return visit

    def visit_of_companion(self, secret: str) -> str | None:
        """The visit whose narrower link this is."""
        with self.store.read() as db:
            return self.links.visit_of_companion(db, secret)

    def visit_of_code(self, code: str) -> str | None:
        """The visit whose typed code this is."""
        with self.store.read() as db:
            return self.links.visit_of_code(db, code)

    def begin_another_life(self) -> None:
        """From now on nothing is done that was asked from a page of before. `restore` comes next."""
        self.life = secrets.token_hex(8)

    def restore(self, prepared: Path, now: datetime) -> None:
        """Go on with this checked database in place of ours, which is kept aside. `now`: the real time.

        Numbers that people have on paper are not given again. Raises StoreError, sqlite3.Error, OSError; then the desk
        goes on with what it had.
        """
        with self.store.lock:
            at = self.clock.now()
            given = earlier.on_paper(self.entries, self.line, at)
            # Who asked for something before does not have it done after.
            while self._taps:
                self._taps.popleft().problem = Refused("restored")
            with self.store.read() as db:
                rights = rights_in(db)
            try:
                earlier.make_ready(prepared, at, given, self.life, self.erasures, rights)
                self.store.go_on_with(prepared, now)
            finally:
                self._load()
                for forget in self.forgetting:
                    forget()
        self._changed()

    def restored(self) -> str:
        """When the clinic was put back, in UTC, until `restore_is_told`; empty otherwise."""
        with self.store.read() as db:
            return register.restored(db)

    def restore_is_told(self) -> None:
        """That it was put back stands in the audit by now."""
        with self.store.write() as db:
            register.forget_restored(db)

    def old_facts(self) -> int:
        """The number of the last fact of the days that were over for more than `Setup.kept_years`; 0 for none.

        The latest days stay, whatever the clock says, and so does what the estimate has still to learn.
        """
        with self.store.read() as db:
            openings, stays = log.openings(db), log.before_days(db, DAYS_KEPT)
            learned = register.load_learned(db)
        until = old(openings, self.clock.now(), years(self.line.setup.kept_years))
        return min(until, stays, learned[0] if learned else stays)

    def forgotten(self) -> int:
        """The number of the last fact that is forgotten; 0 where none is."""
        with self.store.read() as db:
            return log.forgotten(db)

    def forget(self, until: int, most: int) -> int:
        """Cut off the oldest facts, so many at most and none after number `until`; how many. Raises Unavailable."""
        with self.store.write() as db:
            return log.forget(db, until, most)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def _bringing(self, appointments: Sequence[Appointment], by: str) -> Changes:
        """What these appointments change; the line with it has their clinicians in its set-up."""
        ours = (one.clinician for one in appointments if not one.cancelled and not one.place)
        setup = with_clinicians(self.line.setup, ours)
        at = self._time()
        line = replace(self.line, setup=setup)
        with self.store.read() as db:
            old = register.bookings_of(db, {one.id for one in appointments})
            visits = {self.links.visit(one.id, local_date(setup, one.start)) for one in appointments}
            has_code, erased = partial(register.has_code, db), register.erased_bookings(db, visits)
            return bring_in(line, at, appointments, old, self.links, by, has_code, erased.__contains__)

    def _expect(self, line: Line, at: datetime) -> list[Fact]:
        """What makes everybody booked for today expected whom this line does not know yet."""
        with self.store.read() as db:
            booked = register.bookings_on(db, local_date(line.setup, at))
        # Who is known stays as the desk has them: staff may have given them another clinician since the list came.
        return expect(line, at, [one for one in booked if one.visit not in line.visits])

    def _not_yet(self, line: Line, at: datetime) -> list[Fact]:
        """What makes nobody expected who is booked for a later date: the clock was set back over midnight."""
        today = self._today(at)
        early = [v for v in line.ongoing if v.is_expected and local_date(line.setup, v.arrived) > today]
        return [fact for visit in early for fact in commands.cancel(line, at, visit.id)]

    def _sent_home(self, visit: str) -> bool:
        """Whether they were here when the day was closed: where that was a mistake they are expected again."""
        known = self.line.visits.get(visit)
        return known is not None and known.left_why == "closed"

    def _erase_what_is_due(self, now: datetime) -> None:
        """Keep nothing any more of people whose visit has been over for long enough; looked for every so often."""
        is_new_date = self._forgot_on != self._today(now)
        if self._erased_at and not is_new_date and timedelta() <= now - self._erased_at < ERASE_EVERY:
            return
        with self.store.read() as db:
            due = kept.what_is_due(db, self.line, now)
        if due or is_new_date:
            with self.store.write() as db:
                kept.erase(db, due)
                if is_new_date:
                    self._forget_days(db, now)
            self._is_settled = False
        self._erased_at, self._forgot_on = now, self._today(now)

    def _forget_days(self, db: Any, now: datetime) -> None:
        kept.forget_days(db, self.line.setup, now)
        register.forget_answers(db, before=now - ANSWERS_KEPT)
        self._is_settled = False

    def _fingerprint(self, command: Command, name: str, params: Mapping[str, Any]) -> str:
        """What was asked, so that a reused request with another body is noticed. Keyed, since it may hold a name."""
        # A visit without an appointment is made anew for each tap.
        own = "visit" if command is commands.check_in and params.get("service") else ""
        asked = {key: str(value) for key, value in params.items() if key != own}
        return self.links.fingerprint(json.dumps([command.__name__, name, asked], sort_keys=True))

    def _has_its_place(self, line: Line, visit: str | None) -> None:
        """Refuse what would leave somebody waiting for a service or room that the clinic has no more."""
        found = line.visits.get(visit or "")
        if found and found.is_here:
            if line.setup.service(found.service) is None:
                raise Refused("unknown_service")
            if found.room and line.setup.room(found.room) is None:
                raise Refused("unknown_room")

    def _known(self, request: str | None, body: str) -> Done | None:
        if not request:
            return None
        with self.store.read() as db:
            found = register.answered(db, request)
            forgotten = found is None and log.holds(db, request)
        if forgotten or (found and found[0] != body):
            raise Refused("request_reused")
        if found is None:
            return None
        return Done(self.line, (), found[1], repeated=True)

    def _fold(
        self, facts: Any, by: str, line: Line | None = None, before: list[Entry] | None = None
    ) -> tuple[Line, list[Entry]]:
        """The line after these facts, and all entries not yet written."""
        line = line or self.line
        entries = list(before or [])
        for fact in facts:
            entry = Entry(line.seq + 1, fact, by)
            entries.append(entry)
            # Only an undo folds the day anew: leaving a fact out is not something a later fact can say.
            anew = isinstance(fact, Undone)
            line = replay([*self.entries, *entries], line.setup) if anew else apply(line, entry)
        return line, entries

    def _settle(self, line: Line, entries: list[Entry]) -> None:
        self.line = line
        self.entries.extend(entries)
        self.learning.hear(entries)

    def _time(self) -> datetime:
        """The time now, by which facts are written. That the clock was set since the last one is written down first.

        No fact is earlier than the one before it, but for those of a clock that was set. Raises Unavailable.
        """
        now, gap = self._moment()
        if self.line.opened_at is None:
            self._gap = gap
            return now
        by = gap - self._gap
        if abs(by) >= SET_BY:
            line, entries = self._fold([ClockSet(now, by)], "clock")
            with self.store.write() as db:
                log.append(db, entries)
            self._settle(line, entries)
            notes.warning("The clock was set by %.0f s while the day was open", by)
        elif self.entries:
            now = max(now, self.entries[-1].fact.at)
        self._gap = gap
        return now

    def _moment(self) -> tuple[datetime, float]:
        """The time, and how far it is from the seconds that only go on: that changes when somebody sets the clock."""
        now, seconds = self.clock.moment()
        return now, now.timestamp() - seconds

    def _changed(self) -> None:
        for listener in self.listeners:
            listener()

    def _keep_in_use(self, setup: Setup) -> None:
        services = {service.id for service in setup.services}
        rooms = {room.id for room in setup.rooms}
        lost = [
            v for v in here(self.line)
            if v.service not in services or not rooms.issuperset(filter(None, (v.room, v.assigned)))
        ]  # fmt: skip
        if lost:
            raise Refused("setup_in_use", tickets=[visit.ticket for visit in lost])
        absent = [v for v in self.line.ongoing if not v.ticket and v.service not in services]
        if absent and self.line.opened_at:
            raise Refused("setup_in_use", tickets=[self._clock(visit.arrived) for visit in absent])
        for gone in self.line.setup.clinicians:
            if setup.clinician(gone.id) is None and self._is_needed(gone.id):
                raise Refused("clinician_in_use", clinician=gone.name)

    def _is_needed(self, clinician: str) -> bool:
        """Whether this clinician works here now, or anybody waits for them or is booked with them."""
        is_open = self.line.opened_at is not None
        if is_open and (self.line.rooms_of(clinician) or any(v.clinician == clinician for v in self.line.ongoing)):
            return True
        with self.store.read() as db:
            return register.booked_with(db, clinician, self._today(self.clock.now()))

    def _today(self, at: datetime) -> str:
        return local_date(self.line.setup, at)

    def _clock(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self.line.setup.timezone)).strftime("%H:%M")


def _give_up(taps: Iterable[Tap], problem: Exception) -> None:
    for tap in taps:
        if not tap.is_over:
            tap.problem = problem
