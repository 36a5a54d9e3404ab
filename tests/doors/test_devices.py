"""Devices: a screen is paired by the code it shows, for one role, until it is taken away (TRUST A11)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from clinic.register import CODE_ALPHABET
from doors.devices import CODE_LIVES, FROM_ALL, FROM_ONE, WRONG_CODES
from doors.guard import POLL
from tests.doors.house import OPENS, PASSWORD, House, said, watch
from tests.faces import Page, say

WATCHES = {"tv": "display/main/en", "tablet": "kiosk/start-normal/en"}


def pair(house: House, code: str, client: FlaskClient | None = None, **fields: Any) -> Any:
    """What a program, a manager's unless another is given, is answered to this code."""
    sent = {"code": code, "name": "TV by the window", **fields}
    return (client or house.manager).post("/staff/pair", json=sent)


def rows(house: House) -> list[str]:
    page = Page(house.manager.get("/staff/screens").text)
    return [page.says(one.get("id", "")) for one in page.classed("screen")]


# --- pairing ---


@pytest.mark.parametrize("role", ["tablet", "tv", "desk"])
def test_a_new_screen_shows_its_code_and_nothing_of_the_clinic(house: House, role: str) -> None:
    answer = house.client().get(OPENS[role])
    assert answer.status_code == 403
    assert re.search(rf"[{CODE_ALPHABET}]{{4}}-[{CODE_ALPHABET}]{{4}}", answer.text)
    assert f'http-equiv="refresh" content="{POLL}"' in answer.text
    assert POLL >= 5
    assert house.doors.desk.line.setup.name not in answer.text
    assert "Room 1" not in answer.text


def test_staff_type_the_code_see_what_it_is_and_name_it(house: House) -> None:
    tv = house.client()
    code = house.code(tv, "tv")
    shown = Page(house.manager.get("/staff/screens", query_string={"code": code.lower().replace("-", " ")}).text)
    assert say("A TV shows this code") in shown.says("pair-title")
    assert code in shown.says("pair-title")
    answer = house.manager.post("/staff/pair", data={"code": code, "name": "Wall", "place": "Hall", "from": "screens"})
    assert (answer.status_code, answer.location) == (303, "/staff/screens")
    assert rows(house) == [], "it has not come for its secret yet"
    came = tv.get("/display")
    assert (came.status_code, came.location) == (303, "/display")
    assert tv.get("/display").status_code == 200
    (row,) = rows(house)
    assert "Wall" in row
    assert "Hall" in row


def test_a_code_ends_after_ten_minutes_and_the_screen_shows_another(house: House) -> None:
    tv = house.client()
    old = house.code(tv, "tv")
    house.time += CODE_LIVES
    new = house.code(tv, "tv")
    assert new != old
    house.signs_in(house.owner, house.manager)
    assert pair(house, old).json["code"] == "code_unknown"
    assert pair(house, new).status_code == 200


def test_a_screen_keeps_its_code_while_it_looks_again(house: House) -> None:
    tv = house.client()
    code = house.code(tv, "tv")
    for _ in range(20):
        house.later(seconds=POLL)
        assert house.code(tv, "tv") == code


def test_a_code_works_once_and_for_the_one_screen_that_shows_it(house: House) -> None:
    tv, other = house.client(), house.client()
    code = house.code(tv, "tv")
    assert house.code(other, "tv") != code
    assert pair(house, code).json["role"] == "tv"
    assert pair(house, code, name="Another").json["code"] == "code_unknown"
    assert other.get("/display").status_code == 403
    assert tv.get("/display").status_code == 303
    assert pair(house, code).json["code"] == "code_unknown"
    assert len(house.doors.devices.everyone()) == 1


def test_a_secret_is_given_to_the_screen_once(house: House) -> None:
    tv, thief = house.client(), house.client()
    code = house.code(tv, "tv")
    waiting = tv.get_cookie("kindline_pairing")
    assert waiting
    pair(house, code)
    assert tv.get("/display").status_code == 303
    thief.set_cookie("kindline_pairing", waiting.value)
    assert thief.get("/display").status_code == 403, "a copy of what it waited with is worth nothing any more"


def test_a_screen_is_paired_as_what_it_is(house: House) -> None:
    code = house.code(house.client(), "tv")
    answer = pair(house, code, role="tablet")
    assert (answer.status_code, said(answer)["code"], said(answer)["field"]) == (422, "role_other", "role")
    assert pair(house, code, role="tv").status_code == 200


