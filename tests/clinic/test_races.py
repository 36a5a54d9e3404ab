"""Many hands at the same instant: one door, one lock."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from clinic import commands
from clinic.commands import Refused
from clinic.desk import Desk
from clinic.line import present
from tests.clinic.at_the_desk import Restart, arrive, ticket_of


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """What so many people get who do the same at the same instant: an answer, or the refusal."""
    start = threading.Barrier(count)
    answers: list[Any] = []

    def one() -> None:
        start.wait()
        try:
            answers.append(act())
        except Refused as refusal:
            answers.append(refusal)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("people", [8, 12])
def test_eight_who_call_next_at_once_get_eight_different_people(desk: Desk, people: int) -> None:
    for n in range(people):
        arrive(desk, f"p{n}")

    answers = at_once(8, lambda: desk.do(commands.call_next, by="staff", answer=ticket_of, room="room-1").answer)

    assert sorted(answer["ticket"] for answer in answers) == [f"A {n:02d}" for n in range(1, 9)]
    assert len({answer["seq"] for answer in answers}) == 8


def test_when_fewer_wait_than_call_the_others_hear_that_nobody_is_waiting(desk: Desk, reopened: Restart) -> None:
    for n in range(3):
        arrive(desk, f"p{n}")

    answers = at_once(8, lambda: desk.do(commands.call_next, by="staff", answer=ticket_of, room="room-1").answer)

    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    tickets = sorted(answer["ticket"] for answer in answers if not isinstance(answer, Refused))
    assert tickets == ["A 01", "A 02", "A 03"]
    assert codes == ["nobody_waiting"] * 5
    assert reopened().line == desk.line


def test_eight_who_check_in_at_once_get_eight_numbers(desk: Desk) -> None:
    names = iter([f"p{n}" for n in range(8)])

    def check_in() -> str:
        done = desk.do(commands.check_in, by="kiosk", answer=ticket_of, visit=next(names), service="doctor")
        return str(done.answer["ticket"])

    assert sorted(at_once(8, check_in)) == [f"A {n:02d}" for n in range(1, 9)]


def test_a_tap_that_is_sent_eight_times_calls_one_person(desk: Desk) -> None:
    for n in range(8):
        arrive(desk, f"p{n}")

    answers = at_once(
        8, lambda: desk.do(commands.call_next, by="staff", request="tap", answer=ticket_of, room="room-1").answer
    )

    assert answers == [answers[0]] * 8
    assert [visit.id for visit in present(desk.line, "called")] == ["p0"]
