"""What the log teaches: the same log the same estimate, fact by fact or at once, and what each fact is worth."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache

import pytest

from clinic.estimate import Estimate, History, estimates
from clinic.estimate.interval import CHECK_IN, HIGH, LOW
from clinic.estimate.linear import Linear
from clinic.estimate.times import NEVER, PRIOR
from clinic.events import (
    Booked,
    Called,
    CheckedIn,
    Entry,
    Fact,
    Finished,
    Held,
    Left,
    Opened,
    Resumed,
    RoomClosed,
    RoomOpened,
    RoomPaused,
    Transferred,
)
from clinic.events import Undone as NotSo
from tests.clinic.given import NINE, SETUP, after, called, came, day, given, inside, learn, numbered, only
from tests.clinic.lived import Habits, lived

ONE = only("doctor", rooms=1)
BUSY = Habits(every=13, booked=0.3, patience=120)


@cache
def days(n: int = 4) -> tuple[Entry, ...]:
    return tuple(lived(ONE, n, habits=BUSY))


def taught(*facts: Fact) -> History:
    """What a day teaches that opened at nine with every room, and then went like this."""
    return learn(day(*facts), SETUP)


def seen(minutes: float, visit: str = "ana", start: int = 1) -> list[Fact]:
    """Came at `start`, was called at once, and the visit took so long."""
    return [came(visit, start), *inside(visit, start), Finished(after(start + minutes), visit)]


def line_of(people: int) -> list[Estimate]:
    """What so many people would be told at ten by who learned from the days above."""
    found = estimates(given(*(came(f"p{n}", n) for n in range(people)), setup=ONE), learn(days(), ONE), after(60))
    return [one for one in found.values() if isinstance(one, Estimate)]


def test_the_same_log_gives_the_same_estimate() -> None:
    assert line_of(7) == line_of(7)
    assert learn(days(), ONE).to_text() == learn(days(), ONE).to_text()


def test_fact_by_fact_teaches_the_same_as_the_whole_log_and_later_facts_change_no_earlier_estimate() -> None:
    history, said = History(ONE), []
    half = len(days()) // 2
    for entry in days():
        history.teach(entry)
        if entry.seq % 50 == 0:
            said.append(estimates(history.line, history, entry.fact.at))
        if entry.seq == half:
            assert history.to_text() == learn(days()[:half], ONE).to_text()

    assert history.to_text() == learn(days(), ONE).to_text()
    again = [learn(days()[:n], ONE) for n in range(50, len(days()) + 1, 50)]
    assert said == [estimates(one.line, one, days()[n * 50 + 49].fact.at) for n, one in enumerate(again)]
    assert any(said)


def test_estimating_teaches_nothing() -> None:
    history = learn(days(), ONE)
    before = history.to_text()
    line = given(*(came(f"p{n}", n) for n in range(9)), Booked(NINE, "eve", "doctor", after(70)), setup=ONE)

    for minute in (30, 61, 400):
        estimates(line, history, after(minute))

    assert history.to_text() == before


@pytest.mark.parametrize("first", range(2, 40, 7))
def test_a_log_that_starts_in_the_middle_of_a_day_teaches_what_it_can(first: int) -> None:
    assert learn(days()[first:], ONE).mind.calls > 0


def test_what_was_undone_is_not_learned() -> None:
    facts = seen(2)
    wrong = day(*facts, NotSo(after(4), len(day(*facts)), "ana"), Finished(after(15), "ana"))

    history = learn(wrong, SETUP)

    assert history.mind.times.service("doctor", 12) == (PRIOR * 12 + 14) / (PRIOR + 1)


def test_visits_seen_move_the_usual_minutes_towards_what_they_took_and_more_the_more_there_are() -> None:
    one, ten = (learn(day(*(f for n in range(k) for f in seen(24, f"p{n}", 5 * n)), setup=ONE), ONE) for k in (1, 10))

    assert 12 < one.mind.times.service("doctor", 12) < ten.mind.times.service("doctor", 12) < 24
    assert one.mind.times.service("nurse", 10) == 10


@pytest.mark.parametrize("minutes", [0.2, 12 * 6 + 1])
def test_a_finish_forgotten_or_tapped_at_once_is_no_visit(minutes: float) -> None:
    assert taught(*seen(minutes)).mind.times.count == 0


def test_a_visit_finished_straight_from_the_call_teaches_no_minutes() -> None:
    assert taught(came("ana", 1), called("ana", 2), Finished(after(30), "ana")).mind.times.count == 0


def test_the_minutes_belong_to_the_service_a_visit_was_sent_on_to() -> None:
    ana: list[Fact] = [*seen(0, "ana")[:3], Transferred(after(20), "ana", "nurse"), *inside("ana", 30, "room-3")]

    times = taught(*ana, Finished(after(36), "ana")).mind.times

    assert times.service("doctor", 12) == 12
    assert times.service("nurse", 10) < 10


def test_who_is_sent_on_waits_from_then_and_the_room_that_was_free_before_is_not_slow() -> None:
    """The nurse was free at ten past; ana came to the nurse at half past, and was called two minutes later."""
    bo: list[Fact] = [came("bo", 1, "nurse"), *inside("bo", 1, "room-3"), Finished(after(10), "bo")]
    ana: list[Fact] = [
        came("ana", 2),
        *inside("ana", 2),
        Transferred(after(30), "ana", "nurse"),
        called("ana", 32, "room-3"),
    ]

    mind = taught(*bo, *ana).mind

    assert mind.queue("doctor").last_wait == 2
    assert mind.times.turns.count == 0


def test_time_away_is_no_wait() -> None:
    ana: list[Fact] = [came("ana", 1), Held(after(2), "ana"), Resumed(after(40), "ana"), called("ana", 43)]

    assert taught(*ana).mind.queue("doctor").last_wait == 3


def test_who_gave_up_counts_as_gone_and_says_nothing_about_waits() -> None:
    mind = taught(came("ana", 1), came("bo", 2), Left(after(31), "bo")).mind

    assert (mind.times.left, mind.times.waited - 1) == (1, 29)
    assert mind.calls == 0
    assert mind.interval.residuals == {}
    assert "bo" not in mind.open


def test_who_went_when_the_day_closed_did_not_give_up() -> None:
    assert taught(came("ana", 1), Left(after(31), "ana", "closed")).mind.times.left == 0


def test_a_promise_that_breaks_counts_when_it_breaks_not_when_the_person_is_called() -> None:
    """Ana was alone with a free room: now, at the latest. Nobody calls her, and at half past bo comes."""
    entries = day(came("ana", 1), came("bo", 30), called("ana", 40), setup=ONE)
    before, broken, after_call = (learn(entries[:n], ONE).mind.interval for n in (3, 4, 5))

    assert before.levels[CHECK_IN][HIGH] == 0.1
    assert broken.levels[CHECK_IN][HIGH] < 0.1
    assert broken.residuals == {} != after_call.residuals
    assert after_call.levels[CHECK_IN][HIGH] == broken.levels[CHECK_IN][HIGH]
    assert after_call.levels[CHECK_IN][LOW] > 0.1


def test_who_is_called_on_arrival_teaches_no_promise() -> None:
    assert taught(came("ana", 1), called("ana", 1)).mind.interval.residuals == {}


def test_the_time_between_a_finish_and_the_next_call_is_learned_where_somebody_waited() -> None:
    """Ana ends at 13; bo has waited and is called at 17, and cy comes later to a room long free."""
    bo: list[Fact] = [came("bo", 2), *inside("bo", 17), Finished(after(29), "bo")]
    cy: list[Fact] = [came("cy", 50), *inside("cy", 51)]

    times = taught(*seen(12, "ana"), *bo, *cy).mind.times

    assert (times.turns.total, times.turns.count) == (4, 1)


def test_a_pause_is_no_turnover() -> None:
    pause: list[Fact] = [RoomPaused(after(14), "room-1"), RoomOpened(after(20), "room-1")]

    assert taught(*seen(12, "ana"), came("bo", 13), *pause, called("bo", 21)).mind.times.turns.count == 0


def pauses(*lasted: int) -> list[Fact]:
    """Breaks of room 1 without a planned end, half an hour apart."""
    room = "room-1"
    found = ((RoomPaused(after(30 * n), room), RoomOpened(after(30 * n + m), room)) for n, m in enumerate(lasted))
    return [fact for pause in found for fact in pause]


def test_after_five_pauses_a_pause_without_an_end_has_one() -> None:
    line = given(came("ana", 60), RoomPaused(after(60), "room-1"), setup=ONE)
    four, five = (learn(day(*pauses(*[10] * n), setup=ONE), ONE) for n in (4, 5))

    assert not isinstance(estimates(line, four, after(64))["ana"], Estimate)
    found = estimates(line, five, after(64))["ana"]
    assert isinstance(found, Estimate)
    assert found.likely == pytest.approx(6)


def test_pauses_that_end_late_are_expected_to_end_late() -> None:
    late: list[Fact] = [f for n in range(10) for f in (RoomPaused(after(30 * n), "room-1", after(30 * n + 10)),
                                          RoomOpened(after(30 * n + 16), "room-1"))]  # fmt: skip
    line = given(came("ana", 60), RoomPaused(after(60), "room-1", after(75)), setup=ONE)

    found = estimates(line, learn(day(*late, setup=ONE), ONE), after(60))["ana"]

    assert isinstance(found, Estimate)
    assert 15 + 3 < found.likely < 15 + 6


def test_a_room_not_yet_open_today_is_expected_when_it_opens_as_a_rule() -> None:
    past = numbered([Opened(NINE), RoomOpened(after(40), "room-1"), RoomClosed(after(200), "room-1")])
    history = learn(past, ONE)
    line = learn(numbered([Opened(after(1440)), replace(came("ana"), at=after(1450))]), ONE).line

    found = estimates(line, history, after(1450))["ana"]

    assert isinstance(found, Estimate)
    assert found.likely == 30
    assert not isinstance(estimates(line, History(ONE), after(1450))["ana"], Estimate)
    assert not isinstance(estimates(line, history, after(1440 + 80))["ana"], Estimate)


@pytest.mark.parametrize(
    ("what", "away"),
    [((RoomPaused(after(61), "room-1", after(81)),), 20), ((RoomClosed(after(61), "room-1"),), 1440),
     ((came("ana", 69), called("ana", 70)), 0), ((), 45)],
)  # fmt: skip
def test_what_became_of_a_planned_stop_is_expected_of_the_next(what: tuple[Fact, ...], away: float) -> None:
    times = learn(day(RoomOpened(after(1), "room-1", after(60)), *what, setup=ONE), ONE).mind.times

    assert times.away("room-1", 600 + 1440) == away


def test_the_share_of_booked_people_who_come_and_when_is_learned() -> None:
    def booked(n: int) -> list[Fact]:
        facts: list[Fact] = [Booked(NINE, f"p{n}", "doctor", after(60))]
        return facts if n % 3 == 0 else [*facts, came(f"p{n}", 50, booked=60)]

    history = learn([*day(*(f for n in range(30) for f in booked(n))), Entry(999, Opened(after(1440)))], SETUP)

    assert history.mind.times.early == -10
    assert history.mind.times.comes(-60) == 20 / 31
    assert history.mind.times.comes(0) == 0
    assert list(history.mind.times.lateness).count(NEVER) == 10


def test_where_staff_call_by_arrival_the_estimate_does_too() -> None:
    def mornings() -> Iterator[Fact]:
        for n in range(12):
            yield came(f"a{n}", 4 * n, booked=50)
            yield came(f"b{n}", 4 * n + 1, booked=40)
            yield called(f"a{n}", 4 * n + 2)
            yield Left(after(4 * n + 2), f"a{n}")
            yield called(f"b{n}", 4 * n + 3)
            yield Left(after(4 * n + 3), f"b{n}")

    by_arrival = learn(day(*mornings(), setup=ONE), ONE)
    line = given(came("ana", 1, booked=50), came("bo", 2, booked=40), setup=ONE)

    assert not by_arrival.mind.times.keeps_rule()
    for history, first in ((by_arrival, "ana"), (History(ONE), "bo")):
        found = {visit: one.likely for visit, one in estimates(line, history, after(30)).items()
                 if isinstance(one, Estimate)}  # fmt: skip
        assert min(found, key=lambda visit: found[visit]) == first


def test_where_nobody_tells_of_pauses_a_long_gap_is_a_rest_and_not_a_turnover() -> None:
    gap: list[Fact] = [*seen(12, "ana"), came("bo", 2), *inside("bo", 53)]
    silent, telling = taught(*gap), taught(RoomPaused(NINE, "room-3", after(5)), *gap)

    assert silent.mind.times.turns.count == telling.mind.times.turns.count == 0
    assert silent.mind.times.rest_length.count == 1
    assert telling.mind.times.rest_length.count == 0


def test_where_nobody_tells_who_is_assigned_to_a_room_is_not_called_before_its_session() -> None:
    """Sessions of room 1 begin with its bookings at 10:00 and, after a long gap, at 12:00."""
    booked = [Booked(NINE, f"p{n}", "doctor", after(minute), "room-1") for n, minute in enumerate((60, 70, 180))]
    ana = replace(came("ana", 10, booked=190), assigned="room-1")
    line = given(*booked, ana, setup=ONE)

    def likely(history: History) -> float:
        found = estimates(line, history, after(20))["ana"]
        assert isinstance(found, Estimate)
        return found.likely

    assert likely(History()) >= 160
    assert likely(taught(RoomPaused(NINE, "room-3", after(5)))) < 100


def test_a_weight_keeps_to_its_bounds_and_the_others_take_over() -> None:
    """Twice the second less the first: where the first may not be negative the second says it alone."""
    free, bound = (Linear([0, 0], [(low, 9), (-9, 9)], 1.0, 1.0) for low in (-9, 0))
    for n in range(200):
        x = [1.0, 1.0 + n % 5]
        for linear in (free, bound):
            linear.learn(x, 2 * x[1] - x[0], 1.0)

    assert free.weights == pytest.approx([-1, 2], abs=0.05)
    assert bound.weights[0] == 0
    assert 1.5 < bound.weights[1] < 2


def test_eight_of_ten_are_called_inside_the_range_and_one_of_ten_later() -> None:
    """Many days alike; the first ten teach and are not counted."""
    history, outcomes = History(ONE), []
    told: dict[str, tuple[datetime, Estimate]] = {}
    habits = Habits(every=13.5, patience=300)
    for entry in lived(ONE, 60, seed=4, habits=habits):
        fact, line = entry.fact, history.line
        if isinstance(fact, Called) and fact.visit in told:
            at, said = told.pop(fact.visit)
            if fact.at > at and not fact.visit.startswith(tuple(f"d{n}-" for n in range(10))):
                wait = (fact.at - at).total_seconds() / 60
                outcomes.append(-1 if wait < said.low else 1 if wait > said.high else 0)
        history.teach(entry)
        line = history.line
        if isinstance(fact, CheckedIn):
            first = estimates(line, history, fact.at, {fact.visit})[fact.visit]
            if isinstance(first, Estimate):
                told[fact.visit] = fact.at, first

    assert len(outcomes) > 600
    assert 0.76 < outcomes.count(0) / len(outcomes) < 0.85
    assert 0.07 < outcomes.count(1) / len(outcomes) < 0.13
