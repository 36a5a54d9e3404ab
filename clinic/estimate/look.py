"""The forward look: every room becomes free in its time and takes people in calling order, until all have had a turn.

Deterministic: means for visits to come, quantiles for the rest of visits under way (with k rooms busy the room that
ends first does so earlier than on average; cf. order statistics, David & Nagaraja 2003, chapter 2).
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf

from clinic.estimate.scene import Chair, Scene
from clinic.estimate.times import ENOUGH, Times
from clinic.minutes import DAY

EARLY = 5.0
"""A room may begin a planned break so many minutes early rather than begin a visit just before it."""

RESTING = 16.0
"""A room idle so long with people waiting is resting, where no pauses are recorded."""


@dataclass(slots=True)
class Turn:
    """When one person's turn comes: minutes from now, people before, rooms for them.

    away: minutes of planned breaks of the room before this turn; back: minutes until the first of their rooms works;
    idle: how many of their rooms are open with nobody in them; sure: minutes until a free one is left for them.
    """

    minutes: float
    before: float
    rooms: int
    away: float
    back: float
    idle: int
    sure: float


@dataclass(slots=True)
class _Free:
    chair: Chair
    away: float
    back: float
    stop: float | None
    fresh: float
    """The chance that it has not had its rest yet."""
    calls: int = 0


def look(times: Times, scene: Scene) -> dict[str, Turn]:
    """For each waiting person with a room that will take them, their turn."""
    heap: list[tuple[float, int]] = []
    free: list[_Free] = []
    starts = _starts(times, scene)
    for chair, start in zip(scene.chairs, starts, strict=True):
        if start is not None:
            heap.append((start[0], len(free)))
            rested = times.tells or times.rested.get(chair.id) == scene.now // DAY
            free.append(_Free(chair, 0.0, start[1], chair.stop, 0.0 if rested else 1.0))
    heapify(heap)
    return _turns(times, scene, heap, free)


def _starts(times: Times, scene: Scene) -> list[tuple[float, float] | None]:
    """For each room: minutes until free, and before when it is never free; None when unknown."""
    now = scene.now
    busy: list[tuple[float, int]] = []
    works = []
    for i, chair in enumerate(scene.chairs):
        parts = []
        for service, begun in chair.busy:
            work = times.work(service, chair.id, scene.usual.get(service, 0.0))
            age = max(0.0, now - begun) if begun is not None else 0.0
            parts.append((work, age))
        works.append(parts)
        if parts:
            busy.append((sum(max(work - age, work / 4) for work, age in parts), i))
    busy.sort()
    share: dict[int, float] = {}
    for line in _lines(scene):
        mine = [i for _, i in busy if scene.chairs[i].id in line]
        share.update({i: (rank + 1) / (len(mine) + 1) for rank, i in enumerate(mine)})
    learned = times.count >= ENOUGH
    found: list[tuple[float, float] | None] = []
    for i, chair in enumerate(scene.chairs):
        back = _back(times, chair, now)
        if back is None:
            found.append(None)
            continue
        minutes = 0.0
        for work, age in works[i]:
            minutes += times.rest(age, work, share.get(i, 0.5))
        if works[i]:
            minutes += times.turnover(chair.id)
        elif chair.free_since is not None and learned:
            turnover = times.turnover(chair.id)
            idle = now - chair.free_since
            minutes = max(turnover - idle, turnover / 4)
            if idle > RESTING and not times.tells and idle < 60 and times.rested.get(chair.id) != now // DAY:
                minutes = max(minutes, times.rest_length.value(30.0, 2.0) - idle)
        found.append((max(minutes, back), back))
    return found


def _lines(scene: Scene) -> list[frozenset[str]]:
    """The rooms that share people, directly or through others: what happens elsewhere changes nothing here."""
    lines: list[frozenset[str]] = []
    for rooms in {person.rooms for person in scene.people}:
        joined = rooms.union(*(line for line in lines if not line.isdisjoint(rooms)))
        lines = [*(line for line in lines if line.isdisjoint(rooms)), joined]
    return lines


def _back(times: Times, chair: Chair, now: float) -> float | None:
    """Minutes until the room can work at all."""
    if chair.state == "open":
        return 0.0
    if chair.state == "paused":
        if chair.until is not None:
            late = times.overrun.value(0.0, 5.0)
            return max(2.0, chair.until - now + (late if chair.until > now else 0.0))
        return times.pause_left(now - chair.since)
    opening = times.opening(chair.id)
    if opening is None or chair.begun:
        return None
    ahead = opening - now % DAY
    return max(4.0, ahead) if ahead > -30 else None


def _turns(times: Times, scene: Scene, heap: list[tuple[float, int]], free: list[_Free]) -> dict[str, Turn]:
    people = scene.people
    here = [max(0.0, p.here_at - scene.now) for p in people]
    taken = [False] * len(people)
    rooms: dict[frozenset[str], int] = {}
    back: dict[frozenset[str], float] = {}
    idle: dict[frozenset[str], int] = {}
    sure: dict[frozenset[str], list[float]] = {}
    for rooms_of in {person.rooms for person in people}:
        all_backs = [one.back for one in free if one.chair.id in rooms_of]
        rooms[rooms_of], back[rooms_of] = len(all_backs), min(all_backs, default=0.0)
        sure[rooms_of] = sorted(one.back for one in free if one.chair.id in rooms_of and not one.chair.busy)
        idle[rooms_of] = sum(c.id in rooms_of and c.state == "open" and not c.busy for c in scene.chairs)
    before: dict[str, float] = {}
    found: dict[str, Turn] = {}
    heads: dict[int, int] = {}
    wanted = sum(person.chance >= 1 for person in people)
    while heap and len(found) < wanted:
        at, number = heappop(heap)
        room = free[number]
        if room.stop is not None and scene.now + at >= room.stop - EARLY:
            planned = room.chair.away
            away = planned if planned is not None else times.away(room.chair.id, room.stop)
            away = away if room.chair.state == "open" or room.stop > scene.now else 0
            room.stop = None
            if away >= DAY / 2 and heap:
                continue
            if 0 < away < DAY / 2:
                room.away += away
                heappush(heap, (at + away, number))
                continue
        if room.fresh > 0.5 and (at > 0 or room.chair.busy):
            room.fresh *= 1 - times.tires(scene.now + at)
            if room.fresh <= 0.5:
                away = times.rest_length.value(30.0, 2.0) - times.turnover(room.chair.id)
                room.away += away
                heappush(heap, (at + away, number))
                continue
        first = heads.get(number, 0)
        chosen, soonest = -1, 1e9
        moving = True
        for i in range(first, len(people)):
            if taken[i] or room.chair.id not in people[i].rooms:
                if moving:
                    first = i + 1
                continue
            moving = False
            if here[i] <= at:
                chosen = i
                break
            soonest = min(soonest, here[i])
        heads[number] = first
        if chosen < 0:
            if soonest < 1e9:
                heappush(heap, (soonest, number))
            continue
        taken[chosen] = True
        person = people[chosen]
        if person.chance >= 1:
            ahead = before.get(person.group, 0.0)
            mine = person.rooms
            left = inf
            if backs := sure[mine]:
                nth = sum(one.calls for one in free if one.chair.id in mine)
                left = backs[nth] if nth < len(backs) else inf
            found[person.id] = Turn(at, ahead, rooms[mine], room.away, back[mine], idle[mine], left)
        room.calls += 1
        # Who may give up still counts as before: fewer do where rooms are many, and that makes nobody's wait longer.
        before[person.group] = before.get(person.group, 0.0) + person.chance
        weight = person.chance * times.stays(at)
        # One room: at its own pace. Several: at the clinic's, so that nobody's turn depends on who gets the fast room.
        own = next(iter(person.rooms)) if len(person.rooms) == 1 else None
        mean = times.work(person.service, own, scene.usual.get(person.service, 0.0)) + times.turnover(own)
        heappush(heap, (at + weight * mean, number))
    return found
