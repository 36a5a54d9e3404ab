"""What a visit that goes wrong reads, minute by minute: on the phone and on the tablet, in every language."""

from itertools import pairwise
from typing import Any

import pytest

from tests.faces import Page, Practice, say, say_many, shown

LANGUAGES = ["en", "es", "ar"]
SORRY = ("We're sorry.", "Some people need more time today.")
CHOICES = "You can stay here, step out and come back, or ask us for another time."
TAKING_LONG = "We're sorry this is taking so long."
NOT_FORGOTTEN = "We have not forgotten you."


def at_over(practice: Practice, visit: dict[str, Any], minutes: float) -> None:
    """Minute by minute until so many past the end of the first window that this person was told."""
    first = practice.visit(visit).first_told
    assert first
    assert first.high
    while (practice.clock.time - first.high).total_seconds() < minutes * 60:
        practice.later(minutes=1)


def minutes_late(n: int, lang: str = "en") -> str:
    return say_many("We are running about %(n)s minute late.", "We are running about %(n)s minutes late.", n, lang)


def phone(practice: Practice, visit: dict[str, Any], lang: str = "en") -> str:
    return shown(practice.get(practice.phone(visit, lang)))


def tablet(practice: Practice, visit: dict[str, Any], lang: str = "en") -> str:
    ticket = practice.visit(visit).ticket
    letter, number = ticket.split()
    return shown(practice.get(f"/kiosk/place?letter={letter}&number={number}&lang={lang}"))


def both(practice: Practice, visit: dict[str, Any], lang: str = "en") -> list[str]:
    return [phone(practice, visit, lang), tablet(practice, visit, lang)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unchanged_wait_is_said_again_with_its_own_time(practice: Practice, lang: str) -> None:
    bo = practice.crowd(9)[-1]
    assert say("You're checked in.", lang) in phone(practice, bo, lang)
    assert say(NOT_FORGOTTEN, lang) not in phone(practice, bo, lang)
    first = practice.visit(bo).told
    practice.later(minutes=12)
    assert say("We checked your time at %(time)s.", lang, time="09:00") in phone(practice, bo, lang)
    practice.later(minutes=8)
    told = practice.visit(bo).told
    assert first
    assert told
    assert (told.high, told.at) == (first.high, practice.clock.time)
    for said in both(practice, bo, lang):
        assert say("Still on time.", lang) in said
        assert say(NOT_FORGOTTEN, lang) in said
    practice.later(minutes=2)
    said = phone(practice, bo, lang)
    assert say("We checked your time at %(time)s.", lang, time="09:20") in said
    assert say("Updated %(time)s.", lang, time="09:22") in said, "the page's own time is another"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_step_of_a_delay_has_its_words_on_phone_and_tablet(practice: Practice, lang: str) -> None:
    ana = practice.crowd(3)[-1]
    at_over(practice, ana, 14)
    for said in both(practice, ana, lang):
        assert minutes_late(15, lang) not in said
    at_over(practice, ana, 15)
    for said in both(practice, ana, lang):
        assert minutes_late(15, lang) in said
        assert say(NOT_FORGOTTEN, lang) in said
    at_over(practice, ana, 29)
    assert minutes_late(15, lang) in phone(practice, ana, lang)
    at_over(practice, ana, 30)
    for said in both(practice, ana, lang):
        assert minutes_late(30, lang) in said
        assert say(SORRY[0], lang) + " " not in said, "the apology comes from a person"
    practice.does("apologise", reason="more_time")
    for said in both(practice, ana, lang):
        assert say(SORRY[0], lang) + " " + minutes_late(30, lang) in said
        assert say(SORRY[1], lang) in said
        assert say(CHOICES, lang) in said
    at_over(practice, ana, 60)
    for said in both(practice, ana, lang):
        assert say(TAKING_LONG, lang) in said
        assert say(NOT_FORGOTTEN, lang) in said
        assert say(CHOICES, lang) not in said, "the apology has had its half hour"


def test_a_late_page_says_by_when_we_now_expect_to_call(practice: Practice) -> None:
    ana = practice.crowd(3)[-1]
    at_over(practice, ana, 16)
    told = practice.visit(ana).told
    assert told
    assert told.high
    assert say("We now expect to call you by %(time)s.", time=f"{told.high:%H:%M}") in phone(practice, ana)


def test_at_an_hour_a_person_comes_and_the_page_says_until_when(practice: Practice) -> None:
    ana = practice.crowd(3)[-1]
    first = practice.visit(ana).first_told
    assert first
    assert first.high
    at_over(practice, ana, 60)
    by = f"{practice.clock.time.hour:02d}:{practice.clock.time.minute + 10:02d}"
    coming = say("Someone will come and speak to you by %(time)s.", time=by)
    for said in both(practice, ana):
        assert coming in said
    practice.does("spoken-to", visit=ana["visit"])
    for said in both(practice, ana):
        assert "Someone will come" not in said
        assert say("You can ask us at the desk at any time.") in said


def test_a_time_by_which_nobody_came_is_not_left_standing(practice: Practice) -> None:
    ana = practice.crowd(3)[-1]
    at_over(practice, ana, 71)
    for said in both(practice, ana):
        assert "Someone will come" not in said
        assert say(TAKING_LONG) in said
        assert say("You can ask us at the desk at any time.") in said


def test_who_was_called_reads_nothing_of_a_delay(practice: Practice) -> None:
    ana = practice.crowd(1)[-1]
    at_over(practice, ana, 61)
    practice.does("apologise", reason="technical")
    practice.does("note-delay", reason="technical")
    practice.calls(ana)
    for said in both(practice, ana):
        assert "sorry" not in said.lower()
        assert say("We have a technical problem.") not in said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("reason", "words"), [
    ("more_time", "Some people need more time today."), ("urgent_care", "Someone needs urgent care."),
    ("room_closed", "A room is closed for a while."), ("short_of_staff", "We are short of staff today."),
    ("technical", "We have a technical problem."),
])  # fmt: skip
def test_a_delay_note_stands_on_phone_and_tablet_of_whom_it_is_about(
    practice: Practice, reason: str, words: str, lang: str
) -> None:
    ana, nia = practice.arrives(), practice.arrives(service="nurse")
    note = practice.does("note-delay", reason=reason, service="doctor")["note"]
    for said in both(practice, ana, lang):
        assert say(words, lang) in said
    for said in both(practice, nia, lang):
        assert say(words, lang) not in said
    practice.does("end-delay", note=note)
    for said in both(practice, ana, lang):
        assert say(words, lang) not in said


