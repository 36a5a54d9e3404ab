"""Many hands at the same instant: one door, one lock."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

import arrive
from clinic import commands
from clinic.appointments import Appointment, Found
from clinic.commands import Refused
from clinic.desk import GATHER, Desk
from clinic.line import present
from clinic.store import Unavailable
from clinic.tap import Tap
from tests import faces
from tests.clinic import at_the_desk
from tests.clinic.at_the_desk import Restart, ticket_of
from tests.clinic.given import after
from tests.faces import Practice

opens, practice = faces.opens, faces.practice


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """What so many people get who do the same at the same instant: an answer, or why not."""
    start = threading.Barrier(count)
    answers: list[Any] = []

    def one() -> None:
        start.wait()
        try:
            answers.append(act())
        except (Refused, Unavailable) as problem:
            answers.append(problem)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def in_a_rush(desk: Desk, count: int, act: Callable[[], Any]) -> list[Any]:
    """The same, where all of them come before the first one's turn."""
    answers: list[Any] = []
    rush = threading.Thread(target=lambda: answers.extend(at_once(count, act)))
    with desk.store.lock:
        rush.start()
        while len(desk._taps) < count:
            time.sleep(0)
    rush.join()
    return answers


@pytest.mark.parametrize("people", [8, 12])
def test_eight_who_call_next_at_once_get_eight_different_people(desk: Desk, people: int) -> None:
    for n in range(people):
        at_the_desk.arrive(desk, f"p{n}")

    answers = at_once(8, lambda: desk.do(commands.call_next, by="staff", answer=ticket_of, room="room-1").answer)

    assert sorted(answer["ticket"] for answer in answers) == [f"A {n:02d}" for n in range(1, 9)]
    assert len({answer["seq"] for answer in answers}) == 8


def test_when_fewer_wait_than_call_the_others_hear_that_nobody_is_waiting(desk: Desk, reopened: Restart) -> None:
    for n in range(3):
        at_the_desk.arrive(desk, f"p{n}")

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
        at_the_desk.arrive(desk, f"p{n}")

    answers = at_once(
        8, lambda: desk.do(commands.call_next, by="staff", request="tap", answer=ticket_of, room="room-1").answer
    )

    assert answers == [answers[0]] * 8
    assert [visit.id for visit in present(desk.line, "called")] == ["p0"]


def test_an_appointment_that_eight_check_in_at_once_is_one_visit(desk: Desk) -> None:
    rounds = 200
    desk.bring_in([Appointment(f"a{n}", after(n % 60), "doctor", name=f"P{n}") for n in range(rounds)], "list")
    visits = [one.visit for one in desk.bookings()]
    for n, visit in enumerate(visits, start=1):

        def check_in(visit: str = visit) -> str:
            return str(desk.do(commands.check_in, by="kiosk", answer=ticket_of, visit=visit).answer["ticket"])

        answers = at_once(8, check_in)

        (ticket,) = [answer for answer in answers if not isinstance(answer, Refused)]
        assert ticket == f"A {n:02d}"
        refusals = [(answer.code, answer.params) for answer in answers if isinstance(answer, Refused)]
        assert refusals == [("already_checked_in", {"ticket": ticket})] * 7
    assert [desk.line.visits[visit].ticket for visit in visits] == [f"A {n:02d}" for n in range(1, rounds + 1)]
    with desk.store.read() as db:
        assert db.execute("select count(*) from event where kind = 'CheckedIn'").fetchone()[0] == rounds


