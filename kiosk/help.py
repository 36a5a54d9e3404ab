"""At the tablet: ask for a person, say what about, ask a question, and come back into the line."""

import contextlib
import uuid
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, request

from clinic import commands, talk
from clinic.desk import Desk
from clinic.line import Visit
from forms import REQUEST_LENGTH, one_of, plain, sent, text, text_or_none, wants_json
from kiosk.pages import Pages
from kiosk.screen import said_of
from live import Live
from messages import ANSWERS, QUESTIONS
from words import LANGUAGES


def add_help(tablet: Blueprint, desk: Desk, live: Live, pages: Pages) -> None:
    """/kiosk/help, /kiosk/about, /kiosk/question and /kiosk/here, and the `help` screen of the wire."""

    def show_help(target: str, lang: str) -> str | None:
        help_id = target.removesuffix(".large")
        if help_id not in desk.line.helps or lang not in LANGUAGES:
            return None
        return pages.fragment("help", lang, size="large" if target != help_id else "normal", **became(help_id))

    live.show("help", show_help)

    def became(help_id: str) -> dict[str, Any]:
        """What the page says of this call for help; who stands at the tablet is not out, whatever the line says."""
        said = said_of(desk.line, desk.line.helps[help_id], desk.takers([help_id]))
        return {"said": replace(said, out=False), "questions": QUESTIONS, "answers": ANSWERS}

    def page(help_id: str) -> Response:
        size = ".large" if request.values.get("size") == "large" else ""
        return pages.show("help", f"help/{help_id}{size}", **became(help_id))

    def with_number() -> Visit | None:
        """Who is here with the number that `place` names."""
        ticket = text(sent(request), "place")
        return next((one for one in desk.line.visits.values() if one.is_here and one.ticket == ticket), None)

    @tablet.post("/help")
    def ask_help() -> Response | tuple[Response, int]:
        """{place?, about?, request}: for whoever stands at the tablet, or who has the number `place`."""
        fields = sent(request)
        numbers = {visit.ticket: visit for visit in desk.line.visits.values()}
        place = one_of(fields, "place", ("tablet", *numbers), "tablet")
        about = one_of(fields, "about", talk.ABOUT, "")
        asker = numbers[place].id if place != "tablet" and numbers[place].is_here else None
        # A page without scripts cannot make a fresh id for each tap; a program must.
        read = text if request.is_json else text_or_none
        help_id = plain(read(fields, "request", REQUEST_LENGTH) or "") or uuid.uuid4().hex
        line = desk.do(talk.ask_help, by="kiosk", help=help_id, place=place, about=about, asker=asker).line
        if help_id not in line.helps:  # who asked the same before still waits for the answer to that
            help_id = [one.id for one in line.helps.values() if (one.asker, one.about) == (asker, about)][-1]
        if wants_json(request):
            return jsonify(help=help_id, taken=desk.line.helps[help_id].taken_at is not None), 201
        return page(help_id)

    @tablet.post("/about")
    def say_about() -> Response:
        """{help, about}: what somebody who asked for a person wants one for."""
        fields = sent(request)
        help_id = text(fields, "help", REQUEST_LENGTH)
        about = one_of(fields, "about", talk.ABOUT, "") or text(fields, "about")
        desk.do(talk.say_about, by="kiosk", help=help_id, about=about)
        return page(help_id)

    @tablet.post("/question")
    def question() -> Response:
        """{place}: what the question of who has this number is about."""
        asker = with_number()
        return pages.show("question", ticket_=asker.ticket, questions=QUESTIONS) if asker else pages.step("start")

    @tablet.post("/here")
    def back() -> Response:
        """{place}: who missed their call or stepped out is back."""
        asker = with_number()
        if asker is None:
            return pages.step("start")
        with contextlib.suppress(commands.Refused):  # a tap that came twice: their page says how things stand
            desk.do(talk.here, by="kiosk", visit=asker.id)
        return pages.standing(desk.line.visits[asker.id])
