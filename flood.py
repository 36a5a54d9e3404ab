"""What one browser may send on a live connection: few short messages, each in one piece. Whatever else ends it.

So does not reading what we send: what waits for a browser takes memory, and is out of date when it comes at last.

Messages are counted where they are understood (`live.py`). Here it is what never gets that far: answers to pings that
nobody asked, pings of its own, a message in pieces without end. Each costs the clinic's one processor a little.
"""

from collections.abc import Iterator
from typing import Any

from engineio import socket

from doors.limits import Bucket

STOCK = socket.Socket

FRAMES, AT_ONCE = 5.0, 100.0
"""Frames that one connection may send: a second, in the long run, and at once."""

BEHIND = 8
"""Screens that may wait for one connection, once the system's own buffers are full of others."""


def install() -> None:
    """Let every Engine.IO client from now on be bounded so, on threads."""
    socket.Socket = Bounded


class Bounded(STOCK):  # type: ignore[misc, valid-type]  # python-engineio has no types
    """An Engine.IO client that may only send so much, and only be so far behind."""

    def send(self, pkt: Any) -> None:
        """Send this, or let go of who does not read: they come back by themselves, to what is shown then."""
        if self.upgraded and self.queue.qsize() >= BEHIND:
            self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
        else:
            super().send(pkt)

    def _websocket_handler(self, ws: Any) -> Any:
        bound = _in_eventlet if hasattr(ws, "_recv_frame") else _on_threads
        bound(ws, Bucket(FRAMES, AT_ONCE), int(self.server.max_http_buffer_size))
        return super()._websocket_handler(ws)


def _in_eventlet(ws: Any, frames: Bucket, _size: int) -> None:
    """Eventlet itself refuses a frame that is too large; pieces of one message it would gather for ever."""
    receive = ws._recv_frame

    def one(**about: Any) -> Any:
        message = receive(**about)
        if not message.finished or not frames.allows(""):
            raise OSError("This connection sends too much.")
        return message

    ws._recv_frame = one


def _on_threads(ws: Any, frames: Bucket, size: int) -> None:
    """The same where each connection has a thread; a large message is refused, however it comes."""
    inner = ws.ws
    inner.max_message_size = size
    events = inner.ws.events

    def some() -> Iterator[Any]:
        for event in events():
            if not frames.allows(""):
                raise OSError("This connection sends too much.")
            yield event

    inner.ws.events = some
