"""The companion's page: a second, narrower link for a relative or an interpreter. It shows and can do nothing else."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from clinic.desk import Desk
from clinic.line import Visit
from kiosk.narrow import Narrow, narrow
from kiosk.screen import link_lives
from live import Live
from words import LANGUAGES, Language, language, render


def blueprint(desk: Desk, live: Live) -> Blueprint:
    """The route under /c, and the `companion` screen of the wire."""
    companion = Blueprint("companion", __name__, url_prefix="/c")

    def find(secret: str) -> Visit | None:
        visit = desk.line.visits.get(desk.visit_of_companion(secret) or "")
        return visit if visit and link_lives(desk.line, visit, desk.clock.now()) else None

    def chosen() -> Language:
        own = request.accept_languages.best_match(LANGUAGES, desk.line.setup.language)
        return language(request.args.get("lang"), own)

    def standing(visit: Visit) -> Narrow:
        return narrow(desk.line, visit, desk.clock.now().astimezone(ZoneInfo(desk.line.setup.timezone)))

    def show(secret: str, lang: str) -> str | None:
        visit = find(secret)
        if visit is None or lang not in LANGUAGES:
            return None
        return render("phone/_companion.html", language(lang), t=standing(visit))

    live.show("companion", show)

    @companion.get("/<secret>")
    def follow(secret: str) -> Response | tuple[str, int]:
        visit, lang = find(secret), chosen()
        if visit is None:
            return render("phone/companion_ended.html", lang), 404
        html = render(
            "phone/companion.html", lang, t=standing(visit), key=f"companion/{secret}/{lang.code}", seq=desk.line.seq
        )
        return Response(html, mimetype="text/html")

    return companion
