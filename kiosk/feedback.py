"""The one question after a visit, asked on the patient's phone: a rating, then if they like a few words, and Send."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from clinic.after import After
from clinic.desk import Desk
from clinic.feedback import COMMENT_LENGTH, CONTACT_LENGTH, PUT_RIGHT, RATINGS, Answer
from clinic.line import Visit
from forms import free_text, one_of, sent, text, yes
from messages import RATINGS as WORDS
from words import LANGUAGES, Language, render

YES_NO = ("yes", "no")


def add_routes(
    phone: Blueprint, desk: Desk, after: After, whom: Callable[[str], Visit | None],
    chosen: Callable[[Visit | None], Language], ended: Callable[[Language], tuple[str, int]],
) -> None:  # fmt: skip
    """/t/<secret>/feedback: the second step, and what it sends."""

    def back(secret: str) -> AnyResponse:
        lang = request.values.get("lang")
        return redirect(f"/t/{secret}" + (f"?lang={lang}" if lang in LANGUAGES else ""), 303)

    @phone.get("/<secret>/feedback")
    def ask(secret: str) -> AnyResponse | tuple[str, int]:
        visit = whom(secret)
        if visit is None:
            return ended(chosen(None))
        rating = request.args.get("rating")
        if visit.status != "done" or after.has_given(visit) or rating not in RATINGS:
            return back(secret)  # their page says how things stand
        html = render(
            "phone/feedback.html", chosen(visit), setup=desk.line.setup, secret=secret, ticket_=visit.ticket,
            rating=rating, words=WORDS[rating], asks=rating in PUT_RIGHT, longest=COMMENT_LENGTH,
            longest_contact=CONTACT_LENGTH,
        )  # fmt: skip
        return Response(html, mimetype="text/html")

    @phone.post("/<secret>/feedback")
    def give(secret: str) -> AnyResponse | tuple[str, int]:
        visit = whom(secret)
        if visit is None:
            return ended(chosen(None))
        answer = _read(sent(request))
        if visit.status == "done":
            after.give(visit, answer)  # a second time it changes nothing
        return back(secret)


def _read(fields: Mapping[str, Any]) -> Answer:
    """What was sent, without whose it is. Raises BadInput."""
    rating = one_of(fields, "rating", RATINGS, "") or text(fields, "rating")
    may_ask = rating in PUT_RIGHT and yes(fields, "asks")
    return Answer(
        id="", day="", hour=0, service="", rating=rating,
        comment=free_text(fields, "comment", COMMENT_LENGTH),
        as_said=one_of(fields, "as_said", YES_NO, ""),
        told=one_of(fields, "told", YES_NO, ""),
        asks=may_ask,
        contact=free_text(fields, "contact", CONTACT_LENGTH) if may_ask else "",
    )  # fmt: skip
