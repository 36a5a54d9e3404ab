"""The roof: the Flask app with its screens, its security headers and its one way to say that something went wrong."""

import ipaddress
import logging
import socket
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import IO, Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from zoneinfo import ZoneInfo

from flask import Flask, Request, Response, current_app, jsonify, request
from flask_socketio import SocketIO
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

import display.routes
import doors.pages
import kiosk.companion
import kiosk.phone
import kiosk.privacy
import kiosk.routes
import life
import staff.appointments
import staff.front
import staff.importing
import staff.routes
from clinic.after import After
from clinic.clock import Clock, Onward
from clinic.commands import Refused
from clinic.desk import Desk
from clinic.setup import TEMPLATES
from clinic.store import Store, Unavailable
from doors.guard import Doors, locks
from doors.limits import few_sockets
from doors.paths import this_page
from doors.sessions import LOCK
from doors.who import is_from_here, who
from forms import BadInput, wants_json
from health import Health
from live import Live
from messages import sentence
from retention import EVERY, Retention
from right_time import RightTime
from roll_call import RollCall
from safety import Safety
from settings import Settings, is_everywhere, is_loopback, local_zone
from storage import watch_over
from upkeep import Upkeep
from watching import Watching, watch
from words import ROOT, asset, folder, language, offer, render, version

__version__ = "0.1.0"

BODY_LIMIT = 64 * 1024
MESSAGE_LIMIT = 16 * 1024  # incoming websocket frames are unmasked byte by byte: a large one would stop the clinic

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": forms would then come with the Origin "null", and on a plain http network nothing else tells
    # the browser's own page from a foreign one.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HEADERS_OF_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

CODES = {404: "not_found", 405: "not_found", 413: "too_large", 429: "too_many", 400: "not_json", 403: "not_allowed"}

log = logging.getLogger("kindline")
wire_log = logging.getLogger("kindline.wire")
wire_log.setLevel(logging.ERROR)  # a screen that comes and goes is no news

# Every page says so while everybody may do everything, and every page of somebody signed in locks.
offer(open_doors=lambda: current_app.extensions["doors"].is_open)
offer(locks=locks, this_page=this_page, locks_after=lambda: int(LOCK.total_seconds()))
# No page offers what who asks may not have. A live screen is the same for all: it marks such links instead.
offer(signed_in=lambda: who().account, may=lambda endpoint: current_app.extensions["doors"].may(endpoint))
# A page knows of which edition it is, to come anew after an upgrade; what answers a POST could not be had again.
offer(edition=lambda: current_app.extensions["live"].edition(), is_answer=lambda: request.method == "POST")


def edition() -> str:
    """Of which edition the pages are that we send now: another one when they or the program changed."""
    return f"{__version__}-{version()}"


class InMemory(Request):
    """A request whose files stay in memory: lists of appointments name people, and are never written as they came."""

    def _get_file_stream(self, *_about: Any, **_more: Any) -> IO[bytes]:
        return BytesIO()


