"""The one rule of the order: who comes before whom, and why; whom each room calls. Pure.

Everybody who shows or changes an order asks `waiting` here, so "next", the TV, the phone and the estimate agree.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from clinic.line import Line, Visit, party_of
from clinic.setup import Setup

NOT_URGENT = 9
"""The level of who was given none."""


def due(visit: Visit, setup: Setup) -> datetime:
    """When it is this person's turn by right: the booked time unless they came too late for it, else the arrival."""
    if visit.booked is None:
        return visit.arrived + setup.walk_in_delay
    return visit.booked if visit.arrived <= visit.booked + setup.lateness else visit.arrived


def _turn(visit: Visit, setup: Setup) -> tuple[bool, int, bool, datetime, int]:
    """The order rule: moved up for a reason, then more urgent, then called before and back, then who is due first."""
    level = NOT_URGENT if visit.level is None else visit.level
    return (visit.priority is None, level, not visit.returned, due(visit, setup), visit.seq)


_BECAUSE = ("moved_up", "more_urgent", "called_before", "due", "arrived")
"""What each part of the order rule means."""


def why_first(line: Line, first: Visit, other: Visit) -> str:
    """Why the order rule puts `first` before `other`: the first part of the rule in which they differ.

    moved_up, more_urgent, called_before, booked (an earlier booked time) or arrived.
    """
    pairs = zip(_BECAUSE, _turn(first, line.setup), _turn(other, line.setup), strict=True)
    reason = next((because for because, mine, theirs in pairs if mine != theirs), "arrived")
    if reason == "due":
        return "booked" if first.booked is not None and due(first, line.setup) == first.booked else "arrived"
    return reason


def why_before(line: Line, first: Visit, other: Visit) -> str:
    """`why_first` as it is true for `other`, who came before `first`: what a due time means depends on both.

    moved_up, more_urgent, called_before, booked (for a time before theirs, or before they came), timed (booked, though
    for no earlier time), before_time (came before the time `other` is booked for) or arrived.
    """
    reason = why_first(line, first, other)
    if reason == "booked" and first.booked is not None and first.booked >= (other.booked or other.arrived):
        return "timed"
    if reason == "arrived" and due(other, line.setup) == other.booked:
        return "before_time"
    return "timed" if reason == "arrived" and first.booked is not None else reason


def before(line: Line, visit: Visit) -> Iterator[Visit]:
    """Who waits before this waiting person in a line of theirs, in calling order."""
    mine = set(_open_or_all(line, lines_of(line, visit)))
    for other in waiting(line):
        if other.id == visit.id:
            return
        if mine.intersection(lines_of(line, other)):
            yield other


def overtaking(line: Line, visit: Visit) -> str | None:
    """Why somebody who came later is before this waiting person, in their rooms; None when nobody is."""
    if visit.id not in _overtaken(line):
        return None
    return next((why_before(line, other, visit) for other in before(line, visit) if other.seq > visit.seq), None)


def _overtaken(line: Line) -> set[str]:
    """Who waits behind somebody who came later, in a line of theirs."""
    if "overtaken" not in line.worked_out:
        found, latest = set(), dict[str, int]()
        for one in waiting(line):
            mine = lines_of(line, one)
            if any(latest.get(room, 0) > one.seq for room in _open_or_all(line, mine)):
                found.add(one.id)
            latest.update({room: max(one.seq, latest.get(room, 0)) for room in mine})
        line.worked_out["overtaken"] = found
    overtaken: set[str] = line.worked_out["overtaken"]
    return overtaken


def joined_after(line: Line, visit: Visit) -> int:
    """How many who came later wait in a line of theirs; who came along with them is nobody to be told of."""
    if "came" not in line.worked_out:
        came: dict[tuple[str, ...], list[int]] = {}
        for one in sorted(waiting(line), key=lambda one: one.seq):
            came.setdefault(lines_of(line, one), []).append(one.seq)
        line.worked_out["came"] = came
    mine = set(lines_of(line, visit))
    came = {rooms: seqs for rooms, seqs in line.worked_out["came"].items() if not mine.isdisjoint(rooms)}
    later = sum(len(seqs) - bisect_right(seqs, visit.seq) for seqs in came.values())
    along = (one for one in party_of(line, visit) if one.status == "waiting" and one.seq > visit.seq)
    return later - sum(lines_of(line, one) in came for one in along)


def in_order(line: Line, visits: Iterable[Visit]) -> list[Visit]:
    """These visits as the order rule puts them."""
    return sorted(visits, key=lambda visit: _turn(visit, line.setup))


def waiting(line: Line, room: str | None = None) -> list[Visit]:
    """Who waits and can be called, in calling order: for one room, or for all."""
    if "waiting" not in line.worked_out:
        line.worked_out["waiting"] = in_order(line, (v for v in line.ongoing if v.status == "waiting"))
    return [v for v in line.worked_out["waiting"] if room is None or may_call(line, room, v)]


def may_call(line: Line, room: str, visit: Visit) -> bool:
    """Whether this room calls this visit when it is their turn.

    Who is bound to a room or a clinician waits for that room or those where the clinician works today; others for any
    room that gives their service.
    """
    if visit.assigned or visit.clinician:
        return visit.assigned == room or (bool(visit.clinician) and line.room(room).clinician == visit.clinician)
    return visit.service in line.services(room)


def rooms_for(line: Line, visit: Visit) -> tuple[str, ...]:
    """The rooms that may call this visit, whatever they are doing now; none while their clinician is in no room."""
    if visit.assigned or visit.clinician:
        own = line.rooms_of(visit.clinician)
        return own if visit.assigned is None or visit.assigned in own else (visit.assigned, *own)
    return line.serving(visit.service)


def lines_of(line: Line, visit: Visit) -> tuple[str, ...]:
    """Where this visit stands in line: the rooms that may call it, or where its clinician, in no room yet, will be."""
    rooms = rooms_for(line, visit)
    return rooms or ((f"where {visit.clinician} will be",) if visit.clinician else ())


def next_for(line: Line, room: str) -> Visit | None:
    """Who is called next to this room."""
    return next(iter(waiting(line, room)), None)


def places(line: Line) -> dict[str, int]:
    """For each waiting visit, in calling order: how many people are before it.

    Before you are those whom your next room would call first. With several rooms it is the one with the fewest.
    """
    return dict(_of_all(line))


def _of_all(line: Line) -> Mapping[str, int]:
    if "places" not in line.worked_out:
        line.worked_out["places"] = _places(line, waiting(line))
    found: dict[str, int] = line.worked_out["places"]
    return found


def _places(line: Line, ordered: Iterable[Visit]) -> dict[str, int]:
    called = {place.id: 0 for place in line.setup.rooms}
    ahead, asked = {}, dict[tuple[str, ...], tuple[str, ...]]()
    for one in ordered:
        mine = lines_of(line, one)
        if mine not in asked:  # most people wait for the same rooms as others
            asked[mine] = _open_or_all(line, mine)
        ahead[one.id] = min((called.get(room, 0) for room in asked[mine]), default=0)
        if one.status == "waiting":
            for room in mine:
                called[room] = called.get(room, 0) + 1
    return ahead


def ahead_of(line: Line, visit: Visit) -> int:
    """How many people are before this visit, which waits or has stepped out."""
    if visit.status == "waiting":
        return _of_all(line)[visit.id]
    return _places(line, in_order(line, [*waiting(line), visit]))[visit.id]


def _open_or_all(line: Line, rooms: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these rooms that are open; all of them where none is."""
    return tuple(room for room in rooms if line.room(room).state == "open") or rooms
