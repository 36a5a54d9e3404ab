"""What is old is forgotten, whole days at a time, from the beginning on; a clock that is wrong makes nobody forget."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3

from clinic import log
from clinic.desk import Desk
from clinic.events import CheckedIn, Closed, Entry, Fact, Finished, Opened
from clinic.store import Store
from clinic.years import old, years
from tests.clinic.at_the_desk import arrive
from tests.clinic.given import NINE, ROOMS, SETUP
from tests.conftest import FakeClock

WEEK = timedelta(weeks=1)


def marks(*times: datetime) -> list[tuple[int, datetime]]:
    return [(10 * n, at) for n, at in enumerate(times, 1)]


def weekly(weeks: int, since: datetime) -> list[datetime]:
    return [since + n * WEEK for n in range(weeks)]


def test_all_up_to_a_mark_is_old_when_that_is_longer_ago_than_it_is_kept() -> None:
    times = weekly(200, NINE)
    now = times[-1]

    last = old(marks(*times), now, years(1))

    assert [at for n, at in marks(*times) if n == last] == [max(at for at in times if now - at > years(1))]
    assert old(marks(*times), now, years(10)) == 0
    assert old([], now, years(1)) == 0


def test_a_clock_that_jumps_ahead_makes_nothing_older_by_more_than_a_month() -> None:
    times = weekly(45, NINE)
    ahead = NINE + years(30)

    assert old(marks(*times), ahead, years(1)) == 0
    assert old(marks(*times, ahead, ahead + WEEK), ahead + WEEK, years(1)) == 0


def test_a_clock_that_begins_in_1970_makes_nothing_old() -> None:
    times = [*weekly(3, datetime(1970, 1, 1, tzinfo=UTC)), *weekly(20, NINE)]

    assert old(marks(*times), times[-1], years(1)) == 0


def test_a_clock_that_was_set_back_makes_what_came_after_it_no_older() -> None:
    times = [*weekly(10, NINE), *weekly(100, NINE - years(2))]

    assert old(marks(*times), times[-1], years(1)) == 0


def test_a_clinic_that_was_closed_for_long_keeps_its_days_for_longer() -> None:
    times = [*weekly(10, NINE), *weekly(10, NINE + years(3))]

    assert old(marks(*times), times[-1], years(1)) == 0


def live(store: Store, days: int, until: datetime) -> int:
    """So many weeks with one open day each, the last `until`, one visit a day; the number of the last fact."""
    seq = 0
    with store.write() as db:
        for ago in range(days - 1, -1, -1):
            at = until - ago * WEEK
            visit = f"{ago:032x}"
            facts: list[Fact] = [Opened(at), CheckedIn(at, visit, "doctor", "A 01"), Finished(at, visit), Closed(at)]
            log.append(db, [Entry(seq + n, fact, "x") for n, fact in enumerate(facts, 1)], request=f"tap-{ago}")
            seq += len(facts)
    return seq


@pytest.fixture
def old_desk(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A clinic with five years behind it, whose day is open."""
    monkeypatch.setattr("clinic.desk.DAYS_KEPT", 3)
    store = Store(tmp_path)
    live(store, 260, NINE - WEEK)
    desk = Desk(store, clock)
    desk.set_up(SETUP)
    desk.open_day("x", ROOMS)
    clock.time += timedelta(hours=1)
    desk.tell()
    desk.keep_learned()
    return desk


def everything(desk: Desk) -> list[Entry]:
    with desk.store.read() as db:
        return list(log.every(db))


def test_days_older_than_they_are_kept_go_whole_and_nothing_else_changes(old_desk: Desk, clock: FakeClock) -> None:
    desk = old_desk
    before, line, learned = everything(desk), desk.line, desk.history.to_text()
    until = desk.old_facts()
    forgotten = 0
    while part := desk.forget(until, 7):
        assert part <= 7
        forgotten += part

    after = everything(desk)
    assert forgotten == until == desk.forgotten() > 400
    assert after == [entry for entry in before if entry.seq > until]
    assert isinstance(after[0].fact, Opened)
    assert clock.time - years(3) - WEEK <= after[0].fact.at
    assert (desk.line, desk.history.to_text()) == (line, learned)
    assert desk.old_facts() <= until
    desk.close()


def test_a_day_half_forgotten_is_not_read(old_desk: Desk) -> None:
    old_desk.forget(old_desk.old_facts(), 6)

    first = everything(old_desk)[0]
    assert (first.seq, type(first.fact)) == (9, Opened)
    old_desk.close()


def test_numbers_go_on_and_taps_are_known_for_as_long_as_their_facts(old_desk: Desk) -> None:
    seq, until = old_desk.line.seq, old_desk.old_facts()
    while old_desk.forget(until, 1000):
        pass

    arrive(old_desk, "ana")

    assert everything(old_desk)[-2].seq > seq
    with old_desk.store.read() as db:
        assert not log.holds(db, "tap-259")
        assert log.holds(db, "tap-0")
    old_desk.close()


@pytest.mark.parametrize("kept", [1, 3, 4])
def test_how_long_days_are_kept_is_a_setting(old_desk: Desk, clock: FakeClock, kept: int) -> None:
    old_desk.set_up(replace(SETUP, kept_years=kept))

    with old_desk.store.read() as db:
        gone = [at for before, at in log.openings(db) if before <= old_desk.old_facts()]
    assert WEEK >= clock.time - years(kept) - gone[-1] > timedelta()
    old_desk.close()


def test_the_latest_days_and_what_is_still_to_be_learned_stay_whatever_the_clock_says(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    last = live(store, 260, NINE - WEEK)
    desk = Desk(store, clock)
    assert desk.old_facts() <= last - 4 * 100

    monkeypatch.setattr("clinic.desk.DAYS_KEPT", 3)
    assert last - 4 * 200 < desk.old_facts()
    with store.write() as db:
        db.execute(
            "insert into setting values ('learned', ?) on conflict do update set value = excluded.value", ["5\n{}"]
        )
    assert desk.old_facts() == 5
    desk.close()


def test_the_open_day_is_never_old(old_desk: Desk, clock: FakeClock) -> None:
    opened = next(entry.seq for entry in reversed(old_desk.entries) if isinstance(entry.fact, Opened))
    clock.time += years(20)

    assert old_desk.old_facts() < opened
    old_desk.close()


@pytest.mark.parametrize("statement", ["delete from event", "delete from event where seq = 20",
                                       "delete from event where seq <= 13"])  # fmt: skip
def test_the_database_lets_nothing_go_that_is_after_the_mark(old_desk: Desk, statement: str) -> None:
    old_desk.forget(old_desk.old_facts(), 12)
    before = everything(old_desk)

    with pytest.raises(sqlite3.IntegrityError, match="the log is never cut"), old_desk.store.write() as db:
        db.execute(statement)
    assert everything(old_desk) == before
    old_desk.close()


def test_a_cut_that_fails_half_way_forgets_nothing(old_desk: Desk) -> None:
    before = everything(old_desk)

    def cut() -> None:
        with old_desk.store.write() as db:
            log.forget(db, old_desk.old_facts(), 100)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        cut()

    assert (everything(old_desk), old_desk.forgotten()) == (before, 0)
    old_desk.close()
