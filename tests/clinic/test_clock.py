"""The one place that knows the time, and the days that it can run faster."""

import time
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from types import SimpleNamespace

import pytest

from clinic import clock as clock_module
from clinic.clock import AWAY, FAR, PROVEN, Clock, Onward
from clinic.commands import check_in
from clinic.desk import Desk
from clinic.events import ClockSet
from clinic.store import Store
from tests.clinic.given import NINE, ROOMS, SETUP


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The machine's seconds, in the test's hand."""
    watch = SimpleNamespace(seconds=100.0)
    watch.monotonic = lambda: watch.seconds
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(
        monotonic=lambda: watch.monotonic(), clock_gettime=lambda _which: watch.seconds, CLOCK_MONOTONIC=1
    ))  # fmt: skip
    return watch


class Computer:
    """A computer's own clock, and the seconds that nobody can set, both in the test's hand."""

    def __init__(self) -> None:
        self.wall, self.seconds = NINE, 100.0
        self.clock = Clock(wall=lambda: self.wall, steady=lambda: self.seconds)

    def later(self, **by: float) -> datetime:
        """Time goes by, and the clinic's clock tells what it is then."""
        self.wall += timedelta(**by)
        self.seconds += timedelta(**by).total_seconds()
        return self.clock.now()

    def put(self, **by: float) -> datetime:
        """Somebody sets the computer's clock, and the clinic's clock tells what time it is then."""
        self.wall += timedelta(**by)
        return self.clock.now()


@pytest.fixture
def computer() -> Computer:
    return Computer()


def test_the_clinics_time_is_the_real_one_in_utc() -> None:
    before = datetime.now(UTC)

    now = Clock().now()

    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


@pytest.mark.parametrize("speed", [1, 30])
def test_a_simulated_day_begins_when_it_is_told_to_and_runs_at_its_speed(
    stopwatch: SimpleNamespace, speed: float
) -> None:
    clock = Clock(speed, NINE, stopwatch.seconds)
    assert clock.now() == NINE

    stopwatch.seconds += 10

    assert clock.now() == NINE + timedelta(seconds=10 * speed)


def test_a_fast_clock_without_a_start_begins_at_the_real_time(stopwatch: SimpleNamespace) -> None:
    clock = Clock(speed=30, _since=stopwatch.seconds)
    begun = clock.now()
    assert abs(datetime.now(UTC) - begun) < timedelta(hours=1)

    stopwatch.seconds += 2

    assert clock.now() - begun == timedelta(minutes=1)


def test_a_start_in_any_zone_is_told_in_utc(stopwatch: SimpleNamespace) -> None:
    local = NINE.astimezone(timezone(timedelta(hours=5, minutes=45)))

    now = Clock(1, local, stopwatch.seconds).now()

    assert now == NINE
    assert now.utcoffset() == timedelta(0)


@pytest.mark.parametrize(("speed", "seconds"), [(1, 60), (30, 2), (0.5, 120)])
def test_a_minute_of_the_clinic_takes_less_real_time_on_a_faster_day(speed: float, seconds: float) -> None:
    assert Clock(speed).real_seconds(60) == seconds


@pytest.mark.parametrize("minutes", [-80, -60, -0.1, 0.1, 60, 80])
def test_a_clock_that_is_corrected_is_followed(computer: Computer, minutes: float) -> None:
    assert computer.put(minutes=minutes) == NINE + timedelta(minutes=minutes)
    assert computer.clock.doubt == ""
    assert computer.later(hours=5) == NINE + timedelta(hours=5, minutes=minutes)


def test_a_clock_that_falls_far_back_is_not_followed_until_it_is_set(computer: Computer) -> None:
    assert computer.put(days=-1) == NINE
    assert computer.clock.doubt == "clock_behind"
    assert computer.later(hours=8) == NINE + timedelta(hours=8)
    assert computer.clock.doubt == "clock_behind", "however long it runs on like this"

    assert computer.put(days=1, minutes=3) == NINE + timedelta(hours=8, minutes=3)
    assert computer.clock.doubt == ""


def test_a_clock_that_leaps_ahead_is_followed_and_in_doubt_for_an_hour(computer: Computer) -> None:
    computer.later(hours=8)

    assert computer.put(days=1) == NINE + timedelta(days=1, hours=8)
    assert computer.clock.doubt == "clock_ahead"
    computer.later(minutes=59)
    assert computer.clock.doubt == "clock_ahead"
    computer.later(seconds=PROVEN.total_seconds() - 59 * 60)
    assert computer.clock.doubt == ""


