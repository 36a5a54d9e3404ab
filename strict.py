"""What may be read at all: a request that two servers could take for two different ones is refused (TRUST A21).

Behind a proxy both servers must agree where a request ends, or somebody smuggles one past the other. The engines read
more kindly than the standard (RFC 9112): two lengths, a length beside chunks, "+1" for a size. Here nothing is kind.
"""

import io
import re
from email.message import Message
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler as _Handler
else:  # each engine has a class of its own of that name
    _Handler = object

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
REQUEST_LINE = re.compile(rb"[A-Z]+ [^\x00-\x20\x7f]+ HTTP/1\.[01]\r\n")
HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*)?\r\n")
CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})(;[\t\x20-\x7e]*)?\r\n")
LONGEST_SIZE = 200


class Lines:
    """The head of a request, line by line. `broken`: one of them is no header and not the end."""

    def __init__(self, stream: Any):
        self._stream, self.broken = stream, False

    def readline(self, size: int = -1) -> bytes:
        """The next line, at most so many bytes of it."""
        line: bytes = self._stream.readline(size)
        self.broken = self.broken or not HEADER.fullmatch(line)
        return line


class Chunks(io.RawIOBase):
    """A body that comes in chunks. Raises OSError where it is anything else, which Werkzeug answers with 400."""

    def __init__(self, stream: Any):
        self._stream, self._left, self._ended = stream, 0, False

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes, none at the end."""
        if not self._left and not self._ended:
            self._begin_chunk()
        data = self._stream.read(min(len(buffer), self._left))
        if self._left and not data:
            raise OSError("The body was cut off.")
        buffer[: len(data)] = data
        self._left -= len(data)
        if data and not self._left:
            self._end_line()
        return len(data)

    def _begin_chunk(self) -> None:
        found = CHUNK_SIZE.fullmatch(self._stream.readline(LONGEST_SIZE))
        if not found:
            raise OSError("This is no size of a chunk.")
        self._left = int(found[1], 16)
        if not self._left:
            self._end_line()
            self._ended = True

    def _end_line(self) -> None:
        if self._stream.readline(2) != b"\r\n":
            raise OSError("The chunk has another size.")


class Strict(_Handler):
    """Ahead of an engine's handler of requests: it refuses with one line, and closes the connection.

    A connection that brought chunks is closed after the answer, however it ends: nothing can stand behind them.
    """

    raw_requestline: bytes
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"

    def parse_request(self) -> bool:
        """Read the head of a request; False when it was refused."""
        stream, lines = self.rfile, Lines(self.rfile)
        self.rfile = cast(Any, lines)
        try:
            if not super().parse_request():
                return False
        finally:
            self.rfile = stream
        if (
            lines.broken
            or not REQUEST_LINE.fullmatch(self.raw_requestline)
            or not is_plain(self.headers, self.request_version)
        ):
            self.send_error(HTTPStatus.BAD_REQUEST, "This request cannot be read.")
            return False
        if self.command not in METHODS:
            self.send_error(HTTPStatus.NOT_IMPLEMENTED, "This server knows no such method.")
            return False
        # Nor does a request stand behind a websocket: what is left of one that was cut off would be read as such.
        self.close_connection = self.close_connection or self._is_chunked() or "Upgrade" in self.headers
        return True

    def version_string(self) -> str:
        """What the answer says of the server: not which version to attack."""
        return "Kindline"

    def handle_expect_100(self) -> bool:
        """Both engines tell who waits to go on, later and by themselves."""
        return True

    def get_environ(self) -> dict[str, Any]:
        """Eventlet's name for what the application is told of a request."""
        environ = super().get_environ()  # type: ignore[misc]  # eventlet has it
        if self._is_chunked() and "Expect" in self.headers:  # its own reader would have said so, and is not asked
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        return self._with_chunks(environ)

    def make_environ(self) -> dict[str, Any]:
        """Werkzeug's name for it."""
        return self._with_chunks(super().make_environ())  # type: ignore[misc]  # Werkzeug has it

    def _is_chunked(self) -> bool:
        return "Transfer-Encoding" in self.headers

    def _with_chunks(self, environ: dict[str, Any]) -> dict[str, Any]:
        if self._is_chunked():
            environ["wsgi.input"] = io.BufferedReader(Chunks(self.rfile))
            environ["wsgi.input_terminated"] = True
        return environ


def is_plain(headers: Message, version: str) -> bool:
    """Whether these can be read in one way only."""
    lengths, encodings = (headers.get_all(name, []) for name in ("Content-Length", "Transfer-Encoding"))
    if len(lengths) > 1 or len(headers.get_all("Host", [])) > 1:
        return False
    if encodings:
        return not lengths and encodings[0].lower() == "chunked" and len(encodings) == 1 and version == "HTTP/1.1"
    return all(length.isascii() and length.isdigit() and len(length) < 16 for length in lengths)
