"""How long what identifies a person is kept, and how it is erased: from the tables, and from the bytes of the file.

Names, and what may help somebody, go when their visit has been over for `Setup.kept_hours`, or at once when asked for.
Whom we owe a word keeps the name for that: through the day it is due, and a week longer where somebody took it on.
"""

from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from clinic import feedback, log, register
from clinic.follow_up import DAYS, Unseen, due, owed, unseen
from clinic.hours import day_of
from clinic.line import Line
from clinic.setup import Setup

TABLES = ("person", "need", "taker", "booking", "feedback", "follow_up")
"""Whatever identifies anybody is in these."""

LONGER = timedelta(weeks=1)
"""How long after its due day a word that somebody promised may still need the name, or how to reach them."""

FEEDBACK = timedelta(weeks=8)
"""How long answers are kept, without their visits."""

A_LITTLE = timedelta(hours=1)
"""What is due is erased well within this."""

CODES = timedelta(days=30)
"""How long the code of an invitation is known to have been for a day that is past."""


@dataclass(frozen=True)
class Due:
    """What has been kept for long enough.

    names, needs, bookings: the visits whose people's they are; saved: by visit, names of bookings that a follow-up
    still needs; takers: calls for help; owners: visits and answers taken care of; contacts: answers.
    """

    names: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    bookings: frozenset[str] = frozenset()
    saved: tuple[tuple[str, str], ...] = ()
    takers: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any(astuple(self))


@dataclass(frozen=True)
class Person:
    """Somebody whose visit is over and whose name is kept. ticket: empty where it is not known any more.

    `owed`: they are to be followed up, and the name stays for that.
    """

    visit: str
    ticket: str
    name: str
    ended: datetime | None
    owed: bool


def what_is_due(db: Database, line: Line, now: datetime) -> Due:
    """What is to be erased at `now`."""
    today = day_of(line.setup, now)
    hours = timedelta(hours=line.setup.kept_hours)
    ongoing = {visit.id for visit in line.ongoing}
    # The line counts by the clock as it was set last; the log, which knows of other days too, as it was then.
    lately = {visit.id for visit in line.visits.values() if visit.ended_at and visit.ended_at > now - hours}
    current = ongoing | lately | log.ended(db, now - hours, now + hours).keys()
    bookings = _over(register.identified_bookings(db, today.isoformat()), line, ongoing, current, today)
    named, needing = register.named(db) - current, register.needing(db)
    promised = _promised(db, line.setup, now) if named or bookings else {}
    kept_for = {visit: one for visit, one in promised.items() if today <= one}
    booked = ((one.visit, one.name) for one in register.bookings(db, bookings & kept_for.keys()))
    helps = (one.id for one in line.helps.values() if one.taken_at is None or one.taken_at > now - hours)
    answers = {one.id: one for one in feedback.asking(db)}
    owners = feedback.owners(db, feedback.owned(db))
    late = {
        one.id for one in answers.values()
        if one.contact and today > _until(date.fromisoformat(one.day), owners.get(one.id), promised=True)
    }  # fmt: skip
    open_ones = answers.keys() | {one.visit for one in _open(db, now)} if owners else set()
    return Due(
        names=frozenset(named - kept_for.keys()),
        needs=frozenset(one for one in needing if one not in current or one not in line.visits),
        bookings=frozenset(bookings),
        saved=tuple((visit, name) for visit, name in booked if name),
        takers=frozenset(register.taken(db) - set(helps)),
        owners=frozenset(owners.keys() - open_ones),
        contacts=frozenset(late),
    )


def erase(db: Database, due: Due) -> None:
    """Erase this for good: what stays is written anew, since pages that were split may hold a deleted row's copy."""
    if not due:
        return
    for visit, name in due.saved:
        register.save_name(db, visit, name)
    register.erase_people(db, due.names, due.needs)
    register.erase_bookings(db, due.bookings)
    register.erase_takers(db, due.takers)
    feedback.erase_owners(db, due.owners)
    feedback.erase_contacts(db, due.contacts)
    rewrite(db, "person", "need", "taker")  # these are short
    for table, changed in (("booking", due.bookings), ("follow_up", due.owners), ("feedback", due.contacts)):
        if changed:
            rewrite(db, table)


