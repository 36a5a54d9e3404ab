"""The text of a file: how it is encoded is found out, and what is no text is refused by its name. Pure."""

import re

from clinic.lists.found import Unreadable

LARGEST = 16 * 1024 * 1024
"""Bytes; some 200 times a day's list of a large hospital."""

MOST_LINES = 1_000_000

BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
SHEETS = (b"xl/", b"opendocument.spreadsheet", b"Index/")
PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
OLD_SHEET = b"\xd0\xcf\x11\xe0"

_LETTERS_OF_UTF8 = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def text_of(data: bytes) -> str:
    """The file as text, its lines ended by a newline each. Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable("list_too_large", limit=LARGEST // 1024 // 1024)
    _refuse_other_kinds(data)
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")
    if text.count("\n") > MOST_LINES:
        raise Unreadable("list_too_large", limit=LARGEST // 1024 // 1024)
    if not text.strip():
        raise Unreadable("list_empty")
    if _CONTROL.search(text):
        raise Unreadable("list_not_text")
    if re.match(r"\s*<(!doctype html|html|head|table|meta)", text, re.IGNORECASE):
        raise Unreadable("list_is_page")
    if text.lstrip().startswith("<"):
        raise Unreadable("list_is_xml")
    return text


def _refuse_other_kinds(data: bytes) -> None:
    """What programs save beside plain text, known by its first bytes; nothing is unpacked, so nothing can swell."""
    if data.startswith(OLD_SHEET) or (data.startswith(b"PK") and any(name in data for name in SHEETS)):
        raise Unreadable("list_is_sheet")
    if data.startswith(PACKED):
        raise Unreadable("list_is_packed")
    if data.startswith(b"%PDF"):
        raise Unreadable("list_is_pdf")


def _decoded(data: bytes) -> str:
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _strictly(data[len(bom) :], encoding)
    if b"\0" in data:
        # Every second byte of the commas and digits of UTF-16 is 0: which one tells the order.
        little = data[1::2].count(0) > data[::2].count(0)
        return _strictly(data, "utf-16-le" if little else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Windows-1252, unless it is UTF-8 with something broken in it: then every accent would come out wrong.
        if len(_LETTERS_OF_UTF8.findall(data)) > data.decode("utf-8", "replace").count("\ufffd"):
            raise Unreadable("list_letters_broken") from None
        return _strictly(data, "windows-1252")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("list_letters_broken" if encoding == "utf-8" else "list_not_text") from None
