"""Safekeeping: backups while the clinic works, a nightly look at the data, and the way back into a running clinic.

Backups are copies that a second connection reads, in a thread of the system's, so that nobody waits for them. What
identifies people is left out of older ones, as it is erased from the clinic itself.
"""

import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic import copies, earlier
from clinic.copies import BEFORE, DATABASE, REPLACED, SAID, WANTED, Backup, Damaged, NoRoom
from clinic.desk import Desk
from clinic.opening import is_large
from live import Live
from upkeep import Upkeep

EVERY, AGAIN = 3600.0, 600.0
"""Seconds between two backups, and until the next try after one that could not be made."""

TOO_OLD = timedelta(hours=3)
"""Without a backup for so long staff are told."""

NIGHT, NIGHTLY = range(1, 5), 20 * 3600.0
"""The hours in which the data are looked through, and the seconds before that is done again."""

LATEST = 44 * 3600.0
"""Seconds after which they are looked through at any hour."""

A_LOOK, A_MINUTE = 1.0, 60.0
"""Seconds: for so long one look goes on to take names out of copies, and whoever erases again has the next backup."""

NEVER = datetime(1, 1, 1, tzinfo=UTC)

QUIET = 0.3
"""Seconds in which what was asked before a restore may still be done."""

log = logging.getLogger("kindline.safety")


