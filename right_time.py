"""Whether this computer's clock is right: looked at every few seconds, so that staff know and the screens follow."""

from typing import Any
from zoneinfo import ZoneInfo

from clinic.clock import Clock
from clinic.desk import Desk
from live import Live
from upkeep import Upkeep

EVERY = 5.0
"""Seconds between two looks."""

DOUBTS = ("clock_behind", "clock_ahead")


class RightTime:
    """Watches the clock of one clinic."""

    def __init__(self, clock: Clock, desk: Desk, live: Live, upkeep: Upkeep):
        self._clock, self._desk, self._live, self._upkeep = clock, desk, live, upkeep
        upkeep.every(EVERY, self.look)

    def look(self) -> None:
        """Let staff know when the clock is in doubt, and all screens when it was set."""
        doubt = self._clock.doubt
        self._upkeep.settled(*(one for one in DOUBTS if one != doubt))
        if doubt:
            self._upkeep.alarm(doubt, **self._says())
        if self._desk.clock_was_set():
            self._live.wake()

    def believe(self) -> None:
        """A person says that it is right."""
        self._clock.believe()
        self.look()

    def _says(self) -> dict[str, Any]:
        zone = ZoneInfo(self._desk.line.setup.timezone)
        return {"says": f"{self._clock.wall().astimezone(zone):%Y-%m-%d %H:%M}"}
