"""The one door for change: one answer for one request, one name for one fact, nothing for a refusal."""

from dataclasses import replace
from typing import Any

import pytest

from clinic import commands
from clinic.desk import Desk
from clinic.events import CheckedIn, Held, Told
from clinic.line import Line
from clinic.order import ahead_of
from clinic.setup import Setup
from clinic.store import Store
from tests.clinic.at_the_desk import Restart, arrive, everything, rows, ticket_of
from tests.clinic.given import SETUP, after, refused
from tests.conftest import FakeClock


def test_a_desk_without_a_setup_says_so(store: Store, clock: FakeClock) -> None:
    desk = Desk(store, clock)

    assert not desk.is_set_up
    assert desk.line == Line(Setup())

    desk.set_up(SETUP)

    assert desk.is_set_up
    assert desk.line == Line(SETUP)


def test_a_command_writes_its_facts_moves_the_line_and_answers(desk: Desk) -> None:
    before = desk.line.seq

    done = desk.do(commands.check_in, by="kiosk", answer=ticket_of, visit="ana", service="doctor")

    assert [type(entry.fact) for entry in done.facts] == [CheckedIn, Told]
    assert [(entry.seq, entry.by) for entry in done.facts] == [(before + 1, "kiosk"), (before + 2, "kiosk")]
    assert done.answer == {"ticket": "A 01", "seq": before + 2}
    assert done.line is desk.line
    assert not done.repeated
    assert [row[0] for row in rows(desk)] == list(range(1, before + 3))


def test_who_checks_in_is_told_their_wait_at_once(desk: Desk) -> None:
    arrive(desk, "ana")

    assert desk.line.visits["ana"].told == Told(after(0), "ana", after(0), after(10))


def test_where_very_many_wait_a_newcomer_has_their_place_at_once_and_their_time_with_all_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic.desk.CROWD", 2)
    for who in ("ana", "bo", "cy"):
        arrive(desk, who)

    assert ahead_of(desk.line, desk.line.visits["cy"]) == 2
    assert [bool(desk.line.visits[who].told) for who in ("ana", "bo", "cy")] == [True, True, False]

    desk.tell()

    told = desk.line.visits["cy"].told
    assert told is not None
    assert told.high


def test_the_same_request_again_gets_the_same_answer_and_changes_nothing(desk: Desk, clock: FakeClock) -> None:
    heard: list[int] = []
    arrive(desk, "bo")
    first = desk.do(commands.check_in, by="kiosk", request="r1", answer=ticket_of, visit="ana", service="doctor")
    desk.listeners.append(lambda: heard.append(desk.line.seq))
    kept, line = everything(desk), desk.line
    clock.time = after(5)

    again = desk.do(commands.check_in, by="kiosk", request="r1", answer=ticket_of, visit="another id", service="doctor")

    assert again.repeated
    assert again.answer == first.answer
    assert again.facts == ()
    assert desk.line is line
    assert everything(desk) == kept
    assert heard == []


def test_the_same_request_gets_the_same_answer_after_a_restart(desk: Desk, reopened: Restart) -> None:
    arrive(desk, "ana")
    first = desk.do(commands.call_next, by="staff", request="r1", answer=ticket_of, room="room-1")

    again = reopened().do(commands.call_next, by="staff", request="r1", answer=ticket_of, room="room-1")

    assert again.repeated
    assert again.answer == first.answer


@pytest.mark.parametrize(("command", "params"), [
    (commands.check_in, {"visit": "cy", "service": "nurse"}),
    (commands.check_in, {"visit": "cy", "service": "doctor", "name": "Cy"}),
    (commands.check_in, {"visit": "cy", "service": "doctor", "booked": after(20)}),
    (commands.call_next, {"room": "room-1"}),
])  # fmt: skip
def test_a_request_with_other_details_is_refused(desk: Desk, command: commands.Command, params: dict[str, Any]) -> None:
    desk.do(commands.check_in, by="kiosk", request="r1", visit="ana", service="doctor")
    kept, line = everything(desk), desk.line

    with refused("request_reused"):
        desk.do(command, by="kiosk", request="r1", **params)

    assert everything(desk) == kept
    assert desk.line is line


def test_a_command_for_another_visit_is_another_request(desk: Desk) -> None:
    arrive(desk, "ana")
    arrive(desk, "bo")
    desk.do(commands.hold, by="staff", request="r1", visit="ana")

    with refused("request_reused"):
        desk.do(commands.hold, by="staff", request="r1", visit="bo")


def test_a_refused_command_writes_nothing_and_may_be_tried_again(desk: Desk) -> None:
    heard: list[int] = []
    desk.listeners.append(lambda: heard.append(1))
    kept, line = everything(desk), desk.line

    with refused("nobody_waiting", room="Room 1"):
        desk.do(commands.call_next, by="staff", request="r1", room="room-1")

    assert (everything(desk), desk.line, heard) == (kept, line, [])
    arrive(desk, "ana")
    assert (
        desk.do(commands.call_next, by="staff", request="r1", answer=ticket_of, room="room-1").answer["ticket"]
        == "A 01"
    )


