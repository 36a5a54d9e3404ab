"""What people are told of a delay: an apology, looked at before it goes; a note of the reason; a word in person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from clinic import inform
from clinic.delay import REASONS, SPEAK, minutes_said, owed_apology, step
from clinic.desk import Desk
from clinic.events import Apologised, Entry
from clinic.line import Line, Visit, apply
from clinic.order import ahead_of
from clinic.told import speak_again, wait
from doors.who import by
from forms import REQUEST_LENGTH, BadInput, one_of, sent, text, text_or_none, whole_number
from staff.reply import Reply
from words import render, ticket


def add_routes(console: Blueprint, desk: Desk, reply: Reply) -> None:
    """/staff/delay and /staff/apology/<service>, and the commands that their buttons send."""

    @console.get("/delay")
    def note_form() -> str:
        return render("staff/delay.html", reply.lang(), setup=desk.line.setup, reasons=REASONS)

    @console.get("/apology/<service_id>")
    def preview(service_id: str) -> str:
        line, at = desk.line, reply.now()
        service = line.setup.service(service_id)
        if service is None:
            raise NotFound
        owed = owed_apology(line, at, service_id)
        longer = [one for one in owed if step(one, at) == SPEAK]
        first = next((one for one in owed if one not in longer), next(iter(owed), None))
        if first is None:
            return render("staff/apology.html", reply.lang(), setup=line.setup, owed=owed)
        line = told_sorry(line, first, at)
        first = line.visits[first.id]
        return render(
            "staff/apology.html", reply.lang(), setup=line.setup, owed=owed, first=first, reasons=REASONS,
            late=minutes_said(first, at), place=ahead_of(line, first), wait=wait(first, at),
            longer=bool(longer) and step(first, at) < SPEAK,
            update_by=speak_again(first.told).astimezone(at.tzinfo) if first.told else at,
        )  # fmt: skip

    def told_sorry(line: Line, visit: Visit, at: datetime) -> Line:
        """The line after an apology to this person, with the window that they would be told with it."""
        line = apply(line, Entry(line.seq + 1, Apologised(at, visit.id, REASONS[0])))
        for told in desk.would_tell(line, at, visit.id):
            line = apply(line, Entry(line.seq + 1, told))
        return line

    @console.post("/apologise")
    def apologise() -> Response:
        fields = sent(request)
        done = desk.do(
            inform.apologise, by=by(), request=reply.tap(fields), reason=reason(fields), visits=_visits(fields),
            service=text_or_none(fields, "service"), answer=_apologised,
        )  # fmt: skip
        said = reply.lang().ngettext(
            "%(n)s person can read it now.", "%(n)s people can read it now.", len(done.answer["visits"])
        )
        return reply.done(done.answer, said)

    @console.post("/spoken-to")
    def spoken_to() -> Response:
        fields = sent(request)
        done = desk.do(
            inform.spoken_to, by=by(), request=reply.tap(fields), visit=text(fields, "visit"),
            answer=lambda line, visit: {
                "ticket": line.visits[visit or ""].ticket, "visit": visit, "status": line.visits[visit or ""].status,
                "seq": line.seq,
            },
        )  # fmt: skip
        said = reply.lang().gettext("Thank you. %(ticket)s was spoken to.", ticket=ticket(done.answer["ticket"]))
        return reply.done(done.answer, said, "spoken-to", None if done.repeated else done.answer["visit"])

    @console.post("/note-delay")
    def note_delay() -> Response:
        fields = sent(request)
        done = desk.do(
            inform.note_delay, by=by(), request=reply.tap(fields), reason=reason(fields),
            service=text_or_none(fields, "service"), minutes=whole_number(fields, "minutes"),
            answer=lambda line, _: {
                "seq": line.seq, "note": line.delays[-1].note, "until": line.delays[-1].until.isoformat()
            },
        )  # fmt: skip
        return reply.done(done.answer, reply.lang().gettext("People can read it on every screen now."))

    @console.post("/end-delay")
    def end_delay() -> Response:
        fields = sent(request)
        done = desk.do(
            inform.end_delay, by=by(), request=reply.tap(fields), note=text(fields, "note", REQUEST_LENGTH),
            answer=lambda line, _: {"seq": line.seq, "status": "ended"},
        )  # fmt: skip
        return reply.done(done.answer, reply.lang().gettext("Taken back."))

    def reason(fields: Mapping[str, Any]) -> str:
        return one_of(fields, "reason", REASONS, "") or text(fields, "reason")


def _visits(fields: Mapping[str, Any]) -> list[str] | None:
    """Whom to tell: as a list, or a form's field for each; None where nobody is named."""
    visits = fields.getlist("visits") or None if isinstance(fields, MultiDict) else fields.get("visits")
    if visits is not None and not (isinstance(visits, list) and all(isinstance(one, str) for one in visits)):
        raise BadInput("visits", "not_text", limit=REQUEST_LENGTH)
    return visits


def _apologised(line: Line, visit: str | None) -> dict[str, Any]:
    """What a program is answered: everybody who was told together with this visit."""
    sorry = line.visits[visit or ""].apologised
    together = (one for one in line.visits.values() if one.apologised and sorry and one.apologised.at == sorry.at)
    return {"seq": line.seq, "visits": [one.id for one in together]}
