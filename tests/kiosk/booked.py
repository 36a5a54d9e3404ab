"""Words for the tests of appointments at the tablet: who is booked, and what the tablet is asked and sent."""

import uuid
from typing import Any

from clinic.appointments import Appointment
from tests.clinic.given import after
from tests.faces import Page, Practice

MAYA: dict[str, Any] = {"day": 27, "month": 3, "letter": "O"}


def book(practice: Practice, name: str = "Maya Okafor", at: float = 20, service: str = "doctor", **more: Any) -> None:
    """This person has an appointment so many minutes after nine; born on 27 March 1980 if nothing else is said."""
    values = {"birthday": (27, 3), "letters": name.split()[-1][0], "year": 1980, "id": f"{name} {at}", **more}
    practice.desk.bring_in([Appointment(start=after(at), service=service, name=name, **values)], "staff")


def find(practice: Practice, **fields: Any) -> dict[str, Any]:
    """What a program is answered that looks for somebody."""
    answer = practice.client.post("/kiosk/find", json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def looks(practice: Practice, status: int = 200, **fields: Any) -> Page:
    """The page that a person sees who looks for their appointment."""
    answer = practice.client.post("/kiosk/find", data=fields)
    assert answer.status_code == status, answer.text
    return Page(answer.text)


def code_of(practice: Practice, name: str = "Maya Okafor") -> str:
    """The code on this person's invitation."""
    found = next(one.id for one in practice.desk.bookings() if one.name == name)
    return practice.desk.links.invitation(found)


def check_in(practice: Practice, token: str, status: int = 201, **more: Any) -> dict[str, Any]:
    """A program checks in for what was found."""
    fields = {"token": token, "request": uuid.uuid4().hex, **more}
    answer = practice.client.post("/kiosk/check-in", json=fields)
    assert answer.status_code == status, answer.text
    return dict(answer.json or {})


def fields_of(page: Page, button: str) -> tuple[str, str, dict[str, str]]:
    """Where the form of this button goes, by which method, and what it carries."""
    pressed = page.find(button)
    assert pressed is not None, f"nothing here is called {button}"
    name = pressed.get("form")
    forms = (one for one in page.every("form") if any(inner.get("id") == button for inner in one.iter()))
    form = page.find(name) if name else next(forms)
    assert form is not None
    chosen = (
        one for one in form.iter("input") if one.get("type") not in ("radio", "checkbox") or "checked" in one.attrib
    )
    values = {one.get("name", ""): one.get("value", "") for one in chosen if one.get("name")}
    return pressed.get("formaction", form.get("action", "")), form.get("method", "get"), values


def press(practice: Practice, page: Page, button: str, status: int = 200, **typed: str) -> Page:
    """The page after this button, with what was typed into the form of it."""
    action, method, values = fields_of(page, button)
    fields = {**values, **typed}
    kind = {"data": fields} if method == "post" else {"query_string": fields}
    answer = practice.client.open(action, method=method.upper(), **kind)  # type: ignore[arg-type]  # either is a dict
    assert answer.status_code == status, answer.text
    return Page(answer.text)
