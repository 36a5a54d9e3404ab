"""Screens that come and go all the time, by the hundred: TVs, phones and consoles, as programs that watch."""

import asyncio
import contextlib
import random
from collections.abc import Callable

from bench.frames import CLOSE, TEXT, from_client, hello, split

WIRE = "/socket.io/?EIO=4&transport=websocket"

STAYS = 180.0
"""Seconds that a screen stays on as a rule: half of that to half as much again."""
AWAY = 2.0
"""Seconds at most until it is back."""


class Visitors:
    """All screens of one server. `shown`: frames that came; `came`: connections made; `failed`: those that broke."""

    def __init__(self, port: int, dice: random.Random):
        self.shown = self.came = self.failed = 0
        self._port, self._dice = port, dice
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, count: int, key: Callable[[], str]) -> None:
        """So many more; each asks for the key of its screen whenever it comes."""
        self._tasks += [asyncio.create_task(self._live(key)) for _ in range(count)]

    async def leave(self) -> None:
        """All are gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _live(self, key: Callable[[], str]) -> None:
        await asyncio.sleep(self._dice.uniform(0, 5))
        while True:
            try:
                await self._visit(key(), self._dice.uniform(0.5, 1.5) * STAYS)
            except (OSError, EOFError, TimeoutError):
                self.failed += 1
            await asyncio.sleep(self._dice.uniform(0, AWAY))

    async def _visit(self, key: str, seconds: float) -> None:
        """Watch for so long; half of them say goodbye, the others are just gone."""
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self._port), 15)
        try:
            writer.write(hello(self._port, WIRE))
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 15)
            writer.write(from_client(b"40") + from_client(f'420["watch","{key}"]'.encode()))
            self.came += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._read(reader, writer)
            if self._dice.random() < 0.5:
                writer.write(from_client(b"", CLOSE))
                await writer.drain()
        finally:
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rest = b""
        while True:
            heard = await reader.read(65536)
            if not heard:
                raise EOFError("the server hung up")
            rest += heard
            whole = 0
            for kind, start, end in split(rest):
                whole = end
                if kind == TEXT:
                    self._take(rest[start : min(end, start + 2)], writer)
            rest = rest[whole:]

    def _take(self, said: bytes, writer: asyncio.StreamWriter) -> None:
        """A message by its first two letters: a ping is answered, a screen is counted."""
        if said == b"2":
            writer.write(from_client(b"3"))
        self.shown += said == b"42"
