"""The TV: its page, the plain form for old sets, its sizes, and the same facts for programs."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, request

from clinic.after import After
from clinic.desk import Desk
from clinic.line import present
from clinic.names import short_name
from display.screen import Tv, screen
from display.voice import addresses
from doors.who import who
from forms import sent
from live import Live
from roll_call import RollCall
from sizes import sizes
from words import LANGUAGES, language, render

MODES = ("main", "large")
PAGE_SECONDS = 9


def blueprint(desk: Desk, live: Live, after: After, roll: RollCall) -> Blueprint:
    """The routes under /display, and the `display` screen of the wire."""
    tv = Blueprint("display", __name__, url_prefix="/display")

    def current(mode: str) -> Tv:
        line = desk.line
        now = desk.clock.now().astimezone(ZoneInfo(line.setup.timezone))
        cells = sizes(line.setup.tv_inches, line.setup.tv_metres).cells
        large = mode == "large"  # its words are too large for a whole line of ours
        we_did = () if large else after.lines
        return screen(line, now, _chosen_names(desk), cells, large, we_did, roll.trials())

    def show(mode: str, lang: str) -> str | None:
        if mode not in MODES or lang not in LANGUAGES:
            return None
        return render("display/_screen.html", language(lang), tv=current(mode), mode=mode)

    live.show("display", show)

    @tv.get("")
    def page() -> str:
        mode = "large" if request.args.get("mode") == "large" else "main"
        lang = language(request.args.get("lang"), desk.line.setup.language)
        key = f"display/{mode}/{lang.code}"
        return render(
            "display/page.html", lang, tv=current(mode), key=key, seq=desk.line.seq, mode=mode, clips=addresses()
        )

    @tv.post("/hello")
    def hello() -> Response:
        device = who().device
        return jsonify(roll.hello("tv", sent(request), *((device.id, device.name) if device else ())))

    @tv.get("/plain")
    def plain() -> str:
        lang = language(request.args.get("lang"), desk.line.setup.language)
        tv = current("main")
        turn = int(desk.clock.now().timestamp()) // PAGE_SECONDS
        page, foot = turn % max(1, len(tv.pages)), turn % tv.lines
        return render("display/plain.html", lang, tv=tv, mode="main", page=page, foot=foot, seconds=PAGE_SECONDS)

    @tv.get("/sizes.css")
    def sizes_css() -> Response:
        size = sizes(desk.line.setup.tv_inches, desk.line.setup.tv_metres)
        rule = f":root{{--tv-text:{size.text};--tv-call:{size.call};--tv-columns:{size.columns};--tv-rows:{size.rows}}}"
        return Response(rule, mimetype="text/css")

    @tv.get("/line.json")
    def line_json() -> Response:
        tv, line = current("main"), desk.line
        called = [_called(call) for call in (*tv.band, *tv.earlier)]
        return jsonify(seq=line.seq, called=called, waiting=[_waiting(one) for one in tv.waiting])

    return tv


def _chosen_names(desk: Desk) -> dict[str, str]:
    """The short names of called people who chose to be called by name, where the clinic allows it."""
    if not desk.line.setup.names_on_tv:
        return {}
    called = present(desk.line, "called", "in_room", "no_show", "done")
    chose = [visit.id for visit in called if visit.call_me == "name"]
    return {visit: short_name(name) for visit, name in desk.names(chose).items()}


def _called(call: Any) -> dict[str, Any]:
    plain = {"ticket": call.ticket, "room": call.room}
    return {**plain, "name": call.name} if call.name else plain


def _waiting(one: Any) -> dict[str, Any]:
    low, high = (one.wait.low, one.wait.high) if one.wait else (None, None)
    return {"ticket": one.ticket, "place": one.place, "low": low, "high": high}
