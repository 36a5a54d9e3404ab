"""Whether the server is well, how that is asked, and how systemd hears of it."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import health
from clinic.store import Store
from health import PUSH_STUCK, UPKEEP_STUCK, Health, Look, feed, notify, watched
from tests import faces
from tests.faces import Practice

opens, practice = faces.opens, faces.practice


@dataclass
class Loop:
    turned: float | None = None


@dataclass
class Server:
    """A file whose writes are counted, two loops, and seconds in the test's hand."""

    time: float = 1000.0
    writes: int = 0
    takes: float = 0.0
    is_full: bool = False
    push: Loop = field(default_factory=Loop)
    upkeep: Loop = field(default_factory=Loop)

    def alive(self) -> bool:
        self.writes += 1
        self.time += self.takes
        return not self.is_full

    @property
    def health(self) -> Health:
        return Health(self, self.push, self.upkeep, lambda: self.time)  # type: ignore[arg-type]  # what it uses of them


def test_however_many_ask_the_disk_is_written_once_a_second() -> None:
    server = Server()
    health = server.health
    for _ in range(100):
        assert health.look().ok
        server.time += 0.009
    assert server.writes == 1

    server.time += 0.2
    server.is_full = True
    assert not health.look().storage
    assert server.writes == 2


def test_a_clock_that_goes_back_makes_no_answer_last_longer() -> None:
    server = Server()
    health = server.health
    health.look()
    server.time -= 500
    health.look()

    assert server.writes == 2


def test_a_file_that_takes_a_row_only_after_seconds_is_not_well() -> None:
    look = Server(takes=3.0).health.look()

    assert (look.storage, look.ok, look.seconds) == (False, False, 3.0)


def test_a_loop_that_stands_still_is_not_well_and_one_that_never_began_is_no_matter() -> None:
    server = Server()
    health = server.health
    assert health.look() == Look(True, True, True, 0.0)

    server.push.turned = server.upkeep.turned = server.time
    server.time += PUSH_STUCK + 1
    assert health.look() == Look(True, False, True, 0.0)
    server.push.turned = server.time
    server.time += UPKEEP_STUCK
    server.push.turned = server.time
    assert health.look() == Look(True, True, False, 0.0)
    assert not health.look().ok


def test_both_loops_of_the_real_server_turn_while_nothing_happens(practice: Practice) -> None:
    live, upkeep = practice.live, practice.app.extensions["upkeep"]
    ends = iter([False, True])
    waited: list[float] = []

    class Wake:
        def wait(self, seconds: float) -> bool:
            waited.append(seconds)
            live.turned = None
            return next(ends)

    live._wake = Wake()  # type: ignore[assignment]  # what the loop uses of it
    live._wait()
    assert len(waited) == 2
    assert max(waited) <= PUSH_STUCK / 3, "it turns long before it counts as stuck"
    assert live.turned is not None

    def enough(_seconds: float) -> None:
        upkeep.stop()

    upkeep.start(lambda loop, sleep: loop(sleep), enough)
    assert upkeep.turned is not None


def test_a_stuck_loop_makes_the_page_say_so(practice: Practice) -> None:
    practice.live.turned = practice.app.extensions["health"].now() - PUSH_STUCK - 1

    answer = practice.client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {
        "ok": False, "version": "0.1.0", "seq": practice.desk.line.seq, "storage": True, "push": False, "upkeep": True,
    }  # fmt: skip


# --- systemd ---


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """What systemd heard."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listens:
        listens.bind(str(tmp_path / "notify"))
        listens.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

        def heard() -> list[str]:
            found = []
            while True:
                try:
                    found.append(listens.recv(100).decode())
                except BlockingIOError:
                    return found

        yield heard


def test_systemd_hears_that_we_are_ready(systemd: Callable[[], list[str]]) -> None:
    assert notify("READY=1")
    assert systemd() == ["READY=1"]


def test_an_abstract_address_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"kindline-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listens:
        listens.bind(f"\0{name}")
        listens.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        assert notify("STOPPING=1")
        assert listens.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("path", ["", "relative", "/nowhere/at/all"])
def test_where_no_systemd_listens_nothing_happens(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    assert not notify("READY=1")


@pytest.mark.parametrize(
    ("micro", "pid", "seconds"),
    [("90000000", "", 90.0), ("90000000", "{own}", 90.0), ("90000000", "1", 0.0), ("", "", 0.0), ("-3", "", 0.0)],
)
def test_how_often_systemd_wants_to_hear_is_its_own_word(
    monkeypatch: pytest.MonkeyPatch, micro: str, pid: str, seconds: float
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", micro)
    monkeypatch.setenv("WATCHDOG_PID", pid.format(own=os.getpid()))
    assert watched() == seconds


class Enough(Exception):
    """The test has seen all it wants of a loop that has no end."""


def test_the_watchdog_is_fed_as_long_as_the_loops_turn_also_with_a_full_disk(
    monkeypatch: pytest.MonkeyPatch, systemd: Callable[[], list[str]]
) -> None:
    server = Server(is_full=True)
    monkeypatch.setenv("WATCHDOG_USEC", "90000000")
    slept: list[float] = []
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(health, "news", lambda event, **fields: said.append({"event": event, **fields}))
    server.push.turned = server.time

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        server.time += seconds
        if len(slept) == 2:
            assert systemd() == ["WATCHDOG=1"], "the second time the loop of the pushes has stood still for 30 s"
        if len(slept) == 3:
            server.push.turned = server.time
        if len(slept) == 4:
            raise Enough

    with pytest.raises(Enough):
        feed(server.health, lambda loop, *args: loop(*args), sleep)
    assert slept == [30.0] * 4
    assert systemd() == ["WATCHDOG=1"], "it turns again"
    assert said == [{"event": "A loop stands still", "push": False, "upkeep": True}]
    assert server.writes == 0


def test_without_a_watchdog_none_is_fed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    begun: list[Any] = []
    feed(Server().health, lambda *task: begun.append(task), lambda _seconds: None)
    assert begun == []


def test_the_row_is_really_written(store: Store) -> None:
    assert Health(store, Loop(), Loop()).look().storage  # type: ignore[arg-type]  # what it uses of them
    store.db.execute("pragma query_only = on")
    assert not Health(store, Loop(), Loop()).look().storage  # type: ignore[arg-type]  # likewise
