"""A check-in from any door, tablet or desk: the same fields read, the same answer given."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinic import commands
from clinic.desk import Desk, Done
from clinic.events import Entry
from clinic.line import Line, ahead_of, apply
from clinic.told import Wait, wait
from forms import REQUEST_LENGTH, BadInput, one_of, person_name, text
from words import LANGUAGES


def check_in(desk: Desk, fields: Mapping[str, Any], by: str, url: str) -> Done:
    """Check in who filled in these fields. `url` is the address that links start with.

    Raises BadInput and Refused; the answer is {visit, ticket, place, low, high, by, url}.
    """
    request = text(fields, "request", REQUEST_LENGTH)
    service = text(fields, "service")
    if desk.line.setup.service(service) is None:
        choices = ", ".join(one.id for one in desk.line.setup.services)
        raise BadInput("service", "not_a_choice", choices=choices)
    name = person_name(fields)
    call_me = one_of(fields, "call_me", commands.CALL_ME, "number")
    if call_me == "name" and not name:
        raise BadInput("name", "name_needed")
    spoken = one_of(fields, "language", tuple(LANGUAGES), desk.line.setup.language)

    def answer(line: Line, visit: str | None) -> dict[str, Any]:
        assert visit  # a check-in always makes a visit
        return standing(line, visit, desk.clock.now())

    done = desk.do(
        commands.check_in, by=by, request=request, answer=answer, name=name,
        visit=uuid.uuid4().hex, service=service, language=spoken, call_me=call_me,
    )  # fmt: skip
    # Only here does the secret join the answer: the database keeps no link that works.
    return replace(done, answer={**done.answer, "url": f"{url}/t/{desk.links.secret(done.answer['visit'])}"})


def standing(line: Line, visit: str, now: datetime) -> dict[str, Any]:
    """Where this visit stands, for programs: minutes from now, and the clock time of the window's end."""
    found = line.visits[visit]
    left = wait(found, now)
    by = left.by.astimezone(ZoneInfo(line.setup.timezone)).isoformat() if left else None
    low, high = (left.low, left.high) if left else (None, None)
    return {
        "visit": visit, "ticket": found.ticket, "place": ahead_of(line, found), "low": low, "high": high, "by": by,
    }  # fmt: skip


def outlook(desk: Desk, service: str) -> tuple[int, Wait | None]:
    """What somebody who checked in for `service` now would be told: how many before them, and the window."""
    line, now = desk.line, desk.clock.now()
    for fact in commands.check_in(line, now, "outlook", service):
        line = apply(line, Entry(line.seq + 1, fact))
    for told in desk.would_tell(line, now, "outlook"):
        line = apply(line, Entry(line.seq + 1, told))
    visit = line.visits["outlook"]
    return ahead_of(line, visit), wait(visit, now)
