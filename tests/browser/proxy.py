"""A network between a screen and the clinic's server that can break in the ways networks break."""

import contextlib
import socket
import struct
import threading

WELL = "well"
CUT = "cut"
"""Connections are reset and new ones are refused: a pulled cable at the server's side."""
HOLE = "black hole"
"""Nothing arrives any more in either direction, and nobody is told: a router that lost power."""
ONE_WAY = "one way"
"""The server still hears the screen, the screen hears nothing."""

RESET = struct.pack("ii", 1, 0)


class Network:
    """Forwards TCP connections to a port of this machine, as well as its `mode` allows.

    A connection that lost something stays dead also when all is well again, as behind a router that was restarted.
    `lost` counts what did not arrive.
    """

    def __init__(self, port: int):
        self.lost = 0
        self._port, self._mode = port, WELL
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        """The address of the server as seen through this network."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def become(self, mode: str) -> None:
        """Break in this way from now on, or work well again."""
        self._mode = mode
        if mode == CUT:
            self._hang_up()

    def close(self) -> None:
        """Be gone, with all connections."""
        self._mode = CUT
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(5)
        self._hang_up()
        for thread in self._threads:
            thread.join(5)

    def _hang_up(self) -> None:
        pairs, self._pairs = self._pairs, []
        for side in (side for pair in pairs for side in pair):
            _reset(side)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._mode == CUT:
                _reset(near)
                continue
            far = socket.create_connection(("127.0.0.1", self._port))
            self._pairs.append((near, far))
            for source, target, modes in ((near, far, (WELL, ONE_WAY)), (far, near, (WELL,))):
                thread = threading.Thread(target=self._carry, args=(source, target, modes), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _carry(self, source: socket.socket, target: socket.socket, modes: tuple[str, ...]) -> None:
        """Bring what `source` says to `target`, until something is said in a mode that is none of these."""
        whole = True
        with contextlib.suppress(OSError):
            while heard := source.recv(65536):
                whole = whole and self._mode in modes
                if whole:
                    target.sendall(heard)
                else:
                    self.lost += 1
            if whole and self._mode in modes:
                target.shutdown(socket.SHUT_WR)


def _reset(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        side.shutdown(socket.SHUT_RDWR)
    side.close()
