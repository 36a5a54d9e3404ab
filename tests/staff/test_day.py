"""The day opens and closes by a person's hand, and nobody is forgotten at its end."""

from tests.faces import Practice, say, say_many, shown, text


def test_a_day_opens_with_the_rooms_that_were_ticked(practice: Practice) -> None:
    practice.does("close-day")
    answer = practice.client.post("/staff/open-day", data={"rooms": ["room-1", "room-3"]})
    assert (answer.status_code, answer.location) == (303, "/staff")
    states = [practice.desk.line.room(room).state for room in ("room-1", "room-2", "room-3")]
    assert states == ["open", "closed", "open"]


def test_a_program_opens_a_day_too(practice: Practice) -> None:
    practice.does("close-day")
    assert practice.does("open-day", rooms=["room-2"]) == {"seq": practice.desk.line.seq, "status": "open"}
    assert practice.desk.line.room("room-2").state == "open"
    practice.does("close-day")
    practice.does("open-day")
    assert practice.desk.line.rooms == {}


def test_numbers_begin_again_with_the_day(practice: Practice) -> None:
    practice.crowd(3)
    practice.does("close-day", confirm=True)
    practice.does("open-day", rooms=["room-1"])
    assert practice.arrives()["ticket"] == "A 01"
    assert len(practice.desk.line.visits) == 1


def test_closing_with_people_here_names_them_and_asks(practice: Practice) -> None:
    practice.arrives("Ana Diaz")
    practice.does("call", visit=practice.arrives("Bo Quagga", service="nurse")["visit"], room="room-3")
    answer = practice.staff("close-day")
    assert answer.status_code == 409
    assert answer.json == {
        "code": "people_waiting",
        "message": say(
            "These people are still here: %(tickets)s. See them first, or close and tell each one.",
            tickets="A 01, H 01",
        ),
    }
    assert practice.desk.line.opened_at is not None
    page = practice.page("/staff/day")
    (people,) = page.classed("names")
    assert [text(one) for one in people.iter("li")] == ["A 01 Ana Diaz waiting", "H 01 Bo Quagga called"]
    words = ("%(n)s person is still here. Talk to them before you close.",
             "%(n)s people are still here. Talk to each before you close.")  # fmt: skip
    assert say_many(*words, 2) in shown(practice.get("/staff/day"))


def test_closing_confirmed_gives_everybody_an_end(practice: Practice) -> None:
    waiting, called, inside, away = practice.crowd(4)
    practice.calls(called)
    practice.calls(inside, room="room-2")
    practice.does("start", visit=inside["visit"])
    practice.does("hold", visit=away["visit"])
    assert practice.does("close-day", confirm=True) == {"seq": practice.desk.line.seq, "status": "closed"}
    assert [practice.visit(one).status for one in (waiting, called, inside, away)] == ["left", "left", "done", "left"]
    assert practice.desk.line.opened_at is None
    assert say("The day is closed.") in shown(practice.get("/staff"))


def test_the_page_closes_the_day_for_those_it_named_and_for_nobody_else(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    form = next(one for one in practice.page("/staff/day").every("form") if one.get("action") == "/staff/close-day")
    fields = [(one.get("name", ""), one.get("value", "")) for one in form.iter("input")]
    sent = {name: [value for other, value in fields if other == name] for name, _ in fields}
    late = practice.arrives("Bo")
    answer = practice.client.post("/staff/close-day", data=sent)
    assert answer.status_code == 409
    assert "A 02" in shown(answer.text)
    assert "A 01" not in shown(answer.text)
    assert {practice.visit(one).status for one in (ana, late)} == {"waiting"}
    practice.does("leave", visit=late["visit"])
    assert practice.client.post("/staff/close-day", data=sent).status_code == 303
    assert practice.visit(ana).status == "left"


def test_an_empty_day_closes_without_a_question(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("leave", visit=ana["visit"])
    said = shown(practice.get("/staff/day"))
    assert say("Nobody is waiting. The tablet stops taking people in.") in said
    assert practice.does("close-day")["status"] == "closed"


def test_closing_twice_by_one_tap_is_one_close(practice: Practice) -> None:
    first = practice.does("close-day", request="tap-z")
    assert practice.does("close-day", request="tap-z") == first


def test_opening_twice_by_one_tap_is_one_day(practice: Practice) -> None:
    practice.does("close-day")
    first = practice.does("open-day", rooms=["room-1"], request="tap-z")
    assert practice.does("open-day", rooms=["room-1"], request="tap-z") == first
    other = practice.staff("open-day", rooms=["room-2"], request="tap-z")
    assert (other.status_code, (other.json or {})["code"]) == (409, "request_reused")


def test_a_day_left_open_overnight_is_pointed_out(practice: Practice) -> None:
    note = say("This day has been open since yesterday. Close it and open a new one when everybody is seen.")
    practice.later(minutes=16 * 60)
    assert note not in shown(practice.get("/staff"))
    practice.later(minutes=1)
    assert note in shown(practice.get("/staff"))


def test_the_form_of_a_closed_day_offers_every_room(practice: Practice) -> None:
    practice.does("close-day")
    page = practice.page("/staff/day")
    rooms = [one.get("value") for one in page.every("input", type="checkbox") if "checked" in one.attrib]
    assert rooms == ["room-1", "room-2", "room-3"]
