"""Files that sheet programs open: CSV in which nothing is taken for a formula (TRUST A4)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a sheet takes for the start of a formula."""


def sheet(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """These rows as a file to save, `name`.csv; sent while they are read."""

    def lines() -> Iterator[str]:
        # The mark lets the usual sheet programs see that names are in UTF-8.
        yield "\ufeff" + _line(columns)
        for row in rows:
            yield _line([cell(value) for value in row])

    return Response(lines(), mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}.csv"})


def cell(value: Any) -> Any:
    """This value as a sheet takes it: nothing in it is a formula."""
    value = " ".join(value) if isinstance(value, list) else value
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _line(values: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue()
