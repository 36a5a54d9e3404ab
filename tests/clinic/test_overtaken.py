"""Whoever is overtaken can be told why: one true word for each reason, and none where nobody was."""

from dataclasses import replace

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from clinic.events import (
    Assigned,
    Booked,
    Called,
    CheckedIn,
    Fact,
    MarkedNoShow,
    Prioritised,
    Resumed,
    RoomClosed,
    SignedIn,
)
from clinic.line import Line
from clinic.order import ahead_of, overtaking, rooms_for, waiting, why_before
from clinic.setup import Clinician
from clinic.told import SAID, goes_first
from tests.clinic.given import SETUP, after, called, came, given, then

STAFFED = replace(SETUP, clinicians=(Clinician("dr-okafor", "Dr Okafor"), Clinician("dr-ruiz", "Dr Ruiz")))

BACK: tuple[Fact, ...] = (called("bo", 13), MarkedNoShow(after(14), "bo"), Resumed(after(15), "bo"))

OVERTAKEN: dict[str, tuple[Fact, ...]] = {
    "moved_up": (came("ana", 10), came("bo", 12), Prioritised(after(13), "bo", "unwell")),
    "more_urgent": (came("ana", 10), CheckedIn(after(12), "bo", "doctor", "A 12", level=2)),
    "called_before": (came("ana", 10), came("bo", 12), *BACK),
    "booked": (came("ana", 10), came("bo", 12, booked=8)),
    # ana came half an hour late for her time, so that her turn counts from when she came
    "timed": (came("ana", 40, booked=10), came("bo", 42, booked=30)),
    "before_time": (came("ana", 10, booked=60), came("bo", 12)),
}


@pytest.mark.parametrize("reason", OVERTAKEN)
def test_each_reason_of_the_order_has_a_word_for_who_is_overtaken(reason: str) -> None:
    line = given(*OVERTAKEN[reason])

    assert [visit.id for visit in waiting(line)] == ["bo", "ana"]
    assert overtaking(line, line.visits["ana"]) == reason
    assert goes_first(line, line.visits["ana"]) == SAID[reason]
    assert goes_first(line, line.visits["bo"]) is None


def test_a_walk_in_who_waits_for_a_booked_latecomer_is_not_told_that_they_were_booked_before() -> None:
    setup = replace(SETUP, walk_in_after=15)
    late = given(came("ana", 50), came("bo", 55, booked=20), setup=setup)
    soon = given(came("ana", 50), came("bo", 52, booked=60), setup=setup)

    assert [overtaking(line, line.visits["ana"]) for line in (late, soon)] == ["timed", "timed"]


def test_where_the_clock_went_back_the_reason_is_what_it_showed() -> None:
    line = given(came("ana", 10), came("bo", 5))

    assert overtaking(line, line.visits["ana"]) == "arrived"


def test_who_came_later_for_another_room_overtakes_nobody() -> None:
    line = given(came("ana", 10), Assigned(after(11), "ana", "dr-ruiz"), setup=STAFFED)
    line = then(line, SignedIn(after(11), "room-1", "dr-ruiz"), came("bo", 12, service="nurse", booked=8))

    assert [visit.id for visit in waiting(line)] == ["bo", "ana"]
    assert overtaking(line, line.visits["ana"]) is None


def test_a_room_that_is_not_open_is_no_line_to_be_overtaken_in() -> None:
    line = given(came("ana", 10), came("bo", 12, service="nurse", booked=8))
    assert overtaking(line, line.visits["ana"]) == "booked", "room 2 sees both"

    line = then(line, RoomClosed(after(13), "room-2"))

    assert overtaking(line, line.visits["ana"]) is None


def test_who_waits_for_the_same_clinician_in_no_room_yet_is_told_too() -> None:
    line = given(
        Booked(after(0), "ana", "doctor", after(60), clinician="dr-ruiz"),
        CheckedIn(after(10), "ana", "doctor", "A 01", booked=after(60), clinician="dr-ruiz"),
        CheckedIn(after(12), "bo", "doctor", "A 02", booked=after(30), clinician="dr-ruiz"),
        CheckedIn(after(13), "cy", "doctor", "A 03", booked=after(15), clinician="dr-okafor"),
        setup=STAFFED,
    )

    assert overtaking(line, line.visits["ana"]) == "booked"
    assert ahead_of(line, line.visits["ana"]) == 1
    assert overtaking(line, line.visits["bo"]) is None


PEOPLE = st.lists(
    st.fixed_dictionaries({
        "service": st.sampled_from(["doctor", "nurse"]),
        "booked": st.none() | st.integers(-40, 60),
        "level": st.none() | st.integers(1, 3),
        "clinician": st.sampled_from([None, None, "dr-okafor", "dr-ruiz"]),
        "then": st.sampled_from(["waits", "waits", "moved up", "missed and back", "given to a clinician"]),
    }),
    min_size=2, max_size=7,
)  # fmt: skip


def crowd(people: list[dict[str, object]], walk_in_after: int) -> Line:
    """A morning with these people, who came one after the other."""
    line = given(setup=replace(STAFFED, walk_in_after=walk_in_after))
    for n, one in enumerate(people):
        booked = None if one["booked"] is None else after(n * 3 + int(str(one["booked"])))
        who = str(n)
        line = then(line, CheckedIn(
            after(n * 3), who, str(one["service"]), f"A {n:02d}", booked=booked,
            level=one["level"], clinician=one["clinician"],  # type: ignore[arg-type]  # as drawn
        ))  # fmt: skip
        if one["then"] == "moved up":
            line = then(line, Prioritised(after(n * 3 + 1), who, "other"))
        if one["then"] == "missed and back":
            at = after(n * 3 + 1)
            line = then(line, Called(at, who, "room-1"), MarkedNoShow(at, who), Resumed(at, who))
        if one["then"] == "given to a clinician":
            line = then(line, Assigned(after(n * 3 + 1), who, "dr-ruiz"))
    return line


@whatever(people=PEOPLE, walk_in_after=st.sampled_from([0, 15]))
def test_whenever_somebody_who_came_later_is_before_you_there_is_a_true_word_for_it(
    people: list[dict[str, object]], walk_in_after: int
) -> None:
    line = crowd(people, walk_in_after)
    order = waiting(line)
    for n, visit in enumerate(order):
        sooner = [one for one in order[:n] if set(rooms_for(line, one)) & set(rooms_for(line, visit))]
        later = [one for one in sooner if int(one.id) > int(visit.id)]
        word = goes_first(line, visit)
        if later:
            assert word in SAID.values()
        elif rooms_for(line, visit):
            assert word is None
        for one in later:
            check_true(line, one.id, visit.id)


def check_true(line: Line, first: str, other: str) -> None:
    """What the reason says is so."""
    one, two = line.visits[first], line.visits[other]
    match why_before(line, one, two):
        case "moved_up":
            assert one.priority
            assert not two.priority
        case "more_urgent":
            assert (one.level or 9) < (two.level or 9)
        case "called_before":
            assert one.returned
            assert not two.returned
        case "booked":
            assert one.booked
            assert one.booked < (two.booked or two.arrived)
        case "timed":
            assert one.booked
        case "before_time":
            assert two.booked
            assert one.arrived < two.booked
        case reason:
            pytest.fail(f"{reason}, though {first} came after {other}")
