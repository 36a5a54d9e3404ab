"""What identifies people goes when it was kept long enough, or at once: no file holds a copy, and the figures stay."""

import random
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic import commands, feedback, kept, register, talk
from clinic.after import After
from clinic.appointments import Appointment
from clinic.desk import Desk
from clinic.feedback import Answer, Owner
from clinic.needs import Needs
from clinic.store import Store
from tests.clinic.at_the_desk import Restart, arrive, rows
from tests.clinic.given import ROOMS, SETUP, after, refused
from tests.conftest import FakeClock

CANARY = "Canary-7F3A"


def files(folder: Path) -> dict[str, bytes]:
    """Everything that the data folder holds, byte by byte."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def held(desk: Desk, text: str = CANARY) -> list[str]:
    """The files in which this stands."""
    return sorted(name for name, raw in files(desk.store.folder).items() if text.encode() in raw)


def passes(clock: FakeClock, desk: Desk, **time: float) -> None:
    clock.time += timedelta(**time)
    desk.tell()


def seen(desk: Desk, visit: str, name: str = CANARY, **more: Any) -> None:
    """This person comes, is called and goes home."""
    arrive(desk, visit, name=name, needs=Needs(("wheelchair", "interpreter"), "Zaza-language"), **more)
    desk.do(commands.call, by="staff", visit=visit, room="room-1")
    desk.do(talk.ask_help, by="phone", help=f"help-{visit}", place=desk.line.visits[visit].ticket, asker=visit)
    desk.do(talk.take_help, by="staff", help=f"help-{visit}", name="Helper-Sam")
    desk.do(commands.finish, by="staff", visit=visit)


def booked(visit: str, minutes: float = 20, **more: Any) -> Appointment:
    """An appointment of today with all that a list may say of somebody."""
    values: dict[str, Any] = {
        "name": CANARY, "birthday": (5, 4), "year": 1931, "letters": "C", "language": "es", "needs": ("quiet",),
        "person": f"patient-{visit}", "service": "doctor", **more,
    }  # fmt: skip
    return Appointment(id=f"booked-{visit}", start=after(minutes), **values)


def figures(desk: Desk) -> Any:
    """All that must stay: the log, what was learned of it, how promises went, what people said."""
    with desk.store.read() as db:
        rated = db.execute("select day, hour, service, rating from feedback order by id").fetchall()
        return rows(desk), desk.history.mind.times.count, desk.promises(), rated


def test_names_stand_in_the_files_while_they_are_needed(desk: Desk) -> None:
    seen(desk, "ana")

    assert held(desk), "or these tests would look in the wrong place"
    assert desk.names(["ana"]) == {"ana": CANARY}


def test_a_day_after_the_visit_no_file_holds_a_name_and_the_figures_stay(desk: Desk, clock: FakeClock) -> None:
    for n in range(40):
        seen(desk, f"visit-{n}", f"{CANARY} {n} " + "x" * (n * 3 % 50))
    After(desk).give(desk.line.visits["visit-0"], Answer("", "", 0, "", "good", "Kind"))
    passes(clock, desk, hours=23)
    assert len(rows(desk, "person")) == 40
    before = figures(desk)

    passes(clock, desk, hours=1)

    for table in ("person", "need", "taker"):
        assert rows(desk, table) == [], table
    assert [(text, held(desk, text)) for text in (CANARY, "Zaza-language", "Helper-Sam")] == [
        (CANARY, []), ("Zaza-language", []), ("Helper-Sam", []),
    ]  # fmt: skip
    assert figures(desk) == before
    assert len(rows(desk, "link")) == 40


@pytest.mark.parametrize("hours", [1, 24, 72])
def test_the_clinic_says_how_many_hours(desk: Desk, clock: FakeClock, hours: int) -> None:
    desk.set_up(replace(SETUP, kept_hours=hours))
    seen(desk, "ana")
    passes(clock, desk, hours=hours, minutes=-1)
    assert desk.names(["ana"]) == {"ana": CANARY}

    passes(clock, desk, minutes=10)

    assert (desk.names(["ana"]), held(desk)) == ({}, [])


def test_fewer_hours_count_from_the_next_minute_on(desk: Desk, clock: FakeClock) -> None:
    seen(desk, "ana")
    passes(clock, desk, hours=2)
    desk.set_up(replace(SETUP, kept_hours=1))

    passes(clock, desk, minutes=1)

    assert held(desk) == []


def test_who_is_still_here_keeps_their_name_however_long(desk: Desk, clock: FakeClock) -> None:
    arrive(desk, "ana", name="Ana")
    seen(desk, "bo")

    passes(clock, desk, hours=100)

    assert desk.names(["ana", "bo"]) == {"ana": "Ana"}


def test_the_next_day_knows_yesterdays_names_until_their_hours_are_over(desk: Desk, clock: FakeClock) -> None:
    seen(desk, "ana")
    desk.do(commands.close_day, by="staff")
    clock.time += timedelta(hours=23)
    desk.open_day("staff", ROOMS)
    assert desk.names(["ana"]) == {"ana": CANARY}

    passes(clock, desk, hours=1)

    assert held(desk) == []


def test_what_was_due_while_the_computer_was_off_goes_at_its_start(
    desk: Desk, clock: FakeClock, reopened: Restart
) -> None:
    seen(desk, "ana")
    desk.do(commands.close_day, by="staff")
    before = figures(desk)
    desk.close()
    clock.time += timedelta(days=5)

    again = reopened()
    again.tell()

    assert (again.names(["ana"]), held(again)) == ({}, [])
    assert figures(again) == before


def test_a_plug_pulled_before_the_copies_were_gone_leaves_none_at_the_next_start(
    desk: Desk, clock: FakeClock, reopened: Restart, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(desk, "ana")
    with monkeypatch.context() as another_program_reads:
        another_program_reads.setattr(Store, "settle", lambda _self: False)
        passes(clock, desk, hours=24)

    again = reopened()
    again.tell()

    assert held(again) == []


def test_while_another_program_reads_the_copies_go_at_the_next_minute(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(desk, "ana")
    with monkeypatch.context() as another_program_reads:
        another_program_reads.setattr(Store, "settle", lambda _self: False)
        passes(clock, desk, hours=24)
    assert desk.names(["ana"]) == {}

    passes(clock, desk, minutes=1)

    assert held(desk) == []


def test_a_clock_set_back_a_little_erases_nobody_early(desk: Desk, clock: FakeClock) -> None:
    seen(desk, "ana")

    passes(clock, desk, minutes=-5)

    assert desk.names(["ana"]) == {"ana": CANARY}


def test_a_finish_that_was_undone_ended_nothing(desk: Desk, clock: FakeClock) -> None:
    seen(desk, "ana")
    desk.do(commands.undo, by="staff", visit="ana")

    passes(clock, desk, hours=30)

    assert desk.names(["ana"]) == {"ana": CANARY}


@pytest.mark.parametrize("erase", ["kept.erase", "a plain delete"])
def test_pages_that_were_split_hold_no_copy(tmp_path: Path, erase: str) -> None:
    """SQLite's own overwriting misses a few in a thousand: tables are written anew for that."""
    store, chance, gone = Store(tmp_path), random.Random(7), []
    with store.write() as db:
        for n in range(400):
            visit = uuid.UUID(int=chance.getrandbits(128)).hex
            register.save_name(db, visit, f"{CANARY}-{n}-END" + "x" * chance.randrange(70))
            gone.append(visit)
    with store.write() as db:
        if erase == "kept.erase":
            kept.erase(db, kept.Due(names=frozenset(gone)))
        else:
            db.execute("pragma secure_delete = off")
            db.execute("delete from person where visit in (select visit from person)")
    assert store.settle()

    left = CANARY.encode() in b"".join(files(tmp_path).values())
    store.close()
    assert left == (erase != "kept.erase"), "and the test sees it where it is not done"


