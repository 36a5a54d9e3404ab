"""After the visit, at one desk: answers taken, people followed up, past days looked at."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from clinic import commands, feedback, kept, log, register
from clinic.commands import Refused
from clinic.desk import Desk
from clinic.diary import local_date
from clinic.feedback import Answer, Owner
from clinic.follow_up import DAYS, HOW, Unseen, unseen
from clinic.line import Visit
from clinic.measures import Stay, stays

PICTURES = kept.FEEDBACK
"""How far back the pictures go: as long as answers are kept."""


class After:
    """What follows the visits of one `Desk`. `lines`: what the TV says that we did of what people said."""

    def __init__(self, desk: Desk):
        self._desk = desk
        self._begin()
        desk.forgetting.append(self._begin)

    def _begin(self) -> None:
        """Remember what the database holds."""
        desk, self._days = self._desk, dict[int, list[Stay]]()
        with desk.store.read() as db:
            self.lines = feedback.lines(db)

    def has_given(self, visit: Visit) -> bool:
        """Whether this visit's person has answered."""
        with self._desk.store.read() as db:
            return feedback.has_given(db, self._link(visit))

    def give(self, visit: Visit, answer: Answer) -> bool:
        """Keep what this visit's person says, by day, hour and service only; once. Whether it was kept."""
        setup = self._desk.line.setup
        came = visit.arrived.astimezone(ZoneInfo(setup.timezone))
        given = replace(
            answer, id=feedback.new_id(), day=came.date().isoformat(), hour=came.hour, service=visit.service
        )
        with self._desk.store.write() as db:
            return feedback.give(db, self._link(visit), given, self._day_before(timedelta()))

    def unseen(self) -> list[Unseen]:
        """Who went unseen in the last 14 days, taken care of or not."""
        with self._desk.store.read() as db:
            return unseen(log.went_unseen(db, self._desk.clock.now() - DAYS))

    def asking(self) -> list[Answer]:
        """The answers that want us to put something right."""
        with self._desk.store.read() as db:
            return feedback.asking(db)

    def answers(self) -> list[Answer]:
        """The answers of the last weeks."""
        with self._desk.store.read() as db:
            return feedback.answers(db, self._day_before(PICTURES))

    def owners(self, ids: Collection[str]) -> dict[str, Owner]:
        """Who takes care of which of these."""
        with self._desk.store.read() as db:
            return feedback.owners(db, ids)

    def booked_names(self, visits: Collection[str]) -> dict[str, str]:
        """The names of who was booked for these, while they are kept: for who never came there is no other."""
        with self._desk.store.read() as db:
            return {one.visit: one.name for one in register.bookings(db, visits)}

    def own(self, whose: str, owner: Owner) -> None:
        """This one takes care of this visit or answer. Raises Refused for one that is not on the list."""
        self._known(whose)
        with self._desk.store.write() as db:
            feedback.save_owner(db, whose, owner)

    def follow_up(self, whose: str, how: str, request: str | None, by: str) -> None:
        """This visit or answer was taken care of. Raises Refused for one that is not on the list."""
        if self._known(whose):
            self._desk.do(commands.follow_up, by=by, request=request, visit=whose, how=how)
            return
        if how not in HOW or how == "again":
            raise Refused("unknown_outcome")
        with self._desk.store.write() as db:
            feedback.settle(db, whose, how)
            kept.rewrite(db, "feedback", "follow_up")
        self._desk.settle()

    def say(self, lines: tuple[str, ...]) -> None:
        """Say this on the TV from now on; nothing takes it away."""
        with self._desk.store.write() as db:
            feedback.save_lines(db, lines)
        self.lines = lines
        for listener in self._desk.listeners:
            listener()

    def days(self) -> Iterator[list[Stay]]:
        """What came of everybody in the last weeks, day by day, the latest last. Who asks may let others go between.

        A day gone by does not change any more and is read once.
        """
        with self._desk.store.read() as db:
            opened = [seq for seq, _ in log.days(db, self._desk.clock.now() - PICTURES)]
        self._days = {first: some for first, some in self._days.items() if first in opened}
        for first, end in pairwise(opened):
            if first not in self._days:
                with self._desk.store.read() as db:
                    self._days[first] = stays(log.measured(db, first, end))
            yield self._days[first]
        yield stays(tuple(self._desk.entries))

    def _known(self, whose: str) -> bool:
        """Whether this is a visit that went unseen, or else an answer that asks."""
        if any(one.visit == whose for one in self.unseen()):
            return True
        if any(one.id == whose for one in self.asking()):
            return False
        raise Refused("unknown_follow_up")

    def _link(self, visit: Visit) -> str:
        return self._desk.links.fingerprint(f"feedback {visit.id}")

    def _day_before(self, ago: timedelta) -> str:
        return local_date(self._desk.line.setup, self._desk.clock.now() - ago)
