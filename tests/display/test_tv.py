"""The TV: who is called, who waits and for how long, the same for all who look at it."""

import re
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.order import rooms_for
from tests.faces import Page, Practice, say, say_many, shown, text

LANGUAGES = ["en", "es", "ar"]


def band(page: Page) -> list[str]:
    """The tickets called now, as they stand from above."""
    found = page.classed("tv-call")
    return [text(one.find(".//strong/bdi")) for one in found]  # type: ignore[arg-type]  # each has one


def earlier(page: Page) -> list[str]:
    return [text(one) for line in page.classed("tv-earlier") for one in line.iter("b")]


def waiting(page: Page) -> dict[str, str]:
    """Each listed ticket with what is said of its time."""
    cells = [one for one in page.every("li") if one.get("id", "").startswith("wait-")]
    return {text(one.find("strong")): text(one.find("span")) for one in cells}  # type: ignore[arg-type]  # each has both


def seen(practice: Practice, kind: str = "band") -> list[str]:
    page = practice.page("/display")
    return {"band": band, "earlier": earlier}[kind](page)


def test_with_nobody_here_the_tv_welcomes(practice: Practice) -> None:
    said = shown(practice.get("/display"))
    for words in ("Welcome.", "Tell us you're here.", "Nobody is waiting right now."):
        assert say(words) in said
    assert practice.json("/display/line.json") == {"seq": practice.desk.line.seq, "called": [], "waiting": []}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_a_closed_day_the_tv_says_where_to_go(practice: Practice, lang: str) -> None:
    practice.does("close-day")
    said = shown(practice.get(f"/display?lang={lang}"))
    assert say("We are closed right now.", lang) in said
    assert say("If you need care now, come to the desk.", lang) in said
    assert say("Welcome.", lang) not in said


def test_calls_stand_newest_first_and_at_most_three_in_the_band(practice: Practice) -> None:
    practice.crowd(4)
    practice.arrives(service="nurse")
    for room in ("room-1", "room-2", "room-3", "room-1"):
        practice.does("call-next", room=room)
        practice.later(seconds=5)
    page = practice.page("/display")
    assert band(page) == ["A 03", "H 01", "A 02"]
    assert earlier(page) == ["A 01"]
    assert [text(one) for one in page.classed("tv-room")] == ["Room 1", "Room 3", "Room 2"]
    assert list(waiting(page)) == ["A 04"]


