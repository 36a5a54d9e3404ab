"""What patients say to us: on my way, more time, stepped out, a question; and what is answered."""

from dataclasses import replace

import pytest

from clinic import commands, talk
from clinic.events import (
    Coming,
    Held,
    HelpAnswered,
    HelpAsked,
    HelpTaken,
    MarkedNoShow,
    Preferred,
    Recalled,
    Resumed,
    Told,
    Transferred,
)  # fmt: skip
from clinic.order import waiting
from tests.clinic.given import after, called, came, given, inside, refused, then


def order(line) -> list[str]:
    return [visit.id for visit in waiting(line)]


def test_who_answers_the_call_is_known_to_be_on_the_way() -> None:
    line = given(came("ana", 1), called("ana", 5))

    facts = talk.coming(line, after(6), "ana")
    line = then(line, *facts)

    assert facts == [Coming(after(6), "ana")]
    assert line.visits["ana"].coming_at == after(6)
    assert talk.coming(line, after(7), "ana") == []


def test_a_call_made_again_is_answered_again() -> None:
    line = given(came("ana", 1), called("ana", 5), Coming(after(6), "ana"), Recalled(after(9), "ana"))

    assert line.visits["ana"].coming_at is None


def test_staff_may_still_undo_a_call_that_was_answered() -> None:
    line = given(came("ana", 1), called("ana", 5), Coming(after(5), "ana"))

    assert commands.undo(line, after(5.1), "ana", seq=line.visits["ana"].call)


def test_only_who_is_called_can_be_on_the_way() -> None:
    with refused("wrong_status", ticket="A 01", status="waiting"):
        talk.coming(given(came("ana", 1)), after(5), "ana")


def test_who_needs_more_time_lets_others_go_first_and_is_then_next() -> None:
    line = given(came("ana", 1), came("bo", 2), came("cy", 3), called("ana", 5))

    facts = talk.more_time(line, after(6), "ana")
    line = then(line, *facts)

    assert facts == [Held(after(6), "ana", until=after(16))]
    assert order(line) == ["bo", "cy"]
    assert talk.back_again(line, after(15.9)) == []
    assert talk.back_again(line, after(16)) == [Resumed(after(16), "ana")]
    line = then(line, *talk.back_again(line, after(16)))
    assert order(line) == ["ana", "bo", "cy"]
    assert talk.back_again(line, after(17)) == []


def test_who_was_not_called_yet_and_needs_more_time_keeps_the_old_place() -> None:
    line = given(came("ana", 1), came("bo", 2), came("cy", 3))

    line = then(line, *talk.more_time(line, after(6), "bo"))
    line = then(line, *talk.back_again(line, after(16)))

    assert order(line) == ["ana", "bo", "cy"]


def test_who_is_back_sooner_is_not_brought_back_again() -> None:
    line = given(came("ana", 1), Held(after(2), "ana", until=after(12)), Resumed(after(5), "ana"))

    assert talk.back_again(line, after(12)) == []
    assert line.visits["ana"].away_until is None


def test_who_stepped_out_is_never_brought_back_by_the_clock() -> None:
    line = given(came("ana", 1), Held(after(2), "ana", back_by=after(12)))

    assert line.visits["ana"].back_by == after(12)
    assert talk.back_again(line, after(60)) == []


@pytest.mark.parametrize(
    ("low", "back_by"),
    [(48, 45), (45, 45), (17, 20), (0, 20)],
    ids=["rounded down", "on the five", "soonest ten minutes", "the window has begun"],
)
def test_who_steps_out_is_asked_to_be_back_before_their_window_begins(low: float, back_by: float) -> None:
    line = given(came("ana", 1), Told(after(1), "ana", after(low), after(90)))

    assert talk.step_out(line, after(8), "ana") == [Held(after(8), "ana", back_by=after(back_by))]


def test_who_was_given_no_time_steps_out_without_one() -> None:
    line = given(came("ana", 1), Told(after(1), "ana", why="no_room"))

    assert talk.step_out(line, after(8), "ana") == [Held(after(8), "ana")]


def test_who_is_called_and_steps_out_has_ten_minutes() -> None:
    line = given(came("ana", 1), called("ana", 6))

    assert talk.step_out(line, after(8), "ana") == [Held(after(8), "ana", back_by=after(20))]


@pytest.mark.parametrize("command", [talk.step_out, talk.more_time])
def test_stepping_out_twice_is_stepping_out_once(command) -> None:
    line = given(came("ana", 1), Held(after(2), "ana"))

    assert command(line, after(3), "ana") == []


@pytest.mark.parametrize("command", [talk.step_out, talk.more_time, talk.coming])
def test_who_is_being_seen_has_nothing_to_say_about_the_line(command) -> None:
    line = given(came("ana", 1), *inside("ana", 5))

    with refused("wrong_status", ticket="A 01", status="in_room"):
        command(line, after(6), "ana")
    with refused("unknown_visit"):
        command(line, after(6), "nobody")


