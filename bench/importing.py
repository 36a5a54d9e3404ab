"""A list of 5,000 appointments comes in, as each kind of list, while people check in at the tablet."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.crowd import WentWrong
from bench.figures import Figure, percentile
from bench.load import send_all
from bench.servers import Server, check_in_body, condition, headers, start_product
from bench.stages import say

ROWS = 5000
RATE = 20
"""Check-ins a second meanwhile."""

ALLOWED = 5
"""Seconds (the issue's own bound)."""
SOON = 250
"""Milliseconds: longer, and the hand goes back to the button."""


def coming_in(folder: Path) -> list[Figure]:
    """Seconds until each kind of list is in, and how long check-ins took meanwhile. Each on a fresh server."""
    figures = []
    for kind, make in LISTS.items():
        (folder / kind).mkdir(parents=True)
        product = start_product(folder / kind)
        try:
            seconds, p50, p99 = one_list(product, kind, make())
        finally:
            product.process.kill()
            product.process.wait()
        say(f"{ROWS} rows of {kind}: in after {seconds:.2f} s; check-ins meanwhile p50 {p50:.1f}, p99 {p99:.1f} ms")
        figures += [
            Figure(f"{ROWS} appointments as {kind}", seconds, "s", target=ALLOWED),
            Figure("   check-ins meanwhile, p99", p99, "ms", target=SOON),
        ]
    return figures


def one_list(product: Server, kind: str, data: bytes) -> tuple[float, float, float]:
    """Seconds until it is in; the median and the 99th percentile of check-ins meanwhile, in ms."""
    bodies = [check_in_body(product) for _ in range(RATE * ALLOWED * 2)]
    result: dict[str, Any] = {}

    def post() -> None:
        start = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=60)
        connection.request("POST", "/staff/appointments", data, {**headers(product.port), "Content-Type": kind})
        answer = connection.getresponse()
        result["said"] = json.loads(answer.read())
        result["seconds"] = time.monotonic() - start

    importing = threading.Thread(target=post)
    importing.start()
    answers = send_all(product.port, "/kiosk/check-in", bodies, RATE)
    importing.join()
    if result.get("said", {}).get("added") != ROWS:
        raise WentWrong(f"A list did not come in: {str(result.get('said'))[:300]} {condition(product)}")
    if refused := [answer for answer in answers if answer.status != 201]:
        raise WentWrong(f"A check-in was refused meanwhile: {refused[0]}")
    # Answers come in the order of their check-ins, near enough: the first of them while the list came in.
    times = [answer.after for answer in answers[: max(1, int(RATE * result["seconds"]))]]
    return result["seconds"], percentile(times, 50), percentile(times, 99)


def _day() -> datetime:
    """Today: everybody on the list is expected at once, which is the most work."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _at(number: int) -> datetime:
    return _day() + timedelta(minutes=number * 1439 // ROWS)


def as_csv() -> bytes:
    """A table as practice systems write it."""
    rows = ["Appointment ID,Date,Time,Minutes,Service,Clinician,Patient Name,Date of Birth"]
    rows += [
        f"{number},{_at(number):%Y-%m-%d,%H:%M},15,Doctor,Dr {number % 20},Person {number},19{number % 90 + 10}-03-27"
        for number in range(ROWS)
    ]
    return "\r\n".join(rows).encode()


def as_calendar() -> bytes:
    """One calendar of the whole day."""
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:{_at(number):%Y%m%dT%H%M%SZ}\r\nDURATION:PT15M\r\n"
        f"SUMMARY:Person {number}\r\nCATEGORIES:Doctor\r\nEND:VEVENT\r\n"
        for number in range(ROWS)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n{events}END:VCALENDAR\r\n".encode()


def as_bundle() -> bytes:
    """A FHIR R4 Bundle, as a search answers it."""
    entries: list[dict[str, Any]] = []
    for number in range(ROWS):
        entries.append({"resource": {"resourceType": "Patient", "id": f"p{number}", "birthDate": "1984-03-27",
                                     "name": [{"text": f"Person {number}", "family": "Person"}]}})  # fmt: skip
        entries.append({"resource": {
            "resourceType": "Appointment", "id": str(number), "status": "booked",
            "start": _at(number).isoformat(), "minutesDuration": 15, "serviceType": [{"text": "Doctor"}],
            "participant": [{"actor": {"reference": f"Patient/p{number}"}, "status": "accepted"}],
        }})  # fmt: skip
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


LISTS: dict[str, Callable[[], bytes]] = {
    "text/csv": as_csv,
    "text/calendar": as_calendar,
    "application/fhir+json": as_bundle,
}
