"""Staff and a delay: amber, an apology that is looked at and sent once, a word in person, a note of the reason."""

from typing import Any

import pytest

from clinic.delay import REASONS
from tests.faces import Page, Practice, say, say_many, shown, text

SORRY = {
    "more_time": "Some people need more time today.", "urgent_care": "Someone needs urgent care.",
    "room_closed": "A room is closed for a while.", "short_of_staff": "We are short of staff today.",
    "technical": "We have a technical problem.",
}  # fmt: skip


def over(practice: Practice, visit: dict[str, Any], minutes: float) -> None:
    """Time goes by until so many minutes past the end of the first window that this person was told."""
    first = practice.visit(visit).first_told
    assert first
    assert first.high
    practice.later(seconds=first.high.timestamp() + minutes * 60 - practice.clock.time.timestamp())


def console(practice: Practice) -> Page:
    return practice.page("/staff")


def test_from_half_an_hour_the_console_says_how_many_need_a_sorry(practice: Practice) -> None:
    people = practice.crowd(3)
    practice.crowd(1, service="nurse")
    over(practice, people[-1], 29)
    early = [one for one in people if practice.visit(one).first_told == practice.visit(people[-1]).first_told]
    assert early
    over(practice, people[-1], 30)
    said = console(practice).says("sorry-doctor")
    assert say("%(service)s is running late", service="Doctor") in said
    assert say_many("%(n)s person needs a sorry and a new time from us.",
                    "%(n)s people need a sorry and a new time from us.", 3) in said  # fmt: skip


def test_before_half_an_hour_nobody_needs_staff(practice: Practice) -> None:
    ana = practice.arrives()
    over(practice, ana, 29)
    page = console(practice)
    assert page.find("sorry-doctor") is None
    assert say("Nobody needs you right now.") in page.says("needs-list")
    over(practice, ana, 30)
    assert say("Nobody needs you right now.") not in console(practice).says("needs-list")


def test_the_preview_is_what_the_first_of_them_then_reads(practice: Practice) -> None:
    people = practice.crowd(3)
    over(practice, people[-1], 30)
    page = practice.page("/staff/apology/doctor")
    before = page.says("preview")
    (form,) = [one for one in page.every("form") if one.get("action") == "/staff/apologise"]
    fields = {"visits": [one.get("value") for one in form.iter("input") if one.get("name") == "visits"]}
    assert fields["visits"] == [one["visit"] for one in people]
    assert {one.get("value"): text(one) for one in form.iter("button")} == SORRY
    answer = practice.client.post("/staff/apologise", data={**fields, "reason": "more_time"})
    assert (answer.status_code, answer.location) == (303, "/staff")
    read = shown(practice.get(practice.phone(people[0])))
    for sentence in before.replace(say("Here stands the reason that you choose."), SORRY["more_time"]).split(". "):
        assert sentence.rstrip(".") in read


def test_the_preview_is_of_who_waits_half_an_hour_and_says_what_others_read_first(practice: Practice) -> None:
    ana = practice.arrives()
    over(practice, ana, 15)
    practice.arrives()
    over(practice, ana, 75)
    page = practice.page("/staff/apology/doctor")
    assert say("%(ticket)s will read this, each of the others the same with their own times:", ticket="A 02") in (
        page.says("reads")
    )
    assert say("We're sorry this is taking so long.") in page.says("longer")
    assert say("We're sorry this is taking so long.") not in page.says("preview")


def test_it_is_not_sent_twice_for_one_delay_and_not_to_who_was_called_meanwhile(practice: Practice) -> None:
    ana, bo = practice.crowd(2)
    over(practice, bo, 31)
    practice.calls(ana)
    both = [ana["visit"], bo["visit"]]
    answer = practice.does("apologise", visits=both, reason="technical")
    assert answer == {"seq": answer["seq"], "visits": [bo["visit"]]}
    again = practice.staff("apologise", visits=both, reason="technical")
    assert (again.status_code, (again.json or {})["code"]) == (409, "no_apology_owed")
    assert console(practice).find("sorry-doctor") is None
    assert say("Nobody is owed an apology now") in shown(practice.get("/staff/apology/doctor"))


def test_the_same_tap_again_gets_the_same_answer(practice: Practice) -> None:
    over(practice, practice.arrives(), 30)
    first = practice.does("apologise", reason="technical", request="tap-s")
    seq = practice.desk.line.seq
    assert practice.does("apologise", reason="technical", request="tap-s") == first
    assert practice.desk.line.seq == seq


def test_a_program_says_sorry_for_one_service(practice: Practice) -> None:
    ana, nia = practice.arrives(), practice.arrives(service="nurse")
    over(practice, ana, 30)
    over(practice, nia, 30)
    assert practice.does("apologise", service="nurse", reason="technical")["visits"] == [nia["visit"]]


