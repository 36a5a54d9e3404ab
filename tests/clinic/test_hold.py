"""Stepping out and coming back: the place is kept."""

from clinic import commands
from clinic.events import Held, MarkedNoShow, Prioritised, Resumed
from clinic.order import ahead_of, waiting
from tests.clinic.given import after, called, came, given, then


def order(line) -> list[str]:
    return [visit.id for visit in waiting(line)]


def test_a_held_visit_keeps_its_place() -> None:
    line = given(came("ana", 1), came("bo", 2), came("cy", 3))

    held = commands.hold(line, after(5), "bo")
    line = then(line, *held)

    assert held == [Held(after(5), "bo")]
    assert order(line) == ["ana", "cy"]
    assert ahead_of(line, line.visits["bo"]) == 1

    back = commands.resume(line, after(20), "bo")
    line = then(line, *back)

    assert back == [Resumed(after(20), "bo")]
    assert order(line) == ["ana", "bo", "cy"]


def test_who_was_called_and_steps_out_is_next_when_back() -> None:
    line = given(came("ana", 1), came("bo", 2), called("bo", 3), Held(after(4), "bo"))
    assert line.visits["bo"].room is None

    line = then(line, *commands.resume(line, after(20), "bo"))

    assert order(line) == ["bo", "ana"]


def test_who_missed_the_call_is_next_when_back() -> None:
    line = given(came("ana", 1), came("bo", 2), called("bo", 3), MarkedNoShow(after(6), "bo"))
    assert order(line) == ["ana"]

    line = then(line, *commands.resume(line, after(20), "bo"))

    assert order(line) == ["bo", "ana"]


def test_being_back_from_a_call_does_not_come_before_an_urgent_case() -> None:
    line = given(
        came("ana", 1), came("bo", 2), called("ana", 3), MarkedNoShow(after(6), "ana"), Resumed(after(7), "ana"),
        Prioritised(after(8), "bo", "unwell"),
    )  # fmt: skip

    assert order(line) == ["bo", "ana"]


def test_who_is_back_from_a_call_and_steps_out_again_stays_next() -> None:
    line = given(came("ana", 1), came("bo", 2), called("bo", 3), Held(after(4), "bo"), Resumed(after(5), "bo"))

    line = then(line, Held(after(6), "bo"), Resumed(after(9), "bo"))

    assert order(line) == ["bo", "ana"]
