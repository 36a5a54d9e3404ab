"""The roof: what every answer carries, who may ask, and that trouble always ends in a sentence."""

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlite_utils.utils import sqlite3
from werkzeug.test import TestResponse

from tests import faces
from tests.faces import Opens, Page, Practice, say
from words import asset, folder

opens, practice = faces.opens, faces.practice

CARRIED = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
VISIT_ONLY = ("recall", "start", "finish", "no-show", "hold", "resume", "rejoin", "leave", "undo")
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
HTML = {"Accept": "text/html"}
PAGES = [
    "/",
    "/setup",
    "/kiosk",
    "/kiosk/services",
    "/kiosk/place",
    "/display",
    "/display/plain",
    "/staff",
    "/t",
    "/staff/follow-ups",
    "/staff/feedback",
    "/staff/day-in-pictures",
]


def places(app: Flask, method: str) -> list[str]:
    """The addresses that take this method and need nothing filled in."""
    rules = app.url_map.iter_rules()
    return sorted(rule.rule for rule in rules if method in (rule.methods or ()) and not rule.arguments)


def policy(response: TestResponse) -> dict[str, list[str]]:
    parts = [part.split() for part in response.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def test_every_answer_forbids_what_our_pages_do_not_need(practice: Practice) -> None:
    missing = ["/nowhere", "/staff/visit/nobody", "/t/unknown", "/static/unknown.js?v=1"]
    for path in [*places(practice.app, "GET"), *missing]:
        answer = practice.client.get(path)
        assert {name: answer.headers.get(name) for name in CARRIED} == CARRIED, path
        rules = policy(answer)
        assert rules["default-src"] == ["'none'"], path
        assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == ["'none'"], path
        assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == ["'self'"], path
        assert rules["form-action"] == ["'self'"], path


def test_every_answer_says_what_kind_it_is_and_how_its_text_is_written(practice: Practice) -> None:
    kinds = {}
    for path in [*places(practice.app, "GET"), "/nowhere", "/nowhere.json", "/static/base.css", "/static/live.js"]:
        answer = practice.client.get(path, buffered=True)
        kinds[path] = answer.content_type
        assert not (answer.mimetype or "").startswith("text/") or answer.mimetype_params["charset"] == "utf-8", path
    assert kinds["/display"] == "text/html; charset=utf-8"
    assert kinds["/display/line.json"] == kinds["/nowhere.json"] == "application/json"
    assert kinds["/static/base.css"] == "text/css; charset=utf-8"
    assert None not in kinds.values()


def test_no_address_of_ours_is_told_to_another_site(practice: Practice) -> None:
    for path in places(practice.app, "GET"):
        assert practice.client.get(path).headers["Referrer-Policy"] in ("same-origin", "no-referrer"), path


def test_pages_and_facts_are_never_kept_by_a_browser(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    for path in [*places(practice.app, "GET"), practice.phone(ana), "/nowhere", f"/staff/visit/{ana['visit']}"]:
        assert practice.client.get(path).headers["Cache-Control"] == "no-store", path
    assert practice.client.post("/kiosk/check-in", json={}).headers["Cache-Control"] == "no-store"


def test_only_a_file_with_its_version_is_kept_for_long(practice: Practice) -> None:
    clip = f"/static/voice/en/A.mp3?v={folder('static/voice')}"
    for path in (asset("base.css"), clip):
        versioned = practice.client.get(path, buffered=True)
        assert versioned.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    # Another version's address, as an older page still knows it, is answered with what belongs to another one.
    older = "/static/base.css?v=0123456789ab"
    for path in ("/static/base.css", older, "/static/icon.svg", "/static/unknown.js", "/static/unknown.js?v=1"):
        kept = practice.client.get(path, buffered=True).headers.get("Cache-Control", "")
        assert "immutable" not in kept, path
        assert "max-age" not in kept, path


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_only_for_its_own_versioned_files(practice: Practice, path: str) -> None:
    page = practice.page(path)
    files = [one.get("href") or "" for one in page.every("link")] + [
        one.get("src") or "" for one in page.every("script")
    ]
    assert files
    for file in files:
        assert re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{12}|/static/fonts/[\w.-]+|/(kiosk|display)/sizes\.css", file)
        assert practice.client.get(file, buffered=True).status_code == 200
    assert not page.every("style")
    assert not [one for one in page.every() for name in one.keys() if name == "style" or name.startswith("on")]  # noqa: SIM118
    assert all("".join(script.itertext()).strip() == "" for script in page.every("script"))


FOREIGN = ["clinic.example", "127.0.0.1.clinic.example", "localhost.example:8000", "192.168.1.5", "0.0.0.0", "8.8.8.8"]
BROKEN = ["[::1", "]", "", "[", "127.0.0.1@evil.example"]


@pytest.mark.parametrize("host", FOREIGN + BROKEN)
@pytest.mark.parametrize(
    "path", ["/staff", "/staff/line.json", "/socket.io/?EIO=4&transport=polling", "/static/base.css"]
)
def test_a_name_that_is_not_ours_is_refused_everywhere(practice: Practice, host: str, path: str) -> None:
    answer = practice.client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "Open it by the address that it printed at its start." in answer.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:8000", "[::1]:8000", "127.0.0.2"]
)
def test_this_machine_by_any_of_its_names_is_let_in(practice: Practice, host: str) -> None:
    assert practice.client.get("/staff", headers={"Host": host}).status_code == 200
    assert practice.client.get(HANDSHAKE, headers={"Host": host}).status_code == 200


def test_where_all_addresses_are_ours_each_of_them_and_the_set_name_are_let_in_but_no_other_name(opens: Opens) -> None:
    practice = opens(host="0.0.0.0", open_doors="", url="https://line.clinic.example")
    name = socket.gethostname().lower()
    for host, status in [
        ("192.168.1.5:8000", 200),
        ("[fe80::1]:8000", 200),
        (name, 200),
        (f"{name}.local:8000", 200),
        ("line.clinic.example", 200),
        ("other.clinic.example", 400),
        ("1.2.3.4.example", 400),
        ("1.2.3", 400),
    ]:
        assert practice.client.get("/static/base.css", headers={"Host": host}, buffered=True).status_code == status, (
            host
        )


def doors(ana: str, secret: str) -> dict[str, dict[str, Any]]:
    """Every POST there is, with a body that would do something."""
    visits: dict[str, dict[str, Any]] = {f"/staff/{name}": {"visit": ana} for name in VISIT_ONLY}
    rooms: dict[str, dict[str, Any]] = {
        f"/staff/{name}": {"room": "room-1"} for name in ("open-room", "pause-room", "close-room")
    }
    return visits | rooms | {
        "/kiosk/check-in": {"service": "doctor", "request": "tap"},
        "/kiosk/help": {"request": "tap"},
        "/kiosk/about": {"help": "tap", "about": "next"},
        **{f"/kiosk/{page}": {"place": "A 01"} for page in ("question", "here")},
        "/kiosk/find": {"day": "27", "month": "3", "letter": "O"},
        **{f"/kiosk/{page}": {"other": "yes"} for page in ("appointment", "code", "services", "details")},
        "/kiosk/needs": {"service": "doctor"},
        "/staff/prefer": {"visit": ana, "call_me": "fetch"},
        "/t": {"code": "BCDFGHJK"},
        f"/t/{secret}/leave": {"request": "tap"},
        **{f"/t/{secret}/{what}": {"request": "tap"} for what in ("here", "coming", "more-time", "step-out", "help")},
        f"/t/{secret}/feedback": {"rating": "good"},
        "/staff/follow-up": {"whose": ana, "how": "contacted"},
        "/staff/owner": {"whose": ana, "owner": "Sam", "due": "2026-11-24"},
        "/staff/we-did": {"line-1": "More chairs"},
        "/setup": {"name": "Another"},
        "/staff/check-in": {"service": "doctor", "request": "tap"},
        "/staff/open-day": {"rooms": []},
        "/staff/close-day": {"confirm": True},
        "/staff/erase": {"visit": ana},
        "/staff/erase-ended": {},
        "/staff/take-help": {"help": "tap"},
        "/staff/answer": {"help": "tap", "answer": "at_desk"},
        "/staff/sign-in": {"room": "room-1", "name": "Dr Ruiz"},
        "/staff/tell-closing": {"message": "all"},
        "/staff/apologise": {"reason": "more_time"},
        "/staff/spoken-to": {"visit": ana},
        "/staff/note-delay": {"reason": "technical"},
        "/staff/end-delay": {"note": "delay-1"},
        "/staff/believe-clock": {},
        "/display/hello": {"id": "one"},
        "/kiosk/hello": {"id": "one"},
        "/staff/test-call": {"screen": "tv-1"},
        "/staff/forget-screen": {"screen": "tv-1"},
        "/staff/call-next": {"room": "room-1"},
        "/staff/call": {"visit": ana, "room": "room-1"},
        "/staff/transfer": {"visit": ana, "service": "nurse"},
        "/staff/prioritise": {"visit": ana, "reason": "unwell"},
    }  # fmt: skip


SOMEBODY = doors("ana", "secret")

DEVICES = ("/staff/pair", "/staff/pair-here", "/staff/add-program", "/staff/end-device")
"""About who comes in: tests/doors has these."""

LISTS = ("/staff/appointments", "/staff/appointments/list/<upload_id>")
"""Where whole lists come in, which are no fields (tests/staff/test_import.py, test_uploads.py)."""


def door(practice: Practice, path: str) -> str:
    """This address with a patient of today in it."""
    if "/secret/" not in path:
        return path
    return path.replace("/t/secret", practice.phone(practice.arrives("Ana")))


def test_the_list_of_doors_is_complete(practice: Practice) -> None:
    posts = [rule for rule in practice.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    rules = [
        rule.rule for rule in posts if not (rule.endpoint.startswith("doors.") or rule.rule in DEVICES)
    ]  # tests/doors has those
    known = {re.sub(r"/secret/", "/<secret>/", path) for path in SOMEBODY}
    assert {rule for rule in rules if rule not in known} == {"/staff/<command>", *LISTS}
    from staff.routes import ROOM_COMMANDS, VISIT_COMMANDS

    assert {f"/staff/{name}" for name in [*VISIT_COMMANDS, *ROOM_COMMANDS]} <= known


ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:1"},
    {"Origin": "https://localhost"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("path", [*SOMEBODY, *LISTS])
def test_another_site_can_change_nothing_here(practice: Practice, path: str) -> None:
    path = door(practice, path)
    before = practice.desk.line
    for headers in ELSEWHERE:
        as_program = practice.client.post(path, json={"confirm": True}, headers=headers)
        as_form = practice.client.post(path, data={"confirm": "yes"}, headers=headers)
        assert as_program.status_code == as_form.status_code == 403, headers
        sentence = say("This can't be done from here. Load the page again, or ask at the desk.")
        assert as_program.json == {"code": "not_allowed", "message": sentence}
        assert Page(as_form.text).every(role="alert")[0].text == sentence
    assert practice.desk.line == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Origin": "http://localhost"},
    ],
)
def test_our_own_pages_and_programs_may_change_things(practice: Practice, headers: dict[str, str]) -> None:
    answer = practice.client.post("/kiosk/check-in", data={"service": "doctor", "request": "1"}, headers=headers)
    assert answer.status_code == 200
    assert len(practice.desk.line.visits) == 1


def test_a_browser_that_says_only_its_origin_may_send_our_forms(practice: Practice) -> None:
    """Sec-Fetch-Site is sent to secure addresses only; without a referrer a form's Origin would be "null"."""
    assert practice.client.get("/kiosk").headers["Referrer-Policy"] == "same-origin"


def test_behind_a_server_that_adds_https_forms_and_sockets_work_by_the_set_address(opens: Opens) -> None:
    practice = opens(url="https://line.clinic.example")
    from_page = {"Host": "line.clinic.example", "Origin": "https://line.clinic.example"}
    assert practice.client.get(HANDSHAKE, headers=from_page).status_code == 200
    answer = practice.client.post("/kiosk/check-in", data={"service": "doctor", "request": "1"}, headers=from_page)
    assert answer.status_code == 200
    for origin in ("https://line.clinic.example.evil", "https://other.clinic.example", "null"):
        foreign = {"Host": "line.clinic.example", "Origin": origin}
        assert practice.client.get(HANDSHAKE, headers=foreign).status_code == 400, origin
        assert practice.client.post("/kiosk/check-in", json={}, headers=foreign).status_code == 403, origin


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "https://localhost"])
def test_a_page_of_another_site_cannot_open_a_socket(practice: Practice, origin: str) -> None:
    assert practice.client.get(HANDSHAKE, headers={"Origin": origin}).status_code == 400
    assert practice.client.get(HANDSHAKE, headers={"Origin": "http://localhost"}).status_code == 200


