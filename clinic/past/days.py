"""A past visit, a change of a room, and days of them; what makes a row unusable."""

from dataclasses import dataclass, field
from typing import Any

from clinic.minutes import DAY
from clinic.setup import Setup


class BadFolder(Exception):
    """The folder cannot be used; the message says in one sentence what is wrong, where, and what to do."""


@dataclass(slots=True)
class PastVisit:
    """One row of visits.csv; of the clinic's own days also the `clinician` they wait for."""

    id: str
    service: str
    arrived: float | None
    called: float | None
    finished: float | None
    server: str
    left: float | None
    priority: str
    booked: float | None
    assigned: str
    clinician: str = ""


@dataclass(slots=True)
class RoomChange:
    """One row of rooms.csv.

    Of the clinic's own days also when an open room is planned to be `back` from its next break, and who signs in to
    it (`state` "sign_in") to give what.
    """

    at: float
    server: str
    state: str
    until: float | None
    back: float | None = None
    clinician: str = ""
    services: tuple[str, ...] = ()


@dataclass
class Past:
    """Everything usable, in time order; `refused` says which rows were not, each with file, line and reason.

    `setup`: where these are the clinic's own days, as its log has them, how it is set up.
    """

    visits: list[PastVisit]
    changes: list[RoomChange]
    clinic: dict[str, Any]
    refused: list[str] = field(default_factory=list)
    setup: Setup | None = None

    @property
    def span(self) -> tuple[float, float]:
        """The first and the last minute at which somebody came, was called or was expected."""
        return first(self.visits[0]), first(self.visits[-1])


def first(visit: PastVisit) -> float:
    """The minute at which we first know of them."""
    return next((at for at in (visit.arrived, visit.called, visit.booked) if at is not None), 0.0)


def problem(visit: PastVisit) -> str | None:
    """Why this row cannot be used, if so."""
    arrived, called, left = visit.arrived, visit.called, visit.left
    if called is not None and left is not None:
        return "both called_at and left_at are set; leave left_at empty for who was called."
    if left is not None and (arrived is None or left < arrived):
        return "left before they arrived." if arrived is not None else "left_at without arrived_at."
    if arrived is None and called is None and visit.booked is None:
        return "neither an arrival nor an appointment."
    if arrived is not None and called is None and left is None:
        return "neither called nor left: nobody knows how long they waited."
    if arrived is not None and called is not None and called < arrived:
        return "called before they arrived."
    if visit.finished is not None and (called is None or visit.finished < called):
        return "finished before they were called." if called is not None else "finished_at without called_at."
    if arrived is not None and (called or left or 0) - arrived > DAY:
        return "waited more than a day."
    if visit.finished is not None and called is not None and visit.finished - called > DAY:
        return "the visit took more than a day."
    return None