def test_how_often_somebody_missed_their_call_is_counted() -> None:
    line = given(came("ana", 1), called("ana", 5), MarkedNoShow(after(10), "ana"), Resumed(after(12), "ana"),
                 called("ana", 14), MarkedNoShow(after(19), "ana"))  # fmt: skip

    assert line.visits["ana"].missed == 2


def test_somebody_may_choose_how_to_be_called_until_they_are_gone() -> None:
    line = given(came("ana", 1))

    facts = talk.prefer(line, after(2), "ana", "fetch")
    line = then(line, *facts)

    assert facts == [Preferred(after(2), "ana", "fetch")]
    assert line.visits["ana"].call_me == "fetch"
    assert talk.prefer(line, after(3), "ana", "fetch") == []
    with refused("unknown_way"):
        talk.prefer(line, after(3), "ana", "whistle")


def test_a_question_is_asked_taken_and_answered() -> None:
    line = given(came("ana", 1))

    asked = talk.ask_help(line, after(2), "q1", "A 01", "payment", "ana")
    line = then(line, *asked)
    assert asked == [HelpAsked(after(2), "q1", "A 01", "payment", "ana")]
    assert [one.about for one in talk.open_helps(line, "ana")] == ["payment"]

    line = then(line, *talk.take_help(line, after(3), "q1"))
    assert [one.taken_at for one in talk.open_helps(line, "ana")] == [after(3)]

    answered = talk.answer_help(line, after(4), "q1", "at_desk")
    line = then(line, *answered)
    assert answered == [HelpAnswered(after(4), "q1", "at_desk")]
    assert (line.helps["q1"].answer, line.helps["q1"].answered_at) == ("at_desk", after(4))
    assert talk.open_helps(line, "ana") == []
    with refused("help_answered"):
        talk.answer_help(line, after(5), "q1", "in_person")


def test_who_answers_a_question_has_taken_it() -> None:
    line = given(
        came("ana", 1), HelpAsked(after(2), "q1", "A 01", "next", "ana"), HelpAnswered(after(3), "q1", "at_desk")
    )

    assert line.helps["q1"].taken_at == after(3)


def test_a_wish_for_a_person_is_settled_when_somebody_goes() -> None:
    line = given(came("ana", 1), HelpAsked(after(2), "h1", "A 01", "worse", "ana"), HelpTaken(after(3), "h1"))

    assert talk.open_helps(line, "ana") == []
    assert talk.ask_help(line, after(9), "h2", "A 01", "worse", "ana") != []


def test_the_same_wish_twice_rings_once() -> None:
    line = given(came("ana", 1), HelpAsked(after(2), "h1", "A 01", "worse", "ana"))

    assert talk.ask_help(line, after(3), "h2", "A 01", "worse", "ana") == []
    assert talk.ask_help(line, after(3), "h3", "A 01", "", "ana") != []
    assert talk.ask_help(line, after(3), "h4", "tablet") != []


def test_only_questions_and_answers_of_the_lists_are_taken() -> None:
    line = given(came("ana", 1), HelpAsked(after(2), "h1", "A 01", "next", "ana"))

    with refused("unknown_question"):
        talk.ask_help(line, after(3), "h2", "A 01", "my back hurts", "ana")
    with refused("unknown_answer"):
        talk.answer_help(line, after(3), "h1", "take two pills")
    with refused("unknown_help"):
        talk.answer_help(line, after(3), "h9", "at_desk")


def test_what_was_said_survives_into_the_next_fold() -> None:
    line = given(came("ana", 1), called("ana", 5), Coming(after(6), "ana"), Held(after(7), "ana", until=after(17)))

    assert replace(line.visits["ana"]).away_until == after(17)
    assert line.visits["ana"].coming_at is None


def test_who_wants_a_person_may_say_what_about_until_somebody_goes() -> None:
    line = given(came("ana", 1), HelpAsked(after(2), "h1", "tablet"))

    facts = talk.say_about(line, after(3), "h1", "payment")

    assert facts == [HelpAsked(after(3), "h1", "tablet", "payment")]
    line = then(line, *facts)
    assert (len(line.helps), line.helps["h1"].about) == (1, "payment")
    assert talk.say_about(line, after(4), "h1", "next") == [], "it is said once"
    line = given(HelpAsked(after(2), "h1", "tablet"), HelpTaken(after(3), "h1"))
    assert talk.say_about(line, after(4), "h1", "next") == []
    with refused("unknown_question"):
        talk.say_about(line, after(4), "h1", "my back")
    with refused("unknown_help"):
        talk.say_about(line, after(4), "h9", "next")


def test_who_needs_more_time_and_is_sent_on_meanwhile_is_back_all_the_same() -> None:
    line = given(came("ana", 1), Held(after(2), "ana", until=after(12)), Transferred(after(3), "ana", "nurse"))

    assert line.visits["ana"].status == "on_hold"
    assert talk.back_again(line, after(12)) == [Resumed(after(12), "ana")]
