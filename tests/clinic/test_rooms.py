"""Opening, pausing and closing rooms."""

from datetime import datetime, timedelta

import pytest

from clinic import commands
from clinic.events import Closed, Finished, RoomClosed, RoomOpened, RoomPaused, Started
from clinic.line import Room
from tests.clinic.given import NINE, after, called, came, given, inside, refused, then


def test_open_pause_and_close_change_what_a_room_is_doing() -> None:
    line = given(RoomClosed(after(1), "room-1"))
    assert line.room("room-1") == Room("closed", None, after(1))

    opened = commands.open_room(line, after(2), "room-1")
    assert opened == [RoomOpened(after(2), "room-1")]
    line = then(line, *opened)
    assert line.room("room-1") == Room("open", None, after(2))

    paused = commands.pause_room(line, after(3), "room-1", until=after(18))
    assert paused == [RoomPaused(after(3), "room-1", after(18))]
    line = then(line, *paused)
    assert line.room("room-1") == Room("paused", after(18), after(3))

    closed = commands.close_room(line, after(4), "room-1")
    assert closed == [RoomClosed(after(4), "room-1")]


def test_an_open_room_may_have_a_planned_stop_which_a_pause_or_another_opening_replaces() -> None:
    line = given(RoomOpened(after(1), "room-1", after(120)))
    assert line.room("room-1") == Room("open", after(120), after(1))

    assert then(line, RoomPaused(after(2), "room-1")).room("room-1").until is None
    assert then(line, RoomOpened(after(3), "room-1")).room("room-1") == Room("open", None, after(3))


def test_a_room_remembers_when_its_last_visit_ended_whatever_it_does_then() -> None:
    line = given(came("ana", 1), *inside("ana", 2), Finished(after(9), "ana"))

    assert line.room("room-1").freed == after(9)
    assert line.room("room-2").freed is None
    assert then(line, RoomPaused(after(10), "room-1"), RoomOpened(after(20), "room-1")).room("room-1").freed == after(9)


def test_a_room_that_nobody_opened_today_is_closed() -> None:
    assert given().room("attic") == Room("closed")


def test_opening_an_open_room_and_closing_a_closed_one_change_nothing() -> None:
    line = given(RoomClosed(after(1), "room-1"))

    assert commands.open_room(line, after(2), "room-2") == []
    assert commands.close_room(line, after(2), "room-1") == []


def test_opening_a_paused_room_ends_the_pause() -> None:
    line = given(RoomPaused(after(1), "room-1", after(30)))

    assert commands.open_room(line, after(2), "room-1") == [RoomOpened(after(2), "room-1")]


def test_a_pause_may_have_no_end_and_may_be_given_another() -> None:
    line = then(given(), *commands.pause_room(given(), after(1), "room-1"))
    assert line.room("room-1") == Room("paused", None, after(1))

    assert commands.pause_room(line, after(2), "room-1", after(9)) == [RoomPaused(after(2), "room-1", after(9))]


def test_a_pause_may_be_given_in_minutes() -> None:
    assert commands.pause_room(given(), after(1), "room-1", minutes=15) == [RoomPaused(after(1), "room-1", after(16))]


def test_a_pause_lasts_a_day_at_most() -> None:
    tomorrow = NINE + commands.LONGEST_PAUSE

    assert commands.pause_room(given(), NINE, "room-1", tomorrow) == [RoomPaused(NINE, "room-1", tomorrow)]
    assert commands.pause_room(given(), NINE, "room-1", minutes=10**9) == [RoomPaused(NINE, "room-1", tomorrow)]
    with refused("until_too_late"):
        commands.pause_room(given(), NINE, "room-1", tomorrow + timedelta(seconds=1))


@pytest.mark.parametrize("until", [NINE, after(2)])
def test_a_pause_does_not_end_in_the_past(until: datetime) -> None:
    with refused("until_past"):
        commands.pause_room(given(), after(2), "room-1", until)


def test_a_closed_room_is_not_paused() -> None:
    with refused("room_closed", room="Room 1"):
        commands.pause_room(given(RoomClosed(after(1), "room-1")), after(2), "room-1")


@pytest.mark.parametrize("facts", [(called("ana", 2),), inside("ana", 2)])
def test_a_room_is_not_closed_while_somebody_is_inside_or_on_the_way(facts: tuple) -> None:
    with refused("room_in_use", room="Room 1", ticket="A 01"):
        commands.close_room(given(came("ana", 1), *facts), after(5), "room-1")


def test_who_is_called_before_a_pause_is_still_seen() -> None:
    line = given(came("ana", 1), called("ana", 2), RoomPaused(after(3), "room-1"))

    assert commands.start(line, after(4), "ana") == [Started(after(4), "ana")]


@pytest.mark.parametrize("command", [commands.open_room, commands.pause_room, commands.close_room])
def test_a_room_needs_an_open_day_and_must_be_one_of_ours(command: commands.Command) -> None:
    with refused("day_closed"):
        command(then(given(), Closed(after(1))), after(2), "room-1")
    with refused("unknown_room"):
        command(given(), after(2), "attic")
