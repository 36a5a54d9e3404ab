"""Staff go to who asked for a person, and answer questions. The patient reads the first name of who goes, if given."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from clinic import talk
from clinic.desk import Desk
from doors.who import by
from doors.who import who as asks
from forms import REQUEST_LENGTH, free_text, one_of, sent, text
from messages import ANSWERS, QUESTIONS
from staff.helps import unsettled
from staff.reply import Reply
from words import render

WHO_LENGTH = 30


def add_routes(console: Blueprint, desk: Desk, reply: Reply) -> None:
    """/staff/take-help {help, who?}, /staff/answer {help, answer, who?}, and /staff/question/<help>, the answers."""

    @console.get("/question/<help_id>")
    def question(help_id: str) -> str:
        help = desk.line.helps.get(help_id)
        if help is None:
            raise NotFound
        names = desk.names([help.asker] if help.asker else [])
        asked = next((one for one in unsettled(desk.line, reply.now(), names, {}) if one.id == help_id), None)
        # Who asked at the tablet without a number has no page to read words on: somebody goes.
        in_person = {"in_person": ANSWERS["in_person"]}
        return render("staff/question.html", reply.lang(), setup=desk.line.setup, asked=asked,
                      answers=ANSWERS if asked and asked.ticket else in_person, questions=QUESTIONS)  # fmt: skip

    @console.post("/take-help")
    def take_help() -> Response:
        fields = sent(request)
        asked = text(fields, "help", REQUEST_LENGTH)
        done = desk.do(talk.take_help, by=by(), request=reply.tap(fields), name=who(fields), help=asked)
        help = done.line.helps.get(asked)
        is_question = help is not None and help.about in talk.QUESTIONS
        lang = reply.lang()
        said = lang.gettext("They can see that you are coming.")
        if is_question:
            said = lang.gettext("They can see that you have their question.")
        return reply.done({"seq": done.line.seq, "status": "taken"}, said)

    @console.post("/answer")
    def answer() -> Response:
        fields = sent(request)
        asked = text(fields, "help", REQUEST_LENGTH)
        words = one_of(fields, "answer", talk.ANSWERS, "") or text(fields, "answer")
        done = desk.do(talk.answer_help, by=by(), request=reply.tap(fields), name=who(fields), help=asked, words=words)
        return reply.done({"seq": done.line.seq, "status": "answered"}, reply.lang().gettext("They can read it now."))


def who(fields: Mapping[str, Any]) -> str:
    """The first name of who goes: as they say it, else of whose account it is; empty where neither is known."""
    return free_text(fields, "who", WHO_LENGTH) or asks().first_name[:WHO_LENGTH]
