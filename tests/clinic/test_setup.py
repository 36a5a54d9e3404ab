"""What a clinic can be set up as, and what is wrong with what it cannot."""

import json
from dataclasses import replace
from typing import Any

import pytest

from clinic.setup import LETTERS, TEMPLATES, Place, Service, Setup, from_dict, problems, to_dict
from tests.clinic.given import SETUP


def wrong(**changes: Any) -> list[tuple[str, str]]:
    return [(problem.where, problem.code) for problem in problems(replace(SETUP, **changes))]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_starting_template_can_be_used_as_it_is(name: str) -> None:
    assert problems(TEMPLATES[name]) == []


@pytest.mark.parametrize("setup", [SETUP, Setup(), *TEMPLATES.values()])
def test_a_setup_survives_being_kept_as_json(setup: Setup) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(setup)))) == setup


def test_a_setup_kept_by_a_newer_version_is_read_without_what_this_one_does_not_know() -> None:
    kept = to_dict(SETUP)
    kept["fish_tank"] = True
    kept["services"] = [{**service, "colour": "red"} for service in kept["services"]]
    kept["rooms"] = [{**room, "floor": 2} for room in kept["rooms"]]

    assert from_dict(kept) == SETUP


def test_a_clinic_needs_a_name_a_service_and_a_room() -> None:
    assert wrong(name="") == [("name", "name_missing")]
    assert wrong(rooms=()) == [("rooms", "rooms_missing")]
    assert ("services", "services_missing") in wrong(services=(), rooms=(Place("room-1", "Room 1", ()),))


@pytest.mark.parametrize("letter", ["B", "a", "", "AH", "1"])
def test_a_service_has_one_of_the_letters_that_are_easy_to_tell_apart(letter: str) -> None:
    doctor, nurse = SETUP.services

    assert wrong(services=(replace(doctor, letter=letter), nurse)) == [("letter-doctor", "letter_unknown")]


def test_two_services_do_not_share_a_letter() -> None:
    doctor, nurse = SETUP.services

    assert wrong(services=(doctor, replace(nurse, letter="A"))) == [
        ("letter-doctor", "letter_twice"), ("letter-nurse", "letter_twice"),
    ]  # fmt: skip


def test_there_are_as_many_services_as_letters_and_no_more() -> None:
    many = tuple(Service(f"s{n}", LETTERS[n % len(LETTERS)], f"S{n}", 10) for n in range(len(LETTERS) + 1))
    room = Place("room-1", "Room 1", tuple(service.id for service in many))

    assert wrong(services=many[:-1], rooms=(room,)) == []
    assert ("services", "too_many_services") in wrong(services=many, rooms=(room,))


@pytest.mark.parametrize("minutes", [0, 0.5, 481, -3, float("nan")])
def test_a_visit_takes_from_one_minute_to_eight_hours(minutes: float) -> None:
    doctor, nurse = SETUP.services

    assert wrong(services=(replace(doctor, minutes=minutes), nurse)) == [("minutes-doctor", "minutes_wrong")]


def test_every_service_has_a_room() -> None:
    assert wrong(rooms=SETUP.rooms[:1]) == [("service-nurse", "service_without_room")]


def test_two_rooms_do_not_share_a_name() -> None:
    rooms = (SETUP.rooms[0], replace(SETUP.rooms[1], name="ROOM 1"), SETUP.rooms[2])

    assert wrong(rooms=rooms) == [("room-room-1", "room_twice"), ("room-room-2", "room_twice")]


def test_two_services_or_two_rooms_do_not_share_an_id() -> None:
    doctor, nurse = SETUP.services

    assert ("rooms", "id_twice") in wrong(services=(doctor, replace(nurse, id="doctor")))
    assert ("rooms", "id_twice") in wrong(rooms=(*SETUP.rooms, replace(SETUP.rooms[0], name="Room 4")))


def test_a_service_is_called_by_its_name_in_each_language() -> None:
    doctor = replace(SETUP.services[0], names={"es": "Médico", "ar": ""})

    assert [doctor.called(language) for language in ("en", "es", "ar")] == ["Doctor", "Médico", "Doctor"]
    assert from_dict(json.loads(json.dumps(to_dict(replace(SETUP, services=(doctor,)))))).services == (doctor,)


def test_people_wait_together_for_rooms_that_serve_both() -> None:
    assert SETUP.neighbours("doctor") == {"doctor", "nurse"}
    assert replace(SETUP, rooms=SETUP.rooms[::2]).neighbours("doctor") == {"doctor"}
    assert SETUP.neighbours("dentist") == {"dentist"}