def test_a_tv_is_a_tv_and_a_tablet_a_tablet(house: House) -> None:
    for role, other in (("tv", "tablet"), ("tablet", "tv")):
        client = house.as_role(role)
        assert client.get(OPENS[role]).status_code == 200
        assert client.get(OPENS[other]).status_code == 403
        assert client.get("/staff").status_code == 303
        assert watch(house.watcher(client), WATCHES[other]) == {"code": "not_allowed"}
        assert watch(house.watcher(client), "staff/main/en") == {"code": "not_allowed"}


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [({"name": ""}, "name", "device_name"), ({"name": "x" * 41}, "name", "name_too_long"),
     ({"place": "x" * 41}, "place", "name_too_long"), ({"name": 7}, "name", "not_text"),
     ({"code": ""}, "code", "code_unknown"), ({"code": "BCDF-GHJ"}, "code", "code_unknown")],
)  # fmt: skip
def test_what_is_wrong_with_a_pairing_is_said_beside_it(
    house: House, fields: dict[str, Any], field: str, code: str
) -> None:
    sent = {"code": house.code(house.client(), "tv"), "name": "TV", **fields}
    answer = house.manager.post("/staff/pair", json=sent)
    assert (answer.status_code, said(answer)["field"], said(answer)["code"]) == (422, field, code)
    if isinstance(fields.get("name"), int):
        return
    shown = house.manager.post("/staff/pair", data=sent)
    assert shown.status_code == 422
    assert Page(shown.text).find(f"wrong-{field}") is not None
    assert house.doors.devices.everyone() == []


def test_only_the_desk_pairs_and_takes_away(house: House) -> None:
    code = house.code(house.client(), "tv")
    device = house.pairs(house.client(), "tablet")
    for role in ("clinician", "auditor", "tablet", "tv", "desk", "program", "anyone"):
        client = house.as_role(role)
        for path, fields in (
            ("pair", {"code": code, "name": "x"}), ("pair-here", {"name": "x"}), ("add-program", {"name": "x"}),
            ("end-device", {"device": device.id}),
        ):  # fmt: skip
            assert client.post(f"/staff/{path}", json=fields).status_code in (401, 403), (role, path)
    assert pair(house, code, house.as_role("reception")).status_code == 200


# --- guessing ---


def test_an_account_gets_few_codes_wrong_and_its_colleague_is_not_held_up(house: House) -> None:
    right = house.code(house.client(), "tv")
    sam, kim = house.as_role("reception"), house.as_role("reception")
    for n in range(WRONG_CODES):
        wrong = f"BBBB-BBB{CODE_ALPHABET[n]}"
        answer = sam.get("/staff/screens", query_string={"code": wrong}) if n % 2 else pair(house, wrong, sam)
        assert answer.status_code == 422
    for answer in (pair(house, right, sam), sam.get("/staff/screens", query_string={"code": right})):
        assert answer.status_code == 422, "not even the right one"
        assert "10 min" in answer.text
    assert pair(house, right, kim).status_code == 200
    house.time += CODE_LIVES
    assert sam.post("/staff/unlock", json={"password": PASSWORD}).status_code == 303
    assert pair(house, house.code(house.client(), "tv"), sam).status_code == 200


def test_a_guess_at_a_code_is_hopeless(house: House) -> None:
    alphabet, waiting, accounts = len(set(CODE_ALPHABET)), FROM_ALL, 50
    a_day = WRONG_CODES * accounts * 24 * 6
    assert (alphabet, a_day * waiting / alphabet**8 < 0.001) == (20, True)


def test_codes_are_not_used_twice_and_one_address_cannot_crowd_out_the_others(house: House) -> None:
    ours = house.client("192.0.2.5")
    code = house.code(ours, "tv")
    seen = {house.code(house.client("192.0.2.66"), "tv") for _ in range(FROM_ONE * 3)}
    assert len(seen) == FROM_ONE * 3
    assert len(house.doors.devices._waiting) == FROM_ONE + 1
    assert house.code(ours, "tv") == code
    for n in range(FROM_ALL):
        house.code(house.client(f"198.51.100.{n}"), "tv")
    assert len(house.doors.devices._waiting) <= FROM_ALL


# --- the list, and taking away ---


def hello(client: FlaskClient, face: str = "display", **fields: Any) -> None:
    word = {"id": "one", "number": None, "sound": "on", "version": "old", **fields}
    assert client.post(f"/{face}/hello", json=word).status_code == 200


def test_a_tv_its_place_its_sound_and_its_test_call_are_one_row(house: House) -> None:
    tv = house.client()
    house.pairs(tv, "tv", "TV by the window")
    assert say("Not on now") in rows(house)[0]
    hello(tv, sound="blocked")
    page = Page(house.manager.get("/staff/screens").text)
    assert len(page.classed("screen")) == 1
    row = page.says("tv-1")
    assert "TV by the window" in row
    assert "Hall" in row
    assert say("No sound: touch the screen or press a key on it") in row
    assert page.find("test-tv-1") is not None
    assert say("%(name)s has no sound", name="TV by the window") in house.manager.get("/staff").text.replace(
        '<bdi dir="auto">', ""
    ).replace("</bdi>", "")


def test_two_screens_of_one_computer_are_two_rows_of_one_device(house: House) -> None:
    tv = house.client()
    house.pairs(tv, "tv", "Two walls")
    hello(tv, id="left")
    hello(tv, id="right")
    assert [("Two walls" in row, "TV" in row) for row in rows(house)] == [(True, True)] * 2


