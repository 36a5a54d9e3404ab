"""Several callers at the same moment: each a tablet or a staff's browser on a connection of its own."""

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from faults.kill import HEADERS

EIGHT = 8

Got = TypeVar("Got")


@dataclass(frozen=True)
class Answer:
    """What a caller was told. seconds: how long that took."""

    status: int
    said: dict[str, Any]
    seconds: float

    @property
    def is_done(self) -> bool:
        """Whether it was carried out, now or before under the same request."""
        return self.status in (200, 201)

    @property
    def is_refused(self) -> bool:
        """Whether the rules said no, and a sentence says why."""
        return self.status == 409 and bool(self.said.get("message"))


class Caller:
    """One of them."""

    def __init__(self, connection: http.client.HTTPConnection):
        self._connection = connection
        self.slowest = 0.0

    def post(self, path: str, **fields: Any) -> Answer:
        """Send this command; as a tap of its own where no `request` is among the fields."""
        body, began = {"request": uuid.uuid4().hex, **fields}, time.monotonic()
        self._connection.request("POST", path, json.dumps(body), HEADERS)
        answer = self._connection.getresponse()
        said = json.loads(answer.read())
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        return Answer(answer.status, said, took)

    def must(self, path: str, **fields: Any) -> dict[str, Any]:
        """Send a command that has to succeed, and give its answer."""
        answer = self.post(path, **fields)
        if not answer.is_done:
            raise RuntimeError(f"{path} was answered with {answer.status}: {answer.said}")
        return answer.said


def tap(path: str, **fields: Any) -> Callable[[Caller], Answer]:
    """What sends this command."""
    return lambda caller: caller.post(path, **fields)


def sure(path: str, **fields: Any) -> Callable[[Caller], dict[str, Any]]:
    """What sends a command that has to succeed."""
    return lambda caller: caller.must(path, **fields)


class Hands:
    """All of them."""

    def __init__(self, callers: Sequence[Caller], pool: ThreadPoolExecutor):
        self.callers, self._pool = callers, pool

    def at_once(self, *acts: Callable[[Caller], Got]) -> list[Got]:
        """What each caller gets, the first by the first act; all are ready before any begins."""
        if not acts:
            return []
        ready = threading.Barrier(len(acts))

        def one(caller: Caller, act: Callable[[Caller], Got]) -> Got:
            ready.wait()
            return act(caller)

        return list(self._pool.map(one, self.callers, acts))

    @property
    def slowest(self) -> float:
        """The longest that anybody waited for an answer, in seconds."""
        return max(caller.slowest for caller in self.callers)


@contextmanager
def hands(port: int, count: int = EIGHT) -> Iterator[Hands]:
    """So many callers of the server on this port."""
    with ExitStack() as all_of_them:
        pool = all_of_them.enter_context(ThreadPoolExecutor(count))
        connections = (http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(count))
        yield Hands([Caller(all_of_them.enter_context(closing(one))) for one in connections], pool)
