"""The canary (TRUST A16, EXPERIENCE X7): people with unmistakable names check in at the tablet, at the desk and by a
list. Then everything is searched that any role is sent: they are found where this file says, and nowhere else.
"""

import html
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
import segno
from werkzeug.test import TestResponse

import app as roof
import doors.guard
from doors import table
from settings import Settings
from tests.doors.house import QUICK, House, watch

NAMES = {"tablet": "Canary-7F3A", "desk": "Canary-5D1E", "list": "Canary-9B2C", "called": "Canary-1A4F",
         "left": "Canary-3C8D", "contact": "Canary-Mail"}  # fmt: skip
"""Who checked in where; `called` wants to be called by name and has a question, `left` went home unseen; `contact`:
how to reach somebody who said something.
"""

LIST = """Appt ID,Appointment Date,Start Time,Patient Name,DOB,MRN,Appt Type,Reason,Phone
90012,2026-11-24,10:10,"Canary-9B2C, Zoe",1931-04-05,zz-mrn,Doctor,zz-reason,555-0199
"""
# The year as a word: a random secret may spell it.
BIRTHDAY = re.compile(r"\b1931\b|\b05[./-]04\b|\b04[./-]05\b|april|abril|أبريل", re.IGNORECASE)
NEVER = re.compile(r"zz-reason|zz-mrn|555-?0199", re.IGNORECASE)
"""What a list holds and we do not keep, or show nobody."""

LINE, DESK = table.LINE, table.DESK

HERE = {"tablet", "desk", "called"}

SHOWN: dict[str, tuple[frozenset[str], set[str]]] = {
    "staff.page": (LINE, HERE),
    "staff.line_json": (LINE, HERE | {"left"}),
    "staff.visit_form": (LINE, HERE | {"left"}),
    "staff.day_form": (LINE, HERE | {"list"}),
    "staff.question": (LINE, {"called"}),
    "staff.follow_ups": (LINE, {"left", "contact"}),
    "staff.privacy": (LINE, {"left"}),
    "appointments.page": (LINE, {"list"}),
    "appointments.as_csv": (DESK, {"list"}),
    "appointments.as_json": (DESK, {"list"}),
    "appointments.invitation": (DESK, {"list"}),
    "appointments.paper_page": (DESK, HERE | {"list"}),
    "lists.look": (DESK, {"list"}),
}
"""Every page that holds a name: which roles get it, and whose names these are."""

SHOWN_LIVE: dict[str, tuple[frozenset[str], set[str]]] = {
    "staff/main/": (LINE, HERE),
    "staff/what-if/": (LINE, HERE),
    "staff/appointments": (LINE, {"list"}),
    "staff/paper/": (DESK, HERE | {"list"}),
}
"""The same of the live screens."""

BORN = {"lists.look"}
"""Pages that hold the day somebody was born on: before a list comes in, staff see what was read."""


@dataclass
class Clinic:
    """A clinic in which the canaries are, and what its addresses and live screens are made of."""

    house: House
    values: dict[str, list[str]]
    secrets: list[str]
    drawn: list[str]
    answers: list[tuple[str, TestResponse]] = field(default_factory=list)

    def find(self, text: str) -> set[str]:
        """Whose names are in this."""
        text = unquote(html.unescape(text)).casefold()
        return {who for who, name in NAMES.items() if name.casefold() in text}


