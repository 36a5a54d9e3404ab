"""Every command about one visit, tried in every status a visit can have."""

import inspect

import pytest

from clinic import commands
from clinic.events import Fact, Finished, Held, Left, MarkedNoShow
from clinic.line import HERE
from tests.clinic.given import after, called, came, given, inside, refused, then

STATUSES: dict[str, tuple[Fact, ...]] = {
    "waiting": (),
    "called": (called("ana", 2),),
    "in_room": inside("ana", 2),
    "on_hold": (Held(after(2), "ana"),),
    "no_show": (called("ana", 2), MarkedNoShow(after(3), "ana")),
    "done": (*inside("ana", 2), Finished(after(9), "ana")),
    "left": (Left(after(2), "ana"),),
}

ALLOWED: dict[commands.Command, set[str]] = {
    commands.call: {"waiting"},
    commands.recall: {"called"},
    commands.mark_no_show: {"called"},
    commands.start: {"called"},
    commands.finish: {"called", "in_room"},
    commands.hold: {"waiting", "called"},
    commands.resume: {"on_hold", "no_show"},
    commands.rejoin: {"left"},
    commands.transfer: set(HERE) - {"no_show"},
    commands.prioritise: {"waiting", "on_hold", "no_show"},
    commands.leave: {"waiting", "called", "on_hold", "no_show"},
}

MORE = {
    commands.call: {"room": "room-1"},
    commands.transfer: {"service": "nurse"},
    commands.prioritise: {"reason": "other"},
}

TRIED_ELSEWHERE = {
    commands.check_in, commands.call_next, commands.undo, commands.open_day, commands.close_day,
    commands.book, commands.cancel, commands.assign, commands.sign_in, commands.tell_closing,
    commands.follow_up,
    commands.open_room, commands.pause_room, commands.close_room,
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("command", ALLOWED, ids=lambda command: command.__name__)
def test_a_command_is_for_visits_in_the_right_status_only(command: commands.Command, status: str) -> None:
    line = given(came("ana", 1), *STATUSES[status])
    assert line.visits["ana"].status == status
    more = MORE.get(command, {})

    if status in ALLOWED[command]:
        assert [getattr(fact, "visit", "") for fact in command(line, after(10), visit="ana", **more)] == ["ana"]
    else:
        with refused("wrong_status", ticket="A 01", status=status):
            command(line, after(10), visit="ana", **more)


@pytest.mark.parametrize("command", ALLOWED, ids=lambda command: command.__name__)
def test_a_stranger_to_todays_line_is_refused(command: commands.Command) -> None:
    with refused("unknown_visit"):
        command(given(), after(10), visit="cy", **MORE.get(command, {}))


@pytest.mark.parametrize("command", ALLOWED, ids=lambda command: command.__name__)
def test_nothing_happens_to_a_visit_of_a_day_that_is_closed(command: commands.Command) -> None:
    line = given(came("ana", 1))
    line = then(line, *commands.close_day(line, after(500), confirm=True))

    with pytest.raises(commands.Refused) as caught:
        command(line, after(501), visit="ana", **MORE.get(command, {}))

    assert caught.value.code in ("wrong_status", "day_closed")


def test_every_command_is_tried() -> None:
    public = {
        found for name, found in inspect.getmembers(commands, inspect.isfunction)
        if found.__module__ == commands.__name__ and not name.startswith("_")
    }  # fmt: skip

    assert public == set(ALLOWED) | TRIED_ELSEWHERE
