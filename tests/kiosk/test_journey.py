"""Who has two appointments today reads of the next, and who waits reads truly why somebody else goes first."""

from typing import Any

import pytest

import arrive
import words
from clinic import commands
from clinic.appointments import Appointment, Found
from clinic.setup import Clinician
from clinic.told import SAID
from tests.clinic.given import after
from tests.faces import Practice, say, say_many, shown

LANGUAGES = ["en", "es", "ar"]

FIRST = {
    "needs_care_sooner": "Someone who needs care sooner is going first.",
    "called_before": "Someone who was called before is back.",
    "booked_sooner": "Someone booked before you is going first.",
    "timed": "Someone with a booked time is going first.",
    "before_time": "Someone who came before your booked time is going first.",
    "came_sooner": "Someone who came before you is going first.",
}


def books(practice: Practice, name: str, *times: tuple[float, str], clinician: str = "") -> None:
    """This person is booked for these services, so many minutes after nine."""
    practice.desk.bring_in(
        [
            Appointment(f"{name}-{at}", after(at), service, clinician=clinician, name=name, person=name)
            for at, service in times
        ],
        "list",
    )


def comes(practice: Practice, name: str) -> dict[str, Any]:
    """They check in, once for all they are booked for."""
    theirs = sorted((one for one in practice.desk.bookings() if one.name == name), key=lambda one: one.start)
    token = arrive.token(practice.desk, Found("matched", tuple(theirs)))
    return practice.arrives(token=token, service="")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_has_more_appointments_today_reads_when_and_not_what_for(practice: Practice, lang: str) -> None:
    books(practice, "Ana", (10, "doctor"), (120, "nurse"))
    ana = comes(practice, "Ana")
    one, many = (
        "After this you have %(n)s more appointment, at %(times)s.",
        "After this you have %(n)s more appointments, at %(times)s.",
    )
    html = practice.get(practice.phone(ana, lang))
    assert say_many(one, many, 1, lang, times="11:00") in shown(html)
    assert "Nurse" not in html

    practice.calls(ana)
    practice.does("finish", visit=ana["visit"])
    page = practice.page(practice.phone(ana, lang))
    assert page.says("gone-on") == say("You are now waiting for your next appointment, at %(time)s.", lang,
                                       time="11:00")  # fmt: skip
    assert page.find("later") is None

    practice.does("call", visit=ana["visit"], room="room-3")
    practice.does("finish", visit=ana["visit"])
    page = practice.page(practice.phone(ana, lang))
    assert page.find("gone-on") is None
    assert say("Thank you for coming today.", lang) in page.says("state")


def test_two_more_appointments_are_both_told(practice: Practice) -> None:
    books(practice, "Ana", (10, "doctor"), (60, "nurse"), (120, "doctor"))
    page = practice.page(practice.phone(comes(practice, "Ana")))
    assert page.says("later") == "After this you have 2 more appointments, at 10:00, 11:00."


def test_who_has_one_appointment_reads_of_no_other(practice: Practice) -> None:
    books(practice, "Ana", (10, "doctor"))
    page = practice.page(practice.phone(comes(practice, "Ana")))
    assert page.find("later") is None
    assert page.find("gone-on") is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_for_going_first_has_its_sentence_on_phone_and_tablet(lang: str) -> None:
    assert set(FIRST) == set(SAID.values())
    parts: Any = words.templates.get_template("kiosk/parts.html").module
    for word, sentence in FIRST.items():
        assert shown(parts.words_for_reason(word, words.language(lang).gettext)) == say(sentence, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_is_overtaken_by_a_booked_person_reads_why(practice: Practice, lang: str) -> None:
    practice.crowd(2)
    ana = practice.arrives()
    practice.later(2)
    books(practice, "Bo", (-5, "doctor"))
    comes(practice, "Bo")

    said = say(FIRST["booked_sooner"], lang)
    assert practice.page(practice.phone(ana, lang)).says("first") == said
    tablet = practice.live.current(f"ticket/{practice.phone(ana)[3:]}/{lang}")
    assert tablet
    assert said in shown(tablet["html"])
    assert said in shown(practice.get(f"/kiosk/place?letter=A&number=03&lang={lang}"))


def test_the_same_reason_is_not_said_twice(practice: Practice) -> None:
    *_, ana = practice.crowd(4, "nurse")
    practice.later(1)
    for one in practice.crowd(3, "nurse"):
        practice.does("prioritise", visit=one["visit"], reason="needs_care_sooner")
    practice.later(2)
    html = shown(practice.get(practice.phone(ana)))
    assert html.count(FIRST["needs_care_sooner"]) == 1


def test_nobody_reads_that_somebody_goes_first_whose_room_would_call_them_next(practice: Practice) -> None:
    ana = practice.arrives()
    assert practice.page(practice.phone(ana)).find("first") is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_waits_for_a_clinician_in_no_room_yet_reads_so(practice: Practice, lang: str) -> None:
    books(practice, "Ana", (10, "doctor"), clinician="Dr Ruiz")
    ana = comes(practice, "Ana")
    away = say("Your clinician is not in a room yet.", lang)
    html = practice.get(practice.phone(ana, lang))
    assert away in shown(html)
    assert "Ruiz" not in html
    assert away in shown(practice.get(f"/kiosk/place?letter=A&number=01&lang={lang}"))
    assert "clinician" not in practice.get("/display").lower()

    (ruiz,) = practice.desk.line.setup.clinicians
    practice.desk.do(commands.sign_in, by="staff", room="room-1", clinician=ruiz.id)
    practice.later(1)
    assert away not in shown(practice.get(practice.phone(ana, lang)))


def test_who_joined_after_you_is_counted_by_the_rooms_of_today(practice: Practice) -> None:
    practice.change(clinicians=(Clinician("dr-ruiz", "Dr Ruiz"),))
    ana = practice.arrives()
    bo = practice.arrives()
    assert "1 person has joined after you." in shown(practice.get(practice.phone(ana)))
    practice.desk.do(commands.assign, by="staff", visit=bo["visit"], clinician="dr-ruiz")

    assert "joined after you" not in shown(practice.get(practice.phone(ana)))
    practice.desk.do(commands.sign_in, by="staff", room="room-2", clinician="dr-ruiz")
    assert "1 person has joined after you." in shown(practice.get(practice.phone(ana)))


def test_the_ticket_of_who_left_promises_nothing_later(practice: Practice) -> None:
    books(practice, "Ana", (10, "doctor"), (120, "nurse"))
    ana = comes(practice, "Ana")
    key = f"ticket/{practice.phone(ana)[3:]}/en"
    assert "11:00" in str(practice.live.current(key))

    practice.does("leave", visit=ana["visit"])
    assert "11:00" not in str(practice.live.current(key))
