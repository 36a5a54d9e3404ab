"""Files that sheet programs open: CSV in which nothing is taken for a formula (TRUST A4)."""

import csv
import io
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from flask import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a sheet takes for the start of a formula."""


AT_ONCE = 200
"""Rows that are sent together: after them others are answered."""


def sheet(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """These rows as a file to save, `name`.csv; sent while they are read."""

    def lines() -> Iterator[str]:
        # The mark lets the usual sheet programs see that names are in UTF-8.
        yield "\ufeff" + _lines([columns])
        left = iter(rows)
        while some := [[cell(value) for value in row] for row in islice(left, AT_ONCE)]:
            yield _lines(some)
            time.sleep(0)

    return Response(lines(), mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}.csv"})


def cell(value: Any) -> Any:
    """This value as a sheet takes it: nothing in it is a formula."""
    value = " ".join(value) if isinstance(value, list) else value
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
