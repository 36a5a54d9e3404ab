"""I need help from a person: rung once on the staff page, and seen to be answered."""

import pytest

from messages import QUESTIONS
from tests.faces import Page, Practice, say, shown, text


def cards(practice: Practice) -> list[str]:
    return [text(one) for one in practice.page("/staff").every("article") if "data-help" in one.attrib]


def test_a_wish_for_a_person_stands_on_the_staff_page(practice: Practice) -> None:
    answer = practice.client.post("/kiosk/help", json={"request": "tap-h"})
    assert (answer.status_code, answer.json) == (201, {"help": "tap-h", "taken": False})
    (card,) = cards(practice)
    assert say("Help at the tablet") in card
    assert say("Asked at %(time)s", time="09:00") in card


def test_asking_twice_with_one_tap_is_one_card(practice: Practice) -> None:
    for _ in range(2):
        assert practice.client.post("/kiosk/help", data={"request": "tap-h"}).status_code == 200
        assert practice.client.post("/kiosk/help", json={"request": "tap-h"}).status_code == 201
    assert len(cards(practice)) == 1
    practice.client.post("/kiosk/help", data={"request": "tap-i"})
    assert len(cards(practice)) == 2


def test_who_checked_their_place_is_called_by_their_number(practice: Practice) -> None:
    practice.arrives()
    practice.client.post("/kiosk/help", data={"request": "1", "place": "A 01"})
    assert say("Help for %(ticket)s", ticket="A 01") in cards(practice)[0]


@pytest.mark.parametrize("place", ["Zebediah Quux", "A 77", "<script>"])
def test_a_wish_for_help_carries_no_words_of_others_to_staff(practice: Practice, place: str) -> None:
    answer = practice.client.post("/kiosk/help", json={"request": "1", "place": place})
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["field"] == "place"
    assert not cards(practice)


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_the_tablet_says_when_somebody_is_on_the_way(practice: Practice, lang: str) -> None:
    page = Page(practice.client.post("/kiosk/help", data={"request": "tap-h", "lang": lang}).text)
    assert say("We've told the team.", lang) in page.says("help")
    key = page.every("body")[0].attrib["data-key"]
    assert key == f"help/tap-h/{lang}"
    assert practice.does("take-help", help="tap-h") == {"seq": practice.desk.line.seq, "status": "taken"}
    now = practice.live.current(key)
    assert now
    assert say("Someone is coming.", lang) in shown(now["html"])
    assert not cards(practice)
    again = practice.client.post("/kiosk/help", json={"request": "tap-h"})
    assert again.json == {"help": "tap-h", "taken": True}


def test_help_is_taken_once(practice: Practice) -> None:
    practice.client.post("/kiosk/help", json={"request": "tap-h"})
    practice.does("take-help", help="tap-h")
    taken = practice.staff("take-help", help="tap-h")
    assert taken.status_code == 409
    assert taken.json
    assert taken.json["code"] == "help_taken"
    unknown = practice.staff("take-help", help="other")
    assert unknown.status_code == 409
    assert unknown.json
    assert unknown.json["code"] == "unknown_help"


def test_a_person_can_be_reached_on_a_closed_day_too(practice: Practice) -> None:
    practice.does("close-day")
    assert practice.client.post("/kiosk/help", data={"request": "tap-h"}).status_code == 200
    assert len(cards(practice)) == 1


def test_a_tablet_without_scripts_can_ask_too(practice: Practice) -> None:
    assert practice.client.post("/kiosk/help", data={"request": "", "place": "tablet"}).status_code == 200
    assert len(cards(practice)) == 1


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_who_asked_for_a_person_may_say_what_about_and_it_stays_one_call(practice: Practice, lang: str) -> None:
    asked = Page(practice.client.post("/kiosk/help", data={"request": "tap-h", "lang": lang}).text)
    assert say("Is it a question? Tell us what about:", lang) in asked.says("help")

    page = Page(practice.client.post("/kiosk/about", data={"help": "tap-h", "about": "payment", "lang": lang}).text)

    assert say("We've got your question.", lang) in page.says("help")
    (card,) = cards(practice)
    assert say("Insurance or payment") in card
    assert say("At the tablet") in card
    practice.does("answer", help="tap-h", answer="nothing_to_pay")
    now = practice.live.current(f"help/tap-h/{lang}")
    assert now
    assert say("There is nothing to pay today.", lang) in shown(now["html"])


