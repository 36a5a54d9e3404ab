"""The figures for Prometheus: who may read them, that they are true, and that nobody and nothing odd is in them."""

import gc
import logging
import os
import platform
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

import app as roof
import doors.guard
from app import create_app
from clinic.trust import Promise
from settings import Settings
from tests import faces
from tests.doors.house import QUICK, House, said, watch
from tests.faces import Opens, Practice

opens, practice = faces.opens, faces.practice

ENGINE = os.environ.get("KINDLINE_ASYNC", "").strip() or "threading"

Figures = dict[str, float]


def read(client: FlaskClient) -> Figures:
    """Every figure by its name and labels, as Prometheus reads them: `kindline_people{state=waiting}`."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for one in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(one.labels.items()))
            found[f"{one.name}{{{labels}}}" if labels else one.name] = one.value
    return found


def labels(figures: Figures) -> set[str]:
    return {name.partition("{")[2] for name in figures}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A clinic with its doors shut, behind one server of its own."""
    monkeypatch.setattr(doors.guard, "strong_hasher", lambda: QUICK)
    monkeypatch.setattr(roof, "local_zone", lambda: "UTC")
    app = create_app(Settings("127.0.0.1", data=tmp_path / "house", async_mode="threading", template="walk-in",
                              proxies=1, url="https://kindline.clinic.lan",
                              start=datetime(2026, 11, 24, 10, tzinfo=UTC)))  # fmt: skip
    yield House(app)
    app.extensions["desk"].close()


# --- who may read them ---

