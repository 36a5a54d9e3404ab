"""Upkeep: jobs that run by themselves, and alarms that stand until they are settled."""

from datetime import UTC, datetime, timedelta

import pytest

from messages import ALARMS
from upkeep import Upkeep

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Here:
    """An upkeep whose time is in the test's hand, and how often screens were woken."""

    def __init__(self) -> None:
        self.time, self.woken = NINE, 0
        self.upkeep = Upkeep(self.wake, lambda: self.time)

    def wake(self) -> None:
        self.woken += 1


@pytest.fixture
def here() -> Here:
    return Here()


def test_an_alarm_stands_since_it_began_until_it_is_settled(here: Here) -> None:
    here.upkeep.alarm("full", left=3)
    here.time += timedelta(minutes=5)
    here.upkeep.alarm("full", left=2)
    here.upkeep.alarm("busy")

    assert [(one.kind, one.since, dict(one.values)) for one in here.upkeep.alarms()] == [
        ("full", NINE, {"left": 2}),
        ("busy", NINE + timedelta(minutes=5), {}),
    ]
    here.upkeep.settled("full", "busy")
    assert here.upkeep.alarms() == ()


def test_screens_are_woken_only_when_an_alarm_changes(here: Here) -> None:
    here.upkeep.settled("full")
    here.upkeep.alarm("full")
    here.upkeep.alarm("full")
    here.upkeep.settled("full")
    here.upkeep.settled("full")

    assert here.woken == 2


def test_a_job_that_fails_keeps_no_other_from_its_turn(here: Here) -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("tried")
        raise OSError("no")

    here.upkeep.every(3600, fails)
    here.upkeep.every(3600, lambda: done.append("done"))
    here.upkeep.look()
    here.upkeep.look()

    assert done == ["tried", "done"]


def test_every_alarm_says_since_when() -> None:
    assert all("%(since)s" in text for text in ALARMS.values())