def create_app(settings: Settings) -> Flask:
    """The whole product on one database. Raises StoreError when that cannot be opened."""
    app = Flask("kindline", static_folder=str(ROOT / "static"), template_folder=None)
    app.request_class = InMemory
    # Two slashes would be answered by leading to one, at an address made of what the request says of itself.
    app.url_map.merge_slashes = False
    app.config.update(MAX_CONTENT_LENGTH=BODY_LIMIT, MAX_FORM_MEMORY_SIZE=BODY_LIMIT)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider has it
    clock = Clock(settings.speed, settings.start)
    desk = Desk(Store(settings.data), clock)
    if settings.template and not desk.is_set_up:
        desk.set_up(replace(TEMPLATES[settings.template], timezone=local_zone()))
        desk.open_day("setup", tuple(room.id for room in desk.line.setup.rooms))
    socketio = SocketIO(
        app, async_mode=settings.async_mode, cors_allowed_origins=_same_origin(settings),
        max_http_buffer_size=MESSAGE_LIMIT, ping_interval=5, ping_timeout=5, http_compression=False,
        manage_session=False, logger=wire_log, engineio_logger=wire_log,
    )  # fmt: skip
    guard = Doors(desk, settings, Onward(clock.real_now).now, clock.real_now)
    guard.tell_of_restore()

    @socketio.on_error_default
    def wire_fault(_problem: Exception) -> Any:
        log.exception("A fault of ours on the wire")
        return socketio.server.not_handled  # no answer: the screen connects anew and asks once more

    live = Live(socketio, desk, clock, guard, lambda: f"{desk.life}.{edition()}")
    after = After(desk)
    roll = RollCall(clock, live.wake)
    upkeep = Upkeep(live.wake, clock.real_now)
    right_time = RightTime(clock, desk, live, upkeep)
    health = Health(desk.store, live, upkeep)
    about = {"version": __version__, "engine": settings.async_mode}
    watching = Watching(desk, live, upkeep, health, lambda: len(socketio.server.eio.sockets), about)
    watch_over(desk.store, upkeep)
    safety = Safety(desk, upkeep, live)
    safety.watch()
    watching.backup = safety.newest
    upkeep.every(EVERY, Retention(desk, guard.audit).look)
    app.extensions.update(desk=desk, live=live, after=after, roll=roll, doors=guard, upkeep=upkeep)
    app.extensions.update(safety=safety, health=health, watching=watching, right_time=right_time)
    # Ahead of all that may refuse a request, and after all that has a part in its answer.
    watch(app, watching)
    app.register_blueprint(display.routes.blueprint(desk, live, after, roll))
    app.register_blueprint(kiosk.routes.blueprint(desk, live, settings, roll))
    app.register_blueprint(kiosk.phone.blueprint(desk, live, after, settings.public_url))
    app.register_blueprint(kiosk.privacy.blueprint(desk))
    app.register_blueprint(kiosk.companion.blueprint(desk, live))
    app.register_blueprint(staff.routes.blueprint(desk, live, settings, after, roll, guard, upkeep, right_time))
    app.register_blueprint(staff.appointments.blueprint(desk, live))
    app.register_blueprint(staff.importing.blueprint(desk, live))
    app.register_blueprint(staff.front.blueprint(desk, guard, settings))
    app.register_blueprint(doors.pages.blueprint(desk, guard, live))
    _guard(app, desk, guard, health, _same_origin(settings))
    _explain(app, desk)
    if not guard.is_open:
        app.wsgi_app = few_sockets(app.wsgi_app)  # type: ignore[method-assign,assignment]  # how WSGI middleware is set
    app.wsgi_app = _with_headers(_known_hosts(app.wsgi_app, settings))  # type: ignore[method-assign,assignment]  # likewise
    if settings.proxies:
        # Only then is believed what came along of who asks, and how: everybody can write such lines (TRUST A20).
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]  # likewise
    return app


