"""Somebody sets the clock while people wait (TRUST F19, F20): by an hour or a day, over midnight, as summer ends."""

import csv
import io
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic import log
from clinic.appointments import Appointment
from clinic.events import ClockSet, Opened
from clinic.line import expected, replay
from clinic.measures import stays
from clinic.order import waiting
from doors.audit import Search
from doors.chain import Proof
from doors.who import Who
from tests.clinic.given import NINE
from tests.faces import Practice, opens, practice

__all__ = ["opens", "practice"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = {
    "back an hour": (-HOUR,), "on an hour": (HOUR,), "on a day": (DAY,), "back a day": (-DAY,),
    "on a day and back": (DAY, -DAY), "back an hour and on": (-HOUR, HOUR), "on by years": (timedelta(days=3650),),
    "back two minutes": (timedelta(minutes=-2),), "back by seconds": (timedelta(seconds=-20),),
}  # fmt: skip


def busy(practice: Practice) -> list[dict[str, Any]]:
    """Somebody is with the doctor, somebody is called, and five wait, who came minutes apart."""
    came = []
    for n in range(7):
        came.append(practice.arrives(f"Ana {n}"))
        practice.later(minutes=3)
    practice.calls(came[0])
    practice.does("start", visit=came[0]["visit"])
    practice.later(minutes=4)
    practice.calls(came[1], "room-2")
    practice.later(minutes=1)
    return came


def jumps(practice: Practice, *by: timedelta) -> None:
    """The clock is set; seconds later everything looks at it, and a little later it is set again, where it is."""
    for one in by:
        practice.clock.put(one)
        practice.later(seconds=5)


def waits(practice: Practice) -> list[int]:
    """How many minutes each of the waiting has waited, as staff read it, in calling order."""
    now = practice.clock.now()
    return [int((now - visit.arrived).total_seconds() // 60) for visit in waiting(practice.desk.line)]


def screens(practice: Practice, came: list[dict[str, Any]]) -> dict[str, str]:
    """Everything that people and programs read of this day."""
    paths = [
        "/display", "/display/line.json", "/kiosk", "/staff", "/staff?what-if=on", "/staff/line.json", "/staff/trust",
        "/staff/day-in-pictures", "/staff/visits.csv", "/staff/follow-ups", "/staff/day", "/staff/appointments",
        *(practice.phone(one) for one in came if practice.visit(one).is_here),
    ]  # fmt: skip
    return {path: practice.get(path) for path in paths}


def minutes_are_sane(practice: Practice, came: list[dict[str, Any]]) -> None:
    """No minute below 0 on any screen, and none above what anybody could have waited or will wait."""
    for path, text in screens(practice, came).items():
        assert not re.search(r"[-−]\s?\d+ min", text), path
        assert all(int(n) <= 300 for n in re.findall(r"(\d+) min\b", text)), path
    for path in ("/display/line.json", "/staff/line.json"):
        assert_not_negative(practice.json(path), path)


def told_is_ahead(practice: Practice) -> int:
    """Everybody who waits was told a time that is still to come, and soon, or that we cannot say; how many a time."""
    now, times = practice.clock.now(), 0
    for visit in waiting(practice.desk.line):
        assert visit.told
        assert visit.told.high is None or now < visit.told.high < now + timedelta(hours=2)
        times += visit.told.high is not None
    return times


def assert_not_negative(value: Any, path: str) -> None:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            assert_not_negative(one, path)
    elif isinstance(value, int | float):
        assert value >= 0, path


@pytest.mark.parametrize("kind", JUMPS)
def test_a_set_clock_loses_nobody_and_nobody_waits_longer_or_shorter_for_it(practice: Practice, kind: str) -> None:
    came = busy(practice)
    before, order = waits(practice), [visit.id for visit in waiting(practice.desk.line)]

    jumps(practice, *JUMPS[kind])

    assert [visit.id for visit in waiting(practice.desk.line)] == order
    assert all(abs(now - then) <= 1 for then, now in zip(before, waits(practice), strict=True))
    assert list(practice.desk.line.visits) == [one["visit"] for one in came]
    minutes_are_sane(practice, came)


@pytest.mark.parametrize("kind", JUMPS)
def test_after_a_set_clock_people_are_told_times_that_are_ahead(practice: Practice, kind: str) -> None:
    busy(practice)

    jumps(practice, *JUMPS[kind])

    assert len(waiting(practice.desk.line)) == 5
    assert told_is_ahead(practice) == 5


@pytest.mark.parametrize("kind", JUMPS)
def test_after_a_set_clock_the_day_goes_on_in_order_with_numbers_of_its_own(practice: Practice, kind: str) -> None:
    came = busy(practice)
    jumps(practice, *JUMPS[kind])

    came += practice.crowd(3)
    practice.does("finish", visit=came[0]["visit"])
    practice.does("start", visit=came[1]["visit"])
    practice.does("finish", visit=came[1]["visit"])
    called = []
    while waiting(practice.desk.line):
        practice.later(minutes=2)
        called.append(practice.does("call-next", room="room-1")["visit"])
        practice.does("finish", visit=called[-1])

    assert called == [one["visit"] for one in came[2:]]
    tickets = [one["ticket"] for one in came]
    assert len(set(tickets)) == len(tickets) == 10
    minutes_are_sane(practice, came)
    assert_stays_are_sane(practice)


def assert_stays_are_sane(practice: Practice) -> None:
    """The day as it is counted afterwards: nobody was seen before they were called, or called before they came."""
    found = stays(practice.desk.entries)
    assert found
    for stay in found:
        times = [at for at in (stay.arrived, stay.called, stay.started, stay.ended) if at]
        assert times == sorted(times)
        assert stay.waited is None or stay.waited <= 75
    for row in csv.DictReader(io.StringIO(practice.get("/staff/visits.csv").removeprefix("\ufeff"))):
        assert not any(value.startswith("-") for value in row.values())


@pytest.mark.parametrize("kind", JUMPS)
def test_after_a_set_clock_a_restart_finds_the_same_line(practice: Practice, kind: str) -> None:
    busy(practice)
    jumps(practice, *JUMPS[kind])

    with practice.desk.store.read() as db:
        kept = log.today(db)

    assert replay(kept, practice.desk.line.setup) == practice.desk.line


@pytest.mark.parametrize("kind", JUMPS)
def test_a_set_clock_is_written_down_once_and_the_day_is_opened_once(practice: Practice, kind: str) -> None:
    busy(practice)
    jumps(practice, *JUMPS[kind])
    practice.later(minutes=30)

    facts = [entry.fact for entry in practice.desk.entries]
    assert sum(isinstance(fact, Opened) for fact in facts) == 1
    written = [fact.seconds for fact in facts if isinstance(fact, ClockSet)]
    assert written == [by.total_seconds() for by in JUMPS[kind] if abs(by) >= timedelta(minutes=1)]


@pytest.mark.parametrize("kind", JUMPS)
def test_the_estimate_learns_on_after_a_set_clock(practice: Practice, kind: str) -> None:
    came = busy(practice)
    jumps(practice, *JUMPS[kind])
    learned = practice.desk.history.mind.times.count

    practice.later(minutes=6)
    practice.does("finish", visit=came[0]["visit"])
    practice.later(minutes=2)

    assert practice.desk.history.mind.times.count == learned + 1
    assert practice.desk.history.line.seq == practice.desk.line.seq


def appointment(name: str, at: datetime) -> Appointment:
    return Appointment(name, at, "doctor", name=name.title(), birthday=(5, 4), letters=name[0].upper())


def test_the_people_of_a_false_date_are_expected_only_while_it_stands(practice: Practice) -> None:
    tomorrow = NINE + DAY + HOUR
    practice.desk.bring_in([appointment("today", NINE + HOUR), appointment("tomorrow", tomorrow)], "staff")
    today = [visit.id for visit in expected(practice.desk.line)]
    assert len(today) == 1

    jumps(practice, DAY)
    assert len(expected(practice.desk.line)) == 2, "as after any midnight"
    jumps(practice, -DAY)
    assert [visit.id for visit in expected(practice.desk.line)] == today

    practice.later(minutes=24 * 60)
    assert sorted(visit.arrived for visit in expected(practice.desk.line)) == [NINE + HOUR, tomorrow]


@pytest.mark.parametrize("doubt", ["clock_ahead", "clock_behind"])
def test_no_name_is_erased_while_the_clock_is_in_doubt(practice: Practice, doubt: str) -> None:
    gone = practice.arrives("Canary")
    practice.calls(gone)
    practice.does("finish", visit=gone["visit"])
    practice.clock.doubt = doubt

    jumps(practice, 10 * DAY)
    assert practice.desk.names([gone["visit"]]) == {gone["visit"]: "Canary"}
    practice.clock.doubt = ""
    practice.later(minutes=2)
    assert practice.desk.names([gone["visit"]]) == {gone["visit"]: "Canary"}, (
        "they went a minute ago, whatever the date"
    )
    practice.later(minutes=60 * 25)
    assert practice.desk.names([gone["visit"]]) == {}


def test_who_went_while_the_clock_was_ahead_keeps_the_name_as_long_as_others(practice: Practice) -> None:
    jumps(practice, 3 * DAY)
    gone = practice.arrives("Canary")
    practice.calls(gone)
    practice.does("finish", visit=gone["visit"])
    practice.does("close-day", confirm=True)

    jumps(practice, -3 * DAY)
    practice.later(minutes=15)

    assert practice.desk.names([gone["visit"]]) == {gone["visit"]: "Canary"}


def test_midnight_with_five_people_waiting_changes_nothing_for_them(practice: Practice) -> None:
    """TRUST F20: the day goes on until somebody closes it; the people of the new date are expected, once."""
    practice.clock.time = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    practice.desk.bring_in([appointment("early", datetime(2026, 11, 24, 0, 40, tzinfo=UTC))], "staff")
    assert expected(practice.desk.line) == []
    came = practice.crowd(5)
    practice.clock.time = datetime(2026, 11, 23, 23, 59, 50, tzinfo=UTC)
    practice.live.push()
    before = waits(practice)

    for _ in range(6):
        practice.later(seconds=5)

    assert [visit.id for visit in waiting(practice.desk.line)] == [one["visit"] for one in came]
    assert all(now - then <= 1 for then, now in zip(before, waits(practice), strict=True))
    assert len(expected(practice.desk.line)) == 1
    facts = [type(entry.fact).__name__ for entry in practice.desk.entries]
    assert (facts.count("Opened"), facts.count("Booked"), facts.count("Closed")) == (1, 1, 0)
    minutes_are_sane(practice, came)


EDGES = {
    "summer begins in Berlin": ("Europe/Berlin", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
    "summer ends in Berlin": ("Europe/Berlin", datetime(2026, 10, 25, 0, 15, tzinfo=UTC)),
    "summer begins in New York": ("America/New_York", datetime(2026, 3, 8, 6, 30, tzinfo=UTC)),
    "summer ends in New York": ("America/New_York", datetime(2026, 11, 1, 5, 15, tzinfo=UTC)),
    "a leap day begins": ("Europe/Berlin", datetime(2028, 2, 28, 22, 30, tzinfo=UTC)),
    "a leap day ends": ("Europe/Berlin", datetime(2028, 2, 29, 22, 30, tzinfo=UTC)),
    "a year ends": ("Europe/Berlin", datetime(2026, 12, 31, 22, 30, tzinfo=UTC)),
}


@pytest.mark.parametrize("edge", EDGES)
def test_a_day_goes_on_over_an_edge_of_the_calendar(practice: Practice, edge: str) -> None:
    """Two hours over it, with appointments every half hour, in the hour that comes twice or never too."""
    name, at = EDGES[edge]
    zone = ZoneInfo(name)
    practice.does("close-day", confirm=True)
    practice.change(timezone=name)
    practice.clock.time = at
    practice.does("open-day", rooms=["room-1", "room-2", "room-3"])
    written = [(at + n * HOUR / 2).astimezone(zone).replace(tzinfo=zone) for n in range(1, 5)]
    twice = [one.replace(fold=1) for one in written if one.replace(fold=1).utcoffset() != one.utcoffset()]
    booked = {moment.astimezone(UTC) for moment in (*written, *twice)}
    practice.desk.bring_in([appointment(f"{one:%d-%H-%M}", one) for one in sorted(booked)], "staff")

    came, called = [], []
    for n in range(24):
        came.append(practice.arrives(f"Ana {n}"))
        practice.later(minutes=5)
        if n % 2:
            called.append(practice.does("call-next", room="room-1")["visit"])
            practice.does("start", visit=called[-1])
            practice.later(minutes=1)
            minutes_are_sane(practice, came[-1:])
            practice.does("finish", visit=called[-1])
        told_is_ahead(practice)

    assert called == [one["visit"] for one in came[:12]]
    assert len({one["ticket"] for one in came}) == 24
    assert {visit.arrived for visit in expected(practice.desk.line)} == booked
    assert all(0 <= wait <= 90 for wait in waits(practice))
    assert_stays_are_sane(practice)


@pytest.mark.parametrize("doubt", ["clock_ahead", "clock_behind"])
def test_staff_read_that_the_clock_is_in_doubt_and_may_say_that_it_is_right(practice: Practice, doubt: str) -> None:
    right_time = practice.app.extensions["right_time"]
    right_time.look()
    assert practice.page("/staff").find(f"alarm-{doubt}") is None

    practice.clock.doubt = doubt
    right_time.look()
    page = practice.page("/staff")
    assert "2026-11-23 09:00" in page.says(f"alarm-{doubt}")
    assert page.says("believe-clock") == "This clock is right"

    practice.does("believe-clock")
    assert practice.page("/staff").find(f"alarm-{doubt}") is None


@pytest.mark.parametrize(("touched", "is_believed"), [
    (timedelta(0), True), (timedelta(minutes=-9), True), (None, False), (timedelta(days=40), False),
    (timedelta(hours=-2), False),
])  # fmt: skip
def test_a_clock_that_the_network_has_just_set_needs_no_person_to_say_that_it_is_right(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, touched: timedelta | None, is_believed: bool
) -> None:
    """A start some weeks ahead, then the network: the file is of when it set the clock, by the clock of then."""
    file = tmp_path / "synchronized"
    monkeypatch.setattr("right_time.FROM_NETWORK", file)
    practice.clock.doubt = "clock_behind"
    if touched is not None:
        file.touch()
        at = (practice.clock.wall() + touched).timestamp()
        os.utime(file, (at, at))

    practice.app.extensions["right_time"].look()

    assert practice.clock.doubt == ("" if is_believed else "clock_behind")
    assert (practice.page("/staff").find("alarm-clock_behind") is None) == is_believed


def test_the_screens_follow_a_set_clock_within_seconds(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(practice)
    woken = []
    monkeypatch.setattr(practice.live, "wake", lambda: woken.append(True))
    right_time = practice.app.extensions["right_time"]
    right_time.look()
    assert not woken

    practice.clock.put(-HOUR)
    right_time.look()
    assert woken


def test_a_screen_is_lost_or_found_whoever_sets_the_clock(practice: Practice) -> None:
    roll = practice.app.extensions["roll"]
    roll.hello("tv", {"id": "a", "sound": "on", "version": "1"})

    practice.clock.put(DAY)
    assert [one.is_silent for one in roll.seen()] == [False]
    practice.clock.put(-2 * DAY)
    practice.later(minutes=3)
    assert [one.is_silent for one in roll.seen()] == [True]


def test_a_clock_that_leapt_and_was_put_right_leaves_the_audit_right(practice: Practice) -> None:
    audit = practice.app.extensions["doors"].audit
    began = practice.clock.time
    for jump in (DAY, -DAY):
        practice.clock.put(jump)
        audit.write(Who(""), "door locked")
    audit.write(Who(""), "door unlocked")

    rows = list(audit.every(Search()))[:3]
    assert [row.what for row in rows] == ["door unlocked", "door locked", "door locked"], "by number, not by time"
    assert [datetime.fromisoformat(row.at) - began for row in rows] == [timedelta(0), timedelta(0), DAY]
    assert audit.prove(Proof()).broken is None
