"""The staff's browser: one page, one POST per command, and the forms that open over the page."""

import uuid
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from arrive import appointments_of, check_in
from clinic import commands, trust
from clinic.commands import Refused
from clinic.desk import Desk
from clinic.line import Line, Visit, expected, here
from forms import REQUEST_LENGTH, BadInput, one_of, sent, text, text_or_none, wants_json, whole_number, yes
from live import Live
from messages import REASONS, STATUS
from settings import Settings
from staff.looks import Looks
from staff.screen import line_facts, screen
from words import LANGUAGES, Language, clock, language, render, ticket

VISIT_COMMANDS = {
    "recall": commands.recall,
    "start": commands.start,
    "finish": commands.finish,
    "no-show": commands.mark_no_show,
    "hold": commands.hold,
    "resume": commands.resume,
    "leave": commands.leave,
}
ROOM_COMMANDS = {"open-room": commands.open_room, "close-room": commands.close_room}

UNDOABLE = ("call", "call-next", "start", "finish", "no-show", "leave", "hold", "resume", "transfer", "prioritise")


def blueprint(desk: Desk, live: Live, settings: Settings) -> Blueprint:
    """The routes under /staff, and the `staff` screen of the wire: `main`, `what-if` and `trust`."""
    console = Blueprint("staff", __name__, url_prefix="/staff")
    looks = Looks(desk)

    def lang() -> Language:
        return language(request.args.get("lang"), desk.line.setup.language)

    def now() -> datetime:
        return desk.clock.now().astimezone(ZoneInfo(desk.line.setup.timezone))

    def fragment(target: str, code: str) -> str | None:
        if target not in ("main", "what-if", "trust") or code not in LANGUAGES:
            return None
        if target == "trust":
            return render("staff/_trust.html", language(code), **kept())
        return render("staff/_screen.html", language(code), **shown(target == "what-if"))

    def shown(asks_what_if: bool) -> dict[str, Any]:
        line, at = desk.line, now()
        known = [visit.id for visit in here(line)]
        return {
            "c": screen(line, at, desk.names(known)), "setup": line.setup, "reasons": REASONS, "status": STATUS,
            "record": looks.record(at, line.setup), "asks_what_if": asks_what_if,
            "looks": looks.rooms(at) if asks_what_if else {}, "expected": len(expected(line)),
        }  # fmt: skip

    def kept() -> dict[str, Any]:
        at, setup = now(), desk.line.setup
        return {"r": looks.record(at, setup), "setup": setup, "now": at, "trust": trust}

    live.show("staff", fragment)

    @console.get("")
    def page() -> str:
        asked = "what-if" in request.args
        key = f"staff/{'what-if' if asked else 'main'}/{lang().code}"
        return render("staff/page.html", lang(), key=key, seq=desk.line.seq, doors=settings.open_doors, **shown(asked))

    @console.get("/trust")
    def trust_page() -> str:
        key = f"staff/trust/{lang().code}"
        return render("staff/trust.html", lang(), key=key, seq=desk.line.seq, **kept())

    @console.get("/line.json")
    def line_json() -> Response:
        line = desk.line
        return jsonify(line_facts(line, now(), desk.names(line.visits)))

    @console.get("/visit/<visit_id>")
    def visit_form(visit_id: str) -> str:
        visit = desk.line.visits.get(visit_id)
        if visit is None:
            raise NotFound
        name = desk.names([visit_id]).get(visit_id, "")
        line = desk.line
        rooms = [r for r in line.setup.rooms if visit.service in r.services and line.room(r.id).state == "open"]
        link = f"{settings.public_url}/t/{desk.links.secret(visit_id)}"
        return render("staff/visit.html", lang(), v=visit, name=name, rooms=rooms, link=link,
                      setup=line.setup, reasons=REASONS, status=STATUS)  # fmt: skip

    @console.get("/room/<room_id>")
    def room_form(room_id: str) -> str:
        place = desk.line.setup.room(room_id)
        if place is None:
            raise NotFound
        line = desk.line
        return render("staff/room.html", lang(), place=place, room=line.room(room_id), setup=line.setup,
                      look=looks.room(room_id))  # fmt: skip

    @console.get("/new")
    def new_form() -> str:
        return render("staff/new.html", lang(), setup=desk.line.setup, request_id=uuid.uuid4().hex)

    @console.get("/day")
    def day_form() -> str:
        line = desk.line
        staying = here(line)
        return render("staff/day.html", lang(), setup=line.setup, is_open=line.opened_at is not None, here=staying,
                      names=desk.names([visit.id for visit in staying]), status=STATUS)  # fmt: skip

    @console.post("/check-in")
    def arrive() -> AnyResponse | tuple[Response, int]:
        fields = sent(request)
        visit = text_or_none(fields, "visit")
        theirs = appointments_of(desk, visit) if visit else ()
        # Without scripts the button of an appointment carries no request: it can be checked in only once anyway.
        fields = {"request": uuid.uuid4().hex, **fields} if visit else fields
        done = check_in(desk, fields, "staff", settings.public_url, theirs)
        if not wants_json(request):
            return redirect(came_from(fields), 303)
        said = lang().gettext("%(ticket)s is checked in.", ticket=ticket(done.answer["ticket"]))
        return jsonify({**done.answer, **extras(said)}), 201

    @console.post("/open-day")
    def open_day() -> AnyResponse:
        fields = sent(request)
        wanted = fields.getlist("rooms") if hasattr(fields, "getlist") else fields.get("rooms", [])
        rooms = [room.id for room in desk.line.setup.rooms]
        if not isinstance(wanted, list) or any(room not in rooms for room in wanted):
            raise BadInput("rooms", "not_a_choice", choices=", ".join(rooms))
        answer = desk.open_day("staff", tuple(wanted), asked(fields))
        return answered(answer, lang().gettext("The day is open."))

    @console.post("/close-day")
    def close_day() -> AnyResponse:
        fields = sent(request)
        told = fields.getlist("told") if isinstance(fields, MultiDict) else fields.get("told")
        if told is not None and not (isinstance(told, list) and all(isinstance(one, str) for one in told)):
            raise BadInput("told", "not_text", limit=REQUEST_LENGTH)
        done = desk.do(
            commands.close_day, by="staff", request=asked(fields), confirm=yes(fields, "confirm"),
            told=None if told is None else tuple(told), answer=lambda line, _: {"seq": line.seq, "status": "closed"},
        )  # fmt: skip
        return answered(done.answer, lang().gettext("The day is closed."))

    @console.post("/take-help")
    def take_help() -> AnyResponse:
        fields = sent(request)
        done = desk.do(commands.take_help, by="staff", request=asked(fields), help=text(fields, "help", REQUEST_LENGTH))
        return answered({"seq": done.line.seq, "status": "taken"}, lang().gettext("They can see that you are coming."))

    @console.post("/<command>")
    def command(command: str) -> AnyResponse:
        fields = sent(request)
        what, params = _read(command, fields, desk)
        done = desk.do(what, by="staff", request=asked(fields), answer=_answer(params), **params)
        changed = None if done.repeated else done.answer.get("visit")
        return answered(done.answer, _said(command, done.answer, done.line, lang()), command, changed)

    def asked(fields: Mapping[str, Any]) -> str | None:
        return text_or_none(fields, "request", REQUEST_LENGTH)

    def came_from(fields: Mapping[str, Any]) -> str:
        """The page that the form stands on: one of ours, and no other."""
        return "/staff/appointments" if fields.get("from") == "appointments" else "/staff"

    def answered(answer: dict[str, Any], said: str, command: str = "", changed: str | None = None) -> AnyResponse:
        if not wants_json(request):
            return redirect(came_from(request.form), 303)
        visit = desk.line.visits.get(changed or "")
        undo = {"visit": visit.id, "seq": visit.last} if visit and command in UNDOABLE else None
        return jsonify({**answer, **extras(said, undo)})

    def extras(said: str, undo: dict[str, Any] | None = None) -> dict[str, Any]:
        """For our own page, which says which screen it shows: the fresh screen, the words, and how to undo."""
        key = request.headers.get("X-Kindline-Screen", "")
        current = live.current(key) if key.startswith("staff/") else None
        return {"screen": current, "said": said, "undo": undo} if current else {}

    return console


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
    room = place.name if place else ""
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
    if command in ("call", "call-next", "recall"):
        return lang.gettext("%(ticket)s is called to %(room)s.", ticket=shown, room=room)
    if command == "prioritise":
        return lang.gettext("%(ticket)s is moved up.", ticket=shown)
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
