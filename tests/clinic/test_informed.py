"""Nobody is forgotten while they wait: fresh statements, the steps of a delay, an apology, a word, a note."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from clinic.commands import undo
from clinic.delay import (
    SORRY_SHOWN,
    apology,
    late_from,
    minutes_over,
    minutes_said,
    note_for,
    notes,
    owed_apology,
    speak_by,
    step,
    to_speak_to,
)
from clinic.desk import Desk
from clinic.estimate import History
from clinic.events import (
    Apologised,
    Closed,
    DelayEnded,
    DelayNoted,
    Fact,
    Held,
    Opened,
    Prioritised,
    Resumed,
    SpokenTo,
    Told,
    Transferred,
)
from clinic.inform import apologise, end_delay, note_delay, spoken_to
from clinic.line import Line, replay
from clinic.told import SILENT_AT_MOST, tell
from clinic.trust import promises
from tests.clinic.given import after, called, came, day, given, numbered, only, refused, then
from tests.conftest import FakeClock

ONE_ROOM = only("doctor", rooms=1)
NONE = History()


def told(visit: str, low: float = 10, high: float = 20, at: float = 0) -> Told:
    return Told(after(at), visit, after(low), after(high))


def late(*facts: Fact) -> Line:
    """Ana and Bo came at nine and were told 9:10 to 9:20, and then this happened."""
    return given(came("ana", 0), came("bo", 1), told("ana"), told("bo"), *facts)


def waits(line: Line, minutes: int) -> Iterator[tuple[datetime, Line]]:
    """Each minute that goes by with nothing but the clock's own statements."""
    for minute in range(minutes + 1):
        line = then(line, *tell(line, NONE, after(minute)))
        yield after(minute), line


def test_everybody_who_waits_hears_from_us_every_twenty_minutes_at_least() -> None:
    start = given(*(came(f"p{n}", n) for n in range(9)), called("p0", 9), setup=ONE_ROOM)
    for now, line in waits(start, 240):
        for visit in line.ongoing:
            if visit.status == "waiting" and now >= visit.arrived:
                assert visit.told
                assert now - visit.told.at <= SILENT_AT_MOST


def test_a_statement_said_again_is_the_same_window_with_a_new_time() -> None:
    same = given(came("ana"), told("ana", 0, 25))
    assert tell(same, NONE, after(19)) == []
    assert tell(same, NONE, after(20)) == [replace(told("ana", 0, 25), at=after(20))]


def test_saying_it_again_changes_no_promise() -> None:
    facts: list[Fact] = [came("ana"), told("ana", 0, 40)]
    once = day(*facts, called("ana", 50))
    often = day(*facts, *(told("ana", 0, 40, minute) for minute in (15, 30)), called("ana", 50))
    assert promises(once) == promises(often)
    assert promises(once)[0].moved is False
    before = replay(day(*facts, told("ana", 0, 40, 15)), ONE_ROOM).visits["ana"]
    assert before.first_told == told("ana", 0, 40)


@pytest.mark.parametrize(("arrived", "booked", "facts", "since"), [
    (0, None, (), 20),                                        # a walk-in: the end of what they were first told
    (0, 15, (), 15),                                          # booked and here: their time
    (16, 15, (), 20),                                         # a minute after their time: what they were told
    (0, 15, (told("ana", 30, 40, 5),), 15),                   # a later window does not take the delay back
    (0, None, (told("ana", 30, 40, 5),), 20),
    (0, 15, (Prioritised(after(30), "ana", "unwell"),), 15),
    (0, 15, (Held(after(30), "ana"), Resumed(after(50), "ana")), None),
    (0, 15, (Held(after(5), "ana"), Resumed(after(10), "ana")), 15),
    (0, 15, (Held(after(30), "ana"),), None),
    (0, 15, (called("ana", 30),), None),
    (0, None, (Transferred(after(30), "ana", "nurse"),), 20),
])  # fmt: skip
def test_late_counts_from_the_booked_time_or_the_first_window(
    arrived: int, booked: int | None, facts: tuple[Fact, ...], since: int | None
) -> None:
    visit = given(came("ana", arrived, booked=booked), told("ana", at=arrived), *facts).visits["ana"]
    assert late_from(visit) == (None if since is None else after(since))
    assert minutes_over(visit, after(100)) == (0 if since is None else 100 - since)


