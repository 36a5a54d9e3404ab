"""The day in pictures for the manager, and every visit as CSV: no identities, and nobody's hands are ranked."""

import csv
import io
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from clinic.after import After
from clinic.desk import Desk
from clinic.feedback import RATINGS
from clinic.measures import Picture, Stay, picture
from messages import RATINGS as WORDS
from staff.appointments import cell
from staff.looks import Looks
from staff.reply import Reply
from words import render

COLUMNS = (
    "day", "service", "booked", "arrived", "told_low", "told_high", "called", "room", "started", "ended", "outcome",
)  # fmt: skip


def add_routes(console: Blueprint, desk: Desk, after: After, reply: Reply, looks: Looks) -> None:
    """/staff/day-in-pictures and /staff/visits.csv."""

    def shown(weeks: bool) -> dict[str, Any]:
        now, setup = reply.now(), desk.line.setup
        everything, answers = looks.stays(now), after.answers()
        latest = max((day for stay in everything if (day := _day(stay, now))), default=now.date().isoformat())
        some = everything if weeks else [stay for stay in everything if _day(stay, now) == latest]
        said = answers if weeks else [one for one in answers if one.day == latest]
        p: Picture = picture(some, [service.id for service in setup.services], now.tzinfo)
        counts = [(rating, sum(one.rating == rating for one in said)) for rating in RATINGS]
        return {
            "p": p, "setup": setup, "weeks": weeks, "ratings": counts, "words": WORDS, "longest": _longest(p),
            "most": max(1, *(n for _, n in counts)), "day": reply.lang().day(datetime.fromisoformat(latest)),
            "as_said": (sum(one.as_said == "yes" for one in said), sum(one.as_said != "" for one in said)),
        }  # fmt: skip

    @console.get("/day-in-pictures")
    def pictures() -> str:
        return render("staff/pictures.html", reply.lang(), **shown("weeks" in request.args))

    @console.get("/visits.csv")
    def visits() -> Response:
        now, setup = reply.now(), desk.line.setup
        services = {service.id: service.name for service in setup.services}
        rooms = {room.id: room.name for room in setup.rooms}
        text = io.StringIO()
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(COLUMNS)
        for stay in looks.stays(now):
            times = [_clock(at, now) for at in (stay.booked, stay.arrived, stay.low, stay.high, stay.called)]
            after_call = [_clock(at, now) for at in (stay.started, stay.ended)]
            service, room = services.get(stay.service, stay.service), rooms.get(stay.room, stay.room)
            row = [_day(stay, now), service, *times, room, *after_call, stay.outcome]
            sheet.writerow([cell(value) for value in row])
        name = f"visits-{now.date().isoformat()}.csv"
        return Response("\ufeff" + text.getvalue(), mimetype="text/csv",
                        headers={"Content-Disposition": f"attachment; filename={name}"})  # fmt: skip


def _day(stay: Stay, now: datetime) -> str:
    at = stay.due or stay.booked
    return at.astimezone(now.tzinfo).date().isoformat() if at else ""


def _clock(at: datetime | None, now: datetime) -> str:
    return at.astimezone(now.tzinfo).strftime("%H:%M") if at else ""


def _longest(p: Picture) -> int:
    """The longest wait that is drawn: every bar is drawn on its scale."""
    return max([1, *(waits.ninety for _, waits in (*p.hours, *p.services)), *(waits.ninety for _, waits, _ in p.weeks)])
