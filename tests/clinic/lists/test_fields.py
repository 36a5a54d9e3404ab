"""What the cells of a row come to: services, rooms, places, languages, needs, codes, and what a row may not hold."""

import json
from dataclasses import replace

import pytest

from clinic.setup import TEMPLATES
from tests.clinic.lists.reading import SETUP, found, left_out, one, refusals, row, why, without


@pytest.mark.parametrize("written", ["doctor", "Doctor", "DOCTOR", "Médico", "الطبيب", "Sprechstunde", "  doctor "])
def test_a_service_is_known_by_its_id_and_each_of_its_names(written: str) -> None:
    assert one(row(service=written)).service == "doctor"


def test_an_unknown_service_is_refused_with_those_that_there_are() -> None:
    assert why(row(service="Acupuncture")) == (
        "service", "list_service_unknown", {"service": "Acupuncture", "known": "Doctor, Nurse, Office Visit"},
    )  # fmt: skip
    assert why(row(service=""))[1] == "list_service_missing"


def test_staff_may_say_which_service_rows_have_that_name_none_we_know() -> None:
    assert one(row(service="Acupuncture"), service="nurse").service == "nurse"
    assert one(row(service=""), service="nurse").service == "nurse"
    assert one(row(service="doctor"), service="nurse").service == "doctor"
    assert why(row(service="Acupuncture"), service="gone")[1] == "list_service_unknown"


def test_where_there_is_one_service_only_a_row_need_not_name_it() -> None:
    whole = found(row(service=""), setup=TEMPLATES["blood-tests"])
    assert [row.appointment.service for row in whole.rows] == ["blood-test"]


def test_a_room_is_known_by_name_and_an_unknown_one_or_one_for_other_services_left_out() -> None:
    assert one(row(room="zimmer 2", service="nurse")).room == "room-2"
    assert one(row(room="room-3")).room == "room-3"
    assert without(row(room="Attic"))[1] == [("room", "list_room_unknown")]
    person, left = without(row(room="Zimmer 2"))
    assert (person.room, left) == (None, [("room", "list_room_other")])


@pytest.mark.parametrize("place", ["", "Hill Practice", "HILL PRACTICE", "Hill Practice Main Site"])
def test_a_place_by_our_name_is_here(place: str) -> None:
    assert one(row(place=place)).place == ""


def test_a_location_that_is_a_room_of_ours_is_that_room() -> None:
    person = one(row(location="Room 1"))
    assert (person.room, person.place) == ("room-1", "")


def several(*places: str) -> str:
    """A list with a row for each of these places."""
    rows = (f"{n},2026-11-24 10:20,doctor,{place}\n" for n, place in enumerate(places))
    return "id,start,service,site\n" + "".join(rows)


def test_a_list_that_knows_one_place_only_is_that_place_s_own() -> None:
    unnamed = replace(SETUP, also_called=())
    whole = found(several("North", "North"), setup=unnamed)
    assert [row.appointment.place for row in whole.rows] == ["", ""]
    assert whole.places == {"North": 2}


def test_a_list_of_another_place_only_stays_there_once_this_place_has_been_named() -> None:
    whole = found(several("North", "North"), setup=replace(SETUP, also_called=("Hill House",)))
    assert [row.appointment.place for row in whole.rows] == ["North", "North"]


def test_where_a_list_names_several_places_staff_say_which_are_here() -> None:
    whole = found(several("North", "South", "", "North"))
    assert [row.appointment.place for row in whole.rows] == ["North", "South", "", "North"]
    assert whole.places == {"North": 2, "South": 1}
    whole = found(several("North", "South", "", "North"), here=frozenset({"North"}))
    assert [row.appointment.place for row in whole.rows] == ["", "South", "", ""]
    whole = found(several("North", "North"), here=frozenset())
    assert [row.appointment.place for row in whole.rows] == ["North", "North"]


@pytest.mark.parametrize(("written", "code"), [
    ("es", "es"), ("es-MX", "es"), ("ES_es", "es"), ("spa", "es"), ("Spanish", "es"), ("español", "es"),
    ("Spanisch", "es"),
    ("العربية", "ar"), ("Arabic (Egypt)", "ar"), ("", None), ("unknown", None), ("und", None),
])  # fmt: skip
def test_a_language_of_ours_is_known_by_code_and_name(written: str, code: str | None) -> None:
    person = one(row(language=written))
    assert (person.language, person.needs) == (code, ())


@pytest.mark.parametrize("written", ["Polish", "pl", "Klingon", "zh-Hant"])
def test_who_speaks_a_language_that_we_do_not_needs_an_interpreter(written: str) -> None:
    person, left = without(row(language=written))
    assert (person.language, person.needs, left) == (None, ("interpreter",), [("language", "list_language_other")])


def test_needs_are_words_of_our_list_and_nothing_else_is_kept() -> None:
    assert one(row(needs="Wheelchair; quiet room")).needs == ("quiet", "wheelchair")
    assert one(row(needs="Rollstuhl, Dolmetscher")).needs == ("interpreter", "wheelchair")
    whole = found(row(needs="wheelchair, hard of hearing, HIV"))
    assert whole.rows[0].appointment.needs == ("wheelchair",)
    assert left_out(whole) == [(2, "needs", "list_needs_unknown")]
    assert "HIV" not in repr(whole)


