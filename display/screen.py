"""What the TV may show: tickets called and waiting. Pure. The line holds no names, so none can reach a TV but those
whose people chose it and that are handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from clinic.delay import notes
from clinic.line import Line, Visit, present
from clinic.order import places, rooms_for
from clinic.told import Wait, speak_again, wait
from display.voice import Sentence, announcement, loudness, trial

BAND, EARLIER = 3, 4
"""Calls that fit the band at once, and the line below it."""

CALL_STAYS = timedelta(seconds=60)
CALL_LISTED = timedelta(minutes=5)

LARGE = 3
"""Waiting tickets that the large mode shows."""

NOTES = 2
"""Delay notes that the TV has room for: the latest."""

PAGES = 5
"""Pages of the list, nine seconds each: everybody finds themselves within 45 s (EXPERIENCE T9)."""


@dataclass(frozen=True)
class Call:
    """One call: its number in the log tells a new call from one already heard; `is_open` until they are there.

    `coming`: they have answered it from their phone. `say`: the clips that speak it, none where the TV does not speak.
    """

    seq: int
    ticket: str
    name: str | None
    room: str
    at: datetime
    is_open: bool
    coming: bool
    say: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """One waiting ticket. `wait` is None when we cannot say. `goes_on`: a room calls people of theirs now."""

    ticket: str
    place: int
    wait: Wait | None
    goes_on: bool = True


@dataclass(frozen=True)
class Note:
    """Why it takes longer: for all, or for who has a number with one of these letters."""

    reason: str
    letters: tuple[str, ...]


@dataclass(frozen=True)
class Tv:
    """The whole screen: `band` are the calls to answer now, `earlier` those before; `unlisted` more wait unshown.

    `closing`: "all" or "some" while people are told that we close at `closes`.
    `we_did`: what we did of what people said, in the minutes in which that is shown. `volume`: 0 to 100. `trials`: the
    test calls that TVs show now, by the TV's number, and `trial` the clips that speak one.
    """

    clinic: str
    now: datetime
    band: tuple[Call, ...]
    earlier: tuple[Call, ...]
    waiting: tuple[Waiting, ...]
    pages: tuple[tuple[Waiting, ...], ...]
    unlisted: int
    update_by: datetime
    can_say: bool
    phone: str
    is_open: bool
    closing: str
    closes: datetime | None
    notes: tuple[Note, ...]
    we_did: str
    volume: int
    trials: Mapping[int, str]
    trial: tuple[Sentence, ...]

    @property
    def lines(self) -> int:
        """How many help lines take turns at the foot; every one is back within 45 s."""
        return 4 if self.closing == "some" or self.notes else 3


def screen(
    line: Line,
    now: datetime,
    names: Mapping[str, str],
    cells: int,
    large: bool = False,
    we_did: Sequence[str] = (),
    trials: Mapping[int, str] = MappingProxyType({}),
) -> Tv:
    """The TV at `now`, in the clinic's zone, its list cut to pages of `cells`. `large`: calls and the next three.

    `we_did`: what staff want to say that they did of what people said; it has its minute in turn with our own words.
    `trials`: by a TV's number, what tells the test call that it is to show from an earlier one.
    """
    calls = _calls(line, now, names)
    band = [visit for visit, _ in calls if visit.status == "called" or now - _called(visit) < CALL_STAYS][:BAND]
    listed = [visit for visit, _ in calls if visit not in band and _is_listed(visit, now)]
    shown = {visit.id: call for visit, call in calls}
    everybody = tuple(
        Waiting(line.visits[visit].ticket, place, wait(line.visits[visit], now), _goes_on(line, line.visits[visit]))
        for visit, place in places(line).items()
    )
    pages, unlisted = _pages(everybody[:LARGE] if large else everybody, cells, PAGES)
    return Tv(
        clinic=line.setup.name,
        now=now,
        band=tuple(shown[visit.id] for visit in band),
        earlier=tuple(replace(shown[visit.id], name=None) for visit in listed[:EARLIER]),
        waiting=everybody,
        pages=pages,
        unlisted=unlisted,
        update_by=_update_by(line, now),
        can_say=any(one.wait for one in everybody),
        phone=line.setup.phone,
        is_open=line.opened_at is not None,
        closing=line.closing.message if line.closing else "",
        closes=line.closing.closes.astimezone(now.tzinfo) if line.closing else None,
        notes=_notes(line, now),
        we_did=("", *we_did)[now.minute % (1 + len(we_did))],
        volume=loudness(line.setup, now),
        trials=trials,
        trial=trial(line.setup.language) if line.setup.voice else (),
    )


def _goes_on(line: Line, visit: Visit) -> bool:
    """Whether any room that may call them is open: with nobody before them they are not next while none is."""
    return any(line.room(room).state == "open" for room in rooms_for(line, visit))


def _notes(line: Line, now: datetime) -> tuple[Note, ...]:
    """By letter, since what a service is called may tell strangers why somebody is here."""
    found = []
    for note in notes(line, now)[:NOTES]:
        known = (line.setup.service(service) for service in note.services)
        found.append(Note(note.reason, tuple(service.letter for service in known if service)))
    return tuple(found)


def _calls(line: Line, now: datetime, names: Mapping[str, str]) -> list[tuple[Visit, Call]]:
    """Everybody called and not yet long in the room: who has not come yet before the others, newest call first."""
    everybody = present(line, "called", "in_room", "no_show", "done")
    # Who is fetched by a person is not called here as well.
    called = [visit for visit in everybody if visit.called_at and visit.room and visit.call_me != "fetch"]
    called.sort(key=lambda visit: (visit.status != "called", -visit.call))
    found = []
    for visit in called:
        place = line.setup.room(visit.room or "")
        name = names.get(visit.id) if visit.call_me == "name" else None
        at = _called(visit).astimezone(now.tzinfo)
        room = place.name if place else ""
        # In the clinic's language first, then in the called person's own.
        languages = (line.setup.language, visit.language) if line.setup.voice else ()
        say = announcement(visit.ticket, room, languages)
        is_open, coming = visit.status == "called", bool(visit.coming_at)
        found.append((visit, Call(visit.call, visit.ticket, name, room, at, is_open, coming, say)))
    return found


def _update_by(line: Line, now: datetime) -> datetime:
    """When the first of those whom we could give no time hears from us again."""
    owed = [speak_again(v.told) for v in present(line, "waiting") if v.told and v.told.high is None]
    return min(owed, default=now).astimezone(now.tzinfo)


def _called(visit: Visit) -> datetime:
    assert visit.called_at  # only called visits come here
    return visit.called_at


def _is_listed(visit: Visit, now: datetime) -> bool:
    return visit.status == "called" or now - _called(visit) < CALL_LISTED


def _pages(everybody: tuple[Waiting, ...], cells: int, most: int) -> tuple[tuple[tuple[Waiting, ...], ...], int]:
    """The list cut to pages; with more than one, or people left over, the last cell says how many more there are."""
    if len(everybody) <= cells:
        return ((everybody,) if everybody else (), 0)
    size = max(1, cells - 1)
    pages = tuple(everybody[i : i + size] for i in range(0, len(everybody), size))[:most]
    return pages, len(everybody) - sum(len(page) for page in pages)
