"""How much one device or address may ask: plenty for people, not enough to keep the clinic from everybody else."""

import threading
import time
from collections import Counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from doors.who import house_of

RATE, BURST = 30.0, 300.0
"""Requests a second in the long run, and at once: many phones may stand behind one address."""

MOST = 10_000

SOCKETS = 400
"""Open websockets of one address, also of who never says who they are; a house's own screens may stand behind it."""

WIRE = "/socket.io"
"""Where live connections come in."""


class Bucket:
    """A token bucket for each source."""

    def __init__(self, rate: float = RATE, burst: float = BURST):
        self._rate, self._burst = rate, burst
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def allows(self, source: str) -> bool:
        """Count one more request; False when there were too many, and then it does not count."""
        now = time.monotonic()
        with self._lock:
            left, at = self._left.get(source, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            if left < 1:
                return False
            self._left[source] = (left - 1, now)
            if len(self._left) > MOST:
                self._left = {one: kept for one, kept in self._left.items() if now - kept[1] < self._burst / self._rate}
            return True


def few_sockets(app: WSGIApplication, most: int = SOCKETS) -> WSGIApplication:
    """Refuse who has so many websockets open already, and the wire by any other way, which no page of ours goes: its
    connections would not be counted. Every other request passes.
    """
    held: Counter[str] = Counter()
    lock = threading.Lock()

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            if not environ.get("PATH_INFO", "").startswith(WIRE):
                return app(environ, start_response)
            start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Live screens come by websocket only.\n"]
        address = house_of(environ.get("REMOTE_ADDR", ""))
        with lock:
            is_room = held[address] < most
            held[address] += is_room
        if not is_room:
            start_response("429 Too Many Requests", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Too many screens are open from this address.\n"]
        try:
            return app(environ, start_response)  # it lasts as long as the websocket
        finally:
            with lock:
                held[address] -= 1
                if not held[address]:
                    del held[address]

    return guarded
