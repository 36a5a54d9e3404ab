"""The desk's side of the estimator: a scene made of the line, and the facts of a day taught to a mind one by one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from clinic.estimate.mind import Mind
from clinic.estimate.scene import Chair, Person, Scene
from clinic.estimate.times import DAY
from clinic.events import Called, CheckedIn, Entry, Finished, Left, Resumed, RoomOpened, Transferred
from clinic.line import Line, Visit, apply, visits_in, waiting

TICK = 5.0
"""A waiting person is estimated again, to learn from, at the first fact so many minutes after the last time."""

# Only a zero of the running clock, which is local time without a zone.
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001


def minute(at: datetime, zone: str) -> float:
    """A time as minutes on the running clock of local time."""
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (local - _EPOCH).total_seconds() / 60


def person_of(line: Line, visit: Visit) -> Person:
    """A visit as the estimator sees it."""
    zone = line.setup.timezone
    booked = minute(visit.booked, zone) if visit.booked else None
    rank = 0 if visit.priority else 1
    return Person(visit.id, visit.service, visit.service, minute(visit.arrived, zone), rank, booked)


def scene_of(line: Line, now: datetime) -> Scene:
    """The clinic as it stands in `line`."""
    zone = line.setup.timezone
    chairs = []
    ended: dict[str, datetime] = {}
    for visit in line.visits.values():
        if visit.ended_at and visit.room and visit.status == "done":
            ended[visit.room] = max(visit.ended_at, ended.get(visit.room, visit.ended_at))
    for place in line.setup.rooms:
        room = line.room(place.id)
        busy = tuple(
            (v.service, minute(v.started_at, zone) if v.status == "in_room" and v.started_at else None)
            for v in visits_in(line, place.id)
        )
        chairs.append(Chair(
            place.id, frozenset(place.services), room.state,
            minute(room.since, zone) if room.since else 0.0, minute(room.until, zone) if room.until else None,
            None, busy, minute(ended[place.id], zone) if place.id in ended else None, room.since is not None,
        ))  # fmt: skip
    usual = {service.id: service.minutes for service in line.setup.services}
    return Scene(minute(now, zone), [person_of(line, visit) for visit in waiting(line)], chairs, usual)


def follow(mind: Mind, asked: dict[str, float], line: Line, entry: Entry) -> None:
    """Teach `mind` one fact; `line` is the line before it. `asked`: when each waiting visit was last estimated."""
    fact = entry.fact
    zone = line.setup.timezone
    now = minute(fact.at, zone)
    if not isinstance(fact, CheckedIn):
        _again(mind, asked, line, fact.at, now)
    mind.times.new_day(now)
    match fact:
        case CheckedIn(at, visit):
            after = apply(line, entry)
            mind.ask(scene_of(after, at), frozenset((visit,)))
            asked[visit] = now
        case Resumed(_, visit) | Transferred(_, visit):
            mind.open.pop(visit, None)
            asked[visit] = now
        case Called(_, visit, room) if line.visits[visit].status == "waiting":
            asked.pop(visit, None)
            _called(mind, line, line.visits[visit], room, now)
        case Left(_, visit, why):
            asked.pop(visit, None)
            if line.visits[visit].status == "waiting" and why == "left":
                mind.left(person_of(line, line.visits[visit]), now)
        case Finished(_, visit):
            mine = line.visits[visit]
            service = line.setup.service(mine.service)
            if mine.started_at and mine.room and service:
                mind.times.took(service.id, mine.room, now - minute(mine.started_at, zone), service.minutes, now)
        case RoomOpened(_, room):
            _opened(mind, line, room, now)
        case _:
            pass


def _again(mind: Mind, asked: dict[str, float], line: Line, at: datetime, now: float) -> None:
    due = frozenset(
        visit for visit, last in asked.items()
        if now - last >= TICK and visit in line.visits and line.visits[visit].status == "waiting"
    )  # fmt: skip
    if due:
        mind.ask(scene_of(line, at), due)
        asked.update(dict.fromkeys(due, now))


def _called(mind: Mind, line: Line, visit: Visit, room: str, now: float) -> None:
    zone = line.setup.timezone
    person = person_of(line, visit)
    ends = [v.ended_at for v in line.visits.values() if v.room == room and v.status == "done" and v.ended_at]
    state = line.room(room)
    if ends and state.since and not visits_in(line, room):
        free = minute(max(ends), zone)
        if person.arrived <= free and minute(state.since, zone) <= free and person.booked is None:
            mind.times.called_after(room, max(0.0, now - free), free, True)
    if not visit.returned:  # who was called before and came back did not wait all this time
        mind.called(person, now)
    else:
        mind.open.pop(visit.id, None)


def _opened(mind: Mind, line: Line, room: str, now: float) -> None:
    state = line.room(room)
    zone = line.setup.timezone
    if state.state == "closed" and state.since is None:
        mind.times.opened(room, now % DAY)
    elif state.state == "paused" and state.until:
        mind.times.overrun.add(max(-30.0, min(30.0, now - minute(state.until, zone))))
    elif state.state == "paused" and state.since and now - minute(state.since, zone) < 60:
        mind.times.pause_lengths.append(now - minute(state.since, zone))
