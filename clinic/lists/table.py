"""A table as text: its delimiter and its headers are found, its rows read with the lines they stand on. Pure."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence

from clinic.lists.columns import match
from clinic.lists.found import Raw, Remark, Unreadable

DELIMITERS = (",", ";", "\t", "|")
MOST_ROWS = 20_000
MOST_HEADERS = 200
LONGEST_LINE = 100_000
"""No row is longer: so many columns do not hold that much. To make cells of whatever is longer would take long."""
LINES_OF_A_ROW = 20
"""A quoted cell may run over so many lines; beyond that its closing quote is missing."""
ROWS_ABOVE = 20
"""How far down the headers may stand: programs write a title, a date and a clinic above them."""
LINES_ABOVE = ROWS_ABOVE * LINES_OF_A_ROW
BREATH = 50

Cells = list[str] | None


def table(
    text: str, chosen: Mapping[str, str], breathe: Callable[[], None]
) -> tuple[tuple[str, ...], dict[str, str], list[Raw | Remark]]:
    """The headers as written, by field the header it is read from, and every row that is not blank."""
    lines = text.split("\n")
    start = 0
    delimiters: Sequence[str] = DELIMITERS
    if lines[0].lower().startswith("sep=") and len(lines[0].strip()) == len("sep=") + 1:
        start, delimiters = 1, lines[0].strip()[-1]
    tried = [(delimiter, *_headers(lines, start, delimiter, chosen)) for delimiter in delimiters]
    delimiter, _, headers, after = max(tried, key=lambda one: (one[1], len(one[2])))
    if not headers:
        raise Unreadable("list_no_headers", limit=MOST_HEADERS)
    columns = match(headers, chosen)

    rows: list[Raw | Remark] = []
    for line, cells in _rows(lines, after, delimiter):
        if len(rows) == MOST_ROWS:
            raise Unreadable("list_too_long", limit=MOST_ROWS)
        if not len(rows) % BREATH:
            breathe()
        if cells is None:
            rows.append(Remark(line, "", "list_row_broken"))
        elif any(cell.strip() for cell in cells[len(headers) :]):
            # One delimiter too many, perhaps within a name: nobody knows which cells belong where.
            rows.append(Remark(line, "", "list_row_longer", {"cells": len(cells), "headers": len(headers)}))
        else:
            rows.append(Raw(line, {field: cells[at] for field, at in columns.items() if at < len(cells)}))
    return tuple(headers), {field: headers[at] for field, at in columns.items()}, rows


def _headers(lines: Sequence[str], start: int, delimiter: str, chosen: Mapping[str, str]) -> tuple[int, list[str], int]:
    """How many of the headers are known, the headers, and the line after them, counted from 0.

    They are the row of the first few that we know best, or where we know none the first of the longest. Raises
    Unreadable where a row has more cells than any list.
    """
    best: tuple[tuple[int, int], list[str], int] = ((0, 0), [], len(lines))
    for number, (line, cells) in enumerate(_rows(lines, start, delimiter)):
        if number == ROWS_ABOVE or line > start + LINES_ABOVE:
            break
        if cells is None:
            continue
        headers = [" ".join(cell.split()) for cell in cells]
        while headers and not headers[-1]:
            headers.pop()
        if len(headers) > MOST_HEADERS:
            raise Unreadable("list_no_headers", limit=MOST_HEADERS)
        count = len(match(headers, chosen))
        # One known word may stand in any row: a doctor, a place.
        rank = (count if count > 1 else 0, len(headers))
        if rank > best[0] and (rank[0] > best[0][0] or not best[0][0]):
            best = (rank, headers, line - 1 + _length(lines, line - 1, delimiter))
    return best[0][0], best[1], best[2]


def _rows(lines: Sequence[str], start: int, delimiter: str) -> Iterator[tuple[int, Cells]]:
    """Each row that is not blank with its first line, counted from 1; None where a row cannot be read."""
    at = start
    while at < len(lines):
        if len(lines[at]) <= LONGEST_LINE and not lines[at].strip(f"{delimiter} \t"):
            at += 1
            continue
        cells, length = _row(lines, at, delimiter)
        if cells is None or any(cell.strip() for cell in cells):
            yield at + 1, cells
        at += length


def _row(lines: Sequence[str], at: int, delimiter: str) -> tuple[Cells, int]:
    """The cells of the row that begins here, and how many lines it takes: one, when it cannot be read."""
    taken, whole = 0, True
    if len(lines[at]) > LONGEST_LINE:
        return None, 1

    def _feed() -> Iterator[str]:
        nonlocal taken, whole
        for line in lines[at : at + LINES_OF_A_ROW]:
            taken += 1
            yield f"{line}\n"
        whole = False

    try:
        cells = next(csv.reader(_feed(), delimiter=delimiter, skipinitialspace=delimiter != " "))
    except csv.Error:
        return None, 1
    # The reader asked for more than there was: a quote is open, and only its own line is at fault.
    return (cells, taken) if whole else (None, 1)


def _length(lines: Sequence[str], at: int, delimiter: str) -> int:
    return _row(lines, at, delimiter)[1]
