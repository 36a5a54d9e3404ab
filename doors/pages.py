"""The pages of the doors: the first manager's and every new person's link, signing in and out, the locked screen, a
person's own password and PIN, accounts, and pairing."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from clinic.commands import Refused
from clinic.desk import Desk
from doors import audit_page
from doors.guard import DEVICE, FOREVER, SESSION, Doors, begin, drop_cookie, own_path, set_cookie
from doors.sessions import PIN_TRIES
from doors.who import Account, Who, who
from forms import BadInput, sent, text, wants_json
from live import Live
from messages import sentence
from words import language, render

SECRET_LENGTH = 128

HOMES = {"auditor": "/staff/audit"}
"""Where a role begins; all others at the console."""


def blueprint(desk: Desk, doors: Doors, live: Live) -> Blueprint:
    """The routes under /first, /login, /logout, /desk, and those under /staff that are about accounts and doors."""
    pages = Blueprint("doors", __name__)

    def lang() -> Any:
        return language(request.values.get("lang"), desk.line.setup.language)

    def show(template: str, status: int = 200, **values: Any) -> tuple[str, int]:
        return render(f"doors/{template}.html", lang(), setup=desk.line.setup, who=who(), **values), status

    def words(problem: BadInput | Refused) -> str:
        field = {"field": problem.field} if isinstance(problem, BadInput) else {}
        return sentence(problem.code, {**field, **problem.params}, lang())

    def let_in(account: Account, there: str) -> Response:
        """Signed in: always a new session, whatever this browser had before (TRUST A14)."""
        asks = who()
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
            doors.note(Who(who().address, account, who().device), "door", "used-link")
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
        return let_in(account, _home(account) if desk.is_set_up or account.role != "manager" else "/setup")

    # --- in and out ---

    @pages.get("/login")
    def sign_in() -> tuple[str, int] | Response:
        there = own_path(request.args.get("next"), "")
        account = who().account
        if account and "locked" not in who().roles:
            return redirect(there or _home(account), 303)
        return show("login", next=there, login="", wrong="")

    @pages.post("/login")
    def signed_in() -> Response | tuple[str, int]:
        fields, asks = sent(request), who()
        login, password = (str(fields.get(name) or "")[:SECRET_LENGTH] for name in ("login", "password"))
        there = own_path(str(fields.get("next") or ""), "")
        wait = doors.tries.wait(login, asks.source, asks.device is not None)
        if wait:
            return refused_in(login, there, 429, "tries_wait", minutes=int(wait.total_seconds() // 60) + 1)
        account = doors.accounts.check(login, password)
        if account is None:
            doors.tries.miss(login, asks.source)
            doors.audit.write(asks, "door not-signed-in")
            return refused_in(login, there, 401, "login_unknown")
        doors.tries.hit(login, asks.source)
        return let_in(account, there or _home(account))

    def refused_in(login: str, there: str, status: int, code: str, **params: Any) -> tuple[Any, int]:
        said = sentence(code, params, lang())
        if wants_json(request):
            return {"code": code, "message": said}, status
        return show("login", status, next=there, login=login, wrong=said)

    @pages.post("/logout")
    def sign_out() -> Response:
        asks = who()
        if asks.session:
            doors.audit.write(asks, "door signed-out")
            doors.sessions.end(asks.session.id)
        response = redirect("/login", 303)
        drop_cookie(response, SESSION)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    # --- the locked screen ---

    @pages.post("/staff/lock")
    def lock() -> Response:
        asks = who()
        if asks.session and "locked" not in asks.roles:
            doors.audit.write(asks, "door locked")
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
            return redirect(own_path(there, _home(asks.account) if asks.account else "/staff"), 303)
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
        there = own_path(str(fields.get("next") or ""), _home(asks.account) if asks.account else "/staff")
        if asks.account is None or asks.session is None or "locked" not in asks.roles:
            return redirect(there, 303)
        pin, password = (str(fields.get(name) or "")[:SECRET_LENGTH] for name in ("pin", "password"))
        if pin and by_pin():
            if not doors.accounts.check_pin(asks.account.id, pin):
                left = doors.sessions.miss_pin(asks.session)
                doors.audit.write(asks, "door not-unlocked")
                return not_unlocked(there, 401, "pin_not_yours" if left else "pin_too_often", left=left)
        else:
            login = asks.account.login
            wait = doors.tries.wait(login, asks.source, asks.device is not None)
            if wait:
                return not_unlocked(there, 429, "tries_wait", minutes=int(wait.total_seconds() // 60) + 1)
            if not doors.accounts.check_password(asks.account.id, password):
                doors.tries.miss(login, asks.source)
                doors.audit.write(asks, "door not-unlocked")
                return not_unlocked(there, 401, "password_not_yours")
            doors.tries.hit(login, asks.source)
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

    # --- one's own password and PIN ---

    @pages.get("/staff/me")
    def me() -> tuple[str, int]:
        return show("me", wrong="", field="", said=request.args.get("said", ""))

    @pages.post("/staff/my-password")
    def my_password() -> Response | tuple[str, int]:
        return mine(change_password)

    @pages.post("/staff/my-pin")
    def my_pin() -> Response | tuple[str, int]:
        return mine(change_pin)

    def change_password(one: Account, fields: Mapping[str, Any]) -> None:
        if fields.get("again", fields.get("new")) != fields.get("new"):
            raise BadInput("again", "passwords_differ")
        doors.accounts.set_password(one.id, text(fields, "new", SECRET_LENGTH), desk.line.setup.name)

    def change_pin(one: Account, fields: Mapping[str, Any]) -> None:
        doors.accounts.set_pin(one.id, str(fields.get("pin") or ""))

    def mine(change: Callable[[Account, Mapping[str, Any]], None]) -> Response | tuple[str, int]:
        """Change something of one's own, after saying the password once more, and go on under a new session."""
        fields, asks = sent(request), who()
        assert asks.account
        try:
            wait = doors.tries.wait(asks.account.login, asks.source, asks.device is not None)
            if wait:
                minutes = int(wait.total_seconds() // 60) + 1
                wrong = sentence("tries_wait", {"minutes": minutes}, lang())
                return show("me", 429, wrong=wrong, field="password", said="")
            if not doors.accounts.check_password(asks.account.id, str(fields.get("password") or "")[:SECRET_LENGTH]):
                doors.tries.miss(asks.account.login, asks.source)
                raise BadInput("password", "password_not_yours")
            doors.tries.hit(asks.account.login, asks.source)
            change(asks.account, fields)
        except BadInput as problem:
            if wants_json(request):
                raise
            return show("me", 422, wrong=words(problem), field=problem.field, said="")
        account = doors.accounts.find(asks.account.id)
        assert account
        return let_in(account, "/staff/me?said=saved")

    # --- pairing ---

    @pages.get("/desk", endpoint="desk")
    def this_desk() -> Response:
        if who().device:
            return redirect("/login", 303)
        return doors.pairing("desk")

    @pages.post("/staff/pair")
    def pair() -> Response:
        fields, asks = sent(request), who()
        role = text(fields, "role")
        device = doors.devices.confirm(
            text(fields, "code"),
            role,
            str(fields.get("name") or ""),
            str(fields.get("place") or ""),
            asks.by,
        )
        doors.audit.write(asks, "door device-added", [f"device={device.id}"])
        return redirect("/staff/screens", 303)

    @pages.post("/staff/pair-here")
    def pair_here() -> Response:
        fields, asks = sent(request), who()
        device, secret = doors.devices.add("desk", text(fields, "name"), str(fields.get("place") or ""), asks.by)
        doors.audit.write(asks, "door device-added", [f"device={device.id}"])
        response = redirect("/staff/screens", 303)
        set_cookie(response, DEVICE, secret, FOREVER)
        return response

    @pages.post("/staff/end-device")
    def end_device() -> Response:
        device = text(sent(request), "device")
        doors.devices.end(device)
        doors.sessions.end_of(device=device)
        return redirect("/staff/screens", 303)

    audit_page.add_routes(pages, desk, doors)
    return pages


def _home(account: Account) -> str:
    return HOMES.get(account.role, "/staff")
