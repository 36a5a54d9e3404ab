"""A computer without a battery for its clock starts in the past, in the middle of a day, until the network comes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clinic import commands
from clinic.clock import Clock
from clinic.desk import Desk
from clinic.events import ClockSet
from clinic.line import expected
from clinic.order import waiting
from clinic.store import Store
from tests.clinic.at_the_desk import arrive
from tests.clinic.given import NINE, ROOMS, SETUP, after

PASTS = {
    "1970": datetime(1970, 1, 1, tzinfo=UTC),
    "the last evening": NINE - timedelta(hours=15),
    "forty minutes ago": after(10) - timedelta(minutes=40),
}


class Pi:
    """A computer whose clock does not go on while it is off."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.wall, self.seconds = folder, NINE, 1000.0
        self.desk = self.starts()

    def starts(self) -> Desk:
        return Desk(Store(self.folder), Clock(wall=lambda: self.wall, steady=lambda: self.seconds))

    def later(self, minutes: float) -> None:
        self.wall += timedelta(minutes=minutes)
        self.seconds += 60 * minutes
        self.desk.tell()

    def is_off(self, begins_at: datetime) -> None:
        """The power goes, and comes back; its clock then says this."""
        self.desk.close()
        self.wall, self.seconds = begins_at, 3.0
        self.desk = self.starts()
        self.desk.tell()

    def waits(self) -> list[float]:
        now = self.desk.clock.now()
        return [(now - visit.arrived).total_seconds() / 60 for visit in waiting(self.desk.line)]


@pytest.fixture
def pi(tmp_path: Path) -> Iterator[Pi]:
    """A day with two who wait since 10 and 5 minutes."""
    pi = Pi(tmp_path)
    pi.desk.set_up(SETUP)
    pi.desk.open_day("front desk", ROOMS)
    for visit in ("ana", "bo"):
        arrive(pi.desk, visit)
        pi.later(5)
    yield pi
    pi.desk.close()


@pytest.mark.parametrize("past", PASTS)
def test_who_waited_before_a_start_in_the_past_has_waited_as_long_after_it(pi: Pi, past: str) -> None:
    pi.is_off(PASTS[past])
    # When the last fact was written is known, how long the power was away is not.
    assert pi.waits() == pytest.approx([10, 5], abs=0.1)

    pi.later(4)
    arrive(pi.desk, "cy")
    pi.later(1)
    assert pi.waits() == pytest.approx([15, 10, 1], abs=0.1)
    assert [visit.ticket for visit in waiting(pi.desk.line)] == ["A 01", "A 02", "A 03"]
    assert all(
        visit.told and visit.told.high and visit.told.high > pi.desk.clock.now() for visit in waiting(pi.desk.line)
    )


@pytest.mark.parametrize("past", PASTS)
def test_when_the_network_sets_the_clock_everything_goes_on_by_the_right_one(pi: Pi, past: str) -> None:
    pi.is_off(PASTS[past])
    pi.later(5)
    arrive(pi.desk, "cy")

    pi.wall = after(25)  # it was off for ten minutes
    pi.desk.tell()

    assert pi.desk.clock.now() == after(25)
    assert pi.desk.clock.doubt == ""
    assert [visit.id for visit in waiting(pi.desk.line)] == ["ana", "bo", "cy"]
    assert all(0 <= wait <= 26 for wait in pi.waits())
    for visit in ("ana", "bo", "cy"):
        assert pi.desk.do(commands.call_next, by="staff", room="room-1").facts[0].fact.visit == visit  # type: ignore[union-attr]
        pi.desk.do(commands.finish, by="staff", visit=visit)
    times = [entry.fact.at for entry in pi.desk.entries if not isinstance(entry.fact, ClockSet)]
    assert times[-1] == after(25)


@pytest.mark.parametrize("past", ["1970", "the last evening"])
def test_a_day_that_is_opened_in_doubt_is_that_of_the_last_known_date(pi: Pi, past: str) -> None:
    pi.desk.do(commands.close_day, by="staff", confirm=True, told=("ana", "bo"))
    pi.is_off(PASTS[past])

    pi.desk.open_day("front desk", ROOMS)

    assert pi.desk.line.opened_at
    assert pi.desk.line.opened_at.date() == NINE.date()
    assert arrive(pi.desk, "dora") == "A 01"
    assert expected(pi.desk.line) == []


def test_a_false_leap_ahead_before_a_restart_is_righted_by_a_person(pi: Pi) -> None:
    pi.wall += timedelta(days=400)
    pi.later(1)
    pi.is_off(after(20))
    assert pi.desk.clock.doubt == "clock_behind", "or else the last fact was false: only a person can tell"

    pi.desk.clock.believe()  # type: ignore[attr-defined]  # the real clock
    pi.desk.tell()

    assert pi.desk.clock.now() == after(20)
    assert pi.waits() == pytest.approx([11, 6], abs=0.1)
    pi.is_off(after(30))
    assert pi.desk.clock.doubt == ""
