"""The staff's browser: one page, one POST per command, and the forms that open over the page."""

import uuid
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from arrive import appointments_of, check_in
from clinic import commands, trust
from clinic.after import After
from clinic.commands import Refused
from clinic.desk import Desk
from clinic.line import Line, Visit, expected, here, stops_of
from clinic.missed import ENOUGH_CALLS, not_yet
from clinic.needs import TOGGLES, Needs, ways
from clinic.order import may_call
from doors.guard import Doors
from doors.who import by
from forms import BadInput, one_of, sent, text, text_or_none, wants_json, whole_number, yes
from live import Live
from messages import ALARMS, NEEDS, NEXT_STEPS, QUESTIONS, REASONS, STATUS
from right_time import RightTime
from roll_call import RollCall
from settings import Settings
from staff import day, delay, follow_ups, locked, needs, pictures, privacy, rooms, screens, talk
from staff.looks import Looks
from staff.reply import Reply, came_from
from staff.screen import line_facts, screen
from upkeep import Upkeep
from words import LANGUAGES, Language, clock, isolated, language, render, ticket

VISIT_COMMANDS = {
    "recall": commands.recall,
    "start": commands.start,
    "no-show": commands.mark_no_show,
    "hold": commands.hold,
    "resume": commands.resume,
    "rejoin": commands.rejoin,
    "leave": commands.leave,
}
ROOM_COMMANDS = {"open-room": commands.open_room, "close-room": commands.close_room}


def blueprint(
    desk: Desk, live: Live, settings: Settings, after: After, roll: RollCall, doors: Doors, upkeep: Upkeep,
    right_time: RightTime,
) -> Blueprint:  # fmt: skip
    """The routes under /staff, and the `staff` screen of the wire: `main`, `what-if`, `trust` and `screens`."""
    console = Blueprint("staff", __name__, url_prefix="/staff")
    looks, reply = Looks(desk, after), Reply(desk, live)
    lang, now = reply.lang, reply.now
    day.add_routes(console, desk, reply, right_time)
    delay.add_routes(console, desk, reply)
    needs.add_routes(console, desk, reply)
    rooms.add_routes(console, desk, reply, looks)
    talk.add_routes(console, desk, reply)
    follow_ups.add_routes(console, desk, after, reply)
    pictures.add_routes(console, desk, after, reply)
    privacy.add_routes(console, desk, reply)
    screens.add_routes(console, desk, doors, roll, reply)
    locked.add_screen(desk, live)

    def fragment(target: str, code: str) -> str | None:
        if target not in ("main", "what-if", "trust", "screens") or code not in LANGUAGES:
            return None
        if target == "trust":
            return render("staff/_trust.html", language(code), **kept())
        if target == "screens":
            spoken = language(code)
            return render("staff/_screens.html", spoken, **screens.listed(desk, roll, doors, now(), spoken))
        return render("staff/_screen.html", language(code), **shown(target == "what-if"))

    def shown(asks_what_if: bool) -> dict[str, Any]:
        line, at = desk.line, now()
        known = [visit.id for visit in here(line)]
        names = desk.names(known)
        owners = desk.takers(line.helps) if line.helps else {}
        return {
            "c": screen(line, at, names, desk.needs(known), owners, roll.seen()), "setup": line.setup,
            "reasons": REASONS, "status": STATUS, "needs": NEEDS, "questions": QUESTIONS,
            "record": looks.record(at, line.setup),
            "asks_what_if": asks_what_if,
            "looks": looks.rooms(at) if asks_what_if else {}, "closing": looks.closing(at),
            "expected": len(expected(line)), "owed": looks.owed(at),
            "alarms": sorted(upkeep.alarms(), key=lambda one: list(ALARMS).index(one.kind)), "alarm_words": ALARMS,
        }  # fmt: skip

    def kept() -> dict[str, Any]:
        at, setup = now(), desk.line.setup
        return {"r": looks.record(at, setup), "setup": setup, "now": at, "trust": trust}

    live.show("staff", fragment)

    @console.get("")
    def page() -> str:
        asked = "what-if" in request.args
        key = f"staff/{'what-if' if asked else 'main'}/{lang().code}"
        return render("staff/page.html", lang(), key=key, seq=desk.line.seq, **shown(asked))

    @console.get("/trust")
    def trust_page() -> str:
        key = f"staff/trust/{lang().code}"
        return render("staff/trust.html", lang(), key=key, seq=desk.line.seq, **kept())

    @console.get("/line.json")
    def line_json() -> Response:
        line = desk.line
        return jsonify(line_facts(line, now(), desk.names(line.visits), desk.needs(line.visits)))

    @console.get("/visit/<visit_id>")
    def visit_form(visit_id: str) -> str:
        visit = desk.line.visits.get(visit_id)
        if visit is None or not visit.ticket:
            raise NotFound
        name = desk.names([visit_id]).get(visit_id, "")
        line = desk.line
        free = [room for room in line.setup.rooms if _may_take(line, room.id, visit)]
        offered = line.setup.service(visit.service)
        link = f"{settings.public_url}/t/{desk.links.secret(visit_id)}"
        return render("staff/visit.html", lang(), v=visit, name=name, rooms=free, link=link,
                      setup=line.setup, reasons=REASONS, status=STATUS, not_yet=not_yet(visit, now()),
                      enough=ENOUGH_CALLS, next_steps=NEXT_STEPS, zone=now().tzinfo,
                      stops=stops_of(line, visit), needs=NEEDS, toggles=TOGGLES,
                      ways=ways(offered.call_me if offered else "", bool(name)),
                      helps=desk.needs([visit_id]).get(visit_id, Needs()))  # fmt: skip

    @console.get("/new")
    def new_form() -> str:
        return render("staff/new.html", lang(), setup=desk.line.setup, request_id=uuid.uuid4().hex, needs=NEEDS,
                      toggles=TOGGLES, ways=ways("", desk.line.setup.names_on_tv), helps=Needs())  # fmt: skip

    @console.post("/check-in")
    def arrive() -> AnyResponse | tuple[Response, int]:
        fields = sent(request)
        visit = text_or_none(fields, "visit")
        theirs = appointments_of(desk, visit) if visit else ()
        done = check_in(desk, fields, by(), settings.public_url, theirs)
        if not wants_json(request):
            return redirect(came_from(fields), 303)
        said = lang().gettext("%(ticket)s is checked in.", ticket=ticket(done.answer["ticket"]))
        return jsonify({**done.answer, **reply.extras(said)}), 201

    @console.post("/<command>")
    def command(command: str) -> AnyResponse:
        fields = sent(request)
        what, params = _read(command, fields, desk)
        done = desk.do(what, by=by(), request=reply.tap(fields), answer=_answer(params), **params)
        changed = None if done.repeated else done.answer.get("visit")
        return reply.done(done.answer, _said(command, done.answer, done.line, lang()), command, changed)

    return console


