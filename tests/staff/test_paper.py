"""The list on paper: who is here and who is expected, at any moment, for the day the power fails."""

import pytest

from tests.faces import Page, Practice, say, say_many, text
from tests.staff.lists import as_list, booked, brings, row


@pytest.fixture
def busy(practice: Practice) -> Practice:
    """Ana is in a room, Bo waits, a walk-in waits, Cy is expected, Di missed theirs."""
    brings(
        practice,
        as_list(
            row(1, "09:20", "Ana Ruiz", clinician=""), row(2, "10:20", "Bo Lind", needs="wheelchair"),
            row(3, "11:00", "Cy Moe"), row(4, "09:00", "Di Nu"),
        ),
    )  # fmt: skip
    for name in ("Ana Ruiz", "Bo Lind"):
        practice.staff("check-in", visit=booked(practice, name)["visit"])
    practice.arrives("Eva Walk")
    practice.does("call", visit=booked(practice, "Ana Ruiz")["visit"], room="room-1")
    practice.does("start", visit=booked(practice, "Ana Ruiz")["visit"])
    practice.does("no-show", visit=booked(practice, "Di Nu")["visit"])
    practice.later(minutes=2)
    return practice


def table(page: Page, name: str) -> list[list[str]]:
    """The rows of the table below this heading."""
    section = next(one for one in page.every("section") if one.get("aria-labelledby") == name)
    body = next(section.iter("tbody"))
    return [[text(cell) for cell in line] for line in body]


def test_who_is_here_stands_in_calling_order_with_all_that_a_person_needs_to_call_them(busy: Practice) -> None:
    page = busy.page("/staff/paper")
    assert page.says("here") == say_many(
        "%(n)s person is here, in calling order", "%(n)s people are here, in calling order", 3
    )
    assert table(page, "here") == [
        ["A 03", "Eva Walk", "Doctor", "", "", "09:00", "", ""],
        ["A 02", "Bo Lind", "Doctor", "Dr Ruiz", "10:20", "09:00", "Wheelchair", ""],
        ["A 01", "Ana Ruiz", "Doctor", "Room 1, in the room", "09:20", "09:00", "", ""],
    ]


def test_who_is_expected_stands_by_time_also_who_missed_it_and_may_still_come(busy: Practice) -> None:
    assert table(busy.page("/staff/paper"), "expected") == [
        ["09:00", "Di Nu missed", "Doctor", "Dr Ruiz", "", ""],
        ["11:00", "Cy Moe", "Doctor", "Dr Ruiz", "", ""],
    ]


def test_it_says_when_it_was_right_and_which_number_comes_next_by_hand(busy: Practice) -> None:
    said = text(busy.page("/staff/paper").root)
    assert "Right at 09:02" in said
    assert "Doctor A 04" in said
    assert "Nurse H 01" in said
    assert len(table(busy.page("/staff/paper"), "blank")) >= 12


def test_an_open_tab_always_holds_the_latest_list(busy: Practice) -> None:
    before = busy.live.current("staff/paper/en")
    busy.staff("check-in", visit=booked(busy, "Cy Moe")["visit"])

    after = busy.live.current("staff/paper/en")
    assert before
    assert after
    assert after["seq"] > before["seq"]
    assert table(Page(after["html"]), "expected") == [["09:00", "Di Nu missed", "Doctor", "Dr Ruiz", "", ""]]


def test_an_empty_clinic_has_paper_too(practice: Practice) -> None:
    said = text(practice.page("/staff/paper").root)
    assert say("Nobody is here.") in said
    assert say("Nobody else is expected today.") in said


def test_before_the_day_is_open_the_booked_people_are_on_it(practice: Practice) -> None:
    brings(practice, as_list(row(4, "10:00", "Gil Qu", "2026-11-24")))
    practice.does("close-day")
    practice.clock.time = practice.clock.time.replace(day=24, hour=8)

    page = practice.page("/staff/paper")
    assert [line[1] for line in table(page, "expected")] == ["Gil Qu"]
    assert say("The day is closed.") in text(page.root)


def test_names_on_paper_are_text_and_no_markup(practice: Practice) -> None:
    practice.arrives("<b>Bold</b> & Co")
    assert "<b>Bold</b>" not in practice.get("/staff/paper")
    assert "&lt;b&gt;Bold" in practice.get("/staff/paper")
