"""Many requests at a pace of their own, whether or not the server keeps up: as people come in through a door.

A request's time counts from the moment it was due, so a server that falls behind cannot hide it by slowing us down.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.servers import headers

# More than can be under way at once while answers still come within the time allowed.
CONNECTIONS = 128


@dataclass(frozen=True)
class Answer:
    """What came back to a body that was due at a time of time.monotonic(): after how many ms, the status, the body."""

    asked: dict[str, str]
    due: float
    after: float
    status: int
    body: Any


def send_all(port: int, path: str, bodies: list[dict[str, str]], rate: float) -> list[Answer]:
    """Post all of them, `rate` a second."""
    return asyncio.run(_send_all(port, path, bodies, rate))


async def _send_all(port: int, path: str, bodies: list[dict[str, str]], rate: float) -> list[Answer]:
    start = time.monotonic() + 0.1
    due = ((start + number / rate, body) for number, body in enumerate(bodies))
    answers: list[Answer] = []
    await asyncio.gather(*(_worker(port, path, due, answers) for _ in range(min(CONNECTIONS, len(bodies)))))
    return answers


async def _worker(port: int, path: str, due: Iterator[tuple[float, dict[str, str]]], answers: list[Answer]) -> None:
    reader = writer = None
    for at, asked in due:
        request = _request(port, path, asked)
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert reader is not None
            writer.write(request)
            status, body = await asyncio.wait_for(_read(reader), 10)
        except (OSError, EOFError, TimeoutError) as problem:
            status, body, writer = 0, repr(problem), None
        answers.append(Answer(asked, at, (time.monotonic() - at) * 1000, status, body))
    if writer is not None:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, Any]:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().lower().splitlines()[1:] if ": " in line)
    body = await reader.readexactly(int(fields["content-length"]))
    return int(head.split(None, 2)[1]), json.loads(body) if "json" in fields.get("content-type", "") else body.decode()


def _request(port: int, path: str, body: dict[str, str]) -> bytes:
    content = json.dumps(body)
    fields = {**headers(port), "Content-Length": str(len(content))}
    head = "\r\n".join(f"{name}: {value}" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n\r\n{content}".encode()
