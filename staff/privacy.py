"""Names that are still kept of people who have gone, and erasing them at once, for good."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from clinic.desk import Desk
from doors.who import by, whom
from forms import sent, text
from staff.reply import Reply
from words import render, ticket


def add_routes(console: Blueprint, desk: Desk, reply: Reply) -> None:
    """/staff/privacy, and what it and the form of a visit send."""

    @console.get("/privacy")
    def privacy() -> str:
        people, now = desk.kept_people(), reply.now()
        whom(one.visit for one in people)
        going = [one for one in people if not one.owed]
        return render("staff/privacy.html", reply.lang(), setup=desk.line.setup, people=people, going=going,
                      zone=now.tzinfo)  # fmt: skip

    @console.post("/erase")
    def erase() -> Response:
        """{visit}: who is here, or was."""
        fields, lang = sent(request), reply.lang()
        visit = text(fields, "visit")
        desk.erase([visit], by())
        known = desk.line.visits.get(visit)
        shown = known.ticket if known else ""
        said = lang.gettext("The name of %(ticket)s is erased.", ticket=ticket(shown)) if shown else ""
        return reply.done({"seq": desk.line.seq, "erased": 1}, said or lang.gettext("The name is erased."))

    @console.post("/erase-ended")
    def erase_ended() -> Response:
        """Everybody who has gone, but for whom we owe a word."""
        sent(request)
        gone = [one.visit for one in desk.kept_people() if not one.owed]
        if gone:  # or else everybody else's names would leave the backups for nothing
            desk.erase(gone, by())
        whom(gone)
        said = reply.lang().ngettext("%(n)s name is erased.", "%(n)s names are erased.", len(gone))
        return reply.done({"seq": desk.line.seq, "erased": len(gone)}, said)
