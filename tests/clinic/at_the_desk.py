"""Words for the tests of the desk: people who check in, a busy morning, and all that is written."""

from collections.abc import Callable
from typing import Any

from clinic import commands, talk
from clinic.desk import Desk
from clinic.line import Line
from tests.clinic.given import after
from tests.conftest import FakeClock

Restart = Callable[[], Desk]
"""Stops the program and starts it again on the same folder."""


def arrive(desk: Desk, visit: str, service: str = "doctor", **more: Any) -> str:
    """This person checks in; their ticket."""
    desk.do(commands.check_in, by="kiosk", visit=visit, service=service, **more)
    return desk.line.visits[visit].ticket


def rows(desk: Desk, table: str = "event") -> list[Any]:
    with desk.store.read() as db:
        return db.execute(f"select * from {table}").fetchall()


def everything(desk: Desk) -> dict[str, list[Any]]:
    return {table: rows(desk, table) for table in ("event", "answer", "setting", "person", "link")}


def ticket_of(line: Line, visit: str | None) -> dict[str, Any]:
    return {"ticket": line.visits[visit or ""].ticket, "seq": line.seq}


def busy_morning(desk: Desk, clock: FakeClock) -> None:
    """Something of everything that staff and patients do."""
    for minute, visit in enumerate(("ana", "bo", "cy", "di", "eve")):
        clock.time = after(minute)
        arrive(desk, visit, "nurse" if visit == "cy" else "doctor")
    clock.time = after(10)
    steps: list[tuple[commands.Command, dict[str, Any]]] = [
        (commands.call_next, {"room": "room-1"}), (commands.start, {"visit": "ana"}),
        (commands.call, {"visit": "di", "room": "room-2"}), (commands.recall, {"visit": "di"}),
        (commands.undo, {"visit": "di"}), (commands.mark_no_show, {"visit": "di"}),
        (commands.resume, {"visit": "di"}), (commands.hold, {"visit": "bo"}), (commands.leave, {"visit": "cy"}),
        (commands.undo, {"visit": "cy"}), (commands.prioritise, {"visit": "eve", "reason": "unwell"}),
        (commands.finish, {"visit": "ana"}), (commands.undo, {"visit": "ana"}),
        (commands.transfer, {"visit": "ana", "service": "nurse"}),
        (commands.pause_room, {"room": "room-2", "until": after(40)}), (commands.close_room, {"room": "room-3"}),
        (talk.ask_help, {"help": "h1", "place": "Tablet 1"}), (talk.take_help, {"help": "h1"}),
    ]  # fmt: skip
    for command, params in steps:
        desk.do(command, by="staff", **params)
    clock.time = after(30)
    desk.tell()
