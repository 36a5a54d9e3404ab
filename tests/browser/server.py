"""The real server, as a clinic starts it, on a port and a folder of its own: it can be killed and started again."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60.0

LINE = ("id", "ticket", "name", "service", "room", "status", "place")
"""What must not be lost; the minutes of a wait change by themselves."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait until `condition` gives something true, and give that; fail with `what` when it takes longer."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {seconds:g} s"
        time.sleep(0.03)


class Clinic:
    """One clinic's server. `template` is its starting template; empty for a first visit without one."""

    program: tuple[str, ...] = ("serve.py",)
    under: tuple[str, ...] = ()
    """What runs it, such as a program that writes down what it does."""
    root: Path = ROOT
    """Where the program stands."""

    def __init__(self, folder: Path, template: str = "walk-in", **settings: str):
        self.port = free_port()
        self.folder, self.log = folder, folder / "server.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KINDLINE_")}
        usual = {"PORT": str(self.port), "DATA": str(folder / "data"), "OPEN_DOORS": "loopback"}
        chosen = {**usual, "TEMPLATE": template, **settings}
        self._environ = {**kept, **{f"KINDLINE_{name}": value for name, value in chosen.items()}}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the front door, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self._process
        return self._process.pid

    def start(self) -> Self:
        """Run, and come back when it serves."""
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.under, sys.executable, *self.program],
                cwd=self.root,
                env=self._environ,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

        def ready() -> bool:
            assert self._process
            said = self.log.read_bytes()[before:].decode(errors="replace")
            assert self._process.poll() is None, f"The server did not start:\n{said}"
            return "Ready." in said

        try:
            until(ready, STARTS_WITHIN, "The server is ready")
        except AssertionError:
            self.kill()  # nobody else knows of it yet
            raise
        return self

    def kill(self) -> None:
        """As when somebody pulls the plug."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As an orderly person does. What it wrote meanwhile must hold no fault of ours."""
        self._end(signal.SIGTERM)
        said = self.log.read_text(errors="replace")
        assert "Traceback" not in said, f"The server met a fault of its own:\n{said}"

    def _end(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.wait(15)
            self._process = None

    def ask(self, method: str, path: str, fields: Any = None, form: bool = False) -> tuple[int, bytes]:
        """One request as a program makes it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        body, kind = None, "application/json"
        if fields is not None:
            body = urlencode(fields, doseq=True) if form else json.dumps(fields)
            kind = "application/x-www-form-urlencoded" if form else kind
        try:
            connection.request(method, path, body, {"Content-Type": kind, "Accept": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, path: str, **fields: Any) -> dict[str, Any]:
        """Carry out a command that must succeed."""
        status, said = self.ask("POST", path, fields)
        assert status in (200, 201), f"{path} was answered with {status}: {said.decode(errors='replace')}"
        return dict(json.loads(said))

    def check_in(self, service: str = "doctor", **fields: Any) -> dict[str, Any]:
        """Somebody checks in elsewhere. The answer, with `path`: where their phone page is."""
        answer = self.post("/kiosk/check-in", service=service, request=uuid.uuid4().hex, **fields)
        return {**answer, "path": urlsplit(answer["url"]).path}

    def staff(self, command: str, **fields: Any) -> dict[str, Any]:
        """Somebody of the staff gives a command elsewhere."""
        return self.post(f"/staff/{command}", request=uuid.uuid4().hex, **fields)

    def line(self) -> dict[str, Any]:
        """The whole line, as the staff's programs read it."""
        status, said = self.ask("GET", "/staff/line.json")
        assert status == 200
        return dict(json.loads(said))

    def people(self) -> list[dict[str, Any]]:
        """Everybody of this day, without what changes by itself."""
        return [{name: visit[name] for name in LINE} for visit in self.line()["visits"]]

    def status_of(self, ticket: str) -> str:
        """The status of who has this ticket."""
        return str(next(visit["status"] for visit in self.line()["visits"] if visit["ticket"] == ticket))

    def close_day(self) -> None:
        """Everybody who is still here was told, and the day ends."""
        told = [visit["id"] for visit in self.line()["visits"]]
        status, said = self.ask("POST", "/staff/close-day", {"confirm": True, "told": told})
        assert status == 200 or json.loads(said)["code"] == "day_closed", said

    def new_day(self, **setup: Any) -> None:
        """Begin anew: nobody here, no screen known, numbers from 01, every room open, the template's house rules."""
        from clinic.setup import TEMPLATES

        self.close_day()
        for asked in re.findall(r'data-help="([^"]+)"', self.ask("GET", "/staff")[1].decode()):
            self.staff("take-help", help=asked)
        for screen in re.findall(r'id="forget-([^"]+)"', self.ask("GET", "/staff/screens")[1].decode()):
            self.staff("forget-screen", screen=screen)
        template = TEMPLATES[setup.pop("template", "walk-in")]
        fields: dict[str, Any] = {
            "name": template.name, "language": "en", "timezone": "UTC", "tv_inches": "50", "tv_metres": "4",
            "px_per_mm": "5.9", "names_on_tv": "on", "voice": "on", "volume": "80", "quiet_from": "", "quiet_until": "",
        }  # fmt: skip
        letters = {}
        for service in template.services:
            letters[service.id] = service.letter
            fields[f"id-{service.letter}"] = service.id
            fields[f"service-{service.letter}"] = service.name
            fields[f"minutes-{service.letter}"] = str(service.minutes)
        for slot, room in enumerate(template.rooms):
            fields |= {f"room-id-{slot}": room.id, f"room-{slot}": room.name}
            fields |= {f"serves-{slot}-{letters[service]}": "on" for service in room.services}
        status, said = self.ask("POST", "/setup", fields | setup, form=True)
        assert status == 303, said.decode(errors="replace")
        self.post("/staff/open-day", rooms=[room.id for room in template.rooms])
