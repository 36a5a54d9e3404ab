"""Lists as real systems export them: what is taken, what is refused, line by line."""

from datetime import UTC, datetime

from tests.clinic.lists.reading import by_line, found_in, left_out, refusals


def at(hour: int, minute: int) -> datetime:
    """That morning's time in Madrid, in November an hour before UTC."""
    return datetime(2026, 11, 24, hour - 1, minute, tzinfo=UTC)


def test_a_german_practice_exports_with_semicolons_in_windows_1252_below_a_title() -> None:
    whole = found_in("praxis.csv")

    assert (whole.kind, whole.order, whole.ambiguous) == ("csv", "day-first", False)
    assert whole.columns["birth"] == "Geb.-Datum"
    rows = by_line(whole)
    assert list(rows) == [5, 6, 7, 8]
    first = rows[5]
    assert (first.id, first.start, first.minutes, first.service) == ("4711", at(8, 15), 15, "doctor")
    assert (first.name, first.birthday, first.year, first.letters) == ("Jürgen Müller", (27, 3), 1958, "M")
    assert (first.clinician, first.place) == ("Dr. Größ", "")
    assert (rows[6].name, rows[6].letters, rows[6].room) == ("Änne von der Heide", "VH", "room-2")
    assert (rows[8].cancelled, rows[8].name, rows[8].birthday, rows[8].start) == (True, "", None, at(9, 0))
    assert refusals(whole) == [
        (9, "time", "list_time_missing"), (11, "start", "past_day"), (12, "service", "list_service_unknown"),
    ]  # fmt: skip
    assert left_out(whole) == [
        (5, "room", "list_room_unknown"), (7, "birth", "list_birth_unreadable"), (7, "room", "list_room_unknown"),
    ]  # fmt: skip


def test_a_practice_in_the_us_exports_month_first_with_am_and_pm() -> None:
    whole = found_in("practice.csv")

    assert (whole.order, whole.places) == ("month-first", {"Hill Practice": 3, "North Branch": 1})
    rows = by_line(whole)
    assert list(rows) == [2, 3, 4, 5, 9]
    first = rows[2]
    assert (first.start, first.minutes, first.service, first.person) == (at(9, 5), 15, "office-visit", "551")
    assert (first.name, first.letters, first.birthday, first.language) == ("Maria Lopez", "L", (27, 3), "es")
    assert (rows[3].start, rows[3].birthday, rows[3].letters) == (at(12, 30), (5, 12), "ON")
    assert (rows[4].place, rows[4].year, rows[4].language) == ("North Branch", 1965, "en")
    assert rows[5].cancelled
    assert (rows[9].needs, rows[9].birthday) == (("interpreter",), (29, 2))
    assert refusals(whole) == [(6, "start", "list_date_order"), (7, "name", "looks_like_formula"),
                               (8, "id", "list_id_twice")]  # fmt: skip
    assert whole.refused[2].params == {"first": 2}
    assert left_out(whole) == [(9, "language", "list_language_other")]


def test_a_spanish_clinic_exports_in_utf_16_with_tabs_and_blank_lines() -> None:
    whole = found_in("citas.csv")

    rows = by_line(whole)
    assert list(rows) == [2, 4, 6, 7]
    assert (rows[2].id, rows[2].name, rows[2].letters) == ("1", "María José García Núñez", "G")
    assert (rows[4].name, rows[4].letters, rows[4].language) == ("Íñigo de la Cruz", "DC", "en")
    assert rows[4].needs == ("more_time", "wheelchair")
    assert (rows[6].letters, rows[6].needs) == ("N", ())
    assert rows[7].cancelled
    assert (whole.refused, left_out(whole)[-1]) == ((), (6, "needs", "list_needs_unknown"))


def test_what_is_clinical_in_a_list_is_neither_kept_nor_repeated() -> None:
    assert "embarazo" not in repr(found_in("citas.csv"))
    assert "bitte" not in repr(found_in("praxis.csv"))
    assert "not to be kept" not in repr(found_in("bundle.json"))
    assert "private" not in repr(found_in("calendar.ics"))