# At once, on request


def test_on_request_a_name_is_gone_at_once(desk: Desk) -> None:
    desk.bring_in([booked("ana")], "staff")
    (one,) = desk.bookings()
    desk.do(commands.check_in, by="kiosk", visit=one.visit, name=one.name, needs=Needs(("quiet",)))
    desk.do(commands.call, by="staff", visit=one.visit, room="room-1")
    desk.do(commands.finish, by="staff", visit=one.visit)
    seen(desk, "bo", "Bo")
    before = rows(desk)

    desk.erase([one.visit], "staff")

    assert [(text, held(desk, text)) for text in (CANARY, "booked-ana", "patient-ana")] == [
        (CANARY, []), ("booked-ana", []), ("patient-ana", []),
    ]  # fmt: skip
    assert desk.names([one.visit, "bo"]) == {"bo": "Bo"}
    assert rows(desk) == before, "that it was done needs no name, and no fact"


def test_who_still_waits_goes_on_with_their_number_and_what_helps_them(desk: Desk) -> None:
    arrive(desk, "ana", name=CANARY, call_me="name", needs=Needs(("wheelchair",)))

    desk.erase(["ana"], "staff")

    visit = desk.line.visits["ana"]
    assert (visit.status, visit.ticket, visit.call_me) == ("waiting", "A 01", "number")
    assert (desk.names(["ana"]), held(desk)) == ({}, [])
    assert desk.needs(["ana"]) == {"ana": Needs(("wheelchair",))}