@contextmanager
def busy(practice: Practice) -> Iterator[None]:
    """Somebody else holds the database and does not let go."""
    other = sqlite3.connect(str(practice.desk.store.folder / "kindline.db"), isolation_level=None)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.execute("rollback")
        other.close()


def test_health_is_a_row_written_and_read(practice: Practice) -> None:
    def beats() -> int:
        return int(practice.desk.store.db.execute("select beats from health").fetchone()[0])

    before = beats()
    answer = practice.client.get("/healthz")
    assert answer.status_code == 200
    parts = {"storage": True, "push": True, "upkeep": True}
    assert answer.json == {"ok": True, "version": "0.1.0", "seq": practice.desk.line.seq, **parts}
    assert practice.client.get("/healthz").status_code == 200
    assert beats() == before + 1
    health = practice.app.extensions["health"]
    began = health.now()
    health.now = lambda: began + 2
    with busy(practice):
        ill = practice.client.get("/healthz")
    assert ill.status_code == 503
    assert ill.json == {"ok": False, "version": "0.1.0", "seq": practice.desk.line.seq, **parts, "storage": False}


@pytest.mark.parametrize(
    "path",
    ["/kiosk/check-in", "/staff/check-in", "/kiosk/help", "/staff/close-day", "/staff/pause-room", "/t/secret/leave"],
)
def test_what_cannot_be_saved_is_said_and_changes_nothing(practice: Practice, path: str) -> None:
    path = door(practice, path)
    before = practice.desk.line
    fields = {"service": "doctor", "request": "tap", "room": "room-1", "confirm": "yes", "name": "Bo"}
    with busy(practice):
        as_program = practice.client.post(path, json=fields)
        as_page = practice.client.post(path, data=fields)
    sentence = say("We can't save this right now. Nothing was changed. Come to the desk, or try again in a minute.")
    assert as_program.status_code == as_page.status_code == 503
    assert as_program.json == {"code": "unavailable", "message": sentence}
    assert Page(as_page.text).every(role="alert")[0].text == sentence
    assert practice.desk.line == before
    assert practice.client.post(path, json=fields).status_code < 400, "it works again afterwards"


