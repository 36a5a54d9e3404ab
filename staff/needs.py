"""What may help somebody who is here, and how they are called, as staff change it."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from arrive import read_needs
from clinic import talk
from clinic.desk import Desk
from clinic.needs import CALL_ME, Needs
from doors.who import by
from forms import BadInput, one_of, sent, text, yes
from staff.reply import Reply
from words import ticket


def add_routes(console: Blueprint, desk: Desk, reply: Reply) -> None:
    """The route that changes it."""

    @console.post("/prefer")
    def prefer() -> Response:
        fields, lang = sent(request), reply.lang()
        visit = text(fields, "visit")
        known, kept = desk.line.visits.get(visit), desk.needs([visit]).get(visit, Needs())
        call_me = one_of(fields, "call_me", CALL_ME, known.call_me if known else "number")
        if call_me == "name" and visit not in desk.names([visit]):
            raise BadInput("call_me", "no_name_to_call")
        # A form sends the language with all that is ticked; a program may leave all of it as it is.
        said = any(name == "spoken" or name.startswith("need-") for name in fields)
        needs = read_needs(fields) if said else None
        if needs and "interpreter" in kept.flags and not yes(fields, "need-interpreter"):
            needs = Needs(tuple(one for one in needs.flags if one != "interpreter"))  # unticked, with its language
        elif needs and needs.spoken == lang.language(kept.spoken):
            needs = Needs(needs.flags, kept.spoken)  # shown by its name, it is the language that was chosen
        done = desk.do(
            talk.prefer, by=by(), request=reply.tap(fields), visit=visit, call_me=call_me, needs=needs
        )  # fmt: skip
        found = done.line.visits[visit]
        answer = {"visit": visit, "ticket": found.ticket, "call_me": found.call_me, "seq": done.line.seq}
        return reply.done(answer, lang.gettext("%(ticket)s is called as you said.", ticket=ticket(found.ticket)))
