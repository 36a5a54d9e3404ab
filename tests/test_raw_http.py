"""What is no plain HTTP is refused and its connection closed, so that nothing is smuggled behind it (TRUST A21)."""

import re
import socket
from collections.abc import Iterator

import pytest

from tests.browser.server import Clinic

FORM = b"service=doctor&request=1"
SIZED = b"%x\r\n%s\r\n" % (len(FORM), FORM)
END = b"0\r\n\r\n"
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(FORM)


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A server on each engine, which has met no fault of its own in the end."""
    clinic = Clinic(tmp_path_factory.mktemp("raw"), ASYNC=request.param, OPEN_DOORS="loopback").start()
    try:
        yield clinic
        clinic.stop()
    finally:
        clinic.kill()


def sent(clinic: Clinic, raw: bytes) -> list[int]:
    """The statuses of every answer until the server closes the connection, which it must."""
    with socket.create_connection(("127.0.0.1", clinic.port), 10) as wire:
        wire.sendall(raw)
        heard = b""
        try:
            while piece := wire.recv(65536):
                heard += piece
        except ConnectionResetError:  # it closed while we still had something to say
            pass
        except TimeoutError:
            pytest.fail(f"The connection was left open after {heard[:200]!r}")
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", heard)]


def check_in(headers: bytes, body: bytes, version: bytes = b"HTTP/1.1") -> bytes:
    kind = b"Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return b"POST /kiosk/check-in " + version + b"\r\n" + kind + headers + b"\r\n" + body


TWO_WAYS = {
    "a length and chunks": check_in(b"Content-Length: 5\r\n" + CHUNKED, END + SMUGGLED),
    "chunks and a length": check_in(CHUNKED + b"Content-Length: 5\r\n", END + SMUGGLED),
    "two lengths": check_in(LENGTH + b"Content-Length: 0\r\n", FORM),
    "the same length twice": check_in(LENGTH + LENGTH, FORM),
    "a list of lengths": check_in(b"Content-Length: 24, 24\r\n", FORM),
    "a length with a sign": check_in(b"Content-Length: +24\r\n", FORM),
    "a length below nothing": check_in(b"Content-Length: -24\r\n", FORM),
    "a length with a line in it": check_in(b"Content-Length: 2_4\r\n", FORM),
    "a length in hexadecimal": check_in(b"Content-Length: 0x18\r\n", FORM),
    "an empty length": check_in(b"Content-Length:\r\n", FORM),
    "a length in other digits": check_in("Content-Length: ٢٤\r\n".encode(), FORM),
    "a space before the colon": check_in(b"Content-Length : 24\r\n", FORM),
    "no colon": check_in(b"Content-Length 24\r\n", FORM),
    "almost chunked": check_in(b"Transfer-Encoding: xchunked\r\n", END + SMUGGLED),
    "as it is": check_in(b"Transfer-Encoding: identity\r\n", END + SMUGGLED),
    "packed and chunked": check_in(b"Transfer-Encoding: gzip, chunked\r\n", END + SMUGGLED),
    "chunked twice": check_in(CHUNKED + CHUNKED, END + SMUGGLED),
    "chunked, in a protocol that knows no chunks": check_in(CHUNKED, SIZED + END, b"HTTP/1.0"),
    "a header within a header": check_in(b"X: a\rTransfer-Encoding: chunked\r\n" + LENGTH, FORM),
    "a header that goes on": check_in(b"X: a\r\n Transfer-Encoding: chunked\r\n" + LENGTH, FORM),
    "a header with a NUL": check_in(b"X: a\0b\r\n" + LENGTH, FORM),
    "lines that end otherwise": check_in(LENGTH, FORM).replace(b"\r\n", b"\n"),
    "two hosts": SMUGGLED.replace(b"Host: localhost\r\n", b"Host: localhost\r\nHost: evil.example\r\n"),
    "another space": b"GET\xa0/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "small letters": SMUGGLED.replace(b"GET", b"get"),
}
WRONG_CHUNKS = {
    "no number": b"zz\r\n" + FORM + b"\r\n",
    "a sign": b"+" + SIZED,
    "below nothing": b"-" + SIZED,
    "a prefix": b"0x" + SIZED,
    "a line in it": b"1_8\r\n" + FORM + b"\r\n",
    "more than was said": b"10\r\n" + FORM + b"\r\n",
    "more than there is": b"ffffffffffffffff\r\n" + FORM,
    "nothing": b"\r\n" + FORM + b"\r\n",
    "an end of another kind": SIZED.replace(b"\r\n", b"\n"),
}
ODD = ("TRACE", "TRACK", "CONNECT", "PROPFIND", "LOCK", "DEBUG", "PUT", "DELETE", "PATCH", "BREW")


@pytest.mark.parametrize("what", TWO_WAYS)
def test_a_request_that_can_be_read_in_two_ways_is_refused_whole(served: Clinic, what: str) -> None:
    assert sent(served, TWO_WAYS[what]) == [400]


@pytest.mark.parametrize("what", WRONG_CHUNKS)
def test_chunks_of_another_size_than_they_say_are_refused(served: Clinic, what: str) -> None:
    assert sent(served, check_in(CHUNKED, WRONG_CHUNKS[what] + END + SMUGGLED)) == [400]


@pytest.mark.parametrize("path", ["/kiosk/check-in", "/healthz", "/static/base.css", "/nothing", "evil.example:443"])
def test_methods_that_nobody_needs_are_answered_alike_everywhere(served: Clinic, path: str) -> None:
    for method in ODD:
        assert sent(served, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()) == [501], method


def test_plain_chunks_are_read_and_end_the_connection(served: Clinic) -> None:
    for chunks in (SIZED, b"8\r\nservice=\r\n8;why=not\r\ndoctor&r\r\n8\r\nequest=2\r\n"):
        assert sent(served, check_in(CHUNKED, chunks + END + SMUGGLED)) == [200]


def test_who_asks_first_whether_to_send_chunks_is_told_to(served: Clinic) -> None:
    assert sent(served, check_in(CHUNKED + b"Expect: 100-continue\r\n", SIZED + END)) == [100, 200]


def test_an_answer_does_not_say_which_version_to_attack(served: Clinic) -> None:
    for raw in (
        SMUGGLED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", served.port), 10) as wire:
            wire.sendall(raw)
            heard = wire.recv(65536).decode()
        assert not re.search("python|werkzeug|eventlet", heard, re.IGNORECASE), heard