def _guard(
    app: Flask, desk: Desk, doors: Doors, health: Health, is_ours: Callable[[str, WSGIEnvironment], bool]
) -> None:
    """What every request must pass, and every answer carries."""

    def answer(status: int, code: str, params: dict[str, Any]) -> tuple[Response, int]:
        return _answer(request, desk, status, code, params)

    @app.before_request
    def from_our_own_pages() -> tuple[Response, int] | None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        ours = site in ("same-origin", "none") if site else origin is None or is_ours(origin, request.environ)
        return None if ours else answer(403, "not_allowed", {})

    @app.before_request
    def by_who_may() -> AnyResponse | tuple[Response, int] | None:
        return doors.check(answer)

    @app.before_request
    def of_this_life() -> None:
        if life.is_of_before(request, desk.life):
            raise Refused("restored")

    @app.after_request
    def says_its_life(response: Response) -> Response:
        life.mark(response, request.endpoint or "", desk.life)
        return response

    @app.after_request
    def what_came_of_it(response: Response) -> Response:
        doors.record.came_of_it(response.status_code)
        return response

    @app.after_request
    def headers(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code < 400 and _is_version_of(request):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/healthz")
    def healthz() -> tuple[Response, int]:
        look = health.look()
        details = {"storage": look.storage, "push": look.push, "upkeep": look.upkeep} if is_from_here(request) else {}
        answer = jsonify(ok=look.ok, version=__version__, seq=desk.line.seq, **details)
        return answer, 200 if look.ok else 503


def _is_version_of(asked: Request) -> bool:
    """Whether the file that is asked for has the content that its address names: only then it may be kept for ever.

    A page of an older version asks by older addresses; what it is sent is not what belongs to them.
    """
    name = (asked.view_args or {})["filename"]
    part, slash, _ = name.partition("/")
    return asked.args.get("v") in (asset(name).partition("v=")[2], *([folder(f"static/{part}")] if slash else []))


def _explain(app: Flask, desk: Desk) -> None:
    """The one place where trouble becomes a sentence."""

    @app.errorhandler(Refused)
    def refused(problem: Refused) -> tuple[Response, int]:
        return _answer(request, desk, 409, problem.code, problem.params)

    @app.errorhandler(BadInput)
    def wrong(problem: BadInput) -> tuple[Response, int]:
        params = {"field": problem.field, **problem.params}
        status = 400 if problem.code in ("not_json", "not_an_object") else 422
        return _answer(request, desk, status, problem.code, params, field=problem.field)

    @app.errorhandler(Unavailable)
    def unavailable(problem: Unavailable) -> tuple[Response, int]:
        log.info("The database did not answer: %s", problem)  # the store itself says it, once
        return _answer(request, desk, 503, "unavailable")

    @app.errorhandler(HTTPException)
    def http(problem: HTTPException) -> Response | tuple[Response, int]:
        status = problem.code or 500
        if status < 400 and problem.response is not None:
            return Response(problem.get_body(), status, problem.get_headers())
        return _answer(request, desk, status, CODES.get(status, "not_found" if status < 500 else "bug"))

    @app.errorhandler(Exception)
    def bug(_problem: Exception) -> tuple[Response, int]:
        log.exception("A fault of ours at %s %s", request.method, request.endpoint)
        return _answer(request, desk, 500, "bug")


def _answer(
    request: Request, desk: Desk, status: int, code: str, params: dict[str, Any] | None = None, field: str = ""
) -> tuple[Response, int]:
    """The same sentence as JSON for programs and as a page for people."""
    lang = language(request.args.get("lang") or _typed_language(request), desk.line.setup.language)
    message = sentence(code, params or {}, lang, ZoneInfo(desk.line.setup.timezone))
    if wants_json(request) or request.path.endswith(".json"):
        body = {"code": code, "message": message, **({"field": field} if field else {})}
        return jsonify(body), status
    face = request.path.split("/")[1]
    home = f"/{face}" if face in ("kiosk", "staff", "t") else "/"
    # What could not be saved at the tablet may be sent once more as it was, under the same request: it counts once.
    fields = request.form.items(multi=True) if (code, face) == ("unavailable", "kiosk") else []
    again = [(name, value) for name, value in fields if name != life.FIELD]  # this page says its own
    about = {"message": message, "home": home, "refused": status < 500, "again": again, "path": request.path}
    return Response(render("problem.html", lang, **about), mimetype="text/html"), status


def _typed_language(request: Request) -> str | None:
    """The language in the form that was sent; never a reason to fail once more."""
    if request.is_json or request.content_length in (None, 0):
        return None
    try:
        return request.form.get("language") or request.form.get("lang")
    except HTTPException:
        return None


def _same_origin(settings: Settings) -> Callable[[str, WSGIEnvironment], bool]:
    """Tells whether a page of ours asks, at the address asked or, where a server before us adds https, the set one.

    `_known_hosts` has already refused foreign host names.
    """
    public = "{0.scheme}://{0.netloc}".format(urlsplit(settings.public_url))

    def is_ours(origin: str, environ: WSGIEnvironment) -> bool:
        return origin in (f"{environ.get('wsgi.url_scheme', 'http')}://{environ.get('HTTP_HOST', '')}", public)

    return is_ours


def _with_headers(app: WSGIApplication) -> WSGIApplication:
    """Put our headers on every answer: also on the wire's own, and on those that refuse a foreign name."""

    def carrying(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        ours = {**HEADERS, **(HEADERS_OF_TLS if environ.get("wsgi.url_scheme") == "https" else {})}

        def start(status: str, headers: list[tuple[str, str]], *problem: Any) -> Any:
            return start_response(status, [*headers, *ours.items()], *problem)

        return app(environ, start)

    return carrying


def _known_hosts(app: WSGIApplication, settings: Settings) -> WSGIApplication:
    """Refuse names that are not ours ahead of everything, the socket included: DNS rebinding needs such a name.

    A bare address is never such a name; it may be any of ours where we listen on all of them.
    """
    name = socket.gethostname().lower()
    known = {"localhost", settings.host, urlsplit(settings.public_url).hostname or ""}
    anywhere = is_everywhere(settings.host)
    if anywhere:
        known |= {name, f"{name}.local"}

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        host = _host_name(environ.get("HTTP_HOST", ""))
        ours = host in known or is_loopback(host) or (anywhere and _is_address(host))
        if ours:
            return app(environ, start_response)
        plain = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
        start_response("400 Bad Request", plain)
        return [b"This address is not one of this server's. Open it by the address that it printed at its start.\n"]

    return guarded


def _host_name(netloc: str) -> str:
    """The name in a Host header, empty when it cannot be read or holds more than a name and a port."""
    if not set(netloc).isdisjoint("@/?#\\"):
        return ""
    try:
        return urlsplit("//" + netloc).hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
