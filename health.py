"""Whether this server is well: its file takes a row, and the loops that push and keep things up still turn.

A server that cannot write is not well, but goes on showing the line and mends itself when the disk does; one whose
loops stand still only a restart mends. So `/healthz` says both, and systemd's watchdog is fed by the loops alone.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clinic.store import Store
from live import Live
from output import log, news
from upkeep import Upkeep

ONCE_IN = 1.0
"""Seconds that an answer serves everybody who asks: strangers must not have our disk written more often."""

QUICK = 2.0
"""Seconds within which the row has to be written and read."""

PUSH_STUCK, UPKEEP_STUCK = 30.0, 600.0
"""Seconds without a turn of the loop. A job of the upkeep may take minutes on a slow disk, as a backup does."""


@dataclass(frozen=True)
class Look:
    """How the server is: each part well or not, and how long the row took in seconds."""

    storage: bool
    push: bool
    upkeep: bool
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether all of it is well."""
        return self.storage and self.push and self.upkeep


class Health:
    """The health of one server. `now`: seconds that only go on."""

    def __init__(self, store: Store, live: Live, upkeep: Upkeep, now: Callable[[], float] = time.monotonic):
        self._store, self._live, self._upkeep, self.now = store, live, upkeep, now
        self._kept: tuple[float, bool, float] | None = None
        self._lock = threading.Lock()

    def look(self) -> Look:
        """How it is now; of the file, how it was at most a second ago."""
        with self._lock:
            if self._kept is None or not 0 <= self.now() - self._kept[0] < ONCE_IN:
                began = self.now()
                wrote = self._store.alive()
                self._kept = (self.now(), wrote, self.now() - began)
            _, wrote, seconds = self._kept
        return Look(wrote and seconds < QUICK, self.pushes(), self.keeps_up(), seconds)

    def pushes(self) -> bool:
        """Whether the loop that pushes screens turns, or was never started."""
        return self._turns(self._live.turned, PUSH_STUCK)

    def keeps_up(self) -> bool:
        """Whether the loop of the upkeep turns, or was never started."""
        return self._turns(self._upkeep.turned, UPKEEP_STUCK)

    def _turns(self, turned: float | None, stuck: float) -> bool:
        return turned is None or self.now() - turned < stuck


def feed(health: Health, begin: Callable[..., Any], sleep: Callable[[float], None]) -> None:
    """Feed systemd's watchdog, where it waits to be fed, for as long as the loops turn.

    begin: starts a task beside the others; sleep: lets them work. By whichever engine runs.
    """
    seconds = watched()
    if seconds:
        begin(_feed_for_ever, health, seconds / 3, sleep)


def watched() -> float:
    """The seconds within which systemd wants to hear from us, or 0; sd_watchdog_enabled(3)."""
    micro, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    ours = pid in ("", str(os.getpid()))
    return int(micro) / 1e6 if ours and micro.isascii() and micro.isdigit() else 0.0


def notify(state: str) -> bool:
    """Tell systemd "READY=1", "WATCHDOG=1" or "STOPPING=1"; sd_notify(3). False where nobody listens."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.connect("\0" + path[1:] if path[0] == "@" else path)
            to.sendall(state.encode())
    except OSError as problem:  # it then restarts us, and that is what it is for
        log.warning("systemd did not hear us: %s", problem.strerror)
        return False
    return True


def _feed_for_ever(health: Health, seconds: float, sleep: Callable[[float], None]) -> None:
    was_well = True
    while True:
        is_well = health.pushes() and health.keeps_up()
        if is_well:
            notify("WATCHDOG=1")
        elif was_well:
            news("A loop stands still", push=health.pushes(), upkeep=health.keeps_up())
        was_well = is_well
        sleep(seconds)
