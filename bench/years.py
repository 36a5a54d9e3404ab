"""Ten years of data: `python -m bench.years` (some ten minutes) makes a million visits and measures the clinic on them.

Prints one table and keeps the figures in bench/results/years.json. What is measured: the start, every page and live
screen, a check-in, opening and closing a day, and check-ins while old days and rows are forgotten.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from simple_websocket import Client
from sqlite_utils.utils import sqlite3

from bench import tenyears
from bench.crowd import WentWrong
from bench.figures import Figure, machine, percentile, plain, table
from bench.servers import ROOT, free_port

RESULTS = Path(__file__).parent / "results" / "years.json"

MILLION = 1_000_000
REQUESTS, WATCHES = 60, 25
"""Of each page; of each live screen at each of two connections, which may ask for 30 at once."""

START, PAGE, PUT = 5.0, 0.3, 0.3
"""Seconds that a start, a page at its 99th percentile, and a change may take (TRUST section 2)."""

STAFF = (
    "/staff", "/staff/line.json", "/staff?what-if=on", "/staff/new", "/staff/day", "/staff/room/room-1", "/staff/trust",
    "/staff/day-in-pictures", "/staff/day-in-pictures?weeks=1", "/staff/visits.csv", "/staff/follow-ups",
    "/staff/feedback", "/staff/appointments", "/staff/appointments.json", "/staff/appointments.csv", "/staff/paper",
    "/staff/screens", "/staff/privacy", "/staff/accounts", "/staff/me", "/setup", "/staff/audit",
    "/staff/audit?kind=refused", "/staff/audit?visit=0123456789abcdef", "/staff/audit?person=nobody",
    "/staff/audit?day={long_ago}", "/staff/audit?day={long_ago}&kind=failed", "/healthz",
)  # fmt: skip
OTHERS = ("/", "/kiosk", "/kiosk/services", "/kiosk/appointment", "/display", "/display/plain", "/display/line.json",
          "{phone}", "{phone}/share", "/t", "/privacy")  # fmt: skip
LIVE = ("staff/main/en", "staff/what-if/en", "staff/trust/en", "staff/screens/en", "staff/appointments/en",
        "staff/paper/en", "display/main/en", "kiosk/start-normal/en")  # fmt: skip


@dataclass
class Clinic:
    """A running server on a folder of data, and the connection of who asks it."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    started: float
    cookies: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask(self, method: str, path: str, fields: Any = None, form: bool = False) -> tuple[int, bytes, float, float]:
        """One request: status, body, the seconds until its first byte and until all of it."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields, doseq=True) if form else json.dumps(fields)
            kind = "application/x-www-form-urlencoded" if form else "application/json"
            headers |= {"Content-Type": kind, "Accept": "text/html" if form else "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with closing(connection):
            began = time.monotonic()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            first = time.monotonic()
            said = answer.read()
            end = time.monotonic()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, said, first - began, end - began

    def done(self, path: str, form: bool = False, **fields: Any) -> tuple[Any, float]:
        """A change that must succeed: its answer, and the seconds it took."""
        status, said, _, seconds = self.ask("POST", path, fields, form)
        if status not in (200, 201, 303):
            raise WentWrong(f"{path} was answered with {status}: {said.decode(errors='replace')[:400]}")
        return json.loads(said) if said[:1] == b"{" else None, seconds

    def sign_in(self) -> None:
        """The manager of the made clinic signs in."""
        self.done("/login", form=True, login=tenyears.MANAGER, password=tenyears.PASSWORD)

    def check_in(self) -> tuple[Any, float]:
        """Somebody without an appointment is here."""
        return self.done("/kiosk/check-in", service="doctor", request=uuid.uuid4().hex)

    def line(self) -> dict[str, Any]:
        """The whole line."""
        return dict(json.loads(self.ask("GET", "/staff/line.json")[1]))

    def work(self) -> float:
        """Seconds that it was at work by now, whatever else this machine does."""
        tasks = (Path("/proc") / str(self.process.pid) / "task").glob("*/schedstat")
        return sum(int(one.read_text().split()[0]) for one in tasks) / 1e9


def start(data: Path, **settings: str) -> Clinic:
    """The product on this data, its doors shut but where a setting says otherwise; `started`: seconds to Ready."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KINDLINE_")}
    chosen = {"DATA": str(data), "PORT": str(port), "HOST": "127.0.0.1", **settings}
    log = data.parent / f"server-{port}.log"
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "serve.py"], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
            env={**kept, **{f"KINDLINE_{name}": value for name, value in chosen.items()}},
        )  # fmt: skip
    while b"Ready." not in log.read_bytes():
        if process.poll() is not None or time.monotonic() - began > 300:
            process.kill()
            raise WentWrong(f"Not started:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.01)
    return Clinic(port, process, log, time.monotonic() - began)


def measure(data: Path) -> list[Figure]:
    """Everything that has to be quick, on a made clinic whose last day is closed."""
    figures = [Figure("file", (data / "kindline.db").stat().st_size / 1e6, "MB")]
    with start(data, OPEN_DOORS="loopback") as clinic:
        figures += [Figure("start to Ready", clinic.started, "s", target=START)]
        figures += [Figure("  its work", clinic.work(), "s")]
        figures += _a_day(clinic)
        _, said, first, whole = clinic.ask("GET", "/staff/visits.csv")
        figures += [Figure("visits.csv, first byte", first * 1000, "ms", target=PAGE * 1000)]
        figures += [Figure(f"  all {len(said) / 1e6:.1f} MB of it", whole * 1000, "ms")]
        phone = urlsplit(clinic.check_in()[0]["url"]).path
        figures += _pages(clinic, [path.format(phone=phone) for path in OTHERS])
        figures += _live(clinic)
    with start(data) as clinic:
        clinic.sign_in()
        long_ago = _long_ago(data)
        figures += _pages(clinic, [path.format(long_ago=long_ago) for path in STAFF])
        figures += [Figure("audit.csv, first byte", clinic.ask("GET", "/staff/audit.csv?kind=door")[2] * 1000, "ms")]
    return figures


def _a_day(clinic: Clinic) -> list[Figure]:
    """A day is opened, people come, and it is closed and opened again."""
    rooms = [room.id for room in tenyears.SETUP.rooms]
    opened = [clinic.done("/staff/open-day", rooms=rooms, request=uuid.uuid4().hex)[1]]
    came = [clinic.check_in()[1] for _ in range(REQUESTS)]
    told = [visit["id"] for visit in clinic.line()["visits"]]
    _, closed = clinic.done("/staff/close-day", confirm=True, told=told, request=uuid.uuid4().hex)
    opened.append(clinic.done("/staff/open-day", rooms=rooms, request=uuid.uuid4().hex)[1])
    for _ in range(30):
        clinic.check_in()
    return [
        Figure("open a day, the first after a start", opened[0] * 1000, "ms", target=PUT * 1000),
        Figure("open a day again", opened[1] * 1000, "ms", target=PUT * 1000),
        Figure("close a day", closed * 1000, "ms", target=PUT * 1000),
        Figure("check-in answered, p99", percentile(came, 99) * 1000, "ms", target=PUT * 1000),
    ]


def _pages(clinic: Clinic, paths: list[str]) -> list[Figure]:
    """Each of these pages, again and again; the first time of each is told by itself."""
    figures = []
    for path in paths:
        times, works = [], []
        for _ in range(REQUESTS):
            before = clinic.work()
            status, said, _, seconds = clinic.ask("GET", path)
            if status != 200:
                raise WentWrong(f"{path} was answered with {status}: {said.decode(errors='replace')[:400]}")
            times.append(seconds)
            works.append(clinic.work() - before)
            time.sleep(0.035)  # one who asks more than 30 times a second is refused
        figures += [
            Figure(f"{path[:32]}, first", times[0] * 1000, "ms"),
            Figure(f"{path[:32]}, p50", percentile(times, 50) * 1000, "ms"),
            Figure(f"{path[:32]}, p99", percentile(times[1:], 99) * 1000, "ms", target=PAGE * 1000),
            Figure("  its work, p99", percentile(works[1:], 99) * 1000, "ms"),
        ]
    return figures


def _live(clinic: Clinic) -> list[Figure]:
    """Each live screen, as a watcher is answered."""
    figures = []
    for key in LIVE:
        times = []
        for _ in range(2):
            with _watcher(clinic) as watch:
                times += [watch(key) for _ in range(WATCHES)]
        figures.append(Figure(f"{key} live, p99", percentile(times, 99) * 1000, "ms", target=PAGE * 1000))
    return figures


@contextmanager
def _watcher(clinic: Clinic) -> Any:
    """A live connection: gives what asks for a screen and says how many seconds that took."""
    with closing(Client(f"ws://127.0.0.1:{clinic.port}/socket.io/?EIO=4&transport=websocket")) as socket:
        socket.receive(10)
        socket.send("40")
        socket.receive(10)

        def watch(key: str) -> float:
            began = time.monotonic()
            socket.send(f'420["watch","{key}"]')
            while True:
                said = socket.receive(10)
                if said is None:
                    raise WentWrong(f"{key} did not come.")
                if said == "2":
                    socket.send("3")
                elif said.startswith("430"):
                    if '"html"' not in said:
                        raise WentWrong(f"{key}: {said[:200]}")
                    return time.monotonic() - began

        yield watch


def _long_ago(data: Path) -> str:
    """A day in the middle of the audit."""
    with closing(sqlite3.connect(f"file:{data}/kindline.db?mode=ro", uri=True)) as db:
        (at,) = db.execute("select at from audit where seq = (select min(seq) + max(seq) from audit) / 2").fetchone()
    return str(at)[:10]


def main() -> int:
    """Make, measure, print, keep. The exit status: 0, or 1 when it could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.years", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--visits", type=int, default=MILLION, help="how many, instead of a million")
    visits = parser.parse_args().visits
    try:
        with tempfile.TemporaryDirectory(prefix="kindline-years-") as folder:
            data, began = Path(folder) / "data", time.monotonic()
            made = tenyears.make(data, visits, datetime.now(UTC))
            print(f"  {made} made in {time.monotonic() - began:.0f} s", file=sys.stderr)
            figures = measure(data)
    except WentWrong as sentence:
        print(sentence, file=sys.stderr)
        return 1
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine(), "visits": visits, "figures": plain(figures)}, indent=1) + "\n")
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