def _may_take(line: Line, room: str, visit: Visit) -> bool:
    """Whether this room is open and may be asked to take this visit, whoever they wait for."""
    return line.room(room).state == "open" and (may_call(line, room, visit) or visit.service in line.services(room))


def _read(command: str, fields: Mapping[str, Any], desk: Desk) -> tuple[commands.Command, dict[str, Any]]:
    """The command of this address and its parameters from the fields. Raises BadInput, NotFound."""
    if command in VISIT_COMMANDS:
        return VISIT_COMMANDS[command], {"visit": text(fields, "visit")}
    if command in ROOM_COMMANDS:
        return ROOM_COMMANDS[command], {"room": text(fields, "room")}
    match command:
        case "call-next":
            return commands.call_next, {"room": text(fields, "room"), "visit": text_or_none(fields, "visit")}
        case "call":
            return commands.call, {"visit": text(fields, "visit"), "room": text(fields, "room")}
        case "finish":
            step = text_or_none(fields, "step")
            said = {"step": step} if step else {}
            return commands.finish, {"visit": text(fields, "visit"), "end": yes(fields, "end"), **said}
        case "assign":
            return commands.assign, {"visit": text(fields, "visit"), "clinician": text_or_none(fields, "clinician")}
        case "transfer":
            return commands.transfer, {"visit": text(fields, "visit"), "service": text(fields, "service")}
        case "prioritise":
            reason = one_of(fields, "reason", commands.REASONS, "")
            return commands.prioritise, {"visit": text(fields, "visit"), "reason": reason or text(fields, "reason")}
        case "pause-room":
            minutes = whole_number(fields, "minutes")
            return commands.pause_room, {
                "room": text(fields, "room"),
                "until": _until(fields, desk),
                "minutes": minutes,
            }
        case "undo":
            return commands.undo, _undo(fields, desk)
    raise NotFound


