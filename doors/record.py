"""What the doors write into the audit: who did what, whom they saw, who was not let in. And what they need not write:
a page and its live screen are one look at each name, and a screen out of order must not flood it.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from flask import g, request

from clinic.desk import Desk
from clinic.diary import local_date
from clinic.line import here
from clinic.store import Unavailable
from doors import deeds, table
from doors.about import about, is_id
from doors.audit import Audit
from doors.who import Who

QUIET = frozenset({"doors.awake", "doors.lock", "doors.unlock"})
"""What is written down by itself, or is nothing to write down."""

REFUSALS_OF_ONE, REFUSALS_OF_ALL = 20, 60
"""Refusals in a minute that are written down: a screen out of order, or a stranger, must not flood the audit."""

WATCHED = 500
"""Sessions and screens of which it is known whom they have seen."""

SAY_WHOM = frozenset({"staff.privacy", "staff.follow_ups", "staff.erase_ended"})
"""Pages of which only the route knows whom they show or change: it says so by `who.whom`."""

log = logging.getLogger("kindline.doors")


class Record:
    """What is written down at the doors of one clinic. `now` is the real time, which never goes back."""

    def __init__(self, desk: Desk, audit: Audit, now: Callable[[], datetime], is_open: bool):
        self._desk, self._audit, self._now, self._is_open = desk, audit, now, is_open
        self._refusals: dict[tuple[str, str, str], datetime] = {}
        self._watched: dict[tuple[str, str], set[str]] = {}
        self._unwritten = 0
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Another database has other people."""
        self._refusals, self._watched = {}, {}

    def let_in(self, asks: Who, endpoint: str) -> None:
        """Write down what this request is about to do, or whom it shows.

        Raises Unavailable: then it must not be done.
        """
        is_program = asks.device is not None and asks.device.role == "program"
        if not (asks.account or is_program):
            return
        thing = deeds.thing(endpoint, request.view_args)
        if request.method == "POST" and endpoint not in QUIET:
            self.note(asks, "did", thing, about(request, self._desk.line.setup))
        elif endpoint in table.NAMED and endpoint not in SAY_WHOM:
            self.saw(asks, thing, self._shown(endpoint))
            if endpoint == "staff.page" and asks.session:
                self._watched_by(asks, "staff/main/").update(self.named())

    def note(self, asks: Who, kind: str, thing: str, words: Iterable[str] = ()) -> None:
        """Write down what this request is about to do. Raises Unavailable, and then it must not be done."""
        g.noted = (self._audit.write(asks, f"{kind} {thing}", words), thing)

    def saw(self, asks: Who, thing: str, words: Iterable[str] = ()) -> None:
        """Write down whom this page shows. A full disk keeps no names from who needs them: then the gap is counted,
        and written down with the next look that can be.
        """
        try:
            if self._unwritten:
                self._audit.write(asks, "door unwritten", [f"looks={self._unwritten}"])
                self._unwritten = 0
            self._audit.write(asks, f"saw {thing}", words)
        except Unavailable as problem:
            self._unwritten += 1
            log.error("A look at names could not be written down: %s", problem)

    def tell(self, asks: Who, what: str, about: Iterable[str] = ()) -> None:
        """Write down what is to happen whether it can be written or not: somebody leaves, or locks the screen."""
        try:
            self._audit.write(asks, what, about)
        except Unavailable as problem:
            log.error("What happened at the doors could not be written down: %s", problem)

    def came_of_it(self, status: int) -> None:
        """Write down whom the answer is about, where only its route knew, and when nothing came of what was noted."""
        endpoint, ids = request.endpoint or "", g.pop("whom", None)
        if endpoint in SAY_WHOM and status < 400 and not self._is_open:
            if request.method == "POST":
                self.tell(g.who, f"did {endpoint}", ids or ())
            else:
                self.saw(g.who, endpoint, ids or ())
        noted = g.pop("noted", None)
        if noted and status >= 400:
            self.tell(g.who, f"failed {noted[1]}", [f"row={noted[0]}"])

    def refused(self, asks: Who, thing: str) -> None:
        """Write down that somebody was not let in: each source and thing once a minute.

        Strangers and devices do not fill it, and cannot hide what somebody of the house tries.
        """
        now, account = self._now(), asks.account.id if asks.account else ""
        key, is_ours = (asks.source, account, thing), bool(asks.account or asks.device)
        with self._lock:
            lately = {one: at for one, at in self._refusals.items() if timedelta(0) <= now - at < timedelta(minutes=1)}
            of_one = sum(one[:2] == key[:2] for one in lately)
            are_many = of_one >= REFUSALS_OF_ONE or (not is_ours and len(lately) >= REFUSALS_OF_ALL)
            if key in lately or (are_many and not account):
                return
            self._refusals = {**lately, key: now}
        self.tell(asks, f"refused {thing}")

    def _shown(self, endpoint: str) -> list[str]:
        """Whom this page shows: the visits of the line, else the day of its appointments or what it was asked for."""
        if endpoint == "staff.page":
            return sorted(self.named())
        if endpoint == "staff.line_json":
            return sorted(self._desk.names(self._desk.line.visits))
        if endpoint in ("staff.day_form", "appointments.paper_page"):
            return [self._day(), *sorted(self.named())]
        if endpoint.startswith("appointments.") and not request.view_args:
            return [self._day()]
        return about(request, self._desk.line.setup)

    def _day(self) -> str:
        return f"day={local_date(self._desk.line.setup, self._desk.clock.now())}"

    def named(self) -> frozenset[str]:
        """The visits whose names the console shows now."""
        return frozenset(self._desk.names([visit.id for visit in here(self._desk.line)]))

    def _shown_live(self, start: str, key: str) -> frozenset[str]:
        """Whom the live screen with this key shows now."""
        if start in ("staff/main/", "staff/what-if/"):
            return self.named()
        if start == "staff/paper/":
            return self.named() | {self._day()}
        upload = key.removeprefix("staff/import-").partition("/")[0]
        return frozenset({f"upload={upload}"} if is_id(upload) else {self._day()})

    def watches_names(self, asks: Who, start: str, key: str) -> None:
        """Write down who came onto a live screen with names since this session last looked."""
        if asks.account is None:
            return
        seen = self._watched_by(asks, start if start in ("staff/main/", "staff/what-if/") else key)
        new = self._shown_live(start, key) - seen
        if new:
            self.saw(asks, start, sorted(new))
            seen.update(new)

    def _watched_by(self, asks: Who, start: str) -> set[str]:
        """Whom this session saw on this screen already: a page, its watchers and their reconnects are one look."""
        owner = asks.session.id if asks.session else ""
        with self._lock:
            while len(self._watched) >= WATCHED:
                del self._watched[next(iter(self._watched))]
            return self._watched.setdefault((owner, start), set())
