"""The tablet: welcome, choose a service, get a number, check a place, ask for a person.

Every step is a page of its own that works by itself; `kiosk.js` turns the pages without leaving a history behind.
"""

import uuid
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from arrive import check_in, outlook, whom
from clinic import commands
from clinic.desk import Desk
from clinic.line import Visit, here
from clinic.names import clean_name
from clinic.needs import TOGGLES, ways
from doors.who import who
from forms import BadInput, sent, wants_json
from kiosk import needs
from kiosk.appointment import add_appointments
from kiosk.help import add_help
from kiosk.pages import Pages
from kiosk.privacy import add_privacy
from live import Live
from messages import NEEDS, sentence
from roll_call import RollCall
from settings import Settings
from words import LANGUAGES, language, own_name

STEPS = ("start", "services")
SIZES = ("normal", "large")
MM_MIN, MM_MAX = 2.0, 20.0


def blueprint(desk: Desk, live: Live, settings: Settings, roll: RollCall) -> Blueprint:
    """The routes under /kiosk, and the `kiosk`, `ticket` and `help` screens of the wire."""
    tablet = Blueprint("kiosk", __name__, url_prefix="/kiosk")

    pages = Pages(desk, settings)
    add_appointments(tablet, desk, pages)

    def show_step(target: str, lang: str) -> str | None:
        step, _, size = target.partition("-")
        if step not in STEPS or size not in SIZES or lang not in LANGUAGES:
            return None
        return pages.fragment(step, lang, size=size)

    def show_ticket(target: str, lang: str) -> str | None:
        secret, _, size = target.partition(".")
        visit = desk.line.visits.get(desk.visit_of(secret) or "")
        if visit is None or lang not in LANGUAGES:
            return None
        return pages.fragment("ticket", lang, size=size or "normal", **pages.numbers(visit.party or visit.id))

    live.show("kiosk", show_step)
    live.show("ticket", show_ticket)
    add_help(tablet, desk, live, pages)
    add_privacy(tablet, pages)

    @tablet.before_request
    def readable() -> None:
        """A body that cannot be read is refused before any page is made of it."""
        sent(request)

    @tablet.get("")
    def start() -> Response:
        response = pages.step("start")
        mm = request.args.get("mm", type=float)
        if mm and MM_MIN <= mm <= MM_MAX:
            response.set_cookie("kindline_mm", str(mm), max_age=315360000, httponly=True, samesite="Strict")
        return response

    @tablet.post("/hello")
    def hello() -> Response:
        device = who().device
        return jsonify(roll.hello("tablet", sent(request), *((device.id, device.name) if device else ())))

    @tablet.route("/services", methods=["GET", "POST"])
    def services() -> Response:
        if desk.line.opened_at is None:
            return pages.step("start")
        return pages.instead("closing") if too_late() else pages.step("services")

    def too_late() -> bool:
        """Whether people are told that we may not see everyone any more: who walks in now talks to a person."""
        return desk.line.closing is not None and desk.line.closing.message == "some"

    @tablet.route("/details", methods=["GET", "POST"])
    def details() -> Response:
        service = desk.line.setup.service(request.values.get("service", ""))
        if service is None or desk.line.opened_at is None or too_late():
            return services()
        return details_page(service.id, request.form)

    def details_page(service: str, typed: Mapping[str, Any], problem: BadInput | None = None) -> Response:
        place, wait = outlook(desk, service)
        lang = language(typed.get("language"), desk.line.setup.language)
        words = sentence(problem.code, {"field": problem.field, **problem.params}, lang) if problem else ""
        offered = desk.line.setup.service(service)
        typed_name = clean_name(str(typed.get("name") or ""))  # as long as they wrote it, so that they can mend it
        wished = needs.kept(typed, *needs.WISHED)
        if wished.get("call_me") != "fetch":
            wished.pop("call_me", "")  # their name's page asks for it itself
        return pages.show(
            "details", service=offered, place=place, wait=wait, typed={**typed, "name": typed_name}, words=words,
            ways=ways(offered.call_me if offered else "", desk.line.setup.names_on_tv),
            request_id=typed.get("request") or uuid.uuid4().hex, status=422 if problem else 200,
            wished=wished, wishes=needs.wishes(typed),
        )  # fmt: skip

    @tablet.post("/needs")
    def ask_needs() -> Response:
        """What would help them; where they need an interpreter, then in which language."""
        fields, setup = sent(request), desk.line.setup
        try:
            service, name = whom(desk, fields)
        except BadInput as problem:
            if problem.field != "name" or desk.line.opened_at is None:
                raise
            return details_page(str(fields.get("service")), fields, problem)
        offered = setup.service(service)
        return pages.show(
            "needs", typed=fields, going=needs.kept(fields, *needs.TYPED, "spoken", "spoken_also"), needs=NEEDS,
            toggles=TOGGLES, ways=ways(offered.call_me if offered else "", bool(name) and setup.names_on_tv),
        )  # fmt: skip

    def language_page(fields: Mapping[str, Any]) -> Response:
        return pages.show(
            "spoken", going=needs.kept(fields, *needs.TYPED, *needs.WISHED), own_name=own_name,
            spoken=needs.offered(desk.line.setup.language),
        )  # fmt: skip

    @tablet.post("/check-in")
    def arrive() -> AnyResponse | tuple[Response, int]:
        fields = sent(request)
        if wants_json(request):
            return jsonify(check_in(desk, fields, "kiosk", settings.public_url).answer), 201
        if too_late() and not fields.get("token"):
            return pages.instead("closing")
        if needs.asks_language(fields):
            return language_page(fields)
        try:
            done = check_in(desk, needs.with_language(fields), "kiosk", settings.public_url)
            return pages.ticket(done.answer["visit"])
        except BadInput as problem:
            service = str(fields.get("service"))
            on_page = problem.field in ("name", "call_me") and desk.line.setup.service(service) is not None
            if not on_page or desk.line.opened_at is None:
                raise
            return details_page(service, fields, problem)
        except commands.Refused as refusal:
            # Two tablets, or a page that stood too long: they are here, and see their number.
            visit = with_ticket(desk.line.visits.values(), str(refusal.params.get("ticket")))
            if refusal.code != "already_checked_in" or visit is None:
                raise
            return pages.standing(visit, already=True, status=409)

    @tablet.get("/place")
    def place() -> Response:
        asked = "".join(request.args.get("letter", "") + request.args.get("number", "")).upper().replace(" ", "")
        if not asked:
            return pages.show("place", words="", typed={})
        lang = language(request.args.get("lang"), desk.line.setup.language)
        if asked[0].isdigit():
            return pages.show("place", words=lang.gettext("Touch the letter on your number first."), typed=request.args)
        digits = asked[1:].lstrip("0")
        found = with_ticket(here(desk.line), f"{asked[0]} {digits.zfill(2)}") if digits else None
        if found is None:
            words = lang.gettext("We can't find this number today. Check it, or ask at the desk.")
            return pages.show("place", words=words, typed=request.args)
        return pages.standing(found)

    @tablet.get("/sizes.css")
    def sizes_css() -> Response:
        try:
            mm = float(request.cookies.get("kindline_mm", ""))
        except ValueError:
            mm = desk.line.setup.px_per_mm
        mm = mm if isfinite(mm) else desk.line.setup.px_per_mm
        return Response(f":root{{--mm:{min(max(mm, MM_MIN), MM_MAX):.2f}px}}", mimetype="text/css")

    return tablet


def with_ticket(visits: Iterable[Visit], ticket: str) -> Visit | None:
    """The one of these visits whose ticket this is."""
    return next((visit for visit in visits if visit.ticket == ticket), None)
