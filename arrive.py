"""A check-in from any door, tablet or desk: the same fields read, the same answer given."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from itsdangerous import BadData, URLSafeSerializer

from clinic import commands
from clinic.appointments import Booking, Found, by_birthday, by_code, journey
from clinic.commands import Refused
from clinic.desk import Desk
from clinic.events import Entry
from clinic.line import Line, apply
from clinic.lists.person import fold_letter
from clinic.needs import CALL_ME, NEEDS, SPOKEN_LENGTH, Needs, needs_of, ways
from clinic.order import ahead_of
from clinic.tap import Done
from clinic.told import Wait, wait
from forms import REQUEST_LENGTH, BadInput, free_text, one_of, person_name, text, text_or_none, yes
from words import LANGUAGES

TOKEN_LIVES = timedelta(minutes=30)
TOKEN_LENGTH = 2000
CODE_TYPED = 64
LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def check_in(desk: Desk, fields: Mapping[str, Any], by: str, url: str, booked: Sequence[str] = ()) -> Done:
    """Check in who filled in these fields. `url` is the address that links start with.

    `booked`: the visits of the appointments they are here for, where these are known without a token. Raises BadInput
    and Refused; the answer is {visit, ticket, place, low, high, by, url}.
    """
    if fields.get("token") not in (None, ""):
        booked = _read_token(desk, text(fields, "token", TOKEN_LENGTH))
    # An appointment is checked in once, whatever happens to an answer: without a number of its own a tap is told so.
    tap = text_or_none if booked else text
    request = tap(fields, "request", REQUEST_LENGTH)
    who = _booked(desk, booked) if booked else _walk_in(desk, fields)
    name, theirs, listed = who.pop("name"), who.pop("language", None), who.pop("needs", Needs())
    call_me, needs = _wishes(desk, fields, who["visit"], who.get("service"), name, listed)
    spoken = one_of(fields, "language", tuple(LANGUAGES), theirs or desk.line.setup.language)
    party = _party(desk, fields)

    def answer(line: Line, visit: str | None) -> dict[str, Any]:
        assert visit  # a check-in always makes a visit
        return standing(line, visit, desk.clock.now())

    done = desk.do(
        commands.check_in, by=by, request=request, answer=answer, name=name,
        language=spoken, call_me=call_me, party=party, needs=needs, **who,
    )  # fmt: skip
    # Only here does the secret join the answer: the database keeps no link that works.
    return replace(done, answer={**done.answer, "url": f"{url}/t/{desk.links.secret(done.answer['visit'])}"})


def _walk_in(desk: Desk, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A new visit for somebody without an appointment."""
    service = text(fields, "service")
    if desk.line.setup.service(service) is None:
        choices = ", ".join(one.id for one in desk.line.setup.services)
        raise BadInput("service", "not_a_choice", choices=choices)
    return {"visit": uuid.uuid4().hex, "service": service, "name": person_name(fields)}


def _booked(desk: Desk, visits: Sequence[str]) -> dict[str, Any]:
    """The visit that the first of these appointments becomes; the later ones are its stops."""
    kept = {one.visit: one for one in desk.bookings() if one.stands}
    theirs = [visit for visit in visits if visit in kept]
    if not theirs:
        raise Refused("unknown_appointment")
    first = kept[theirs[0]]
    spoken = first.language if first.language in LANGUAGES else None
    needs = tuple(need for visit in theirs for need in kept[visit].needs)
    listed = Needs(needs, first.language or "" if "interpreter" in needs else "")
    return {
        "visit": first.visit, "stops": tuple(theirs[1:]), "name": first.name, "language": spoken, "needs": listed,
    }  # fmt: skip


def _wishes(
    desk: Desk, fields: Mapping[str, Any], visit: str, service: str | None, name: str, listed: Needs
) -> tuple[str, Needs | None]:  # fmt: skip
    """How they want to be called, and what may help them: what they say now and what their appointments' list said.

    listed: as the list has it, "fetch" with the rest. Where the clinic calls a service's people in one way, only "come
    to me" goes before that.
    """
    wished = read_needs(fields)
    known = desk.line.visits.get(visit)
    offered = desk.line.setup.service(known.service if known else service or "")
    chosen, open_to = one_of(fields, "call_me", CALL_ME, "number"), ways(offered.call_me if offered else "", bool(name))
    if chosen == "name" and not name and not (offered and offered.call_me):
        raise BadInput("name", "name_needed")
    call_me = chosen if chosen in open_to else open_to[0]
    if "fetch" in (chosen, *listed.flags) or yes(fields, "need-fetch"):
        call_me = "fetch"
    needs = needs_of((*wished.flags, *listed.flags), wished.spoken or listed.spoken)
    return call_me, needs if needs != Needs() else None


