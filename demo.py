"""Kindline with a simulated day: `python demo.py`. A clinic that breathes, to look at and to try things on.

It starts serve.py on a database that is thrown away at the end, with a clock that runs faster, and does there what
people in a clinic do, through the same HTTP commands. Whoever tries the screens meanwhile takes part: who checks in
on the tablet is called and seen like the others. `simulated.Day` is the simulation; `Clinic` is the server.
"""

import argparse
import contextlib
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from settings import local_zone
from simulated import TEMPLATE, Answer, Day

JSON = "application/json"


class Ended(Exception):
    """The demo is over, with this exit status."""

    def __init__(self, status: int, why: str):
        super().__init__(why)
        self.status = status


class Clinic:
    """The running server as the simulation meets it: what it prints, its clock, and its answers to commands."""

    def __init__(self, process: "subprocess.Popen[bytes]", bell: socket.socket, port: str):
        self.process, self._bell, self._port = process, bell, port
        self._said, self._lines, self._sent, self._refused = b"", deque([0.0] * 4, maxlen=4), 0, 0

    def begin(self, start: datetime, speed: float) -> None:
        """Wait until it serves; its clock begins now."""
        while b"Ready." not in self._said:
            self.listen(60)
        self._began, self._start, self._speed = time.monotonic(), start, speed
        self._http = http.client.HTTPConnection("127.0.0.1", int(self._port), timeout=20)
        print(f"A simulated day at {speed:g} times the pace. Ctrl-C ends it and throws its data away.", flush=True)

    def listen(self, seconds: float) -> bool:
        """Pass on what it prints; False when that was nothing for so long. Raises Ended."""
        assert self.process.stdout  # started with a pipe
        output, bell = self.process.stdout.fileno(), self._bell.fileno()
        heard, _, _ = select.select([output, bell], [], [], seconds)
        if bell in heard:
            raise Ended(0, f"The demo is over: {self._sent} commands, {self._refused} of them refused by the rules.")
        if output in heard:
            said = os.read(output, 65536)
            if not said:
                why = "The server has ended, so the demo ends too." if self._sent else ""  # it has said itself why not
                raise Ended(abs(self.process.wait()) or 1, why)
            print(said.decode(errors="replace"), end="", flush=True)
            self._said = self._said[-100:] + said
        return bool(heard)

    def wait_until(self, when: float) -> None:
        """Until so many seconds have passed on its clock."""
        while self.listen(max(0.0, self._began + when / self._speed - time.monotonic())):
            pass

    def post(self, path: str, fields: Answer) -> Answer | None:
        """Send a command; its answer, or None when the rules say no. Raises Ended for any other answer."""
        kind, body = form(fields["file"]) if "file" in fields else (JSON, json.dumps({**fields, "request": _new_id()}))
        status, said = self._ask("POST", path, body, kind)
        if status not in (200, 201, 303, 409):
            raise Ended(1, f"{path} was answered with {status}: {said[:500]}")
        self._sent, self._refused = self._sent + 1, self._refused + (status == 409)
        return None if status == 409 else {} if status == 303 else json.loads(said)  # a phone is led back to its page

    def read(self, path: str) -> Answer:
        """What stands there. Raises Ended where that is nothing."""
        status, said = self._ask("GET", path, "", "")
        if status != 200:
            raise Ended(1, f"{path} was answered with {status}: {said[:500]}")
        answer: Answer = json.loads(said)
        return answer

    def _ask(self, method: str, path: str, body: str, kind: str) -> tuple[int, str]:
        for _ in range(2):  # a connection long idle may be closed by now; the same `request` twice is done once
            try:
                headers = {"Content-Type": kind, "Accept": "application/json"}
                self._http.request(method, path, body.encode() or None, headers)
                answer = self._http.getresponse()
                return answer.status, answer.read().decode(errors="replace")
            except (http.client.HTTPException, OSError) as problem:
                self._http.close()
                why = f"{path} was not answered: {problem!r}"
        while self.listen(1):
            pass  # its last words, if it has ended
        raise Ended(1, why)

    def say(self, when: float, what: str) -> None:
        """One line of what happens; those beyond four in a second are left out."""
        if time.monotonic() - self._lines[0] >= 1:
            self._lines.append(time.monotonic())
            print(f"{self._start + timedelta(seconds=when):%H:%M}  {what}", flush=True)


def form(text: str) -> tuple[str, str]:
    """A form as a browser sends it with this list as its file: the kind of the body, and the body."""
    edge = f"edge-{_new_id()}"
    head = 'Content-Disposition: form-data; name="file"; filename="appointments.csv"\r\nContent-Type: text/csv'
    return f"multipart/form-data; boundary={edge}", f"--{edge}\r\n{head}\r\n\r\n{text}\r\n--{edge}--\r\n"


def _new_id() -> str:
    return str(uuid.uuid4())


@contextlib.contextmanager
def running(bell: socket.socket, port: str, **chosen: str) -> Iterator[Clinic]:
    """A server on a throw-away folder; both are gone afterwards."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KINDLINE_")}
    command, here = [sys.executable, "serve.py"], Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory(prefix="kindline-demo-") as folder:
        chosen |= {"DATA": folder, "HOST": "127.0.0.1", "PORT": port, "TEMPLATE": TEMPLATE, "OPEN_DOORS": "loopback"}
        environ |= {f"KINDLINE_{name}": value for name, value in chosen.items()}
        # A session of its own: Ctrl-C is for us, and we tell the server.
        with subprocess.Popen(  # noqa: S603 (our own program)
            command, cwd=here, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        ) as process:
            try:
                yield Clinic(process, bell, port)
            finally:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                process.kill()


def options() -> argparse.Namespace:
    """What was asked for; the server checks the values."""
    port, engine = (os.environ.get(f"KINDLINE_{name}") for name in ("PORT", "ASYNC"))
    parser = argparse.ArgumentParser(description="Kindline with a simulated day, on data that is thrown away.")
    parser.add_argument("--speed", type=float, default=30, help="times the real pace (30)")
    parser.add_argument("--port", default=port or "8000", help="where it serves (8000)")
    parser.add_argument("--seed", type=int, default=7, help="another number makes another day (7)")
    parser.add_argument("--bad-day", action="store_true", help="a doctor comes late and an urgent case comes")
    parser.add_argument("--async", dest="engine", default=engine or "eventlet", help="eventlet or threading")
    return parser.parse_args()


def main() -> int:
    """One day after another until told to stop. The exit status."""
    asked, (bell, button) = options(), socket.socketpair()
    button.setblocking(False)
    signal.set_wakeup_fd(button.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # it only rings the bell
    start = datetime.now(ZoneInfo(local_zone())).replace(hour=8, minute=55, second=0, microsecond=0)
    chosen = {"SPEED": str(asked.speed), "START": start.isoformat(), "ASYNC": asked.engine}
    rng, now = Random(asked.seed), 0.0
    try:
        with running(bell, asked.port, **chosen) as clinic:
            clinic.begin(start, asked.speed)
            while True:
                day = Day(clinic.post, clinic.read, clinic.say, rng, now, start, asked.bad_day)
                day.play(clinic.wait_until)
                now = day.now
    except Ended as end:
        print(end, end="\n" if str(end) else "", file=sys.stderr)
        return end.status


if __name__ == "__main__":
    sys.exit(main())