def test_a_page_that_is_not_there_says_so_to_people_and_to_programs(practice: Practice) -> None:
    sentence = say("We can't find this page. Go back, or ask at the desk.")
    page = practice.client.get("/nowhere", headers=HTML)
    assert page.status_code == 404
    assert Page(page.text).every(role="alert")[0].text == sentence
    for asked in ({"path": "/nowhere.json"}, {"path": "/nowhere", "headers": {"Accept": "application/json"}}):
        answer = practice.client.get(**asked)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json) == (404, {"code": "not_found", "message": sentence})


@pytest.mark.parametrize(
    ("path", "home"),
    [("/nowhere", "/"), ("/kiosk/x", "/kiosk"), ("/kiosk-x", "/"), ("/staff/visit/x", "/staff"), ("/tablet", "/")],
)
def test_there_is_always_a_way_back(practice: Practice, path: str, home: str) -> None:
    assert [one.get("href") for one in practice.page(path, 404).every("a")] == [home]


def test_trouble_is_told_in_the_language_that_was_asked_for(practice: Practice) -> None:
    page = Page(practice.get("/nowhere?lang=ar", 404))
    sentence = "We can't find this page. Go back, or ask at the desk."
    assert page.every("html")[0].get("dir") == "rtl"
    assert page.every(role="alert")[0].text == say(sentence, "ar")
    posted = practice.client.post("/kiosk/check-in", data={"language": "es"})
    assert Page(posted.text).every("html")[0].get("lang") == "es"


