"""A push to a room full of screens, written straight to each socket.

The stock way puts every packet on every client's queue and wakes every client's writer: five times the work of the
write itself. When a client's queue is empty and nobody is writing to it, the ready-made frame is written at once; in
every other case the packet goes the stock way, so order is kept and slow readers hold up nobody.

Only for eventlet, whose sockets do not block; `serve.py` installs it there. It leans on the pinned python-engineio.
"""

from typing import Any

from engineio import packet, socket

from flood import Bounded


def install() -> None:
    """Let every Engine.IO client from now on be served this way."""
    socket.Socket = Direct


class Direct(Bounded):
    """An Engine.IO client that can be written to directly while its websocket is idle."""

    _ws: Any = None

    def send(self, pkt: Any) -> None:
        """Send now if the way is clear, else queue. Only messages may skip the queue.

        Pings must pass through it: the stock writer takes a queue that stays empty for two pings as a dead client.
        """
        if pkt.packet_type != packet.MESSAGE or not self._is_clear():
            super().send(pkt)
        elif self.check_ping_timeout():
            self._write(pkt)

    def _is_clear(self) -> bool:
        """Whether the writer waits on an empty queue and nobody holds the socket."""
        ws = self._ws
        free = ws and self.upgraded and not self.upgrading and ws._sendlock.balance > 0
        return bool(free and self.queue.empty() and self.queue.getting())

    def _write(self, pkt: Any) -> None:
        ws = self._ws
        frame = getattr(pkt, "frame", None)
        if frame is None:  # built once for the whole room: an emit shares one packet
            frame = pkt.frame = ws._pack_message(pkt.encode())
        try:
            sent = ws.socket.fd.send(frame)
        except OSError:  # full or gone: the stock way waits, or notices
            self.queue.put(pkt)
            return
        if sent < len(frame):
            # The rest must go before anything else: hold the socket, and let another green thread finish.
            ws._sendlock.acquire()
            self.server.start_background_task(self._finish, ws, frame[sent:])

    def _finish(self, ws: Any, rest: bytes) -> None:
        try:
            ws.socket.sendall(rest)
        except OSError:
            self.queue.put(None)  # ends the writer, which closes the socket
        finally:
            ws._sendlock.release()

    def _websocket_handler(self, ws: Any) -> Any:
        self._ws = ws
        try:
            return super()._websocket_handler(ws)
        finally:
            self._ws = None
