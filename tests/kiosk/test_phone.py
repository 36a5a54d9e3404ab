"""The patient's phone: one secret page, true in every state, in every language, and gone when it should be."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

import throttle
from kiosk import phone
from tests.faces import Page, Practice, say, say_many, shown

LANGUAGES = ["en", "es", "ar"]
STEPS: dict[str, list[str]] = {
    "next": [],
    "called": ["call"],
    "in_room": ["call", "start"],
    "on_hold": ["hold"],
    "no_show": ["call", "no-show"],
    "done": ["call", "start", "finish"],
    "left": ["leave"],
}
SENTENCES: dict[str, list[str]] = {
    "waiting": ["You're checked in.", "Still on time.", "Most likely by %(time)s.", "We'll tell you if that changes."],
    "next": ["You're next.", "Please stay close to the waiting room."],
    "called": [
        "It's your turn.",
        "Please come to %(room)s.",
        "Take the time you need. We will wait 5 minutes.",
        "Called at %(time)s.",
    ],
    "in_room": ["You are being seen in %(room)s."],
    "on_hold": ["You have stepped out. You keep your place.", 'Tap "I\'m here" when you are back.'],
    "no_show": [
        "We called %(ticket)s at %(time)s and did not find you.",
        "You have not lost your place.",
        'Tap "I\'m here" and we will call you next.',
    ],
    "done": ["Thank you for coming today."],
    "left": ["You have left the line.", "We're sorry we did not see you sooner."],
    "cannot_say": [
        "We can't give you a fair time right now.",
        "We will update this by %(time)s.",
        "You keep your place.",
    ],
}
VALUES = {"room": "Room 1", "ticket": "A 01"}
TIMES = {"Called at": "09:00", "We called": "09:00", "We will update": "09:20"}


def sentence(words: str, lang: str = "en", by: str = "") -> str:
    """The catalogue's sentence with today's values, `by` being the end of the told window."""
    values = {**VALUES, "time": next((time for start, time in TIMES.items() if words.startswith(start)), by)}
    return say(words, lang, **{name: value for name, value in values.items() if f"%({name})s" in words})


def in_state(practice: Practice, state: str) -> dict[str, Any]:
    """Somebody whose page shows this state."""
    if state == "waiting":
        return practice.crowd(3)[2]
    ana = practice.arrives()
    if state == "cannot_say":
        for room in ("room-1", "room-2"):
            practice.does("close-room", room=room)
        practice.live.push()
        return ana
    for command in STEPS[state]:
        practice.does(command, visit=ana["visit"], **({"room": "room-1"} if command == "call" else {}))
    return ana


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", SENTENCES)
def test_every_state_has_its_sentence(practice: Practice, state: str, lang: str) -> None:
    ana = in_state(practice, state)
    html = practice.get(practice.phone(ana, lang))
    page = Page(html)
    told = practice.visit(ana).told
    by = f"{told.high:%H:%M}" if told and told.high else ""
    for words in SENTENCES[state]:
        assert sentence(words, lang, by) in shown(html), words
    assert page.every("html")[0].get("dir") == ("rtl" if lang == "ar" else "ltr")
    ticket = page.find("ticket")
    assert ticket is not None
    assert ticket.get("data-state") == ("waiting" if state == "cannot_say" else state)
    assert practice.visit(ana).ticket in shown(html)


@pytest.mark.parametrize("state", SENTENCES)
def test_only_one_state_is_told_at_a_time(practice: Practice, state: str) -> None:
    said = shown(practice.get(practice.phone(in_state(practice, state))))
    for other, (first, *_) in SENTENCES.items():
        assert (sentence(first) in said) is (other == state), other


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("before", [0, 1, 2, 3, 11])
def test_the_place_is_told_in_people(practice: Practice, before: int, lang: str) -> None:
    ana = practice.crowd(before + 1)[-1]
    words = practice.page(practice.phone(ana, lang)).says("place")
    one, many = "There is %(n)s person before you.", "There are %(n)s people before you."
    assert words == (say_many(one, many, before, lang) if before else say("Nobody is before you.", lang))


def test_state_number_place_time_and_update_come_in_this_order(practice: Practice) -> None:
    ana = practice.crowd(4)[-1]
    said = shown(practice.get(practice.phone(ana)))
    order = [
        "Still on time.",
        "A 04",
        "There are 3 people before you.",
        "Most likely by",
        "Updated 09:00.",
        "Next: we call A 04 here and on the waiting-room screen.",
    ]
    found = [said.index(words) for words in order]
    assert found == sorted(found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_joined_after_is_told_from_the_first_on_and_never_that_nobody_did(practice: Practice, lang: str) -> None:
    ana = practice.crowd(2)[-1]
    one, many = "%(n)s person has joined after you.", "%(n)s people have joined after you."
    for joined in range(3):
        said = shown(practice.get(practice.phone(ana, lang)))
        assert [n for n in range(12) if say_many(one, many, n, lang) in said] == ([joined] if joined else [])
        practice.arrives()


def test_those_of_other_rooms_have_not_joined_after_you(practice: Practice) -> None:
    ana = practice.arrives()
    practice.crowd(3, service="nurse")
    assert "joined" not in shown(practice.get(practice.phone(ana)))


@pytest.mark.parametrize("state", SENTENCES)
def test_no_page_says_that_somebody_is_last_or_counts_to_zero(practice: Practice, state: str) -> None:
    said = shown(practice.get(practice.phone(in_state(practice, state)))).lower()
    assert not re.search(
        r"\blast\b|end of the line|behind you|\b0 (min|people|person)|-\d+ min|nobody has joined", said
    )


def test_a_page_on_which_nothing_changed_is_not_made_anew(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _, third = practice.crowd(3)
    key = f"phone/{practice.phone(third).rpartition('/')[2]}/en"
    made = count(1)
    monkeypatch.setattr(phone, "render", lambda *_about, **_values: str(next(made)))

    def page() -> str:
        shown = practice.live.current(key)
        assert shown
        return str(shown["html"])

    assert [page(), page()] == ["1", "1"]
    practice.clock.time += timedelta(seconds=20)  # within the same minute
    assert page() == "1"
    practice.does("leave", visit=first["visit"])
    assert [page(), page()] == ["2", "2"]  # one person fewer before them
    practice.clock.time += timedelta(minutes=1)
    assert page() == "3"


def test_a_link_is_22_letters_that_say_nothing(practice: Practice) -> None:
    links = {practice.phone(one) for one in practice.crowd(20)}
    assert len(links) == 20
    assert all(re.fullmatch(r"/t/[A-Za-z0-9_-]{22}", link) for link in links)


@pytest.mark.parametrize("path", ["/t/" + "x" * 22, "/t/" + "x" * 22 + "/leave", "/t/" + "é" * 22])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unknown_link_is_answered_as_one_that_has_ended(practice: Practice, path: str, lang: str) -> None:
    page = practice.get(f"{path}?lang={lang}", 404)
    assert say("This page has ended.", lang) in shown(page)
    assert practice.client.post(f"/t/{'x' * 22}/leave", data={"request": "1"}).status_code == 404


def test_a_link_that_has_ended_cannot_be_told_from_one_that_never_was(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("leave", visit=ana["visit"])
    practice.later(minutes=120)
    ended, never = practice.get(practice.phone(ana), 404), practice.get("/t/" + "x" * 22, 404)
    assert ended == never


@pytest.mark.parametrize("end", ["finish", "leave"])
def test_a_link_dies_two_hours_after_the_visit(practice: Practice, end: str) -> None:
    ana = practice.arrives()
    if end == "finish":
        practice.calls(ana)
    practice.later(minutes=30)
    practice.does(end, visit=ana["visit"])
    key = f"phone/{practice.phone(ana)[3:]}/en"
    practice.later(minutes=119, seconds=59)
    practice.get(practice.phone(ana))
    assert practice.live.current(key)
    practice.later(seconds=1)
    practice.get(practice.phone(ana), 404)
    practice.get(practice.phone(ana) + "/leave", 404)
    assert practice.live.current(key) is None
    code = practice.desk.links.code(ana["visit"])
    assert practice.client.post("/t", data={"code": code}).status_code == 404


def test_a_link_lives_as_long_as_somebody_waits(practice: Practice) -> None:
    ana = practice.arrives()
    practice.later(minutes=60 * 9)
    practice.get(practice.phone(ana))


def test_yesterday_s_links_and_codes_are_dead_once_a_new_day_begins(practice: Practice) -> None:
    ana = practice.arrives()
    code = practice.desk.links.code(ana["visit"])
    practice.does("close-day", confirm=True)
    practice.get(practice.phone(ana))
    practice.does("open-day", rooms=["room-1"])
    practice.get(practice.phone(ana), 404)
    assert practice.client.post("/t", data={"code": code}).status_code == 404


@pytest.mark.parametrize("how", ["{0}{1}", "{0}-{1}", " {0} {1} ", "{0}–{1}"])
@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_the_code_leads_to_the_page_however_it_is_typed(practice: Practice, how: str, case: Any) -> None:
    ana = practice.arrives()
    code = practice.desk.links.code(ana["visit"])
    typed = case(how.format(code[:4], code[4:]))
    answer = practice.client.post("/t", data={"code": typed})
    assert (answer.status_code, answer.location) == (303, practice.phone(ana))


def test_the_code_may_be_typed_into_the_address_too(practice: Practice) -> None:
    ana = practice.arrives()
    code = practice.desk.links.code(ana["visit"])
    assert practice.client.get(f"/t/{code[:4]}-{code[4:]}?lang=ar").location == practice.phone(ana, "ar")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("typed", ["BCDFGHJK", "", "A 01", "1234", "x" * 60])
def test_a_wrong_code_is_kept_and_explained(practice: Practice, typed: str, lang: str) -> None:
    practice.arrives()
    answer = practice.client.post("/t", data={"code": typed, "lang": lang})
    assert answer.status_code == 404
    page = Page(answer.text)
    words = "We can't find this code today. Check the eight letters, or ask at the desk."
    assert say(words, lang) in page.says("code-problem")
    field = page.find("code")
    assert field is not None
    assert field.get("value") == typed


def test_the_eleventh_try_within_a_minute_waits(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    now = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(throttle, "time", SimpleNamespace(monotonic=lambda: now.at))
    ana = practice.arrives()
    code = practice.desk.links.code(ana["visit"])
    for _ in range(10):
        assert practice.client.post("/t", data={"code": "BCDFGHJK"}).status_code == 404
        now.at += 1
    for _ in range(2):
        late = practice.client.post("/t", data={"code": code})
        assert late.status_code == 429
        assert say("That was a lot of tries. Wait a minute, or ask at the desk.") in shown(late.text)
    assert practice.client.get(f"/t/{code}").status_code == 429
    assert practice.client.get(practice.phone(ana)).status_code == 200, "the link itself is never held up"
    other = practice.client.post("/t", data={"code": code}, environ_base={"REMOTE_ADDR": "127.0.0.9"})
    assert other.status_code == 303, "others may go on"
    now.at += 52
    assert practice.client.post("/t", data={"code": code}).status_code == 303


def test_however_many_addresses_guess_they_share_sixty_tries_a_minute(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "time", SimpleNamespace(monotonic=lambda: 1000.0))

    def guess(n: int) -> int:
        at = {"REMOTE_ADDR": f"127.0.0.{n}"}
        return practice.client.post("/t", data={"code": "BCDFGHJK"}, environ_base=at).status_code

    assert [guess(n) for n in range(61)] == [404] * 60 + [429]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_leaving_is_asked_once_more_and_then_done(practice: Practice, lang: str) -> None:
    ana = practice.arrives(language=lang)
    path = practice.phone(ana)
    way = practice.page(path).find("leave")
    assert way is not None
    ask = practice.page(way.get("href", ""))
    assert say("Do you want to leave the line?", lang) in shown(practice.get(way.get("href", "")))
    assert practice.visit(ana).status == "waiting", "looking changes nothing"
    stay = ask.find("stay")
    assert stay is not None
    assert stay.get("href", "").startswith(path)
    form = next(one for one in ask.every("form") if one.get("method") == "post")
    fields = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    left = practice.client.post(form.get("action", ""), data=fields)
    assert left.status_code == 303
    assert say("You have left the line.", lang) in shown(practice.get(left.location))
    assert practice.visit(ana).status == "left"
    again = practice.client.post(form.get("action", ""), data=fields)
    assert again.status_code == 303, "the same tap twice is one"


@pytest.mark.parametrize("phone", ["", "555 0100"])
def test_who_left_is_told_how_to_reach_us(practice: Practice, phone: str) -> None:
    practice.change(phone=phone)
    ana = in_state(practice, "left")
    said = shown(practice.get(practice.phone(ana)))
    if phone:
        assert say("If you still need care, call us on %(phone)s.", phone=phone) in said
    else:
        assert say("If you still need care, come to the desk.") in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_was_still_here_when_we_closed_is_told_that_we_are_sorry(practice: Practice, lang: str) -> None:
    ana = practice.arrives()
    practice.does("close-day", confirm=True)
    said = shown(practice.get(practice.phone(ana, lang)))
    assert say("We are very sorry. We could not see everyone today.", lang) in said
    assert say("You have left the line.", lang) not in said


def test_who_is_being_seen_cannot_leave_the_line_by_phone(practice: Practice) -> None:
    ana = in_state(practice, "in_room")
    assert practice.page(practice.phone(ana)).find("leave") is None
    answer = practice.client.post(practice.phone(ana) + "/leave", data={"request": "1"})
    assert answer.status_code == 303
    assert say("You are being seen in %(room)s.", room="Room 1") in shown(practice.get(answer.location))
    assert practice.visit(ana).status == "in_room"


def test_i_am_here_after_a_missed_call_means_next(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.crowd(3)
    practice.does("no-show", visit=ana["visit"])
    page = practice.page(practice.phone(ana))
    form = next(one for one in page.every("form") if one.find(".//button[@id='here']") is not None)
    fields = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    answer = practice.client.post(form.get("action", ""), data=fields)
    assert answer.status_code == 303
    assert say("You're next.") in shown(practice.get(answer.location))
    assert practice.does("call-next", room="room-2")["ticket"] == "A 01"


@pytest.mark.parametrize("state", ["next", "called", "done", "left"])
def test_a_button_that_came_too_late_shows_how_things_stand(practice: Practice, state: str) -> None:
    ana = in_state(practice, state)
    before = practice.desk.line
    answer = practice.client.post(practice.phone(ana) + "/here")
    assert (answer.status_code, answer.location) == (303, practice.phone(ana))
    assert practice.desk.line == before


def test_i_am_here_after_stepping_out_takes_the_old_place(practice: Practice) -> None:
    first, ana, *_ = practice.crowd(4)
    practice.does("hold", visit=ana["visit"])
    assert practice.client.post(practice.phone(ana) + "/here").status_code == 303
    assert [one["place"] for one in practice.json("/staff/line.json")["visits"]] == [0, 1, 2, 3]
    assert practice.visit(first).status == "waiting"


def test_a_phone_knows_nothing_of_others(practice: Practice) -> None:
    practice.arrives("Zebediah Quux")
    seen = practice.arrives("Philippa", service="nurse")
    practice.calls(seen, room="room-3")
    ana = practice.arrives("Anastasia")
    for path in (practice.phone(ana), practice.phone(ana) + "/leave"):
        html = practice.get(path)
        for private in ("Zebediah", "Philippa", "Anastasia", "A 01", "A\u202f01", "H 01", "H\u202f01", "Doctor",
                        "Nurse", "Room 1", "Room 2", "Room 3", "room-1", ana["visit"]):  # fmt: skip
            assert private not in html, private


@pytest.mark.parametrize("state", SENTENCES)
def test_a_phone_page_s_title_and_address_tell_a_stranger_nothing(practice: Practice, state: str) -> None:
    page = practice.page(practice.phone(in_state(practice, state)))
    assert [one.text for one in page.every("title")] == ["Walk-in practice"]
    assert [one.get("content") for one in page.every("meta", name_="robots")] == ["noindex"]


def test_a_call_is_an_alert_and_a_place_is_not(practice: Practice) -> None:
    ana = practice.arrives()
    assert practice.page(practice.phone(ana)).every(role="alert") == []
    practice.calls(ana)
    page = practice.page(practice.phone(ana))
    assert [one.get("id") for one in page.every(role="alert")] == ["called"]
    first = page.find("ticket")
    assert first is not None
    practice.does("recall", visit=ana["visit"])
    second = practice.page(practice.phone(ana)).find("ticket")
    assert second is not None
    assert int(second.get("data-call", "")) > int(first.get("data-call", "")), "a second call rings again"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_running_late_is_said_and_nobody_is_forgotten(practice: Practice, lang: str) -> None:
    ana = practice.crowd(3)[-1]
    first = practice.visit(ana).first_told
    assert first
    assert first.high
    minutes = (first.high - practice.clock.time).total_seconds() / 60
    practice.later(minutes=minutes + 5)
    said = shown(practice.get(practice.phone(ana, lang)))
    assert say("This is taking longer than we said.", lang) in said
    practice.later(minutes=10)
    said = shown(practice.get(practice.phone(ana, lang)))
    assert (
        say_many("We are running about %(n)s minute late.", "We are running about %(n)s minutes late.", 15, lang)
        in said
    )
    assert say("We have not forgotten you.", lang) in said
    assert say("Still on time.", lang) not in said


def test_without_scripts_the_page_loads_itself_again(practice: Practice) -> None:
    page = practice.page(practice.phone(practice.arrives()))
    (again,) = [one for noscript in page.every("noscript") for one in noscript.iter("meta")]
    assert (again.get("http-equiv"), again.get("content")) == ("refresh", "30")


@pytest.mark.parametrize("state", SENTENCES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_load_is_at_most_60_kb_without_fonts(practice: Practice, state: str, lang: str) -> None:
    html = practice.get(practice.phone(in_state(practice, state), lang))
    page = Page(html)
    files = [one.get("href", "") for one in page.every("link") if one.get("rel") in ("stylesheet", "icon")]
    files += [one.get("src", "") for one in page.every("script")]
    assert len(files) >= 6
    size = len(html.encode()) + sum(len(practice.client.get(file, buffered=True).data) for file in files)
    assert size <= 60 * 1024


@pytest.mark.parametrize("state", SENTENCES)
def test_every_phone_page_says_what_to_do_when_one_feels_worse(practice: Practice, state: str) -> None:
    ana = in_state(practice, state)
    worse = say("If you feel worse, tell us straight away.")
    assert worse in shown(practice.get(practice.phone(ana)))
    assert worse in shown(practice.get("/t"))
    assert worse in shown(practice.get("/t/" + "x" * 22, 404))


WHY = {
    "room_away": "A room is on a break.",
    "needs_care_sooner": "Someone who needs care sooner is going first.",
    "longer_visit": "Some people need more time today.",
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("because", WHY)
def test_when_it_takes_longer_phone_and_tablet_say_why(practice: Practice, because: str, lang: str) -> None:
    *others, visit = practice.crowd(4, "nurse")
    practice.later(1)
    if because == "room_away":
        practice.does("pause-room", room="room-3", minutes=60)
    elif because == "needs_care_sooner":
        for one in practice.crowd(3, "nurse"):
            practice.does("prioritise", visit=one["visit"], reason="needs_care_sooner")
    else:
        practice.calls(others[0], "room-3")
        practice.does("start", visit=others[0]["visit"])
        practice.later(45)
    practice.later(2)

    page = practice.page(practice.phone(visit, lang))

    assert practice.visit(visit).told.because == because  # type: ignore[union-attr]  # everybody here was told
    assert page.says("because") == say(WHY[because], lang)
    tablet = practice.live.current(f"ticket/{visit['url'].rsplit('/', 1)[1]}/{lang}")
    assert tablet
    assert say(WHY[because], lang) in shown(tablet["html"])


CLOSING = {
    "all": "We close at %(time)s. We will see everyone who is waiting now.",
    "some": "We are very sorry. We may not see everyone before we close at %(time)s. Please talk to us now. "
    "We will find you the next best time.",
}


@pytest.mark.parametrize("message", CLOSING)
def test_who_waits_or_stepped_out_reads_that_we_close(practice: Practice, message: str) -> None:
    rooms = tuple(replace(room, opens="08:00", closes="10:00") for room in practice.desk.line.setup.rooms)
    practice.change(rooms=rooms, timezone="UTC")
    ana, bo, cy = practice.crowd(3)
    practice.does("hold", visit=bo["visit"])
    practice.calls(cy)
    practice.does("tell-closing", message=message)
    words = CLOSING[message].replace("%(time)s", "10:00")
    for visit in (ana, bo):
        assert practice.page(practice.phone(visit)).says("closing") == words
        digits = practice.visit(visit).ticket.split()[1]
        assert practice.page(f"/kiosk/place?letter=A&number={digits}").says("closing") == words
    assert practice.page(practice.phone(cy)).find("closing") is None, "who is called is seen"
    large = practice.page("/kiosk/place?letter=A&number=01&size=large").says("closing")
    assert "10:00" in large
    assert large in words.removeprefix("We are very sorry. ")
    practice.does("tell-closing", message="none")
    assert practice.page(practice.phone(ana)).find("closing") is None
