"""Past days in a folder: good rows are used, bad ones are named, and a bad folder gets one clear sentence."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic.events import Booked, CheckedIn, Finished, Held, Left, Opened, Resumed, RoomPaused, Transferred, Undone
from clinic.minutes import clock
from clinic.past import BadFolder, from_log, read
from tests.clinic.days import CLINIC, HEAD, days, folder, row, stamp
from tests.clinic.given import NINE, SETUP, after, called, came, day, inside, numbered

GOOD = row("good", 540, 560, 570)
LINE = ",".join(GOOD[name] for name in HEAD)


def test_times_become_minutes_and_back(tmp_path: Path) -> None:
    visit = read(folder(tmp_path, [GOOD])).visits[0]

    assert visit.called is not None
    assert visit.arrived is not None
    assert visit.called - visit.arrived == 20
    assert clock(visit.arrived).isoformat() == GOOD["arrived_at"]


def test_visits_are_in_order_of_time_whatever_the_order_of_rows(tmp_path: Path) -> None:
    rows = days(2)

    assert read(folder(tmp_path / "a", rows)).visits == read(folder(tmp_path / "b", rows[::-1])).visits


BAD_ROWS = [
    ({"arrived_at": "yesterday"}, "arrived_at 'yesterday' is not a time; write it like"),
    ({"arrived_at": "2025-02-20"}, "is not a time"),
    ({"arrived_at": "20/02/2025 09:00"}, "is not a time"),
    ({"called_at": "2025-02-30T09:00:00"}, "is not a time"),
    ({"called_at": "2025-02-20T09:00:00Z"}, "names a time zone; write the clinic's local time"),
    ({"called_at": "2025-02-20T09:00:00+01:00"}, "names a time zone"),
    ({"arrived_at": "0001-01-01T09:00:00"}, "its year is not from 1980 to 2100"),
    ({"finished_at": "9999-12-31T23:59:59"}, "its year is not from 1980 to 2100"),
    ({"called_at": stamp(530)}, "called before they arrived"),
    ({"finished_at": stamp(550)}, "finished before they were called"),
    ({"left_at": stamp(550)}, "both called_at and left_at are set"),
    ({"called_at": "", "finished_at": "", "left_at": stamp(530)}, "left before they arrived"),
    ({"called_at": "", "finished_at": ""}, "neither called nor left"),
    ({"called_at": ""}, "neither called nor left"),
    ({"arrived_at": ""}, "called_at without arrived_at"),
    ({"arrived_at": "", "called_at": "", "finished_at": ""}, "neither an arrival nor an appointment"),
    ({"arrived_at": "", "called_at": "", "finished_at": "", "left_at": stamp(1)}, "left_at without arrived_at"),
    ({"called_at": stamp(2000), "finished_at": ""}, "waited more than a day"),
    ({"finished_at": stamp(2010)}, "took more than a day"),
    ({"visit_id": ""}, "visit_id is empty"),
    ({"visit_id": "0-3"}, "visit_id 0-3 was there before"),
    ({"service": "doc\0tor"}, "zero byte"),
]


@pytest.mark.parametrize(("wrong", "words"), BAD_ROWS)
def test_a_bad_row_is_left_out_and_named_and_the_others_are_used(
    tmp_path: Path, wrong: dict[str, str], words: str
) -> None:
    rows = days()
    rows.insert(40, {**GOOD, **wrong})

    past = read(folder(tmp_path, rows))

    assert {visit.id for visit in past.visits} == {row["visit_id"] for row in days()}
    assert len(past.refused) == 1
    assert past.refused[0].startswith("visits.csv line 42: ")
    assert words in past.refused[0]


def text(path: Path, content: str | bytes, name: str = "visits.csv") -> Path:
    """A folder in which one file is just so."""
    folder(path, [GOOD])
    (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


HEADING = ",".join(HEAD)
ODD = {
    "a byte order mark": "\ufeff" + HEADING + "\n" + LINE,
    "Windows line ends": HEADING + "\r\n" + LINE + "\r\n",
    "empty lines": HEADING + "\n\n" + LINE + "\n\n,,,,,,,,,\n",
    "semicolons": (HEADING + "\n" + LINE).replace(",", ";"),
    "tabs": (HEADING + "\n" + LINE).replace(",", "\t"),
    "more columns": "note," + HEADING + ',colour\n"two\nlines, and a comma",' + LINE + ",red\n",
    "names of columns in capitals, and spaces": HEADING.replace(",", ", ").upper() + "\n" + LINE.replace(",", " , "),
    "spaces for the T": HEADING + "\n" + LINE.replace("T", " "),
    "only the columns that must be there": ",".join(HEAD[:7]) + "\n" + LINE[:-3],
    "empty cells at the end left out": HEADING + "\n" + LINE[:-3],
    "quotes around everything": HEADING + "\n" + ",".join(f'"{GOOD[name]}"' for name in HEAD),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_what_programs_write_differently_is_read_all_the_same(tmp_path: Path, content: str) -> None:
    past = read(text(tmp_path, content))

    assert past.refused == []
    assert past.visits == read(folder(tmp_path / "plain", [GOOD])).visits


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ('"' + LINE, "a quotation mark is not closed"),
        (LINE.replace("doctor", 'doc"tor'), "a quotation mark is not closed"),
        (LINE.replace("doctor", '"doc"tor"'), "a quotation mark is not closed"),
        (LINE.replace("doctor", "doctor, old"), "arrived_at 'old' is not a time"),
        (LINE.replace("doctor", "doctor, old") + "R2", "11 values for 10 columns; put quotes around text with ','"),
        ("x," + LINE[:30], "the row is cut short"),
    ],
)
def test_a_broken_row_costs_no_other_its_place(tmp_path: Path, bad: str, words: str) -> None:
    lines = [",".join(row[name] for name in HEAD) for row in days(1)]

    past = read(text(tmp_path, "\n".join([HEADING, *lines[:9], bad, *lines[9:]])))

    assert [visit.id for visit in past.visits] == [row["visit_id"] for row in days(1)]
    assert [(row.split(": ")[0], words in row) for row in past.refused] == [("visits.csv line 11", True)]


MANY = "\n".join([HEADING, *(",".join(row[name] for name in HEAD) for row in days(9))]).encode()

BROKEN: list[tuple[str, bytes, str]] = [
    ("visits.csv", b"a,b\n1,2\n", "no CSV with a first line of column names"),
    ("visits.csv", b"", "no CSV with a first line"),
    ("visits.csv", b"%PDF-1.7\x00\x01\x02\n", "no CSV with a first line"),
    ("visits.csv", b"x" * 70_000, "longer than any row"),
    ("visits.csv", HEADING.replace(",server", "").encode() + b"\n", "has no column server: add it"),
    ("visits.csv", (HEADING + ",server\n" + LINE).encode(), "has the column server twice"),
    ("visits.csv", HEADING.encode(), "holds no visit that can be used"),
    ("visits.csv", (HEADING + "\nx,doctor,never\n").encode(), "visits.csv line 2: "),
    ("visits.csv", (HEADING + "\n" + LINE).encode("utf-16"), "is text in UTF-16"),
    ("visits.csv", (HEADING + "\n" + LINE.replace("doctor", "Médico")).encode("latin-1"), "is not text in UTF-8"),
    ("visits.csv", gzip.compress(MANY)[:-900], "is damaged or cut short, nothing of it was used"),
    ("visits.csv", gzip.compress(MANY)[:300] + b"\0" * 300, "is damaged or cut short"),
    ("rooms.csv", b"\xff\xfe\x00\x01", "is text in UTF-16"),
    ("rooms.csv", b"at,server,state\n", "has no column until"),
    ("clinic.json", b"{", "is not JSON in UTF-8 (line 1)"),
    ("clinic.json", b"\xff", "is not JSON in UTF-8"),
    ("clinic.json", b"[" * 100_000, "is not JSON"),
    ("clinic.json", b"[]", "must be an object"),
    ("clinic.json", b'{"line": "two"}', "line must be one of one, by_assigned"),
    ("clinic.json", b'{"line": []}', "line must be one of"),
    ("clinic.json", b'{"order": "arrival"}', "order must be an object"),
    ("clinic.json", b'{"order": {"rule": "chance"}}', "order.rule must be one of"),
    ("clinic.json", b'{"order": {"late_after_minutes": "x"}}', "order.late_after_minutes must be a number from 0"),
    ("clinic.json", b'{"order": {"urgent_first": "1"}}', "order.urgent_first must be a list"),
    ("clinic.json", b'{"order": {"head_start_minutes": {"2": null}}}', "order.head_start_minutes must be"),
    ("clinic.json", b'{"groups": {"a": "b"}}', "groups must be an object with a list"),
    ("clinic.json", b'{"tick_seconds": 0}', "tick_seconds must be a number from 1"),
    ("clinic.json", b'{"tick_seconds": true}', "tick_seconds must be a number"),
    ("clinic.json", b'{"expected_minutes": NaN}', "expected_minutes must be a number"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "words"), BROKEN)
def test_a_folder_that_cannot_be_used_gets_one_clear_sentence(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    here = text(tmp_path, content, name)

    with pytest.raises(BadFolder) as caught:
        read(here)
    assert words in str(caught.value)
    assert str(here) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_missing_or_no_file_is_named(tmp_path: Path) -> None:
    def says(here: Path, words: str) -> None:
        with pytest.raises(BadFolder, match=words):
            read(here)

    here = folder(tmp_path / "days", [GOOD])
    says(tmp_path / "none", "There is no folder")
    says(here / "visits.csv", "is a file: give the folder")
    (here / "clinic.json").rename(here / "other.json")
    says(here, r"clinic\.json is missing: write how the clinic works there")
    (here / "other.json").rename(here / "clinic.json")
    (here / "visits.csv").unlink()
    says(here, r"has no visits\.csv or visits\.csv\.gz")
    (here / "visits.csv").mkdir()
    says(here, r"visits\.csv is a folder")


def test_what_clinic_json_leaves_out_is_as_usual_and_what_it_adds_does_no_harm(tmp_path: Path) -> None:
    clinic = read(folder(tmp_path, [GOOD], {"colour": "red", "order": None})).clinic

    assert (clinic["line"], clinic["order"]["rule"], clinic["expected_minutes"]) == ("one", "arrival", 15)


def test_packed_files_are_read_alike(tmp_path: Path) -> None:
    plain = folder(tmp_path / "plain", days(2), rooms=f"at,server,state,until\n{stamp(500)},R1,open,\n")
    packed = tmp_path / "packed"
    packed.mkdir()
    for name in ("visits.csv", "rooms.csv"):
        (packed / f"{name}.gz").write_bytes(gzip.compress((plain / name).read_bytes()))
    (packed / "clinic.json").write_text(json.dumps(CLINIC))

    assert read(packed) == read(plain)


def test_bad_rows_of_rooms_are_named(tmp_path: Path) -> None:
    lines = [f"{stamp(1)},R1,open,", f"{stamp(2)},R1,asleep,", ",R1,open,", f"{stamp(3)},,close,", "soon,R1,open,"]

    past = read(folder(tmp_path, [GOOD], rooms="\n".join(["at,server,state,until", *lines])))

    assert len(past.changes) == 1
    assert [one.partition(": ")[0] for one in past.refused] == [f"rooms.csv line {n}" for n in (3, 4, 5, 6)]
    assert "the state 'asleep' is not known; use open, pause, resume, close" in past.refused[0]


def test_more_rows_than_a_computer_should_hold_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.past.rows.MOST_ROWS", 20)

    with pytest.raises(BadFolder, match="has more than 20 rows: bring the latest years only"):
        read(folder(tmp_path, days(1)))


def test_data_without_arrivals_gets_virtual_ones(tmp_path: Path) -> None:
    rows = [{**row, "arrived_at": ""} for row in days(1)]

    past = read(folder(tmp_path, rows, {**CLINIC, "virtual_check_in_places_ahead": 3}))

    first, *_, last = sorted(past.visits, key=lambda visit: visit.called or 0)
    assert first.arrived == first.called
    assert last.arrived == pytest.approx((past.visits[-4].called or 0) + 0.5)


def minutes(*facts: Any) -> dict[str, tuple[float | None, ...]]:
    """Each wait that the log of such a day tells of: arrived, called, finished and left, in minutes after nine."""
    past = from_log(day(*facts), SETUP)
    zero = (NINE.replace(tzinfo=None) - clock(0)).total_seconds() / 60
    times = {visit.id: (visit.arrived, visit.called, visit.finished, visit.left) for visit in past.visits}
    return {id_: tuple(at and at - zero for at in all_) for id_, all_ in times.items()}


def test_the_log_tells_who_came_was_called_finished_or_left() -> None:
    facts = [came("ana"), came("bo", 1), came("cy", 2), *inside("ana", 5), Finished(after(15), "ana"),
             Left(after(20), "bo")]  # fmt: skip

    # nobody knows yet how long cy waits
    assert minutes(*facts) == {"ana": (0, 5, 15, None), "bo": (1, None, None, 20)}


def test_what_was_undone_did_not_happen() -> None:
    ten = len(day()) + 1
    facts = [came("ana"), Left(after(3), "ana"), Undone(after(4), ten + 1, "ana"), *inside("ana", 5)]

    assert minutes(*facts) == {"ana": (0, 5, None, None)}


def test_who_goes_on_to_another_service_waited_until_the_first_call() -> None:
    facts = [came("ana"), *inside("ana", 5), Transferred(after(9), "ana", "nurse"), *inside("ana", 30, "room-3")]

    assert minutes(*facts) == {"ana": (0, 5, 9, None)}


def test_who_steps_out_leaves_the_line_and_joins_it_again() -> None:
    facts = [came("ana"), Held(after(5), "ana"), Resumed(after(12), "ana"), *inside("ana", 20)]

    assert minutes(*facts) == {"ana": (0, None, None, 5), "ana, back": (12, 20, None, None)}


def test_bookings_urgency_and_rooms_are_as_staff_said() -> None:
    booked = Booked(after(-30), "bo", "nurse", after(60), "room-3")
    urgent = CheckedIn(after(1), "cy", "doctor", "A 01", level=2)
    past = from_log(day(booked, urgent, *inside("cy", 2), RoomPaused(after(3), "room-1", after(9))), SETUP)

    seen = {visit.id: (visit.priority, visit.assigned, visit.booked is not None) for visit in past.visits}
    assert seen == {"cy": ("2", "", False), "bo": ("", "room-3", True)}
    assert [(change.server, change.state) for change in past.changes[-2:]] == [("room-3", "open"), ("room-1", "pause")]
    assert past.clinic["groups"] == {"doctor": ["doctor", "nurse"]}
    assert past.setup is SETUP


def test_the_log_is_read_in_the_clinics_own_time() -> None:
    there = replace(SETUP, timezone="America/New_York")
    opened = numbered([Opened(NINE), came("ana"), called("ana", 5)])

    visit = from_log(opened, there).visits[0]

    assert clock(visit.arrived or 0) == NINE.astimezone(UTC).replace(tzinfo=None) - timedelta(hours=5)
