"""What is forgotten after years: the oldest days of the log, the oldest rows of the audit.

A little at a time, while the clinic works: each part is one short transaction, and others are answered between two.
"""

import logging
import time
from collections.abc import Callable

from clinic.desk import Desk
from clinic.store import Unavailable
from clinic.years import years
from doors.audit import Audit
from doors.who import Who

EVERY, REST = 60.0, 3600.0
"""Seconds between two looks; and until the next where nothing was left to forget, which is found out by a long read."""

A_LOOK, BREATH = 1.0, 0.05
"""Seconds: for so long one look goes on, and so long it leaves to others after each part."""

FACTS = 250
"""Facts that go in one part."""

AUDIT_YEARS = 3
"""The audit is kept for so many years at least, also where the log is not."""


Part = Callable[[], int]
"""Forgets a little: how much went, 0 where nothing is left to forget."""

log = logging.getLogger("kindline.retention")


class Retention:
    """Forgets what is older than the set-up says, of one clinic."""

    def __init__(self, desk: Desk, audit: Audit):
        self._desk, self._audit = desk, audit
        self._rests_until = 0.0
        self._forget_told()
        desk.forgetting.append(self._forget_told)

    def _forget_told(self) -> None:
        """Another database has not been told of any days that go."""
        self._told = 0

    def look(self) -> None:
        """Forget some of what is old; the rest at the next looks, and all of it where nothing can be written now."""
        # By a clock that may be wrong nothing is old.
        if self._desk.clock.doubt or time.monotonic() < self._rests_until:
            return
        end = time.monotonic() + A_LOOK
        try:
            parts = [self._days(), self._rows()]
            while parts and time.monotonic() < end:
                part = parts.pop(0)
                if part():
                    parts.append(part)
                time.sleep(BREATH)
            if not parts:
                self._rests_until = time.monotonic() + REST
        except Unavailable as problem:
            log.info("What is old could not be forgotten: %s", problem)

    def _days(self) -> Part:
        """Forgets some facts of old days. That they go is written down ahead, once for as many as go."""
        until = self._desk.old_facts()
        if until > max(self._told, self._desk.forgotten()):
            self._audit.write(Who(""), "door forgot-days", [f"fact={until}"])
            self._told = until
        return lambda: self._desk.forget(until, FACTS)

    def _rows(self) -> Part:
        """Forgets some old rows of the audit."""
        until = self._audit.old_rows(years(max(AUDIT_YEARS, self._desk.line.setup.kept_years)))
        return lambda: self._audit.forget(until)
