"""What this patient may know: their own ticket, and nothing about anybody else but how many. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.delay import SPEAK, apology, minutes_said, note_for, speak_by
from clinic.line import Help, Line, Visit, party_of, stops_of
from clinic.missed import kept_until
from clinic.order import ahead_of, joined_after
from clinic.talk import QUESTIONS
from clinic.told import Wait, goes_first, is_past, is_repeated, speak_again, wait

LINK_LIVES = timedelta(hours=2)
"""How long the page stands after the visit (EXPERIENCE P1)."""

SAID_FOR, ANSWER_SAID_FOR = timedelta(minutes=15), timedelta(minutes=30)
"""How long somebody still reads that a person is on the way to them, and what they were answered."""

COME_BACK = timedelta(minutes=5)
"""So long before the time to be back the phone says that it is time."""


@dataclass(frozen=True)
class Ticket:
    """One patient's ticket as it stands. `state` is the visit's status, or "next" for who is called next.

    `place`: how many people are before who waits. `wait` is None when we cannot say, `why` then says why not;
    `because`: why it takes longer; `late`: how many minutes we are late for them, rounded down to a quarter of an hour;
    `past`: the first told window has passed;
    `repeated`: it stands, and was told again at `told_at`. `sorry`: the reason of the apology that they read now;
    `speak_by`: until when we say that somebody will speak to them; `delay`: the reason of a delay note about them.
    `first`: why somebody who came later is before them, where nothing else says it.
    `later`: the times of their later appointments today; `gone_on`: of the one they have gone on to.
    `call_me`: as in the fact `CheckedIn`; `times_missed`: how often they were called and did not come; `kept_until`:
    how long their number is kept for them then, and `is_kept`: it still is.
    `closing`: "all" or "some" while people are told that we close at `closes`. `next_step`: as in the fact `Finished`.
    `coming`: they answered this call. Who has stepped out is back in the line by themselves at `away_until`, or was
    asked to be back by `back_by`; `come_back`: that is now. `here`: they are in the clinic, or their place is kept.
    """

    clinic: str
    phone: str
    seating: str
    state: str
    ticket: str
    place: int
    wait: Wait | None
    why: str | None
    because: str | None
    late: int
    past: bool
    repeated: bool
    told_at: datetime | None
    sorry: str
    speak_by: datetime | None
    delay: str
    room: str
    call_me: str
    called_at: datetime | None
    times_missed: int
    kept_until: datetime | None
    is_kept: bool
    joined: int
    now: datetime
    update_by: datetime
    call: int
    closed_out: bool
    missed: bool
    closing: str
    closes: datetime | None
    first: str | None
    later: tuple[datetime, ...]
    gone_on: datetime | None
    next_step: str | None
    coming: bool
    away_until: datetime | None
    back_by: datetime | None
    come_back: bool
    here: bool


@dataclass(frozen=True)
class Said:
    """What became of something they asked: `state` is "asked", "taken" or "answered".

    `about`, `answer`: as in `clinic.line.Help`. `who`: the first name of who took it, if they said. `known`: we know
    whose number asked. `out`: they have stepped out, so nobody can come to them.
    """

    help: str
    ticket: str
    about: str
    state: str
    answer: str
    who: str
    known: bool
    out: bool


def party(line: Line, visit: Visit, now: datetime) -> tuple[Ticket, ...]:
    """The tickets of everybody who came together with this visit, its own first."""
    others = (one for one in party_of(line, visit) if one.id != visit.id)
    return tuple(screen(line, one, now) for one in (visit, *others))


def screen(line: Line, visit: Visit, now: datetime) -> Ticket:
    """This visit's ticket at `now`, in the clinic's zone."""
    place = ahead_of(line, visit) if visit.status == "waiting" else 0
    left = wait(visit, now)
    room = line.setup.room(visit.room or "")
    called_at = visit.called_at.astimezone(now.tzinfo) if visit.called_at else None
    kept = kept_until(visit)
    because = visit.told.because if visit.told and left is not None and left.longer else None
    late = minutes_said(visit, now)
    sorry, note = apology(visit, now), note_for(line, visit, now)
    first = goes_first(line, visit) if visit.status == "waiting" and place > 0 else None
    minute = now.replace(second=0, microsecond=0)  # as it reads: a ticket that did not change is the same ticket
    return Ticket(
        clinic=line.setup.name,
        phone=line.setup.phone,
        seating=line.setup.seating,
        state="next" if visit.status == "waiting" and place == 0 and left is not None else visit.status,
        ticket=visit.ticket,
        place=place,
        wait=left,
        why=visit.told.why if visit.told and left is None else None,
        because=because,
        late=late,
        past=is_past(visit, now),
        repeated=is_repeated(visit),
        told_at=visit.told.at.astimezone(now.tzinfo) if visit.told else None,
        sorry=sorry.reason if sorry else "",
        speak_by=_speak_by(visit, now) if late >= SPEAK else None,
        delay=note.reason if note else "",
        room=room.name if room else "",
        call_me=visit.call_me,
        called_at=called_at,
        times_missed=visit.missed,
        kept_until=kept.astimezone(now.tzinfo) if kept else None,
        is_kept=kept is None or now < kept,
        joined=joined_after(line, visit),
        now=minute,
        update_by=speak_again(visit.told).astimezone(now.tzinfo) if visit.told else minute,
        call=visit.call,
        closed_out=visit.left_why == "closed",
        missed=visit.left_why == "missed",
        closing=line.closing.message if line.closing else "",
        closes=line.closing.closes.astimezone(now.tzinfo) if line.closing else None,
        first=first if first != because else None,
        later=tuple(stop.arrived.astimezone(now.tzinfo) for stop in stops_of(line, visit)),
        gone_on=visit.booked.astimezone(now.tzinfo) if visit.gone_on and visit.booked else None,
        next_step=visit.next_step,
        coming=visit.status == "called" and visit.coming_at is not None,
        away_until=visit.away_until.astimezone(now.tzinfo) if visit.away_until else None,
        back_by=visit.back_by.astimezone(now.tzinfo) if visit.back_by else None,
        come_back=visit.back_by is not None and now >= visit.back_by - COME_BACK,
        here=visit.is_here,
    )


def asked_by(line: Line, visits: Iterable[Visit], now: datetime) -> list[Help]:
    """What these people asked and still read about, the latest first.

    Of what somebody asked more than once, it is the latest; who wants a person and feels worse waits for one person.
    """
    askers = {visit.id for visit in visits}
    theirs = (one for one in line.helps.values() if one.asker in askers)
    latest = {(one.asker, one.about if one.about in QUESTIONS else ""): one for one in theirs}
    return sorted((one for one in latest.values() if _is_said(one, now)), key=lambda one: one.asked_at, reverse=True)


def said_of(line: Line, help: Help, takers: Mapping[str, str]) -> Said:
    """What became of this; `takers`: the first names of who took calls for help."""
    asker = line.visits.get(help.asker or "")
    state = "answered" if help.answered_at else "taken" if help.taken_at else "asked"
    out = asker is not None and asker.status == "on_hold"
    ticket = asker.ticket if asker else ""
    return Said(help.id, ticket, help.about, state, help.answer, takers.get(help.id, ""), asker is not None, out)


def _is_said(help: Help, now: datetime) -> bool:
    if help.answered_at:
        return now < help.answered_at + ANSWER_SAID_FOR
    if help.taken_at and help.about not in QUESTIONS:
        return now < help.taken_at + SAID_FOR
    return True


def link_lives(line: Line, visit: Visit, now: datetime) -> bool:
    """Whether this visit's link still opens its page: as long as anybody's of its party would."""
    return any(one.ended_at is None or now < one.ended_at + LINK_LIVES for one in party_of(line, visit))


def _speak_by(visit: Visit, now: datetime) -> datetime | None:
    by = speak_by(visit)
    return by.astimezone(now.tzinfo) if by and now < by and visit.spoken_at is None else None
