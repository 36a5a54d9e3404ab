"""The process with the TVs, up to thousands of them. Told what to do by a line of JSON on standard input:

    {"do": "connect", "group": "product", "port": 8000, "count": 500}   until that many watch the screen; with "keys",
                                                                        each its own; "at_once": handshakes under way
    {"do": "mark", "group": "product", "quiet": 0.13}                   from now on wait for the next state
    {"do": "reached", "group": "product", "seconds": 5}                 when the last of them had it
    {"do": "state", "group": "product"}                                 where they stand, and when screens came

Each answers with one line. Times are of time.monotonic(), one clock for all processes of a machine.
"""

import asyncio
import gc
import json
import resource
import select
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from bench.tv import SCREEN, Group, Tv, read

# Handshakes under way at once: what happens when a clinic switches its lights on.
AT_ONCE = 50


@dataclass(frozen=True)
class Room:
    """All TVs, by the handle of their socket and by the name of their server."""

    ready: select.epoll = field(default_factory=select.epoll)
    tvs: dict[int, Tv] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)


async def connect(
    room: Room, group: str, port: int, count: int, keys: list[str] | None = None, at_once: int = AT_ONCE
) -> dict[str, Any]:
    """Grow the group to `count`. How long that took, how many failed, and why."""
    it, gate, start = room.groups.setdefault(group, Group(port)), asyncio.Semaphore(at_once), time.monotonic()
    first = len(it.tvs)
    tries = [_connect(room, it, gate, keys[n] if keys else SCREEN) for n in range(first, count)]
    problems = [str(done) or repr(done) for done in await asyncio.gather(*tries, return_exceptions=True) if done]
    return {"seconds": time.monotonic() - start, "failed": len(problems), "why": problems[:1]}


async def _connect(room: Room, group: Group, gate: asyncio.Semaphore, key: str) -> None:
    async with gate:
        sock = socket.socket()
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", group.port))
        tv = room.tvs[sock.fileno()] = Tv(group, sock, key)
        room.ready.register(sock, select.EPOLLIN)
        await asyncio.wait_for(tv.ready, 15)
        group.tvs.append(tv)


async def mark(room: Room, group: str, quiet: float) -> dict[str, Any]:
    """Once nothing has come for `quiet` seconds, wait for a number above the highest seen so far."""
    it, end = room.groups[group], time.monotonic() + 3
    while (now := time.monotonic()) < end and now - it.latest < quiet:
        await asyncio.sleep(it.latest + quiet - now + 0.001)
    it.round += 1
    it.mark = max(tv.seq for tv in it.tvs)
    it.missing, it.last = len(it.tvs), None
    return {"seq": it.mark}


async def reached(room: Room, group: str, seconds: float) -> dict[str, Any]:
    """When the last of them had it, or nothing; how many still lack it."""
    it, end = room.groups[group], time.monotonic() + seconds
    while it.last is None and time.monotonic() < end:
        # The time was taken as the frame came in; this only looks whether it has.
        await asyncio.sleep(0.005)
    return {"last": it.last, "missing": it.missing}


async def state(room: Room, group: str) -> dict[str, Any]:
    """Where they stand, and when screens came to the first of them since this was last asked."""
    it = room.groups[group]
    seqs, arrivals, it.arrivals = [tv.seq for tv in it.tvs], it.arrivals, []
    seen = {"low": min(seqs), "high": max(seqs), "arrivals": arrivals, "bytes": len(it.frame)}
    return {**seen, "closed": it.closed, "told": it.told}


async def main() -> None:
    """Do what the lines say until there are no more."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.disable()
    room, loop, reader = Room(), asyncio.get_running_loop(), asyncio.StreamReader()
    loop.add_reader(room.ready.fileno(), read, room.ready, room.tvs)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    verbs = {"connect": connect, "mark": mark, "reached": reached, "state": state}
    while line := await reader.readline():
        order = json.loads(line)
        answer = await verbs[order.pop("do")](room, **order)  # type: ignore[operator]  # only our own orders come
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
