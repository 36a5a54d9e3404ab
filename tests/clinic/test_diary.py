"""Lists of appointments and people who come, in any order: one appointment is one visit, and nobody here is dropped."""

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clinic import commands, log
from clinic.appointments import Appointment, journey, visit_of
from clinic.commands import Refused
from clinic.desk import Desk
from clinic.diary import local_date
from clinic.events import CheckedIn
from clinic.line import expected, here, replay
from clinic.setup import Clinician
from clinic.store import Store
from tests.clinic.given import NINE, ROOMS, SETUP, after
from tests.conftest import FakeClock

IDS = ("a", "b", "c", "d")
PEOPLE = ("ana", "bo")
ACTS = ("no-show", "resume", "leave", "call", "finish", "end", "hold", "undo")


def appointment(name: str = "a", minute: float = 60, **more: Any) -> Appointment:
    return Appointment(name, after(minute), more.pop("service", "doctor"), name=name.title(), **more)


def test_the_same_list_again_changes_nothing(desk: Desk) -> None:
    wanted = [appointment("a"), appointment("b", 70, clinician="Dr Ruiz"), appointment("c", 24 * 60)]
    assert desk.bring_in(wanted, "staff").added == 3
    before = (desk.line.visits, desk.line.setup, desk.bookings(), len(desk.entries))

    again = desk.bring_in(wanted, "staff")
    assert (again.added, again.updated, again.cancelled, again.unchanged) == (0, 0, 0, 3)
    assert (desk.line.visits, desk.line.setup, desk.bookings(), len(desk.entries)) == before


def test_what_a_list_would_change_is_told_without_a_change(desk: Desk) -> None:
    desk.bring_in([appointment("a"), appointment("b", 70)], "staff")
    before = (desk.line, desk.bookings())

    would = desk.would_bring_in([appointment("a", 65), appointment("b", 70), appointment("c")])
    assert (would.added, would.updated, would.unchanged) == (1, 1, 1)
    assert (desk.line, desk.bookings()) == before


def test_who_is_here_stays_as_they_are_whatever_the_list_says(desk: Desk) -> None:
    desk.bring_in([appointment("a"), appointment("b", 70)], "staff")
    visit = desk.links.visit("a", "2026-11-23")
    desk.do(commands.check_in, by="staff", visit=visit)
    before = desk.line.visits[visit]

    said = desk.bring_in([appointment("a", 90, service="nurse", cancelled=True)], "staff")
    assert said.here == ["a"]
    assert desk.others({"2026-11-23"}, ()) == [desk.links.visit("b", "2026-11-23")]
    assert desk.cancel_bookings([visit], "staff") == 0
    assert desk.line.visits[visit] == before


def test_a_cancelled_one_is_expected_no_more_and_can_come_back(desk: Desk) -> None:
    desk.bring_in([appointment("a")], "staff")
    assert desk.bring_in([appointment("a", cancelled=True)], "staff").cancelled == 1
    assert desk.line.visits == {}

    assert desk.bring_in([appointment("a")], "staff").added == 1
    assert [visit.status for visit in desk.line.visits.values()] == ["expected"]


def test_a_cancellation_that_says_little_is_counted_once_and_leaves_what_is_known(desk: Desk) -> None:
    desk.bring_in([Appointment("one", after(60), "doctor", name="Ana")], "staff")
    bare = Appointment("one", after(1), "", cancelled=True)

    assert (desk.bring_in([bare], "staff").cancelled, desk.bring_in([bare], "staff").unchanged) == (1, 1)
    assert [(one.start, one.name, one.cancelled) for one in desk.bookings()] == [(after(60), "Ana", True)]
    assert desk.line.visits == {}


def test_two_appointments_with_one_code_are_both_kept_and_the_code_finds_the_first(desk: Desk) -> None:
    desk.bring_in([appointment("a", code="SAMECODE")], "staff")
    desk.bring_in([appointment("b", 70, code="SAMECODE")], "staff")

    assert [one.name for one in desk.bookings()] == ["A", "B"]
    found = desk.booking_of_code("samecode")
    assert found
    assert found.name == "A"


