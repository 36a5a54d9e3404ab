"""The front door: setting the clinic up at the first visit, and the address of every screen after that."""

from dataclasses import replace

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from clinic.commands import Refused
from clinic.desk import Desk
from clinic.setup import LETTERS, TEMPLATES, Problem, Setup, problems
from doors.guard import Doors
from doors.who import who
from forms import BadInput, sent, wants_json
from messages import N_, READY, sentence
from qr import qr
from settings import Settings, local_zone, zones
from sizes import sizes
from staff.setup import BREAKS, ROOM_SLOTS, read_setup
from words import language, render

SCREENS = {
    "/kiosk": N_("Tablet: patients check in here"),
    "/display": N_("TV: the waiting room sees who is called"),
    "/staff": N_("Staff: call people and see the line"),
    "/t": N_("Phone: patients follow their place"),
}


STEPS = (
    ("tablet", "/staff/screens", N_("Pair the tablet: open its page on it, and type its code here.")),
    ("tv", "/staff/screens", N_("Pair the TV: open its page on it, and type its code here.")),
    ("accounts", "/staff/accounts", N_("Make an account for each colleague.")),
    ("desk", "/staff/screens", N_("Make the computer at the desk a desk, so that a PIN unlocks it.")),
)
"""What a new clinic still has to do, each with its page. It is done when there is one of it."""

REFUSED_AT = {"clinician_in_use": "clinicians", "restored": "restored"}
"""Where the form says why it was not saved; whatever else it is, at the services."""


def blueprint(desk: Desk, doors: Doors, settings: Settings) -> Blueprint:
    """The routes / and /setup."""
    front = Blueprint("front", __name__)

    @front.get("/")
    def door() -> str | Response:
        if not desk.is_set_up:
            return redirect("/setup", 303)
        lang = language(request.args.get("lang"), desk.line.setup.language)
        address = settings.public_url
        screens = [(path, words, address + path, qr(address + path)) for path, words in SCREENS.items()]
        return render("front/door.html", lang, setup=desk.line.setup, screens=screens, steps=steps(),
                      is_open=desk.line.opened_at is not None)  # fmt: skip

    def steps() -> list[tuple[str, str, str, bool]]:
        """What the manager of a new clinic does next, and whether it is done; nothing once all is done."""
        if who().account is None or not doors.may("doors.accounts"):
            return []
        there = {one.role for one in doors.devices.everyone() if one.ended is None}
        if sum(one.ended is None for one in doors.accounts.everyone()) > 1:
            there.add("accounts")
        found = [(name, page, words, name in there) for name, page, words in STEPS]
        return [] if all(done for *_, done in found) else found

    @front.get("/setup")
    def form() -> str:
        template = TEMPLATES.get(request.args.get("template", ""))
        start = desk.line.setup if desk.is_set_up else replace(TEMPLATES["walk-in"], name="", timezone=local_zone())
        if template:
            kept = start if desk.is_set_up else replace(start, name=template.name)
            start = replace(kept, services=template.services, rooms=template.rooms)
        return show(start, [])

    def show(setup: Setup, wrong: list[Problem]) -> str:
        lang = language(request.values.get("language") or request.args.get("lang"), desk.line.setup.language)
        by_letter = {service.letter: service for service in setup.services}
        words = {one.where: sentence(one.code, dict(one.params), lang) for one in wrong}
        empty = [None] * max(2, 4 - len(setup.rooms))
        # Whose name was taken out keeps the line, so that saving once more takes them out still.
        gone = [replace(one, name="") for one in desk.line.setup.clinicians if setup.clinician(one.id) is None]
        people = [*setup.clinicians, *gone, None, None]
        size = None if "tv_inches" in words else sizes(setup.tv_inches, setup.tv_metres)
        return render(
            "front/setup.html", lang, setup=setup, by_letter=by_letter, letters=LETTERS, wrong=words,
            rooms=[*setup.rooms, *empty][:ROOM_SLOTS], zones=sorted(zones()),
            is_set_up=desk.is_set_up, size=size, clinicians=people, breaks=range(BREAKS), ready_words=READY,
        )  # fmt: skip

    @front.post("/setup")
    def save() -> Response | tuple[str, int]:
        setup, wrong = read_setup(sent(request), desk.line.setup)
        wrong += problems(setup)
        if wrong and wants_json(request):
            raise BadInput(wrong[0].where, wrong[0].code, **wrong[0].params)
        if wrong:
            return show(setup, wrong), 422
        first = not desk.is_set_up
        desk.set_up(setup)
        if first:
            desk.open_day("setup", tuple(room.id for room in setup.rooms))
        return redirect("/", 303)

    @front.errorhandler(Refused)
    def not_saved(problem: Refused) -> tuple[str, int]:
        """What was typed stays in the form."""
        setup, _ = read_setup(sent(request), desk.line.setup)
        where = REFUSED_AT.get(problem.code, "services")
        return show(setup, [Problem(where, problem.code, problem.params)]), 409

    return front
