"""Coming in: a number for everybody, given once a day."""

from clinic import commands
from clinic.events import CheckedIn, Closed, Left, Opened
from clinic.line import Line
from tests.clinic.given import after, came, given, refused, then


def ticket(line: Line, service: str) -> str:
    """The ticket of who checks in now."""
    return then(line, *commands.check_in(line, after(600), "new", service)).visits["new"].ticket


def test_the_first_person_of_the_day_gets_number_one_of_the_services_letter() -> None:
    assert commands.check_in(given(), after(3), "ana", "doctor") == [CheckedIn(after(3), "ana", "doctor", "A 01")]


def test_each_service_counts_by_itself() -> None:
    line = given(came("ana", 1), came("bo", 2), came("cy", 7, "nurse"))

    assert (ticket(line, "doctor"), ticket(line, "nurse")) == ("A 03", "H 08")


def test_the_number_of_who_left_is_not_given_again() -> None:
    line = given(came("ana", 1), Left(after(2), "ana"))

    assert ticket(line, "doctor") == "A 02"


def test_the_hundredth_person_gets_three_digits() -> None:
    line = given(came("ana", 99))

    assert ticket(line, "doctor") == "A 100"
    assert ticket(then(line, *commands.check_in(line, after(100), "bo", "doctor")), "doctor") == "A 101"


def test_numbers_start_again_with_the_day() -> None:
    line = then(given(came("ana", 41)), Closed(after(500)), Opened(after(1440)))

    assert ticket(line, "doctor") == "A 01"


def test_language_call_by_name_and_appointment_are_kept() -> None:
    facts = commands.check_in(given(), after(0), "ana", "nurse", language="ar", call_me="name", booked=after(10))

    assert facts == [CheckedIn(after(0), "ana", "nurse", "H 01", "ar", "name", after(10))]
    visit = then(given(), *facts).visits["ana"]
    assert (visit.language, visit.call_me, visit.booked, visit.status) == ("ar", "name", after(10), "waiting")


def test_nobody_checks_in_on_a_closed_day() -> None:
    with refused("day_closed"):
        commands.check_in(then(given(), Closed(after(1))), after(2), "ana", "doctor")


def test_nobody_checks_in_for_what_is_not_offered() -> None:
    with refused("unknown_service"):
        commands.check_in(given(), after(0), "ana", "dentist")
