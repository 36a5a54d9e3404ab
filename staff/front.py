"""The front door: setting the clinic up at the first visit, and the address of every screen after that."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from clinic.commands import Refused
from clinic.desk import Desk
from clinic.names import clean_name
from clinic.setup import LETTERS, TEMPLATES, Place, Problem, Service, Setup, problems
from forms import BadInput, sent, wants_json, yes
from live import Live
from messages import N_, sentence
from qr import qr
from settings import Settings, local_zone
from sizes import sizes
from words import LANGUAGES, language, render

ROOM_SLOTS = 12
ID_LENGTH = 64
"""As long as a program may send one (forms.text)."""

SCREENS = {
    "/kiosk": N_("Tablet: patients check in here"),
    "/display": N_("TV: the waiting room sees who is called"),
    "/staff": N_("Staff: call people and see the line"),
    "/t": N_("Phone: patients follow their place"),
}


def blueprint(desk: Desk, live: Live, settings: Settings) -> Blueprint:
    """The routes / and /setup."""
    del live  # these pages do not change by themselves
    front = Blueprint("front", __name__)

    @front.get("/")
    def door() -> str | Response:
        if not desk.is_set_up:
            return redirect("/setup", 303)
        lang = language(request.args.get("lang"), desk.line.setup.language)
        address = settings.public_url
        screens = [(path, words, address + path, qr(address + path)) for path, words in SCREENS.items()]
        return render("front/door.html", lang, setup=desk.line.setup, screens=screens, doors=settings.open_doors,
                      is_open=desk.line.opened_at is not None)  # fmt: skip

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
        size = None if "tv_inches" in words else sizes(setup.tv_inches, setup.tv_metres)
        return render(
            "front/setup.html", lang, setup=setup, by_letter=by_letter, letters=LETTERS, wrong=words,
            rooms=[*setup.rooms, *empty][:ROOM_SLOTS], zones=sorted(available_timezones()),
            is_set_up=desk.is_set_up, size=size,
        )  # fmt: skip

    @front.post("/setup")
    def save() -> Response | tuple[str, int]:
        setup, wrong = read_setup(sent(request))
        wrong += problems(setup)
        if wrong and wants_json(request):
            raise BadInput(wrong[0].where, wrong[0].code, **wrong[0].params)
        if wrong:
            return show(setup, wrong), 422
        first = not desk.is_set_up
        try:
            desk.set_up(setup)
        except Refused as problem:
            return show(setup, [Problem("services", problem.code, problem.params)]), 409
        if first:
            desk.open_day("setup", tuple(room.id for room in setup.rooms))
        return redirect("/", 303)

    return front


def read_setup(fields: Mapping[str, Any]) -> tuple[Setup, list[Problem]]:
    """The set-up in a form's fields, as far as it can be read, and what could not be."""
    wrong = []
    services = []
    for letter in LETTERS:
        name = _line(fields, f"service-{letter}")
        if name:
            minutes = _number(fields, f"minutes-{letter}", 0)
            service_id = _line(fields, f"id-{letter}", ID_LENGTH) or f"service-{letter.lower()}"
            others = {code: _line(fields, f"service-{letter}-{code}") for code in LANGUAGES}
            named = {code: other for code, other in others.items() if other}
            services.append(Service(service_id, letter, name, minutes, named))
    rooms: list[Place] = []
    for slot in range(ROOM_SLOTS):
        name = _line(fields, f"room-{slot}")
        if name:
            served = tuple(service.id for service in services if yes(fields, f"serves-{slot}-{service.letter}"))
            room_id = _line(fields, f"room-id-{slot}", ID_LENGTH) or _free_id(fields, rooms, slot)
            rooms.append(Place(room_id, name, served))
    zone = _line(fields, "timezone")
    if zone not in available_timezones():
        wrong.append(Problem("timezone", "timezone_unknown"))
    inches, metres = _number(fields, "tv_inches", 0), _number(fields, "tv_metres", 0)
    if not (10 <= inches <= 200 and 0.5 <= metres <= 50):
        wrong.append(Problem("tv_inches", "sizes_wrong"))
    spoken = _line(fields, "language")
    return Setup(
        name=_line(fields, "name"),
        language=spoken if spoken in LANGUAGES else "en",
        timezone=zone if zone in available_timezones() else "UTC",
        phone=_line(fields, "phone"),
        seating=_line(fields, "seating"),
        services=tuple(services),
        rooms=tuple(rooms),
        late_after=_number(fields, "late_after", 20),
        walk_in_after=_number(fields, "walk_in_after", 0),
        names_on_tv=yes(fields, "names_on_tv"),
        tv_inches=inches or Setup.tv_inches,
        tv_metres=metres or Setup.tv_metres,
        px_per_mm=_number(fields, "px_per_mm", Setup.px_per_mm),
    ), wrong


def _line(fields: Mapping[str, Any], name: str, length: int = 120) -> str:
    value = fields.get(name)
    return clean_name(value)[:length] if isinstance(value, str) else ""


def _number(fields: Mapping[str, Any], name: str, otherwise: float) -> float:
    try:
        value = float(str(fields.get(name, "")).replace(",", "."))
    except ValueError:
        return otherwise
    return value if 0 <= value < 10000 else otherwise


def _free_id(fields: Mapping[str, Any], rooms: list[Place], slot: int) -> str:
    taken = {_line(fields, f"room-id-{n}") for n in range(ROOM_SLOTS)} | {room.id for room in rooms}
    return next(name for n in range(slot + 1, 100) if (name := f"room-{n}") not in taken)
