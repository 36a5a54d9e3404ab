"""Lists of appointments for the tests of the staff's pages: as other systems write them, for the day of `Practice`."""

import io
import time
from typing import Any

from tests.faces import Page, Practice

HEAD = "Appointment ID,Date,Time,Minutes,Service,Clinician,Patient Name,Date of Birth,Needs"

BROWSER = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Site": "same-origin"}
"""What tells a person's browser from a program."""


def row(number: int, at: str = "10:20", name: str = "Maya Okafor", day: str = "2026-11-23", **more: str) -> str:
    """One line; more: service, clinician, born, needs."""
    cells = {"service": "Doctor", "clinician": "Dr Ruiz", "born": "1984-03-27", "needs": "", **more}
    return f"{number},{day},{at},15,{cells['service']},{cells['clinician']},{name},{cells['born']},{cells['needs']}"


def as_list(*rows: str, head: str = HEAD) -> bytes:
    """These lines below the headers."""
    return "\r\n".join([head, *rows, ""]).encode()


def brings(practice: Practice, data: bytes, **fields: Any) -> dict[str, Any]:
    """A program brings this list in."""
    answer = practice.client.post("/staff/appointments", data={"file": (io.BytesIO(data), "list.csv"), **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def uploads(practice: Practice, data: bytes, **fields: Any) -> str:
    """A person chooses this file; the address of the page that shows it before anything changes."""
    answer = practice.client.post(
        "/staff/appointments", data={"file": (io.BytesIO(data), "list.csv"), **fields}, headers=BROWSER
    )
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def decides(practice: Practice, where: str, do: str = "bring", **changes: str | None) -> Page:
    """A person presses a button of the page at `where`, after these changes; the page that comes of it.

    None takes a field away, as an empty box does.
    """
    fields = {**chosen(practice.page(where)), **changes, "do": do}
    answer = practice.client.post(where, data={name: value for name, value in fields.items() if value is not None},
                                  headers=BROWSER)  # fmt: skip
    assert answer.status_code == 303, answer.text
    return practice.page(str(answer.location))


def brought_in(practice: Practice, where: str) -> Page:
    """The page at `where` once the list is in."""
    end = time.monotonic() + 10
    while True:
        page = practice.page(where)
        if page.find("to-list") is not None:
            return page
        assert time.monotonic() < end, "the list does not come in"
        time.sleep(0.01)  # the work goes on beside this test


def chosen(page: Page) -> dict[str, str]:
    """What the form on this page would send as it stands."""
    fields = {}
    for one in page.every("input"):
        kind = one.get("type", "text")
        if one.get("name") and (kind not in ("checkbox", "radio") or one.get("checked") is not None):
            fields[str(one.get("name"))] = one.get("value", "")
    for select in page.every("select"):
        marked = [option for option in select.iter("option") if option.get("selected") is not None]
        fields[str(select.get("name"))] = (marked or list(select.iter("option")))[0].get("value", "")
    return fields


def states(practice: Practice) -> dict[str, str]:
    """By name, what has become of everybody booked today."""
    return {one["name"]: one["state"] for one in practice.json("/staff/appointments.json")["appointments"]}


def booked(practice: Practice, name: str) -> dict[str, Any]:
    """The appointment of who has this name, as programs read it."""
    found = practice.json("/staff/appointments.json")["appointments"]
    return next(dict(one) for one in found if one["name"] == name)
