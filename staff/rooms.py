"""Rooms and who works in them: the form of a room, and signing in to it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from clinic import commands
from clinic.desk import Desk
from clinic.line import Line
from clinic.setup import Clinician, Setup
from doors.who import by
from forms import BadInput, person_name, sent, text
from staff.looks import Looks
from staff.reply import Reply
from words import isolated, render


def add_routes(console: Blueprint, desk: Desk, reply: Reply, looks: Looks) -> None:
    """/staff/room, /staff/clinician, and the command that they send."""

    @console.get("/room/<room_id>")
    def room_form(room_id: str) -> str:
        place = desk.line.setup.room(room_id)
        if place is None:
            raise NotFound
        line = desk.line
        room = line.room(room_id)
        return render(
            "staff/room.html", reply.lang(), place=place, room=room, setup=line.setup, look=looks.room(room_id),
            here=line.setup.clinician(room.clinician or ""), others=_likely_first(line, room.clinician),
            given=line.services(room_id), is_open=line.opened_at is not None,
        )  # fmt: skip

    @console.get("/clinician/<clinician_id>")
    def clinician_form(clinician_id: str) -> str:
        clinician = desk.line.setup.clinician(clinician_id)
        if clinician is None:
            raise NotFound
        line = desk.line
        waiting = [visit for visit in line.ongoing if visit.status == "waiting" and visit.clinician == clinician_id]
        return render("staff/clinician.html", reply.lang(), clinician=clinician, line=line, setup=line.setup,
                      waiting=len(waiting))  # fmt: skip

    @console.post("/sign-in")
    def sign_in() -> Response:
        fields = sent(request)
        room, name = text(fields, "room"), person_name(fields)
        services = _services(fields, desk.line.setup)

        def answer(line: Line, _visit: str | None) -> dict[str, Any]:
            state = line.room(room)
            return {"room": room, "clinician": state.clinician, "services": list(line.services(room)),
                    "status": state.state, "seq": line.seq}  # fmt: skip

        tap: dict[str, Any] = {"by": by(), "request": reply.tap(fields), "answer": answer}
        if name:
            done = desk.sign_in(room, name, services, **tap)
        else:
            done = desk.do(commands.sign_in, room=room, clinician=text(fields, "clinician"), services=services, **tap)
        who, place = desk.line.setup.clinician(done.answer["clinician"]), desk.line.setup.room(room)
        said = reply.lang().gettext(
            "%(clinician)s works in %(room)s.",
            clinician=isolated(who.name if who else ""), room=isolated(place.name if place else ""),
        )  # fmt: skip
        return reply.done(done.answer, said)


def _likely_first(line: Line, here: str | None) -> list[Clinician]:
    """Everybody else who may work here: first for whom people are here or expected, then who is in no room yet."""
    wanted = {visit.clinician for visit in line.ongoing}

    def unlikely(one: Clinician) -> tuple[bool, bool]:
        return one.id not in wanted, bool(line.rooms_of(one.id))

    return sorted((one for one in line.setup.clinicians if one.id != here), key=unlikely)


def _services(fields: Mapping[str, Any], setup: Setup) -> tuple[str, ...] | None:
    """The ids of the services given there, in the order of the set-up; None where nobody says."""
    given = fields.getlist("services") if isinstance(fields, MultiDict) else fields.get("services")
    known = [service.id for service in setup.services]
    if not given:
        return None
    if not isinstance(given, list) or any(one not in known for one in given):
        raise BadInput("services", "not_a_choice", choices=", ".join(known))
    return tuple(one for one in known if one in given)