def test_a_name_of_yesterday_can_be_erased_today(desk: Desk, clock: FakeClock) -> None:
    seen(desk, "ana")
    desk.do(commands.close_day, by="staff")
    clock.time += timedelta(hours=20)
    desk.open_day("staff", ROOMS)

    desk.erase(["ana"], "staff")

    assert held(desk) == []


def test_nobody_unknown_and_nobody_who_is_expected_is_erased(desk: Desk) -> None:
    desk.bring_in([booked("ana")], "staff")
    (one,) = desk.bookings()

    for visit in ("nobody", one.visit):
        with refused("unknown_visit"):
            desk.erase([visit], "staff")

    assert desk.bookings() == [one]


def test_no_list_brings_back_what_was_erased(desk: Desk, clock: FakeClock) -> None:
    desk.bring_in([booked("ana"), booked("bo", 25, name="Bo")], "staff")
    ana, _ = desk.bookings()
    clock.time = after(50)
    desk.do(commands.mark_no_show, by="staff", visit=ana.visit)
    desk.do(commands.leave, by="staff", visit=ana.visit)
    desk.erase([ana.visit], "staff")

    brought = desk.bring_in([booked("ana"), booked("bo", 25, name="Bo")], "staff")

    assert (brought.here, brought.unchanged) == (["booked-ana"], 1)
    assert held(desk) == []


def test_two_erased_appointments_are_not_taken_for_one_persons(desk: Desk) -> None:
    desk.bring_in([booked("ana"), booked("bo", 25)], "staff")
    for one in desk.bookings():
        desk.do(commands.check_in, by="kiosk", visit=one.visit, name=one.name)
        desk.do(commands.call, by="staff", visit=one.visit, room="room-1")
        desk.do(commands.finish, by="staff", visit=one.visit)
    desk.erase([one.visit for one in desk.bookings()], "staff")

    ana, bo = desk.bookings()

    assert ana.person != bo.person
    assert (held(desk), ana.name, ana.birthday, ana.letters) == ([], "", None, "")


def test_later_appointments_of_the_same_person_go_too(desk: Desk) -> None:
    desk.bring_in([booked("one", person="p"), booked("two", 60, person="p", service="nurse")], "staff")
    first, second = desk.bookings()
    desk.do(commands.check_in, by="kiosk", visit=first.visit, stops=(second.visit,), name=first.name)
    desk.do(commands.call, by="staff", visit=first.visit, room="room-1")
    desk.do(commands.finish, by="staff", visit=first.visit)
    desk.do(commands.call, by="staff", visit=first.visit, room="room-2")
    desk.do(commands.finish, by="staff", visit=first.visit)

    desk.erase([first.visit], "staff")

    assert held(desk) == []


