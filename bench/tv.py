"""One TV, and all TVs of one server. Written for speed: where screens come in, every line costs all of them.

Reading a screen here must be cheaper than sending it there, or the bench would measure itself. So the sockets are
read straight from epoll, and a frame that is byte for byte the one before is not looked at again.
"""

import asyncio
import contextlib
import re
import select
import socket
import time
from dataclasses import dataclass, field

from bench.frames import ACCEPT, CLOSE, from_client, hello, split

SCREEN = "display/main/en"
PATH = "/socket.io/?EIO=4&transport=websocket"
JOIN, PONG, BYE = from_client(b"40"), from_client(b"3"), from_client(b"", CLOSE)
SEQ = re.compile(rb'"seq":\s*(\d+)')
AT_MOST = 65536


@dataclass
class Group:
    """What the TVs of one server have seen. A round ends when each of them has a number above `mark`."""

    port: int
    tvs: list["Tv"] = field(default_factory=list)
    frame: bytes = b""
    seq: int = 0
    round: int = 0
    mark: int = 0
    missing: int = 0
    last: float | None = None
    latest: float = 0.0
    arrivals: list[float] = field(default_factory=list)
    shown: dict[int, float] = field(default_factory=dict)
    """By the number of a screen, when the last of them had it."""
    closed: int = 0
    told: int = 0
    keys: list[str] = field(default_factory=list)
    """What each watches, where it is a page of its own; else all watch the same screen."""

    def show(self, tv: "Tv") -> None:
        """This TV now shows `seq`."""
        tv.seq = self.seq
        self.latest = self.shown[self.seq] = now = time.monotonic()
        if tv.round != self.round and self.seq > self.mark:
            tv.round = self.round
            self.missing -= 1
            if not self.missing:
                self.last = now
        if tv is self.tvs[0]:
            self.arrivals.append(now)


class Tv:
    """One TV."""

    __slots__ = ("group", "key", "ready", "rest", "round", "seq", "sock", "upgraded")

    def __init__(self, group: Group, sock: socket.socket, key: str = SCREEN):
        self.group, self.sock, self.key = group, sock, key
        self.rest = b""
        self.upgraded = False
        self.seq = self.round = 0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sock.send(hello(group.port, PATH))

    def take(self, data: bytes) -> None:
        """Read the whole frames, keep the rest. Raises ConnectionError when the server is done with us."""
        data = self.rest + data if self.rest else data
        if not self.upgraded:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            self._upgrade(head)
        done = 0
        for kind, start, end_of_frame in split(data):
            if kind == CLOSE:
                self.group.told += 1
                raise ConnectionError("the server said goodbye")
            self._message(data[start:end_of_frame], data[done:end_of_frame])
            done = end_of_frame
        self.rest = data[done:]

    def _upgrade(self, head: bytes) -> None:
        if ACCEPT.encode() not in head:
            raise ConnectionError(f"no websocket: {head.splitlines()[0].decode()}")
        if b"sec-websocket-extensions" in head.lower():
            raise ConnectionError("the server compresses every frame, for each TV anew")
        self.upgraded = True

    def _message(self, text: bytes, frame: bytes) -> None:
        if text.startswith(b'42["screen"'):
            self.group.frame, self.group.seq = frame, number(text)
            self.group.show(self)
        elif text == b"2":
            self.sock.send(PONG)
        elif text.startswith(b"430"):
            self.seq = number(text)
            self.ready.set_result(None)
        elif text.startswith(b"40"):
            self.sock.send(from_client(f'420["watch","{self.key}"]'.encode()))
        elif text.startswith(b"0"):
            self.sock.send(JOIN)


def number(text: bytes) -> int:
    """The number of the screen in this message, 0 when it has none."""
    found = SEQ.search(text)
    return int(found[1]) if found else 0


def read(ready: select.epoll, tvs: dict[int, Tv]) -> None:
    """Read every TV that has something."""
    for handle, _event in ready.poll(0):
        tv = tvs[handle]
        try:
            data = tv.sock.recv(AT_MOST)
            # Nothing is the frame before the first came, and also what is read from a server that is gone.
            if data == tv.group.frame and data and not tv.rest:
                tv.group.show(tv)
            elif data:
                tv.take(data)
            else:
                raise ConnectionError("the server hung up")
        except OSError as problem:
            del tvs[handle]
            close(tv, problem)


def close(tv: Tv, problem: OSError) -> None:
    """Switch it off, politely where there is still somebody to hear it."""
    tv.group.closed += 1
    with contextlib.suppress(OSError):
        tv.sock.send(BYE)
    tv.sock.close()
    if not tv.ready.done():
        tv.ready.set_exception(problem)
