"""The roll-call: screens keep their numbers, and we notice who cannot be heard and who is lost."""

from datetime import timedelta
from typing import Any

import pytest

from forms import BadInput
from roll_call import MOST, SILENT, TRIAL, RollCall
from tests.conftest import FakeClock


class Wakes:
    """Counts how often staff would see a change."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
def roll(clock: FakeClock, wakes: Wakes) -> RollCall:
    return RollCall(clock, wakes)


def hello(roll: RollCall, screen: str, kind: str = "tv", **fields: Any) -> int:
    """A screen is there; the number that it is given."""
    return int(roll.hello(kind, {"id": screen, "sound": "on", "version": "1", **fields})["number"])


def names(roll: RollCall, **wanted: Any) -> list[str]:
    """The screens of which all this is true."""
    return [one.name for one in roll.seen() if all(getattr(one, name) == value for name, value in wanted.items())]


def test_each_screen_gets_the_next_number_of_its_kind(roll: RollCall) -> None:
    assert [hello(roll, "a"), hello(roll, "b"), hello(roll, "c", "tablet"), hello(roll, "a")] == [1, 2, 1, 1]
    assert names(roll) == ["tv-1", "tv-2", "tablet-1"]


def test_after_a_restart_the_screens_have_their_numbers_again(roll: RollCall) -> None:
    assert [hello(roll, "b", number=2), hello(roll, "a", number=1), hello(roll, "new")] == [2, 1, 3]


def test_a_number_that_another_screen_has_is_not_given_twice(roll: RollCall) -> None:
    hello(roll, "a")
    assert hello(roll, "copied", number=1) == 2
    assert hello(roll, "high", number=10_000) == 3


def test_a_tv_without_sound_is_noticed_at_once(roll: RollCall, wakes: Wakes) -> None:
    hello(roll, "a")
    before = wakes.count
    hello(roll, "a", sound="blocked")
    assert (names(roll, has_no_sound=True), wakes.count) == (["tv-1"], before + 1)
    hello(roll, "a", sound="on")
    assert (names(roll, has_no_sound=True), wakes.count) == ([], before + 2)


def test_that_all_is_well_wakes_nobody(roll: RollCall, clock: FakeClock, wakes: Wakes) -> None:
    hello(roll, "a")
    for _ in range(6):
        clock.time += timedelta(seconds=10)
        hello(roll, "a")
    assert wakes.count == 1


@pytest.mark.parametrize(("kind", "sound"), [("tv", "muted"), ("tablet", "blocked"), ("tablet", "none")])
def test_a_muted_tv_and_a_tablet_are_no_trouble(roll: RollCall, kind: str, sound: str) -> None:
    hello(roll, "a", kind, sound=sound)
    assert names(roll, has_no_sound=True) == []


def test_a_screen_is_silent_after_two_minutes_without_a_word(roll: RollCall, clock: FakeClock) -> None:
    hello(roll, "a", sound="blocked")
    clock.time += timedelta(seconds=SILENT)
    assert names(roll, is_silent=True) == []
    clock.time += timedelta(seconds=1)
    assert names(roll, is_silent=True) == ["tv-1"]
    assert names(roll, has_no_sound=True) == [], "whether it sounds is not known any more"
    hello(roll, "a")
    assert names(roll, is_silent=True) == []


def test_the_word_of_one_screen_shows_that_another_is_lost(roll: RollCall, clock: FakeClock, wakes: Wakes) -> None:
    hello(roll, "a")
    hello(roll, "b")
    clock.time += timedelta(seconds=SILENT / 2)
    hello(roll, "b")
    before = wakes.count
    clock.time += timedelta(seconds=SILENT / 2 + 1)
    hello(roll, "b")
    assert (names(roll, is_silent=True), wakes.count) == (["tv-1"], before + 1)


def test_a_clinic_whose_clock_runs_fast_loses_no_screen(clock: FakeClock, wakes: Wakes) -> None:
    clock.real_seconds = lambda clinic_seconds: clinic_seconds / 30  # type: ignore[method-assign]
    roll = RollCall(clock, wakes)
    hello(roll, "a")
    clock.time += timedelta(seconds=SILENT * 30)
    assert names(roll, is_silent=True) == []


def test_a_forgotten_screen_is_off_the_list_until_it_says_hello(roll: RollCall) -> None:
    hello(roll, "a")
    hello(roll, "b")
    assert roll.forget("tv-1")
    assert not roll.forget("tv-1")
    assert names(roll) == ["tv-2"]
    assert hello(roll, "a", number=1) == 1


def test_a_test_call_is_for_one_tv_and_stands_for_some_seconds(roll: RollCall, clock: FakeClock, wakes: Wakes) -> None:
    hello(roll, "a")
    hello(roll, "t", "tablet")
    before = wakes.count
    assert roll.test("tv-1")
    assert (list(roll.trials()), wakes.count) == ([1], before + 1)
    first = roll.trials()[1]
    clock.time += timedelta(seconds=TRIAL - 1)
    assert roll.trials() == {1: first}
    clock.time += timedelta(seconds=1)
    assert roll.trials() == {}
    assert roll.test("tv-1")
    assert roll.trials()[1] != first
    assert not roll.test("tablet-1")
    assert not roll.test("tv-2")


def test_tvs_shut_out_no_tablet_and_tablets_no_tv(roll: RollCall) -> None:
    for number in range(MOST):
        hello(roll, f"screen {number}")
    assert hello(roll, "tablet", "tablet") == 1
    for number in range(1, MOST):
        hello(roll, f"tablet {number}", "tablet")
    with pytest.raises(BadInput):
        hello(roll, "one more", "tablet")
    assert hello(roll, "screen 0") == 1
    assert len(roll.seen()) == 2 * MOST


def test_a_lost_tablet_gives_way_to_no_tv(roll: RollCall, clock: FakeClock) -> None:
    hello(roll, "tablet", "tablet")
    clock.time += timedelta(seconds=SILENT + 1)
    for number in range(MOST):
        hello(roll, f"screen {number}")
    with pytest.raises(BadInput):
        hello(roll, "one more")
    assert names(roll, is_silent=True) == ["tablet-1"]


def test_a_full_list_takes_a_new_screen_only_for_a_lost_one(roll: RollCall, clock: FakeClock) -> None:
    for number in range(MOST):
        hello(roll, f"screen {number}")
    with pytest.raises(BadInput) as refused:
        hello(roll, "one more")
    assert refused.value.code == "too_many_screens"
    assert hello(roll, "screen 3") == 4, "who is on the list stays heard"
    clock.time += timedelta(seconds=SILENT + 1)
    for number in range(1, MOST):
        hello(roll, f"screen {number}")
    assert hello(roll, "one more") == 1
    assert len(roll.seen()) == MOST


@pytest.mark.parametrize(
    "fields",
    [{"id": ""}, {"id": "x" * 65}, {"id": 7}, {"sound": "loud"}, {"version": "v" * 33}, {"number": "one"},
     {"number": -1}, {"number": True}],
)  # fmt: skip
def test_what_no_screen_of_ours_says_is_refused(roll: RollCall, fields: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        roll.hello("tv", {"id": "a", "sound": "on", **fields})
    assert roll.seen() == ()