# Appointments


def test_an_appointment_to_come_stays_and_one_of_a_past_day_goes(desk: Desk, clock: FakeClock) -> None:
    tomorrow = 24 * 60 + 30
    desk.bring_in([booked("ana"), booked("bo", tomorrow, name="Bo-To-Come")], "staff")
    ana = desk.bookings()[0]
    desk.do(commands.check_in, by="kiosk", visit=ana.visit, name=ana.name)
    desk.do(commands.call, by="staff", visit=ana.visit, room="room-1")
    desk.do(commands.finish, by="staff", visit=ana.visit)

    passes(clock, desk, hours=15, minutes=1)  # a minute past midnight: the visit's own hours are not over
    assert [one.name for one in desk.bookings()] == ["Bo-To-Come"]
    assert held(desk, "booked-ana") == []

    passes(clock, desk, hours=9)
    assert held(desk) == []
    assert held(desk, "Bo-To-Come")


def test_where_hours_are_few_an_appointment_of_today_goes_with_its_visit(desk: Desk, clock: FakeClock) -> None:
    desk.set_up(replace(SETUP, kept_hours=1))
    desk.bring_in(
        [
            booked("ana", person="p"),
            booked("later", 60, person="p", service="nurse"),
            booked("bo", 600, name="Bo-Late"),
        ],
        "staff",
    )
    ana, later, _ = desk.bookings()
    desk.do(commands.check_in, by="kiosk", visit=ana.visit, stops=(later.visit,), name=ana.name)
    for room in ("room-1", "room-2"):
        desk.do(commands.call, by="staff", visit=ana.visit, room=room)
        desk.do(commands.finish, by="staff", visit=ana.visit)
        passes(clock, desk, minutes=30)
    assert held(desk), "the second half of their visit has just ended"

    passes(clock, desk, minutes=45)

    assert (held(desk), [one.name for one in desk.bookings()]) == ([], ["", "", "Bo-Late"])
    assert desk.booking_of_code(desk.links.invitation("booked-ana")), "the code still says what it was for"


# Whom we owe a word


def leaves(desk: Desk, visit: str = "ana") -> None:
    arrive(desk, visit, name=CANARY)
    desk.do(commands.leave, by="staff", visit=visit)


def test_who_left_unseen_keeps_the_name_through_the_next_working_day(desk: Desk, clock: FakeClock) -> None:
    clock.time = after(4 * 24 * 60)  # a Friday
    leaves(desk)

    passes(clock, desk, days=3, hours=14)  # Monday, an hour before midnight
    assert desk.names(["ana"]) == {"ana": CANARY}
    passes(clock, desk, hours=2)

    assert held(desk) == []


def test_who_was_taken_on_keeps_the_name_a_week_longer_and_no_more_than_two_in_all(
    desk: Desk, clock: FakeClock
) -> None:
    promised = After(desk)
    for visit in ("ana", "bo"):
        leaves(desk, visit)
    promised.own("ana", Owner("Owner-Sam", "2026-11-25"))
    promised.own("bo", Owner("Owner-Sam", "2027-11-25"))

    passes(clock, desk, days=9)
    assert desk.names(["ana", "bo"]).keys() == {"ana", "bo"}
    passes(clock, desk, days=1)
    assert desk.names(["ana", "bo"]).keys() == {"bo"}
    passes(clock, desk, days=5)

    assert (held(desk), held(desk, "Owner-Sam")) == ([], [])


def test_who_was_followed_up_keeps_no_name_for_that(desk: Desk, clock: FakeClock) -> None:
    promised = After(desk)
    leaves(desk)
    promised.own("ana", Owner("Owner-Sam", "2026-11-25"))
    promised.follow_up("ana", "contacted", None, "staff")
    passes(clock, desk, hours=23)
    assert desk.names(["ana"]) == {"ana": CANARY}, "a mistake can be put right within the hours of every visit"

    passes(clock, desk, hours=1)

    assert (held(desk), held(desk, "Owner-Sam")) == ([], [])