def test_somebody_already_on_the_way_hears_the_question_from_them(practice: Practice) -> None:
    practice.client.post("/kiosk/help", data={"request": "tap-h"})
    practice.does("take-help", help="tap-h", who="Sam")
    page = Page(practice.client.post("/kiosk/about", data={"help": "tap-h", "about": "payment"}).text)
    assert "Sam is coming." in page.says("help")
    assert page.find("about-payment") is None
    assert practice.desk.line.helps["tap-h"].about == ""


def test_who_feels_worse_at_the_tablet_can_say_so(practice: Practice) -> None:
    practice.client.post("/kiosk/help", data={"request": "tap-h"})
    practice.client.post("/kiosk/about", data={"help": "tap-h", "about": "worse"})
    assert say("Somebody at the tablet feels worse") in cards(practice)[0]


def test_who_checks_their_place_can_ask_a_question_and_read_the_answer_on_their_phone(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    standing = practice.page("/kiosk/place?letter=A&number=1")
    assert standing.find("ask-question") is not None
    topics = Page(practice.client.post("/kiosk/question", data={"place": "A 01"}).text)
    assert [one.get("value") for one in topics.every("button", name_="about")] == list(QUESTIONS)

    sent = {"place": "A 01", "about": "next", "request": "tap-q"}
    page = Page(practice.client.post("/kiosk/help", data=sent).text)

    assert say("We answer on your phone, or we come to you. You keep your place.") in page.says("help")
    assert practice.desk.line.helps["tap-q"].asker == ana["visit"]
    assert "Ana" in cards(practice)[0]
    assert say("We've got your question.") in practice.page(practice.phone(ana)).says("said")
    again = practice.client.post("/kiosk/help", json={**sent, "request": "tap-r"})
    assert again.json == {"help": "tap-q", "taken": False}, "the same question is asked once"


@pytest.mark.parametrize("commands", [("hold",), ("call", "no-show")])
def test_who_is_back_says_so_at_the_tablet(practice: Practice, commands: tuple[str, ...]) -> None:
    ana = practice.arrives()
    assert practice.page("/kiosk/place?letter=A&number=1").find("here") is None
    for command in commands:
        practice.does(command, visit=ana["visit"], **({"room": "room-1"} if command == "call" else {}))
    assert practice.page("/kiosk/place?letter=A&number=1").find("here") is not None

    for _ in range(2):
        page = Page(practice.client.post("/kiosk/here", data={"place": "A 01"}).text)
        assert say("Nobody is before you.") in page.says("standing")
    assert practice.visit(ana).status == "waiting"


@pytest.mark.parametrize("path", ["/kiosk/question", "/kiosk/here"])
def test_a_number_that_is_not_here_leads_to_the_welcome_page(practice: Practice, path: str) -> None:
    practice.does("leave", visit=practice.arrives()["visit"])
    for place in ("A 01", "A 77", "Ana"):
        assert Page(practice.client.post(path, data={"place": place}).text).find("start") is not None
    assert practice.client.post(path).status_code == 422


def test_only_a_known_call_and_a_known_topic_can_be_said_more_of(practice: Practice) -> None:
    practice.client.post("/kiosk/help", data={"request": "tap-h"})
    assert practice.client.post("/kiosk/about", data={"help": "tap-h", "about": "my back"}).status_code == 422
    assert practice.client.post("/kiosk/about", data={"help": "other", "about": "next"}).status_code == 409
