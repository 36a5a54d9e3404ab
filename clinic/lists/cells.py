"""The cells of a row as they may be kept: cleaned, unwrapped, and none that a sheet would run. Pure."""

import re
from collections.abc import Mapping

from clinic.lists.found import Raw, Remark
from clinic.lists.reading import NotTaken
from clinic.names import clean_name

LONGEST_CELL = 500
SEVERAL = ("service", "place", "needs")
"""Fields that may hold several texts, a line each."""
NUMBERS = ("start", "date", "time", "end", "minutes", "birth", "day", "month", "year")
NAMES = ("name", "family", "given")

_WRAPPED = re.compile(r'="([^"]*)"')
_NOTHING = frozenset({"-", "--", "---", "–", "—", ".", "?"})
_NOTHING_BUT_A_NAME = frozenset({"NULL", "null", "N/A", "n/a", "NaN", "None", "none"})
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def cleaned(raw: Raw, columns: Mapping[str, str]) -> Raw:
    """The row with its texts as they may be kept, those that are empty left out. Raises NotTaken."""
    cells = {}
    # Where there are no headers, the field's own word names the cell.
    for name, text in raw.cells.items():
        wrapped = _WRAPPED.fullmatch(text.strip())
        text = wrapped[1] if wrapped else text
        whole = _clean(text)
        if not whole or whole in _NOTHING or (name not in NAMES and whole in _NOTHING_BUT_A_NAME):
            continue
        column = columns.get(name, name)
        if len(text) > LONGEST_CELL:
            raise NotTaken(Remark(raw.line, name, "list_cell_too_long", {"column": column, "limit": LONGEST_CELL}))
        if text[0] in "\t\n" or is_formula(name, whole):
            raise NotTaken(Remark(raw.line, name, "looks_like_formula", {"column": column}))
        cells[name] = "\n".join(filter(None, map(_clean, text.split("\n")))) if name in SEVERAL else whole
    return Raw(raw.line, cells)


def _clean(text: str) -> str:
    return " ".join(text.split()) if text.isascii() and text.replace("\n", " ").isprintable() else clean_name(text)


def is_formula(name: str, text: str) -> bool:
    """Whether a sheet that is made of this later would run it."""
    if text[0] == "-":
        return name not in NUMBERS and not _NUMBER.fullmatch(text)
    return text[0] in "=+@"
