"""Calls for help and questions as staff see them: who asked what, since when, and who has it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic.line import Help, Line
from clinic.talk import QUESTIONS

LOUDER, LOUDEST = 1, 3
"""After so many minutes without anybody on the way a call grows on the page, and grows again."""


@dataclass(frozen=True)
class Asked:
    """One call for help or question that is not settled. `about`: as in `clinic.line.Help`.

    ticket: of who asked, empty where only the place is known. owner: who took a question, where they said; `out`: who
    asked has stepped out. `louder`: 0, 1 or 2 as it waits for somebody to take it.
    """

    id: str
    about: str
    ticket: str
    name: str
    asked_at: datetime
    waited: int
    taken: bool
    owner: str
    out: bool
    louder: int

    @property
    def is_question(self) -> bool:
        """Whether words may settle it."""
        return self.about in QUESTIONS


def unsettled(line: Line, now: datetime, names: Mapping[str, str], owners: Mapping[str, str]) -> tuple[Asked, ...]:
    """What staff have yet to see to: who feels worse first, then what nobody took, questions after calls, oldest first.

    names: by visit; owners: the first names of who took what, by help. Times are in the zone of `now`.
    """
    found = [_asked(line, one, now, names, owners) for one in line.helps.values() if _is_open(line, one)]
    return tuple(sorted(found, key=lambda one: (one.taken, one.about != "worse", one.is_question, one.asked_at)))


def _is_open(line: Line, help: Help) -> bool:
    asker = line.visits.get(help.asker or "")
    # Who was seen has asked there. Who left is followed up; but who felt worse and then left is not let go of.
    gone = asker is not None and not asker.is_here and not (help.about == "worse" and asker.status == "left")
    return help.answered_at is None and not gone and (help.taken_at is None or help.about in QUESTIONS)


def _asked(line: Line, help: Help, now: datetime, names: Mapping[str, str], owners: Mapping[str, str]) -> Asked:
    asker = line.visits.get(help.asker or "")
    waited = max(0, int((now - help.asked_at).total_seconds() // 60))
    return Asked(
        id=help.id,
        about=help.about,
        ticket="" if help.place == "tablet" else help.place,
        name=names.get(help.asker or "", ""),
        asked_at=help.asked_at.astimezone(now.tzinfo),
        waited=waited,
        taken=help.taken_at is not None,
        owner=owners.get(help.id, ""),
        out=asker is not None and asker.status == "on_hold",
        louder=0 if help.taken_at else (waited >= LOUDER) + (waited >= LOUDEST),
    )
