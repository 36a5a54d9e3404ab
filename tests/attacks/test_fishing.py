"""Whoever tries birthdays at the tablet learns nothing: not by the answer, not by the work, and not by going on.

TRUST A13. The times themselves are measured by bench/fishing.py.
"""

import sys
from types import FrameType
from typing import Any

from tests.faces import Practice
from tests.kiosk.booked import MAYA, book
from tests.kiosk.test_appointment import CASES, neutral

NOISE = 0.02


def work(practice: Practice, address: str, **fields: Any) -> tuple[int, str, int]:
    """What is answered to this birthday, and how many functions were called for it."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        answer = practice.client.post("/kiosk/find", json=fields, environ_base={"REMOTE_ADDR": address})
    finally:
        sys.setprofile(None)
    return answer.status_code, answer.text, calls


def test_whoever_is_not_found_costs_the_same_work_and_is_answered_alike(practice: Practice) -> None:
    neutral(practice)
    for n in range(40):
        book(practice, f"Zed Number{n}", at=n, birthday=(15, 6))
    work(practice, "127.1.0.1", day=9, month=1, letter="Z")  # what is only made once is made
    done = {
        kind: work(practice, f"127.1.1.{n + 1}", day=day, month=1, letter=letter)
        for n, (kind, (day, letter)) in enumerate(CASES.items())
    }
    assert {(status, body) for status, body, _ in done.values()} == {(200, '{"outcome":"not_matched"}\n')}
    calls = [calls for _, _, calls in done.values()]
    assert min(calls) > 100
    assert max(calls) - min(calls) <= NOISE * max(calls), done


def test_of_thirty_tries_in_a_row_a_tablet_answers_five(practice: Practice) -> None:
    book(practice)
    tries = [{"day": day, "month": 3, "letter": "O"} for day in range(1, 32)]
    assert tries.index(MAYA) > 5
    answers = [practice.client.post("/kiosk/find", json=one) for one in tries]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 26
    assert len({answer.text for answer in answers[:5]}) == len({answer.text for answer in answers[5:]}) == 1


def test_a_forged_address_gives_nobody_more_tries(practice: Practice) -> None:
    """TRUST A20."""
    book(practice)
    wrong, addresses = {**MAYA, "letter": "Q"}, [f"10.0.0.{n}" for n in range(7)]
    answers = [
        practice.client.post("/kiosk/find", json=wrong, headers={"X-Forwarded-For": one, "X-Real-IP": one}).status_code
        for one in addresses
    ]
    assert answers == [200] * 5 + [429] * 2
