"""A push goes straight to an idle screen, and the stock way in every other case."""

from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
from engineio import Server, packet, socket

import direct
import flood


class Wire:
    """A socket that takes so many bytes at once, or refuses."""

    def __init__(self, takes: int | OSError = 1_000_000):
        self.takes, self.written = takes, b""

    def send(self, frame: bytes) -> int:
        if isinstance(self.takes, OSError):
            raise self.takes
        self.written += frame[: self.takes]
        return min(self.takes, len(frame))


class Waiting:
    """A queue whose writer waits for something to send."""

    def __init__(self) -> None:
        self.packets: deque[Any] = deque()

    def empty(self) -> bool:
        return not self.packets

    def qsize(self) -> int:
        return len(self.packets)

    def getting(self) -> int:
        return 1

    def put(self, pkt: Any) -> None:
        self.packets.append(pkt)


class Lock:
    def __init__(self) -> None:
        self.balance = 1

    def acquire(self) -> None:
        self.balance -= 1

    def release(self) -> None:
        self.balance += 1


@pytest.fixture
def screen() -> Any:
    """A connected screen, and what its wire has carried."""
    later, gone = list[Any](), list[Any]()
    server = SimpleNamespace(
        create_queue=Waiting, ping_timeout=5, ping_interval=5,
        logger=SimpleNamespace(info=lambda *_: None), start_background_task=lambda *task: later.append(task),
        reason=Server.reason, _trigger_event=lambda *about, **_how: gone.append(about),
    )  # fmt: skip
    client = direct.Direct(server, "sid")
    wire = Wire()
    client._ws = SimpleNamespace(
        socket=SimpleNamespace(fd=wire, sendall=lambda rest: setattr(wire, "written", wire.written + rest)),
        _sendlock=Lock(), _pack_message=lambda text: b"<" + text.encode() + b">",
    )  # fmt: skip
    client.upgraded = True
    return SimpleNamespace(client=client, wire=wire, later=later, gone=gone, lock=client._ws._sendlock)


def message(text: str = "hello") -> packet.Packet:
    return packet.Packet(packet.MESSAGE, text)


def test_a_push_to_an_idle_screen_skips_its_queue(screen: Any) -> None:
    screen.client.send(message())
    assert screen.wire.written == b"<4hello>"
    assert screen.client.queue.empty()


def test_one_push_to_a_room_is_made_into_a_frame_once(screen: Any) -> None:
    shared = message()
    screen.client.send(shared)
    frame = shared.frame
    screen.client.send(shared)
    assert shared.frame is frame
    assert screen.wire.written == b"<4hello><4hello>"


def test_pings_go_through_the_queue_that_shows_the_writer_alive(screen: Any) -> None:
    screen.client.send(packet.Packet(packet.PING))
    assert screen.wire.written == b""
    assert len(screen.client.queue.packets) == 1


@pytest.mark.parametrize("hindrance", ["queued", "writing", "upgrading", "not yet a websocket"])
def test_nothing_overtakes_what_is_still_on_its_way(screen: Any, hindrance: str) -> None:
    client = screen.client
    if hindrance == "queued":
        client.queue.put(message("first"))
    elif hindrance == "writing":
        screen.lock.acquire()
    elif hindrance == "upgrading":
        client.upgrading = True
    else:
        client._ws = None
    client.send(message())
    assert screen.wire.written == b""
    assert client.queue.packets[-1].data == "hello"


def test_a_full_wire_sends_the_push_the_stock_way(screen: Any) -> None:
    screen.wire.takes = BlockingIOError()
    screen.client.send(message())
    assert [pkt.data for pkt in screen.client.queue.packets] == ["hello"]


def test_the_rest_of_a_half_written_push_goes_before_anything_else(screen: Any) -> None:
    screen.wire.takes = 3
    screen.client.send(message("first"))
    screen.client.send(message("second"))
    assert screen.wire.written == b"<4f"
    assert [pkt.data for pkt in screen.client.queue.packets] == ["second"]
    ((finish, *rest),) = screen.later
    finish(*rest)
    assert screen.wire.written == b"<4first>"
    assert screen.lock.balance == 1


def test_who_does_not_read_is_let_go_and_nothing_more_waits_for_them(screen: Any) -> None:
    screen.wire.takes = BlockingIOError()
    for _ in range(flood.BEHIND):
        screen.client.send(message())
    assert not screen.gone
    screen.client.send(message())
    assert [event for event, *_ in screen.gone] == ["disconnect"]
    assert screen.client.closed
    assert screen.client.queue.qsize() == flood.BEHIND + 1
    assert screen.client.queue.packets[-1] is None, "what ends its writer"


def test_installing_serves_every_later_client_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "Socket", flood.STOCK)
    direct.install()
    assert socket.Socket is direct.Direct
