"""The commands: each looks at the line and answers with new facts, or refuses. Pure: time comes in as `at`."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from clinic import events as e
from clinic.follow_up import HOW
from clinic.hours import day_closes, day_of, next_stop
from clinic.line import Line, Visit, here, stops_of, visits_in
from clinic.missed import ENOUGH_CALLS, not_yet
from clinic.order import may_call, next_for
from clinic.outcomes import OUTCOMES, absent, end, usual
from clinic.setup import Clinician, Place, Service

REASONS = ("needs_care_sooner", "booked_time", "small_child", "unwell", "back_from_test", "other")
"""Why staff may move somebody up (EXPERIENCE S4)."""

NEXT_STEPS = ("book", "paper", "results", "come_back")
"""What staff may say comes next for somebody who was seen; never anything about their health."""

Command = Callable[..., list[e.Fact]]

CLOSING = ("all", "some", "none")

LONGEST_PAUSE = timedelta(days=1)

UNDO_WITHIN = timedelta(seconds=60)
"""The screens offer undo for 10 s; a slow network may bring it a little later."""


class Refused(Exception):
    """The clinic's rules say no. `code` has its words in every language, `params` fills them."""

    def __init__(self, code: str, **params: Any):
        super().__init__(code)
        self.code = code
        self.params = params


def open_day(line: Line, at: datetime, over: tuple[str, ...] = ()) -> list[e.Fact]:
    """Begin the day with an empty line. `over`: the appointments of this date whose people came already.

    Numbers that people had from before the clinic was put back, on the same date, are not given again.
    """
    if line.opened_at:
        raise Refused("day_open")
    restored = line.restored
    is_today = restored is not None and day_of(line.setup, restored.at) == day_of(line.setup, at)
    return [e.Opened(at, over), *([e.Restored(at, restored.given)] if restored and is_today else [])]


def close_day(
    line: Line, at: datetime, confirm: bool = False, told: Collection[str] | None = None,
    outcomes: Mapping[str, str] | None = None,
) -> list[e.Fact]:  # fmt: skip
    """End the day. With people still here or expected it names them and asks; when confirmed each gets an outcome.

    `told` are the visits whose people staff have spoken to: then nobody else is swept out with them. `outcomes`: of
    `OUTCOMES` for a visit; by itself who is in a room was seen, who waits comes another day, who was expected and did
    not come missed their appointment.
    """
    _open_day(line)
    outcomes = outcomes or {}
    if any(outcome not in OUTCOMES for outcome in outcomes.values()):
        raise Refused("unknown_outcome")
    staying, missing = here(line), absent(line, at)
    settled = {*outcomes, *(told or ())}
    sure = {visit.id for visit in (*staying, *missing) if confirm and (told is None or visit.id in settled)}
    if untold := [visit.ticket for visit in staying if visit.id not in sure]:
        raise Refused("people_waiting", tickets=untold)
    if unsettled := [visit.arrived for visit in missing if visit.id not in sure]:
        raise Refused("people_expected", times=unsettled)
    early = [v for v in missing if outcomes.get(v.id) == "missed" and v.status == "expected" and not_yet(v, at)]
    if early:
        raise Refused("too_early_to_miss", at=early[0].arrived)
    ends = [end(at, visit, outcomes.get(visit.id) or usual(visit, at)) for visit in (*staying, *missing)]
    # Who leaves had the rest of their day's appointments with them: those come another day too.
    left = {one.visit for one in ends if isinstance(one, e.Left)}
    stops = [e.Left(at, stop.id, "closed") for visit in staying if visit.id in left for stop in stops_of(line, visit)]
    return [*ends, *stops, e.Closed(at)]


def check_in(
    line: Line,
    at: datetime,
    visit: str,
    service: str | None = None,
    language: str = "en",
    call_me: str = "number",
    booked: datetime | None = None,
    party: str | None = None,
    stops: tuple[str, ...] = (),
) -> list[e.Fact]:
    """Somebody is here: they get the next number of their service's letter.

    Who is expected comes to what they are booked for, and this serves their later appointments today, the `stops`, as
    well. One appointment is checked in once. `party`: the visit of whom they came with.
    """
    _open_day(line)
    known = line.visits.get(visit)
    if known and known.ticket:
        raise Refused("already_checked_in", ticket=known.ticket)
    if known:
        _not_joined(line, known)
    if known is None and service is None:
        raise Refused("unknown_appointment")
    service = known.service if known else service
    letter = _service(line, service or "").letter
    ticket = f"{letter} {line.issued.get(letter, 0) + 1:02d}"
    if party is not None:
        party = _visit(line, party).party or party
    if known is None:
        return [e.CheckedIn(at, visit, str(service), ticket, language, call_me, booked, party=party)]
    later = (line.visits.get(stop) for stop in stops if stop != visit)
    stops = tuple(one.id for one in later if one and one.is_expected)
    return [
        e.CheckedIn(
            at, visit, known.service, ticket, language, call_me, known.booked, known.assigned, None, known.clinician,
            party, stops,
        )
    ]  # fmt: skip


