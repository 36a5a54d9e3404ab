"""Whom we owe a word: people who went unseen and people who asked for an answer; and what was said, and done of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from clinic.after import After
from clinic.desk import Desk
from clinic.feedback import LINE_LENGTH, LINES, RATINGS, Answer, Owner
from clinic.follow_up import Unseen, due, owed
from clinic.hours import day_of
from doors.who import by, who, whom
from forms import BadInput, free_text, sent, text
from messages import RATINGS as WORDS
from staff.reply import Reply
from words import render

OWNER_LENGTH = 40
LATELY = timedelta(days=1)
"""So long somebody who was taken care of can be put back on the list."""


@dataclass(frozen=True)
class Row:
    """Somebody to follow up: an unseen visit, or an answer that asks. `due`: by which day, `is_late` when past it."""

    id: str
    unseen: Unseen | None
    answer: Answer | None
    day: date
    name: str
    owner: str
    due: date
    is_late: bool


def add_routes(console: Blueprint, desk: Desk, after: After, reply: Reply) -> None:
    """/staff/follow-ups and /staff/feedback, with what they send."""

    def rows(found: list[Unseen], asking: list[Answer], today: date) -> list[Row]:
        ids = [*(one.visit for one in found), *(one.id for one in asking)]
        owners, names, setup = after.owners(ids), desk.names(ids), desk.line.setup
        booked = after.booked_names([one.visit for one in found])
        whom(one for one in ids if names.get(one) or booked.get(one))

        def row(whose: str, one: Unseen | None, answer: Answer | None, day: date) -> Row:
            owner = owners.get(whose)
            by = date.fromisoformat(owner.due) if owner else due(day)
            name = names.get(whose) or booked.get(whose, "")
            return Row(whose, one, answer, day, name, owner.name if owner else "", by, by < today)

        both = [
            *(row(one.visit, one, None, day_of(setup, one.at)) for one in found),
            *(row(one.id, None, one, date.fromisoformat(one.day)) for one in asking),
        ]
        return sorted(both, key=lambda one: one.due)

    @console.get("/follow-ups")
    def follow_ups() -> str:
        now, account = reply.now(), who().account
        everybody = after.unseen()
        lately = [one for one in everybody if one.handled and now - one.handled < LATELY]
        return render(
            "staff/follow_ups.html", reply.lang(), setup=desk.line.setup, zone=now.tzinfo, longest=OWNER_LENGTH,
            rows=rows(owed(everybody), after.asking(), now.date()), lately=rows(lately, [], now.date()), words=WORDS,
            mine=account.name[:OWNER_LENGTH] if account else "",
        )  # fmt: skip

    @console.post("/follow-up")
    def follow_up() -> Response:
        fields = sent(request)
        after.follow_up(text(fields, "whose"), text(fields, "how"), reply.tap(fields), by())
        return reply.done({"seq": desk.line.seq}, "")

    @console.post("/owner")
    def owner() -> Response:
        fields = sent(request)
        name = free_text(fields, "owner", OWNER_LENGTH)
        after.own(text(fields, "whose"), Owner(name, _day(fields, "due")))
        return reply.done({"seq": desk.line.seq}, "")

    @console.get("/feedback")
    def feedback() -> str:
        answers = after.answers()
        counts = [(rating, sum(one.rating == rating for one in answers)) for rating in RATINGS]
        return render("staff/feedback.html", reply.lang(), setup=desk.line.setup, answers=answers, counts=counts,
                      words=WORDS, lines=[*after.lines, *[""] * LINES][:LINES], longest=LINE_LENGTH)  # fmt: skip

    @console.post("/we-did")
    def we_did() -> Response:
        fields = sent(request)
        said = [free_text(fields, f"line-{n}", LINE_LENGTH) for n in range(1, LINES + 1)]
        after.say(tuple(line for line in said if line))
        return reply.done({"seq": desk.line.seq}, "")


def _day(fields: Mapping[str, Any], name: str) -> str:
    try:
        return datetime.strptime(text(fields, name), "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError as problem:
        raise BadInput(name, "not_a_day") from problem
