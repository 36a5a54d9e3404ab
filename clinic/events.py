"""The facts: what happened in the clinic, each a small frozen dataclass named in the past tense.

A fact holds what mattered then and nothing that identifies a person: names stay in the register. Facts may gain
optional fields; they are never renamed, dropped or rewritten, so that every old log can be read for ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, get_args

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Opened:
    """The day began: the line starts empty and numbers start at 01.

    `over`: the appointments of this date whose people came already, where a day is opened again on the same date.
    """

    at: datetime
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """The day ended."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """Somebody is expected today at the time `booked`, perhaps in the room they are `assigned` to or by a `clinician`.

    Said again for the same visit it replaces what was said before.
    """

    at: datetime
    visit: str
    service: str
    booked: datetime
    assigned: str | None = None
    clinician: str | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Who was expected is not any more."""

    at: datetime
    visit: str


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """Somebody is here. `call_me`: of `clinic.needs.CALL_ME`; `booked` is their appointment, if any.

    `assigned`: the one room that sees them, where it is not any room of the service. `level`: how urgent staff say it
    is, 1 the most; None where nobody is asked. `clinician`: whose rooms today may see them too. `party`: the visit of
    whom they came with, whose phone follows both. `stops`: their later appointments today, which this check-in serves.
    """

    at: datetime
    visit: str
    service: str
    ticket: str
    language: str = "en"
    call_me: str = "number"
    booked: datetime | None = None
    assigned: str | None = None
    level: int | None = None
    clinician: str | None = None
    party: str | None = None
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """Asked to come to a room."""

    at: datetime
    visit: str
    room: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """Asked again to come to the room they were called to."""

    at: datetime
    visit: str


@dataclass(frozen=True, slots=True)
class MarkedNoShow:
    """Was called, or expected, and did not come. The place is kept."""

    at: datetime
    visit: str


@dataclass(frozen=True, slots=True)
class Started:
    """Entered the room."""

    at: datetime
    visit: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Was seen; the visit is over. `step`: what they do next, of `clinic.commands.NEXT_STEPS`."""

    at: datetime
    visit: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Stepped out: keeps the place and is not called.

    `until`: they asked for more time, and are back in the line by themselves then. `back_by`: when we asked them to be
    back.
    """

    at: datetime
    visit: str
    until: datetime | None = None
    back_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """Is back and can be called again."""

    at: datetime
    visit: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """Goes on to another service within the same visit; with `stop`, to that later appointment of theirs."""

    at: datetime
    visit: str
    service: str
    stop: str | None = None
    booked: datetime | None = None
    assigned: str | None = None
    clinician: str | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """From now on they wait for this clinician, or for any room of their service."""

    at: datetime
    visit: str
    clinician: str | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """Answered the call on their phone: they are on the way."""

    at: datetime
    visit: str


@dataclass(frozen=True, slots=True)
class Preferred:
    """From now on they want to be called like this, of `clinic.needs.CALL_ME`."""

    at: datetime
    visit: str
    call_me: str


@dataclass(frozen=True, slots=True)
class Prioritised:
    """Was moved up by staff, for a reason from the list in `clinic.commands.REASONS`."""

    at: datetime
    visit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Left:
    """Went without being seen: `why` is "left" by their own word, "closed" or "missed" when the day ended."""

    at: datetime
    visit: str
    why: str = "left"


@dataclass(frozen=True, slots=True)
class Told:
    """What this patient was shown: called between `low` and `high`, or no time and `why` we cannot say.

    `because`: why the window ends later than the one before, if that is known.
    """

    at: datetime
    visit: str
    low: datetime | None = None
    high: datetime | None = None
    why: str | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Apologised:
    """This patient was told that we are sorry to be late; `reason` is of `clinic.delay.REASONS`."""

    at: datetime
    visit: str
    reason: str


@dataclass(frozen=True, slots=True)
class SpokenTo:
    """A member of staff spoke to this patient about a very long wait."""

    at: datetime
    visit: str


