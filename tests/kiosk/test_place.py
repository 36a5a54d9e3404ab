"""Check my place: any waiting number finds its own time on the tablet, and nobody finds a person by name."""

import re

import pytest

from tests.faces import Practice, say, say_many, shown

NOT_FOUND = "We can't find this number today. Check it, or ask at the desk."


@pytest.mark.parametrize(
    "asked",
    ["letter=A&number=9", "letter=A&number=09", "letter=a&number=009", "letter=&number=a+09", "letter=A&number=+9+",
     "number=A09", "letter=A%209", "letter=A&number=0%209"],
)  # fmt: skip
def test_a_number_is_found_however_it_is_typed(practice: Practice, asked: str) -> None:
    practice.crowd(9)
    page = practice.page(f"/kiosk/place?{asked}")
    assert page.says("number") == "A 09"
    assert say_many("There is %(n)s person before you.", "There are %(n)s people before you.", 8) in page.says(
        "standing"
    )


def test_the_place_is_told_with_the_same_time_as_on_the_phone(practice: Practice) -> None:
    ana = practice.crowd(4)[-1]
    told = practice.desk.line.visits[ana["visit"]].told
    assert told
    assert told.high
    for path in ("/kiosk/place?letter=A&number=4", practice.phone(ana)):
        assert f"{told.high:%H:%M}" in shown(practice.get(path))


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
@pytest.mark.parametrize("asked", ["letter=A&number=77", "letter=A&number=0", "letter=Z&number=1", "letter=A&number=x",
                                   "letter=A", "number=%00", "letter=ß&number=1", "number=-1"])  # fmt: skip
def test_a_number_that_is_not_here_comes_back_kindly(practice: Practice, asked: str, lang: str) -> None:
    practice.arrives()
    page = practice.page(f"/kiosk/place?{asked}&lang={lang}")
    assert say(NOT_FOUND, lang) in page.says("number-problem")
    typed = page.find("number-typed")
    assert typed is not None
    assert typed.get("aria-invalid") == "true"


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_a_number_without_its_letter_is_asked_for_the_letter(practice: Practice, lang: str) -> None:
    practice.arrives()
    page = practice.page(f"/kiosk/place?number=1&lang={lang}")
    assert say("Touch the letter on your number first.", lang) in page.says("number-problem")
    typed = page.find("number-typed")
    assert typed is not None
    assert typed.get("value") == "1"


def test_what_was_typed_is_kept(practice: Practice) -> None:
    page = practice.page("/kiosk/place?letter=H&number=77")
    typed = page.find("number-typed")
    assert typed is not None
    assert typed.get("value") == "77"
    assert [one.get("value") for one in page.every("input", name_="letter") if "checked" in one.attrib] == ["H"]


def test_whether_a_person_is_here_cannot_be_asked(practice: Practice) -> None:
    practice.arrives("Zebediah Quux", call_me="name")

    def answer(name: str) -> str:
        page = practice.get(f"/kiosk/place?number={name}")
        return re.sub(r"\d\d:\d\d", "", page).replace(name, "")

    for here, stranger in [("Zebediah", "Nobodyxx"), ("Quux", "Nbdy"), ("Z", "N")]:
        assert answer(here) == answer(stranger)


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (["call"], "It's your turn."),
        (["call"], "Please come to %(room)s."),
        (["call", "start"], "You are being seen in %(room)s."),
        (["hold"], "You have stepped out. You keep your place."),
        (["call", "no-show"], "We called %(ticket)s at %(time)s and did not find you."),
    ],
)
@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_the_tablet_knows_every_state_of_who_is_here(
    practice: Practice, steps: list[str], sentence: str, lang: str
) -> None:
    ana = practice.arrives("Ana")
    for command in steps:
        practice.does(command, visit=ana["visit"], **({"room": "room-1"} if command == "call" else {}))
    values = {"room": "Room 1", "ticket": "A 01", "time": "09:00"}
    used = {name: value for name, value in values.items() if f"%({name})s" in sentence}
    page = practice.page(f"/kiosk/place?letter=A&number=1&lang={lang}")
    assert say(sentence, lang, **used) in page.says("standing")


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_without_a_fair_time_the_place_comes_with_the_time_of_the_next_word(practice: Practice, lang: str) -> None:
    for room in ("room-1", "room-2"):
        practice.does("close-room", room=room)
    practice.crowd(2)
    words = practice.page(f"/kiosk/place?letter=A&number=2&lang={lang}").says("standing")
    assert say("We can't give you a fair time right now.", lang) in words
    assert say("We will update this by %(time)s.", lang, time="09:20") in words
    assert say_many("There is %(n)s person before you.", "There are %(n)s people before you.", 1, lang) in words


@pytest.mark.parametrize("end", ["finish", "leave"])
def test_who_has_gone_is_not_found_any_more(practice: Practice, end: str) -> None:
    ana = practice.arrives()
    if end == "finish":
        practice.calls(ana)
    practice.does(end, visit=ana["visit"])
    assert say(NOT_FOUND) in practice.page("/kiosk/place?letter=A&number=1").says("number-problem")


def test_the_hundredth_number_of_a_long_day_is_found(practice: Practice) -> None:
    practice.crowd(101)
    assert practice.page("/kiosk/place?letter=A&number=100").says("number") == "A 100"
