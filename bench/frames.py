"""As much of the WebSocket protocol as the bench needs, for both ends, and cheap: it must never be what is measured."""

import base64
import hashlib
from collections.abc import Iterator

TEXT, CLOSE = 1, 8
# Any constant will do: nothing here goes through a proxy that could be fooled.
KEY = base64.b64encode(b"kindline's bench").decode()
ACCEPT = base64.b64encode(
    hashlib.sha1(KEY.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()  # noqa: S324 (the protocol's)
).decode()


def hello(port: int, path: str) -> bytes:
    """A browser's opening request, with the compression that every browser offers."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    )
    return "\r\n".join((*lines, "", "")).encode()


def welcome() -> bytes:
    """A server's answer to `hello`."""
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {ACCEPT}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def from_client(payload: bytes, kind: int = TEXT) -> bytes:
    """A short frame as clients send it: masked, with a mask of zeros that changes nothing."""
    return bytes((0x80 | kind, 0x80 | len(payload), 0, 0, 0, 0)) + payload


def from_server(payload: bytes) -> bytes:
    """A text frame as servers send it."""
    if len(payload) < 126:
        head = bytes((0x80 | TEXT, len(payload)))
    elif len(payload) < 65536:
        head = bytes((0x80 | TEXT, 126)) + len(payload).to_bytes(2)
    else:
        head = bytes((0x80 | TEXT, 127)) + len(payload).to_bytes(8)
    return head + payload


def split(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The whole frames in `data`, masked with zeros or not at all: (kind, start, end) of each one's payload."""
    at = 0
    while len(data) - at >= 2:
        length, start = data[at + 1] & 127, at + 2
        if length > 125:
            wide = 2 if length == 126 else 8
            length, start = int.from_bytes(data[start : start + wide]), start + wide
        start += 4 if data[at + 1] & 128 else 0
        if start + length > len(data):
            return
        yield data[at] & 15, start, start + length
        at = start + length
