"""Asking somebody to come: the next one, this one, and once more."""

import pytest

from clinic import commands
from clinic.events import Called, Held, Prioritised, Recalled, RoomClosed, RoomPaused
from tests.clinic.given import after, called, came, given, inside, refused, then


def test_call_next_calls_who_has_waited_longest() -> None:
    line = given(came("ana", 1), came("bo", 2))

    assert commands.call_next(line, after(5), "room-1") == [Called(after(5), "ana", "room-1")]


def test_call_next_takes_only_people_this_room_can_see() -> None:
    line = given(came("ana", 1, "nurse"), came("bo", 2))

    assert commands.call_next(line, after(5), "room-1") == [Called(after(5), "bo", "room-1")]
    assert commands.call_next(line, after(5), "room-2") == [Called(after(5), "ana", "room-2")]


def test_call_next_calls_the_expected_person() -> None:
    line = given(came("ana", 1))

    assert commands.call_next(line, after(5), "room-1", visit="ana") == [Called(after(5), "ana", "room-1")]


def test_call_next_calls_nobody_by_mistake_when_somebody_else_is_next_by_now() -> None:
    line = given(came("ana", 1), came("bo", 2), Prioritised(after(3), "bo", "unwell"))

    with refused("next_changed", ticket="A 02"):
        commands.call_next(line, after(5), "room-1", visit="ana")


def test_a_held_visit_is_not_called_next() -> None:
    line = given(came("ana", 1), came("bo", 2), Held(after(3), "ana"))

    assert commands.call_next(line, after(5), "room-1") == [Called(after(5), "bo", "room-1")]


@pytest.mark.parametrize("facts", [(), (came("ana", 1, "nurse"),), (came("ana", 1), called("ana", 2))])
def test_call_next_says_so_when_nobody_waits_for_this_room(facts: tuple) -> None:
    with refused("nobody_waiting", room="Room 1"):
        commands.call_next(given(*facts), after(5), "room-1")


def test_a_room_may_call_the_next_person_while_somebody_is_inside() -> None:
    line = given(came("ana", 1), came("bo", 2), *inside("ana", 3))

    assert commands.call_next(line, after(5), "room-1") == [Called(after(5), "bo", "room-1")]


def test_call_takes_this_person_whoever_is_next() -> None:
    line = given(came("ana", 1), came("bo", 2))

    assert commands.call(line, after(5), "bo", "room-2") == [Called(after(5), "bo", "room-2")]


def test_a_called_visit_has_a_room_and_counts_its_calls() -> None:
    line = then(given(came("ana", 1)), called("ana", 5, "room-2"), Recalled(after(6), "ana"))

    visit = line.visits["ana"]

    assert (visit.status, visit.room, visit.calls, visit.called_at) == ("called", "room-2", 2, after(6))
    assert visit.call == line.seq


def test_nobody_is_called_to_a_room_for_something_else() -> None:
    with refused("wrong_room", ticket="A 01", room="Room 3"):
        commands.call(given(came("ana", 1)), after(5), "ana", "room-3")


@pytest.mark.parametrize("command", [commands.call_next, commands.call])
def test_a_paused_a_closed_or_an_unknown_room_calls_nobody(command: commands.Command) -> None:
    line = given(came("ana", 1), RoomPaused(after(2), "room-1"), RoomClosed(after(2), "room-2"))

    with refused("room_paused", room="Room 1"):
        command(line, after(5), visit="ana", room="room-1")
    with refused("room_closed", room="Room 2"):
        command(line, after(5), visit="ana", room="room-2")
    with refused("unknown_room"):
        command(line, after(5), visit="ana", room="attic")


def test_recall_asks_again() -> None:
    line = given(came("ana", 1), called("ana", 2))

    assert commands.recall(line, after(4), "ana") == [Recalled(after(4), "ana")]