def test_looking_never_changes_and_changing_is_never_a_look(practice: Practice) -> None:
    before = practice.desk.line
    for path in [*SOMEBODY, "/kiosk/check-in?service=doctor&request=1", "/staff/close-day?confirm=yes"]:
        if path not in places(practice.app, "GET"):
            assert practice.client.get(path).status_code in (404, 405), path
    assert practice.client.post("/display").status_code == 405
    assert practice.client.delete("/kiosk", headers={"Accept": "application/json"}).json == {
        "code": "not_found",
        "message": say("We can't find this page. Go back, or ask at the desk."),
    }
    assert practice.desk.line == before


@pytest.mark.parametrize("path", ["/kiosk/check-in", "/staff/call-next", "/t", "/setup"])
@pytest.mark.parametrize("how", ["json", "data"])
def test_more_than_64_kb_is_turned_away(practice: Practice, path: str, how: str) -> None:
    before = practice.desk.line
    answer = practice.client.post(path, **{how: {"name": "x" * 70_000}})  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert say("This is too much to send at once. Send less.") in answer.text
    assert practice.desk.line == before


def test_a_fault_of_ours_is_a_kind_page_without_its_inside(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(visits: object) -> dict[str, str]:
        raise RuntimeError("secret detail of names")

    monkeypatch.setattr(practice.desk, "names", broken)
    answer = practice.client.get("/staff", headers=HTML)
    assert answer.status_code == 500
    assert say("Something went wrong on our side. Come to the desk and we will sort it out.") in answer.text
    assert "secret detail" not in answer.text
    assert practice.client.get("/staff/line.json").json == {
        "code": "bug",
        "message": say("Something went wrong on our side. Come to the desk and we will sort it out."),
    }


DEEP = "[" * 30_000
NOT_JSON = {
    "nothing": "",
    "half": '{"service": "doc',
    "words": "service=doctor",
    "deep": DEEP,
    "deep inside": '{"service": ' + DEEP,
    "huge number": '{"seq": ' + "9" * 5000 + "}",
    "broken bytes": b'{"service": "\xff\xfe"}',
}
NOT_OBJECTS = {"list": "[]", "words": '"doctor"', "null": "null", "number": "1", "true": "true", "filled": '[{"a": 1}]'}


def same_shape(answer: TestResponse, code: str, field: str = "") -> None:
    body = answer.json
    assert body is not None
    assert set(body) == ({"code", "message", "field"} if field else {"code", "message"})
    assert body["code"] == code
    assert body.get("field", "") == field
    assert body["message"].endswith(".")


@pytest.mark.parametrize("path", SOMEBODY)
def test_a_body_that_cannot_be_read_is_a_400(practice: Practice, path: str) -> None:
    path = door(practice, path)
    before = practice.desk.line
    for bodies, code in ((NOT_JSON, "not_json"), (NOT_OBJECTS, "not_an_object")):
        for name, body in bodies.items():
            answer = practice.client.post(path, data=body, content_type="application/json")
            assert answer.status_code == 400, name
            same_shape(answer, code)
    assert practice.desk.line == before


WRONG_TEXTS = [[], {}, ["room-1"], 5, 1.5, True, "\ud800", "\0", "a\nb", "x" * 5000]
MAY_BE_LEFT_OUT = [("/staff/call-next", "visit"), ("/staff/apologise", "service"), ("/staff/note-delay", "service")]
TEXTS = {
    "/kiosk/check-in": ("service", "call_me", "language", "request"),
    "/kiosk/help": ("place", "about", "request"),
    "/kiosk/about": ("help", "about"),
    **{f"/kiosk/{page}": ("place",) for page in ("question", "here")},
    "/t": ("code",),
    "/t/secret/leave": ("request",),
    **{f"/t/secret/{saying}": ("request",) for saying in ("here", "coming", "more-time", "step-out")},
    "/t/secret/help": ("about", "request"),
    "/staff/check-in": ("service", "call_me", "language", "request"),
    "/staff/close-day": ("request",),
    "/staff/take-help": ("help", "request"),
    "/staff/answer": ("help", "answer", "request"),
    "/staff/erase": ("visit",),
    "/staff/call-next": ("room", "visit", "request"),
    "/staff/call": ("visit", "room", "request"),
    "/staff/transfer": ("visit", "service", "request"),
    "/staff/prioritise": ("visit", "reason", "request"),
    "/staff/apologise": ("reason", "service", "request"),
    "/staff/spoken-to": ("visit", "request"),
    "/staff/note-delay": ("reason", "service", "request"),
    "/staff/end-delay": ("note", "request"),
    "/staff/pause-room": ("room", "until", "request"),
    **{f"/{face}/hello": ("id", "sound", "version") for face in ("display", "kiosk")},
    **{f"/staff/{name}": ("screen",) for name in ("test-call", "forget-screen")},
    **{f"/staff/{name}": ("room", "request") for name in ("open-room", "close-room")},
    **{f"/staff/{name}": ("visit", "request") for name in VISIT_ONLY},
}


@pytest.mark.parametrize("path", TEXTS)
def test_a_text_of_the_wrong_kind_is_named_and_changes_nothing(practice: Practice, path: str) -> None:
    fields = SOMEBODY[path]
    door_now = door(practice, path)
    before = practice.desk.line
    for field in TEXTS[path]:
        for wrong in WRONG_TEXTS:
            body = json.dumps({**fields, field: wrong})
            answer = practice.client.post(door_now, data=body, content_type="application/json")
            assert answer.status_code == 422, (field, wrong)
            assert answer.json
            assert set(answer.json) == {"code", "message", "field"}
            assert answer.json["field"] == field
            assert answer.json["code"] in ("not_text", "not_a_choice")
    assert practice.desk.line == before


def test_a_field_that_is_sent_twice_or_in_the_address_too_counts_once(practice: Practice) -> None:
    fields = {"service": ["doctor", "nurse"], "request": ["one", "two"]}
    answer = practice.client.post("/kiosk/check-in?service=nurse&request=three", data=fields)
    assert answer.status_code == 200
    body = {"service": "doctor", "request": "four"}
    answer = practice.client.post("/kiosk/check-in?service=nurse&request=five", json=body)
    assert answer.status_code == 201
    assert [visit.service for visit in practice.desk.line.visits.values()] == ["doctor", "doctor"]


@pytest.mark.parametrize("path", TEXTS)
def test_a_field_left_out_is_named(practice: Practice, path: str) -> None:
    door_now = door(practice, path)
    before = practice.desk.line
    needed = [name for name in TEXTS[path] if name in ("service", "visit", "room", "reason", "help")]
    needed = [name for name in needed if (path, name) not in MAY_BE_LEFT_OUT]
    if path == "/kiosk/check-in":
        needed.append("request")
    for field in needed:
        for nothing in ({}, {field: None}, {field: ""}):
            rest = {name: value for name, value in SOMEBODY[path].items() if name != field}
            answer = practice.client.post(door_now, json={**rest, **nothing})
            assert answer.status_code == 422, field
            same_shape(answer, "missing", field)
            assert answer.json
            assert answer.json["message"] == say("Fill in %(field)s.", field=field)
    assert practice.desk.line == before


@pytest.mark.parametrize("name", [[], {}, 5, 1.5, True, ["Ana"], {"first": "Ana"}])
@pytest.mark.parametrize("path", ["/kiosk/check-in", "/staff/check-in"])
def test_a_name_that_is_no_text_is_refused(practice: Practice, path: str, name: object) -> None:
    answer = practice.client.post(path, json={"service": "doctor", "request": "1", "name": name})
    assert answer.status_code == 422
    same_shape(answer, "not_text", "name")
    assert not practice.desk.line.visits


@pytest.mark.parametrize("wrong", [[], {}, "x", "-1", -1, 1.5, True, "1e3", "٣", 10**15, "9" * 5000])
@pytest.mark.parametrize(("path", "field"), [("/staff/pause-room", "minutes"), ("/staff/undo", "seq")])
def test_a_number_of_the_wrong_kind_is_named(practice: Practice, path: str, field: str, wrong: object) -> None:
    before = practice.desk.line
    answer = practice.client.post(path, json={**SOMEBODY[path], field: wrong})
    assert answer.status_code == 422
    same_shape(answer, "not_a_number", field)
    assert practice.desk.line == before


@pytest.mark.parametrize("rooms", ["room-1", 5, {}, {"room-1": True}, True, [1], [None], [["room-1"]], ["\ud800"]])
def test_rooms_of_the_wrong_kind_open_no_day(practice: Practice, rooms: object) -> None:
    practice.does("close-day")
    answer = practice.client.post("/staff/open-day", data=json.dumps({"rooms": rooms}), content_type="application/json")
    assert answer.status_code == 422
    same_shape(answer, "not_a_choice", "rooms")
    assert practice.desk.line.opened_at is None


@pytest.mark.parametrize("told", ["ana", 5, {}, True, [5], [None], [["ana"]]])
def test_people_told_of_the_wrong_kind_close_no_day(practice: Practice, told: object) -> None:
    answer = practice.client.post("/staff/close-day", json={"confirm": True, "told": told})
    assert answer.status_code == 422
    same_shape(answer, "not_text", "told")
    assert practice.desk.line.opened_at is not None


SET_UP = {"name": "Hill", "timezone": "UTC", "service-A": "Doctor", "minutes-A": "12", "room-0": "Room 1",
          "serves-0-A": "on", "tv_inches": "50", "tv_metres": "4"}  # fmt: skip


@pytest.mark.parametrize("wrong", [[], {}, 5, None, "\ud800", "\0", "nan", "inf", "x" * 5000, ["a"]])
def test_a_set_up_with_anything_in_any_field_is_never_our_fault(practice: Practice, wrong: object) -> None:
    more = ("id-A", "id-H", "room-id-0", "room-id-1", "language", "phone", "seating", "late_after", "walk_in_after",
            "px_per_mm", "names_on_tv", "service-H", "room-1")  # fmt: skip
    for field in (*SET_UP, *more):
        body = json.dumps({**SET_UP, field: wrong})
        answer = practice.client.post("/setup", data=body, content_type="application/json")
        assert answer.status_code in (303, 422), field
        if answer.status_code == 422:
            assert answer.json, field
            assert set(answer.json) == {"code", "message", "field"}
        for path in ("/staff", "/display", "/kiosk", "/display/sizes.css", "/kiosk/sizes.css", "/setup"):
            assert practice.client.get(path).status_code == 200, (field, path)
        ana = practice.arrives(service=practice.desk.line.setup.services[0].id)
        practice.does("leave", visit=ana["visit"])
