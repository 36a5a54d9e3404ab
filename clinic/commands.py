"""The commands: each looks at the line and answers with new facts, or refuses. Pure: time comes in as `at`."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from clinic import events as e
from clinic.line import HERE, Line, Visit, next_for, present, visits_in
from clinic.setup import Service

REASONS = ("needs_care_sooner", "booked_time", "small_child", "unwell", "back_from_test", "other")
"""Why staff may move somebody up (EXPERIENCE S4)."""

CALL_ME = ("number", "name")

Command = Callable[..., list[e.Fact]]

LONGEST_PAUSE = timedelta(days=1)

UNDO_WITHIN = timedelta(seconds=60)
"""The screens offer undo for 10 s; a slow network may bring it a little later."""


class Refused(Exception):
    """The clinic's rules say no. `code` has its words in every language, `params` fills them."""

    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code = code
        self.params = params


def open_day(line: Line, at: datetime) -> list[e.Fact]:
    """Begin the day with an empty line."""
    if line.opened_at:
        raise Refused("day_open")
    return [e.Opened(at)]


def close_day(
    line: Line, at: datetime, confirm: bool = False, told: Collection[str] | None = None
) -> list[e.Fact]:  # fmt: skip
    """End the day. With people still here it names them and asks; when confirmed each gets an outcome.

    `told` are the visits whose people staff have spoken to: then nobody else is swept out with them.
    """
    _open_day(line)
    here = present(line, *HERE)
    untold = [visit.ticket for visit in here if not confirm or (told is not None and visit.id not in told)]
    if untold:
        raise Refused("people_waiting", tickets=untold)
    ends: list[e.Fact] = [
        e.Finished(at, visit.id) if visit.status == "in_room" else e.Left(at, visit.id, "closed") for visit in here
    ]
    return [*ends, e.Closed(at)]


def check_in(
    line: Line,
    at: datetime,
    visit: str,
    service: str,
    language: str = "en",
    call_me: str = "number",
    booked: datetime | None = None,
) -> list[e.Fact]:
    """Somebody is here: they get the next number of their service's letter."""
    _open_day(line)
    letter = _service(line, service).letter
    number = line.issued.get(letter, 0) + 1
    return [e.CheckedIn(at, visit, service, f"{letter} {number:02d}", language, call_me, booked)]


def call_next(line: Line, at: datetime, room: str, visit: str | None = None) -> list[e.Fact]:
    """The next person for this room, by the order rule.

    `visit` is whom the caller expects: if somebody else is next by now, nobody is called by mistake.
    """
    _open_room(line, room)
    found = next_for(line, room)
    if found is None:
        raise Refused("nobody_waiting", room=_name(line, room))
    if visit not in (None, found.id):
        raise Refused("next_changed", ticket=found.ticket)
    return [e.Called(at, found.id, room)]


def call(line: Line, at: datetime, visit: str, room: str) -> list[e.Fact]:
    """This person to this room, whoever is next."""
    _open_room(line, room)
    found = _visit(line, visit, "waiting")
    place = line.setup.room(room)
    if place and found.service not in place.services:
        raise Refused("wrong_room", ticket=found.ticket, room=place.name)
    return [e.Called(at, visit, room)]