def book(
    line: Line, at: datetime, visit: str, service: str, booked: datetime, assigned: str | None = None,
    clinician: str | None = None,
) -> list[e.Fact]:  # fmt: skip
    """Somebody is expected, or what they are expected for has changed. Who is here, or was, stays as they are."""
    _open_day(line)
    if visit in line.over:
        return []
    known = line.visits.get(visit)
    fact = e.Booked(at, visit, _service(line, service).id, booked, assigned, clinician)
    if known is None:
        return [fact]
    same = (known.service, known.booked, known.assigned, known.clinician) == (service, booked, assigned, clinician)
    return [] if same or known.status != "expected" else [fact]


def cancel(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """Somebody is not expected any more, be it for a later appointment of who is here.

    Who came for it stays, and so does whom staff have said to have missed it; one that is unknown is cancelled already.
    """
    known = line.visits.get(visit)
    return [e.Cancelled(at, visit)] if known and known.status == "expected" else []


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
    if not may_call(line, room, found) and found.service not in line.services(room):
        raise Refused("wrong_room", ticket=found.ticket, room=_name(line, room))
    return [e.Called(at, visit, room)]


def recall(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """Ask again to come."""
    _visit(line, visit, "called")
    return [e.Recalled(at, visit)]


def mark_no_show(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They were called and did not come; the place is kept for `resume`.

    Somebody with an appointment never before their time, and when called only after `ENOUGH_CALLS` minutes apart; also
    somebody expected, who then did not come at all.
    """
    found = _visit(line, visit, "called", "expected")
    _not_joined(line, found)
    reason = not_yet(found, at)
    if reason == "too_early":
        raise Refused("too_early_to_miss", at=found.booked)
    if reason == "call_again":
        raise Refused("call_again_first", ticket=found.ticket, calls=found.asked, enough=ENOUGH_CALLS)
    return [e.MarkedNoShow(at, visit)]


def start(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They entered the room."""
    _visit(line, visit, "called")
    return [e.Started(at, visit)]


def finish(line: Line, at: datetime, visit: str, end: bool = False, step: str | None = None) -> list[e.Fact]:
    """They were seen. Also straight from the call, for who forgets `start`. `step`: what their phone says comes next.

    Who has another appointment today goes on to it, unless this is the `end` of their visit, and so of all of them.
    """
    if step not in (None, *NEXT_STEPS):
        raise Refused("unknown_step")
    found = _visit(line, visit, "called", "in_room")
    after = next(iter(stops_of(line, found)), None)
    if after and not end:
        goes_on = e.Transferred(at, visit, after.service, after.id, after.booked, after.assigned, after.clinician)
        return [goes_on, *_called_there(line, at, found, after.service)]
    return [e.Finished(at, visit, step)]


def follow_up(_line: Line, at: datetime, visit: str, how: str) -> list[e.Fact]:
    """Somebody whom we did not see was taken care of; also of an earlier day, so the line need not know them."""
    if how not in HOW:
        raise Refused("unknown_outcome")
    return [e.FollowedUp(at, visit, how)]


def hold(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They stepped out: the place is kept and nobody calls them."""
    _visit(line, visit, "waiting", "called")
    return [e.Held(at, visit)]


def resume(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They are back: in their old place, or next if they had been called before.

    Who was expected and said to have missed it is expected again, with the time they were booked for.
    """
    _visit(line, visit, "on_hold", "no_show")
    return [e.Resumed(at, visit)]


def rejoin(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They left, or told us that they would not come, and it was a mistake: in their old place, or expected again.

    Not who was sent home when the day closed.
    """
    found = _visit(line, visit, "left")
    if found.left_why != "left":
        raise Refused("wrong_status", ticket=found.ticket, status=found.status)
    _open_day(line)
    return [e.Resumed(at, visit)]


def transfer(line: Line, at: datetime, visit: str, service: str) -> list[e.Fact]:
    """They go on to another service, with the same ticket and the same turn by right, called as its people are."""
    found = _visit(line, visit, "waiting", "called", "in_room", "on_hold")
    if _service(line, service).id == found.service and found.status == "waiting":
        raise Refused("same_service", ticket=found.ticket)
    return [e.Transferred(at, visit, service), *_called_there(line, at, found, service)]


def assign(line: Line, at: datetime, visit: str, clinician: str | None = None) -> list[e.Fact]:
    """They wait for this clinician from now on, or for any room that gives their service."""
    found = _visit(line, visit, "expected", "waiting", "on_hold", "no_show")
    if clinician is not None:
        _clinician(line, clinician)
    same = found.clinician == clinician and found.assigned is None
    return [] if same else [e.Assigned(at, visit, clinician)]


def prioritise(line: Line, at: datetime, visit: str, reason: str) -> list[e.Fact]:
    """They move up, for a reason that stays on record."""
    if reason not in REASONS:
        raise Refused("unknown_reason")
    _visit(line, visit, "waiting", "on_hold", "no_show")
    return [e.Prioritised(at, visit, reason)]


def leave(line: Line, at: datetime, visit: str) -> list[e.Fact]:
    """They go without being seen, or let us know that they are not coming."""
    _not_joined(line, _visit(line, visit, "expected", "waiting", "called", "on_hold", "no_show"))
    return [e.Left(at, visit)]


def open_room(line: Line, at: datetime, room: str) -> list[e.Fact]:
    """People are seen here from now on; opening an open room changes nothing."""
    place = _room(line, room)
    if line.room(room).state == "open":
        return []
    until, back = next_stop(line.setup, place, at) or (None, None)
    return [e.RoomOpened(at, room, until, back)]


def sign_in(
    line: Line, at: datetime, room: str, clinician: str, services: Collection[str] | None = None
) -> list[e.Fact]:  # fmt: skip
    """This clinician works in this room from now on, which opens. `services`: those given there, where not all."""
    place, found = _room(line, room), _clinician(line, clinician)
    given = tuple(services or found.services)
    for service in given:
        _service(line, service)
    given = () if given == place.services else given
    state = line.room(room)
    same = state.clinician == clinician and state.services == given
    return [*([] if same else [e.SignedIn(at, room, clinician, given)]), *open_room(line, at, room)]


def tell_closing(line: Line, at: datetime, message: str) -> list[e.Fact]:
    """Tell everybody that we close and will see "all" or only "some" of those who wait; "none" takes it back."""
    _open_day(line)
    if message not in CLOSING:
        raise Refused("unknown_message")
    if message == (line.closing.message if line.closing else "none"):
        return []
    if line.closing and message == "none":  # may be taken back after closing time too
        return [e.ClosingTold(at, message, line.closing.closes)]
    closes = day_closes(line.setup, at)
    if closes is None or closes <= at:
        raise Refused("no_closing_time")
    return [e.ClosingTold(at, message, closes)]


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


def undo(line: Line, at: datetime, visit: str, seq: int | None = None) -> list[e.Fact]:
    """The latest fact of this visit did not happen. With `seq`, only if that is still the latest.

    A check-in stands: its number was shown, and may never be given to somebody else.
    """
    _open_day(line)
    found = _visit(line, visit)
    if not found.ticket and (found.last_at is None or at - found.last_at > UNDO_WITHIN):
        raise Refused("not_here_yet", at=found.arrived)
    if seq not in (None, found.last):
        raise Refused("changed_since", ticket=found.ticket)
    if found.last == found.seq:
        raise Refused("nothing_to_undo", ticket=found.ticket)
    if found.last_at is None or at - found.last_at > UNDO_WITHIN:
        raise Refused("too_late_to_undo", ticket=found.ticket)
    return [e.Undone(at, found.last, visit)]


def _called_there(line: Line, at: datetime, visit: Visit, service: str) -> list[e.Fact]:
    """What makes somebody called as this service's people are; who wants to be fetched stays so."""
    offered = line.setup.service(service)
    fixed = offered.call_me if offered else ""
    changes = fixed in ("number", "fetch") and visit.call_me not in ("fetch", fixed)
    return [e.Preferred(at, visit.id, fixed)] if changes else []


def _open_day(line: Line) -> None:
    if line.opened_at is None:
        raise Refused("day_closed")


def _visit(line: Line, visit: str, *statuses: str) -> Visit:
    found = line.visits.get(visit)
    if found is None:
        raise Refused("unknown_visit")
    if statuses and found.status not in statuses and not found.ticket:
        raise Refused("not_here_yet", at=found.arrived)
    if statuses and found.status not in statuses:
        raise Refused("wrong_status", ticket=found.ticket, status=found.status)
    return found


def _not_joined(line: Line, visit: Visit) -> None:
    """Refuse for an appointment whose person is here with another one."""
    if visit.joined:
        raise Refused("already_checked_in", ticket=line.visits[visit.joined].ticket)


def _service(line: Line, service: str) -> Service:
    found = line.setup.service(service)
    if found is None:
        raise Refused("unknown_service")
    return found


def _clinician(line: Line, clinician: str) -> Clinician:
    found = line.setup.clinician(clinician)
    if found is None:
        raise Refused("unknown_clinician")
    return found


def _room(line: Line, room: str) -> Place:
    _open_day(line)
    place = line.setup.room(room)
    if place is None:
        raise Refused("unknown_room")
    return place


def _open_room(line: Line, room: str) -> None:
    _room(line, room)
    state = line.room(room).state
    if state != "open":
        raise Refused(f"room_{state}", room=_name(line, room))


def _name(line: Line, room: str) -> str:
    place = line.setup.room(room)
    return place.name if place else room
