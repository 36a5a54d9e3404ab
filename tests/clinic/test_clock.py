"""The one place that knows the time, and the days that it can run faster."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from clinic import clock as clock_module
from clinic.clock import Clock
from tests.clinic.given import NINE


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The machine's seconds, in the test's hand."""
    watch = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(
        monotonic=lambda: watch.seconds, clock_gettime=lambda _which: watch.seconds, CLOCK_MONOTONIC=1
    ))  # fmt: skip
    return watch


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
