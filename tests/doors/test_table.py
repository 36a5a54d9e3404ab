"""The one table of the doors, held against every address and every live screen, for every role (TRUST A8, A9)."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from doors import table
from doors.audit import Search
from tests.doors.house import House, watch

KEYS = [
    "display/main/en", "display/large/es", "kiosk/start-normal/en", "kiosk/services-large/en", "ticket/none/en",
    "help/none/en", "phone/none/en", "companion/none/en", "staff/main/en", "staff/what-if/en", "staff/trust/en",
    "staff/screens/en", "staff/appointments/en", "staff/appointments-2/en", "staff/paper/en", "staff/import-none/en",
    "staff/locked/en",
]  # fmt: skip
"""One or more for each beginning in the table."""

ODD = ["", "/", "staff", "staff/", "staff//en", "staff/nowhere/en", "Staff/main/en", "staff/main", " staff/main/en",
       "staff/../main/en", "display/main", "admin/main/en", "*", "staff/*", "\x00staff/main/en", "staff/main/en\n",
       "x" * 120]  # fmt: skip
ROLES = sorted(table.EVERYONE)
SAYS_NO = ("doors.signed_in", "doors.unlock", "doors.desk", "doors.lock")
"""What they are for is to say no, to show a code, and to lead to the locked page."""


def is_refused(client: FlaskClient, method: str, path: str) -> bool:
    """Whether the door stays shut."""
    answer = client.open(path, method=method, json={} if method == "POST" else None)
    there = answer.headers.get("Location", "")
    return answer.status_code in (401, 403) or "/login?" in there or "/unlock?" in there


def written(house: House, kind: str) -> list[str]:
    return [row.what for row in house.doors.audit.every(Search(kind=kind))]


def test_every_page_stands_in_the_table_and_nothing_else_does(house: House) -> None:
    assert {rule.endpoint for rule in house.app.url_map.iter_rules()} == set(table.PAGES)


def test_every_live_screen_stands_in_the_table(house: House) -> None:
    shows = house.app.extensions["live"]._shows
    assert {key.partition("/")[0] for key in table.SCREENS} == set(shows)
    assert {table.beginning(key, table.SCREENS) for key in KEYS} == set(table.SCREENS)


def test_what_is_not_in_the_table_nobody_may() -> None:
    assert not table.may_ask("staff.not_there", table.EVERYONE)
    assert not table.may_watch("staff/not-there/en", table.EVERYONE)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_the_pages_of_the_table_and_no_other(house: House, role: str) -> None:
    client = house.as_role(role)
    house.doors._requests._burst = 10_000  # nobody asks for every page in a second
    for rule in house.app.url_map.iter_rules():
        path = rule.build(dict.fromkeys(rule.arguments, "none"), append_unknown=False)
        assert path
        # Whoever signs out, locks the screen or becomes a desk is somebody else from then on.
        own = ("doors.my_password", "doors.my_pin", "doors.elsewhere")
        anew = rule.endpoint in ("doors.sign_out", "doors.lock", "staff.pair_here", *own)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if rule.endpoint not in SAYS_NO:
                refused = is_refused(house.as_role(role) if anew else client, method, path[1])
                assert refused is not table.may_ask(rule.endpoint, frozenset({role})), (role, method, path[1])


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_watch_the_screens_of_the_table_and_no_other(house: House, role: str) -> None:
    client = house.as_role(role)
    refused = set()
    for key in KEYS:
        answer = watch(house.watcher(client), key)
        may = table.may_watch(key, frozenset({role}))
        assert (answer == {"code": "not_allowed"}) is not may, (role, key, answer)
        there = house.app.extensions["live"].current(key) is not None
        assert ("html" in answer) is (may and there), (role, key, answer)
        refused |= set() if may else {table.beginning(key, table.SCREENS)}

    assert {what.removeprefix("refused ") for what in written(house, "refused")} == refused


@pytest.mark.parametrize("role", ROLES)
def test_no_role_gets_anything_by_another_event_room_or_namespace(house: House, role: str) -> None:
    client = house.as_role(role)
    watcher = house.watcher(client)
    others = house.watcher(house.manager)
    assert "html" in watch(others, "staff/main/en")
    others.get_received()
    before = len(written(house, "did"))

    for key in ODD:
        assert watch(watcher, key) in ({"code": "not_allowed"}, {"code": "unknown_screen"}), key
    sent: list[Any] = [None, 1, ["staff/main/en"], {"key": "staff/main/en"}, b"staff/main/en", True, "x" * 121]
    for what in sent:
        assert watch(watcher, what) == {"code": "unknown_screen"}, what
    for event in ("screen", "join", "join_room", "emit", "message", "call-next", "staff", "disconnecting", ""):
        watcher.emit(event, "staff/main/en", callback=False)
        watcher.emit(event, {"room": "staff/main/en"}, b"\x00\xff")
    for namespace in ("/admin", "/staff", "/staff/main/en"):
        assert not watcher.is_connected(namespace)
        watcher.connect(namespace)
        assert not watcher.is_connected(namespace), namespace

    assert watcher.get_received() == [] == others.get_received()
    assert len(written(house, "did")) == before


@pytest.mark.parametrize("device", ["tablet", "tv", "desk", "program"])
def test_a_device_of_the_house_is_nobody_of_the_staff(house: House, device: str) -> None:
    client = house.as_role(device)
    client.environ_base.pop("HTTP_AUTHORIZATION", None)
    cookie = client.get_cookie("kindline_device")
    for header in ({"Authorization": f"Bearer {cookie.value}"} if cookie else {}, {"Cookie": "kindline_session=none"}):
        for path in ("/staff/line.json", "/staff/visits.csv", "/staff/audit.csv", "/staff/appointments.json"):
            answer = client.get(path, headers={**header, "Accept": "application/json"})
            assert answer.status_code in (401, 403), (device, path)
    if cookie:  # the secret of a device is no session
        stolen = house.client()
        stolen.set_cookie("kindline_session", cookie.value)
        assert stolen.get("/staff/line.json").status_code == 401


@pytest.mark.parametrize("how", ["sign out", "lock", "end the account", "another role", "end the device", "left alone"])
def test_whose_rights_end_is_cut_off_at_the_next_look(house: House, how: str) -> None:
    desk, account = house.client(), house.add("reception")
    device = house.pairs(desk, "desk")
    house.signs_in(account, desk)
    socket, stays = house.watcher(desk), house.watcher(house.manager)
    assert "html" in watch(socket, "staff/main/en")
    live = house.app.extensions["live"]
    live.look()
    assert socket.is_connected()
    watch(stays, "staff/main/en")

    match how:
        case "sign out":
            desk.post("/logout")
        case "lock":
            desk.post("/staff/lock")
        case "end the account":
            house.doors.accounts.end(account.id)
        case "another role":
            house.doors.accounts.change(account.id, account.name, "auditor")
        case "end the device":
            house.manager.post("/staff/end-device", data={"device": device.id})
        case "left alone":
            house.later(minutes=4)
            house.manager.post("/staff/awake")
            house.later(minutes=2)
    socket.get_received()
    live.look()  # every two seconds

    assert not socket.is_connected()
    assert stays.is_connected()


@pytest.mark.parametrize(("role", "key"), [("tv", "display/main/en"), ("tablet", "kiosk/start-normal/en")])
def test_a_screen_that_is_taken_away_is_cut_off_at_the_next_look(house: House, role: str, key: str) -> None:
    client = house.client()
    device = house.pairs(client, role)
    socket = house.watcher(client)
    assert "html" in watch(socket, key)
    house.manager.post("/staff/end-device", data={"device": device.id})
    house.app.extensions["live"].look()

    assert not socket.is_connected()
    assert re.search(r"[B-Z]{4}-[B-Z]{4}", client.get("/kiosk" if role == "tablet" else "/display").text)


def test_who_asks_for_screens_without_end_is_answered_no_more(house: House) -> None:
    socket = house.watcher(house.manager)
    answers = [watch(socket, "staff/main/en") for _ in range(40)]

    assert "html" in answers[0]
    assert answers[-1] == {"code": "not_allowed"}
    assert "html" in watch(house.watcher(house.manager), "staff/main/en")


def test_one_device_opens_so_many_live_connections_and_closing_one_makes_room(house: House) -> None:
    from doors.guard import SOCKETS_OF_ONE

    tablet, tv = house.as_role("tablet"), house.as_role("tv")
    sockets = [house.watcher(tablet) for _ in range(SOCKETS_OF_ONE)]
    assert all(one.is_connected() for one in sockets)
    assert not house.watcher(tablet).is_connected()
    assert house.watcher(tv).is_connected()  # others are unhurt
    sockets[0].disconnect()
    assert house.watcher(tablet).is_connected()
