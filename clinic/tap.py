"""A tap: one command that somebody gave, from when it was given until it is done or refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from clinic import commands, log, register, talk
from clinic.commands import Command
from clinic.events import Entry
from clinic.line import Line
from clinic.needs import Needs


@dataclass(frozen=True)
class Done:
    """What came of a command: the line after it, the facts it made, and the answer for who asked."""

    line: Line
    facts: tuple[Entry, ...]
    answer: dict[str, Any]
    repeated: bool = False


@dataclass(eq=False)
class Tap:
    """One command as `Desk.do` takes it; body: the fingerprint of what was asked.

    entries: the facts it made; visit: whom it is about; told: what people were told because of it. Then `done` or
    `problem`.
    """

    command: Command
    params: Mapping[str, Any]
    by: str
    request: str | None
    body: str
    answer: Callable[[Line, str | None], dict[str, Any]]
    name: str = ""
    needs: Needs | None = None
    visit: str | None = None
    entries: list[Entry] = field(default_factory=list)
    told: list[Entry] = field(default_factory=list)
    done: Done | None = None
    problem: Exception | None = None

    @property
    def is_over(self) -> bool:
        """Whether it needs nobody any more."""
        return self.done is not None or self.problem is not None

    @property
    def touched(self) -> set[str]:
        """The visits that its facts are about."""
        return {entry.fact.visit for entry in self.entries if hasattr(entry.fact, "visit")}


def save(db: Database, links: register.Links, tap: Tap, reply: dict[str, Any], at: datetime) -> None:
    """Write all that belongs to this tap, but what was told; inside the caller's transaction."""
    log.append(db, tap.entries, tap.request)
    if tap.command is commands.check_in:
        register.save_name(db, tap.params["visit"], tap.name)
        links.save(db, tap.params["visit"])
    if tap.command in (talk.take_help, talk.answer_help):
        register.save_taker(db, tap.params["help"], tap.name)
    if tap.needs is not None:
        register.save_needs(db, tap.params["visit"], tap.needs)
    if tap.request:
        register.save_answer(db, tap.request, tap.body, reply, at)