def test_who_was_never_told_a_time_is_not_called_late_but_a_booked_person_is() -> None:
    line = given(came("ana", 0), came("bo", 1, booked=10), Told(after(0), "ana", why="no_room"))
    assert minutes_over(line.visits["ana"], after(300)) == 0
    assert minutes_over(line.visits["bo"], after(40)) == 30


def test_the_ladder_minute_by_minute() -> None:
    line = late()
    ana = line.visits["ana"]
    for minute in range(0, 140):
        over = max(0, minute - 20)
        now = after(minute)
        assert minutes_over(ana, now) == over
        assert step(ana, now) == (60 if over >= 60 else 30 if over >= 30 else 15 if over >= 15 else 0)
        assert minutes_said(ana, now) == over // 15 * 15
        assert (ana in owed_apology(line, now)) == (over >= 30)
        assert (ana in to_speak_to(line, now)) == (over >= 60)
    assert speak_by(ana) == after(20 + 60 + 10)


def test_somebody_is_spoken_to_by_a_time_on_full_five_minutes() -> None:
    assert speak_by(given(came("ana", 0, booked=13)).visits["ana"]) == after(85)


def test_an_apology_goes_once_to_everybody_who_is_owed_one() -> None:
    line = late(came("cy", 40), told("cy", 60, 70, 40))
    facts = apologise(line, after(50), "more_time")
    assert facts == [Apologised(after(50), visit, "more_time") for visit in ("ana", "bo")]
    line = then(line, *facts)
    with refused("no_apology_owed"):
        apologise(line, after(51), "technical")
    with refused("no_apology_owed"):
        apologise(line, after(130), "technical", visits=["ana"])
    assert [fact.visit for fact in apologise(line, after(100), "technical") if isinstance(fact, Apologised)] == ["cy"]


def test_nobody_is_told_sorry_before_half_an_hour() -> None:
    with refused("no_apology_owed"):
        apologise(late(), after(49), "more_time")
    assert len(apologise(late(), after(50), "more_time")) == 2


def test_an_apology_goes_to_those_named_who_still_wait_and_to_one_service() -> None:
    line = late(came("nia", 2, "nurse"), told("nia"), called("bo", 45))
    assert apologise(line, after(50), "more_time", visits=["bo", "ana"]) == [Apologised(after(50), "ana", "more_time")]
    assert apologise(line, after(50), "technical", service="nurse") == [Apologised(after(50), "nia", "technical")]


def test_an_apology_needs_a_reason_of_ours_people_of_today_and_an_open_day() -> None:
    with refused("unknown_reason"):
        apologise(late(), after(50), "because")
    with refused("unknown_visit"):
        apologise(late(), after(50), "more_time", visits=["eve"])
    with refused("unknown_service"):
        apologise(late(), after(50), "more_time", service="x-ray")
    with refused("day_closed"):
        apologise(late(Closed(after(49))), after(50), "more_time")


def test_an_apology_stands_for_half_an_hour_or_until_the_wait_ends() -> None:
    said = Apologised(after(50), "ana", "more_time")
    line = late(said)
    assert apology(line.visits["ana"], after(50)) == said
    assert apology(line.visits["ana"], after(50) + SORRY_SHOWN) is None
    assert apology(then(line, called("ana", 55)).visits["ana"], after(56)) is None
    assert apology(line.visits["bo"], after(51)) is None


def test_a_new_wait_owes_a_new_apology() -> None:
    line = late(Apologised(after(50), "ana", "more_time"), Held(after(55), "ana"), Resumed(after(60), "ana"))
    assert line.visits["ana"].apologised is None
    line = then(line, told("ana", 60, 70, 60))
    assert "ana" not in [visit.id for visit in owed_apology(line, after(99))]
    assert "ana" in [visit.id for visit in owed_apology(line, after(100))]


def test_an_apology_cannot_be_undone_and_does_not_hide_what_can() -> None:
    moved = Prioritised(after(50), "ana", "unwell")
    line = late(moved)
    seq = line.visits["ana"].last
    line = then(line, Apologised(after(50), "ana", "more_time"))
    assert line.visits["ana"].last == seq
    assert undo(line, after(50), "ana")[0] == undo(late(moved), after(50), "ana")[0]


