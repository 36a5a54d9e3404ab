"""What somebody reads who is called, is fetched, or did not come: minute by minute, on phone, tablet and staff page."""

from typing import Any

import pytest

from clinic.missed import KEPT
from tests.faces import Practice, say

LANGUAGES = ("en", "es", "ar")


def phone(practice: Practice, who: dict[str, Any], lang: str = "en") -> str:
    return practice.page(practice.phone(who, lang)).says("ticket")


def tablet(practice: Practice, lang: str = "en") -> str:
    return practice.page(f"/kiosk/place?letter=A&number=1&lang={lang}").says("standing")


def misses(practice: Practice, who: dict[str, Any]) -> None:
    """They are called and do not come for five minutes."""
    practice.calls(who)
    practice.later(minutes=5)
    practice.does("no-show", visit=who["visit"])


def says(practice: Practice, who: dict[str, Any], *sentences: str, **values: str) -> None:
    """Phone and tablet say this in every language."""
    for lang in LANGUAGES:
        for sentence in sentences:
            words = say(sentence, lang, **{name: one for name, one in values.items() if f"%({name})s" in sentence})
            assert words in phone(practice, who, lang), (lang, words)
            assert words in tablet(practice, lang), (lang, words)


def test_a_call_stands_until_somebody_comes_or_is_said_to_have_missed_it(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.calls(ana)
    for _minute in range(12):
        says(practice, ana, "It's your turn.", "Please come to %(room)s.", room="Room 1")
        practice.later(minutes=1)
    practice.does("start", visit=ana["visit"])
    assert say("It's your turn.") not in phone(practice, ana)


def test_staff_are_asked_what_became_of_a_call_after_five_minutes(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.calls(ana)
    for minute in range(8):
        asked = practice.page("/staff").find(f"overdue-{ana['visit']}") is not None
        assert asked == (minute >= 5), minute
        practice.later(minutes=1)


def test_who_missed_one_call_has_not_lost_their_place(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    misses(practice, ana)
    says(practice, ana, "We called %(ticket)s at %(time)s and did not find you.", "You have not lost your place.",
         'Tap "I\'m here" and we will call you next.', ticket="A 01", time="09:00")  # fmt: skip
    for minute in range(int(KEPT.total_seconds() // 60)):
        assert say("You have not lost your place.") in phone(practice, ana), minute
        practice.later(minutes=1)
    assert say("You have not lost your place.") not in phone(practice, ana)


def test_who_missed_two_calls_is_told_until_when_their_number_is_kept(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    misses(practice, ana)
    practice.does("resume", visit=ana["visit"])
    practice.later(minutes=5)
    misses(practice, ana)  # called at 09:10, missed at 09:15
    for minute in range(30):
        for sentence, time in (
            ("We called you again at %(time)s.", "09:10"),
            ("We are keeping your number until %(time)s.", "09:45"),
        ):
            assert say(sentence, time=time) in phone(practice, ana), minute
        practice.later(minutes=1)
    page = practice.page(practice.phone(ana))
    assert say("We kept your number until %(time)s.", time="09:45") in page.says("ticket")
    assert page.find("here") is None, "by then somebody at the desk finds a way"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_second_miss_reads_the_same_everywhere_and_staff_see_until_when(practice: Practice, lang: str) -> None:
    ana = practice.arrives("Ana")
    misses(practice, ana)
    practice.does("resume", visit=ana["visit"])
    misses(practice, ana)  # called at 09:05, missed at 09:10
    says(practice, ana, "We called you again at %(time)s.", "Come to the desk when you are back.", time="09:05")
    says(practice, ana, "We are keeping your number until %(time)s.", time="09:40")
    kept = say("Missed twice, kept until %(time)s", lang, time="09:40")
    assert kept in practice.page(f"/staff?lang={lang}").says(f"row-{ana['visit']}")
    practice.later(minutes=30)
    says(
        practice, ana, "We kept your number until %(time)s.", "Come to the desk, and we will find a way.", time="09:40"
    )


def test_who_is_back_after_a_miss_is_next(practice: Practice) -> None:
    ana, bo = practice.arrives("Ana"), practice.arrives("Bo")
    misses(practice, ana)
    practice.client.post(f"{practice.phone(ana)}/here")
    assert say("You're next.") in phone(practice, ana)
    assert practice.visit(bo).status == "waiting"


def test_who_is_fetched_reads_that_we_come_and_of_no_room(practice: Practice) -> None:
    ana, bo = practice.arrives("Ana", call_me="fetch"), practice.arrives("Bo", call_me="fetch")
    for who in (ana, bo):
        assert say("We'll come and get you.") in phone(practice, who)
        assert say("Please stay close to the waiting room.") not in phone(practice, who)
    practice.calls(ana)
    says(practice, ana, "It's your turn.", "We are coming to get you.", "You can stay where you are.")
    for seen in (phone(practice, ana), tablet(practice)):
        assert "Room 1" not in seen
    assert practice.page(practice.phone(ana)).find("coming") is None, "who is fetched need not say that they come"


def test_who_was_not_found_where_we_came_to_get_them_reads_so(practice: Practice) -> None:
    ana = practice.arrives("Ana", call_me="fetch")
    misses(practice, ana)
    says(practice, ana, "We came to get you at %(time)s and did not find you.", "You have not lost your place.",
         'Tap "I\'m here" and we will come to you next.', time="09:00")  # fmt: skip
    practice.does("resume", visit=ana["visit"])
    misses(practice, ana)
    says(practice, ana, "We came to get you again at %(time)s.", time="09:05")


def test_a_child_who_is_fetched_and_one_who_is_called_read_each_their_own(practice: Practice) -> None:
    mother = practice.arrives("Ana", service="nurse")
    secret = practice.phone(mother).rpartition("/")[2]
    one, two = (practice.arrives(call_me=way, **{"with": secret}) for way in ("fetch", "number"))
    practice.calls(one)
    practice.calls(two, "room-2")
    seen = phone(practice, mother)
    assert say("%(ticket)s: we are coming to get you.", ticket="A 01") in seen
    assert say("%(ticket)s: please come to %(room)s.", ticket="A 02", room="Room 2") in seen
