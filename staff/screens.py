"""The clinic's screens: which are on, whether they can be heard, and a test call."""

from datetime import datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from clinic.commands import Refused
from clinic.desk import Desk
from forms import sent, text
from roll_call import RollCall
from staff.reply import Reply
from words import render, version


def add_routes(console: Blueprint, desk: Desk, roll: RollCall, reply: Reply) -> None:
    """/staff/screens, with what it sends."""

    @console.get("/screens")
    def screens() -> str:
        key = f"staff/screens/{reply.lang().code}"
        return render("staff/screens.html", reply.lang(), key=key, seq=desk.line.seq, **listed(desk, roll, reply.now()))

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


def listed(desk: Desk, roll: RollCall, now: datetime) -> dict[str, Any]:
    """What the page of screens shows."""
    return {"setup": desk.line.setup, "seen": roll.seen(), "now": now, "newest": version()}
