"""The clinic's screens and devices as one list: which are on, whether they can be heard, and a test call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from clinic.commands import Refused
from clinic.desk import Desk
from doors.devices import spelled
from doors.face import last_here
from doors.guard import Doors
from doors.who import Device, who
from forms import BadInput, sent, text
from messages import DEVICE_ROLES, sentence
from roll_call import RollCall, Seen
from staff import devices
from staff.reply import Reply
from words import Language, render, version


@dataclass(frozen=True)
class Row:
    """A screen that is on, a paired device, or mostly both. `id`: the screen's name or the device's id."""

    id: str
    screen: Seen | None
    device: Device | None
    last: str


def add_routes(console: Blueprint, desk: Desk, doors: Doors, roll: RollCall, reply: Reply) -> None:
    """/staff/screens, with what it sends."""

    def page(status: int = 200, **more: Any) -> tuple[str, int]:
        """`waiting`: the screen that shows the code in `typed`; `at` which form there is a `problem`."""
        usual: dict[str, Any] = {"at": "", "problem": None, "typed": {}, "waiting": None, "token": None, "program": None}
        given = {**usual, **more}
        given["typed"] = {"code": "", "name": "", "place": "", **given["typed"]}
        lang, problem = reply.lang(), given["problem"]
        words = sentence(problem.code, {"field": problem.field, **problem.params}, lang) if problem else ""
        here = who()
        return render(
            "staff/screens.html", lang, key=f"staff/screens/{lang.code}", seq=desk.line.seq,
            wrong=words, field=problem.field if problem else "", is_desk="desk" in here.roles,
            **given, **listed(desk, roll, doors, reply.now(), lang),
        ), status  # fmt: skip

    devices.add_routes(console, doors, roll, reply, page)

    @console.get("/screens")
    def screens() -> tuple[str, int]:
        code = request.args.get("code", "")[:40]
        if not code:
            return page()
        try:
            waiting = doors.devices.look_up(code, who().by)
        except BadInput as problem:
            return page(422, at="pair", problem=problem, typed={"code": code})
        return page(waiting=waiting, typed={"code": spelled(waiting.code)})

    @console.post("/test-call")
    def test_call() -> Response:
        if not roll.test(text(fields := sent(request), "screen")):
            raise Refused("unknown_screen")
        number = str(fields["screen"]).rpartition("-")[2]
        return reply.done({"seq": desk.line.seq}, reply.lang().gettext("TV %(n)s shows and says a test now.", n=number))

    @console.post("/forget-screen")
    def forget_screen() -> Response:
        if not roll.forget(text(sent(request), "screen")):
            raise Refused("unknown_screen")
        return reply.done({"seq": desk.line.seq}, reply.lang().gettext("This screen is off the list."))


def listed(desk: Desk, roll: RollCall, doors: Doors, now: datetime, lang: Language) -> dict[str, Any]:
    """What the page of screens shows."""
    rows = _rows(roll.seen(), doors.devices.everyone(), doors.now().astimezone(now.tzinfo), lang)
    return {"setup": desk.line.setup, "rows": rows, "now": now, "newest": version(), "roles": DEVICE_ROLES}


def _rows(seen: tuple[Seen, ...], paired: list[Device], now: datetime, lang: Language) -> list[Row]:
    """Every paired device with its screens, and every screen that is no device of ours, as with open doors."""
    rows = []
    known = {one.id: one for one in paired if one.ended is None}
    for device in known.values():
        last = last_here(device.seen.astimezone(now.tzinfo), now, lang)
        on = [one for one in seen if one.device == device.id]
        rows += [Row(one.name, one, device, last) for one in on] or [Row(device.id, None, device, last)]
    return rows + [Row(one.name, one, None, "") for one in seen if one.device not in known]
