"""What belongs to the house: a screen is paired by the code that it shows, this computer becomes a desk, a program gets
a token, and any of them is taken away again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from clinic.commands import Refused
from doors.cookies import DEVICE, FOREVER, begin, set_cookie
from doors.guard import Doors
from doors.who import Device, who
from forms import BadInput, person_name, sent, text, text_or_none, wants_json
from roll_call import RollCall
from staff.reply import Reply

Answer = Response | tuple[Any, int]
Page = Callable[..., tuple[str, int]]


def add_routes(console: Blueprint, doors: Doors, roll: RollCall, reply: Reply, page: Page) -> None:
    """/staff/pair, /staff/pair-here, /staff/add-program and /staff/end-device; `page` is the page of screens."""

    def typed(*names: str) -> dict[str, str]:
        fields = sent(request)
        return {name: value for name in names if isinstance(value := fields.get(name) or "", str)}

    def not_done(problem: BadInput, at: str) -> tuple[str, int]:
        """Say beside the form what is wrong. Raises it again for a program."""
        if wants_json(request):
            raise problem
        return page(422, at=at, problem=problem, typed=typed("code", "name", "place"))

    def paired(device: Device) -> None:
        doors.audit.write(who(), "door device-added", [f"device={device.id}", f"role={device.role}"])

    @console.post("/pair")
    def pair() -> Answer:
        fields, asks = sent(request), who()
        try:
            device = doors.devices.confirm(
                text_or_none(fields, "code") or "", text_or_none(fields, "role") or "",
                *named(), asks.by,
            )  # fmt: skip
        except BadInput as problem:
            return not_done(problem, "pair")
        paired(device)
        words = reply.lang().gettext("%(name)s comes on within a few seconds.", name=device.name)
        return reply.done({"device": device.id, "role": device.role}, words)

    @console.post("/pair-here")
    def pair_here() -> Answer:
        asks = who()
        try:
            device, secret = doors.devices.add("desk", *named(), asks.by)
        except BadInput as problem:
            return not_done(problem, "here")
        paired(device)
        response = reply.done({"device": device.id, "role": "desk"}, "")
        set_cookie(response, DEVICE, secret, FOREVER)
        if asks.session and asks.account:
            # From now on a PIN is enough here: that is more than before, so it is a new session (TRUST A14).
            doors.sessions.end(asks.session.id)
            begin(response, doors.sessions.begin(asks.account.id, device.id, asks.account.epoch, asks.session.begun))
        return response

    @console.post("/add-program")
    def add_program() -> Answer:
        try:
            device, secret = doors.devices.add("program", *named(), who().by)
        except BadInput as problem:
            return not_done(problem, "program")
        paired(device)
        if wants_json(request):
            return jsonify(device=device.id, name=device.name, token=secret), 201
        return page(201, token=secret, program=device)

    @console.post("/end-device")
    def end_device() -> Response:
        device = doors.devices.by_id(text(sent(request), "device"))
        if device is None or (device.role == "program" and not doors.may("staff.add_program")):
            raise Refused("unknown_device")
        doors.devices.end(device.id)
        doors.sessions.end_of(device=device.id)
        roll.forget_device(device.id)
        return reply.done({"device": device.id}, reply.lang().gettext("%(name)s is taken away.", name=device.name))

    def named() -> tuple[str, str]:
        fields = sent(request)
        return person_name(fields), person_name(fields, "place")
