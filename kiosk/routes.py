"""The tablet: welcome, choose a service, get a number, check a place, ask for a person.

Every step is a page of its own that works by itself; `kiosk.js` turns the pages without leaving a history behind.
"""

import uuid
from collections.abc import Mapping
from math import isfinite
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from arrive import check_in, outlook
from clinic import commands
from clinic.desk import Desk
from clinic.line import here
from forms import REQUEST_LENGTH, BadInput, one_of, sent, text, text_or_none, wants_json
from kiosk.screen import screen
from live import Live
from messages import sentence
from qr import qr
from settings import Settings
from words import LANGUAGES, language, render

STEPS = ("start", "services")
SIZES = ("normal", "large")
MM_MIN, MM_MAX = 2.0, 20.0


def blueprint(desk: Desk, live: Live, settings: Settings) -> Blueprint:
    """The routes under /kiosk, and the `kiosk`, `ticket` and `help` screens of the wire."""
    tablet = Blueprint("kiosk", __name__, url_prefix="/kiosk")

    def now() -> Any:
        return desk.clock.now().astimezone(ZoneInfo(desk.line.setup.timezone))

    def page(step: str, key: str = "", status: int = 200, **values: Any) -> Response:
        """One step as a whole page, in the language and text size that this patient chose."""
        asked = request.values
        lang = language(asked.get("lang") or asked.get("language"), desk.line.setup.language)
        size = "large" if asked.get("size") == "large" else "normal"
        watch = f"{key or f'kiosk/start-{size}'}/{lang.code}"
        html = render(
            "kiosk/page.html", lang, step=step, key=watch, seq=desk.line.seq, still=not key, size=size,
            setup=desk.line.setup, is_open=desk.line.opened_at is not None, now=now(), **values,
        )  # fmt: skip
        return Response(html, status, mimetype="text/html")

    def fragment(template: str, lang: str, **values: Any) -> str:
        setup, is_open = desk.line.setup, desk.line.opened_at is not None
        return render(template, language(lang), setup=setup, is_open=is_open, now=now(), **values)

    def show_step(target: str, lang: str) -> str | None:
        step, _, size = target.partition("-")
        if step not in STEPS or size not in SIZES or lang not in LANGUAGES:
            return None
        return fragment(f"kiosk/_{step}.html", lang, size=size)

    def show_ticket(secret: str, lang: str) -> str | None:
        visit = desk.line.visits.get(desk.visit_of(secret) or "")
        if visit is None or lang not in LANGUAGES:
            return None
        return fragment("kiosk/_ticket.html", lang, t=screen(desk.line, visit, now()), **link(visit.id))

    def show_help(help: str, lang: str) -> str | None:
        asked = desk.line.helps.get(help)
        return fragment("kiosk/_help.html", lang, asked=asked) if asked and lang in LANGUAGES else None

    def link(visit: str) -> dict[str, Any]:
        """What leads to this visit's phone page: the QR, and the address and code to type."""
        address = f"{settings.public_url}/t/{desk.links.secret(visit)}"
        code = desk.links.code(visit)
        return {"qr": qr(address), "short": f"{urlsplit(address).netloc}/t", "code": f"{code[:4]}-{code[4:]}"}

    live.show("kiosk", show_step)
    live.show("ticket", show_ticket)
    live.show("help", show_help)

    @tablet.get("")
    def start() -> Response:
        response = step_page("start")
        mm = request.args.get("mm", type=float)
        if mm and MM_MIN <= mm <= MM_MAX:
            response.set_cookie("kindline_mm", str(mm), max_age=315360000, httponly=True, samesite="Strict")
        return response

    @tablet.get("/services")
    def services() -> Response:
        return step_page("services" if desk.line.opened_at else "start")

    def step_page(step: str) -> Response:
        return page(step, f"kiosk/{step}-{'large' if request.values.get('size') == 'large' else 'normal'}")

    @tablet.get("/details")
    def details() -> Response:
        service = desk.line.setup.service(request.args.get("service", ""))
        if service is None or desk.line.opened_at is None:
            return services()
        return details_page(service.id, {})

    def details_page(service: str, typed: Mapping[str, Any], problem: BadInput | None = None) -> Response:
        place, wait = outlook(desk, service)
        lang = language(typed.get("language"), desk.line.setup.language)
        words = sentence(problem.code, {"field": problem.field, **problem.params}, lang) if problem else ""
        return page(
            "details", service=desk.line.setup.service(service), place=place, wait=wait, typed=typed, words=words,
            request_id=typed.get("request") or uuid.uuid4().hex, status=422 if problem else 200,
        )  # fmt: skip

    @tablet.post("/check-in")
    def arrive() -> AnyResponse | tuple[Response, int]:
        fields = sent(request)
        try:
            done = check_in(desk, fields, "kiosk", settings.public_url)
        except BadInput as problem:
            service = str(fields.get("service"))
            if wants_json(request) or desk.line.setup.service(service) is None or desk.line.opened_at is None:
                raise
            return details_page(service, fields, problem)
        if wants_json(request):
            return jsonify(done.answer), 201
        return ticket_page(done.answer["visit"])

    def ticket_page(visit_id: str) -> Response:
        # No redirect: an address with the patient's secret must not stay in the tablet's history.
        visit = desk.line.visits.get(visit_id)
        if visit is None:  # the page of another day was sent once more
            return step_page("start")
        secret = desk.links.secret(visit_id)
        return page("ticket", f"ticket/{secret}", t=screen(desk.line, visit, now()), **link(visit_id))

    @tablet.get("/place")
    def place() -> Response:
        asked = "".join(request.args.get("letter", "") + request.args.get("number", "")).upper().replace(" ", "")
        if not asked:
            return page("place", words="", typed={})
        lang = language(request.args.get("lang"), desk.line.setup.language)
        if asked[0].isdigit():
            return page("place", words=lang.gettext("Touch the letter on your number first."), typed=request.args)
        digits = asked[1:].lstrip("0")
        here_now = (v for v in here(desk.line) if digits)
        found = next((v for v in here_now if v.ticket == f"{asked[0]} {digits.zfill(2)}"), None)
        if found is None:
            return page("place", words=lang.gettext("We can't find this number today. Check it, or ask at the desk."),
                        typed=request.args)  # fmt: skip
        return page("standing", t=screen(desk.line, found, now()))

    @tablet.post("/help")
    def ask_help() -> Response | tuple[Response, int]:
        fields = sent(request)
        tickets = (visit.ticket for visit in desk.line.visits.values())
        place = one_of(fields, "place", ("tablet", *tickets), "tablet")
        # A page without scripts cannot make a fresh id for each tap; a program must.
        read = text if request.is_json else text_or_none
        help_id = read(fields, "request", REQUEST_LENGTH) or uuid.uuid4().hex
        desk.do(commands.ask_help, by="kiosk", help=help_id, place=place)
        if wants_json(request):
            return jsonify(help=help_id, taken=desk.line.helps[help_id].taken_at is not None), 201
        return page("help", f"help/{help_id}", asked=desk.line.helps[help_id])

    @tablet.get("/sizes.css")
    def sizes_css() -> Response:
        try:
            mm = float(request.cookies.get("kindline_mm", ""))
        except ValueError:
            mm = desk.line.setup.px_per_mm
        mm = mm if isfinite(mm) else desk.line.setup.px_per_mm
        return Response(f":root{{--mm:{min(max(mm, MM_MIN), MM_MAX):.2f}px}}", mimetype="text/css")

    return tablet
