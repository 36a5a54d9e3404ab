"""What the log teaches: the same log the same estimate, live and after a restart, and better with every day."""

import random
from dataclasses import replace

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from clinic.estimate import Estimate, History, estimates, learn
from clinic.events import Entry, Fact, Finished, Left, Opened
from clinic.line import Line, apply, replay
from tests.clinic.given import after, came, day, given, inside, numbered, only

ONE = only("doctor", rooms=1)


def busy_day(seed: int, people: int = 20, minutes: float = 18) -> list[Fact]:
    """Visits of about these minutes, one after the other, and somebody who gives up now and then."""
    chance = random.Random(seed)
    facts: list[tuple[float, Fact]] = []
    free = 0.0
    for n in range(people):
        arrived = n * 10
        facts.append((arrived, came(f"d{seed}p{n}", arrived % 60)))
        facts[-1] = (arrived, replace(facts[-1][1], at=after(arrived)))
        if n and chance.random() < 0.1:
            facts.append((arrived + 5, Left(after(arrived + 5), f"d{seed}p{n}")))
            continue
        start = max(free, arrived)
        free = start + chance.uniform(0.5, 1.5) * minutes
        facts += [(start, fact) for fact in inside(f"d{seed}p{n}", start)]  # type: ignore[arg-type]
        facts.append((free, Finished(after(free), f"d{seed}p{n}")))
    return [fact for _, fact in sorted(facts, key=lambda pair: pair[0])]


def week(days: int = 6) -> list[Entry]:
    """Several such days in one log; all on one calendar day, as only the order counts here."""
    facts = [entry.fact for n in range(days) for entry in day(*busy_day(n), setup=ONE)]
    return numbered(facts)


WEEK = week()
TAUGHT = learn(WEEK, ONE)


def estimate(history: History, people: int) -> Estimate:
    line = given(*(came(f"p{n}", n) for n in range(people)), setup=ONE)
    found = estimates(line, history, after(60))[f"p{people - 1}"]
    assert isinstance(found, Estimate)
    return found


def test_the_same_log_gives_the_same_estimate() -> None:
    assert [estimate(learn(WEEK, ONE), n) for n in (1, 3, 7)] == [estimate(TAUGHT, n) for n in (1, 3, 7)]


def test_fact_by_fact_teaches_the_same_as_the_whole_log() -> None:
    half = len(WEEK) // 2
    history = learn(WEEK[:half], ONE)
    line = Line(ONE)
    for entry in WEEK:
        if entry.seq > half:
            history.watch(line, entry)
        line = apply(line, entry)

    assert [estimate(history, n) for n in (1, 3, 7)] == [estimate(TAUGHT, n) for n in (1, 3, 7)]


def test_estimating_teaches_nothing() -> None:
    before = estimate(TAUGHT, 5)
    for n in range(1, 9):
        estimate(TAUGHT, n)

    assert estimate(TAUGHT, 5) == before


def test_slow_days_make_longer_estimates() -> None:
    assert estimate(TAUGHT, 5).likely > estimate(History(), 5).likely


@settings(deadline=None)
@for_all(people=st.integers(1, 30), now=st.integers(0, 400))
def test_low_is_not_above_likely_and_likely_not_above_high_whatever_was_learned(people: int, now: int) -> None:
    line = given(*(came(f"p{n}", n) for n in range(people)), setup=ONE)

    for found in estimates(line, TAUGHT, after(now)).values():
        assert isinstance(found, Estimate)
        assert 0 <= found.low <= found.likely <= found.high


@pytest.mark.parametrize("first", range(2, 40, 7))
def test_a_log_that_starts_in_the_middle_of_a_day_teaches_what_it_can(first: int) -> None:
    assert learn(WEEK[first:], ONE).mind is not None


def test_a_day_in_the_log_is_the_day_of_the_line() -> None:
    """The learner folds facts as the desk does."""
    last = max(entry.seq for entry in WEEK if isinstance(entry.fact, Opened))

    assert len(replay([e for e in WEEK if e.seq >= last], ONE).visits) == 20
