"""Who sends too much on a live connection, or too slowly on any, is cut off; others do not notice (TRUST F13, A24)."""

import io
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

import gate
from bench.frames import from_client, hello, split
from doors.limits import Places
from tests.browser.server import Clinic

SCREEN = b'420["watch","display/main/en"]'
PING, PONG, UPGRADE = from_client(b"", 9), from_client(b"3"), from_client(b"5")
PIECE = bytes((0x01, 0x80 | 3, 0, 0, 0, 0)) + b"4aa"
NEXT_PIECE = bytes((0x00, 0x80 | 3, 0, 0, 0, 0)) + b"aaa"
LARGE = bytes((0x81, 0x80 | 126)) + (20_000).to_bytes(2) + b"\0\0\0\0" + b"4" * 20_000
FLOODS = {
    "pongs": PONG * 5000,
    "upgrades": UPGRADE * 5000,
    "pings": PING * 5000,
    "questions": from_client(b"4?") * 5000,
    "pieces without end": PIECE + NEXT_PIECE * 5000,
    "a large frame": LARGE,
}
AT_ONCE_OUT = 3.0
SOON = 1.0
"""Seconds within which others are answered meanwhile."""


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A server on each engine, which has met no fault of its own in the end."""
    clinic = Clinic(tmp_path_factory.mktemp("flood"), ASYNC=request.param).start()
    try:
        yield clinic
        clinic.stop()
    finally:
        clinic.kill()


def watcher(clinic: Clinic) -> socket.socket:
    """A TV on the wire, which has its screen."""
    wire = socket.create_connection(("127.0.0.1", clinic.port), 10)
    wire.sendall(hello(clinic.port, "/socket.io/?EIO=4&transport=websocket"))
    hears(wire, b'0{"sid"')
    wire.sendall(from_client(b"40") + from_client(SCREEN))
    hears(wire, b"430[")
    return wire


def hears(wire: socket.socket, what: bytes) -> None:
    """Wait until this comes."""
    heard = b""
    while what not in heard:
        piece = wire.recv(65536)
        assert piece, f"closed after {heard[-200:]!r}"
        heard += piece


def is_cut(wire: socket.socket) -> bool:
    """Whether the server ends this connection at once: not as one that answers no ping, which takes it seconds."""
    end = time.monotonic() + AT_ONCE_OUT
    wire.settimeout(AT_ONCE_OUT)
    with suppress(ConnectionResetError, BrokenPipeError):
        while time.monotonic() < end:
            heard = wire.recv(65536)
            if not heard or any(kind == 8 for kind, _start, _end in split(heard)):
                return True
        return False
    return True


def answered_in(clinic: Clinic) -> float:
    """Seconds until somebody else's check-in is answered."""
    began = time.monotonic()
    clinic.check_in()
    return time.monotonic() - began


@pytest.mark.parametrize("flood", FLOODS)
def test_who_floods_the_wire_is_cut_off_and_others_are_answered(served: Clinic, flood: str) -> None:
    good = watcher(served)
    with watcher(served) as wire:
        with suppress(ConnectionError):
            wire.sendall(FLOODS[flood])
        assert answered_in(served) <= SOON
        assert is_cut(wire)
    hears(good, b'"screen"')
    good.close()


def test_who_asks_whether_we_hear_is_answered(served: Clinic) -> None:
    with watcher(served) as wire:
        wire.sendall(from_client(b"4?"))
        hears(wire, b"4!")


HEAD = b"POST /kiosk/check-in HTTP/1.1\r\nHost: localhost\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
SLOW = {
    "nothing at all": b"",
    "a head without an end": HEAD + b"X-A: b\r\n",
    "a line without an end": b"GET /" + b"a" * 500,
    "a body that does not come": HEAD + FORM + b"Content-Length: 1000\r\n\r\nservice=",
    "chunks without an end": HEAD + FORM + b"Transfer-Encoding: chunked\r\n\r\n8\r\nservice=\r\n",
}
AT_ONCE = 40
"""Of each kind."""


def test_who_sends_slowly_holds_up_nobody_and_is_not_waited_for_for_ever(served: Clinic) -> None:
    wires = []
    try:
        for said in SLOW.values():
            for _ in range(AT_ONCE):
                wires.append(socket.create_connection(("127.0.0.1", served.port), 10))
                wires[-1].sendall(said)
        assert max(answered_in(served) for _ in range(5)) <= SOON
    finally:
        for wire in wires:
            wire.close()
    assert answered_in(served) <= SOON


class Said(io.RawIOBase):
    """A connection's stream on which a byte comes every so many seconds of a clock that stands still otherwise."""

    def __init__(self, clock: list[float], every: float):
        self._clock, self._every = clock, every

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._clock[0] += self._every
        buffer[0] = ord("a")
        return 1


@pytest.mark.parametrize(("every", "most"), [(5.0, 5), (1.0, 21), (0.0005, 10_000)])
def test_a_request_has_an_end_to_come_in_by_and_what_comes_fast_enough_has_its_time(
    monkeypatch: pytest.MonkeyPatch, every: float, most: int
) -> None:  # fmt: skip
    clock = [100.0]
    monkeypatch.setattr(gate.time, "monotonic", lambda: clock[0])
    here, there = socket.socketpair()
    with here, there:
        hurried = gate.Hurried(here, Said(clock, every))
        taken = 0
        with suppress(TimeoutError):
            while taken < 10_000:
                taken += hurried.readinto(bytearray(1))
        assert taken == pytest.approx(most, abs=1)
        hurried.begin()
        assert hurried.readinto(bytearray(1)) == 1, "the next request has its own time"


def test_one_address_takes_no_more_than_its_places_and_gives_them_back() -> None:
    places = Places(2)
    assert [places.take("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert places.take("192.0.2.2")
    assert [places.take(f"2001:db8::{n}") for n in range(3)] == [True, True, False], "a house is one, in IPv6"
    places.leave("192.0.2.1")
    assert places.take("192.0.2.1")
    assert not places.take("192.0.2.1")
