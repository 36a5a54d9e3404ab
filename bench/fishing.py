"""Fishing: whether the tablet's answer, or its time, tells who is a patient here (TRUST A13).

Four kinds of people whom a birthday must not find are looked for in turn, in random order, on the server that a clinic
starts, with 300 people booked. A tablet pauses after five misses, so each of these tablets, told apart by its loopback
address, misses four times and is not used again: nothing is switched off for the measurement.

    python -m bench.fishing
"""

import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bench.crowd import WentWrong
from bench.figures import Figure, percentile, table
from bench.servers import Server, headers, start_product, stop
from clinic.appointments import Appointment
from clinic.clock import Clock
from clinic.desk import Desk
from clinic.setup import TEMPLATES
from clinic.store import Store

BOOKED, EACH, MISSES_A_TABLET = 300, 1000, 4
KINDS = ("unknown", "another time", "cancelled", "another place")


def tells_nothing(folder: Path, each: int = EACH) -> list[Figure]:
    """How far the four kinds are apart in time, beside the noise of one kind; their answers must be the same."""
    folder.mkdir(exist_ok=True)
    prepare(folder / "data")
    server = start_product(folder)
    try:
        times, answers = ask_everybody(server, each)
    finally:
        stop(server)
    if len(answers) != 1:
        raise WentWrong(f"The answers differ: {answers}")
    halves = {f"{kind} {half}": times[kind][half::2] for kind in KINDS for half in (0, 1)}
    figures = []
    for name, percent in (("median", 50), ("p95", 95)):
        apart = spread([percentile(times[kind], percent) for kind in KINDS])
        noise = max(
            abs(percentile(halves[f"{kind} 0"], percent) - percentile(halves[f"{kind} 1"], percent)) for kind in KINDS
        )
        figures += [Figure(f"fishing: {kind}, {name}", percentile(times[kind], percent), "ms") for kind in KINDS]
        figures += [Figure(f"  {name}s apart, limit: noise of one kind", apart, "ms", limit=noise, target=2)]
    return figures


def prepare(data: Path) -> None:
    """A walk-in practice whose day is open, with 300 people booked, one of each kind among them."""
    desk = Desk(Store(data), Clock())
    setup = replace(TEMPLATES["walk-in"], timezone="UTC")
    desk.set_up(setup)
    desk.open_day("bench", tuple(room.id for room in setup.rooms))
    now = datetime.now(UTC)
    soon, much_later = now + timedelta(minutes=5), now + timedelta(minutes=setup.early + 30)
    people = [person(n, (n % 28 + 1, n // 28 + 1), soon) for n in range(BOOKED - 3)]
    people += [
        person(BOOKED, birthday("another time"), much_later),
        replace(person(BOOKED + 1, birthday("cancelled"), soon), cancelled=True),
        replace(person(BOOKED + 2, birthday("another place"), soon), place="Hill Road"),
    ]
    desk.bring_in(people, "bench")
    desk.close()


def birthday(kind: str) -> tuple[int, int]:
    """Each kind has a day of December of its own, on which nobody else was born."""
    return 20 + KINDS.index(kind), 12


def person(n: int, born: tuple[int, int], start: datetime) -> Appointment:
    """Somebody booked."""
    return Appointment(f"bench-{n}", start, "doctor", name=f"Person {n}", birthday=born, letters="B", year=1980)


def ask_everybody(server: Server, each: int) -> tuple[dict[str, list[float]], set[tuple[int, str]]]:
    """Milliseconds of every try by kind, and the different answers there were."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    answers = set()
    order = [kind for kind in KINDS for _ in range(each)]
    Random(13).shuffle(order)
    connections = tablets(server.port)
    connection = next(connections)
    for n, kind in enumerate(order):
        if n and n % MISSES_A_TABLET == 0:
            connection.close()
            connection = next(connections)
        day, month = birthday(kind)
        body = json.dumps({"day": day, "month": month, "letter": "B"})
        began = time.perf_counter()
        connection.request("POST", "/kiosk/find", body, headers(server.port))
        answer = connection.getresponse()
        text = answer.read().decode()
        times[kind].append((time.perf_counter() - began) * 1000)
        answers.add((answer.status, text))
    connection.close()
    return times, answers


def tablets(port: int) -> Iterator[http.client.HTTPConnection]:
    """Connections of ever more tablets, connected already so that a try's time is the answer's alone."""
    for n in range(1, 250 * 250):
        address = f"127.0.{n // 250 + 1}.{n % 250 + 1}"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(address, 0))
        connection.connect()
        yield connection


def spread(values: list[float]) -> float:
    """The largest difference."""
    return max(values) - min(values)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="kindline-fishing-") as place:
        print(table(tells_nothing(Path(place) / "fishing")))