def read_needs(fields: Mapping[str, Any]) -> Needs:
    """What may help somebody, as a form or a program says it: `need-wheelchair`, ..., and `spoken`."""
    wished = tuple(need for need in NEEDS if yes(fields, f"need-{need}"))
    return needs_of(wished, free_text(fields, "spoken", SPOKEN_LENGTH))


def whom(desk: Desk, fields: Mapping[str, Any]) -> tuple[str, str]:
    """The service and the name of who filled in these fields so far, or found their appointment.

    Raises BadInput and Refused.
    """
    if fields.get("token"):
        found = _booked(desk, _read_token(desk, text(fields, "token", TOKEN_LENGTH)))
        return desk.line.visits[found["visit"]].service if found["visit"] in desk.line.visits else "", found["name"]
    found = _walk_in(desk, fields)
    return found["service"], found["name"]


def _party(desk: Desk, fields: Mapping[str, Any]) -> str | None:
    """The visit of whom they came with, known by the secret of its link, which the same tablet has just shown."""
    secret = text_or_none(fields, "with")
    if secret is None:
        return None
    found = desk.line.visits.get(desk.visit_of(secret) or "")
    if found is None or not found.is_here:
        raise BadInput("with", "party_unknown")
    return found.id


def appointments_of(desk: Desk, visit: str) -> list[str]:
    """This appointment of today and the same person's later ones, as `check_in` takes them. Raises Refused."""
    today = desk.bookings()
    found = next((one for one in today if one.visit == visit and one.stands), None)
    if found is None:
        raise Refused("unknown_appointment")
    return [one.visit for one in journey(today, found, desk.line, desk.clock.now())]


def find(desk: Desk, fields: Mapping[str, Any]) -> Found:
    """Whose appointment this is: {day, month, letter, year?} or {code}. Raises BadInput."""
    now, line = desk.clock.now(), desk.line
    code = text_or_none(fields, "code", CODE_TYPED)
    if code is not None:
        return by_code(desk.booking_of_code(code), desk.bookings(), line, now)
    day, month, year = (_number(fields, name) for name in ("day", "month", "year"))
    if day is None or not 1 <= day <= 31:
        raise BadInput("day", "birth_day")
    if month is None or not 1 <= month <= 12 or day > LONGEST_MONTH[month - 1]:
        raise BadInput("month", "birth_month")
    if year is not None and not 1850 <= year <= now.year:
        raise BadInput("year", "birth_year")
    letter = fold_letter(text_or_none(fields, "letter") or "")
    if not letter.isalpha():
        raise BadInput("letter", "birth_letter")
    born = desk.links.fingerprint(f"year {year}") if year else ""
    return by_birthday(desk.bookings(), (day, month), letter, born, line, now)


def _number(fields: Mapping[str, Any], name: str) -> int | None:
    """A number of a date, in any script's digits; None when left out, and 0, which is in no date, for all else."""
    value = fields.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= 8:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def token(desk: Desk, found: Found) -> str:
    """What lets the tablet check in for these appointments for a while."""
    until = desk.clock.now() + TOKEN_LIVES
    return _signer(desk).dumps([until.isoformat(), *(one.visit for one in found.bookings)])


def _read_token(desk: Desk, given: str) -> list[str]:
    try:
        until, *visits = _signer(desk).loads(given)
    except BadData as problem:
        raise BadInput("token", "token_old") from problem
    if not timedelta() <= datetime.fromisoformat(until) - desk.clock.now() <= TOKEN_LIVES:
        raise BadInput("token", "token_old")
    return list(visits)


def _signer(desk: Desk) -> URLSafeSerializer:
    # Not its own choice, SHA-1.
    sealed_by = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(desk.links.key_for("appointment"), signer_kwargs=sealed_by)


def standing(line: Line, visit: str, now: datetime) -> dict[str, Any]:
    """Where this visit stands, for programs: minutes from now, and the clock time of the window's end."""
    found = line.visits[visit]
    left = wait(found, now)
    by = left.by.astimezone(ZoneInfo(line.setup.timezone)).isoformat() if left else None
    low, high = (left.low, left.high) if left else (None, None)
    return {
        "visit": visit, "ticket": found.ticket, "place": ahead_of(line, found), "low": low, "high": high, "by": by,
    }  # fmt: skip


def outlook(desk: Desk, service: str | None, booked: Sequence[Booking] = ()) -> tuple[int, Wait | None]:
    """What somebody who checked in now would be told: how many before them, and the window.

    They come for `service`, or for what they are `booked` for today. Raises Refused where that check-in would.
    """
    line, now = desk.line, desk.clock.now()
    name, *stops = [one.visit for one in booked] or ["outlook"]
    for fact in commands.check_in(line, now, name, service, stops=tuple(stops)):
        line = apply(line, Entry(line.seq + 1, fact))
    for told in desk.would_tell(line, now, name):
        line = apply(line, Entry(line.seq + 1, told))
    visit = line.visits[name]
    return ahead_of(line, visit), wait(visit, now)
