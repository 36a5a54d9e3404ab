"""Somebody else's visit, by its id, its number, or a link of another kind: answered as what never was (TRUST A10)."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.faces import Practice
from tests.kiosk.booked import MAYA, book, check_in, find

UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"
"""A secret as long as one of ours."""

FIELDS = {
    "rating": "poor", "comment": "Ana", "about": "payment", "request": "tap", "code": "", "text": "Ana", "asks": "yes",
}  # fmt: skip
"""What the buttons of the phone send."""

ADDRESSES = (f"127.0.{n // 250}.{n % 250 + 1}" for n in count())
"""Guesses are throttled by address; here nobody has to wait."""


def routes(practice: Practice, start: str) -> Iterator[tuple[str, str]]:
    """Every method and path behind a secret."""
    for rule in practice.app.url_map.iter_rules():
        if rule.rule.startswith(start) and rule.arguments == {"secret"}:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield method, rule.rule


def asks(practice: Practice, method: str, path: str, **more: str) -> tuple[int, str]:
    """What somebody is answered there who sends these fields too."""
    fields = {**FIELDS, **more}
    how: dict[str, Any] = {"data": fields} if method == "POST" else {"query_string": fields}
    answer = practice.client.open(path, method=method, environ_base={"REMOTE_ADDR": next(ADDRESSES)}, **how)
    return answer.status_code, answer.text


def guesses(practice: Practice, ana: dict[str, Any], ben: dict[str, Any]) -> dict[str, str]:
    """What might be tried in the place of a secret by who knows everything that can be seen of Ana's visit."""
    secret = practice.phone(ana).removeprefix("/t/")
    last = chr(ord(secret[-1]) + 1) if secret[-1].isalnum() and secret[-1] not in "z9Z" else "b"
    return {
        "the visit's id": ana["visit"], "another id": ben["visit"], "the number": ana["ticket"], "one": "1",
        "the next secret": secret[:-1] + last, "in capitals": secret.swapcase(), "a part of it": secret[:-1],
        "with more": secret + "A", "a companion's link": practice.desk.links.companion(ana["visit"]),
        "the short code": practice.desk.links.code(ana["visit"])[::-1], "all": "*", "a wildcard": "_",
    }  # fmt: skip


@pytest.fixture
def ana(practice: Practice) -> dict[str, Any]:
    return practice.arrives("Ana Diaz")


@pytest.fixture
def ben(practice: Practice) -> dict[str, Any]:
    return practice.arrives("Ben Roth")


def test_no_id_or_number_opens_a_phone_page_or_does_anything_there(
    practice: Practice, ana: dict[str, Any], ben: dict[str, Any]
) -> None:
    before = practice.desk.line
    for method, route in routes(practice, "/t/<secret>"):
        if route == "/t/<secret>":
            continue  # a code may stand there too: the next test
        unknown = asks(practice, method, route.replace("<secret>", UNKNOWN))
        assert unknown[0] == 404, route
        for what, guess in guesses(practice, ana, ben).items():
            assert asks(practice, method, route.replace("<secret>", guess)) == unknown, (method, route, what)
    assert practice.desk.line == before


def test_no_id_or_number_stands_for_a_link_or_a_code(
    practice: Practice, ana: dict[str, Any], ben: dict[str, Any]
) -> None:
    for what, guess in guesses(practice, ana, ben).items():
        strange = re.sub(r"[A-Za-z0-9_]", "Q", guess)
        for method, path in (("GET", "/t/{}"), ("POST", "/t")):
            found = asks(practice, method, path.format(guess), code=guess)
            unknown = asks(practice, method, path.format(strange), code=strange)
            assert found[0] == unknown[0] == 404, what
            # What they typed themselves stays on their own page.
            assert found[1].replace(f'value="{guess}"', "") == unknown[1].replace(f'value="{strange}"', ""), what


def test_a_companion_s_page_opens_by_nothing_but_its_own_link(
    practice: Practice, ana: dict[str, Any], ben: dict[str, Any]
) -> None:
    own = practice.desk.links.companion(ana["visit"])
    assert asks(practice, "GET", f"/c/{own}")[0] == 200
    unknown = asks(practice, "GET", f"/c/{UNKNOWN}")
    others = {**guesses(practice, ana, ben), "the phone's link": practice.phone(ana).removeprefix("/t/")}
    del others["a companion's link"]
    for what, guess in others.items():
        assert asks(practice, "GET", f"/c/{guess}") == unknown, what
    assert unknown[0] == 404


def test_a_link_names_nobody_but_its_own_party(practice: Practice, ana: dict[str, Any], ben: dict[str, Any]) -> None:
    secret, before = practice.phone(ana).removeprefix("/t/"), practice.desk.line
    takes_a_visit = [
        (method, route) for method, route in routes(practice, "/t/<secret>") if route.count("/") > 2
        and asks(practice, method, route.replace("<secret>", secret), visit="nobody")[0] == 404
    ]  # fmt: skip
    assert len(takes_a_visit) >= 10
    for method, route in takes_a_visit:
        path = route.replace("<secret>", secret)
        unknown = asks(practice, method, path, visit="nobody")
        for named in (ben["visit"], ben["ticket"], "0", "1", "A 99"):
            assert asks(practice, method, path, visit=named) == unknown, (route, named)
    assert practice.desk.line == before


def test_no_id_or_number_watches_somebody_s_screen(
    practice: Practice, ana: dict[str, Any], ben: dict[str, Any]
) -> None:
    for screen in ("phone", "ticket", "companion", "help"):
        for what, guess in guesses(practice, ana, ben).items():
            if (screen, what) != ("companion", "a companion's link"):
                assert practice.live.current(f"{screen}/{guess}/en") is None, (screen, what)


@pytest.mark.parametrize("named", ["visit", "ticket"])
def test_nobody_joins_a_party_that_they_only_know_of(practice: Practice, ana: dict[str, Any], named: str) -> None:
    fields = {"service": "doctor", "request": "1", "name": "Eve"}
    said = [practice.client.post("/kiosk/check-in", json={**fields, "with": one}) for one in (ana[named], UNKNOWN)]
    assert [answer.status_code for answer in said] == [422, 422]
    assert said[0].json == said[1].json
    assert len(practice.desk.line.visits) == 1


def test_what_was_found_for_one_checks_in_nobody_else(practice: Practice) -> None:
    book(practice)
    book(practice, "Ben Roth", birthday=(28, 3))
    theirs, others = (find(practice, **{**MAYA, **who})["token"] for who in ({}, {"day": 28, "letter": "R"}))
    mixed = others.rpartition(".")[0] + "." + theirs.rpartition(".")[2]
    made_up = check_in(practice, "x", status=422)
    for visit in practice.desk.bookings():
        for token in (mixed, visit.visit, visit.id, visit.id + "." + theirs.rpartition(".")[2]):
            assert check_in(practice, token, status=422) == made_up
    assert {visit.status for visit in practice.desk.line.visits.values()} == {"expected"}


def test_who_repeats_another_s_tap_with_their_own_words_learns_nothing(practice: Practice) -> None:
    fields = {"service": "doctor", "request": "their tap", "name": "Ana Diaz"}
    link = practice.client.post("/kiosk/check-in", json=fields).json["url"]  # type: ignore[index]
    again = practice.client.post("/kiosk/check-in", json={**fields, "name": "Eve"})
    assert again.status_code == 409
    assert set(again.json or {}) == {"code", "message"}
    assert link.rpartition("/")[2] not in again.text
