"""Guessing at what opens a page (TRUST A11), and flooding (TRUST A24): the limits in the code make both hopeless."""

from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from clinic.register import CODE_ALPHABET, CODE_LENGTH, INVITATION_LENGTH
from doors import devices, guard
from doors.limits import BURST, RATE, Bucket
from kiosk.appointment import CODES_A_MINUTE
from kiosk.phone import ALL_TRIES_A_MINUTE, SECRET_LENGTH, TRIES_A_MINUTE
from tests.doors.house import House, watch

DAY = 24 * 60
CHANCE = 0.001
EVERYBODY = 200
"""Visits of one day whose codes work at once; and a hundred times the addresses that anybody at home has."""
SOURCES = 1000


def test_a_day_of_guessing_finds_nothing() -> None:
    letters = len(CODE_ALPHABET)
    any_rate = RATE * 60 * SOURCES  # requests a minute that a thousand addresses may make

    chances = {
        "link": any_rate * DAY * EVERYBODY / 64.0**SECRET_LENGTH,
        "companion": any_rate * DAY * EVERYBODY / 64.0**SECRET_LENGTH,
        "short code": ALL_TRIES_A_MINUTE * DAY * EVERYBODY / letters**CODE_LENGTH,
        "appointment's code": CODES_A_MINUTE * DAY * 1000 / letters**INVITATION_LENGTH,
        "staff's link": any_rate * DAY * 100 / 2.0**192,
        "session or device": any_rate * DAY * 1000 / 2.0**256,
        "waiting screen's secret": any_rate * DAY * devices.FROM_ALL / 2.0**256,
    }
    assert {what: chance for what, chance in chances.items() if chance > CHANCE} == {}
    assert devices.CODE_LENGTH == CODE_LENGTH


def without_what_was_asked(answer: TestResponse, asked: str) -> tuple[int, str, dict[str, str]]:
    return answer.status_code, answer.text.replace(asked, ""), dict(answer.headers)


@pytest.mark.parametrize("below", ["", "/matters", "/share", "/leave", "/feedback", "/question"])
def test_a_guess_at_a_link_is_answered_alike_whatever_it_misses(house: House, below: str) -> None:
    tablet, stranger = house.as_role("tablet"), house.client("192.0.2.1")
    gone = tablet.post("/kiosk/check-in", json={"service": "doctor", "request": uuid4().hex}).get_json()
    link = gone["url"].rpartition("/")[2]
    assert stranger.get(f"/t/{link}{below}").status_code in (200, 303)
    house.manager.post("/staff/close-day", json={"confirm": True, "told": [gone["visit"]]})
    house.manager.post("/staff/open-day", json={"rooms": ["room-1"]})

    unknown = without_what_was_asked(stranger.get(f"/t/{'A' * 22}{below}"), "A" * 22)
    ended = without_what_was_asked(stranger.get(f"/t/{link}{below}"), link)
    assert unknown[0] == 404
    if below != "/feedback":  # who was here yesterday may still say how it was
        assert ended == unknown


@pytest.mark.parametrize("forged", [False, True])
def test_guessing_short_codes_ends_after_a_few_whatever_the_headers_say(house: House, forged: bool) -> None:
    stranger, other = house.client("192.0.2.1"), house.client("192.0.2.2")

    def tries(number: int) -> int:
        claims = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"} if forged else {}
        if number % 2:
            return stranger.post("/t", data={"code": "BCDFGHJK"}, headers=claims).status_code
        return stranger.get("/t/BCDFGHJK", headers=claims).status_code

    answers = [tries(number) for number in range(30)]
    assert answers == [404] * TRIES_A_MINUTE + [429] * (30 - TRIES_A_MINUTE)
    assert other.get("/t/BCDFGHJK").status_code == 404


def test_all_addresses_together_get_so_many_guesses_a_minute(house: House) -> None:
    answers = [house.client(f"192.0.2.{number}").get("/t/BCDFGHJK").status_code for number in range(80)]
    assert answers == [404] * ALL_TRIES_A_MINUTE + [429] * (80 - ALL_TRIES_A_MINUTE)


@pytest.mark.parametrize("forged", [False, True])
def test_guessing_links_is_slowed_for_one_address_and_nobody_else(house: House, forged: bool) -> None:
    house.doors._requests = Bucket(rate=0.001)  # while they come as quickly as they can
    stranger, other = house.client("192.0.2.1"), house.client("192.0.2.2")
    answers = []
    for number in range(int(BURST) + 200):
        claims = {"X-Forwarded-For": f"198.51.100.{number % 250}"} if forged else {}
        answers.append(stranger.get(f"/c/{number:022}", headers=claims).status_code)

    assert answers[0] == 404
    assert answers[-1] == 429
    assert answers.count(404) <= BURST + 1
    assert other.get(f"/c/{0:022}").status_code == 404


def test_links_and_codes_of_staff_are_refused_alike(house: House) -> None:
    invited = house.doors.accounts.add("new", "New Person", "reception")
    secret = house.doors.accounts.invite(invited.id)
    house.later(hours=25)
    stranger = house.client("192.0.2.1")
    old = without_what_was_asked(stranger.get(f"/first/{secret}"), secret)
    unknown = without_what_was_asked(stranger.get(f"/first/{'A' * len(secret)}"), "A" * len(secret))

    assert old == unknown
    assert old[0] == 404
    assert house.client().post("/staff/pair", data={"code": "BCDF-GHJK", "role": "tv"}).status_code in (303, 401)


def test_a_guess_on_the_wire_is_answered_as_a_screen_that_is_not_there(house: House) -> None:
    socket = house.watcher(house.client("192.0.2.1"))
    answers = [
        watch(socket, f"{screen}/{secret}/en") for screen in ("phone", "companion") for secret in ("A" * 22, "BCDFGHJK")
    ]
    assert answers == [{"code": "unknown_screen"}] * 4


def test_a_tablet_that_floods_us_is_slowed_and_the_others_go_on(house: House) -> None:
    flood, other = house.as_role("tablet"), house.as_role("tablet")
    answers = []
    for _ in range(1000):
        asked = {"service": "doctor", "request": uuid4().hex}
        answers.append(flood.post("/kiosk/check-in", json=asked).status_code)
    waiting = house.manager.get("/staff/line.json").get_json()["visits"]

    assert set(answers) == {201, 429}
    assert answers[0] == 201
    assert answers.count(201) == len(waiting) <= 2 * guard.CHECK_INS_A_MINUTE
    assert other.post("/kiosk/check-in", json={"service": "doctor", "request": uuid4().hex}).status_code == 201
    assert house.manager.get("/staff").status_code == 200
