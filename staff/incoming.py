"""A list on its way in: looked at before anything changes, then written in parts, so that nobody has to wait."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from clinic import lists
from clinic.appointments import Appointment
from clinic.commands import Refused
from clinic.desk import Desk
from clinic.diary import Brought, local_date
from clinic.lists import Choices, Found, Remark
from staff.uploads import breathe
from words import LANGUAGES

T = TypeVar("T")

PART = 50
"""Appointments written at once: few enough for a check-in to be answered in between."""

MOST_KEPT = 4
KEPT_FOR = timedelta(minutes=15)
"""So many lists wait for somebody to look at them, for so long, and in memory only."""


@dataclass
class Progress:
    """How far a list has come in. all, done: appointments. `stopped`: by trouble of ours, with the rest left out."""

    all: int
    done: int = 0
    brought: Brought = field(default_factory=Brought)
    refused: tuple[Remark, ...] = ()
    kept: tuple[Remark, ...] = ()
    ended: bool = False
    stopped: bool = False


@dataclass
class Upload:
    """A list that waits in memory: for somebody to look at it, then for its report to be read.

    `changed`: somebody wanted to bring it in while it reads otherwise than the page had shown.
    """

    id: str
    data: bytes
    at: datetime
    choices: Choices
    whole: bool
    changed: bool = False
    progress: Progress | None = None


class Uploads:
    """The lists that wait, the newest few of them."""

    def __init__(self) -> None:
        self._kept: dict[str, Upload] = {}
        self._lock = Lock()

    def keep(self, data: bytes, choices: Choices, whole: bool, now: datetime) -> Upload:
        """Keep this list for a while. The oldest that is not coming in makes room for it."""
        upload = Upload(uuid.uuid4().hex, data, now, choices, whole)
        with self._lock:
            self._sweep(now)
            resting = [one.id for one in self._kept.values() if one.progress is None or one.progress.ended]
            for gone in resting[: max(0, len(self._kept) - MOST_KEPT + 1)]:
                del self._kept[gone]
            self._kept[upload.id] = upload
        return upload

    def get(self, upload: str, now: datetime) -> Upload | None:
        """This list, if it is still here."""
        with self._lock:
            self._sweep(now)
            return self._kept.get(upload)

    def drop_old(self, now: datetime) -> None:
        """Forget what has waited too long."""
        with self._lock:
            self._sweep(now)

    def start(self, upload: Upload, progress: Progress) -> bool:
        """Let this list come in, once. Its bytes are needed no more."""
        with self._lock:
            if upload.progress is not None:
                return False
            upload.progress, upload.data = progress, b""
            return True

    def _sweep(self, now: datetime) -> None:
        for one in list(self._kept.values()):
            if not timedelta() <= now - one.at <= KEPT_FOR and (one.progress is None or one.progress.ended):
                del self._kept[one.id]


def read(desk: Desk, data: bytes, choices: Choices) -> Found:
    """What this list says. Raises Unreadable."""
    names = {code: language.name for code, language in LANGUAGES.items()}
    return lists.read(data, desk.line.setup, names, desk.clock.now(), choices, breathe)


def would_change(desk: Desk, found: Found, whole: bool) -> Brought:
    """What this list would change by now."""
    sum_of = Brought()
    for part in _parts(_appointments(found)):
        _add(sum_of, desk.would_bring_in(part))
        breathe()
    if whole and not found.refused:
        sum_of.cancelled += len(_others(desk, found))
    return sum_of


def bring_in(desk: Desk, found: Found, whole: bool, progress: Progress, by: str) -> None:
    """Write the list, part by part; `progress` moves on with it. `whole`: what else is booked on its days is cancelled.

    Where rows were refused nothing is cancelled for not being in the list: it may be one of them. Raises Unavailable;
    Refused where the clinic was put back meanwhile: what was written is gone, and the rest belongs to what is no more.
    """
    life = desk.life
    lines = {row.appointment.id: row.line for row in found.rows}
    progress.refused, progress.kept = found.refused, found.kept
    for part in _parts(_appointments(found)):
        _goes_on(desk, life, progress)
        brought = desk.bring_in(part, by)
        _add(progress.brought, brought)
        progress.kept += tuple(Remark(lines[one], "id", "kept_as_here") for one in brought.here)
        progress.done += len(part)
        breathe()
    if whole and found.refused:
        progress.kept += (Remark(0, "", "whole_not_sure"),)
    elif whole:
        for others in _parts(_others(desk, found)):
            _goes_on(desk, life, progress)
            progress.brought.cancelled += desk.cancel_bookings(others, by)
            breathe()
    _goes_on(desk, life, progress)
    progress.kept = tuple(sorted(progress.kept, key=lambda remark: remark.line))


def _goes_on(desk: Desk, life: str, progress: Progress) -> None:
    if desk.life != life:
        progress.done, progress.brought = 0, Brought()
        raise Refused("restored")


def _appointments(found: Found) -> list[Appointment]:
    return [row.appointment for row in found.rows]


def _others(desk: Desk, found: Found) -> list[str]:
    """Who else is booked on the days of this list."""
    wanted = _appointments(found)
    # A cancelled row may have no start of its own: it says nothing of which days the list is of.
    days = {local_date(desk.line.setup, one.start) for one in wanted if not one.cancelled}
    return desk.others(days, {one.id for one in wanted})


def _parts(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    return (whole[at : at + PART] for at in range(0, len(whole), PART))


def _add(sum_of: Brought, part: Brought) -> None:
    for name in ("added", "updated", "cancelled", "unchanged"):
        setattr(sum_of, name, getattr(sum_of, name) + getattr(part, name))
    sum_of.here += part.here
