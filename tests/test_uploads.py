"""Large bodies, to the real server with either engine: the list's route alone takes them, up to a bound, and kindly."""

import http.client
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from clinic.lists import LARGEST
from tests import faces
from tests.browser.server import Clinic
from tests.faces import Practice, say

opens, practice = faces.opens, faces.practice

MEGABYTE = 1024 * 1024
TOO_LARGE = say("This list is larger than %(limit)s MB. Export fewer days and try again.", limit=16)
HEAD = b"id,date,time,service,name\r\n"


@pytest.fixture(scope="module", params=["threading", "eventlet"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic on a server of this engine."""
    folder = tmp_path_factory.mktemp(f"served-{request.param}")
    clinic = Clinic(folder, ASYNC=request.param, START="2026-11-24T09:00").start()
    yield clinic
    clinic.stop()


def asked(clinic: Clinic, body: Any, kind: str, chunked: bool = False) -> tuple[int, dict[str, Any]]:
    """Send this list as a program does; the body may be pieces, one after another."""
    connection = http.client.HTTPConnection("127.0.0.1", clinic.port, timeout=60)
    try:
        connection.request("POST", "/staff/appointments", body, {"Content-Type": kind}, encode_chunked=chunked)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def form(data: bytes) -> tuple[bytes, str]:
    """This list in a form, as a browser sends it."""
    line = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"  # of a browser's length: Werkzeug keeps back what may begin with it
    part = b'--%b\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n' % line
    return part + data + b"\r\n--%b--\r\n" % line, f"multipart/form-data; boundary={line.decode()}"


def bundle(people: int) -> bytes:
    entries = [
        {"resource": {"resourceType": "Appointment", "id": str(n), "status": "booked", "minutesDuration": 15,
                      "start": "2026-11-24T10:00:00Z", "serviceType": [{"text": "Doctor"}]}}
        for n in range(people)
    ]  # fmt: skip
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


def test_a_list_beyond_the_usual_bound_comes_in_as_a_form_and_as_json(served: Clinic) -> None:
    rows = HEAD + b"".join(b"f%d,2026-11-24,10:00,Doctor,Person %d\r\n" % (n, n) for n in range(2000))
    assert len(rows) > 64 * 1024
    status, said = asked(served, *form(rows))
    assert (status, said["added"], said["refused"]) == (200, 2000, [])

    body = bundle(500)
    assert len(body) > 64 * 1024
    status, said = asked(served, body, "application/fhir+json")
    assert (status, said["added"]) == (200, 500)


def test_a_list_without_a_stated_length_comes_in(served: Clinic) -> None:
    body = bundle(500)
    pieces = (body[at : at + 10_000] for at in range(0, len(body), 10_000))
    status, said = asked(served, pieces, "application/json")
    assert (status, said["added"] + said["unchanged"]) == (200, 500)


@pytest.mark.parametrize("how", ["form", "json", "no length"])
def test_a_hundred_megabytes_are_refused_with_a_sentence_while_others_are_answered(served: Clinic, how: str) -> None:
    piece = b"x" * MEGABYTE
    refused: list[tuple[int, dict[str, Any]]] = []

    def send() -> None:
        if how == "no length":
            refused.append(asked(served, (piece for _ in range(100)), "application/json"))
        elif how == "form":
            refused.append(asked(served, *form(piece * 100)))
        else:
            refused.append(asked(served, piece * 100, "application/json"))

    sending = threading.Thread(target=send)
    sending.start()
    slowest = 0.0
    while sending.is_alive():
        began = time.monotonic()
        served.check_in()
        slowest = max(slowest, time.monotonic() - began)
        sending.join(0.2)

    assert [(status, said["message"]) for status, said in refused] == [(413, TOO_LARGE)]
    assert slowest < 5


def test_who_says_a_hundred_megabytes_and_hangs_up_troubles_nobody(served: Clinic) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as rude:
        head = f"POST /staff/appointments HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n"
        rude.sendall(
            f"{head}Content-Type: application/json\r\nContent-Length: {100 * MEGABYTE}\r\n\r\n".encode()
            + b"x" * MEGABYTE
        )
    assert served.check_in()["ticket"]


def test_a_list_just_within_the_bound_is_read(served: Clinic) -> None:
    status, said = asked(served, *form(HEAD + b" " * (LARGEST - len(HEAD))))
    assert status in (200, 422), said
    assert said.get("code") != "list_too_large"


READ_NOTHING = ("doors.sign_out", "doors.lock", "doors.awake")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data"])
def test_no_other_route_takes_large_bodies(practice: Practice, kind: str) -> None:
    large = b'{"a": "' + b"x" * 100_000 + b'"}'
    if kind == "multipart/form-data":
        large, kind = form(large)
    routes = [rule for rule in practice.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    asked_of = []
    for rule in routes:
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<{name}>", uuid.uuid4().hex)
        if path == "/staff/appointments" or "<" in path or rule.endpoint in READ_NOTHING:
            continue
        answer = practice.client.post(path, data=large, content_type=kind, headers={"Accept": "application/json"})
        # 409: the list is gone, and what was sent with it is not even read.
        assert answer.status_code in (404, 409, 413), f"{path} answered {answer.status_code}"
        asked_of += [path] if answer.status_code == 413 else []
    assert {"/kiosk/check-in", "/staff/check-in", "/setup"} <= set(asked_of)
