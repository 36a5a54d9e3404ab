"""What follows the visits, at a desk that remembers many days."""

from datetime import timedelta
from typing import Any

import pytest

from clinic import commands, log
from clinic.after import After
from clinic.desk import Desk
from tests.clinic.at_the_desk import arrive
from tests.conftest import FakeClock


def days(desk: Desk, clock: FakeClock, many: int, apart: int = 1) -> None:
    """So many days, on each of which somebody came and left unseen; the last is still open."""
    for n in range(many):
        if desk.line.opened_at:
            desk.do(commands.close_day, by="staff")
        clock.time += timedelta(days=apart)
        desk.open_day("staff")
        arrive(desk, f"visit-{n}")
        desk.do(commands.leave, by="phone", visit=f"visit-{n}")


@pytest.fixture
def after(desk: Desk) -> After:
    return After(desk)


def test_a_day_gone_by_is_read_once_and_the_open_one_always(
    desk: Desk, clock: FakeClock, after: After, monkeypatch: pytest.MonkeyPatch
) -> None:
    days(desk, clock, 4)
    read: list[int] = []
    measured = log.measured

    def counted(db: Any, first: int, end: int) -> Any:
        read.append(first)
        return measured(db, first, end)

    monkeypatch.setattr(log, "measured", counted)

    first = [some for some in after.days() if some]
    arrive(desk, "late")
    again = [some for some in after.days() if some]

    assert [len(some) for some in first] == [1, 1, 1, 1]
    assert [len(some) for some in again] == [1, 1, 1, 2]
    assert len(read) == len(set(read))


def test_the_pictures_go_back_eight_weeks(desk: Desk, clock: FakeClock, after: After) -> None:
    days(desk, clock, 12, apart=7)

    assert sum(len(some) for some in after.days()) == 9


def test_follow_ups_go_back_two_weeks(desk: Desk, clock: FakeClock, after: After) -> None:
    days(desk, clock, 4, apart=7)

    assert [one.visit for one in after.unseen()] == ["visit-1", "visit-2", "visit-3"]


def test_a_follow_up_counts_for_a_visit_of_an_earlier_day(desk: Desk, clock: FakeClock, after: After) -> None:
    days(desk, clock, 2)

    after.follow_up("visit-0", "contacted", None, "staff")

    assert [(one.visit, one.how) for one in after.unseen()] == [("visit-0", "contacted"), ("visit-1", "")]
    assert "visit-0" not in desk.line.visits


def test_an_empty_log_has_nobody_to_follow_up(after: After) -> None:
    assert after.unseen() == []
    assert [some for some in after.days() if some] == []
