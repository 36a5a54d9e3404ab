"""CSV as it comes: delimiters, encodings, quotes, titles, headers that staff match by hand, and what is no list."""

import gzip
import io
import zipfile

import pytest

from clinic.lists import FIELDS, LARGEST, MOST_ROWS
from clinic.lists.columns import HEADERS, KNOWN, plain
from tests.clinic.lists.reading import by_line, found, found_in, one, refusals, row, unreadable, why

HEAD = "id,start,service,name\n"
ANA = "1,2026-11-24 10:20,doctor,Ana Lopez\n"


def packed(name: str) -> bytes:
    """An archive with a file of this name in it, that would be a gigabyte unpacked."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"0" * 1_000_000)
    return data.getvalue()


@pytest.mark.parametrize(("data", "code"), [
    (b"", "list_empty"), (b" \r\n\t\n", "list_empty"), (b"\xef\xbb\xbf", "list_empty"),
    (b"x" * (LARGEST + 1), "list_too_large"), (b",\n" * 1_000_001, "list_too_large"),
    (packed("xl/workbook.xml"), "list_is_sheet"), (packed("list.csv"), "list_is_packed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "list_is_sheet"), (gzip.compress(b"x"), "list_is_packed"),
    (b"%PDF-1.7", "list_is_pdf"),
    (b"<!DOCTYPE html><table>", "list_is_page"), (b"  <html>", "list_is_page"),
    (b"<?xml version='1.0'?>", "list_is_xml"),
    (b"\x89PNG\r\n\x1a\n\0\0\0", "list_not_text"), (b"id,start\n\x07", "list_not_text"),
    (b"\xff\xfea", "list_not_text"),
    (b"\xff\xfe\x00\xd8", "list_not_text"), (b"\xef\xbb\xbf\xff", "list_letters_broken"),
    (b"\x81\x8d", "list_not_text"),
    ("Müller,Größe,Ünal".encode() + b"\xfc", "list_letters_broken"),
    (b"[1, 2]", "list_no_bundle"), (b"{", "list_json_broken"), (b"[" * 100_000, "list_json_broken"),
    (b'{"resourceType": "Bundle", "total": NaN}', "list_json_broken"),
    (b'{"resourceType": "Patient"}', "list_no_bundle"),
    (b'{"resourceType": "Bundle", "total": ' + b"9" * 5000 + b"}", "list_json_broken"),
], ids=range(26))  # fmt: skip
def test_a_file_that_is_no_list_is_refused_with_a_sentence_of_its_own(data: bytes, code: str) -> None:
    assert unreadable(data) == code


def test_a_list_of_more_rows_than_a_clinic_has_is_refused_in_each_format() -> None:
    assert unreadable(HEAD + ANA * (MOST_ROWS + 1)) == "list_too_long"
    assert unreadable("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * (MOST_ROWS + 1)) == "list_too_long"
    entries = ",".join(['{"resource": {"resourceType": "Appointment"}}'] * (MOST_ROWS + 1))
    assert unreadable('{"resourceType": "Bundle", "entry": [' + entries + "]}") == "list_too_long"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_read_in_each_encoding_with_each_delimiter_and_end_of_line(
    encoding: str, delimiter: str, end: str
) -> None:
    text = (HEAD + '1,2026-11-24 10:20,doctor,"Zoë Nuñez"\n').replace(",", delimiter).replace("\n", end)
    assert one(text.encode(encoding)).name == "Zoë Nuñez"


def test_a_sheet_may_say_which_delimiter_it_uses() -> None:
    assert one("sep=;\n" + (HEAD + ANA).replace(",", ";")).name == "Ana Lopez"


def test_titles_and_blank_lines_may_stand_anywhere() -> None:
    whole = found("Appointments of Hill Practice\n\nPrinted, 2026-11-24\n" + HEAD + "\n,,,\n" + ANA + "\n\n" + ANA)
    assert list(by_line(whole)) == [7]
    assert refusals(whole) == [(10, "id", "list_id_twice")]


def test_rows_are_counted_as_an_editor_counts_lines_also_after_a_cell_of_several() -> None:
    whole = found(HEAD + '1,2026-11-24 10:20,doctor,"Ana\nLopez"\n2,2026-11-24 10:30,doctor,Bo\n3,,,\n')
    assert list(by_line(whole)) == [2, 4]
    assert by_line(whole)[2].name == "Ana Lopez"
    assert refusals(whole) == [(5, "start", "list_date_missing")]


def test_a_quote_that_never_ends_spoils_its_own_row_only() -> None:
    whole = found(HEAD + '1,2026-11-24 10:20,doctor,"Ana\n' + ANA * 30)
    assert refusals(whole)[0] == (2, "", "list_row_broken")
    assert list(by_line(whole)) == [3]
    assert by_line(found(HEAD + '1,2026-11-24 10:20,doctor,5" Ana\n'))[2].name == '5" Ana'


def test_a_row_with_more_cells_than_headers_is_refused_since_nobody_knows_which_is_which() -> None:
    assert why(HEAD + "1,2026-11-24 10:20,doctor,Lopez, Ana\n") == (
        "", "list_row_longer", {"cells": 5, "headers": 4}
    )  # fmt: skip
    assert one(HEAD + "1,2026-11-24 10:20,doctor,Ana,,,\n").name == "Ana"


def test_a_list_whose_headers_nobody_knows_shows_them_and_refuses_its_rows() -> None:
    whole = found("kto,kiedy,co\nAna,2026-11-24 10:20,Doctor\n")
    assert (whole.headers, dict(whole.columns), whole.rows) == (("kto", "kiedy", "co"), {}, ())
    assert refusals(whole) == [(2, "start", "list_date_missing")]


def test_staff_match_by_hand_what_is_not_known_and_are_right() -> None:
    columns = {"name": "kto", "start": "Kiedy ", "service": "co"}
    whole = found("kto,kiedy,co\nAna,2026-11-24 10:20,Doctor\n", columns=columns)
    assert dict(whole.columns) == {"start": "kiedy", "service": "co", "name": "kto"}
    assert whole.rows[0].appointment.name == "Ana"

    text = "id,start,service,name,display\n1,2026-11-24 10:20,doctor,Internal,Ana\n"
    assert one(text, columns={"name": "display"}).name == "Ana"
    assert one(text, columns={"name": ""}).name == ""
    assert one(text, columns={"clinician": "name", "name": "display"}).clinician == "Internal"


@pytest.mark.parametrize(("header", "field"), [
    ("Appt ID", "id"), ("APPOINTMENT_DATE", "date"), ("StartTime", "time"), ("Terminbeginn", "start"), ("DOB", "birth"),
    ("Geburtsdatum", "birth"), ("Provider", "clinician"), ("Fecha de nacimiento", "birth"), ("الاسم", "name"),
    ("Prénom", "given"), ("Nom de famille", "family"), ("Sobrenome", "family"), ("Data de nascimento", "birth"),
    ("Duración (min)", "minutes"), ("Heure de début", "time"), ("Sprache", "language"), ("Nº cita", "id"),
    ("Preferred Language:", "language"), ("تاريخ الميلاد", "birth"), ("Straße", None), ("Reason", None),
    ("Notes", None),
])  # fmt: skip
def test_headers_are_known_as_real_systems_write_them(header: str, field: str | None) -> None:
    assert KNOWN.get(plain(header), (None, 0))[0] == field


def test_no_header_means_two_things() -> None:
    names = [plain(name) for names in HEADERS.values() for name in names.split(";")]
    for name in names:
        fields = {field for field, words in HEADERS.items() if name in map(plain, words.split(";"))}
        assert len(fields) == 1, name
    assert set(FIELDS) >= {
        "id",
        "start",
        "date",
        "time",
        "service",
        "room",
        "place",
        "name",
        "birth",
        "code",
        "patient",
    }


def test_of_two_headers_for_one_thing_the_more_telling_is_read() -> None:
    text = "id,date,appointment date,time,service\n1,2020-01-01,2026-11-24,10:20,doctor\n"
    assert one(text).start.day == 24


def test_an_empty_day_is_a_list_too() -> None:
    whole = found(HEAD)
    assert (whole.rows, whole.refused, whole.headers) == ((), (), ("id", "start", "service", "name"))
    assert found("BEGIN:VCALENDAR\nEND:VCALENDAR").rows == found('{"resourceType": "Bundle"}').rows == ()


def test_others_are_answered_while_a_long_list_is_read() -> None:
    breaths = []
    found(HEAD + "".join(f"{n},2026-11-24 10:20,doctor,Ana\n" for n in range(1000)), breathe=lambda: breaths.append(1))
    assert len(breaths) >= 20
    before = len(breaths)
    event = "BEGIN:VEVENT\nUID:{}\nDTSTART:20261124T102000\nEND:VEVENT\n"
    text = "BEGIN:VCALENDAR\n" + "".join(map(event.format, range(1000)))
    found(text, breathe=lambda: breaths.append(1))
    assert len(breaths) - before >= 20


def test_a_list_read_twice_comes_to_the_same() -> None:
    assert found_in("practice.csv") == found_in("practice.csv")
    assert one(row()).id == "1"
