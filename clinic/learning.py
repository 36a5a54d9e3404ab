"""What this clinic's days have taught the estimate, and what it has still to learn from today.

A fact teaches once nobody can take it back. What was learned is written down every hour; a start goes on from there.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlite_utils import Database

from clinic import commands, log, register
from clinic.estimate import History
from clinic.events import ClockSet, Entry, undone
from clinic.line import replay
from clinic.setup import Setup

KEEP_EVERY = timedelta(hours=1)
"""How often what was learned is written down: a restart learns the rest again from the log."""

LEARN_DAYS = 5
"""Where nothing was kept, the estimate learns from so many days of the log."""


class Learning:
    """What was learned when it was last kept, and the facts since then, which still teach.

    today: the facts of this day so far. The caller holds the desk's lock, as a fact must not teach twice.
    """

    def __init__(self, db: Database, today: Sequence[Entry], setup: Setup):
        kept = register.load_learned(db)
        history = None
        if kept:
            seq, text = kept
            before = [entry for entry in today if entry.seq <= seq]
            history = History.from_text(text, replay(before, setup))
        if history is None:
            seq, history = log.before_days(db, LEARN_DAYS), History(setup)
        since = log.lessons_after(db, seq)
        left_out = undone(since)
        self.history = history
        self._to_come = deque(entry for entry in since if entry.seq not in left_out)
        self._kept_at: datetime | None = None

    def hear(self, entries: Sequence[Entry]) -> None:
        """These facts are written. What they take back never teaches."""
        if left_out := undone(entries):
            self._to_come = deque(entry for entry in self._to_come if entry.seq not in left_out)
        self._to_come.extend(entries)

    def learn(self, now: datetime) -> None:
        """Learn from the facts that stand for good by now.

        What an older clock counted is settled: its times cannot be compared with `now`.
        """
        until = now - commands.UNDO_WITHIN
        older = max((entry.seq for entry in self._to_come if isinstance(entry.fact, ClockSet)), default=0)
        while self._to_come and (self._to_come[0].seq <= older or self._to_come[0].fact.at <= until):
            self.history.teach(self._to_come.popleft())

    def learn_all(self) -> None:
        """Learn from all facts: the day is over, and nothing of it can be undone any more."""
        while self._to_come:
            self.history.teach(self._to_come.popleft())

    def is_due(self, now: datetime) -> bool:
        """Whether what was learned is to be written down again."""
        self._kept_at = self._kept_at or now
        return not timedelta() <= now - self._kept_at < KEEP_EVERY

    def keep(self, db: Database, now: datetime) -> None:
        """Write down what was learned, inside the caller's transaction."""
        register.save_learned(db, self.history.line.seq, self.history.to_text())
        self._kept_at = now
