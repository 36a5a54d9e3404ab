"""The patient's phone: one page behind a secret link, a short code that leads to it, a question before leaving."""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from clinic.after import After
from clinic.desk import Desk
from clinic.line import Visit, party_of
from forms import sent, text_or_none
from kiosk import feedback, talk
from kiosk.ready import ready
from kiosk.screen import Ticket, asked_by, link_lives, party, said_of, screen
from live import Live
from messages import ANSWERS, NEXT_STEPS, PROMPTS, QUESTIONS, RATINGS
from qr import qr
from throttle import Throttle
from words import LANGUAGES, Language, language, render

TRIES_A_MINUTE = 10
"""For one address: enough for slips of the finger."""

ALL_TRIES_A_MINUTE = 60
"""For all together: against 200 codes of 34 bit, a day of guessing hits with a chance of 0.0007."""

SECRET_LENGTH = 22

PAGES_AT_HAND = 1000
"""So many phones' pages are kept as they were made last."""


def blueprint(desk: Desk, live: Live, after: After, public_url: str) -> Blueprint:
    """The routes under /t, and the `phone` screen of the wire."""
    phone = Blueprint("phone", __name__, url_prefix="/t")
    throttle = Throttle(each=TRIES_A_MINUTE, together=ALL_TRIES_A_MINUTE)
    latest: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}

    def find(secret: str) -> Visit | None:
        visit = desk.line.visits.get(desk.visit_of(secret) or "")
        return visit if visit and link_lives(desk.line, visit, desk.clock.now()) else None

    def whom(secret: str) -> Visit | None:
        """Whom of the link's party is meant: its own visit, or the one that `visit` names, by its ticket or its id."""
        own, named = find(secret), text_or_none(sent(request) if request.is_json else request.values, "visit")
        if own is None or named is None:
            return own
        return next((one for one in party_of(desk.line, own) if named in (one.id, one.ticket)), None)

    def now() -> datetime:
        return desk.clock.now().astimezone(ZoneInfo(desk.line.setup.timezone))

    def tickets(visit: Visit) -> tuple[Ticket, ...]:
        return party(desk.line, visit, now())

    def chosen(visit: Visit | None) -> Language:
        own = visit.language if visit else request.accept_languages.best_match(LANGUAGES, desk.line.setup.language)
        return language(request.values.get("lang"), own)

    def show(secret: str, lang: str) -> str | None:
        visit = find(secret)
        if visit is None or lang not in LANGUAGES:
            return None
        values = shown(visit)
        before, html = latest.get((secret, lang), (None, ""))
        if before != values:  # what changes at the desk changes few phones
            html = render("phone/_screen.html", language(lang), secret=secret, **values)
            if len(latest) >= PAGES_AT_HAND:
                latest.clear()
            latest[secret, lang] = values, html
        return html

    def shown(visit: Visit) -> dict[str, Any]:
        line = desk.line
        theirs = party_of(line, visit)
        done = [one for one in theirs if one.status == "done"]
        asked = asked_by(line, theirs, now())
        takers = desk.takers([one.id for one in asked]) if asked else {}
        together = tickets(visit)
        return {
            "party": together, "called": [one for one in together if one.state == "called"],
            "here": any(one.here for one in together), "answered": {one.ticket for one in done if after.has_given(one)},
            "next_steps": NEXT_STEPS, "ratings": RATINGS, "said": [said_of(line, one, takers) for one in asked],
            "questions": QUESTIONS, "answers": ANSWERS, "ready": ready(line, theirs),
        }  # fmt: skip

    live.show("phone", show)

    def page(secret: str, template: str = "phone/page.html", **values: Any) -> Response | tuple[str, int]:
        visit = find(secret)
        lang = chosen(visit)
        if visit is None:
            return ended(lang)
        html = render(
            template, lang, setup=desk.line.setup, secret=secret, key=f"phone/{secret}/{lang.code}",
            seq=desk.line.seq, **shown(visit), **values,
        )  # fmt: skip
        return Response(html, mimetype="text/html")

    def ended(lang: Language) -> tuple[str, int]:
        return render("phone/ended.html", lang, setup=desk.line.setup), 404

    def code_page(words: str, status: int, typed: str = "") -> tuple[str, int]:
        return render("phone/code.html", chosen(None), setup=desk.line.setup, words=words, typed=typed), status

    @phone.get("")
    def enter() -> tuple[str, int]:
        return code_page("", 200)

    @phone.post("")
    def entered() -> AnyResponse | tuple[str, int]:
        typed = text_or_none(sent(request), "code") or ""
        return by_code(typed)

    def by_code(typed: str) -> AnyResponse | tuple[str, int]:
        if not throttle.allows(request.remote_addr or ""):
            words = chosen(None).gettext("That was a lot of tries. Wait a minute, or ask at the desk.")
            return code_page(words, 429, typed)
        visit = desk.line.visits.get(desk.visit_of_code(typed) or "")
        if visit is None or not link_lives(desk.line, visit, desk.clock.now()):
            words = chosen(None).gettext("We can't find this code today. Check the eight letters, or ask at the desk.")
            return code_page(words, 404, typed)
        lang = request.values.get("lang")
        return redirect(f"/t/{desk.links.secret(visit.id)}" + (f"?lang={lang}" if lang in LANGUAGES else ""), 303)

    @phone.get("/<secret>")
    def follow(secret: str) -> AnyResponse | tuple[str, int]:
        return page(secret) if len(secret) == SECRET_LENGTH else by_code(secret)

    @phone.get("/<secret>/matters")
    def matters(secret: str) -> Response | tuple[str, int]:
        return page(secret, "phone/matters.html", prompts=PROMPTS)

    @phone.get("/<secret>/share")
    def share(secret: str) -> Response | tuple[str, int]:
        visit = find(secret)
        if visit is None:
            return ended(chosen(None))
        address = f"{public_url}/c/{desk.links.companion(visit.id)}"
        return page(secret, "phone/share.html", address=address, qr=qr(address))

    @phone.get("/<secret>/leave")
    def ask_leave(secret: str) -> Response | tuple[str, int]:
        visit = whom(secret)
        lang = chosen(visit)
        if visit is None:
            return ended(lang)
        html = render(
            "phone/leave.html", lang, setup=desk.line.setup, t=screen(desk.line, visit, now()), secret=secret,
            request_id=uuid.uuid4().hex,
        )  # fmt: skip
        return Response(html, mimetype="text/html")

    talk.add_routes(phone, desk, whom, chosen, ended)
    feedback.add_routes(phone, desk, after, whom, chosen, ended)
    return phone
