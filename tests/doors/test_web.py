"""The doors as the web meets them: foreign pages, foreign names, proxies, what every answer carries, and the band.

TRUST A6, A7, A15, A20, A22, A23. Everything is asked from outside; who is asked has its doors shut.
"""

import http.client
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import app as roof
import doors.guard
from doors import table
from settings import Settings
from tests.browser.server import Clinic
from tests.doors.house import PASSWORD, PIN, QUICK, House, watch

FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://localhost:81"},
    {"Origin": "null"},
]
BODIES: list[dict[str, Any]] = [
    {"data": '{"request": "x", "visit": "none"}', "content_type": "text/plain"},
    {"data": {"request": "x", "visit": "none", "password": PASSWORD}},
    {"json": {"request": "x", "visit": "none"}},
]
CARRIED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
}
BAND = 'id="open-doors"'
HANDSHAKE = "/socket.io/?EIO=4&transport="
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


def addresses(house: House, method: str) -> Iterator[tuple[str, str]]:
    """The endpoint and an address of every page that takes this method."""
    for rule in house.app.url_map.iter_rules():
        if method in (rule.methods or ()):
            built = rule.build(dict.fromkeys(rule.arguments, "none"), append_unknown=False)
            assert built
            yield rule.endpoint, built[1]


def all_rows(house: House) -> dict[str, list[Any]]:
    """Everything that is written down in this clinic, by table."""
    with house.app.extensions["desk"].store.read() as db:
        return {one.name: list(one.rows) for one in db.tables}


def pages(client: FlaskClient, house: House) -> Iterator[tuple[str, TestResponse]]:
    """Every HTML page this browser gets at all, by its address; also of what is not there."""
    for path in [*(path for _, path in addresses(house, "GET")), "/nowhere", "/display?mode=large", "/kiosk?lang=ar"]:
        answer = client.get(path, headers={"Accept": "text/html"})
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303, 307, 308):
            yield path, answer


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., House]]:
    """Open a house with these settings, its doors shut and a manager in it."""
    monkeypatch.setattr(doors.guard, "strong_hasher", lambda: QUICK)
    houses: list[House] = []

    def open_one(**settings: Any) -> House:
        given = {"data": tmp_path / "web", "async_mode": "threading", "template": "walk-in", **settings}
        houses.append(House(roof.create_app(Settings("127.0.0.1", **given))))
        return houses[-1]

    yield open_one
    for house in houses:
        house.app.extensions["desk"].close()


# --- foreign pages (A6) ---


def test_a_foreign_page_changes_nothing_whatever_it_sends_with_a_managers_cookies(house: House) -> None:
    before = all_rows(house)
    for endpoint, path in addresses(house, "POST"):
        for headers in FOREIGN:
            for body in BODIES:
                answer = house.manager.post(path, headers=headers, **body)
                assert answer.status_code in (400, 403), (endpoint, headers, answer.status)
    assert all_rows(house) == before


def test_a_link_alone_changes_nothing(house: House) -> None:
    before, reads = all_rows(house), {path for _, path in addresses(house, "GET")}
    for endpoint, path in addresses(house, "POST"):
        if path not in reads:
            answer = house.manager.get(path, headers={"Accept": "text/html"})
            assert answer.status_code in (400, 403, 404, 405), (endpoint, answer.status)
    assert all_rows(house) == before


def test_odd_methods_are_no_way_in(house: House) -> None:
    before = all_rows(house)
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"):
        for path in ("/staff", "/staff/lock", "/setup", "/static/base.css", "/healthz"):
            assert house.manager.open(path, method=method).status_code in (400, 403, 404, 405, 501), (method, path)
    assert all_rows(house) == before


