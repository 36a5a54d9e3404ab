"""What booked days teach, and what is read of them afterwards: by clinician, by stop, by who never came."""

from dataclasses import replace

import pytest

from clinic.commands import open_room
from clinic.estimate import CannotSay, Estimate, History, estimates
from clinic.events import (
    Assigned,
    Booked,
    Cancelled,
    CheckedIn,
    Closed,
    Fact,
    Finished,
    Left,
    Opened,
    RoomClosed,
    RoomOpened,
    SignedIn,
    Told,
    Transferred,
)
from clinic.order import rooms_for
from clinic.past import from_log
from clinic.replay import Asked, Replay
from clinic.setup import Clinician
from clinic.told import tell
from clinic.trust import promises
from clinic.whatif import what_if
from tests.clinic.given import SETUP, after, called, came, day, given, inside, learn, only, then

STAFFED = replace(SETUP, clinicians=(Clinician("dr-okafor", "Dr Okafor"), Clinician("dr-ruiz", "Dr Ruiz")))
TWO_STOPS: tuple[Fact, ...] = (
    Booked(after(-30), "ana", "doctor", after(10)),
    Booked(after(-30), "later", "nurse", after(60), clinician="dr-ruiz"),
    CheckedIn(after(5), "ana", "doctor", "A 01", booked=after(10), stops=("later",)),
    *inside("ana", 12),
    Transferred(after(30), "ana", "nurse", "later", after(60), None, "dr-ruiz"),
)


def taught(*facts: Fact) -> History:
    return learn(day(*facts, setup=STAFFED), STAFFED)


def test_an_appointment_that_goes_on_to_the_next_teaches_how_long_it_took() -> None:
    one, ended = taught(*TWO_STOPS), taught(*TWO_STOPS[:-1], Finished(after(30), "ana"))

    assert one.mind.times.service("doctor", 12) == ended.mind.times.service("doctor", 12) != 12
    assert one.mind.open == {}


def test_who_is_given_another_clinician_teaches_nothing_of_the_line_they_left() -> None:
    history = taught(came("ana", 1), Assigned(after(3), "ana", "dr-ruiz"))

    assert "ana" not in history.mind.open
    assert history.line.visits["ana"].clinician == "dr-ruiz"


@pytest.mark.parametrize(("end", "learned"), [
    (Left(after(60), "ana", "missed"), True), (Left(after(60), "ana", "closed"), False),
    (Left(after(5), "ana"), False), (Cancelled(after(5), "ana"), False), (None, True),
])  # fmt: skip
def test_only_who_did_not_come_though_we_waited_teaches_that_people_may_not_come(
    end: Left | Cancelled | None, learned: bool
) -> None:
    facts: list[Fact] = []
    for n in range(40):
        facts.append(Booked(after(-30), f"p{n}", "doctor", after(20)))
        facts += [replace(end, visit=f"p{n}")] if end else []
    history = taught(*facts, Closed(after(600)), Opened(after(24 * 60)))

    assert (history.mind.times.comes(0.0) < History().mind.times.comes(0.0)) is learned


def test_where_a_room_gives_other_services_today_the_estimate_goes_by_those() -> None:
    line = given(came("ana", 1, "nurse"), RoomClosed(after(2), "room-2"), RoomClosed(after(2), "room-3"), setup=STAFFED)
    assert estimates(line, History(), after(3))["ana"] == CannotSay("no_room")

    line = then(line, SignedIn(after(4), "room-1", "dr-ruiz", ("nurse",)))

    assert isinstance(estimates(line, History(), after(5))["ana"], Estimate)


def test_two_appointments_are_two_promises_each_of_its_own_service() -> None:
    facts = [*TWO_STOPS[:3], Told(after(5), "ana", after(10), after(20)), *TWO_STOPS[3:],
             Told(after(30), "ana", after(55), after(70)), *inside("ana", 80, "room-3")]  # fmt: skip

    assert [(one.service, one.how) for one in promises(day(*facts))] == [("doctor", "inside"), ("nurse", "later")]


