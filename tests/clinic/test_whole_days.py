"""Days at the desk: one that runs past midnight, its closing, and the next."""

from datetime import timedelta

import pytest

from clinic import commands, register, talk
from clinic.desk import ANSWERS_KEPT, Desk
from clinic.events import Closed, Opened, RoomOpened
from clinic.line import present
from tests.clinic.at_the_desk import Restart, arrive, busy_morning, rows
from tests.clinic.given import ROOMS, after, refused
from tests.conftest import FakeClock


def test_a_midnight_that_passes_keeps_the_line(desk: Desk, clock: FakeClock, reopened: Restart) -> None:
    clock.time = after(14.9 * 60)
    arrive(desk, "ana")
    clock.time = after(15.1 * 60)

    assert arrive(desk, "bo") == "A 02"
    assert [visit.id for visit in present(reopened().line, "waiting")] == ["ana", "bo"]


def test_closing_the_day_names_who_is_still_here_and_then_gives_each_an_outcome(
    desk: Desk, clock: FakeClock, reopened: Restart
) -> None:
    busy_morning(desk, clock)

    with refused("people_waiting", tickets=["A 01", "A 02", "H 01", "A 03", "A 04"]):
        desk.do(commands.close_day, by="staff")
    desk.do(commands.close_day, by="staff", confirm=True)

    assert {visit.status for visit in desk.line.visits.values()} == {"left"}
    assert reopened().line == desk.line


def test_a_new_day_starts_empty_with_number_one_and_ends_old_codes_and_links(
    desk: Desk, clock: FakeClock, reopened: Restart
) -> None:
    assert arrive(desk, "ana") == "A 01"
    assert arrive(desk, "bo") == "A 02"
    desk.do(commands.close_day, by="staff", confirm=True)
    clock.time = after(1440)

    desk.open_day("staff", ("room-1",))

    assert [type(entry.fact) for entry in desk.entries] == [Opened, RoomOpened]
    assert [desk.line.room(room).state for room in ROOMS] == ["open", "closed", "closed"]
    assert desk.visit_of_code(desk.links.code("ana")) is None
    assert desk.visit_of(desk.links.secret("ana")) is None
    assert arrive(desk, "cy") == "A 01"
    assert reopened().line == desk.line


def test_a_closed_day_stays_closed_after_a_restart(desk: Desk, reopened: Restart) -> None:
    desk.do(commands.close_day, by="staff")

    again = reopened()

    assert isinstance(again.entries[-1].fact, Closed)
    assert again.line.opened_at is None
    with refused("day_closed"):
        arrive(again, "ana")


def test_everybody_who_listens_hears_of_a_new_day(desk: Desk) -> None:
    heard: list[bool] = []
    desk.do(commands.close_day, by="staff")
    desk.listeners.append(lambda: heard.append(desk.line.opened_at is not None))

    desk.open_day("staff", ROOMS)

    assert heard == [True]


def test_an_opening_that_is_sent_twice_opens_one_day(desk: Desk, reopened: Restart) -> None:
    desk.do(commands.close_day, by="staff")
    first = desk.open_day("staff", ROOMS, request="r1")
    line, written = desk.line, rows(desk)

    assert desk.open_day("staff", ROOMS, request="r1") == first == {"seq": line.seq, "status": "open"}
    assert (desk.line, rows(desk)) == (line, written)
    with refused("request_reused"):
        desk.open_day("staff", ("room-1",), request="r1")
    assert reopened().open_day("staff", ROOMS, request="r1") == first


def test_who_asked_for_help_before_the_day_began_is_not_forgotten_by_it(desk: Desk, reopened: Restart) -> None:
    desk.do(commands.close_day, by="staff")
    desk.do(talk.ask_help, by="kiosk", help="h1", place="Tablet 1")
    desk.do(talk.ask_help, by="kiosk", help="h2", place="Tablet 2")
    desk.do(talk.take_help, by="staff", help="h2")

    desk.open_day("staff", ROOMS)

    assert [(one.place, one.taken_at) for one in desk.line.helps.values()] == [("Tablet 1", None)]
    assert reopened().line == desk.line


