"""The commands for who waits long: apologise, say that somebody was spoken to, note a delay, end it. Pure.

Like all commands they answer with new facts or raise Refused. An apology cannot be undone: people read it at once, and
"we are sorry" taken back is worse than never said.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from clinic import events as e
from clinic.commands import Refused
from clinic.delay import REASONS, SPEAK, notes, owed_apology, step
from clinic.line import Line

NOTE_MINUTES, LONGEST_NOTE = 60, 24 * 60
"""How many minutes a delay note stands by itself, and how many at most."""


def apologise(
    line: Line, at: datetime, reason: str, visits: Collection[str] | None = None, service: str | None = None
) -> list[e.Fact]:  # fmt: skip
    """Say sorry, once for each delay, to who is owed it: to these visits, or all, or all of one service.

    Who of `visits` was called meanwhile, or has had it, is left out; refused when nobody remains.
    """
    _reason(line, reason)
    _service(line, service)
    if any(visit not in line.visits for visit in visits or ()):
        raise Refused("unknown_visit")
    owed = [one.id for one in owed_apology(line, at, service) if visits is None or one.id in visits]
    if not owed:
        raise Refused("no_apology_owed")
    return [e.Apologised(at, visit, reason) for visit in owed]


def spoken_to(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """A person spoke to somebody who waits so long that it was owed."""
    found = line.visits.get(visit)
    if found is None:
        raise Refused("unknown_visit")
    if found.spoken_at:
        return []
    if step(found, at) < SPEAK:
        raise Refused("not_so_late", ticket=found.ticket)
    return [e.SpokenTo(at, visit)]


def note_delay(
    line: Line, at: datetime, reason: str, service: str | None = None, minutes: int | None = None
) -> list[e.Fact]:  # fmt: skip
    """Tell everybody, or who waits for this service, why it takes longer, for so many minutes; replaces the last."""
    _reason(line, reason)
    _service(line, service)
    minutes = NOTE_MINUTES if minutes is None else min(minutes, LONGEST_NOTE)
    if minutes <= 0:
        raise Refused("until_past")
    until = at + timedelta(minutes=minutes)
    return [e.DelayNoted(at, f"delay-{line.seq + 1}", reason, until, (service,) if service else ())]


def end_delay(line: Line, at: datetime, note: str) -> list[e.Fact]:
    """The delay is over before its note would end by itself."""
    if all(one.note != note for one in notes(line, at)):
        raise Refused("unknown_note")
    return [e.DelayEnded(at, note)]


def _reason(line: Line, reason: str) -> None:
    if line.opened_at is None:
        raise Refused("day_closed")
    if reason not in REASONS:
        raise Refused("unknown_reason")


def _service(line: Line, service: str | None) -> None:
    if service is not None and line.setup.service(service) is None:
        raise Refused("unknown_service")