@pytest.mark.parametrize("visits", ["ana", [1], {"a": 1}, 5])
def test_visits_that_are_no_list_of_texts_are_named(practice: Practice, visits: Any) -> None:
    answer = practice.staff("apologise", visits=visits, reason="technical")
    assert (answer.status_code, (answer.json or {})["field"]) == (422, "visits")


def test_who_waits_an_hour_too_long_is_named_until_a_person_spoke_to_them(practice: Practice) -> None:
    ana = practice.arrives("Ana Diaz")
    over(practice, ana, 60)
    practice.does("apologise", reason="technical")
    said = console(practice).says(f"speak-{ana['visit']}")
    assert say("Speak to %(ticket)s", ticket="A 01") in said
    assert "Ana Diaz" in said
    practice.later(minutes=30)
    assert console(practice).find(f"speak-{ana['visit']}") is not None
    answer = practice.does("spoken-to", visit=ana["visit"])
    assert {**answer, "seq": 0} == {"ticket": "A 01", "visit": ana["visit"], "status": "waiting", "seq": 0}
    page = console(practice)
    assert page.find(f"speak-{ana['visit']}") is None
    row = page.find(f"row-{ana['visit']}")
    assert row is not None
    assert say("%(n)s min late", n=90) in text(row)


def test_a_word_in_person_tapped_by_mistake_is_undone(practice: Practice) -> None:
    ana = practice.arrives()
    over(practice, ana, 60)
    practice.does("spoken-to", visit=ana["visit"])
    practice.does("undo", visit=ana["visit"])
    assert console(practice).find(f"speak-{ana['visit']}") is not None


def test_a_word_in_person_before_its_time_is_refused_with_something_to_do(practice: Practice) -> None:
    ana = practice.arrives()
    answer = practice.staff("spoken-to", visit=ana["visit"])
    assert (answer.status_code, (answer.json or {})["code"]) == (409, "not_so_late")


@pytest.mark.parametrize("reason", REASONS)
def test_a_delay_note_is_two_taps_and_one_ends_it(practice: Practice, reason: str) -> None:
    assert console(practice).find("note-delay") is not None
    page = practice.page("/staff/delay")
    assert page.says(f"note-{reason}") == SORRY[reason]
    practice.client.post("/staff/note-delay", data={"reason": reason, "service": ""})
    (note,) = practice.desk.line.delays
    said = console(practice).says(note.note)
    assert SORRY[reason] in said
    assert say("Everyone reads this until %(time)s.", time="10:00") in said
    practice.client.post("/staff/end-delay", data={"note": note.note})
    assert console(practice).find(note.note) is None


def test_a_program_notes_a_delay_for_one_service_and_some_minutes(practice: Practice) -> None:
    answer = practice.does("note-delay", reason="urgent_care", service="nurse", minutes=15)
    assert answer == {"seq": answer["seq"], "note": answer["note"], "until": "2026-11-23T09:15:00+00:00"}
    said = console(practice).says(answer["note"])
    assert say("People for %(service)s read this until %(time)s.", service="Nurse", time="09:15") in said
    practice.later(minutes=15)
    assert console(practice).find(answer["note"]) is None
    gone = practice.staff("end-delay", note=answer["note"])
    assert (gone.status_code, (gone.json or {})["code"]) == (409, "unknown_note")


def test_an_apology_for_an_unknown_service_is_not_found(practice: Practice) -> None:
    practice.get("/staff/apology/nowhere", 404)


def test_the_tv_shows_a_note_by_letter_and_never_a_service_and_calls_come_first(practice: Practice) -> None:
    ana, _bo = practice.crowd(2)
    practice.does("note-delay", reason="urgent_care", service="doctor")
    page = practice.page("/display")
    (words,) = page.classed("tv-words")
    assert SORRY["urgent_care"] in text(words)
    assert page.says("line-3") == "A " + SORRY["urgent_care"]
    assert "Doctor" not in text(page.find("tv") or page.root)
    assert say("If you feel worse, tell us straight away.") in page.says("line-0")
    practice.calls(ana)
    page = practice.page("/display")
    assert not page.classed("tv-words")
    assert page.find(f"call-{practice.visit(ana).call}") is not None
    assert SORRY["urgent_care"] in page.says("line-3")
    practice.later(minutes=60)
    assert practice.page("/display").find("line-3") is None


def test_two_notes_and_closing_words_leave_the_tv_four_lines(practice: Practice) -> None:
    practice.crowd(1)
    for service, reason in (("doctor", "technical"), ("nurse", "room_closed")):
        practice.does("note-delay", reason=reason, service=service)
    page = practice.page("/display")
    assert (page.says("line-3"), page.says("line-1")) == (f"H {SORRY['room_closed']}", f"A {SORRY['technical']}")
    tv = page.find("tv")
    assert tv is not None
    assert tv.get("data-lines") == "4"
