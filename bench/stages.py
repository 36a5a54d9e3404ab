"""The measurements, each on servers that already run."""

import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from bench import crowd as tvs
from bench.crowd import Crowd, WentWrong
from bench.figures import Figure, percentile
from bench.servers import (
    Server,
    ask,
    check_in,
    check_in_body,
    condition,
    keep,
    memory,
    start_product,
    stop,
    worked,
)

# Who waits in an ordinary clinic.
LINE = 20
# The product pushes at most ten times a second: a check-in right after a push would wait for its turn.
QUIET = 0.13


@dataclass(frozen=True)
class Sample:
    """One check-in, in ms after it was sent: answered, and shown by the last TV."""

    answered: float
    shown: float


def say(text: str) -> None:
    """Show what is being done, apart from the result."""
    print(f"  ... {text}", file=sys.stderr, flush=True)


def sample(crowd: Crowd, server: Server) -> Sample:
    """One check-in, seen through to the last TV."""
    tvs.tell(crowd, "mark", server.name, quiet=QUIET)
    sent, answered = check_in(server)
    shown = tvs.tell(crowd, "reached", server.name, seconds=5)
    if shown["last"] is None:
        raise WentWrong(f"After 5 seconds {shown['missing']} TVs do not show a check-in. {condition(server)}")
    return Sample((answered - sent) * 1000, (shown["last"] - sent) * 1000)


def answered(crowd: Crowd, product: Server, count: int, samples: int) -> list[Figure]:
    """How soon a check-in is answered while `count` TVs watch."""
    say(f"check-in answered, {count} TVs")
    tvs.connect(crowd, product.name, product.port, count)
    times = []
    for number in range(samples):
        times.append(sample(crowd, product).answered)
        trim(product, number)
    return [
        Figure(f"check-in answered, {count} TVs, p50", percentile(times, 50), "ms"),
        Figure(f"check-in answered, {count} TVs, p99", percentile(times, 99), "ms", target=50),
    ]


def last_tv(crowd: Crowd, product: Server, limit: Server, count: int, samples: int) -> list[Figure]:
    """How soon the last of `count` TVs shows a check-in, product and limit by turns."""
    say(f"last of {count} TVs, {samples} check-ins each")
    for server in (product, limit):
        tvs.connect(crowd, server.name, server.port, count)
    before = {server.name: worked(server) for server in (product, limit)}
    times: dict[str, list[float]] = {product.name: [], limit.name: []}
    for number in range(samples):
        for server in (product, limit):
            times[server.name].append(sample(crowd, server).shown)
        trim(product, number)
    each = {server.name: (worked(server) - before[server.name]) / samples / count * 1e6 for server in (product, limit)}
    targets = {50: 1.5, 99: 2.0} if count >= 1000 else {50: 3.0, 99: 4.0} if count == 500 else {}
    cost = Figure(
        f"   work for each of {count} TVs", each[product.name], "us", each[limit.name], 2.5 if count >= 500 else None
    )
    return [
        *(
            Figure(
                f"last of {count} TVs, p{percent}",
                percentile(times[product.name], percent),
                "ms",
                percentile(times[limit.name], percent),
                targets.get(percent),
            )
            for percent in (50, 99)
        ),
        cost,
    ]


def back(crowd: Crowd, product: Server, folder: Path, count: int) -> tuple[list[Figure], Server]:
    """The plug is pulled and put in again, and all TVs come back in the same moment."""
    say(f"{count} TVs come back after a restart")
    product.process.kill()
    product.process.wait()
    again = start_product(folder, product.port)
    answer = tvs.tell(crowd, "connect", "again", port=again.port, count=count, at_once=count)
    return [
        Figure(f"{count} TVs back after a restart", answer["seconds"], "s", target=3),
        Figure("   of them failed", answer["failed"], target=0),
    ], again