def test_who_missed_an_appointment_is_known_by_name_until_they_were_called_up(desk: Desk, clock: FakeClock) -> None:
    desk.bring_in([booked("ana")], "staff")
    (ana,) = desk.bookings()
    clock.time = after(60)
    desk.do(commands.mark_no_show, by="staff", visit=ana.visit)
    desk.do(commands.close_day, by="staff", confirm=True)

    passes(clock, desk, hours=16)  # past midnight
    assert desk.names([ana.visit]) == {ana.visit: CANARY}
    assert [held(desk, text) for text in ("booked-ana", "patient-ana")] == [[], []], "the name is all that it takes"
    passes(clock, desk, hours=24)

    assert held(desk) == []


def asks(desk: Desk, contact: str = "canary@example.org") -> str:
    seen(desk, "cy", "Cy")
    after_it = After(desk)
    after_it.give(desk.line.visits["cy"], Answer("", "", 0, "", "poor", "Too loud", asks=True, contact=contact))
    return after_it.asking()[0].id


def test_how_to_reach_somebody_goes_with_the_answer_and_leaves_no_copy(desk: Desk) -> None:
    answer = asks(desk)
    assert held(desk, "canary@")

    After(desk).follow_up(answer, "contacted", None, "staff")

    assert held(desk, "canary@") == []
    assert [one.rating for one in After(desk).answers()] == ["poor"]


def test_how_to_reach_whom_nobody_answered_goes_a_week_after_it_was_due(desk: Desk, clock: FakeClock) -> None:
    asks(desk)
    passes(clock, desk, days=8)
    assert held(desk, "canary@")

    passes(clock, desk, days=1)

    assert held(desk, "canary@") == []
    (one,) = After(desk).asking()
    assert (one.contact, one.comment) == ("", "Too loud")


def test_old_answers_go_though_nobody_gives_a_new_one(desk: Desk, clock: FakeClock) -> None:
    seen(desk, "cy", "Cy")
    After(desk).give(desk.line.visits["cy"], Answer("", "", 0, "", "good", "Said-Long-Ago"))

    passes(clock, desk, weeks=8)
    assert held(desk, "Said-Long-Ago")
    passes(clock, desk, days=1)

    assert (held(desk, "Said-Long-Ago"), rows(desk, "feedback_given")) == ([], [])


# What must never be there


def test_the_log_and_the_answers_never_held_a_name(desk: Desk) -> None:
    desk.bring_in([booked("ana")], "staff")
    (ana,) = desk.bookings()
    desk.do(
        commands.check_in, by="kiosk", request="tap", visit=ana.visit, name=CANARY, needs=Needs((), "Zaza-language")
    )
    arrive(desk, "bo", name=CANARY, request="tap-2")
    desk.do(talk.ask_help, by="phone", help="help", place="A 01", asker=ana.visit)
    desk.do(talk.take_help, by="staff", help="help", name="Helper-Sam", request="tap-3")

    said = str([rows(desk, table) for table in ("event", "answer", "link", "setting")])

    assert [text for text in (CANARY, "Zaza-language", "Helper-Sam", "patient-ana", "booked-ana") if text in said] == []


def test_every_table_that_can_identify_somebody_is_written_anew(desk: Desk) -> None:
    with desk.store.read() as db:
        tables = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}

    plain = {"event", "answer", "setting", "link", "health", "feedback_given"}
    plain |= {"account", "invitation", "session", "try", "device", "audit"}  # of staff and screens, never of a patient
    ours = {one for one in tables if not one.startswith(("sqlite_", "_sqlite"))}
    assert ours - plain == set(kept.TABLES), "a new table: does it identify anybody?"


def test_an_owner_of_nobody_on_the_list_is_not_kept(desk: Desk, clock: FakeClock) -> None:
    with desk.store.write() as db:
        feedback.save_owner(db, "nobody", Owner("Owner-Sam", "2026-11-25"))

    passes(clock, desk, minutes=10)

    assert held(desk, "Owner-Sam") == []
