"""The diary: what a list of appointments changes in what is kept, and whom it makes expected today."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from clinic import commands
from clinic.appointments import Appointment, Booking
from clinic.events import Entry, Fact
from clinic.hours import day_of
from clinic.line import Line, Visit, apply
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
    by: str, has_code: Callable[[str, str], bool], is_erased: Callable[[str], bool],
) -> Changes:  # fmt: skip
    """What these appointments change, given the `old` bookings under their ids. The same again changes nothing.

    Who came for one stays as they are. has_code: whether a code, as it is typed, is that of a visit's booking.
    is_erased: whether it is not known any more whose a visit's booking was; no list brings that back.
    """
    changes = Changes(line)
    today = local_date(line.setup, at)
    for one in appointments:
        booking = _booking(line.setup, links.visit(one.id, local_date(line.setup, one.start)), one, links)
        before = [kept for kept in old.get(one.id, ()) if local_date(line.setup, kept.start) >= today]
        same = next((kept for kept in before if kept.visit == booking.visit), None)
        known = changes.line.visits.get(booking.visit)
        if came(changes.line, booking.visit) or is_erased(booking.visit):
            changes.brought.here.append(one.id)
        elif one.cancelled and before:
            _cancel(changes, at, [same] if same else before, by)
        elif booking == same and (one.code is None or has_code(booking.visit, one.code)):
            changes.brought.unchanged += 1
        else:
            # The same number for somebody else on another day is another appointment: some systems count anew each day.
            moved = [
                kept.visit for kept in before
                if kept is not same and kept.person == booking.person and not came(changes.line, kept.visit)
            ]  # fmt: skip
            _count(changes.brought, booking, same, moved)
            changes.gone += moved
            changes.kept.append((booking, one.code or links.invitation(one.id)))
            changes.add((fact for visit in moved for fact in commands.cancel(changes.line, at, visit)), by)
            if line.opened_at and local_date(line.setup, one.start) == today:
                changes.add(expect(changes.line, at, [_as_staff_have_it(booking, same, known)]), by)
    return changes


def _cancel(changes: Changes, at: datetime, bookings: Sequence[Booking], by: str) -> None:
    """Nobody is expected for these any more; what is known of them stays, so that their codes can say so kindly.

    Who came, and whom staff have said to have missed it, stays as they are.
    """
    lost = [
        one.visit for one in bookings
        if not one.cancelled and not came(changes.line, one.visit) and not is_missed(changes.line, one.visit)
    ]  # fmt: skip
    changes.brought.cancelled += bool(lost)
    changes.brought.unchanged += not lost
    changes.cancelled += lost
    changes.add((fact for visit in lost for fact in commands.cancel(changes.line, at, visit)), by)


def _as_staff_have_it(booking: Booking, same: Booking | None, known: Visit | None) -> Booking:
    """Where a list has not changed who sees somebody, what staff decided about it since the last list stands."""
    if same and known and (same.room, same.clinician) == (booking.room, booking.clinician):
        return replace(booking, room=known.assigned, clinician=known.clinician)
    return booking


def expect(line: Line, at: datetime, bookings: Iterable[Booking]) -> list[Fact]:
    """What makes the people of these bookings expected, or not any more. A service that is gone is left out."""
    facts: list[Fact] = []
    for one in bookings:
        if not one.stands:
            facts += commands.cancel(line, at, one.visit)
        elif line.setup.service(one.service):
            facts += commands.book(line, at, one.visit, one.service, one.start, one.room, one.clinician)
    return facts


def came(line: Line, visit: str) -> bool:
    """Whether somebody came for this booking today, be it over or not."""
    known = line.visits.get(visit)
    return visit in line.over or (known is not None and bool(known.ticket))


def is_here(line: Line, visit: str) -> bool:
    """Whether somebody came for this booking today, or for an earlier one that serves it as well."""
    known = line.visits.get(visit)
    return came(line, visit) or (known is not None and known.joined is not None)


def is_missed(line: Line, visit: str) -> bool:
    """Whether staff have said what came of somebody who was expected and did not come."""
    known = line.visits.get(visit)
    return known is not None and not known.ticket and known.status in ("no_show", "left")


def with_clinicians(setup: Setup, names: Iterable[str]) -> Setup:
    """The set-up with everybody of these names who is not in it yet; an empty name is nobody."""
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
    # A name alone is no person: two may share it, and some calendars call everybody by the service.
    who = one.person or (f"{one.name.casefold()} {one.birthday} {one.year}" if one.name and one.birthday else one.id)
    year = links.fingerprint(f"year {one.year}") if one.year else ""
    return Booking(
        visit, one.id, one.start, one.service, one.minutes, one.room, clinician_named(setup, one.clinician), one.place,
        one.name, one.birthday, year, one.letters, one.language, one.needs, links.fingerprint(f"person {who}"),
        one.cancelled,
    )  # fmt: skip


def _count(brought: Brought, booking: Booking, same: Booking | None, moved: Sequence[str]) -> None:
    if booking.cancelled:
        brought.cancelled += 1
    elif moved or (same and not same.cancelled):
        brought.updated += 1
    else:
        brought.added += 1
