"""What is told to the reader of a list, what comes of it, and what is said of single rows. Pure."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from clinic.appointments import Appointment


@dataclasses.dataclass(frozen=True)
class Choices:
    """What staff said about a list.

    columns: by field the header that holds it; an empty one: none does. order: how dates are written, "year-first",
    "day-first" or "month-first"; empty: to be found out. service: the id of the service of rows that name none that
    we know. here: the places, as the list writes them, that are this one; None: nobody said.
    """

    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    order: str = ""
    service: str = ""
    here: frozenset[str] | None = None


@dataclasses.dataclass(frozen=True)
class Row:
    """An appointment and where it stands: the line of a text as an editor counts it, or the number of a FHIR entry."""

    line: int
    appointment: Appointment


@dataclasses.dataclass(frozen=True)
class Remark:
    """What is wrong with a row, likewise. field: of `FIELDS`, or empty; code and params are for its sentence."""

    line: int
    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Raw:
    """A row whose parts are found but not yet understood: by field, the text as written.

    Of several texts for one field, each stands on a line of its own.
    """

    line: int
    cells: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Found:
    """What came of a list: every row that is not blank is either in `rows` or once in `refused`.

    kind: "csv", "ics", "fhir" or "json". kept: what rows were taken without. headers: as written; columns: by field the
    header it was read from. order: how the dates are written. ambiguous: they could be day-first or month-first, nobody
    said, and they were read as day-first. places: every place as written, with how many rows name it.
    """

    kind: str
    rows: tuple[Row, ...] = ()
    refused: tuple[Remark, ...] = ()
    kept: tuple[Remark, ...] = ()
    headers: tuple[str, ...] = ()
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    order: str = ""
    ambiguous: bool = False
    places: Mapping[str, int] = dataclasses.field(default_factory=dict)


class Unreadable(Exception):
    """The whole file cannot be used; `code` and `params` are for the sentence that says why and what to do."""

    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code, self.params = code, params
