"""How we kept our word, drawn: the page, what the console says of it, and the alarm."""

from datetime import timedelta
from itertools import count

import pytest

from clinic import log
from clinic.events import Called, CheckedIn, Entry, Fact, Finished, Told
from clinic.line import replay
from clinic.trust import ENOUGH
from tests.faces import Page, Practice, say, say_many, text
from tests.test_live import Watcher

KEPT, BROKEN, EARLY = 15, 35, 5
"""Minutes after their arrival at which people are called whose window is from ten to thirty."""


def past(practice: Practice, *called: int, service: str = "doctor") -> None:
    """As many people came as there are numbers, were told ten to thirty minutes, and called after so many."""
    start = practice.clock.time
    facts: list[Fact] = []
    with practice.desk.store.write() as db:
        seq = log.last_seq(db)
        for n, minutes in enumerate(called):
            at, visit = start - timedelta(hours=2), f"past-{seq}-{n}"
            low, high = at + timedelta(minutes=10), at + timedelta(minutes=30)
            then = at + timedelta(minutes=minutes)
            facts += [CheckedIn(at, visit, service, f"A {n:02d}"), Told(at, visit, low, high),
                      Called(then, visit, "room-1"), Finished(then, visit)]  # fmt: skip
        log.append(db, [Entry(seq + 1 + n, fact) for n, fact in enumerate(facts)])
        practice.desk.entries = log.today(db)
    practice.desk.line = replay(practice.desk.entries, practice.desk.line.setup)
    practice.clock.time += timedelta(seconds=31)  # the last look is old by then


def page(practice: Practice, lang: str = "en") -> Page:
    return practice.page(f"/staff/trust?lang={lang}")


def table(found: Page, name: str) -> list[list[str]]:
    """What a person reads, or hears, in the rows of the table with this title."""
    section = next(one for one in found.every("section") if one.get("aria-labelledby") == name)
    return [[text(cell) for cell in row] for row in section.findall(".//tbody/tr")]


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_with_few_people_the_page_says_how_many_it_takes(practice: Practice, lang: str) -> None:
    past(practice, *[KEPT] * (ENOUGH - 1))

    said = text(page(practice, lang).root)

    one, many = (f"So far %(n)s {who} called after we told them a window." for who in ("person was", "people were"))
    assert say_many(one, many, ENOUGH - 1, lang) in said
    assert say(
        "From %(n)s people on, this page draws how many were called in the window we told them.", lang, n=ENOUGH
    ) in said  # fmt: skip
    assert "%" not in said
    assert page(practice, lang).every("html")[0].get("dir") == ("rtl" if lang == "ar" else "ltr")


def test_the_page_shows_how_many_were_called_inside_earlier_and_later(practice: Practice) -> None:
    past(practice, *[KEPT] * 15, *[EARLY] * 2, *[BROKEN] * 3)
    past(practice, *[KEPT] * 5, service="nurse")

    found = page(practice)

    title = text(next(one for one in found.every("h2") if one.get("id") == "all"))
    many = "of the last %(n)s people were called in the window we first told."
    assert title.startswith("80%")
    assert say_many("of the last %(n)s person was called in the window we first told.", many, 25) in title
    key = [text(one) for one in found.classed("key")[0]]
    assert key[:3] == [f"{say(word)} {n}" for word, n in (("In the window", 20), ("Earlier", 2), ("Later", 3))]
    assert table(found, "by-service") == [
        ["Doctor", "", "75% 15", "2", "3"],
        ["Nurse", "Too few to judge", "5", "0", "0"],
    ]
    assert table(found, "by-hour") == [["07:00–08:00", "", "80% 20", "2", "3"]]


def test_hours_are_those_of_the_clinic(practice: Practice) -> None:
    practice.change(timezone="Asia/Kathmandu")
    past(practice, *[KEPT] * ENOUGH)

    assert table(page(practice), "by-hour")[0][0] == "12:00–13:00"


def test_every_bar_is_as_long_as_its_number(practice: Practice) -> None:
    past(practice, *[KEPT] * 15, *[EARLY] * 2, *[BROKEN] * 3)

    bars = page(practice).classed("bar")

    assert len(bars) == 3
    for bar in bars:
        assert bar.get("aria-hidden") == "true", "the numbers stand beside it"
        drawn = {one.get("class"): (one.get("x"), one.get("width")) for one in bar.iter("rect") if one.get("class")}
        assert drawn == {
            "inside": ("0.00%", "75.00%"), "earlier": ("75.00%", "10.00%"), "later": ("85.00%", "15.00%"),
        }  # fmt: skip
        assert {one.get("x1") for one in bar.iter("line")} == {"80%"}


def test_somebody_who_still_waits_past_the_window_counts_at_once(practice: Practice) -> None:
    past(practice, *[KEPT] * ENOUGH)
    ana = practice.arrives("Ana")
    told = practice.visit(ana).first_told
    assert told
    assert told.high
    practice.later(minutes=(told.high - practice.clock.time).total_seconds() / 60 + 1)

    found = page(practice)

    assert text(found.classed("key")[0][2]) == f"{say('Later')} 1"


ALARM = "We keep too few promises"


def test_the_console_leads_to_the_page_and_names_the_share(practice: Practice) -> None:
    link = practice.page("/staff?lang=ar").find("trust")
    assert link is not None
    assert link.get("href") == "/staff/trust?lang=ar"
    assert text(link) == say("How we kept our word", "ar")

    past(practice, *[KEPT] * 15, *[BROKEN] * 5)

    assert practice.page("/staff").says("trust") == f"{say('How we kept our word')} 75%"


@pytest.mark.parametrize(("kept", "alarm"), [(69, True), (70, False)])
def test_the_alarm_is_on_the_console_and_on_the_page_with_what_to_do(
    practice: Practice, kept: int, alarm: bool
) -> None:
    past(practice, *[BROKEN] * (100 - kept), *[KEPT] * kept)
    todo = say("Check that every room shown open is working. Then check the minutes of each service in the set-up.")

    for path in ("/staff", "/staff/trust"):
        said = text(practice.page(path).root)
        assert (say(ALARM) in said) is alarm, path
        assert (todo in said) is alarm
        assert (f"{kept} of the last 100 people" in said) is alarm
    assert (practice.page("/staff/trust").find("to-set-up") is not None) is alarm


def test_no_alarm_before_a_hundred_people(practice: Practice) -> None:
    past(practice, *[BROKEN] * 99)

    assert say(ALARM) not in practice.get("/staff")


def test_the_page_is_live(practice: Practice) -> None:
    past(practice, *[KEPT] * ENOUGH)
    html = practice.get("/staff/trust")
    key = "staff/trust/en"
    watcher = Watcher(practice)

    answer = watcher.watch(key)

    assert answer["html"].strip() in html
    assert f'data-key="{key}"' in html
    past(practice, *[BROKEN] * 20)
    practice.later(minutes=1)
    (pushed,) = watcher.pushed()
    assert pushed["key"] == key
    assert "50%" in pushed["html"]


def test_nobody_s_name_or_number_is_on_the_page(practice: Practice) -> None:
    past(practice, *[KEPT] * ENOUGH)
    practice.arrives("Canary-7F3A")

    said = practice.get("/staff/trust")

    assert "Canary" not in said
    assert "A 01" not in said


def test_the_log_is_not_read_for_every_push(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = count()
    monkeypatch.setattr("clinic.log.last_waits", lambda _db: [next(reads)][:0])
    Watcher(practice, "staff/main/en")

    for _ in range(10):
        practice.arrives()
        practice.later(seconds=1)

    assert next(reads) == 1