def test_a_call_stays_in_the_band_for_a_minute_though_they_went_in_at_once(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.later(seconds=10)
    practice.does("start", visit=ana["visit"])
    practice.later(seconds=49)
    assert seen(practice) == ["A 01"]
    practice.later(seconds=1)
    assert seen(practice) == []
    assert seen(practice, "earlier") == ["A 01"]


def test_a_call_stays_in_the_band_until_somebody_comes(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.later(minutes=12)
    assert seen(practice) == ["A 01"]
    practice.does("start", visit=ana["visit"])
    assert seen(practice) == []


@pytest.mark.parametrize("then", [["start"], ["start", "finish"], ["finish"], ["no-show"]])
def test_an_earlier_call_is_listed_for_five_minutes(practice: Practice, then: list[str]) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.later(minutes=2)
    for command in then:
        practice.does(command, visit=ana["visit"])
    practice.later(minutes=2, seconds=59)
    assert (seen(practice), seen(practice, "earlier")) == ([], ["A 01"])
    practice.later(seconds=1)
    assert (seen(practice), seen(practice, "earlier")) == ([], [])


def test_every_call_of_the_last_five_minutes_is_listed(practice: Practice) -> None:
    for visit in practice.crowd(6):
        practice.calls(visit)
        practice.does("start", visit=visit["visit"])
        practice.does("finish", visit=visit["visit"])
        practice.later(seconds=20)
    page = practice.page("/display")
    assert band(page) + earlier(page) == ["A 06", "A 05", "A 04", "A 03", "A 02", "A 01"]


def test_who_was_missed_leaves_the_band(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.later(minutes=2)
    practice.does("no-show", visit=ana["visit"])
    assert seen(practice) == []


@pytest.mark.parametrize("command", ["hold", "leave"])
def test_who_stepped_out_or_left_is_called_no_more(practice: Practice, command: str) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.does(command, visit=ana["visit"])
    assert "A 01" not in shown(practice.get("/display"))


def test_a_second_call_is_a_new_one_and_the_newest(practice: Practice) -> None:
    first, second = practice.crowd(2)
    practice.calls(first)
    practice.calls(second, room="room-2")
    before = {one.get("data-call") for one in practice.page("/display").classed("tv-call")}
    practice.later(minutes=2)
    practice.does("recall", visit=first["visit"])
    page = practice.page("/display")
    assert band(page) == ["A 01", "A 02"]
    assert len({one.get("data-call") for one in page.classed("tv-call")} - before) == 1


def test_a_call_undone_is_off_the_tv_and_back_in_the_line(practice: Practice) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    practice.does("undo", visit=ana["visit"])
    page = practice.page("/display")
    assert band(page) == earlier(page) == []
    assert list(waiting(page)) == ["A 01"]


@pytest.mark.parametrize(("people", "pages"), [(1, 1), (9, 1), (10, 2), (16, 2), (17, 3), (40, 5)])
def test_up_to_forty_waiting_are_all_on_at_most_five_pages(practice: Practice, people: int, pages: int) -> None:
    practice.crowd(people)
    page = practice.page("/display")
    lists = page.classed("tv-page")
    assert len(lists) == pages
    assert list(waiting(page)) == [f"A {n:02d}" for n in range(1, people + 1)]
    assert all(len(one.findall("li")) <= 9 for one in lists)
    for one in lists:
        on_page = [cell for cell in one.findall("li") if cell.get("class") != "more"]
        more = [text(cell) for cell in one.findall("li") if cell.get("class") == "more"]
        rest = people - len(on_page)
        assert more == ([say_many("+ %(n)s more", "+ %(n)s more", rest)] if rest else [])


def test_beyond_forty_the_tv_says_how_many_more_there_are(practice: Practice) -> None:
    practice.crowd(60)
    page = practice.page("/display")
    assert len(page.classed("tv-page")) == 5
    assert list(waiting(page)) == [f"A {n:02d}" for n in range(1, 41)]
    assert {text(one) for one in page.classed("more")} == {"+ 52 more"}


def as_seen(page: Page) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    """What the page shows, in the words of line.json."""
    called = []
    for one in page.classed("tv-call"):
        ticket, name, room = one.find("strong/bdi"), one.find("strong/small"), one.findall("span")[-1]
        call = {"ticket": text(ticket), "room": text(room)}  # type: ignore[arg-type]  # both are there
        called.append(call if name is None else {**call, "name": text(name)})
    for line in page.classed("tv-earlier"):
        pairs = zip(line.iter("b"), line.iter("i"), strict=True)
        called += [{"ticket": text(ticket), "room": text(room)} for ticket, room in pairs]
    return called, list(waiting(page).items())


def range_of(one: dict[str, Any], practice: Practice) -> str:
    """What the TV says of a place and a range of minutes; three digits are too wide, so it tells the clock time."""
    if one["high"] and one["high"] > 99:
        told = next(v.told for v in practice.desk.line.visits.values() if v.ticket == one["ticket"])
        assert told
        assert told.high
        return say("by %(time)s", time=f"{told.high:%H:%M}")
    if one["high"] is None and one["place"] == 0:
        visit = next(v for v in practice.desk.line.visits.values() if v.ticket == one["ticket"])
        is_open = any(practice.desk.line.room(room).state == "open" for room in rooms_for(practice.desk.line, visit))
        return say("Next" if is_open else "No time yet")
    if one["high"] is None:
        return say_many("%(n)s ahead", "%(n)s ahead", one["place"])
    if one["high"] <= 5:
        return say("soon")
    return say_many("%(range)s min", "%(range)s min", one["high"], range=f"{max(one['low'], 1)}–{one['high']}")


def test_programs_are_told_exactly_what_the_tv_shows(practice: Practice) -> None:
    practice.does("close-room", room="room-3")
    people = practice.crowd(12)
    practice.crowd(2, service="nurse")
    practice.calls(people[0])
    practice.does("start", visit=people[0]["visit"])
    practice.later(minutes=2)
    practice.calls(people[1], room="room-2")
    practice.calls(people[2])
    page, facts = practice.page("/display"), practice.json("/display/line.json")
    assert set(facts) == {"seq", "called", "waiting"}
    called, listed = as_seen(page)
    assert facts["called"] == called == [
        {"ticket": "A 03", "room": "Room 1"},
        {"ticket": "A 02", "room": "Room 2"},
        {"ticket": "A 01", "room": "Room 1"},
    ]  # fmt: skip
    assert all(set(one) == {"ticket", "place", "low", "high"} for one in facts["waiting"])
    assert [(one["ticket"], range_of(one, practice)) for one in facts["waiting"]] == listed
    assert facts["seq"] == practice.desk.line.seq == int(page.every("body")[0].attrib["data-seq"])


def test_what_the_tv_says_of_a_number_is_what_its_phone_says(practice: Practice) -> None:
    people = practice.crowd(6)
    practice.later(minutes=4)
    for one in practice.json("/display/line.json")["waiting"][1:]:
        visit = next(person for person in people if person["ticket"] == one["ticket"])
        said = practice.page(practice.phone(visit)).says("estimate")
        assert re.search(rf"\b{one['high']} minutes?\b", said)
        assert not one["low"] or re.search(rf"\b{one['low']} to\b", said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_when_we_cannot_say_only_the_place_is_told(practice: Practice, lang: str) -> None:
    for room in ("room-1", "room-2"):
        practice.does("close-room", room=room)
    practice.crowd(3)
    cells = waiting(practice.page(f"/display?lang={lang}"))
    before = "%(n)s ahead"
    assert list(cells.values()) == [say("No time yet", lang), *(say_many(before, before, n, lang) for n in (1, 2))]
    assert not re.search(rf"{say('soon', lang)}|\bmin|-\d", " ".join(cells.values()))


def test_nobody_is_next_while_no_room_of_theirs_is_open(practice: Practice) -> None:
    ana, _ = practice.crowd(2)
    for room in ("room-1", "room-2"):
        practice.does("close-room", room=room)
    practice.later(minutes=1)
    assert waiting(practice.page("/display"))[ana["ticket"]] == say("No time yet")


def test_when_we_cannot_say_the_tv_tells_when_we_will(practice: Practice) -> None:
    for room in ("room-1", "room-2"):
        practice.does("close-room", room=room)
    practice.crowd(3)
    assert say("We will update this by %(time)s.", time="09:20") in shown(practice.get("/display"))


@pytest.mark.parametrize("minutes", range(0, 60, 3))
def test_no_number_of_minutes_is_ever_nothing_or_less(practice: Practice, minutes: int) -> None:
    practice.crowd(7)
    practice.later(minutes=minutes)
    ranges = list(waiting(practice.page("/display")).values())
    assert len(ranges) == 7
    for said in ranges:
        found = re.fullmatch(r"(\d+)–(\d+) min", said)
        assert said == "soon" or found, said
        assert not found or 0 < int(found[1]) < int(found[2])


def test_the_plain_page_turns_itself_without_scripts(practice: Practice) -> None:
    practice.crowd(20)
    turns = []
    for _ in range(4):
        page = practice.page("/display/plain")
        assert page.every("script") == []
        (again,) = page.every("meta", **{"http-equiv": "refresh"})
        turns.append(page.every("body")[0].attrib["data-page"])
        practice.later(seconds=float(again.attrib["content"]))
    assert {*turns[:3]} == {"0", "1", "2"}
    assert turns[3] == turns[0]


def test_the_plain_page_shows_what_the_tv_shows(practice: Practice) -> None:
    people = practice.crowd(20)
    practice.calls(people[0])
    plain, usual = practice.page("/display/plain"), practice.page("/display")
    assert plain.says("tv") == usual.says("tv")


def test_a_tv_without_scripts_is_led_to_the_plain_page(practice: Practice) -> None:
    page = practice.page("/display?lang=es")
    (again,) = [one for noscript in page.every("noscript") for one in noscript.iter("meta")]
    assert again.get("content", "").endswith("url=/display/plain?lang=es")


def test_large_letters_show_the_calls_and_the_next_three(practice: Practice) -> None:
    people = practice.crowd(8)
    practice.calls(people[0])
    page = practice.page("/display?mode=large")
    assert band(page) == ["A 01"]
    assert list(waiting(page)) == ["A 02", "A 03", "A 04"]
    assert "large" in (page.classed("tv")[0].get("class") or "").split()
    assert page.every("body")[0].attrib["data-key"] == "display/large/en"


@pytest.mark.parametrize(
    ("inches", "metres", "text_px", "call_px"),
    [(43, 4, 70, 154), (32, 5, 118, 248), (65, 6, 70, 146), (55, 6, 82, 173)],
)
def test_the_letters_follow_the_screen_and_the_farthest_seat(
    practice: Practice, inches: float, metres: float, text_px: int, call_px: int
) -> None:
    practice.change(tv_inches=inches, tv_metres=metres)
    rule = practice.get("/display/sizes.css")
    found = re.fullmatch(r":root\{--tv-text:(\d+);--tv-call:(\d+);--tv-columns:(\d);--tv-rows:(\d)\}", rule)
    assert found
    assert abs(int(found[1]) - text_px) <= 1
    assert abs(int(found[2]) - call_px) <= 1


def test_larger_letters_mean_fewer_to_a_page(practice: Practice) -> None:
    practice.change(tv_inches=43, tv_metres=5)
    practice.crowd(10)
    lists = practice.page("/display").classed("tv-page")
    assert {len(one.findall("li")) for one in lists[:-1]} == {4}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tv_speaks_the_clinic_s_language(practice: Practice, lang: str) -> None:
    practice.change(language=lang)
    practice.crowd(2)
    page = practice.page("/display")
    assert page.every("html")[0].attrib["lang"] == lang
    assert page.every("html")[0].attrib["dir"] == ("rtl" if lang == "ar" else "ltr")
    assert say("We will call your number here.", lang) in page.says("tv")
    for ticket in page.classed("tv-page")[0].iter("strong"):
        assert ticket.find("bdi[@dir='ltr']") is not None


def test_the_clock_is_that_of_the_clinic_s_zone(practice: Practice) -> None:
    practice.change(timezone="Asia/Kathmandu")
    assert [text(one) for one in practice.page("/display").every("time")] == ["14:45"]


def test_how_to_get_help_always_stands_on_the_tv(practice: Practice) -> None:
    for _ in range(3):
        said = shown(practice.get("/display"))
        assert say("If you feel worse, tell us straight away.") in said
        assert say("Some people go first as they need care sooner.") in said
        practice.arrives()
        practice.does("call-next", room="room-1")


def test_nothing_on_the_tv_tells_why_somebody_is_here(practice: Practice) -> None:
    ana, bo = practice.arrives("Ana"), practice.arrives("Bo", service="nurse")
    practice.does("prioritise", visit=bo["visit"], reason="unwell")
    practice.calls(ana)
    for path in ("/display", "/display/plain", "/display?mode=large", "/display/line.json"):
        html = practice.get(path).lower()
        for private in ("doctor", "nurse", "unwell", "needs_care", "priorit", ana["visit"], bo["visit"], "/t/"):
            assert private not in html, (path, private)


def at_ten(practice: Practice) -> None:
    """Every room closes at ten."""
    rooms = tuple(replace(room, opens="08:00", closes="10:00") for room in practice.desk.line.setup.rooms)
    practice.change(rooms=rooms)


WORDS = {
    "all": ("We close at %(time)s.", "We will see everyone who is waiting now."),
    "some": (
        "We may not see everyone before we close at %(time)s.", "We are very sorry.", "Please talk to us now.",
        "We will find you the next best time.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("path", ["/display", "/display?mode=large", "/display/plain"])
@pytest.mark.parametrize("message", WORDS)
def test_the_room_reads_that_we_close_as_staff_said_it(practice: Practice, path: str, message: str) -> None:
    at_ten(practice)
    practice.arrives()
    practice.does("tell-closing", message=message)
    other = next(one for one in WORDS if one != message)
    said = shown(practice.get(path))
    assert all(say(words, time="10:00") in said for words in WORDS[message])
    assert say(WORDS[other][-1]) not in said
    practice.does("call-next", room="room-1")
    said = shown(practice.get(path))
    assert say(WORDS[message][0], time="10:00") in said, "beside a call too"
    assert "A 01" in said
    practice.does("tell-closing", message="none")
    assert say(WORDS[message][0], time="10:00") not in shown(practice.get(path))


def test_a_closed_day_says_nothing_more_of_closing(practice: Practice) -> None:
    at_ten(practice)
    practice.does("tell-closing", message="some")
    practice.does("close-day")
    assert say(WORDS["some"][0], time="10:00") not in shown(practice.get("/display"))


def test_the_plain_form_turns_its_lines_also_on_one_page(practice: Practice) -> None:
    at_ten(practice)
    practice.arrives()
    practice.does("tell-closing", message="some")
    lines = set()
    for _ in range(4):
        lines.add(practice.page("/display/plain").every("body")[0].get("data-line"))
        practice.later(seconds=9)
    assert lines == {"0", "1", "2", "3"}


def test_a_long_wait_is_said_by_the_clinic_s_own_clock(practice: Practice) -> None:
    practice.change(timezone="Asia/Kolkata")
    practice.does("pause-room", room="room-3", minutes=120)
    ana = practice.arrives(service="nurse")
    told = practice.visit(ana).told
    assert told
    assert told.high
    by = told.high.astimezone(ZoneInfo("Asia/Kolkata")).strftime("%H:%M")
    assert f"by {by}" in shown(practice.get("/display"))
    assert by in shown(practice.get(practice.phone(ana)))