def test_a_leap_ahead_that_is_taken_back_is_followed_back(computer: Computer) -> None:
    computer.put(days=1)
    computer.later(minutes=50)

    assert computer.put(days=-1) == NINE + timedelta(minutes=50)
    assert computer.clock.doubt == ""
    computer.put(days=1)
    computer.later(minutes=50)
    assert computer.clock.doubt == "clock_ahead", "each leap is in doubt for as long"


def test_a_clock_that_leaps_again_is_in_doubt_from_then_on(computer: Computer) -> None:
    computer.put(days=1)
    computer.later(minutes=50)
    computer.put(days=1)
    computer.later(minutes=50)
    assert computer.clock.doubt == "clock_ahead"
    computer.later(minutes=10)
    assert computer.clock.doubt == ""


def test_a_computer_that_slept_has_the_right_time(computer: Computer) -> None:
    assert computer.later(days=3) == NINE + timedelta(days=3)
    assert computer.clock.doubt == ""


def test_a_computer_that_starts_in_1970_goes_on_from_what_was_last_written_down(computer: Computer) -> None:
    computer.wall = datetime(1970, 1, 1, tzinfo=UTC)
    computer.clock.go_on_from(NINE)

    assert computer.clock.now() == NINE
    assert computer.clock.doubt == "clock_behind"
    assert computer.later(minutes=10) == NINE + timedelta(minutes=10)

    computer.wall = NINE + timedelta(minutes=17)
    assert computer.clock.now() == NINE + timedelta(minutes=17)
    assert computer.clock.doubt == ""


@pytest.mark.parametrize(("since", "doubt"), [
    (timedelta(0), ""), (-FAR, ""), (AWAY, ""), (AWAY + timedelta(days=1), "clock_ahead"),
    (-FAR - timedelta(minutes=1), "clock_behind"),
])  # fmt: skip
def test_a_start_is_held_against_the_last_fact(computer: Computer, since: timedelta, doubt: str) -> None:
    computer.clock.go_on_from(NINE - since)

    assert computer.clock.doubt == doubt


def test_a_person_may_say_that_a_clock_in_doubt_is_right(computer: Computer) -> None:
    computer.put(days=-1)
    computer.clock.believe()

    assert computer.clock.now() == NINE - timedelta(days=1)
    assert computer.clock.doubt == ""


def test_a_simulated_day_is_never_in_doubt(stopwatch: SimpleNamespace) -> None:
    clock = Clock(30, NINE, stopwatch.seconds, wall=lambda: NINE - timedelta(days=900))
    clock.go_on_from(NINE + timedelta(days=900))
    before = clock.seconds()

    stopwatch.seconds += 2

    assert (clock.now(), clock.doubt) == (NINE + timedelta(minutes=1), "")
    assert clock.seconds() - before == 60


def test_nobody_has_set_a_fast_clock_that_ran_on_while_it_was_read(stopwatch: SimpleNamespace, store: Store) -> None:
    waits = count(1)

    def slower() -> float:
        """Each time somebody looks they are held up longer before that."""
        stopwatch.seconds += 0.2 * next(waits)
        return float(stopwatch.seconds)

    stopwatch.monotonic = slower
    desk = Desk(store, Clock(600, NINE, stopwatch.seconds))
    desk.set_up(SETUP)
    desk.open_day("front desk", ROOMS)
    for n in range(3):
        assert not desk.clock_was_set()
        desk.do(check_in, by="kiosk", visit=f"visit{n}", service="doctor")

    assert [entry for entry in desk.entries if isinstance(entry.fact, ClockSet)] == []


def test_the_time_of_the_doors_never_goes_back(computer: Computer) -> None:
    onward = Onward(lambda: computer.wall, lambda: computer.seconds)
    computer.later(minutes=5)
    assert onward.now() == NINE + timedelta(minutes=5)

    computer.put(hours=-1)
    assert onward.now() == NINE + timedelta(minutes=5)
    computer.later(minutes=20)
    assert onward.now() == NINE + timedelta(minutes=25)
    computer.put(hours=2)
    assert onward.now() == computer.wall


def test_telling_the_time_costs_next_to_nothing() -> None:
    clock = Clock()
    began = time.process_time()
    for _ in range(10_000):
        clock.now()

    assert time.process_time() - began < 0.5
