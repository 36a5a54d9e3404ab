"""The rows of a CSV file, plain or packed: each with its place, every broken one refused with its line, in one pass."""

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TextIO

from clinic.past.days import BadFolder

MOST_ROWS = 5_000_000
LONGEST_LINE = 65_536
LINES_OF_A_ROW = 20
"""A quoted text may run over so many lines; beyond that its closing quote is missing."""


def rows_of(
    folder: Path, name: str, needed: tuple[str, ...], more: tuple[str, ...], refused: list[str]
) -> Iterator[tuple[str, list[str]]]:
    """Where each row of this file is, and its values for the columns `needed` and `more`."""
    path = next((path for path in (folder / name, folder / f"{name}.gz") if path.exists()), folder / name)
    if not path.exists():
        if name == "visits.csv":
            raise BadFolder(f"{folder} has no visits.csv or visits.csv.gz: export one row for each visit there.")
        return
    try:
        with _text(path) as file:
            yield from _parsed(path, file, needed, more, refused)
    except UnicodeDecodeError:
        raise BadFolder(f"{path} is not text in UTF-8: save it again as CSV in UTF-8.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadFolder(f"{path} is damaged or cut short, nothing of it was used: pack or copy it again.") from None
    except IsADirectoryError:
        raise BadFolder(f"{path} is a folder: it must be a CSV file.") from None
    except OSError as problem:
        raise BadFolder(f"{path} cannot be read ({problem.strerror}): mend that and try again.") from None


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as raw:
        if raw.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise BadFolder(f"{path} is text in UTF-16: save it again as CSV in UTF-8.")
    if packed:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file


def _parsed(
    path: Path, file: TextIO, needed: tuple[str, ...], more: tuple[str, ...], refused: list[str]
) -> Iterator[tuple[str, list[str]]]:
    lines = _Lines(path, file)
    head, mark = _head(path, next(lines.records(), (1, ""))[1], needed)
    where = [head.index(column) if column in head else len(head) for column in (*needed, *more)]
    for number, text in lines.records():
        place = f"{path.name} line {number}"
        try:
            values = _values(text, mark)
        except csv.Error:
            lines.back(text)
            refused.append(f"{place}: a quotation mark is not closed, or stands where it may not.")
            continue
        if not any(values):
            continue
        if number > MOST_ROWS:
            raise BadFolder(f"{path} has more than {MOST_ROWS:,} rows: bring the latest years only.")
        extra = len(values) - len(head)
        if "\0" in text:
            refused.append(f"{place}: holds a zero byte; write it again as text.")
        elif extra > 0 and any(values[len(head) :]):
            refused.append(
                f"{place}: {len(values)} values for {len(head)} columns; put quotes around text with {mark!r}."
            )
        elif extra < 0 and len(values) <= max(at for at in where[: len(needed)]):
            refused.append(f"{place}: {len(values)} values for {len(head)} columns; the row is cut short.")
        else:
            values += [""] * (1 - min(extra, 0))
            yield place, [values[at].strip() if at < len(head) else "" for at in where]


def _head(path: Path, text: str, needed: tuple[str, ...]) -> tuple[list[str], str]:
    """The names of the columns, and the mark between them."""
    best: tuple[list[str], str] = ([], ",")
    for mark in ",;\t":
        try:
            names = [name.strip().casefold() for name in _values(text, mark)]
        except csv.Error:
            continue
        if len(set(names) & set(needed)) > len(set(best[0]) & set(needed)):
            best = names, mark
    missing = [column for column in needed if column not in best[0]]
    if len(missing) == len(needed):
        raise BadFolder(f"{path} is no CSV with a first line of column names: it must begin {','.join(needed)}.")
    if missing:
        raise BadFolder(f"{path} has no column {', '.join(missing)}: add it to the first line, empty where not known.")
    twice = [column for column in needed if best[0].count(column) > 1]
    if twice:
        raise BadFolder(f"{path} has the column {twice[0]} twice: keep one.")
    return best


def _values(text: str, mark: str) -> list[str]:
    if '"' not in text:
        return text.rstrip("\r\n").split(mark)
    rows = list(csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True))
    if len(rows) > 1:
        raise csv.Error
    return rows[0] if rows else []


class _Lines:
    """The rows of a file as text, each with the number of its first line. A broken row costs no other its place."""

    def __init__(self, path: Path, file: TextIO):
        self._path = path
        self._file = file
        self._again: deque[str] = deque()
        self._number = 0

    def records(self) -> Iterator[tuple[int, str]]:
        """The rows that follow."""
        while text := self._next():
            first = self._number
            # An odd number of quotes: the row goes on in the next line, as a note of several lines may.
            while text.count('"') % 2 and self._number - first < LINES_OF_A_ROW and (more := self._next()):
                text += more
            yield first, text

    def back(self, text: str) -> None:
        """This row could not be read: only its first line was at fault, those after it come again."""
        rest = list(StringIO(text, newline=""))[1:]
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)

    def _next(self) -> str:
        text = self._again.popleft() if self._again else self._file.readline(LONGEST_LINE)
        self._number += bool(text)
        if len(text) == LONGEST_LINE:
            raise BadFolder(f"{self._path} line {self._number} is longer than any row: is it a CSV file?")
        return text
