"""The ways a call or a visit ends: start, finish, no-show, leave."""

from clinic import commands
from clinic.events import Finished, Left, MarkedNoShow, Resumed, Started, Transferred
from clinic.line import visits_in
from tests.clinic.given import after, called, came, given, inside, then


def test_start_means_they_entered_the_room() -> None:
    line = given(came("ana", 1), called("ana", 2))

    facts = commands.start(line, after(4), "ana")

    assert facts == [Started(after(4), "ana")]
    visit = then(line, *facts).visits["ana"]
    assert (visit.status, visit.room, visit.started_at) == ("in_room", "room-1", after(4))


def test_finish_ends_the_visit_and_frees_the_room() -> None:
    line = given(came("ana", 1), *inside("ana", 2))
    assert [visit.id for visit in visits_in(line, "room-1")] == ["ana"]

    facts = commands.finish(line, after(14), "ana")

    assert facts == [Finished(after(14), "ana")]
    line = then(line, *facts)
    assert (line.visits["ana"].status, line.visits["ana"].ended_at) == ("done", after(14))
    assert visits_in(line, "room-1") == []


def test_finish_works_straight_from_the_call_for_who_forgot_start() -> None:
    line = given(came("ana", 1), called("ana", 2))

    assert commands.finish(line, after(14), "ana") == [Finished(after(14), "ana")]


def test_a_missed_call_keeps_the_visit_and_frees_the_room() -> None:
    line = given(came("ana", 1), called("ana", 2))

    facts = commands.mark_no_show(line, after(6), "ana")

    assert facts == [MarkedNoShow(after(6), "ana")]
    line = then(line, *facts)
    assert line.visits["ana"].status == "no_show"
    assert visits_in(line, "room-1") == []


def test_leave_ends_the_visit_without_being_seen() -> None:
    line = given(came("ana", 1))

    facts = commands.leave(line, after(9), "ana")

    assert facts == [Left(after(9), "ana", "left")]
    visit = then(line, *facts).visits["ana"]
    assert (visit.status, visit.ended_at, visit.left_why) == ("left", after(9), "left")


def test_a_visit_that_goes_on_to_another_service_starts_there_anew() -> None:
    line = given(came("ana", 1), *inside("ana", 2), Transferred(after(9), "ana", "nurse"))

    visit = line.visits["ana"]

    assert (visit.status, visit.room, visit.started_at) == ("waiting", None, None)


def test_who_missed_the_call_and_is_back_waits_without_a_room() -> None:
    line = given(came("ana", 1), called("ana", 2), MarkedNoShow(after(3), "ana"), Resumed(after(4), "ana"))

    visit = line.visits["ana"]

    assert (visit.status, visit.room, visit.calls) == ("waiting", None, 1)
