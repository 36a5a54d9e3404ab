"""Whatever is brought: never a crash, never a row unaccounted for, and what was written is what is read."""

import csv
import io
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from clinic.lists import Unreadable
from clinic.lists.columns import FIELDS
from tests.clinic.lists.reading import MORNING, SETUP, found

PIECES = [
    b"BEGIN:VCALENDAR\n", b"BEGIN:VEVENT\n", b"END:VEVENT\n", b"DTSTART:20261124T102000\n", b"DTSTART;TZID=X:",
    b"RRULE:",
    b"BEGIN:VTIMEZONE\nTZID:X\n", b"END:VTIMEZONE\n", b"DURATION:P", b"ORGANIZER;CN=:", b"CATEGORIES:a,b\n", b'"',
    b",", b";",
    b"\n", b"\r\n", b"id,start,service\n", b"2026-11-24 10:20", b"24/11/2026", b"doctor", b"=1", b"\x00", b"\xff\xfe",
    b"\xe9",
    b'{"resourceType":"Bundle","entry":[', b'{"resource":{"resourceType":"Appointment"}}', b"]}", b"\xef\xbb\xbf",
    b"\\ud800",
]  # fmt: skip


@settings(max_examples=400)
@for_all(
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=20).map(b"".join) | st.binary(max_size=300)
)
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    try:
        whole = found(data)
    except Unreadable:
        return
    assert len({row.appointment.id for row in whole.rows}) == len(whole.rows)


CELL = st.text(
    st.sampled_from("ab1,;|\"'\t\n =+-@/:.é٢王") | st.characters(exclude_categories=["Cs", "Cc"]), max_size=12
)


@settings(max_examples=200)
@for_all(
    rows=st.lists(st.lists(CELL, min_size=5, max_size=5), max_size=8),
    fields=st.permutations(FIELDS).map(lambda fields: fields[:5]),
    delimiter=st.sampled_from(",;\t|"),
)
def test_every_row_that_is_not_blank_is_taken_or_refused_once(
    rows: list[list[str]], fields: list[str], delimiter: str
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    # Five headers that are all known stand above whatever the rows may say.
    names = {"day": "day of birth", "month": "month of birth", "year": "year of birth", "patient": "patient id"}
    writer.writerow([names.get(field, field) for field in fields])
    lines = []
    for cells in rows:
        line = written.getvalue().count("\n") + 1
        writer.writerow(cells)
        if any(cell.strip() for cell in cells):
            lines.append(line)

    whole = found(written.getvalue())

    assert sorted([row.line for row in whole.rows] + [remark.line for remark in whole.refused]) == lines


NAME = st.from_regex(r"[A-ZÉÑ][a-zéñü]{2,8}", fullmatch=True)
PEOPLE = st.lists(st.tuples(NAME, NAME, st.dates(min_value=date(1930, 1, 1), max_value=date(2020, 1, 1)),
                            st.integers(0, 400 * 24 * 60)), min_size=1, max_size=6)  # fmt: skip
ORDERS = {"year-first": "%Y-%m-%d", "day-first": "%d.%m.%Y", "month-first": "%m/%d/%Y"}


@settings(max_examples=150)
@for_all(
    people=PEOPLE, delimiter=st.sampled_from(",;\t|"), order=st.sampled_from(sorted(ORDERS)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "windows-1252"]),
)  # fmt: skip
def test_what_was_written_is_what_is_read(
    people: list[tuple[str, str, date, int]], delimiter: str, order: str, encoding: str
) -> None:
    zone = ZoneInfo(SETUP.timezone)
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(["id", "date", "time", "service", "first name", "last name", "date of birth", "minutes"])
    expected = []
    for number, (given, family, born, minutes) in enumerate(people):
        start = MORNING + timedelta(minutes=minutes % (300 * 24 * 60))
        local = start.astimezone(zone)
        # The hour that there is twice in autumn cannot be told apart in writing.
        if local.replace(fold=1).astimezone(UTC) != start.astimezone(UTC):
            local, start = local + timedelta(hours=3), start + timedelta(hours=3)
        day = ORDERS[order]
        writer.writerow(
            [f"n{number}", local.strftime(day), f"{local:%H:%M}", "doctor", given, family, born.strftime(day), 15]
        )
        expected.append((f"n{number}", start, f"{given} {family}", (born.day, born.month), born.year, 15))

    whole = found(written.getvalue().encode(encoding), order=order)

    assert (whole.refused, whole.kept) == ((), ())
    read = [row.appointment for row in whole.rows]
    assert [(one.id, one.start, one.name, one.birthday, one.year, one.minutes) for one in read] == expected