def test_a_command_that_changes_nothing_is_answered_and_remembered(desk: Desk) -> None:
    line = desk.line

    done = desk.do(commands.open_room, by="staff", request="r1", room="room-1")

    assert (done.facts, done.repeated, desk.line) == ((), False, line)
    assert desk.do(commands.open_room, by="staff", request="r1", room="room-1").repeated


def test_two_people_never_get_the_same_visit(desk: Desk) -> None:
    arrive(desk, "ana", name="Ana")
    kept, line = everything(desk), desk.line

    with refused("already_checked_in", ticket="A 01"):
        arrive(desk, "ana", name="Cy")

    assert desk.line is line
    assert everything(desk) == kept


def test_the_log_never_holds_a_name_or_a_secret(desk: Desk) -> None:
    arrive(desk, "ana", name="Ana María", call_me="name", request="r1")
    desk.do(commands.call_next, by="staff", room="room-1")

    told = str([*rows(desk), *rows(desk, "answer")])

    assert desk.names(["ana"]) == {"ana": "Ana María"}
    assert desk.visit_of(desk.links.secret("ana")) == desk.visit_of_code(desk.links.code("ana")) == "ana"
    for hidden in ("Ana", "María", desk.links.secret("ana"), desk.links.code("ana")):
        assert hidden not in told


def test_what_people_are_told_is_written_when_it_changes_and_only_then(
    desk: Desk, clock: FakeClock, reopened: Restart
) -> None:
    arrive(desk, "ana")
    line = desk.line
    desk.tell()
    assert desk.line is line

    clock.time = after(10)
    desk.tell()

    assert desk.entries[-1].fact == Told(after(10), "ana", after(10), after(20))
    assert desk.entries[-1].by == "clock"
    assert reopened().line == desk.line


def test_nobody_is_told_anything_on_a_closed_day(desk: Desk, clock: FakeClock) -> None:
    arrive(desk, "ana")
    desk.do(commands.close_day, by="staff", confirm=True)
    line = desk.line
    clock.time = after(60)

    desk.tell()

    assert desk.line is line


def test_who_waits_again_after_a_transfer_is_told_a_new_wait(desk: Desk, clock: FakeClock) -> None:
    arrive(desk, "ana")
    desk.do(commands.call_next, by="staff", room="room-1")
    clock.time = after(30)

    desk.do(commands.transfer, by="staff", visit="ana", service="nurse")

    assert desk.line.visits["ana"].told == Told(after(30), "ana", after(30), after(40))


def test_a_setup_is_used_at_once_and_after_a_restart(desk: Desk, reopened: Restart) -> None:
    heard: list[str] = []
    desk.listeners.append(lambda: heard.append(desk.line.setup.name))
    arrive(desk, "ana")

    desk.set_up(replace(SETUP, name="Dale Practice"))

    assert heard[-1] == desk.line.setup.name == reopened().line.setup.name == "Dale Practice"
    assert "ana" in desk.line.visits


def test_a_setup_does_not_take_away_what_somebody_here_still_needs(desk: Desk) -> None:
    arrive(desk, "ana", "nurse")
    arrive(desk, "bo")
    desk.do(commands.call, by="staff", visit="bo", room="room-1")
    doctor = SETUP.services[0]

    with refused("setup_in_use", tickets=["H 01"]):
        desk.set_up(replace(SETUP, services=(doctor,), rooms=SETUP.rooms[:1]))
    with refused("setup_in_use", tickets=["A 01"]):
        desk.set_up(replace(SETUP, rooms=SETUP.rooms[1:]))
    assert desk.line.setup == SETUP

    desk.do(commands.finish, by="staff", visit="bo")
    desk.set_up(replace(SETUP, rooms=SETUP.rooms[1:]))
    assert [room.id for room in desk.line.setup.rooms] == ["room-2", "room-3"]


@pytest.mark.parametrize(("setup", "code"), [
    (replace(SETUP, services=SETUP.services[:1], rooms=SETUP.rooms[:1]), "unknown_service"),
    (replace(SETUP, rooms=SETUP.rooms[:2]), "unknown_room"),
])  # fmt: skip
def test_an_undo_does_not_bring_anybody_back_to_what_is_no_longer_there(desk: Desk, setup: Setup, code: str) -> None:
    arrive(desk, "ana", "nurse")
    desk.do(commands.call_next, by="staff", room="room-3")
    desk.do(commands.finish, by="staff", visit="ana")
    desk.set_up(setup)
    kept, line = everything(desk), desk.line

    with refused(code):
        desk.do(commands.undo, by="staff", visit="ana")

    assert (everything(desk), desk.line) == (kept, line)


def test_who_did_it_is_on_record(desk: Desk) -> None:
    arrive(desk, "ana")
    desk.do(commands.hold, by="Sam", visit="ana")

    assert [entry.by for entry in desk.entries if isinstance(entry.fact, Held)] == ["Sam"]
