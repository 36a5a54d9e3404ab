"""The limit: the least that a server in Python can do for a check-in.

It commits the rows of a check-in with the product's own database settings, answers, and writes one ready-made frame
of the product's size to every socket: at once when nothing was sent for a tenth of a second, else at the end of it.
What comes in at the same moment shares one commit. No rules, no pages, no framework.

    python -m bench.limit PORT FOLDER BYTES
"""

import asyncio
import gc
import secrets
import sys
from pathlib import Path
from typing import Any

from bench.frames import from_server, split, welcome
from clinic.store import Store

WINDOW = 0.1
AT = "2026-11-23T09:00:00.000000+00:00"
CHECKED_IN = '{"service": "doctor", "ticket": "A 12", "language": "en", "call_me": "number", "booked": null}'
TOLD = '{"low": "2026-11-23T09:10:00+00:00", "high": "2026-11-23T09:25:00+00:00", "why": ""}'
EVENT = "insert into event (seq, at, kind, visit, room, by, request, data) values (?, ?, ?, ?, null, 'kiosk', ?, ?)"
ANSWER = b'{"visit": "", "ticket": "A 12"}'
CREATED = b"HTTP/1.1 201 CREATED\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER


class Clinic:
    """What all connections share."""

    def __init__(self, folder: Path, size: int):
        self.store = Store(folder)
        self.seq = 0
        self.size = size
        self.watching: set[Any] = set()
        self.waiting: list[Any] = []
        self.timer: Any = None
        self.pushed = 0.0

    def asked(self, transport: Any) -> None:
        """Somebody checks in; they share the commit with everybody whose request is at hand."""
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self.commit)
        self.waiting.append(transport)

    def commit(self) -> None:
        """Write all of them, answer all of them, and push."""
        write = self.store.db.conn.execute
        write("begin immediate")
        for _ in self.waiting:
            self.check_in()
        write("commit")
        for transport in self.waiting:
            transport.write(CREATED)
        self.waiting = []
        if self.timer is None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_at(max(loop.time(), self.pushed + WINDOW), self.push)

    def push(self) -> None:
        """One frame to all."""
        self.timer, self.pushed = None, asyncio.get_running_loop().time()
        frame = self.screen('42["screen",')
        for transport in self.watching:
            transport.write(frame)

    def check_in(self) -> None:
        """The rows of one, as the product's: two facts, the answer and the link."""
        write = self.store.db.conn.execute
        request, visit = secrets.token_hex(18), secrets.token_hex(11)
        self.seq += 2
        write(EVENT, [self.seq - 1, AT, "CheckedIn", visit, request, CHECKED_IN])
        write(EVENT, [self.seq, AT, "Told", visit, None, TOLD])
        write("insert into answer values (?, ?, ?, ?)", [request, secrets.token_hex(32), "{}" + " " * 200, AT])
        write(
            "insert into link (secret, code, visit) values (?, ?, ?)",
            [secrets.token_hex(32), secrets.token_hex(32), visit],
        )

    def screen(self, head: str) -> bytes:
        """A frame as long as the product's, with the number where its reader looks for it."""
        start = f'{head}{{"key":"display/main/en","seq":{self.seq},"html":"'
        return from_server((start + "x" * (self.size - len(start) - 3) + '"}]').encode())


class Connection(asyncio.Protocol):
    """A tablet that posts, or a TV that watches."""

    def __init__(self, clinic: Clinic):
        self.clinic = clinic
        self.data = b""
        self.is_socket = False

    def connection_made(self, transport: Any) -> None:
        """Keep the way to answer."""
        self.transport = transport

    def connection_lost(self, _problem: Exception | None) -> None:
        """Forget it."""
        self.clinic.watching.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        """A whole request or some frames; the bench sends nothing in pieces but a request's body."""
        self.data += data
        if self.is_socket:
            self._frames()
        elif self.data.startswith(b"GET"):
            self.is_socket, self.data = True, b""
            self.transport.write(welcome() + from_server(b'0{"sid":"x","pingInterval":25000,"pingTimeout":20000}'))
        elif self.data.endswith(b"}"):
            self.data = b""
            self.clinic.asked(self.transport)

    def _frames(self) -> None:
        for _kind, start, end in split(self.data):
            text = self.data[start:end]
            if text == b"40":
                self.transport.write(from_server(b'40{"sid":"x"}'))
            elif text.startswith(b"420"):
                self.clinic.watching.add(self.transport)
                self.transport.write(self.clinic.screen("430["))
        self.data = b""


async def main(port: int, folder: Path, size: int) -> None:
    """Serve until killed."""
    clinic = Clinic(folder, size)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(clinic), "127.0.0.1", port, backlog=2048)
    gc.collect()
    gc.freeze()
    print("Ready.", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
