"""What patients say to us from their phone or the tablet, and what is answered: commands. Pure.

Like all commands they answer with new facts or raise Refused. Each may come twice from a slow phone: what is so already
makes no new fact.
"""

from datetime import datetime, timedelta

from clinic import events as e
from clinic.commands import Refused, resume
from clinic.line import Help, Line, Visit
from clinic.minutes import full_five, last_five
from clinic.missed import kept_until
from clinic.needs import CALL_ME

QUESTIONS = ("appointment", "payment", "next", "another_appointment", "something_else")
"""What a question may be about."""

ABOUT = ("", "worse", *QUESTIONS)
"""What somebody may want a person for: any help, feeling worse, or a question."""

ANSWERS = ("in_person", "at_desk", "ask_clinician", "after_visit", "all_set", "nothing_to_pay", "we_will_call")
"""How a question may be answered: in person, or with one sentence that staff pick; never anything about health."""

MORE_TIME = timedelta(minutes=10)
"""What somebody gets who is called or next and asks for more time."""

SHORTEST_OUT = timedelta(minutes=10)
"""Nobody who steps out is asked to be back sooner than this."""


def coming(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They have seen the call and are on the way."""
    found = _visit(line, visit, "called")
    return [] if found.coming_at else [e.Coming(at, visit)]


def more_time(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They need `MORE_TIME`: others go first, and then they are back in the line by themselves.

    By the order rule: next, if they had been called, else in their old place.
    """
    found = _visit(line, visit, "waiting", "called", "on_hold")
    if found.status == "on_hold":
        return []
    return [e.Held(at, visit, until=at + MORE_TIME)]


def step_out(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They step out and keep their place; where we know, they are told by when to be back."""
    found = _visit(line, visit, "waiting", "called", "on_hold")
    return [] if found.status == "on_hold" else [e.Held(at, visit, back_by=return_by(found, at))]


def here(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They say that they are back, as staff do by `resume`; not who missed their call and has no number kept."""
    found = line.visits.get(visit)
    until = kept_until(found) if found else None
    if found and until and at >= until:
        raise Refused("kept_no_more", ticket=found.ticket, at=until)
    return resume(line, at, visit)


def return_by(visit: Visit, at: datetime) -> datetime | None:
    """By when somebody who steps out at `at` is to be back: before their window begins, on a full five minutes.

    None where they were given no window. Who is called already has `SHORTEST_OUT`.
    """
    soonest = full_five(at + SHORTEST_OUT)
    if visit.status == "called":
        return soonest
    if visit.told is None or visit.told.low is None:
        return None
    return max(last_five(visit.told.low), soonest)


def back_again(line: Line, now: datetime) -> list[e.Fact]:
    """Who asked for more time and has had it is in the line again."""
    away = (visit for visit in line.ongoing if visit.status == "on_hold" and visit.away_until)
    return [e.Resumed(now, visit.id) for visit in away if visit.away_until and visit.away_until <= now]


def prefer(line: Line, at: datetime, visit: str, call_me: str) -> list[e.Fact]:
    """From now on they are called like this."""
    found = _visit(line, visit, "waiting", "called", "in_room", "on_hold", "no_show")
    if call_me not in CALL_ME:
        raise Refused("unknown_way")
    return [] if call_me == found.call_me else [e.Preferred(at, visit, call_me)]


def ask_help(
    line: Line, at: datetime, help: str, place: str, about: str = "", asker: str | None = None
) -> list[e.Fact]:  # fmt: skip
    """Somebody at a screen wants a person, or has a question. Works on a closed day too.

    Who has asked the same and waits for the answer has asked it once.
    """
    if about not in ABOUT:
        raise Refused("unknown_question")
    known = line.helps.get(help)
    if known and (known.place, known.about, known.asker) != (place, about, asker):
        raise Refused("request_reused")
    if known or (asker and any(one.about == about for one in open_helps(line, asker))):
        return []
    return [e.HelpAsked(at, help, place, about, asker)]


def say_about(line: Line, at: datetime, help: str, about: str) -> list[e.Fact]:
    """Who wants a person says what it is about, before anybody is on the way: later they hear it themselves."""
    if about not in ABOUT:
        raise Refused("unknown_question")
    known = _help(line, help)
    said = known.about and about != "worse"
    return [e.HelpAsked(at, help, known.place, about, known.asker)] if not (said or known.taken_at) else []


def take_help(line: Line, at: datetime, help: str) -> list[e.Fact]:
    """A member of staff goes to who asked, or sees to their question."""
    if _help(line, help).taken_at:
        raise Refused("help_taken")
    return [e.HelpTaken(at, help)]


def answer_help(line: Line, at: datetime, help: str, words: str) -> list[e.Fact]:
    """What they asked is answered with these `words`, of `ANSWERS`; who answers has taken it."""
    if words not in ANSWERS:
        raise Refused("unknown_answer")
    if _help(line, help).answered_at:
        raise Refused("help_answered")
    return [e.HelpAnswered(at, help, words)]


def open_helps(line: Line, asker: str) -> list[Help]:
    """What this visit's person asked and still waits for: a person on the way, or an answer to a question."""
    theirs = (one for one in line.helps.values() if one.asker == asker and one.answered_at is None)
    return [one for one in theirs if one.taken_at is None or one.about in QUESTIONS]


def _help(line: Line, help: str) -> Help:
    if help not in line.helps:
        raise Refused("unknown_help")
    return line.helps[help]


def _visit(line: Line, visit: str, *statuses: str) -> Visit:
    found = line.visits.get(visit)
    if found is None or not found.ticket:
        raise Refused("unknown_visit")
    if found.status not in statuses:
        raise Refused("wrong_status", ticket=found.ticket, status=found.status)
    return found