@contextmanager
def drawn_codes(found: list[str]) -> Iterator[None]:
    """Every QR code that is drawn meanwhile, by what is in it."""
    make = segno.make
    with pytest.MonkeyPatch.context() as patch:

        def noted(text: str, **more: Any) -> Any:
            found.append(text)
            return make(text, **more)

        patch.setattr(segno, "make", noted)
        yield


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The canaries come in, everywhere where people can."""
    settings = Settings("127.0.0.1", data=tmp_path_factory.mktemp("canary") / "house", async_mode="threading",
                        template="walk-in", start=datetime(2026, 11, 24, 10, tzinfo=UTC))  # fmt: skip
    drawn: list[str] = []
    with pytest.MonkeyPatch.context() as patch, drawn_codes(drawn):
        patch.setattr(doors.guard, "strong_hasher", lambda: QUICK)
        patch.setattr(roof, "local_zone", lambda: "UTC")
        house = House(roof.create_app(settings))
        yield come_in(house, drawn)
        house.app.extensions["desk"].close()


def come_in(house: House, drawn: list[str]) -> Clinic:
    desk, staff, answers = house.app.extensions["desk"], house.manager, []

    def done(what: str, answer: TestResponse, status: int = 201) -> Any:
        assert answer.status_code == status, (what, answer.text)
        answers.append((what, answer))
        return answer.json

    tablet = house.as_role("tablet")
    wishes = {"service": "doctor", "name": NAMES["tablet"], "request": uuid4().hex, "wheelchair": "on"}
    done("kiosk.arrive", tablet.post("/kiosk/check-in", data=wishes), 200)
    done(
        "kiosk.arrive",
        tablet.post(
            "/kiosk/check-in", json={**wishes, "name": NAMES["called"], "call_me": "name", "request": uuid4().hex}
        ),
    )
    at_desk = {"service": "nurse", "name": NAMES["desk"], "request": uuid4().hex}
    done("staff.arrive", staff.post("/staff/check-in", json=at_desk))
    listed = {"file": (BytesIO(LIST.encode()), "list.csv")}
    looked = done("lists.take", staff.post("/staff/appointments", data=listed, headers={"Accept": "text/html"}), 303)
    assert looked is None
    upload = re.search(r"list/(\w+)", answers[-1][1].headers["Location"])
    assert upload
    program = house.as_role("program")
    report = done("lists.take", program.post("/staff/appointments", data=LIST, content_type="text/csv",
                                             headers={"Accept": "application/json"}), 200)  # fmt: skip
    assert (report["added"], report["refused"]) == (1, []), report
    found = done("kiosk.look_up", tablet.post("/kiosk/find", json={"day": 5, "month": 4, "letter": "C"}), 200)
    assert found["outcome"] == "matched"
    done("kiosk.look_up", tablet.post("/kiosk/find", data={"day": "5", "month": "4", "letter": "C"}), 200)

    # Somebody was seen, and says something that asks for an answer.
    gone = done("staff.arrive", staff.post("/staff/check-in", json={"service": "doctor", "request": uuid4().hex}))
    for command, more in (("call", {"room": "room-2"}), ("start", {}), ("finish", {})):
        done(f"staff.{command}", staff.post(f"/staff/{command}", json={"visit": gone["visit"], **more}), 200)
    link = gone["url"].rpartition("/")[2]
    said = {"rating": "poor", "asks": "yes", "contact": NAMES["contact"], "comment": "We waited long."}
    done("phone.give", house.client().post(f"/t/{link}/feedback", data=said), 303)

    left = done(
        "staff.arrive", staff.post("/staff/check-in", json={**at_desk, "name": NAMES["left"], "request": uuid4().hex})
    )
    done("staff.leave", staff.post("/staff/leave", json={"visit": left["visit"]}), 200)
    called = next(answer.text for what, answer in answers if answer.is_json and what == "kiosk.arrive")
    phone = json.loads(called)["url"].rpartition("/")[2]
    done("phone.ask_help", house.client().post(f"/t/{phone}/help", data={"about": "next", "request": uuid4().hex}), 303)

    visits = [visit.id for visit in desk.line.visits.values()]
    links = desk.links
    values = {
        "visit_id": visits, "visit": visits, "room_id": ["room-1"], "service_id": ["doctor"], "clinician_id": ["none"],
        "help_id": list(desk.line.helps), "upload_id": [upload[1]], "filename": ["base.css"], "command": ["undo"],
    }  # fmt: skip
    return Clinic(house, values, [links.secret(one) for one in visits], drawn, answers)


def addresses(clinic: Clinic, rule: Any) -> list[str]:
    """What can be asked for at this rule: with every visit, and with every secret."""
    if not rule.arguments:
        return [str(rule.rule)]
    (name,) = rule.arguments
    companions = [clinic.house.app.extensions["desk"].links.companion(one) for one in clinic.values["visit"]]
    secrets = companions if rule.endpoint == "companion.follow" else clinic.secrets
    values = secrets if name == "secret" else clinic.values[name]
    built = (rule.build({name: value}, append_unknown=False) for value in values)
    return [one[1] for one in built if one]


def names_a_person(clinic: Clinic, text: str) -> bool:
    return bool(clinic.find(text) or BIRTHDAY.search(text) or NEVER.search(text))


def outside(clinic: Clinic, answer: TestResponse) -> list[str]:
    """What of this answer holds a name in a place that others keep: an address, a title, a header."""
    kept = [value for name, value in answer.headers if name != "Content-Security-Policy"]
    page = answer.get_data(as_text=True) if answer.mimetype in ("text/html", "application/json") else ""
    kept += re.findall(r"""(?:href|src|action|formaction)=["']([^"']*)""", page)
    kept += re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
    kept += re.findall(r'data-key="([^"]*)"', page)
    return [one for one in kept if names_a_person(clinic, unquote(one))]


@pytest.mark.parametrize("role", sorted(table.EVERYONE))
def test_a_role_reads_the_names_that_are_listed_here_and_no_other(clinic: Clinic, role: str) -> None:
    client = clinic.house.as_role(role)
    found: dict[str, set[str]] = {}
    for rule in clinic.house.app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        for path in addresses(clinic, rule):
            answer = client.get(path)
            assert answer.status_code < 500, path
            text = answer.get_data(as_text=True)
            if rule.endpoint == "metrics":
                text = re.sub(r" \S+$", "", text, flags=re.MULTILINE)  # any digits may be in a figure
            found[rule.endpoint] = found.get(rule.endpoint, set()) | clinic.find(text)
            born = set(BIRTHDAY.findall(text)) - ({"April"} if rule.endpoint in BORN else set())
            assert not born, (path, born)
            assert not NEVER.search(text), (path, NEVER.search(text))
            assert outside(clinic, answer) == [], path

    may = {endpoint: whose for endpoint, (roles, whose) in SHOWN.items() if role in roles}
    assert {endpoint: whose for endpoint, whose in found.items() if whose} == may


@pytest.mark.parametrize("role", sorted(table.EVERYONE))
def test_a_role_is_sent_the_names_that_are_listed_here_and_no_other(clinic: Clinic, role: str) -> None:
    live, desk = clinic.house.app.extensions["live"], clinic.house.app.extensions["desk"]
    client = clinic.house.as_role(role)
    keys = [
        *("display/main/en", "display/large/es", "kiosk/start-normal/en", "kiosk/services-large/ar"),
        *("staff/main/en", "staff/what-if/en", "staff/trust/en", "staff/screens/en", "staff/appointments/en"),
        *("staff/appointments-2/en", "staff/paper/en", "staff/locked/en"),
        *(f"{screen}/{secret}/en" for screen in ("phone", "ticket") for secret in clinic.secrets),
        *(f"companion/{desk.links.companion(one)}/en" for one in clinic.values["visit"]),
    ]
    assert {start for start in table.SCREENS if any(key.startswith(start) for key in keys)} == set(table.SCREENS) - {
        "help/", "staff/import-"}  # fmt: skip
    sockets = {key: clinic.house.watcher(client) for key in keys}
    found: dict[str, set[str]] = {}
    for key, socket in sockets.items():
        found[key] = clinic.find(str(watch(socket, key)))
        assert not BIRTHDAY.search(str(found))
        assert not NEVER.search(str(found))
    live._sent.clear()
    live.push()
    for key, socket in sockets.items():
        frames = str(socket.get_received())
        found[key] |= clinic.find(frames)
        assert not BIRTHDAY.search(frames)
        assert not NEVER.search(frames)
        socket.disconnect()

    for key, whose in found.items():
        roles, shown = SHOWN_LIVE.get(table.beginning(key, SHOWN_LIVE), (frozenset(), set()))
        assert whose == (shown if role in roles else set()), (role, key)


def test_what_was_answered_on_the_way_in_names_nobody_to_others(clinic: Clinic) -> None:
    for what, answer in clinic.answers:
        assert clinic.find(answer.get_data(as_text=True)) == set(), what
        assert outside(clinic, answer) == [], what


def test_whatever_shows_a_name_is_in_the_audit() -> None:
    assert set(SHOWN) <= set(table.NAMED)
    assert set(SHOWN_LIVE) <= set(table.NAMED_SCREENS)


def test_our_own_page_is_answered_only_with_a_screen_it_may_watch(clinic: Clinic) -> None:
    clinician = clinic.house.as_role("clinician")
    for key in ("staff/paper/en", "staff/screens/en", f"staff/import-{clinic.values['upload_id'][0]}/en"):
        answer = clinician.post("/staff/take-help", json={"help": "none"}, headers={"X-Kindline-Screen": key})
        assert "screen" not in (answer.json or {}), key
        answer = clinician.post("/staff/test-call", json={}, headers={"X-Kindline-Screen": key})
        assert answer.status_code == 403
        done = clinician.post("/staff/note-delay", json={"reason": "emergency", "minutes": 15, "request": uuid4().hex},
                              headers={"X-Kindline-Screen": key})  # fmt: skip
        assert clinic.find(done.text) == set(), key
        assert "screen" not in (done.json or {}), key


def test_no_qr_code_address_file_name_or_row_of_the_audit_names_anybody(clinic: Clinic) -> None:
    folder: Path = clinic.house.app.extensions["desk"].store.folder

    assert len(clinic.drawn) > 3
    assert [text for text in clinic.drawn if names_a_person(clinic, text)] == []
    assert [path.name for path in folder.rglob("*") if names_a_person(clinic, path.name)] == []
    rows = list(clinic.house.doors.audit.every(doors.audit.Search()))
    assert len(rows) > 50
    assert [row for row in rows if clinic.find(f"{row.what} {row.about}") or NEVER.search(row.about)] == []


def test_neither_log_nor_trouble_names_anybody(
    clinic: Clinic, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    name, manager = NAMES["tablet"], clinic.house.manager
    pages = [
        manager.post("/staff/check-in", json={"service": "none", "name": name, "request": uuid4().hex}),
        manager.post("/staff/check-in", data={"service": "none", "name": name}),
        manager.post("/staff/call", json={"visit": name, "room": name}),
        manager.get("/staff/visit/none"),
        manager.get("/staff/not-there"),
        clinic.house.client().get("/healthz"),
        clinic.house.client().get("/t/none"),
        clinic.house.as_role("tablet").post("/kiosk/check-in", data={"service": "none", "name": name}),
    ]
    assert {page.status_code for page in pages} >= {200, 404, 422}
    assert [page.text for page in pages if clinic.find(page.text)] == []
    written = caplog.text + "".join(capfd.readouterr())
    assert not names_a_person(clinic, written), written