# --- the socket, asked by foreign pages and by foreign names (A7) ---


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The real server, its doors shut, with nobody in it yet."""
    clinic = Clinic(tmp_path_factory.mktemp("served"), OPEN_DOORS="", HOST="127.0.0.1").start()
    yield clinic
    clinic.stop()


@pytest.mark.parametrize("transport", ["polling", "websocket"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1"},
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
    ],
    ids=lambda headers: ", ".join(headers.values()),
)
def test_a_foreign_page_cannot_open_the_wire(served: Clinic, transport: str, headers: dict[str, str]) -> None:
    status, _said = handshake(served, transport, headers)
    assert status in (400, 403)


def test_our_own_page_can_open_the_wire(served: Clinic) -> None:
    assert handshake(served, "websocket", {"Origin": served.url})[0] == 101


def test_the_wire_is_open_by_websocket_only(served: Clinic) -> None:
    assert handshake(served, "polling", {"Origin": served.url})[0] == 400


def handshake(served: Clinic, transport: str, headers: dict[str, str]) -> tuple[int, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    try:
        upgrade = UPGRADE if transport == "websocket" else {}
        connection.request("GET", HANDSHAKE + transport, headers={**upgrade, **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers
    finally:
        connection.close()


# --- proxies and poisoned links (A20) ---


def test_what_a_stranger_says_of_a_proxy_is_not_believed(house: House) -> None:
    client = house.client("192.0.2.7")
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    answer = client.get("/login", headers=said)
    assert "Strict-Transport-Security" not in answer.headers
    assert "evil" not in answer.text + str(answer.headers)
    tries = [
        client.post("/login", data={"login": "owner", "password": "x"}, headers={"X-Forwarded-For": f"198.51.100.{n}"})
        for n in range(6)
    ]
    assert [one.status_code for one in tries][-1] == 429


def test_links_and_squares_lead_to_the_set_address_whatever_was_asked(opened: Callable[..., House]) -> None:
    house = opened(url="https://line.clinic.example", proxies=1)
    tablet = house.as_role("tablet")
    said = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Original-URL": "/evil"}
    answer = tablet.post("/kiosk/check-in", json={"service": "doctor", "request": "tap"}, headers=said)
    assert answer.status_code == 201
    assert answer.json
    assert answer.json["url"].startswith("https://line.clinic.example/t/")
    for path in ("/", "/login", "/display"):
        assert "evil" not in house.client().get(path, headers=said).text, path


def test_behind_a_proxy_of_the_house_who_asks_is_who_it_says(opened: Callable[..., House]) -> None:
    house = opened(proxies=1)
    client = house.client()

    def guesses(address: str) -> int:
        headers = {"X-Forwarded-For": f"6.6.6.6, {address}"}  # what a client wrote itself stands first
        return client.post("/login", data={"login": "owner", "password": "x"}, headers=headers).status_code

    assert [guesses("192.0.2.7") for _ in range(6)][-1] == 429
    assert guesses("192.0.2.8") == 401


# --- what every answer carries (A22, A23) ---


def test_every_answer_carries_the_headers_also_those_that_refuse(house: House) -> None:
    nobody = house.client()
    asked = [(client, path) for _, path in addresses(house, "GET") for client in (house.manager, nobody)]
    asked += [(nobody, path) for path in ("/nowhere", "/static/nothing.js", "/static/base.css", "/t/none")]
    answers = [(path, client.get(path, buffered=True)) for client, path in asked]
    answers += [(path, nobody.post(path)) for _, path in addresses(house, "POST")]
    answers += [
        ("a foreign name", nobody.get("/", headers={"Host": "evil.example"})),
        ("a foreign page", house.manager.post("/staff/lock", headers={"Origin": "http://evil.example"})),
        ("a broken body", house.manager.post("/staff/hold", data="{", content_type="application/json")),
        ("too much", house.manager.post("/staff/hold", data=b"x" * 70_000, content_type="application/json")),
        ("a foreign wire", nobody.get(HANDSHAKE + "polling", headers={"Origin": "null"})),
    ]
    assert {answer.status_code for _, answer in answers} >= {200, 303, 400, 401, 403, 404, 405, 413} - {405}
    for path, answer in answers:
        assert {name: answer.headers.get(name) for name in CARRIED} == CARRIED, (path, answer.status)


def test_only_files_are_kept_by_browsers_and_proxies(house: House) -> None:
    for client in (house.manager, house.client(), house.as_role("tablet"), house.as_role("locked")):
        for endpoint, path in addresses(house, "GET"):
            kept = client.get(path, buffered=True).headers.get("Cache-Control", "")
            assert kept == "no-store" or endpoint == "static", (path, kept)
    for endpoint, path in addresses(house, "POST"):
        assert house.client().post(path).headers["Cache-Control"] == "no-store", endpoint


def test_who_signs_out_leaves_nothing_in_the_browsers_cache(house: House) -> None:
    answer = house.manager.post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Max-Age=0" in cookies(answer)["kindline_session"]


def cookies(answer: TestResponse) -> dict[str, str]:
    """What is said of each cookie that is set, by its name."""
    return {one.partition("=")[0]: one for one in answer.headers.getlist("Set-Cookie")}


def all_cookies(house: House) -> dict[str, str]:
    """Every cookie that we ever set."""
    found = cookies(house.signs_in(house.owner, client := house.client()))
    found |= cookies(client.post("/staff/pair-here", data={"name": "Front desk"}))
    found |= cookies(house.client().get("/display"))
    return found | cookies(house.as_role("tablet").get("/kiosk?mm=5.2"))


def test_no_script_and_no_other_site_gets_a_cookie(house: House) -> None:
    found = all_cookies(house)
    assert set(found) == {"kindline_session", "kindline_device", "kindline_pairing", "kindline_mm"}
    for name, said in found.items():
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(said.split("; ")), name
        assert not {"Secure"} & set(said.split("; ")), name
        assert "Domain" not in said, name


def test_behind_tls_cookies_and_the_address_stay_with_tls(opened: Callable[..., House]) -> None:
    house = opened(proxies=1)
    client = house.client()
    client.environ_base |= {"HTTP_X_FORWARDED_PROTO": "https"}
    answer = house.signs_in(house.owner, client)
    found = cookies(answer) | cookies(client.get("/desk"))
    assert set(found) == {"__Host-kindline_session", "__Host-kindline_pairing"}
    for name, said in found.items():
        assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"} <= set(said.split("; ")), name
        assert "Domain" not in said, name
    refused = client.get("/", headers={"Host": "evil.example"})
    for one in (answer, refused, client.get("/nowhere"), client.get("/static/base.css", buffered=True)):
        assert one.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    plain = house.client().get("/login")
    assert "Strict-Transport-Security" not in plain.headers


def test_a_plain_cookie_is_worth_nothing_behind_tls(opened: Callable[..., House]) -> None:
    """A foreign host on a plain network could have set that one."""
    house = opened(proxies=1)
    kept = house.manager.get_cookie("kindline_session")
    assert kept
    client = house.client()
    client.environ_base |= {"HTTP_X_FORWARDED_PROTO": "https"}
    client.set_cookie("kindline_session", kept.value)
    assert "/login?" in client.get("/staff").headers["Location"]


# --- limits ---


def test_a_body_a_name_or_a_message_is_only_so_large(house: House) -> None:
    tablet = house.as_role("tablet")
    fields = {"service": "doctor", "request": "tap", "name": "n" * 81}
    assert tablet.post("/kiosk/check-in", json=fields).status_code == 422
    assert tablet.post("/kiosk/check-in", json={**fields, "name": "n" * 70_000}).status_code == 413
    assert tablet.post("/kiosk/check-in", data={**fields, "name": "n" * 70_000}).status_code == 413
    assert house.client().post("/login", data={"login": "o" * 70_000, "password": ""}).status_code == 413
    assert watch(house.watcher(tablet), "kiosk/start-normal/" + "e" * 200) == {"code": "unknown_screen"}
    assert watch(house.watcher(tablet), json.loads('{"key": ["kiosk"]}')) == {"code": "unknown_screen"}


# --- the band ---


def test_with_open_doors_every_page_says_so(client: FlaskClient, house: House) -> None:
    open_house = client.application
    seen = set()
    for rule in open_house.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        path = rule.build(dict.fromkeys(rule.arguments, "none"), append_unknown=False)
        assert path
        answer = client.get(path[1], headers={"Accept": "text/html"})
        if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
            seen.add(path[1])
            assert answer.text.count(BAND) == 1, path[1]
    assert {"/", "/staff", "/kiosk", "/display", "/display/plain", "/login", "/t", "/setup", "/staff/paper"} <= seen
    assert client.get("/nowhere").text.count(BAND) == 1


def test_the_pages_of_a_visit_say_so_too(client: FlaskClient) -> None:
    visit = client.post("/kiosk/check-in", json={"service": "doctor", "request": "tap"}).json
    assert visit
    link = "/t/" + visit["url"].rsplit("/", 1)[1]
    share = client.get(f"{link}/share").text
    companion = re.search(r"/c/[\w-]+", share)
    assert companion
    for path in (link, f"{link}/matters", f"{link}/share", companion[0], f"/staff/visit/{visit['visit']}"):
        assert client.get(path).text.count(BAND) == 1, path


@pytest.mark.parametrize("role", ["manager", "reception", "tablet", "tv", "desk", "locked", "anyone"])
def test_with_shut_doors_no_page_says_so(house: House, role: str) -> None:
    seen = [path for path, answer in pages(house.as_role(role), house) if BAND not in answer.text]
    assert seen == [path for path, _ in pages(house.as_role(role), house)]
    assert seen


def test_open_doors_are_open_to_this_machine_alone(client: FlaskClient) -> None:
    """Whatever lets others reach this port, the setting means this machine."""
    assert client.get("/staff", environ_overrides={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200
    assert client.get("/staff", environ_overrides={"REMOTE_ADDR": "::1"}).status_code == 200
    for address in ("192.168.1.20", "10.0.0.2", "2001:db8::1", "not an address"):
        answer = client.get("/staff", environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == 403, address
        assert client.post("/staff/undo", environ_overrides={"REMOTE_ADDR": address}).status_code == 403


# --- the locked screen ---


def test_every_page_of_somebody_signed_in_can_lock_itself(house: House) -> None:
    for path, answer in pages(house.manager, house):
        endpoint = next((one for one, where in addresses(house, "GET") if where == path), "")
        is_private = not table.ANYONE & table.PAGES.get(endpoint, frozenset())
        assert ("/static/awake.js" in answer.text) is is_private, path
        assert answer.text.count('data-seconds="300"') == int(is_private), path
    for role in ("tablet", "tv", "anyone", "locked"):
        assert all("/static/awake.js" not in answer.text for _, answer in pages(house.as_role(role), house)), role


def test_a_screen_that_nobody_is_at_locks_after_five_minutes(house: House) -> None:
    house.later(minutes=4, seconds=59)
    assert house.manager.get("/staff").status_code == 200
    house.later(minutes=5)
    answer = house.manager.get("/staff?lang=ar")
    assert answer.headers["Location"] == "/staff/unlock?next=%2Fstaff%3Flang%3Dar&lang=ar"
    assert house.manager.post("/staff/open-day", json={}).status_code == 401


def test_who_is_there_stays_and_a_screen_that_asks_by_itself_does_not_count(house: House) -> None:
    for _ in range(3):
        house.later(minutes=4)
        assert house.manager.post("/staff/awake").status_code == 204
    house.later(minutes=4)
    for path in ("/display", "/display/plain", "/static/base.css", "/healthz", "/staff/line.json", "/"):
        assert house.manager.get(path, buffered=True).status_code == 200, path
    house.later(minutes=2)
    assert "/staff/unlock?" in house.manager.get("/staff").headers["Location"]


def test_after_a_quarter_of_an_hour_one_signs_in_and_comes_back_to_where_one_was(house: House) -> None:
    house.later(minutes=16)
    answer = house.manager.get("/staff/trust")
    assert answer.headers["Location"] == "/login?next=%2Fstaff%2Ftrust"
    assert 'name="next" value="/staff/trust"' in house.manager.get(answer.headers["Location"]).text
    locked = house.manager.get("/staff/unlock?next=/staff/trust")
    assert locked.headers["Location"] == "/login?next=%2Fstaff%2Ftrust"
    there = house.manager.post("/login", data={"login": "owner", "password": PASSWORD, "next": "/staff/trust"})
    assert there.headers["Location"] == "/staff/trust"


def test_a_desk_of_the_house_stays_locked_behind_its_pin(house: House) -> None:
    client = a_desk(house)
    house.later(hours=2)
    page = client.get(client.get("/staff").headers["Location"]).text
    assert 'name="pin"' in page
    assert "Olga Owner" in page
    assert client.post("/staff/unlock", data={"pin": "000000", "next": "/staff"}).status_code == 401
    answer = client.post("/staff/unlock", data={"pin": PIN, "next": "/staff/trust"})
    assert answer.headers["Location"] == "/staff/trust"
    assert client.get("/staff").status_code == 200


def test_a_clock_that_was_set_back_locks(house: House) -> None:
    assert house.manager.get("/staff").status_code == 200
    house.later(minutes=6)
    assert house.manager.post("/staff/unlock", data={"password": PASSWORD}).status_code == 303
    house.later(minutes=-10)
    assert house.manager.get("/staff").status_code == 303


def test_the_lock_button_leads_back_to_its_page(house: House) -> None:
    answer = house.manager.post("/staff/lock?lang=es", data={"next": "/staff/trust?lang=es"})
    assert answer.headers["Location"] == "/staff/unlock?next=%2Fstaff%2Ftrust%3Flang%3Des&lang=es"
    assert 'value="/staff/trust?lang=es"' in house.manager.get(answer.headers["Location"]).text
    other = house.as_role("manager").post("/staff/lock", data={"next": "//evil.example"})
    assert "evil" not in other.headers["Location"]


def test_a_locked_desk_shows_who_calls_for_help_and_no_name(house: House) -> None:
    desk = a_desk(house)
    ana = desk.post("/staff/check-in", json={"name": "Ana Canary", "service": "doctor", "request": "tap"}).json
    assert ana
    phone = "/t/" + ana["url"].rsplit("/", 1)[1]
    assert house.client().post(f"{phone}/help", data={"about": "worse"}).status_code == 303
    desk.post("/staff/lock")
    page, live = desk.get("/staff/unlock").text, watch(house.watcher(desk), "staff/locked/en")
    for text in (page, live["html"]):
        assert "1 person is waiting." in text
        assert "data-worse" in text
        assert "A\u202f01" in text
        assert "Canary" not in text
    assert watch(house.watcher(desk), "staff/main/en") == {"code": "not_allowed"}


def test_who_unlocked_elsewhere_is_sent_on_from_the_locked_page(house: House) -> None:
    client = a_desk(house)
    client.post("/staff/lock")
    socket = house.watcher(client)
    assert "html" in watch(socket, "staff/locked/en")
    client.post("/staff/unlock", data={"pin": PIN})
    house.app.extensions["live"].look()
    assert not socket.is_connected()
    assert watch(house.watcher(client), "staff/locked/en") == {"code": "not_allowed"}
    assert client.get("/staff/unlock?next=/staff/trust").headers["Location"] == "/staff/trust"


def a_desk(house: House) -> FlaskClient:
    """The owner at a paired desk, with a PIN."""
    client = house.client()
    house.pairs(client, "desk")
    assert house.signs_in(house.owner, client).status_code == 303
    assert client.post("/staff/my-pin", data={"password": PASSWORD, "pin": PIN}).status_code == 303
    return client