def test_an_invitation_is_only_for_who_has_our_own_code(desk: Desk) -> None:
    desk.bring_in([appointment("a"), appointment("b", 70, code="THEIROWNCODE")], "staff")
    ours, theirs = (one.visit for one in desk.bookings())

    assert desk.invitations({ours: "a", theirs: "b"}) == {ours: desk.links.invitation("a")}


def test_a_printed_invitation_still_finds_an_appointment_that_is_moved(desk: Desk) -> None:
    desk.bring_in([appointment("a")], "staff")
    desk.bring_in([appointment("a", 60 + 24 * 60)], "staff")

    found = desk.booking_of_code(desk.links.invitation("a"))
    assert found
    assert found.start == after(60 + 24 * 60)


TOMORROW = 24 * 60


def test_who_did_not_get_a_turn_is_booked_for_the_day_they_were_moved_to(desk: Desk, clock: FakeClock) -> None:
    desk.bring_in([appointment("a")], "staff")
    (today,) = desk.bookings()
    desk.do(commands.check_in, by="kiosk", visit=today.visit)
    desk.do(commands.close_day, by="staff", confirm=True)

    assert desk.bring_in([appointment("a", 60 + TOMORROW)], "staff").here == []
    clock.time = after(TOMORROW)
    desk.open_day("staff")
    assert [visit.id for visit in expected(desk.line)] == [desk.links.visit("a", "2026-11-24")]


def test_numbers_that_begin_anew_each_day_take_nobody_away(desk: Desk) -> None:
    desk.bring_in([Appointment("1", after(60), "doctor", name="Ana")], "staff")
    desk.bring_in([Appointment("1", after(60 + TOMORROW), "doctor", name="Bo", birthday=(1, 2))], "staff")

    assert [one.name for one in desk.bookings()] == ["Ana"]
    assert len(expected(desk.line)) == 1


def test_two_of_one_name_are_two_people_where_nothing_else_is_known(desk: Desk) -> None:
    desk.bring_in([Appointment("1", after(60), "doctor", name="Maria Garcia"),
                   Appointment("2", after(80), "doctor", name="Maria Garcia")], "staff")  # fmt: skip

    first, second = desk.bookings()
    assert first.person != second.person


def test_a_list_keeps_what_staff_decided_since_the_last_one(desk: Desk, clock: FakeClock) -> None:
    desk.set_up(replace(SETUP, clinicians=(Clinician("ruiz", "Dr Ruiz"), Clinician("moe", "Dr Moe"))))
    desk.bring_in([appointment("a", clinician="Dr Ruiz"), appointment("b", 10)], "staff")
    a, b = (desk.links.visit(one, "2026-11-23") for one in "ab")
    desk.do(commands.assign, by="staff", visit=a, clinician="moe")
    clock.time = after(11)
    desk.do(commands.mark_no_show, by="staff", visit=b)

    desk.bring_in([appointment("a", clinician="Dr Ruiz", language="es"), appointment("b", 10, cancelled=True)], "staff")

    assert (desk.line.visits[a].clinician, desk.line.visits[b].status) == ("moe", "no_show")


def test_a_new_code_of_the_same_appointment_is_taken_and_a_given_up_one_is_free(desk: Desk) -> None:
    desk.bring_in([appointment("a", code="FIRSTCODE")], "staff")
    desk.bring_in([appointment("a", code="OTHERCODE")], "staff")
    assert desk.booking_of_code("FIRSTCODE") is None

    desk.bring_in([appointment("a", cancelled=True)], "staff")
    desk.bring_in([appointment("b", code="OTHERCODE")], "staff")
    found = desk.booking_of_code("OTHERCODE")
    assert found
    assert found.id == "b"


def test_clinicians_of_other_places_and_of_cancelled_rows_are_not_ours(desk: Desk) -> None:
    desk.bring_in([appointment("a", clinician="Dr Far", place="Far House"),
                   appointment("b", clinician="Dr Gone", cancelled=True)], "staff")  # fmt: skip

    assert desk.line.setup.clinicians == ()


