"""Clinicians: they sign in to a room with what they give there, and people wait for them or for any room."""

from dataclasses import replace

from clinic import commands
from clinic.desk import Desk
from clinic.events import Assigned, Booked, RoomOpened, SignedIn
from clinic.line import Line
from clinic.order import rooms_for, waiting
from clinic.setup import Clinician
from clinic.usual import usual_rooms
from tests.clinic.given import SETUP, after, called, came, given, refused, then

STAFFED = replace(
    SETUP,
    clinicians=(Clinician("ruiz", "Dr Ruiz"), Clinician("okafor", "Dr Okafor"), Clinician("lee", "Lee", ("nurse",))),
)


def line(*facts: object) -> Line:
    return given(*facts, setup=STAFFED)  # type: ignore[arg-type]  # facts of any kind


def test_a_clinician_gives_what_they_give_or_what_the_room_is_for() -> None:
    day = line()
    assert commands.sign_in(day, after(1), "room-1", "ruiz") == [SignedIn(after(1), "room-1", "ruiz")]
    assert commands.sign_in(day, after(1), "room-1", "lee") == [SignedIn(after(1), "room-1", "lee", ("nurse",))]
    assert commands.sign_in(day, after(1), "room-3", "lee") == [SignedIn(after(1), "room-3", "lee")]
    asked = commands.sign_in(day, after(1), "room-1", "lee", ["doctor", "nurse"])
    assert asked == [SignedIn(after(1), "room-1", "lee", ("doctor", "nurse"))]


def test_what_a_clinician_gives_is_what_the_room_gives_today() -> None:
    day = then(line(came("ana", 1, "nurse")), *commands.sign_in(line(), after(2), "room-1", "lee"))
    assert day.services("room-1") == ("nurse",)
    assert [visit.id for visit in waiting(day, "room-1")] == ["ana"]
    day = then(day, *commands.close_room(day, after(3), "room-1"))
    assert day.services("room-1") == ("doctor",)


def test_signing_in_twice_is_once_and_closing_the_room_signs_out() -> None:
    day = then(line(), *commands.sign_in(line(), after(1), "room-1", "ruiz"))
    assert commands.sign_in(day, after(2), "room-1", "ruiz") == []
    assert day.rooms_of("ruiz") == ("room-1",)
    day = then(day, *commands.close_room(day, after(3), "room-1"))
    assert day.rooms_of("ruiz") == ()
    again = commands.sign_in(day, after(4), "room-1", "okafor")
    assert again == [SignedIn(after(4), "room-1", "okafor"), RoomOpened(after(4), "room-1")]


def test_only_somebody_of_the_set_up_signs_in_to_a_room_of_the_set_up() -> None:
    with refused("unknown_clinician"):
        commands.sign_in(line(), after(1), "room-1", "nobody")
    with refused("unknown_room"):
        commands.sign_in(line(), after(1), "room-9", "ruiz")
    with refused("unknown_service"):
        commands.sign_in(line(), after(1), "room-1", "ruiz", ["dentist"])


def test_somebody_is_bound_to_a_clinician_or_let_go() -> None:
    day = line(came("ana", 1))
    day = then(day, *commands.sign_in(day, after(2), "room-2", "ruiz"))
    (bound,) = commands.assign(day, after(3), "ana", "ruiz")
    assert bound == Assigned(after(3), "ana", "ruiz")
    day = then(day, bound)
    assert rooms_for(day, day.visits["ana"]) == ("room-2",)
    assert commands.assign(day, after(4), "ana", "ruiz") == []
    day = then(day, *commands.assign(day, after(4), "ana"))
    assert rooms_for(day, day.visits["ana"]) == ("room-1", "room-2")
    with refused("unknown_clinician"):
        commands.assign(day, after(5), "ana", "nobody")


def test_who_is_called_already_is_not_bound_any_more() -> None:
    day = line(came("ana", 1), called("ana", 2))
    with refused("wrong_status", ticket="A 01", status="called"):
        commands.assign(day, after(3), "ana", "ruiz")


def test_whoever_has_people_booked_is_proposed_where_they_worked_last() -> None:
    before = [("room-2", "ruiz"), ("room-1", "okafor"), ("room-1", "ruiz"), ("room-9", "okafor")]
    assert usual_rooms(STAFFED, before, {"ruiz": 3}) == {"room-1": "ruiz"}
    assert usual_rooms(STAFFED, before, {"ruiz": 3, "okafor": 5}) == {"room-1": "okafor", "room-2": "ruiz"}
    assert usual_rooms(STAFFED, [], {"lee": 1}) == {"room-2": "lee"}
    assert usual_rooms(STAFFED, [("room-3", "lee")], {}) == {"room-3": "lee"}
    assert usual_rooms(STAFFED, [("room-3", "gone")], {}) == {}


def test_a_new_name_joins_the_set_up_once(desk: Desk) -> None:
    found = desk.clinician("Dr Ruiz")
    assert desk.clinician("DR RUIZ") == found
    assert [one.name for one in desk.line.setup.clinicians] == ["Dr Ruiz"]


def test_nobody_is_taken_from_the_set_up_who_is_needed_today(desk: Desk) -> None:
    ruiz, okafor = desk.clinician("Dr Ruiz"), desk.clinician("Dr Okafor")
    desk.do(commands.sign_in, by="test", room="room-1", clinician=ruiz)
    desk.do(commands.book, by="test", visit="ana", service="doctor", booked=after(30), clinician=okafor)
    for name in ("Dr Ruiz", "Dr Okafor"):
        kept = tuple(one for one in desk.line.setup.clinicians if one.name != name)
        with refused("clinician_in_use", clinician=name):
            desk.set_up(replace(desk.line.setup, clinicians=kept))
    desk.do(commands.close_room, by="test", room="room-1")
    desk.set_up(replace(desk.line.setup, clinicians=desk.line.setup.clinicians[1:]))
    assert [one.name for one in desk.line.setup.clinicians] == ["Dr Okafor"]


def test_who_signed_in_last_is_proposed_the_next_day(desk: Desk) -> None:
    ruiz = desk.clinician("Dr Ruiz")
    desk.do(commands.sign_in, by="test", room="room-2", clinician=ruiz)
    desk.do(commands.close_day, by="test")
    assert desk.usual_rooms() == {"room-2": ruiz}
    desk.open_day("test", ("room-1", "room-2"), clinicians={"room-1": ruiz})
    assert desk.usual_rooms() == {"room-1": ruiz}
    assert desk.line.rooms_of(ruiz) == ("room-1",)


def test_a_booking_for_a_clinician_waits_while_they_are_nowhere() -> None:
    day = line(Booked(after(-9), "ana", "doctor", after(5), clinician="ruiz"))
    day = then(day, *commands.check_in(day, after(1), "ana"))
    assert waiting(day, "room-1") == []
    day = then(day, *commands.sign_in(day, after(2), "room-3", "ruiz"))
    assert [visit.id for visit in waiting(day, "room-3")] == ["ana"]