def forget_days(db: Database, setup: Setup, now: datetime) -> None:
    """With a new day: nothing any more of long past codes and answers; and of nothing erased is a copy left."""
    register.forget_codes(db, day_of(setup, now - CODES).isoformat())
    feedback.forget(db, day_of(setup, now - FEEDBACK).isoformat(), day_of(setup, now - timedelta(days=1)).isoformat())
    rewrite(db, *TABLES)


def all_of(db: Database, line: Line, visits: Iterable[str]) -> Due:
    """All that identifies these visits' people, be they here or gone; who is here keeps what helps them."""
    asked = set(visits)
    over = {visit for visit in asked if visit not in line.visits or not line.visits[visit].is_here}
    theirs = asked | {one.id for one in line.visits.values() if one.joined in asked}
    of_one = register.same_people(db, asked) & line.over
    bookings = {one.visit for one in register.bookings(db, theirs | of_one)}
    helps = {one.id for one in line.helps.values() if one.asker in over}
    return Due(
        names=frozenset(asked), needs=frozenset(over), bookings=frozenset(bookings), takers=frozenset(helps),
        owners=frozenset(asked & feedback.owned(db)),
    )  # fmt: skip


def people(db: Database, line: Line, now: datetime) -> list[Person]:
    """Whose visit is over and whose name is kept, the latest end first."""
    ongoing = {visit.id for visit in line.ongoing}
    hours = timedelta(hours=line.setup.kept_hours)
    ended = log.ended(db, now - hours - A_LITTLE, now + hours)
    owed_now = {one.visit: one for one in _open(db, now)}
    names = register.names(db, register.named(db) - ongoing)
    gone = (visit.id for visit in line.visits.values() if visit.id not in ongoing and not visit.ticket)
    for one in register.bookings(db, gone):
        if one.name:
            names.setdefault(one.visit, one.name)
    found = []
    for visit, name in names.items():
        word, known = owed_now.get(visit), line.visits.get(visit)
        ticket = known.ticket if known else word.ticket if word else ""
        found.append(Person(visit, ticket, name, ended.get(visit) or (word.at if word else None), word is not None))
    return sorted(found, key=lambda one: (one.ended.isoformat() if one.ended else "", one.visit), reverse=True)


def rewrite(db: Database, *tables: str) -> None:
    """Write these of `TABLES` anew: that frees all their pages, and `secure_delete` leaves nothing on a freed page."""
    for table in tables:
        db.execute(f"create temp table stays as select * from {table}")  # noqa: S608 - a name of our own
        db.execute(f"delete from {table}")  # noqa: S608 - likewise
        db.execute(f"insert into {table} select * from temp.stays")  # noqa: S608 - likewise
        db.execute("drop table temp.stays")


def _over(
    booked: Iterable[register.Identified], line: Line, ongoing: Collection[str], current: Collection[str], today: date
) -> set[str]:  # fmt: skip
    """Which of these bookings are over for long enough: those of past days, and of today whose visit was."""
    booked = list(booked)
    here = {one.person for one in booked if one.visit in current}
    found = set()
    for one in booked:
        if one.day < today.isoformat():
            over = one.visit not in ongoing
        elif one.visit in line.over:
            over = one.person not in here
        else:
            over = one.visit in line.visits and one.visit not in current
        if over:
            found.add(one.visit)
    return found


def _open(db: Database, now: datetime) -> list[Unseen]:
    """Whom we owe a word."""
    return owed(unseen(log.went_unseen(db, now - DAYS)))


def _promised(db: Database, setup: Setup, now: datetime) -> dict[str, date]:
    """By visit, through which day whom we owe a word keeps the name for that."""
    found = _open(db, now)
    owners = feedback.owners(db, {one.visit for one in found})
    return {
        one.visit: _until(day_of(setup, one.at), owners.get(one.visit), promised=one.visit in owners) for one in found
    }  # fmt: skip


def _until(day: date, owner: feedback.Owner | None, promised: bool) -> date:
    """Through which day we may still take care of somebody who went unseen, or asked for an answer, on this `day`."""
    by = date.fromisoformat(owner.due) if owner else due(day)
    return min(by + LONGER, day + DAYS) if promised else by