def test_a_delay_note_ends_by_itself_after_an_hour(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("note-delay", reason="technical")
    practice.later(minutes=59)
    assert say("We have a technical problem.") in phone(practice, ana)
    practice.later(minutes=1)
    assert say("We have a technical problem.") not in phone(practice, ana)


def test_who_checks_in_during_a_delay_reads_of_it_on_the_ticket_page(practice: Practice) -> None:
    practice.does("note-delay", reason="technical")
    fields = {"service": "doctor", "request": "tap-x"}
    answer = practice.client.post("/kiosk/check-in", data=fields, headers={"Accept": "text/html"})
    assert say("We have a technical problem.") in shown(answer.text)


def test_a_companion_s_page_says_it_for_each_number(practice: Practice) -> None:
    ana = practice.arrives()
    practice.arrives(**{"with": practice.phone(ana).rsplit("/", 1)[1]})
    at_over(practice, ana, 31)
    practice.does("apologise", reason="technical")
    page = practice.page(practice.phone(ana))
    assert say("We have a technical problem.") in page.says("sorry")
    assert say("We have a technical problem.") in page.says("sorry-A-02")


def says(practice: Practice, visit: dict[str, Any]) -> tuple[str, Any]:
    """What the phone tells this person: its state, and the window or why there is none."""
    page = Page(practice.get(practice.phone(visit)))
    told = practice.visit(visit).told
    state = page.find("state")
    assert state is not None
    words = " ".join("".join(next(state.iter("h1")).itertext()).split())
    return words, (told.high, told.why) if told else None


def test_the_clock_alone_speaks_at_most_every_ten_minutes(practice: Practice) -> None:
    """A long wait in which every visit takes three times as long as it should."""
    *others, cy = practice.crowd(11)
    inside: dict[str, tuple[dict[str, Any], int]] = {}
    heard, moved, before = [practice.clock.time], 0, says(practice, cy)
    for minute in range(150):
        for room in ("room-1", "room-2"):
            if room in inside and minute - inside[room][1] >= 36:
                practice.does("finish", visit=inside.pop(room)[0]["visit"])
            if room not in inside:
                inside[room] = (others.pop(0), minute)
                practice.calls(inside[room][0], room)
                practice.does("start", visit=inside[room][0]["visit"])
        practice.later(minutes=1)
        now = says(practice, cy)
        if now != before:
            moved += now[1] != before[1]
            heard.append(practice.clock.time)
        before = now
    apart = [(later - sooner).total_seconds() / 60 for sooner, later in pairwise(heard)]
    assert moved, "it did go wrong"
    assert len(apart) >= 2, "they heard of it"
    assert min(apart) >= 10, apart
