"""What people say after their visit, and by whom and when somebody is followed up: plain tables, erasable.

An answer is kept without its visit: only the day, the hour and the service. That a link was used is a row elsewhere,
under a keyed digest, for a day or two; neither table keeps the order in which rows came.
"""

import json
import secrets
from collections.abc import Collection
from dataclasses import astuple, dataclass, fields
from typing import Any

from sqlite_utils import Database

RATINGS = ("very_good", "good", "neither", "poor", "very_poor", "dont_know")
"""Overall, how was your experience of our service? (EXPERIENCE M3)"""

PUT_RIGHT = ("poor", "very_poor")
"""Who answers so is asked whether we may put it right."""

COMMENT_LENGTH, CONTACT_LENGTH, LINE_LENGTH = 500, 80, 120

LINES = 2
"""How many lines of "You said, we did" the TV takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. day: "2026-11-24"; hour: of the clinic's day in which they came; as_said, told: yes, no or empty.

    `asks`: they want us to put it right, and may be reached by `contact`. `how` staff took care of it; empty while
    nobody has.
    """

    id: str
    day: str
    hour: int
    service: str
    rating: str
    comment: str = ""
    as_said: str = ""
    told: str = ""
    asks: bool = False
    contact: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who takes care of somebody, by which day."""

    name: str
    due: str


def new_id() -> str:
    """An id that tells nothing, not even when it was made."""
    return secrets.token_hex(8)


def give(db: Database, link: str, answer: Answer, today: str) -> bool:
    """Keep this answer, unless this link (its keyed digest) gave one before; whether it was kept."""
    if has_given(db, link):
        return False
    db.execute("insert into feedback_given values (?, ?)", [link, today])
    db.execute("insert into feedback values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", list(astuple(answer)))
    return True


def has_given(db: Database, link: str) -> bool:
    """Whether this link gave its answer."""
    return db.execute("select 1 from feedback_given where link = ?", [link]).fetchone() is not None


def answers(db: Database, since: str) -> list[Answer]:
    """The answers of this day and later, the latest days first."""
    return _answers(db, "day >= ? order by day desc, hour desc, id", [since])


def asking(db: Database) -> list[Answer]:
    """The answers that want us to put something right and that nobody has taken care of, the oldest first."""
    return _answers(db, "asks and how = '' order by day, hour, id", [])


def settle(db: Database, whose: str, how: str) -> bool:
    """Somebody took care of this answer, `how`: then how to reach its person is erased. Whether there is such a one."""
    found = db.execute("update feedback set how = ?, contact = '' where id = ? and asks", [how, whose])
    db.execute("delete from follow_up where id = ?", [whose])
    return bool(found.rowcount)


def forget(db: Database, before: str, yesterday: str) -> None:
    """Keep nothing of answers from before this day but those that still wait for us, and no link of past days."""
    db.execute("delete from feedback where day < ? and (how <> '' or not asks)", [before])
    db.execute("delete from feedback_given where day < ?", [yesterday])


def owners(db: Database, ids: Collection[str]) -> dict[str, Owner]:
    """Who takes care of which of these visits and answers."""
    rows = db.execute("select id, name, due from follow_up where id in (select value from json_each(?))",
                      [json.dumps(sorted(ids))])  # fmt: skip
    return {whose: Owner(name, due) for whose, name, due in rows}


def save_owner(db: Database, whose: str, owner: Owner) -> None:
    """From now on this one takes care of it."""
    db.execute("insert or replace into follow_up values (?, ?, ?)", [whose, owner.name, owner.due])


def owned(db: Database) -> set[str]:
    """The visits and answers that somebody takes care of."""
    return {whose for (whose,) in db.execute("select id from follow_up")}


def erase_owners(db: Database, ids: Collection[str]) -> None:
    """Keep no longer who takes care of these."""
    db.execute("delete from follow_up where id in (select value from json_each(?))", [json.dumps(sorted(ids))])


def erase_contacts(db: Database, ids: Collection[str]) -> None:
    """Keep no longer how to reach who gave these answers."""
    db.execute("update feedback set contact = '' where id in (select value from json_each(?))",
               [json.dumps(sorted(ids))])  # fmt: skip


def lines(db: Database) -> tuple[str, ...]:
    """What the TV says that we did of what people said."""
    row = db.execute("select value from setting where name = 'we_did'").fetchone()
    return tuple(json.loads(row[0])) if row else ()


def save_lines(db: Database, said: tuple[str, ...]) -> None:
    """Say this on the TV from now on."""
    value = json.dumps(said)
    db.execute("insert into setting values ('we_did', ?) on conflict do update set value = excluded.value", [value])


def _answers(db: Database, where: str, values: list[Any]) -> list[Answer]:
    names = [field.name for field in fields(Answer)]
    # Names and `where` are fixed texts of our own; every value is bound.
    rows = db.execute(f"select {', '.join(names)} from feedback where {where}", values)  # noqa: S608 (see above)
    kept = (dict(zip(names, row, strict=True)) for row in rows)
    return [Answer(**{**one, "asks": bool(one["asks"])}) for one in kept]
