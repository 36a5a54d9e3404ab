"""Looking for somebody's appointment: by birthday one match or nothing, by code wherever it leads."""

from dataclasses import replace
from typing import Any

from clinic.appointments import Booking, Found, by_birthday, by_code, journey, timing, visit_of
from clinic.commands import check_in, finish, leave
from clinic.events import Booked
from clinic.line import Line
from tests.clinic.given import SETUP, after, given, inside, then

BORN = (27, 3)


def booking(visit: str, at: float, service: str = "doctor", **more: Any) -> Booking:
    values = {"birthday": BORN, "letters": "M", "person": "maya", "year": "1980", **more}
    return Booking(visit, visit, after(at), service, **values)


def expecting(*bookings: Booking) -> Line:
    return given(*(Booked(after(-60), one.visit, one.service, one.start) for one in bookings if one.stands))


LINE = given()
MORNING, NOON = booking("morning", 20), booking("noon", 120, "nurse")


def test_a_birthday_and_a_letter_find_one_person_s_appointments_in_order() -> None:
    found = by_birthday([NOON, MORNING], BORN, "M", "", LINE, after(0))

    assert (found.outcome, found.bookings) == ("matched", (MORNING, NOON))


def test_two_people_are_told_apart_by_the_year_and_by_nothing_else() -> None:
    other = booking("other", 30, person="mo", year="1991")
    today = [MORNING, other]

    assert by_birthday(today, BORN, "M", "", LINE, after(0)).outcome == "which_year"
    assert by_birthday(today, BORN, "M", "1991", LINE, after(0)).bookings == (other,)
    assert by_birthday(today, BORN, "M", "1970", LINE, after(0)).outcome == "not_matched"


def test_a_birthday_finds_nobody_who_is_not_expected_here_about_now() -> None:
    for one in (booking("early", 61), booking("late", -121), booking("off", 5, cancelled=True),
                booking("there", 5, place="Hill Road")):  # fmt: skip
        assert by_birthday([one], BORN, "M", "", LINE, after(0)).outcome == "not_matched", one.visit


def test_the_window_is_what_the_clinic_set() -> None:
    assert [timing(MORNING, after(at), SETUP) for at in (-40.1, -40, 140, 140.1)] == [
        "early", "matched", "matched", "late"
    ]  # fmt: skip


def test_a_code_tells_what_is_in_the_way() -> None:
    line = expecting(MORNING)

    def told(one: Booking, at: float = 0) -> str:
        return by_code(one, [one] if one.start < after(1000) else [], line, after(at)).outcome

    assert told(MORNING) == "matched"
    assert told(MORNING, -60) == "early"
    assert told(MORNING, 200) == "late"
    assert told(booking("x", 1440)) == "wrong_day"
    assert told(booking("x", 20, place="Hill Road")) == "wrong_place"
    assert told(booking("x", 20, cancelled=True)) == "cancelled"
    assert by_code(None, [MORNING], line, after(0)).outcome == "not_matched"


def test_who_checked_in_is_known_by_each_of_their_appointments_all_day_long() -> None:
    today = [MORNING, NOON]
    line = expecting(*today)
    assert [visit_of(one, today, line) for one in today] == [None, None]
    line = then(line, *check_in(line, after(0), "morning", stops=("noon",)))

    def tickets(line: Line) -> list[str]:
        return [visit.ticket for one in today if (visit := visit_of(one, today, line))]

    assert tickets(line) == ["A 01", "A 01"]
    line = then(line, *inside("morning", 20))
    line = then(line, *finish(line, after(30), "morning"))
    assert tickets(line) == ["A 01", "A 01"]
    assert by_code(NOON, today, line, after(110)).outcome == "already_checked_in"
    line = then(line, *inside("morning", 120, "room-3"))
    line = then(line, *finish(line, after(130), "morning"))
    assert tickets(line) == ["A 01", "A 01"]


def test_who_went_home_early_has_checked_in_for_what_would_have_come_later() -> None:
    today = [MORNING, NOON]
    line = expecting(*today)
    line = then(line, *check_in(line, after(0), "morning", stops=("noon",)))
    line = then(line, *inside("morning", 5))
    line = then(line, *finish(line, after(20), "morning", end=True))

    assert [visit.ticket for one in today if (visit := visit_of(one, today, line))] == ["A 01", "A 01"]
    assert visit_of(replace(NOON, cancelled=True), today, line) is None


def test_who_left_may_check_in_for_what_comes_later() -> None:
    today = [MORNING, NOON]
    line = expecting(*today)
    line = then(line, *check_in(line, after(0), "morning", stops=("noon",)))
    line = then(line, *leave(line, after(5), "morning"))

    for code in today:
        assert by_code(code, today, line, after(110)) == Found("matched", (NOON,))
    assert by_birthday(today, BORN, "M", "", line, after(110)) == Found("matched", (NOON,))
    (alone,) = by_code(MORNING, [MORNING], line, after(110)).bookings
    assert alone == MORNING


def test_a_later_code_begins_with_the_earlier_appointment_that_is_still_to_come() -> None:
    today = [MORNING, NOON]

    assert by_code(NOON, today, expecting(*today), after(0)) == Found("matched", (MORNING, NOON))
    assert by_code(NOON, today, expecting(*today), after(141)) == Found("matched", (NOON,))


def test_what_is_over_is_found_by_no_birthday_and_by_its_code_kindly() -> None:
    line = replace(LINE, over=frozenset(["morning"]))

    assert by_birthday([MORNING], BORN, "M", "", line, after(0)).outcome == "not_matched"
    assert by_code(MORNING, [MORNING], line, after(0)).outcome == "already_checked_in"


def test_another_person_s_visit_is_never_theirs() -> None:
    other = booking("other", 30, person="mo")
    today = [MORNING, other]
    line = expecting(MORNING)
    line = then(line, *check_in(line, after(0), "morning"))

    assert visit_of(other, today, line) is None
    assert journey(today, MORNING, line, after(0)) == (MORNING,)
