"""The day from open to close: who works where, what people are told of closing, and an outcome for everybody."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from clinic import commands
from clinic.desk import Desk
from clinic.hours import day_of, works_on
from clinic.line import here
from clinic.missed import not_yet
from clinic.outcomes import OUTCOMES, absent, usual
from doors.who import by
from forms import REQUEST_LENGTH, BadInput, one_of, sent, text, yes
from messages import ABSENT_OUTCOMES, HERE_OUTCOMES, STATUS
from right_time import RightTime
from staff.reply import Reply
from words import render


def add_routes(console: Blueprint, desk: Desk, reply: Reply, right_time: RightTime) -> None:
    """/staff/day with its forms, and the commands that they send."""

    @console.get("/day")
    def day_form() -> str:
        if desk.line.opened_at is None:
            return render("staff/open_day.html", reply.lang(), setup=desk.line.setup, **opening())
        return render("staff/close_day.html", reply.lang(), setup=desk.line.setup, status=STATUS, **ending())

    def opening() -> dict[str, Any]:
        """Which rooms to propose, who works there, and how many are expected with whom."""
        setup, usually = desk.line.setup, desk.usual_rooms()
        today = day_of(setup, desk.clock.now())
        booked = Counter(one.clinician or "" for one in desk.bookings() if one.stands)
        nowhere = [one for one in setup.clinicians if booked[one.id] and one.id not in usually.values()]
        # A room without hours is planned for no day and so for every day.
        works = {room.id for room in setup.rooms if not room.opens or works_on(room, today)}
        return {"usually": usually, "booked": booked, "nowhere": nowhere, "works": works}

    def ending() -> dict[str, Any]:
        """Everybody who needs an outcome, with the likely one."""
        line, at = desk.line, reply.now()
        staying = here(line)
        missing = sorted(absent(line, at), key=lambda visit: visit.arrived)
        everybody = [*staying, *missing]
        names = desk.booked_names([visit.id for visit in missing]) | desk.names([visit.id for visit in staying])
        return {
            "here": staying, "absent": missing, "names": names,
            "usual": {visit.id: usual(visit, at) for visit in everybody}, "zone": at.tzinfo,
            "too_early": {visit.id for visit in everybody if not_yet(visit, at) == "too_early"},
            "here_outcomes": HERE_OUTCOMES, "absent_outcomes": ABSENT_OUTCOMES,
        }  # fmt: skip

    @console.post("/open-day")
    def open_day() -> Response:
        fields = sent(request)
        wanted = fields.getlist("rooms") if isinstance(fields, MultiDict) else fields.get("rooms", [])
        rooms = [room.id for room in desk.line.setup.rooms]
        if not isinstance(wanted, list) or any(room not in rooms for room in wanted):
            raise BadInput("rooms", "not_a_choice", choices=", ".join(rooms))
        answer = desk.open_day(by(), tuple(wanted), reply.tap(fields), _clinicians(fields, wanted))
        return reply.done(answer, reply.lang().gettext("The day is open."))

    @console.post("/close-day")
    def close_day() -> Response:
        fields = sent(request)
        told, outcomes = _told(fields), _outcomes(fields)
        done = desk.do(
            commands.close_day, by=by(), request=reply.tap(fields), confirm=yes(fields, "confirm"),
            told=None if told is None else tuple(told), outcomes=outcomes,
            answer=lambda line, _: {"seq": line.seq, "status": "closed"},
        )  # fmt: skip
        return reply.done(done.answer, reply.lang().gettext("The day is closed."))

    @console.post("/tell-closing")
    def tell_closing() -> Response:
        fields = sent(request)
        message = text(fields, "message")
        done = desk.do(
            commands.tell_closing, by=by(), request=reply.tap(fields), message=message,
            answer=lambda line, _: {"seq": line.seq, "message": line.closing.message if line.closing else "none"},
        )  # fmt: skip
        lang = reply.lang()
        taken_back = done.answer["message"] == "none"
        said = lang.gettext("Taken back.") if taken_back else lang.gettext("People can read it on every screen now.")
        return reply.done(done.answer, said)

    @console.post("/believe-clock")
    def believe_clock() -> Response:
        """A person looked at another clock: this computer's is right."""
        sent(request)
        right_time.believe()
        return reply.done({"seq": desk.line.seq}, reply.lang().gettext("Thank you. We go by this clock."))


def _clinicians(fields: Mapping[str, Any], rooms: list[str]) -> dict[str, str]:
    """Who works in which of these rooms: {room: clinician}, or a form's field for each room."""
    if isinstance(fields, MultiDict):
        return {room: chosen for room in rooms if (chosen := fields.get(f"clinician-{room}"))}
    given = fields.get("clinicians") or {}
    if not isinstance(given, dict) or any(room not in rooms for room in given):
        raise BadInput("clinicians", "not_a_choice", choices=", ".join(rooms))
    return {room: text(given, room) for room in given}


def _told(fields: Mapping[str, Any]) -> list[str] | None:
    # A form names everybody it knew of: nobody else is swept out with them.
    told = fields.getlist("told") if isinstance(fields, MultiDict) else fields.get("told")
    if told is not None and not (isinstance(told, list) and all(isinstance(one, str) for one in told)):
        raise BadInput("told", "not_text", limit=REQUEST_LENGTH)
    return told


def _outcomes(fields: Mapping[str, Any]) -> dict[str, str]:
    """What came of whom: {visit: outcome}, or a form's field for each visit."""
    if isinstance(fields, MultiDict):
        given = {name.removeprefix("outcome-"): fields[name] for name in fields if name.startswith("outcome-")}
    else:
        given = fields.get("outcomes") or {}
    if not isinstance(given, dict):
        raise BadInput("outcomes", "not_a_choice", choices=", ".join(OUTCOMES))
    return {visit: one_of(given, visit, OUTCOMES, "") for visit in given if given[visit] not in (None, "")}
