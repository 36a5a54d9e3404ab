"""The disk under the clinic, as people see it: a sentence for who checks in, an alarm for staff, then all is well."""

from types import SimpleNamespace
from typing import Any

import pytest

from clinic.store import Unavailable
from tests.clinic.test_durable import FullDisk
from tests.clinic.test_trouble import a_full_disk, write_much
from tests.faces import Page, say


def test_a_full_disk_is_told_to_staff_until_there_is_room(
    app: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, upkeep = app.extensions["desk"].store, app.extensions["upkeep"]
    asked = {"service": "doctor", "request": "r1"}
    with a_full_disk(store), monkeypatch.context() as change:
        # One number in a page that is there finds room even then.
        change.setattr(store, "alive", lambda: False)
        with pytest.raises(Unavailable, match="full"):
            write_much(store)
        upkeep.look()
        console, tv = client.get("/staff").text, client.get("/display")

    assert 'id="alarm-full" role="alert"' in console
    assert "The disk is full: nothing has been saved since" in console
    assert tv.status_code == 200
    assert client.post("/kiosk/check-in", json=asked).status_code == 201
    for task in upkeep._tasks:
        task.due = 0.0
    upkeep.look()
    assert "alarm-full" not in client.get("/staff").text


def test_who_checks_in_while_nothing_can_be_saved_reads_what_to_do(
    app: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        FullDisk(broken)
        said = client.post("/kiosk/check-in", json={"service": "doctor", "request": "r2"})

    assert said.status_code == 503
    assert said.json["code"] == "unavailable"
    assert "Come to the desk" in said.json["message"]
    assert client.post("/kiosk/check-in", json={"service": "doctor", "request": "r2"}).status_code == 201


def test_who_typed_a_name_while_nothing_can_be_saved_sends_it_again_with_one_tap(
    app: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {"service": "doctor", "request": "r3", "name": 'Ana "A" <Sol>', "language": "ar", "call_me": "number"}
    with monkeypatch.context() as broken:
        FullDisk(broken)
        said = client.post("/kiosk/check-in", data=typed)

    assert said.status_code == 503
    page = Page(said.text)
    assert say("Sorry, this is our fault.", "ar") in said.text
    (form,) = page.every("form", action="/kiosk/check-in", method="post")
    sent = {field.get("name"): field.get("value") for field in form.iter("input")}
    assert sent == {**typed, "life": app.extensions["desk"].life}
    assert client.post("/kiosk/check-in", data=sent).status_code == 200
    client.post("/kiosk/check-in", data=sent)
    desk = app.extensions["desk"]
    assert list(desk.names(desk.line.visits).values()) == ['Ana "A" <Sol>']


def test_what_staff_sent_while_nothing_can_be_saved_is_not_in_the_page_that_says_so(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        FullDisk(broken)
        said = client.post("/staff/check-in", data={"service": "doctor", "request": "r4"})

    assert said.status_code == 503
    assert "/staff/check-in" not in said.text


def test_staff_read_of_a_full_disk_once(app: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store, upkeep = app.extensions["desk"].store, app.extensions["upkeep"]
    left = SimpleNamespace(free=123_000_000)
    monkeypatch.setattr("storage.shutil.disk_usage", lambda _folder: left)
    upkeep.look()
    assert "alarm-little_room" in client.get("/staff").text

    left.free = 0
    with a_full_disk(store), pytest.raises(Unavailable):
        write_much(store)
    for task in upkeep._tasks:
        task.due = 0.0
    upkeep.look()

    stands = {one.kind for one in upkeep.alarms()}
    assert "full" in stands
    assert "little_room" not in stands


def test_staff_are_told_before_the_disk_is_full(app: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    left = type("Usage", (), {"free": 123_000_000})
    monkeypatch.setattr("storage.shutil.disk_usage", lambda _folder: left)
    app.extensions["upkeep"].look()

    assert "123 MB are left" in client.get("/staff").text


def test_of_several_alarms_the_worst_stands_first(app: Any, client: Any) -> None:
    upkeep = app.extensions["upkeep"]
    for kind, values in (("no_room", {}), ("little_room", {"left": 9}), ("full", {})):
        upkeep.alarm(kind, **values)

    console = client.get("/staff").text

    places = [console.index(f'id="alarm-{kind}"') for kind in ("full", "no_room", "little_room")]
    assert places == sorted(places)