def phones(crowd: Crowd, product: Server, count: int, calls: int) -> list[Figure]:
    """Everybody who waits has their own page open; somebody is called, and every page has to say so."""
    say(f"{count} phones, {calls} calls")
    keys = []
    for body in (check_in_body(product) for _ in range(count + calls)):
        _status, answer = ask(product, "POST", "/kiosk/check-in", body)
        keys.append(f"phone/{answer['url'].rpartition('/')[2]}/en")
    tvs.connect(crowd, "phones", product.port, count, keys=keys[calls:])
    room = ask(product, "GET", "/staff/line.json")[1]["rooms"][0]["id"]
    times = []
    for _ in range(calls):
        tvs.tell(crowd, "mark", "phones", quiet=0.5)
        sent = time.monotonic()
        status, answer = ask(product, "POST", "/staff/call-next", {"room": room, "request": str(uuid.uuid4())})
        if status != 200:
            raise WentWrong(f"Nobody could be called: {status} {str(answer)[:300]}")
        shown = tvs.tell(crowd, "reached", "phones", seconds=20)
        if shown["last"] is None:
            raise WentWrong(f"{shown['missing']} phones say nothing of a call. {condition(product)}")
        times.append((shown["last"] - sent) * 1000)
        ask(product, "POST", "/staff/start", {"visit": answer["visit"], "request": str(uuid.uuid4())})
        ask(product, "POST", "/staff/finish", {"visit": answer["visit"], "request": str(uuid.uuid4())})
    return [
        Figure(f"last of {count} phones after a call, p50", percentile(times, 50), "ms"),
        Figure(f"last of {count} phones after a call, p99", percentile(times, 99), "ms", target=500),
    ]


def kept_up(crowd: Crowd, product: Server, count: int, seconds: float) -> list[Figure]:
    """Longer than two heartbeats of any kind: nobody is cut off, and nobody misses anything."""
    say(f"{count} TVs for {seconds:.0f} s")
    tvs.connect(crowd, product.name, product.port, count)
    before = tvs.tell(crowd, "state", product.name)["closed"]
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        times.append(sample(crowd, product).shown)
        trim(product, len(times))
        time.sleep(0.2)
    closed = tvs.tell(crowd, "state", product.name)["closed"] - before
    return [
        Figure(f"{count} TVs for {seconds:.0f} s: check-ins that all showed", len(times)),
        Figure("   cut off", closed, target=0),
        Figure("   the last TV, p99", percentile(times, 99), "ms"),
    ]


def crowded(crowd: Crowd, product: Server, count: int) -> list[Figure]:
    """More sockets than eventlet's own limit, HTTP beside them, and a stop that all of them are told of."""
    say(f"{count} sockets at once")
    answer = tvs.tell(crowd, "connect", product.name, port=product.port, count=count)
    status, page = front_page(product)
    closed = tvs.tell(crowd, "state", product.name)["closed"]
    stopped = stop(product)
    told = tvs.tell(crowd, "state", product.name)["told"]
    return [
        Figure(f"sockets open, of {count}", count - answer["failed"] - closed, target=count, at_least=True),
        Figure("   the last of them connected in", answer["seconds"], "s"),
        Figure("   GET / beside them: 1 if it answered", int(200 <= status < 400), target=1, at_least=True),
        Figure("   GET / beside them, answered in", page, "ms"),
        Figure("   SIGTERM: stopped in", stopped, "s", target=3),
        Figure("   SIGTERM: told goodbye", told, target=count, at_least=True),
    ]


def front_page(product: Server) -> tuple[int, float]:
    """The status of the front page, on a connection of its own, and the ms it took; status 0 without an answer."""
    product.tablet.close()
    start = time.monotonic()
    try:
        status, _page = ask(product, "GET", "/")
    except WentWrong:
        status = 0
    return status, (time.monotonic() - start) * 1000


def per_tv(crowd: Crowd, product: Server, few: int, count: int) -> list[Figure]:
    """Memory for each TV beyond the first `few`, which also load what is loaded once. All offer compression."""
    say(f"memory of {count} TVs")
    tvs.connect(crowd, product.name, product.port, few)
    before = memory(product)
    tvs.connect(crowd, product.name, product.port, count)
    sample(crowd, product)
    each = (memory(product) - before) / (count - few)
    return [Figure(f"memory for each TV, {few} to {count}", each, "KiB", target=70)]


def trim(product: Server, number: int) -> None:
    """Every tenth time, keep the line as long as it was."""
    if number % 10 == 9:
        keep(product, LINE)
