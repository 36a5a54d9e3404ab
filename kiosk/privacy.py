"""What is kept of a person, why, how long and who sees it: in plain words, on the phone and on the tablet."""

from flask import Blueprint, Response, request

from clinic.desk import Desk
from kiosk.pages import Pages
from words import LANGUAGES, language, render

PARTS = (1, 2, 3, 4, 5)
"""The parts of what is said of it, as templates/privacy.html has them."""


def blueprint(desk: Desk) -> Blueprint:
    """/privacy: for anybody, on any device; it tells nothing about anybody."""
    privacy = Blueprint("privacy", __name__, url_prefix="/privacy")

    @privacy.get("")
    def page() -> str:
        setup = desk.line.setup
        own = request.accept_languages.best_match(LANGUAGES, setup.language)
        return render("phone/privacy.html", language(request.args.get("lang"), own), setup=setup, parts=PARTS)

    return privacy


def add_privacy(tablet: Blueprint, pages: Pages) -> None:
    """/kiosk/privacy: the same, a part a page."""

    @tablet.get("/privacy")
    def privacy() -> Response:
        asked = request.args.get("part", type=int)
        return pages.show("privacy", part=asked if asked in PARTS else PARTS[0], parts=PARTS)
