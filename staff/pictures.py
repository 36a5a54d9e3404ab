"""The day in pictures for the manager, and every visit as CSV: no identities, and nobody's hands are ranked."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, request

from clinic.after import After
from clinic.desk import Desk
from clinic.feedback import RATINGS
from clinic.measures import Picture, Stay, picture
from clinic.setup import Setup
from messages import RATINGS as WORDS
from sheets import sheet
from staff.looks import Seldom
from staff.reply import Reply
from staff.uploads import breathe
from words import render

COLUMNS = (
    "day", "service", "booked", "arrived", "told_low", "told_high", "called", "room", "started", "ended", "outcome",
    "promise", "told_of_delay",
)  # fmt: skip


EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Pictures:
    """Every visit of the last weeks, and in numbers those of all weeks and those of the latest `day`."""

    stays: list[Stay]
    day: date
    of_day: Picture
    of_weeks: Picture


def add_routes(console: Blueprint, desk: Desk, after: After, reply: Reply) -> None:
    """/staff/day-in-pictures and /staff/visits.csv."""
    seldom = Seldom(EVERY, lambda: _look(after, desk.line.setup, reply.now()))

    def shown(weeks: bool) -> dict[str, Any]:
        found, answers, setup = seldom.at(reply.now()), after.answers(), desk.line.setup
        p = found.of_weeks if weeks else found.of_day
        said = answers if weeks else [one for one in answers if one.day == found.day.isoformat()]
        counts = [(rating, sum(one.rating == rating for one in said)) for rating in RATINGS]
        return {
            "p": p, "setup": setup, "weeks": weeks, "ratings": counts, "words": WORDS, "longest": _longest(p),
            "most": max(1, *(n for _, n in counts)), "day": reply.lang().day(datetime.combine(found.day, time())),
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

        def row(stay: Stay) -> list[str]:
            times = [_clock(at, now) for at in (stay.booked, stay.arrived, stay.low, stay.high, stay.called)]
            after_call = [_clock(at, now) for at in (stay.started, stay.ended)]
            service, room = services.get(stay.service, stay.service), rooms.get(stay.room, stay.room)
            told_of_delay = "yes" if stay.moved else "no" if stay.promise else ""
            came_of_it = [stay.outcome, stay.promise, told_of_delay]
            return [_day(stay, now).isoformat(), service, *times, room, *after_call, *came_of_it]

        return sheet(f"visits-{now.date().isoformat()}", COLUMNS, map(row, seldom.at(now).stays))


def _look(after: After, setup: Setup, now: datetime) -> Pictures:
    stays = []
    for some in after.days():
        stays += some
        breathe()  # the first look reads many days
    days = [_day(stay, now) for stay in stays]
    latest = max(days, default=now.date())
    services = [service.id for service in setup.services]
    of_day = [stay for stay, day in zip(stays, days, strict=True) if day == latest]
    return Pictures(
        stays, latest, picture(of_day, services, now.tzinfo), picture(stays, services, now.tzinfo)
    )  # fmt: skip


def _day(stay: Stay, now: datetime) -> date:
    at = stay.due or stay.booked
    assert at  # who never came was booked
    return at.astimezone(now.tzinfo).date()


def _clock(at: datetime | None, now: datetime) -> str:
    return at.astimezone(now.tzinfo).strftime("%H:%M") if at else ""


def _longest(p: Picture) -> int:
    """The longest wait that is drawn: every bar is drawn on its scale."""
    return max([1, *(waits.ninety for _, waits in (*p.hours, *p.services)), *(waits.ninety for _, waits, _ in p.weeks)])
