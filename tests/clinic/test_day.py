"""The day opens and closes by hand, and nobody is forgotten at its end. Help is asked for at any time."""

import pytest

from clinic import commands, talk
from clinic.events import Closed, Finished, Held, HelpAsked, HelpTaken, Left, MarkedNoShow, Opened
from clinic.line import HERE, Help, Line, apply, present
from tests.clinic.given import NINE, SETUP, Entry, after, called, came, given, inside, refused, then


def test_a_day_opens_with_an_empty_line() -> None:
    line = then(given(came("ana", 1), Left(after(2), "ana")), Closed(after(3)))

    facts = commands.open_day(line, after(1440))
    line = then(line, *facts)

    assert facts == [Opened(after(1440))]
    assert line == Line(SETUP, line.seq, after(1440))


def test_an_open_day_is_not_opened_again() -> None:
    with refused("day_open"):
        commands.open_day(given(), after(1))


def test_a_day_with_nobody_left_closes_at_once() -> None:
    line = given(came("ana", 1), *inside("ana", 2), Finished(after(9), "ana"))

    facts = commands.close_day(line, after(500))

    assert facts == [Closed(after(500))]
    assert then(line, *facts).opened_at is None


def test_closing_with_people_still_here_names_them_and_asks() -> None:
    line = given(
        came("ana", 1), came("bo", 2), came("cy", 3), came("di", 4), came("eve", 5), came("fay", 6),
        *inside("ana", 7), called("bo", 7, "room-2"), Held(after(8), "cy"),
        called("di", 8), MarkedNoShow(after(9), "di"), Left(after(9), "fay"),
    )  # fmt: skip

    with refused("people_waiting", tickets=["A 01", "A 02", "A 03", "A 04", "A 05"]):
        commands.close_day(line, after(500))


def test_closing_asks_again_for_who_came_after_the_others_were_told() -> None:
    line = given(came("ana", 1), came("bo", 2))

    with refused("people_waiting", tickets=["A 02"]):
        commands.close_day(line, after(500), confirm=True, told=["ana", "somebody gone by now"])


@pytest.mark.parametrize("told", [None, ["ana", "bo", "cy"]])
def test_a_confirmed_closing_gives_everybody_an_outcome(told: list[str] | None) -> None:
    line = given(came("ana", 1), came("bo", 2), came("cy", 3), *inside("ana", 7), Held(after(8), "cy"))

    facts = commands.close_day(line, after(500), confirm=True, told=told)
    line = then(line, *facts)

    assert facts == [
        Finished(after(500), "ana"), Left(after(500), "bo", "closed"), Left(after(500), "cy", "closed"),
        Closed(after(500)),
    ]  # fmt: skip
    assert present(line, *HERE) == []
    assert [visit.left_why for visit in line.visits.values()] == [None, "closed", "closed"]


def test_a_closed_day_is_not_closed_again() -> None:
    with refused("day_closed"):
        commands.close_day(then(given(), Closed(after(1))), after(2))


@pytest.mark.parametrize("line", [given(), then(given(), Closed(after(1)))])
def test_help_is_asked_for_on_any_day(line: Line) -> None:
    facts = talk.ask_help(line, after(2), "h1", "Tablet 1")

    assert facts == [HelpAsked(after(2), "h1", "Tablet 1")]
    assert then(line, *facts).helps == {"h1": Help("h1", "Tablet 1", after(2))}


def test_asking_for_the_same_help_again_rings_once() -> None:
    assert talk.ask_help(given(HelpAsked(NINE, "h1", "Tablet 1")), after(2), "h1", "Tablet 1") == []


def test_the_same_wish_for_help_does_not_come_from_two_places() -> None:
    with refused("request_reused"):
        talk.ask_help(given(HelpAsked(NINE, "h1", "Tablet 1")), after(2), "h1", "Tablet 2")


def test_taking_a_wish_for_help_says_who_comes() -> None:
    line = given(HelpAsked(NINE, "h1", "Tablet 1"))

    facts = talk.take_help(line, after(2), "h1")
    line = apply(line, Entry(line.seq + 1, facts[0], by="Sam"))

    assert facts == [HelpTaken(after(2), "h1")]
    assert line.helps["h1"] == Help("h1", "Tablet 1", NINE, taken_at=after(2), taken_by="Sam")


def test_only_one_person_takes_a_wish_for_help() -> None:
    with refused("help_taken"):
        talk.take_help(given(HelpAsked(NINE, "h1", "Tablet 1"), HelpTaken(after(1), "h1")), after(2), "h1")


def test_a_wish_for_help_that_nobody_had_is_not_taken() -> None:
    with refused("unknown_help"):
        talk.take_help(given(), after(2), "h1")
