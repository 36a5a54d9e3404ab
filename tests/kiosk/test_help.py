"""I need help from a person: rung once on the staff page, and seen to be answered."""

import pytest

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