def test_what_opening_a_room_would_do_knows_of_its_planned_break() -> None:
    setup = only("doctor", rooms=2)
    lunch = replace(setup.rooms[1], opens="08:00", closes="18:00", breaks=(("09:20", "11:00"),))
    line = given(*(came(f"p{n}", 1) for n in range(8)), RoomClosed(after(2), "room-2"), setup=setup)
    planned = replace(line, setup=replace(setup, rooms=(setup.rooms[0], lunch)))
    (opened,) = open_room(planned, after(3), "room-2")
    assert isinstance(opened, RoomOpened)
    assert (opened.until, opened.back) == (after(20), after(120))

    looks = [what_if(one, History(), after(3))["room-2"].after for one in (line, planned)]

    assert looks[0]
    assert looks[1]
    assert looks[0] < looks[1]


def test_who_is_bound_to_a_clinician_gets_no_help_from_another_room() -> None:
    line = given(came("ana", 1), Assigned(after(2), "ana", "dr-ruiz"), RoomClosed(after(3), "room-1"), setup=STAFFED)
    line = then(line, *tell(line, History(), after(3)))

    assert rooms_for(line, line.visits["ana"]) == ()
    assert what_if(line, History(), after(4)) == {}


def waits(*facts: Fact) -> dict[str, tuple[str | float | None, ...]]:
    """Of each visit of such a day's log: service, clinician, and when they arrived, were called and finished."""
    past = from_log(day(*facts, setup=STAFFED), STAFFED)
    zero = min(change.at for change in past.changes)
    return {
        one.id: (one.service, one.clinician, *(at and at - zero for at in (one.arrived, one.called, one.finished)))
        for one in past.visits
    }  # fmt: skip


def test_the_log_of_a_journey_is_one_wait_for_each_appointment() -> None:
    facts = [*TWO_STOPS, called("ana", 65, "room-3"), Finished(after(80), "ana")]

    assert waits(*facts) == {"ana": ("doctor", "", 5, 12, 30), "later": ("nurse", "dr-ruiz", 30, 65, 80)}


def test_a_later_appointment_that_was_not_needed_is_nobody_who_did_not_come() -> None:
    assert waits(*TWO_STOPS[:-1], Finished(after(30), "ana")) == {"ana": ("doctor", "", 5, 12, 30)}


@pytest.mark.parametrize(("end", "kept"), [
    (Left(after(60), "bo", "missed"), True), (Left(after(60), "bo", "closed"), False), (Left(after(5), "bo"), False),
    (Cancelled(after(5), "bo"), False),
])  # fmt: skip
def test_of_who_never_came_the_log_keeps_whom_we_waited_for(end: Fact, kept: bool) -> None:
    found = waits(Booked(after(0), "bo", "doctor", after(20)), *TWO_STOPS, end)

    assert ("bo" in found) is kept


def test_a_day_lived_again_has_its_clinicians_in_the_same_rooms_with_the_same_services() -> None:
    signed = SignedIn(after(2), "room-1", "dr-ruiz", ("nurse",))
    bo = CheckedIn(after(3), "bo", "doctor", "A 03", clinician="dr-okafor")
    facts: list[Fact] = [signed, bo, came("cy", 4), Assigned(after(5), "cy", "dr-ruiz"), *inside("cy", 9), *TWO_STOPS]
    past = from_log(day(*facts, called("ana", 65, "room-1"), called("bo", 66), setup=STAFFED), STAFFED)
    history = History()
    asked: list[Asked] = []

    Replay(past, history).run(asked.append)

    assert history.line.room("room-1").clinician == "dr-ruiz"
    assert history.line.services("room-1") == ("nurse",)
    assert history.line.visits["cy"].clinician == "dr-ruiz"
    said = {one.visit.id: one.said for one in asked if one.first}
    assert said["bo"] == CannotSay("clinician_away")
    assert isinstance(said["later"], Estimate)


def test_a_planned_break_is_in_the_log_with_its_end() -> None:
    past = from_log(day(RoomOpened(after(1), "room-1", after(60), after(90)), setup=STAFFED), STAFFED)
    change = past.changes[-1]

    assert change.until
    assert change.back
    assert change.back - change.until == 30
