"""A network between a screen and the clinic's server that can break in the ways networks break."""

import contextlib
import socket
import struct
import threading
import time

WELL = "well"
CUT = "cut"
"""Connections are reset and new ones are refused: a pulled cable at the server's side."""
HOLE = "black hole"
"""Nothing arrives any more in either direction, and nobody is told: a router that lost power."""
ONE_WAY = "one way"
"""The server still hears the screen, the screen hears nothing."""
UNHEARD = "unheard"
"""The screen still hears the server, the server hears nothing."""
SLOW = "slow"
"""Everything arrives, late and little by little: a telephone's network in a cellar."""
ROAMING = "roaming"
"""Every few seconds all connections are reset, and new ones are taken at once: a device between two access points."""

DELAY, BYTES_A_SECOND, PIECE = 1.5, 5000, 250
"""Of a slow network: seconds until anything arrives, each way, and how much of each connection does."""
RESETS = 3.0
"""Seconds between two resets of a roaming device."""

UP, DOWN = (WELL, ONE_WAY, SLOW, ROAMING), (WELL, UNHEARD, SLOW, ROAMING)
"""In which modes what a screen says, and what the server says, is carried."""

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
        if mode == ROAMING:
            self._threads.append(threading.Thread(target=self._roam, daemon=True))
            self._threads[-1].start()

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

    def _roam(self) -> None:
        while self._mode == ROAMING:
            self._hang_up()
            end = time.monotonic() + RESETS
            while self._mode == ROAMING and time.monotonic() < end:
                time.sleep(0.05)

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
            for source, target, modes in ((near, far, UP), (far, near, DOWN)):
                thread = threading.Thread(target=self._carry, args=(source, target, modes), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _carry(self, source: socket.socket, target: socket.socket, modes: tuple[str, ...]) -> None:
        """Bring what `source` says to `target`, until something is said in a mode that is none of these."""
        whole = True
        with contextlib.suppress(OSError):
            while heard := source.recv(65536):
                whole = whole and self._mode in modes
                if whole and self._mode == SLOW:
                    self._bring_slowly(heard, target)
                elif whole:
                    target.sendall(heard)
                else:
                    self.lost += 1
            if whole and self._mode in modes:
                target.shutdown(socket.SHUT_WR)

    def _bring_slowly(self, heard: bytes, target: socket.socket) -> None:
        due = time.monotonic() + DELAY
        for at in range(0, len(heard), PIECE):
            time.sleep(max(0.0, due - time.monotonic()))
            target.sendall(heard[at : at + PIECE])
            due += PIECE / BYTES_A_SECOND


def _reset(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        side.shutdown(socket.SHUT_RDWR)
    side.close()
