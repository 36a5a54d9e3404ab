"""The tablet's check-in with an appointment: found by birthday and letter, or by the invitation's code.

By birthday there is a match or one neutral answer, the same for somebody unknown, cancelled, at another time or place,
so that nobody can fish for who is a patient here. A code was given to its person: it is told what is in the way.
"""

import uuid
from collections.abc import Mapping
from string import ascii_uppercase, digits
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from arrive import find, outlook, token
from clinic.appointments import Booking, Found, visit_of
from clinic.commands import Refused
from clinic.desk import Desk
from forms import BadInput, sent, wants_json
from kiosk.greeting import EARLY, manner, stops
from kiosk.needs import FOUND_BY, WISHED, kept, wishes
from kiosk.pages import Pages, carried
from messages import N_, sentence
from throttle import Throttle
from words import Language, language

MISSES, WITHIN = 5, 600
"""So many misses within so many seconds, then a tablet stops looking for a while (TRUST A13)."""

CODES_A_MINUTE = 60
"""By all tablets together: against 1,000 codes of 43 bit, a day of guessing hits with a chance of 0.00001."""

ENOUGH_TRIES = 3
"""Misses of one person; then a person helps."""

TO_CHECK_IN = ("matched", "early", "late")

ALPHABETS = {"": ascii_uppercase, "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"}
"""The letters on the keys, by the language that has its own; accents do not count when a name is looked for."""

THEIRS = {
    "birth_day": N_("Enter the day they were born, for example 27."),
    "birth_month": N_("Enter the month they were born, for example 3."),
    "birth_year": N_("Enter the year they were born, with four digits."),
}
"""What is said differently to who checks in for somebody else."""


def add_appointments(tablet: Blueprint, desk: Desk, pages: Pages) -> None:
    """The routes for who has an appointment."""
    misses = Throttle(each=MISSES, seconds=WITHIN)
    codes = Throttle(together=CODES_A_MINUTE)

    @tablet.route("/appointment", methods=["GET", "POST"])
    def entry() -> Response:
        if desk.line.opened_at is None:
            return pages.step("start")
        if carried() and not pages.takes_appointments():
            return pages.step("services")
        return birthday(request.form)

    @tablet.route("/code", methods=["GET", "POST"])
    def code_entry() -> Response:
        return by_code(request.form) if desk.line.opened_at else pages.step("start")

    @tablet.post("/find")
    def look_up() -> Response:
        fields, program = sent(request), wants_json(request)
        if desk.line.opened_at is None:
            if program:
                raise Refused("day_closed")
            return pages.step("start")
        try:
            found = look(fields)
        except BadInput as problem:
            if program:
                raise
            return by_code(fields, problem) if "code" in fields else birthday(fields, problem)
        if found is None:
            return abort(429) if program else pages.instead("too_many", 429)
        return jsonify(answer(found)) if program else page_of(found, fields)

    def look(fields: Mapping[str, Any]) -> Found | None:
        """What is found, or None where this tablet missed, or all of them tried codes, too often of late."""
        here, outcome = request.remote_addr or "", ""
        if not misses.allows(here):
            return None
        try:
            if "code" in fields:
                if not codes.allows(here):
                    return None
                if not fields["code"]:
                    raise BadInput("code", "code_empty")
            found = find(desk, fields)
            outcome = found.outcome
            return found
        finally:
            if outcome != "not_matched":
                misses.take_back(here)

    def answer(found: Found) -> dict[str, Any]:
        """For programs."""
        if not found.bookings or found.outcome == "cancelled":
            return {"outcome": found.outcome}
        if found.outcome == "wrong_place":
            return {"outcome": found.outcome, "place": found.bookings[0].place}
        first, *also = (
            {"at": stop.at.isoformat(), "service": stop.service}
            for stop in stops(found.bookings, pages.zone)
        )  # fmt: skip
        if found.outcome not in TO_CHECK_IN:
            return {"outcome": found.outcome, **first}
        return {"outcome": found.outcome, "token": token(desk, found), **first, "also": also}

    def page_of(found: Found, fields: Mapping[str, Any]) -> Response:
        """For people."""
        if found.outcome == "which_year":
            return birthday(fields, ask="year")
        if found.outcome == "not_matched":
            tries = count(fields) + 1
            what = "enough" if tries >= ENOUGH_TRIES else "no_code" if "code" in fields else "not_found"
            return pages.instead(what, typed=fields, tries=tries)
        first = found.bookings[0]
        if found.outcome in (*TO_CHECK_IN, "already_checked_in"):
            visit = visit_of(first, desk.bookings(), desk.line)
            return pages.standing(visit, already=True) if visit else confirm(found, first, fields)
        return pages.instead(found.outcome, place=first.place, at=first.start.astimezone(pages.zone))

    def confirm(found: Found, first: Booking, fields: Mapping[str, Any]) -> Response:
        place, wait = outlook(desk, None, found.bookings)
        return pages.show(
            "found", outcome=found.outcome, manner=manner(first, desk.clock.now(), desk.line.setup), place=place,
            wait=wait, stops=stops(found.bookings, pages.zone), come_back=(first.start - EARLY).astimezone(pages.zone),
            token=token(desk, found), typed=fields, request_id=uuid.uuid4().hex,
            wished=kept(fields, *WISHED), wishes=wishes(fields), by=kept(fields, *FOUND_BY),
        )  # fmt: skip

    def birthday(fields: Mapping[str, Any], problem: BadInput | None = None, ask: str = "") -> Response:
        """Where somebody enters their birthday and letter, or, when two might be meant, the year."""
        field = problem.field if problem else ""
        ask = ask or (field if field in ("letter", "year") else "date")
        own = ALPHABETS.get(spoken().code, ALPHABETS[""])
        alphabets = [own, *(letters for letters in ALPHABETS.values() if letters != own)]
        return pages.show("appointment", ask=ask, field=field, alphabets=alphabets, **typed(fields, problem))

    def by_code(fields: Mapping[str, Any], problem: BadInput | None = None) -> Response:
        return pages.show("code", alphabets=[ascii_uppercase, digits], **typed(fields, problem))

    def typed(fields: Mapping[str, Any], problem: BadInput | None) -> dict[str, Any]:
        """What was typed so far, and what is wrong with it."""
        words = ""
        if problem and problem.code in THEIRS and carried():
            words = spoken().gettext(THEIRS[problem.code])
        elif problem:
            words = sentence(problem.code, {"field": problem.field, **problem.params}, spoken())
        return {"typed": fields, "tries": count(fields), "words": words, "status": 422 if problem else 200}

    def spoken() -> Language:
        return language(request.values.get("lang"), desk.line.setup.language)


def count(fields: Mapping[str, Any]) -> int:
    """How often this person has tried already, as their own pages carry it along."""
    tries = str(fields.get("tries", ""))
    return min(int(tries), ENOUGH_TRIES) if tries.isascii() and tries.isdigit() else 0