def test_answers_are_forgotten_with_a_new_day_after_a_week(desk: Desk, clock: FakeClock) -> None:
    arrive(desk, "ana", request="r1")
    desk.do(commands.close_day, by="staff", confirm=True)
    clock.time += ANSWERS_KEPT
    desk.open_day("staff", ROOMS)
    assert len(rows(desk, "answer")) == 1

    desk.do(commands.close_day, by="staff")
    clock.time += timedelta(seconds=1)
    desk.open_day("staff", ROOMS)

    assert rows(desk, "answer") == []


def test_a_request_whose_answer_is_forgotten_is_not_done_again(desk: Desk, clock: FakeClock) -> None:
    arrive(desk, "ana", request="r1")
    desk.do(commands.close_day, by="staff", confirm=True)
    clock.time += ANSWERS_KEPT + timedelta(seconds=1)
    desk.open_day("staff", ROOMS)
    line = desk.line

    with refused("request_reused"):
        arrive(desk, "bo", request="r1")

    assert desk.line is line


def test_an_open_day_is_not_opened_over(desk: Desk) -> None:
    arrive(desk, "ana")
    line = desk.line

    with refused("day_open"):
        desk.open_day("staff", ROOMS)

    assert desk.line is line


def seen_today(desk: Desk, clock: FakeClock, visit: str, minutes: float) -> None:
    arrive(desk, visit)
    desk.do(commands.call, by="staff", visit=visit, room="room-1")
    desk.do(commands.start, by="staff", visit=visit)
    clock.time = after((clock.time - after(0)).total_seconds() / 60 + minutes)
    desk.do(commands.finish, by="staff", visit=visit)


def learned(desk: Desk) -> str:
    return desk.history.to_text()


def test_a_visit_teaches_how_long_visits_take_once_it_cannot_be_undone(desk: Desk, clock: FakeClock) -> None:
    seen_today(desk, clock, "ana", 20)
    desk.tell()
    usual = desk.history.mind.times.service("doctor", 12)

    clock.time += timedelta(minutes=2)
    desk.tell()

    assert usual == 12
    assert desk.history.mind.times.service("doctor", 12) == pytest.approx((20 + 6 * 12) / 7)


def test_what_was_undone_teaches_nothing(desk: Desk, clock: FakeClock) -> None:
    seen_today(desk, clock, "ana", 20)
    desk.do(commands.undo, by="staff", visit="ana")

    clock.time += timedelta(minutes=2)
    desk.tell()

    assert desk.history.mind.times.count == 0


def test_a_new_day_and_a_restart_forget_nothing(desk: Desk, clock: FakeClock, reopened: Restart) -> None:
    seen_today(desk, clock, "ana", 20)
    seen_today(desk, clock, "bo", 15)
    desk.do(commands.close_day, by="staff")
    desk.open_day("staff", ROOMS)
    seen_today(desk, clock, "cy", 17)
    clock.time += timedelta(minutes=2)
    desk.tell()
    before = learned(desk)
    assert desk.history.mind.times.count == 3

    again = reopened()
    again.tell()

    assert learned(again) == before


def test_what_was_kept_need_not_be_learned_again(desk: Desk, clock: FakeClock, reopened: Restart) -> None:
    for n in range(4):
        seen_today(desk, clock, f"p{n}", 10 + n)
    arrive(desk, "ana")
    clock.time += timedelta(minutes=2)
    desk.tell()
    desk.keep_learned()
    seen_today(desk, clock, "bo", 9)
    clock.time += timedelta(minutes=2)
    desk.tell()
    before = learned(desk)

    again = reopened()
    again.tell()

    assert learned(again) == before


def test_what_another_version_kept_is_learned_anew(desk: Desk, clock: FakeClock, reopened: Restart) -> None:
    seen_today(desk, clock, "ana", 20)
    clock.time += timedelta(minutes=2)
    desk.tell()
    before = learned(desk)
    with desk.store.write() as db:
        register.save_learned(db, 3, '{"format": 0}')

    again = reopened()
    again.tell()

    assert learned(again) == before
