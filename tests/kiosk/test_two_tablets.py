"""Two tablets that check in the same appointment at the same instant make one visit, and the other is told so."""

import threading
import uuid
from collections import Counter
from typing import Any

from arrive import check_in as arrives
from arrive import find as finds
from arrive import token as token_of
from clinic.commands import Refused
from tests.clinic.test_races import at_once
from tests.faces import Practice, say
from tests.kiosk.booked import book, find

ROUNDS = 40


def born(n: int) -> dict[str, Any]:
    return {"day": n % 28 + 1, "month": n // 28 + 1, "letter": "R"}


def booked(practice: Practice, n: int) -> None:
    day, month, _ = born(n).values()
    book(practice, f"Round {n} Race", birthday=(day, month), letters="R", at=n)


def test_eight_hands_at_the_desk_make_one_visit(practice: Practice) -> None:
    for n in range(ROUNDS):
        booked(practice, n)
        token = token_of(practice.desk, finds(practice.desk, born(n)))
        answers = at_once(
            8,
            lambda token=token: arrives(  # type: ignore[misc]  # bound now, called at once
                practice.desk, {"token": token, "request": uuid.uuid4().hex}, "kiosk", "http://clinic"
            ).answer["ticket"],
        )
        told = Counter(answer.code if isinstance(answer, Refused) else answer for answer in answers)
        assert told == {f"A {n + 1:02d}": 1, "already_checked_in": 7}
    assert len(practice.desk.line.visits) == ROUNDS


def test_two_tablets_make_one_visit_and_the_other_shows_its_number(practice: Practice) -> None:
    for n in range(ROUNDS):
        booked(practice, n)
        token = find(practice, **born(n))["token"]
        start, pages = threading.Barrier(2), list[tuple[int, str]]()

        def tap(token: str = token, start: threading.Barrier = start, pages: list[tuple[int, str]] = pages) -> None:
            tablet = practice.app.test_client()
            start.wait()
            answer = tablet.post("/kiosk/check-in", data={"token": token, "request": uuid.uuid4().hex})
            pages.append((answer.status_code, answer.text))

        hands = [threading.Thread(target=tap) for _ in range(2)]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        assert sorted(status for status, _ in pages) == [200, 409]
        number = f"A\u202f{n + 1:02d}"
        assert all(number in page for _, page in pages)
        assert str(say("You're already checked in.")) in dict(pages)[409].replace("&#39;", "'")
    assert len([visit for visit in practice.desk.line.visits.values() if visit.ticket]) == ROUNDS
