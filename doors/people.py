"""Accounts as a page: a manager lets people in, changes what they may do, gives them a new link, and ends them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response

from clinic.commands import Refused
from doors.face import Face, last_here
from doors.guard import Doors
from doors.who import Account, who
from forms import BadInput, person_name, sent, text, wants_json
from messages import MAY, ROLES
from qr import qr

Answer = Response | tuple[Any, int]


def add_routes(pages: Blueprint, doors: Doors, face: Face) -> None:
    """/staff/accounts, with what it sends."""

    def page(status: int = 200, **more: Any) -> tuple[str, int]:
        """The list. `link` with its `person`: a new link, shown this once; `wrong`, `at` and `typed`: what to mend."""
        now = doors.now().astimezone(face.zone())
        seen = doors.last_seen()
        people = [
            (one, last_here(seen[one.id].astimezone(face.zone()), now, face.lang()) if one.id in seen else "")
            for one in doors.accounts.everyone()
            if one.ended is None
        ]
        usual: dict[str, Any] = {"link": "", "person": None, "wrong": "", "at": "", "field": "", "typed": {}}
        return face.show("accounts", status, people=people, roles=ROLES, may_words=MAY, **{**usual, **more})

    def not_done(problem: BadInput | Refused, at: str, fields: Mapping[str, Any]) -> tuple[str, int]:
        """Say beside the form what is wrong, and keep what was typed. Raises it again for a program."""
        if wants_json(request):
            raise problem
        is_input = isinstance(problem, BadInput)
        typed = {name: str(fields.get(name) or "")[:128] for name in ("login", "name", "role")}
        return page(422 if is_input else 409, wrong=face.words(problem), at=at, typed=typed,
                    field=problem.field if isinstance(problem, BadInput) else "")  # fmt: skip

    def with_link(one: Account, status: int) -> Answer:
        """A new link for this person. It stands in this one answer and nowhere else."""
        link = f"{doors.public_url}/first/{doors.accounts.invite(one.id, who().by)}"
        if wants_json(request):
            return jsonify({**_facts(one), "link": link}), status
        return page(status, link=link, person=one, square=qr(link))

    def done(one: Account) -> Answer:
        return jsonify(_facts(one)) if wants_json(request) else redirect(face.there("/staff/accounts"), 303)

    @pages.get("/staff/accounts")
    def accounts() -> Answer:
        if not wants_json(request):
            return page()
        seen = doors.last_seen()
        people = (one for one in doors.accounts.everyone() if one.ended is None)
        return jsonify(accounts=[_facts(one, seen.get(one.id)) for one in people])

    @pages.post("/staff/add-account")
    def add_account() -> Answer:
        fields = sent(request)
        try:
            one = doors.accounts.add(text(fields, "login"), person_name(fields), text(fields, "role"))
        except BadInput as problem:
            return not_done(problem, "new", fields)
        doors.audit.write(who(), "door account-added", [f"account={one.id}", f"role={one.role}"])
        return with_link(one, 201)

    @pages.post("/staff/change-account")
    def change_account() -> Answer:
        fields = sent(request)
        one = known(fields)
        try:
            doors.accounts.change(one.id, person_name(fields), text(fields, "role"))
        except (BadInput, Refused) as problem:
            return not_done(problem, one.id, fields)
        return done(known(fields))

    @pages.post("/staff/end-account")
    def end_account() -> Answer:
        fields = sent(request)
        one = known(fields)
        try:
            doors.accounts.end(one.id)
        except Refused as problem:
            return not_done(problem, one.id, fields)
        doors.sessions.end_of(account=one.id)
        return done(one)

    @pages.post("/staff/invite")
    def invite() -> Answer:
        return with_link(known(sent(request)), 200)

    def known(fields: Mapping[str, Any]) -> Account:
        one = doors.accounts.find(text(fields, "account"))
        if one is None or one.ended:
            raise Refused("unknown_account")
        return one


def _facts(one: Account, seen: datetime | None = None) -> dict[str, Any]:
    """An account as programs read it."""
    facts = {"account": one.id, "login": one.login, "name": one.name, "role": one.role}
    return {**facts, "has_password": one.has_password, "last_seen": seen.isoformat() if seen else None}
