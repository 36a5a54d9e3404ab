"""What the estimator looks at: who waits, in calling order, and what each room is doing. Small neutral values.

The desk makes a scene from its line, the evaluator from a folder of past days; both are then estimated by the same
code. All times are minutes on one running clock of local time, so that `minute % 1440` is the minute of the day.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class Person:
    """One person in calling order. Expected people have `here_at` ahead and a `chance` below one to come at all.

    queue: which rooms may call them (see `Chair.takes`); rank: 0 for the most urgent.
    """

    id: str
    service: str
    queue: str
    arrived: float
    rank: int = 0
    booked: float | None = None
    here_at: float = 0.0
    chance: float = 1.0


@dataclass(slots=True)
class Chair:
    """One room. `state`: open, paused or closed; `until`: planned end of the pause; `stop`: next planned stop.

    busy: service and minute of start (None: on the way) of everybody called to it and not finished.
    free_since: when its last visit ended today. recorded: whether staff tell when it pauses.
    """

    id: str
    takes: frozenset[str]
    state: str = "open"
    since: float = 0.0
    until: float | None = None
    stop: float | None = None
    busy: tuple[tuple[str, float | None], ...] = ()
    free_since: float | None = None
    opened_today: bool = False
    recorded: bool = True


@dataclass(slots=True)
class Scene:
    """The clinic at one minute. `people` in calling order, those expected among them; `usual`: minutes configured."""

    now: float
    people: list[Person]
    chairs: list[Chair]
    usual: Mapping[str, float]
    line_known: bool = True