class Safety:
    """The backups of one clinic. `last`: the newest one that is known to be good."""

    def __init__(self, desk: Desk, upkeep: Upkeep, live: Live):
        self._desk, self._upkeep, self._live = desk, upkeep, live
        self._folder = desk.store.folder
        self.last: Backup | None = next(iter(copies.found(self._folder)), None)
        self._since = self._upkeep.now()
        self._due = 0.0 if self._is_old(timedelta(seconds=EVERY)) else time.monotonic() + EVERY
        # The start looked through the file; of a large one only through a part, so that this begins with the rest.
        self._checked = time.monotonic() - (LATEST if is_large(self._folder / DATABASE) else 0.0)
        self._is_damage_told = False
        # The copies that are still to be looked through, and those whose names could not be taken out.
        self._to_clean: list[Backup] = []
        self._left: list[str] = []
        self._is_by_hand, self._by_hand_at = False, time.monotonic() - A_MINUTE
        self._cleaned_at, self._cleaned_of = time.monotonic() - EVERY, desk.erasures
        # Of before this start, who asked for it has long gone on.
        copies.clear(self._folder)

    def watch(self) -> None:
        """Have all this done from now on."""
        self._upkeep.every(1, self.look)
        self._upkeep.every(60, self.keep)
        self._upkeep.every(600, self.check)

    def look(self) -> None:
        """What cannot wait: a copy that the clinic is to go on with, names erased by hand, and damage that was met."""
        if (self._folder / WANTED).exists():
            self.take_in(self._folder / WANTED)
        if self._desk.erasures != self._cleaned_of:
            self._back_up_the_others()
            self._begin_to_clean()
            self._is_by_hand = True
        if self._to_clean:
            self.clean()
        if self._desk.store.trouble == "damaged" and not self._is_damage_told:
            self._tell_of_damage()

    def keep(self) -> None:
        """Make a backup when one is due, and let go of what has had its time."""
        if time.monotonic() >= self._due:
            self.back_up()
        if time.monotonic() - self._cleaned_at >= EVERY:
            self._begin_to_clean()
            self.clean()
        # Who has just begun, and never made any, has not made one for three hours only three hours later.
        is_new = self.last is None and timedelta() <= self._upkeep.now() - self._since < TOO_OLD
        if self._is_old(TOO_OLD) and not is_new:
            self._upkeep.alarm("no_backup")

    def newest(self) -> tuple[datetime, Path] | None:
        """When the newest backup that is known to be good was made, and which file it is."""
        return (self.last.at, self.last.path) if self.last else None

    def back_up(self) -> None:
        """Make a backup now. Where that cannot be done, staff are told and it is tried again."""
        self._due = time.monotonic() + AGAIN
        now = self._upkeep.now()
        try:
            self.last = self._upkeep.beside(_make, self._folder, now)
        except NoRoom:
            self._upkeep.alarm("no_room")
            return
        except Damaged as problem:
            log.error("A backup is not whole: %s", problem)
            self._tell_of_damage()
            return
        except Exception as problem:  # whatever the disk or its database say: it is tried again, and told in the end
            log.error("A backup could not be made: %s", problem)
            return
        self._due = time.monotonic() + EVERY
        self._upkeep.settled("no_room", "no_backup")
        zone = ZoneInfo(self._desk.line.setup.timezone)
        # By a clock that may be wrong no backup has had its time.
        for old in () if self._desk.clock.doubt else copies.too_many(copies.found(self._folder), now, zone):
            old.path.unlink(missing_ok=True)

    def _back_up_the_others(self) -> None:
        """Have a backup with all names but the erased, since every other one loses them all; one a minute at most."""
        since = time.monotonic() - self._by_hand_at
        if since < A_MINUTE:
            self._due = min(self._due, self._by_hand_at + A_MINUTE)
            return
        self._by_hand_at = time.monotonic()
        self.back_up()

    def _begin_to_clean(self) -> None:
        self._cleaned_at, self._cleaned_of = time.monotonic(), self._desk.erasures
        self._to_clean, self._left = copies.found(self._folder, "", BEFORE, REPLACED), []

    def clean(self) -> None:
        """Leave out of older copies whatever identifies people: they were erased, or are kept no longer.

        Of some copies, as far as one look comes; of the others at the next ones, and until then staff are told.
        """
        kept = timedelta(hours=self._desk.line.setup.kept_hours)
        until = NEVER if self._desk.clock.doubt else self._upkeep.now() - kept
        end = time.monotonic() + A_LOOK
        while self._to_clean and time.monotonic() < end:
            one = self._to_clean.pop(0)
            self._upkeep.goes_on()
            try:
                if one.path.exists():  # it may have had its time meanwhile
                    self._upkeep.beside(_clean, one, until, self._cleaned_of)
            except Exception as problem:  # whichever copy it is and whatever is wrong with it, the others go on
                log.error("Names are still in a backup: %s", type(problem).__name__)
                self._left.append(one.path.name)
        if self._to_clean:
            if self._is_by_hand:
                self._upkeep.alarm("names_going", n=len(self._to_clean))
            return
        self._is_by_hand = False
        self._upkeep.settled("names_going", *(() if self._left else ("names_kept",)))
        if self._left:
            self._upkeep.alarm("names_kept", file=", ".join(self._left))

    def check(self) -> None:
        """Look once a night whether the data are whole."""
        since = time.monotonic() - self._checked
        hour = self._upkeep.now().astimezone(ZoneInfo(self._desk.line.setup.timezone)).hour
        if since >= LATEST or (since >= NIGHTLY and hour in NIGHT):
            self._checked = time.monotonic()
            try:
                self._upkeep.beside(_check, self._folder)
            except Damaged as problem:
                log.error("The data are damaged: %s", problem)
                self._tell_of_damage()

    def take_in(self, wanted: Path) -> None:
        """Go on with this checked copy. What came of it is written beside it, for who waits for that."""
        log.warning("The clinic is put back to an earlier state")
        self._desk.begin_another_life()
        time.sleep(QUIET)
        try:
            self._desk.restore(wanted, self._upkeep.now())
            said = "done"
        except Exception as problem:
            log.exception("The clinic could not be put back")
            said = f"{problem}"
        finally:
            wanted.unlink(missing_ok=True)
        # First of all, whatever the disk says to the rest: no screen may stay with what is no more.
        self._live.part()
        self._is_damage_told = False
        self._upkeep.settled("not_whole", "not_whole_alone")
        self._due = 0.0
        part = self._folder / f"{SAID}{copies.PART}"
        part.write_text(said)
        part.replace(self._folder / SAID)

    def _tell_of_damage(self) -> None:
        self._is_damage_told = True
        good = self._upkeep.beside(copies.newest_good, self._folder, self._upkeep.now())
        if good:
            self._upkeep.alarm("not_whole", backup=good.path.name)
        else:
            self._upkeep.alarm("not_whole_alone")

    def _is_old(self, age: timedelta) -> bool:
        """Whether the last backup is older than that, or from a time that has not come."""
        now = self._upkeep.now()
        return self.last is None or not timedelta() - copies.WRONG <= now - self.last.at < age


def _make(folder: Path, now: datetime) -> Backup:
    with copies.reading(folder / DATABASE) as source:
        return copies.make(folder, source, now)


def _check(folder: Path) -> None:
    with copies.reading(folder / DATABASE) as source:
        copies.check(source)


def _clean(one: Backup, until: datetime, erasures: int) -> None:
    is_old = one.at <= until or earlier.erasures_in(one.path) < erasures
    if is_old and copies.names_anybody(one.path):
        copies.strip(one.path)