@dataclass(frozen=True, slots=True)
class DelayNoted:
    """Everybody, or who waits for these `services`, is told until then why it takes longer."""

    at: datetime
    note: str
    reason: str
    until: datetime
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DelayEnded:
    """That delay was over sooner."""

    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class RoomOpened:
    """People are seen in this room, `until` its next planned break or closing if there is one.

    `back`: when that break is planned to end; None where it is the closing, or nobody said.
    """

    at: datetime
    room: str
    until: datetime | None = None
    back: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """This clinician works in this room from now on, and gives these services there; none named: the room's own."""

    at: datetime
    room: str
    clinician: str
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosingTold:
    """Everybody is told that we close at `closes`, and see "all" or maybe only "some"; "none" takes it back."""

    at: datetime
    message: str
    closes: datetime


@dataclass(frozen=True, slots=True)
class RoomPaused:
    """The room takes nobody for a while, `until` a planned time if there is one."""

    at: datetime
    room: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The room takes nobody any more."""

    at: datetime
    room: str


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """Somebody at a screen asked for a person. `help` is the id of the request, `place` where to go.

    `about`: of `clinic.talk.ABOUT`. `asker`: the visit it came from, where a screen knows.
    """

    at: datetime
    help: str
    place: str
    about: str = ""
    asker: str | None = None


@dataclass(frozen=True, slots=True)
class HelpTaken:
    """A member of staff is on the way to who asked."""

    at: datetime
    help: str


@dataclass(frozen=True, slots=True)
class HelpAnswered:
    """What they asked is answered: `answer` is of `clinic.talk.ANSWERS`."""

    at: datetime
    help: str
    answer: str


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """Somebody whom we did not see, perhaps days ago, was taken care of, `how`: of `clinic.follow_up.HOW`."""

    at: datetime
    visit: str
    how: str


@dataclass(frozen=True, slots=True)
class Restored:
    """The clinic was put back to an earlier state, and goes on from there.

    `given`: the highest tickets of that day by then ("A 12"), which are on people's papers: numbers go on after them.
    """

    at: datetime
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """The fact with number `seq`, about this visit, did not happen."""

    at: datetime
    seq: int
    visit: str


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The computer's clock was set so many `seconds` on, or back where they are below 0, while the day was open.

    Whatever the day has counted until then was counted by the old one: see `straight`.
    """

    at: datetime
    seconds: float


Fact = (
    Opened
    | Closed
    | Booked
    | Cancelled
    | CheckedIn
    | Called
    | Recalled
    | MarkedNoShow
    | Started
    | Finished
    | Held
    | Resumed
    | Transferred
    | Assigned
    | Coming
    | Preferred
    | Prioritised
    | Left
    | Told
    | Apologised
    | SpokenTo
    | DelayNoted
    | DelayEnded
    | RoomOpened
    | SignedIn
    | RoomPaused
    | RoomClosed
    | ClosingTold
    | HelpAsked
    | HelpTaken
    | HelpAnswered
    | FollowedUp
    | Restored
    | Undone
    | ClockSet
)

KINDS: dict[str, type[Fact]] = {kind.__name__: kind for kind in get_args(Fact)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as the log keeps it: numbered, with who did it."""

    seq: int
    fact: Fact
    by: str = ""


def undone(entries: Iterable[Entry]) -> set[int]:
    """The numbers of the facts that these say did not happen."""
    return {entry.fact.seq for entry in entries if isinstance(entry.fact, Undone)}


def straight(entries: Iterable[Entry]) -> list[Entry]:
    """These facts with the times of each day as its last clock counts them, so that no time between two is false.

    The facts need not be all of a day; its `Opened` must be among them where they are of several days.
    """
    found: list[Entry] = []
    begun = 0
    for entry in entries:
        if isinstance(entry.fact, Opened):
            begun = len(found)
        if isinstance(entry.fact, ClockSet):
            by = timedelta(seconds=entry.fact.seconds)
            found[begun:] = [replace(one, fact=counted_anew(one.fact, by)) for one in found[begun:]]
        found.append(entry)
    return found


def counted_anew(fact: Fact, by: timedelta) -> Any:
    """This fact by a clock that was set so much on: what was booked or planned for a time keeps it."""
    more = ("low", "high") if isinstance(fact, Told) else ("until", "back_by") if isinstance(fact, Held) else ()
    return moved(fact, by, "at", *more)


def moved(thing: T, by: timedelta, *times: str) -> T:
    """This dataclass with these of its times moved by so much, where it has them."""
    known = {name: getattr(thing, name) for name in times}
    return replace(thing, **{name: at + by for name, at in known.items() if at is not None})  # type: ignore[type-var]  # each T here is a dataclass