def _until(fields: Mapping[str, Any], desk: Desk) -> datetime | None:
    """When a pause ends: at a clock time of today or at a full time; None when left open."""
    until = text_or_none(fields, "until")
    if until is None:
        return None
    now = desk.clock.now().astimezone(ZoneInfo(desk.line.setup.timezone))
    try:
        if len(until) <= 5:
            hour, minute = map(int, until.split(":"))
            return datetime.combine(now.date(), time(hour, minute), now.tzinfo)
        given = datetime.fromisoformat(until)
        return (given if given.tzinfo else given.replace(tzinfo=now.tzinfo)).astimezone(now.tzinfo)
    except (ValueError, OverflowError) as problem:
        raise BadInput("until", "not_a_time") from problem


def _undo(fields: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Undo by visit, by the number of the fact, or both."""
    visit, seq = text_or_none(fields, "visit"), whole_number(fields, "seq")
    if visit is None and seq is not None:
        visit = next((getattr(entry.fact, "visit", None) for entry in desk.entries if entry.seq == seq), None)
        if visit is None:
            raise Refused("unknown_visit")
    visit = visit or text(fields, "visit")
    found = desk.line.visits.get(visit)
    # What a program was answered may be followed by what the patient was told: that is nothing to undo.
    told = found is not None and seq is not None and seq > found.last and _is_told(desk, visit, seq)
    return {"visit": visit, "seq": found.last if found and told else seq}


def _is_told(desk: Desk, visit: str, seq: int) -> bool:
    return any(entry.seq == seq and entry.fact == desk.line.visits[visit].told for entry in reversed(desk.entries))


def _answer(params: Mapping[str, Any]) -> Any:
    """What a program is answered: the visit and room concerned, and the state they are in now."""

    def answer(line: Line, visit_id: str | None) -> dict[str, Any]:
        visit = line.visits.get(visit_id or "")
        room = (visit.room if visit else None) or params.get("room")
        status = visit.status if visit else line.room(str(room)).state
        return {
            "ticket": visit.ticket if visit else None,
            "visit": visit.id if visit else None,
            "room": room,
            "status": status,
            "seq": line.seq,
        }

    return answer


def _said(command: str, answer: Mapping[str, Any], line: Line, lang: Language) -> str:
    """What the page says after a command, so that the hand that acted sees it was taken."""
    place = line.setup.room(answer["room"] or "")
    room = isolated(place.name) if place else ""
    if answer["ticket"] is None:
        states = {
            "open": lang.gettext("%(room)s is open.", room=room),
            "paused": lang.gettext("%(room)s is paused.", room=room),
            "closed": lang.gettext("%(room)s is closed.", room=room),
        }
        return states[answer["status"]]
    if not answer["ticket"]:
        return _said_of_expected(command, line.visits[answer["visit"]], line, lang)
    shown = ticket(answer["ticket"])
    if command in ("call", "call-next") and line.visits[answer["visit"]].call_me == "fetch":
        return lang.gettext("Fetch %(ticket)s to %(room)s.", ticket=shown, room=room)
    if command in ("call", "call-next", "recall"):
        return lang.gettext("%(ticket)s is called to %(room)s.", ticket=shown, room=room)
    if command == "prioritise":
        return lang.gettext("%(ticket)s is moved up.", ticket=shown)
    if command == "assign":
        return lang.gettext("%(ticket)s waits as you said.", ticket=shown)
    if command == "undo":
        return lang.gettext("Undone. %(ticket)s is back as before.", ticket=shown)
    status = STATUS[answer["status"]]
    return lang.gettext("%(ticket)s: %(status)s.", ticket=shown, status=lang.gettext(status))


def _said_of_expected(command: str, visit: Visit, line: Line, lang: Language) -> str:
    """The same of somebody who has no number yet: they go by their booked time."""
    at = clock(visit.arrived.astimezone(ZoneInfo(line.setup.timezone)))
    if command == "undo":
        return lang.gettext("Undone. The appointment at %(time)s is back as before.", time=at)
    states = {
        "expected": lang.gettext("Expected again at %(time)s.", time=at),
        "no_show": lang.gettext("The appointment at %(time)s is missed.", time=at),
        "left": lang.gettext("The appointment at %(time)s: they are not coming.", time=at),
    }
    return states[visit.status]
