"""The day in pictures: what a manager sees of a day, and the file with every visit."""

import csv
import io
from typing import Any

import pytest

from tests.faces import Page, Practice, say, text
from tests.kiosk.test_feedback import send


def a_day(practice: Practice) -> dict[str, Any]:
    """Ana waits 10 minutes and is seen, Bo leaves after 15, Cy for the nurse is called at once."""
    ana, bo = practice.arrives("Ana Silva"), practice.arrives("Bo")
    practice.later(minutes=10)
    practice.calls(ana)
    practice.later(minutes=5)
    practice.does("finish", visit=ana["visit"])
    practice.does("leave", visit=bo["visit"])
    cy = practice.arrives("Cy", "nurse")
    practice.calls(cy, "room-3")
    practice.later(seconds=31)
    return ana


def pictures(practice: Practice, more: str = "") -> Page:
    return practice.page(f"/staff/day-in-pictures{more}")


def table(page: Page, name: str) -> list[list[str]]:
    section = next(one for one in page.every("section") if one.get("aria-labelledby") == name)
    return [[text(cell) for cell in row] for row in section.findall(".//tbody/tr")]


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
@pytest.mark.parametrize("weeks", ["", "&weeks=8"])
def test_before_anybody_came_the_page_says_so(practice: Practice, lang: str, weeks: str) -> None:
    page = pictures(practice, f"?lang={lang}{weeks}")

    assert say("Nobody has come yet. The pictures begin with the first visit.", lang) in text(page.root)
    assert page.every("html")[0].get("dir") == ("rtl" if lang == "ar" else "ltr")


def test_a_day_in_numbers_and_tables(practice: Practice) -> None:
    ana = a_day(practice)
    send(practice, ana, rating="very_good", as_said="yes")

    page = pictures(practice)

    assert page.says("waited") == "Half waited at most 0 min 9 of 10 at most 10 min"
    assert page.says("left") == "Left without being seen 33% 1 of 3"
    assert page.says("missed") == "Missed their turn or appointment 0% 0 of 3"
    assert say("Nobody to count") in page.says("in-time"), "nobody had a booked time"
    assert table(page, "by-hour") == [["09:00–10:00", "", "0 min", "10 min", "2"]]
    assert table(page, "by-service") == [
        ["Doctor", "", "10 min", "10 min", "1"],
        ["Nurse", "", "0 min", "0 min", "1"],
    ]
    assert table(page, "said")[0] == ["Very good", "", "1"]
    assert say("The wait was as we said for %(part)s of %(whole)s.", part=1, whole=1) in text(page.root)


def test_bars_are_as_long_as_their_numbers_and_silent(practice: Practice) -> None:
    a_day(practice)

    bars = pictures(practice).classed("bar")

    assert all(bar.get("aria-hidden") == "true" for bar in bars)
    drawn = {one.get("class"): one.get("width") for one in bars[0].iter("rect")}
    assert drawn == {"ninety": "100.00%"}, "the longest wait fills its bar; a wait of no minutes has none"


def test_the_weeks_hold_days_gone_by_and_the_day_does_not(practice: Practice) -> None:
    a_day(practice)
    practice.does("close-day", confirm="yes")
    practice.later(minutes=7 * 24 * 60)
    practice.does("open-day", rooms=["room-1", "room-3"])
    practice.calls(practice.arrives("Di"))
    practice.later(seconds=31)

    assert [row[0] for row in table(pictures(practice), "by-service")] == ["Doctor"]
    weeks = pictures(practice, "?weeks=8")
    assert [row[0] for row in table(weeks, "by-week")] == ["2026-11-23", "2026-11-30"]
    assert table(weeks, "by-service")[0][4] == "2"
    practice.later(minutes=9 * 7 * 24 * 60)
    assert table(pictures(practice, "?weeks=8"), "by-week")[-1][0] == "2026-11-30", "the open day is always there"


def test_no_page_names_anybody_nor_ranks_who_works_here(practice: Practice) -> None:
    a_day(practice)
    practice.does("sign-in", room="room-1", name="Dr Ruiz")

    for path in ("/staff/day-in-pictures", "/staff/day-in-pictures?weeks=8", "/staff/visits.csv"):
        said = practice.get(path)
        assert "Silva" not in said, path
        assert "Ruiz" not in said, path


def rows(practice: Practice) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(practice.get("/staff/visits.csv").removeprefix("\ufeff"))))


def test_every_visit_is_in_the_file_without_who_it_was(practice: Practice) -> None:
    ana = a_day(practice)

    found = rows(practice)

    low, high = (practice.visit(ana).first_told, practice.visit(ana).first_told)
    assert low
    assert high
    assert len(found) == 3
    first = found[0]
    assert (first["day"], first["service"], first["arrived"]) == ("2026-11-23", "Doctor", "09:00")
    assert (first["called"], first["room"], first["ended"], first["outcome"]) == ("09:10", "Room 1", "09:15", "seen")
    assert [row["outcome"] for row in found] == ["seen", "left", "here"]
    assert [(row["promise"], row["told_of_delay"]) for row in found] == [
        ("inside", "yes"),
        ("later", "yes"),
        ("inside", "no"),
    ]
    text_of = practice.get("/staff/visits.csv")
    assert ana["visit"] not in text_of
    assert ana["ticket"] not in text_of


def test_a_service_called_like_a_formula_is_only_text(practice: Practice) -> None:
    from dataclasses import replace

    practice.arrives("Ana")
    first, *others = practice.desk.line.setup.services
    practice.change(services=(replace(first, name="=1+1"), *others))

    assert rows(practice)[0]["service"] == "'=1+1"


def test_the_pictures_are_worked_out_at_most_every_half_minute(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_day(practice)
    after = practice.app.extensions["after"]
    looked: list[int] = []
    days = after.days

    def counted() -> Any:
        looked.append(1)
        return days()

    monkeypatch.setattr(after, "days", counted)
    practice.later(seconds=31)
    for _ in range(5):
        pictures(practice)
    assert len(looked) == 1
    practice.later(seconds=31)
    pictures(practice)
    assert len(looked) == 2


def test_how_we_kept_our_word_leads_here(practice: Practice) -> None:
    link = practice.page("/staff/trust?lang=ar").find("pictures")
    assert link is not None
    assert link.get("href") == "/staff/day-in-pictures?lang=ar"