def test_a_code_is_letters_and_digits_and_hard_to_guess() -> None:
    assert one(row(code="klmn-pqrs 77")).code == "KLMNPQRS77"
    for easy in ("1234567", "klmn-pqr", "klmn_pqrs_77"):
        person, left = without(row(code=easy))
        assert (person.code, left) == (None, [("code", "list_code_easy")])


def test_a_code_opens_one_appointment_only() -> None:
    whole = found("id,start,service,code\n1,2026-11-24 10:20,doctor,KLMNPQRS\n2,2026-11-24 10:30,doctor,klmn-pqrs\n")
    assert [row.appointment.code for row in whole.rows] == ["KLMNPQRS", None]
    assert left_out(whole) == [(3, "code", "list_code_twice")]
    assert whole.kept[0].params == {"first": 2}


@pytest.mark.parametrize("state", ["Cancelled", "CANCELED", "abgesagt", "Cancelado", "anulado", "ملغى", "No-show"])
def test_a_cancelled_row_needs_only_its_id(state: str) -> None:
    person = one(f"id,status,service\n7,{state},Acupuncture\n")
    assert (person.id, person.cancelled, person.service) == ("7", True, "")
    assert one(f"id,date,time,status\n7,2026-11-25,10:20,{state}\n").start.day == 25


def test_a_cancelled_row_without_an_id_is_known_by_day_birthday_and_name() -> None:
    booked = "date,time,name,birth,service,status\n2026-11-25,10:20,Ana Lopez,27/03/1984,doctor,\n"
    cancelled = booked.replace("doctor,", "doctor,cancelled").replace("10:20", "")
    assert one(booked).id == one(booked.replace("doctor,", "doctor,cancelled")).id
    assert refusals(found(cancelled)) == [(2, "time", "list_time_missing")]


def test_who_is_on_a_waiting_list_is_not_booked() -> None:
    assert why(row(status="Waitlist"))[1] == "list_not_booked"


def test_without_ids_the_same_people_get_the_same_ids_again() -> None:
    text = "start,service,name,birth\n" + "".join(
        f"2026-11-24 {time},{service},Ana Lopez,27/03/1984\n"
        for time, service in (("10:20", "doctor"), ("11:20", "nurse"))
    )
    ids = [row.appointment.id for row in found(text).rows]
    assert ids[1] == f"{ids[0]}#2"
    moved = found(text.replace("10:20", "10:40").replace("Ana Lopez", "ANA LOPEZ"))
    assert [row.appointment.id for row in moved.rows] == ids
    assert found(text.replace("27/03", "28/03")).rows[0].appointment.id != ids[0]
    assert "Ana" not in "".join(ids)


def test_two_unknown_people_at_different_times_are_two() -> None:
    ids = [row.appointment.id for row in found(several("", "")).rows]
    assert len(set(ids)) == 2
    text = "start,service\n2026-11-24 10:20,doctor\n2026-11-24 10:40,doctor\n"
    assert not any("#" in row.appointment.id for row in found(text).rows)


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd", "-cmd|x", "\t=1", "  =1", '="=1"', "\n=1"])
def test_a_cell_that_a_sheet_would_run_refuses_its_row(cell: str) -> None:
    assert why(row(name=cell)) == ("name", "looks_like_formula", {"column": "name"})


def test_a_name_that_turned_round_would_be_run_is_refused() -> None:
    assert why(row(name="Lopez, =1+1"))[1] == "looks_like_formula"


@pytest.mark.parametrize(("field", "cell", "kept"), [
    ("id", '="0012"', "0012"), ("id", "-5", "-5"), ("name", "Null", "Null"), ("name", "-", ""),
    ("clinician", "N/A", ""),
    ("name", "Ana\x0b\u202eLopez", "AnaLopez"), ("name", "Ana\u00a0 Lopez", "Ana Lopez"), ("name", "José", "José"),
])  # fmt: skip
def test_a_cell_is_kept_as_it_was_meant(field: str, cell: str, kept: str) -> None:
    assert getattr(one(row(**{field: cell}).replace("\x0b", "")), field) == kept


def test_a_cell_that_is_far_too_long_refuses_its_row_and_a_long_name_is_left_out() -> None:
    assert why(row(name="x" * 501)) == ("name", "list_cell_too_long", {"column": "name", "limit": 500})
    assert without(row(name="x" * 81))[1] == [("name", "list_name_long")]
    assert without(row(clinician="x" * 81))[1] == [("clinician", "list_name_long")]
    assert one(row(notes="x" * 5000)).id == "1"


def test_the_letter_column_counts_alone() -> None:
    assert one(row(letter="é", name="Ana Lopez")).letters == "E"
    assert one(row(letter="", name="Ana Lopez")).letters == "L"


def test_remarks_hold_plain_values_only() -> None:
    whole = found(several("North") + "x\n" + row(service="x", room="y").split("\n", 1)[1])
    for remark in (*whole.refused, *whole.kept):
        assert json.loads(json.dumps(dict(remark.params))) == remark.params
