"""Taking in a whole list in one request, which no other route may send: bounded, in memory, and kind to the others."""

import io
import time
from collections.abc import Mapping
from typing import IO, Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from clinic.lists import LARGEST
from forms import BadInput

MOST = LARGEST + 64 * 1024
"""Bytes of a request: the list, and the fields beside it."""

PIECE = 64 * 1024
MOST_DRAINED = 256 * 1024 * 1024
DRAIN_FOR = 20.0
"""Who is still sending cannot read our answer: so much more is read and thrown away first, and for so many seconds."""


TURNS = 4
"""A request is accepted, read, worked on and answered: others get so many turns before our next piece of work."""


def breathe() -> None:
    """Let others be answered."""
    for _ in range(TURNS):
        time.sleep(0)


class Breathing(io.RawIOBase):
    """The body of a request: between two reads others are answered, also when it comes in faster than we work.

    `taken`: how many bytes of it were read.
    """

    def __init__(self, stream: IO[bytes]):
        self._stream, self.taken = stream, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes, at most a piece of them."""
        breathe()
        data = self._stream.read(min(len(buffer), PIECE))
        buffer[: len(data)] = data
        self.taken += len(data)
        return len(data)


def receive(request: Request) -> tuple[bytes, Mapping[str, Any]]:
    """The list that was sent, and the fields beside it. Raises BadInput, RequestEntityTooLarge.

    Either a form with the `file`, or the list itself with the fields in the address.
    """
    environ = request.environ
    body = Breathing(environ["wsgi.input"])
    environ["wsgi.input"] = body
    request.max_content_length = MOST
    # Werkzeug holds a piece of a file against this bound as well, together with the line's end that it kept back.
    request.max_form_memory_size = MOST
    try:
        return _read(request)
    except RequestEntityTooLarge:
        _drain(body, request.content_length)
        raise


def _read(request: Request) -> tuple[bytes, Mapping[str, Any]]:
    if request.mimetype == "multipart/form-data":
        file = request.files.get("file")
        if file is None:
            raise BadInput("file", "file_missing")
        return file.read(), request.form
    if request.mimetype == "application/x-www-form-urlencoded":
        raise BadInput("file", "file_missing")
    data = request.get_data(cache=False)
    if not data:
        raise BadInput("file", "file_missing")
    if len(data) > LARGEST:  # one that did not say how long it is was cut off there
        raise RequestEntityTooLarge
    return data, request.args


def _drain(body: Breathing, length: int | None) -> None:
    """Read on to the end of what is sent, within bounds."""
    end = time.monotonic() + DRAIN_FOR
    left = MOST_DRAINED if length is None else min(length - body.taken, MOST_DRAINED)
    while left > 0 and time.monotonic() < end:
        try:
            piece = body.read(min(left, PIECE))
        except (OSError, ValueError):  # gone, or nonsense between the chunks
            return
        if not piece:
            return
        left -= len(piece)