def test_a_sheet_saved_as_csv_keeps_the_zeros_of_its_ids_and_its_lines_are_counted_as_an_editor_does() -> None:
    whole = found_in("excel.csv")

    rows = by_line(whole)
    assert [(line, row.id) for line, row in rows.items()] == [(2, "0012"), (4, "0013"), (5, "0014")]
    assert (rows[2].birthday, rows[2].minutes, rows[2].code) == ((27, 3), 20, "KLMNPQRS77")
    assert (rows[4].birthday, rows[4].minutes, rows[4].letters, rows[4].code) == ((1, 12), 15, "VB", None)
    assert (rows[5].name, rows[5].letters, rows[5].birthday) == ("Li 王", "王", None)
    assert left_out(whole) == [(4, "code", "list_code_easy")]


def test_an_arabic_list_is_read_with_its_own_digits_and_halves_of_the_day() -> None:
    whole = found_in("mawaid.csv")

    rows = by_line(whole)
    assert (rows[2].start, rows[2].name, rows[2].letters, rows[2].language) == (at(9, 5), "محمد الأحمد", "ا", "ar")
    assert (rows[3].start, rows[3].birthday, rows[3].service) == (at(13, 30), (15, 10), "nurse")
    assert rows[4].cancelled
    assert (whole.refused, whole.kept) == ((), ())


def test_a_calendar_is_read_event_by_event() -> None:
    whole = found_in("calendar.ics")

    assert (whole.kind, whole.columns["birth"]) == ("ics", "Date of birth")
    rows = by_line(whole)
    assert list(rows) == [40, 60, 84, 93, 113]
    first = rows[40]
    assert (first.id, first.start) == ("7kukuqrfedlm2f9t9vq1@calendar.example", at(10, 20))
    assert (first.minutes, first.service, first.room, first.clinician) == (20, "doctor", "room-1", "Peña, Rosa")
    assert (first.birthday, first.language, first.needs) == ((27, 3), "es", ("quiet", "wheelchair"))
    assert first.code == "KLMNPQRS77"
    assert rows[60].cancelled
    assert (rows[84].name, rows[84].letters, rows[84].start) == ("Dana de la Rosa", "DR", at(12, 15))
    assert (rows[84].service, rows[84].birthday) == ("nurse", (29, 2))
    assert rows[93].start == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    assert (rows[93].place, rows[113].place) == ("", "North Branch, Mill Lane 3")
    assert refusals(whole) == [
        (68, "start", "list_repeating"), (77, "start", "list_all_day"), (101, "start", "list_zone_unknown"),
        (107, "", "list_event_broken"),
    ]  # fmt: skip


def test_a_bundle_of_fhir_r4_is_read_with_what_it_refers_to() -> None:
    whole = found_in("bundle.json")

    assert (whole.kind, whole.places) == ("fhir", {"North Branch": 1})
    rows = by_line(whole)
    assert list(rows) == [1, 2, 3, 5]
    first = rows[1]
    assert (first.id, first.start, first.minutes, first.service) == ("a1", at(10, 0), 15, "doctor")
    assert (first.name, first.letters, first.birthday, first.year) == ("Peter James Chalmers", "C", (25, 12), 1974)
    assert (first.language, first.room, first.clinician, first.person) == ("es", "room-1", "Dr Adam Careful", "p1")
    second = rows[2]
    assert (second.start, second.minutes, second.service, second.name) == (at(10, 30), 20, "nurse", "Donna Duck")
    assert (second.birthday, second.needs, second.clinician) == (None, ("interpreter",), "Dr Adam Careful")
    assert rows[3].cancelled
    assert (rows[5].name, rows[5].person, rows[5].place) == ("Ngozi Adeyemi", "", "North Branch")
    assert refusals(whole) == [(4, "status", "list_not_booked"), (6, "start", "list_date_missing")]
