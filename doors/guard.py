"""The guard: finds out who asks, holds the table against it, has it written down (record.py), and says kindly what to
do where the door stays shut. Every request passes it, and every watcher of a live screen.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from flask import Request, Response, g, has_request_context, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from clinic.clock import real_time
from clinic.desk import Desk
from clinic.store import Unavailable
from doors import deeds, table
from doors.accounts import Accounts, strong_hasher
from doors.audit import Audit
from doors.cookies import DEVICE, FOREVER, PAIRING, SESSION, cookie, drop_cookie, set_cookie
from doors.devices import CODE_LIVES, Devices, spelled
from doors.limits import Bucket
from doors.paths import back_from, this_page
from doors.record import Record
from doors.sessions import Sessions
from doors.tries import Tries
from doors.who import Who, is_from_here, who
from forms import wants_json
from qr import qr
from settings import Settings, is_loopback
from throttle import Throttle
from words import language, render

POLL = 5
"""Seconds between two looks of a screen that waits to be paired (RFC 8628, 3.5)."""

ROLES = {"kiosk": "tablet", "display": "tv"}
"""What a screen that opens one of these pages without rights wants to be."""

CHECK_INS_A_MINUTE = 30
"""From one tablet: nobody's hands are faster."""

SOCKETS_OF_ONE, SOCKETS_OF_ADDRESS = 30, 300
"""Open live connections of one device or session; and of one address without either, as of phones behind one router."""

WATCHES, WATCHES_AT_ONCE = 1.0, 30.0
"""Screens that one connection may ask for: a second, in the long run, and at once."""

BY_ITSELF = frozenset({"display.page", "display.plain", "display.sizes_css", "display.line_json", "staff.line_json"})
"""What screens and programs ask for again and again: it does not show that somebody is there."""

log = logging.getLogger("kindline.doors")

Answer = Callable[[int, str, dict[str, Any]], tuple[Response, int]]