@pytest.mark.parametrize(("role", "face"), [("tv", "display"), ("tablet", "kiosk")])
def test_a_screen_that_is_taken_away_is_cut_off_and_shows_a_code_again(house: House, role: str, face: str) -> None:
    client = house.client()
    device = house.pairs(client, role, "Old one")
    hello(client, face)
    socket = house.watcher(client)
    assert "key" in watch(socket, WATCHES[role])
    answer = house.manager.post("/staff/end-device", data={"device": device.id, "from": "screens"})
    assert (answer.status_code, answer.location) == (303, "/staff/screens")
    house.app.extensions["live"].look()
    assert not socket.is_connected()
    assert client.post(f"/{face}/hello", json={"id": "one"}).status_code == 401
    assert watch(house.watcher(client), WATCHES[role]) == {"code": "not_allowed"}
    assert house.code(client, role)
    assert rows(house) == []
    assert "lost" not in house.manager.get("/staff").text, "nobody is told that it is silent"
    again = house.manager.post("/staff/end-device", json={"device": device.id})
    assert (again.status_code, said(again)["code"]) == (409, "unknown_device")


def test_a_device_stays_one_over_a_year_and_a_restart(house: House) -> None:
    tv = house.client()
    device = house.pairs(tv, "tv")
    kept = tv.get_cookie("kindline_device")
    assert kept
    assert (kept.http_only, kept.same_site, kept.path) == (True, "Strict", "/")
    house.later(days=365)
    assert tv.get("/display").status_code == 200
    found = house.doors.devices.by_id(device.id)
    assert found
    assert found.seen == house.time


def test_a_computer_becomes_a_desk_under_a_new_session_and_its_pin_unlocks_it(house: House) -> None:
    sam = house.add("reception")
    house.doors.accounts.set_pin(sam.id, "481632")
    client = house.client()
    house.signs_in(sam, client)
    before = client.get_cookie("kindline_session")
    assert client.post("/staff/pair-here", data={"name": "Front desk", "from": "screens"}).status_code == 303
    after = client.get_cookie("kindline_session")
    assert before
    assert after
    assert before.value != after.value
    assert "pair-here" not in client.get("/staff/screens").text
    client.post("/staff/lock")
    assert client.post("/staff/unlock", data={"pin": "481632"}).status_code == 303
    assert client.get("/staff").status_code == 200


# --- programs ---


def test_a_program_gets_a_token_that_is_shown_once_and_opens_the_lists_alone(house: House) -> None:
    answer = house.manager.post("/staff/add-program", data={"name": "Booking system"})
    assert answer.status_code == 201
    shown = Page(answer.text).find("address")
    assert shown is not None
    token = shown.get("value", "")
    assert token not in house.manager.get("/staff/screens").text

    def sends(path: str, **more: Any) -> int:
        headers = {"Authorization": f"Bearer {token}", **more}
        tomorrow = house.doors.desk.clock.now() + timedelta(days=1)
        booked = [{"id": "a1", "start": tomorrow.isoformat(), "service": "doctor"}]
        return int(house.client().post(path, json=booked, headers=headers).status_code)

    assert sends("/staff/appointments") == 200
    assert sends("/staff/appointments", Authorization=f"Bearer {token}x") == 401
    assert sends("/staff/appointments", Authorization="") == 401
    for path in ("/staff/check-in", "/staff/pair", "/staff/add-account", "/kiosk/check-in", "/setup"):
        assert sends(path) == 403, path
    for path in ("/staff/line.json", "/staff/appointments.json", "/staff/visits.csv"):
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        assert house.client().get(path, headers=headers).status_code == 403, path
    (device,) = house.doors.devices.everyone()
    house.manager.post("/staff/end-device", json={"device": device.id})
    assert sends("/staff/appointments") == 401


def test_programs_get_their_token_as_json_and_only_a_manager_makes_or_ends_one(house: House) -> None:
    answer = house.manager.post("/staff/add-program", json={"name": "Booking system"})
    assert (answer.status_code, sorted(said(answer))) == (201, ["device", "name", "token"])
    reception = house.as_role("reception")
    assert reception.post("/staff/add-program", json={"name": "x"}).status_code == 403
    ends = reception.post("/staff/end-device", json={"device": said(answer)["device"]})
    assert (ends.status_code, said(ends)["code"]) == (409, "unknown_device")
    nameless = house.manager.post("/staff/add-program", json={})
    assert (nameless.status_code, said(nameless)["code"]) == (422, "device_name")


def test_no_secret_of_a_device_stands_in_the_database(house: House, tmp_path: Any) -> None:
    tv = house.client()
    house.pairs(tv, "tv")
    token = said(house.manager.post("/staff/add-program", json={"name": "Booking system"}))["token"]
    cookie = tv.get_cookie("kindline_device")
    assert cookie
    kept = b"".join(path.read_bytes() for path in (tmp_path / "house").iterdir() if path.is_file())
    assert [secret.encode() in kept for secret in (cookie.value, token)] == [False, False]
