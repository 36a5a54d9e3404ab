"""The pages of the doors: the first manager's and every new person's link, signing in and out, the locked screen, a
person's own password and PIN, and a desk that waits to be paired."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from clinic.commands import Refused
from clinic.desk import Desk
from doors import audit_page, people
from doors.accounts import PASSWORD_MOST
from doors.cookies import SESSION, begin, drop_cookie
from doors.deeds import TOO_MANY
from doors.face import Face
from doors.guard import Doors
from doors.paths import own_path
from doors.sessions import PIN_TRIES
from doors.tries import minutes
from doors.who import Account, Who, who
from forms import BadInput, sent, text, wants_json
from live import Live
from messages import ROLES, sentence

SECRET_LENGTH = PASSWORD_MOST + 1
"""What is read of a secret: one that is too long is wrong, and not cut to one that is right."""

HOMES = {"auditor": "/staff/audit"}
"""Where a role begins; all others at the console."""


def blueprint(desk: Desk, doors: Doors, live: Live) -> Blueprint:
    """The routes under /first, /login, /logout, /desk, and those under /staff about accounts and one's own."""
    pages = Blueprint("doors", __name__)

    face = Face(desk)
    lang, show, words = face.lang, face.show, face.words
    people.add_routes(pages, doors, face)

    def home(account: Account) -> str:
        """Where this person begins: a manager of a clinic that is not set up yet with that."""
        if account.role == "manager" and not desk.is_set_up:
            return "/setup"
        return HOMES.get(account.role, "/staff")

    def let_in(account: Account, there: str) -> Response:
        """Signed in: always a new session, whatever this browser had before (TRUST A14)."""
        asks = who()
        if asks.account is None or asks.account.id != account.id or "locked" in asks.roles:
            doors.audit.write(Who(asks.address, account, asks.device), "door signed-in")
        if asks.session:
            doors.sessions.end(asks.session.id)
        # Only a desk that is shared by staff keeps people signed in behind a PIN.
        desk_id = asks.device.id if asks.device and asks.device.role == "desk" else ""
        secret = doors.sessions.begin(account.id, desk_id, account.epoch)
        response = redirect(there, 303)
        begin(response, secret)
        return response

    # --- the first manager, and everybody's first password ---

    @pages.get("/first/<secret>")
    def first(secret: str) -> tuple[str, int]:
        works, account = doors.accounts.invited(secret)
        return show(
            "first",
            200 if works else 404,
            works=works,
            account=account,
            typed={"login": "", "name": ""},
            wrong="",
            field="",
        )

    @pages.post("/first/<secret>")
    def made(secret: str) -> Response | tuple[str, int]:
        fields = sent(request)
        works, account = doors.accounts.invited(secret)
        typed = {name: str(fields.get(name) or "")[:SECRET_LENGTH] for name in ("login", "name")}
        if works:
            doors.record.note(Who(who().address, account, who().device), "door", "used-link")
        try:
            if fields.get("again", fields.get("password")) != fields.get("password"):
                raise BadInput("again", "passwords_differ")
            password = text(fields, "password", SECRET_LENGTH)
            account = doors.accounts.accept(secret, password, typed["login"], typed["name"], desk.line.setup.name)
        except BadInput as problem:
            if wants_json(request):
                raise
            wrong = {"wrong": words(problem), "field": problem.field}
            return show("first", 422, works=works, account=account, typed=typed, **wrong)
        doors.tries.hit(account.login, who().source)
        return let_in(account, home(account))

    # --- in and out ---

    @pages.get("/login")
    def sign_in() -> tuple[str, int] | Response:
        there = own_path(request.args.get("next"), "")
        account = who().account
        if account and "locked" not in who().roles:
            return redirect(there or home(account), 303)
        return show("login", next=there, login="", wrong="")

    @pages.post("/login")
    def signed_in() -> Response | tuple[str, int]:
        fields, asks = sent(request), who()
        login, password = (str(fields.get(name) or "")[:SECRET_LENGTH] for name in ("login", "password"))
        there = own_path(str(fields.get("next") or ""), "")
        is_paired = asks.device is not None
        wait, account = doors.tries.attempt(
            login, asks.source, is_paired, lambda: doors.accounts.check(login, password)
        )
        if wait:
            doors.record.refused(asks, TOO_MANY)
            return refused_in(login, there, 429, "tries_wait", minutes=minutes(wait))
        if account is None:
            known = doors.accounts.by_login(login)
            doors.record.tell(asks, "door not-signed-in", [f"account={known.id}"] if known else ())
            return refused_in(login, there, 401, "login_unknown")
        return let_in(account, there or home(account))

    def refused_in(login: str, there: str, status: int, code: str, **params: Any) -> tuple[Any, int]:
        said = sentence(code, params, lang())
        if wants_json(request):
            return {"code": code, "message": said}, status
        return show("login", status, next=there, login=login, wrong=said)

    @pages.post("/logout")
    def sign_out() -> Response:
        asks = who()
        if asks.session:
            doors.record.tell(asks, "door signed-out")
            doors.sessions.end(asks.session.id)
        response = redirect("/login", 303)
        drop_cookie(response, SESSION)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def proves(asks: Who, password: str) -> tuple[timedelta, bool | None]:
        """Whether who is signed in shows their own password, or how long they have to wait with it."""
        one = asks.account
        assert one
        wait, is_theirs = doors.tries.attempt(
            one.login, asks.source, asks.device is not None, lambda: doors.accounts.check_password(one.id, password)
        )
        if wait:
            doors.record.refused(asks, TOO_MANY)
        return wait, is_theirs

    # --- the locked screen ---

    @pages.post("/staff/lock")
    def lock() -> Response:
        asks = who()
        if asks.session and "locked" not in asks.roles:
            doors.record.tell(asks, "door locked")
            doors.sessions.lock(asks.session)
        there = own_path(str(sent(request).get("next") or ""), "/staff")
        return redirect(f"/staff/unlock?{urlencode({'next': there, 'lang': lang().code})}", 303)

    @pages.post("/staff/awake")
    def awake() -> tuple[str, int]:
        """Somebody moved at the console: the guard has noted it."""
        return "", 204

    @pages.get("/staff/unlock")
    def locked() -> Response | tuple[str, int]:
        asks, there = who(), request.args.get("next")
        if asks.account is None or "locked" not in asks.roles:
            return redirect(own_path(there, home(asks.account) if asks.account else "/staff"), 303)
        return locked_page(own_path(there, ""), "", 200)

    def locked_page(there: str, wrong: str, status: int) -> tuple[str, int]:
        now = live.current(f"staff/locked/{lang().code}")
        assert now
        return show("locked", status, next=there, wrong=wrong, pin=by_pin(), now=now)

    def by_pin() -> bool:
        asks = who()
        left = asks.session is not None and asks.session.pin_misses < PIN_TRIES
        return bool(left and asks.account and asks.account.has_pin and asks.session and asks.session.device)

    @pages.post("/staff/unlock")
    def unlock() -> Response | tuple[Any, int]:
        fields, asks = sent(request), who()
        there = own_path(str(fields.get("next") or ""), home(asks.account) if asks.account else "/staff")
        if asks.account is None or asks.session is None or "locked" not in asks.roles:
            return redirect(there, 303)
        pin, password = (str(fields.get(name) or "")[:SECRET_LENGTH] for name in ("pin", "password"))
        if pin and by_pin():
            left = doors.sessions.try_pin(asks.session)
            if left is None or not doors.accounts.check_pin(asks.account.id, pin):
                doors.record.tell(asks, "door not-unlocked", [f"account={asks.account.id}"])
                return not_unlocked(there, 401, "pin_not_yours" if left else "pin_too_often", left=left)
        else:
            wait, is_theirs = proves(asks, password)
            if wait:
                return not_unlocked(there, 429, "tries_wait", minutes=minutes(wait))
            if not is_theirs:
                doors.record.tell(asks, "door not-unlocked", [f"account={asks.account.id}"])
                return not_unlocked(there, 401, "password_not_yours")
        doors.audit.write(asks, "door unlocked")
        response = redirect(there, 303)
        begin(response, doors.sessions.unlock(asks.session))
        return response

    def not_unlocked(there: str, status: int, code: str, **params: Any) -> tuple[Any, int]:
        said = sentence(code, params, lang())
        if wants_json(request):
            return {"code": code, "message": said}, status
        g.who = doors.who(request)  # with one try fewer
        return locked_page(there, said, status)

    # --- one's own password and PIN, and where one is signed in ---

    @pages.get("/staff/me")
    def me() -> tuple[str, int]:
        return own_page(said="said" in request.args)

    def own_page(
        status: int = 200, wrong: str = "", field: str = "", at: str = "", said: bool = False
    ) -> tuple[str, int]:
        one = who().account
        places = doors.sessions.count(one) if one else 0
        return show("me", status, wrong=wrong, field=field, at=at, said=said, roles=ROLES, places=places)

    @pages.post("/staff/my-password")
    def my_password() -> Response | tuple[str, int]:
        return mine("password", change_password)

    @pages.post("/staff/my-pin")
    def my_pin() -> Response | tuple[str, int]:
        return mine("pin", change_pin)

    @pages.post("/staff/elsewhere")
    def elsewhere() -> Response | tuple[str, int]:
        return mine("elsewhere", sign_out_all)

    def change_password(one: Account, fields: Mapping[str, Any]) -> None:
        if fields.get("again", fields.get("new")) != fields.get("new"):
            raise BadInput("again", "passwords_differ")
        try:
            doors.accounts.set_password(one.id, text(fields, "new", SECRET_LENGTH), desk.line.setup.name)
        except BadInput as problem:
            raise BadInput("new", problem.code, **problem.params) from problem

    def change_pin(one: Account, fields: Mapping[str, Any]) -> None:
        doors.accounts.set_pin(one.id, str(fields.get("pin") or ""))

    def sign_out_all(one: Account, _fields: Mapping[str, Any]) -> None:
        doors.sessions.end_of(account=one.id)

    def mine(at: str, change: Callable[[Account, Mapping[str, Any]], None]) -> Response | tuple[str, int]:
        """Change something of one's own, after saying the password once more, and go on under a new session."""
        fields, asks = sent(request), who()
        if asks.account is None:
            raise Refused("unknown_account")  # with open doors nobody is signed in
        try:
            wait, is_theirs = proves(asks, str(fields.get("password") or "")[:SECRET_LENGTH])
            if wait:
                wrong = sentence("tries_wait", {"minutes": minutes(wait)}, lang())
                return own_page(429, wrong, "password", at)
            if not is_theirs:
                raise BadInput("password", "password_not_yours")
            change(asks.account, fields)
        except BadInput as problem:
            if wants_json(request):
                raise
            return own_page(422, words(problem), problem.field, at)
        account = doors.accounts.find(asks.account.id)
        assert account
        return let_in(account, "/staff/me?said=saved")

    # --- a desk that waits to be paired ---

    @pages.get("/desk", endpoint="desk")
    def this_desk() -> Response:
        if who().device:
            return redirect("/login", 303)
        return doors.pairing("desk")

    audit_page.add_routes(pages, desk, doors)
    return pages
