"""Dates and times in the ways that lists write them; the order of day and month is found once for a whole list."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.clinic.lists.reading import found, one, refusals, row, why, without

TWENTY_PAST_TEN = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)


@pytest.mark.parametrize("written", [
    "2026-11-24 10:20", "2026/11/24 10:20:00", "2026.11.24 10.20", "2026-11-24T10:20", "2026-11-24T10:20:00.000",
    "20261124T102000", "20261124 1020", "24/11/2026 10:20", "24.11.2026 10:20 Uhr", "24-11-2026 10h20",
    "24 11 2026 10:20",
    "24. 11. 2026 10:20", "11/24/2026 10:20 AM", "11/24/2026 10:20:00 am", "24-Nov-2026 10:20",
    "24 de noviembre de 2026 10:20",
    "Nov 24, 2026 10:20 a.m.", "Tue 24 Nov 2026 10:20", "Di, 24.11.2026 10:20", "24. November 2026, 10:20",
    "2026-11-24T09:20:00Z", "2026-11-24T09:20:00+00:00", "2026-11-24T14:50+0530", "2026-11-24 04:20:00 -05:00",
    "٢٤/١١/٢٠٢٦ ١٠:٢٠", "24/11/2026 ١٠:٢٠ ص", "  2026-11-24   10:20 ", "\u200f24/11/2026 10:20",
])  # fmt: skip
def test_the_same_time_is_read_however_it_is_written(written: str) -> None:
    assert one(row(start=written)).start == TWENTY_PAST_TEN


@pytest.mark.parametrize(("time", "hour", "minute"), [
    ("10:20", 10, 20), ("10:20:00", 10, 20), ("10.20", 10, 20), ("1020", 10, 20), ("920", 9, 20), ("9:05 AM", 9, 5),
    ("9:05pm", 21, 5), ("12:00 AM", 0, 0), ("12:30 p.m.", 12, 30), ("9 am", 9, 0), ("10h", 10, 0),
    ("10.20.00", 10, 20),
    ("12/30/1899 10:20:00 AM", 10, 20), ("٩:٠٥ م", 21, 5), ("T10:20", 10, 20),
])  # fmt: skip
def test_a_time_by_itself_belongs_to_the_date_beside_it(time: str, hour: int, minute: int) -> None:
    start = one(f"id,date,time,service\n1,2026-11-24,{time},doctor\n").start

    assert (start.day, start.hour, start.minute) == (24, hour, minute)
    assert start.tzname() == "CET"


@pytest.mark.parametrize("time", ["25:00", "10:60", "13:00 PM", "0:30 AM", "soon", "10", "10:20 +99:99"])
def test_a_time_that_there_is_not_is_refused(time: str) -> None:
    field, code, params = why(f"id,date,time,service\n1,2026-11-24,{time},doctor\n")

    assert (field, code, params) == ("time", "list_time_unreadable", {"text": time})


def test_a_time_that_summer_time_skips_is_read_as_the_one_there_is() -> None:
    start = one(row(start="2027-03-28 02:30")).start

    assert (start.hour, start.minute) == (3, 30)


@pytest.mark.parametrize(("start", "code"), [
    ("2026-11-31 10:20", "list_date_unreadable"), ("31/02/2027 10:20", "list_date_unreadable"),
    ("soon", "list_date_unreadable"), ("24/11 10:20", "list_date_unreadable"), ("24/11/26 10:20", "list_year_short"),
    ("0000-01-01 10:20", "list_date_unreadable"), ("2026-11-24", "list_time_missing"), ("", "list_date_missing"),
    ("2026-11-23 23:59", "past_day"), ("0001-01-01 00:00", "past_day"), ("2027-11-26 10:20", "list_day_far"),
    ("9999-12-31 23:59 -05:00", "list_time_unreadable"),
])  # fmt: skip
def test_a_start_that_cannot_be_used_is_refused(start: str, code: str) -> None:
    assert why(row(start=start))[1] == code


def test_today_and_a_year_ahead_are_taken() -> None:
    assert one(row(start="2026-11-24 00:00")).start.hour == 0
    assert one(row(start="2027-11-25 10:20")).start.year == 2027


def days(*starts: str, births: tuple[str, ...] = ()) -> str:
    """A list with these starts, and beside them these birthdays."""
    births = births + ("",) * (len(starts) - len(births))
    rows = (f"{n},{start} 10:20,doctor,{birth}\n" for n, (start, birth) in enumerate(zip(starts, births, strict=True)))
    return "id,start,service,birth\n" + "".join(rows)


def test_one_date_that_can_be_read_in_one_way_only_decides_for_all() -> None:
    whole = found(days("01/12/2026", "02/12/2026", "24/12/2026"))
    assert [row.appointment.start.month for row in whole.rows] == [12, 12, 12]
    assert (whole.order, whole.ambiguous) == ("day-first", False)

    whole = found(days("12/01/2026", "12/02/2026", "12/24/2026"))
    assert [row.appointment.start.month for row in whole.rows] == [12, 12, 12]
    assert (whole.order, whole.ambiguous) == ("month-first", False)


def test_a_birthday_decides_too() -> None:
    assert found(days("01/12/2026", births=("03/27/1984",))).order == "month-first"
    assert found(days("01/12/2026", births=("27/03/1984",))).order == "day-first"


def test_where_no_date_decides_the_order_with_all_appointments_near_today_does() -> None:
    assert (found(days("12/01/2026")).order, found(days("12/01/2026")).ambiguous) == ("month-first", False)
    assert (found(days("01/12/2026")).order, found(days("01/12/2026")).ambiguous) == ("day-first", False)


def test_where_nothing_decides_it_is_day_first_and_staff_are_asked() -> None:
    whole = found(days("2026-12-01", births=("03/04/1984",)))
    assert (whole.order, whole.ambiguous) == ("day-first", True)
    assert whole.rows[0].appointment.birthday == (3, 4)

    told = found(days("2026-12-01", births=("03/04/1984",)), order="month-first")
    assert (told.order, told.ambiguous) == ("month-first", False)
    assert told.rows[0].appointment.birthday == (4, 3)


def test_a_date_that_is_the_same_in_both_orders_is_no_question() -> None:
    whole = found(days("12/12/2026"))
    assert (whole.order, whole.ambiguous) == ("day-first", False)


def test_a_row_in_the_other_order_is_refused_and_the_rest_taken() -> None:
    whole = found(days("24/12/2026", "25/12/2026", "12/26/2026"))
    assert refusals(whole) == [(4, "start", "list_date_order")]
    assert found(days("24/12/2026"), order="year-first").refused[0].code == "list_date_order"


@pytest.mark.parametrize(("written", "birthday", "year"), [
    ("1984-03-27", (27, 3), 1984), ("27.03.84", (27, 3), 1984), ("27/03/26", (27, 3), None), ("27/03", (27, 3), None),
    ("27.03.", (27, 3), None), ("27 March", (27, 3), None), ("27-Mar-1984", (27, 3), 1984), ("29/02/1984", (29, 2),
    1984),
    ("29/02", (29, 2), None), ("1984-03-27 00:00:00", (27, 3), 1984), ("19840327", (27, 3), 1984),
    ("1984", None, None),
    ("1984-03", None, None), ("--03-27", (27, 3), None), ("27/03/1984 (42)", (27, 3), 1984), ("29.02.00", (29, 2),
    None),
])  # fmt: skip
def test_a_birthday_is_day_and_month_and_the_year_where_it_is_sure(
    written: str, birthday: tuple[int, int] | None, year: int | None
) -> None:
    person = one(row(birth=written))
    assert (person.birthday, person.year) == (birthday, year)


@pytest.mark.parametrize("written", ["31/02/1984", "29/02/1985", "2027-01-01", "1800-01-01", "spring", "40/40/1984"])
def test_an_impossible_birthday_is_left_out_and_the_row_taken(written: str) -> None:
    person, left = without(row(birth=written))
    assert (person.birthday, person.year, left) == (None, None, [("birth", "list_birth_unreadable")])


@pytest.mark.parametrize(("day", "month", "year", "birthday"), [
    ("27", "3", "1984", (27, 3)), ("27", "March", "", (27, 3)), ("29", "2", "", (29, 2)),
    ("5", "dic.", "84", (5, 12)),
])  # fmt: skip
def test_a_birthday_may_come_in_parts(day: str, month: str, year: str, birthday: tuple[int, int]) -> None:
    cells = {"birth day": day, "birth month": month, "birth year": year}
    assert one(row(**cells)).birthday == birthday


def test_a_birthday_in_parts_that_is_none_is_left_out() -> None:
    for day, month in (("31", "2"), ("x", "3"), ("5", "Brumaire")):
        person, left = without(row(**{"birth day": day, "birth month": month}))
        assert (person.birthday, left) == (None, [("birth", "list_birth_unreadable")])


@pytest.mark.parametrize(("cells", "minutes"), [
    ({"minutes": "15"}, 15), ({"minutes": "15 min"}, 15), ({"minutes": "00:15"}, 15), ({"minutes": "1:30:00"}, 90),
    ({"minutes": "15.0"}, 15), ({"minutes": "20 Minuten"}, 20), ({"end": "10:40"}, 20), ({"end": "10:40 AM"}, 20),
    ({"end": "2026-11-24T09:40:00Z"}, 20), ({"end": "24/11/2026 10.40"}, 20),
    ({"minutes": "15", "end": "11:20"}, 15), ({}, None),
])  # fmt: skip
def test_how_long_it_takes_is_told_by_its_length_or_its_end(cells: dict[str, str], minutes: float | None) -> None:
    assert one(row(**cells)).minutes == minutes


@pytest.mark.parametrize("cells", [
    {"minutes": "long"}, {"minutes": "0"}, {"minutes": "900"}, {"end": "10:00"}, {"end": "2026-11-25 10:40"},
    {"end": "x"},
])  # fmt: skip
def test_a_length_that_cannot_be_is_left_out(cells: dict[str, str]) -> None:
    person, left = without(row(**cells))
    assert (person.minutes, left) == (None, [("minutes", "list_minutes_unreadable")])


def test_the_past_begins_at_the_clinic_s_own_midnight() -> None:
    # 23:30 in UTC is 00:30 of the next day in Madrid.
    assert one(row(start="2026-11-23T23:30:00Z")).start - TWENTY_PAST_TEN == -timedelta(hours=9, minutes=50)
    assert why(row(start="2026-11-23T22:30:00Z"))[1] == "past_day"