def test_only_a_person_clears_whom_to_speak_to() -> None:
    line = late()
    assert [visit.id for visit in to_speak_to(line, after(80))] == ["ana", "bo"]
    line = then(line, Apologised(after(81), "ana", "technical"), *tell(line, NONE, after(81)))
    assert [visit.id for visit in to_speak_to(line, after(600))] == ["ana", "bo"]
    line = then(line, *spoken_to(line, after(85), "ana"))
    assert line.visits["ana"].spoken_at == after(85)
    assert [visit.id for visit in to_speak_to(line, after(600))] == ["bo"]
    assert spoken_to(line, after(86), "ana") == []


def test_a_word_in_person_that_was_not_said_can_be_undone_within_the_minute() -> None:
    entries = day(came("ana", 0), told("ana"), SpokenTo(after(85), "ana"))
    line = replay(entries, ONE_ROOM)
    (fact,) = undo(line, after(85), "ana")
    line = replay([*entries, *numbered([fact], len(entries) + 1)], ONE_ROOM)
    assert [visit.id for visit in to_speak_to(line, after(86))] == ["ana"]


def test_a_word_in_person_is_for_somebody_who_waits_an_hour_too_long() -> None:
    with refused("not_so_late", ticket="A 00"):
        spoken_to(late(), after(79), "ana")
    with refused("unknown_visit"):
        spoken_to(late(), after(80), "eve")


def test_a_delay_note_stands_an_hour_or_as_long_as_was_said_and_ends_by_itself() -> None:
    line = then(late(), *note_delay(late(), after(10), "urgent_care"))
    assert [note.reason for note in notes(line, after(69))] == ["urgent_care"]
    assert notes(line, after(70)) == ()
    (short,) = note_delay(late(), after(10), "urgent_care", minutes=5)
    assert isinstance(short, DelayNoted)
    assert short.until == after(15)
    (longest,) = note_delay(late(), after(10), "urgent_care", minutes=10**14)
    assert isinstance(longest, DelayNoted)
    assert longest.until == after(10) + timedelta(days=1)


def test_a_delay_note_is_for_everybody_or_for_one_service() -> None:
    line = late(came("nia", 2, "nurse"))
    line = then(line, *note_delay(line, after(10), "room_closed", service="nurse"))
    assert note_for(line, line.visits["ana"], after(11)) is None
    found = note_for(line, line.visits["nia"], after(11))
    assert found
    line = then(line, *note_delay(line, after(12), "technical"))
    assert [note.reason for note in notes(line, after(13))] == ["technical", "room_closed"]
    found = note_for(line, line.visits["nia"], after(13))
    assert found
    assert found.reason == "technical"


def test_a_new_note_replaces_the_one_for_the_same_people_and_a_tap_ends_it() -> None:
    line = late()
    for minute, reason in ((10, "technical"), (11, "more_time")):
        line = then(line, *note_delay(line, after(minute), reason))
    (note,) = notes(line, after(12))
    assert note.reason == "more_time"
    assert end_delay(line, after(12), note.note) == [DelayEnded(after(12), note.note)]
    line = then(line, *end_delay(line, after(12), note.note))
    assert notes(line, after(12)) == ()
    with refused("unknown_note"):
        end_delay(line, after(13), note.note)


def test_a_delay_note_needs_a_reason_a_service_time_and_an_open_day() -> None:
    with refused("unknown_reason"):
        note_delay(late(), after(10), "flood")
    with refused("unknown_service"):
        note_delay(late(), after(10), "technical", service="x-ray")
    with refused("until_past"):
        note_delay(late(), after(10), "technical", minutes=0)
    with refused("day_closed"):
        note_delay(late(Closed(after(9))), after(10), "technical")


def test_a_delay_ends_with_its_day() -> None:
    line = then(late(), *note_delay(late(), after(10), "technical"), Closed(after(11)))
    assert line.delays == ()
    assert then(line, Opened(after(12))).delays == ()


def test_all_of_it_survives_a_restart(desk: Desk, clock: FakeClock) -> None:
    desk.do(lambda line, at: [came("ana", 0), told("ana")], by="test")
    clock.time = after(90)
    desk.do(apologise, by="staff", reason="more_time")
    desk.do(spoken_to, by="staff", visit="ana")
    desk.do(note_delay, by="staff", reason="technical", service="doctor")
    again = Desk(desk.store, clock)
    assert again.line == desk.line
    assert again.line.visits["ana"].spoken_at == after(90)
    assert again.line.delays[0].services == ("doctor",)
