"""What staff see of what patients say: who asks what, who has it, who is coming, who is out and until when."""

from typing import Any
from xml.etree.ElementTree import Element

import pytest

from messages import ANSWERS, QUESTIONS
from tests.faces import Page, Practice, say, text


def asks(practice: Practice, visit: dict[str, Any], about: str = "") -> str:
    """Somebody asks on their phone; the id of it."""
    practice.client.post(practice.phone(visit) + "/help", data={"about": about})
    return list(practice.desk.line.helps)[-1]


def says(practice: Practice, visit: dict[str, Any], what: str) -> None:
    assert practice.client.post(f"{practice.phone(visit)}/{what}").status_code == 303


def needs(practice: Practice) -> list[Element]:
    """The cards of calls and questions, from above."""
    cards = practice.page("/staff").every("article")
    return [one for one in cards if one.get("id", "").startswith("help-")]


def test_who_feels_worse_stands_first_then_calls_then_questions(practice: Practice) -> None:
    ana, bo, cy, dee = practice.crowd(4)
    asks(practice, ana, "payment")
    taken = asks(practice, bo, "next")
    asks(practice, cy)
    practice.later(seconds=5)
    asks(practice, dee, "worse")
    practice.does("take-help", help=taken, who="Sam")

    cards = [text(one) for one in needs(practice)]

    for card, words in zip(cards, ("feels worse", "Help for", QUESTIONS["payment"], QUESTIONS["next"]), strict=True):
        assert words in card
    assert [one.get("class", "").split()[1:] for one in needs(practice)] == [["worse"], ["urgent"], [], []]
    assert ["data-help" in one.attrib for one in needs(practice)] == [True, True, True, False], "what is taken is quiet"
    assert ["data-worse" in one.attrib for one in needs(practice)] == [True, False, False, False]


def test_a_card_says_who_what_and_since_when(practice: Practice) -> None:
    ana = practice.arrives("Ana Okafor")
    asks(practice, ana, "worse")
    (card,) = needs(practice)
    for words in ("A 01 feels worse", "Ana Okafor", "Asked at 09:00"):
        assert words in text(card)
    assert card.find(".//svg") is not None
    practice.does("hold", visit=ana["visit"])
    assert say("Has stepped out") in text(needs(practice)[0])


def test_a_call_that_nobody_takes_grows_after_one_minute_and_after_three(practice: Practice) -> None:
    ana, bo = practice.crowd(2)
    help_id = asks(practice, ana)
    asks(practice, bo, "payment")

    def louder() -> list[str]:
        return [one for card in needs(practice) for one in card.get("class", "").split() if one.startswith("louder")]

    assert louder() == []
    practice.later(1)
    assert louder() == ["louder-1", "louder-1"]
    assert "1 min" in text(needs(practice)[0])
    practice.later(2)
    assert louder() == ["louder-2", "louder-2"]
    practice.does("take-help", help=help_id)
    assert louder() == ["louder-2"]


