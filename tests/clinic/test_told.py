"""What patients are told about their wait: kept while it holds, moved openly when it does not."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic.delay import minutes_over
from clinic.estimate import CannotSay, Estimate, History, estimates
from clinic.events import (
    Assigned,
    Called,
    Fact,
    Held,
    MarkedNoShow,
    Prioritised,
    Resumed,
    RoomClosed,
    RoomOpened,
    RoomPaused,
    SignedIn,
    Started,
    Told,
    Transferred,
)
from clinic.line import Line, Visit
from clinic.setup import Clinician
from clinic.told import EARLIER_BY, MORE_ROOM, NARROWEST, WIDEST, restate, speak_again, tell, wait
from tests.clinic.given import NINE, after, called, came, given, inside, only, then

NONE = History()
ONE_ROOM = only("doctor", rooms=1)

MOMENTS = st.integers(0, 89 * 60).map(lambda seconds: after(seconds / 60))
PEOPLE = st.integers(0, 8)


def queue(ahead: int, *facts: Fact) -> Line:
    """Ana, with so many people before her, in front of one room of 12 minutes a visit."""
    before = [came(f"p{n}", n) for n in range(ahead)]
    return given(*before, came("ana", 30), *facts, setup=ONE_ROOM)


def told(low: float, high: float) -> Told:
    """Ana was told at half past nine that she would be called between these two minutes after nine."""
    return Told(after(30), "ana", after(low), after(high))


def news(line: Line, now: datetime) -> Told | None:
    """What ana must be told now, if anything."""
    return next(iter(tell(line, NONE, now, {"ana"})), None)


def estimate(line: Line, now: datetime) -> Estimate:
    found = estimates(line, NONE, now)["ana"]
    assert isinstance(found, Estimate)
    return found


def window(fact: Told | None) -> tuple[datetime, datetime]:
    """The window in what somebody was told: it must have one."""
    assert fact is not None
    assert fact.low is not None
    assert fact.high is not None
    return fact.low, fact.high


@for_all(ahead=PEOPLE, now=MOMENTS)
def test_a_told_window_is_honest_wide_enough_and_ends_on_full_five_minutes(ahead: int, now: datetime) -> None:
    line = queue(ahead)
    found = estimate(line, now)

    low, high = window(news(line, now))

    assert now <= low <= now + timedelta(minutes=found.low)
    assert high >= now + timedelta(minutes=found.high)
    assert high - low >= NARROWEST
    assert high - low <= WIDEST
    assert (high.minute % 5, high.second, high.microsecond) == (0, 0, 0)


@for_all(ahead=PEOPLE, now=MOMENTS, end=st.integers(0, 80).map(lambda n: n * 5), width=st.integers(10, 90))
def test_a_told_window_is_kept_or_moved_by_the_rule(ahead: int, now: datetime, end: int, width: int) -> None:
    old = told(end - width, end)
    line = queue(ahead, old)
    fresh = window(news(queue(ahead), now))
    found = estimate(line, now)
    likely = now + timedelta(minutes=found.likely)

    fact = news(line, now)

    if now >= after(end) or likely > after(end):
        assert window(fact) == fresh
        assert fresh[1] > after(end)
    elif fact == replace(old, at=now):
        assert now >= speak_again(old), "nothing changed, and it was time to say so"
    elif fact is not None:
        # Better news leaves more room than a first window, and must be worth hearing of.
        low, high = window(fact)
        assert low == fresh[0]
        assert fresh[1] <= high <= after(end) - EARLIER_BY
    else:
        more = timedelta(minutes=found.high + MORE_ROOM * (found.high - found.likely))
        assert after(end) - (now + max(more, NARROWEST)) < EARLIER_BY + timedelta(minutes=5)


@for_all(ahead=PEOPLE, now=MOMENTS, end=st.integers(0, 400))
def test_who_was_told_is_not_told_the_same_again(ahead: int, now: datetime, end: int) -> None:
    line = queue(ahead, told(end - 10, end))

    line = then(line, *tell(line, NONE, now))

    assert tell(line, NONE, now) == []


def test_a_window_is_kept_while_time_passes_within_it() -> None:
    line = queue(0, came("bo", 20), *inside("bo", 30))
    fact = news(line, after(30))
    assert fact == Told(after(30), "ana", after(30), after(65))

    line = then(line, fact)

    for minute in (31, 40, 49, 50, 62):
        again = news(line, after(minute))
        assert again in (None, replace(fact, at=after(minute)))
        assert (again is None) == (minute < 50)
    assert window(news(line, after(65))) == (after(65), after(80))


def test_a_window_moves_later_as_soon_as_it_is_more_likely_broken_than_kept() -> None:
    line = queue(1, told(30, 45))
    assert news(line, after(33)) is None

    moved = news(line, after(34))

    assert window(moved)[1] > after(45)


def test_a_small_gain_is_not_worth_a_word_and_a_large_one_is() -> None:
    assert window(news(queue(0), after(30))) == (after(30), after(40))
    assert news(queue(0, told(40, 50)), after(30)) is None
    assert window(news(queue(0, told(45, 55)), after(30))) == (after(30), after(40))


def test_over_an_hour_the_start_of_the_window_is_rounded_to_ten_minutes() -> None:
    low, _ = window(news(queue(6), after(30)))

    assert (low - after(30)) % timedelta(minutes=10) == timedelta(0)


@for_all(ahead=st.integers(9, 29), now=MOMENTS)
def test_a_window_wider_than_ninety_minutes_is_not_told(ahead: int, now: datetime) -> None:
    found = estimate(queue(ahead), now)
    low = now + timedelta(minutes=found.low // 10 * 10)
    high = now + timedelta(minutes=found.high)
    high += -(high - NINE) % timedelta(minutes=5)

    fact = news(queue(ahead), now)

    if high - low > WIDEST:
        assert fact == Told(now, "ana", why="too_uncertain")
    else:
        assert window(fact)[0] == low
        assert high <= window(fact)[1] <= low + WIDEST


@pytest.mark.parametrize(("said", "is_told"), [
    (Estimate(10, 40, 70), True), (Estimate(10, 40, 71), False), (Estimate(0, 20, 59), True),
    (Estimate(15, 60, 95), True),
])  # fmt: skip
def test_a_range_that_says_nothing_is_not_told(said: Estimate, is_told: bool) -> None:
    fact = restate(None, "ana", said, NINE)

    assert fact is not None
    assert (fact.high is not None) == is_told


def test_who_comes_later_is_not_told_an_earlier_end_than_somebody_before_them() -> None:
    line = queue(1, Told(after(30), "p0", after(60), after(100)))

    assert window(news(line, after(30))) == (after(30), after(100))


def test_keeping_to_the_order_makes_no_window_too_wide() -> None:
    line = queue(1, Told(after(30), "p0", after(60), after(300)))

    assert window(news(line, after(30))) == (after(30), after(30) + WIDEST)


def test_people_for_other_rooms_do_not_move_an_end() -> None:
    line = given(came("nia", 1, "nurse"), Told(after(30), "nia", after(60), after(120)), came("ana", 30))

    assert window(news(line, after(30)))[1] < after(60)


@pytest.mark.parametrize(("facts", "because"), [
    ((RoomPaused(after(40), "room-1", after(70)),), "room_away"),
    ((came("eve", 40), Prioritised(after(40), "eve", "unwell")), "needs_care_sooner"),
    ((replace(came("eve", 40), level=1),), "needs_care_sooner"),
    ((came("eve", 40, booked=25),), "booked_sooner"),
    ((called("eve", 40), MarkedNoShow(after(40), "eve"), Resumed(after(40), "eve")), "called_before"),
    ((), "longer_visit"),
])  # fmt: skip
def test_a_window_that_moves_later_says_why_if_the_line_shows_it(facts: tuple[Fact, ...], because: str) -> None:
    started = 5 if because == "longer_visit" else 38
    missed = (came("eve", 2),) if because == "called_before" else ()
    line = given(
        came("bo", 1), *missed, *inside("bo", started), came("ana", 30), told(30, 42), *facts, setup=ONE_ROOM
    )  # fmt: skip

    fact = news(line, after(41))

    assert fact is not None
    assert fact.because == because


def test_a_first_window_and_one_that_moves_earlier_need_no_reason() -> None:
    paused = RoomPaused(after(20), "room-1", after(35))

    assert [
        fact and fact.because
        for fact in (news(queue(0, paused), after(31)), news(queue(0, paused, told(30, 99)), after(31)))
    ] == [None, None]


def test_who_came_before_the_window_was_told_is_no_reason_for_its_move() -> None:
    line = given(
        came("bo", 1), *inside("bo", 38), came("eve", 29, booked=25), came("ana", 30), told(30, 42), setup=ONE_ROOM
    )  # fmt: skip

    fact = news(line, after(41))

    assert fact is not None
    assert fact.because is None


def test_who_waits_for_a_clinician_in_no_room_hears_just_that() -> None:
    ruiz = replace(ONE_ROOM, clinicians=(Clinician("dr-ruiz", "Dr Ruiz"),))
    line = given(came("ana", 30), Assigned(after(31), "ana", "dr-ruiz"), setup=ruiz)
    assert news(line, after(32)) == Told(after(32), "ana", why="clinician_away")

    line = then(line, SignedIn(after(33), "room-1", "dr-ruiz"))
    assert window(news(line, after(34)))

    line = then(line, RoomPaused(after(35), "room-1"))
    assert news(line, after(36)) == Told(after(36), "ana", why="rooms_paused")


@pytest.mark.parametrize(("fact", "why"), [
    (RoomClosed(after(31), "room-1"), "no_room"), (RoomPaused(after(31), "room-1"), "rooms_paused"),
])  # fmt: skip
def test_when_we_cannot_say_any_more_we_say_so_once_and_why(fact: Fact, why: str) -> None:
    line = queue(1, told(30, 45), fact)

    told_now = news(line, after(32))
    line = then(line, Told(after(32), "ana", why=why))

    assert told_now == Told(after(32), "ana", why=why)
    assert news(line, after(33)) is None
    assert wait(line.visits["ana"], after(33)) is None


def test_when_a_room_opens_again_there_is_a_window_again() -> None:
    line = queue(0, Told(after(31), "ana", why="no_room"), RoomOpened(after(32), "room-1"))

    assert window(news(line, after(33))) == (after(33), after(45))


def test_whom_we_can_give_no_time_hears_from_us_again_within_twenty_minutes() -> None:
    line = queue(0, Told(after(32), "ana", why="no_room"), RoomClosed(after(31), "room-1"))

    assert news(line, after(49)) is None
    assert news(line, after(50)) == Told(after(50), "ana", why="no_room")


@for_all(minute=MOMENTS)
def test_we_speak_again_after_15_to_20_minutes_on_a_full_five_of_the_clock(minute: datetime) -> None:
    again = speak_again(Told(minute, "ana", why="no_room"))

    assert timedelta(minutes=15) < again - minute <= timedelta(minutes=20)
    assert (again.minute % 5, again.second, again.microsecond) == (0, 0, 0)


def test_a_wait_beyond_a_day_is_no_time_to_tell() -> None:
    """A pause planned for years must not stop the clinic."""
    line = queue(0, RoomPaused(after(31), "room-1", after(0).replace(year=9999)))

    assert news(line, after(32)) == Told(after(32), "ana", why="too_uncertain")


@pytest.mark.parametrize(("hours", "is_told"), [(23, True), (25, False)])
def test_a_wait_of_less_than_a_day_has_a_time(hours: float, is_told: bool) -> None:
    line = queue(0, RoomPaused(after(31), "room-1", after(30 + hours * 60)))

    fact = news(line, after(30))

    assert fact is not None
    assert (fact.high is not None) == is_told


def test_another_reason_is_told() -> None:
    line = queue(0, Told(after(31), "ana", why="no_room"), RoomPaused(after(32), "room-1"))

    assert news(line, after(33)) == Told(after(33), "ana", why="rooms_paused")


def test_only_who_is_asked_for_is_told_and_only_who_waits() -> None:
    line = given(came("ana", 1), came("bo", 2), came("cy", 3), Held(after(4), "cy"))

    assert [fact.visit for fact in tell(line, NONE, after(5))] == ["ana", "bo"]
    assert [fact.visit for fact in tell(line, NONE, after(5), {"bo", "cy"})] == ["bo"]
    assert tell(line, NONE, after(5), {"cy"}) == []
    assert tell(line, NONE, after(5), set()) == []


def test_somebody_moved_up_before_you_is_told_to_you() -> None:
    """An urgent case before ana makes her window more likely broken than kept."""
    line = queue(0, came("bo", 31), *inside("bo", 30), told(30, 40))
    assert news(line, after(31)) is not None
    assert news(queue(0, came("bo", 31), told(30, 40)), after(31)) is None

    assert news(queue(0, came("bo", 31), told(30, 40), Prioritised(after(31), "bo", "unwell")), after(31)) is not None


def ana(low: float, high: float, *more: Fact) -> Visit:
    return queue(0, told(low, high), *more).visits["ana"]


@for_all(low=st.integers(0, 100), width=st.integers(10, 90), now=MOMENTS)
def test_a_wait_never_shows_less_than_nothing_or_up_to_nothing(low: int, width: int, now: datetime) -> None:
    end = -(-(low + width) // 5) * 5

    shown = wait(ana(low, end), now)

    if now >= after(end):
        assert shown is None
    else:
        assert shown is not None
        left = (after(end) - now).total_seconds() / 60
        assert 0 <= shown.low < shown.high
        assert shown.low % 5 == shown.high % 5 == 0
        assert left <= shown.high < left + 5
        assert shown.low <= max(0, (after(low) - now).total_seconds() / 60)
        assert shown.by == after(end)
        assert shown.soon == (left <= 5)


@pytest.mark.parametrize(("now", "low", "high", "soon"), [
    (30, 10, 30, False), (36, 0, 25, False), (54, 0, 10, False), (55, 0, 5, True), (59.9, 0, 5, True),
])  # fmt: skip
def test_a_wait_counts_down_in_fives_and_ends_with_soon(now: float, low: int, high: int, soon: bool) -> None:
    shown = wait(ana(40, 60), after(now))

    assert shown is not None
    assert (shown.low, shown.high, shown.soon, shown.longer) == (low, high, soon, False)


def test_over_an_hour_the_start_of_a_wait_is_rounded_to_ten_minutes() -> None:
    shown = wait(ana(105, 125), after(30))

    assert shown is not None
    assert (shown.low, shown.high) == (70, 95)

    at_an_hour = wait(ana(55, 90), after(30))

    assert at_an_hour is not None
    assert (at_an_hour.low, at_an_hour.high) == (25, 60)


def test_at_the_end_of_a_window_it_is_no_longer_shown() -> None:
    assert wait(ana(40, 60), after(60)) is None


@pytest.mark.parametrize("facts", [(called("ana", 31),), (Held(after(31), "ana"),), inside("ana", 31)])
def test_who_does_not_wait_is_shown_no_wait(facts: tuple[Fact, ...]) -> None:
    assert wait(ana(30, 60, *facts), after(32)) is None


def test_who_was_told_nothing_yet_is_shown_no_wait() -> None:
    assert wait(queue(0).visits["ana"], after(32)) is None
    assert minutes_over(queue(0).visits["ana"], after(300)) == 0


@for_all(end=st.integers(40, 120), now=MOMENTS)
def test_minutes_over_are_the_whole_minutes_past_the_end_of_the_window(end: int, now: datetime) -> None:
    assert minutes_over(ana(30, end), now) == max(0, (now - after(end)) // timedelta(minutes=1))


def test_minutes_over_and_longer_are_held_against_the_first_window_not_the_latest() -> None:
    visit = ana(30, 40, Told(after(40), "ana", after(45), after(60)))

    assert minutes_over(visit, after(43)) == 3
    shown = wait(visit, after(43))
    assert shown is not None
    assert shown.longer
    assert wait(visit, after(40)) == replace(shown, high=20, low=5)


def test_a_window_that_ends_later_than_the_first_is_longer_at_once() -> None:
    shown = wait(ana(30, 40, Told(after(32), "ana", after(35), after(50))), after(33))

    assert shown is not None
    assert shown.longer


def test_a_window_that_ends_sooner_than_the_first_is_not_longer() -> None:
    shown = wait(ana(50, 70, Told(after(32), "ana", after(35), after(50))), after(33))

    assert shown is not None
    assert not shown.longer


def test_a_time_that_we_could_not_say_at_first_is_not_held_against_us() -> None:
    visit = queue(0, Told(after(30), "ana", why="no_room"), Told(after(50), "ana", after(50), after(60))).visits["ana"]

    assert minutes_over(visit, after(59)) == 0
    assert minutes_over(visit, after(62)) == 2


SEEN = (Called(after(35), "ana", "room-1"), Started(after(36), "ana"))


@pytest.mark.parametrize("facts", [
    (*SEEN, Transferred(after(50), "ana", "doctor")),
    (called("ana", 35), MarkedNoShow(after(37), "ana"), Resumed(after(50), "ana")),
    (called("ana", 35), Held(after(36), "ana"), Resumed(after(50), "ana")),
    (Held(after(36), "ana"), Resumed(after(50), "ana")),
])  # fmt: skip
def test_a_window_that_was_kept_is_not_held_against_us_when_they_wait_again(facts: tuple[Fact, ...]) -> None:
    """Called in time, or stepped out: what they wait for next gets a window of its own."""
    line = queue(1, told(30, 40), *facts)

    assert minutes_over(line.visits["ana"], after(50)) == 0
    line = then(line, *tell(line, NONE, after(50), {"ana"}))
    shown = wait(line.visits["ana"], after(50))
    assert shown is not None
    assert not shown.longer


@pytest.mark.parametrize("facts", [(called("ana", 35),), inside("ana", 35), (Held(after(35), "ana"),)])
def test_what_they_were_told_stays_on_record_until_they_wait_again(facts: tuple[Fact, ...]) -> None:
    visit = ana(30, 60, *facts)

    assert visit.told == visit.first_told == told(30, 60)


def test_who_stepped_out_gets_a_new_window_when_back() -> None:
    visit = ana(30, 60, Held(after(35), "ana"), Resumed(after(40), "ana"))

    assert visit.told is visit.first_told is None


def test_we_say_why_when_there_is_no_estimate() -> None:
    line = queue(0, RoomClosed(after(31), "room-1"))

    assert estimates(line, NONE, after(32)) == {"ana": CannotSay("no_room")}
    assert news(line, after(32)) == Told(after(32), "ana", why="no_room")
