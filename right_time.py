"""Whether this computer's clock is right: looked at every few seconds, so that staff know and the screens follow."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clinic.clock import Clock
from clinic.desk import Desk
from live import Live
from upkeep import Upkeep

EVERY = 5.0
"""Seconds between two looks."""

FROM_NETWORK, JUST = Path("/run/systemd/timesync/synchronized"), timedelta(minutes=10)
"""systemd touches this file when the network has set the clock (systemd-time-wait-sync(8)); it is gone at each boot.

By the clock that is in doubt that was just now, or somebody else has set it since. Where another program than systemd's
own asks the network there is no such file, and a person says whether the clock is right.
"""

DOUBTS = ("clock_behind", "clock_ahead")

log = logging.getLogger("kindline.right_time")


class RightTime:
    """Watches the clock of one clinic."""

    def __init__(self, clock: Clock, desk: Desk, live: Live, upkeep: Upkeep):
        self._clock, self._desk, self._live, self._upkeep = clock, desk, live, upkeep
        upkeep.every(EVERY, self.look)

    def look(self) -> None:
        """Let staff know when the clock is in doubt, and all screens when it was set."""
        if self._clock.doubt and self._is_from_network():
            log.warning("The clock was set from the network, and is believed")
            self._clock.believe()
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

    def _is_from_network(self) -> bool:
        """Whether the network has set this computer's clock to what it says."""
        try:
            touched = FROM_NETWORK.stat().st_mtime
        except OSError:
            return False
        return abs(self._clock.wall().timestamp() - touched) < JUST.total_seconds()

    def _says(self) -> dict[str, Any]:
        zone = ZoneInfo(self._desk.line.setup.timezone)
        return {"says": f"{self._clock.wall().astimezone(zone):%Y-%m-%d %H:%M}"}
