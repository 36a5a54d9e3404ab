"""Upkeep: what this computer does by itself while the clinic works, and what staff must know about the computer.

A job is a plain function that is run again and again, one after the other, beside everything else. What goes on for
longer than some milliseconds it gives to `beside`, where it holds up nobody. An alarm stands until it is settled; the
console shows it as a sentence.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clinic.clock import real_time

log = logging.getLogger("kindline.upkeep")

Job = Callable[[], None]

PAUSE = 1.0
"""Seconds between two looks at what is due."""


@dataclass(frozen=True)
class Alarm:
    """What staff must know: its sentence is `messages.ALARMS[kind]` with these values. `since` is the real time."""

    kind: str
    since: datetime
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Task:
    seconds: float
    job: Job
    due: float = 0.0


class Upkeep:
    """The background jobs of one clinic, and its alarms. `wake` is called when an alarm begins, changes or ends."""

    def __init__(self, wake: Callable[[], None], now: Callable[[], datetime] = real_time):
        self.now = now
        self.beside: Callable[..., Any] = lambda job, *args: job(*args)
        self._wake = wake
        self._tasks: list[_Task] = []
        self._alarms: dict[str, Alarm] = {}
        self._lock = threading.Lock()
        self._running = False
        self.turned: float | None = None
        """When the loop last turned, in seconds that only go on; None before its start."""

    def every(self, seconds: float, job: Job) -> None:
        """Run this job at the start and then each time so many real seconds have passed."""
        self._tasks.append(_Task(seconds, job))

    def alarm(self, kind: str, **values: Any) -> None:
        """Let staff know. Said again it changes nothing but its values: since when it stands is kept."""
        with self._lock:
            old = self._alarms.get(kind)
            new = Alarm(kind, old.since if old else self.now(), values)
            self._alarms[kind] = new
        if new != old:
            log.warning("An alarm stands" if old else "An alarm begins", extra={"fields": {"kind": kind}})
            self._wake()

    def settled(self, *kinds: str) -> None:
        """These stand no more."""
        with self._lock:
            gone = [kind for kind in kinds if self._alarms.pop(kind, None)]
        if gone:
            log.warning("An alarm is settled", extra={"fields": {"kind": ", ".join(gone)}})
            self._wake()

    def alarms(self) -> tuple[Alarm, ...]:
        """What stands, the oldest first."""
        with self._lock:
            return tuple(sorted(self._alarms.values(), key=lambda one: one.since))

    def goes_on(self) -> None:
        """A job that is long says this between its parts: it is no loop that stands still."""
        self.turned = time.monotonic()

    def look(self) -> None:
        """Run every job that is due. One that fails is tried again when it is due the next time."""
        for task in self._tasks:
            if time.monotonic() >= task.due:
                self.goes_on()
                task.due = time.monotonic() + task.seconds
                try:
                    task.job()
                except Exception:  # one job that fails must not keep the others from their turn
                    log.exception("A job of the upkeep failed")

    def start(self, begin: Callable[..., Any], sleep: Callable[[float], None]) -> None:
        """Begin to look, by whichever engine runs: `begin` starts a task beside the others, `sleep` lets them work."""
        self._running, self.turned = True, time.monotonic()
        begin(self._look_for_ever, sleep)

    def stop(self) -> None:
        """Look no more; what has begun ends."""
        self._running = False

    def _look_for_ever(self, sleep: Callable[[float], None]) -> None:
        while self._running:
            self.turned = time.monotonic()
            self.look()
            sleep(PAUSE)