def test_a_question_has_an_owner_and_then_an_answer(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    help_id = asks(practice, ana, "payment")
    assert say("I'll answer") in text(needs(practice)[0])

    said = practice.does("take-help", help=help_id, who="Sam")

    assert said["status"] == "taken"
    assert say("%(name)s has this", name="Sam") in text(needs(practice)[0])
    link = needs(practice)[0].find(".//a")
    assert link is not None
    page = practice.page(link.get("href", ""))
    offered = {one.get("value"): text(one) for one in page.every("button", name_="answer")}
    assert offered == ANSWERS, "staff read exactly what the patient will read"
    assert practice.does("answer", help=help_id, answer="at_desk")["status"] == "answered"
    assert needs(practice) == []
    assert say("This is answered") in practice.get(link.get("href", ""))
    late = practice.staff("answer", help=help_id, answer="all_set")
    assert (late.status_code, late.json and late.json["code"]) == (409, "help_answered")


def test_a_question_taken_without_a_name_is_somebody_s(practice: Practice) -> None:
    practice.does("take-help", help=asks(practice, practice.arrives(), "next"))
    assert say("Somebody has this") in text(needs(practice)[0])


def test_the_first_name_of_who_goes_is_cleaned_and_short(practice: Practice) -> None:
    ana, bo = practice.crowd(2)
    first, second = asks(practice, ana), asks(practice, bo)
    practice.does("take-help", help=first, who="  <b>Sam</b>  ")
    html = practice.get(practice.phone(ana))
    assert "<b>Sam</b> is coming" not in html
    assert "&lt;b&gt;Sam&lt;/b&gt;" in html
    too_long = practice.staff("take-help", help=second, who="x" * 31)
    assert (too_long.status_code, too_long.json and too_long.json["field"]) == (422, "who")
    assert practice.desk.line.helps[second].taken_at is None


def test_the_name_of_who_went_is_in_no_fact_and_gone_with_the_day(practice: Practice) -> None:
    help_id = asks(practice, practice.arrives(), "next")
    practice.does("take-help", help=help_id, who="Zebediah")
    assert "Zebediah" not in repr(practice.desk.entries)
    assert practice.desk.takers([help_id]) == {help_id: "Zebediah"}
    practice.does("close-day", confirm=True)
    practice.does("open-day", rooms=["room-1"])
    assert practice.desk.takers([help_id]) == {}


@pytest.mark.parametrize("answer", ["", "take two pills", "in_person "])
def test_an_answer_is_of_the_list(practice: Practice, answer: str) -> None:
    help_id = asks(practice, practice.arrives(), "next")
    assert practice.staff("answer", help=help_id, answer=answer).status_code == 422
    assert practice.desk.line.helps[help_id].answered_at is None


def test_an_unknown_question_has_no_page_and_no_answer(practice: Practice) -> None:
    practice.get("/staff/question/nothing", 404)
    answer = practice.staff("answer", help="nothing", answer="at_desk")
    assert (answer.status_code, answer.json and answer.json["code"]) == (409, "unknown_help")


def test_staff_see_that_somebody_is_coming_before_they_call_again_or_say_missed(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    page = practice.page("/staff")
    assert say("Coming") not in page.says(f"row-{ana['visit']}")
    practice.later(1)
    says(practice, ana, "coming")
    page = practice.page("/staff")
    assert say("Coming") in page.says(f"row-{ana['visit']}")
    assert say("%(ticket)s is coming", ticket="A 01") in page.says("room-room-1")
    practice.later(6)
    overdue = practice.page("/staff").says(f"overdue-{ana['visit']}")
    assert say("Said at %(time)s: I'm coming", time="09:01") in overdue
    assert practice.json("/staff/line.json")["visits"][0]["coming"] is True
    practice.does("recall", visit=ana["visit"])
    assert say("Coming") not in practice.page("/staff").says(f"row-{ana['visit']}")


def test_staff_see_who_is_out_and_until_when_before_they_call(practice: Practice) -> None:
    ana, bo, cy = practice.crowd(3)
    practice.calls(ana)
    says(practice, ana, "more-time")
    practice.calls(bo)
    says(practice, bo, "step-out")

    page = practice.page("/staff")

    assert say("Out until %(time)s", time="09:10") in page.says(f"row-{ana['visit']}")
    assert say("Out, back by %(time)s", time="09:10") in page.says(f"row-{bo['visit']}")
    for room in ("room-1", "room-2"):
        card = page.says(f"room-{room}")
        assert say("%(ticket)s is out until %(time)s", ticket="A 01", time="09:10") in card
        assert "A 03" in card, "who is called next stands there too"
    seen = {one["id"]: one for one in practice.json("/staff/line.json")["visits"]}
    assert seen[ana["visit"]]["away_until"] == "2026-11-23T09:10:00+00:00"
    assert seen[bo["visit"]]["back_by"] == "2026-11-23T09:10:00+00:00"
    assert seen[cy["visit"]]["back_by"] is None
    practice.later(10)
    page = practice.page("/staff")
    assert say("Due back since %(time)s", time="09:10") in page.says(f"row-{bo['visit']}")
    assert "is out" not in page.says("room-room-1"), "who asked for more time is in the line again, and next"
    practice.calls(ana)
    card = practice.page("/staff").says("room-room-2")
    assert say("%(ticket)s is out, back by %(time)s", ticket="A 02", time="09:10") in card


def test_who_is_out_and_would_not_be_next_is_not_on_the_card(practice: Practice) -> None:
    _, bo, nurse = *practice.crowd(2), practice.arrives(service="nurse")
    for visit in (bo, nurse):
        says(practice, visit, "step-out")
    page = practice.page("/staff")
    assert "is out" not in page.says("room-room-1")
    assert "H 01 is out" in page.says("room-room-3"), "where nobody else waits it would be them"


def test_programs_read_what_is_asked_and_not_settled(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    help_id = asks(practice, ana, "payment")
    practice.client.post("/kiosk/help", data={"request": "h1"})
    assert practice.json("/staff/line.json")["helps"] == [
        {"id": "h1", "about": "", "ticket": "", "taken": False},
        {"id": help_id, "about": "payment", "ticket": "A 01", "taken": False},
    ]


def test_a_call_answered_on_the_phone_is_marked_on_the_tv(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)

    def call() -> Element:
        found = Page(practice.get("/display")).find(f"call-{practice.visit(ana).call}")
        assert found is not None
        return found

    assert "data-answered" not in call().attrib
    says(practice, ana, "coming")
    assert "data-answered" in call().attrib


def test_a_call_for_help_ends_with_the_visit_but_who_felt_worse_and_left_stays(practice: Practice) -> None:
    ana, bo, cy = practice.crowd(3)
    asks(practice, ana)
    asks(practice, bo, "worse")
    asks(practice, cy, "worse")
    practice.calls(ana)
    practice.does("finish", visit=ana["visit"])
    practice.calls(cy)
    practice.does("finish", visit=cy["visit"])
    practice.does("leave", visit=bo["visit"])

    assert [text(one).split(" feels")[0] for one in needs(practice)] == [bo["ticket"]]


def test_yesterdays_calls_for_help_are_not_todays_strangers(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    asks(practice, ana, "worse")
    practice.client.post("/kiosk/help", json={"place": "tablet", "request": "at-the-tablet"})
    practice.does("leave", visit=ana["visit"])
    practice.does("close-day", confirm=True)
    practice.later(minutes=900)
    practice.does("open-day", rooms=["room-1"])

    assert list(practice.desk.line.helps) == ["at-the-tablet"]


def test_who_says_later_that_they_feel_worse_has_waited_since_they_asked(practice: Practice) -> None:
    practice.client.post("/kiosk/help", json={"place": "tablet", "request": "h1"})
    practice.later(minutes=4)
    practice.client.post("/kiosk/about", data={"help": "h1", "about": "payment"})
    practice.client.post("/kiosk/about", data={"help": "h1", "about": "worse"})

    (card,) = needs(practice)
    assert "data-worse" in card.attrib
    assert "louder-2" in card.get("class", "")


def test_a_question_of_somebody_without_a_number_is_answered_in_person(practice: Practice) -> None:
    practice.client.post("/kiosk/help", json={"place": "tablet", "about": "payment", "request": "q1"})

    answers = [one.get("value") for one in practice.page("/staff/question/q1").every("button") if one.get("name")]
    assert answers == ["in_person"]