PASSED_ON = [
    {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-Proto": "http"}, {"x-forwarded-anything": ""}, {"Via": "1.1 proxy"},
    {"Forwarded": "for=127.0.0.1"}, {"X-Real-IP": "127.0.0.1"},
]  # fmt: skip


def test_a_program_on_this_computer_reads_them_without_signing_in(house: House) -> None:
    assert read(house.client())["kindline_day_open"] == 1


@pytest.mark.parametrize("line", PASSED_ON, ids=lambda line: next(iter(line)))
def test_what_a_server_passes_on_reads_none(house: House, line: dict[str, str]) -> None:
    answer = house.client().get("/metrics", headers=line)
    assert (answer.status_code, "kindline_" in answer.text) == (404, False)
    assert "storage" not in (house.client().get("/healthz", headers=line).json or {})


@pytest.mark.parametrize("address", ["192.168.1.20", "10.0.0.1", "fe80::1", "", "127.0.0.1.example"])
def test_another_computer_reads_none_not_even_a_manager(house: House, address: str) -> None:
    for client in (house.client(address), house.manager):
        client.environ_base["REMOTE_ADDR"] = address
        answer, unknown = (client.get(path, headers={"Accept": "application/json"}) for path in ("/metrics", "/none"))
        assert (answer.status_code, answer.json) == (unknown.status_code, unknown.json)
        assert said(answer)["code"] == "not_found"
    assert set(house.client(address).get("/healthz").json or {}) == {"ok", "version", "seq"}


@pytest.mark.parametrize(
    ("name", "status"),
    [("localhost", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("kindline.clinic.lan", 404), ("[", 400)],
)
def test_a_server_that_only_passes_on_our_name_reads_none(house: House, name: str, status: int) -> None:
    assert house.client().get("/metrics", headers={"Host": name}).status_code == status


def test_open_doors_open_them_to_nobody_else(practice: Practice) -> None:
    assert practice.client.get("/metrics").status_code == 200
    assert practice.client.get("/metrics", headers={"Via": "1.1 proxy"}).status_code == 404


def test_they_are_there_before_the_first_manager_is(opens: Opens, tmp_path: Path) -> None:
    app = create_app(Settings("127.0.0.1", data=tmp_path / "new", async_mode="threading"))
    client = app.test_client()
    assert client.get("/metrics").status_code == client.get("/healthz").status_code == 200
    client.environ_base["REMOTE_ADDR"] = "192.168.1.20"
    assert client.get("/metrics").status_code == client.get("/not-there").status_code == 403
    app.extensions["desk"].close()


# --- that they are true ---


def test_the_line_is_counted_as_the_desk_has_it(practice: Practice) -> None:
    assert "kindline_promises_kept_percent" not in read(practice.client), "nobody was promised anything yet"
    ana, _ben, _cem = (practice.arrives(name) for name in ("Ana", "Ben", "Cem"))
    practice.calls(ana)

    found = read(practice.client)
    assert found["kindline_seq"] == practice.desk.line.seq
    assert found["kindline_people{state=waiting}"] == found["kindline_waiting{service=doctor}"] == 2
    assert found["kindline_people{state=called}"] == 1
    assert found["kindline_waiting{service=nurse}"] == 0


def test_promises_are_the_ones_of_our_word(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    now = practice.clock.now()
    some = [Promise(str(n), "doctor", now, now, now, how="inside" if n < 3 else "later") for n in range(4)]
    monkeypatch.setattr(practice.desk, "promises", lambda: some)

    found = read(practice.client)
    assert found["kindline_promises_kept_percent"] == 75
    assert found["kindline_promises{how=later}"] == 1


def test_requests_are_counted_by_page_and_by_how_they_went(practice: Practice) -> None:
    practice.client.get("/kiosk")
    practice.client.get("/kiosk")
    practice.client.post("/staff/call", json={"visit": "none", "room": "none"})

    found = read(practice.client)
    assert found["kindline_requests_total{endpoint=kiosk.start,status=2xx}"] == 2
    assert found["kindline_requests_total{endpoint=staff.command,status=4xx}"] == 1
    assert found["kindline_request_seconds_count{endpoint=kiosk.start}"] == 2
    assert found["kindline_request_seconds_sum{endpoint=kiosk.start}"] > 0


def test_pushes_sockets_and_watchers_are_counted_by_the_kind_of_the_screen(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    for key in ("display/main/en", "display/main/es", f"phone/{_secret(practice, ana)}/en"):
        assert "html" in watch(practice.app.extensions["socketio"].test_client(practice.app), key)
    practice.arrives("Ben")
    practice.live.push()

    found = read(practice.client)
    assert found["kindline_watchers{screen=display}"] == 2
    assert found["kindline_watchers{screen=phone}"] == 1
    assert found["kindline_push_render_seconds_count{screen=display}"] == 2
    assert found["kindline_push_emit_seconds_count{screen=display}"] == 2
    assert found["kindline_sockets"] >= 0
    assert not any(_secret(practice, ana) in name for name in found)


def _secret(practice: Practice, visit: object) -> str:
    return practice.phone(visit).rsplit("/", 1)[1]  # type: ignore[arg-type]


def test_the_computer_is_looked_at(practice: Practice) -> None:
    folder = practice.desk.store.folder
    practice.app.extensions["upkeep"].alarm("full")

    found = read(practice.client)
    assert found["kindline_file_bytes{file=database}"] == (folder / "kindline.db").stat().st_size
    assert found["kindline_disk_free_bytes"] > 0
    assert found["kindline_alarm{kind=full}"] == 1
    assert found["kindline_alarm{kind=busy}"] == 0
    assert found["kindline_well{part=storage}"] == 1
    assert found["process_open_fds"] > 2
    assert found["process_resident_memory_bytes"] > 1e6
    assert found["kindline_threads"] >= 1
    about = f"engine={ENGINE},python={platform.python_version()},version={roof.__version__}"
    assert found[f"kindline_info{{{about}}}"] == 1


def test_the_last_good_backup_is_a_figure(practice: Practice, tmp_path: Path) -> None:
    assert read(practice.client)["kindline_backup_time_seconds"] == 0  # none is made before the clinic serves

    watching, last = practice.app.extensions["watching"], tmp_path / "backup.db"
    last.write_bytes(b"x" * 4096)
    for backup, figures in (
        (None, (0, 0)),
        ((datetime(2026, 11, 24, tzinfo=UTC), last), (1795478400, 4096)),
        ((datetime(2026, 11, 24, tzinfo=UTC), tmp_path / "gone.db"), (1795478400, 0)),
    ):
        watching.backup = lambda backup=backup: backup
        found = read(practice.client)
        assert (found["kindline_backup_time_seconds"], found["kindline_backup_bytes"]) == figures


def test_collections_of_garbage_take_time_that_is_counted(practice: Practice) -> None:
    watching = practice.app.extensions["watching"]
    watching.listen_to_garbage()
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(watching._collected)

    found = read(practice.client)
    assert found["kindline_garbage_collections_total"] >= 1
    assert 0 < found["kindline_garbage_longest_seconds"] <= found["kindline_garbage_seconds_total"]


def test_each_clinic_in_a_process_has_its_own(opens: Opens) -> None:
    one, two = opens(), opens()
    one.client.get("/kiosk")

    assert "kindline_requests_total{endpoint=kiosk.start,status=2xx}" in read(one.client)
    assert "kindline_requests_total{endpoint=kiosk.start,status=2xx}" not in read(two.client)


# --- that nobody and nothing odd is in them ---


def test_no_figure_holds_a_name_a_birthday_or_a_reason(practice: Practice) -> None:
    name = "Canary-7F3A"
    practice.arrives(name)
    practice.client.post("/staff/check-in", json={"service": "doctor", "name": name, "request": uuid4().hex})
    practice.client.post("/staff/check-in", json={"service": name, "name": name, "request": "1931-04-05"})
    practice.client.post("/kiosk/find", json={"day": 5, "month": 4, "letter": "C", "year": 1931})
    practice.client.get(f"/staff/visit/{name}?reason=zz-reason", headers={"User-Agent": name, "Referer": f"/{name}"})
    practice.live.push()

    practice.client.get("/metrics")
    # Without the values: any digits may stand in those.
    text = " ".join([*read(practice.client), *re.findall("# .*", practice.client.get("/metrics").text)]).lower()
    assert "kindline_people" in text
    assert [one for one in ("canary", "1931", "zz-reason", "04-05") if one in text] == []


def test_a_stranger_makes_no_new_label(house: House, practice: Practice) -> None:
    client = practice.client
    client.get("/not-there")
    known = labels(read(client))
    for number in range(30):
        client.get(f"/not-there-{number}")
        client.get(f"/t/{uuid4().hex}")
        client.open("/kiosk", method=f"ODD{number}")
        client.open("/not-there", method=f"ODD{number}")
        client.get("/kiosk", headers={"Host": f"odd-{number}.example"})
        client.get("/kiosk", headers={"X-Forwarded-For": f"192.0.2.{number}", "Accept-Language": f"x{number}"})
        socket = practice.app.extensions["socketio"].test_client(practice.app)
        watch(socket, f"odd-{number}/main/en")
        watch(socket, f"phone/{uuid4().hex}/en")
    practice.live.push()

    endpoints = {rule.endpoint for rule in practice.app.url_map.iter_rules()} | {"none"}
    new = {one for one in labels(read(client)) - known if "endpoint=" in one}
    assert labels(read(client)) - known == new
    assert {one.partition("endpoint=")[2].partition(",")[0].rstrip("}") for one in new} <= endpoints
    assert len({one for one in new if "status=" in one}) < 10


# --- what is worth a line ---


def test_a_slow_answer_and_one_of_trouble_are_worth_a_line_without_the_address(
    practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    watching = practice.app.extensions["watching"]
    watching.answered("staff.page", 200, 0.4)
    watching.answered("staff.page", 404, 0.4)
    watching.answered("staff.page", 500, 0.4)  # the fault itself has its line
    assert caplog.records == []

    watching.answered("staff.page", 200, 1.2)
    watching.answered("phone.follow", 503, 0.01)
    assert [(one.message, one.fields) for one in caplog.records] == [  # type: ignore[attr-defined]  # ours
        ("A slow answer", {"endpoint": "staff.page", "status": 200, "ms": 1200}),
        ("An answer of trouble", {"endpoint": "phone.follow", "status": 503, "ms": 10}),
    ]


def test_a_disk_in_trouble_is_not_filled_with_lines(practice: Practice, caplog: pytest.LogCaptureFixture) -> None:
    watching = practice.app.extensions["watching"]
    for _ in range(100):
        watching.answered("staff.page", 503, 0.01)

    assert len(caplog.records) == 5


def test_a_day_that_opens_or_closes_is_worth_a_line_and_a_visit_is_none(
    practice: Practice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    practice.client.get("/kiosk")
    practice.does("close-day", confirm=True)
    practice.does("open-day", rooms=["room-1"])
    practice.arrives("Ana")

    assert [one.message for one in caplog.records if one.name == "kindline.news"] == [
        "The day is closed",
        "The day is open",
    ]
