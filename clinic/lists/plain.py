"""Appointments as plain JSON, for programs that write no other format: objects with the parts a table has. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from clinic.lists.columns import match
from clinic.lists.found import Raw, Remark, Unreadable
from clinic.lists.table import BREATH, MOST_HEADERS, MOST_ROWS


def objects(
    whole: Any, chosen: Mapping[str, str], breathe: Callable[[], None]
) -> tuple[tuple[str, ...], dict[str, str], list[Raw | Remark]]:
    """The names of the parts, by field the one it is read from, and every row; its line is its number from 1.

    whole: a list of objects, or an object with such a list as `appointments`. Raises Unreadable.
    """
    listed = whole.get("appointments") if isinstance(whole, dict) else whole
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise Unreadable("list_no_bundle")
    if len(listed) > MOST_ROWS:
        raise Unreadable("list_too_long", limit=MOST_ROWS)
    names = tuple(dict.fromkeys(name for one in listed for name in one))[:MOST_HEADERS]
    columns = {field: names[at] for field, at in match(names, chosen).items()}
    rows: list[Raw | Remark] = []
    for number, one in enumerate(listed, 1):
        if not number % BREATH:
            breathe()
        rows.append(Raw(number, {field: _text(one.get(name)) for field, name in columns.items()}))
    return names, columns, rows


def _text(value: Any) -> str:
    """A value as a table would hold it; of several, each after a comma."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
