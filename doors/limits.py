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


class Places:
    """Counts what is held open by each address, or house (see `house_of`): at most so many at once."""

    def __init__(self, most: int):
        self._most = most
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, address: str) -> bool:
        """Whether it has one more place; then it is taken."""
        house = house_of(address)
        with self._lock:
            is_room = self._held[house] < self._most
            self._held[house] += is_room
            return is_room

    def leave(self, address: str) -> None:
        """One of them is free again."""
        house = house_of(address)
        with self._lock:
            self._held[house] -= 1
            if not self._held[house]:
                del self._held[house]


def few_sockets(app: WSGIApplication, most: int = SOCKETS) -> WSGIApplication:
    """Refuse who has so many websockets open already, and the wire by any other way, which no page of ours goes: its
    connections would not be counted. Every other request passes.
    """
    places = Places(most)

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            if not environ.get("PATH_INFO", "").startswith(WIRE):
                return app(environ, start_response)
            start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Live screens come by websocket only.\n"]
        address = environ.get("REMOTE_ADDR", "")
        if not places.take(address):
            start_response("429 Too Many Requests", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"Too many screens are open from this address.\n"]
        try:
            return app(environ, start_response)  # it lasts as long as the websocket
        finally:
            places.leave(address)

    return guarded
