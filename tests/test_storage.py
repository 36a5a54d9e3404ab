"""The disk under the clinic, as people see it: a sentence for who checks in, an alarm for staff, then all is well."""

from typing import Any

import pytest

from clinic.store import Unavailable
from tests.clinic.test_durable import FullDisk
from tests.clinic.test_trouble import a_full_disk, write_much


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


def test_staff_are_told_before_the_disk_is_full(app: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    left = type("Usage", (), {"free": 123_000_000})
    monkeypatch.setattr("storage.shutil.disk_usage", lambda _folder: left)
    app.extensions["upkeep"].look()

    assert "123 MB are left" in client.get("/staff").text
