"""Files that are no lists, or that are made to hurt: refused with a sentence, quickly, and nothing of them is kept.

TRUST A28. Bodies of 100 MB and such without an end are in tests/staff/test_uploads.py.
"""

import csv
import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from clinic.lists import LARGEST
from tests.faces import Practice, say, shown
from tests.hostile import NAMES
from tests.staff.lists import BROWSER, HEAD, as_list, row

QUICK = 2.0
"""Seconds within which even the worst file is answered (TRUST section 2)."""


def workbook(bytes_inside: int) -> bytes:
    """A workbook that would swell to so many bytes if anybody unpacked it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * bytes_inside)
    return packed.getvalue()


def sends(practice: Practice, data: bytes) -> dict[str, Any]:
    """A program sends this list; what it is answered."""
    answer = practice.client.post("/staff/appointments", data=data, content_type="application/octet-stream")
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def events(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""]).encode()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned=1"><script>window.pwned=1</script></svg>'
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
MAX = LARGEST - 1024
SHEET = "This is a workbook, not plain text. Save it as CSV and choose that file."
PACKED = "This file is packed. Unpack it and choose the list inside."
PLAIN = "This file is not plain text. Save the list as CSV and choose that file."
XML = "This list is XML. Export it as JSON or CSV and choose that file."
PAGE = "This is a web page, not a list. Save it as CSV and choose that file."
JSON = "Part of this JSON is missing or broken. Export it again and choose the new file."
BROKEN = "Some letters in this file are broken. Save it as CSV in UTF-8 and try again."
LONG = "This list is larger than %(limit)s MB. Export fewer days and try again."
HEADERS = "We find no headers in this list. Name its columns in the first row, %(limit)s at most, and try again."

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a workbook of 100 MB in 100 KB": (lambda: workbook(100_000_000), SHEET),
    "a packed list of 50 MB": (lambda: gzip.compress(b"0" * 50_000_000, 1), PACKED),
    "a picture with a script": (lambda: SVG, XML),
    "a picture that is a page too": (lambda: b"<!-- <svg> --><html><script>window.pwned=1</script>", XML),
    "a page": (lambda: b"<html><script>window.pwned=1</script></html>", PAGE),
    "entities in entities": (lambda: ENTITIES, XML),
    "a picture that is a script too": (lambda: b"GIF89a/*\x01\x00*/=1;//<script>window.pwned=1</script>", PLAIN),
    "a photo": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), PLAIN),
    "a program": (lambda: b"MZ\x90\x00" + bytes(1000), PLAIN),
    "nothing but NUL": (lambda: bytes(1000), PLAIN),
    "half of UTF-16": (lambda: "id,date\r\n1,x".encode("utf-16-le") + b"\0", PLAIN),
    "UTF-32 without a mark": (lambda: "id,date\r\n1,2".encode("utf-32-le"), PLAIN),
    "a lone surrogate": (lambda: b"\xff\xfe\x00\xd8,\x00", PLAIN),
    "UTF-8 with a broken letter": (lambda: as_list(row(1, name="José Núñez")) + b"2,\xff\r\n", BROKEN),
    "JSON in JSON in JSON": (lambda: b"[" * 1_000_000, JSON),
    "objects in objects": (lambda: b'{"a":' * 1_000_000, JSON),
    "a number of a million digits": (lambda: b'[{"id":' + b"9" * 1_000_000 + b"}]", JSON),
    "a million events in each other": (lambda: events(*["BEGIN:VEVENT"] * 1_000_001), LONG),
    "millions of columns": (lambda: b"a," * (MAX // 2), HEADERS),
    "millions of columns of any kind": (lambda: b",;\t|" * (MAX // 4), HEADERS),
    "a line of blanks": (lambda: b"\t" * MAX + b"a", HEADERS),
    "a quote that never ends": (lambda: b'"' * MAX, HEADERS),
    "more columns than anybody reads": (lambda: b",".join(b"column %d" % n for n in range(201)), HEADERS),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_list_is_refused_with_a_sentence_and_at_once(practice: Practice, what: str) -> None:
    make, sentence = REFUSED[what]
    data, began = make(), time.process_time()
    answer = practice.client.post("/staff/appointments", data=data, content_type="text/csv", headers=BROWSER)
    took = time.process_time() - began
    assert answer.status_code == 422
    assert say(sentence, limit=16 if sentence is LONG else 200) in shown(answer.text)
    assert took < QUICK
    assert practice.desk.bookings() == []


REPEATING = {
    "every second for ever": "RRULE:FREQ=SECONDLY",
    "every year for ever": "RRULE:FREQ=YEARLY",
    "on thousands of days": "RDATE:" + ",".join(["20261123T100000Z"] * 40_000),
}


@pytest.mark.parametrize("how", REPEATING)
def test_what_repeats_is_refused_and_never_counted_through(practice: Practice, how: str) -> None:
    event = ["BEGIN:VEVENT", "UID:1", "DTSTART:20261123T100000Z", REPEATING[how], "SUMMARY:Ana", "END:VEVENT"]
    began = time.process_time()
    said = sends(practice, events(*event * 20))
    assert time.process_time() - began < QUICK
    assert (said["added"], len(said["refused"])) == (0, 20)
    assert {one["message"] for one in said["refused"]} == {"This one repeats. Add each day as one of its own."}


def test_a_zone_that_changes_for_ever_is_no_zone(practice: Practice) -> None:
    zone = ["BEGIN:VTIMEZONE", "TZID:X", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0100", "RRULE:FREQ=SECONDLY", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
    event = ["BEGIN:VEVENT", "UID:1", "DTSTART;TZID=X:20261123T100000", "SUMMARY:Ana", "END:VEVENT"]
    (refused,) = sends(practice, events(*zone, *event))["refused"]
    assert refused["message"] == 'We don\'t know the time zone "X". Write the time in your own zone.'


def test_only_so_many_names_of_parts_are_looked_at(practice: Practice) -> None:
    rows = [{f"k{n}-{part}": 1 for part in range(20)} for n in range(5000)]
    said = sends(practice, json.dumps(rows).encode())
    assert (said["added"], len(said["refused"])) == (0, 5000)


FORMULAS = [name for name in NAMES if name.strip()[0] in "=+-@"]


def test_a_row_that_a_sheet_would_run_is_refused(practice: Practice) -> None:
    """TRUST A4."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(HEAD.split(","))
    sheet.writerows([n, "2026-11-23", "10:20", 15, "Doctor", "", name] for n, name in enumerate(FORMULAS))
    said = sends(practice, text.getvalue().encode())
    assert len(FORMULAS) > 5
    assert (said["added"], len(said["refused"])) == (0, len(FORMULAS))


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_list_in_any_of_the_usual_encodings_names_people_rightly(practice: Practice, encoding: str) -> None:
    sends(practice, as_list(row(1, name="José Núñez")).decode().encode(encoding))
    assert [one.name for one in practice.desk.bookings()] == ["José Núñez"]
