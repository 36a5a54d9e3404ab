"""The diary: what a list of appointments changes in what is kept, and whom it makes expected today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from clinic import commands
from clinic.appointments import Appointment, Booking
from clinic.events import Entry, Fact
from clinic.hours import day_of
from clinic.line import Line, apply
from clinic.register import Links
from clinic.setup import Clinician, Setup


@dataclass
class Brought:
    """What came of a list of appointments; `here`: the ids of those whose people are here, which stay as they are."""

    added: int = 0
    updated: int = 0
    cancelled: int = 0
    unchanged: int = 0
    here: list[str] = field(default_factory=list)


@dataclass
class Changes:
    """What to write: facts, bookings to keep with their code, visits that are cancelled or gone to another day.

    `line`: as it is after these facts.
    """

    line: Line
    brought: Brought = field(default_factory=Brought)
    entries: list[Entry] = field(default_factory=list)
    kept: list[tuple[Booking, str]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def add(self, facts: Iterable[Fact], by: str) -> None:
        """These happen too."""
        for fact in facts:
            self.entries.append(Entry(self.line.seq + 1, fact, by))
            self.line = apply(self.line, self.entries[-1])


def bring_in(
    line: Line, at: datetime, appointments: Sequence[Appointment], old: Mapping[str, Sequence[Booking]], links: Links,
    by: str,
) -> Changes:  # fmt: skip
    """What these appointments change, given the `old` bookings under their ids.

    The same again changes nothing. Whoever is here already stays as they are.
    """
    changes = Changes(line)
    today = local_date(line.setup, at) if line.opened_at else ""
    for one in appointments:
        day = local_date(line.setup, one.start)
        before = old.get(one.id, ())
        booking = _booking(line.setup, links.visit(one.id, day), one, links)
        if any(is_here(changes.line, visit) for visit in (booking.visit, *(kept.visit for kept in before))):
            changes.brought.here.append(one.id)
        elif booking in before or (one.cancelled and before and all(kept.cancelled for kept in before)):
            changes.brought.unchanged += 1
        elif one.cancelled and before:  # all that is known of it stays, so that its code can say so kindly
            changes.brought.cancelled += 1
            lost = [kept.visit for kept in before if not kept.cancelled]
            changes.cancelled += lost
            changes.add((fact for visit in lost for fact in commands.cancel(changes.line, at, visit)), by)
        else:
            _count(changes.brought, booking, before)
            moved = [kept.visit for kept in before if kept.visit != booking.visit]
            changes.gone += moved
            changes.kept.append((booking, one.code or links.invitation(one.id)))
            changes.add((fact for visit in moved for fact in commands.cancel(changes.line, at, visit)), by)
            changes.add(expect(changes.line, at, [booking]) if day == today else (), by)
    return changes


def expect(line: Line, at: datetime, bookings: Iterable[Booking]) -> list[Fact]:
    """What makes the people of these bookings expected, or not any more. A service that is gone is left out."""
    facts: list[Fact] = []
    for one in bookings:
        if not one.stands:
            facts += commands.cancel(line, at, one.visit)
        elif line.setup.service(one.service):
            facts += commands.book(line, at, one.visit, one.service, one.start, one.room, one.clinician)
    return facts


def is_here(line: Line, visit: str) -> bool:
    """Whether somebody checked in for this booking today, or for another that serves it as well."""
    known = line.visits.get(visit)
    return visit in line.over or (known is not None and bool(known.ticket or known.joined))


def with_clinicians(setup: Setup, names: Iterable[str]) -> Setup:
    """The set-up with everybody of these names who is not in it yet."""
    for name in names:
        if name and clinician_named(setup, name) is None:
            taken = {one.id for one in setup.clinicians}
            free = next(each for n in count(1) if (each := f"clinician-{n}") not in taken)
            setup = replace(setup, clinicians=(*setup.clinicians, Clinician(free, name)))
    return setup


def local_date(setup: Setup, at: datetime) -> str:
    """The date of this moment on the clinic's own calendar, as "2026-11-24"."""
    return day_of(setup, at).isoformat()


def clinician_named(setup: Setup, name: str) -> str | None:
    """The id of the clinician of this name, however it is written in capitals."""
    return next((one.id for one in setup.clinicians if one.name.casefold() == name.casefold()), None)


def _booking(setup: Setup, visit: str, one: Appointment, links: Links) -> Booking:
    """What is kept of this appointment."""
    who = one.person or (one.name and f"{one.name.casefold()} {one.birthday} {one.year}") or one.id
    year = links.fingerprint(f"year {one.year}") if one.year else ""
    return Booking(
        visit, one.id, one.start, one.service, one.minutes, one.room, clinician_named(setup, one.clinician), one.place,
        one.name, one.birthday, year, one.letters, one.language, one.needs, links.fingerprint(f"person {who}"),
        one.cancelled,
    )  # fmt: skip


def _count(brought: Brought, booking: Booking, before: Sequence[Booking]) -> None:
    if booking.cancelled:
        brought.cancelled += 1
    elif any(not kept.cancelled for kept in before):
        brought.updated += 1
    else:
        brought.added += 1