def recall(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """Ask again to come."""
    _visit(line, visit, "called")
    return [e.Recalled(at, visit)]


def mark_no_show(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They were called and did not come; the place is kept for `resume`."""
    _visit(line, visit, "called")
    return [e.MarkedNoShow(at, visit)]


def start(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They entered the room."""
    _visit(line, visit, "called")
    return [e.Started(at, visit)]


def finish(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They were seen. Also straight from the call, for who forgets `start`."""
    _visit(line, visit, "called", "in_room")
    return [e.Finished(at, visit)]


def hold(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They stepped out: the place is kept and nobody calls them."""
    _visit(line, visit, "waiting", "called")
    return [e.Held(at, visit)]


def resume(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They are back: in their old place, or next if they had been called before."""
    _visit(line, visit, "on_hold", "no_show")
    return [e.Resumed(at, visit)]


def transfer(line: Line, at: datetime, visit: str, service: str) -> list[e.Fact]:
    """They go on to another service, with the same ticket and the same turn by right."""
    found = _visit(line, visit, "waiting", "called", "in_room", "on_hold")
    if _service(line, service).id == found.service and found.status == "waiting":
        raise Refused("same_service", ticket=found.ticket)
    return [e.Transferred(at, visit, service)]


def prioritise(line: Line, at: datetime, visit: str, reason: str) -> list[e.Fact]:
    """They move up, for a reason that stays on record."""
    if reason not in REASONS:
        raise Refused("unknown_reason")
    _visit(line, visit, "waiting", "on_hold", "no_show")
    return [e.Prioritised(at, visit, reason)]


def leave(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They go without being seen."""
    _visit(line, visit, "waiting", "called", "on_hold", "no_show")
    return [e.Left(at, visit)]


def open_room(line: Line, at: datetime, room: str) -> list[e.Fact]:
    """People are seen here from now on; opening an open room changes nothing."""
    _room(line, room)
    return [] if line.room(room).state == "open" else [e.RoomOpened(at, room)]


def pause_room(
    line: Line, at: datetime, room: str, until: datetime | None = None, minutes: int | None = None
) -> list[e.Fact]:
    """The room takes nobody for a while, perhaps `until` a time or for so many `minutes`; who is inside stays."""
    _room(line, room)
    if minutes:
        until = at + min(timedelta(minutes=minutes), LONGEST_PAUSE)
    if line.room(room).state == "closed":
        raise Refused("room_closed", room=_name(line, room))
    if until is not None and until <= at:
        raise Refused("until_past")
    if until is not None and until - at > LONGEST_PAUSE:
        raise Refused("until_too_late")
    return [e.RoomPaused(at, room, until)]


def close_room(line: Line, at: datetime, room: str) -> list[e.Fact]:
    """The room takes nobody any more. Refused while somebody is inside or on the way."""
    _room(line, room)
    inside = visits_in(line, room)
    if inside:
        raise Refused("room_in_use", room=_name(line, room), ticket=inside[0].ticket)
    return [] if line.room(room).state == "closed" else [e.RoomClosed(at, room)]


def ask_help(line: Line, at: datetime, help: str, place: str) -> list[e.Fact]:
    """Somebody at a screen wants a person. Works on a closed day too."""
    known = line.helps.get(help)
    if known and known.place != place:
        raise Refused("request_reused")
    return [] if known else [e.HelpAsked(at, help, place)]


def take_help(line: Line, at: datetime, help: str) -> list[e.Fact]:
    """A member of staff goes to who asked."""
    if help not in line.helps:
        raise Refused("unknown_help")
    if line.helps[help].taken_at:
        raise Refused("help_taken")
    return [e.HelpTaken(at, help)]


def undo(line: Line, at: datetime, visit: str, seq: int | None = None) -> list[e.Fact]:
    """The latest fact of this visit did not happen. With `seq`, only if that is still the latest.

    A check-in stands: its number was shown, and may never be given to somebody else.
    """
    _open_day(line)
    found = _visit(line, visit)
    if seq not in (None, found.last):
        raise Refused("changed_since", ticket=found.ticket)
    if found.last == found.seq:
        raise Refused("nothing_to_undo", ticket=found.ticket)
    if found.last_at is None or at - found.last_at > UNDO_WITHIN:
        raise Refused("too_late_to_undo", ticket=found.ticket)
    return [e.Undone(at, found.last, visit)]


def _open_day(line: Line) -> None:
    if line.opened_at is None:
        raise Refused("day_closed")


def _visit(line: Line, visit: str, *statuses: str) -> Visit:
    found = line.visits.get(visit)
    if found is None:
        raise Refused("unknown_visit")
    if statuses and found.status not in statuses:
        raise Refused("wrong_status", ticket=found.ticket, status=found.status)
    return found


def _service(line: Line, service: str) -> Service:
    found = line.setup.service(service)
    if found is None:
        raise Refused("unknown_service")
    return found


def _room(line: Line, room: str) -> None:
    _open_day(line)
    if line.setup.room(room) is None:
        raise Refused("unknown_room")


def _open_room(line: Line, room: str) -> None:
    _room(line, room)
    state = line.room(room).state
    if state != "open":
        raise Refused(f"room_{state}", room=_name(line, room))


def _name(line: Line, room: str) -> str:
    place = line.setup.room(room)
    return place.name if place else room