class Doors:
    """Who may come in to one clinic. `now` is the real time, which never goes back: by it is counted how long anything
    lasts. `real` is the real time as it is, also after a clock that leapt was put right: the audit is written by it.
    """

    def __init__(
        self, desk: Desk, settings: Settings, now: Callable[[], datetime] = real_time,
        real: Callable[[], datetime] = real_time, hasher: PasswordHasher | None = None,
    ):  # fmt: skip
        self.now, self.real = now, real
        self.is_open = settings.open_doors == "loopback"
        self.desk, self.public_url = desk, settings.public_url
        store, at = desk.store, lambda: self.now()
        self.accounts = Accounts(store, at, hasher or strong_hasher())
        self.tries = Tries(store, at, desk.links.fingerprint)
        self.sessions = Sessions(store, at)
        self.devices = Devices(store, at)
        self.audit = Audit(store, desk.links, lambda: self.real())
        self.record = Record(desk, self.audit, at, self.is_open)
        self._sockets: Counter[str] = Counter()
        self._requests = Bucket()
        self._check_ins = Throttle(each=CHECK_INS_A_MINUTE, seconds=60)
        self._watches = Bucket(WATCHES, WATCHES_AT_ONCE)
        self._has_manager = False
        self._lock = threading.Lock()
        desk.forgetting += [self.sessions.forget, self.devices.forget, self._forget]

    def _forget(self) -> None:
        """Another database has other people; the first row of its audit from now on says why."""
        self._has_manager = False
        self.record.forget()
        self.tell_of_restore()

    def tell_of_restore(self) -> None:
        """Write down that the clinic was put back to an earlier state, if nobody did yet."""
        try:
            if self.desk.restored():
                self.audit.write(Who(""), "door restored")
                self.desk.restore_is_told()
        except Unavailable as problem:
            log.error("That the clinic was put back could not be written down: %s", problem)

    # --- who asks ---

    def who(self, asked: Request) -> Who:
        """Who asks, by the cookies or the token that came along. Nothing else gives rights."""
        address = asked.remote_addr or ""
        if self.is_open:
            return Who(address, roles=table.EVERYONE)
        bearer = asked.headers.get("Authorization", "").partition("Bearer ")[2]
        token = bearer or cookie(DEVICE, asked)
        device = self.devices.find(token) if token else None
        found = Who(address, device=device, roles=frozenset({device.role}) if device else frozenset())
        secret = cookie(SESSION, asked)
        session = self.sessions.find(secret) if secret else None
        account = self.accounts.find(session.account) if session else None
        if session is None or account is None or account.ended or account.epoch != session.epoch:
            return found
        # A session begun at a paired desk is worth nothing elsewhere: there its PIN is enough to unlock it.
        if session.device and (device is None or device.id != session.device):
            return found
        if self.sessions.is_over(session, account):
            return found
        known = replace(found, account=account, session=session, roles=found.roles | {account.role})
        return known.locked() if self.sessions.is_locked(session) else known

    # --- who may ---

    def may(self, endpoint: str) -> bool:
        """Whether who asks now may have this page: for links that would lead nowhere."""
        return table.may_ask(endpoint, who().roles)

    def check(self, answer: Answer) -> AnyResponse | tuple[Response, int] | None:
        """Let this request in, or say why not. `answer` makes the sentence a page or JSON."""
        g.who = asks = self.who(request)
        endpoint = request.endpoint or ""
        is_hidden = endpoint in table.FROM_HERE and not is_from_here(request)
        if self.is_open and not _is_here(asks.address):
            return answer(403, "not_allowed", {})
        if self.is_open:
            return answer(404, "not_found", {}) if is_hidden else None
        if not self._requests.allows(asks.source):
            self.record.refused(asks, deeds.TOO_MANY)
            return answer(429, "too_many", {})
        watches = ["healthz", "metrics"] if is_loopback(asks.address) else []
        answers = ("static", "doors.first", "doors.made", *watches)
        if endpoint not in answers and self._nobody_yet():
            return answer(403, "no_manager", {})
        if is_hidden:
            return answer(404, "not_found", {})
        if not endpoint or table.may_ask(endpoint, asks.roles):
            if endpoint == "kiosk.arrive" and not self._check_ins.allows(asks.source):
                self.record.refused(asks, deeds.TOO_MANY)
                return answer(429, "too_many", {})
            self._let_in(asks, endpoint)
            return None
        return self._shut_out(asks, endpoint, answer)

    def _let_in(self, asks: Who, endpoint: str) -> None:
        if asks.device:
            self.devices.touch(asks.device)
        if table.ANYONE & table.PAGES.get(endpoint, frozenset()):
            return
        if asks.session and "locked" not in asks.roles and endpoint not in BY_ITSELF:
            self.sessions.touch(asks.session)
        self.record.let_in(asks, endpoint)

    def _shut_out(self, asks: Who, endpoint: str, answer: Answer) -> AnyResponse | tuple[Response, int]:
        is_page = request.method in ("GET", "HEAD") and not wants_json(request) and not request.path.endswith(".json")
        # Who is only asked to sign in, to unlock or to pair was not refused anything yet.
        is_asked_in = is_page and (asks.device is None or asks.device.role == "desk")
        if not is_asked_in or (asks.account and "locked" not in asks.roles):
            self.record.refused(asks, deeds.thing(endpoint, request.view_args))
        wanted = ROLES.get(endpoint.partition(".")[0])
        if is_page and wanted and asks.account is None:
            return self.pairing(wanted)
        if "locked" in asks.roles:
            return redirect(back_from("/staff/unlock"), 303) if is_page else answer(401, "locked", {})
        if asks.account:
            return answer(403, "not_yours", {})
        if is_page and endpoint.partition(".")[0] not in ROLES:
            return redirect(back_from("/login"), 303)
        return answer(403 if asks.device else 401, "not_allowed" if asks.device else "sign_in", {})

    def pairing(self, role: str) -> AnyResponse:
        """What a screen without rights shows: its code, and nothing of the clinic. Once staff confirm, it is let in."""
        secret = cookie(PAIRING, request)
        claimed = self.devices.claim(secret)
        if claimed:
            self.record.tell(Who(request.remote_addr or "", device=claimed[0]), "door device-let-in")
            there = redirect(this_page(), 303)
            set_cookie(there, DEVICE, claimed[1], FOREVER)
            drop_cookie(there, PAIRING)
            return there
        secret, waiting = self.devices.wait(secret, role, request.remote_addr or "")
        lang = language(request.args.get("lang"), self.desk.line.setup.language)
        address = f"{self.public_url}/staff/screens"
        page = render(
            "doors/pairing.html", lang, role=role, code=spelled(waiting.code), seconds=POLL, address=address,
            square=qr(f"{address}?code={spelled(waiting.code)}"), setup=self.desk.line.setup,
        )  # fmt: skip
        response = Response(page, 403, mimetype="text/html")
        set_cookie(response, PAIRING, secret, int(CODE_LIVES.total_seconds()))
        return response

    def _nobody_yet(self) -> bool:
        """Whether the first manager is still to be made. Never again once there is one."""
        if not self._has_manager:
            self._has_manager = self.accounts.has_manager()
        return not self._has_manager

    def last_seen(self) -> dict[str, datetime]:
        """When each account was last here, as far as it is still known: by its id."""
        came, stayed = self.tries.last_hits(), self.sessions.last_seen()
        found = {}
        for one in self.accounts.everyone():
            times = [at for at in (came(one.login), stayed.get(one.id)) if at]
            if times:
                found[one.id] = max(times)
        return found

    # --- live screens ---

    def connect(self) -> bool:
        """Whether one more live connection may be opened from there."""
        asks = self.who(request)
        if self.is_open:
            return _is_here(asks.address)
        owner = asks.session.id if asks.session else asks.device.id if asks.device else ""
        key, limit = (owner, SOCKETS_OF_ONE) if owner else (asks.source, SOCKETS_OF_ADDRESS)
        if self._nobody_yet():
            return False
        with self._lock:
            is_room = self._sockets[key] < limit
            self._sockets[key] += is_room
        if not is_room:
            self.record.refused(asks, "live")
            return False
        request.environ["kindline.counted"] = key
        return True

    def disconnect(self) -> None:
        """It is closed again."""
        key = request.environ.pop("kindline.counted", None)
        if key is not None:
            with self._lock:
                self._sockets[key] -= 1
                if not self._sockets[key]:
                    del self._sockets[key]

    def admit(self, key: str) -> Callable[[], bool] | None:
        """Whether who asks may watch this screen: None, or what tells from then on whether they still may."""
        asks = self.who(request)
        if self.is_open:
            return lambda: True
        if not self._watches.allows(request.sid):  # type: ignore[attr-defined]  # Flask-SocketIO adds it
            return None
        if not table.may_watch(key, asks.roles):
            self.record.refused(asks, table.beginning(key, table.SCREENS) or "live")
            return None
        if table.may_watch(key, frozenset()):
            return lambda: True
        asked, start = request._get_current_object(), table.beginning(key, table.NAMED_SCREENS)  # type: ignore[attr-defined]  # werkzeug's

        def still() -> bool:
            now = self.who(asked)
            if not table.may_watch(key, now.roles):
                return False
            if now.device:
                self.devices.touch(now.device)
            if start:
                self.record.watches_names(now, start, key)
            return True

        return still if still() else None

    def show(self, key: str) -> bool:
        """Whether who asks, by a request that is no watcher, may be answered with this live screen."""
        asks = who()
        start = table.beginning(key, table.NAMED_SCREENS)
        if not table.may_watch(key, asks.roles):
            return False
        if start and not self.is_open:
            self.record.watches_names(asks, start, key)
        return True

    # --- the first manager ---

    def first_link(self, anew: bool = False) -> str | None:
        """The link that makes a manager: while there is none, or when the owner of the machine asks `anew`."""
        if self.is_open or (self.accounts.has_manager() and not anew):
            return None
        return f"{self.public_url}/first/{self.accounts.invite(None)}"


def locks() -> bool:
    """Whether the page that is made now is for somebody signed in, and so locks when they go away."""
    asks = who()
    for_anyone = bool(has_request_context() and table.ANYONE & table.PAGES.get(request.endpoint or "", frozenset()))
    return asks.session is not None and "locked" not in asks.roles and not for_anyone


def _is_here(address: str) -> bool:
    """Whether it comes from this machine; an address it has that came over any network."""
    return not address or is_loopback(address)
