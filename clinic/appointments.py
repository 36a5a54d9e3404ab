"""Appointments: what is kept of each, and how somebody at the tablet is matched to theirs. Pure.

Kept is only what greeting and calling somebody needs (EXPERIENCE K2): no birth year in clear, no address, no reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.line import Line, Visit
from clinic.setup import Setup


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment as another system's list has it.

    id: that system's own. start: aware. service, room: ids of the set-up. clinician: a name, as written. place: empty
    when it is here, else the name of the other place. birthday: day and month. letters: the folded first letters that
    the family name may begin with. needs: of `clinic.needs.NEEDS`. code: secret, printed on the invitation, if the
    list brings one.
    person: that system's id of the patient, who may have several appointments.
    """

    id: str
    start: datetime
    service: str
    minutes: float | None = None
    room: str | None = None
    clinician: str = ""
    place: str = ""
    name: str = ""
    birthday: tuple[int, int] | None = None
    year: int | None = None
    letters: str = ""
    language: str | None = None
    needs: tuple[str, ...] = ()
    code: str | None = None
    person: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment as it is kept, under the id of the visit it will be.

    id: as in the list it came from. clinician: an id of the set-up. year, person: fingerprints, which tell nothing but
    whether two are the same; two bookings of one `person` are one person's.
    """

    visit: str
    id: str
    start: datetime
    service: str
    minutes: float | None = None
    room: str | None = None
    clinician: str | None = None
    place: str = ""
    name: str = ""
    birthday: tuple[int, int] | None = None
    year: str = ""
    letters: str = ""
    language: str | None = None
    needs: tuple[str, ...] = ()
    person: str = ""
    cancelled: bool = False

    @property
    def stands(self) -> bool:
        """Whether somebody is expected for it, here."""
        return not self.cancelled and not self.place


@dataclass(frozen=True, slots=True)
class Found:
    """What came of looking for somebody's appointment.

    outcome: matched, which_year, not_matched; for a code also early, late, already_checked_in, wrong_day, wrong_place
    and cancelled. bookings: theirs today, the one they came for first; for the last three the one that was looked for.
    """

    outcome: str
    bookings: tuple[Booking, ...] = ()


NOT_MATCHED = Found("not_matched")


def by_birthday(
    today: Iterable[Booking], birthday: tuple[int, int], letter: str, year: str, line: Line, now: datetime
) -> Found:
    """Whose birthday and folded first letter these are, among those booked about now; `year` if two might be meant.

    Every booking of the day is looked at in the same way whatever is found, so that the time tells nothing.
    """
    today = list(today)
    hits = [
        one for one in today
        if one.birthday == birthday and letter in one.letters and timing(one, now, line.setup) == "matched"
        and one.stands and one.visit not in line.over
    ]  # fmt: skip
    people = {one.person for one in hits}
    if len(people) > 1 and not year:
        return Found("which_year")
    if year:
        known = [one for one in hits if one.year == year or (not one.year and len(people) == 1)]
        hits, people = known, {one.person for one in known}
    if len(people) != 1:
        return NOT_MATCHED
    return Found("matched", journey(today, hits[0], line, now))


def by_code(booking: Booking | None, today: Iterable[Booking], line: Line, now: datetime) -> Found:
    """Whose code this is, on whatever day their appointment is."""
    if booking is None:
        return NOT_MATCHED
    if booking.cancelled or booking.place:
        return Found("cancelled" if booking.cancelled else "wrong_place", (booking,))
    today = list(today)
    if booking.visit not in {one.visit for one in today}:
        return Found("wrong_day", (booking,))
    theirs = journey(today, booking, line, now)
    if visit_of(theirs[0], today, line) or theirs[0].visit in line.over:
        return Found("already_checked_in", theirs)
    return Found(timing(theirs[0], now, line.setup), theirs)


def visit_of(booking: Booking, today: Iterable[Booking], line: Line) -> Visit | None:
    """The visit of who checked in for this booking, or for an earlier one that serves it too; None when nobody did."""
    visit = line.visits.get(booking.visit)
    if visit:
        return line.visits[visit.joined] if visit.joined else visit if visit.ticket else None
    if not booking.stands:
        return None
    # Who has gone on to it, or went home before it, is known by the visit of the appointment they checked in for.
    theirs = (line.visits.get(one.visit) for one in today if one.person == booking.person)
    for one in theirs:
        if one and one.ticket and (booking.visit in one.stops or (one.booked and one.booked >= booking.start)):
            return one
    return None


def timing(booking: Booking, now: datetime, setup: Setup) -> str:
    """Whether somebody who comes now is early or late beyond what a birthday finds, or matched."""
    if now < booking.start - timedelta(minutes=setup.early):
        return "early"
    return "late" if now > booking.start + timedelta(minutes=setup.late) else "matched"


def journey(today: Iterable[Booking], booking: Booking, line: Line, now: datetime) -> tuple[Booking, ...]:
    """What this person comes for: the booking that their check-in begins with, and all theirs of today after it.

    It is the one that they are here for already, else their first that nobody checked in for and that is not too late,
    else the one asked about.
    """
    today = list(today)
    theirs = sorted((one for one in today if one.person == booking.person and one.stands), key=lambda one: one.start)
    visits = {one.visit: visit_of(one, today, line) for one in theirs}
    here = [one for one in theirs if (visit := visits[one.visit]) and visit.is_here]
    still = [one for one in theirs if visits[one.visit] is None and one.visit not in line.over]
    in_time = [one for one in still if timing(one, now, line.setup) != "late"]
    asked = [booking] if booking in still else []
    first = next(iter([*here, *in_time, *asked, *still]), booking)
    later = (one for one in still if one.start >= first.start and one != first)
    return (first, *later)