def test_two_tablets_at_the_same_instant_make_one_visit_of_one_appointment(practice: Practice) -> None:
    desk = practice.desk
    desk.bring_in([Appointment(f"a{n}", after(n), "doctor", name=f"P{n}") for n in range(20)], "list")
    taps = count(1)
    for booking in desk.bookings():
        token = arrive.token(desk, Found("matched", (booking,)))
        tablets = iter([practice.app.test_client(), practice.app.test_client()])

        def tap(token: str = token, tablets: Iterator[Any] = tablets) -> Any:
            return next(tablets).post("/kiosk/check-in", json={"token": token, "request": f"tap-{next(taps)}"})

        answers = at_once(2, tap)

        assert sorted(answer.status_code for answer in answers) == [201, 409]
        late = next(answer for answer in answers if answer.status_code == 409)
        assert late.json["code"] == "already_checked_in"
        assert desk.line.visits[booking.visit].ticket in late.json["message"]
    assert len(present(desk.line, "waiting")) == 20


def test_a_rush_at_the_door_is_one_write_and_what_is_refused_is_refused_alone(desk: Desk) -> None:
    asked = iter(
        [("doctor", None), ("doctor", "tap"), ("doctor", "tap"), ("no such service", None), ("nurse", None)] * 2
    )
    writes: list[int] = []
    write = desk.store.write

    def counted() -> Any:
        writes.append(1)
        return write()

    def check_in() -> str:
        service, request = next(asked)
        visit = "tapped" if request else uuid.uuid4().hex
        given: dict[str, Any] = {"visit": visit, "service": service, "request": request}
        return str(desk.do(commands.check_in, by="kiosk", answer=ticket_of, **given).answer["ticket"])

    desk.store.write = counted  # type: ignore[method-assign]
    answers = in_a_rush(desk, 10, check_in)

    refused = [answer.code for answer in answers if isinstance(answer, Refused)]
    tickets = Counter(answer for answer in answers if not isinstance(answer, Refused))
    assert refused == ["unknown_service"] * 2
    assert sorted(tickets.values()) == [1, 1, 1, 1, 4]  # one tap, however often it was sent
    assert len(writes) == 1


def test_in_a_rush_the_next_at_the_door_wait_a_moment_for_each_other_and_otherwise_nobody_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, waits = 100.0, list[float]()

    def check_in() -> None:
        desk.do(commands.check_in, by="kiosk", visit=uuid.uuid4().hex, service="doctor")

    monkeypatch.setattr("clinic.desk.time", SimpleNamespace(monotonic=lambda: at, sleep=waits.append))
    check_in()
    check_in()
    assert waits == [0, 0]

    in_a_rush(desk, 3, check_in)
    waits.clear()
    at += 0.01
    desk.do(commands.call_next, by="staff", room="room-1")
    check_in()
    check_in()
    assert waits == pytest.approx([0, GATHER - 0.01, 0])  # a call never; and who came alone ends the rush


def test_a_tap_sent_twice_in_a_rush_that_could_not_be_written_is_not_carried_out_later(desk: Desk) -> None:
    seq, write = desk.line.seq, desk.store.write

    def full() -> Any:
        raise Unavailable("the disk is full")

    def check_in() -> Any:
        return desk.do(commands.check_in, by="kiosk", visit=uuid.uuid4().hex, service="doctor", request="tap").answer

    desk.store.write = full  # type: ignore[method-assign]
    answers = in_a_rush(desk, 3, check_in)
    desk.store.write = write  # type: ignore[method-assign]
    at_the_desk.arrive(desk, "next")

    assert [str(answer) for answer in answers] == ["the disk is full"] * 3
    assert [visit.id for visit in present(desk.line, "waiting")] == ["next"]
    assert desk.line.visits["next"].seq == seq + 1


def test_who_signs_in_as_the_day_is_closed_is_not_left_in_the_set_up_without_a_room(desk: Desk) -> None:
    closing = Tap(commands.close_day, {}, "staff", None, "", lambda _line, _visit: {})
    desk._taps.append(closing)  # somebody closes the day, and waits for their turn

    done = desk.sign_in("room-1", "Dr. New", None, by="staff", request=None, answer=lambda _line, _visit: {})

    assert done.line.room("room-1").clinician == desk.clinician("Dr. New")
