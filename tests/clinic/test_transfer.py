"""Going on to another service within the same visit, and being moved up for a reason."""

import pytest

from clinic import commands
from clinic.events import Held, MarkedNoShow, Prioritised, Resumed, Transferred
from clinic.order import waiting
from tests.clinic.given import after, called, came, given, inside, refused, then


def test_transfer_keeps_the_ticket_and_the_turn_by_right() -> None:
    line = given(came("ana", 1), *inside("ana", 2), came("bo", 5, "nurse"))

    facts = commands.transfer(line, after(14), "ana", "nurse")
    line = then(line, *facts)

    assert facts == [Transferred(after(14), "ana", "nurse")]
    assert [(visit.id, visit.ticket) for visit in waiting(line, "room-3")] == [("ana", "A 01"), ("bo", "H 05")]


def test_a_transferred_visit_is_called_by_the_rooms_of_its_new_service() -> None:
    line = given(came("ana", 1), Transferred(after(2), "ana", "nurse"))

    with refused("nobody_waiting", room="Room 1"):
        commands.call_next(line, after(3), "room-1")
    assert commands.call_next(line, after(3), "room-3") == [called("ana", 3, "room-3")]


@pytest.mark.parametrize("facts", [(), (called("ana", 2),), inside("ana", 2)])
def test_everybody_who_is_here_can_be_transferred_and_waits_again(facts: tuple) -> None:
    line = given(came("ana", 1), *facts)

    line = then(line, *commands.transfer(line, after(5), "ana", "nurse"))

    visit = line.visits["ana"]
    assert (visit.status, visit.service, visit.room, visit.returned) == ("waiting", "nurse", None, False)


def test_back_in_the_same_service_from_inside_the_room_is_a_transfer() -> None:
    line = given(came("ana", 1), *inside("ana", 2))

    assert commands.transfer(line, after(5), "ana", "doctor") == [Transferred(after(5), "ana", "doctor")]


def test_who_has_stepped_out_is_transferred_and_not_called_before_being_back() -> None:
    line = given(came("ana", 1), Held(after(2), "ana"))

    line = then(line, *commands.transfer(line, after(5), "ana", "nurse"))

    assert (line.visits["ana"].status, line.visits["ana"].service) == ("on_hold", "nurse")
    assert waiting(line, "room-3") == []
    assert [visit.id for visit in waiting(then(line, Resumed(after(9), "ana")), "room-3")] == ["ana"]


def test_nobody_is_transferred_to_the_line_they_wait_in() -> None:
    with refused("same_service", ticket="A 01"):
        commands.transfer(given(came("ana", 1)), after(5), "ana", "doctor")


def test_nobody_is_transferred_to_what_is_not_offered() -> None:
    with refused("unknown_service"):
        commands.transfer(given(came("ana", 1)), after(5), "ana", "dentist")


def test_having_missed_a_call_counts_only_for_the_service_that_called() -> None:
    line = given(came("bo", 1, "nurse"), came("ana", 2), called("ana", 3), MarkedNoShow(after(4), "ana"))
    line = then(line, Resumed(after(5), "ana"), Transferred(after(6), "ana", "nurse"))

    assert [visit.id for visit in waiting(line, "room-3")] == ["bo", "ana"]


@pytest.mark.parametrize("reason", commands.REASONS)
def test_prioritise_moves_up_with_the_reason_on_record(reason: str) -> None:
    line = given(came("ana", 1), came("bo", 2))

    facts = commands.prioritise(line, after(5), "bo", reason)
    line = then(line, *facts)

    assert facts == [Prioritised(after(5), "bo", reason)]
    assert [visit.id for visit in waiting(line)] == ["bo", "ana"]
    assert (line.visits["bo"].priority, line.visits["bo"].status) == (reason, "waiting")


def test_a_held_visit_can_be_prioritised_and_stays_on_hold() -> None:
    line = given(came("ana", 1), came("bo", 2), Held(after(3), "bo"))

    line = then(line, *commands.prioritise(line, after(5), "bo", "unwell"))
    assert line.visits["bo"].status == "on_hold"

    assert [visit.id for visit in waiting(then(line, Resumed(after(6), "bo")))] == ["bo", "ana"]


def test_a_priority_stays_after_a_transfer() -> None:
    line = given(came("bo", 1, "nurse"), came("ana", 2), Prioritised(after(3), "ana", "unwell"))

    line = then(line, *commands.transfer(line, after(4), "ana", "nurse"))

    assert [visit.id for visit in waiting(line, "room-3")] == ["ana", "bo"]


def test_nobody_moves_up_without_a_reason_from_the_list() -> None:
    with refused("unknown_reason"):
        commands.prioritise(given(came("ana", 1)), after(5), "ana", "a friend of mine")