def test_a_day_closed_by_mistake_expects_its_people_again(desk: Desk) -> None:
    desk.bring_in([appointment("a")], "staff")
    (one,) = desk.bookings()
    desk.do(commands.check_in, by="kiosk", visit=one.visit, name="Ana")
    desk.do(commands.close_day, by="staff", confirm=True)
    desk.open_day("staff")

    assert [visit.id for visit in expected(desk.line)] == [one.visit]
    desk.do(commands.check_in, by="kiosk", visit=one.visit, name="Ana")
    assert desk.visit_of(desk.links.secret(one.visit)) == one.visit


def test_who_is_expected_at_midnight_is_found_after_it(desk: Desk, clock: FakeClock) -> None:
    clock.time = after(14 * 60 + 50)
    desk.bring_in([appointment("a", 14 * 60 + 55)], "staff")
    clock.time = after(15 * 60 + 1)
    desk.tell()

    assert [one.name for one in desk.bookings()] == ["A"]
    desk.do(commands.check_in, by="kiosk", visit=desk.links.visit("a", "2026-11-23"))


class Lists(RuleBasedStateMachine):
    """Any imports, check-ins, ends of days and undos on a real desk; lists arrive between days too."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="kindline-diary-"))
        self.clock = FakeClock()
        self.store = Store(self.folder)
        self.desk = Desk(self.store, self.clock)
        self.desk.set_up(SETUP)
        self.desk.open_day("test", ROOMS)
        self.last: list[Appointment] = []

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @property
    def today(self) -> str:
        return local_date(self.desk.line.setup, self.clock.time)

    def brings(self, wanted: list[Appointment]) -> None:
        """A list comes in; whoever is here was not touched by it."""
        present = {visit.id: visit for visit in here(self.desk.line)}
        self.desk.bring_in(wanted, "staff")
        self.last = wanted
        after_it = self.desk.line.visits
        assert {visit: after_it[visit] for visit in present} == present

    @rule(
        ids=st.lists(st.sampled_from(IDS), min_size=1, unique=True),
        minute=st.sampled_from((10, 30, 60)), days=st.sampled_from((0, 1)),
        service=st.sampled_from(("doctor", "nurse")), clinician=st.sampled_from(("", "Dr Ruiz", "Dr Okafor")),
        person=st.sampled_from(("", *PEOPLE)), place=st.sampled_from(("", "", "North Clinic")),
        cancelled=st.sampled_from((False, False, False, True)),
    )  # fmt: skip
    def a_list(
        self, ids: list[str], minute: int, days: int, service: str, clinician: str, person: str, place: str,
        cancelled: bool,
    ) -> None:  # fmt: skip
        start = self.clock.time + timedelta(days=days)
        self.brings([
            Appointment(one, start + timedelta(minutes=minute + 10 * n), service, clinician=clinician, name=one,
                        person=person, place=place, cancelled=cancelled)
            for n, one in enumerate(ids)
        ])  # fmt: skip

    @precondition(lambda self: self.last)
    @rule()
    def the_same_list_again(self) -> None:
        before = (self.desk.line.visits, self.desk.bookings(), len(self.desk.entries))
        again = self.desk.bring_in(self.last, "staff")
        assert (again.added, again.updated, again.cancelled) == (0, 0, 0)
        assert (self.desk.line.visits, self.desk.bookings(), len(self.desk.entries)) == before

    @rule(kept=st.sets(st.sampled_from(IDS)))
    def the_whole_day(self, kept: set[str]) -> None:
        present = {visit.id: visit for visit in here(self.desk.line)}
        self.last = []
        self.desk.cancel_bookings(self.desk.others({self.today}, kept), "staff")
        assert {visit: self.desk.line.visits[visit] for visit in present} == present
        wanted = {self.desk.links.visit(one, self.today) for one in kept}
        assert all(one.visit in wanted or one.visit in self.served() for one in self.desk.bookings() if one.stands)

    @rule(one=st.sampled_from(IDS))
    def somebody_comes(self, one: str) -> None:
        visit, today = self.desk.links.visit(one, self.today), self.desk.bookings()
        found = next((booking for booking in today if booking.visit == visit and booking.stands), None)
        if found is None:
            return
        stops = tuple(other.visit for other in journey(today, found, self.desk.line, self.desk.clock.now())[1:])
        before = self.desk.line.visits.get(visit)
        count = len(self.desk.entries)
        if self.desk.line.opened_at is None:
            with pytest.raises(Refused, match="day_closed"):
                self.desk.do(commands.check_in, by="kiosk", visit=visit, stops=stops)
            return
        if before is None and visit in self.desk.line.over:
            with pytest.raises(Refused):
                self.desk.do(commands.check_in, by="kiosk", visit=visit, stops=stops)
            return
        if before and (before.ticket or before.joined):
            with pytest.raises(Refused, match="already_checked_in"):
                self.desk.do(commands.check_in, by="kiosk", visit=visit, stops=stops)
            return
        self.desk.do(commands.check_in, by="kiosk", visit=visit, stops=stops)
        new = [entry.fact for entry in self.desk.entries[count:]]
        assert sum(isinstance(fact, CheckedIn) for fact in new) == 1

    @rule(one=st.sampled_from(IDS), what=st.sampled_from(ACTS))
    def staff_act(self, one: str, what: str) -> None:
        visit = self.desk.links.visit(one, self.today)
        act: Any = {
            "no-show": commands.mark_no_show, "resume": commands.resume, "leave": commands.leave,
            "call": commands.call, "finish": commands.finish, "end": commands.finish, "hold": commands.hold,
            "undo": commands.undo,
        }[what]  # fmt: skip
        more: dict[str, dict[str, Any]] = {"call": {"room": "room-2"}, "end": {"end": True}}
        try:
            self.desk.do(act, by="staff", visit=visit, **more.get(what, {}))
        except Refused:
            return

    @rule(minutes=st.sampled_from((5, 25, 90)))
    def time_goes_by(self, minutes: int) -> None:
        self.clock.time += timedelta(minutes=minutes)
        self.desk.tell()

    @precondition(lambda self: self.desk.line.opened_at)
    @rule()
    def the_day_closes(self) -> None:
        self.desk.do(commands.close_day, by="staff", confirm=True)

    @precondition(lambda self: not self.desk.line.opened_at)
    @rule()
    def the_night_goes_by(self) -> None:
        self.clock.time = NINE + timedelta(days=1 + (self.clock.time - NINE).days)
        self.last = []

    @precondition(lambda self: not self.desk.line.opened_at)
    @rule()
    def the_day_opens(self) -> None:
        """On the next date, or again on the same one."""
        self.desk.open_day("test", ROOMS)
        self.last = []

    def served(self) -> set[str]:
        """The appointments of today whose people are here or were, by an own visit or by another's."""
        return {visit.id for visit in self.desk.line.visits.values() if visit.ticket or visit.joined}

    @invariant()
    def one_appointment_at_most_one_visit(self) -> None:
        entries = [entry.fact for entry in self.desk.entries if isinstance(entry.fact, CheckedIn)]
        assert len({fact.visit for fact in entries}) == len(entries)
        assert len({fact.ticket for fact in entries}) == len(entries)
        bookings = self.desk.bookings()
        assert len({one.visit for one in bookings}) == len(bookings)

    @invariant()
    def who_is_booked_is_expected_or_served(self) -> None:
        line, today = self.desk.line, self.desk.bookings()
        if line.opened_at is None:
            return
        awaited = {one.visit for one in today if one.stands}
        expected = {visit.id for visit in line.visits.values() if visit.is_expected}
        same_date = self.clock.time.date() == line.opened_at.date()
        assert expected <= awaited or not same_date, "over midnight, yesterday's people are still there"
        # Who has a visit is expected, served, said to have missed it, or left.
        gone_on = {one.visit for one in today if visit_of(one, today, line)}
        assert awaited <= {*line.visits, *line.over, *gone_on}

    @invariant()
    def a_restart_knows_the_same(self) -> None:
        line = self.desk.line
        with self.store.read() as db:
            again = replay(log.today(db), line.setup)
        assert again.visits == line.visits


TestLists = Lists.TestCase
TestLists.settings = settings(max_examples=50, stateful_step_count=25)
