"""The gate before both engines: how many connections one address may hold, and how long a request may take to come in.

Who connects and says little, or nothing, costs a place each; not all places may be one device's (TRUST F13).
"""

import io
import socket
import time
from typing import TYPE_CHECKING, Any

from doors.limits import Places

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler as _Handler
else:  # each engine has a class of its own of that name
    _Handler = object

BUFFER = 4096

PATIENCE = 60.0
"""Seconds that an idle connection is kept."""

GRACE, SLOWEST = 20.0, 500
"""Seconds in which a request must have come in, and bytes for which it is given one more: a tenth of a slow network."""


class Hurried(io.RawIOBase):
    """What comes in on a connection. Raises TimeoutError when nothing comes for PATIENCE seconds, or when a request
    takes longer than its time.
    """

    def __init__(self, connection: socket.socket, raw: io.RawIOBase):
        self._connection, self._raw = connection, raw
        self._began: float | None = None
        self._bytes = 0

    def begin(self) -> None:
        """What comes next is another request."""
        self._began, self._bytes = None, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes, none at the end."""
        self._connection.settimeout(self._left())
        try:
            count = int(self._raw.readinto(buffer) or 0)  # type: ignore[attr-defined]  # a raw stream has it
        finally:
            self._connection.settimeout(PATIENCE)
        self._began = self._began or time.monotonic()
        self._bytes += count
        return count

    def close(self) -> None:
        """Let go of the connection, which stays open until then, whoever else has closed it."""
        self._raw.close()
        super().close()

    def _left(self) -> float:
        if self._began is None:
            return PATIENCE
        left = self._began + GRACE + self._bytes / SLOWEST - time.monotonic()
        if left <= 0:
            raise TimeoutError("This request came in too slowly.")
        return min(PATIENCE, left)


class Gate(_Handler):
    """Ahead of an engine's handler of requests: who finds no place is hung up on without a word."""

    places: Places

    def setup(self) -> None:
        """Read all that comes in with an end to our patience."""
        super().setup()
        self._hurried = Hurried(self.connection, self.rfile.detach())
        self.rfile = io.BufferedReader(self._hurried, BUFFER)

    def handle(self) -> None:
        """Serve this connection, if its address has a place for it."""
        address = self.client_address[0]
        if self.places.take(address):
            try:
                super().handle()
            finally:
                self.places.leave(address)

    def handle_one_request(self) -> None:
        """The next request of it."""
        self._hurried.begin()
        super().handle_one_request()
