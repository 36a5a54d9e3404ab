"""What patients say to us from their phone: on my way, ten more minutes, stepped out, help, a question."""

import contextlib
import uuid
from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from clinic import commands, talk
from clinic.desk import Desk
from clinic.line import Visit, party_of
from forms import REQUEST_LENGTH, one_of, plain, sent, text_or_none
from messages import QUESTIONS
from words import LANGUAGES, Language, render

SAYINGS: dict[str, commands.Command] = {
    "leave": commands.leave,
    "here": talk.here,
    "coming": talk.coming,
    "more-time": talk.more_time,
    "step-out": talk.step_out,
}
"""By address, the command that each of these buttons gives."""


def add_routes(
    phone: Blueprint, desk: Desk, whom: Callable[[str], Visit | None],
    chosen: Callable[[Visit | None], Language], ended: Callable[[Language], tuple[str, int]],
) -> None:  # fmt: skip
    """/t/<secret>/<saying> for each of `SAYINGS`, /t/<secret>/help and /t/<secret>/question.

    Each answers by leading back to their page, which says how things stand: a tap that came twice or too late is no
    fault of theirs.
    """

    def back(secret: str) -> AnyResponse:
        lang = request.values.get("lang")
        return redirect(f"/t/{secret}" + (f"?lang={lang}" if lang in LANGUAGES else ""), 303)

    def says(command: commands.Command, secret: str) -> AnyResponse | tuple[str, int]:
        visit = whom(secret)
        if visit is None:
            return ended(chosen(None))
        tap = text_or_none(sent(request), "request", REQUEST_LENGTH)
        with contextlib.suppress(commands.Refused):
            desk.do(command, by="phone", request=tap, visit=visit.id)
        return back(secret)

    for saying, command in SAYINGS.items():
        phone.add_url_rule(f"/<secret>/{saying}", saying, partial(says, command), methods=["POST"])

    @phone.get("/<secret>/question")
    def question(secret: str) -> AnyResponse | tuple[str, int]:
        visit = whom(secret)
        if visit is None:
            return ended(chosen(None))
        if not visit.is_here:
            return back(secret)
        html = render(
            "phone/question.html", chosen(visit), setup=desk.line.setup, secret=secret, ticket_=visit.ticket,
            questions=QUESTIONS, request_id=uuid.uuid4().hex,
        )  # fmt: skip
        return Response(html, mimetype="text/html")

    @phone.post("/<secret>/help")
    def ask_help(secret: str) -> AnyResponse | tuple[str, int]:
        """{about?, request?}: any help, feeling worse, or a question.

        Where no number is named and their own visit is over, it is for the first of who came along and is here.
        """
        visit = whom(secret)
        if visit is None:
            return ended(chosen(None))
        fields = sent(request)
        if not visit.is_here and "visit" not in fields:
            visit = next((one for one in party_of(desk.line, visit) if one.is_here), visit)
        about = one_of(fields, "about", talk.ABOUT, "")
        help_id = plain(text_or_none(fields, "request", REQUEST_LENGTH) or "") or uuid.uuid4().hex
        if visit.is_here:  # nobody can go to who is gone
            with contextlib.suppress(commands.Refused):
                desk.do(talk.ask_help, by="phone", help=help_id, place=visit.ticket, about=about, asker=visit.id)
        return back(secret)
