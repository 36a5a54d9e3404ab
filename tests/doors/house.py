"""A clinic with its doors shut, its real time in the test's hand, and people and screens that come to it."""

import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio.test_client import SocketIOTestClient
from werkzeug.test import TestResponse

from doors.guard import Doors
from doors.limits import Bucket
from doors.who import DEVICES, PEOPLE, Account, Device

PASSWORD = "seven quiet herons wade"
PIN = "481632"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As the real one, at a thousandth of the work: what it costs is measured elsewhere."""

OPENS = {"tablet": "/kiosk", "tv": "/display", "desk": "/desk"}


class House:
    """One clinic. `manager` is signed in already, at an address of this machine."""

    def __init__(self, app: Flask):
        self.app = app
        self.doors: Doors = app.extensions["doors"]
        self.time = datetime(2026, 11, 23, 9, tzinfo=UTC)
        self.doors.now = self.doors.real = lambda: self.time
        # Tests are quicker than people; how much one may ask is tried where it is about that.
        self.doors._requests = Bucket(1e6, 1e6)
        self._names = count(1)
        self.manager = app.test_client()
        self.owner = self.first_manager()

    def later(self, **by: float) -> None:
        """Real time goes by: `minutes=5`."""
        self.time += timedelta(**by)

    def first_manager(self) -> Account:
        link = self.doors.first_link()
        assert link
        answer = self.manager.post("/first/" + link.rsplit("/", 1)[1], data={
            "login": "owner", "name": "Olga Owner", "password": PASSWORD, "again": PASSWORD})  # fmt: skip
        assert answer.status_code == 303, answer.text
        return next(one for one in self.doors.accounts.everyone() if one.login == "owner")

    def add(self, role: str, name: str = "") -> Account:
        """A new account that has chosen a password already."""
        login = f"{role}-{next(self._names)}"
        one = self.doors.accounts.add(login, name or f"{role.title()} {login[-1]}", role)
        return self.doors.accounts.accept(self.doors.accounts.invite(one.id), PASSWORD, "", "", "")

    def client(self, address: str = "127.0.0.1") -> FlaskClient:
        """A browser that has nothing of ours yet."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return client

    def signs_in(
        self, account: Account | str, client: FlaskClient | None = None, password: str = PASSWORD
    ) -> TestResponse:
        """This account, or a login, signs in at this browser; what is answered."""
        login = account if isinstance(account, str) else account.login
        return (client or self.client()).post("/login", data={"login": login, "password": password})

    def as_role(self, role: str) -> FlaskClient:
        """A browser with the rights of this role of people or devices, or none for "anyone"."""
        client = self.client()
        if role in PEOPLE:
            assert self.signs_in(self.add(role), client).status_code == 303
        elif role in DEVICES:
            self.pairs(client, role)
        elif role == "locked":
            assert self.signs_in(self.add("manager"), client).status_code == 303
            assert client.post("/staff/lock").status_code == 303
        return client

    def pairs(self, client: FlaskClient, role: str, name: str = "") -> Device:
        """This browser becomes one of the house's devices, as staff do it."""
        name = name or f"{role} {next(self._names)}"
        if role == "program":
            device, secret = self.doors.devices.add("program", name, "", self.owner.id)
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
            return device
        code = self.code(client, role)
        answer = self.manager.post("/staff/pair", data={"code": code, "role": role, "name": name, "place": "Hall"})
        assert answer.status_code == 303, answer.text
        assert client.get(OPENS[role]).status_code == 303
        return next(one for one in self.doors.devices.everyone() if one.name == name)

    def code(self, client: FlaskClient, role: str) -> str:
        """The code that an unpaired screen shows."""
        found = re.search(r"[BCDFGHJ-NP-TV-XZ]{4}-[BCDFGHJ-NP-TV-XZ]{4}", client.get(OPENS[role]).text)
        assert found
        return found[0]

    def watcher(self, client: FlaskClient, **headers: str) -> SocketIOTestClient:
        """The live connection of this browser."""
        bearer = client.environ_base.get("HTTP_AUTHORIZATION")
        extra = {**({"Authorization": str(bearer)} if bearer else {}), **headers}
        return SocketIOTestClient(self.app, self.app.extensions["socketio"], flask_test_client=client, headers=extra)


def said(answer: TestResponse) -> dict[str, Any]:
    """The JSON of this answer."""
    assert isinstance(answer.json, dict), answer.text
    return answer.json


def watch(socket: SocketIOTestClient, key: str) -> Any:
    """What this connection is answered when it asks for a live screen."""
    return socket.emit("watch", key, callback=True)
