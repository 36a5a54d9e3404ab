"""What may help somebody: kept apart from the log, over a restart, and no longer than they are here."""

from datetime import timedelta

import pytest

from clinic import commands, talk
from clinic.desk import Desk
from clinic.needs import Needs, flags_of, needs_of, ways
from tests.clinic.at_the_desk import Restart, arrive, rows
from tests.clinic.given import ROOMS, after
from tests.conftest import FakeClock

PROUD = Needs(("interpreter", "wheelchair"), "ur")


def kept(desk: Desk, visit: str = "ana") -> Needs | None:
    return desk.needs([visit]).get(visit)


def test_wishes_stand_in_the_order_of_the_list_and_a_language_is_an_interpreter() -> None:
    assert needs_of(("wheelchair", "fetch", "large_text")) == Needs(("large_text", "wheelchair"))
    assert needs_of(("wheelchair",), "ur") == PROUD


@pytest.mark.parametrize(
    ("fixed", "named", "open_to"),
    [
        ("", True, ("number", "name", "fetch")), ("", False, ("number", "fetch")),
        ("number", True, ("number", "fetch")), ("name", True, ("name", "fetch")),
        ("name", False, ("number", "fetch")), ("fetch", True, ("fetch",)),
    ],
)  # fmt: skip
def test_a_service_fixes_how_its_people_are_called_but_anybody_may_be_fetched(
    fixed: str, named: bool, open_to: tuple[str, ...]
) -> None:
    assert ways(fixed, named) == open_to


def test_to_fetch_somebody_is_the_first_thing_to_know() -> None:
    assert flags_of("fetch", PROUD) == ("fetch", "interpreter", "wheelchair")
    assert flags_of("name", PROUD) == PROUD.flags


def test_what_helps_somebody_survives_a_restart_and_is_in_no_log(desk: Desk, reopened: Restart) -> None:
    arrive(desk, "ana", needs=PROUD)
    again = reopened()

    assert kept(again) == PROUD
    written = str(rows(again))
    assert not any(word in written for word in ("wheelchair", "interpreter", "'ur'"))


def test_staff_change_what_helps_somebody_without_a_fact(desk: Desk) -> None:
    arrive(desk, "ana", needs=PROUD)
    before = len(rows(desk))
    desk.do(talk.prefer, by="staff", visit="ana", call_me="number", needs=Needs(("quiet",)))
    assert (kept(desk), len(rows(desk))) == (Needs(("quiet",)), before)
    desk.do(talk.prefer, by="staff", visit="ana", call_me="number", needs=Needs())
    assert kept(desk) is None


def test_a_new_day_knows_no_longer_what_helped_anybody(desk: Desk) -> None:
    arrive(desk, "ana", needs=PROUD)
    desk.do(commands.close_day, by="staff", confirm=True)
    assert kept(desk) == PROUD
    desk.open_day("staff", ROOMS)
    assert rows(desk, "need") == []


def test_in_a_day_that_never_closes_it_is_forgotten_a_day_after_the_visit(desk: Desk, clock: FakeClock) -> None:
    arrive(desk, "ana", needs=PROUD)
    arrive(desk, "bo", needs=PROUD)
    clock.time = after(10)
    desk.do(commands.leave, by="staff", visit="ana")
    clock.time = after(10) + timedelta(hours=16)
    desk.tell()
    assert kept(desk) == PROUD
    clock.time = after(10) + timedelta(hours=40)
    desk.tell()
    assert (kept(desk), kept(desk, "bo")) == (None, PROUD)


def test_what_helped_somebody_is_forgotten_a_day_after_though_no_day_opens(desk: Desk, clock: FakeClock) -> None:
    arrive(desk, "ana", needs=PROUD)
    desk.do(commands.leave, by="staff", visit="ana")
    clock.time += timedelta(hours=23)
    desk.tell()
    assert kept(desk) == PROUD
    clock.time += timedelta(hours=1)
    desk.tell()
    assert kept(desk) is None
